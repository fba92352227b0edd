import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createProgressDisplay, describe as text } from '../../src/cli/progress';
import type { Terminal } from '../../src/cli/terminal';
import type { CompressProgress } from '../../src/protocol/worker';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function terminal(isTTY: boolean): Terminal & { lines: string[]; screen: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  let screen = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    screen += part;
  });
  const lines: string[] = [];
  return {
    lines,
    screen: () => screen,
    print: () => undefined,
    remark: (line) => lines.push(line),
    errors: stream as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  };
}

const at = (fraction: number, more: Partial<CompressProgress> = {}): CompressProgress => ({
  stage: 'reducing',
  fraction,
  layersDone: 1,
  layersTotal: 4,
  ...more,
});

it('is described in words', () => {
  const progress = at(0.3, { layer: 's4_layers.1', relativeError: 0.0123, secondsLeft: 4.2 });
  expect(text(progress)).toBe(
    'reducing, 1 of 4 layers done, s4_layers.1, relative error so far 1.3e-2, 5 s left',
  );
  expect(text({ stage: 'writing', fraction: 0.9, layersDone: 4, layersTotal: 4 })).toBe('writing');
  expect(text(at(0, { layer: '\u001b[2J' }))).not.toContain('\u001b');
});

it('is at most one line a second where there is no terminal', () => {
  const there = terminal(false);
  const display = createProgressDisplay(there);
  for (let i = 0; i <= 20; i++) {
    display.show(at(i / 20));
    vi.advanceTimersByTime(100);
  }
  display.end();
  expect(there.lines.map((line) => line.split(' ')[0])).toEqual(['0', '50', '100']);
  expect(there.screen()).toBe('');
});

it('is a bar on a terminal, gone at the end', async () => {
  const there = terminal(true);
  const display = createProgressDisplay(there);
  display.show(at(0.25));
  await vi.advanceTimersByTimeAsync(500);
  display.show(at(0.5));
  await vi.advanceTimersByTimeAsync(500);
  expect(there.screen()).toContain('25 %');
  expect(there.screen()).toContain('50 %');
  expect(there.screen()).toContain('█');
  const before = there.screen().length;
  display.end();
  await vi.advanceTimersByTimeAsync(500);
  const after = there.screen().slice(before);
  expect(after).toContain('\u001b[?25h'); // the cursor is back
  expect(after).not.toContain('%\n');
  expect(there.lines).toEqual([]);
});
