import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SsmError } from '../core/errors';
import type { HotLoops } from '../core/hotLoops';
import { installLoops } from './backends/cpu/install';
import { createLocalEngine, type Engine } from './engine';
import { taskRunner, type TaskKind, type Tasks } from './tasks';
import { buffersOf, type TaskMessage, type ThreadMessage } from './threadMessages';
import { fromWire } from './wire';

/** Number of computing threads: one a core, or what the environment variable `SSM_THREADS` says. */
export function threadCount(environment: NodeJS.ProcessEnv = process.env): number {
  const setting = environment.SSM_THREADS;
  if (setting === undefined || setting === '') return availableParallelism();
  const count = Number(setting);
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count;
  throw new SsmError('bad-request', `SSM_THREADS is "${setting}"; it must be a whole number ≥ 1.`);
}

/** Where the bundled thread lies: beside the bundle that runs. */
const threadFile = join(__dirname, 'thread.cjs');

/**
 * Starts computing threads. Where none can be started the tasks are done in this one, and the notes say so.
 *
 * @param count how many threads
 * @param file the script of a thread
 */
export async function startEngine(count = threadCount(), file = threadFile): Promise<Engine> {
  const threads: Thread[] = [];
  const problems: unknown[] = [];
  await Promise.all(
    Array.from({ length: count }, async () => {
      try {
        threads.push(await startThread(file));
      } catch (error) {
        problems.push(error);
      }
    }),
  );
  const [problem] = problems;
  if (threads.length > 0) return new ThreadPool(threads);
  installLoops();
  const why = problem instanceof Error ? problem.message.split('\n')[0] : String(problem);
  return createLocalEngine(taskRunner, [
    `Computing threads could not be started (${why}); everything was computed in one.`,
  ]);
}

interface Thread {
  readonly worker: Worker;
  readonly kernels: HotLoops['id'];
}

/** Resolves when the thread is ready, rejects if it fails before that. */
function startThread(file: string): Promise<Thread> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file);
    const onExit = (code: number): void => {
      reject(new Error(`The thread ended with code ${code}.`));
    };
    worker.once('error', reject);
    worker.once('exit', onExit);
    worker.once('message', (message: ThreadMessage) => {
      worker.off('error', reject);
      worker.off('exit', onExit);
      resolve({ worker, kernels: message.type === 'ready' ? message.kernels : 'typescript' });
    });
  });
}

interface Job {
  readonly message: TaskMessage;
  resolve(output: unknown): void;
  reject(error: Error): void;
}

/** Threads that take tasks from one queue as they become free, so that all stay busy when tasks differ in effort. */
class ThreadPool implements Engine {
  readonly notes: readonly string[] = [];
  readonly kernels: HotLoops['id'];
  private readonly workers: readonly Worker[];
  private readonly queue: Job[] = [];
  private readonly idle: Worker[];
  private readonly atWork = new Map<Worker, Job>();
  private nextId = 1;
  private ended: SsmError | undefined;

  constructor(threads: readonly Thread[]) {
    this.workers = threads.map(({ worker }) => worker);
    this.kernels = threads.every(({ kernels }) => kernels === 'wasm-simd')
      ? 'wasm-simd'
      : 'typescript';
    this.idle = [...this.workers];
    for (const worker of this.workers) {
      worker.on('message', (message: ThreadMessage) => {
        this.finish(worker, message);
      });
      worker.on('error', (error) => {
        this.end(lost(error.message));
      });
      worker.on('exit', (code) => {
        this.end(lost(`exit code ${code}`));
      });
    }
  }

  get threads(): number {
    return this.workers.length;
  }

  run<K extends TaskKind>(kind: K, input: Tasks[K]['input']): Promise<Tasks[K]['output']> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) {
        reject(this.ended);
        return;
      }
      const message = { id: this.nextId++, kind, input } as TaskMessage;
      this.queue.push({ message, resolve, reject });
      this.assign();
    });
  }

  async stop(): Promise<void> {
    this.end(new SsmError('cancelled', 'The operation was cancelled.'));
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private assign(): void {
    while (this.idle.length > 0 && this.queue.length > 0) {
      const worker = this.idle.pop()!;
      const job = this.queue.shift()!;
      this.atWork.set(worker, job);
      worker.postMessage(job.message, buffersOf(job.message.input));
    }
  }

  private finish(worker: Worker, message: ThreadMessage): void {
    const job = this.atWork.get(worker);
    if (job === undefined || message.type === 'ready' || message.id !== job.message.id) return;
    this.atWork.delete(worker);
    this.idle.push(worker);
    if (message.type === 'done') job.resolve(message.output);
    else job.reject(fromWire(message.error));
    this.assign();
  }

  /** Nothing more will be done: rejects what is under way and what waits. */
  private end(error: SsmError): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    const jobs = [...this.atWork.values(), ...this.queue.splice(0)];
    this.atWork.clear();
    for (const job of jobs) job.reject(error);
  }
}

function lost(how: string): SsmError {
  return new SsmError(
    'worker-lost',
    `A computing thread ended before its work was done (${how}). Fewer threads need less memory: ` +
      'set SSM_THREADS.',
  );
}
