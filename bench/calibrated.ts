import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { forward } from '../src/core/network/forward';
import type { Network } from '../src/core/network/network';
import type { Sequence } from '../src/core/network/program';
import type { LayerSystems } from '../src/core/systems/layer';
import { isRecognised, recogniseNetwork } from '../src/families/architectures/recogniseNetwork';
import { familyOf, recogniseLayers } from '../src/families/recognise';
import { openCheckpoint } from '../src/formats/open';
import type { TensorValues } from '../src/formats/tensor';
import { allCalibration, type CalibrationOptions } from '../src/worker/calibrate/options';
import { calibrateNetwork } from '../src/worker/calibrate/calibrateNetwork';
import { FileSource } from '../src/worker/fileSource';
import { loadNetwork } from '../src/worker/loadNetwork';
import { startEngine } from '../src/worker/threadPool';

const shared = process.env.SSM_SHARED ?? resolve(process.cwd(), '../shared');
const data = '/tmp/cal';

interface Model {
  readonly file: string;
  readonly calibration: string;
  readonly test: string;
  readonly count: number;
  readonly hyper: Record<string, string>;
  readonly layerHyper: Record<string, string>;
  readonly slots: readonly number[];
}

const s4d = { discretisation: 'zoh' };
const models: Record<string, Model> = {
  gevorgyg: {
    file: 'checkpoints/real/gevorgyg-ckpt.pth',
    calibration: 'mnist_cal',
    test: 'mnist_test',
    count: 150,
    hyper: { prenorm: 'false', pooling: 'mean' },
    layerHyper: s4d,
    slots: [4, 2, 1],
  },
  chordchen: {
    file: 'checkpoints/real/chordchen-ckpt.pth',
    calibration: 'cifar_cal',
    test: 'cifar_test',
    count: 128,
    hyper: { prenorm: 'false', pooling: 'mean' },
    layerHyper: s4d,
    slots: [8, 4, 2],
  },
  ethorondor: {
    file: 'checkpoints/real/ethorondor-ckpt.pth',
    calibration: 'cifar_cal',
    test: 'cifar_test',
    count: 128,
    hyper: { prenorm: 'false', pooling: 'mean' },
    layerHyper: s4d,
    slots: [8, 4, 2],
  },
  s4d_imdb: {
    file: 'trained/s4d_imdb/s4d_imdb.pt',
    calibration: 'imdb_cal',
    test: 'imdb_test',
    count: 200,
    hyper: { prenorm: 'true', pooling: 'mean' },
    layerHyper: s4d,
    slots: [2, 1],
  },
  s4d_smnist: {
    file: 'trained/s4d_smnist/s4d_smnist.pt',
    calibration: 'smnist_cal',
    test: 'smnist_test',
    count: 300,
    hyper: { prenorm: 'false', pooling: 'mean' },
    layerHyper: s4d,
    slots: [8, 4],
  },
  dss_exp_imdb: {
    file: 'trained/dss_exp_imdb/dss_exp_imdb.pt',
    calibration: 'imdb_cal',
    test: 'imdb_test',
    count: 200,
    hyper: { activation: 'gelu', pooling: 'mean' },
    layerHyper: { version: 'exp', kernel_to_real: 'real' },
    slots: [8, 4],
  },
  lru_wh: {
    file: 'trained/lru_wh/lru_wh.pt',
    calibration: 'wh_cal',
    test: 'wh_test',
    count: 80,
    hyper: {},
    layerHyper: {},
    slots: [16, 8],
  },
};

function readSamples(name: string): { sequences: Sequence[]; labels: Float32Array } {
  const { width, count } = JSON.parse(readFileSync(join(data, `${name}.json`), 'utf8')) as {
    width: number;
    count: number;
  };
  const floats = (ext: string): Float32Array => {
    const b = readFileSync(join(data, `${name}.${ext}`));
    return new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength));
  };
  const x = floats('x');
  const lb = readFileSync(join(data, `${name}.len`));
  const lengths = new Int32Array(lb.buffer.slice(lb.byteOffset, lb.byteOffset + lb.byteLength));
  let at = 0;
  const sequences = Array.from({ length: count }, (_, i) => {
    const n = width * lengths[i];
    const s = { x: Float64Array.from(x.subarray(at, at + n)), width, length: lengths[i] };
    at += n;
    return s;
  });
  return { sequences, labels: floats('y') };
}

const args = process.argv.slice(2);
const flag = (name: string): string | undefined => {
  const i = args.indexOf(`--${name}`);
  return i < 0 ? undefined : args[i + 1];
};
const modelName = args[0];
const model = models[modelName];

async function load(): Promise<{
  network: Network;
  store: (layer: number, systems: LayerSystems) => LayerSystems;
}> {
  const source = await FileSource.open(join(shared, model.file));
  const checkpoint = await openCheckpoint(source);
  const tensors = checkpoint.tensors.filter((t) => t.role === 'model');
  const sites = recogniseLayers(tensors);
  const recognised = recogniseNetwork(tensors, sites);
  if (!isRecognised(recognised)) throw new Error(recognised.reason);
  const layers = new Map(sites.map((s) => [s.name, model.layerHyper]));
  const network = await loadNetwork(checkpoint, recognised, sites, {
    network: model.hyper,
    layers,
  });
  const values = new Map<string, TensorValues>();
  for (const site of sites)
    for (const t of Object.values(site.tensors)) values.set(t, await checkpoint.readTensor(t));
  const store = (index: number, systems: LayerSystems): LayerSystems => {
    const site = sites.find((s) => s.name === network.layers[index].name)!;
    const family = familyOf(site.family);
    const edits = family.write(site, systems, values, model.layerHyper);
    const slots =
      systems.kind === 'independent'
        ? systems.batch.slots
        : systems.kind === 'tied'
          ? systems.groups[0].system.poles.re.length
          : systems.system.poles.re.length;
    const after = new Map(values);
    for (const e of edits) {
      const v = values.get(e.name)!;
      after.set(e.name, { info: { ...v.info, shape: e.shape }, values: e.values });
    }
    return family.read(
      { ...site, slots, order: family.orderForSlots(slots) },
      after,
      model.layerHyper,
    );
  };
  return { network, store };
}

interface Outputs {
  readonly logits: Float64Array[];
}

function outputsOf(network: Network, sequences: readonly Sequence[]): Outputs {
  return { logits: sequences.map((s) => forward(network, s).x) };
}

function accuracy({ logits }: Outputs, labels: Float32Array): number {
  let right = 0;
  logits.forEach((l, i) => {
    if (l.indexOf(Math.max(...l)) === labels[i]) right++;
  });
  return (100 * right) / logits.length;
}
function auc({ logits }: Outputs, labels: Float32Array): number {
  const s = logits.map((l, i) => [l[1] - l[0], labels[i]]).sort((a, b) => a[0] - b[0]);
  let [rank, pos] = [0, 0];
  s.forEach(([, y], i) => {
    if (y === 1) {
      rank += i + 1;
      pos++;
    }
  });
  return (rank - (pos * (pos + 1)) / 2) / (pos * (s.length - pos));
}
function agreement(a: Outputs, b: Outputs): number {
  return (
    (100 *
      a.logits.filter(
        (l, i) => l.indexOf(Math.max(...l)) === b.logits[i].indexOf(Math.max(...b.logits[i])),
      ).length) /
    a.logits.length
  );
}
function error(a: Outputs, b: Outputs): number {
  let [e, n] = [0, 0];
  const mean = a.logits[0].map((_, k) => a.logits.reduce((s, l) => s + l[k], 0) / a.logits.length);
  a.logits.forEach((l, i) => {
    l.forEach((v, k) => {
      e += (v - b.logits[i][k]) ** 2;
      n += (v - mean[k]) ** 2;
    });
  });
  return Math.sqrt(e / n);
}
function nrmse({ logits }: Outputs, y: Float32Array): number {
  const n = logits[0].length;
  let [e, s, q, c] = [0, 0, 0, 0];
  logits.forEach((l, b) => {
    for (let t = 100; t < n; t++) {
      const v = y[b * n + t];
      e += (l[t] - v) ** 2;
      s += v;
      q += v * v;
      c++;
    }
  });
  return Math.sqrt(e / (q - (s * s) / c));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const { network, store } = await load();
  const calibration = readSamples(model.calibration);
  const test = readSamples(model.test);
  const count = Number(flag('count') ?? model.count);
  const tests = Number(flag('tests') ?? test.sequences.length);
  const sequences = calibration.sequences.slice(0, count);
  const testSequences = test.sequences.slice(0, tests);
  const options: CalibrationOptions = {
    ...allCalibration,
    ...(JSON.parse(flag('options') ?? '{}', (_, v: unknown) =>
      v === null ? undefined : v,
    ) as object),
  };
  const time = performance.now();
  const original = outputsOf(network, testSequences);
  const regression = modelName === 'lru_wh';
  const figures = (o: Outputs): string =>
    regression
      ? `nrmse ${nrmse(o, test.labels).toFixed(4)}`
      : `acc ${accuracy(o, test.labels).toFixed(2)}${original.logits[0].length === 2 ? ` auc ${auc(o, test.labels).toFixed(4)}` : ''}`;
  say(
    `${modelName}: original ${figures(original)} on ${tests} (${((performance.now() - time) / 1000).toFixed(1)} s)`,
  );
  const engine = await startEngine();
  for (const slots of flag('slots')?.split(',').map(Number) ?? model.slots) {
    const start = performance.now();
    const result = await calibrateNetwork(
      {
        network,
        sequences,
        slots: network.layers.map(() => slots),
        options,
        store,
        ...(flag('effort') ? { effort: JSON.parse(flag('effort')!) as never } : {}),
      },
      { engine },
    );
    const seconds = (performance.now() - start) / 1000;
    const outputs = outputsOf(result.network, testSequences);
    const layers = [...result.layers.values()]
      .map(
        (l) =>
          `${l.fittedError.toFixed(3)}/${l.heldOutError?.toFixed(3) ?? '-'}${l.mixing ? ` mix ${l.mixing.before.toFixed(3)}→${l.mixing.after.toFixed(3)} (${l.mixing.lambda})` : ''}`,
      )
      .join(' | ');
    say(
      `slots ${slots}: ${figures(outputs)} agree ${regression ? '-' : agreement(original, outputs).toFixed(2)} err ${error(original, outputs).toFixed(3)} calErr ${result.outputError.toFixed(3)}${result.refined ? ` ref ${result.refined.before.toFixed(3)}→${result.refined.after.toFixed(3)}` : ''} | ${layers} | ${seconds.toFixed(0)} s, rss ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
    );
  }
  await engine.stop();
}

void main();
