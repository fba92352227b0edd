import type { ChannelRecord, LayerRecord, Report } from '../../protocol/report';
import type { LayerView, ReportView, Spread } from '../../protocol/webview';
import { convergenceOf } from './convergence';

/** A report condensed to what its view draws: the hundreds of channels of a layer become a distribution. */
export function reportView(report: Report): ReportView {
  const { request, model } = report;
  const convergence = convergenceOf(report.layers);
  return {
    tool: report.tool,
    createdAt: report.createdAt,
    source: report.source,
    result: report.result,
    format: report.result.format,
    order: request.order,
    ...(request.remove === undefined ? {} : { remove: request.remove }),
    horizon: request.horizon,
    horizonFrom: request.horizonFrom,
    solver: request.solver,
    ...(request.keepStaticGain === undefined ? {} : { keepStaticGain: request.keepStaticGain }),
    ...(request.tau === undefined ? {} : { tau: request.tau }),
    parametersBefore: model.parametersBefore,
    parametersAfter: model.parametersAfter,
    layers: report.layers.map(layerView),
    ...(convergence === undefined ? {} : { convergence }),
    ...(report.calibration === undefined ? {} : { calibration: report.calibration }),
    ...(report.recorded === undefined ? {} : { recorded: report.recorded }),
    ...(report.bound === undefined ? {} : { bound: report.bound }),
    ...(report.noBound === undefined ? {} : { noBound: report.noBound }),
    ...(report.allocation === undefined ? {} : { allocation: report.allocation }),
    hyperParameters: report.hyperParameters ?? [],
    untied: report.untied ?? [],
    settingsChanged: report.settingsChanged,
    droppedOptimizerStates: report.droppedOptimizerStates,
    warnings: report.warnings,
    timings: report.timings,
    device: report.device,
  };
}

function layerView(layer: LayerRecord): LayerView {
  const spread = spreadOf(layer.systems.map(relativeError));
  return {
    name: layer.name,
    family: layer.family,
    tying: layer.tying,
    channels: layer.channels,
    orderBefore: layer.orderBefore,
    orderAfter: layer.orderAfter,
    ...(layer.orderStored === undefined ? {} : { orderStored: layer.orderStored }),
    slotsBefore: layer.slotsBefore,
    slotsAfter: layer.slotsAfter,
    parametersBefore: layer.parametersBefore,
    parametersAfter: layer.parametersAfter,
    absoluteError: layer.error.absolute,
    relativeError: layer.error.relative,
    errorKind: layer.error.kind,
    ...(spread === undefined ? {} : { spread }),
  };
}

/** Undefined for a channel whose impulse response is zero: nothing to be relative to. */
function relativeError({ error, norm }: ChannelRecord): number | undefined {
  return norm > 0 ? error / norm : undefined;
}

/** Median, quartiles (linear between order statistics) and extremes; undefined if there is no value. */
export function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (known.length === 0) return undefined;
  const quantile = (q: number): number => {
    const position = q * (known.length - 1);
    const below = known[Math.floor(position)];
    const above = known[Math.ceil(position)];
    return below + (above - below) * (position - Math.floor(position));
  };
  const greatest = known[known.length - 1];
  return {
    least: known[0],
    lowerQuartile: quantile(0.25),
    median: quantile(0.5),
    upperQuartile: quantile(0.75),
    greatest,
    greatestAt: values.indexOf(greatest),
  };
}
