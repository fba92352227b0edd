import { join, resolve } from 'node:path';
import { allocateBudget, type LayerOptions } from '../src/core/allocate/allocate';
import { attribute } from '../src/core/bound/attribution';
import { mergeStatistics } from '../src/core/bound/conditions';
import { deepBound } from '../src/core/bound/deepBound';
import { observeBoth } from '../src/core/bound/observeBoth';
import type { Statistics, StepStatistics } from '../src/core/bound/statistics';
import { forward } from '../src/core/network/forward';
import type { Network, StateSpaceLayer } from '../src/core/network/network';
import { programOf, type Sequence } from '../src/core/network/program';
import { shuffled } from '../src/core/random';
import { reduceSystems } from '../src/core/solve/reduceLayer';
import type { BoundRecord } from '../src/protocol/bound';
import { boundOf } from '../src/worker/bound/boundOf';
import type { SequenceSource } from '../src/worker/bound/evidence';
import type { Engine } from '../src/worker/engine';
import { openNetwork } from '../src/worker/openNetwork';
import { openSamples } from '../src/worker/samples/open';
import { startEngine } from '../src/worker/threadPool';

/**
 * Bounds of the output error of trained models at several orders: certified, calibrated, measured; what each idea gains for
 * the calibrated bound; and whether more order for shallow layers gives smaller bounds and better outputs. Prints
 * Markdown: `node bench/run.mjs bound [MODEL]`.
 */
const shared = process.env.SSM_SHARED ?? resolve(process.cwd(), '../shared');

interface Model {
  readonly file: string;
  /** Sample data in the shared material, and how it is read. */
  readonly data: string;
  readonly reading: Readonly<Record<string, string>>;
  readonly given: Record<string, string>;
  /** Sequences to record conditions of, as many to check them, to measure layer by layer, and to evaluate. */
  readonly counts: {
    readonly recorded: number;
    readonly measured: number;
    readonly judged: number;
  };
  readonly slots: readonly number[];
}

const example = { prenorm: 'false', pooling: 'mean' };
const small = { recorded: 8, measured: 3, judged: 100 };
const large = { recorded: 4, measured: 1, judged: 24 };
const real = 'checkpoints/real';
const imdb = {
  data: 'data/imdb/imdb_test2000.jsonl.gz',
  reading: {
    ...{ vocabulary: 'vocab_char_minfreq15.json', unknown: '1', end: '2', 'max-length': '512' },
  },
  counts: small,
};
const digits = {
  data: 'trained/s4d_smnist/smnist_test1500.npz',
  reading: { inputs: 'X', targets: 'Y', scale: '255' },
};
const images = {
  data: 'data/cifar10/cifar10_sample.npz',
  reading: {
    ...{ inputs: 'test_x', targets: 'test_y', layout: 'width-length', scale: '255' },
    ...{ mean: '0.4914,0.4822,0.4465', std: '0.2023,0.1994,0.2010' },
  },
};
const models: Readonly<Record<string, Model>> = {
  s4d_smnist: {
    ...digits,
    ...{ file: 'trained/s4d_smnist/s4d_smnist.pt', given: example },
    ...{ counts: small, slots: [2, 4, 8, 16, 28] },
  },
  s4d_imdb: {
    ...imdb,
    ...{ file: 'trained/s4d_imdb/s4d_imdb.pt', slots: [1, 2, 4, 8, 24] },
    given: { prenorm: 'true', pooling: 'mean' },
  },
  dss_exp_imdb: {
    ...imdb,
    ...{ file: 'trained/dss_exp_imdb/dss_exp_imdb.pt', slots: [4, 8, 16, 32, 56] },
    given: { activation: 'gelu', pooling: 'mean', version: 'exp', kernel_to_real: 'real' },
  },
  lru_wh: {
    ...{ file: 'trained/lru_wh/lru_wh.pt', data: 'trained/lru_wh/wh_test200.npz' },
    ...{ reading: {}, given: {} },
    ...{ counts: { recorded: 8, measured: 3, judged: 40 }, slots: [4, 8, 16, 32] },
  },
  gevorgyg: {
    ...digits,
    ...{ file: `${real}/gevorgyg-ckpt.pth`, given: example },
    ...{ counts: large, slots: [1, 2, 4, 8] },
  },
  chordchen: {
    ...images,
    ...{ file: `${real}/chordchen-ckpt.pth`, given: example },
    ...{ counts: large, slots: [2, 4, 8, 16] },
  },
  ethorondor: {
    ...images,
    ...{ file: `${real}/ethorondor-ckpt.pth`, given: example },
    ...{ counts: large, slots: [2, 4, 8, 16] },
  },
};

/** A network at several orders with the evidence on each. */
interface Case {
  readonly model: Model;
  readonly network: Network;
  readonly samples: Samples;
  readonly length: number;
  /** By place in `slots`. */
  readonly reduced: readonly (readonly StateSpaceLayer[])[];
  readonly engine: Engine;
}

interface Samples {
  readonly sequences: readonly Sequence[];
  readonly labels: readonly number[] | undefined;
}

async function run(name: string, model: Model, engine: Engine): Promise<void> {
  const { network } = await openNetwork(join(shared, model.file), { given: model.given });
  const { recorded, judged } = model.counts;
  const samples = await readSamples(model, network, Math.max(2 * recorded, judged));
  const length = Math.max(...samples.sequences.map((one) => one.length));
  const reduced = model.slots.map((slots) => {
    const request = { slots, horizon: length, solver: 'balanced' as const };
    return network.layers.map((layer): StateSpaceLayer => {
      return { ...layer, systems: reduceSystems(layer.systems, request).reduced };
    });
  });
  const one: Case = { model, network, samples, length, reduced, engine };
  print(`\n### ${name}: ${network.layers.length} layers, up to ${length} positions\n`);
  print('| poles | certified | paper | calibrated | measured | telescoping | first order |');
  print('|--:|--:|--:|--:|--:|--:|--:|');
  const records: BoundRecord[] = [];
  for (const [i, layers] of reduced.entries()) {
    const record = await evidenceFor(one, layers);
    records.push(record);
    printRow(model.slots[i], record);
  }
  const { heldOut = 0, meeting = 0 } = records[0].calibrated ?? {};
  const { output = 0 } = records[0].measured ?? {};
  print(
    `\nThe output itself: ${show(output)}. At ${model.slots[0]} poles ${meeting} of ${heldOut} held-out sequences satisfy the recorded conditions.`,
  );
  printIdeas(one);
  await printOrders(one, records);
}

function evidenceFor(
  { model, network, samples, length, engine }: Case,
  layers: readonly StateSpaceLayer[],
): Promise<BoundRecord> {
  const { recorded, measured } = model.counts;
  const part = (from: number): SequenceSource => ({
    count: recorded,
    sequence: (i) => Promise.resolve(samples.sequences[from + i]),
  });
  return boundOf(
    network,
    { ...network, layers },
    {
      ...{ length, engine },
      samples: { description: model.data, measured, recorded: part(0), others: part(recorded) },
    },
  );
}

function printRow(slots: number, record: BoundRecord): void {
  const { certified, paper, calibrated, measured } = record;
  const mark = (figure: BoundRecord['certified'] | undefined): string =>
    `${show(figure?.bound)}${figure?.vacuous === true ? ' (vacuous)' : ''}`;
  print(
    `| ${slots} | ${mark(certified)} | ${mark(paper)} | ${mark(calibrated)} | ${show(measured?.error)} | ` +
      `${show(measured?.telescoping)} | ${show(measured?.firstOrder)} |`,
  );
}

/** What each idea makes of the calibrated bound, on the recorded sequences, against the largest error among them. */
function printIdeas({ model, network, samples, length, reduced }: Case): void {
  const sequences = samples.sequences.slice(0, Math.min(8, model.counts.recorded));
  const strip = (s: StepStatistics, keep: number): StepStatistics => {
    const { block, atOutput, sizes, others, ...rest } = s;
    const { near, far } = others ?? {};
    const deviations = near === undefined || far === undefined ? {} : { others: { near, far } };
    return {
      ...rest,
      ...(keep === 2 ? deviations : {}),
      ...(keep >= 3 && others ? { others } : {}),
      ...(keep >= 4 && block ? { block } : {}),
      ...(keep >= 4 && atOutput ? { atOutput } : {}),
      ...(keep >= 5 && sizes ? { sizes } : {}),
    };
  };
  print(
    '\n| poles | gains × energies | exact local | deviations of both | slopes | exact blocks | sizes of both | telescoping |',
  );
  print('|--:|--:|--:|--:|--:|--:|--:|--:|');
  reduced.forEach((layers, i) => {
    const other = { ...network, layers };
    const steps = programOf(network);
    const seen = sequences
      .map((s) => observeBoth(network, steps, s, other))
      .reduce(mergeStatistics);
    const errors = sequences.map((s) => distance(forward(network, s), forward(other, s)));
    const most = Math.max(...errors);
    const ratios = [0, 1, 2, 3, 4, 5].map((keep) => {
      const { outputs, ...rest } = seen;
      const steps = seen.steps.map((s) => strip(s, keep));
      const whole = keep < 5 || outputs === undefined ? rest : { ...rest, outputs };
      const statistics: Statistics = { ...whole, steps };
      const options = { length, statistics, exactLocal: keep > 0 };
      return (deepBound(network, other, options).bound / most).toPrecision(3);
    });
    const sums = sequences
      .slice(0, model.counts.measured)
      .map((s) => attribute(network, other, s))
      .map(({ telescoping, error }) => telescoping.reduce((a, b) => a + b, 0) / error);
    const limit = Math.max(...sums).toPrecision(3);
    print(`| ${model.slots[i]} | ${ratios.join(' | ')} | ${limit} |`);
  });
}

/** Orders of the same sum: one for all, more for shallow layers, more for deep ones, and those that weights choose. */
async function printOrders(one: Case, records: readonly BoundRecord[]): Promise<void> {
  const { model, network, reduced } = one;
  const { slots } = model;
  const count = network.layers.length;
  const by = (of: (l: BoundRecord['layers'][number]) => number | null): LayerOptions[] =>
    network.layers.map((_, l) => ({
      prices: [...slots],
      costs: records.map((record) => of(record.layers[l]) ?? Number.MAX_VALUE / 1e6),
    }));
  const budget = slots[1] * count;
  const shallow = network.layers.map((_, l) =>
    l < count / 2 - 0.5 ? 2 : l > count / 2 - 0.5 ? 0 : 1,
  );
  const chosen = (options: LayerOptions[]): readonly number[] | undefined =>
    allocateBudget(options, budget)?.choice;
  const ways: Readonly<Record<string, readonly number[] | undefined>> = {
    'one for all': network.layers.map(() => 1),
    'shallow more': shallow,
    'deep more': [...shallow].reverse(),
    certified: chosen(by((l) => l.certified.contribution)),
    calibrated: chosen(by((l) => l.calibrated?.contribution ?? null)),
    'first order': chosen(by((l) => l.measured?.firstOrder ?? null)),
    measured: chosen(by((l) => l.measured?.alone ?? null)),
  };
  const quality = qualityOf(one);
  print(
    `\n| orders | poles by layer | certified | paper | calibrated | measured | ${quality.title} |`,
  );
  print('|---|---|--:|--:|--:|--:|--:|');
  print(`| original | | | | | | ${quality.of(network)} |`);
  const byOrders = new Map<string, string>();
  for (const [name, choice] of Object.entries(ways)) {
    const poles = (choice ?? []).map((i) => slots[i]).join(' ');
    if (choice !== undefined) {
      byOrders.set(poles, [byOrders.get(poles) ?? [], name].flat().join(', '));
    }
  }
  for (const [poles, names] of byOrders) {
    const choice = poles.split(' ').map((count) => slots.indexOf(Number(count)));
    const layers = network.layers.map((_, l) => reduced[choice[l]][l]);
    const { certified, paper, calibrated, measured } = await evidenceFor(one, layers);
    print(
      `| ${names} | ${poles} | ${show(certified.bound)} | ${show(paper.bound)} | ` +
        `${show(calibrated?.bound)} | ${show(measured?.error)} | ${quality.of({ ...network, layers })} |`,
    );
  }
}

/** Accuracy, or the normalised error where targets are numbers. */
function qualityOf({ model, samples, network }: Case): {
  readonly title: string;
  readonly of: (network: Network) => string;
} {
  const sequences = samples.sequences.slice(0, model.counts.judged);
  const { labels } = samples;
  if (labels === undefined) {
    return {
      title: `relative error of the output, ${sequences.length} sequences`,
      of: (other) => {
        const squares = sequences.map((s) => {
          const [y, z] = [forward(network, s), forward(other, s)];
          return [distance(y, z) ** 2, distance(y, { ...y, x: y.x.map(() => 0) }) ** 2];
        });
        const sum = (k: number): number => squares.reduce((total, pair) => total + pair[k], 0);
        return Math.sqrt(sum(0) / sum(1)).toFixed(3);
      },
    };
  }
  return {
    title: `accuracy, ${sequences.length} sequences`,
    of: (other) => {
      const right = sequences.filter((s, i) => predicted(forward(other, s).x) === labels[i]);
      return `${((100 * right.length) / sequences.length).toFixed(1)} %`;
    },
  };
}

function distance(y: Sequence, z: { readonly x: Float64Array }): number {
  return Math.sqrt(y.x.reduce((sum, value, i) => sum + (value - z.x[i]) ** 2, 0) / y.length);
}

function predicted(scores: Float64Array): number {
  return scores.indexOf(scores.reduce((a, b) => Math.max(a, b), -Infinity));
}

/** Some sequences of sample data, drawn by a fixed rule, and their labels. */
async function readSamples(
  { data, reading }: Model,
  network: Network,
  wanted: number,
): Promise<Samples> {
  const samples = await openSamples(join(shared, data), reading, network);
  const indices = shuffled(samples.count, 1).slice(0, wanted);
  const sequences: Sequence[] = [];
  for (const index of indices) sequences.push(await samples.sequence(index));
  await samples.close();
  const { targets } = samples;
  const labels = targets.kind === 'labels' ? indices.map((i) => targets.labels[i]) : undefined;
  return { sequences, labels };
}

function show(x: number | null | undefined): string {
  return x?.toExponential(2) ?? '∞';
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(only: string | undefined): Promise<void> {
  const engine = await startEngine();
  for (const [name, model] of Object.entries(models)) {
    if (only === undefined || only === name) await run(name, model, engine);
  }
  await engine.stop();
}

void main(process.argv[2]);
