import { readFileSync } from 'node:fs';
import type {
  Activation,
  Network,
  Op,
  Parameter,
  StateSpaceLayer,
} from '../../../src/core/network/network';
import type { Sequence } from '../../../src/core/network/program';
import { emptyModalBatch } from '../../../src/core/systems/modal';

type Pairs = [number, number][][];

export interface GoldenSsm {
  a: Pairs;
  w: Pairs;
  D: number[];
  ab?: Pairs;
  wb?: Pairs;
}

interface GoldenNorm {
  type: 'layer' | 'rms' | 'batch' | 'none';
  eps: number;
  gamma: number[];
  beta: number[];
  mean: number[];
  var: number[];
}

interface GoldenNet {
  enc: { W: number[][]; b: number[] };
  blocks: {
    prenorm: boolean;
    norm: GoldenNorm;
    ssm: GoldenSsm;
    act: string;
    mix: { type: 'linear' | 'glu'; W: number[][]; b: number[] };
  }[];
  pool: 'mean' | 'last';
  dec: { W: number[][]; b: number[] };
  fnorm: GoldenNorm | null;
}

interface GoldenBound {
  bound: number;
  contributions: number[];
  gains: number[];
}

interface GoldenCerts {
  g: number[];
  gh: number[];
  h2: number[];
  frob: number[];
  l1: number[];
  dft: number[];
  T: number[];
  l1K: number[];
  supgain: number;
  supgainh: number;
  supe: number;
}

export interface GoldenCase {
  net: GoldenNet;
  hat: GoldenSsm[];
  u: number[][];
  U: number;
  L: number;
  y: number[];
  y_hat: number[];
  true_error: number;
  certs: GoldenCerts[];
  worst: GoldenBound;
  worst_h2: GoldenBound;
  calibrated: GoldenBound;
  calibrated_exact_local: GoldenBound;
}

export function goldenCases(): GoldenCase[] {
  const text = readFileSync('test/golden/10_deep_bound.json', 'utf8');
  return (JSON.parse(text) as { cases: GoldenCase[] }).cases;
}

export function parameter(values: ArrayLike<number>, shape: number[] = [values.length]): Parameter {
  return { tensor: 'golden', shape, values: Float64Array.from(values) };
}

export function matrixParameter(W: number[][]): Parameter {
  return parameter(W.flat(), [W.length, W[0].length]);
}

/** The golden network with these state-space layers, as a network of the program. */
export function goldenNetwork({ net }: GoldenCase, layers: readonly GoldenSsm[]): Network {
  const width = net.enc.W.length;
  const linear = (
    { W, b }: { W: number[][]; b: number[] },
    role: 'encoder' | 'mixing' | 'decoder',
  ): Op => ({
    kind: 'linear',
    inputs: W[0].length,
    outputs: W.length,
    weight: matrixParameter(W),
    bias: parameter(b),
    role,
  });
  const blocks = net.blocks.flatMap((block, layer): Op[] => {
    const norm = normOps(block.norm, width);
    const body: Op[] = [
      { kind: 'state-space', layer },
      ...activation(block.act),
      linear(block.mix, 'mixing'),
      ...(block.mix.type === 'glu'
        ? [{ kind: 'glu', activation: 'sigmoid', gate: 'second' } as const]
        : []),
    ];
    return block.prenorm
      ? [{ kind: 'residual', body: [...norm, ...body] }]
      : [{ kind: 'residual', body }, ...norm];
  });
  return {
    input: { kind: 'values', width: net.enc.W[0].length },
    ops: [
      linear(net.enc, 'encoder'),
      ...blocks,
      ...(net.fnorm === null ? [] : normOps(net.fnorm, width)),
      { kind: 'pool', by: net.pool },
      linear(net.dec, 'decoder'),
    ],
    layers: layers.map((ssm, i) => layerOf(ssm, `layer ${i}`)),
  };
}

function normOps(norm: GoldenNorm, width: number): Op[] {
  const affine = { scale: parameter(norm.gamma), shift: parameter(norm.beta) };
  switch (norm.type) {
    case 'layer':
      return [{ kind: 'layer-norm', width, epsilon: norm.eps, ...affine }];
    case 'rms':
      return [
        { kind: 'layer-norm', width, epsilon: norm.eps, uncentred: true, scale: affine.scale },
      ];
    case 'batch': {
      const [mean, variance] = [parameter(norm.mean), parameter(norm.var)];
      return [{ kind: 'batch-norm', width, epsilon: norm.eps, mean, variance, ...affine }];
    }
    case 'none':
      return [];
  }
}

function activation(name: string): Op[] {
  const known: Record<string, Activation> = {
    gelu: 'gelu',
    gelu_tanh: 'gelu-tanh',
    relu: 'relu',
    silu: 'silu',
    tanh: 'tanh',
  };
  return name === 'identity' ? [] : [{ kind: 'activation', activation: known[name] }];
}

function layerOf({ a, w, D, ab, wb }: GoldenSsm, name: string): StateSpaceLayer {
  const width = a.length;
  const poles = [...a, ...(ab ?? [])];
  const weights = [...w, ...(wb ?? [])];
  const slots = Math.max(...poles.map((row) => row.length));
  const batch = emptyModalBatch(poles.length, slots);
  batch.poleRe.fill(-1);
  poles.forEach((row, c) => {
    row.forEach(([re, im], n) => {
      batch.poleRe[c * slots + n] = re;
      batch.poleIm[c * slots + n] = im;
      batch.weightRe[c * slots + n] = weights[c][n][0];
      batch.weightIm[c * slots + n] = weights[c][n][1];
    });
  });
  return {
    name,
    inputs: width,
    outputs: width,
    systems: { kind: 'independent', batch, poles: 'complex' },
    ...(ab === undefined || ab.length === 0 ? {} : { bidirectional: 'shifted' as const }),
    skip: { kind: 'diagonal', weight: parameter(D) },
  };
}

/** Rows of features at positions as a sequence. */
export function sequenceOf(u: number[][]): Sequence {
  const [length, width] = [u.length, u[0].length];
  const x = new Float64Array(width * length);
  u.forEach((row, t) => {
    row.forEach((value, h) => (x[h * length + t] = value));
  });
  return { x, width, length };
}
