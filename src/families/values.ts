import { SsmError } from '../core/errors';
import type { DiagonalSystem } from '../core/systems/diagonal';
import type { LayerSystems, TiedSystems } from '../core/systems/layer';
import type { LqoSystem } from '../core/systems/lqo';
import type { ModalBatch } from '../core/systems/modal';
import type { TensorEdit } from '../formats/checkpoint';
import {
  BFLOAT16,
  FLOAT16,
  FLOAT8_E4M3FN,
  FLOAT8_E5M2,
  decodingTable,
  encodeSmallFloat,
  type SmallFloat,
} from '../formats/smallFloats';
import type { DType, TensorValues } from '../formats/tensor';
import type { LayerSite } from './family';
import type { HyperValues } from './hyperParameters';

/** The tensors of a layer by role. */
export type LayerTensors = Readonly<Record<string, TensorValues>>;

/** The tensors of a layer by role. Throws `bad-parameters` naming one with an element that is not finite. */
export function layerTensors(
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
): LayerTensors {
  const tensors = Object.entries(site.tensors).map(
    ([role, name]) => [role, valuesOf(values, name)] as const,
  );
  for (const [, tensor] of tensors) requireFinite(tensor);
  return Object.fromEntries(tensors);
}

/** A layer's tensor by name. Throws `internal` if the caller did not read it. */
export function valuesOf(
  values: ReadonlyMap<string, TensorValues>,
  name: string | undefined,
): TensorValues {
  const found = name === undefined ? undefined : values.get(name);
  if (found === undefined) throw new SsmError('internal', `Tensor ${name ?? '?'} was not read.`);
  return found;
}

/** Throws `bad-parameters` naming the tensor and the first element that is NaN or infinite. */
export function requireFinite(tensor: TensorValues): void {
  const at = tensor.values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new SsmError('bad-parameters', `Element ${at} is ${tensor.values[at]}.`, {
    place: `tensor ${tensor.info.name}`,
  });
}

/** A value as the tensor's element type stores it. */
export function roundToStored(value: number, tensor: TensorValues): number {
  const { name, dtype } = tensor.info;
  switch (dtype) {
    case 'float64':
    case 'complex128':
      return value;
    case 'float32':
    case 'complex64':
      return Math.fround(value);
    default: {
      const format = smallFloats[dtype];
      if (format !== undefined) return decodingTable(format)[encodeSmallFloat(value, format)];
      throw new SsmError(
        'unsupported-file',
        `Reduced parameters cannot be stored as ${dtype}; save the model in float32 first.`,
        { place: `tensor ${name}` },
      );
    }
  }
}

const smallFloats: Readonly<Partial<Record<DType, SmallFloat>>> = {
  float16: FLOAT16,
  complex32: FLOAT16,
  bfloat16: BFLOAT16,
  float8_e4m3fn: FLOAT8_E4M3FN,
  float8_e5m2: FLOAT8_E5M2,
};

/** The batch of a layer with a pole set a kernel. Throws `internal` where the systems are of another kind. */
export function independentBatch(systems: LayerSystems): ModalBatch {
  if (systems.kind === 'independent') return systems.batch;
  throw new SsmError('internal', `Systems of kind ${systems.kind} where independent ones belong.`);
}

/** The groups of a layer whose kernels share poles. Throws `internal` where the systems are of another kind. */
export function tiedSystems(systems: LayerSystems): TiedSystems {
  if (systems.kind === 'tied') return systems;
  throw new SsmError('internal', `Systems of kind ${systems.kind} where tied ones belong.`);
}

/** The one system of a layer with several inputs. Throws `internal` where the systems are of another kind. */
export function mimoSystem(systems: LayerSystems): DiagonalSystem {
  if (systems.kind === 'mimo') return systems.system;
  throw new SsmError('internal', `Systems of kind ${systems.kind} where one system belongs.`);
}

/** The system of a layer with quadratic outputs. Throws `internal` where the systems are of another kind. */
export function lqoSystem(systems: LayerSystems): LqoSystem {
  if (systems.kind === 'lqo') return systems.system;
  throw new SsmError('internal', `Systems of kind ${systems.kind} where quadratic outputs belong.`);
}

/** New contents of a tensor, rounded to its element type. */
export function storedEdit(
  tensor: TensorValues,
  shape: readonly number[],
  values: Float64Array,
): TensorEdit {
  return {
    name: tensor.info.name,
    shape,
    values: values.map((value) => roundToStored(value, tensor)),
  };
}

/** The value of a hyper-parameter. Throws `internal` if the caller did not settle it. */
export function hyperValue(hyper: HyperValues, name: string): string {
  if (Object.hasOwn(hyper, name)) return hyper[name];
  throw new SsmError('internal', `No value for ${name} was settled.`);
}

/** A complex number for a person, four digits each: 0.8391 + 0.9602i. */
export function showComplex(re: number, im: number): string {
  const shown = (value: number): string => String(Number(value.toPrecision(4)));
  return `${shown(re)} ${im < 0 ? '−' : '+'} ${shown(Math.abs(im))}i`;
}
