import { checkSpan } from '../systems/check';

/**
 * The continuous horizons that arXiv 2507.10078 compares. Its network runs over L Delta; with the continuous poles of
 * trained layers the other three are all but infinite (math reference 1.4, item 6).
 */
export const paperHorizons = ['L Delta', 'L', '10 L', 'infinite'] as const;
export type PaperHorizon = (typeof paperHorizons)[number];

/**
 * tau in the units of the continuous poles.
 * @param length L, the number of steps of the sequences
 * @param step Delta of the layer's discretisation
 * @throws SsmError `bad-request` for a length or step that is not positive
 */
export function continuousHorizon(name: PaperHorizon, length: number, step: number): number {
  checkSpan({ time: 'discrete', horizon: length });
  checkSpan({ time: 'continuous', horizon: step });
  switch (name) {
    case 'L Delta':
      return length * step;
    case 'L':
      return length;
    case '10 L':
      return 10 * length;
    case 'infinite':
      return Infinity;
  }
}
