import { throwIfCancelled } from '../core/errors';
import type { Engine } from './engine';

/** Starts an engine, uses it, and stops it; a cancel stops it at once. */
export async function withEngine<T>(
  start: () => Promise<Engine>,
  signal: AbortSignal | undefined,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await start();
  const stop = (): void => void engine.stop();
  signal?.addEventListener('abort', stop);
  try {
    throwIfCancelled(signal);
    return await use(engine);
  } finally {
    signal?.removeEventListener('abort', stop);
    await engine.stop();
  }
}
