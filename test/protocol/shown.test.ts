import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fillText,
  showBytes,
  showCount,
  showError,
  showName,
  showNumber,
  showScientific,
  showSeconds,
  showShape,
  showShare,
} from '../../src/protocol/shown';

describe('figures', () => {
  it.each([
    [showCount(1234567, 'en'), '1,234,567'],
    [showBytes(0, 'en'), '0 B'],
    [showBytes(999, 'en'), '999 B'],
    [showBytes(1000, 'en'), '1 kB'],
    [showBytes(1_234_567, 'en'), '1.23 MB'],
    [showBytes(4_000_000_000, 'en'), '4 GB'],
    [showBytes(5e15, 'en'), '5,000 TB'],
    [showError(0.0312), '0.032'],
    [showError(0.031), '0.031'],
    [showError(0.0992), '0.10'],
    [showError(0.00312), '0.0032'],
    [showError(0.000999), '0.0010'],
    [showError(0.00031), '3.1 × 10⁻⁴'],
    [showError(0), '0'],
    [showError(1), '1.0'],
    [showError(12), '12'],
    [showError(40), '40'],
    [showError(123.4, 3), '124'],
    [showError(123.4), '130'],
    [showError(1_190_001), '1.2 × 10⁶'],
    [showError(Infinity), '∞'],
    [showScientific(0.0312), '3.2e-2'],
    [showScientific(0.0992), '1.0e-1'],
    [showScientific(12), '1.2e1'],
    [showNumber(0), '0'],
    [showNumber(-0.01239), '-0.0124'],
    [showNumber(99_960), '100000'],
    [showNumber(4e6), '4 × 10⁶'],
    [showNumber(-1.234e-7, 4), '-1.234 × 10⁻⁷'],
    [showNumber(1e-12), '10⁻¹²'],
    [showNumber(NaN), 'NaN'],
    [showNumber(-Infinity), '−∞'],
    [showShare(0.4321, 'en'), '43.2 %'],
    [showSeconds(4.2), '5 s'],
    [showSeconds(200), '3 min 20 s'],
    [showSeconds(7500), '2 h 5 min'],
    [showSeconds(0.123, true), '0.12 s'],
    [showSeconds(3.21, true), '3.2 s'],
    [showShape([64, 1, 784]), '64 × 1 × 784'],
    [showShape([]), 'scalar'],
    [fillText('{1} of {0}, {2}', 'a', 'b'), 'b of a, {2}'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

describe('showName', () => {
  it('keeps what can be seen', () => {
    expect(showName('layers.0.Größe λ 层')).toBe('layers.0.Größe λ 层');
  });

  it('leaves no control or direction character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(showName(name)).not.toMatch(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('cuts long names in the middle', () => {
    const shown = showName(`begin${'x'.repeat(10_000)}end`);
    expect(shown.length).toBeLessThanOrEqual(201);
    expect(shown).toMatch(/^beginx+…x+end$/);
  });
});
