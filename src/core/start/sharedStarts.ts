import { type ComplexVector, complexVector } from '../linalg/complex';
import { complexMatrix } from '../linalg/matrix';
import type { SharedTargets } from '../objective/sharedProjection';
import { meanOf } from '../solve/sharedProblem';
import type { TiedSystem } from '../systems/tied';
import { continuous } from '../systems/timeSpan';
import { sharedElimination } from './backwardElimination';
import { balance, truncate } from './balanced';
import { modeEnergies } from './energyModal';
import { fillPoles } from './fillSlots';
import { largest } from './modal';
import { reflect } from './reflect';

/** A start for the search of shared poles. */
export interface SharedStart {
  readonly name: string;
  readonly poles: ComplexVector;
}

/** Numbers that the inverse Gram matrices of backward elimination may hold together (64 MiB). */
const eliminationBudget = 1 << 23;

/** The modes that backward elimination over all channels keeps; where they are very many, over the strongest. */
export function eliminationStart(
  { poles }: TiedSystem,
  { targets }: SharedTargets,
  r: number,
): SharedStart {
  const most = Math.max(1, Math.floor(eliminationBudget / (2 * poles.re.length) ** 2));
  const norms = Float64Array.from(targets, ({ norm2 }) => norm2);
  const strongest = largest(norms, most).map((h) => targets[h]);
  return {
    name: 'backward elimination',
    poles: pick(poles, sharedElimination(strongest, r)),
  };
}

/** The modes of most energy, summed over the channels. */
export function energyStart(
  { poles }: TiedSystem,
  { targets }: SharedTargets,
  r: number,
): SharedStart {
  const energies = new Float64Array(poles.re.length);
  for (const target of targets) {
    modeEnergies(target).forEach((energy, n) => {
      energies[n] += energy;
    });
  }
  return { name: 'modal truncation', poles: pick(poles, largest(energies, r)) };
}

/**
 * Balanced truncation of one continuous system with the channels as outputs, whose squared H² error is close to the sum
 * of the channels' discrete ones: sampled at Delta_h, k_t = Delta_h h(t Delta_h), hence sum_t k_t² ~ Delta_h int h².
 * Unstable poles are reflected; `spare` fills up where the rank is lower than r.
 */
export function balancedStart(
  full: TiedSystem,
  spare: ComplexVector,
  r: number,
  horizon: number,
): SharedStart & { readonly notes: readonly string[] } {
  const { poles, weights, steps } = full;
  const B = complexMatrix(poles.re.length, 1);
  B.re.fill(1);
  const C = complexMatrix(weights.rows, weights.cols);
  steps.forEach((step, h) => {
    for (let k = h * C.cols; k < (h + 1) * C.cols; k++) {
      C.re[k] = weights.re[k] / Math.sqrt(step);
      C.im[k] = weights.im[k] / Math.sqrt(step);
    }
  });
  const step = meanOf(steps);
  const truncated = truncate(balance({ poles, B, C }, continuous(horizon * step)), r);
  const { poles: stable, count } = reflect(truncated.poles, 1e-6 / step);
  const notes: string[] = [];
  if (count > 0) notes.push(`${count} unstable poles of the balanced start were reflected inside.`);
  return { name: 'balanced truncation', poles: fillPoles(stable, spare, r), notes };
}

function pick(poles: ComplexVector, modes: readonly number[]): ComplexVector {
  const picked = complexVector(modes.length);
  modes.forEach((from, to) => {
    picked.re[to] = poles.re[from];
    picked.im[to] = poles.im[from];
  });
  return picked;
}
