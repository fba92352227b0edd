import type { Store } from '../../src/extension/answers/memory';

/** A workspace state that keeps what JSON can hold. */
export function jsonStore(): Store {
  const values = new Map<string, string>();
  return {
    get: <T>(key: string, otherwise: T): T => {
      const text = values.get(key);
      return text === undefined ? otherwise : (JSON.parse(text) as T);
    },
    update: (key: string, value: unknown) => {
      values.set(key, JSON.stringify(value));
      return Promise.resolve();
    },
  };
}
