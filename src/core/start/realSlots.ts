import { complexVector, type ComplexVector } from '../linalg/complex';
import { cheapestDeletions } from '../objective/realGram';
import { VariableProjection, type Target } from '../objective/varpro';
import { fastestDecay, slowestDecay } from '../solve/newtonSearch';
import { poleSetOf } from '../systems/poleSet';

/** Stable log-poles with Im >= 0, one a slot, and how many eigenvalues had to be reflected inside. */
export interface SlotPoles {
  readonly poles: ComplexVector;
  readonly reflected: number;
}

/** What bounds the weights while slots are compared. */
const fitRidge = 1e-12;

/**
 * Fits eigenvalues z of a real matrix into at most `slots` log-poles with Im >= 0. Where an odd number of positive and of
 * negative real poles needs one slot too many, the one whose loss costs least of the h² error to `target` goes.
 */
export function fitIntoSlots(
  target: Target,
  zRe: ArrayLike<number>,
  zIm: ArrayLike<number>,
  slots: number,
): SlotPoles {
  const { poles: found, reflected } = slotPoles(zRe, zIm);
  let poles = found;
  while (poles.re.length > slots) {
    const set = poleSetOf(poles, target.poles.horizon);
    const projection = new VariableProjection(target, set.count, fitRidge);
    projection.value(set);
    const weights = { re: projection.weightRe, im: projection.weightIm };
    const [cheapest] = cheapestDeletions(set, weights);
    const keep = (part: Float64Array): Float64Array => part.filter((_, j) => j !== cheapest);
    poles = { re: keep(poles.re), im: keep(poles.im) };
  }
  return { poles, reflected };
}

/**
 * Eigenvalues z of a real matrix as slots, log-poles with Im >= 0: a complex pair fills one, real poles of one sign share
 * slots two by two (mean of log |z|, small phase; pi minus that for negative ones), since a slot holds one complex pair
 * or one real pole (math reference, 2.3 and 6.1).
 */
export function slotPoles(zRe: ArrayLike<number>, zIm: ArrayLike<number>): SlotPoles {
  const pairs: [number, number][] = [];
  const positive: number[] = [];
  const negative: number[] = [];
  let reflected = 0;
  for (let i = 0; i < zRe.length; i++) {
    let log = Math.log(Math.max(Math.hypot(zRe[i], zIm[i]), Math.exp(fastestDecay)));
    if (log > slowestDecay) {
      reflected++;
      log = -Math.max(log, 1e-6);
    }
    if (zIm[i] > 0) pairs.push([log, Math.atan2(zIm[i], zRe[i])]);
    else if (zIm[i] === 0) (zRe[i] < 0 ? negative : positive).push(log);
  }
  const real = [
    ...sharedSlots(positive),
    ...sharedSlots(negative).map(([log, phase]): [number, number] => [log, Math.PI - phase]),
  ];
  const kept = [...pairs, ...real];
  const poles = complexVector(kept.length);
  kept.forEach(([x, y], j) => {
    poles.re[j] = x;
    poles.im[j] = y;
  });
  return { poles, reflected };
}

/** Real poles of one sign, given by log |z|, two by two: mean log |z| and a small phase. */
function sharedSlots(logs: number[]): [number, number][] {
  logs.sort((p, q) => q - p);
  const found: [number, number][] = [];
  for (let i = 0; i < logs.length; i += 2) {
    const pair = logs.slice(i, i + 2);
    const log = pair.reduce((sum, x) => sum + x, 0) / pair.length;
    const spread = pair[0] - pair[pair.length - 1];
    found.push([log, Math.max(spread / 4, 0.02 * Math.abs(log))]);
  }
  return found;
}
