import { SsmError } from '../core/errors';
import type { LayerSite } from '../families/family';
import type { WorkerMethods } from '../protocol/worker';
import { openInput } from './checkpointInput';
import { layersOf } from './inspect';
import { recordScript } from './recordScript';
import { openRecorded } from './samples/recorded';
import { splitSamples } from './samples/split';

/**
 * The Python script that records what the layers of a checkpoint receive.
 *
 * @throws SsmError with the file, as `recordScript` does
 */
export async function recordScriptOf(
  { file, fields }: WorkerMethods['recordScript']['params'],
  signal?: AbortSignal,
): Promise<WorkerMethods['recordScript']['result']> {
  return { script: recordScript(await sitesOf(file, fields, signal)) };
}

/**
 * Tries a recording on a checkpoint before a long run begins: every layer is there, there are enough sequences to hold
 * some out, and the first of them can be read.
 *
 * @throws SsmError as a compression by it would
 */
export async function describeRecording(
  { file, recorded, fields }: WorkerMethods['describeRecording']['params'],
  signal?: AbortSignal,
): Promise<WorkerMethods['describeRecording']['result']> {
  const sites = await sitesOf(file, fields, signal);
  const inputs = await openRecorded(recorded, sites, signal);
  try {
    splitSamples(inputs.count);
    for (const { name } of sites) await inputs.sequence(name, 0, signal);
    const lengths = Array.from({ length: inputs.count }, (_, i) => inputs.lengthOf(i));
    return { sequences: inputs.count, longest: Math.max(...lengths) };
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(recorded) : error;
  } finally {
    await inputs.close();
  }
}

async function sitesOf(
  file: string,
  fields: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<LayerSite[]> {
  const source = await openInput(file);
  try {
    return layersOf(await source.checkpoint(signal, fields === undefined ? {} : { fields }));
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await source.close();
  }
}
