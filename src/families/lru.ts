import { SsmError } from '../core/errors';
import type { ComplexVector } from '../core/linalg/complex';
import { type ComplexMatrix, scaleRows } from '../core/linalg/matrix';
import type { LayerSystems } from '../core/systems/layer';
import type { TensorEdit } from '../formats/checkpoint';
import type { TensorInfo, TensorValues } from '../formats/tensor';
import type { Family, LayerSite } from './family';
import { fromPairs, inUpperHalf, matrixEdit } from './matrices';
import { type Tensors, complexShape, hasShape, namesOf, placeName, prefixesOf } from './siblings';
import { type LayerTensors, layerTensors, mimoSystem, showComplex, storedEdit } from './values';

/**
 * The linear recurrent unit (arXiv 2303.06349), N complex modes from m inputs to p outputs:
 *     nu_log (N)   theta_log (N)   gamma_log (N)   and B (N, m), C (p, N) complex, or B_re, B_im, C_re, C_im
 * with z = exp(-exp(nu_log) + i exp(theta_log)) and y_k = Re(C x_k) + D u_k, x_k = z x_{k-1} + exp(gamma_log) B u_k. The
 * factor exp(gamma_log) is trained like the rest. B and C are complex in lru-reduction and LRU-pytorch; minimal-LRU,
 * compressm and lrnnx store their parts; neural_ssm calls B Bp, and its outputs come one step later, which changes no norm.
 * No hyper-parameter is hidden.
 */
export const lru: Family = {
  id: 'lru',
  title: 'LRU',
  orderSettings: ['d_state', 'state_features', 'd_hidden', 'state_dim'],
  smallestOrder: 1,
  recognise,
  slotsForOrder,
  orderForSlots: (slots) => slots,
  parameters: ({ channels, sizes }, order) =>
    order * (3 + 2 * channels + 2 * (sizes?.outputs ?? 0)),
  read,
  write,
};

function recognise(tensors: Tensors): LayerSite[] {
  return prefixesOf(tensors, 'nu_log').flatMap((prefix) => siteAt(tensors, prefix) ?? []);
}

function siteAt(tensors: Tensors, prefix: string): LayerSite | undefined {
  const at = (role: string): TensorInfo | undefined => tensors.get(prefix + role);
  const [nu_log, theta_log, gamma_log] = ['nu_log', 'theta_log', 'gamma_log'].map(at);
  if (nu_log === undefined || theta_log === undefined || gamma_log === undefined) return undefined;
  // a trained initial state acts on every sequence and has the old number of states
  if (at('x0_param') !== undefined) return undefined;
  const matrices = matricesAt(at);
  if (matrices === undefined) return undefined;
  const { inputs, outputs, slots } = matrices;
  if (![nu_log, theta_log, gamma_log].every(({ shape }) => hasShape(shape, [slots]))) {
    return undefined;
  }
  const D = at('D');
  return {
    family: 'lru',
    name: placeName(prefix, 'lru'),
    order: slots,
    slots,
    channels: inputs,
    tying: 'mimo',
    tensors: namesOf({ nu_log, theta_log, gamma_log, ...matrices.tensors }),
    sizes: { outputs },
    ...(at('Bp') === undefined ? {} : { facts: { delay: 'one step' } }),
    ...(hasShape(D?.shape, [outputs, inputs]) || hasShape(D?.shape, [outputs])
      ? { skip: D?.name ?? '' }
      : {}),
  };
}

interface Matrices {
  readonly inputs: number;
  readonly outputs: number;
  readonly slots: number;
  readonly tensors: Readonly<Record<string, TensorInfo>>;
}

/** B and C in either form, where they fit together. */
function matricesAt(at: (role: string) => TensorInfo | undefined): Matrices | undefined {
  const [B, C] = [at('B') ?? at('Bp'), at('C')];
  if (B !== undefined && C !== undefined) {
    return fitting(complexShape(B), complexShape(C), { B, C });
  }
  const [B_re, B_im, C_re, C_im] = ['B_re', 'B_im', 'C_re', 'C_im'].map(at);
  if (!B_re || !B_im || !C_re || !C_im) return undefined;
  if (!hasShape(B_im.shape, B_re.shape) || !hasShape(C_im.shape, C_re.shape)) return undefined;
  return fitting(B_re.shape, C_re.shape, { B_re, B_im, C_re, C_im });
}

function fitting(
  B: readonly number[] | undefined,
  C: readonly number[] | undefined,
  tensors: Readonly<Record<string, TensorInfo>>,
): Matrices | undefined {
  if (!hasShape(B, [undefined, undefined]) || !hasShape(C, [undefined, B?.[0]])) return undefined;
  return B === undefined || C === undefined
    ? undefined
    : { slots: B[0], inputs: B[1], outputs: C[0], tensors };
}

function slotsForOrder(order: number): number {
  if (Number.isInteger(order) && order >= 1) return order;
  throw new SsmError(
    'bad-request',
    `The order (d_state) of an LRU must be a whole number from 1 up, not ${order}.`,
  );
}

function read(site: LayerSite, values: ReadonlyMap<string, TensorValues>): LayerSystems {
  const tensors = layerTensors(site, values);
  const { slots, channels: inputs } = site;
  const outputs = site.sizes?.outputs ?? 0;
  const B = matrixOf(tensors, 'B', slots, inputs);
  const C = matrixOf(tensors, 'C', outputs, slots);
  const gamma = gains(tensors.gamma_log.values);
  return {
    kind: 'mimo',
    system: { poles: readPoles(tensors), B: scaleRows(B, gamma), C },
  };
}

function readPoles({ nu_log, theta_log }: LayerTensors): ComplexVector {
  const re = nu_log.values.map((nu) => -Math.exp(nu));
  const im = theta_log.values.map(Math.exp);
  const bad = re.findIndex((x, n) => !(x < 0) || !Number.isFinite(x) || !Number.isFinite(im[n]));
  if (bad < 0) return { re, im };
  throw new SsmError(
    'unstable',
    `Pole ${bad} does not decay or is out of range (log z = ${showComplex(re[bad], im[bad])}).`,
    { place: `tensor ${nu_log.info.name}` },
  );
}

function gains(logs: Float64Array): ComplexVector {
  return { re: logs.map(Math.exp), im: new Float64Array(logs.length) };
}

function matrixOf(tensors: LayerTensors, name: string, rows: number, cols: number): ComplexMatrix {
  if (name in tensors) return fromPairs(tensors[name], rows, cols);
  return { rows, cols, re: tensors[`${name}_re`].values, im: tensors[`${name}_im`].values };
}

/**
 * An angle too small to turn a mode by any amount that a float holds; 0 has no logarithm. An angle of 2 pi would stand
 * for a real pole only up to the rounding of theta_log, some 1e-7 a step, which is seen in slow modes.
 */
const noAngle = 1e-30;

/**
 * Modes may be conjugated, since only real parts count: all angles then lie in [0, pi], where small ones are stored
 * accurately. gamma_log is what the original code starts from, (1 - |z|^2)^(1/2).
 */
function write(
  site: LayerSite,
  systems: LayerSystems,
  original: ReadonlyMap<string, TensorValues>,
): TensorEdit[] {
  const tensors = layerTensors(site, original);
  const { poles, B, C } = inUpperHalf(mimoSystem(systems));
  const slots = poles.re.length;
  const edit = (role: string, values: Float64Array): TensorEdit =>
    storedEdit(tensors[role], [slots], values);
  const gamma = edit(
    'gamma_log',
    poles.re.map((x) => Math.log(-Math.expm1(2 * x)) / 2),
  );
  const inverse = gains(gamma.values.map((log) => -log));
  return [
    edit(
      'nu_log',
      poles.re.map((x) => Math.log(-x)),
    ),
    edit(
      'theta_log',
      poles.im.map((angle) => Math.log(Math.max(angle, noAngle))),
    ),
    gamma,
    ...matrixEdits(tensors, 'B', scaleRows(B, inverse)),
    ...matrixEdits(tensors, 'C', C),
  ];
}

function matrixEdits(tensors: LayerTensors, name: string, M: ComplexMatrix): TensorEdit[] {
  const shape = [M.rows, M.cols];
  if (name in tensors) return [matrixEdit(tensors[name], M)];
  return [
    storedEdit(tensors[`${name}_re`], shape, M.re),
    storedEdit(tensors[`${name}_im`], shape, M.im),
  ];
}
