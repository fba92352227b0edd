/**
 * Figure 2 of arXiv 2507.10078 as data: the objective of Algorithm 1 against the iteration on trained S4D and DSS models,
 * for the horizons infinity, 10 L, L and L Delta. Writes bench/figure2/MODEL.csv and prints a summary in Markdown.
 *
 *     node bench/run.mjs figure2
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComplexVector } from '../src/core/linalg/complex';
import { toDssExp } from '../src/core/objective/dssExp';
import { norm2 } from '../src/core/objective/h2';
import { algorithm1 } from '../src/core/solve/algorithm1';
import { continuousHorizon, paperHorizons, type PaperHorizon } from '../src/core/solve/horizons';
import { balancedModes } from '../src/core/start/balancedModes';
import { fromWeights, type Modes } from '../src/core/systems/diagonal';
import { undoZeroOrderHold } from '../src/core/systems/discretise';
import { systemOf } from '../src/core/systems/modal';
import { continuous } from '../src/core/systems/timeSpan';
import { layersOf, tensorsOf } from './support/checkpoint';
import { sharedFile } from './support/realSystems';
import { say, short, table } from './support/report';

const iterations = 100;
/** Every fourth channel of each layer. */
const stride = 4;
/** Slots kept, as a share of those stored. */
const kept = 1 / 4;
/** Decay per step given to an unstable pole of the start at least. */
const leastDecay = 1e-6;

/** A continuous system with B = 1 and the step of its channel. */
interface Channel {
  readonly modes: Modes;
  readonly step: number;
}

interface Model {
  readonly name: string;
  readonly length: number;
  readonly read: (path: string) => Promise<Channel[]>;
}

async function s4dChannels(path: string): Promise<Channel[]> {
  return (await layersOf(path)).flatMap((layer) =>
    Array.from({ length: Math.ceil(layer.count / stride) }, (_, i) => {
      const system = systemOf(layer, stride * i);
      return { modes: undoZeroOrderHold(system), step: system.step };
    }),
  );
}

/** DSS_EXP: channel h has the poles of its layer, the weights W_h and its own step. */
async function dssChannels(path: string): Promise<Channel[]> {
  const tensors = await tensorsOf(path, (name) => name.includes('.kernel.'));
  const prefixes = [...tensors.keys()].flatMap((name) =>
    name.endsWith('.log_dt') ? [name.slice(0, -'log_dt'.length)] : [],
  );
  return prefixes.flatMap((prefix) => {
    const [rate, im, w, logStep] = ['Lambda_log_neg_re', 'Lambda_im', 'W', 'log_dt'].map((name) => {
      const found = tensors.get(prefix + name);
      if (found === undefined) throw new Error(`${prefix}${name} is missing.`);
      return found;
    });
    const n = rate.length;
    const poles: ComplexVector = { re: rate.map((x) => -Math.exp(x)), im };
    return Array.from({ length: Math.ceil(logStep.length / stride) }, (_, i) => {
      const h = stride * i;
      const part = (offset: number): Float64Array =>
        Float64Array.from({ length: n }, (_, j) => w[2 * (h * n + j) + offset]);
      const weights = { re: part(0), im: part(1) };
      return { modes: { poles, weights }, step: Math.exp(logStep[h]) };
    });
  });
}

const models: readonly Model[] = [
  { name: 's4d_imdb', length: 2048, read: s4dChannels },
  { name: 's4d_smnist', length: 784, read: s4dChannels },
  { name: 'dss_exp_imdb', length: 2048, read: dssChannels },
];

/** (f + ||G||²) / ||G||² at the start and after each iteration; constant once the search has stopped. */
function curve({ modes, step }: Channel, length: number, horizon: PaperHorizon): Float64Array {
  const { poles, weights } = modes;
  const full = fromWeights(poles, weights);
  const span = continuous(continuousHorizon(horizon, length, step));
  const slots = Math.max(1, Math.round(poles.re.length * kept));
  const start = balancedModes(full, slots, span, leastDecay / step).modes;
  const point = toDssExp(start.poles, start.weights);
  const { history } = algorithm1(poles, weights, span.horizon, point, { iterations });
  const norm = norm2(full, span);
  return Float64Array.from(
    { length: iterations + 1 },
    (_, k) => (history[Math.min(k, history.length - 1)] + norm) / norm,
  );
}

interface Statistics {
  readonly horizon: PaperHorizon;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** Systems whose own curve ends below its start. */
  readonly lower: number;
}

function statistics(channels: readonly Channel[], length: number): Statistics[] {
  return [...paperHorizons].reverse().map((horizon) => {
    const curves = channels.map((channel) => curve(channel, length, horizon));
    const at = (k: number): number[] => curves.map((values) => values[k]);
    const average = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const steps = Array.from({ length: iterations + 1 }, (_, k) => k);
    const mean = steps.map((k) => average(at(k)));
    const deviation = steps.map((k) =>
      Math.sqrt(average(at(k).map((value) => (value - mean[k]) ** 2))),
    );
    const lower = curves.filter((values) => values[iterations] < values[0]).length;
    return { horizon, mean, deviation, lower };
  });
}

function csv(all: readonly Statistics[]): string {
  const head = all.flatMap(({ horizon }) => [`${horizon} mean`, `${horizon} deviation`]);
  const rows = Array.from({ length: iterations + 1 }, (_, k) =>
    [k, ...all.flatMap(({ mean, deviation }) => [mean[k], deviation[k]])]
      .map((value) => Number(value.toPrecision(6)))
      .join(','),
  );
  return [['iteration', ...head].join(','), ...rows, ''].join('\n');
}

async function main(): Promise<void> {
  const rows: string[][] = [];
  let allLower = true;
  mkdirSync(join('bench', 'figure2'), { recursive: true });
  for (const { name, length, read } of models) {
    const path = sharedFile('trained', name, `${name}.safetensors`);
    if (!existsSync(path)) {
      say(`- \`${name}\` is not here (SSM_SHARED names the folder): not measured.`);
      continue;
    }
    const channels = await read(path);
    const all = statistics(channels, length);
    writeFileSync(join('bench', 'figure2', `${name}.csv`), csv(all));
    for (const { horizon, mean, deviation, lower } of all) {
      allLower &&= mean[iterations] < mean[0];
      const show = (k: number): string => `${short(mean[k])} ± ${short(deviation[k])}`;
      const ended = `${lower} of ${channels.length}`;
      rows.push([name, horizon, show(0), show(10), show(iterations), ended]);
    }
  }
  if (rows.length === 0) return;
  const head = [
    'model',
    'horizon',
    'start',
    'after 10',
    `after ${iterations}`,
    'systems that fell',
  ];
  say(table(head, rows));
  const verdict = allLower
    ? 'Every curve ends below its start.'
    : 'NOT every curve ends below its start.';
  say(`\n${verdict} The curves: \`bench/figure2/*.csv\`.`);
}

void main();
