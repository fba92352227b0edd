import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certifiedError, h2Norm } from '../../src/core/norms/certified';
import type { ModalSystem } from '../../src/core/systems/modal';

/** A way of running Algorithm 1 of arXiv 2507.10078 in NumPy. */
export interface Algorithm1Run {
  readonly script: 'algorithm1' | 'algorithm1_dense';
  /** Complex poles to keep. */
  readonly slots: number;
  readonly horizon: number;
  readonly iterations: number;
  readonly processes: number;
}

/** What it took, and the relative certified errors of the real discrete kernels that it found. */
export interface Algorithm1Result {
  readonly seconds: number;
  /** Of the processor, where the script tells. */
  readonly processor?: number;
  readonly errors: readonly number[];
}

/** Runs it on all systems; the seconds are its own, without those of starting Python. */
export function runAlgorithm1(
  systems: readonly ModalSystem[],
  { script, slots: kept, horizon, iterations, processes }: Algorithm1Run,
): Algorithm1Result {
  const directory = mkdtempSync(join(tmpdir(), 'ssm-peer-'));
  try {
    const slots = systems[0].poles.re.length;
    const input = Float64Array.from([
      ...systems.flatMap((s) => [...s.poles.re]),
      ...systems.flatMap((s) => [...s.poles.im]),
      ...systems.flatMap((s) => [...s.weights.re]),
      ...systems.flatMap((s) => [...s.weights.im]),
      ...systems.map((s) => s.step),
    ]);
    const [source, target] = [join(directory, 'systems.f64'), join(directory, 'result.f64')];
    writeFileSync(source, new Uint8Array(input.buffer));
    const numbers = [systems.length, slots, kept, horizon, iterations, processes];
    const printed = execFileSync(
      process.env.SSM_PYTHON ?? '/usr/bin/python3',
      [`bench/peers/${script}.py`, source, target, ...numbers.map(String)],
      { env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } },
    );
    const times = JSON.parse(printed.toString()) as { seconds: number; processor?: number };
    const bytes = readFileSync(target);
    const result = new Float64Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    );
    const size = systems.length * kept;
    const errors = systems.map((system, i) => {
      const part = (k: number): Float64Array =>
        result.subarray(k * size + i * kept, k * size + (i + 1) * kept);
      const reduced = {
        poles: { re: part(0), im: part(1) },
        weights: { re: part(2), im: part(3) },
        step: system.step,
      };
      return certifiedError(system, reduced, horizon) / h2Norm(system, horizon);
    });
    return { ...times, errors };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
