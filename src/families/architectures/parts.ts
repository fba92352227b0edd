import { SsmError } from '../../core/errors';
import type {
  BatchNormOp,
  EmbeddingOp,
  LayerNormOp,
  LinearOp,
  Parameter,
  StateSpaceLayer,
  StateSpaceOp,
} from '../../core/network/network';
import type { LayerSystems } from '../../core/systems/layer';
import type { TensorInfo, TensorValues } from '../../formats/tensor';
import type { LayerSite } from '../family';
import { requireFinite } from '../values';

/** Tensors and layers of a checkpoint as pieces of a network; each remembers what it used. */
export interface Parts {
  has(name: string): boolean;
  /** Sizes of a tensor; empty where there is none. */
  shape(name: string): readonly number[];
  /** The map stored as `<prefix>.weight` (outputs, inputs) or (outputs, inputs, 1) and, where there is one, `.bias`. */
  linear(prefix: string, role: LinearOp['role'], sizes?: LinearSizes): LinearOp;
  embedding(prefix: string, width: number): EmbeddingOp;
  /** From `<prefix>.weight` and `.bias`, which may both be missing. */
  layerNorm(prefix: string, width: number, epsilon: number): LayerNormOp;
  /** From `<prefix>.running_mean`, `.running_var`, and `.weight` and `.bias` where there are any. */
  batchNorm(prefix: string, width: number, epsilon: number): BatchNormOp;
  /** The layer of a site, whose inputs are `width` features. */
  stateSpace(site: LayerSite, width: number, direction?: 'shifted' | 'unshifted'): LaidLayer;
}

interface LinearSizes {
  readonly inputs?: number;
  readonly outputs?: number;
}

/** A layer in its place. */
export interface LaidLayer {
  readonly op: StateSpaceOp;
  readonly outputs: number;
}

/** What the laying out has used: `layers` in the order in which the signal meets them. */
export interface Used {
  readonly tensors: Set<string>;
  readonly layers: Omit<StateSpaceLayer, 'systems'>[];
}

/** What there is to build from. Values and systems are given only when the network is really built. */
export interface Material {
  readonly infos: ReadonlyMap<string, TensorInfo>;
  readonly values?: ReadonlyMap<string, TensorValues>;
  readonly systems?: ReadonlyMap<string, LayerSystems>;
}

/**
 * Parts of a network from a checkpoint's tensors. They throw `unsupported-file` where a tensor is missing or has another
 * shape than the architecture gives it.
 */
export function createParts({ infos, values, systems }: Material): Parts & { readonly used: Used } {
  const used: Used = { tensors: new Set(), layers: [] };
  const shape = (name: string): readonly number[] => infos.get(name)?.shape ?? [];
  const has = (name: string): boolean => infos.has(name);

  /** A parameter of these sizes; any size where undefined, any sizes of 1 after the last. */
  const parameter = (name: string, sizes: readonly (number | undefined)[]): Parameter => {
    const info = infos.get(name);
    if (info === undefined) throw unexpected(`There is no tensor ${name}.`);
    if (!fits(info.shape, sizes)) {
      const expected = sizes.map((size) => size ?? 'any').join(', ');
      throw unexpected(`Tensor ${name} is (${info.shape.join(', ')}), not (${expected}).`);
    }
    used.tensors.add(name);
    return { tensor: name, shape: info.shape, values: valuesOf(name, values) };
  };
  const optional = (name: string, sizes: readonly number[]): Parameter | undefined =>
    has(name) ? parameter(name, sizes) : undefined;
  const affine = (prefix: string, width: number): Pick<LayerNormOp, 'scale' | 'shift'> => {
    const scale = optional(`${prefix}.weight`, [width]);
    const shift = optional(`${prefix}.bias`, [width]);
    return { ...(scale && { scale }), ...(shift && { shift }) };
  };

  return {
    used,
    has,
    shape,
    linear(prefix, role, sizes = {}) {
      const weight = parameter(`${prefix}.weight`, [sizes.outputs, sizes.inputs]);
      const [outputs, inputs] = weight.shape;
      const bias = optional(`${prefix}.bias`, [outputs]);
      return { kind: 'linear', inputs, outputs, weight, ...(bias && { bias }), role };
    },
    embedding(prefix, width) {
      const table = parameter(`${prefix}.weight`, [undefined, width]);
      return { kind: 'embedding', width, table };
    },
    layerNorm: (prefix, width, epsilon) => ({
      kind: 'layer-norm',
      width,
      epsilon,
      ...affine(prefix, width),
    }),
    batchNorm: (prefix, width, epsilon) => ({
      kind: 'batch-norm',
      width,
      epsilon,
      mean: parameter(`${prefix}.running_mean`, [width]),
      variance: parameter(`${prefix}.running_var`, [width]),
      ...affine(prefix, width),
    }),
    stateSpace(site, width, direction) {
      const skip = skipOf(site, width, shape, (name) => parameter(name, shape(name)));
      const outputs = outputsOf(site, width, skip);
      const twoWay = isBidirectional(site, outputs, systems?.get(site.name));
      if (twoWay && direction === undefined) {
        throw unexpected(`Layer ${site.name} has more kernels than one direction needs.`);
      }
      used.layers.push({
        name: site.name,
        inputs: width,
        outputs,
        ...(twoWay && direction !== undefined ? { bidirectional: direction } : {}),
        ...(skip && { skip }),
      });
      return { op: { kind: 'state-space', layer: used.layers.length - 1 }, outputs };
    },
  };
}

/** That the tensors are not those of the architecture; `recogniseNetwork` turns it into the reason. */
export function unexpected(message: string): SsmError {
  return new SsmError('unsupported-file', message);
}

function fits(shape: readonly number[], sizes: readonly (number | undefined)[]): boolean {
  return (
    shape.length >= sizes.length &&
    shape.every((size, i) => size > 0 && size === (i < sizes.length ? (sizes[i] ?? size) : 1))
  );
}

const noValues = new Float64Array(0);

function valuesOf(
  name: string,
  values: ReadonlyMap<string, TensorValues> | undefined,
): Float64Array {
  if (values === undefined) return noValues;
  const found = values.get(name);
  if (found === undefined) throw new SsmError('internal', `Tensor ${name} was not read.`);
  requireFinite(found);
  return found.values;
}

function skipOf(
  site: LayerSite,
  width: number,
  shape: (name: string) => readonly number[],
  parameter: (name: string) => Parameter,
): StateSpaceLayer['skip'] {
  if (site.skip === undefined) return undefined;
  const sizes = shape(site.skip);
  if (site.tying === 'mimo' && sizes.length === 2) {
    return { kind: 'matrix', weight: parameter(site.skip) };
  }
  if (sizes.at(-1) !== width || sizes.length > 2) {
    throw unexpected(`Tensor ${site.skip} is (${sizes.join(', ')}), not one weight a feature.`);
  }
  return { kind: 'diagonal', weight: parameter(site.skip) };
}

/** Outputs of one direction: the skip weights tell how many there are; without them there is one a feature. */
function outputsOf(site: LayerSite, width: number, skip: StateSpaceLayer['skip']): number {
  if (skip === undefined) return width;
  if (skip.kind === 'matrix') return skip.weight.shape[0];
  const outputs = skip.weight.shape.reduce((product, size) => product * size, 1);
  if (site.tying !== 'mimo' && site.channels !== outputs && site.channels !== 2 * outputs) {
    throw unexpected(`Layer ${site.name} has ${site.channels} kernels for ${outputs} outputs.`);
  }
  return outputs;
}

/** A `mimo` layer says it only by its systems. */
function isBidirectional(
  site: LayerSite,
  outputs: number,
  systems: LayerSystems | undefined,
): boolean {
  if (site.tying !== 'mimo') return site.channels === 2 * outputs;
  return systems?.kind === 'mimo' && systems.system.C.rows === 2 * outputs;
}
