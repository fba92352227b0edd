import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SsmError } from '../../../core/errors';
import type { SearchEngineId } from '../../../protocol/engines';

/** The packages that bring an engine, the best first. */
const packages: Readonly<Record<SearchEngineId, readonly string[]>> = {
  tfjs: ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'],
  webgpu: ['webgpu'],
};

/** A package of an engine, and the function that loads from where it lies. */
export interface InstalledPackage {
  readonly name: string;
  readonly load: NodeJS.Require;
}

/**
 * Looks for an engine's package in a folder's `node_modules`, without running any of it.
 * @throws SsmError `bad-request` where there is none
 */
export function installedPackage(engine: SearchEngineId, folder: string): InstalledPackage {
  const load = createRequire(join(folder, 'from-here.js'));
  const name = packages[engine].find((one) => {
    try {
      load.resolve(one);
      return true;
    } catch {
      return false;
    }
  });
  if (name === undefined) {
    throw new SsmError('bad-request', `${packages[engine][0]} is not installed.`);
  }
  return { name, load };
}
