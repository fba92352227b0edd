import { access } from 'node:fs/promises';
import { reportSuffix, type Report } from '../../protocol/report';
import { FileSource } from '../fileSource';
import { readReport } from '../readReport';
import { splitSamples } from '../samples/split';

/** What a model knows of the data that it is to be judged by. */
export interface Seen {
  /** Indices of the sequences that it was calibrated with. */
  readonly sequences: ReadonlySet<number>;
  /** Whether its order was chosen by what the other sequences showed. */
  readonly chosenOn: boolean;
}

/**
 * Which sequences of a file of sample data a model was calibrated with, by the report beside the model. The data is the
 * same where its bytes are. Undefined where there is no report of a calibration that tells.
 */
export async function seenSequences(
  file: string,
  data: string,
  signal?: AbortSignal,
): Promise<Seen | undefined> {
  const calibration = await calibrationBeside(file, signal);
  if (calibration?.drawn === undefined) return undefined;
  const { sequences, drawn, tried = [] } = calibration;
  if ((await digestOf(data, signal)) !== drawn.sha256) {
    return { sequences: new Set(), chosenOn: false };
  }
  const all = sequences >= drawn.from;
  const indices = all
    ? [...Array(drawn.from).keys()]
    : splitSamples(drawn.from, { calibration: sequences }).calibration;
  return { sequences: new Set(indices), chosenOn: tried.length > 0 };
}

/** SHA-256 of a file of sample data. */
export async function digestOf(data: string, signal?: AbortSignal): Promise<string> {
  const source = await FileSource.open(data);
  try {
    return await source.sha256(signal);
  } finally {
    await source.close();
  }
}

async function calibrationBeside(
  file: string,
  signal: AbortSignal | undefined,
): Promise<Report['calibration']> {
  const path = file + reportSuffix;
  try {
    await access(path);
    return (await readReport(path, signal)).calibration;
  } catch {
    signal?.throwIfAborted();
    return undefined; // what cannot be read tells nothing
  }
}
