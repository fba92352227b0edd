import { expect, it } from 'vitest';
import type { CompressProgress } from '../../src/protocol/worker';
import { createProgressMeter } from '../../src/worker/progress';

function meterWithClock(bytes = 0): {
  events: CompressProgress[];
  clock: { time: number };
  meter: ReturnType<typeof createProgressMeter>;
} {
  const events: CompressProgress[] = [];
  const clock = { time: 1000 };
  const meter = createProgressMeter(
    { layers: 2, channels: 10, bytes },
    (progress) => events.push(progress),
    () => clock.time,
  );
  return { events, clock, meter };
}

it('tells what is left from what is done', () => {
  const { events, clock, meter } = meterWithClock();
  meter.reading();
  clock.time += 4000;
  meter.piece({ layer: 'a', channels: 2, squaredError: 3, squaredNorm: 60 });
  clock.time += 1000;
  meter.piece({ layer: 'b', channels: 3, squaredError: 1, squaredNorm: 40 });
  expect(events.map(({ stage }) => stage)).toEqual(['reading', 'reducing', 'reducing']);
  expect(events[1]).toMatchObject({ layer: 'a', secondsLeft: 16 });
  expect(events[2]).toMatchObject({ layer: 'b', secondsLeft: 5 });
  expect(events[2]?.relativeError).toBeCloseTo(Math.sqrt(4 / 100), 12);
});

it('counts the writing of a large file in', () => {
  const { events, clock, meter } = meterWithClock(4e9);
  meter.reading();
  clock.time += 1000;
  meter.piece({ layer: 'a', channels: 10, squaredError: 0, squaredNorm: 1 });
  meter.writing(0);
  clock.time += 10_000;
  meter.writing(0.25);
  expect(events[1].fraction).toBeLessThan(0.05);
  expect(events[1].secondsLeft).toBeGreaterThan(5);
  expect(events[3].secondsLeft).toBeCloseTo(30, 9);
  expect(events[3].fraction).toBeGreaterThan(0.2);
  expect(events[3].fraction).toBeLessThan(0.3);
});

it('never goes back and ends below 1', () => {
  const { events, clock, meter } = meterWithClock();
  const step = (advance: () => void): void => {
    clock.time += 1000;
    advance();
  };
  meter.reading();
  for (let i = 0; i < 10; i++) {
    step(() => {
      meter.piece({ layer: 'a', channels: 1, squaredError: 0, squaredNorm: 0 });
    });
  }
  meter.layerDone();
  for (const fraction of [0, 0.5, 1, 1.2]) {
    step(() => {
      meter.writing(fraction);
    });
  }
  step(() => {
    meter.checking();
  });
  const fractions = events.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBeLessThan(1);
  expect(events.at(-1)).toMatchObject({ layersDone: 1, layersTotal: 2, stage: 'checking' });
});

it('drops what follows too quickly, but no change of stage', () => {
  const { events, meter } = meterWithClock();
  meter.reading();
  for (let i = 0; i < 10; i++)
    meter.piece({ layer: 'a', channels: 1, squaredError: 0, squaredNorm: 1 });
  meter.writing(0.1);
  meter.writing(0.2);
  meter.checking();
  expect(events.map(({ stage }) => stage)).toEqual(['reading', 'reducing', 'writing', 'checking']);
});
