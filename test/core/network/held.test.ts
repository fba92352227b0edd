import { describe, expect, it } from 'vitest';
import { holdState, resumeState } from '../../../src/core/network/held';

describe('a state that is held', () => {
  const x = Float64Array.of(0.1, -2, 3e5, 1 / 3);
  const other = Float64Array.of(1, 2, 3, 4.7);
  const state = { x, width: 2, length: 2, residuals: [other, x] };

  it('comes back rounded to float32', () => {
    const { x: values, width, length, residuals } = resumeState(holdState(state));
    expect([...values]).toEqual([...x].map(Math.fround));
    expect([...residuals[0]]).toEqual([...other].map(Math.fround));
    expect([width, length]).toEqual([2, 2]);
  });

  it('holds a residual that is its signal once, also on the way to a thread', () => {
    const held = structuredClone(holdState(state));
    expect(held.residuals[1]).toBe(held.x);
    expect(held.residuals[0]).not.toBe(held.x);
    const { x: values, residuals } = resumeState(held);
    expect(residuals[1]).toBe(values);
  });
});
