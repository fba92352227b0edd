import type { StateSpaceLayer } from '../network/network';
import type { KernelSystems } from '../systems/kernels';
import type { ChannelGains, LayerGains } from './layerGains';
import { absoluteSumAbove, normAbove, raised } from './rounding';
import { differenceOf, frequencyGain, layerKernelReader, type TwoSided } from './twoSided';

/** Bounds for a layer of single kernels: rounding of the kernels, as certified for norms, goes into every figure. */
export function kernelLayerGains(
  original: StateSpaceLayer,
  systems: KernelSystems,
  reduced: StateSpaceLayer,
  reducedSystems: KernelSystems,
  length: number,
): LayerGains {
  const { inputs, outputs } = original;
  const copies = outputs / inputs;
  const before = layerKernelReader(original, systems, length);
  const after = layerKernelReader(reduced, reducedSystems, length);
  const unchanged = sameLayers(original, reduced);
  const points = 2 * length;
  const peaks = [0, 1, 2].map(() => new Float64Array(points));
  const magnitudes: Float64Array[] = [];
  const channels = Array.from({ length: outputs }, (_, j): ChannelGains => {
    const [k, kr] = [before(j), after(j)];
    const e = unchanged ? zero(points) : differenceOf(k, kr);
    const sizes = [k, kr, e].map(magnitudeOf);
    magnitudes.push(sizes[1]);
    sizes.forEach((size, i) => {
      for (let t = 0; t < points; t++) peaks[i][t] = Math.max(peaks[i][t], size[t]);
    });
    return {
      original: Math.min(frequencyGain(k), absoluteSumAbove(sizes[0])),
      reduced: Math.min(frequencyGain(kr), absoluteSumAbove(sizes[1])),
      absoluteSum: absoluteSumAbove(sizes[0]),
      error: {
        h2: normAbove(sizes[2]),
        frobenius: toeplitzNorm(sizes[2], length),
        absoluteSum: absoluteSumAbove(sizes[2]),
        frequency: unchanged ? 0 : frequencyGain(e),
      },
    };
  });
  const [peakOriginal, peakReduced, peakError] = peaks.map((one) =>
    raised(Math.sqrt(copies) * absoluteSumAbove(one), 4),
  );
  return {
    ...{ inputs, copies, channels, unchanged, mixes: false },
    peak: { original: peakOriginal, reduced: peakReduced, error: peakError },
    weightedPeak: (weights) => {
      let total = 0;
      for (let t = 0; t < points; t++) {
        let most = 0;
        magnitudes.forEach((m, j) => (most = Math.max(most, m[t] * weights[j % inputs])));
        total += most;
      }
      return raised(Math.sqrt(copies) * total, points + 4);
    },
  };
}

function zero(points: number): TwoSided {
  return { values: new Float64Array(points), rounding: new Float64Array(points) };
}

function magnitudeOf({ values, rounding }: TwoSided): Float64Array {
  return values.map((x, t) => Math.abs(x) + rounding[t]);
}

/** sqrt( sum_t (L - |t|) e_t² ). */
function toeplitzNorm(magnitude: Float64Array, length: number): number {
  const weighted = magnitude.map((x, t) => {
    const lag = Math.min(t, 2 * length - t);
    return x * Math.sqrt(Math.max(0, length - lag));
  });
  return raised(normAbove(weighted), 4);
}

/** Whether two layers agree to the last bit, so that no rounding stands between them. */
export function sameLayers(a: StateSpaceLayer, b: StateSpaceLayer): boolean {
  return (
    sameValues(a.systems, b.systems) &&
    a.horizon === b.horizon &&
    sameValues(a.skip?.weight.values, b.skip?.weight.values)
  );
}

function sameValues(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Float64Array || a instanceof Int32Array) {
    const other = b instanceof Float64Array || b instanceof Int32Array ? b : undefined;
    return other?.length === a.length && a.every((x, i) => x === other[i]);
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [one, other] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return one.length === other.size && one.every(([key, x]) => sameValues(x, other.get(key)));
}
