import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inspectCheckpoint } from '../../src/worker/inspect';
import { bundleProgram } from '../support/bundle';
import { runCli, startProcess, type Ended } from '../support/runCli';
import { exampleLayer, s4dTensors, safetensorsBytes, type RawTensor } from '../support/s4dModel';
import { sharedAvailable, sharedPath } from '../support/shared';
import { tempDir } from '../support/tempDir';
import { torchArchive, zipFile } from '../support/zipFile';

/**
 * What a person gets for a file that cannot be compressed: a message that names the file, the place in it and the
 * reason, an exit code that is not 0, the source untouched and no output.
 */

const root = tempDir();
let cli = '';
let directory = '';
let file = '';
let cases = 0;

beforeAll(async () => {
  ({ cli } = await bundleProgram());
});
beforeEach(() => {
  directory = join(root, `case${cases++}`);
  mkdirSync(directory);
  file = join(directory, 'net.safetensors');
});

const compress = (...options: string[]): Promise<Ended> =>
  runCli(cli, ['compress', file, '--order', '4', '--solver', 'balanced', ...options]);

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Runs a compression that has to fail with exactly one line, and leaves everything as it was. */
async function expectRefusal(message: RegExp, ...options: string[]): Promise<void> {
  const before = readdirSync(directory).map((name) => [name, sha256(join(directory, name))]);
  const { code, stdout, stderr } = await compress(...options);
  const complaints = stderr.split('\n').filter((line) => line.startsWith('ssm: '));
  expect(complaints).toEqual([expect.stringMatching(message)]);
  expect(complaints[0]).toContain(directory);
  expect(stderr).not.toContain('    at ');
  expect([code, stdout]).toEqual([1, '']);
  const after = readdirSync(directory).map((name) => [name, sha256(join(directory, name))]);
  expect(after).toEqual(before);
}

const model = (): RawTensor[] => s4dTensors([exampleLayer(3, 6)]);

describe('the file', () => {
  it('does not exist', async () => {
    const { code, stdout, stderr } = await compress();
    expect([code, stdout, stderr]).toEqual([1, '', `ssm: ${file}: There is no such file.\n`]);
  });

  it('is a directory', async () => {
    mkdirSync(file);
    const { code, stderr } = await compress();
    expect([code, stderr]).toEqual([1, `ssm: ${file}: This folder holds no checkpoint.\n`]);
  });

  it('is empty', async () => {
    writeFileSync(file, '');
    await expectRefusal(/net\.safetensors: The file is empty/);
  });

  it('is something else', async () => {
    writeFileSync(file, 'epoch,loss\n1,0.5\n');
    await expectRefusal(/neither a PyTorch checkpoint, nor safetensors, /);
  });

  it("is a zip that is not torch's", async () => {
    writeFileSync(file, zipFile({ 'notes/readme.txt': 'hello' }));
    await expectRefusal(/net\.safetensors: .*(data\.pkl|PyTorch)/);
  });

  it('has no state-space layer', async () => {
    writeFileSync(file, safetensorsBytes([{ name: 'w', shape: [2], values: new Float32Array(2) }]));
    await expectRefusal(/There is no state-space layer of a known family in this file/);
  });
});

describe('a pickle', () => {
  const marker = (): string => join(directory, 'executed');

  it.each([
    ['os.system', () => `cos\nsystem\n(S'touch ${marker()}'\ntR.`, /system/],
    ['builtins.eval', () => `c__builtin__\neval\n(S'1'\ntR.`, /eval/],
    ['a method hidden in a dotted name', () => `ctorch\nload.__globals__\n.`, /globals/],
    ['an opcode that torch does not write', () => `\x80\x02(ios\nsystem\n.`, /./],
    ['an unknown opcode', () => '\x80\x02\xff.', /byte 2|0xff/],
    ['an end too soon', () => '\x80\x02}q\x00(', /./],
    ['an empty stack', () => '\x80\x02.', /./],
  ])('with %s is refused and not executed', async (_, pickle, message) => {
    writeFileSync(file, torchArchive(pickle()));
    await expectRefusal(/data\.pkl/);
    await expectRefusal(message);
    expect(readdirSync(directory)).toEqual(['net.safetensors']);
  });
});

describe('a safetensors header', () => {
  interface Entry {
    data_offsets: [number, number];
    shape: number[];
    dtype: string;
  }
  const entries = (header: Record<string, unknown>): Entry[] => Object.values(header) as Entry[];

  it('longer than the file', async () => {
    const bytes = safetensorsBytes(model());
    bytes.writeBigUInt64LE(BigInt(bytes.length), 0);
    writeFileSync(file, bytes);
    await expectRefusal(/header/);
  });

  it('longer than memory', async () => {
    const bytes = safetensorsBytes(model());
    bytes.writeUInt32LE(0xffffffff, 0);
    writeFileSync(file, bytes);
    await expectRefusal(/header/);
  });

  it('that is no JSON', async () => {
    const bytes = safetensorsBytes(model());
    bytes[20] = 0;
    writeFileSync(file, bytes);
    await expectRefusal(/header/);
  });

  it.each<[string, (header: Record<string, unknown>) => void, RegExp]>([
    [
      'with overlapping tensors',
      (header) => {
        entries(header)[1].data_offsets = entries(header)[2].data_offsets;
      },
      /s4_layers\.0\.kernel\.(C|log_dt)/,
    ],
    [
      'with a tensor behind the end',
      (header) => {
        entries(header)[4].data_offsets[1] += 1e9;
      },
      /s4_layers\.0\.kernel\.A_imag/,
    ],
    [
      'with a shape that does not fit',
      (header) => {
        entries(header)[3].shape = [3, 7];
      },
      /s4_layers\.0\.kernel\.log_A_real/,
    ],
    [
      'with an unknown type',
      (header) => {
        entries(header)[0].dtype = 'F33';
      },
      /s4_layers\.0\.D/,
    ],
  ])('%s', async (_, spoil, message) => {
    const alter = (header: Record<string, unknown>): Record<string, unknown> => {
      spoil(header);
      return header;
    };
    writeFileSync(file, safetensorsBytes(model(), alter));
    await expectRefusal(message);
  });

  it('with names that would steer the terminal is shown harmlessly', async () => {
    const tensors = model().map((tensor) => ({ ...tensor, name: `\u001b[2J\u202e${tensor.name}` }));
    tensors[4].values[0] = NaN;
    writeFileSync(file, safetensorsBytes(tensors));
    await expectRefusal(/tensor \\u001b\[2J\\u202es4_layers\.0\.kernel\.A_imag/);
    const { stdout } = await runCli(cli, ['inspect', file]);
    expect(stdout).toContain('s4_layers');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('a truncated file', () => {
  const cutAt = async (whole: Buffer, length: number): Promise<void> => {
    writeFileSync(file, whole.subarray(0, length));
    await expect(inspectCheckpoint(file), `cut at ${length}`).rejects.toMatchObject({
      name: 'SsmError',
      reason: expect.stringMatching(/^(bad-file|unsupported-file)$/) as string,
      file,
    });
  };

  it('in safetensors is refused wherever it ends', async () => {
    const whole = safetensorsBytes(model());
    for (let length = 0; length < whole.length; length += 7) await cutAt(whole, length);
    await cutAt(whole, whole.length - 1);
  });

  it.skipIf(!sharedAvailable)('of torch is refused at every structural boundary', async () => {
    const whole = readFileSync(sharedPath('checkpoints', 'generated', 's4d_minimal_H8_N16.pt'));
    const signatures = [
      'PK\x03\x04',
      'PK\x07\x08',
      'PK\x01\x02',
      'PK\x06\x06',
      'PK\x06\x07',
      'PK\x05\x06',
    ];
    const boundaries = signatures.flatMap((signature) => {
      const found: number[] = [];
      const wanted = Buffer.from(signature, 'latin1');
      for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + 1)) {
        found.push(at, at + 4);
      }
      return found;
    });
    expect(boundaries.length).toBeGreaterThan(40);
    for (const at of boundaries) {
      for (const length of [at - 1, at, at + 1]) {
        if (length >= 0 && length < whole.length) await cutAt(whole, length);
      }
    }
  });

  it('says so on the command line', async () => {
    const whole = safetensorsBytes(model());
    writeFileSync(file, whole.subarray(0, whole.length - 10));
    await expectRefusal(/net\.safetensors: /);
  });
});

describe('parameters', () => {
  it.each([
    ['NaN', 'C', NaN],
    ['infinite', 'log_dt', Infinity],
    ['unstable', 'log_A_real', -1000],
  ])('that are %s are named', async (_, name, value) => {
    const tensors = model();
    const spoiled = tensors.find((tensor) => tensor.name.endsWith(`.${name}`))!;
    spoiled.values[2] = value;
    writeFileSync(file, safetensorsBytes(tensors));
    await expectRefusal(new RegExp(`net\\.safetensors: tensor s4_layers\\.0\\.kernel\\.${name}: `));
  });
});

describe('a request', () => {
  beforeEach(() => {
    writeFileSync(file, safetensorsBytes(model()));
  });
  const refused = async (message: RegExp, ...options: string[]): Promise<void> => {
    const { code, stderr } = await runCli(cli, ['compress', file, ...options]);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(readdirSync(directory)).toEqual(['net.safetensors']);
  };

  it('above the original order', () =>
    refused(/net\.safetensors: Order 14 is above the original order 12/, '--order', '14'));

  it('for an order the family does not have', () =>
    refused(/cannot have order 7. The nearest possible: 6 and 8/, '--order', '7'));

  it('for a share that the layers do not have', () =>
    refused(/removes \d\d\.\d % of the model's parameters; 99 % was asked for/, '--remove', '99%'));
});

describe('the output', () => {
  beforeEach(() => {
    writeFileSync(file, safetensorsBytes(model()));
  });

  it('exists', async () => {
    writeFileSync(join(directory, 'net.order4.safetensors'), 'precious');
    await expectRefusal(/net\.order4\.safetensors: A file named .* exists already/);
  });

  it('lies in a directory that does not exist', async () => {
    const output = join(directory, 'missing', 'out.safetensors');
    await expectRefusal(/missing\/out\.safetensors: Its directory does not exist/, '-o', output);
  });

  it('lies in what is no directory', async () => {
    await expectRefusal(/Its directory does not exist/, '-o', join(file, 'out.safetensors'));
  });

  it('is the source', async () => {
    await expectRefusal(/The result would replace the source/, '-o', file, '--force');
  });

  it('lies in a directory without permission', async () => {
    const closed = join(directory, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    const command = ['compress', file, '--order', '4', '-o', join(closed, 'out.safetensors')];
    // root may write everywhere, so it gives that up
    const asSomebody =
      process.getuid?.() === 0
        ? startProcess('setpriv', [
            '--bounding-set=-all',
            '--inh-caps=-all',
            process.execPath,
            cli,
            ...command,
          ])
        : startProcess(process.execPath, [cli, ...command]);
    const { code, stderr } = await asSomebody.ended;
    expect(stderr).toMatch(/closed\/out\.safetensors: You have no permission to write there/);
    expect([code, readdirSync(closed)]).toEqual([1, []]);
  });

  it('becomes larger than allowed', async () => {
    // 512-byte blocks; the result needs 9 of them for the checkpoint and more for the report
    const script = `ulimit -f 2; exec "$0" "$@"`;
    const args = [process.execPath, cli, 'compress', file, '--order', '10', '--solver', 'balanced'];
    const { code, stderr } = await startProcess('sh', ['-c', script, ...args]).ended;
    expect(stderr).toMatch(
      /ssm: .*net\.order10\..*: The file system does not allow files this large/,
    );
    expect([code, readdirSync(directory)]).toEqual([1, ['net.safetensors']]);
  });

  it('meets a full disk', async (context) => {
    writeFileSync(file, safetensorsBytes(s4dTensors([exampleLayer(64, 32)])));
    expect(statSync(file).size).toBeGreaterThan(32_768);
    const disk = join(directory, 'disk');
    mkdirSync(disk);
    const script = `mount -t tmpfs -o size=32k none "$1" || exit 77
      "$2" "$3" compress "$4" --order 32 --solver balanced --horizon 50 -o "$1/out.safetensors"
      echo "code $?"; ls -A "$1"`;
    const rights = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
    const args = [...rights, 'sh', '-c', script, 'sh', disk, process.execPath, cli, file];
    const { code, stdout, stderr } = await startProcess('unshare', args).ended;
    if (code !== 0 && process.env.CI !== 'true') {
      context.skip(`No small disk could be mounted here: ${stderr}`);
    }
    expect(stderr).toMatch(/disk\/out\.safetensors.*: There is no space left on the device/);
    expect(stdout).toBe('code 1\n');
  });
});
