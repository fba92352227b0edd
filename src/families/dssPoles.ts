import { SsmError } from '../core/errors';
import type { ComplexVector } from '../core/linalg/complex';
import type { TensorEdit } from '../formats/checkpoint';
import { type Tensors, complexShape, hasShape, namesOf } from './siblings';
import { type LayerTensors, storedEdit } from './values';

/**
 * How DSS stores its poles Lambda, N of them for all channels:
 *     exp, exp-no-scale     -exp(Lambda_log_neg_re) + i Lambda_im
 *     exp-re-im             -exp(Lambda_log_neg_re) + i exp(Lambda_log_im)
 *     softmax, clip         Lambda (N, 2)
 */
export type PoleLayout = 'log-re' | 'log-re-im' | 'pairs';

/** The names of the tensors that hold N poles, by role; undefined where there are none, or none that fit together. */
export function poleTensors(
  tensors: Tensors,
  prefix: string,
  count: number,
): Record<string, string> | undefined {
  const [logRe, im, logIm, pairs] = roles.map((role) => tensors.get(prefix + role));
  if (logRe === undefined) {
    return pairs !== undefined && hasShape(complexShape(pairs), [count])
      ? { Lambda: pairs.name }
      : undefined;
  }
  const found = {
    Lambda_log_neg_re: logRe,
    ...(im === undefined ? {} : { Lambda_im: im }),
    ...(logIm === undefined ? {} : { Lambda_log_im: logIm }),
  };
  const fits = Object.values(found).every(({ shape }) => hasShape(shape, [count]));
  return fits && (im === undefined) !== (logIm === undefined) ? namesOf(found) : undefined;
}

const roles = ['Lambda_log_neg_re', 'Lambda_im', 'Lambda_log_im', 'Lambda'] as const;

/** The layout by the tensors that a recognised layer has. */
export function layoutOf(tensors: Readonly<Record<string, string>>): PoleLayout {
  if ('Lambda' in tensors) return 'pairs';
  return 'Lambda_im' in tensors ? 'log-re' : 'log-re-im';
}

/** The poles. Throws `unstable` naming the tensor where one does not decay. */
export function readPoles(layout: PoleLayout, tensors: LayerTensors, count: number): ComplexVector {
  const decays = tensors[layout === 'pairs' ? 'Lambda' : 'Lambda_log_neg_re'];
  const re = new Float64Array(count);
  const im = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    [re[n], im[n]] = poleAt(layout, tensors, n);
    if (re[n] < 0 && Number.isFinite(re[n]) && Number.isFinite(im[n])) continue;
    throw new SsmError(
      'unstable',
      `Pole ${n} does not decay (Lambda = ${re[n]} + ${im[n]}i): the layer's response has no finite energy, and no reduction in the h2 norm exists.`,
      { place: `tensor ${decays.info.name}` },
    );
  }
  return { re, im };
}

function poleAt(layout: PoleLayout, tensors: LayerTensors, n: number): [re: number, im: number] {
  if (layout === 'pairs') {
    const { values } = tensors.Lambda;
    return [values[2 * n], values[2 * n + 1]];
  }
  const decay = -Math.exp(tensors.Lambda_log_neg_re.values[n]);
  if (layout === 'log-re') return [decay, tensors.Lambda_im.values[n]];
  return [decay, Math.exp(tensors.Lambda_log_im.values[n])];
}

/** An imaginary part too small to turn a mode by any amount that a float holds: exp-re-im cannot store 0. */
const noFrequency = 1e-30;

/**
 * Poles that the layout can hold and that give the same kernels: `conjugated` says where a mode stands for its conjugate,
 * since exp-re-im has positive imaginary parts only.
 */
export function storablePoles(
  layout: PoleLayout,
  { re, im }: ComplexVector,
): { readonly poles: ComplexVector; readonly conjugated: readonly boolean[] } {
  if (layout !== 'log-re-im') return { poles: { re, im }, conjugated: [...im].map(() => false) };
  return {
    poles: { re, im: im.map((y) => Math.max(Math.abs(y), noFrequency)) },
    conjugated: [...im].map((y) => y < 0),
  };
}

/** The tensors that hold the poles, rounded as they are stored. */
export function writePoles(
  layout: PoleLayout,
  { re, im }: ComplexVector,
  original: LayerTensors,
): TensorEdit[] {
  const count = re.length;
  const edit = (role: string, values: Float64Array): TensorEdit =>
    storedEdit(original[role], [count, ...original[role].info.shape.slice(1)], values);
  if (layout === 'pairs') {
    const pairs = new Float64Array(2 * count).map((_, i) => (i % 2 === 0 ? re : im)[i >> 1]);
    return [edit('Lambda', pairs)];
  }
  const decays = edit(
    'Lambda_log_neg_re',
    re.map((x) => Math.log(-x)),
  );
  if (layout === 'log-re') return [decays, edit('Lambda_im', im)];
  return [decays, edit('Lambda_log_im', im.map(Math.log))];
}
