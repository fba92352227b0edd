import { SsmError } from '../../core/errors';

/** Runs tasks one after another in the order they came: the worker gives every run all the cores. */
export interface Queue {
  /** Whether a task that is added now would have to wait. */
  busy(): boolean;
  /** Runs the task when those before it have ended; rejects with `cancelled` at once if aborted while it waits. */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  let tasks = 0;
  return {
    busy: () => tasks > 0,
    run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
      tasks++;
      return new Promise<T>((resolve, reject) => {
        const giveUp = (): void => {
          reject(new SsmError('cancelled', 'The operation was cancelled.'));
        };
        signal.addEventListener('abort', giveUp);
        last = last.then(async () => {
          signal.removeEventListener('abort', giveUp);
          try {
            if (signal.aborted) giveUp();
            else resolve(await task());
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          } finally {
            tasks--;
          }
        });
      });
    },
  };
}

/** The one of this window. */
export const workerQueue = createQueue();
