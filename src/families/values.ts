import { SsmError } from '../core/errors';
import type { LayerSystems } from '../core/systems/layer';
import type { ModalBatch } from '../core/systems/modal';
import type { TensorValues } from '../formats/tensor';

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
  switch (tensor.info.dtype) {
    case 'float64':
    case 'complex128':
      return value;
    case 'float32':
    case 'complex64':
      return Math.fround(value);
    default:
      throw new SsmError(
        'unsupported-file',
        `Reduced parameters cannot be stored as ${tensor.info.dtype}; save the model in float32 first.`,
        { place: `tensor ${tensor.info.name}` },
      );
  }
}

/** The batch of a layer with a pole set a kernel. Throws `internal` where the systems are of another kind. */
export function independentBatch(systems: LayerSystems): ModalBatch {
  if (systems.kind === 'independent') return systems.batch;
  throw new SsmError('internal', `Systems of kind ${systems.kind} where independent ones belong.`);
}
