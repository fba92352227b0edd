import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPeer, type Peer } from '../../src/protocol/peer';
import {
  protocolVersion,
  type CompressParams,
  type CompressProgress,
  type WorkerEvents,
  type WorkerMethods,
} from '../../src/protocol/worker';
import { fromWire } from '../../src/worker/wire';
import { bundleProgram } from '../support/bundle';
import { exampleLayer, writeS4dModel } from '../support/s4dModel';
import { tempDir } from '../support/tempDir';

/** The forked process as the extension host sees it. */

const root = tempDir();
let script = '';
let directory = '';
let file = '';
let cases = 0;
let child: ChildProcess;
let peer: Peer<WorkerMethods, WorkerEvents>;
let ended: Promise<number | null>;
const complaints: string[] = [];

beforeAll(async () => {
  ({ worker: script } = await bundleProgram());
});

beforeEach(() => {
  directory = join(root, `case${cases++}`);
  mkdirSync(directory);
  file = join(directory, 'net.safetensors');
  child = fork(script, [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  ended = new Promise((resolve) => child.once('exit', resolve));
  peer = createPeer<WorkerMethods, WorkerEvents>({
    send: (message) => child.send(message),
    toError: fromWire,
    onProtocolError: (problem) => complaints.push(problem),
  });
  child.on('message', (message) => {
    peer.receive(message);
  });
});

afterEach(async () => {
  child.kill('SIGKILL');
  await ended;
  expect(complaints).toEqual([]);
});

const quickModel = (): void => {
  writeS4dModel(file, [exampleLayer(3, 6), exampleLayer(3, 6)]);
};

const params = (changes: Partial<CompressParams> = {}): CompressParams => ({
  file,
  output: join(directory, 'out.safetensors'),
  target: { order: 4 },
  solver: 'balanced',
  overwrite: false,
  ...changes,
});

/** Begins a long compression; resolves when it is reducing, with what will become of it. */
async function beginReducing(signal?: AbortSignal): Promise<{ outcome: Promise<unknown> }> {
  writeS4dModel(file, [exampleLayer(2000, 32)]);
  return new Promise((resolve) => {
    const progress = ({ stage }: CompressProgress): void => {
      if (stage === 'reducing') resolve({ outcome });
    };
    const request = params({ target: { order: 16 }, solver: 'newton' });
    const outcome = peer
      .request('compress', request, {
        onEvent: { progress },
        ...(signal === undefined ? {} : { signal }),
      })
      .catch((error: unknown) => error);
  });
}

describe('the background process', () => {
  it('introduces itself', async () => {
    const hello = await peer.request('hello', { protocolVersion });
    expect(hello).toMatchObject({ pid: child.pid, node: process.version });
    expect(hello.threads).toBeGreaterThanOrEqual(1);
  });

  it('refuses another version of the protocol', async () => {
    await expect(
      peer.request('hello', { protocolVersion: protocolVersion + 1 }),
    ).rejects.toMatchObject({ reason: 'bad-request' });
  });

  it('inspects', async () => {
    quickModel();
    const summary = await peer.request('inspect', { file });
    expect(summary).toMatchObject({ path: file, parameters: 156 });
    expect(summary.layers).toHaveLength(2);
  });

  it('compresses with progress, and reads the report back', async () => {
    quickModel();
    const stages = new Set<string>();
    const { report, reportPath } = await peer.request('compress', params(), {
      onEvent: { progress: ({ stage }) => stages.add(stage) },
    });
    expect([...stages]).toEqual(['reading', 'reducing', 'writing', 'checking']);
    expect(report.device.threads).toBeGreaterThanOrEqual(1);
    expect(await peer.request('readReport', { file: reportPath })).toEqual(report);
  });

  it('answers errors with their reason, file and place', async () => {
    await expect(peer.request('inspect', { file })).rejects.toMatchObject({
      reason: 'cannot-read',
      file,
    });
    writeFileSync(file, '');
    await expect(peer.request('compress', params())).rejects.toMatchObject({
      reason: 'unsupported-file',
      file,
    });
  });

  it.each<[string, object]>([
    ['a target', { target: {} }],
    ['a solver', { solver: 'magic' }],
    ['a horizon', { horizon: 0 }],
    ['a continuous horizon', { solver: 'algorithm1', tau: 'L delta' }],
    ['a solver that has the horizon', { solver: 'newton', tau: 'L' }],
    ['a path', { output: 5 }],
  ])('refuses a request without %s', async (_, changes) => {
    quickModel();
    await expect(peer.request('compress', { ...params(), ...changes })).rejects.toMatchObject({
      reason: 'bad-request',
    });
  });

  it.each([
    ['no JSON', 'not json'],
    ['something else', '{"kind": "recipe"}'],
    ['a newer version', '{"kind": "ssm-compress-report", "version": 99}'],
    ['damaged', '{"kind": "ssm-compress-report", "version": 1}'],
  ])('refuses a report that is %s', async (_, text) => {
    writeFileSync(file, text);
    await expect(peer.request('readReport', { file })).rejects.toMatchObject({
      reason: 'bad-file',
      file,
    });
  });

  it('stops when cancelled, leaves nothing, and goes on serving', async () => {
    const controller = new AbortController();
    const { outcome } = await beginReducing(controller.signal);
    controller.abort();
    expect(await outcome).toMatchObject({ reason: 'cancelled' });
    expect(readdirSync(directory)).toEqual(['net.safetensors']);
    expect((await peer.request('inspect', { file })).layers).toHaveLength(1);
  });

  it('ends and cleans up when nobody is connected any more', async () => {
    await beginReducing();
    expect(readdirSync(directory).length).toBeGreaterThan(1);
    child.disconnect();
    expect(await ended).toBe(0);
    expect(readdirSync(directory)).toEqual(['net.safetensors']);
  });
});
