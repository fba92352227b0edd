import { SsmError } from '../core/errors';
import type { ComplexVector } from '../core/linalg/complex';
import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import { type Discretiser, discretiserNamed } from './discretisation';
import type { Family, LayerSite } from './family';
import type { HyperParameter, HyperValues } from './hyperParameters';
import { fromPairs, matrixEdit, toPairs } from './matrices';
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
  storedComplexShape,
} from './siblings';
import { hyperValue, layerTensors, mimoSystem, storedEdit } from './values';

/**
 * S5 in PyTorch (i404788/s5-pytorch): tensors below `<layer>.seq`
 *     Lambda (P) complex   B (P, H, 2)   C (H, P) or, in both directions, (H, 2P) complex   log_step (P)   D (H)
 * with y = Re(C x) + D u. Both members of a conjugate pair are stored at the beginning and trained apart, so there is no
 * factor 2. S5 always discretises by a zero-order hold; its inner class S5SSM can be told otherwise.
 */
export const s5Torch: Family = {
  id: 's5-torch',
  title: 'S5 (PyTorch)',
  orderSettings: ['state_width', 'state_dim', 'd_state', 'ssm_size'],
  smallestOrder: 1,
  hyperParameters,
  recognise: (tensors) =>
    prefixesOf(tensors, 'Lambda').flatMap((prefix) => siteAt(tensors, prefix) ?? []),
  slotsForOrder,
  orderForSlots: (slots) => slots,
  parameters: ({ channels, sizes }, order) =>
    order * (3 + 2 * channels + 2 * (sizes?.outputs ?? 0)),
  read,
  write,
};

function siteAt(tensors: Tensors, prefix: string): LayerSite | undefined {
  const found = siblings(tensors, prefix, ['Lambda', 'B', 'C', 'log_step']);
  if (found === undefined) return undefined;
  const { Lambda, B, C, log_step } = found;
  const [slots, features] = complexShape(B) ?? [];
  const columns = complexShape(C)?.at(1);
  if (!hasShape(complexShape(B), [undefined, undefined])) return undefined;
  if (!hasShape(complexShape(Lambda), [slots]) || !hasShape(log_step.shape, [slots])) {
    return undefined;
  }
  if (!hasShape(complexShape(C), [features, undefined])) return undefined;
  const both = columns === 2 * slots;
  if (!both && columns !== slots) return undefined;
  const D = tensors.get(`${prefix}D`);
  return {
    family: 's5-torch',
    name: layerName(prefix, 'seq'),
    order: slots,
    slots,
    channels: features,
    tying: 'mimo',
    tensors: namesOf(found),
    facts: {
      ...(both ? { bidirectional: 'yes' } : {}),
      ...(isWrapped(prefix) ? { discretization: 'zoh' } : {}),
      loading: 'block_count must divide the order',
    },
    sizes: { outputs: both ? 2 * features : features },
    ...(hasShape(D?.shape, [features]) ? { skip: D?.name ?? '' } : {}),
  };
}

/** Whether the layer is an S5, which keeps its S5SSM under this name and always holds its input. */
function isWrapped(prefix: string): boolean {
  return /(^|[./])seq[./]$/.test(prefix);
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (state_width) of S5 must be a whole number from 1 up, a multiple of block_count; not ${order}.`,
  );
}

const liquid: HyperParameter = {
  name: 'liquid',
  title: 'Liquid time constants',
  options: [
    { value: 'false', label: 'No' },
    { value: 'true', label: 'Yes', detail: 'the poles depend on the input; cannot be reduced' },
  ],
  settings: ['liquid'],
  usual: 'false',
};

const degree: HyperParameter = {
  name: 'degree',
  title: 'Degree of the input operator',
  options: [],
  settings: ['degree'],
  usual: '1',
};

/** A degree other than 1 needs a square B. */
function hyperParameters({ facts, slots, channels }: LayerSite): readonly HyperParameter[] {
  return [
    ...(facts?.discretization === undefined ? [discretization] : []),
    liquid,
    ...(slots === channels ? [degree] : []),
  ];
}

function discretiserOf(site: LayerSite, hyper: HyperValues): Discretiser {
  if (hyperValue(hyper, 'liquid') === 'true') {
    throw new SsmError(
      'unsupported-file',
      'With liquid = true the poles of this layer depend on its input: it is no linear time-invariant system, and there is nothing to reduce in the h2 norm.',
    );
  }
  if (Object.hasOwn(hyper, 'degree') && Number(hyper.degree) !== 1) {
    throw new SsmError(
      'unsupported-file',
      'With a degree other than 1 the input matrix must stay square, so the number of states of this layer cannot change.',
    );
  }
  return discretiserNamed(
    site.facts?.discretization ?? hyperValue(hyper, 'discretization'),
    undefined,
  );
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): LayerSystems {
  const how = discretiserOf(site, hyper);
  const { Lambda, B, C, log_step } = layerTensors(site, values);
  const { slots, channels } = site;
  const layer = {
    poles: fromPairs(Lambda, slots, 1),
    steps: log_step.values.map(Math.exp),
    B: fromPairs(B, slots, channels),
    C: fromPairs(C, channels, C.values.length / (2 * channels)),
  };
  requireDecay(layer, { poles: Lambda.info.name, steps: log_step.info.name });
  return { kind: 'mimo', system: s5System(layer, how, 1) };
}

/** All states get the mean step of the original; B and C are computed anew for Lambda and step as they are stored. */
function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): TensorEdit[] {
  const how = discretiserOf(site, hyper);
  const tensors = layerTensors(site, original);
  const system = mimoSystem(systems);
  const count = system.poles.re.length;
  const mean = Math.log(meanStep(tensors.log_step.values.map(Math.exp)));
  const steps = storedEdit(tensors.log_step, [count], new Float64Array(count).fill(mean));
  const step = Math.exp(steps.values[0]);
  const unit = polesAtUnitStep(system, how);
  const Lambda = storedEdit(
    tensors.Lambda,
    storedComplexShape(tensors.Lambda.info, [count]),
    toPairs(unit).map((x) => x / step),
  );
  const stored: ComplexVector = fromPairs({ ...tensors.Lambda, values: Lambda.values }, count, 1);
  const directions = site.facts?.bidirectional === 'yes' ? 2 : 1;
  const { B, C } = s5Matrices(
    system,
    { poles: stored, steps: new Float64Array(count).fill(step) },
    how,
    { scale: 1, directions },
  );
  return [Lambda, matrixEdit(tensors.B, B), matrixEdit(tensors.C, C), steps];
}
