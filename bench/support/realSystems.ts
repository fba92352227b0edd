import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemOf } from '../../src/core/systems/modal';
import { layersOf } from './checkpoint';
import { runPeer } from './python';
import { short } from './report';
import { fromJson, type BenchSystem, type ModesJson } from './systems';

const shared = process.env.SSM_SHARED ?? resolve(process.cwd(), '../shared');

/** A path in the material that is too large, or not ours, to keep in the repository. */
export function sharedFile(...parts: readonly string[]): string {
  return join(shared, ...parts);
}

interface S4dCheckpoint {
  readonly kind: string;
  readonly file: string;
  readonly horizon: number;
}

const s4d: readonly S4dCheckpoint[] = [
  { kind: 'gevorgyg', file: 'gevorgyg-ckpt.pth', horizon: 784 },
  { kind: 'chordchen', file: 'chordchen-ckpt.pth', horizon: 1024 },
  { kind: 'ethorondor', file: 'ethorondor-ckpt.pth', horizon: 1024 },
  {
    kind: 'asleepEce-preprocessing',
    file: 'asleepEce-preprocessing_checkpoint_ckpt.pth',
    horizon: 1024,
  },
];

/** S4 with dense poles: diagonalised by bench/peers/modal_s4.py, over the length the file names. */
const s4 = [
  { kind: 'asleepEce mnist100HZ (S4 DPLR)', stem: 'asleepEce-checkpoint_mnist100HZ_ckpt' },
  { kind: 'liquids4 (S4 NPLR)', stem: 'liquids4-ckpt' },
];

/** The kinds that are real systems with dense poles, for which Algorithm 1's complex objective was not made. */
export const denseKinds: ReadonlySet<string> = new Set(s4.map(({ kind }) => kind));

export interface RealSystems {
  readonly systems: readonly BenchSystem[];
  /** What was read and how it was checked, or that it is missing. */
  readonly notes: readonly string[];
}

/** Every `stride`-th channel of each layer of the real checkpoints. */
export async function realSystems(directory: string, stride: number): Promise<RealSystems> {
  const systems: BenchSystem[] = [];
  const notes: string[] = [];
  const missing = (file: string): boolean => {
    if (existsSync(file)) return false;
    notes.push(`\`${file}\` is not here (SSM_SHARED names the folder): not measured.`);
    return true;
  };
  for (const { kind, file, horizon } of s4d) {
    const path = sharedFile('checkpoints', 'real', file);
    if (missing(path)) continue;
    (await layersOf(path)).forEach((layer, l) => {
      for (let h = 0; h < layer.count; h += stride) {
        const name = `${kind}, layer ${l}, channel ${h}`;
        systems.push({ kind, name, system: systemOf(layer, h), horizon });
      }
    });
  }
  for (const { kind, stem } of s4) {
    const path = sharedFile('checkpoints', 'real', `${stem}.pth`);
    if (missing(path)) continue;
    const golden = sharedFile('checkpoints', 'real', `${stem}.golden.npz`);
    const target = join(directory, `${stem}.json`);
    const check = await diagonalise(path, golden, target, stride);
    if (check === undefined) {
      notes.push(`${kind}: not measured, bench/peers/modal_s4.py did not run (it needs torch).`);
      continue;
    }
    notes.push(
      `${kind}: the dense kernel differs from the original code's by at most ${short(check.worstAgainstGolden)} relative, ` +
        `the modal one from the dense one by at most ${short(check.worstModalAgainstDense)}.`,
    );
    const listed = JSON.parse(readFileSync(target, 'utf8')) as (ModesJson & {
      readonly name: string;
      readonly step: number;
      readonly horizon: number;
    })[];
    for (const { name, step, horizon, ...modes } of listed) {
      systems.push({ kind, name: `${kind}, ${name}`, system: fromJson(modes, step), horizon });
    }
  }
  return { systems, notes };
}

interface Check {
  readonly worstAgainstGolden: number;
  readonly worstModalAgainstDense: number;
}

async function diagonalise(
  path: string,
  golden: string,
  target: string,
  stride: number,
): Promise<Check | undefined> {
  try {
    return (await runPeer('modal_s4.py', path, golden, target, String(stride))) as Check;
  } catch {
    return undefined;
  }
}
