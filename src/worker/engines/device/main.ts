import { SsmError } from '../../../core/errors';
import { createPeer } from '../../../protocol/peer';
import { fromWire } from '../../wire';
import type { SearchEngine } from '../searchEngine';
import { createTfjsEngine } from '../tfjs/engine';
import { loadTensorFlow } from '../tfjs/load';
import { createWebGpuEngine } from '../webgpu/engine';
import { openGpu } from '../webgpu/load';
import type { DeviceMethods } from './protocol';

/**
 * Entry of the process of a device: the only one that loads code which is not ours, so that a driver that crashes or
 * hangs takes nothing else along.
 */
let opened: SearchEngine | undefined;
/** What must not be collected while the process lives. */
const instances: unknown[] = [];

async function openTensorFlow(folder: string): Promise<SearchEngine> {
  const { tf, device } = await loadTensorFlow(folder);
  return createTfjsEngine(tf, device);
}

async function openWebGpu(folder: string): Promise<SearchEngine> {
  const gpu = await openGpu(folder);
  instances.push(gpu.instance);
  return createWebGpuEngine(gpu);
}

function engine(): SearchEngine {
  if (opened === undefined) throw new SsmError('bad-request', 'No engine was opened.');
  return opened;
}

const peer = createPeer<DeviceMethods>({
  send: (message) => {
    process.send?.(message);
  },
  handlers: {
    async open({ engine: id, folder }) {
      opened = id === 'webgpu' ? await openWebGpu(folder) : await openTensorFlow(folder);
      return opened.device;
    },
    derivatives: (batch) => engine().derivatives(batch),
    searchWeighted: (targets) => engine().searchWeighted(targets),
    weightedDerivatives: ({ targets, poles }) => engine().weightedDerivatives(targets, poles),
    search: ({ batch, steps }) => engine().search(batch, steps),
  },
  toError: fromWire,
  onProtocolError: (problem) => {
    process.stderr.write(`${problem}\n`);
  },
});

process.on('message', (message) => {
  peer.receive(message);
});
process.once('disconnect', () => process.exit(0));
