import { gram, innerProducts, residual } from './calibrate/gram';
import { derivativeColumns, valueColumns } from './calibrate/modeTransform';
import type { ComplexVector } from './linalg/complex';
import { eigenvalues } from './linalg/eigenvalues';
import { stackTriangles } from './linalg/stackTriangles';
import { symmetricEigen } from './linalg/symmetricEigen';
import type { KernelSpectra } from './network/kernels';
import type { Activation } from './network/network';
import { activate, gate } from './network/ops/activation';
import { convolve } from './network/ops/convolution';
import { multiply } from './network/ops/multiply';
import { correlate, type Candidates } from './objective/insertion';
import { insertionGains } from './objective/insertionGains';
import { fitSums } from './objective/pairSums';
import type { ScaledFactor } from './objective/realGram';
import type { VariableProjection } from './objective/varpro';
import { newtonSearch, type NewtonResult, type Tolerance } from './solve/newtonSearch';
import { eliminateModes } from './start/backwardElimination';
import { projectedDynamics } from './start/realProjection';
import type { PoleSet } from './systems/poleSet';

/**
 * The loops in which a run spends its time, behind one interface, so that who starts a computation may put faster ones in
 * their place. Every set computes the same sums; where the order of summation differs, results differ by rounding.
 */
export interface HotLoops {
  readonly id: 'typescript' | 'wasm-simd';
  /** y = W x at every position; see `multiply`. The same bits in every set. */
  multiply(
    W: Float64Array,
    x: Float64Array,
    rows: number,
    inner: number,
    length: number,
  ): Float64Array;
  /** Every feature convolved with the kernels of its outputs; see `convolve`. */
  convolve(
    u: Float64Array,
    inputs: number,
    outputs: number,
    length: number,
    spectra: KernelSpectra,
  ): Float64Array;
  /** The activation of every entry. */
  activate(activation: Activation, x: Float64Array): Float64Array;
  /** kept * activation(gates), entry by entry. */
  gate(activation: Activation, kept: Float64Array, gates: Float64Array): Float64Array;
  /** Inner products among columns; see `gram`. */
  gram(
    columns: Float64Array,
    rows: number,
    from: number,
    to: number,
    out: Float64Array,
    stride: number,
  ): void;
  /** Inner products of two lots of columns; see `innerProducts`. */
  innerProducts(
    x: Float64Array,
    xCount: number,
    y: Float64Array,
    yCount: number,
    rows: number,
    out: Float64Array,
  ): void;
  /** Transforms of a mode on a grid; see `valueColumns`. */
  readonly valueColumns: typeof valueColumns;
  /** Derivatives of the same; see `derivativeColumns`. */
  readonly derivativeColumns: typeof derivativeColumns;
  /** What columns leave of values; see `residual`. */
  residual(
    columns: Float64Array,
    rows: number,
    count: number,
    u: Float64Array,
    values: Float64Array,
    out: Float64Array,
  ): number;
  /** Sums over pairs of poles for a search; see `fitSums`. */
  readonly fitSums: typeof fitSums;
  /** A whole search for poles; see `newtonSearch`. The weights that the projection keeps are without meaning after it. */
  searchPoles(
    projection: VariableProjection,
    start: ComplexVector,
    maxIterations: number,
    tolerance?: Tolerance,
  ): NewtonResult;
  /** What trial poles have in common with a system; see `correlate`. */
  readonly correlate: typeof correlate;
  /** What trial poles would gain; see `insertionGains`. */
  insertionGains(
    candidates: Candidates,
    b: PoleSet,
    weights: ComplexVector,
    factor: ScaledFactor | undefined,
    gains: Float64Array,
  ): void;
  /** Eigenvalues and eigenvectors of a symmetric matrix; see `symmetricEigen`. */
  readonly symmetricEigen: typeof symmetricEigen;
  /** Eigenvalues of a real matrix; see `eigenvalues`. */
  readonly eigenvalues: typeof eigenvalues;
  /** Which modes are left when others are deleted one by one; see `eliminateModes`. */
  readonly eliminateModes: typeof eliminateModes;
  /** One step of IRKA; see `projectedDynamics`. */
  readonly projectedDynamics: typeof projectedDynamics;
  /** The triangular factor of two stacked triangles; see `stackTriangles`. */
  readonly stackTriangles: typeof stackTriangles;
  /** Does work whose arrays from `allocate` end with it: none of them may be used or sent afterwards. */
  scoped<T>(work: () => T): T;
  /** An array of zeros where the loops need not copy it from; within `scoped` only, elsewhere an ordinary one. */
  readonly allocate: (length: number) => Float64Array;
}

/** The reference: what every other set is measured against, and what runs where no other can. */
export const typescriptLoops: HotLoops = {
  id: 'typescript',
  multiply,
  convolve,
  activate,
  gate,
  gram,
  innerProducts,
  valueColumns: (grid, root, set, j, columns, first, second) => {
    valueColumns(grid, root, set, j, columns, first, second);
  },
  derivativeColumns: (grid, root, set, j, wr, wi, rest, columns, rho, omega, products) => {
    derivativeColumns(grid, root, set, j, wr, wi, rest, columns, rho, omega, products);
  },
  residual,
  fitSums,
  searchPoles: (projection, start, maxIterations, tolerance) =>
    newtonSearch(projection, start, maxIterations, tolerance),
  correlate,
  insertionGains: (candidates, b, weights, factor, gains) => {
    insertionGains(candidates, b, weights, factor, gains);
  },
  symmetricEigen,
  eigenvalues,
  eliminateModes,
  projectedDynamics,
  stackTriangles,
  scoped: (work) => work(),
  allocate: (length) => new Float64Array(length),
};

let current = typescriptLoops;

/** The loops to compute with. */
export function hotLoops(): HotLoops {
  return current;
}

/** Puts others in their place, for all that is computed in this thread from now on. */
export function useHotLoops(loops: HotLoops): void {
  current = loops;
}
