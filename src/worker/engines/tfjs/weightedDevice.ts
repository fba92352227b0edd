import type { Tensor } from '@tensorflow/tfjs-core';
import type { SearchDerivatives } from '../searchEngine';
import type { PackedTargets } from '../weighted/packedTargets';
import type { Points, WeightedDevice } from '../weighted/searchTogether';
import { tidied, type Tf } from './complexTensors';
import type { Poles } from './projection';
import { descend, folded } from './search';
import { targetTensors, type TargetTensors } from './weightedColumns';
import { projectWeighted, weighPoles, type Fit } from './weightedProjection';

export interface WeightedTensors extends WeightedDevice {
  derivatives(points: Points): Promise<SearchDerivatives>;
  dispose(): void;
}

/** Puts targets onto the device and keeps them there until disposed of. */
export function weightedInTensors(tf: Tf, targets: PackedTargets): WeightedTensors {
  const { slots: r, shared, own, span, slowest } = targets;
  const held = tidied(tf, () => targetTensors(tf, targets));
  const region = { span, finite: true, slots: r };

  const fitOf = ({ targetOf, active }: Points): Fit & Pick<TargetTensors, 'own'> => {
    const index = tf.tensor1d(targetOf, 'int32');
    const pick = (x: Tensor): Tensor => tf.gather(x, index);
    return {
      ...{ targets, grid: held.grid },
      ...{ root: pick(held.root), values: pick(held.values), own: pick(held.own) },
      active: tf.tensor2d(active, [targetOf.length, r]),
    };
  };
  const polesOf = ({ targetOf, poles }: Points): Poles => {
    const matrix = (x: Float32Array): Tensor => tf.tensor2d(x, [targetOf.length, r]);
    const given = { re: matrix(poles.re), high: matrix(poles.high), low: matrix(poles.low) };
    return folded(tf, given, region);
  };

  return {
    async newton(points, steps) {
      const fit = tidied(tf, () => fitOf(points));
      const start = tidied(tf, () => polesOf(points));
      const limit = tf.fill([points.targetOf.length, 1], slowest);
      try {
        const evaluate = (poles: Poles) => projectWeighted(tf, fit, poles);
        const { value, ...poles } = await descend(tf, region, evaluate, start, limit, steps);
        return { poles, value };
      } finally {
        tf.dispose([limit, fit.root, fit.values, fit.own, fit.active]);
        tf.dispose({ ...start });
      }
    },
    async weigh(points) {
      const { costs, best, gain } = tidied(tf, () => {
        const fit = fitOf(points);
        const found = weighPoles(tf, fit, { shared: held.shared, own: fit.own }, polesOf(points));
        const best = tf.argMax<Tensor>(found.gains, 1);
        return { costs: found.costs, best, gain: tf.max<Tensor>(found.gains, 1) };
      });
      const [cost, which, gains] = await Promise.all([
        costs.data<'float32'>(),
        best.data<'int32'>(),
        gain.data<'float32'>(),
      ]);
      tf.dispose([costs, best, gain]);
      return {
        costs: cost,
        gain: gains,
        best: Int32Array.from(which, (c, t) => (c < shared ? c : c + points.targetOf[t] * own)),
      };
    },
    async derivatives(points) {
      const point = tidied(tf, () => {
        const { value, gradient } = projectWeighted(tf, fitOf(points), polesOf(points));
        return { value, gradient };
      });
      const [value, gradient] = await Promise.all(
        [point.value, point.gradient].map((x) => x.data<'float32'>()),
      );
      tf.dispose(point);
      return { value, gradient };
    },
    dispose() {
      const { grid, root, values } = held;
      const poles = [grid.re, grid.high, grid.low, grid.growth, grid.end.re, grid.end.im];
      tf.dispose([...poles, root, values, held.shared, held.own]);
    },
  };
}
