import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './tempDir';

/** A folder in which a package of this name is installed; its only file is the code, of a module where it imports. */
export function folderWith(name: string, code: string): string {
  const folder = tempDir();
  const type = /^import /m.test(code) ? 'module' : 'commonjs';
  const place = join(folder, 'node_modules', ...name.split('/'));
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name, type, main: 'index.js' }));
  writeFileSync(join(place, 'index.js'), code);
  return folder;
}

const modules = JSON.stringify(join(import.meta.dirname, '../../node_modules'));

/**
 * The real TensorFlow.js on its WebAssembly back end, claiming to be the package for GPUs.
 *
 * @param change code that may change `tf`, the module's exports
 */
export function fakeTensorFlow(usesGpu: boolean, change = ''): string {
  return `
    const { createRequire } = require('node:module');
    const load = createRequire(${modules} + '/x.js');
    const core = load('@tensorflow/tfjs-core');
    load('@tensorflow/tfjs-backend-cpu');
    load('@tensorflow/tfjs-backend-wasm').setWasmPaths(${modules} + '/@tensorflow/tfjs-backend-wasm/dist/');
    const tf = {
      ...core,
      ready: () => core.setBackend('wasm').then(() => core.ready()),
      backend: () => ({ isUsingGpuDevice: ${usesGpu} }),
    };
    ${change}
    module.exports = tf;
  `;
}
