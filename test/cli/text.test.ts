import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseHorizon,
  parseOrder,
  parseShare,
  parseSolver,
  parseTau,
  showTau,
} from '../../src/cli/options';
import { formatTable } from '../../src/cli/table';
import { change, upperBound } from '../../src/cli/text';

describe('an upper bound as shown', () => {
  it.each([
    [0, '0'],
    [0.0312, '3.12e-2'],
    [0.031201, '3.13e-2'],
    [0.9999, '1.00e0'],
    [1, '1.00e0'],
    [123.4, '1.24e2'],
    [9.999e-7, '1.00e-6'],
  ])('%d is shown as %s', (value, text) => {
    expect(upperBound(value)).toBe(text);
  });

  it('is an upper bound still, and close', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (value) => {
        const shown = Number(upperBound(value));
        return shown >= value && shown <= value * 1.011;
      }),
    );
  });
});

it('shows a change with its share', () => {
  expect(change(34314, 21000)).toBe('34,314 → 21,000 (-38.8 %)');
  expect(change(100, 150)).toBe('100 → 150 (+50.0 %)');
  expect(change(0, 0)).toBe('0 → 0 (0.0 %)');
});

it('aligns columns', () => {
  const rows = [
    ['Layer', 'Order'],
    ['a', '64'],
    ['long name', '8'],
  ];
  expect(formatTable(rows, ['left', 'right'])).toEqual([
    'Layer      Order',
    'a             64',
    'long name      8',
  ]);
  expect(formatTable([], ['left'])).toEqual([]);
});

describe('option values', () => {
  it('are read', () => {
    expect(parseOrder('16')).toBe(16);
    expect(['0.3', '30%', '.3', '30 %'].map(parseShare)).toEqual([0.3, 0.3, 0.3, 0.3]);
    expect(['1024', 'inf', 'Infinity'].map(parseHorizon)).toEqual([1024, Infinity, Infinity]);
    expect(parseSolver('algorithm1')).toBe('algorithm1');
  });

  it.each(['', '0', '-1', '1.5', 'abc', '1e3', '0x10', '9999999999'])(
    'order "%s" is refused',
    (text) => {
      expect(() => parseOrder(text)).toThrow('whole number');
      expect(() => parseHorizon(text)).toThrow('whole number');
    },
  );

  it.each(['', '0', '1', '30', '100%', '-0.1', 'half', '0.3.1', '1e-1'])(
    'share "%s" is refused',
    (text) => {
      expect(() => parseShare(text)).toThrow('between 0 and 1');
    },
  );

  it('the continuous horizons of the paper are read, and shown as they are typed', () => {
    const typed = ['L-delta', 'L', '10L', 'inf'];
    expect(typed.map(parseTau)).toEqual(['L Delta', 'L', '10 L', 'infinite']);
    expect(typed.map(parseTau).map(showTau)).toEqual(typed);
    expect(parseTau(' l-Delta ')).toBe('L Delta');
    for (const text of ['', '100', '10', 'L delta', '10 L']) {
      expect(() => parseTau(text)).toThrow('L-delta, L, 10L, inf');
    }
  });

  it('an unknown solver is refused with the known ones', () => {
    expect(() => parseSolver('adam')).toThrow('newton, balanced, algorithm1, irka, tf-irka');
  });
});
