import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../core/errors';
import type { EngineRecord } from '../protocol/engines';
import { hotLoops, type HotLoops } from '../core/hotLoops';
import type { TaskKind, TaskRunner, Tasks } from './tasks';

/** Does tasks, in the order they are given, on whatever it has. */
export interface Engine {
  /** How many tasks are done at the same time. */
  readonly threads: number;
  /** What the hot loops of its tasks run in. */
  readonly kernels: HotLoops['id'];
  /** Which engine searches beside the threads, and why, where one was asked about. */
  readonly search?: EngineRecord;
  /** What the report has to say about it. */
  readonly notes: readonly string[];
  /**
   * Does one task.
   *
   * @throws SsmError what the task threw, `cancelled`, or `worker-lost` if the thread at it died
   */
  run<K extends TaskKind>(kind: K, input: Tasks[K]['input']): Promise<Tasks[K]['output']>;
  /** Stops at once, also in the midst of a task; tasks not done reject as `cancelled`. */
  stop(): Promise<void>;
}

/** Does tasks in this thread, one after another, and lets messages (a cancel, say) in between two of them. */
export function createLocalEngine(runner: TaskRunner, notes: readonly string[] = []): Engine {
  const stopped = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  return {
    threads: 1,
    kernels: hotLoops().id,
    notes,
    run(kind, input) {
      const result = last.then(async () => {
        await setImmediate();
        throwIfCancelled(stopped.signal);
        return runner[kind](input);
      });
      last = result.catch(() => undefined);
      return result;
    },
    stop() {
      stopped.abort();
      return Promise.resolve();
    },
  };
}
