/**
 * Floating-point formats that JavaScript lacks, by their layout (IEEE 754 binary16, bfloat16, and the OCP 8-bit formats
 * E4M3 and E5M2): one sign bit, `exponentBits`, `fractionBits`.
 */
export interface SmallFloat {
  readonly exponentBits: number;
  readonly fractionBits: number;
  /** E4M3 "fn" has no infinities: its largest pattern is NaN, everything below it is a number. */
  readonly finiteOnly: boolean;
}

export const FLOAT16: SmallFloat = { exponentBits: 5, fractionBits: 10, finiteOnly: false };
export const BFLOAT16: SmallFloat = { exponentBits: 8, fractionBits: 7, finiteOnly: false };
export const FLOAT8_E4M3FN: SmallFloat = { exponentBits: 4, fractionBits: 3, finiteOnly: true };
export const FLOAT8_E5M2: SmallFloat = { exponentBits: 5, fractionBits: 2, finiteOnly: false };

const tables = new Map<SmallFloat, Float64Array>();

/** The value of every bit pattern of the format, indexed by the pattern. */
export function decodingTable(format: SmallFloat): Float64Array {
  const known = tables.get(format);
  if (known !== undefined) return known;
  const table = Float64Array.from({ length: 2 ** bitsOf(format) }, (_, bits) =>
    decode(bits, format),
  );
  tables.set(format, table);
  return table;
}

/** The bit pattern nearest to `value`, ties to even; overflow gives infinity, or NaN where the format has none. */
export function encodeSmallFloat(value: number, format: SmallFloat): number {
  const sign = value < 0 || Object.is(value, -0) ? 2 ** (bitsOf(format) - 1) : 0;
  if (Number.isNaN(value)) return nanPattern(format);
  return sign + Math.min(magnitudePattern(Math.abs(value), format), overflowPattern(format));
}

/** The integer nearest to `value`, ties to even. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

function magnitudePattern(magnitude: number, format: SmallFloat): number {
  if (magnitude === Infinity) return overflowPattern(format);
  const exponent = Math.max(exponentOf(magnitude), 1 - biasOf(format));
  const fraction = roundHalfEven(magnitude / 2 ** (exponent - format.fractionBits));
  // A subnormal has no hidden bit; for a normal number the hidden bit carries into the exponent field.
  return (exponent + biasOf(format) - 1) * 2 ** format.fractionBits + fraction;
}

/** floor(log2(x)); very small numbers all get the least exponent, below that of every format here. */
function exponentOf(magnitude: number): number {
  view.setFloat64(0, magnitude);
  return ((view.getUint16(0) >> 4) & 0x7ff) - 1023;
}

const view = new DataView(new ArrayBuffer(8));

function decode(bits: number, format: SmallFloat): number {
  const { exponentBits, fractionBits } = format;
  const sign = bits >> (exponentBits + fractionBits) === 1 ? -1 : 1;
  const magnitude = bits & (2 ** (exponentBits + fractionBits) - 1);
  if (magnitude >= overflowPattern(format))
    return magnitude === overflowPattern(format) && !format.finiteOnly ? sign * Infinity : NaN;
  const exponent = magnitude >> fractionBits;
  const fraction = magnitude & (2 ** fractionBits - 1);
  const scale = 2 ** (Math.max(exponent, 1) - biasOf(format) - fractionBits);
  return sign * scale * (exponent === 0 ? fraction : 2 ** fractionBits + fraction);
}

function bitsOf(format: SmallFloat): number {
  return 1 + format.exponentBits + format.fractionBits;
}

function biasOf(format: SmallFloat): number {
  return 2 ** (format.exponentBits - 1) - 1;
}

/** The first magnitude that is no number: infinity, or the only NaN of a format without infinities. */
function overflowPattern(format: SmallFloat): number {
  const allOnes = 2 ** (format.exponentBits + format.fractionBits) - 1;
  return format.finiteOnly ? allOnes : allOnes - (2 ** format.fractionBits - 1);
}

function nanPattern(format: SmallFloat): number {
  return format.finiteOnly
    ? overflowPattern(format)
    : overflowPattern(format) + 2 ** (format.fractionBits - 1);
}
