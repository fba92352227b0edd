import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileLoops } from '../../../../scripts/compileLoops.mjs';
import { typescriptLoops, type HotLoops } from '../../../../src/core/hotLoops';
import { createGrid, type SpectrumGrid } from '../../../../src/core/calibrate/spectrumGrid';
import { fourier } from '../../../../src/core/linalg/fft';
import { createCandidates } from '../../../../src/core/objective/insertion';
import { factorScaled, realGram } from '../../../../src/core/objective/realGram';
import { createTarget } from '../../../../src/core/objective/varpro';
import { poleSetOf } from '../../../../src/core/systems/poleSet';
import { installLoops } from '../../../../src/worker/backends/cpu/install';
import { wasmLoops } from '../../../../src/worker/backends/cpu/wasmLoops';

/** Sums of n products of numbers below 1 differ by no more than this when they are added in another order. */
const rounding = (n: number): number => 2 ** -52 * n * n;

let loops: HotLoops;

beforeAll(async () => {
  loops = wasmLoops(await compileLoops());
}, 120_000);

/** Pseudo-random numbers in (-1, 1), the same at every call. */
function wave(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) * (seed + 1.7)));
}

function furthest(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

function largest(x: Float64Array): number {
  return x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

const size = fc.integer({ min: 1, max: 37 });
const seed = fc.integer({ min: 0, max: 1000 });

describe('the product of a matrix with a signal', () => {
  it('has the bits of the reference', () => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 70 }), seed, (rows, inner, length, s) => {
        const [W, x] = [wave(rows * inner, s), wave(inner * length, s + 1)];
        const found = loops.multiply(W, x, rows, inner, length);
        expect(found).toEqual(typescriptLoops.multiply(W, x, rows, inner, length));
      }),
    );
  });

  it('is the sum of products at every position', () => {
    const [rows, inner, length] = [5, 7, 9];
    const [W, x] = [wave(rows * inner, 1), wave(inner * length, 2)];
    const y = loops.multiply(W, x, rows, inner, length);
    for (let i = 0; i < rows; i++) {
      for (let t = 0; t < length; t++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += W[i * inner + k] * x[k * length + t];
        expect(y[i * length + t]).toBeCloseTo(sum, 14);
      }
    }
  });

  it('goes through operands that take more than one pass', () => {
    const [rows, inner, length] = [9, 5000, 301];
    const [W, x] = [wave(rows * inner, 3), wave(inner * length, 4)];
    const expected = typescriptLoops.multiply(W, x, rows, inner, length);
    expect(furthest(loops.multiply(W, x, rows, inner, length), expected)).toBe(0);
    const [tall, column] = [wave(1_200_000, 5), wave(4, 6)];
    const many = typescriptLoops.multiply(tall, column, 300_000, 4, 1);
    expect(furthest(loops.multiply(tall, column, 300_000, 4, 1), many)).toBe(0);
  });

  it('leaves what is not a number where it is', () => {
    const x = wave(8, 1);
    x[5] = NaN;
    const y = loops.multiply(Float64Array.of(1, 1), x, 1, 2, 4);
    expect([...y].map(Number.isNaN)).toEqual([false, true, false, false]);
  });
});

/** Spectra of `outputs` kernels of `length` steps on a circle, and the zeros that follow the last. */
function spectraOf(kernels: Float64Array, outputs: number, length: number, circle: number) {
  const stride = circle + 2;
  const values = new Float64Array((outputs + 1) * stride);
  const [time, spectrum] = [new Float64Array(2 * circle), new Float64Array(2 * circle)];
  for (let j = 0; j < outputs; j++) {
    time.fill(0);
    for (let t = 0; t < length; t++) time[2 * t] = kernels[j * length + t];
    fourier(circle).forward(time, spectrum);
    values.set(spectrum.subarray(0, stride), j * stride);
  }
  return { size: circle, stride, values };
}

describe('the convolution', () => {
  it('is the sum over lags, for all numbers of features and outputs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 2 }),
        seed,
        (inputs, channels, length, spare, s) => {
          const outputs = inputs * channels;
          const circle = 2 ** (Math.ceil(Math.log2(2 * length)) + spare);
          const [u, k] = [wave(inputs * length, s), wave(outputs * length, s + 1)];
          const y = loops.convolve(
            u,
            inputs,
            outputs,
            length,
            spectraOf(k, outputs, length, circle),
          );
          for (let j = 0; j < outputs; j++) {
            for (let t = 0; t < length; t++) {
              let sum = 0;
              for (let l = 0; l <= t; l++) {
                sum += k[j * length + l] * u[(j % inputs) * length + t - l];
              }
              expect(Math.abs(y[j * length + t] - sum)).toBeLessThan(1e-13);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([64, 128, 2048, 4096])('agrees with the reference on a circle of %i', (circle) => {
    const [inputs, length] = [5, circle / 2 - 3];
    const spectra = spectraOf(wave(inputs * length, 1), inputs, length, circle);
    const u = wave(inputs * length, 2);
    const expected = typescriptLoops.convolve(u, inputs, inputs, length, spectra);
    const found = loops.convolve(u, inputs, inputs, length, spectra);
    expect(furthest(found, expected)).toBeLessThan(4e-15 * largest(expected) * Math.log2(circle));
  });
});

describe('activations', () => {
  const anything = fc.array(fc.double({ min: -60, max: 60, noNaN: true }), { minLength: 1 });

  it.each(['gelu', 'gelu-tanh', 'relu', 'silu', 'tanh', 'sigmoid'] as const)(
    '%s agrees with the reference in all numbers',
    (activation) => {
      fc.assert(
        fc.property(anything, (values) => {
          const x = Float64Array.from(values);
          const expected = typescriptLoops.activate(activation, x);
          const found = loops.activate(activation, x);
          found.forEach((y, i) => {
            expect(Math.abs(y - expected[i])).toBeLessThanOrEqual(
              1e-15 * Math.max(1, Math.abs(x[i])),
            );
          });
          const gates = x.map((value) => -value);
          const gated = loops.gate(activation, x, gates);
          typescriptLoops.gate(activation, x, gates).forEach((y, i) => {
            expect(Math.abs(gated[i] - y)).toBeLessThanOrEqual(1e-15 * Math.max(1, x[i] * x[i]));
          });
        }),
      );
    },
  );

  it('holds at the ends of the range', () => {
    const x = Float64Array.of(-1e300, -800, -1e-300, -0, 0, 1e-300, 800, 1e300, NaN);
    expect([...loops.activate('sigmoid', x)].map((y) => Math.round(1e9 * y) / 1e9)).toEqual([
      0,
      0,
      0.5,
      0.5,
      0.5,
      0.5,
      1,
      1,
      NaN,
    ]);
    expect([...loops.activate('gelu', x)]).toEqual([
      -0,
      -0,
      -5e-301,
      -0,
      0,
      5e-301,
      800,
      1e300,
      NaN,
    ]);
  });

  it('takes signals longer than one pass', () => {
    const x = wave(5001, 7).map((value) => 5 * value);
    const found = loops.activate('gelu', x);
    expect(furthest(found, typescriptLoops.activate('gelu', x))).toBeLessThan(1e-15);
  });
});

describe('inner products of columns', () => {
  it('agree with sums of products, in any number', () => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 600 }), seed, (n, m, rows, s) => {
        const [x, y] = [wave(n * rows, s), wave(m * rows, s + 1)];
        const found = new Float64Array(n * m).fill(NaN);
        loops.innerProducts(x, n, y, m, rows, found);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < m; j++) {
            let sum = 0;
            for (let k = 0; k < rows; k++) sum += x[i * rows + k] * y[j * rows + k];
            expect(Math.abs(found[i * m + j] - sum)).toBeLessThanOrEqual(rounding(rows));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('of columns with themselves are symmetric', () => {
    const [n, rows] = [11, 333];
    const x = wave(n * rows, 8);
    const [found, expected] = [new Float64Array(n * n), new Float64Array(n * n)];
    loops.innerProducts(x, n, x, n, rows, found);
    typescriptLoops.innerProducts(x, n, x, n, rows, expected);
    expect(furthest(found, expected)).toBeLessThanOrEqual(rounding(rows));
  });

  it('for the lower triangle of some rows leave the rest alone', () => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 300 }), seed, (a, b, rows, s) => {
        const [from, to] = [Math.min(a, b) - 1, Math.max(a, b)];
        const stride = to + 2;
        const columns = wave(to * rows, s);
        const [found, expected] = [0, 1].map(() => new Float64Array(stride * to).fill(7));
        loops.gram(columns, rows, from, to, found, stride);
        typescriptLoops.gram(columns, rows, from, to, expected, stride);
        expect(furthest(found, expected)).toBeLessThanOrEqual(rounding(rows));
      }),
    );
  });

  it('of long columns are summed piece by piece', () => {
    const [n, rows] = [2, 1_050_001];
    const x = wave(n * rows, 9);
    const [found, expected] = [new Float64Array(n * n), new Float64Array(n * n)];
    loops.innerProducts(x, n, x.slice(), n, rows, found);
    typescriptLoops.innerProducts(x, n, x, n, rows, expected);
    expect(furthest(found, expected)).toBeLessThan(1e-9);
  });
});

/** Poles slow and fast, one of them at a frequency of the grid, where the closed form of the sum is 0 / 0. */
function modesOn(grid: SpectrumGrid) {
  const onGrid = (2 * Math.PI * 5) / grid.length;
  return poleSetOf(
    { re: Float64Array.of(-0.3, -1e-9, -0.02, -5), im: Float64Array.of(0.7, onGrid, 3, 1e-3) },
    grid.horizon,
  );
}

describe('transforms of modes on a grid', () => {
  it.each([0, 0.6])('are sums over lags, taper %d', (taper) => {
    const grid = createGrid(24, taper);
    const { points: M, horizon: L } = grid;
    const set = modesOn(grid);
    const root = wave(M, 3);
    for (let j = 0; j < set.count; j++) {
      const columns = new Float64Array(4 * M + 2);
      loops.valueColumns(grid, root, set, j, columns, 1, 2 * M + 1);
      for (let m = 0; m < M; m++) {
        const sums = [0, 0, 0, 0];
        for (let l = 0; l < L; l++) {
          const size = Math.exp(set.re[j] * l) * (1 - (taper * l) / L) * root[m];
          const [re, im] = [size * Math.cos(set.im[j] * l), size * Math.sin(set.im[j] * l)];
          const turn = (2 * Math.PI * m * l) / grid.length;
          sums[0] += re * Math.cos(turn);
          sums[1] -= re * Math.sin(turn);
          sums[2] -= im * Math.cos(turn);
          sums[3] += im * Math.sin(turn);
        }
        sums.forEach((sum, i) => {
          expect(columns[1 + i * M + m]).toBeCloseTo(sum, 11);
        });
      }
    }
  });

  it.each([0, 0.6])('and their derivatives agree with the reference, taper %d', (taper) => {
    const grid = createGrid(150, taper);
    const { points: M } = grid;
    const set = modesOn(grid);
    const [root, rest] = [wave(M, 4), wave(2 * M, 5)];
    const run = (from: HotLoops, j: number, allocate: (n: number) => Float64Array) => {
      const [columns, products] = [allocate(8 * M), new Float64Array(4)];
      from.valueColumns(grid, root, set, j, columns, 0, 2 * M);
      from.derivativeColumns(
        ...([grid, root, set, j, 0.7, -0.2, rest, columns, 4 * M, 6 * M, products] as const),
      );
      return { columns: columns.slice(), products };
    };
    for (let j = 0; j < set.count; j++) {
      const expected = run(typescriptLoops, j, (n) => new Float64Array(n));
      const found = run(loops, j, (n) => new Float64Array(n));
      for (const part of [0, 2, 4, 6]) {
        const [a, b] = [found, expected].map(({ columns }) =>
          columns.subarray(part * M, (part + 2) * M),
        );
        expect(furthest(a, b)).toBeLessThan(1e-12 * largest(b));
      }
      expect(furthest(found.products, expected.products)).toBeLessThan(
        1e-12 * largest(expected.products),
      );
      const resident = loops.scoped(() => run(loops, j, (n) => loops.allocate(n)));
      expect(resident).toEqual(found);
    }
  });
});

describe('what columns leave of values', () => {
  it('has the bits of the reference', () => {
    const [count, rows] = [5, 90];
    const [columns, u, values] = [wave(count * rows, 6), wave(count, 7), wave(rows, 8)];
    const [found, expected] = [new Float64Array(rows), new Float64Array(rows)];
    const squares = loops.residual(columns, rows, count, u, values, found);
    expect(squares).toBeCloseTo(
      typescriptLoops.residual(columns, rows, count, u, values, expected),
      12,
    );
    expect(found).toEqual(expected);
  });
});

/** Poles of a full system, and a few more that are to be fitted: slow, fast, close to others and to the real axis. */
function fullPoles(horizon: number) {
  const re = wave(9, 1).map((x) => -0.3 * x * x);
  const im = wave(9, 2).map((x) => 3 * x);
  return poleSetOf({ re: re.map((x) => x - 1e-6), im }, horizon);
}

function fittedPoles(horizon: number, count: number) {
  const re = wave(count, 3).map((x, j) => (j === 1 ? -1e-5 : -0.1 * x * x - 1e-3));
  const im = wave(count, 4).map((x, j) => (j === 1 ? 1e-4 : 3 * Math.abs(x)));
  return poleSetOf({ re, im }, horizon);
}

const spans = [1, 20, 64, 2048, Infinity];

describe('sums over pairs of poles', () => {
  it.each(spans)('are sums over steps, horizon %d', (horizon) => {
    const target = { poles: fullPoles(horizon), weightRe: wave(9, 5), weightIm: wave(9, 6) };
    const b = fittedPoles(horizon, 3);
    const [cross, own] = [new Float64Array(36), new Float64Array(108)];
    loops.fitSums(b, target, 2, cross, own);
    const steps = Math.min(horizon, 4_000_000);
    /** sum_k k^p e^{sk}, as far as it does not vanish. */
    const sumOver = (re: number, im: number, p: number): [number, number] => {
      const found: [number, number] = [0, 0];
      for (let k = 0; k < Math.min(steps, 1 + 60 / -re); k++) {
        const size = Math.exp(re * k) * k ** p;
        found[0] += size * Math.cos(im * k);
        found[1] += size * Math.sin(im * k);
      }
      return found;
    };
    const near = (x: Float64Array, at: number, [re, im]: readonly [number, number]): void => {
      const scale = 1e-7 * (1 + Math.hypot(re, im));
      expect(Math.abs(x[at] - re)).toBeLessThan(scale);
      expect(Math.abs(x[at + 1] - im)).toBeLessThan(scale);
    };
    const { poles, weightRe, weightIm } = target;
    // the slow pole of the infinite horizon takes too many steps to sum
    for (const j of horizon === Infinity ? [0, 2] : [0, 1, 2]) {
      for (const [side, sign] of [-1, 1].entries()) {
        for (const p of [0, 1, 2]) {
          const total: [number, number] = [0, 0];
          for (let k = 0; k < poles.count; k++) {
            const [re, im] = sumOver(b.re[j] + poles.re[k], sign * b.im[j] + poles.im[k], p);
            total[0] += re * weightRe[k] - im * weightIm[k];
            total[1] += re * weightIm[k] + im * weightRe[k];
          }
          near(cross, 12 * j + 6 * side + 2 * p, total);
          for (const i of [0, 1, 2].filter((i) => i <= j && (horizon < Infinity || i !== 1))) {
            const at = 12 * (i * 3 + j) + 6 * side + 2 * p;
            near(own, at, sumOver(b.re[i] + b.re[j], sign * b.im[i] + b.im[j], p));
          }
        }
      }
    }
  });

  it.each(spans)('agree with the reference, horizon %d', (horizon) => {
    const target = { poles: fullPoles(horizon), weightRe: wave(9, 5), weightIm: wave(9, 6) };
    for (const [r, order] of [
      [1, 0],
      [2, 2],
      [5, 2],
      [6, 0],
    ] as const) {
      const b = fittedPoles(horizon, r);
      const run = (from: HotLoops) => {
        const [cross, own] = [new Float64Array(12 * r), new Float64Array(12 * r * r)];
        from.fitSums(b, target, order, cross, own);
        return { cross, own };
      };
      const [found, expected] = [run(loops), run(typescriptLoops)];
      for (let p = 0; p <= order; p++) {
        for (let j = 0; j < r; j++) {
          for (const side of [0, 6]) {
            const at = 12 * j + side + 2 * p;
            const size = 1 + Math.hypot(expected.cross[at], expected.cross[at + 1]);
            expect(Math.abs(found.cross[at] - expected.cross[at])).toBeLessThan(1e-11 * size);
            expect(Math.abs(found.cross[at + 1] - expected.cross[at + 1])).toBeLessThan(
              1e-11 * size,
            );
            for (let i = 0; i <= j; i++) {
              const to = 12 * (i * r + j) + side + 2 * p;
              const scale = 1 + Math.hypot(expected.own[to], expected.own[to + 1]);
              expect(Math.abs(found.own[to] - expected.own[to])).toBeLessThan(1e-12 * scale);
              expect(Math.abs(found.own[to + 1] - expected.own[to + 1])).toBeLessThan(
                1e-12 * scale,
              );
            }
          }
        }
      }
    }
  });

  it.each(spans)('give the gains of trial poles, horizon %d', (horizon) => {
    const full = fullPoles(horizon);
    const system = {
      poles: { re: full.re, im: full.im },
      weights: { re: wave(9, 5), im: wave(9, 6) },
      step: 1,
    };
    const candidates = createCandidates(createTarget(system, horizon));
    for (const r of [0, 1, 4]) {
      const b = fittedPoles(horizon, r);
      const weights = { re: wave(r, 7), im: wave(r, 8) };
      const factor = r === 0 ? undefined : factorScaled(realGram(b, 1e-6), 2 * r);
      const [found, expected] = [loops, typescriptLoops].map((from) => {
        const gains = new Float64Array(candidates.poles.count).fill(-1);
        from.insertionGains(candidates, b, weights, factor, gains);
        return gains;
      });
      found.forEach((gain, c) => {
        expect(Math.abs(gain - expected[c])).toBeLessThan(1e-8 * (1 + Math.abs(expected[c])));
      });
    }
  });
});

describe('dense matrices', () => {
  it('have eigenvectors of length 1 that they stretch by the eigenvalues, in ascending order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 }), seed, fc.boolean(), (n, s, sparse) => {
        const matrix = wave(n * n, s).map((x) => (sparse && Math.abs(x) < 0.8 ? 0 : 5 * x));
        const entry = (i: number, j: number): number => matrix[Math.max(i, j) * n + Math.min(i, j)];
        const { values, vectors } = loops.symmetricEigen(matrix, n);
        for (let k = 0; k < n; k++) {
          if (k > 0) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
          const v = vectors.subarray(k * n, (k + 1) * n);
          expect(v.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 12);
          for (let i = 0; i < n; i++) {
            let product = 0;
            for (let j = 0; j < n; j++) product += entry(i, j) * v[j];
            expect(Math.abs(product - values[k] * v[i])).toBeLessThan(1e-12 * (1 + 5 * n));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([1e-200, 0, 1e200])('of the size %d as well', (size) => {
    const matrix = wave(36, 3).map((x) => size * x);
    const [found, expected] = [loops, typescriptLoops].map(
      (from) => from.symmetricEigen(matrix, 6).values,
    );
    expect(furthest(found, expected)).toBeLessThanOrEqual(1e-14 * size);
  });

  it('stacked have a triangular factor with the same squares', () => {
    for (const [n, filled] of [
      [1, 1],
      [5, 2],
      [8, 8],
      [9, 4],
    ]) {
      const triangle = (s: number) =>
        wave(n * n, s).map((x, at) => (at % n < Math.floor(at / n) ? 0 : x));
      const top = triangle(1);
      const low = triangle(2).map((x, at) => (at < filled * n ? x : 0));
      const squares = (...parts: Float64Array[]): Float64Array =>
        Float64Array.from({ length: n * n }, (_, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          let sum = 0;
          for (const part of parts) {
            for (let k = 0; k < n; k++) sum += part[k * n + i] * part[k * n + j];
          }
          return sum;
        });
      const expected = squares(top, low);
      loops.stackTriangles(top, low, n);
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) top[i * n + j] = 0;
      expect(furthest(squares(top), expected)).toBeLessThan(1e-13 * n);
    }
  });
});

describe('arrays of a scope', () => {
  it('hold their numbers while the memory grows, and give it back at the end', () => {
    const sum = loops.scoped(() => {
      const kept = loops.allocate(1000);
      expect(kept.every((value) => value === 0)).toBe(true);
      kept.set(wave(1000, 1));
      const inner = loops.scoped(() => {
        const large = loops.allocate(3_000_000).fill(1);
        const products = new Float64Array(1);
        loops.innerProducts(large, 1, large, 1, large.length, products);
        return products[0];
      });
      expect(inner).toBe(3_000_000);
      const products = new Float64Array(1);
      loops.innerProducts(kept, 1, wave(1000, 1), 1, 1000, products);
      expect(kept).toEqual(new Float64Array(wave(1000, 1)));
      return products[0];
    });
    expect(sum).toBeCloseTo(
      wave(1000, 1).reduce((total, value) => total + value * value, 0),
      10,
    );
    expect(loops.allocate(10).buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('end also where the work fails', () => {
    const fail = (): never => {
      throw new Error('of its own');
    };
    expect(() => loops.scoped(fail)).toThrow('of its own');
    expect(loops.allocate(10).buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('are ordinary ones where the memory is full', () => {
    const buffer = loops.scoped(() => loops.allocate(2 ** 27).buffer);
    expect(buffer).toBeInstanceOf(ArrayBuffer);
  });
});

describe('without a module', () => {
  it('the reference goes on', () => {
    expect(installLoops('/nowhere/loops.wasm')).toBe('typescript');
  });

  it('a file that is no module is refused', () => {
    expect(() => wasmLoops(new Uint8Array([0, 97, 115, 109, 2, 0, 0, 0]))).toThrow();
  });
});
