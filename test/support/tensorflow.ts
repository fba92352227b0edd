import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';

const modules = join(import.meta.dirname, '../../node_modules');
setWasmPaths(join(modules, '@tensorflow/tfjs-backend-wasm/dist/'));

/** Makes TensorFlow.js compute in WebAssembly, the fastest of its back ends that need no device. */
export async function useWasm(): Promise<void> {
  await useBackend('wasm');
}

export async function useBackend(name: 'cpu' | 'wasm'): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js has no back end ${name} here.`);
  await tf.ready();
}
