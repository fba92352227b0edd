import { SsmError } from '../../core/errors';
import type { NetworkInput } from '../../core/network/network';
import { describeInput, type Sequence } from '../../core/network/program';
import type { SampleOptions } from './options';
import type { Rows } from './rows';

/** How the rows of an array are sequences for a model. */
export interface RowReader {
  /** Positions of every row, before it is cut. */
  readonly length: number;
  /** The row as a sequence: in the model's layout, scaled, cut, and checked. */
  read(row: Float64Array, index: number, ownLength: number | undefined): Sequence;
}

/**
 * The reader for an array of sequences × length, sequences × length × width, or images. Throws `bad-request` saying what
 * the model takes where the shape or the element type does not fit.
 */
export function rowReader(rows: Rows, options: SampleOptions, input: NetworkInput): RowReader {
  const { shape, place, dtype } = rows;
  if (dtype.startsWith('complex') || dtype === 'bool') {
    throw new SsmError('bad-request', `Its elements are ${dtype}. ${takes(input)}`, { place });
  }
  if (shape.length < 2) {
    throw new SsmError(
      'bad-request',
      `Its shape is (${shape.join(', ')}). Sample data is sequences × length × width, or sequences × length.`,
      { place },
    );
  }
  return input.kind === 'tokens'
    ? tokenReader(rows, options, input)
    : valueReader(rows, options, input);
}

function tokenReader(
  { shape, place, dtype }: Rows,
  { padding, maxLength }: SampleOptions,
  input: NetworkInput & { kind: 'tokens' },
): RowReader {
  if (shape.length > 3 || (shape.length === 3 && shape[2] !== 1)) {
    throw new SsmError('bad-request', `Its shape is (${shape.join(', ')}). ${takes(input)}`, {
      place,
    });
  }
  const length = shape[1];
  return {
    length,
    read(row, index, ownLength) {
      let end = ownLength ?? length;
      if (ownLength === undefined && padding !== undefined) {
        while (end > 0 && row[end - 1] === padding) end--;
      }
      const x = row.slice(0, Math.min(end, maxLength));
      requireTokens(x, index, input.vocabulary, dtype);
      return checked({ x, width: 1, length: x.length }, index);
    },
  };
}

/** Throws `bad-request` naming the first entry that is no token of the model. */
export function requireTokens(
  x: Float64Array,
  index: number,
  vocabulary: number,
  dtype: string,
): void {
  const at = x.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabulary);
  if (at < 0) return;
  throw new SsmError(
    'bad-request',
    `Sequence ${index}, position ${at}: ${x[at]} (${dtype}) is no token of the model, which has the tokens 0 to ${vocabulary - 1}.`,
  );
}

function valueReader(
  rows: Rows,
  options: SampleOptions,
  input: NetworkInput & { kind: 'values' },
): RowReader {
  const { width } = input;
  const length = lengthOf(rows, options, input);
  const featuresFirst = options.layout === 'width-length';
  const shift = perFeature(options.mean, width, 'mean');
  const factor = perFeature(options.std, width, 'std').map((std) => 1 / std);
  return {
    length,
    read(row, index, ownLength) {
      const steps = Math.min(ownLength ?? length, options.maxLength);
      const x = new Float64Array(width * steps);
      for (let h = 0; h < width; h++) {
        for (let t = 0; t < steps; t++) {
          const value = row[featuresFirst ? h * length + t : t * width + h];
          x[h * steps + t] = (value / options.scale - shift[h]) * factor[h];
        }
      }
      return checked({ x, width, length: steps }, index);
    },
  };
}

/** Positions of a row; the axis of the features must be as wide as the model's input. */
function lengthOf(
  { shape, place }: Rows,
  { layout }: SampleOptions,
  input: NetworkInput & { kind: 'values' },
): number {
  const { width } = input;
  const elements = shape.slice(1).reduce((product, axis) => product * axis, 1);
  const fail = (advice: string): SsmError =>
    new SsmError('bad-request', `Its shape is (${shape.join(', ')}). ${takes(input)} ${advice}`, {
      place,
    });
  // where a layout is given, flat rows are unfolded, and images of one channel flattened
  const flat = shape.length === 2 || width === 1;
  if (flat && (layout !== undefined || (width === 1 && shape.length === 2))) {
    if (elements % width === 0) return elements / width;
    throw fail(`Rows of ${elements} numbers cannot be unfolded.`);
  }
  if (shape.length === 2) {
    throw fail(
      'For rows that hold all features of a sequence say the layout: length-width, or width-length for images with channels first.',
    );
  }
  const features = layout === 'width-length' ? shape[1] : shape[shape.length - 1];
  if (features === width) return elements / width;
  if (layout === undefined && shape[1] === width) {
    throw fail('If the second axis holds the features, say layout=width-length.');
  }
  throw fail(width === 1 ? 'For images of one channel say layout=length-width.' : '');
}

function perFeature(values: readonly number[], width: number, name: string): readonly number[] {
  if (values.length === width) return values;
  if (values.length === 1) return Array.from({ length: width }, () => values[0]);
  throw new SsmError(
    'bad-request',
    `The setting ${name} of the sample data has ${values.length} numbers; the model takes ${width} features a position.`,
  );
}

/** Throws `bad-request` where a sequence is empty or has a number that is none. */
function checked(sequence: Sequence, index: number): Sequence {
  const { x, length } = sequence;
  if (length === 0) throw new SsmError('bad-request', `Sequence ${index} is empty.`);
  const at = x.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return sequence;
  throw new SsmError(
    'bad-request',
    `Sequence ${index}, position ${at % length}, feature ${Math.floor(at / length)} is ${x[at]}.`,
  );
}

function takes(input: NetworkInput): string {
  return `The model takes ${describeInput(input)}.`;
}
