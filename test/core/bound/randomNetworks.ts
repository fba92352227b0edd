import type {
  Activation,
  Network,
  Op,
  Parameter,
  StateSpaceLayer,
} from '../../../src/core/network/network';
import type { Sequence } from '../../../src/core/network/program';
import { complexMatrix } from '../../../src/core/linalg/matrix';
import type { DiagonalSystem } from '../../../src/core/systems/diagonal';
import type { LayerSystems } from '../../../src/core/systems/layer';
import { emptyModalBatch } from '../../../src/core/systems/modal';

/** Numbers that depend on the seed alone (mulberry32). */
export interface Random {
  /** In (0, 1). */
  readonly uniform: () => number;
  readonly normal: () => number;
  readonly integer: (from: number, to: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
}

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  const integer = (from: number, to: number): number =>
    from + Math.floor(uniform() * (to - from + 1));
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer,
    pick: (from) => from[integer(0, from.length - 1)],
  };
}

export interface NetworkPair {
  readonly original: Network;
  /** The same with other state-space layers, and sometimes other weights around them. */
  readonly reduced: Network;
  readonly length: number;
}

/** A small network of any shape that is supported, with a compressed counterpart. */
export function randomPair(random: Random): NetworkPair {
  const width = random.integer(2, 6);
  const length = random.integer(2, 24);
  const layers: StateSpaceLayer[] = [];
  const changed: StateSpaceLayer[] = [];
  const tokens = random.uniform() < 0.25;
  const inputs = random.integer(1, 4);
  const first: Op = tokens
    ? { kind: 'embedding', width, table: parameter(random, [7, width], 1) }
    : linear(random, inputs, width, 'encoder');
  const norm = random.pick(['layer', 'rms', 'batch', 'none'] as const);
  const prenorm = random.uniform() < 0.6;
  const blocks = Array.from({ length: random.integer(1, 4) }, (): Op[] => {
    const { body, outputs } = layerOps(random, width, layers, changed);
    const mixed = [...body, ...mixing(random, outputs, width)];
    const norms = normOps(random, norm, width);
    if (random.uniform() < 0.1) return [...norms, ...mixed];
    return prenorm
      ? [{ kind: 'residual', body: [...norms, ...mixed] }]
      : [{ kind: 'residual', body: mixed }, ...norms];
  }).flat();
  const last = random.uniform() < 0.3 ? normOps(random, norm, width) : [];
  const pooling = random.pick(['mean', 'last', 'sum', 'max', undefined] as const);
  const pools: Op[] = pooling === undefined ? [] : [{ kind: 'pool', by: pooling }];
  const ops = [first, ...blocks, ...last, ...pools, linear(random, width, 2, 'decoder')];
  const input = tokens
    ? ({ kind: 'tokens', vocabulary: 7 } as const)
    : ({ kind: 'values', width: inputs } as const);
  const refitted = random.uniform() < 0.2 ? ops.map((op) => refit(random, op)) : ops;
  return {
    original: { input, ops, layers },
    reduced: { input, ops: refitted, layers: changed },
    length,
  };
}

/** A random sequence for the network. */
export function randomSequence(
  random: Random,
  { input }: Network,
  length: number,
  of: (h: number, t: number) => number = () => random.normal(),
): Sequence {
  const width = input.kind === 'tokens' ? 1 : input.width;
  const x = Float64Array.from({ length: width * length }, (_, i) =>
    input.kind === 'tokens'
      ? random.integer(0, input.vocabulary - 1)
      : of(Math.floor(i / length), i % length),
  );
  return { x, width, length };
}

/** max over positions of the norm of a row. */
export function rowBound({ x, width, length }: Sequence): number {
  let most = 0;
  for (let t = 0; t < length; t++) {
    let sum = 0;
    for (let h = 0; h < width; h++) sum += x[h * length + t] ** 2;
    most = Math.max(most, Math.sqrt(sum));
  }
  return most;
}

function layerOps(
  random: Random,
  width: number,
  layers: StateSpaceLayer[],
  changed: StateSpaceLayer[],
): { body: Op[]; outputs: number } {
  const kind = random.pick(['independent', 'independent', 'tied', 'mimo'] as const);
  const bidirectional = random.pick([undefined, undefined, 'shifted', 'unshifted'] as const);
  const copies = kind !== 'mimo' && random.uniform() < 0.25 ? 2 : 1;
  const outputs = width * copies;
  const directions = bidirectional === undefined ? 1 : 2;
  const noise = 10 ** random.integer(-4, 0);
  const systems = systemsOf(random, kind, width, outputs * directions);
  const D = parameter(random, kind === 'mimo' ? [outputs, width] : [outputs], 0.5);
  const layer: StateSpaceLayer = {
    name: `layer ${layers.length}`,
    ...{ inputs: width, outputs, systems },
    ...(bidirectional && { bidirectional }),
    ...(random.uniform() < 0.5 ? {} : { horizon: random.integer(3, 20) }),
    skip: { kind: kind === 'mimo' ? 'matrix' : 'diagonal', weight: D },
  };
  layers.push(layer);
  const unchanged = random.uniform() < 0.1;
  changed.push(unchanged ? layer : { ...layer, systems: disturbed(random, systems, noise) });
  const activation = random.pick<Activation | undefined>([
    ...(['gelu', 'gelu-tanh', 'relu', 'silu', 'tanh', 'sigmoid', undefined] as const),
  ]);
  const op: Op = { kind: 'state-space', layer: layers.length - 1 };
  return { body: activation ? [op, { kind: 'activation', activation }] : [op], outputs };
}

function mixing(random: Random, inputs: number, width: number): Op[] {
  const gate = random.pick(['first', 'second'] as const);
  const plain = (): Op[] => [linear(random, inputs, width, 'mixing')];
  const gated = (): Op[] => {
    const activation = random.pick(['sigmoid', 'sigmoid', 'gelu', 'tanh', 'silu'] as const);
    return [linear(random, inputs, 2 * width, 'mixing'), { kind: 'glu', activation, gate }];
  };
  const forward = (): Op[] => [
    linear(random, inputs, 3, 'feed-forward'),
    { kind: 'activation', activation: 'gelu' },
    linear(random, 3, width, 'feed-forward'),
  ];
  const nothing = (): Op[] => (inputs === width ? [] : plain());
  const bare = (): Op[] =>
    inputs === 2 * width ? [{ kind: 'glu', activation: 'sigmoid', gate }] : plain();
  return random.pick([plain, gated, forward, nothing, bare])();
}

export function normOps(
  random: Random,
  norm: 'layer' | 'rms' | 'batch' | 'none',
  width: number,
): Op[] {
  const epsilon = 10 ** random.integer(-5, -1);
  const scale = { ...parameter(random, [width], 0.5) };
  scale.values.forEach((x, c) => (scale.values[c] = 1 + x));
  const shift = parameter(random, [width], 0.3);
  switch (norm) {
    case 'layer':
      return [{ kind: 'layer-norm', width, epsilon, scale, shift }];
    case 'rms':
      return [{ kind: 'layer-norm', width, epsilon, scale, uncentred: true }];
    case 'batch': {
      const variance = parameter(random, [width], 1);
      variance.values.forEach((x, c) => (variance.values[c] = 0.2 + x * x));
      const mean = parameter(random, [width], 1);
      return [{ kind: 'batch-norm', width, epsilon, mean, variance, scale, shift }];
    }
    case 'none':
      return [];
  }
}

export function linear(
  random: Random,
  inputs: number,
  outputs: number,
  role: 'encoder' | 'mixing' | 'feed-forward' | 'decoder',
): Op {
  return {
    ...({ kind: 'linear', inputs, outputs, role } as const),
    weight: parameter(random, [outputs, inputs], 1 / Math.sqrt(inputs)),
    ...(random.uniform() < 0.7 ? { bias: parameter(random, [outputs], 0.3) } : {}),
  };
}

export function parameter(random: Random, shape: number[], scale: number): Parameter {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: count }, () => scale * random.normal());
  return { tensor: 'random', shape, values };
}

function systemsOf(
  random: Random,
  kind: 'independent' | 'tied' | 'mimo',
  inputs: number,
  kernels: number,
): LayerSystems {
  const slots = random.integer(1, 4);
  const poles = (count: number) => ({
    re: Float64Array.from({ length: count }, () => -0.02 - 0.7 * random.uniform()),
    im: Float64Array.from({ length: count }, () => 3 * random.uniform()),
  });
  const complex = (rows: number, cols: number, scale: number) => {
    const M = complexMatrix(rows, cols);
    M.re.forEach((_, i) => (M.re[i] = scale * random.normal()));
    M.im.forEach((_, i) => (M.im[i] = scale * random.normal()));
    return M;
  };
  if (kind === 'mimo') {
    const system: DiagonalSystem = {
      poles: poles(slots),
      B: complex(slots, inputs, 0.5),
      C: complex(kernels, slots, 0.5),
    };
    return { kind, system };
  }
  if (kind === 'tied') {
    const steps = Float64Array.from({ length: kernels }, () => 0.2 + random.uniform());
    const system = { poles: poles(slots), weights: complex(kernels, slots, 0.4), steps };
    return { kind, groups: [{ kernels: Int32Array.from(steps.keys()), system }] };
  }
  const batch = emptyModalBatch(kernels, slots);
  const { re, im } = poles(kernels * slots);
  batch.poleRe.set(re);
  batch.poleIm.set(im);
  batch.weightRe.forEach((_, i) => (batch.weightRe[i] = 0.4 * random.normal()));
  batch.weightIm.forEach((_, i) => (batch.weightIm[i] = 0.4 * random.normal()));
  return { kind, batch, poles: 'complex' };
}

/** The same systems with other weights. */
function disturbed(random: Random, systems: LayerSystems, noise: number): LayerSystems {
  const around = (x: Float64Array): Float64Array =>
    x.map((value) => value + noise * 0.4 * random.normal());
  switch (systems.kind) {
    case 'independent': {
      const { batch } = systems;
      const weightRe = around(batch.weightRe);
      return { ...systems, batch: { ...batch, weightRe, weightIm: around(batch.weightIm) } };
    }
    case 'tied': {
      const [{ kernels, system }] = systems.groups;
      const { weights } = system;
      const moved = { ...weights, re: around(weights.re), im: around(weights.im) };
      return { kind: 'tied', groups: [{ kernels, system: { ...system, weights: moved } }] };
    }
    case 'mimo': {
      const { C } = systems.system;
      const moved = { ...C, re: around(C.re), im: around(C.im) };
      return { kind: 'mimo', system: { ...systems.system, C: moved } };
    }
    case 'lqo':
      return systems;
  }
}

/** Other weights in a map, a norm, an embedding. */
function refit(random: Random, op: Op): Op {
  const noise = 0.02;
  const around = (one: Parameter): Parameter => ({
    ...one,
    values: one.values.map((x) => x + noise * random.normal()),
  });
  switch (op.kind) {
    case 'residual':
      return { ...op, body: op.body.map((inner) => refit(random, inner)) };
    case 'linear':
      return { ...op, weight: around(op.weight), ...(op.bias && { bias: around(op.bias) }) };
    case 'layer-norm':
      return { ...op, ...(op.scale && { scale: around(op.scale) }) };
    case 'batch-norm':
      return { ...op, mean: around(op.mean) };
    case 'embedding':
      return { ...op, table: around(op.table) };
    default:
      return op;
  }
}
