/**
 * Accuracy of the quantities of linear systems with quadratic outputs, and their reduction against BFGS of SciPy on all
 * parameters from the same start. Prints Markdown.
 *
 *     node bench/run.mjs lqo
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complexMatrix, type ComplexMatrix } from '../src/core/linalg/matrix';
import { lqoGradient, lqoNorm2, lqoObjective, withOptimalOutputs } from '../src/core/objective/lqo';
import { lqoSolver } from '../src/core/solve/lqoSolver';
import { modalTruncation } from '../src/core/start/modal';
import type { LqoSystem } from '../src/core/systems/lqo';
import { denseForm, formMatrix } from '../src/core/systems/quadraticForm';
import { discrete } from '../src/core/systems/timeSpan';
import { pythonVersions, runPeer } from './support/python';
import { generator, type Random } from './support/random';
import { geometricMean, say, short, table } from './support/report';

const count = 12;
const [states, order, horizon] = [6, 3, 64];
const span = discrete(horizon);

function randomSystem(random: Random): LqoSystem {
  const poles = { re: new Float64Array(states), im: new Float64Array(states) };
  const [B, C, M] = [
    complexMatrix(states, 1),
    complexMatrix(1, states),
    complexMatrix(states, states),
  ];
  for (let i = 0; i < states; i++) {
    poles.re[i] = -(10 ** (-2 + 1.5 * random.uniform()));
    poles.im[i] = Math.PI * (2 * random.uniform() - 1);
    B.re[i] = 1;
    [C.re[i], C.im[i]] = [random.normal(), random.normal()];
    for (let j = 0; j <= i; j++) {
      const [re, im] = [0.3 * random.normal(), 0.3 * random.normal()];
      for (const at of [i * states + j, j * states + i]) [M.re[at], M.im[at]] = [re, im];
    }
  }
  return { poles, B, C, forms: [denseForm(M)] };
}

/** The squared norm from the definition: sums over both kernels, step by step. */
function summedNorm2({ poles, C, forms }: LqoSystem): number {
  const M = formMatrix(forms[0]);
  const powers = Array.from({ length: horizon }, (_, k) =>
    Array.from(poles.re, (x, i) => {
      const size = Math.exp(x * k);
      return [size * Math.cos(poles.im[i] * k), size * Math.sin(poles.im[i] * k)] as const;
    }),
  );
  let total = 0;
  for (const left of powers) {
    // the row e^{A k}^T M, and the linear kernel on the way
    const row = complexMatrix(1, states);
    let [hr, hi] = [0, 0];
    left.forEach(([zr, zi], i) => {
      hr += C.re[i] * zr - C.im[i] * zi;
      hi += C.re[i] * zi + C.im[i] * zr;
      for (let j = 0; j < states; j++) {
        const [mr, mi] = [M.re[i * states + j], M.im[i * states + j]];
        row.re[j] += zr * mr - zi * mi;
        row.im[j] += zr * mi + zi * mr;
      }
    });
    total += hr * hr + hi * hi;
    for (const right of powers) {
      let [qr, qi] = [0, 0];
      right.forEach(([zr, zi], j) => {
        qr += row.re[j] * zr - row.im[j] * zi;
        qi += row.re[j] * zi + row.im[j] * zr;
      });
      total += qr * qr + qi * qi;
    }
  }
  return total;
}

function sumOf({ linear, quadratic }: { linear: number; quadratic: number }): number {
  return linear + quadratic;
}

/** Largest difference of the gradient in the poles from fourth-order central differences, relative to its largest entry. */
function gradientError(full: LqoSystem, at: LqoSystem): number {
  const gradient = lqoGradient(full, at, span).poles;
  const size = Math.max(...gradient.re.map(Math.abs), ...gradient.im.map(Math.abs));
  let worst = 0;
  for (const part of ['re', 'im'] as const) {
    for (let j = 0; j < order; j++) {
      const value = (shift: number): number => {
        const poles = { re: at.poles.re.slice(), im: at.poles.im.slice() };
        poles[part][j] += shift;
        return sumOf(lqoObjective(full, { ...at, poles }, span));
      };
      const h = 3e-5;
      const slope = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h);
      worst = Math.max(worst, Math.abs(slope - gradient[part][j]) / size);
    }
  }
  return worst;
}

function matrixJson({ re, im }: ComplexMatrix): number[][] {
  return [[...re], [...im]];
}

function systemJson({ poles, C, forms }: LqoSystem): Record<string, number[][]> {
  return {
    a: [[...poles.re], [...poles.im]],
    c: matrixJson(C),
    m: matrixJson(formMatrix(forms[0])),
  };
}

async function main(directory: string): Promise<void> {
  const random = generator(20);
  const systems = Array.from({ length: count }, () => randomSystem(random));
  const starts = systems.map((system) => {
    const { poles, B } = modalTruncation(system, order, span);
    return withOptimalOutputs(system, poles, B, span);
  });
  const norms = systems.map((system) => sumOf(lqoNorm2(system, span)));
  const worstNorm = Math.max(...systems.map((s, i) => Math.abs(summedNorm2(s) / norms[i] - 1)));
  const worstGradient = Math.max(...systems.map((s, i) => gradientError(s, starts[i])));
  const rows = [
    ['Gramian route against summed kernels, relative', short(worstNorm), '1e-12'],
    ['gradient against fourth-order differences, relative', short(worstGradient), '1e-8'],
  ];
  const ours = systems.map((system, i) => {
    const { reduced } = lqoSolver(system, order, span);
    return (sumOf(lqoObjective(system, reduced, span)) + norms[i]) / norms[i];
  });
  const head = [`${count} random systems, ${states} states, L ${horizon}`, 'worst', 'target'];
  if ((await pythonVersions()) === undefined) {
    say(`${table(head, rows)}\n\nNot compared with SciPy: there is no Python with NumPy.`);
    return;
  }
  const file = join(directory, 'lqo.json');
  const jobs = systems.map((system, i) => ({
    full: systemJson(system),
    start: systemJson(starts[i]),
    horizon,
  }));
  writeFileSync(file, JSON.stringify(jobs));
  const peers = (await runPeer('lqo_bfgs.py', file)) as number[];
  const above = ours.filter((value, i) => value > peers[i] * (1 + 1e-6)).length;
  say(table(head, rows));
  say(
    `\nReduction to ${order} states, squared error relative to the squared norm, geometric mean: ours ${short(geometricMean(ours))}, ` +
      `SciPy BFGS on all parameters from the most energetic modes with optimal outputs ${short(geometricMean(peers))}; ours larger in ${above} of ${count}.`,
  );
}

const directory = mkdtempSync(join(tmpdir(), 'ssm-bench-'));
void main(directory).finally(() => {
  rmSync(directory, { recursive: true, force: true });
});
