import type { LayerSystems } from '../systems/layer';
import type { ModalSystem } from '../systems/modal';
import { extremeSteps, frequencies, shownSteps, stepEdges } from './axes';
import {
  type LayerChannels,
  channelCount,
  channelsOf,
  comparable,
  differenceOf,
  modesOf,
  responseOf,
  stateCount,
} from './channels';
import type { ChannelResponse } from './channelResponse';
import { hankelLists } from './hankel';
import { type SpreadCurve, evenChannels, spreadOf } from './spread';

export interface DescriptionRequest {
  readonly original: LayerSystems;
  /** The same layer of a compressed model. */
  readonly reduced?: LayerSystems;
  /** One channel alone; left out: how all of them spread. */
  readonly channel?: number;
  /** Steps over which Hankel singular values count; Infinity for all. */
  readonly horizon: number;
}

export type CurveId = 'original' | 'reduced' | 'difference';

/** Curves over one axis. */
export interface DescribedCurves {
  readonly x: Float64Array;
  readonly curves: readonly (SpreadCurve & { readonly id: CurveId })[];
}

/** Poles z = e^a in the plane, and their log-poles a. */
export interface DescribedPoles {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly logRe: Float64Array;
  readonly logIm: Float64Array;
  /** Whose they are. */
  readonly channel: Int32Array;
}

/** What can be drawn of a layer: down-sampled, never longer than a chart is wide. */
export interface LayerDescription {
  readonly kind: LayerChannels['kind'];
  /** How many channels there are. */
  readonly channels: number;
  /** Of how many of them, evenly spaced, the spread is taken. */
  readonly sampled: number;
  /** Whether `reduced` fits the original channel for channel and is drawn. */
  readonly compared: boolean;
  /** Steps shown. */
  readonly steps: number;
  readonly poles: { readonly original: DescribedPoles; readonly reduced?: DescribedPoles };
  /** Over the number of the value, from 1. Of several kernels relative to each one's greatest. */
  readonly hankel: DescribedCurves;
  /** Over steps. Of one kernel k_t, else magnitudes: the largest of an interval of steps. */
  readonly impulse: DescribedCurves;
  /** |K| over radians per step. */
  readonly frequency: DescribedCurves;
}

/** Work that one description may be; more channels than that allows are sampled. */
const mostHankelWork = 6e7;
const mostOutputWork = 4e5;
const mostChannels = 256;
const fewestChannels = 8;
const mostPoles = 3000;

/**
 * Describes a layer for its charts.
 * @throws SsmError `bad-parameters` or `unstable` for systems that are not finite or do not decay
 */
export function describeLayer(request: DescriptionRequest): LayerDescription {
  const { original, channel, horizon } = request;
  const whole = channelsOf(original);
  const after = request.reduced === undefined ? undefined : channelsOf(request.reduced);
  const reduced = after !== undefined && comparable(whole, after) ? after : undefined;
  const shown =
    channel === undefined ? evenChannels(channelCount(whole), channelLimit(whole)) : [channel];
  const modes = shown.map((k) => modesOf(whole, k));
  const steps = shownSteps(modes, horizon);
  const responses = compareResponses(whole, reduced, shown);
  const resonant = channel === undefined ? [] : modes;
  const poles = polesOf(whole, shown);
  return {
    kind: whole.kind,
    channels: channelCount(whole),
    sampled: shown.length,
    compared: reduced !== undefined,
    steps,
    poles:
      reduced === undefined
        ? { original: poles }
        : { original: poles, reduced: polesOf(reduced, shown) },
    hankel: hankelOf(request, whole, reduced, shown),
    impulse:
      channel !== undefined && whole.kind === 'kernels'
        ? signedImpulse(responses, steps)
        : impulsePeaks(responses, steps),
    frequency: gains(responses, frequencies(steps, resonant)),
  };
}

function channelLimit(channels: LayerChannels): number {
  const states = stateCount(channels);
  const work =
    channels.kind === 'kernels'
      ? mostHankelWork / states ** 3
      : mostOutputWork / (states * Math.min(states, channels.system.B.cols));
  return Math.round(Math.min(mostChannels, Math.max(fewestChannels, work)));
}

interface ComparedResponse {
  readonly id: CurveId;
  readonly responses: readonly ChannelResponse[];
}

function compareResponses(
  original: LayerChannels,
  reduced: LayerChannels | undefined,
  shown: readonly number[],
): ComparedResponse[] {
  const whole = { id: 'original', responses: shown.map((k) => responseOf(original, k)) } as const;
  if (reduced === undefined) return [whole];
  const differences = shown.map((k) => differenceOf(original, reduced, k));
  return [
    whole,
    { id: 'reduced', responses: shown.map((k) => responseOf(reduced, k)) },
    { id: 'difference', responses: differences.filter((one) => one !== undefined) },
  ];
}

function signedImpulse(compared: readonly ComparedResponse[], length: number): DescribedCurves {
  const all = Float64Array.from({ length }, (_, t) => t);
  const kernels = compared.map(({ responses }) => responses[0].at(all));
  const x = extremeSteps(stepEdges(length), [kernels[0], kernels[kernels.length - 1]]);
  const curves = compared.map(({ id }, i) => ({ id, value: x.map((t) => kernels[i][t]) }));
  return { x, curves };
}

function impulsePeaks(compared: readonly ComparedResponse[], length: number): DescribedCurves {
  const edges = stepEdges(length);
  const curves = compared.map(({ id, responses }) => ({
    id,
    ...spreadOf(responses.map((response) => response.peaks(edges))),
  }));
  return { x: edges.slice(0, -1), curves };
}

function gains(compared: readonly ComparedResponse[], x: Float64Array): DescribedCurves {
  const curves = compared.map(({ id, responses }) => ({
    id,
    ...spreadOf(responses.map((response) => response.gain(x))),
  }));
  return { x, curves };
}

function hankelOf(
  request: DescriptionRequest,
  whole: LayerChannels,
  reduced: LayerChannels | undefined,
  shown: readonly number[],
): DescribedCurves {
  const lists = hankelLists(request.original, whole, shown, request.horizon);
  const units = lists.map((list) => (lists.length > 1 && list[0] > 0 ? list[0] : 1));
  const relative = (values: readonly Float64Array[]): Float64Array[] =>
    values.map((list, i) => list.map((value) => value / units[i]));
  const after =
    reduced === undefined || request.reduced === undefined
      ? undefined
      : hankelLists(request.reduced, reduced, shown, request.horizon);
  const length = lists.reduce((most, list) => Math.max(most, list.length), 0);
  const curves = [
    { id: 'original' as const, ...spreadOf(relative(lists)) },
    ...(after === undefined ? [] : [{ id: 'reduced' as const, ...spreadOf(relative(after)) }]),
  ];
  return { x: Float64Array.from({ length }, (_, i) => i + 1), curves };
}

/** The poles of the channels, slowest first; of fewer channels where they would be too many. */
function polesOf(channels: LayerChannels, shown: readonly number[]): DescribedPoles {
  const from = channels.kind === 'outputs' ? shown.slice(0, 1) : shown;
  const most = Math.max(1, Math.floor((2 * mostPoles) / Math.max(1, stateCount(channels))));
  const modes = evenChannels(from.length, Math.max(2, most)).map((i): [number, ModalSystem] => [
    from[i],
    modesOf(channels, from[i]),
  ]);
  const all = modes
    .flatMap(([channel, { poles }]) =>
      Array.from(poles.re, (re, n) => ({ channel, re, im: poles.im[n] })),
    )
    .sort((a, b) => b.re - a.re);
  const list = (value: (pole: { re: number; im: number }) => number): Float64Array =>
    Float64Array.from(all, value);
  return {
    re: list(({ re, im }) => Math.exp(re) * Math.cos(im)),
    im: list(({ re, im }) => Math.exp(re) * Math.sin(im)),
    logRe: list(({ re }) => Math.max(re, -750)),
    logIm: list(({ im }) => im),
    channel: Int32Array.from(all, ({ channel }) => channel),
  };
}
