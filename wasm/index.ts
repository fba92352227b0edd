/**
 * The hot loops in AssemblyScript, compiled to WebAssembly with 128-bit vectors by `scripts/compileLoops.mjs`. Operands
 * lie where the host (src/worker/backends/cpu) has put them; addresses are in bytes, counts in numbers. Each function is the
 * counterpart of the TypeScript one that its comment names.
 */
export { multiply } from './multiply';
export { innerProducts } from './innerProducts';
export { convolveQuad } from './convolution';
export { activate, gate } from './activation';
export { derivativeColumns, residual, valueColumns } from './modeColumns';
export { correlate } from './candidates';
export { eliminateModes } from './elimination';
export { fitSums } from './fitSums';
export { insertionGains } from './insertionGains';
export { eigenvalues } from './eigenvalues';
export { realProjection } from './realProjection';
export { searchPoles } from './poleSearch';
export { symmetricEigen } from './symmetricEigen';
export { stackTriangles } from './triangles';
export const heapBase: usize = __heap_base;
