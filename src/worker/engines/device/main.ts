import { SsmError } from '../../../core/errors';
import { createPeer } from '../../../protocol/peer';
import { fromWire } from '../../wire';
import type { SearchEngine } from '../searchEngine';
import { createTfjsEngine } from '../tfjs/engine';
import { loadTensorFlow } from '../tfjs/load';
import type { DeviceMethods } from './protocol';

/**
 * Entry of the process of a device: the only one that loads code which is not ours, so that a driver that crashes or
 * hangs takes nothing else along.
 */
let opened: SearchEngine | undefined;

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
      if (id !== 'tfjs') throw new SsmError('bad-request', 'It is not part of this version.');
      const { tf, device } = await loadTensorFlow(folder);
      opened = createTfjsEngine(tf, device);
      return device;
    },
    derivatives: (batch) => engine().derivatives(batch),
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
