import { join, resolve } from 'node:path';
import { allocateBudget, allocateUniform, type LayerOptions } from '../src/core/allocate/allocate';
import { attribute, meanAttribution } from '../src/core/bound/attribution';
import { forward } from '../src/core/network/forward';
import type { Network, StateSpaceLayer } from '../src/core/network/network';
import type { Sequence } from '../src/core/network/program';
import { shuffled } from '../src/core/random';
import { reduceSystems } from '../src/core/solve/reduceLayer';
import type { BoundRecord } from '../src/protocol/bound';
import { boundOf } from '../src/worker/bound/boundOf';
import type { SequenceSource } from '../src/worker/bound/evidence';
import { createLocalEngine } from '../src/worker/engine';
import { taskRunner } from '../src/worker/tasks';
import { openNetwork } from '../src/worker/openNetwork';
import { openSamples } from '../src/worker/samples/open';

/**
 * Certified, calibrated and measured output errors of models at several orders, what the layers contribute, and what
 * orders chosen by each kind of evidence come to: node bench/run.mjs bound [MODEL]. Prints Markdown.
 */
const shared = process.env.SSM_SHARED ?? resolve(process.cwd(), '../shared');

interface Model {
  readonly name: string;
  readonly file: string;
  readonly data: string;
  readonly settings: Record<string, string>;
  readonly given: Record<string, string>;
  readonly sequences: number;
  readonly slots: readonly number[];
}

const models: readonly Model[] = [
  {
    name: 's4d_smnist',
    file: 'trained/s4d_smnist/s4d_smnist.pt',
    data: 'trained/s4d_smnist/smnist_test1500.npz',
    settings: { scale: '255' },
    given: { prenorm: 'false', pooling: 'mean' },
    sequences: 8,
    slots: [8, 4, 2],
  },
  {
    name: 's4d_imdb',
    file: 'trained/s4d_imdb/s4d_imdb.pt',
    data: 'trained/s4d_imdb/tokens64.npy',
    settings: { padding: '0', 'max-length': '256' },
    given: { prenorm: 'true', pooling: 'mean' },
    sequences: 8,
    slots: [8, 4, 2],
  },
];

async function run(model: Model): Promise<void> {
  const path = join(shared, model.file);
  const { network } = await openNetwork(path, { given: model.given });
  const samples = await openSamples(join(shared, model.data), model.settings, network);
  const indices = shuffled(samples.count, 1).slice(0, model.sequences);
  const sequences: Sequence[] = [];
  for (const index of indices) sequences.push(await samples.sequence(index));
  await samples.close();
  const length = Math.max(...sequences.map((one) => one.length));
  const reduced = model.slots.map((slots) =>
    network.layers.map((layer): StateSpaceLayer => {
      const request = { slots, horizon: length, solver: 'balanced' as const };
      return { ...layer, systems: reduceSystems(layer.systems, request).reduced };
    }),
  );
  print(`\n### ${model.name}: ${sequences.length} sequences of up to ${length} positions\n`);
  print(
    '| poles | certified | paper’s certificate | calibrated | measured | telescoping | first order | calibrated ÷ measured | shares by layer: certified; calibrated; measured |',
  );
  print('|--:|--:|--:|--:|--:|--:|--:|--:|---|');
  const records: BoundRecord[] = [];
  for (const [i, layers] of reduced.entries()) {
    const record = await boundOf(
      network,
      { ...network, layers },
      {
        ...{ length, engine: createLocalEngine(taskRunner) },
        samples: {
          ...{ description: model.data, measured: sequences.length },
          recorded: partOf(sequences, 0),
          others: partOf(sequences, 1),
        },
      },
    );
    records.push(record);
    printRow(model.slots[i], record);
  }
  const { heldOut = 0, meeting = 0 } = records[0].calibrated ?? {};
  print(`\n${meeting} of ${heldOut} other sequences meet the recorded conditions.`);
  allocations(model, network, reduced, sequences, records);
}

/** Every second sequence. */
function partOf(sequences: readonly Sequence[], from: number): SequenceSource {
  const part = sequences.filter((_, i) => i % 2 === from);
  return { count: part.length, sequence: (i) => Promise.resolve(part[i]) };
}

function printRow(slots: number, record: BoundRecord): void {
  const { certified, paper, calibrated, measured, layers } = record;
  const show = (x: number | null | undefined): string => x?.toExponential(2) ?? '∞';
  const mark = (figure: BoundRecord['certified'] | undefined): string =>
    `${show(figure?.bound)}${figure?.vacuous === true ? ' (vacuous)' : ''}`;
  const shares = (of: (l: BoundRecord['layers'][number]) => number): string => {
    const all = layers.map(of);
    const sum = all.reduce((a, b) => a + b, 0);
    return all.map((x) => (x / sum).toFixed(2)).join(' ');
  };
  const ratio = (calibrated?.bound ?? Infinity) / (measured?.error ?? 0);
  print(
    `| ${slots} | ${mark(certified)} | ${show(paper.bound)} | ${mark(calibrated)} | ${show(measured?.error)} | ` +
      `${show(measured?.telescoping)} | ${show(measured?.firstOrder)} | ${ratio.toFixed(0)} | ` +
      `${shares((l) => l.certified.contribution ?? 0)}; ${shares((l) => l.calibrated?.contribution ?? 0)}; ` +
      `${shares((l) => l.measured?.telescoping ?? 0)} |`,
  );
}

/** Orders for the budget of the middle one everywhere, by each kind of weight. */
function allocations(
  { slots }: Model,
  network: Network,
  reduced: readonly (readonly StateSpaceLayer[])[],
  sequences: readonly Sequence[],
  records: readonly BoundRecord[],
): void {
  const budget = slots[1] * network.layers.length;
  const by = (of: (l: BoundRecord['layers'][number]) => number): LayerOptions[] =>
    network.layers.map((_, l) => ({
      prices: [...slots],
      costs: records.map((record) => of(record.layers[l])),
    }));
  const ways = {
    uniform: undefined,
    certified: by((l) => l.certified.contribution ?? Infinity),
    calibrated: by((l) => l.calibrated?.contribution ?? Infinity),
    'first order': by((l) => l.measured?.firstOrder ?? Infinity),
    measured: by((l) => l.measured?.alone ?? Infinity),
  };
  print(
    `\n| weights, ${budget} poles in all | poles by layer | measured error | same prediction |`,
  );
  print('|---|---|--:|--:|');
  for (const [name, options] of Object.entries(ways)) {
    const found =
      options === undefined
        ? allocateUniform(ways.certified, budget)
        : allocateBudget(options, budget);
    if (found === undefined) continue;
    const layers = network.layers.map((_, l) => reduced[found.choice[l]][l]);
    const hybrid = { ...network, layers };
    const { error } = meanAttribution(sequences.map((one) => attribute(network, hybrid, one)));
    const agree = sequences.filter(
      (one) => predicted(forward(network, one).x) === predicted(forward(hybrid, one).x),
    ).length;
    print(
      `| ${name} | ${found.choice.map((i) => slots[i]).join(' ')} | ${error.toExponential(2)} | ${agree} of ${sequences.length} |`,
    );
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function predicted(scores: Float64Array): number {
  return scores.indexOf(scores.reduce((a, b) => Math.max(a, b), -Infinity));
}

async function main(only: string | undefined): Promise<void> {
  for (const model of models) {
    if (only === undefined || only === model.name) await run(model);
  }
}

void main(process.argv[2]);
