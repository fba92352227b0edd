import { describe, expect, it } from 'vitest';
import { valueColumns } from '../../../src/core/calibrate/modeTransform';
import { createGrid } from '../../../src/core/calibrate/spectrumGrid';
import { poleSetOf } from '../../../src/core/systems/poleSet';

/** sum_l weight(l) f(l) e^{-i omega l}, from the definition. */
function transform(length: number, omega: number, f: (l: number) => number): [number, number] {
  let [re, im] = [0, 0];
  for (let l = 0; l < length; l++) {
    re += f(l) * Math.cos(omega * l);
    im -= f(l) * Math.sin(omega * l);
  }
  return [re, im];
}

describe('transforms of modes', () => {
  const horizon = 37;
  // ordinary, undamped, at a frequency of the grid, at 0, at pi
  const places: [number, number][] = [
    [-0.1, 0.7],
    [-1e-9, 1.3],
    [-1e-12, (2 * Math.PI * 5) / 128],
    [-1e-10, 0],
    [-1e-3, Math.PI],
    [-5, 2],
  ];

  it.each([0, 0.6])('follow the definition, undamped ones too, with a taper of %d', (taper) => {
    const grid = createGrid(horizon, taper);
    const ones = new Float64Array(grid.points).fill(1);
    const columns = new Float64Array(4 * grid.points);
    for (const [x, y] of places) {
      const set = poleSetOf({ re: Float64Array.of(x), im: Float64Array.of(y) }, horizon);
      valueColumns(grid, ones, set, 0, columns, 0, 2 * grid.points);
      for (let m = 0; m < grid.points; m++) {
        const omega = (2 * Math.PI * m) / grid.length;
        const size = (l: number): number => (1 - (taper * l) / horizon) * Math.exp(x * l);
        const first = transform(horizon, omega, (l) => size(l) * Math.cos(y * l));
        const second = transform(horizon, omega, (l) => -size(l) * Math.sin(y * l));
        expect(columns[m]).toBeCloseTo(first[0], 8);
        expect(columns[grid.points + m]).toBeCloseTo(first[1], 8);
        expect(columns[2 * grid.points + m]).toBeCloseTo(second[0], 8);
        expect(columns[3 * grid.points + m]).toBeCloseTo(second[1], 8);
      }
    }
  });
});
