import { SsmError } from '../core/errors';
import type { ComplexVector } from '../core/linalg/complex';
import { complexMatrix } from '../core/linalg/matrix';
import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import { over, times } from './complexPair';
import type { Family, LayerSite } from './family';
import type { HyperValues } from './hyperParameters';
import { kernelToReal, realPartFactor } from './kernelToReal';
import {
  type Tensors,
  complexShape,
  hasShape,
  layerName,
  namesOf,
  prefixesOf,
  siblings,
  storedComplexShape,
} from './siblings';
import { type LayerTensors, hyperValue, layerTensors, storedEdit, tiedSystems } from './values';

/**
 * DLR, diagonal linear RNNs (arXiv 2212.00768): tensors below `<layer>.kernel`
 *     Lambda_log_neg_re (N)   Lambda_im (N)   W (C, H, N, 2)
 * with log-poles Lambda = -Lambda_log_neg_re^2 + i Lambda_im, in spite of the name, shared by all channels, and the
 * kernels K_chl = Re sum_n W_chn e^{Lambda_n l}. There is no step, no conjugate and no factor 2.
 */
export const dlr: Family = {
  id: 'dlr',
  title: 'DLR',
  orderSettings: ['d_state', 'N', 'state_dim'],
  smallestOrder: 1,
  hyperParameters: () => [toReal],
  recognise: (tensors) =>
    prefixesOf(tensors, 'W').flatMap((prefix) => siteAt(tensors, prefix) ?? []),
  slotsForOrder,
  orderForSlots: (slots) => slots,
  parameters: ({ channels }, order) => 2 * order * (channels + 1),
  read,
  write,
};

const toReal = {
  ...kernelToReal,
  options: [
    ...kernelToReal.options,
    {
      value: 'real-prod',
      label: 'real-prod',
      detail: 'products for half of the features; cannot be reduced',
    },
  ],
};

function siteAt(tensors: Tensors, prefix: string): LayerSite | undefined {
  const found = siblings(tensors, prefix, ['Lambda_log_neg_re', 'Lambda_im', 'W']);
  if (found === undefined || tensors.has(`${prefix}log_dt`)) return undefined;
  const shape = complexShape(found.W);
  if (shape === undefined || !hasShape(shape, [undefined, undefined, undefined])) return undefined;
  const [heads, features, slots] = shape;
  const poles = [found.Lambda_log_neg_re, found.Lambda_im];
  if (!poles.every((info) => hasShape(info.shape, [slots]))) return undefined;
  const D = tensors.get(`${prefix.replace(/kernel[./]$/, '')}D`);
  return {
    family: 'dlr',
    name: layerName(prefix, 'kernel'),
    order: slots,
    slots,
    channels: heads * features,
    tying: 'tied',
    tensors: namesOf(found),
    ...(heads > 1 ? { facts: { 'kernels a feature': String(heads) } } : {}),
    ...(hasShape(D?.shape, [undefined, features]) ? { skip: D?.name ?? '' } : {}),
  };
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (d_state) of DLR must be a whole number from 1 up, not ${order}.`,
  );
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): LayerSystems {
  const tensors = layerTensors(site, values);
  const factor = realPartFactor(hyperValue(hyper, 'kernel_to_real'));
  const weights = complexMatrix(site.channels, site.slots);
  const { values: W } = tensors.W;
  for (let at = 0; at < weights.re.length; at++) {
    [weights.re[at], weights.im[at]] = times([W[2 * at], W[2 * at + 1]], factor);
  }
  const kernels = Int32Array.from({ length: site.channels }, (_, k) => k);
  const steps = new Float64Array(site.channels).fill(1);
  return {
    kind: 'tied',
    groups: [{ kernels, system: { poles: readPoles(tensors), weights, steps } }],
  };
}

function readPoles({ Lambda_log_neg_re, Lambda_im }: LayerTensors): ComplexVector {
  const re = Lambda_log_neg_re.values.map((x) => -x * x);
  const bad = re.findIndex((x) => !(x < 0 && Number.isFinite(x)));
  if (bad < 0) return { re, im: Lambda_im.values };
  throw new SsmError('unstable', `Pole ${bad} does not decay (its real part is ${re[bad]}).`, {
    place: `tensor ${Lambda_log_neg_re.info.name}`,
  });
}

function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): TensorEdit[] {
  const { W: W0, Lambda_log_neg_re, Lambda_im } = layerTensors(site, original);
  const factor = realPartFactor(hyperValue(hyper, 'kernel_to_real'));
  const { poles, weights } = tiedSystems(systems).groups[0].system;
  const W = new Float64Array(2 * weights.re.length);
  for (let at = 0; at < weights.re.length; at++) {
    [W[2 * at], W[2 * at + 1]] = over([weights.re[at], weights.im[at]], factor);
  }
  const [heads, features] = W0.info.shape;
  return [
    storedEdit(W0, storedComplexShape(W0.info, [heads, features, weights.cols]), W),
    storedEdit(
      Lambda_log_neg_re,
      [weights.cols],
      poles.re.map((x) => Math.sqrt(-x)),
    ),
    storedEdit(Lambda_im, [weights.cols], poles.im),
  ];
}
