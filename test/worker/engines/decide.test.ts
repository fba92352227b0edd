import { describe, expect, test } from 'vitest';
import { cutModalBatch } from '../../../src/core/systems/modal';
import { isEngineRecord } from '../../../src/protocol/engines';
import { createLocalEngine, type Engine } from '../../../src/worker/engine';
import { AcceleratedEngine, sampleSystems } from '../../../src/worker/engines/acceleratedEngine';
import { worthwhileSeconds } from '../../../src/worker/engines/decide';
import type { SearchBatch, SearchEngine } from '../../../src/worker/engines/searchEngine';
import type { OpenEngine } from '../../../src/worker/engines/trial';
import { taskRunner } from '../../../src/worker/tasks';
import { exampleBatch } from '../../support/batches';
import { fakeEngine, type Time } from '../../support/fakeEngine';
import { calibratedRequest } from '../../support/searches';

const systems = exampleBatch(sampleSystems + 16, 4);
const request = { solver: 'newton', slots: 2, horizon: 64 } as const;

/** The processor, for which every system takes so long. */
function processor(time: Time, secondsPerSystem: number): Engine {
  const local = createLocalEngine(taskRunner);
  return {
    ...local,
    run(kind, input) {
      if (kind === 'reduce') {
        time.now += secondsPerSystem * (input as { systems: typeof layer }).systems.batch.count;
      }
      return local.run(kind, input);
    },
  };
}

const layer = { kind: 'independent', batch: systems, poles: 'complex' } as const;
const alone = taskRunner.reduce({ systems: layer, request });

interface Case {
  readonly cpu: number;
  readonly expected?: number;
  readonly choice?: 'auto' | 'tfjs';
  readonly engine: (time: Time) => SearchEngine;
}

/** Reduces all systems in pieces of eight and compares with what the processor makes of them. */
async function run({ cpu, expected = systems.count, choice = 'auto', engine }: Case) {
  const time = { now: 0 };
  const open: OpenEngine = (id) =>
    id === 'tfjs'
      ? Promise.resolve(engine(time))
      : Promise.reject(new Error(`${id} is not installed.`));
  const accelerated = new AcceleratedEngine(processor(time, cpu), {
    ...{ choice, expected, open },
    clock: () => time.now,
  });
  const reduced = await Promise.all(
    Array.from({ length: systems.count / 8 }, (_, i) =>
      accelerated.run('reduce', {
        systems: { ...layer, batch: cutModalBatch(systems, 8 * i, 8 * (i + 1)) },
        request,
      }),
    ),
  );
  const errors = reduced.flatMap(({ squaredErrors }) => [...squaredErrors]);
  alone.squaredErrors.forEach((error, s) => {
    expect(errors[s]).toBeLessThanOrEqual(error * (1 + 1e-9));
  });
  await accelerated.stop();
  const { search, notes } = accelerated;
  expect(isEngineRecord(JSON.parse(JSON.stringify(search)))).toBe(true);
  return { search, notes };
}

describe('which engine is taken', { timeout: 120_000 }, () => {
  const slow = (2 * worthwhileSeconds) / 16;

  test('the fastest, with the figures it was chosen by', async () => {
    const { search, notes } = await run({ cpu: slow, engine: (time) => fakeEngine(time, 1e-4) });
    expect(search).toMatchObject({ requested: 'auto', used: 'tfjs', device: { kind: 'gpu' } });
    const [processor, engine] = search.timings;
    expect(processor).toEqual({ engine: 'cpu', secondsPerSystem: slow });
    expect(engine.engine).toBe('tfjs');
    expect(engine.secondsPerSystem).toBeLessThan(slow / 10);
    expect(search.tried.map(({ engine: id, usable }) => [id, usable])).toEqual([
      ['tfjs', true],
      ['webgpu', false],
    ]);
    expect(notes).toEqual([]);
  });

  test('the processor where it is faster', async () => {
    const { search } = await run({ cpu: slow, engine: (time) => fakeEngine(time, slow) });
    expect(search).toMatchObject({ used: 'cpu', why: 'The processor was the fastest.' });
    expect(search.timings.map(({ engine }) => engine)).toEqual(['cpu', 'tfjs']);
  });

  test('the processor for small work, without a look at any device', async () => {
    const engine = (): never => {
      throw new Error('must not be opened');
    };
    const { search } = await run({ cpu: 1e-3, engine });
    expect(search).toMatchObject({ used: 'cpu', tried: [] });
    expect(search.why).toMatch(/too little for a GPU/);
  });

  test.each(['software', 'cpu'] as const)('never by itself one of kind %s', async (kind) => {
    const engine = (time: Time) => ({ ...fakeEngine(time, 0), device: { kind, name: 'x' } });
    const { search } = await run({ cpu: slow, engine });
    expect(search).toMatchObject({ used: 'cpu', why: 'No GPU can be used by any engine.' });
    expect(search.tried[0].verdict).toMatch(/passed its self-test, /);
  });

  test('the processor where the engine is wrong', async () => {
    const engine = (time: Time): SearchEngine => ({
      ...fakeEngine(time, 0),
      derivatives: async (batch) => {
        const { value, gradient } = await fakeEngine(time, 0).derivatives(batch);
        return { value: value.map((x) => 1.01 * x), gradient };
      },
    });
    const { search, notes } = await run({ cpu: slow, engine });
    expect(search.used).toBe('cpu');
    expect(search.tried[0]).toMatchObject({ usable: false, verdict: 'It failed its self-test.' });
    expect(notes).toEqual([
      'TensorFlow computes wrongly on a GPU and is not used: it failed its self-test.',
    ]);
  });

  test('the one that was named, also for small work; what it is no GPU is said', async () => {
    const engine = (time: Time): SearchEngine => ({
      ...fakeEngine(time, 1),
      device: { kind: 'software', name: 'a renderer' },
    });
    const { search, notes } = await run({ cpu: 1e-6, choice: 'tfjs', engine });
    expect(search).toMatchObject({ requested: 'tfjs', used: 'tfjs' });
    expect(notes).toEqual(['TensorFlow computed on a renderer, which is not a GPU.']);
  });

  test('the one that was named where it fell back to the processor, which is said', async () => {
    const name = 'TensorFlow fell back to the processor (not found: libcudart.so.11.0)';
    const engine = (time: Time): SearchEngine => ({
      ...fakeEngine(time, 1),
      device: { kind: 'cpu', name },
    });
    const { search, notes } = await run({ cpu: 1e-6, choice: 'tfjs', engine });
    expect(search.device).toEqual({ kind: 'cpu', name });
    expect(notes).toEqual([`TensorFlow used no GPU: ${name}.`]);
  });

  test('the processor where the one that was named cannot be had', async () => {
    const engine = (): never => {
      throw new Error('CUDA is missing.\nstack');
    };
    const { search, notes } = await run({ cpu: 1, choice: 'tfjs', engine });
    const why = 'TensorFlow was asked for and cannot be used: CUDA is missing.';
    expect(search).toMatchObject({ used: 'cpu', why });
    expect(notes).toEqual([`${why} Everything was computed on the processor.`]);
  });
});

test('calibrated layers are searched by the engine too', async () => {
  const time = { now: 0 };
  const accelerated = new AcceleratedEngine(processor(time, 1), {
    ...{ choice: 'tfjs', expected: 3 },
    open: () => Promise.resolve(fakeEngine(time, 0)),
  });
  const calibrated = calibratedRequest(exampleBatch(3, 6), 2);
  const both = await accelerated.run('reduceChannels', calibrated);
  // a kind of searches that the engine was not tested for
  const plain = await accelerated.run('reduce', {
    systems: { ...layer, batch: cutModalBatch(systems, 0, 1) },
    request,
  });
  expect(accelerated.search).toMatchObject({ used: 'tfjs' });
  expect(plain.traces[0].start).not.toBe('engine');
  taskRunner.reduceChannels(calibrated).traces.forEach(({ objective }, c) => {
    expect(both.traces[c].objective.at(-1)).toBeLessThanOrEqual(objective.at(-1) ?? 0);
  });
  const lower = both.traces.filter(({ start }) => start === 'engine').length;
  expect(accelerated.search.found).toEqual({ searched: 3, lower });
  await accelerated.stop();
});

describe('a device lost in mid-run', { timeout: 120_000 }, () => {
  /** An engine whose searches fail after so many calls. */
  const failing = (calls: number) => (time: Time) => {
    const whole = fakeEngine(time, 1e-6);
    let left = calls;
    return {
      ...whole,
      search: (batch: SearchBatch, steps: number) =>
        left-- > 0 ? whole.search(batch, steps) : Promise.reject(new Error('out of memory')),
    };
  };

  test('leaves the rest to the processor, and is told', async () => {
    // three searches are the self-test's
    const { search, notes } = await run({ cpu: 1, choice: 'tfjs', engine: failing(3) });
    const lost = 'TensorFlow on a GPU was lost: out of memory';
    expect(search).toMatchObject({ used: 'tfjs', lost });
    expect(notes).toEqual([`${lost} The processor did what was left.`]);
  });

  test('while it is timed is not taken', async () => {
    const { search, notes } = await run({ cpu: 1, engine: failing(4) });
    expect(search.used).toBe('cpu');
    expect(notes).toEqual(['TensorFlow failed while it was timed: out of memory']);
  });

  test('that answers with what are no numbers does no harm', async () => {
    const engine = (time: Time): SearchEngine => {
      const whole = fakeEngine(time, 0);
      let left = 3;
      return {
        ...whole,
        search: async (batch, steps) => {
          const found = await whole.search(batch, steps);
          return left-- > 0 ? found : { ...found, poleRe: found.poleRe.map(() => NaN) };
        },
      };
    };
    const { search } = await run({ cpu: 1, choice: 'tfjs', engine });
    expect(search.used).toBe('tfjs');
  });
});
