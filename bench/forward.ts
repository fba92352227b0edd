import {
  advance,
  programOf,
  startState,
  type Sequence,
  type Step,
} from '../src/core/network/program';
import type { Network } from '../src/core/network/network';
import { networkOf } from '../test/support/networks';
import { sharedFile } from './support/realSystems';

/** Seconds that each kind of step takes, and sequences a second: node bench/run.mjs forward [checkpoint] [length]. */

const [file = sharedFile('checkpoints', 'real', 'chordchen-ckpt.pth'), length = '1024'] =
  process.argv.slice(2);

void main();

async function main(): Promise<void> {
  const network = await networkOf(file, { prenorm: 'false', pooling: 'mean' });
  const sequence = wave(network, Number(length));
  const seconds = new Map<Step['kind'], number>();
  run(network, sequence, new Map());
  const begin = performance.now();
  let count = 0;
  for (; performance.now() - begin < 5000; count++) run(network, sequence, seconds);
  const rate = (1000 * count) / (performance.now() - begin);
  process.stdout.write(`${rate.toFixed(2)} sequences a second on one core\n\n`);
  for (const [kind, total] of seconds) {
    process.stdout.write(`| ${kind} | ${((1000 * total) / count).toFixed(1)} ms |\n`);
  }
}

function wave({ input }: Network, steps: number): Sequence {
  const width = input.kind === 'values' ? input.width : 1;
  const x = Float64Array.from({ length: width * steps }, (_, i) =>
    input.kind === 'values' ? Math.sin(0.37 * i) : i % input.vocabulary,
  );
  return { x, width, length: steps };
}

function run(network: Network, sequence: Sequence, seconds: Map<Step['kind'], number>): void {
  const steps = programOf(network);
  let state = startState(network, sequence);
  steps.forEach(({ kind }, i) => {
    const begin = performance.now();
    state = advance(network, steps, i, i + 1, state);
    seconds.set(kind, (seconds.get(kind) ?? 0) + (performance.now() - begin) / 1000);
  });
}
