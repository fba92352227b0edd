import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { LqoSystem } from '../../src/core/systems/lqo';
import { denseForm, formMatrix } from '../../src/core/systems/quadraticForm';
import { lqoLayer } from '../../src/families/lqoLayer';
import { lqoSystem } from '../../src/families/values';
import {
  type FileLayer,
  edited,
  fileLayers,
  largestDifference,
  layerKernels,
  writeEdited,
} from '../support/layers';
import { runPython } from '../support/python';
import { exampleMatrix, exampleMimo } from '../support/syntheticSystems';
import { tempDir } from '../support/tempDir';

/** The reference layer of docs/lqo.md, as torch saves and loads it. */

interface Finding {
  /** Time, outputs, inputs. */
  readonly linear: number[][][];
  /** Time, time, outputs, inputs, inputs. */
  readonly quadratic: number[][][][][];
  readonly forward: number;
}

const length = 24;
const [inputs, outputs, order, smaller] = [2, 3, 7, 4];
const folder = tempDir();
const [source, target] = ['source.pt', 'target.pt'].map((name) => join(folder, name));
const module = join(import.meta.dirname, '../../docs/lqo_layer.py');
const sizes = { inputs, outputs, d_state: order };

let layer: FileLayer;
let original: LqoSystem;

function python(job: object): Finding[] {
  return runPython('lqo_layer.py', JSON.stringify({ module, length, ...job })) as Finding[];
}

beforeAll(async () => {
  python({ make: { file: source, sizes }, run: [] });
  [layer] = await fileLayers(source);
  original = lqoSystem(lqoLayer.read(layer.site, layer.values, {}));
}, 120_000);

/** Re sum_nm b_ni z_n^k M_nm z_m^l b_mj for all k, l; one list for each output and pair of inputs. */
function quadraticKernels({ poles, B, forms }: LqoSystem): number[][] {
  const kernels: number[][] = [];
  const response = (n: number, input: number, k: number): [number, number] => {
    const size = Math.exp(poles.re[n] * k);
    const [c, s] = [size * Math.cos(poles.im[n] * k), size * Math.sin(poles.im[n] * k)];
    const at = n * B.cols + input;
    return [B.re[at] * c - B.im[at] * s, B.re[at] * s + B.im[at] * c];
  };
  for (const form of forms) {
    const M = formMatrix(form);
    for (let pair = 0; pair < inputs * inputs; pair++) {
      const kernel: number[] = [];
      for (let at = 0; at < length * length; at++) {
        let sum = 0;
        for (let entry = 0; entry < M.re.length; entry++) {
          const [n, m] = [Math.floor(entry / M.cols), entry % M.cols];
          const [a, b] = response(n, Math.floor(pair / inputs), Math.floor(at / length));
          const [c, d] = response(m, pair % inputs, at % length);
          sum += M.re[entry] * (a * c - b * d) - M.im[entry] * (a * d + b * c);
        }
        kernel.push(sum);
      }
      kernels.push(kernel);
    }
  }
  return kernels;
}

function differences(system: LqoSystem, found: Finding): [linear: number, quadratic: number] {
  const times = Array.from({ length }, (_, k) => k);
  const linear = Array.from({ length: outputs * inputs }, (_, k) =>
    times.map((t) => found.linear[t][Math.floor(k / inputs)][k % inputs]),
  );
  const quadratic = Array.from({ length: outputs * inputs * inputs }, (_, k) => {
    const [i, a, b] = [Math.floor(k / inputs ** 2), Math.floor(k / inputs) % inputs, k % inputs];
    return times.flatMap((t) => times.map((s) => found.quadratic[t][s][i][a][b]));
  });
  return [
    largestDifference(layerKernels({ kind: 'mimo', system }, length), linear),
    largestDifference(
      quadraticKernels(system).map((kernel) => Float64Array.from(kernel)),
      quadratic,
    ),
  ];
}

test('the layer is recognised and both its kernels are read', () => {
  expect(layer.site).toMatchObject({
    family: 'lqo',
    name: 'ssm',
    order,
    channels: inputs,
    tying: 'lqo',
    sizes: { outputs },
    skip: 'ssm.D',
  });
  const [found] = python({ run: [{ file: source, sizes }] });
  expect(found.forward).toBeLessThan(1e-12);
  const [linear, quadratic] = differences(original, found);
  expect(linear).toBeLessThan(1e-9);
  expect(quadratic).toBeLessThan(1e-9);
});

test('a smaller layer loads with strict=True and has the kernels written', async () => {
  const { system } = exampleMimo({ kind: 'mimo', system: original }, smaller);
  const forms = Array.from({ length: outputs }, (_, i) => {
    const { re, im, rows } = exampleMatrix(smaller, smaller, 31 + i);
    const mirrored = (part: Float64Array): Float64Array =>
      part.map((x, at) => x + part[(at % rows) * rows + Math.floor(at / rows)]);
    return denseForm({ rows, cols: rows, re: mirrored(re), im: mirrored(im) });
  });
  const reduced = { ...system, forms };
  const edits = lqoLayer.write(layer.site, { kind: 'lqo', system: reduced }, layer.values, {});
  await writeEdited(source, edits, target);
  const [found] = python({ run: [{ file: target, sizes: { ...sizes, d_state: smaller } }] });
  for (const difference of differences(reduced, found)) expect(difference).toBeLessThan(1e-5);
  const site = { ...layer.site, order: smaller, slots: smaller };
  const stored = lqoSystem(lqoLayer.read(site, edited(layer.values, edits), {}));
  for (const difference of differences(stored, found)) expect(difference).toBeLessThan(1e-9);

  const [small] = await fileLayers(target);
  expect(small.site).toEqual(site);
  const count = [...small.values.values()].reduce((sum, { values }) => sum + values.length, 0);
  expect(lqoLayer.parameters(layer.site, smaller)).toBe(count);
});
