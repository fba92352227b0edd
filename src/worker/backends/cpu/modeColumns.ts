import {
  derivativeColumns,
  nearlySingular,
  valueColumns,
} from '../../../core/calibrate/modeTransform';
import type { SpectrumGrid } from '../../../core/calibrate/spectrumGrid';
import type { HotLoops } from '../../../core/hotLoops';
import type { LoopExports } from './module';
import type { Workspace } from './workspace';

type ModeLoops = Pick<HotLoops, 'valueColumns' | 'derivativeColumns' | 'residual'>;

interface Tables {
  readonly cos: number;
  readonly sin: number;
  readonly endCos: number;
  readonly endSin: number;
  readonly root: number;
}

/** The loops over frequencies in vectors; the few frequencies next to a pole are left to the reference. */
export function modeColumnsWith(loops: LoopExports, workspace: Workspace): ModeLoops {
  const resident = (x: Float64Array, room: number): number => {
    const place = workspace.placeOf(x);
    if (place !== undefined) return place;
    workspace.numbers().set(x, room);
    return room;
  };
  /** The grid's tables and the weights, at addresses of the module. */
  const tables = (grid: SpectrumGrid, root: Float64Array, room: number): Tables => ({
    cos: 8 * resident(grid.cos, room),
    sin: 8 * resident(grid.sin, room + grid.points),
    endCos: 8 * resident(grid.endCos, room + 2 * grid.points),
    endSin: 8 * resident(grid.endSin, room + 3 * grid.points),
    root: 8 * resident(root, room + 4 * grid.points),
  });
  return {
    valueColumns(grid, root, set, j, columns, first, second) {
      const { points: M, horizon: L, taper } = grid;
      const [room, out, left] = workspace.room(5 * M, 4 * M, M);
      const place = workspace.placeOf(columns);
      const [a, b] = place === undefined ? [out, out + 2 * M] : [place + first, place + second];
      const at = tables(grid, root, room);
      const count = loops.valueColumns(
        at.cos,
        at.sin,
        at.endCos,
        at.endSin,
        at.root,
        M,
        set.expRe[j],
        set.expIm[j],
        set.endRe[j],
        set.endIm[j],
        L,
        taper,
        limit(L),
        8 * a,
        8 * b,
        8 * left,
      );
      const numbers = workspace.numbers();
      if (place === undefined) {
        columns.set(numbers.subarray(a, a + 2 * M), first);
        columns.set(numbers.subarray(b, b + 2 * M), second);
      }
      for (const m of numbers.subarray(left, left + count)) {
        valueColumns(grid, root, set, j, columns, first, second, m, m + 1);
      }
    },

    derivativeColumns(grid, root, set, j, wr, wi, residual, columns, rho, omega, products) {
      const { points: M, horizon: L, taper } = grid;
      const [room, rest, out, left, sums] = workspace.room(5 * M, 2 * M, 4 * M, M, 4);
      const place = workspace.placeOf(columns);
      const [a, b] = place === undefined ? [out, out + 2 * M] : [place + rho, place + omega];
      const at = tables(grid, root, room);
      const count = loops.derivativeColumns(
        at.cos,
        at.sin,
        at.endCos,
        at.endSin,
        at.root,
        M,
        set.expRe[j],
        set.expIm[j],
        set.endRe[j],
        set.endIm[j],
        L,
        taper,
        limit(L),
        set.re[j],
        wr,
        wi,
        8 * resident(residual, rest),
        8 * a,
        8 * b,
        8 * sums,
        8 * left,
      );
      const numbers = workspace.numbers();
      if (place === undefined) {
        columns.set(numbers.subarray(a, a + 2 * M), rho);
        columns.set(numbers.subarray(b, b + 2 * M), omega);
      }
      products.set(numbers.subarray(sums, sums + 4));
      for (const m of numbers.subarray(left, left + count)) {
        derivativeColumns(
          grid,
          root,
          set,
          j,
          wr,
          wi,
          residual,
          columns,
          rho,
          omega,
          part,
          m,
          m + 1,
        );
        for (let i = 0; i < 4; i++) products[i] += part[i];
      }
    },

    residual(columns, rows, count, u, values, out) {
      const [a, b, c, d] = workspace.room(columns.length, u.length, rows, rows);
      const place = workspace.placeOf(out) ?? d;
      const squares = loops.residual(
        8 * resident(columns, a),
        rows,
        count,
        8 * resident(u, b),
        8 * resident(values, c),
        8 * place,
      );
      if (place === d) out.set(workspace.numbers().subarray(d, d + rows));
      return squares;
    },
  };
}

const part = new Float64Array(4);

function limit(horizon: number): number {
  return (nearlySingular / horizon) ** 2;
}
