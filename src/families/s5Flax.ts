import { SsmError } from '../core/errors';
import { type ComplexMatrix, stackColumns } from '../core/linalg/matrix';
import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import { type Discretiser, discretiserNamed } from './discretisation';
import type { Family, LayerSite } from './family';
import type { HyperParameter, HyperValues } from './hyperParameters';
import { fromPairs, halfColumns, matrixEdit } from './matrices';
import {
  discretization,
  meanStep,
  polesAtUnitStep,
  requireDecay,
  s5Matrices,
  s5System,
} from './s5';
import {
  type Tensors,
  complexShape,
  hasShape,
  layerName,
  namesOf,
  prefixesOf,
  siblings,
} from './siblings';
import { type LayerTensors, hyperValue, layerTensors, mimoSystem, storedEdit } from './values';

/**
 * S5 in Flax (lindermanlab/S5): tensors below `<layer>/seq`
 *     Lambda_re, Lambda_im (P)   B (P, H, 2)   log_step (P, 1)   D (H)
 *     C (H, P, 2); in both directions C1 and C2 (H, P, 2), or C (H, 2P, 2) where C_init is complex_normal
 * with y = scale Re(C x) + D u. With conj_sym each of the P states stands for a conjugate pair: scale is 2 and the model's
 * ssm_size_base 2P. With clip_eigs real parts above -1e-4 count as -1e-4.
 */
export const s5Flax: Family = {
  id: 's5-flax',
  title: 'S5 (Flax)',
  orderSettings: ['P', 'ssm_size'],
  smallestOrder: 1,
  hyperParameters: () => [discretization, conjSym, clipEigs, stepRescale],
  recognise: (tensors) =>
    prefixesOf(tensors, 'Lambda_re').flatMap((prefix) => siteAt(tensors, prefix) ?? []),
  slotsForOrder,
  orderForSlots: (slots) => slots,
  parameters: ({ channels, sizes }, order) =>
    order * (3 + 2 * channels + 2 * (sizes?.outputs ?? 0)),
  read,
  write,
};

function yesOrNo(name: string, title: string, usual: 'true' | 'false'): HyperParameter {
  return {
    name,
    title,
    options: [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ],
    settings: [name],
    usual,
  };
}

const conjSym = yesOrNo('conj_sym', 'Each state stands for a conjugate pair', 'true');
const clipEigs = yesOrNo('clip_eigs', 'Real parts of the poles are clipped at -0.0001', 'false');

const stepRescale: HyperParameter = {
  name: 'step_rescale',
  title: 'Factor on all steps, for another sampling rate than that of the training',
  options: ['1', '0.5', '2', '0.25', '4'].map((value) => ({ value, label: value })),
  settings: ['step_rescale'],
  usual: '1',
};

function siteAt(tensors: Tensors, prefix: string): LayerSite | undefined {
  const found = siblings(tensors, prefix, ['Lambda_re', 'Lambda_im', 'B', 'log_step']);
  if (found === undefined) return undefined;
  const { Lambda_re, Lambda_im, B, log_step } = found;
  const [slots, features] = complexShape(B) ?? [];
  if (!hasShape(complexShape(B), [undefined, undefined])) return undefined;
  if (![Lambda_re, Lambda_im].every(({ shape }) => hasShape(shape, [slots]))) return undefined;
  if (!hasShape(log_step.shape, [slots, 1]) && !hasShape(log_step.shape, [slots])) return undefined;
  const outputs = outputTensors(tensors, prefix, features, slots);
  if (outputs === undefined) return undefined;
  const both = outputs.directions === 2;
  const D = tensors.get(`${prefix}D`);
  return {
    family: 's5-flax',
    name: layerName(prefix, 'seq'),
    order: slots,
    slots,
    channels: features,
    tying: 'mimo',
    tensors: namesOf({ ...found, ...outputs.tensors }),
    facts: {
      ...(both ? { bidirectional: 'yes' } : {}),
      loading: 'ssm_size_base is twice the order with conj_sym; blocks must divide the order',
    },
    sizes: { outputs: features * outputs.directions },
    ...(hasShape(D?.shape, [features]) ? { skip: D?.name ?? '' } : {}),
  };
}

function outputTensors(
  tensors: Tensors,
  prefix: string,
  features: number,
  slots: number,
): { readonly tensors: Record<string, TensorInfo>; readonly directions: 1 | 2 } | undefined {
  const [C, C1, C2] = ['C', 'C1', 'C2'].map((role) => tensors.get(prefix + role));
  const fits = (info: TensorInfo | undefined, columns: number): info is TensorInfo =>
    info !== undefined && hasShape(complexShape(info), [features, columns]);
  if (fits(C, slots)) return { tensors: { C }, directions: 1 };
  if (fits(C, 2 * slots)) return { tensors: { C }, directions: 2 };
  return fits(C1, slots) && fits(C2, slots) ? { tensors: { C1, C2 }, directions: 2 } : undefined;
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (P) of S5 must be a whole number from 1 up, a multiple of blocks; not ${order}.`,
  );
}

interface Reading {
  readonly how: Discretiser;
  readonly scale: 1 | 2;
  /** Real parts of poles are at most this. */
  readonly largest: number;
  readonly rescale: number;
}

function readingOf(hyper: HyperValues): Reading {
  return {
    how: discretiserNamed(hyperValue(hyper, 'discretization'), undefined),
    scale: hyperValue(hyper, 'conj_sym') === 'true' ? 2 : 1,
    largest: hyperValue(hyper, 'clip_eigs') === 'true' ? -1e-4 : Infinity,
    rescale: Number(hyperValue(hyper, 'step_rescale')),
  };
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): LayerSystems {
  const { how, scale, largest, rescale } = readingOf(hyper);
  const tensors = layerTensors(site, values);
  const { Lambda_re, Lambda_im, B, log_step } = tensors;
  const layer = {
    poles: { re: Lambda_re.values.map((x) => Math.min(x, largest)), im: Lambda_im.values },
    steps: log_step.values.map((log) => rescale * Math.exp(log)),
    B: fromPairs(B, site.slots, site.channels),
    C: readOutputs(tensors, site),
  };
  requireDecay(layer, { poles: Lambda_re.info.name, steps: log_step.info.name });
  return { kind: 'mimo', system: s5System(layer, how, scale) };
}

function readOutputs(tensors: LayerTensors, { channels, slots }: LayerSite): ComplexMatrix {
  const half = (tensor: TensorValues): ComplexMatrix => fromPairs(tensor, channels, slots);
  if (!('C' in tensors)) return stackColumns(half(tensors.C1), half(tensors.C2));
  const { C } = tensors;
  return fromPairs(C, channels, C.values.length / (2 * channels));
}

/**
 * All states get the mean step of the original, but those that clipping would make faster: they get a step short enough
 * for their Lambda to be untouched. B and C are computed anew for what is stored.
 */
function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): TensorEdit[] {
  const { how, scale, largest, rescale } = readingOf(hyper);
  const tensors = layerTensors(site, original);
  const system = mimoSystem(systems);
  const count = system.poles.re.length;
  const unit = polesAtUnitStep(system, how);
  const usual = rescale * meanStep(tensors.log_step.values.map(Math.exp));
  const logSteps = storedEdit(
    tensors.log_step,
    [count, ...tensors.log_step.info.shape.slice(1)],
    unit.re.map((x) => Math.log(Math.min(usual, longestStep(x, largest)) / rescale)),
  );
  const steps = logSteps.values.map((log) => rescale * Math.exp(log));
  const part = (role: string, values: Float64Array): TensorEdit =>
    storedEdit(
      tensors[role],
      [count],
      values.map((x, n) => x / steps[n]),
    );
  const [re, im] = [part('Lambda_re', unit.re), part('Lambda_im', unit.im)];
  const directions = site.facts?.bidirectional === 'yes' ? 2 : 1;
  const { B, C } = s5Matrices(system, { poles: { re: re.values, im: im.values }, steps }, how, {
    scale,
    directions,
  });
  return [re, im, matrixEdit(tensors.B, B), ...outputEdits(tensors, C), logSteps];
}

/** The longest step at which Lambda = x / step stays well below where it is clipped. */
function longestStep(x: number, largest: number): number {
  return largest < 0 ? x / (2 * largest) : Infinity;
}

function outputEdits(tensors: LayerTensors, M: ComplexMatrix): TensorEdit[] {
  if ('C' in tensors) return [matrixEdit(tensors.C, M)];
  const [forward, backward] = halfColumns(M);
  return [matrixEdit(tensors.C1, forward), matrixEdit(tensors.C2, backward)];
}
