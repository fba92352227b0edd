import { basename, dirname, resolve } from 'node:path';
import { SsmError } from '../../core/errors';
import type { LayerChartsParams } from '../../protocol/layerCharts';
import type { LayerRecord, Report } from '../../protocol/report';
import type { HyperAnswers } from '../../protocol/worker';
import { readReport } from '../readReport';
import { type OpenedLayer, openLayer } from './openLayer';

/** A layer before and, where a compression is known, after it. */
export interface LayerPair {
  readonly original: OpenedLayer;
  readonly reduced?: OpenedLayer;
  readonly report?: Report;
  /** What the report says of the layer. */
  readonly record?: LayerRecord;
  readonly horizon: number;
  readonly notes: readonly string[];
}

/**
 * Opens a layer and what a compression made of it. Where the other checkpoint is not there or does not have the layer
 * the one at hand is shown alone, with a note.
 *
 * @throws SsmError where the checkpoint or the report cannot be read
 */
export async function openPair(
  { report: path, ...params }: LayerChartsParams,
  signal?: AbortSignal,
): Promise<LayerPair> {
  const own = await openWith(params, params.answers, signal);
  if (path === undefined) return { original: own, horizon: own.horizon, notes: [] };
  const report = await readReport(path, signal);
  const beside = (file: string): string => resolve(dirname(path), file);
  const isResult = resolve(params.file) === beside(report.result.path);
  const file = beside(isResult ? report.source.path : report.result.path);
  const horizon = report.request.horizon ?? Infinity;
  const record = report.layers.find(({ name }) => name === params.layer);
  const known = { horizon, report, ...(record === undefined ? {} : { record }) };
  try {
    const other = await openWith({ ...params, file }, saidIn(report, params.answers), signal);
    const [original, reduced] = isResult ? [other, own] : [own, other];
    return { ...known, original, reduced, notes: [] };
  } catch (error) {
    if (!SsmError.is(error) || error.reason === 'cancelled') throw error;
    const note = `${basename(file)}, the other checkpoint of the report, cannot be drawn beside: ${error.message}`;
    return { ...known, original: own, notes: [note] };
  }
}

function openWith(
  { file, layer, fields }: Omit<LayerChartsParams, 'report' | 'channel'>,
  answers: HyperAnswers | undefined,
  signal: AbortSignal | undefined,
): Promise<OpenedLayer> {
  return openLayer(
    {
      ...{ file, layer },
      ...(answers === undefined ? {} : { answers }),
      ...(fields === undefined ? {} : { fields }),
    },
    signal,
  );
}

/** What the compression took for true counts where nothing else is recorded. */
function saidIn({ hyperParameters = [] }: Report, answers: HyperAnswers = {}): HyperAnswers {
  const taken = hyperParameters.map(({ layer, name, value }) => [`${layer}:${name}`, value]);
  const remembered = Object.fromEntries(taken) as Record<string, string>;
  return { ...answers, remembered: { ...remembered, ...answers.remembered } };
}
