import { describe, expect, it } from 'vitest';
import { shapesOf } from '../../src/extension/answers/inspect';
import { createAnswerMemory } from '../../src/extension/answers/memory';
import { answerKeys, parseNumber } from '../../src/protocol/answers';

/** The workspace state of VS Code, as far as it is used; it keeps what JSON can hold. */
function memento() {
  const values = new Map<string, string>();
  return {
    keys: () => [...values.keys()],
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

describe('remembered names of arrays', () => {
  it('hold for the file with arrays of the same shapes only', async () => {
    const state = memento();
    await createAnswerMemory(state).rememberFields('/a.eqx', 'float32 2x3', ['D']);
    const memory = createAnswerMemory(state); // another session
    expect(memory.recallFields('/a.eqx', 'float32 2x3')).toEqual(['D']);
    expect(memory.recallFields('/a.eqx', 'float32 3x2')).toBeUndefined();
    expect(memory.recallFields('/b.eqx', 'float32 2x3')).toBeUndefined();
    await memory.rememberFields('/a.eqx', 'float32 3x2', ['C']);
    expect(memory.recallFields('/a.eqx', 'float32 2x3')).toBeUndefined();
    expect(memory.recallFields('/a.eqx', 'float32 3x2')).toEqual(['C']);
  });

  it('are identified by types and shapes in their order', () => {
    const tensor = (name: string, shape: number[]) =>
      ({ name, shape, dtype: 'float32', role: 'model' }) as const;
    const one = shapesOf({ tensors: [tensor('a', [2, 3]), tensor('b', [])] });
    expect(one).toBe(shapesOf({ tensors: [tensor('x', [2, 3]), tensor('y', [])] }));
    expect(one).not.toBe(shapesOf({ tensors: [tensor('a', []), tensor('b', [2, 3])] }));
  });
});

describe('remembered answers', () => {
  it('hold for the file with the same tensors only', async () => {
    const state = memento();
    await createAnswerMemory(state).remember('/a.pt', 'one', { disc: 'zoh' });
    const memory = createAnswerMemory(state); // another session
    expect(memory.recall('/a.pt', 'one')).toEqual({ disc: 'zoh' });
    expect(memory.recall('/a.pt', 'two')).toEqual({});
    expect(memory.recall('/b.pt', 'one')).toEqual({});
  });

  it('add up for the same tensors, and begin anew for others', async () => {
    const memory = createAnswerMemory(memento());
    await memory.remember('/a.pt', 'one', { disc: 'zoh' });
    await memory.remember('/a.pt', 'one', { real: 'exp' });
    expect(memory.recall('/a.pt', 'one')).toEqual({ disc: 'zoh', real: 'exp' });
    await memory.remember('/a.pt', 'two', { disc: 'bilinear' });
    expect(memory.recall('/a.pt', 'two')).toEqual({ disc: 'bilinear' });
  });

  it('may belong to a file with an odd name', async () => {
    const memory = createAnswerMemory(memento());
    await memory.remember('__proto__', 'one', { disc: 'zoh' });
    expect(memory.recall('__proto__', 'one')).toEqual({ disc: 'zoh' });
    expect(memory.recall('constructor', 'one')).toEqual({});
  });

  it('are kept for 500 files, the latest ones', async () => {
    const memory = createAnswerMemory(memento());
    for (let i = 0; i <= 500; i++) await memory.remember(`/${i}.pt`, 'one', { disc: 'zoh' });
    expect(memory.recall('/0.pt', 'one')).toEqual({});
    expect(memory.recall('/1.pt', 'one')).toEqual({ disc: 'zoh' });
    expect(memory.recall('/500.pt', 'one')).toEqual({ disc: 'zoh' });
  });

  it('are not stored where nothing was answered', async () => {
    const state = memento();
    await createAnswerMemory(state).remember('/a.pt', 'one', {});
    expect(state.keys()).toEqual([]);
  });
});

describe('the key of an answer', () => {
  it('is the name where one question has it, else the name for each layer', () => {
    const question = { name: 'disc', layers: ['a', 'b'] };
    expect(answerKeys({ ...question, everywhere: true })).toEqual(['disc']);
    expect(answerKeys({ ...question, everywhere: false })).toEqual(['a:disc', 'b:disc']);
  });
});

describe('a typed number', () => {
  it.each([
    ['784', 784, 784],
    ['0.5', undefined, 0.5],
    ['0', undefined, undefined],
    ['-1', undefined, undefined],
    ['', undefined, undefined],
    ['Infinity', undefined, undefined],
    ['many', undefined, undefined],
  ])('%j is %s as a whole one and %s as any', (text, whole, any) => {
    expect([parseNumber(text, true), parseNumber(text, false)]).toEqual([whole, any]);
  });
});

describe('what was left open', () => {
  it('is not asked again of the same contents in this window, and is asked in the next', () => {
    const state = memento();
    const memory = createAnswerMemory(state);
    expect(memory.isDeclined('/a.pt', '1')).toBe(false);
    memory.decline('/a.pt', '1');
    expect(memory.isDeclined('/a.pt', '1')).toBe(true);
    expect(memory.isDeclined('/a.pt', '2')).toBe(false);
    expect(memory.isDeclined('/b.pt', '1')).toBe(false);
    expect(createAnswerMemory(state).isDeclined('/a.pt', '1')).toBe(false);
  });
});
