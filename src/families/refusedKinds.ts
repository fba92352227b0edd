import type { TensorInfo } from '../formats/tensor';
import { complexShape, hasShape, isComplex } from './siblings';

/** A tensor by what follows a prefix in its name: `x_proj.weight`. */
export type TensorsBelow = (role: string) => TensorInfo | undefined;

/** A kind of layer that is recognised and not reduced. */
export interface RefusedKind {
  readonly what: string;
  readonly reason: string;
  /** Names of which a layer of this kind has exactly one. */
  readonly markers: readonly string[];
  readonly isAt: (tensor: TensorsBelow) => boolean;
}

const selective =
  'is computed from the input at every position, so the layer is not linear and time-invariant: it has no impulse response that could be reduced in the h2 norm. Quantise or prune such layers with tools made for them; other layers of the same file can be compressed here.';

const implicit =
  'The kernel of this layer is computed by a small network or kept as a table of values; there is no state to reduce. A state-space model would have to be fitted to the kernel and put in its place.';

const withAll =
  (...roles: readonly string[]) =>
  (tensor: TensorsBelow): boolean =>
    roles.every((role) => tensor(role) !== undefined);

/** Sources: formats reference, 1.5, 1.6, 1.10 and 1.11, and the projects named there. */
export const refusedKinds: readonly RefusedKind[] = [
  {
    what: 'Mamba',
    reason: `In Mamba the step and the matrices B and C of the state ${selective.replace('is computed', 'are computed')}`,
    markers: ['A_log'],
    isAt: (tensor) =>
      tensor('A_log')?.shape.length === 2 &&
      tensor('x_proj.weight') !== undefined &&
      (tensor('dt_proj.weight') ?? tensor('dtA_proj.weight')) !== undefined,
  },
  {
    what: 'Mamba-2',
    reason: `In Mamba-2 the step and the matrices B and C of the state ${selective.replace('is computed', 'are computed')}`,
    markers: ['A_log'],
    isAt: (tensor) =>
      tensor('A_log')?.shape.length === 1 && withAll('dt_bias', 'in_proj.weight')(tensor),
  },
  {
    what: 'Gated DeltaNet',
    reason: `The transition of this layer's state ${selective}`,
    markers: ['A_log'],
    isAt: withAll('dt_bias', 'k_proj.weight', 'b_proj.weight'),
  },
  {
    what: 'RG-LRU (Griffin, Hawk)',
    reason: `The decay of this recurrent unit ${selective}`,
    markers: ['recurrent_param', 'a_param', 'a_log'],
    isAt: (tensor) =>
      [
        ['recurrent_param', 'recurrent_gate_weight'],
        ['a_param', 'a_gate.w'],
        ['a_log', 'recurrent_gate_proj.weight'],
      ].some((roles) => withAll(...roles)(tensor)),
  },
  {
    what: 'S7',
    reason: `The state matrix of S7 ${selective}`,
    markers: ['base_params'],
    isAt: withAll('x_proj.weight', 'gate_proj.weight'),
  },
  {
    what: 'RetNet',
    reason: `A retention layer decays at a fixed rate, but what it writes to and reads from its state ${selective}`,
    markers: ['retention.k_proj.weight'],
    isAt: withAll('retention.q_proj.weight', 'retention.v_proj.weight'),
  },
  {
    what: 'Gated linear attention',
    reason: `The decay of this layer's state ${selective}`,
    markers: ['gk_proj.0.weight'],
    isAt: withAll('q_proj.weight', 'k_proj.weight', 'v_proj.weight'),
  },
  {
    what: 'RWKV',
    reason: `What this layer keeps of the past ${selective}`,
    markers: ['time_decay'],
    isAt: withAll('key.weight', 'receptance.weight', 'value.weight'),
  },
  {
    what: 'Hyena',
    reason: implicit,
    markers: ['implicit_filter.0.weight'],
    isAt: () => true,
  },
  {
    what: 'CKConv',
    reason: implicit,
    markers: ['Kernel.kernel_net.0.weight', 'Kernel.kernel_net.0.weight_g'],
    isAt: () => true,
  },
  {
    what: 'SGConv',
    reason: implicit,
    markers: ['ws.0', 'kernel_list.0'],
    isAt: (tensor) => (tensor('alpha') ?? tensor('kernel_norm')) !== undefined,
  },
  {
    what: 'DLR with poles on the unit circle',
    reason:
      'In this version of DLR (Lambda_imag) all modes have |z| = 1 and never decay: the impulse response has no finite energy, and no best approximation in the h2 norm exists. Train it with the version that has real parts (version: "").',
    markers: ['Lambda_im'],
    isAt: (tensor) =>
      tensor('W') !== undefined &&
      ['Lambda_log_neg_re', 'log_dt', 'log_step'].every((role) => tensor(role) === undefined),
  },
  {
    what: 'DSS or DLR with real poles',
    reason:
      'The channels of this layer share poles that must be real (version exp-no-scale-real of DSS, Lambda_real_W_real of DLR). A joint reduction finds complex poles, which this version cannot store. Train it with a version that has imaginary parts.',
    markers: ['Lambda_log_neg_re'],
    isAt: (tensor) =>
      tensor('W') !== undefined &&
      tensor('Lambda_im') === undefined &&
      tensor('Lambda_log_im') === undefined,
  },
  {
    what: 'S4 before version 2',
    reason:
      'This is a layer of the first releases of S4, whose parameters stack factors in a form that no later release reads. Load the model with the code that saved it, convert it to version 2 or later, and save it again.',
    markers: ['nodes'],
    isAt: withAll('z', 'w', 'B', 'C', 'log_dt'),
  },
  {
    what: 'aTENNuate',
    reason:
      'The kernels of this layer are decaying cosines with real weights, B and C, and all inputs and outputs share them. The modes of a reduced layer have phases of their own, which real B and C cannot hold, so that the result would not load in the unmodified class. With a complex C (as in LRU or S5) the layer can be reduced.',
    markers: ['log_dt'],
    isAt: (tensor) => realInput(tensor) && isReal(tensor('C'), [undefined, slotsAt(tensor)]),
  },
  {
    what: 'S5 of lrnnx',
    reason:
      'This S5 has a complex C but a real B. The modes of a reduced layer with several inputs need a complex B, which its class cannot hold. With a complex B (as in the other versions of S5) the layer can be reduced.',
    markers: ['log_dt'],
    isAt: (tensor) => realInput(tensor) && pairsAt(tensor('C'), [undefined, slotsAt(tensor)]),
  },
  {
    what: 'L2RU',
    reason:
      'This recurrent unit is stored in a parametrisation that bounds its gain, from which its poles follow only through the code that trained it. Compute A, B, C and D there, diagonalise A, and save the model as an LRU.',
    markers: ['X11', 'X11_params', 'K_raw', 'rho_raw'],
    isAt: (tensor) =>
      [
        ['X11', 'X22'],
        ['X11_params', 'X22_params'],
        ['S', 'K_raw'],
        ['S', 'rho_raw', 'K12_raw'],
      ].some((roles) => withAll(...roles)(tensor)),
  },
  {
    what: 'LRU with a trained initial state',
    reason:
      'The initial state of this layer is trained and answers to no input. A reduction finds new states for the response to the input, in which the initial state cannot be expressed. Train the layer with learn_x0 = False.',
    markers: ['x0_param'],
    isAt: withAll('nu_log', 'theta_log'),
  },
];

/** Whether there are poles A (N, 2), steps log_dt (N) and a real B (N, inputs). */
function realInput(tensor: TensorsBelow): boolean {
  const slots = slotsAt(tensor);
  return isReal(tensor('A'), [slots, 2]) && isReal(tensor('B'), [slots, undefined]);
}

function slotsAt(tensor: TensorsBelow): number | undefined {
  return tensor('log_dt')?.shape[0];
}

function isReal(info: TensorInfo | undefined, shape: readonly (number | undefined)[]): boolean {
  return info !== undefined && !isComplex(info.dtype) && hasShape(info.shape, shape);
}

function pairsAt(info: TensorInfo | undefined, shape: readonly (number | undefined)[]): boolean {
  return info !== undefined && hasShape(complexShape(info), shape);
}
