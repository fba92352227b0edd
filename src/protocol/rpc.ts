import type { Reason } from '../core/errors';

/**
 * The envelope of every message across a process or webview border. A request gets exactly one answer, `result` or
 * `error`; while it runs, events may refer to it by its id; `cancel` asks for its end, which is still an answer.
 */
export type Envelope =
  | {
      readonly type: 'request';
      readonly id: number;
      readonly method: string;
      readonly params: unknown;
    }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: WireError }
  | {
      readonly type: 'event';
      readonly id: number;
      readonly event: string;
      readonly payload: unknown;
    }
  | { readonly type: 'cancel'; readonly id: number };

/** An error as it travels. */
export interface WireError {
  readonly reason: Reason;
  readonly message: string;
  readonly file?: string;
  readonly place?: string;
  /** For the log only. */
  readonly stack?: string;
}
