import type { CompressParams, CompressProgress } from '../../protocol/worker';

/** A run that has no report: it waits, is at work, or failed. */
export interface LiveRun {
  /** Unique in the window. */
  readonly id: number;
  readonly params: CompressParams;
  readonly state:
    | { readonly kind: 'queued' }
    | { readonly kind: 'running'; readonly progress?: CompressProgress }
    | { readonly kind: 'failed'; readonly message: string };
}

/** What the compression flow says of a run of its own. */
export interface LiveRunHandle {
  /** Aborted when the run alone is cancelled. */
  readonly signal: AbortSignal;
  started(): void;
  progress(at: CompressProgress): void;
  /** It failed: it stays in the list until it is dismissed. */
  failed(message: string): void;
  /** It has a report, or was cancelled: it leaves the list. */
  ended(): void;
}

/** The runs of this window that are not on disk yet. */
export interface LiveRuns {
  add(params: CompressParams): LiveRunHandle;
  list(): readonly LiveRun[];
  cancel(id: number): void;
  /** Takes a failed run off the list. */
  dismiss(id: number): void;
  /** Calls back after every change, until the function that is returned is called. */
  onChange(listener: () => void): () => void;
}

export function createLiveRuns(): LiveRuns {
  const runs = new Map<number, LiveRun>();
  const controllers = new Map<number, AbortController>();
  const listeners = new Set<() => void>();
  let lastId = 0;

  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const set = (id: number, state: LiveRun['state']): void => {
    const run = runs.get(id);
    if (run === undefined) return;
    runs.set(id, { ...run, state });
    changed();
  };
  const remove = (id: number): void => {
    controllers.delete(id);
    if (runs.delete(id)) changed();
  };

  return {
    add(params) {
      const id = ++lastId;
      const controller = new AbortController();
      controllers.set(id, controller);
      runs.set(id, { id, params, state: { kind: 'queued' } });
      changed();
      return {
        signal: controller.signal,
        started: () => {
          set(id, { kind: 'running' });
        },
        progress: (progress) => {
          set(id, { kind: 'running', progress });
        },
        failed: (message) => {
          controllers.delete(id);
          set(id, { kind: 'failed', message });
        },
        ended: () => {
          remove(id);
        },
      };
    },
    list: () => [...runs.values()],
    cancel: (id) => controllers.get(id)?.abort(),
    dismiss(id) {
      if (runs.get(id)?.state.kind === 'failed') remove(id);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
