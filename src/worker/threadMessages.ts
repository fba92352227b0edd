import type { HotLoops } from '../core/hotLoops';
import type { WireError } from '../protocol/rpc';
import type { TaskKind, Tasks } from './tasks';

/** To a thread: one task. Its `id` comes back with the answer. */
export type TaskMessage = {
  [K in TaskKind]: { readonly id: number; readonly kind: K; readonly input: Tasks[K]['input'] };
}[TaskKind];

/** From a thread: that it is ready for its first task, then one answer a task. */
export type ThreadMessage =
  | { readonly type: 'ready'; readonly kernels: HotLoops['id'] }
  | { readonly type: 'done'; readonly id: number; readonly output: Tasks[TaskKind]['output'] }
  | { readonly type: 'failed'; readonly id: number; readonly error: WireError };

/** The memory of all typed arrays in a message, to be moved rather than copied. They must own it alone. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      if (part.buffer instanceof ArrayBuffer) found.add(part.buffer);
    } else if (typeof part === 'object' && part !== null) {
      Object.values(part).forEach(visit);
    }
  };
  visit(value);
  return [...found];
}
