import { SsmError } from '../../core/errors';
import type { Sequence } from '../../core/network/program';
import type { LayerSite } from '../../families/family';
import { openNpz } from '../../formats/npz';
import { FileSource } from '../fileSource';
import { featuresOf } from '../recordScript';
import { rowReader } from './inputs';
import { parseSampleSettings } from './options';
import { npzRows } from './rows';

/** What every state-space layer received, as a recording of a live model gives it (`recordScript`). */
export interface RecordedInputs {
  /** Sequences; the same ones for every layer. */
  readonly count: number;
  lengthOf(index: number): number;
  /** The input of a layer. Throws `bad-request` where it has NaN. */
  sequence(layer: string, index: number, signal?: AbortSignal): Promise<Sequence>;
  close(): Promise<void>;
}

/**
 * Opens a recording for the layers of a checkpoint.
 *
 * @throws SsmError `bad-request` where a layer is missing or has another number of features or sequences
 */
export async function openRecorded(
  file: string,
  sites: readonly LayerSite[],
  signal?: AbortSignal,
): Promise<RecordedInputs> {
  const source = await FileSource.open(file);
  try {
    const arrays = await openNpz(source, signal);
    const stored = arrays.get('lengths');
    if (stored === undefined) throw mismatch('It has no array "lengths"');
    const lengths = (await stored.read(signal)).values;
    const readers = new Map<string, (index: number, s?: AbortSignal) => Promise<Sequence>>();
    for (const site of sites) {
      const array = arrays.get(site.name);
      if (array === undefined) throw mismatch(`It has no inputs of layer ${site.name}`);
      const rows = await npzRows(source, array, signal);
      if (rows.shape.length !== 3 || rows.shape[0] !== lengths.length) {
        throw mismatch(
          `The inputs of layer ${site.name} are (${rows.shape.join(', ')}), not ${lengths.length} sequences × length × features`,
        );
      }
      const input = { kind: 'values', width: featuresOf(site) } as const;
      const reader = rowReader(rows, parseSampleSettings({ layout: 'length-width' }), input);
      if (lengths.some((length) => !(length >= 1 && length <= reader.length))) {
        throw mismatch(`Lengths are not between 1 and ${reader.length}`);
      }
      readers.set(site.name, async (index, s) =>
        reader.read(await rows.row(index, s), index, lengths[index]),
      );
    }
    return {
      count: lengths.length,
      lengthOf: (index) => lengths[index],
      sequence(layer, index, s) {
        const read = readers.get(layer);
        if (read === undefined) throw new SsmError('internal', `Layer ${layer} was not opened.`);
        return read(index, s);
      },
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw SsmError.is(error) ? error.inFile(file) : error;
  }
}

function mismatch(what: string): SsmError {
  return new SsmError('bad-request', `This is no recording of this model's layers. ${what}.`);
}
