import { SsmError } from '../../errors';
import { type LqoSystem, checkLqo } from '../../systems/lqo';
import { formMatrix } from '../../systems/quadraticForm';
import type { StateSpaceLayer } from '../network';

/** A system with quadratic outputs made ready for recurrences: z = e^a and the matrices of its forms. */
interface Prepared {
  readonly zRe: Float64Array;
  readonly zIm: Float64Array;
  readonly forms: readonly { readonly re: Float64Array; readonly im: Float64Array }[];
}

const known = new WeakMap<StateSpaceLayer, Prepared>();

/**
 * y_i = Re(C_i x + x^T M_i x) for x_t = diag(e^a) x_{t-1} + B u_t. u is inputs × length, y outputs × length.
 * @throws SsmError `unsupported-file` for a layer that runs in both directions, `bad-parameters` for no such system
 */
export function quadraticOutput(
  layer: StateSpaceLayer,
  system: LqoSystem,
  u: Float64Array,
  length: number,
): Float64Array {
  const { zRe, zIm, forms } = known.get(layer) ?? prepare(layer, system);
  const { B, C } = system;
  const n = zRe.length;
  const [x, y] = [new Float64Array(n), new Float64Array(n)];
  const out = new Float64Array(layer.outputs * length);
  for (let t = 0; t < length; t++) {
    for (let k = 0; k < n; k++) {
      let [re, im] = [zRe[k] * x[k] - zIm[k] * y[k], zIm[k] * x[k] + zRe[k] * y[k]];
      for (let i = 0; i < B.cols; i++) {
        re += B.re[k * B.cols + i] * u[i * length + t];
        im += B.im[k * B.cols + i] * u[i * length + t];
      }
      [x[k], y[k]] = [re, im];
    }
    forms.forEach((form, o) => {
      let value = 0;
      for (let k = 0; k < n; k++) {
        // Re(x_k w_k) for w = C_o + x^T M_o
        let [re, im] = [C.re[o * n + k], C.im[o * n + k]];
        for (let l = 0; l < n; l++) {
          re += form.re[k * n + l] * x[l] - form.im[k * n + l] * y[l];
          im += form.im[k * n + l] * x[l] + form.re[k * n + l] * y[l];
        }
        value += x[k] * re - y[k] * im;
      }
      out[o * length + t] = value;
    });
  }
  return out;
}

function prepare(layer: StateSpaceLayer, system: LqoSystem): Prepared {
  if (layer.bidirectional !== undefined) {
    throw new SsmError(
      'unsupported-file',
      `Layer ${layer.name} has quadratic outputs in both directions.`,
    );
  }
  checkLqo(system);
  const { poles, forms } = system;
  const size = poles.re.map(Math.exp);
  const made: Prepared = {
    zRe: size.map((r, k) => r * Math.cos(poles.im[k])),
    zIm: size.map((r, k) => r * Math.sin(poles.im[k])),
    forms: forms.map(formMatrix),
  };
  known.set(layer, made);
  return made;
}
