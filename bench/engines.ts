/**
 * What the processor does: systems a second with the hot loops in TypeScript and in WebAssembly, on one thread and on
 * two, beside Algorithm 1 in NumPy; then the workload of the papers, five orders at once. Prints Markdown.
 *
 *     node bench/run.mjs engines [CHECKPOINT]
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { basename } from 'node:path';
import { reduceChannels } from '../src/core/calibrate/reduceChannels';
import { createGrid } from '../src/core/calibrate/spectrumGrid';
import { hotLoops, typescriptLoops, useHotLoops } from '../src/core/hotLoops';
import { reduceBatch } from '../src/core/solve/reduce';
import type { SolverTrace } from '../src/core/solve/solver';
import { splitSystems } from '../src/core/systems/kernels';
import {
  cutModalBatch,
  joinModalBatches,
  systemOf,
  type ModalBatch,
  type ModalSystem,
} from '../src/core/systems/modal';
import { installLoops } from '../src/worker/backends/cpu/install';
import { startEngine } from '../src/worker/threadPool';
import { runAlgorithm1 } from './support/algorithm1';
import { layersOf } from './support/checkpoint';
import { sharedFile } from './support/realSystems';
import { geometricMean, say, short, table } from './support/report';
import { syntheticSystems } from './support/synthetic';

const [file = sharedFile('checkpoints', 'real', 'chordchen-ckpt.pth')] = process.argv.slice(2);
const horizon = 2048;
const paperSlots = [1, 2, 4, 8, 16];

void main();

async function main(): Promise<void> {
  const whole = joinModalBatches(await layersOf(file));
  say(`${cpus()[0].model.trim()}, ${availableParallelism()} cores, Node ${process.version}.`);
  say(`Load average before: ${loadavg()[0].toFixed(1)}.\n`);
  say(oneThread(whole));
  say('');
  say(await twoThreads(whole));
  say('');
  say(await paperWorkload(whole));
  say(`\nLoad average after: ${loadavg()[0].toFixed(1)}.`);
}

/** A piece of work: done for a sample of its systems. */
interface Work {
  readonly name: string;
  readonly count: number;
  readonly sample: ModalBatch;
  readonly slots: number;
  /** Returns the objectives that were reached. */
  readonly run: (sample: ModalBatch) => readonly number[];
}

function workloads(whole: ModalBatch): Work[] {
  const plain = (slots: number) => (sample: ModalBatch) =>
    reduceBatch(sample, { solver: 'newton', slots, horizon }).traces.map(last);
  return [
    {
      name: '64 to 8',
      count: whole.count,
      sample: everyOther(whole, 8),
      slots: 4,
      run: plain(4),
    },
    { name: '64 to 16', count: 16384, sample: synthetic(8), slots: 8, run: plain(8) },
    {
      name: '64 to 8, calibrated',
      count: whole.count,
      sample: everyOther(whole, 32),
      slots: 4,
      run: calibrated,
    },
  ];
}

/** Milliseconds of the processor a system: TypeScript, WebAssembly, NumPy. */
function oneThread(whole: ModalBatch): string {
  const rows = workloads(whole).map(({ name, count, sample, slots, run }) => {
    useHotLoops(typescriptLoops);
    const before = perSystem(sample, run);
    installLoops();
    const after = perSystem(sample, run);
    const peer = name.includes('calibrated') ? undefined : numpy(sample, slots) / sample.count;
    return [
      `${name}, ${count} systems (${sample.count} timed)`,
      before.milliseconds.toFixed(1),
      after.milliseconds.toFixed(1),
      (before.milliseconds / after.milliseconds).toFixed(2),
      furthest(before.reached, after.reached),
      (1000 / after.milliseconds).toFixed(0),
      ((count * after.milliseconds) / 1000).toFixed(1),
      peer === undefined ? '' : (1000 * peer).toFixed(1),
      peer === undefined ? '' : ((1000 * peer) / after.milliseconds).toFixed(2),
    ];
  });
  const head = [
    `one thread, L ${horizon}`,
    'TypeScript, ms a system',
    `${hotLoops().id}, ms a system`,
    'ratio',
    'objectives differ by',
    'systems a second',
    'all, s',
    'NumPy Algorithm 1, ms a system',
    'ratio',
  ];
  return table(head, rows);
}

/** After a first pass, in which the code is compiled: the reference gains more by that than the compiled loops. */
function perSystem(sample: ModalBatch, run: Work['run']): Timed {
  run(sample);
  const begin = process.cpuUsage();
  const reached = run(sample);
  const { user, system } = process.cpuUsage(begin);
  return { milliseconds: (user + system) / 1000 / sample.count, reached };
}

/** Milliseconds of the processor a system, and what was reached in them. */
interface Timed {
  readonly milliseconds: number;
  readonly reached: readonly number[];
}

/** The largest relative difference of two lots of numbers. */
function furthest(a: readonly number[], b: readonly number[]): string {
  return Math.max(...a.map((value, i) => Math.abs(b[i] / value - 1))).toExponential(1);
}

function numpy(sample: ModalBatch, slots: number): number {
  const run = { script: 'algorithm1', slots, horizon, iterations: 100, processes: 1 } as const;
  const { seconds, processor = seconds } = runAlgorithm1(listOf(sample), run);
  return processor;
}

/** Every channel against the spectra of inputs with most power at low frequencies, as networks' inner signals have. */
function calibrated(sample: ModalBatch): readonly number[] {
  const { points } = createGrid(horizon);
  const spectrum = Float64Array.from({ length: points }, (_, m) => 1 / (1 + (m / 20) ** 2) + 1e-3);
  const power = Float64Array.from(
    { length: points * sample.count },
    (_, i) => spectrum[i % points],
  );
  const { traces } = hotLoops().scoped(() =>
    reduceChannels({
      batch: sample,
      features: Int32Array.from({ length: sample.count }, (_, c) => c),
      skip: new Float64Array(sample.count),
      freeSkip: true,
      slots: 4,
      horizon,
      kernelHorizon: horizon,
      epsilon: 1e-6,
      spectra: { power, crossRe: power, crossIm: new Float64Array(power.length), original: power },
      heldOut: undefined,
    }),
  );
  return traces.map(last);
}

function last({ objective }: SolverTrace): number {
  return objective[objective.length - 1];
}

/** Systems for the thread pool: long enough that starting up does not count. */
const pooled = 1024;

/** Wall time of the thread pool with one thread and with two, after a first pass over an eighth of the systems. */
async function twoThreads(whole: ModalBatch): Promise<string> {
  const copies = Array.from({ length: Math.ceil(pooled / whole.count) }, () => whole);
  const sample = cutModalBatch(joinModalBatches(copies), 0, pooled);
  const request = { solver: 'newton', slots: 4, horizon } as const;
  const rows: string[][] = [];
  let alone = 0;
  for (const threads of [1, 2]) {
    const engine = await startEngine(threads);
    const reduce = async (count: number): Promise<void> => {
      const batch = cutModalBatch(sample, 0, count);
      const parts = splitSystems({ kind: 'independent', batch, poles: 'complex' }, 8);
      await Promise.all(parts.map(({ systems }) => engine.run('reduce', { systems, request })));
    };
    await reduce(pooled / 8);
    const load = loadavg()[0].toFixed(1);
    const time = stopwatch();
    await reduce(pooled);
    const { wall, processor } = time();
    await engine.stop();
    if (threads === 1) alone = wall;
    const rate = (pooled / wall).toFixed(0);
    const gain = (alone / wall).toFixed(2);
    rows.push([String(threads), wall.toFixed(2), processor.toFixed(2), rate, gain, load]);
  }
  const head = [
    `64 to 8, ${pooled} systems; threads`,
    'wall, s',
    'processor, s',
    'systems a second',
  ];
  return table([...head, 'ratio', 'load average before'], rows);
}

/** Seconds since it was started: on the wall, and of all threads in the processor, which other programs do not change. */
function stopwatch(): () => { readonly wall: number; readonly processor: number } {
  const [begin, used] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(used);
    return { wall: (performance.now() - begin) / 1000, processor: (user + system) / 1e6 };
  };
}

/** Five orders of every system in one pass, on all cores, and Algorithm 1 on all systems and orders. */
async function paperWorkload(whole: ModalBatch): Promise<string> {
  const engine = await startEngine();
  const time = stopwatch();
  const size = 4;
  const curves = await Promise.all(
    Array.from({ length: Math.ceil(whole.count / size) }, (_, i) => {
      const batch = cutModalBatch(whole, i * size, Math.min(whole.count, (i + 1) * size));
      return engine.run('orderCurve', {
        systems: { kind: 'independent', batch, poles: 'complex' },
        channels: Array.from({ length: batch.count }, (_, c) => c),
        slots: paperSlots,
        horizon,
      });
    }),
  );
  const { wall, processor } = time();
  await engine.stop();
  const systems = listOf(whole);
  const processes = availableParallelism();
  const everything: number[] = [];
  const rows = paperSlots.map((slots, k) => {
    const run = { script: 'algorithm1', slots, horizon, iterations: 100, processes } as const;
    const peer = runAlgorithm1(systems, run);
    const errors = curves.flatMap(({ squaredErrors, squaredNorms }) =>
      [...squaredErrors[k]].map((error, i) => Math.sqrt(error / squaredNorms[i])),
    );
    const ratios = errors.map((error, i) => error / peer.errors[i]).sort((a, b) => a - b);
    everything.push(...ratios);
    return [
      String(2 * slots),
      short(geometricMean(errors)),
      short(geometricMean(peer.errors)),
      ratios[ratios.length >> 1].toFixed(3),
      ratios[ratios.length - 1].toFixed(3),
      `${ratios.filter((ratio) => ratio > 1 + 1e-9).length} of ${ratios.length}`,
      peer.seconds.toFixed(1),
    ];
  });
  const head = [
    'order',
    'error, ours',
    'error, Algorithm 1',
    'median ratio',
    'largest ratio',
    'ours larger',
    'NumPy, s',
  ];
  everything.sort((a, b) => a - b);
  const median = (everything[everything.length >> 1] ?? NaN).toFixed(3);
  const name = `${basename(file)}, ${whole.count} systems of order 64, L ${horizon}`;
  return `The papers' workload, ${name}: all five orders in **${wall.toFixed(1)} s** on ${engine.threads} threads (${processor.toFixed(1)} s of the processor). Median ratio of the errors over all orders: ${median}.\n\n${table(head, rows)}`;
}

function everyOther(batch: ModalBatch, stride: number): ModalBatch {
  const parts: ModalBatch[] = [];
  for (let i = 0; i < batch.count; i += stride) parts.push(cutModalBatch(batch, i, i + 1));
  return joinModalBatches(parts);
}

function synthetic(perKind: number): ModalBatch {
  const systems = syntheticSystems(perKind).map(({ system }) => system);
  const all = (pick: (system: ModalSystem) => Float64Array): Float64Array =>
    Float64Array.from(systems.flatMap((system) => [...pick(system)]));
  return {
    count: systems.length,
    slots: systems[0].poles.re.length,
    poleRe: all(({ poles }) => poles.re),
    poleIm: all(({ poles }) => poles.im),
    weightRe: all(({ weights }) => weights.re),
    weightIm: all(({ weights }) => weights.im),
    step: Float64Array.from(systems, ({ step }) => step),
  };
}

function listOf(batch: ModalBatch): ModalSystem[] {
  return Array.from({ length: batch.count }, (_, i) => systemOf(batch, i));
}
