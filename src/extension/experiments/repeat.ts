import * as path from 'node:path';
import type { CompressionTarget, CompressParams } from '../../protocol/worker';
import { resultOf, sourceOf } from './run';
import type { Run } from './run';

/** What to ask of the worker to repeat a run: everything as the report recorded it. */
export function repeatParams(run: Pick<Run, 'report' | 'summary'>): CompressParams {
  const { request, said, untied } = run.summary;
  const { layerOrders, exactSizes, horizon, horizonFrom, tau, fields } = request;
  return {
    file: sourceOf(run),
    output: resultOf(run),
    target: targetOf(request),
    ...(horizonFrom === 'given' ? { horizon } : {}),
    solver: request.solver,
    ...(tau === undefined ? {} : { tau }),
    answers: { given: said },
    ...(fields === undefined ? {} : { fields }),
    ...(layerOrders === undefined ? {} : { layerOrders }),
    ...(exactSizes === undefined ? {} : { exactSizes }),
    ...(request.keepStaticGain === undefined ? {} : { keepStaticGain: request.keepStaticGain }),
    ...(request.perLayer === undefined ? {} : { perLayer: request.perLayer }),
    ...(untied.length > 0 ? { untie: true } : {}),
    ...sampleData(run),
    overwrite: false,
  };
}

type Request = Run['summary']['request'];

/** What was asked for, in the way it was asked. */
function targetOf({
  order,
  remove,
  accuracyLoss,
  outputError,
  layerError,
}: Request): CompressionTarget {
  if (remove !== undefined) return { remove };
  if (layerError !== undefined) return { layerError };
  if (accuracyLoss !== undefined) return { accuracyLoss };
  return outputError === undefined ? { order } : { outputError };
}

/** Files of sample data, found from where the report lies. */
function sampleData({
  report,
  summary,
}: Pick<Run, 'report' | 'summary'>): Pick<CompressParams, 'calibration' | 'recorded'> {
  const { calibration, recorded } = summary.request;
  const file = (name: string): string => path.resolve(path.dirname(report), name);
  return {
    ...(recorded === undefined ? {} : { recorded: file(recorded) }),
    ...(calibration === undefined
      ? {}
      : {
          calibration: {
            ...calibration,
            data: file(calibration.data),
            ...(calibration.test === undefined ? {} : { test: file(calibration.test) }),
          },
        }),
  };
}
