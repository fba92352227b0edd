import type { HotLoops } from '../../../core/hotLoops';
import { activateWith } from './activate';
import { convolveWith } from './convolve';
import { innerProductsWith } from './innerProducts';
import { instantiate } from './module';
import { multiplyWith } from './multiply';
import { createScratch } from './scratch';

/**
 * The hot loops of a compiled module, in float64 with 128-bit vectors. They copy their operands to the module's memory
 * and their results back, which costs little beside what they compute.
 *
 * @throws where the module cannot be instantiated
 */
export function wasmLoops(bytes: Uint8Array<ArrayBuffer>): HotLoops {
  const loops = instantiate(bytes);
  const scratch = createScratch(loops);
  return {
    id: 'wasm-simd',
    multiply: multiplyWith(loops, scratch),
    convolve: convolveWith(loops, scratch),
    ...activateWith(loops, scratch),
    ...innerProductsWith(loops, scratch),
  };
}
