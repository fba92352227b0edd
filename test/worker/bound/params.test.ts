import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBoundParams, isCompressParams } from '../../../src/worker/paramGuards';

const bound = { file: 'small.pt', against: 'net.pt' };
const compress = {
  ...{ file: 'net.pt', output: 'small.pt', target: { order: 4 } },
  ...{ solver: 'newton', overwrite: false },
};

describe('what is asked of a bound', () => {
  it('passes with every part that it may have', () => {
    expect(isBoundParams(bound)).toBe(true);
    expect(
      isBoundParams({
        ...bound,
        ...{ data: 'x.npz', dataSettings: { scale: '255' }, sequences: 8, length: 64 },
        ...{ inputBound: 2.5, given: { prenorm: 'false' }, remembered: {} },
      }),
    ).toBe(true);
  });

  it.each([
    ['file', 3],
    ['against', undefined],
    ['data', ['x']],
    ['sequences', 0],
    ['sequences', 1.5],
    ['length', -1],
    ['length', '64'],
    ['inputBound', -1],
    ['inputBound', NaN],
    ['dataSettings', { scale: 255 }],
    ['given', 'prenorm'],
    ['remembered', { prenorm: null }],
  ])('is refused with %s %j', (key, value) => {
    expect(isBoundParams({ ...bound, [key]: value })).toBe(false);
  });

  it('is refused as anything else, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const passes = isBoundParams(value);
        const looks = typeof value === 'object' && value !== null && 'against' in value;
        return !passes || looks;
      }),
    );
  });
});

describe('weights to share orders out by', () => {
  it.each(['uniform', 'measured', 'first-order', 'calibrated', 'certified'])('%s', (allocate) => {
    expect(isCompressParams({ ...compress, allocate })).toBe(true);
  });

  it.each(['best', '', 1, true, null])('not %j', (allocate) => {
    expect(isCompressParams({ ...compress, allocate })).toBe(false);
  });
});
