import { SsmError } from '../../core/errors';
import type { NetworkOutput } from '../../core/network/network';
import type { Rows } from './rows';
import type { Targets } from './samples';

/** Classes that a model tells apart: an output each, or two by the sign of a single one. */
export function classesOf({ width }: NetworkOutput): number {
  return Math.max(2, width);
}

/**
 * The labels or targets (of sequences of `length` positions) in an array for a model with such outputs. Throws `bad-request` where the shape does not fit or
 * a label is no class of the model.
 */
export async function targetsOf(
  rows: Rows,
  output: NetworkOutput,
  { length, warmUp }: { readonly length: number; readonly warmUp: number },
  signal?: AbortSignal,
): Promise<Targets> {
  const { shape, place } = rows;
  const each = shape.slice(1);
  const single = each.every((axis) => axis === 1);
  if (single && !output.perPosition) {
    const values = await rows.all(signal);
    if (output.width > 1 || isInteger(rows)) return labelsOf(values, output, place);
  }
  const elements = each.reduce((product, axis) => product * axis, 1);
  if (output.perPosition && output.width > 1 && isInteger(rows) && elements === length) {
    const labels = positionLabels(await rows.all(signal), output, length, place);
    return { kind: 'position-labels', labels, length, warmUp: Math.min(warmUp, length - 1) };
  }
  const positions = output.perPosition ? length : 1;
  if (
    elements === output.width * positions &&
    each.at(-1) === (output.width > 1 ? output.width : each.at(-1))
  ) {
    return {
      kind: 'values',
      width: output.width,
      length: positions,
      warmUp: output.perPosition ? Math.min(warmUp, positions - 1) : 0,
      of: async (index) => transposed(await rows.row(index, signal), output.width, positions),
    };
  }
  const expected = output.perPosition
    ? `${output.width} at each of ${length} positions${output.width > 1 ? ', or a class (a whole number)' : ''}`
    : output.width === 1
      ? 'one'
      : `a class (0 to ${output.width - 1}) or ${output.width}`;
  throw new SsmError(
    'bad-request',
    `Its shape is (${shape.join(', ')}). The model gives numbers of which a sequence has ${expected}.`,
    { place },
  );
}

function isInteger({ dtype }: Rows): boolean {
  return dtype === 'bool' || /^u?int\d+$/.test(dtype);
}

/** Labels checked against the classes that the model tells apart. */
export function labelsOf(values: ArrayLike<number>, output: NetworkOutput, place: string): Targets {
  const classes = classesOf(output);
  const labels = Int32Array.from(values);
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === values[i] && labels[i] >= 0 && labels[i] < classes) continue;
    throw new SsmError(
      'bad-request',
      `Label ${values[i]} of sequence ${i} is none of the model's classes, which are 0 to ${classes - 1}.`,
      { place },
    );
  }
  return { kind: 'labels', labels };
}

/** What says in PyTorch's losses that a position does not count. */
const ignored = -100;

function positionLabels(
  values: Float64Array,
  { width }: NetworkOutput,
  length: number,
  place: string,
): Int32Array {
  const at = values.findIndex((value) => value !== ignored && !(value >= 0 && value < width));
  if (at < 0) return Int32Array.from(values);
  throw new SsmError(
    'bad-request',
    `Label ${values[at]} at position ${at % length} of sequence ${Math.floor(at / length)} is none of the model's classes, which are 0 to ${width - 1} (${ignored} for positions that do not count).`,
    { place },
  );
}

/** From position after position to feature after feature. */
function transposed(row: Float64Array, width: number, length: number): Float64Array {
  if (width === 1 || length === 1) return row;
  return Float64Array.from(row, (_, i) => row[(i % length) * width + Math.floor(i / length)]);
}
