/**
 * What engines beside the processor do: searches on each that can be opened, beside the processor's own on one thread: plain
 * reductions and a sweep over orders from the same starts, and calibrated reductions, whose starts each finds itself. Where
 * there is no GPU, a device in software is measured on a few systems and small sizes, which says that the kernels are right
 * and nothing of their speed. Prints Markdown.
 *
 *     npm run bench:gpu [-- [--full] [--systems N] FOLDER]
 *
 * FOLDER has the engines' packages, by default this repository. --full: the sizes for a GPU in software too. --systems: those
 * compared with the processor, which are all in software.
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { reduceChannels, type ChannelsRequest } from '../src/core/calibrate/reduceChannels';
import { searchTargets } from '../src/core/calibrate/searchTargets';
import { createGrid } from '../src/core/calibrate/spectrumGrid';
import { orderCurve, orderStarts } from '../src/core/describe/orderCurve';
import { hotLoops } from '../src/core/hotLoops';
import type { ComplexVector } from '../src/core/linalg/complex';
import { createTarget, VariableProjection } from '../src/core/objective/varpro';
import { finishBatch, prepareBatch, reduceBatch } from '../src/core/solve/reduce';
import { hippoPoles } from '../src/core/start/hippo';
import { zeroOrderHold } from '../src/core/systems/discretise';
import {
  cutModalBatch,
  emptyModalBatch,
  systemOf,
  type ModalBatch,
} from '../src/core/systems/modal';
import { engineNames, searchEngineIds, type SearchEngineId } from '../src/protocol/engines';
import { installLoops } from '../src/worker/backends/cpu/install';
import { openDevice } from '../src/worker/engines/device/client';
import {
  searchSteps,
  type SearchBatch,
  type SearchEngine,
  type SearchResult,
} from '../src/worker/engines/searchEngine';
import { searchesOf, withSearched } from '../src/worker/engines/searches';
import { joinTargets } from '../src/worker/engines/weighted/packedTargets';
import { tryEngine, type Tried } from '../src/worker/engines/trial';
import { generator } from './support/random';
import { say, short, table } from './support/report';

const {
  values: given,
  positionals: [folder = process.cwd()],
} = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean', default: false }, systems: { type: 'string' } },
});
const horizon = 2048;
const workloads = [
  { count: 512, N: 64, slots: 8 },
  { count: 16_384, N: 64, slots: 16 },
];
/** Calibrated layers; in software over a short horizon, which ends within minutes. */
const calibratedWorkloads = [{ count: 512, N: 64, slots: 8 }];
const softwareHorizon = 64;
/** A sweep: errors of every system at all of these orders; in software at the first few. */
const sweep = { count: 512, N: 64, orders: [2, 4, 8, 16, 32], softwareOrders: [2, 4] };
/** Systems whose results are compared with the processor's; all are searched on a GPU, only these in software. */
const compared = Number(given.systems ?? 8);

/** SwiftShader and a Vulkan loader, as Debian's package chromium has them. */
const software = {
  VK_DRIVER_FILES: '/usr/lib/chromium/vk_swiftshader_icd.json',
  LD_LIBRARY_PATH: '/usr/lib/chromium',
};

void main();

async function main(): Promise<void> {
  installLoops();
  say(`Processor: ${cpus()[0].model.trim()}, Node ${process.version}.\n`);
  const usable: SearchEngine[] = [];
  for (const id of searchEngineIds) {
    const { trial, engine } = await tryAlsoInSoftware(id);
    const device = trial.device === undefined ? '' : ` on ${trial.device.name}`;
    say(`- ${engineNames[id]}${device}: ${trial.verdict}`);
    if (engine !== undefined) usable.push(engine);
  }
  if (!usable.some(({ device }) => device.kind === 'gpu')) say('\nNo GPU was measured.');
  const rows: string[][] = [];
  for (const engine of usable) {
    for (const workload of workloads) rows.push(await measure(engine, workload));
    for (const workload of calibratedWorkloads)
      rows.push(await measureCalibrated(engine, workload));
    rows.push(await measureSweep(engine));
    await engine.dispose();
  }
  say('');
  say(
    table(
      [
        'engine, device',
        'workload',
        'systems searched',
        'µs a system',
        'processor, 1 thread',
        'ratio',
        'worst objective ÷ processor’s - 1',
        'lower',
      ],
      rows,
    ),
  );
}

async function tryAlsoInSoftware(id: SearchEngineId): Promise<Tried> {
  const found = await tryEngine(id, () => openDevice(id, { folder }));
  if (found.engine !== undefined || id !== 'webgpu' || !existsSync(software.VK_DRIVER_FILES)) {
    return found;
  }
  return tryEngine(id, () => openDevice(id, { folder, env: software }));
}

interface Workload {
  readonly count: number;
  readonly N: number;
  readonly slots: number;
}

async function measure(engine: SearchEngine, workload: Workload): Promise<string[]> {
  const { count, N, slots } = workload;
  const request = { solver: 'newton', slots, horizon } as const;
  const sample = systemsOf(compared, N);
  const prepared = prepareBatch(sample, request);
  const few = searchesOf({ batch: sample, systems: prepared }, slots, horizon);
  const copies = isWhole(engine) ? Math.ceil(count / compared) : 1;
  const batch = repeated(few, copies);
  const found = await engine.search(few, searchSteps); // compiles what depends on sizes
  const begin = performance.now();
  await engine.search(batch, searchSteps);
  const micros = (1000 * (performance.now() - begin)) / (compared * copies);
  const onProcessor = searchOnProcessor(few, slots);
  const reached = finishBatch(sample, request, withSearched(prepared, found, slots)).traces;
  const alone = reduceBatch(sample, request).traces;
  const last = (values: readonly number[]): number => values.at(-1) ?? NaN;
  const above = reached.map(({ objective }, s) => last(objective) / last(alone[s].objective) - 1);
  return [
    `${engineNames[engine.id]}, ${engine.device.name} (${engine.device.kind})`,
    `${count}: N = ${N} → ${slots}, L = ${horizon}`,
    String(compared * copies),
    short(micros),
    short(onProcessor),
    short(onProcessor / micros),
    ...compare(above),
  ];
}

/** Whether the whole workload is searched. */
function isWhole({ device }: SearchEngine): boolean {
  return given.full || device.kind === 'gpu';
}

/** How far the worst lies above the processor's own, and how many lie below. */
function compare(above: readonly number[]): string[] {
  const lower = above.filter((x) => x < -1e-9).length;
  return [Math.max(...above).toExponential(1), `${lower} of ${above.length}`];
}

/** A GPU gets the whole workload: the sample's searches again and again. */
function repeated(few: SearchBatch, copies: number): SearchBatch {
  const repeat = (x: Float64Array): Float64Array => {
    const whole = new Float64Array(copies * x.length);
    for (let k = 0; k < copies; k++) whole.set(x, k * x.length);
    return whole;
  };
  return {
    ...few,
    systemOf: Int32Array.from(
      { length: copies * few.systemOf.length },
      (_, t) => few.systemOf[t % few.systemOf.length],
    ),
    poleRe: repeat(few.poleRe),
    poleIm: repeat(few.poleIm),
  };
}

/** Error against order: every system at all orders, one call of the device an order. */
async function measureSweep(engine: SearchEngine): Promise<string[]> {
  const { count, N } = sweep;
  const orders = isWhole(engine) ? sweep.orders : sweep.softwareOrders;
  const copies = isWhole(engine) ? Math.ceil(count / compared) : 1;
  const batch = systemsOf(compared, N);
  const systems = { kind: 'independent', batch, poles: 'complex' } as const;
  const requests = Array.from({ length: compared }, (_, s) => ({
    ...{ systems, channels: [s], slots: orders, horizon },
  }));
  const starts = requests.map((request) => orderStarts(systems, request));
  const searches = orders.map((slots, i) => {
    const ready = starts.map(
      (one) =>
        one && { norm: one.norm, starts: one.starts[i].map((poles) => ({ name: '', poles })) },
    );
    return searchesOf({ batch, systems: ready }, slots, horizon);
  });
  let [micros, onProcessor] = [0, 0];
  const found: SearchResult[] = [];
  for (const few of searches) {
    found.push(await engine.search(few, searchSteps)); // compiles what depends on sizes
    const begin = performance.now();
    await engine.search(repeated(few, copies), searchSteps);
    micros += (1000 * (performance.now() - begin)) / (compared * copies);
    onProcessor += searchOnProcessor(few, few.slots);
  }
  const above = requests.flatMap((request, s) => {
    const searched = searches.map((few, i) => polesOf(few, found[i], s));
    const [reached, alone] = [{ ...request, searched }, request].map(orderCurve);
    return reached.squaredErrors.map(([error], i) => error / alone.squaredErrors[i][0] - 1);
  });
  return [
    `${engineNames[engine.id]}, ${engine.device.name} (${engine.device.kind})`,
    `${count} at ${orders.join(', ')}: N = ${N}, L = ${horizon}`,
    String(compared * copies),
    short(micros),
    short(onProcessor),
    short(onProcessor / micros),
    ...compare(above),
  ];
}

/** Where the searches for one of the systems came to. */
function polesOf(
  { systemOf: of, slots }: SearchBatch,
  { poleRe, poleIm }: SearchResult,
  s: number,
): ComplexVector[] {
  return [...of.keys()]
    .filter((t) => of[t] === s)
    .map((t) => ({
      re: poleRe.slice(t * slots, (t + 1) * slots),
      im: poleIm.slice(t * slots, (t + 1) * slots),
    }));
}

/** The calibrated search: starts and all. */
async function measureCalibrated(
  engine: SearchEngine,
  { count, N, slots }: Workload,
): Promise<string[]> {
  const steps = isWhole(engine) ? horizon : softwareHorizon;
  const request = calibratedRequest(systemsOf(compared, N), slots, steps);
  const few = searchTargets(request);
  const copies = isWhole(engine) ? Math.ceil(count / compared) : 1;
  const batch = joinTargets(Array<typeof few>(copies).fill(few));
  const found = await engine.searchWeighted(few); // compiles what depends on sizes
  const begin = performance.now();
  await engine.searchWeighted(batch);
  const micros = (1000 * (performance.now() - begin)) / batch.count;
  const reduce = (searched?: ComplexVector): { micros: number; errors: number[] } => {
    const from = performance.now();
    const { traces } = hotLoops().scoped(() => reduceChannels({ ...request, searched }));
    return {
      micros: (1000 * (performance.now() - from)) / compared,
      errors: traces.map(({ objective }) => objective.at(-1) ?? NaN),
    };
  };
  reduce();
  const alone = reduce();
  const finished = reduce({ re: found.poleRe, im: found.poleIm });
  const above = finished.errors.map((error, s) => error / alone.errors[s] - 1);
  return [
    `${engineNames[engine.id]}, ${engine.device.name} (${engine.device.kind})`,
    `${count} calibrated: N = ${N} → ${slots}, grid of L = ${steps}`,
    String(batch.count),
    short(micros),
    short(alone.micros),
    short(alone.micros / micros),
    ...compare(above),
  ];
}

/** Every channel with inputs that have most of their power at low frequencies, as networks' inner signals have. */
function calibratedRequest(batch: ModalBatch, slots: number, steps: number): ChannelsRequest {
  const { points } = createGrid(steps);
  const power = Float64Array.from({ length: points }, (_, m) => 1 / (1 + (m / 20) ** 2) + 1e-3);
  return {
    ...{ batch, slots, horizon: steps, kernelHorizon: steps, epsilon: 1e-6, freeSkip: true },
    features: new Int32Array(batch.count),
    skip: new Float64Array(batch.count),
    spectra: { power, crossRe: power, crossIm: new Float64Array(points), original: power },
    heldOut: undefined,
  };
}

/** Microseconds a system for the same searches in double precision on this thread. */
function searchOnProcessor(few: SearchBatch, slots: number): number {
  const run = (): void => {
    few.systemOf.forEach((index, t) => {
      const target = createTarget(systemOf(few.systems, index), horizon);
      const [from, to] = [t * slots, (t + 1) * slots];
      const poles = { re: few.poleRe.slice(from, to), im: few.poleIm.slice(from, to) };
      hotLoops().searchPoles(new VariableProjection(target, slots), poles, searchSteps);
    });
  };
  run();
  const begin = performance.now();
  run();
  return (1000 * (performance.now() - begin)) / compared;
}

/** S4D-Lin systems with steps from 1e-3 to 1e-1 and random weights, the same at every call. */
function systemsOf(count: number, N: number): ModalBatch {
  const random = generator(1);
  const batch = emptyModalBatch(count, N);
  for (let s = 0; s < count; s++) {
    const poles = hippoPoles('s4d-lin', N);
    const weights = {
      re: poles.re.map(() => random.normal()),
      im: poles.re.map(() => random.normal()),
    };
    const step = 10 ** (-3 + 2 * random.uniform());
    const system = zeroOrderHold({ poles, weights }, step);
    batch.poleRe.set(system.poles.re, s * N);
    batch.poleIm.set(system.poles.im, s * N);
    batch.weightRe.set(system.weights.re, s * N);
    batch.weightIm.set(system.weights.im, s * N);
    batch.step[s] = step;
  }
  return cutModalBatch(batch, 0, count);
}
