import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { SsmError } from '../core/errors';
import { createPeer } from '../protocol/peer';
import type { Peer, RequestOptions } from '../protocol/peer';
import { isEngineTrial } from '../protocol/engines';
import { isReport } from '../protocol/report';
import { isRunSummary } from '../protocol/runSummary';
import type { WireError } from '../protocol/rpc';
import { protocolVersion } from '../protocol/worker';
import type { WorkerEvents, WorkerMethod, WorkerMethods } from '../protocol/worker';
import {
  isCompressProgress,
  isCompressResult,
  isCurveResult,
  isEvaluateProgress,
  isEvaluateResult,
  isLayerCharts,
  isLayerCurve,
  isLayerFigures,
  isLine,
  isNetworkSummary,
  isRecordingSummary,
  isScript,
  isShare,
  isStatistics,
  isSummary,
} from './workerGuards';

/** The part of a log channel that is used here. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface WorkerClientOptions {
  /** The worker's bundle. */
  readonly script: string;
  /** Node to run it with; undefined for the one that runs the extension host. Asked at every start. */
  readonly nodePath: () => string | undefined;
  readonly log: Log;
  /** Called whenever the worker's health changes. */
  readonly onHealth?: (health: WorkerHealth) => void;
  /** The worker ends after so long without a request. */
  readonly idleMilliseconds?: number;
  /** A cancelled request that is not answered within this time ends the worker. */
  readonly cancelMilliseconds?: number;
}

/** How the background process is. `failed` is an end that nobody asked for; the next request starts a new one. */
export type WorkerHealth =
  | { readonly state: 'stopped' | 'starting' }
  | {
      readonly state: 'ready';
      readonly pid: number;
      readonly node: string;
      readonly threads: number;
    }
  | { readonly state: 'failed'; readonly why: string };

/** The background process, started when first needed. One a window. */
export interface WorkerClient {
  /**
   * Asks the worker. Rejects with an `SsmError`: the worker's own, `worker-lost` when it could not start or ended
   * before it answered, `cancelled` when the signal was aborted.
   */
  request<M extends WorkerMethod>(
    method: M,
    params: WorkerMethods[M]['params'],
    options?: RequestOptions<WorkerEvents>,
  ): Promise<WorkerMethods[M]['result']>;
  /** Process id of the running worker, undefined when none runs. */
  pid(): number | undefined;
  /** Ends the worker; the next request starts a new one. Requests at work fail with `worker-lost`. */
  stop(why: string): void;
}

interface Running {
  readonly child: ChildProcess;
  readonly peer: Peer<WorkerMethods, WorkerEvents>;
  /** Settled once both sides agreed on the protocol. */
  readonly ready: Promise<unknown>;
  requests: number;
}

/** Makes the client; nothing is started yet. */
export function createWorkerClient(options: WorkerClientOptions): WorkerClient {
  const { log, idleMilliseconds = 5 * 60_000, cancelMilliseconds = 5000 } = options;
  const tell = options.onHealth ?? (() => undefined);
  let running: Running | undefined;
  let idle: NodeJS.Timeout | undefined;

  function start(): Running {
    tell({ state: 'starting' });
    const nodePath = options.nodePath();
    const child = fork(options.script, [], {
      ...(nodePath === undefined ? {} : { execPath: nodePath }),
      execArgv: [], // the extension host's own (its inspector port) are not for the worker
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const peer = createPeer<WorkerMethods, WorkerEvents>({
      send: (message) => {
        if (!child.connected) throw lost('The worker process is gone.');
        child.send(message);
      },
      toError: fromWire,
      guards: {
        results: {
          inspect: isSummary,
          statistics: isStatistics,
          layerFigures: isLayerFigures,
          layerCharts: isLayerCharts,
          layerCurve: isLayerCurve,
          compress: isCompressResult,
          curve: isCurveResult,
          evaluate: isEvaluateResult,
          describeNetwork: isNetworkSummary,
          installEngine: isEngineTrial,
          recordScript: isScript,
          describeRecording: isRecordingSummary,
          readReport: isReport,
          summariseReport: isRunSummary,
        },
        events: {
          progress: isCompressProgress,
          evaluated: isEvaluateProgress,
          share: isShare,
          line: isLine,
        },
      },
      onProtocolError: (problem) => {
        log.warn(`Worker: ${problem}`);
      },
    });
    const made: Running = {
      child,
      peer,
      ready: peer.request('hello', { protocolVersion }).then((hello) => {
        log.info(`Worker ${hello.pid} started: Node ${hello.node}, ${hello.threads} threads.`);
        if (running === made) tell({ state: 'ready', ...hello });
      }),
      requests: 0,
    };
    const gone = (why: string): void => {
      if (running === made) {
        running = undefined;
        tell({ state: 'failed', why });
      }
      peer.close(lost(why));
    };
    child.on('message', (message) => {
      peer.receive(message);
    });
    child.on('error', (error) => {
      gone(`The worker process could not be started or reached: ${error.message}`);
    });
    child.on('exit', (code, signal) => {
      log.info(`Worker ${child.pid ?? ''} ended (${signal ?? `exit code ${code ?? 'unknown'}`}).`);
      gone(
        `The worker process ended unexpectedly (${signal ?? `exit code ${code ?? 'unknown'}`}).`,
      );
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log.warn(`Worker: ${text.trimEnd()}`);
      });
    }
    return made;
  }

  function stop(why: string): void {
    clearTimeout(idle);
    const ended = running;
    running = undefined;
    if (ended === undefined) return;
    tell({ state: 'stopped' });
    log.info(`Ending worker ${ended.child.pid ?? ''}: ${why}`);
    ended.peer.close(lost(`The worker process was ended: ${why}`));
    endGently(ended.child);
  }

  /** Ends the worker when a cancelled request is not answered in time. */
  function watchCancel(signal: AbortSignal | undefined, worker: Running): () => void {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => {
        if (running === worker) stop('it did not answer a cancelled request in time');
      }, cancelMilliseconds);
    };
    signal?.addEventListener('abort', onAbort);
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  }

  return {
    async request(method, params, requestOptions = {}) {
      clearTimeout(idle);
      const worker = (running ??= start());
      worker.requests++;
      const { signal } = requestOptions;
      const unwatch = watchCancel(signal, worker);
      try {
        await worker.ready;
        return await worker.peer.request(method, params, requestOptions);
      } catch (error) {
        throw signal?.aborted === true ? cancelled() : error;
      } finally {
        unwatch();
        worker.requests--;
        if (running === worker && worker.requests === 0) {
          idle = setTimeout(() => {
            stop('it was idle');
          }, idleMilliseconds);
          idle.unref();
        }
      }
    },
    pid: () => running?.child.pid,
    stop,
  };
}

/** Without its channel the worker cleans up and ends by itself; one that does not is killed. */
function endGently(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  const kill = setTimeout(() => child.kill('SIGKILL'), 2000);
  child.once('exit', () => {
    clearTimeout(kill);
  });
}

function lost(message: string): SsmError {
  return new SsmError('worker-lost', message);
}

function cancelled(): SsmError {
  return new SsmError('cancelled', 'The operation was cancelled.');
}

/** The worker's error as ours, its stack kept as the cause for the log. */
function fromWire({ reason, message, file, place, stack }: WireError): SsmError {
  return new SsmError(
    reason,
    message,
    { ...(file === undefined ? {} : { file }), ...(place === undefined ? {} : { place }) },
    stack === undefined ? undefined : { cause: stack },
  );
}
