import type { DiagonalLayer, DiagonalPoles, DiagonalShape } from './diagonalLayer';
import type { HyperValues } from './hyperParameters';
import { hyperValue } from './values';

/** The limit of `bandlimit`; Infinity for none. */
export function bandLimitOf(hyper: HyperValues): number {
  const value = hyperValue(hyper, 'bandlimit');
  return value === 'none' ? Infinity : Number(value);
}

/** A layer with the weights of its masked modes at 0: those with Delta |Im A| / 2 pi from limit / 2 up. */
export function masked(layer: DiagonalLayer, limit: number): DiagonalLayer {
  if (limit === Infinity) return layer;
  const { shape, poles, steps } = layer;
  const { features, groups, slots, stepPerSlot } = shape;
  const seen = layer.weights.re.map((_, i) => {
    const [kernel, n] = [Math.floor(i / slots), i % slots];
    const h = kernel % features;
    const step = steps[stepPerSlot ? h * slots + n : h];
    const frequency = (step * Math.abs(poles.im[(h % groups) * slots + n])) / (2 * Math.PI);
    return frequency < limit / 2 ? 1 : 0;
  });
  return {
    ...layer,
    weights: {
      re: layer.weights.re.map((w, i) => w * seen[i]),
      im: layer.weights.im.map((w, i) => w * seen[i]),
    },
  };
}

/** Poles moved just inside the limit of all of their features, where they lie outside: nothing may be masked. */
export function insideBand<P extends DiagonalPoles>(
  stored: P,
  { features, groups, stepPerSlot }: DiagonalShape,
  limit: number,
): P {
  if (limit === Infinity) return stored;
  const { poles, steps } = stored;
  const slots = poles.re.length / groups;
  const largest = new Float64Array(groups);
  for (let h = 0; h < features; h++) {
    const step = steps[stepPerSlot ? h * slots : h];
    largest[h % groups] = Math.max(largest[h % groups], step);
  }
  const im = poles.im.map((y, i) => {
    const bound = ((Math.PI * limit) / largest[Math.floor(i / slots)]) * (1 - 1e-6);
    return Math.max(-bound, Math.min(bound, y));
  });
  return { ...stored, poles: { re: poles.re, im } };
}
