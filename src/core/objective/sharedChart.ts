import type { ChannelSteps } from '../systems/tied';
import { logPoles } from '../systems/tied';
import { type PoleSet, setPole } from '../systems/poleSet';

/**
 * A channel's log-poles b as functions of shared poles lambda, both in the coordinates of the search: x = (log(-Re
 * lambda), Im lambda), y = (log(-Re b), Im b), with first and second derivatives of y in x, pole by pole.
 */
export interface SharedChart {
  /** dy1/dx1, dy1/dx2, dy2/dx1, dy2/dx2: 4 numbers a pole. */
  readonly first: Float64Array;
  /** y1 by x1x1, x1x2, x2x2, then y2: 6 numbers a pole. */
  readonly second: Float64Array;
}

export function createChart(r: number): SharedChart {
  return { first: new Float64Array(4 * r), second: new Float64Array(6 * r) };
}

/** Sets the log-poles of a channel for the shared poles at x = (all x1, all x2), and the chart where one is given. */
export function placeChannel(
  x: Float64Array,
  steps: ChannelSteps,
  set: PoleSet,
  chart?: SharedChart,
): void {
  const r = set.count;
  if (steps.bilinear) {
    placeBilinear(x, steps, set, chart);
    return;
  }
  for (let j = 0; j < r; j++) {
    setPole(set, j, -Math.exp(x[j]) * steps.step, x[r + j] * steps.imagStep);
    if (chart === undefined) continue;
    chart.first.fill(0, 4 * j, 4 * j + 4);
    chart.first[4 * j] = 1;
    chart.first[4 * j + 3] = steps.imagStep;
    chart.second.fill(0, 6 * j, 6 * j + 6);
  }
}

/** b = log((1 + u) / (1 - u)), u = lambda Delta / 2: b' = Delta / (1 - u²), b'' = Delta² u / (1 - u²)². */
function placeBilinear(
  x: Float64Array,
  steps: ChannelSteps,
  set: PoleSet,
  chart: SharedChart | undefined,
): void {
  const r = set.count;
  const poles = { re: x.slice(0, r).map((v) => -Math.exp(v)), im: x.slice(r, 2 * r) };
  const b = logPoles(poles, steps);
  const D = steps.step;
  for (let j = 0; j < r; j++) {
    setPole(set, j, b.re[j], b.im[j]);
    if (chart === undefined) continue;
    const rho = poles.re[j];
    const [ur, ui] = [(rho * D) / 2, (poles.im[j] * D) / 2];
    const [mr, mi] = [1 - ur * ur + ui * ui, -2 * ur * ui];
    const size = mr * mr + mi * mi;
    // g = 1 / (1 - u²)
    const [gr, gi] = [mr / size, -mi / size];
    const [fr, fi] = [D * gr, D * gi];
    const [hr, hi] = [gr * gr - gi * gi, 2 * gr * gi];
    const [sr, si] = [D * D * (ur * hr - ui * hi), D * D * (ur * hi + ui * hr)];
    // lambda_1 = lambda_11 = rho, lambda_2 = i: derivatives of b by x1, x2
    const [b1r, b1i, b2r, b2i] = [fr * rho, fi * rho, -fi, fr];
    const [b11r, b11i] = [sr * rho * rho + fr * rho, si * rho * rho + fi * rho];
    const [b12r, b12i] = [-si * rho, sr * rho];
    const [b22r, b22i] = [-sr, -si];
    const decay = b.re[j];
    const [p, q] = [b1r / decay, b2r / decay];
    chart.first.set([p, q, b1i, b2i], 4 * j);
    chart.second.set(
      [b11r / decay - p * p, b12r / decay - p * q, b22r / decay - q * q, b11i, b12i, b22i],
      6 * j,
    );
  }
}
