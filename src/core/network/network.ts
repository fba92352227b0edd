import type { LayerSystems } from '../systems/layer';

/**
 * A whole network as data: what stands around the state-space layers of a known code base. The forward pass, the
 * adjoint, the calibration and the bounds all read this one description.
 *
 * Signals are sequences of `width` features. An embedding takes tokens, everything else takes features.
 */
export interface Network {
  readonly input: NetworkInput;
  /** From the input to the output, in order. */
  readonly ops: readonly Op[];
  /** What `state-space` ops refer to by index; in the order in which the signal meets them. */
  readonly layers: readonly StateSpaceLayer[];
}

export type NetworkInput =
  | { readonly kind: 'values'; readonly width: number }
  | { readonly kind: 'tokens'; readonly vocabulary: number };

/**
 * A weight of the network in the canonical orientation named where it is used, and where it is stored, so that a
 * changed one can be written back.
 */
export interface Parameter {
  /** Name of the tensor in the checkpoint. */
  readonly tensor: string;
  /** Shape as stored: a linear map may be a convolution (out, in, 1). */
  readonly shape: readonly number[];
  /** Stored with its last two axes exchanged against the canonical orientation (Flax kernels are in × out). */
  readonly transposed?: boolean;
  /** Row-major in the canonical orientation. */
  readonly values: Float64Array;
}

export type Op =
  | EmbeddingOp
  | LinearOp
  | LayerNormOp
  | BatchNormOp
  | ActivationOp
  | GluOp
  | StateSpaceOp
  | ResidualOp
  | PoolOp;

/** Row `token` of a vocabulary × width table. */
export interface EmbeddingOp {
  readonly kind: 'embedding';
  readonly width: number;
  readonly table: Parameter;
}

/** y = W x + b at every position; W is outputs × inputs. */
export interface LinearOp {
  readonly kind: 'linear';
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: Parameter;
  readonly bias?: Parameter;
  /**
   * What the map is for: `mixing` follows the activation of a state-space layer and may be refitted, `decoder` gives
   * the network's output.
   */
  readonly role: 'encoder' | 'mixing' | 'feed-forward' | 'decoder';
}

/** (x - mean) / sqrt(variance + epsilon) * scale + shift over the features of a position. */
export interface LayerNormOp {
  readonly kind: 'layer-norm';
  readonly width: number;
  readonly epsilon: number;
  /** The mean stays: x / sqrt(mean of x² + epsilon), known as RMS norm. */
  readonly uncentred?: true;
  readonly scale?: Parameter;
  readonly shift?: Parameter;
}

/** The same with the recorded mean and variance of every feature. */
export interface BatchNormOp {
  readonly kind: 'batch-norm';
  readonly width: number;
  readonly epsilon: number;
  readonly mean: Parameter;
  readonly variance: Parameter;
  readonly scale?: Parameter;
  readonly shift?: Parameter;
}

/** `gelu` is the exact one, `gelu-tanh` its tanh approximation. */
export type Activation = 'gelu' | 'gelu-tanh' | 'relu' | 'silu' | 'tanh' | 'sigmoid';

export interface ActivationOp {
  readonly kind: 'activation';
  readonly activation: Activation;
}

/** Halves (a, b) of the features to a * activation(b), or b * activation(a) where `gate` is `first`. */
export interface GluOp {
  readonly kind: 'glu';
  readonly activation: Activation;
  readonly gate: 'first' | 'second';
}

/** The layer's convolution and skip, y = k * u + D u. */
export interface StateSpaceOp {
  readonly kind: 'state-space';
  readonly layer: number;
}

/** y = x + body(x). */
export interface ResidualOp {
  readonly kind: 'residual';
  readonly body: readonly Op[];
}

/** From a sequence to one vector; `mean` over the real length of the sequence, without padding. */
export interface PoolOp {
  readonly kind: 'pool';
  readonly by: 'mean' | 'last' | 'max' | 'sum';
}

/** A state-space layer inside a network. */
export interface StateSpaceLayer {
  /** Name of its site among the layers of the checkpoint. */
  readonly name: string;
  readonly inputs: number;
  /** inputs * copies for single-input single-output kernels (feature h of copy c at c * inputs + h). */
  readonly outputs: number;
  readonly systems: LayerSystems;
  /**
   * Both directions: the second half of the kernels (of the outputs of a `mimo` system) runs backward in time and is
   * added; in the convolution of s4 it starts one step later, so that the present counts once.
   */
  readonly bidirectional?: 'shifted' | 'unshifted';
  /** Steps after which the original code cuts the kernels (`l_max`); left out where they are as long as the sequence. */
  readonly horizon?: number;
  /** Weights D: one a feature and copy (copies × inputs), or an outputs × inputs matrix. */
  readonly skip?: { readonly kind: 'diagonal' | 'matrix'; readonly weight: Parameter };
}

/** What a network gives: `width` numbers, once (after a pooling) or at every position. */
export interface NetworkOutput {
  readonly width: number;
  readonly perPosition: boolean;
}

/** The output of a network, from its ops. */
export function outputOf({ input, ops, layers }: Network): NetworkOutput {
  let width = input.kind === 'tokens' ? 1 : input.width;
  let perPosition = true;
  const follow = (op: Op): void => {
    if (op.kind === 'residual') op.body.forEach(follow);
    else if (op.kind === 'linear') width = op.outputs;
    else if (op.kind === 'embedding') width = op.width;
    else if (op.kind === 'glu') width /= 2;
    else if (op.kind === 'state-space') width = layers[op.layer].outputs;
    else if (op.kind === 'pool') perPosition = false;
  };
  ops.forEach(follow);
  return { width, perPosition };
}
