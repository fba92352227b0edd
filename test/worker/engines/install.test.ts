import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDevice } from '../../../src/worker/engines/device/client';
import { installEngine } from '../../../src/worker/engines/install';
import { bundleProgram, type Bundles } from '../../support/bundle';
import { tempDir } from '../../support/tempDir';

/** A program that is run in the place of npm. */
function npmThat(does: string): string {
  const file = join(tempDir(), 'npm');
  writeFileSync(file, `#!/bin/sh\n${does}\n`);
  chmodSync(file, 0o755);
  return file;
}

let bundles: Bundles;
beforeAll(async () => {
  bundles = await bundleProgram();
}, 60_000);

const open = (): Promise<never> => Promise.reject(new Error('no GPU'));

describe('installing an engine', () => {
  test('asks npm for the tried version in a folder of its own, and tells the verdict', async () => {
    const folder = join(tempDir(), 'new', 'engines');
    const lines: string[] = [];
    const npm = npmThat('pwd; echo "$@"');
    const trial = await installEngine('tfjs', folder, {
      ...{ npm, open },
      onLine: (line) => lines.push(line),
    });
    expect(lines[0]).toBe(folder);
    expect(lines[1]).toMatch(/^install .*@tensorflow\/tfjs-node-gpu@4\.22\.0$/);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      private: true,
    });
    expect(trial).toEqual({ engine: 'tfjs', usable: false, verdict: 'no GPU' });
  });

  test.each([
    ['tfjs', 'darwin-arm64', /Linux and Windows \(x64\) only; this is darwin-arm64/],
    ['tfjs', 'linux-arm64', /this is linux-arm64/],
    ['webgpu', 'freebsd-x64', /no WebGPU package for freebsd-x64/],
  ] as const)('refuses %s on %s before anything is installed', async (engine, platform, why) => {
    const folder = join(tempDir(), 'engines');
    const npm = npmThat('exit 0');
    const installing = installEngine(engine, folder, { npm, open, platform });
    await expect(installing).rejects.toMatchObject({
      reason: 'bad-request',
      message: expect.stringMatching(why) as string,
    });
    expect(existsSync(folder)).toBe(false);
  });

  test('leaves a package.json alone that is there', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'package.json'), '{"name":"mine"}');
    await installEngine('webgpu', folder, { npm: npmThat('exit 0'), open });
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe('{"name":"mine"}');
  });

  test('opens what was installed, and refuses it where it does not run on this platform', async () => {
    const folder = tempDir();
    const dawn = 'throw new Error("no prebuilt binary for this platform");';
    const lines: string[] = [];
    const npm = npmThat(
      `echo "npm http fetch GET 200 webgpu"
       mkdir -p node_modules/webgpu
       echo '{"name":"webgpu","version":"0.6.2","type":"module","main":"index.js"}' > node_modules/webgpu/package.json
       echo '${dawn}' > node_modules/webgpu/index.js
       echo "added 1 package"`,
    );
    const trial = await installEngine('webgpu', folder, {
      ...{ npm, onLine: (line) => lines.push(line) },
      open: (id) => openDevice(id, { folder, script: bundles.device }),
    });
    expect(lines).toEqual(['npm http fetch GET 200 webgpu', 'added 1 package']);
    expect(trial).toEqual({
      ...{ engine: 'webgpu', usable: false },
      verdict: 'webgpu is installed but does not load: no prebuilt binary for this platform',
    });
  });

  test('gives the cause where npm fails', async () => {
    const npm = npmThat(
      'echo "npm error code 1"; echo "npm error Error: getaddrinfo ENOTFOUND host" >&2; exit 1',
    );
    await expect(installEngine('tfjs', tempDir(), { npm, open })).rejects.toMatchObject({
      reason: 'bad-request',
      message: 'npm failed: npm error Error: getaddrinfo ENOTFOUND host',
    });
  });

  test('says where there is no npm, and where there can be no folder', async () => {
    const missing = { npm: join(tempDir(), 'npm'), open };
    await expect(installEngine('tfjs', tempDir(), missing)).rejects.toThrow(
      /npm cannot be started/,
    );
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    await expect(installEngine('tfjs', join(file, 'x'), { open })).rejects.toMatchObject({
      reason: 'cannot-write',
    });
  });

  test('ends with all it has started when it is cancelled', async () => {
    const [begun, done] = [join(tempDir(), 'begun'), join(tempDir(), 'done')];
    const controller = new AbortController();
    const npm = npmThat(`(sleep 20; touch ${done}) & touch ${begun}; echo begun; wait`);
    const installing = installEngine('tfjs', tempDir(), {
      ...{ npm, open, signal: controller.signal },
      onLine: () => {
        controller.abort();
      },
    });
    await expect(installing).rejects.toMatchObject({ reason: 'cancelled' });
    expect([existsSync(begun), existsSync(done)]).toEqual([true, false]);
  });
});
