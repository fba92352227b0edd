import { type ComplexVector, complexVector } from '../linalg/complex';
import { complexExpm1, wrapPhase } from '../scalars';
import { poleFloor } from './check';
import type { TimeSpan } from './timeSpan';

/**
 * The diagonal that projections of a system act on: lambda in continuous time, z - 1 = expm1(a) in discrete time. A
 * projection with W^H T = 1 maps z - 1 as it maps z, and slow poles (z near 1) keep their digits.
 */
export function dynamicsOf(poles: ComplexVector, time: TimeSpan['time']): ComplexVector {
  if (time === 'continuous') return poles;
  const d = complexVector(poles.re.length);
  const out = new Float64Array(2);
  for (let i = 0; i < poles.re.length; i++) {
    complexExpm1(poles.re[i], wrapPhase(poles.im[i]), out, 0);
    d.re[i] = out[0];
    d.im[i] = out[1];
  }
  return d;
}

/** The inverse of `dynamicsOf` for eigenvalues d of the projected diagonal: d itself, or log(1 + d) floored at -750. */
export function polesOf(d: ComplexVector, time: TimeSpan['time']): ComplexVector {
  if (time === 'continuous') return d;
  const size = d.re.map((x, i) => Math.max(-1, x * (2 + x) + d.im[i] ** 2));
  return {
    re: size.map((s) => Math.max(poleFloor, Math.log1p(s) / 2)),
    im: d.im.map((y, i) => Math.atan2(y, 1 + d.re[i])),
  };
}
