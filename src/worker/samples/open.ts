import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { SsmError } from '../../core/errors';
import { outputOf, type Network } from '../../core/network/network';
import { systemCode } from '../fileErrors';
import { FileSource } from '../fileSource';
import { npySamples, npzSamples } from './arrays';
import { parseSampleSettings, type SampleSettings } from './options';
import type { Samples } from './samples';
import { textSamples } from './text';

const mostSidecarBytes = 100_000;

/**
 * Opens sample data for a network: .npz or .npy arrays, or JSON lines (.jsonl, .jsonl.gz) of texts. How it is to be read
 * is said by `given` and by `<file>.json` beside it. Close it when done.
 *
 * @throws SsmError `cannot-read`, `bad-file`, or `bad-request` saying what the model expects
 */
export async function openSamples(
  file: string,
  given: SampleSettings,
  network: Network,
  signal?: AbortSignal,
): Promise<Samples> {
  const source = await FileSource.open(file, basename(file));
  try {
    const options = parseSampleSettings({ ...(await readSampleSidecar(file)), ...given });
    const model = { input: network.input, output: outputOf(network) };
    const start = source.size < 8 ? new Uint8Array(0) : await source.read(0, 8, signal);
    const samples = beginsWith(start, 'PK')
      ? await npzSamples(source, options, model, signal)
      : beginsWith(start, '\x93NUMPY')
        ? await npySamples(source, options, model, signal)
        : /\.(jsonl|ndjson)(\.gz)?$/i.test(file)
          ? await textSamples(file, options, model, signal)
          : unknownKind();
    if (samples.count === 0) throw new SsmError('bad-request', 'It has no sequences.');
    requireHorizon(network, samples);
    return {
      ...samples,
      sequence: (index, rowSignal) =>
        samples.sequence(index, rowSignal).catch((error: unknown) => {
          throw SsmError.is(error) ? error.inFile(file) : error;
        }),
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw SsmError.is(error) ? error.inFile(file) : error;
  }
}

function beginsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes).toString('latin1', 0, text.length) === text;
}

function unknownKind(): never {
  throw new SsmError(
    'unsupported-file',
    'Sample data is a .npz or .npy file of NumPy, or lines of JSON with a text each (.jsonl, .jsonl.gz).',
  );
}

/** The settings in `<file>.json`; numbers and lists of numbers count as their text. */
async function readSampleSidecar(file: string): Promise<SampleSettings> {
  const path = `${file}.json`;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return {};
  const fail = (why: string): SsmError =>
    new SsmError('bad-file', `The settings of the sample data cannot be read: ${why}.`, {
      file: path,
    });
  if (text.length > mostSidecarBytes) throw fail('the file is too large');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw fail(error instanceof Error ? error.message : 'it is no JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw fail('it is no dictionary');
  }
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]: [string, unknown]) => {
      if (Array.isArray(value)) return [name, value.join(',')];
      if (typeof value === 'string' || typeof value === 'number') return [name, String(value)];
      throw fail(`"${name.slice(0, 40)}" is neither a text nor a number nor a list of numbers`);
    }),
  );
}

/** A layer whose kernel is cut is not defined on longer sequences by what was trained. */
function requireHorizon({ layers }: Network, samples: Samples | Omit<Samples, 'close'>): void {
  const horizon = Math.min(...layers.map((layer) => layer.horizon ?? Infinity));
  for (let i = 0; i < samples.count; i++) {
    if (samples.lengthOf(i) <= horizon) continue;
    throw new SsmError(
      'bad-request',
      `Sequence ${i} has ${samples.lengthOf(i)} positions, but the model's kernels end after ${horizon} (its l_max): ` +
        `what came earlier would be forgotten. Cut the sequences: max-length=${horizon}.`,
    );
  }
}
