import { SsmError } from '../../core/errors';
import type { NetworkInput, NetworkOutput } from '../../core/network/network';
import type { ByteSource } from '../../formats/byteSource';
import { openNpz, type NpzEntry } from '../../formats/npz';
import { rowReader } from './inputs';
import type { SampleOptions } from './options';
import { npyRows, npzRows, type Rows } from './rows';
import type { Samples } from './samples';
import { targetsOf } from './targets';

/** Names under which people store what a model takes, what it should give, and how long sequences are. */
const inputNames = ['x', 'X', 'inputs', 'input', 'u', 'U', 'tokens', 'data', 'images'];
const targetNames = ['y', 'Y', 'labels', 'label', 'targets', 'target'];
const lengthNames = ['lengths', 'length', 'L'];

interface Arrays {
  readonly inputs: Rows;
  readonly targets?: Rows;
  readonly lengths?: Rows;
}

/** What data must fit. */
export interface ModelShape {
  readonly input: NetworkInput;
  readonly output: NetworkOutput;
}

/** Sample data in the arrays of a .npz. */
export async function npzSamples(
  source: ByteSource,
  options: SampleOptions,
  model: ModelShape,
  signal?: AbortSignal,
): Promise<Omit<Samples, 'close'>> {
  const arrays = await openNpz(source, signal);
  const inputs = pick(arrays, options.inputs, inputNames, true);
  if (inputs === undefined) {
    throw new SsmError(
      'bad-request',
      `Which of the arrays ${list(arrays)} has the inputs is not clear. Name it: inputs=…`,
    );
  }
  const read = (entry: NpzEntry | undefined): Promise<Rows> | undefined =>
    entry && npzRows(source, entry, signal);
  const targets = await read(pick(arrays, options.targets, targetNames));
  const lengths = await read(pick(arrays, options.lengths, lengthNames));
  return arraySamples(
    {
      inputs: await npzRows(source, inputs, signal),
      ...(targets && { targets }),
      ...(lengths && { lengths }),
    },
    options,
    model,
    `${source.name} (${inputs.name.slice(0, 80)})`,
    signal,
  );
}

/** Sample data in a .npy: inputs alone. */
export async function npySamples(
  source: ByteSource,
  options: SampleOptions,
  model: ModelShape,
  signal?: AbortSignal,
): Promise<Omit<Samples, 'close'>> {
  return arraySamples(
    { inputs: await npyRows(source, signal) },
    options,
    model,
    source.name,
    signal,
  );
}

function pick(
  arrays: ReadonlyMap<string, NpzEntry>,
  wanted: string | undefined,
  usual: readonly string[],
  only = false,
): NpzEntry | undefined {
  if (wanted !== undefined) {
    const found = arrays.get(wanted);
    if (found !== undefined) return found;
    throw new SsmError(
      'bad-request',
      `There is no array "${wanted.slice(0, 40)}". There are ${list(arrays)}.`,
    );
  }
  const named = usual.filter((name) => arrays.has(name));
  if (named.length > 0) return named.length === 1 ? arrays.get(named[0]) : undefined;
  return only && arrays.size === 1 ? [...arrays.values()][0] : undefined;
}

function list(arrays: ReadonlyMap<string, NpzEntry>): string {
  const names = [...arrays.keys()].slice(0, 12).map((name) => name.slice(0, 40));
  return names.join(', ') + (arrays.size > 12 ? ', …' : '');
}

async function arraySamples(
  { inputs, targets, lengths }: Arrays,
  options: SampleOptions,
  { input, output }: ModelShape,
  from: string,
  signal?: AbortSignal,
): Promise<Omit<Samples, 'close'>> {
  const reader = rowReader(inputs, options, input);
  const count = Math.min(inputs.shape[0], options.count);
  for (const other of [targets, lengths]) {
    if (other === undefined || other.shape[0] === inputs.shape[0]) continue;
    throw new SsmError(
      'bad-request',
      `It has ${other.shape[0] ?? 0} entries for ${inputs.shape[0]} sequences.`,
      { place: other.place },
    );
  }
  const own = lengths && ownLengths(await lengths.all(signal), reader.length, lengths.place);
  const width = input.kind === 'tokens' ? '' : ` × ${input.width}`;
  return {
    count,
    description: `${count} sequences of ${own ? 'up to ' : ''}${reader.length}${width} from ${from}`,
    targets:
      targets === undefined
        ? { kind: 'none' }
        : await targetsOf(
            targets,
            output,
            { length: reader.length, warmUp: options.warmUp },
            signal,
          ),
    lengthOf: (index) => Math.min(own?.[index] ?? reader.length, options.maxLength),
    sequence: async (index, rowSignal) =>
      reader.read(await inputs.row(index, rowSignal), index, own?.[index]),
  };
}

function ownLengths(values: Float64Array, most: number, place: string): Float64Array {
  const at = values.findIndex((value) => !Number.isInteger(value) || value < 1 || value > most);
  if (at < 0) return values;
  throw new SsmError(
    'bad-request',
    `Length ${values[at]} of sequence ${at} is not in 1 … ${most}.`,
    { place },
  );
}
