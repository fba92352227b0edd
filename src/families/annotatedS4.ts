import { SsmError } from '../core/errors';
import { type ComplexVector, complexVector } from '../core/linalg/complex';
import { complexExpm1 } from '../core/scalars';
import type { LayerSystems } from '../core/systems/layer';
import { lowRankModes } from '../core/systems/lowRankModes';
import { emptyModalBatch, systemOf } from '../core/systems/modal';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import { type Discretiser, continuousPole, discretePoles, gain } from './discretisation';
import type { Family, FamilyId, LayerSite } from './family';
import type { HyperParameter, HyperValues } from './hyperParameters';
import { bilinear, conjugated, discreteFactor } from './lowRankLayer';
import { complexValues, interleaved } from './poleCode';
import { sequenceLength } from './s4HyperParameters';
import {
  type Tensors,
  complexShape,
  hasShape,
  isComplex,
  namesOf,
  placeName,
  prefixesOf,
  siblings,
  storedComplexShape,
} from './siblings';
import {
  type LayerTensors,
  hyperValue,
  independentBatch,
  layerTensors,
  roundToStored,
  storedEdit,
} from './values';

/**
 * The layers of srush/annotated-s4 (Flax). Their features H stand on axis 1: log_step and D (1, H), and
 *     S4D   A_re, A_im, B_re, B_im (N, H)      C (N, H, 2)
 *     DSS   Lambda_re, Lambda_im (N, H)        W (1, H, N, 2)
 *     S4    Lambda_re, Lambda_im, P, B (N, H)  C (N, H, 2)
 * All have N complex modes and as kernel the real part of their sum, without a factor 2. S4D does not use its B; S4D and
 * S4 clip the real parts to at most -1e-4. S4 has states diag(Lambda) - P P^H, is bilinear, and C is the conjugate of
 * C (I - dA^L); a reduced layer has P = 0 and B = 1.
 */
interface Version {
  readonly id: FamilyId;
  readonly title: string;
  /** Tensors of the poles, of the weights, and others (N, H) with what a reduced layer has in them. */
  readonly real: string;
  readonly imaginary: string;
  readonly weights: string;
  readonly others: Readonly<Record<string, 0 | 1>>;
  /** Whether the weights are (1, H, N) instead of (N, H), and stand for their conjugates. */
  readonly weightsByFeature: boolean;
  readonly conjugate: boolean;
  readonly largestReal: number;
  readonly hyper: readonly HyperParameter[];
  readonly discretiser: Discretiser;
  /** What a stored weight is multiplied by to give the discrete one, in out[0], out[1]. */
  readonly factor: (poles: ComplexVector, n: number, how: Settings, out: Float64Array) => void;
}

interface Settings {
  readonly step: number;
  /** L; 0 where it does not matter. */
  readonly length: number;
}

const length: HyperParameter = {
  name: sequenceLength.name,
  title: sequenceLength.title,
  options: sequenceLength.options,
  settings: sequenceLength.settings,
};
const zoh: Discretiser = { method: 'zoh', length: 0 };

export const annotatedS4d: Family = familyOfVersion({
  id: 'annotated-s4d',
  title: 'S4D (annotated-s4)',
  real: 'A_re',
  imaginary: 'A_im',
  weights: 'C',
  others: { B_re: 1, B_im: 0 },
  weightsByFeature: false,
  conjugate: false,
  largestReal: -1e-4,
  hyper: [],
  discretiser: zoh,
  factor: (poles, n, { step }, out) => {
    gain(zoh, poles.re[n], poles.im[n], step, out);
    out[0] /= 2;
    out[1] /= 2;
  },
});

export const annotatedDss: Family = familyOfVersion({
  id: 'annotated-dss',
  title: 'DSS (annotated-s4)',
  real: 'Lambda_re',
  imaginary: 'Lambda_im',
  weights: 'W',
  others: {},
  weightsByFeature: true,
  conjugate: false,
  largestReal: Infinity,
  hyper: [length],
  discretiser: zoh,
  factor: softmaxFactor,
});

export const annotatedS4: Family = familyOfVersion({
  id: 'annotated-s4',
  title: 'S4 (annotated-s4)',
  real: 'Lambda_re',
  imaginary: 'Lambda_im',
  weights: 'C',
  others: { P: 0, B: 1 },
  weightsByFeature: false,
  conjugate: true,
  largestReal: -1e-4,
  hyper: [length],
  discretiser: bilinear,
  factor: (poles, n, { step, length: L }, out) => {
    discreteFactor(poles, n, step, L, out);
  },
});

/** conj(s) / (|s|^2 + 1e-7) / Lambda with s = sum_{l < L} e^{Lambda Delta l}, for Re Lambda < 0. */
function softmaxFactor(
  { re, im }: ComplexVector,
  n: number,
  { step, length: L }: Settings,
  out: Float64Array,
): void {
  const ends = new Float64Array(4);
  complexExpm1(step * re[n] * L, step * im[n] * L, ends, 0);
  complexExpm1(step * re[n], step * im[n], ends, 2);
  const [er, ei, dr, di] = ends;
  const size = dr * dr + di * di;
  const [sr, si] = [(er * dr + ei * di) / size, (ei * dr - er * di) / size];
  // conj(s) / (norm Lambda) = conj(s) conj(Lambda) / (norm |Lambda|^2)
  const norm = (sr * sr + si * si + 1e-7) * (re[n] ** 2 + im[n] ** 2);
  out[0] = (sr * re[n] - si * im[n]) / norm;
  out[1] = -(sr * im[n] + si * re[n]) / norm;
}

function familyOfVersion(version: Version): Family {
  const elements = (site: LayerSite): number => site.sizes?.elements ?? 4;
  return {
    id: version.id,
    title: version.title,
    orderSettings: ['N'],
    hyperParameters: () => version.hyper,
    smallestOrder: 1,
    recognise: (tensors) =>
      prefixesOf(tensors, version.real)
        .map((prefix) => siteAt(prefix, tensors, version))
        .filter((site) => site !== undefined),
    slotsForOrder,
    orderForSlots: (slots) => slots,
    parameters: (site, order) => site.channels * (elements(site) * slotsForOrder(order) + 1),
    read: (site, values, hyper) => read(site, values, hyper, version),
    write: (site, reduced, original, hyper) => write(site, reduced, original, hyper, version),
  };
}

function siteAt(prefix: string, tensors: Tensors, version: Version): LayerSite | undefined {
  const { real, imaginary, weights } = version;
  const others = Object.keys(version.others);
  const found = siblings(tensors, prefix, ['log_step', real, imaginary, weights, ...others]);
  if (found === undefined) return undefined;
  const [slots, channels] = found[real].shape;
  const matrix = [slots, channels];
  const skip = tensors.get(`${prefix}D`);
  const fits =
    hasShape(found[real].shape, [undefined, undefined]) &&
    hasShape(found[imaginary].shape, matrix) &&
    others.every(
      (role) => hasShape(found[role].shape, matrix) || hasShape(complexShape(found[role]), matrix),
    ) &&
    hasShape(complexShape(found[weights]), weightShape(version, slots, channels)) &&
    hasShape(found.log_step.shape, [1, channels]);
  if (!fits) return undefined;
  return {
    family: version.id,
    name: placeName(prefix, version.title),
    order: slots,
    slots,
    channels,
    tying: 'independent',
    tensors: namesOf(found),
    ...(skip !== undefined && hasShape(skip.shape, [1, channels]) ? { skip: skip.name } : {}),
    sizes: { elements: elementsPerSlot(Object.values(found)) },
  };
}

/** Real numbers that a slot of a feature takes; complex ones count 2, as pairs do. */
function elementsPerSlot(found: readonly TensorInfo[]): number {
  const sizes = found
    .filter(({ name }) => !name.endsWith('log_step'))
    .map(({ dtype, shape }) => (isComplex(dtype) || shape.length > 2 ? 2 : 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function weightShape({ weightsByFeature }: Version, slots: number, channels: number): number[] {
  return weightsByFeature ? [1, channels, slots] : [slots, channels];
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (N) must be a whole number from 1 up, not ${order}.`,
  );
}

function settingsOf(
  tensors: LayerTensors,
  h: number,
  hyper: HyperValues,
  version: Version,
): Settings {
  const L = version.hyper.length === 0 ? 0 : Number(hyperValue(hyper, length.name));
  return { step: Math.exp(tensors.log_step.values[h]), length: L };
}

/** Column h of a tensor (N, H) of real or complex numbers. */
function column({ info, values }: TensorValues, h: number): ComplexVector {
  const [slots, channels] = info.shape;
  const pairs = isComplex(info.dtype) || info.shape.length > 2;
  const all = complexValues(values, pairs);
  const pick = (part: Float64Array): Float64Array =>
    Float64Array.from({ length: slots }, (_, n) => part[n * channels + h]);
  return { re: pick(all.re), im: pick(all.im) };
}

function read(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
  version: Version,
): LayerSystems {
  const tensors = layerTensors(site, values);
  const { channels, slots } = site;
  const batch = emptyModalBatch(channels, slots);
  for (let h = 0; h < channels; h++) {
    const how = settingsOf(tensors, h, hyper, version);
    const modes = continuousModes(tensors, h, version, slots);
    const at = modes.poles.re.findIndex((x) => !(x < 0));
    if (at >= 0) {
      throw new SsmError(
        'unstable',
        `Feature ${h}: the pole ${modes.poles.re[at]} + ${modes.poles.im[at]}i does not decay.`,
        { place: `tensor ${tensors[version.real].info.name}` },
      );
    }
    const logs = discretePoles(version.discretiser, modes.poles, how.step);
    batch.poleRe.set(logs.re, h * slots);
    batch.poleIm.set(logs.im, h * slots);
    batch.step[h] = how.step;
    const factor = new Float64Array(2);
    for (let n = 0, i = h * slots; n < slots; n++, i++) {
      version.factor(modes.poles, n, how, factor);
      const [re, im] = [modes.weights.re[n], modes.weights.im[n]];
      batch.weightRe[i] = re * factor[0] - im * factor[1];
      batch.weightIm[i] = re * factor[1] + im * factor[0];
    }
  }
  return { kind: 'independent', batch, poles: 'complex' };
}

/** Poles of a feature and its weights before `factor`. */
function continuousModes(
  tensors: LayerTensors,
  h: number,
  version: Version,
  slots: number,
): { readonly poles: ComplexVector; readonly weights: ComplexVector } {
  const { largestReal, conjugate, weightsByFeature } = version;
  const clipped = (x: number): number => Math.min(x, largestReal);
  const poles = {
    re: column(tensors[version.real], h).re.map(clipped),
    im: column(tensors[version.imaginary], h).re,
  };
  const stored = tensors[version.weights];
  const rows = complexValues(stored.values);
  const part = (of: Float64Array): Float64Array => of.subarray(h * slots, (h + 1) * slots);
  const own = weightsByFeature ? { re: part(rows.re), im: part(rows.im) } : column(stored, h);
  const weights = conjugate ? conjugated(own) : own;
  if (!('P' in version.others)) return { poles, weights };
  const row = (x: ComplexVector) => ({ rows: 1, cols: slots, ...x });
  const P = column(tensors.P, h);
  const modes = lowRankModes(
    {
      halves: false,
      diagonal: poles,
      P: row(P),
      Q: row(conjugated(P)),
      b: column(tensors.B, h),
    },
    row(weights),
  );
  return { poles: modes.poles, weights: modes.weights };
}

function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
  version: Version,
): TensorEdit[] {
  const tensors = layerTensors(site, original);
  const { channels } = site;
  const batch = independentBatch(systems);
  const { slots } = batch;
  const size = slots * channels;
  const [real, imaginary] = [tensors[version.real], tensors[version.imaginary]];
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const weights = complexVector(size);
  const [pole, factor] = [new Float64Array(2), new Float64Array(2)];
  for (let h = 0; h < channels; h++) {
    const own = systemOf(batch, h);
    const how = settingsOf(tensors, h, hyper, version);
    const stored = complexVector(slots);
    for (let n = 0; n < slots; n++) {
      continuousPole(version.discretiser, own.poles.re[n], own.poles.im[n], how.step, pole);
      re[n * channels + h] = roundToStored(pole[0], real);
      im[n * channels + h] = roundToStored(pole[1], imaginary);
      stored.re[n] = Math.min(re[n * channels + h], version.largestReal);
      stored.im[n] = im[n * channels + h];
    }
    for (let n = 0; n < slots; n++) {
      version.factor(stored, n, how, factor);
      const [wr, wi] = [own.weights.re[n], own.weights.im[n]];
      const norm = factor[0] ** 2 + factor[1] ** 2;
      const at = version.weightsByFeature ? h * slots + n : n * channels + h;
      weights.re[at] = (wr * factor[0] + wi * factor[1]) / norm;
      weights.im[at] = (wi * factor[0] - wr * factor[1]) / norm;
    }
  }
  const C = tensors[version.weights];
  const shape = [slots, channels];
  return [
    storedEdit(
      C,
      storedComplexShape(C.info, weightShape(version, slots, channels)),
      interleaved(version.conjugate ? conjugated(weights) : weights),
    ),
    { name: real.info.name, shape, values: re },
    { name: imaginary.info.name, shape, values: im },
    ...Object.entries(version.others).map(([role, value]) => {
      const tensor = tensors[role];
      const constant = { re: new Float64Array(size).fill(value), im: new Float64Array(size) };
      const pairs = tensor.info.shape.slice(2);
      const complex = pairs.length > 0 || isComplex(tensor.info.dtype);
      return storedEdit(tensor, [...shape, ...pairs], interleaved(constant, complex));
    }),
  ];
}
