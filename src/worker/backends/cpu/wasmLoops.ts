import type { HotLoops } from '../../../core/hotLoops';
import { activateWith } from './activate';
import { convolveWith } from './convolve';
import { innerProductsWith } from './innerProducts';
import { instantiate } from './module';
import { matricesWith } from './matrices';
import { modeColumnsWith } from './modeColumns';
import { multiplyWith } from './multiply';
import { poleSumsWith } from './poleSums';
import { searchesWith } from './searches';
import { startsWith } from './starts';
import { createWorkspace } from './workspace';

/**
 * The hot loops of a compiled module, in float64 with 128-bit vectors. They copy their operands to the module's memory
 * and their results back, which costs little beside what they compute.
 *
 * @throws where the module cannot be instantiated
 */
export function wasmLoops(bytes: Uint8Array<ArrayBuffer>): HotLoops {
  const loops = instantiate(bytes);
  const workspace = createWorkspace(loops);
  return {
    id: 'wasm-simd',
    multiply: multiplyWith(loops, workspace),
    convolve: convolveWith(loops, workspace),
    ...activateWith(loops, workspace),
    ...innerProductsWith(loops, workspace),
    ...modeColumnsWith(loops, workspace),
    ...poleSumsWith(loops, workspace),
    ...matricesWith(loops, workspace),
    ...startsWith(loops, workspace),
    ...searchesWith(loops, workspace),
    scoped: (work) => workspace.scoped(work),
    allocate: (length) => workspace.allocate(length),
  };
}
