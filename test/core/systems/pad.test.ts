import { describe, expect, it } from 'vitest';
import { complexMatrix } from '../../../src/core/linalg/matrix';
import { padLayer } from '../../../src/core/systems/pad';
import type { LayerSystems } from '../../../src/core/systems/layer';
import { emptyModalBatch } from '../../../src/core/systems/modal';
import { denseForm } from '../../../src/core/systems/quadraticForm';

const vector = (re: number[], im: number[]) => ({
  re: Float64Array.from(re),
  im: Float64Array.from(im),
});
const matrix = (rows: number, cols: number, re: number[], im: number[]) => ({
  ...complexMatrix(rows, cols),
  ...vector(re, im),
});

describe('padding a layer', () => {
  it('repeats the last pole of each system with weight zero', () => {
    const batch = {
      ...emptyModalBatch(2, 2),
      poleRe: Float64Array.of(-1, -2, -3, -4),
      poleIm: Float64Array.of(1, 2, 3, 4),
      weightRe: Float64Array.of(5, 6, 7, 8),
      weightIm: Float64Array.of(9, 10, 11, 12),
      step: Float64Array.of(0.1, 0.2),
    };
    const padded = padLayer({ kind: 'independent', batch, poles: 'real' }, 3);
    expect(padded).toEqual({
      kind: 'independent',
      poles: 'real',
      batch: {
        count: 2,
        slots: 3,
        poleRe: Float64Array.of(-1, -2, -2, -3, -4, -4),
        poleIm: Float64Array.of(1, 2, 2, 3, 4, 4),
        weightRe: Float64Array.of(5, 6, 0, 7, 8, 0),
        weightIm: Float64Array.of(9, 10, 0, 11, 12, 0),
        step: Float64Array.of(0.1, 0.2),
      },
    });
  });

  it('adds zero columns to the weights of channels that share poles', () => {
    const system = {
      poles: vector([-1], [2]),
      weights: matrix(2, 1, [3, 4], [5, 6]),
      steps: Float64Array.of(1, 2),
    };
    const layer: LayerSystems = {
      kind: 'tied',
      groups: [{ kernels: Int32Array.of(0, 1), system }],
    };
    expect(padLayer(layer, 2)).toEqual({
      kind: 'tied',
      groups: [
        {
          kernels: Int32Array.of(0, 1),
          system: {
            poles: vector([-1, -1], [2, 2]),
            weights: matrix(2, 2, [3, 0, 4, 0], [5, 0, 6, 0]),
            steps: Float64Array.of(1, 2),
          },
        },
      ],
    });
  });

  const system = {
    poles: vector([-1], [2]),
    B: matrix(1, 2, [3, 4], [5, 6]),
    C: matrix(2, 1, [7, 8], [9, 10]),
  };
  const paddedSystem = {
    poles: vector([-1, -1], [2, 2]),
    B: matrix(2, 2, [3, 4, 3, 4], [5, 6, 5, 6]),
    C: matrix(2, 2, [7, 0, 8, 0], [9, 0, 10, 0]),
  };

  it('adds states that no output sees', () => {
    expect(padLayer({ kind: 'mimo', system }, 2)).toEqual({ kind: 'mimo', system: paddedSystem });
  });

  it('adds zero rows and columns to quadratic forms', () => {
    const forms = [denseForm(matrix(1, 1, [11], [12]))];
    const padded = padLayer({ kind: 'lqo', system: { ...system, forms } }, 2);
    const form = denseForm(matrix(2, 2, [11, 0, 0, 0], [12, 0, 0, 0]));
    expect(padded).toEqual({ kind: 'lqo', system: { ...paddedSystem, forms: [form] } });
  });

  it.each([1, 2])('leaves a layer of two slots alone that shall have %d', (slots) => {
    const layer: LayerSystems = {
      kind: 'independent',
      batch: emptyModalBatch(3, 2),
      poles: 'complex',
    };
    expect(padLayer(layer, slots)).toEqual(layer);
  });
});
