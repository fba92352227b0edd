import { SsmError } from '../../core/errors';
import { channelCount, channelsOf } from '../../core/describe/channels';
import type { LayerCharts, LayerChartsParams } from '../../protocol/layerCharts';
import type { Engine } from '../engine';
import { startEngine } from '../threadPool';
import { withEngine } from '../withEngine';
import { convergenceOf, worstChannel } from './convergence';
import { chartCurves, chartPoles } from './numbers';
import type { LayerPair } from './openPair';
import { openPair } from './openPair';

export interface LayerChartsOptions {
  readonly signal?: AbortSignal;
  /** Brings up what computes; by default one thread, which can be stopped in the midst of its work. */
  readonly startEngine?: () => Promise<Engine>;
}

/**
 * What the charts of one layer show; reads only that layer's tensors, and those of the same layer in the other
 * checkpoint of a report.
 *
 * @throws SsmError where a file cannot be read, `bad-request` for a layer or channel that is not there, `cancelled`
 */
export async function layerCharts(
  params: LayerChartsParams,
  { signal, startEngine: start = () => startEngine(1) }: LayerChartsOptions = {},
): Promise<LayerCharts> {
  const pair = await openPair(params, signal);
  const { original, reduced, horizon, record, notes } = pair;
  const { channel } = params;
  assertChannel(pair, channel);
  const picked = channel === undefined ? {} : { channel };
  const found = await withEngine(start, signal, (engine) =>
    engine.run('describe', {
      original: original.systems,
      ...(reduced === undefined ? {} : { reduced: reduced.systems }),
      ...picked,
      horizon,
    }),
  );
  const convergence = record === undefined ? undefined : convergenceOf(record, channel);
  const worst = record === undefined ? undefined : worstChannel(record);
  const unlike = reduced !== undefined && !found.compared;
  return {
    ...{ kind: found.kind, channels: found.channels, sampled: found.sampled, ...picked },
    linearPart: original.systems.kind === 'lqo',
    horizon: horizon === Infinity ? null : horizon,
    steps: found.steps,
    poles: {
      original: chartPoles(found.poles.original),
      ...(found.poles.reduced === undefined ? {} : { reduced: chartPoles(found.poles.reduced) }),
    },
    hankel: chartCurves(found.hankel),
    impulse: chartCurves(found.impulse),
    frequency: chartCurves(found.frequency),
    ...(convergence === undefined ? {} : { convergence }),
    ...(worst === undefined ? {} : { worst }),
    notes: unlike ? [...notes, 'The layer has other channels in the other checkpoint.'] : notes,
  };
}

/** Throws `bad-request` for a channel that the layer does not have. */
export function assertChannel({ original }: LayerPair, channel: number | undefined): void {
  if (channel === undefined) return;
  const count = channelCount(channelsOf(original.systems));
  if (channel < count) return;
  throw new SsmError('bad-request', `There is no channel ${channel}; the layer has ${count}.`);
}
