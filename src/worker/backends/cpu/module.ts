/** As much of WebAssembly as is needed here: its types come with browsers' only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

interface Memory {
  /** Shared in name only: what was known of it stays valid when it grows. */
  readonly buffer: SharedArrayBuffer;
  /** By so many pages. */
  grow(pages: number): void;
}

/** A grid with the weights of its frequencies, and a mode. */
type ModeArguments = readonly [
  ...[cos: number, sin: number, endCos: number, endSin: number, root: number, points: number],
  ...[expRe: number, expIm: number, endRe: number, endIm: number],
  ...[horizon: number, taper: number, limit: number],
];

/** What wasm/ exports; addresses are in bytes, counts in numbers. */
export interface LoopExports {
  readonly memory: Memory;
  readonly heapBase: { readonly value: number };
  multiply(
    W: number,
    x: number,
    y: number,
    panel: number,
    rows: number,
    inner: number,
    length: number,
  ): void;
  innerProducts(
    x: number,
    xColumn: number,
    from: number,
    to: number,
    y: number,
    yColumn: number,
    yCount: number,
    rows: number,
    out: number,
    stride: number,
    lower: number,
  ): void;
  convolveQuad(
    u: number,
    y: number,
    length: number,
    spectra: number,
    size: number,
    turns: number,
    input: number,
    known: number,
    work: number,
  ): void;
  activate(kind: number, x: number, y: number, count: number, erf: number): void;
  valueColumns(
    ...args: readonly [...ModeArguments, first: number, second: number, left: number]
  ): number;
  derivativeColumns(
    ...args: readonly [
      ...ModeArguments,
      ...[beta: number, weightRe: number, weightIm: number, residual: number],
      ...[rho: number, omega: number, products: number, left: number],
    ]
  ): number;
  fitSums(
    ...args: readonly [
      ...[a: number, aCount: number, aStride: number, weights: number],
      ...[b: number, bCount: number, bStride: number],
      ...[horizon: number, order: number, cross: number, own: number],
    ]
  ): void;
  searchPoles(
    ...args: readonly [
      ...[target: number, count: number, slots: number, horizon: number],
      ...[norm2: number, ridge: number, poles: number, slowest: number, iterations: number],
      ...[valueTolerance: number, gradientTolerance: number, found: number, room: number],
    ]
  ): number;
  correlate(
    ...args: readonly [
      ...[a: number, aCount: number, aStride: number, c: number, count: number, stride: number],
      ...[horizon: number, correlation: number, norms: number],
    ]
  ): void;
  insertionGains(
    ...args: readonly [
      ...[b: number, count: number, bStride: number],
      ...[candidates: number, many: number, stride: number],
      ...[correlation: number, norms: number, scale: number, lower: number],
      ...[horizon: number, room: number, gains: number],
    ]
  ): void;
  symmetricEigen(v: number, n: number, d: number, room: number): void;
  eigenvalues(a: number, n: number, room: number, values: number): number;
  eliminateModes(
    ...args: readonly [
      ...[poles: number, count: number, stride: number, keep: number],
      ...[horizon: number, ridge: number, room: number, alive: number],
    ]
  ): number;
  realProjection(
    ...args: readonly [
      ...[full: number, count: number, stride: number, probes: number, many: number],
      ...[horizon: number, room: number, values: number],
    ]
  ): number;
  stackTriangles(top: number, low: number, n: number, filled: number, room: number): void;
  residual(
    columns: number,
    rows: number,
    count: number,
    u: number,
    values: number,
    out: number,
  ): number;
  gate(kind: number, kept: number, gates: number, y: number, count: number, erf: number): void;
}

/** Throws where WebAssembly or its vectors are not known. */
export function instantiate(bytes: Uint8Array<ArrayBuffer>): LoopExports {
  const abort = (): never => {
    throw new Error('The loops ended early.');
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { abort },
    host: { exp: Math.exp, cos: Math.cos, sin: Math.sin },
  });
  return instance.exports as LoopExports;
}
