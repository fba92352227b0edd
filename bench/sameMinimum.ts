/**
 * Whether calibrated reductions end where the processor's own do when an engine searches first, measured apart from speed on
 * systems of several kinds that nothing was chosen by. The engine is TensorFlow in WebAssembly, whose numbers are of
 * single precision as those of GPUs are; or WebGPU on the device given by the environment. Prints Markdown.
 *
 *     node bench/run.mjs sameMinimum [SEED [SYSTEMS A KIND [wasm | webgpu]]]
 */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { reduceChannels, type ChannelsRequest } from '../src/core/calibrate/reduceChannels';
import { searchTargets } from '../src/core/calibrate/searchTargets';
import { createGrid } from '../src/core/calibrate/spectrumGrid';
import type { ComplexVector } from '../src/core/linalg/complex';
import { hippoPoles, type HippoStart } from '../src/core/start/hippo';
import { zeroOrderHold } from '../src/core/systems/discretise';
import { emptyModalBatch, type ModalBatch } from '../src/core/systems/modal';
import { installLoops } from '../src/worker/backends/cpu/install';
import { openDevice } from '../src/worker/engines/device/client';
import type { SearchEngine } from '../src/worker/engines/searchEngine';
import { createTfjsEngine } from '../src/worker/engines/tfjs/engine';
import { generator, type Random } from './support/random';
import { say, table } from './support/report';

const [seed = '1', each = '8', wanted = 'wasm'] = process.argv.slice(2);

/** Power of the inputs at frequency m of M. */
type Spectrum = (m: number, M: number, random: Random) => number;

const spectra: Readonly<Record<string, Spectrum>> = {
  'low frequencies': (m) => 1 / (1 + (m / 20) ** 2) + 1e-3,
  white: () => 1,
  'a resonance': (m, M) => 1 / (1 + ((m - M / 5) / (M / 40)) ** 2) + 1e-4,
  'recorded unevenly': (m, _, random) => (0.05 + random.normal() ** 2) / (1 + m / 8),
};

interface Kind {
  readonly poles: HippoStart;
  readonly perturbed: boolean;
  readonly N: number;
  readonly slots: number;
  readonly horizon: number;
  readonly spectrum: string;
  readonly freeSkip: boolean;
}

const kind = (
  poles: HippoStart,
  perturbed: boolean,
  [N, slots, horizon]: readonly [number, number, number],
  spectrum: string,
  freeSkip: boolean,
): Kind => ({ poles, perturbed, N, slots, horizon, spectrum, freeSkip });

const kinds: readonly Kind[] = [
  kind('s4d-lin', false, [16, 4, 256], 'low frequencies', true),
  kind('s4d-lin', true, [32, 6, 256], 'white', false),
  kind('s4d-inv', false, [16, 3, 128], 'a resonance', true),
  kind('s4d-inv', true, [32, 4, 512], 'low frequencies', false),
  kind('skew-hippo', false, [16, 2, 192], 'white', true),
  kind('skew-hippo', true, [16, 5, 128], 'recorded unevenly', true),
  kind('s4d-lin', true, [8, 2, 64], 'recorded unevenly', false),
  kind('s4d-lin', false, [32, 8, 512], 'a resonance', true),
];

/** Above this a result counts as worse, below its opposite as better. */
const same = 1e-9;

void main();

async function main(): Promise<void> {
  installLoops();
  const engine = await open();
  say(`Seed ${seed}, ${each} systems a kind, on ${engine.device.name}.\n`);
  const all: string[][] = [];
  for (const [i, one] of kinds.entries())
    all.push(await measure(engine, one, 1000 * Number(seed) + i));
  await engine.dispose();
  const head = [
    'systems',
    'same',
    'better',
    'worse',
    'worst',
    'best',
    'time of the processor after the engine ÷ alone',
  ];
  say(table(head, all));
}

async function open(): Promise<SearchEngine> {
  const modules = join(process.cwd(), 'node_modules');
  if (wanted !== 'wasm') return openDevice('webgpu', { folder: process.cwd() });
  setWasmPaths(join(modules, '@tensorflow/tfjs-backend-wasm/dist/'));
  await tf.setBackend('wasm');
  await tf.ready();
  return createTfjsEngine(tf, { kind: 'cpu', name: 'TensorFlow in WebAssembly' });
}

async function measure(engine: SearchEngine, one: Kind, start: number): Promise<string[]> {
  const request = requestOf(one, generator(start));
  const reduce = (searched?: ComplexVector): number[] =>
    reduceChannels({ ...request, searched }).traces.map(({ objective }) => objective.at(-1) ?? NaN);
  const found = await engine.searchWeighted(searchTargets(request));
  const searched = { re: found.poleRe, im: found.poleIm };
  const [alone, after] = [reduce(), reduce(searched)];
  // in turns, so that what is compiled meanwhile weighs on both
  const seconds = { alone: 0, after: 0 };
  for (let k = 0; k < 3; k++) {
    seconds.alone += timed(() => reduce());
    seconds.after += timed(() => reduce(searched));
  }
  const above = after.map((error, c) => error / alone[c] - 1);
  const count = (test: (x: number) => boolean): string => String(above.filter(test).length);
  const { poles, perturbed, N, slots, horizon, spectrum, freeSkip } = one;
  return [
    `${poles}${perturbed ? ', perturbed' : ''}: ${N} → ${slots}, L = ${horizon}; ${spectrum}${freeSkip ? ', free skip' : ''}`,
    count((x) => Math.abs(x) <= same),
    count((x) => x < -same),
    count((x) => !(x <= same)),
    Math.max(...above).toExponential(1),
    Math.min(...above).toExponential(1),
    (seconds.after / seconds.alone).toFixed(2),
  ];
}

/** Seconds that this process computed; others that compute too do not count. */
function timed(compute: () => unknown): number {
  const begin = process.cpuUsage();
  compute();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

function requestOf(
  { horizon, slots, spectrum, freeSkip, ...systems }: Kind,
  random: Random,
): ChannelsRequest {
  const { points } = createGrid(horizon);
  const array = (of: (m: number) => number): Float64Array =>
    Float64Array.from({ length: points }, (_, m) => of(m));
  const power = array((m) => spectra[spectrum](m, points, random));
  const batch = systemsOf(systems, random);
  return {
    ...{ batch, slots, horizon, kernelHorizon: horizon, epsilon: 1e-6, freeSkip },
    features: new Int32Array(batch.count),
    skip: Float64Array.from({ length: batch.count }, () => random.normal()),
    // the layer receives nearly what the original one did
    spectra: {
      power,
      crossRe: array((m) => power[m] * (1 + 0.05 * random.normal())),
      crossIm: array((m) => (m === 0 || m === points - 1 ? 0 : 0.05 * power[m] * random.normal())),
      original: array((m) => 1.05 * power[m]),
    },
    heldOut: undefined,
  };
}

/** Systems with steps from 1e-3 to 1e-1 and random weights. */
function systemsOf(
  { poles: start, perturbed, N }: Pick<Kind, 'poles' | 'perturbed' | 'N'>,
  random: Random,
): ModalBatch {
  const count = Number(each);
  const batch = emptyModalBatch(count, N);
  for (let s = 0; s < count; s++) {
    const poles = hippoPoles(start, N);
    if (perturbed) {
      poles.re.forEach((x, n) => (poles.re[n] = x * Math.exp(0.6 * random.normal())));
      poles.im.forEach((y, n) => (poles.im[n] = y * (1 + 0.6 * random.normal())));
    }
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
  return batch;
}
