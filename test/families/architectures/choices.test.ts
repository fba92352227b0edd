import { expect, it } from 'vitest';
import { prenorm } from '../../../src/families/architectures/choices';

it.each([
  [true, 'true'],
  [1, 'true'],
  ['True', 'true'],
  ['false', 'false'],
  [0, 'false'],
  ['layer', undefined],
  ['constructor', undefined],
])('a recorded prenorm of %j is read as %j', (recorded, value) => {
  expect(prenorm.parse?.(recorded)).toBe(value);
});
