import { pathToFileURL } from 'node:url';
import { SsmError } from '../../../core/errors';
import type { EngineDevice } from '../../../protocol/engines';
import { installedPackage } from '../device/installed';
import type { Gpu, GpuAdapter, GpuDevice } from './device';

/** What the package gives: Dawn, the WebGPU of Chromium, for Node. */
interface Dawn {
  create(options: readonly string[]): Gpu;
}

export interface OpenedGpu {
  readonly gpu: GpuDevice;
  readonly device: EngineDevice;
  /** Keeps Dawn alive: it ends when nobody refers to it any more. */
  readonly instance: Gpu;
}

/**
 * Opens a device of WebGPU with the package from a folder of the person's; runs its code.
 * @throws SsmError `bad-request` where the package is not there or does not load, or there is no device
 */
export async function openGpu(folder: string): Promise<OpenedGpu> {
  const instance = (await loadDawn(folder)).create([]);
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new SsmError(
      'bad-request',
      'There is no device that WebGPU can use: it needs Vulkan, Metal or Direct3D 12.',
    );
  }
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const gpu = await adapter.requestDevice({
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
  });
  return { gpu, device: deviceOf(adapter), instance };
}

async function loadDawn(folder: string): Promise<Dawn> {
  const { name, load } = installedPackage('webgpu', folder);
  try {
    return (await import(pathToFileURL(load.resolve(name)).href)) as Dawn;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new SsmError('bad-request', `${name} is installed but does not load: ${why}`);
  }
}

/** Renderers that compute on the processor; most of them say so, and what says nothing is known by name. */
const inSoftware = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

function deviceOf({ info }: GpuAdapter): EngineDevice {
  const { vendor, architecture, description, isFallbackAdapter } = info;
  const said = [vendor, architecture, description].filter((part) => part !== '').join(' ');
  const software = isFallbackAdapter === true || inSoftware.test(said);
  const name = description === '' ? `${vendor} ${architecture}`.trim() : description;
  return { kind: software ? 'software' : 'gpu', name: name === '' ? 'unnamed device' : name };
}
