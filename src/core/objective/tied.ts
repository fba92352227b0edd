import { type ComplexVector, complexVector } from '../linalg/complex';
import { type ComplexMatrix, complexMatrix, sameSize } from '../linalg/matrix';
import { type TiedSystem, channelOf } from '../systems/tied';
import { discrete } from '../systems/timeSpan';
import { gradient, norm2, objective } from './h2';
import { realGradient, realNorm2, realObjective } from './realPart';

/** Which part of the responses counts: the complex ones, or the real parts that networks compute. */
export type ResponsePart = 'complex' | 'real';

/** d/dRe + i d/dIm in the shared poles lambda and in the weights of every channel. */
export interface TiedGradient {
  readonly poles: ComplexVector;
  readonly weights: ComplexMatrix;
}

/** Squared norms ||k_h||² of the channels over a horizon of steps. */
export function channelNorms2(
  system: TiedSystem,
  horizon: number,
  part: ResponsePart = 'real',
): Float64Array {
  const norm = part === 'real' ? realNorm2 : norm2;
  return system.steps.map((_, h) => norm(channelOf(system, h), discrete(horizon)));
}

/** sum_h of the channels' objectives (their squared errors less their squared norms); equal steps on both sides. */
export function tiedObjective(
  full: TiedSystem,
  reduced: TiedSystem,
  horizon: number,
  part: ResponsePart = 'real',
): number {
  sameSize(full.steps.length, reduced.steps.length, 'channels');
  const f = part === 'real' ? realObjective : objective;
  return full.steps.reduce(
    (sum, _, h) => sum + f(channelOf(full, h), channelOf(reduced, h), discrete(horizon)),
    0,
  );
}

/** Gradient of `tiedObjective`: d/dlambda = sum_h Delta_h d/da_h by the chain rule a = lambda Delta_h. */
export function tiedGradient(
  full: TiedSystem,
  reduced: TiedSystem,
  horizon: number,
  part: ResponsePart = 'real',
): TiedGradient {
  sameSize(full.steps.length, reduced.steps.length, 'channels');
  const r = reduced.poles.re.length;
  const poles = complexVector(r);
  const weights = complexMatrix(reduced.steps.length, r);
  const differentiate = part === 'real' ? realGradient : gradient;
  reduced.steps.forEach((step, h) => {
    const g = differentiate(channelOf(full, h), channelOf(reduced, h), discrete(horizon));
    for (let j = 0; j < r; j++) {
      poles.re[j] += step * g.poles.re[j];
      poles.im[j] += step * g.poles.im[j];
    }
    weights.re.set(g.C.re, h * r);
    weights.im.set(g.C.im, h * r);
  });
  return { poles, weights };
}
