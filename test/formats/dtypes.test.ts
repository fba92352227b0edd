import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesPerElement,
  componentsPerElement,
  decodeElements,
  encodeElements,
} from '../../src/formats/dtypes';
import type { DType } from '../../src/formats/tensor';

const SMALL: readonly DType[] = ['float16', 'bfloat16', 'float8_e4m3fn', 'float8_e5m2'];

function encodeOne(value: number, dtype: DType): number {
  const bytes = encodeElements(Float64Array.of(value), dtype);
  return bytes.reduceRight((bits, byte) => bits * 256 + byte, 0);
}

function decodeOne(bits: number, dtype: DType): number {
  const bytes = Uint8Array.from({ length: bytesPerElement(dtype) }, (_, i) => bits >> (8 * i));
  return decodeElements(bytes, dtype)[0];
}

describe('small floating-point formats', () => {
  // Values from IEEE 754 (binary16), the bfloat16 definition and OCP 8-bit Floating Point Specification, table 2.
  it.each<[DType, number, number]>([
    ['float16', 0x3c00, 1],
    ['float16', 0x3555, 0.333251953125],
    ['float16', 0x7bff, 65504],
    ['float16', 0x0400, 2 ** -14],
    ['float16', 0x0001, 2 ** -24],
    ['float16', 0xfc00, -Infinity],
    ['bfloat16', 0x3f80, 1],
    ['bfloat16', 0x4049, 3.140625],
    ['bfloat16', 0x7f7f, (2 - 2 ** -7) * 2 ** 127],
    ['bfloat16', 0x0001, 2 ** -133],
    ['bfloat16', 0x7f80, Infinity],
    ['float8_e4m3fn', 0x7e, 448],
    ['float8_e4m3fn', 0x08, 2 ** -6],
    ['float8_e4m3fn', 0x01, 2 ** -9],
    ['float8_e4m3fn', 0xb8, -1],
    ['float8_e5m2', 0x7b, 57344],
    ['float8_e5m2', 0x04, 2 ** -14],
    ['float8_e5m2', 0x01, 2 ** -16],
    ['float8_e5m2', 0x7c, Infinity],
  ])('%s: pattern %i is %d', (dtype, bits, value) => {
    expect(decodeOne(bits, dtype)).toBe(value);
    expect(encodeOne(value, dtype)).toBe(bits);
  });

  it.each(SMALL)('%s: every number survives decoding and encoding', (dtype) => {
    for (let bits = 0; bits < 256 ** bytesPerElement(dtype); bits++) {
      const value = decodeOne(bits, dtype);
      if (Number.isNaN(value)) expect(decodeOne(encodeOne(value, dtype), dtype)).toBeNaN();
      else expect(encodeOne(value, dtype)).toBe(bits);
    }
  });

  it.each(SMALL)('%s: encoding finds the nearest number, ties to even', (dtype) => {
    const count = 128 * 256 ** (bytesPerElement(dtype) - 1);
    const table = Array.from({ length: count }, (_, bits) => decodeOne(bits, dtype));
    const finite = table.filter((value) => Number.isFinite(value)).length;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: finite - 2 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (bits, part) => {
          const [low, high] = [table[bits], table[bits + 1]];
          const value = low + (high - low) * part;
          const middle = low + (high - low) / 2;
          const even = bits % 2 === 0 ? bits : bits + 1;
          const nearest = value === middle ? even : value < middle ? bits : bits + 1;
          expect(encodeOne(value, dtype)).toBe(nearest);
          expect(encodeOne(middle, dtype)).toBe(even);
        },
      ),
    );
  });

  it('rounds float16 from float64 at once, not by way of float32', () => {
    // 1 + 2^-11 + 2^-30 is above the tie; float32 would round it to the tie and then down.
    expect(encodeOne(1 + 2 ** -11 + 2 ** -30, 'float16')).toBe(0x3c01);
  });

  it('overflows to infinity, or to NaN where there is none', () => {
    expect(encodeOne(65519.99, 'float16')).toBe(0x7bff);
    expect(encodeOne(65520, 'float16')).toBe(0x7c00);
    expect(encodeOne(-1e300, 'bfloat16')).toBe(0xff80);
    expect(encodeOne(464, 'float8_e4m3fn')).toBe(0x7e);
    expect(encodeOne(464.1, 'float8_e4m3fn')).toBe(0x7f);
    expect(encodeOne(-Infinity, 'float8_e4m3fn')).toBe(0xff);
    expect(encodeOne(61440, 'float8_e5m2')).toBe(0x7c);
    expect(Object.is(decodeOne(encodeOne(-1e-300, 'float16'), 'float16'), -0)).toBe(true);
  });
});

describe('integers', () => {
  it.each<[DType, number, number]>([
    ['int8', -128, 127],
    ['uint8', 0, 255],
    ['int16', -32768, 32767],
    ['uint16', 0, 65535],
    ['int32', -(2 ** 31), 2 ** 31 - 1],
    ['uint32', 0, 2 ** 32 - 1],
    ['int64', -(2 ** 53), 2 ** 53],
    ['uint64', 0, 2 ** 53],
  ])('%s: keeps %d and %d', (dtype, least, most) => {
    const values = Float64Array.of(least, most, 0, 1);
    expect(decodeElements(encodeElements(values, dtype), dtype)).toEqual(values);
  });

  it('refuses what does not fit', () => {
    for (const [value, dtype] of [
      [128, 'int8'],
      [-1, 'uint8'],
      [2 ** 63, 'int64'],
      [-(2 ** 63) - 2048, 'int64'],
      [NaN, 'int32'],
      [Infinity, 'uint64'],
    ] as const)
      expect(() => encodeElements(Float64Array.of(value), dtype)).toThrow(
        expect.objectContaining({ reason: 'bad-request' }),
      );
  });

  it('rounds fractions to the nearest whole number, ties to even', () => {
    const rounded = decodeElements(
      encodeElements(Float64Array.of(0.5, 1.5, 2.4, -2.5), 'int8'),
      'int8',
    );
    expect([...rounded]).toEqual([0, 2, 2, -2]);
  });
});

describe('all types', () => {
  const all: readonly DType[] = [
    'float64',
    'float32',
    ...SMALL,
    'complex128',
    'complex64',
    'complex32',
    'int64',
    'uint16',
    'bool',
  ];

  it.each(all)('%s: big-endian bytes are the little-endian ones reversed', (dtype) => {
    const width = bytesPerElement(dtype) / componentsPerElement(dtype);
    const values = Float64Array.of(1, 0, 0, 1);
    const little = encodeElements(values, dtype);
    const big = encodeElements(values, dtype, false);
    for (let i = 0; i < values.length; i++)
      expect(big.slice(i * width, (i + 1) * width)).toEqual(
        little.slice(i * width, (i + 1) * width).reverse(),
      );
    expect(decodeElements(big, dtype, false)).toEqual(values);
  });

  it('reads bytes at any address', () => {
    const bytes = encodeElements(Float64Array.of(1.5, -2), 'float64');
    const shifted = new Uint8Array(17);
    shifted.set(bytes, 1);
    expect([...decodeElements(shifted.subarray(1), 'float64')]).toEqual([1.5, -2]);
  });

  it('refuses quantized tensors', () => {
    expect(() => bytesPerElement('quantized')).toThrow(
      expect.objectContaining({ reason: 'unsupported-file' }),
    );
  });
});
