import { SsmError } from '../core/errors';
import type { ComplexVector } from '../core/linalg/complex';
import { complexMatrix } from '../core/linalg/matrix';
import type { LayerSystems } from '../core/systems/layer';
import { type TiedSystem, channelSteps, logPoles } from '../core/systems/tied';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import { type Complex, over, times } from './complexPair';
import { kernelToReal, realPartFactor } from './kernelToReal';
import { layoutOf, poleTensors, readPoles, storablePoles, writePoles } from './dssPoles';
import { type DssVersion, weightFactor } from './dssScale';
import type { Family, LayerSite } from './family';
import type { HyperParameter, HyperValues } from './hyperParameters';
import {
  type Tensors,
  complexShape,
  hasShape,
  layerName,
  prefixesOf,
  storedComplexShape,
} from './siblings';
import { type LayerTensors, hyperValue, layerTensors, storedEdit, tiedSystems } from './values';

/**
 * DSS, diagonal state spaces whose N poles Lambda are shared by all channels (arXiv 2203.14343 and its variants):
 * tensors below `<layer>.kernel`
 *     W (C, H, N, 2)   log_dt (H), or (H, 2) with steps of their own for the imaginary parts   and Lambda, see dssPoles.ts
 * with the kernels K_chl = Re sum_n W_chn g_hn e^{a_hn l}, a_hn = Delta_h Lambda_n and the factor g of dssScale.ts. There
 * are no conjugates and no factor 2. In a bidirectional layer the second half of the C kernels a feature runs backwards.
 */
export const dss: Family = {
  id: 'dss',
  title: 'DSS',
  orderSettings: ['d_state', 'N', 'state_dim'],
  smallestOrder: 1,
  hyperParameters,
  recognise,
  slotsForOrder,
  orderForSlots: (slots) => slots,
  parameters,
  read,
  write,
};

function recognise(tensors: Tensors): LayerSite[] {
  return prefixesOf(tensors, 'W').flatMap((prefix) => siteAt(tensors, prefix) ?? []);
}

function siteAt(tensors: Tensors, prefix: string): LayerSite | undefined {
  const [W, steps] = ['W', 'log_dt'].map((role) => tensors.get(prefix + role));
  if (W === undefined || steps === undefined) return undefined;
  const shape = complexShape(W);
  if (shape === undefined || !hasShape(shape, [undefined, undefined, undefined])) return undefined;
  const [heads, features, count] = shape;
  const separate = hasShape(steps.shape, [features, 2]);
  if (!separate && !hasShape(steps.shape, [features])) return undefined;
  const poles = poleTensors(tensors, prefix, count);
  if (poles === undefined) return undefined;
  const layout = layoutOf(poles);
  return {
    family: 'dss',
    name: layerName(prefix, 'kernel'),
    order: count,
    slots: count,
    channels: heads * features,
    tying: 'tied',
    tensors: { W: W.name, log_dt: steps.name, ...poles },
    facts: {
      ...(layout === 'log-re-im' ? { version: 'exp-re-im' } : {}),
      ...(separate ? { sep_dt_re_im: 'yes' } : {}),
      ...(heads > 1 ? { 'kernels a feature': String(heads) } : {}),
    },
    sizes: { features },
    ...skipOf(tensors, prefix, features),
  };
}

function skipOf(tensors: Tensors, prefix: string, features: number): { skip?: string } {
  const D = tensors.get(`${prefix.replace(/kernel[./]$/, '')}D`);
  return hasShape(D?.shape, [undefined, features]) ? { skip: D?.name ?? '' } : {};
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (d_state) of DSS must be a whole number from 1 up, not ${order}.`,
  );
}

function parameters({ channels, sizes, facts }: LayerSite, order: number): number {
  const perFeature = facts?.sep_dt_re_im === undefined ? 1 : 2;
  const features = sizes?.features ?? channels;
  return 2 * order * (channels + 1) + perFeature * features;
}

const version: Omit<HyperParameter, 'options' | 'usual'> = {
  name: 'version',
  title: 'DSS version',
  settings: ['version'],
};

const length: HyperParameter = {
  name: 'l_max',
  title: 'Sequence length that the network runs at (softmax normalises its kernel over it)',
  options: [],
  settings: ['l_max', 'max_kernel_length'],
  parse: (recorded) =>
    typeof recorded === 'number' && recorded > 1 ? String(recorded) : undefined,
  when: (others) => others.version === 'softmax',
};

function hyperParameters(site: LayerSite): readonly HyperParameter[] {
  switch (layoutOf(site.tensors)) {
    case 'log-re':
      return [
        {
          ...version,
          options: [
            { value: 'exp', label: 'exp', detail: 'the version of the paper, weights scaled' },
            { value: 'exp-no-scale', label: 'exp-no-scale', detail: 'W is used as it is' },
          ],
          usual: 'exp',
        },
        kernelToReal,
      ];
    case 'pairs':
      return [
        {
          ...version,
          options: [
            { value: 'softmax', label: 'softmax', detail: 'normalised over the sequence' },
            { value: 'clip', label: 'clip', detail: 'real parts clipped, weights scaled' },
            { value: 'clip-no-scale', label: 'clip-no-scale', detail: 'W is used as it is' },
          ],
          usual: 'softmax',
        },
        kernelToReal,
        length,
      ];
    default:
      return [kernelToReal];
  }
}

/** How a mode's stored W and its weight in the kernel are related. */
interface Weighting {
  readonly version: DssVersion;
  readonly length: number;
  readonly toReal: Complex;
}

function weightingOf(site: LayerSite, hyper: HyperValues): Weighting {
  const known = site.facts?.version ?? hyperValue(hyper, 'version');
  return {
    version: known as DssVersion,
    length: known === 'softmax' ? Number(hyperValue(hyper, 'l_max')) : 0,
    toReal: realPartFactor(hyperValue(hyper, 'kernel_to_real')),
  };
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): LayerSystems {
  const tensors = layerTensors(site, values);
  const weighting = weightingOf(site, hyper);
  const poles = readPoles(layoutOf(site.tensors), tensors, site.slots);
  const weights = complexMatrix(site.channels, site.slots);
  const system: TiedSystem = { poles, weights, ...readSteps(site, tensors) };
  const { values: W } = tensors.W;
  forEachMode(system, weighting, (at, factor) => {
    [weights.re[at], weights.im[at]] = times([W[2 * at], W[2 * at + 1]], factor);
  });
  const kernels = Int32Array.from({ length: site.channels }, (_, k) => k);
  return { kind: 'tied', groups: [{ kernels, system }] };
}

/** Delta of every kernel, from that of its feature. Throws `bad-parameters` where one is 0 or infinite. */
function readSteps(
  { channels, sizes }: LayerSite,
  { log_dt }: LayerTensors,
): Pick<TiedSystem, 'steps' | 'imagSteps'> {
  const features = sizes?.features ?? channels;
  const steps = log_dt.values.map(Math.exp);
  const bad = steps.findIndex((step) => !(step > 0 && Number.isFinite(step)));
  if (bad >= 0) {
    throw new SsmError('bad-parameters', `Element ${bad} gives the step ${steps[bad]}.`, {
      place: `tensor ${log_dt.info.name}`,
    });
  }
  const separate = log_dt.info.shape.length === 2;
  const part = (column: 0 | 1): Float64Array =>
    Float64Array.from({ length: channels }, (_, k) => {
      const feature = k % features;
      return steps[separate ? 2 * feature + column : feature];
    });
  return separate ? { steps: part(0), imagSteps: part(1) } : { steps: part(0) };
}

/** Every mode of every kernel, with what its stored W is multiplied by. */
function forEachMode(
  system: TiedSystem,
  { version: used, length: steps, toReal }: Weighting,
  visit: (at: number, factor: Complex) => void,
): void {
  const { poles, weights } = system;
  for (let k = 0; k < weights.rows; k++) {
    const a = logPoles(poles, channelSteps(system, k));
    for (let n = 0; n < weights.cols; n++) {
      const factor = weightFactor(used, [poles.re[n], poles.im[n]], [a.re[n], a.im[n]], steps);
      visit(k * weights.cols + n, times(factor, toReal));
    }
  }
}

/** Lambda from the shared poles; W anew from the weights for the poles as they are stored, whose rounding is known then. */
function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): TensorEdit[] {
  const { system } = tiedSystems(systems).groups[0];
  const tensors = layerTensors(site, original);
  const layout = layoutOf(site.tensors);
  const { poles, conjugated } = storablePoles(layout, system.poles);
  const poleEdits = writePoles(layout, poles, tensors);
  const { weights } = system;
  const W = new Float64Array(2 * weights.re.length);
  const stored = { ...system, poles: polesOf(site, tensors, poleEdits, weights.cols) };
  forEachMode(stored, weightingOf(site, hyper), (at, factor) => {
    const sign = conjugated[at % weights.cols] ? -1 : 1;
    [W[2 * at], W[2 * at + 1]] = over([weights.re[at], sign * weights.im[at]], factor);
  });
  const [heads, features] = tensors.W.info.shape;
  const shape = storedComplexShape(tensors.W.info, [heads, features, weights.cols]);
  return [storedEdit(tensors.W, shape, W), ...poleEdits];
}

/** The poles that a reader will find. */
function polesOf(
  site: LayerSite,
  tensors: LayerTensors,
  edits: readonly TensorEdit[],
  count: number,
): ComplexVector {
  const changed = Object.entries(site.tensors).flatMap(([role, name]) => {
    const edit = edits.find((candidate) => candidate.name === name);
    return edit === undefined ? [] : [[role, { ...tensors[role], values: edit.values }] as const];
  });
  return readPoles(layoutOf(site.tensors), { ...tensors, ...Object.fromEntries(changed) }, count);
}
