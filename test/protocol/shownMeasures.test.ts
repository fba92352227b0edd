import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/protocol/evaluation';
import {
  balanceShift,
  figuresOf,
  showDifference,
  showFigure,
  showInterval,
} from '../../src/protocol/shownMeasures';
import type { FigureId } from '../../src/protocol/shownMeasures';

describe('a figure for a person', () => {
  it.each<[FigureId, number | null, string]>([
    ['accuracy', 0.9731, '97.3 %'],
    ['accuracy', 1, '100.0 %'],
    ['agreement', 0.5, '50.0 %'],
    ['outputError', 0.000412, '0.0412 %'],
    ['nrmse', 1.25, '125 %'],
    ['auc', 0.85, '0.850'],
    ['loss', 0.08123, '0.0812'],
    ['outputError', null, '∞'],
  ])('%s %s is %s', (id, value, shown) => {
    expect(showFigure(id, value, 'en')).toBe(shown);
  });

  it('has its interval beside it, the unit once', () => {
    const figure = { value: 0.973, low: 0.962, high: 0.981 };
    expect(showInterval('accuracy', figure, 'en')).toBe('97.3 % [96.2 – 98.1 %]');
    expect(showInterval('outputError', { ...figure, high: null }, 'en')).toBe('97.3 % [96.2 – ∞]');
  });

  it.each<[FigureId, number | null, string]>([
    ['accuracy', -0.004, '−0.4'],
    ['accuracy', 0.0124, '+1.2'],
    ['accuracy', -0.0001, '0.0'],
    ['auc', -0.0021, '−0.002'],
    ['loss', 0.0123, '+0.012'],
    ['loss', null, '∞'],
  ])('a difference of %s of %s is %s', (id, value, shown) => {
    expect(showDifference(id, value, 'en')).toBe(shown);
  });

  it('follows the language', () => {
    expect(showFigure('accuracy', 0.9731, 'de')).toBe('97,3 %');
  });
});

describe('the figures of an evaluation', () => {
  const figure = { value: 0.5, low: 0.4, high: 0.6 };
  const bare: Evaluation = { data: 'x.npz', sequences: 10, measures: [] };

  it('are its measures, then agreement and output error where there are any', () => {
    expect(figuresOf(bare)).toEqual([]);
    const measures = [{ id: 'loss', samples: 9, model: figure }] as const;
    const ids = figuresOf({ ...bare, measures, agreement: figure, outputError: figure });
    expect(ids.map(({ id, samples }) => [id, samples])).toEqual([
      ['loss', 9],
      ['agreement', 10],
      ['outputError', 10],
    ]);
  });

  it('tell how many predictions moved to other classes, net', () => {
    expect(balanceShift(bare)).toBe(0);
    expect(balanceShift({ ...bare, balance: { model: [9, 1] } })).toBe(0);
    // two of ten went from the second class to the first
    const balance = { model: [6, 1, 3], original: [4, 3, 3] };
    expect(balanceShift({ ...bare, balance })).toBeCloseTo(0.2, 12);
  });
});
