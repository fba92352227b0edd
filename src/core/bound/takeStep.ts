import { SsmError } from '../errors';
import type { EmbeddingOp, PoolOp } from '../network/network';
import type { Step } from '../network/program';
import {
  capped,
  exactly,
  exchanged,
  scaled,
  settled,
  stretched,
  stretchedBy,
  summed,
  totalOf,
  withPart,
  type ErrorState,
} from './errorState';
import { largestValue, lipschitz, slopesOf } from './lipschitz';
import { layerStep } from './layerStep';
import { mappingStep } from './mappingStep';
import { batchNormStep, layerNormStep } from './normSteps';
import type { Moment, Pass } from './pass';
import { rowReach, sumReach, tableReach } from './reach';
import { normAbove, raised } from './rounding';
import type { BlockStatistics, OtherSignals, Sizes } from './statistics';

/** The moment after step `i`, or after it and the gate that follows a linear map, and the step that comes next. */
export function takeStep(
  pass: Pass,
  before: Moment,
  i: number,
): { readonly moment: Moment; readonly next: number } {
  const step = pass.steps[i];
  const recorded = pass.statistics?.steps[i];
  const moment =
    recorded === undefined
      ? before
      : { ...before, reach: { ...rowReach(recorded.peak, before.width), both: false } };
  const done = (after: Moment): { moment: Moment; next: number } => ({
    moment: after,
    next: i + 1,
  });
  const reducedStep = pass.reducedSteps[i];
  switch (step.kind) {
    case 'embedding':
      return done(embeddingStep(pass, moment, step, counterpart(step, reducedStep)));
    case 'linear': {
      const gate = pass.steps.at(i + 1);
      const fused = gate?.kind === 'glu' ? gate : undefined;
      const pair = { op: step, reduced: counterpart(step, reducedStep), gate: fused };
      const recordedGate = fused && pass.statistics?.steps[i + 1];
      const after = mappingStep(pass, moment, { ...pair, recordedGate });
      return { moment: after, next: fused === undefined ? i + 1 : i + 2 };
    }
    case 'glu': {
      const pair = { op: undefined, reduced: undefined, gate: step, recordedGate: recorded };
      return done(mappingStep(pass, { ...moment, error: settled(moment.error) }, pair));
    }
    case 'layer-norm':
      return done(
        layerNormStep(pass, moment, {
          op: step,
          reduced: counterpart(step, reducedStep),
          recorded,
        }),
      );
    case 'batch-norm':
      return done(
        batchNormStep(pass, moment, {
          op: step,
          reduced: counterpart(step, reducedStep),
          recorded,
        }),
      );
    case 'state-space':
      return done(
        layerStep(pass, moment, { op: step, reduced: counterpart(step, reducedStep), recorded }),
      );
    case 'activation':
      return done(activationStep(pass, moment, step.activation, recorded?.others));
    case 'push':
      return done(pushStep(pass, moment, recorded?.sizes));
    case 'add':
      return done(addStep(pass, moment, recorded?.block));
    case 'pool':
      return done(poolStep(pass, moment, step.by));
  }
}

/** The compressed network's step of the same kind and sizes. */
function counterpart<S extends Step>(step: S, reduced: Step): S {
  const sizes = ({ kind, ...rest }: Step): string =>
    JSON.stringify([kind, Object.entries(rest).filter(([, value]) => typeof value !== 'object')]);
  if (sizes(step) !== sizes(reduced)) {
    throw new SsmError('bad-request', 'The two networks differ in the sizes of their maps.');
  }
  return reduced as S;
}

function embeddingStep(
  { factors }: Pass,
  moment: Moment,
  op: EmbeddingOp,
  reduced: EmbeddingOp,
): Moment {
  const { width } = op;
  let apart = 0;
  if (op.table.values !== reduced.table.values) {
    const change = op.table.values.map((x, k) => x - reduced.table.values[k]);
    for (let k = 0; k < change.length; k += width) {
      apart = Math.max(apart, normAbove(change.subarray(k, k + width)));
    }
  }
  const { rms, peak } = settled(moment.error);
  return {
    ...moment,
    width,
    error: {
      rms: withPart(rms, factors.length, apart),
      peak: peak && withPart(peak, factors.length, apart),
      fresh: undefined,
    },
    reach: { ...tableReach(op.table, width), both: apart === 0 },
    reducedReach: tableReach(reduced.table, width),
  };
}

function activationStep(
  { factors }: Pass,
  moment: Moment,
  activation: keyof typeof lipschitz,
  others: OtherSignals | undefined,
): Moment {
  const layer = factors.at(Math.max(moment.layer, 0));
  const slopes = slopesOf(activation, others);
  const steepest = slopes?.reduce((a, b) => Math.max(a, b), 0) ?? lipschitz[activation];
  if (layer !== undefined && moment.error.fresh !== undefined) {
    layer.activation *= steepest;
    layer.local = moment.error.fresh.total * steepest;
  }
  const bounded = (reach: Moment['reach']): Moment['reach'] => {
    const channels = reach.channels.map((r) => largestValue(activation, r));
    const all = activation === 'sigmoid' || activation === 'tanh' ? normAbove(channels) : Infinity;
    return { ...reach, row: activation === 'sigmoid' ? all : Math.min(all, reach.row), channels };
  };
  return {
    ...moment,
    error:
      slopes === undefined
        ? stretched(moment.error, lipschitz[activation])
        : stretchedBy(moment.error, slopes),
    reach: bounded(moment.reach),
    reducedReach: bounded(moment.reducedReach),
  };
}

/** A block begins: the probe has measured the one before. */
function pushStep(pass: Pass, moment: Moment, sizes: Sizes | undefined): Moment {
  const outermost = moment.kept.length === 0;
  // inside of a block the layer's own part would shrink with the others
  const limited = outermost ? capped(moment.error, sizes) : moment.error;
  const exchangedError = exchanged(limited, moment.length);
  const error = outermost ? endBlock(pass, moment.layer, exchangedError, 1) : exchangedError;
  const { reach, reducedReach } = moment;
  return { ...moment, error, kept: [...moment.kept, { reach, reducedReach, error }] };
}

/** Notes what the probe has measured and sets it anew: 1 before a block, 0 where none follows. */
function endBlock({ factors }: Pass, layer: number, error: ErrorState, next: 0 | 1): ErrorState {
  const parts = error.rms.parts.slice();
  const probe = parts.length - 1;
  const last = layer < 0 ? undefined : factors[layer];
  if (last !== undefined && parts[probe] > 0) last.blockGain *= parts[probe];
  parts[probe] = next;
  return { ...error, rms: { ...error.rms, parts } };
}

function addStep({ factors }: Pass, moment: Moment, block: BlockStatistics | undefined): Moment {
  const kept = moment.kept[moment.kept.length - 1];
  const { fresh } = moment.error;
  if (fresh !== undefined) factors[fresh.layer].local = fresh.total;
  const { rms, peak } = summed(kept.error, moment.error);
  if (block !== undefined && block.rms < factors[block.layer].local) {
    factors[block.layer].local = block.rms;
  }
  return {
    ...moment,
    error: {
      rms: exactly(rms, block, 'rms'),
      peak: peak && exactly(peak, block, 'peak'),
      fresh: undefined,
    },
    reach: sumReach(kept.reach, moment.reach),
    reducedReach: sumReach(kept.reducedReach, moment.reducedReach),
    kept: moment.kept.slice(0, -1),
  };
}

/** |mean of differences| <= their root mean square; the last and the largest one are single rows. */
function poolStep(pass: Pass, moment: Moment, by: PoolOp['by']): Moment {
  const { length, width } = moment;
  const { rms, peak } = endBlock(pass, moment.layer, exchanged(moment.error, length), 0);
  const root = raised(Math.sqrt(length), 1);
  const wide = raised(Math.sqrt(width), 1);
  const byRms = scaled(rms, by === 'mean' ? 1 : by === 'sum' ? length : root);
  const byPeak = peak && scaled(peak, by === 'sum' ? length : by === 'max' ? wide : 1);
  const pooled = byPeak !== undefined && totalOf(byPeak) < totalOf(byRms) ? byPeak : byRms;
  const track = { ...pooled, gains: undefined };
  const reachFactor = by === 'sum' ? length : by === 'max' ? wide : 1;
  const reachAfter = (reach: Moment['reach']): Moment['reach'] =>
    rowReach(raised(reach.row * reachFactor, 1), width, reach.both);
  return {
    ...moment,
    length: 1,
    error: { rms: track, peak: peak && track, fresh: undefined },
    reach: reachAfter(moment.reach),
    reducedReach: reachAfter(moment.reducedReach),
  };
}
