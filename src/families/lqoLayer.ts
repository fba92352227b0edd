import { SsmError } from '../core/errors';
import type { ComplexMatrix } from '../core/linalg/matrix';
import { transpose } from '../core/linalg/matrix';
import { combine } from '../core/linalg/multiply';
import type { LayerSystems } from '../core/systems/layer';
import { denseForm, formMatrix } from '../core/systems/quadraticForm';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import type { Family, LayerSite } from './family';
import { fromPairs, matrixEdit, toPairs } from './matrices';
import {
  type Tensors,
  complexShape,
  hasShape,
  namesOf,
  placeName,
  prefixesOf,
  siblings,
  storedComplexShape,
} from './siblings';
import { layerTensors, lqoSystem, storedEdit } from './values';

/**
 * Layers with quadratic outputs as docs/lqo.md defines them:
 *     decay_log (N)   frequency (N)   B (N, m, 2)   C (p, N, 2)   M (p, N, N, 2)   D (p, m)
 * with log-poles -exp(decay_log) + i frequency and y = Re(C x + x^T M x) + D u.
 */
export const lqoLayer: Family = {
  id: 'lqo',
  title: 'Quadratic outputs (LQO)',
  orderSettings: ['d_state'],
  smallestOrder: 1,
  recognise: (tensors) =>
    prefixesOf(tensors, 'decay_log').flatMap((prefix) => siteAt(tensors, prefix) ?? []),
  slotsForOrder,
  orderForSlots: (slots) => slots,
  parameters,
  read,
  write,
};

function siteAt(tensors: Tensors, prefix: string): LayerSite | undefined {
  const found = siblings(tensors, prefix, ['decay_log', 'frequency', 'B', 'C', 'M']);
  if (found === undefined) return undefined;
  const { decay_log, frequency, B, C, M } = found;
  const [slots] = decay_log.shape;
  const [[, inputs], [outputs]] = [complexShape(B) ?? [], complexShape(C) ?? []];
  const fits =
    hasShape(decay_log.shape, [undefined]) &&
    hasShape(frequency.shape, [slots]) &&
    hasShape(complexShape(B), [slots, undefined]) &&
    hasShape(complexShape(C), [undefined, slots]) &&
    hasShape(complexShape(M), [outputs, slots, slots]);
  if (!fits) return undefined;
  const D = tensors.get(`${prefix}D`);
  return {
    family: 'lqo',
    name: placeName(prefix, 'lqo'),
    order: slots,
    slots,
    channels: inputs,
    tying: 'lqo',
    tensors: namesOf(found),
    sizes: { outputs },
    ...(hasShape(D?.shape, [outputs, inputs]) ? { skip: D?.name ?? '' } : {}),
  };
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (d_state) of a layer with quadratic outputs must be a whole number from 1 up, not ${order}.`,
  );
}

function parameters({ channels, sizes }: LayerSite, order: number): number {
  const outputs = sizes?.outputs ?? 0;
  return 2 * order * (1 + channels + outputs * (1 + order));
}

function read(site: LayerSite, values: ReadonlyMap<string, TensorValues>): LayerSystems {
  const { decay_log, frequency, B, C, M } = layerTensors(site, values);
  const { slots, channels } = site;
  const outputs = site.sizes?.outputs ?? 0;
  const re = decay_log.values.map((log) => -Math.exp(log));
  const bad = re.findIndex((x) => !(x < 0 && Number.isFinite(x)));
  if (bad >= 0) {
    throw new SsmError('unstable', `Pole ${bad} does not decay or is out of range.`, {
      place: `tensor ${decay_log.info.name}`,
    });
  }
  return {
    kind: 'lqo',
    system: {
      poles: { re, im: frequency.values },
      B: fromPairs(B, slots, channels),
      C: fromPairs(C, outputs, slots),
      forms: Array.from({ length: outputs }, (_, i) => denseForm(symmetric(M, i, slots))),
    },
  };
}

/** The symmetric part of the matrix of output i: x^T M x does not see the rest. */
function symmetric(M: TensorValues, i: number, slots: number): ComplexMatrix {
  const size = 2 * slots * slots;
  const values = M.values.subarray(i * size, (i + 1) * size);
  const matrix = fromPairs({ ...M, values }, slots, slots);
  return combine(0.5, matrix, 0.5, transpose(matrix));
}

function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
): TensorEdit[] {
  const tensors = layerTensors(site, original);
  const { poles, B, C, forms } = lqoSystem(systems);
  const slots = poles.re.length;
  const size = 2 * slots * slots;
  const M = new Float64Array(forms.length * size);
  forms.forEach((form, i) => {
    M.set(toPairs(formMatrix(form)), i * size);
  });
  return [
    storedEdit(
      tensors.decay_log,
      [slots],
      poles.re.map((x) => Math.log(-x)),
    ),
    storedEdit(tensors.frequency, [slots], poles.im),
    matrixEdit(tensors.B, B),
    matrixEdit(tensors.C, C),
    storedEdit(tensors.M, storedComplexShape(tensors.M.info, [forms.length, slots, slots]), M),
  ];
}
