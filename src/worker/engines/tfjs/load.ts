import { SsmError } from '../../../core/errors';
import type { EngineDevice } from '../../../protocol/engines';
import { installedPackage } from '../device/installed';
import type { Tf } from './complexTensors';

/** What is needed on the machine, for a person. */
export const tensorFlowNeeds =
  'an NVIDIA GPU on Linux or Windows (x64), its driver 450 or later, CUDA 11.2 and cuDNN 8.1';

/** What `@tensorflow/tfjs-node-gpu` tells of itself. */
interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly isGPUPackage?: boolean;
}

export interface LoadedTensorFlow {
  readonly tf: Tf;
  readonly device: EngineDevice;
}

/**
 * Loads TensorFlow from a folder of the person's, in whose `node_modules` it was installed; runs its code.
 * @throws SsmError `bad-request` where it is not there or does not load
 */
export async function loadTensorFlow(folder: string): Promise<LoadedTensorFlow> {
  const { name, load } = installedPackage('tfjs', folder);
  mendUtil(load('node:util') as OldUtil);
  let tf: Tf;
  try {
    tf = load(name) as Tf;
    await tf.ready();
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new SsmError('bad-request', `${name} is installed but does not load: ${why}`);
  }
  return { tf, device: deviceOf(tf.backend() as NodeBackend, name) };
}

/** What TensorFlow really computes on: without its libraries it silently takes the processor. */
function deviceOf({ isUsingGpuDevice }: NodeBackend, name: string): EngineDevice {
  if (isUsingGpuDevice === true) return { kind: 'gpu', name: `${name} on CUDA` };
  return {
    kind: 'cpu',
    name: name.endsWith('-gpu') ? 'TensorFlow fell back to the processor' : name,
  };
}

/** Functions of Node that its version 23 removed and the last release of TensorFlow for Node still calls. */
interface OldUtil {
  isNullOrUndefined?: (value: unknown) => boolean;
  isArray?: (value: unknown) => boolean;
}

export function mendUtil(util: OldUtil): void {
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
