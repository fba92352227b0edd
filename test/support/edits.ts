import type { Checkpoint, CheckpointEdits, TensorEdit } from '../../src/formats/checkpoint';
import { componentsPerElement, decodeElements, encodeElements } from '../../src/formats/dtypes';
import { elementCount } from '../../src/formats/strided';
import type { TensorInfo } from '../../src/formats/tensor';

/** The edits of a reduction, without its mathematics: every second model tensor gets one state less, and new numbers. */
export function shrinkingEdits({ tensors, settings }: Checkpoint): CheckpointEdits {
  const chosen = tensors
    .filter(({ role, dtype }) => role === 'model' && dtype !== 'quantized')
    // A hostile file may declare a tensor of a terabyte, which nobody could write.
    .filter(({ shape }) => elementCount(shape) <= 2 ** 24)
    .filter((_, i) => i % 2 === 0);
  return {
    tensors: chosen.map((info, i) => shrunk(info, i)),
    settings: settings
      .filter(({ value }) => Number.isSafeInteger(value))
      .filter((_, i) => i % 3 === 0)
      .map(({ path, value }) => ({ path, value: Number(value) + 300 })),
    dropOptimizerState: true,
  };
}

function shrunk({ name, dtype, shape }: TensorInfo, seed: number): TensorEdit {
  const axis = Math.min(1, shape.length - 1);
  const smaller = shape.map((size, i) => (i === axis && size > 1 ? size - 1 : size));
  const count = elementCount(smaller) * componentsPerElement(dtype);
  const whole = !/float|complex/.test(dtype);
  const values = Float64Array.from({ length: count }, (_, i) =>
    whole ? (i + seed) % 2 : Math.sin(i + seed),
  );
  // Rounded to the stored type, so that what is read back can be compared exactly.
  return { name, shape: smaller, values: decodeElements(encodeElements(values, dtype), dtype) };
}
