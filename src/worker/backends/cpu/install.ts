import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HotLoops, hotLoops, useHotLoops } from '../../../core/hotLoops';
import { wasmLoops } from './wasmLoops';

/** Where the compiled module lies: beside the bundle that runs. */
const moduleFile = join(__dirname, 'loops.wasm');

/**
 * Puts the loops in WebAssembly in the place of TypeScript's, once a thread. Where they cannot be loaded everything runs
 * as before, only slower.
 *
 * @returns which loops run now
 */
export function installLoops(file = moduleFile): HotLoops['id'] {
  if (hotLoops().id === 'typescript') {
    try {
      useHotLoops(wasmLoops(new Uint8Array(readFileSync(file))));
    } catch {
      // the reference goes on: reports name what ran
    }
  }
  return hotLoops().id;
}
