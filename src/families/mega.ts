import { SsmError } from '../core/errors';
import type { LayerSystems } from '../core/systems/layer';
import { emptyModalBatch } from '../core/systems/modal';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import type { Family, LayerSite } from './family';
import { type Tensors, hasShape, layerName, namesOf, prefixesOf } from './siblings';
import { independentBatch, layerTensors, storedEdit } from './values';

/**
 * Mega's multi-dimensional damped moving average (arXiv 2209.10655): tensors below `<layer>.move`
 *     delta, alpha, beta (D, n, 1)   gamma (D, n)   omega (D), the skip weights
 * with K_dl = sum_n p_dn beta_dn gamma_dn n^(-1/2) q_dn^l, p = sigmoid(delta) and q = 1 - p sigmoid(alpha): poles in
 * (0, 1) and real weights. In both directions all but omega have 2D rows, the backward ones last. In Hugging Face's
 * transformers the tensors below `<layer>.ema_gate` have other names. n^(-1/2) is a constant of the class, so that
 * another n changes the weights.
 */
export const mega: Family = {
  id: 'mega',
  title: 'Mega moving average',
  orderSettings: ['ema_projection_size', 'encoder_n_dim', 'decoder_n_dim', 'n_dim', 'ndim'],
  smallestOrder: 1,
  recognise,
  slotsForOrder,
  orderForSlots: (slots) => slots,
  parameters: ({ channels }, order) => 4 * channels * order,
  read,
  write,
};

const roles = ['delta', 'alpha', 'beta', 'gamma', 'omega'] as const;
type Role = (typeof roles)[number];

/** What the tensors are called, and the part of the model that holds them. */
const spellings: readonly { readonly place: string; readonly names: Record<Role, string> }[] = [
  {
    place: 'move',
    names: { delta: 'delta', alpha: 'alpha', beta: 'beta', gamma: 'gamma', omega: 'omega' },
  },
  {
    place: 'ema_gate',
    names: {
      delta: 'damping_factor',
      alpha: 'decay_factor',
      beta: 'ema_expansion_matrix',
      gamma: 'kernel_projection_matrix',
      omega: 'residual_weight',
    },
  },
];

function recognise(tensors: Tensors): LayerSite[] {
  return spellings.flatMap(({ place, names }) =>
    prefixesOf(tensors, names.delta).flatMap((prefix) => {
      const [delta, alpha, beta, gamma, omega] = roles.map((role) =>
        tensors.get(prefix + names[role]),
      );
      const found = { delta, alpha, beta, gamma, omega };
      return isComplete(found) ? (siteOf(layerName(prefix, place), found) ?? []) : [];
    }),
  );
}

function isComplete(
  found: Record<Role, TensorInfo | undefined>,
): found is Record<Role, TensorInfo> {
  return roles.every((role) => found[role] !== undefined);
}

function siteOf(name: string, found: Record<Role, TensorInfo>): LayerSite | undefined {
  const { omega, ...own } = found;
  const { delta, alpha, beta, gamma } = own;
  const [rows, slots] = gamma.shape;
  if (!hasShape(gamma.shape, [undefined, undefined])) return undefined;
  if (![delta, alpha, beta].every(({ shape }) => hasShape(shape, [rows, slots, 1]))) {
    return undefined;
  }
  const both = hasShape(omega.shape, [rows / 2]);
  if (!both && !hasShape(omega.shape, [rows])) return undefined;
  return {
    family: 'mega',
    name,
    order: slots,
    slots,
    channels: rows,
    tying: 'independent',
    tensors: namesOf(own),
    skip: omega.name,
    ...(both ? { facts: { bidirectional: 'yes' } } : {}),
  };
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (ndim) of a moving average must be a whole number from 1 up, not ${order}.`,
  );
}

function read(site: LayerSite, values: ReadonlyMap<string, TensorValues>): LayerSystems {
  const { delta, alpha, beta, gamma } = layerTensors(site, values);
  const batch = emptyModalBatch(site.channels, site.slots);
  const scale = Math.sqrt(1 / site.slots);
  for (let at = 0; at < batch.poleRe.length; at++) {
    const p = sigmoid(delta.values[at]);
    const log = Math.log1p(-p * sigmoid(alpha.values[at]));
    if (!(log < 0)) {
      throw new SsmError('unstable', `Element ${at} gives a pole at 1, which does not decay.`, {
        place: `tensor ${delta.info.name}`,
      });
    }
    batch.poleRe[at] = Math.max(log, fastest);
    batch.weightRe[at] = p * beta.values[at] * gamma.values[at] * scale;
  }
  return { kind: 'independent', batch, poles: 'real' };
}

/** log q where q is 0 in double precision. */
const fastest = -750;

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/**
 * p = sigmoid(alpha) = (1 - q)^(1/2): as the class initialises them, neither is near 0 or 1 unless q is. beta becomes 1
 * and gamma carries the weight, for p as it is stored.
 */
function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
): TensorEdit[] {
  const { delta, alpha, beta, gamma } = layerTensors(site, original);
  const { poleRe, poleIm, weightRe, slots, count } = independentBatch(systems);
  if (poleIm.some((y) => y !== 0)) {
    throw new SsmError('internal', 'Complex poles for a moving average, which has real ones.');
  }
  const shape = [count, slots, 1];
  const logits = poleRe.map(logitOfRoot);
  const edits = {
    delta: storedEdit(delta, shape, logits),
    alpha: storedEdit(alpha, shape, logits),
  };
  const weights = weightRe.map((w, at) => (w * Math.sqrt(slots)) / sigmoid(edits.delta.values[at]));
  return [
    edits.delta,
    edits.alpha,
    storedEdit(beta, shape, new Float64Array(weights.length).fill(1)),
    storedEdit(gamma, [count, slots], weights),
  ];
}

/** log(s / (1 - s)) for s = (1 - e^x)^(1/2), without cancellation: 1 - s = e^x / (1 + s). */
function logitOfRoot(x: number): number {
  const s = Math.sqrt(-Math.expm1(x));
  return Math.log(s) + Math.log1p(s) - x;
}
