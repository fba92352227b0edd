import { SsmError } from '../core/errors';
import type { LayerSystems } from '../core/systems/layer';
import { emptyModalBatch } from '../core/systems/modal';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import type { Family, LayerSite } from './family';
import { type Tensors, hasShape, layerName, namesOf, prefixesOf, siblings } from './siblings';
import { independentBatch, layerTensors, storedEdit } from './values';

/**
 * Mega's moving average as a kernel of state-spaces/s4, version 4 (EMAKernel): tensors below `<layer>.kernel`
 *     delta (R, n, 1) or, with `dt_tie`, (R, 1, 1)   alpha, beta (R, n, 1)   gamma (channels H, n)
 * with K = sum_n p_n beta_n gamma_n n^(-1/2) q_n^l, p = sigmoid(delta) and q = 1 - p sigmoid(alpha). R is channels H, or
 * H with `efficient_bidirectional`, where the channels of a feature share their poles. The skip weights belong to the
 * block around it.
 */
export const s4v4Ema: Family = {
  id: 's4v4-ema',
  title: 'Moving average (S4 version 4)',
  orderSettings: ['d_state'],
  smallestOrder: 1,
  recognise: (tensors) =>
    prefixesOf(tensors, 'gamma')
      .map((prefix) => siteAt(prefix, tensors))
      .filter((site) => site !== undefined),
  slotsForOrder,
  orderForSlots: (slots) => slots,
  parameters: ({ channels, sizes }, order) => {
    const { rows = channels, stepPerSlot = 1 } = sizes ?? {};
    return order * (channels + (2 + stepPerSlot) * rows) + (1 - stepPerSlot) * rows;
  },
  read,
  write,
};

const roles = ['delta', 'alpha', 'beta', 'gamma'] as const;

function siteAt(prefix: string, tensors: Tensors): LayerSite | undefined {
  const found = siblings(tensors, prefix, roles);
  if (found === undefined || tensors.has(`${prefix}omega`)) return undefined; // Mega itself
  const { delta, alpha, beta, gamma } = found;
  const [channels, slots] = gamma.shape;
  const [rows] = delta.shape;
  const fits =
    hasShape(gamma.shape, [undefined, undefined]) &&
    [alpha, beta].every(({ shape }) => hasShape(shape, [rows, slots, 1])) &&
    (hasShape(delta.shape, [rows, slots, 1]) || hasShape(delta.shape, [rows, 1, 1])) &&
    channels % rows === 0;
  return fits ? siteOf(prefix, found, [channels, rows, slots]) : undefined;
}

function siteOf(
  prefix: string,
  found: Readonly<Record<(typeof roles)[number], TensorInfo>>,
  [channels, rows, slots]: readonly [number, number, number],
): LayerSite {
  const stepPerSlot = found.delta.shape[1] === slots;
  return {
    family: 's4v4-ema',
    name: layerName(prefix, 'kernel'),
    order: slots,
    slots,
    channels,
    tying: rows < channels ? 'tied' : 'independent',
    tensors: namesOf(found),
    facts: {
      ...(rows < channels ? { efficient_bidirectional: 'true' } : {}),
      ...(stepPerSlot ? {} : { dt_tie: 'true' }),
    },
    sizes: { rows, stepPerSlot: Number(stepPerSlot) },
  };
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (d_state) of a moving average must be a whole number from 1 up, not ${order}.`,
  );
}

function read(site: LayerSite, values: ReadonlyMap<string, TensorValues>): LayerSystems {
  const { delta, alpha, beta, gamma } = layerTensors(site, values);
  const { channels, slots, sizes } = site;
  if (site.tying === 'tied') {
    throw new SsmError(
      'unsupported-file',
      'The channels of a feature share real poles (efficient_bidirectional). A joint reduction would make them complex, which this kernel cannot store.',
      { place: `tensor ${delta.info.name}` },
    );
  }
  const batch = emptyModalBatch(channels, slots);
  for (let at = 0; at < channels * slots; at++) {
    const p = sigmoid(delta.values[sizes?.stepPerSlot === 0 ? Math.floor(at / slots) : at]);
    const log = Math.log1p(-p * sigmoid(alpha.values[at]));
    if (!(log < 0)) {
      throw new SsmError('unstable', `Element ${at} gives a pole at 1, which does not decay.`, {
        place: `tensor ${alpha.info.name}`,
      });
    }
    batch.poleRe[at] = Math.max(log, fastest);
    batch.weightRe[at] = (p * beta.values[at] * gamma.values[at]) / Math.sqrt(slots);
  }
  return { kind: 'independent', batch, poles: 'real' };
}

/** log q where q is 0 in double precision. */
const fastest = -750;

/**
 * beta = 1 and gamma carries the weight. p is the square root of 1 - q, of the largest one of a row with `dt_tie`, and
 * sigmoid(alpha) = (1 - q) / p for p as it is stored.
 */
function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
): TensorEdit[] {
  const { delta, alpha, beta, gamma } = layerTensors(site, original);
  const { poleRe, weightRe, slots, count } = independentBatch(systems);
  const tied = site.sizes?.stepPerSlot === 0;
  const decay = poleRe.map((x) => -Math.expm1(x));
  const roots = tied
    ? Float64Array.from({ length: count }, (_, h) =>
        Math.sqrt(Math.max(...decay.subarray(h * slots, (h + 1) * slots))),
      )
    : decay.map(Math.sqrt);
  const storedDelta = storedEdit(delta, [count, tied ? 1 : slots, 1], roots.map(logit));
  const p = decay.map((_, at) => sigmoid(storedDelta.values[tied ? Math.floor(at / slots) : at]));
  const weights = weightRe.map((w, at) => (w * Math.sqrt(slots)) / p[at]);
  return [
    storedDelta,
    storedEdit(
      alpha,
      [count, slots, 1],
      decay.map((d, at) => logit(d / p[at])),
    ),
    storedEdit(beta, [count, slots, 1], new Float64Array(count * slots).fill(1)),
    storedEdit(gamma, [count, slots], weights),
  ];
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** log(s / (1 - s)), with s kept off 1, where it has no value. */
function logit(s: number): number {
  const inside = Math.min(s, 1 - 1e-9);
  return Math.log(inside) - Math.log1p(-inside);
}
