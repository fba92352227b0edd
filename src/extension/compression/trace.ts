import type { CurveResult } from '../../protocol/worker';

/** How far a curve is that is traced while a person is asked, what it came to, or why there is none. */
export type Traced =
  | { readonly fraction: number; readonly stage: string }
  | { readonly failed: string }
  | { readonly curve: CurveResult };

export interface Trace {
  state(): Traced;
  /** Gives up a curve that is not finished. Nothing is told any more. */
  stop(): void;
}

export interface TraceOptions {
  /** Called whenever there is something new to see. */
  readonly onChange: () => void;
  /** An error in words. */
  readonly explain: (error: unknown) => string;
  /** What is said of a curve without points. */
  readonly nothing: string;
}

type Progress = (fraction: number, stage: string) => void;

/** Begins to trace a curve. Never rejects: what goes wrong is its state. */
export function startTrace(
  trace: (signal: AbortSignal, onProgress: Progress) => Promise<CurveResult>,
  { onChange, explain, nothing }: TraceOptions,
): Trace {
  const stopped = new AbortController();
  let state: Traced = { fraction: 0, stage: '' };
  const become = (next: Traced): void => {
    if (stopped.signal.aborted) return;
    state = next;
    onChange();
  };
  trace(stopped.signal, (fraction, stage) => {
    become({ fraction, stage });
  }).then(
    (curve) => {
      become(curve.points.length === 0 ? { failed: nothing } : { curve });
    },
    (error: unknown) => {
      become({ failed: explain(error) });
    },
  );
  return {
    state: () => state,
    stop() {
      stopped.abort();
    },
  };
}
