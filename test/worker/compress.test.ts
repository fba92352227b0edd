import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { solverIds } from '../../src/core/solve/solver';
import { isReport, type LayerRecord } from '../../src/protocol/report';
import type { CompressParams, CompressProgress } from '../../src/protocol/worker';
import { compressCheckpoint, type CompressOptions } from '../../src/worker/compress';
import { createLocalEngine } from '../../src/worker/engine';
import { readReport } from '../../src/worker/readReport';
import { taskRunner } from '../../src/worker/tasks';
import {
  distance,
  exampleLayer,
  readSafetensors,
  s4dKernel,
  safetensorsBytes,
  s4dTensors,
  writeS4dModel,
} from '../support/s4dModel';
import { tempDir } from '../support/tempDir';

const root = tempDir();
const layers = [exampleLayer(3, 6, 1), exampleLayer(3, 6, 2)];
let directory = '';
let file = '';
let output = '';
let cases = 0;

beforeEach(() => {
  directory = join(root, `case${cases++}`);
  mkdirSync(directory);
  file = join(directory, 'net.safetensors');
  output = join(directory, 'small.safetensors');
  writeS4dModel(file, layers);
});

const local: CompressOptions = {
  startEngine: () => Promise.resolve(createLocalEngine(taskRunner)),
};

function params(changes: Partial<CompressParams> = {}): CompressParams {
  return {
    file,
    output,
    target: { order: 6 },
    horizon: 300,
    solver: 'balanced',
    overwrite: false,
    ...changes,
  };
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe('a compression', () => {
  it('writes a checkpoint of the order asked for and leaves the rest bit for bit', async () => {
    const before = readSafetensors(readFileSync(file));
    await compressCheckpoint(params(), local);
    const after = readSafetensors(readFileSync(output));
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [name, { shape, values }] of after) {
      const changed = /\.(C|log_A_real|A_imag)$/.test(name);
      const old = before.get(name)!;
      if (changed) expect(shape).toEqual(old.shape.map((size) => (size === 6 ? 3 : size)));
      else expect([shape, values]).toEqual([old.shape, old.values]);
    }
    expect(readdirSync(directory).sort()).toEqual([
      'net.safetensors',
      'small.safetensors',
      'small.safetensors.ssmreport.json',
    ]);
  });

  it('certifies errors that the impulse responses of the files confirm', async () => {
    const { report } = await compressCheckpoint(params(), local);
    const [before, after] = [file, output].map((path) => readSafetensors(readFileSync(path)));
    report.layers.forEach((layer, index) => {
      let [errors, norms] = [0, 0];
      layer.systems.forEach((system, channel) => {
        const original = s4dKernel(before, index, channel, 300);
        const error = distance(original, s4dKernel(after, index, channel, 300));
        expect(error).toBeGreaterThan(1e-4);
        expect(error).toBeLessThanOrEqual(system.error);
        expect(error).toBeGreaterThanOrEqual(system.error * (1 - 1e-9));
        errors += error ** 2;
        norms += distance(original, new Float64Array(300)) ** 2;
      });
      expect(Math.sqrt(errors)).toBeLessThanOrEqual(layer.error.absolute);
      expect(layer.error.absolute / Math.sqrt(errors)).toBeCloseTo(1, 9);
      expect(layer.norm / Math.sqrt(norms)).toBeCloseTo(1, 9);
      expect(layer.error.relative / Math.sqrt(errors / norms)).toBeCloseTo(1, 9);
    });
  });

  it('reports what was asked, what was found and what was written', async () => {
    const result = await compressCheckpoint(params(), local);
    const { report } = result;
    expect(result).toMatchObject({ output, reportPath: `${output}.ssmreport.json` });
    expect(isReport(report)).toBe(true);
    expect(await readReport(result.reportPath)).toEqual(report);
    expect(report).toMatchObject({
      source: { path: basename(file), bytes: statSync(file).size, sha256: sha256(file) },
      result: { path: basename(output), bytes: statSync(output).size, sha256: sha256(output) },
      request: { order: 6, horizon: 300, horizonFrom: 'given', solver: 'balanced' },
      // per layer D: 3; C, log_A_real, A_imag: 3 * 4 per slot; log_dt: 3
      model: { parametersBefore: 2 * (3 + 72 + 3), parametersAfter: 2 * (3 + 36 + 3) },
      device: { engine: 'cpu', threads: 1 },
    });
    expect(report.layers).toHaveLength(2);
    expect(report.layers[1]).toMatchObject({
      name: 's4_layers.1',
      orderBefore: 12,
      orderAfter: 6,
      slotsBefore: 6,
      slotsAfter: 3,
      parametersBefore: 75,
      parametersAfter: 39,
    });
    const [system] = report.layers[1].systems;
    expect(system.polesBefore).toHaveLength(6);
    expect(system.polesAfter).toHaveLength(3);
    expect(system.hankelSingularValues.length).toBeGreaterThan(0);
  });

  it('takes an infinite horizon, and the default where none is given', async () => {
    const infinite = await compressCheckpoint(params({ horizon: null }), local);
    expect(infinite.report.request).toMatchObject({ horizon: null, horizonFrom: 'given' });
    const other = params({ output: join(directory, 'other.safetensors') });
    const { file, output, target, solver, overwrite } = other;
    const { report } = await compressCheckpoint({ file, output, target, solver, overwrite }, local);
    expect(report.request).toMatchObject({ horizon: 1024, horizonFrom: 'default' });
  });

  it('records over which time Algorithm 1 worked, and what its trace holds', async () => {
    const given = params({ solver: 'algorithm1', tau: '10 L' });
    const { report } = await compressCheckpoint(given, local);
    expect(report.request).toMatchObject({ solver: 'algorithm1', tau: '10 L' });
    for (const { trace } of report.layers.flatMap(({ systems }) => systems)) {
      expect(trace.quantity).toBe('continuous-H2');
      expect(trace.objective.at(-1)).toBeLessThan(trace.objective[0]);
    }
    const usual = params({ solver: 'algorithm1', overwrite: true });
    expect((await compressCheckpoint(usual, local)).report.request.tau).toBe('L Delta');
    const other = await compressCheckpoint(params({ overwrite: true }), local);
    expect(other.report.request).not.toHaveProperty('tau');
    expect(other.report.layers[0].systems[0].trace.quantity).toBe('discrete-h2');
  });

  it('refuses a continuous horizon for a solver that has none', async () => {
    await expect(compressCheckpoint(params({ solver: 'irka', tau: 'L' }), local)).rejects.toThrow(
      'irka works over the steps of the horizon',
    );
    expect(readdirSync(directory)).toEqual(['net.safetensors']);
  });

  it.each(solverIds)('tells while %s runs which error its results have', async (solver) => {
    const seen: CompressProgress[] = [];
    const { report } = await compressCheckpoint(params({ solver }), {
      ...local,
      onProgress: (progress) => seen.push(progress),
    });
    const total = (pick: (layer: LayerRecord) => number): number =>
      Math.hypot(...report.layers.map(pick));
    const relative = total(({ error }) => error.absolute) / total(({ norm }) => norm);
    const last = seen.findLast(({ relativeError }) => relativeError !== undefined);
    expect(last?.relativeError).toBeCloseTo(relative, 5);
  });

  it('removes at least the share asked for', async () => {
    const { report } = await compressCheckpoint(params({ target: { remove: 0.4 } }), local);
    // 24 of 156 parameters a pair of orders: three pairs remove 46 %, two 31 %
    expect(report.request).toMatchObject({ order: 6, remove: 0.4 });
    expect(report.model.parametersAfter).toBeLessThanOrEqual(0.6 * report.model.parametersBefore);
  });

  it('leaves layers alone that are small enough, and says so', async () => {
    writeS4dModel(file, [exampleLayer(3, 2), exampleLayer(3, 6)]);
    const { report } = await compressCheckpoint(params(), local);
    expect(report.layers.map(({ name }) => name)).toEqual(['s4_layers.1']);
    expect(report.warnings).toContain('Layer s4_layers.0 has order 4 and stays as it is.');
  });

  it('says how to build the model when the file does not record its order', async () => {
    const { report } = await compressCheckpoint(params(), local);
    expect(report.warnings.join('\n')).toContain('d_state=6');
  });

  it('tells how far it is', async () => {
    const seen: CompressProgress[] = [];
    await compressCheckpoint(params(), { ...local, onProgress: (one) => seen.push(one) });
    const stages = seen.map(({ stage }) => stage);
    expect([...new Set(stages)]).toEqual(['reading', 'reducing', 'writing', 'checking']);
    expect(seen.every(({ layersTotal }) => layersTotal === 2)).toBe(true);
  });

  it('keeps the permissions of the source, but lets the owner write', async () => {
    chmodSync(file, 0o440);
    const { reportPath } = await compressCheckpoint(params(), local);
    for (const path of [output, reportPath]) expect(statSync(path).mode & 0o777).toBe(0o640);
  });
});

describe('outputs that must not be written', () => {
  const contents = (): string[] => readdirSync(directory).sort();

  it.each([
    ['the checkpoint', () => output],
    ['the report', () => `${output}.ssmreport.json`],
  ])('%s exists', async (_, path) => {
    writeFileSync(path(), 'precious');
    const before = contents();
    await expect(compressCheckpoint(params(), local)).rejects.toMatchObject({
      reason: 'output-exists',
      file: path(),
    });
    expect(contents()).toEqual(before);
    expect(readFileSync(path(), 'utf8')).toBe('precious');
  });

  it('both are replaced together when that was allowed', async () => {
    for (const path of [output, `${output}.ssmreport.json`]) writeFileSync(path, 'old');
    const { reportPath, report } = await compressCheckpoint(params({ overwrite: true }), local);
    expect(report.result.sha256).toBe(sha256(output));
    expect(await readReport(reportPath)).toEqual(report);
  });

  it.each([
    ['itself', () => file],
    [
      'a symbolic link to it',
      () => {
        symlinkSync(file, output);
        return output;
      },
    ],
    [
      'a hard link to it',
      () => {
        linkSync(file, output);
        return output;
      },
    ],
    ['its path in other words', () => join(directory, '..', `case${cases - 1}`, 'net.safetensors')],
  ])('the source as %s is never replaced', async (_, path) => {
    const hash = sha256(file);
    await expect(
      compressCheckpoint(params({ output: path(), overwrite: true }), local),
    ).rejects.toMatchObject({ reason: 'bad-request' });
    expect(sha256(file)).toBe(hash);
  });

  it('the checkpoint goes again when its report cannot be published', async () => {
    const taken = (one: CompressProgress): void => {
      if (one.stage === 'checking') writeFileSync(`${output}.ssmreport.json`, 'theirs');
    };
    await expect(
      compressCheckpoint(params(), { ...local, onProgress: taken }),
    ).rejects.toMatchObject({ reason: 'output-exists' });
    expect(contents()).toEqual(['net.safetensors', 'small.safetensors.ssmreport.json']);
  });

  it('a checkpoint that appears during the run is not touched', async () => {
    const taken = (one: CompressProgress): void => {
      if (one.stage === 'checking') writeFileSync(output, 'theirs');
    };
    await expect(
      compressCheckpoint(params(), { ...local, onProgress: taken }),
    ).rejects.toMatchObject({ reason: 'output-exists', file: output });
    expect(contents()).toEqual(['net.safetensors', 'small.safetensors']);
    expect(readFileSync(output, 'utf8')).toBe('theirs');
  });

  it('a source that changes during the run gives no result', async () => {
    const change = (one: CompressProgress): void => {
      if (one.stage === 'writing') writeFileSync(file, 'another model');
    };
    await expect(
      compressCheckpoint(params(), { ...local, onProgress: change }),
    ).rejects.toMatchObject({ reason: 'bad-file', file });
    expect(contents()).toEqual(['net.safetensors']);
  });

  it('a source that is replaced during the run does no harm', async () => {
    const hash = sha256(file);
    const replace = (one: CompressProgress): void => {
      if (one.stage !== 'reducing') return;
      writeFileSync(`${file}.new`, 'another model');
      renameSync(`${file}.new`, file);
    };
    const { report } = await compressCheckpoint(params(), { ...local, onProgress: replace });
    expect(report.source.sha256).toBe(hash);
  });
});

describe('a compression that is cancelled', () => {
  it.each(['reading', 'reducing', 'writing', 'checking'] as const)(
    'while %s leaves nothing behind',
    async (stage) => {
      const controller = new AbortController();
      const stop = (one: CompressProgress): void => {
        if (one.stage === stage) controller.abort();
      };
      await expect(
        compressCheckpoint(params(), { ...local, signal: controller.signal, onProgress: stop }),
      ).rejects.toMatchObject({ reason: 'cancelled' });
      expect(readdirSync(directory)).toEqual(['net.safetensors']);
    },
  );

  it('before it begins does nothing', async () => {
    const startEngine = vi.fn(local.startEngine);
    await expect(
      compressCheckpoint(params(), { startEngine, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ reason: 'cancelled' });
    expect(readdirSync(directory)).toEqual(['net.safetensors']);
  });
});

describe('numbers that a checkpoint must not hold', () => {
  function spoil(name: string, index: number, value: number): void {
    const tensors = s4dTensors([exampleLayer(3, 6), exampleLayer(3, 6)]);
    tensors.find((tensor) => tensor.name === name)!.values[index] = value;
    writeFileSync(file, safetensorsBytes(tensors));
  }

  it.each([
    ['s4_layers.1.kernel.C', NaN, 'bad-parameters'],
    ['s4_layers.0.kernel.log_dt', Infinity, 'bad-parameters'],
    ['s4_layers.0.kernel.A_imag', -Infinity, 'bad-parameters'],
    ['s4_layers.1.kernel.log_A_real', NaN, 'bad-parameters'],
    ['s4_layers.1.kernel.log_A_real', -1000, 'unstable'],
  ])('%s = %d', async (name, value, reason) => {
    spoil(name, 2, value);
    await expect(compressCheckpoint(params(), local)).rejects.toMatchObject({
      reason,
      file,
      place: `tensor ${name}`,
    });
    expect(readdirSync(directory)).toEqual(['net.safetensors']);
  });
});

it('a layer that is silent is compressed without fuss', async () => {
  const tensors = s4dTensors([exampleLayer(3, 6)]);
  tensors.find(({ name }) => name.endsWith('.C'))!.values.fill(0);
  writeFileSync(file, safetensorsBytes(tensors));
  const { report } = await compressCheckpoint(params(), local);
  expect(report.layers[0].norm).toBe(0);
  expect(report.layers[0].error).toMatchObject({ relative: 0 });
});

it('a file without a layer is refused', async () => {
  writeFileSync(
    file,
    safetensorsBytes([{ name: 'encoder.weight', shape: [2], values: new Float32Array(2) }]),
  );
  await expect(compressCheckpoint(params(), local)).rejects.toMatchObject({
    reason: 'no-layers',
    file,
  });
});

describe('a compression that keeps the static gain', () => {
  const horizon = 300;
  const kernels = (path: string): Float64Array[][] => {
    const tensors = readSafetensors(readFileSync(path));
    return [0, 1].map((layer) => [0, 1, 2].map((h) => s4dKernel(tensors, layer, h, horizon)));
  };
  const gains = (path: string): number[] =>
    kernels(path).flatMap((layer) => layer.map((kernel) => kernel.reduce((a, b) => a + b, 0)));

  it('does so for every kernel as stored, and certifies what it costs', async () => {
    const plain = join(directory, 'plain.safetensors');
    const [free, kept] = [
      await compressCheckpoint(params({ output: plain, target: { order: 4 } }), local),
      await compressCheckpoint(params({ target: { order: 4 }, keepStaticGain: true }), local),
    ];
    const [before, after, without] = [gains(file), gains(output), gains(plain)];
    before.forEach((gain, s) => {
      expect(after[s]).toBeCloseTo(gain, 4);
    });
    expect(without.some((gain, s) => Math.abs(gain - before[s]) > 0.01)).toBe(true);
    expect(kept.report.request.keepStaticGain).toBe(true);
    expect(free.report.request.keepStaticGain).toBeUndefined();
    kept.report.layers.forEach((layer, i) => {
      const [a, b] = [kernels(file)[i], kernels(output)[i]];
      const error = Math.hypot(...a.map((kernel, h) => distance(kernel, b[h])));
      expect(layer.error.kind).toBe('certified');
      expect(layer.error.absolute).toBeGreaterThanOrEqual(error * (1 - 1e-6));
      expect(layer.error.absolute).toBeLessThan(1.01 * error);
    });
  });

  it('is refused where sample data decides', async () => {
    const asked = params({ keepStaticGain: true, recorded: join(directory, 'inputs.npz') });
    await expect(compressCheckpoint(asked, local)).rejects.toThrow('no sample data');
  });
});
