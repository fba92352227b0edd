import { parentPort } from 'node:worker_threads';
import { toWire } from '../protocol/peer';
import { installLoops } from './backends/cpu/install';
import { runTask } from './tasks';
import { buffersOf, type TaskMessage, type ThreadMessage } from './threadMessages';

/** Entry of a computing thread: takes a task, does it, answers, until it is terminated. */
const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');

function send(message: ThreadMessage): void {
  port?.postMessage(message, message.type === 'done' ? buffersOf(message.output) : []);
}

function perform(message: TaskMessage): ThreadMessage {
  const { id } = message;
  try {
    return { type: 'done', id, output: runTask(message.kind, message.input) };
  } catch (error) {
    return { type: 'failed', id, error: toWire(error) };
  }
}

port.on('message', (message: TaskMessage) => {
  send(perform(message));
});
send({ type: 'ready', kernels: installLoops() });
