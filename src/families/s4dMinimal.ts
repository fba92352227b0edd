import { SsmError } from '../core/errors';
import { phiFunctions } from '../core/scalars';
import type { LayerSystems } from '../core/systems/layer';
import { emptyModalBatch } from '../core/systems/modal';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import type { Family, LayerSite } from './family';
import { independentBatch, requireFinite, roundToStored, showComplex, valuesOf } from './values';

/**
 * S4D as in the standalone `s4d.py` of state-spaces: tensors below `<layer>.kernel`
 *     C (H, n, 2)   log_dt (H)   log_A_real (H, n)   A_imag (H, n)
 * with A = -exp(log_A_real) + i A_imag, step = exp(log_dt), B = 1 and a zero-order hold folded into C:
 *     k_l = 2 Re sum_n C_n (e^{step A_n} - 1) / A_n e^{step A_n l}.
 * An order N (`d_state`) is stored as n = N / 2 complex pairs.
 */
export const s4dMinimal: Family = {
  id: 's4d-minimal',
  title: 'S4D (minimal)',
  orderSettings: ['d_state', 'N', 'state_dim', 'state_size'],
  smallestOrder: 2,
  recognise,
  slotsForOrder,
  orderForSlots: (slots) => 2 * slots,
  parameters: (site, order) => site.channels * (4 * slotsForOrder(order) + 1),
  read,
  write,
};

const roles = ['C', 'log_dt', 'log_A_real', 'A_imag'] as const;

function recognise(tensors: ReadonlyMap<string, TensorInfo>): LayerSite[] {
  const sites: LayerSite[] = [];
  for (const info of tensors.values()) {
    if (!info.name.endsWith('.log_A_real') && info.name !== 'log_A_real') continue;
    const prefix = info.name.slice(0, -'log_A_real'.length);
    const site = siteAt(prefix, tensors);
    if (site !== undefined) sites.push(site);
  }
  return sites;
}

/** The layer below a prefix, if the four tensors are there with matching shapes and no B beside them (S4D full has one). */
function siteAt(prefix: string, tensors: ReadonlyMap<string, TensorInfo>): LayerSite | undefined {
  const [c, logStep, logReal, imag] = roles.map((role) => tensors.get(prefix + role));
  if (c === undefined || logStep === undefined || logReal === undefined || imag === undefined) {
    return undefined;
  }
  if ([c, logStep, logReal, imag].some((t) => t.role === 'optimizer')) return undefined;
  if (tensors.has(`${prefix}B`) || logReal.shape.length !== 2) return undefined;
  const [channels, slots] = logReal.shape;
  if (channels === 0 || slots === 0) return undefined;
  const pairs = c.dtype === 'complex64' || c.dtype === 'complex128' ? [] : [2];
  if (
    !sameShape(c.shape, [channels, slots, ...pairs]) ||
    !sameShape(logStep.shape, [channels]) ||
    !sameShape(imag.shape, [channels, slots])
  ) {
    return undefined;
  }
  const skip = `${prefix.replace(/kernel\.$/, '')}D`;
  return {
    family: 's4d-minimal',
    name: prefix.replace(/\.?(kernel\.)?$/, '') || 'kernel',
    order: 2 * slots,
    slots,
    channels,
    tying: 'independent',
    tensors: Object.fromEntries(roles.map((role) => [role, prefix + role])),
    ...(sameShape(tensors.get(skip)?.shape ?? [], [channels]) ? { skip } : {}),
  };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function slotsForOrder(order: number): number {
  if (!Number.isInteger(order) || order < 2 || order % 2 !== 0) {
    throw new SsmError(
      'bad-request',
      `S4D stores complex pairs, so its order (d_state) must be an even number from 2 up, not ${order}.`,
    );
  }
  return order / 2;
}

function read(site: LayerSite, values: ReadonlyMap<string, TensorValues>): LayerSystems {
  const { channels, slots } = site;
  const [c, logStep, logReal, imag] = roles.map((role) => {
    const tensor = valuesOf(values, site.tensors[role]);
    requireFinite(tensor);
    return tensor.values;
  });
  const batch = emptyModalBatch(channels, slots);
  const phi = new Float64Array(2);
  for (let h = 0; h < channels; h++) {
    const step = Math.exp(logStep[h]);
    batch.step[h] = step;
    for (let n = 0; n < slots; n++) {
      const at = h * slots + n;
      const x = -Math.exp(logReal[at]) * step;
      const y = imag[at] * step;
      if (!Number.isFinite(x) || !Number.isFinite(y) || x === 0) {
        throw new SsmError(
          'unstable',
          `Channel ${h}, slot ${n}: the pole does not decay or is out of range (step * A = ${showComplex(x, y)}).`,
          { place: `tensor ${site.tensors.log_A_real}` },
        );
      }
      // 2 C (e^a - 1) / A = 2 C step phi1(a)
      phiFunctions(x, y, 0, phi, 0);
      const [cr, ci] = [2 * step * c[2 * at], 2 * step * c[2 * at + 1]];
      batch.poleRe[at] = x;
      batch.poleIm[at] = y;
      batch.weightRe[at] = cr * phi[0] - ci * phi[1];
      batch.weightIm[at] = cr * phi[1] + ci * phi[0];
    }
  }
  return { kind: 'independent', batch, poles: 'complex' };
}

/**
 * log_A_real and A_imag from the reduced log-poles; C anew from the weights for the poles as they are stored: the
 * rounding of the poles is known by then, so it need not be paid twice.
 */
function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
): TensorEdit[] {
  const { channels } = site;
  const reduced = independentBatch(systems);
  const { slots } = reduced;
  const [c0, logStep, logReal0, imag0] = roles.map((role) =>
    valuesOf(original, site.tensors[role]),
  );
  const logReal = new Float64Array(channels * slots);
  const imag = new Float64Array(channels * slots);
  const c = new Float64Array(2 * channels * slots);
  const phi = new Float64Array(2);
  for (let h = 0; h < channels; h++) {
    const step = Math.exp(logStep.values[h]);
    for (let n = 0; n < slots; n++) {
      const at = h * slots + n;
      logReal[at] = roundToStored(Math.log(-reduced.poleRe[at] / step), logReal0);
      imag[at] = roundToStored(reduced.poleIm[at] / step, imag0);
      phiFunctions(-Math.exp(logReal[at]) * step, imag[at] * step, 0, phi, 0);
      const size = 2 * step * (phi[0] * phi[0] + phi[1] * phi[1]);
      const [wr, wi] = [reduced.weightRe[at], reduced.weightIm[at]];
      c[2 * at] = roundToStored((wr * phi[0] + wi * phi[1]) / size, c0);
      c[2 * at + 1] = roundToStored((wi * phi[0] - wr * phi[1]) / size, c0);
    }
  }
  return [
    { name: c0.info.name, shape: [channels, slots, ...c0.info.shape.slice(2)], values: c },
    { name: logReal0.info.name, shape: [channels, slots], values: logReal },
    { name: imag0.info.name, shape: [channels, slots], values: imag },
  ];
}
