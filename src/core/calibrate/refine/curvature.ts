import { choleskyInPlace } from '../../linalg/realCholesky';
import type { StateSpaceLayer } from '../../network/network';
import { kernelSystems } from '../../network/kernels';
import { hasKernels, type KernelSystems } from '../../systems/kernels';
import type { IndependentSystems } from '../../systems/layer';
import { systemOf, type ModalSystem } from '../../systems/modal';
import { channelModes, type TiedSystem } from '../../systems/tied';
import { poleSlope } from './kernelModes';
import { rowSpectra } from './rowSpectra';
import { systemVariables } from './variables';

/** Variables that act on the same signal: entries from … from + count of some arrays, in that order. */
export interface Block {
  /** By their place among the arrays of `systemVariables`. */
  readonly arrays: readonly number[];
  readonly from: number;
  readonly count: number;
  /** Lower triangle L with L L^T = curvature, row-major. */
  readonly factor: Float64Array;
}

export interface CurvatureRequest {
  readonly layer: StateSpaceLayer;
  /** Of what the layer receives, `inputPowers`. */
  readonly powers: Float64Array;
  readonly longest: number;
  /** Whether its skip weights, one an output, are variables too: an array behind the others. */
  readonly skip: boolean;
}

/**
 * How strongly a layer's variables change its outputs together, a matrix for each kernel (for shared poles: one for
 * these, one for the weights of each kernel):
 *     G = sum_m S_m Re(conj J_m J_m^T) / sum_m S_m |K_m + D|² + diag(1 / scale²)
 * with J_m the derivatives of the kernel's transform K_m, D the skip weight: the Gauss-Newton matrix of the layer by
 * itself. Modes that nearly cancel have weights of which a part in a thousand is more than the kernel; steps of equal
 * length in the metric G change outputs alike, and no variable by more than its scale.
 */
export function curvature({ layer, powers, longest, skip }: CurvatureRequest): Block[] {
  const { systems, outputs, inputs } = layer;
  if (!hasKernels(systems)) return [];
  const variables = systemVariables(layer, longest);
  const scales = variables.map(({ scale }) => scale);
  const bins = powers.length / inputs;
  const passed = layer.skip?.kind === 'diagonal' ? layer.skip.weight.values : undefined;
  const received = (kernel: number): Received => {
    const row = (kernel % outputs) % inputs;
    return {
      power: powers.subarray(row * bins, (row + 1) * bins),
      length: bins - 1,
      skip: kernel < outputs ? (passed?.[kernel] ?? 0) : 0,
    };
  };
  const found =
    systems.kind === 'independent'
      ? independentMatrices(systems, received)
      : systems.groups.flatMap(({ system, kernels }, g) =>
          sharedMatrices(system, kernels, received).map(({ place, matrix }) => {
            const arrays = place.arrays.map((array) => 4 * g + array);
            return { place: { ...place, arrays }, matrix };
          }),
        );
  const blocks = found.map(({ place, matrix }) => factored(place, matrix, scales));
  if (!skip || passed === undefined) return blocks;
  return [...blocks, ...skipBlocks(systems, outputs, variables.length, received)];
}

/** What a kernel receives, and the skip weight beside it, zero for none. */
interface Received {
  readonly power: Float64Array;
  /** Points of the kernel that count; power holds one bin more. */
  readonly length: number;
  readonly skip: number;
}

type ReceivedBy = (kernel: number) => Received;

type Place = Omit<Block, 'factor'>;

interface Curved {
  readonly place: Place;
  readonly matrix: Float64Array;
}

function independentMatrices({ batch }: IndependentSystems, received: ReceivedBy): Curved[] {
  return Array.from({ length: batch.count }, (_, c) => {
    const system = systemOf(batch, c);
    const { columns, response } = derivatives(system, received(c));
    for (let n = 0; n < batch.slots; n++) scaled(columns[n], system.poles.re[n]);
    const place = { arrays: [0, 1, 2, 3], from: c * batch.slots, count: batch.slots };
    return { place, matrix: gram(columns, response, received(c).power) };
  });
}

/** Skip weights on the scale of what the layer puts out. */
function skipBlocks(
  systems: KernelSystems,
  outputs: number,
  array: number,
  received: ReceivedBy,
): Block[] {
  const kernels = kernelSystems(systems);
  return Array.from({ length: outputs }, (_, c) => {
    const { response } = derivatives(kernels[c], received(c));
    const pulse = response.map((_, l) => (l === 0 ? 1 : 0));
    const [square] = gram([pulse], response, received(c).power);
    return { arrays: [array], from: c, count: 1, factor: Float64Array.of(Math.sqrt(square) || 1) };
  });
}

/** Of shared poles, as the mean over their kernels, and of the weights of each kernel. */
function sharedMatrices(system: TiedSystem, kernels: Int32Array, received: ReceivedBy): Curved[] {
  const { rows, cols: count } = system.weights;
  const shared = new Float64Array(4 * count * count);
  const weights = Array.from({ length: rows }, (_, h) => {
    const own = received(kernels[h]);
    const { columns, response } = derivatives(channelModes(system, h), own);
    const poles = columns.slice(0, 2 * count).map((column) => column.slice());
    for (let n = 0; n < count; n++) {
      const { re, im, turn } = poleSlope(system, h, n);
      const [decay, phase] = [columns[n], columns[count + n]];
      poles[n] = decay.map((x, l) => system.poles.re[n] * (re * x + turn * phase[l]));
      poles[count + n] = phase.map((x, l) => im * x - turn * decay[l]);
    }
    gram(poles, response, own.power).forEach((x, i) => (shared[i] += x / rows));
    const place = { arrays: [2, 3], from: h * count, count };
    return { place, matrix: gram(columns.slice(2 * count), response, own.power) };
  });
  return [{ place: { arrays: [0, 1], from: 0, count }, matrix: shared }, ...weights];
}

/** Impulse response of a kernel with its skip, and the derivatives by Re a, Im a, Re w, Im w of all modes, in this order. */
function derivatives(
  { poles, weights }: ModalSystem,
  { length, skip }: Received,
): { response: Float64Array; columns: Float64Array[] } {
  const slots = poles.re.length;
  const response = new Float64Array(length);
  response[0] = skip;
  const columns = Array.from({ length: 4 * slots }, () => new Float64Array(length));
  for (let n = 0; n < slots; n++) {
    const size = Math.exp(poles.re[n]);
    const [zr, zi] = [size * Math.cos(poles.im[n]), size * Math.sin(poles.im[n])];
    const [vr, vi] = [weights.re[n], weights.im[n]];
    const [decay, phase, re, im] = [0, 1, 2, 3].map((k) => columns[k * slots + n]);
    let [er, ei] = [1, 0];
    for (let l = 0; l < length; l++) {
      re[l] = er;
      im[l] = -ei;
      const [kr, ki] = [vr * er - vi * ei, vr * ei + vi * er];
      response[l] += kr;
      decay[l] = l * kr;
      phase[l] = -l * ki;
      [er, ei] = [er * zr - ei * zi, er * zi + ei * zr];
    }
  }
  return { response, columns };
}

/** Weighted inner products of signals, relative to the weighted energy of the response. */
function gram(
  columns: readonly Float64Array[],
  response: Float64Array,
  power: Float64Array,
): Float64Array {
  const n = columns.length;
  const length = response.length;
  const size = 2 * length;
  const all = new Float64Array((n + 1) * length);
  [...columns, response].forEach((column, i) => {
    all.set(column, i * length);
  });
  const spectra = rowSpectra(all, n + 1, length, size);
  const stride = size + 2;
  for (let i = 0; i <= n; i++) {
    for (let m = 0; m <= length; m++) {
      const weight = Math.sqrt((m === 0 || m === length ? 1 : 2) * power[m]);
      spectra[i * stride + 2 * m] *= weight;
      spectra[i * stride + 2 * m + 1] *= weight;
    }
  }
  const product = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < stride; k++) sum += spectra[i * stride + k] * spectra[j * stride + k];
    return sum;
  };
  const energy = product(n, n);
  const out = new Float64Array(n * n);
  if (!(energy > 0)) return out;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) out[i * n + j] = out[j * n + i] = product(i, j) / energy;
  }
  return out;
}

function factored(place: Place, matrix: Float64Array, scales: readonly Float64Array[]): Block {
  const scale = place.arrays.flatMap((array) => [
    ...scales[array].subarray(place.from, place.from + place.count),
  ]);
  const n = scale.length;
  const factor = matrix.slice();
  for (let i = 0; i < n; i++) factor[i * n + i] += 1 / scale[i] ** 2;
  if (choleskyInPlace(factor, n)) return { ...place, factor };
  const alone = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    alone[i * n + i] = Math.sqrt(matrix[i * n + i] + 1 / scale[i] ** 2);
  }
  return { ...place, factor: alone };
}

function scaled(column: Float64Array, factor: number): void {
  for (let l = 0; l < column.length; l++) column[l] *= factor;
}
