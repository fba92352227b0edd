import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { SsmError } from '../../../core/errors';
import type { EngineDevice, SearchEngineId } from '../../../protocol/engines';
import { createPeer, type Peer } from '../../../protocol/peer';
import { fromWire } from '../../wire';
import type { SearchEngine } from '../searchEngine';
import { findNode } from './findNode';
import { installedPackage } from './installed';
import type { DeviceMethods } from './protocol';

/** Where the bundled process lies: beside the bundle that runs. */
const deviceFile = join(__dirname, 'device.cjs');

export interface DeviceOptions {
  /** With `node_modules` that hold the engine's package. */
  readonly folder: string;
  readonly script?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Until the engine must be ready, and until a request must be answered. */
  readonly openMilliseconds?: number;
  readonly requestMilliseconds?: number;
  readonly findNode?: () => Promise<string | undefined>;
}

/**
 * Opens an engine in a process of its own. Whatever happens there, a crash or a hang too, is an error of the request at
 * work here.
 * @throws SsmError `bad-request` with the reason where it cannot be had, `worker-lost` where its process ended
 */
export async function openDevice(
  id: SearchEngineId,
  options: DeviceOptions,
): Promise<SearchEngine> {
  installedPackage(id, options.folder);
  const node = await (options.findNode ?? findNode)();
  if (node === undefined && id === 'webgpu') {
    throw new SsmError(
      'bad-request',
      'WebGPU needs a Node of version 20 or later; there is none on the PATH, and that of VS Code cannot run it. Name one in the setting ssm.worker.nodePath.',
    );
  }
  const running = start(node ?? process.execPath, options);
  const { peer } = running;
  const { openMilliseconds = 120_000, requestMilliseconds = 600_000 } = options;
  try {
    const opening = peer.request('open', { engine: id, folder: options.folder });
    const device = await within(openMilliseconds, running, opening);
    return {
      id,
      device: withMissing(device, running.said()),
      search: (batch, steps) =>
        within(requestMilliseconds, running, peer.request('search', { batch, steps })),
      derivatives: (batch) =>
        within(requestMilliseconds, running, peer.request('derivatives', batch)),
      searchWeighted: (targets) =>
        within(requestMilliseconds, running, peer.request('searchWeighted', targets)),
      weightedDerivatives: (targets, poles) =>
        within(
          requestMilliseconds,
          running,
          peer.request('weightedDerivatives', { targets, poles }),
        ),
      dispose: () => running.end(),
    };
  } catch (error) {
    await running.end();
    throw error;
  }
}

/** On NVIDIA's devices since Ampere TensorFlow multiplies matrices with eleven bits (TF32) unless the driver is told otherwise. */
const singlePrecision = { NVIDIA_TF32_OVERRIDE: '0' };

interface Running {
  readonly peer: Peer<DeviceMethods, object>;
  /** What the process wrote to its standard error lately. */
  said(): string;
  end(): Promise<void>;
}

function start(node: string, { script = deviceFile, env = {} }: DeviceOptions): Running {
  const child = fork(script, [], {
    execPath: node,
    execArgv: [],
    env: { ...process.env, ...singlePrecision, ...env, ELECTRON_RUN_AS_NODE: '1' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-20_000);
  });
  const peer = createPeer<DeviceMethods>({
    send: (message) => {
      if (!child.connected) throw lost('is gone');
      child.send(message);
    },
    toError: fromWire,
    onProtocolError: () => undefined,
  });
  child.on('message', (message) => {
    peer.receive(message);
  });
  child.on('error', (error) => {
    peer.close(lost(`could not be started: ${error.message}`));
  });
  child.on('exit', (code, signal) => {
    peer.close(lost(`ended (${signal ?? `exit code ${code ?? 'unknown'}`})`));
  });
  return { peer, said: () => said, end: () => ended(child) };
}

function lost(what: string): SsmError {
  return new SsmError('worker-lost', `The process of the device ${what}.`);
}

/** Kills the process: it writes nothing, and a driver may not let it end by itself. */
function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.kill('SIGKILL');
  });
}

/** The answer, or an error and the end of the process where it takes too long. */
async function within<T>(milliseconds: number, running: Running, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(lost(`did not answer within ${Math.round(milliseconds / 1000)} s`));
      void running.end();
    }, milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Names the libraries that TensorFlow looked for in vain, where it fell back to the processor for that. */
function withMissing(device: EngineDevice, said: string): EngineDevice {
  if (device.kind !== 'cpu') return device;
  const missing = [...said.matchAll(/Could not load dynamic library '([^'\s]{1,80})'/g)];
  const names = [...new Set(missing.map(([, name]) => name))];
  if (names.length === 0) return device;
  return { ...device, name: `${device.name} (not found: ${names.join(', ')})` };
}
