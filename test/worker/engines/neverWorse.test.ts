import { describe, expect, test } from 'vitest';
import { reduceChannels, type ChannelsReduced } from '../../../src/core/calibrate/reduceChannels';
import { orderCurve } from '../../../src/core/describe/orderCurve';
import type { ComplexVector } from '../../../src/core/linalg/complex';
import { finishBatch, prepareBatch, reduceBatch } from '../../../src/core/solve/reduce';
import { cutModalBatch } from '../../../src/core/systems/modal';
import { batchOf, exampleSystem, randomNumbers } from '../../core/calibrate/support';
import { calibratedRequest, objectives } from '../../support/searches';

const slots = 3;
const batch = batchOf(Array.from({ length: 10 }, (_, s) => exampleSystem(s + 41, 10)));

/** Poles as an engine gives them, which is wrong in all of them or lost its way. */
const answers: readonly (readonly [string, (count: number) => ComplexVector])[] = [
  ['anything', anyPoles],
  ['no numbers', (count) => ({ re: filled(count, NaN), im: filled(count, NaN) })],
  ['poles that are not stable', (count) => ({ re: filled(count, 3), im: filled(count, 1) })],
];

function filled(count: number, value: number): Float64Array {
  return new Float64Array(count).fill(value);
}

function anyPoles(count: number): ComplexVector {
  const random = randomNumbers(7);
  const array = (of: () => number): Float64Array => Float64Array.from({ length: count }, of);
  return { re: array(() => -random()), im: array(() => 3 * random()) };
}

describe.each(answers)('an engine that answers with %s', (_, polesOf) => {
  test('changes no calibrated result', () => {
    const request = calibratedRequest(batch, slots);
    const searched = polesOf(batch.count * slots);
    const reached = errorsOf(reduceChannels({ ...request, searched }));
    errorsOf(reduceChannels(request)).forEach((alone, c) => {
      expect(reached[c]).toBeLessThanOrEqual(alone);
    });
  });

  test('makes no plain result worse', () => {
    const request = { solver: 'newton', slots, horizon: 96 } as const;
    const prepared = prepareBatch(batch, request).map(
      (system) =>
        system && {
          ...system,
          starts: system.starts.map((start) => ({ ...start, searched: polesOf(slots) })),
        },
    );
    const reached = objectives(finishBatch(batch, request, prepared));
    objectives(reduceBatch(batch, request)).forEach((alone, s) => {
      expect(reached[s]).toBeLessThanOrEqual(alone);
    });
  });

  test('makes no curve worse', () => {
    const request = {
      systems: { kind: 'independent', batch, poles: 'complex' },
      ...{ channels: [2], slots: [1, 2, 4], horizon: 96 },
    } as const;
    const searched = request.slots.map((order) => [polesOf(order), polesOf(order)]);
    const reached = orderCurve({ ...request, searched }).squaredErrors;
    orderCurve(request).squaredErrors.forEach(([alone], i) => {
      expect(reached[i][0]).toBeLessThanOrEqual(alone);
    });
  });
});

test('what an engine finds in calibrated layers is taken where it is lower, and named', () => {
  const request = calibratedRequest(batch, slots);
  const alone = errorsOf(reduceChannels(request));
  // starts grown with more steps lead elsewhere, as those of engines do
  const more = { growth: 14, scout: 10, swapFailures: 4, swapSteps: 10, finish: 40 };
  const { reduced } = reduceChannels({ ...request, effort: more });
  const found = reduceChannels({
    ...request,
    searched: { re: reduced.poleRe, im: reduced.poleIm },
  });
  const reached = errorsOf(found);
  const lower = reached.filter((error, c) => error < alone[c] * (1 - 1e-3));
  expect(lower.length).toBeGreaterThan(0);
  found.traces.forEach(({ start }, c) => {
    expect(reached[c]).toBeLessThanOrEqual(alone[c]);
    expect(start === 'engine').toBe(reached[c] < alone[c]);
  });
});

test('what an engine finds at one order of a curve lowers the curve there, and nowhere raises it', () => {
  const one = cutModalBatch(batch, 3, 4);
  const systems = { kind: 'independent', batch: one, poles: 'complex' } as const;
  const request = { systems, channels: [0], slots: [2, 4, 6], horizon: 96 };
  const { reduced } = reduceBatch(one, { solver: 'newton', slots: 4, horizon: 96 });
  const searched = [[], [{ re: reduced.poleRe, im: reduced.poleIm }], []];
  const [alone, reached] = [request, { ...request, searched }].map(
    (asked) => orderCurve(asked).squaredErrors,
  );
  reached.forEach(([error], i) => {
    expect(error).toBeLessThanOrEqual(alone[i][0]);
  });
});

function errorsOf({ traces }: ChannelsReduced): number[] {
  return traces.map(({ objective }) => objective.at(-1) ?? NaN);
}
