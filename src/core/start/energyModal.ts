import { complexVector, type ComplexVector } from '../linalg/complex';
import { pairSums } from '../objective/pairSums';
import type { Target } from '../objective/varpro';

const sum = new Float64Array(4);

/** ||w_i e^{a_i k}||² = |w_i|² S_L(2 Re a_i) of every mode. */
export function modeEnergies(target: Omit<Target, 'norm2'>): number[] {
  return Array.from(target.weightRe, (wr, i) => {
    pairSums(target.poles, i, target.poles, i, 0, sum, 0, 2);
    return (wr * wr + target.weightIm[i] ** 2) * sum[0];
  });
}

/** Modal truncation by energy: the poles with the largest |w_i|² S_L(2 Re a_i) (math reference, 6.5). */
export function energyModalPoles(target: Target, slots: number): ComplexVector {
  const energies = modeEnergies(target);
  const kept = energies
    .map((_, i) => i)
    .sort((i, j) => energies[j] - energies[i])
    .slice(0, slots);
  const poles = complexVector(slots);
  kept.forEach((i, j) => {
    poles.re[j] = target.poles.re[i];
    poles.im[j] = target.poles.im[i];
  });
  return poles;
}
