import { type DiagonalSystem, difference, fromWeights } from '../systems/diagonal';
import { hasKernels, kernelBatch, systemCount } from '../systems/kernels';
import type { LayerSystems } from '../systems/layer';
import { type ModalSystem, systemOf } from '../systems/modal';
import { type ChannelResponse, kernelResponse, outputResponse } from './channelResponse';

/**
 * A layer taken apart into what a person can look at one at a time: its kernels, or the outputs of a system with
 * matrices B and C (of quadratic outputs the linear part).
 */
export type LayerChannels =
  | { readonly kind: 'kernels'; readonly kernels: readonly ModalSystem[] }
  | { readonly kind: 'outputs'; readonly system: DiagonalSystem };

/** The channels of a layer, without slots of weight zero, which a layer is padded with. */
export function channelsOf(systems: LayerSystems): LayerChannels {
  if (!hasKernels(systems)) return { kind: 'outputs', system: systems.system };
  const batch = kernelBatch(systems);
  const kernels = Array.from({ length: systemCount(systems) }, (_, k) => live(systemOf(batch, k)));
  return { kind: 'kernels', kernels };
}

export function channelCount(channels: LayerChannels): number {
  return channels.kind === 'kernels' ? channels.kernels.length : channels.system.C.rows;
}

/** Real numbers a channel's state consists of. */
export function stateCount(channels: LayerChannels): number {
  if (channels.kind === 'outputs') return 2 * channels.system.poles.re.length;
  return channels.kernels.reduce((most, { poles }) => Math.max(most, 2 * poles.re.length), 0);
}

/** The modes of one channel: of an output the poles of the system with the size of what each adds to it. */
export function modesOf(channels: LayerChannels, channel: number): ModalSystem {
  if (channels.kind === 'kernels') return channels.kernels[channel];
  const { poles, B, C } = channels.system;
  const n = poles.re.length;
  const sizes = Float64Array.from({ length: n }, (_, k) => {
    const c = Math.hypot(C.re[channel * n + k], C.im[channel * n + k]);
    const b = Math.hypot(...rowOf(B.re, k, B.cols), ...rowOf(B.im, k, B.cols));
    return b * c;
  });
  return { poles, weights: { re: sizes, im: new Float64Array(n) }, step: 1 };
}

/** How a channel answers. */
export function responseOf(channels: LayerChannels, channel: number): ChannelResponse {
  return channels.kind === 'kernels'
    ? kernelResponse(channels.kernels[channel])
    : outputResponse(channels.system, channel);
}

/** How the difference of a channel before and after answers. Undefined where the layers do not belong together. */
export function differenceOf(
  original: LayerChannels,
  reduced: LayerChannels,
  channel: number,
): ChannelResponse | undefined {
  if (original.kind === 'kernels' && reduced.kind === 'kernels') {
    return kernelResponse(joined(original.kernels[channel], reduced.kernels[channel]));
  }
  if (original.kind === 'outputs' && reduced.kind === 'outputs') {
    return outputResponse(difference(original.system, reduced.system), channel);
  }
  return undefined;
}

/** Whether two layers have channel for channel the same inputs and outputs. */
export function comparable(a: LayerChannels, b: LayerChannels): boolean {
  if (a.kind === 'outputs' && b.kind === 'outputs' && a.system.B.cols !== b.system.B.cols) {
    return false;
  }
  return a.kind === b.kind && channelCount(a) === channelCount(b);
}

/** A kernel as a system with one input and one output. */
export function asSystem({ poles, weights }: ModalSystem): DiagonalSystem {
  return fromWeights(poles, weights);
}

function joined(a: ModalSystem, b: ModalSystem): ModalSystem {
  const join = (x: Float64Array, y: Float64Array, sign = 1): Float64Array =>
    Float64Array.from([...x, ...y.map((value) => sign * value)]);
  return {
    poles: { re: join(a.poles.re, b.poles.re), im: join(a.poles.im, b.poles.im) },
    weights: { re: join(a.weights.re, b.weights.re, -1), im: join(a.weights.im, b.weights.im, -1) },
    step: a.step,
  };
}

function live({ poles, weights, step }: ModalSystem): ModalSystem {
  const keep = (part: Float64Array): Float64Array =>
    part.filter((_, n) => weights.re[n] !== 0 || weights.im[n] !== 0);
  return {
    poles: { re: keep(poles.re), im: keep(poles.im) },
    weights: { re: keep(weights.re), im: keep(weights.im) },
    step,
  };
}

function rowOf(part: Float64Array, row: number, cols: number): Float64Array {
  return part.subarray(row * cols, (row + 1) * cols);
}
