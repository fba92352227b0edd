import { basename } from 'node:path';
import { hotLoops } from '../src/core/hotLoops';
import {
  advance,
  programOf,
  startState,
  type Sequence,
  type Step,
} from '../src/core/network/program';
import type { Network } from '../src/core/network/network';
import { installLoops } from '../src/worker/backends/cpu/install';
import { networkOf } from '../test/support/networks';
import { sharedFile } from './support/realSystems';

/**
 * Sequences a second, and milliseconds that each kind of step takes, in the processor's own time: the reference in
 * TypeScript, then WebAssembly. node bench/run.mjs forward [checkpoint] [length]
 */

const [file = sharedFile('checkpoints', 'real', 'chordchen-ckpt.pth'), length = '1024'] =
  process.argv.slice(2);

void main();

async function main(): Promise<void> {
  const network = await networkOf(file, { prenorm: 'false', pooling: 'mean' });
  const sequence = wave(network, Number(length));
  const before = measure(network, sequence);
  installLoops();
  const after = measure(network, sequence);
  const gain = (x: number, y: number): string => (x / y).toFixed(1);
  const lines = [
    `${basename(file)}, ${length} positions, one thread, \`${hotLoops().id}\` beside TypeScript:`,
    '',
    '| | TypeScript | WebAssembly | ratio |',
    '|---|--:|--:|--:|',
    `| sequences a second | ${(1000 / before.total).toFixed(1)} | ${(1000 / after.total).toFixed(1)} | ${gain(before.total, after.total)} |`,
    ...[...before.steps].map(([kind, ms]) => {
      const now = after.steps.get(kind) ?? 0;
      return `| ${kind} | ${ms.toFixed(1)} ms | ${now.toFixed(1)} ms | ${gain(ms, now)} |`;
    }),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

interface Measurement {
  /** Milliseconds a sequence. */
  readonly total: number;
  readonly steps: ReadonlyMap<Step['kind'], number>;
}

function measure(network: Network, sequence: Sequence): Measurement {
  run(network, sequence, new Map());
  const steps = new Map<Step['kind'], number>();
  const begin = processorTime();
  let count = 0;
  for (; processorTime() - begin < 4000; count++) run(network, sequence, steps);
  const total = (processorTime() - begin) / count;
  return { total, steps: new Map([...steps].map(([kind, ms]) => [kind, ms / count])) };
}

/** Milliseconds: what a busy machine falsifies least. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function wave({ input }: Network, steps: number): Sequence {
  const width = input.kind === 'values' ? input.width : 1;
  const x = Float64Array.from({ length: width * steps }, (_, i) =>
    input.kind === 'values' ? Math.sin(0.37 * i) : i % input.vocabulary,
  );
  return { x, width, length: steps };
}

function run(network: Network, sequence: Sequence, spent: Map<Step['kind'], number>): void {
  const steps = programOf(network);
  let state = startState(network, sequence);
  steps.forEach(({ kind }, i) => {
    const begin = processorTime();
    state = advance(network, steps, i, i + 1, state);
    if (kind !== 'push') spent.set(kind, (spent.get(kind) ?? 0) + processorTime() - begin);
  });
}
