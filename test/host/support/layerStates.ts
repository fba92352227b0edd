import type { BoundRecord, ContributionFactors } from '../../../src/protocol/bound';
import type { ChartCurves, LayerCharts, LayerCurve } from '../../../src/protocol/layerCharts';

/** Curves that fall by a factor from one place to the next, with a spread around them where asked for. */
function falling(x: readonly number[], factor: number, spread: boolean): ChartCurves {
  const curve = (id: 'original' | 'reduced' | 'difference', size: number) => {
    const value = x.map((_, i) => size * factor ** i);
    const times = (by: number): number[] => value.map((one) => by * one);
    return { id, value, ...(spread ? { low: times(0.5), high: times(2), most: times(5) } : {}) };
  };
  return { x, curves: [curve('original', 1), curve('reduced', 0.9), curve('difference', 0.1)] };
}

const count = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

function poles(slots: number, decay: number) {
  const logRe = count(slots).map((n) => -decay * (1 + n));
  const logIm = count(slots).map((n) => 0.3 * n);
  return {
    re: logRe.map((a, n) => Math.exp(a) * Math.cos(logIm[n])),
    im: logRe.map((a, n) => Math.exp(a) * Math.sin(logIm[n])),
    ...{ logRe, logIm },
    channel: logRe.map(() => 0),
  };
}

/** What a worker answers for a layer of 128 channels, of all of them or of one. */
export function chartsAnswer(channel?: number): LayerCharts {
  const spread = channel === undefined;
  const hankel = falling(count(16, 1), 0.6, spread);
  const { x, curves } = falling(count(40), 0.8, spread);
  return {
    ...{
      kind: 'kernels',
      linearPart: false,
      channels: 128,
      sampled: 128,
      horizon: 784,
      steps: 300,
    },
    ...(spread ? {} : { channel }),
    poles: { original: poles(16, 0.01), reduced: poles(4, 0.03) },
    hankel: { x: hankel.x, curves: hankel.curves.slice(0, 2) },
    impulse: falling(count(300), 0.98, spread),
    frequency: falling(
      count(60).map((i) => 0.01 * (Math.PI / 0.01) ** (i / 59)),
      0.95,
      spread,
    ),
    convergence: { x, curves: [{ ...curves[0], id: 'error' }] },
    worst: { channel: 17, error: 0.2 },
    notes: [],
  };
}

/** Error against order; the report reduced the layer to order 16. */
export const curveAnswer: LayerCurve = {
  ...{ shortened: false, linearPart: false, channels: 128, sampled: 24 },
  ...{ orderBefore: 64, parametersBefore: 402_890 },
  points: [2, 4, 8, 16, 32].map((order) => ({
    ...{ order, slots: order / 2, parameters: 300_000 + 1000 * order },
    ...{ error: 1 / order, median: 0.9 / order, most: 2 / order, contribution: 3 / order },
  })),
  reported: {
    ...{ order: 16, error: 0.07, kind: 'certified' },
    contribution: { value: 0.2, evidence: 'calibrated' },
  },
};

/** A bound over layers of these names, certified, calibrated and measured, that the first one dominates. */
export function boundRecord(names: readonly string[]): BoundRecord {
  const factors = (contribution: number): ContributionFactors => ({
    ...{ contribution, local: 2 * contribution, downstream: 0.5, inputRow: 1, gain: 2 },
    ...{ errorGain: 1, certificate: 'frequency', h2Error: 0.1, activation: 1.1 },
    ...{ mixing: 1, blockGain: null },
  });
  const part = (i: number): number => 0.5 ** (i + 1);
  const figure = (bound: number) => ({ bound, trivial: 10, vacuous: bound > 10 });
  return {
    ...{ length: 1024, perPosition: true, rankedBy: 'measured' },
    certified: figure(40),
    paper: figure(900),
    calibrated: {
      ...{ ...figure(2), data: 'sequences.npz', sequences: 32, widened: 1.1 },
      ...{ heldOut: 32, meeting: 31 },
    },
    measured: {
      ...{ sequences: 64, error: 0.02, output: 1, largest: 0.07, telescoping: 0.03 },
      ...{ firstOrder: 0.02, outside: 0.001 },
    },
    layers: names.map((name, i) => ({
      name,
      share: part(i),
      certified: factors(40 * part(i)),
      calibrated: factors(2 * part(i)),
      measured: { telescoping: 0.03 * part(i), alone: 0.02, firstOrder: 0.01 },
    })),
    outside: { certified: 0, calibrated: 0 },
    remarks: ['A remark on the bound.'],
  };
}
