import { Matrix, pseudoInverse } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  drivenError,
  eliminateDriven,
  fitDriven,
  type SkipKind,
} from '../../../src/core/calibrate/drivenFit';
import { addDriven, drive, emptyDriven } from '../../../src/core/calibrate/drivenModes';
import { reduceChannels } from '../../../src/core/calibrate/reduceChannels';
import { reduceTied } from '../../../src/core/calibrate/reduceTied';
import { addSpectra, emptySpectra, type InputSpectra } from '../../../src/core/calibrate/spectra';
import { createGrid } from '../../../src/core/calibrate/spectrumGrid';
import { complexMatrix } from '../../../src/core/linalg/matrix';
import type { DiagonalSystem } from '../../../src/core/systems/diagonal';
import { systemOf } from '../../../src/core/systems/modal';
import { channelModes, type TiedSystem } from '../../../src/core/systems/tied';
import { difference, kernelOf, norm } from '../support';
import { batchOf, convolve, exampleSystem, padded, randomArray, randomNumbers } from './support';

const horizon = 48;

/** Slow inputs with some noise, of two features, and the same a little changed. */
function recorded(
  seed: number,
  sequences: number,
): { spectra: InputSpectra; original: Float64Array[]; compressed: Float64Array[] } {
  const random = randomNumbers(seed);
  const grid = createGrid(horizon);
  const spectra = emptySpectra(2, grid);
  const [original, compressed]: [Float64Array[], Float64Array[]] = [[], []];
  for (let b = 0; b < sequences; b++) {
    const pace = 0.3 * random();
    const u = Float64Array.from(
      { length: 2 * horizon },
      (_, i) => Math.sin(pace * i) + 0.3 * random(),
    );
    const v = u.map((value) => 0.9 * value + 0.1 * random());
    addSpectra(spectra, grid, u, v, horizon);
    original.push(u);
    compressed.push(v);
  }
  return { spectra, original, compressed };
}

describe('channels by weighted errors', () => {
  it('finds kernels that need no more poles than it may keep', () => {
    const small = [exampleSystem(11, 2), exampleSystem(12, 2)];
    const { spectra } = recorded(1, 4);
    const own = {
      ...spectra,
      power: spectra.original,
      crossRe: spectra.original,
      crossIm: spectra.crossIm.map(() => 0),
    };
    const { reduced, fitted, skip } = reduceChannels({
      batch: batchOf(small.map((system) => padded(system, 5))),
      features: Int32Array.of(0, 1),
      skip: Float64Array.of(0.3, -0.7),
      freeSkip: true,
      slots: 2,
      horizon,
      kernelHorizon: horizon,
      epsilon: 1e-6,
      spectra: own,
      heldOut: undefined,
    });
    small.forEach((system, c) => {
      const wanted = kernelOf(system, horizon);
      const found = kernelOf(systemOf(reduced, c), horizon);
      expect(norm(difference(wanted, found))).toBeLessThan(1e-4 * norm(wanted));
      expect(fitted.error[c]).toBeLessThan(1e-8 * fitted.energy[c]);
    });
    expect(skip?.[0]).toBeCloseTo(0.3, 4);
    expect(skip?.[1]).toBeCloseTo(-0.7, 4);
  });

  it('tells the error of the outputs as the convolutions themselves have it', () => {
    const system = exampleSystem(5, 6);
    const { spectra, original, compressed } = recorded(2, 3);
    const { reduced, skip, fitted } = reduceChannels({
      batch: batchOf([system]),
      features: Int32Array.of(1),
      skip: Float64Array.of(0.5),
      freeSkip: true,
      slots: 2,
      horizon,
      kernelHorizon: horizon,
      epsilon: 1e-6,
      spectra,
      heldOut: undefined,
    });
    const kernels = [system, systemOf(reduced, 0)].map((s) => kernelOf(s, horizon));
    kernels[0][0] += 0.5;
    kernels[1][0] += skip?.[0] ?? 0;
    // the tails after the end count in the frequency domain, so the sequences are padded
    const long = (x: Float64Array): Float64Array => {
      const out = new Float64Array(2 * horizon);
      out.set(x);
      return out;
    };
    let [error, energy] = [0, 0];
    original.forEach((u, b) => {
      const [y, z] = [u, compressed[b]].map((signal, i) =>
        convolve(long(kernels[i]), long(signal.subarray(horizon))),
      );
      error += norm(difference(y, z)) ** 2;
      energy += norm(y) ** 2;
    });
    expect(fitted.error[0]).toBeCloseTo(error, 6);
    expect(fitted.energy[0]).toBeCloseTo(energy, 6);
  });
});

describe('kernels with shared poles by weighted errors', () => {
  it('finds shared poles where few suffice', () => {
    const poles = { re: Float64Array.of(-1.5, -0.6, -2, -4), im: Float64Array.of(3, 12, 20, 30) };
    const steps = Float64Array.of(0.02, 0.07);
    const random = randomNumbers(3);
    const weights = complexMatrix(2, 4);
    for (const h of [0, 1]) {
      for (const n of [0, 1]) {
        weights.re[4 * h + n] = random() - 0.5;
        weights.im[4 * h + n] = random() - 0.5;
      }
    }
    const system: TiedSystem = { poles, weights, steps };
    const { spectra } = recorded(4, 4);
    const { reduced, fitted } = reduceTied({
      system,
      features: Int32Array.of(0, 1),
      skip: undefined,
      freeSkip: false,
      slots: 2,
      horizon,
      kernelHorizon: horizon,
      epsilon: 1e-6,
      spectra: {
        ...spectra,
        power: spectra.original,
        crossRe: spectra.original,
        crossIm: spectra.crossIm.map(() => 0),
      },
      heldOut: undefined,
    });
    expect(reduced.poles.re.length).toBe(2);
    for (const h of [0, 1]) {
      const [wanted, found] = [system, reduced].map((s) => kernelOf(channelModes(s, h), horizon));
      expect(norm(difference(wanted, found))).toBeLessThan(1e-4 * norm(wanted));
      expect(fitted.error[h]).toBeLessThan(1e-7 * fitted.energy[h]);
    }
  });
});

describe('systems with many inputs by recorded signals', () => {
  const [inputs, outputs, modes, length] = [2, 2, 4, 80];
  const random = randomNumbers(9);
  const B = complexMatrix(modes, inputs);
  const C = complexMatrix(2 * outputs, modes);
  for (const part of [B.re, B.im, C.re, C.im]) part.set(randomArray(part.length, random));
  const system: DiagonalSystem = {
    poles: {
      re: Float64Array.of(-0.05, -0.2, -0.1, -0.02),
      im: Float64Array.of(0.4, 1.5, 2.2, 0.1),
    },
    B,
    C,
  };
  const u = randomArray(inputs * length, random);

  /** States from their sum over the past (or the future), not from a recurrence. */
  function states(n: number, backward: 'shifted' | 'unshifted' | undefined): [number[], number[]] {
    const [re, im]: [number[], number[]] = [[], []];
    for (let t = 0; t < length; t++) {
      let [x, y] = [0, 0];
      for (let s = 0; s < length; s++) {
        const lag = backward === undefined ? t - s : s - t - (backward === 'shifted' ? 1 : 0);
        if (lag < 0) continue;
        let [v, w] = [0, 0];
        for (let h = 0; h < inputs; h++) {
          v += B.re[n * inputs + h] * u[h * length + s];
          w += B.im[n * inputs + h] * u[h * length + s];
        }
        const size = Math.exp(system.poles.re[n] * lag);
        const [c, d] = [Math.cos(system.poles.im[n] * lag), Math.sin(system.poles.im[n] * lag)];
        x += size * (c * v - d * w);
        y += size * (c * w + d * v);
      }
      re.push(x);
      im.push(y);
    }
    return [re, im];
  }

  it.each([undefined, 'shifted', 'unshifted'] as const)(
    'drives the states, backward %s',
    (backward) => {
      const { values, rows } = drive(system, backward, u, length);
      const per = backward === undefined ? 2 : 4;
      expect(rows).toBe(per * modes + inputs);
      for (let n = 0; n < modes; n++) {
        const wanted = [undefined, ...(backward === undefined ? [] : [backward])].flatMap((way) =>
          states(n, way),
        );
        wanted.forEach((row, k) => {
          row.forEach((value, t) => {
            expect(values[(per * n + k) * length + t]).toBeCloseTo(value, 9);
          });
        });
      }
      expect([...values.subarray(per * modes * length)]).toEqual([...u]);
    },
  );

  const signals = drive(system, undefined, u, length);
  const wanted = randomArray(outputs * length, random);
  const sums = emptyDriven(signals.rows, outputs);
  addDriven(sums, signals, wanted, length);
  const S = Matrix.from1DArray(signals.rows, length, [...signals.values]);

  function leastSquares(rows: readonly number[], o: number): { error: number; x: Matrix } {
    const A = S.subMatrixRow([...rows]).transpose();
    const y = Matrix.columnVector([...wanted.subarray(o * length, (o + 1) * length)]);
    const x = pseudoInverse(A).mmul(y);
    return { error: Matrix.sub(A.mmul(x), y).norm() ** 2, x };
  }

  it.each(['none', 'diagonal', 'matrix'] as const)(
    'fits outputs by least squares, skip %s',
    (skip: SkipKind) => {
      const fit = fitDriven(sums, 2 * modes, inputs, outputs, skip);
      const states = Array.from({ length: 2 * modes }, (_, i) => i);
      let total = 0;
      for (let o = 0; o < outputs; o++) {
        const own =
          skip === 'none' ? [] : skip === 'diagonal' ? [2 * modes + o] : [2 * modes, 2 * modes + 1];
        const { error, x } = leastSquares([...states, ...own], o);
        total += error;
        states.forEach((i) => {
          expect(fit.weights[o * 2 * modes + i]).toBeCloseTo(x.get(i, 0), 5);
        });
      }
      expect(drivenError(sums, fit, 2 * modes, inputs, outputs)).toBeCloseTo(total, 6);
    },
  );

  it('eliminates first the mode whose loss costs least', () => {
    const kept = eliminateDriven(sums, modes, 2, inputs, outputs, modes - 1);
    const cost = (without: number): number => {
      const rows = Array.from({ length: signals.rows }, (_, i) => i).filter(
        (i) => Math.floor(i / 2) !== without || i >= 2 * modes,
      );
      return [0, 1].reduce((sum, o) => sum + leastSquares(rows, o).error, 0);
    };
    const costs = Array.from({ length: modes }, (_, n) => cost(n));
    const cheapest = costs.indexOf(Math.min(...costs));
    expect(kept).toEqual([0, 1, 2, 3].filter((n) => n !== cheapest));
  });
});
