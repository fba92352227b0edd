import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../src/worker/configurationText';
import { readSidecars } from '../../src/worker/sidecars';
import { tempDir } from '../support/tempDir';

const root = tempDir();
let folder = '';
let cases = 0;
beforeEach(() => {
  folder = join(root, `case${cases++}`, 'a', 'b', 'c');
  mkdirSync(folder, { recursive: true });
});

function put(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
const read = (name = 'net.pt') => readSidecars(join(folder, name));
async function settingsOf(name?: string): Promise<Record<string, unknown>> {
  const { configurations } = await read(name);
  return Object.fromEntries(
    configurations.flatMap(({ file, settings }) =>
      settings.map(({ path, value }) => [`${file}: ${path.join('.')}`, value]),
    ),
  );
}

describe('configurations beside a checkpoint', () => {
  it.each([
    ['net.yaml', 'model: {disc: zoh}'],
    ['net.yml', 'model: {disc: zoh}'],
    ['net.json', '{"model": {"disc": "zoh"}}'],
    ['config.yaml', 'model:\n  disc: zoh\n'],
    ['config.yml', 'model:\n  disc: zoh\n'],
    ['config.json', '{"model": {"disc": "zoh"}}'],
    ['config.yaml', 'model: {desc: null, value: {disc: zoh}}'], // Weights & Biases
    ['hparams.yaml', 'model: {disc: zoh}'],
    ['../hparams.yaml', 'model: {disc: zoh}'],
    ['.hydra/config.yaml', 'model: {disc: zoh}'],
    ['../.hydra/config.yaml', 'model: {disc: zoh}'],
    ['../../.hydra/config.yaml', 'model: {disc: zoh}'],
    ['../../../.hydra/config.yaml', 'model: {disc: zoh}'],
  ])('%s is read: %j', async (path, text) => {
    put(path, text);
    expect(await settingsOf()).toEqual({ [`${path}: model.disc`]: 'zoh' });
  });

  it('of several folders are the nearest', async () => {
    put('.hydra/config.yaml', 'd: 1');
    put('../.hydra/config.yaml', 'd: 2');
    put('hparams.yaml', 'd: 3');
    put('../hparams.yaml', 'd: 4');
    expect(await settingsOf()).toEqual({ '.hydra/config.yaml: d': 1, 'hparams.yaml: d': 3 });
  });

  it('are not found farther away or under other names', async () => {
    put('../../../../.hydra/config.yaml', 'd: 1');
    put('../../hparams.yaml', 'd: 1');
    put('../config.yaml', 'd: 1');
    put('other.yaml', 'd: 1');
    expect(await read()).toEqual({ configurations: [], notes: [] });
  });

  it('are not the checkpoint itself', async () => {
    put('config.json', '{"d": 1}');
    expect((await read('config.json')).configurations).toEqual([]);
  });

  it.each([
    ['too large', 'd: 1\n#'.padEnd(128_001, 'x'), 'It is larger than 128 kB.'],
    ['no YAML', 'a: [1, 2', 'It is not YAML.'],
    ['deep', '{a: '.repeat(40) + '1' + '}'.repeat(40), 'It is nested deeper than 32 levels.'],
    [
      'long',
      Array.from({ length: 40 }, () => `[${'1,'.repeat(100)}]`)
        .map((list, i) => `k${i}: ${list}`)
        .join('\n'),
      'It has more than 2000 settings.',
    ],
    [
      'a bomb of aliases',
      ['a: &a [x, x, x, x, x, x, x, x, x]']
        .concat(
          Array.from(
            'bcdefghi',
            (b, i) => `${b}: &${b} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(', ')}]`,
          ),
        )
        .join('\n'),
      'Its aliases stand for more than any configuration holds.',
    ],
    ['a value that contains itself', 'a: &a\n  b: *a', /It is nested deeper|Its aliases stand/],
  ])('that are %s are a note', async (_, text, reason) => {
    put('config.yaml', text);
    const { configurations, notes } = await read();
    expect(configurations).toEqual([]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(reason);
    expect(notes[0]).toMatch(/^config\.yaml was not used: /);
  });

  it('that are no JSON are a note', async () => {
    put('config.json', '{"a": 1,}');
    expect((await read()).notes).toEqual(['config.json was not used: It is not JSON.']);
  });

  it('that are pipes, directories or dead links do not stop anything', async () => {
    mkdirSync(join(folder, 'config.yaml'));
    execFileSync('mkfifo', [join(folder, 'hparams.yaml')]);
    symlinkSync('nowhere', join(folder, 'net.yaml'));
    expect((await read()).configurations).toEqual([]);
  });
});

describe('a configuration text', () => {
  it('is never executed', () => {
    const text = 'a: !!python/object/apply:os.system ["true"]\nb: !!js/function "x"';
    expect(parseConfiguration(text, 'yaml')).toEqual([
      { path: ['a', '0'], value: 'true' },
      { path: ['b'], value: 'x' },
    ]);
  });

  it('keeps hostile keys as names', () => {
    const found = parseConfiguration('__proto__: {polluted: 1}\nconstructor: 2', 'yaml');
    expect(found.map(({ path }) => path)).toEqual([['__proto__', 'polluted'], ['constructor']]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(parseConfiguration('{"__proto__": {"a": 1}}', 'json')).toEqual([
      { path: ['__proto__', 'a'], value: 1 },
    ]);
  });

  it('has numbers, texts, switches and nothing as values', () => {
    expect(
      parseConfiguration('a: 1e-3\nb: "64"\nc: false\nd: null\ne: .inf\nf: 2020-01-01', 'yaml').map(
        ({ value }) => value,
      ),
    ).toEqual([0.001, '64', false, null, 'inf', '2020-01-01']);
  });

  it('may be empty or a single value', () => {
    expect(parseConfiguration('', 'yaml')).toEqual([]);
    expect(parseConfiguration('zoh', 'yaml')).toEqual([]);
  });
});
