import { createLocalEngine, type Engine } from '../../src/worker/engine';
import { taskRunner } from '../../src/worker/tasks';
import { buffersOf } from '../../src/worker/threadMessages';

/** An engine of this thread that takes the memory of what it is given, as threads do: what is shared is missed at once. */
export function createMovingEngine(): Engine {
  const engine = createLocalEngine(taskRunner);
  return {
    ...engine,
    run: (kind, input) =>
      Promise.resolve().then(() => {
        const moved = structuredClone(input, { transfer: buffersOf(input) });
        return engine.run(kind, moved);
      }),
  };
}
