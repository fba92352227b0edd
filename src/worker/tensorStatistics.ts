import { setImmediate } from 'node:timers/promises';
import { SsmError, throwIfCancelled } from '../core/errors';
import { emptySummary, extendSummary, type NumberSummary } from '../core/statistics/summary';
import type { Checkpoint } from '../formats/checkpoint';
import { componentsPerElement } from '../formats/dtypes';
import { elementCount } from '../formats/strided';
import type { TensorInfo } from '../formats/tensor';
import type { StatisticsParams, TensorStatistics } from '../protocol/inspection';
import { openInput } from './checkpointInput';

/** Elements that are read at once. */
const chunkElements = 2 ** 20;

/**
 * Figures of tensors' elements, in the order asked for. Large tensors are read a piece at a time, so that memory does not
 * grow with them and a cancel is heard soon.
 *
 * @param onProgress hears the share of the elements that are read
 * @throws SsmError where the file cannot be opened, or `cancelled`; what concerns one tensor is in its place in the answer
 */
export async function tensorStatistics(
  { file, tensors: names, fields }: StatisticsParams,
  signal?: AbortSignal,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<TensorStatistics[]> {
  const source = await openInput(file);
  try {
    const checkpoint = await source.checkpoint(signal, fields === undefined ? {} : { fields });
    const infos = new Map(checkpoint.tensors.map((info) => [info.name, info]));
    const total = names.reduce((sum, name) => sum + (elementCountOf(infos.get(name)) || 1), 0);
    let done = 0;
    const found: TensorStatistics[] = [];
    for (const name of names) {
      const count = elementCountOf(infos.get(name));
      const onElements = (read: number): void => {
        onProgress(Math.min(1, (done + read) / total));
      };
      found.push(await statisticsOf(checkpoint, infos.get(name), name, { signal, onElements }));
      done += count || 1;
      onProgress(Math.min(1, done / total));
    }
    return found;
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await source.close();
  }
}

function elementCountOf(info: TensorInfo | undefined): number {
  return info === undefined ? 0 : elementCount(info.shape);
}

interface Reading {
  readonly signal: AbortSignal | undefined;
  readonly onElements: (read: number) => void;
}

async function statisticsOf(
  checkpoint: Checkpoint,
  info: TensorInfo | undefined,
  name: string,
  reading: Reading,
): Promise<TensorStatistics> {
  if (info === undefined) return { name, fault: 'The file has no such tensor.' };
  try {
    return { name, summary: await summaryOf(checkpoint, info, reading) };
  } catch (error) {
    const ofTensor = SsmError.is(error) && error.reason !== 'cancelled';
    if (!ofTensor) throw error;
    return { name, fault: error.message };
  }
}

async function summaryOf(
  checkpoint: Checkpoint,
  info: TensorInfo,
  { signal, onElements }: Reading,
): Promise<NumberSummary> {
  const { name, dtype, shape } = info;
  const components = componentsPerElement(dtype);
  const total = elementCount(shape);
  let summary = emptySummary;
  for (let first = 0; first < total; first += chunkElements) {
    const count = Math.min(chunkElements, total - first);
    const values = await checkpoint.readElements?.(name, { first, count }, signal);
    if (values === undefined) return wholeSummary(checkpoint, info, components, signal);
    summary = extendSummary(summary, values, components);
    onElements(first + count);
    await setImmediate(); // lets a cancel in
    throwIfCancelled(signal);
  }
  return summary;
}

async function wholeSummary(
  checkpoint: Checkpoint,
  { name }: TensorInfo,
  components: number,
  signal: AbortSignal | undefined,
): Promise<NumberSummary> {
  const { values } = await checkpoint.readTensor(name, signal);
  await setImmediate();
  throwIfCancelled(signal);
  return extendSummary(emptySummary, values, components);
}
