/**
 * Spoils sample checkpoints at random and checks that each is read or refused with a typed error, in at most 2 s of
 * processor time and 512 MB, in a process of its own.
 *
 *   npm run fuzz -- --minutes 10     as long as one likes, from a random case on
 *   npm run fuzz -- --cases 2000     files made to harm, then the cases 0 … 1999, the same ones every time
 *   npm run fuzz -- --case 1234      one case again
 *
 * The exit code is 0 only if no case failed.
 */
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { root } from './run.mjs';

/** A case that says nothing for so long hangs, however busy the machine is. */
const SILENCE_SECONDS = 20;

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, cases: { type: 'string' }, case: { type: 'string' } },
});
const single = values.case === undefined ? undefined : Number(values.case);
const cases = values.cases === undefined ? undefined : Number(values.cases);
const minutes = Number(values.minutes ?? 1);
let next = single ?? (cases === undefined ? randomInt(2 ** 31) : 0);
const last = single === undefined ? (cases ?? Infinity) : single + 1;
const end = Date.now() + 60_000 * (cases === undefined && single === undefined ? minutes : 600);

const counts = { used: 0, refused: 0, failed: 0 };
let slowest = 0;
const directory = mkdtempSync(path.join(tmpdir(), 'ssm-fuzz-'));
try {
  const child = path.join(directory, 'child.cjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'fuzz/child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  while (next < last && Date.now() < end) next = (await runChild(child)) + 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(
  `${counts.used} read, ${counts.refused} refused, ${counts.failed} failed; slowest ${slowest.toFixed(2)} s`,
);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** Runs cases in one child until they end, time is up or the child breaks; gives the last case. */
function runChild(file) {
  return new Promise((resolve) => {
    const child = fork(file, [String(next), String(last)], {
      cwd: root,
      execArgv: ['--max-old-space-size=400', '--stack-size=984'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let current = { number: next, sample: '?' };
    let timer = setTimeout(() => undefined, 0);
    const fail = (problem) => {
      counts.failed++;
      console.error(`Case ${current.number} (${current.sample}): ${problem}`);
    };
    child.on('message', (report) => {
      current = report;
      clearTimeout(timer);
      timer = setTimeout(() => {
        fail(`It said nothing for ${SILENCE_SECONDS} s.`);
        child.kill('SIGKILL');
      }, 1000 * SILENCE_SECONDS);
      slowest = Math.max(slowest, report.seconds ?? 0);
      if (report.outcome === 'failed') {
        fail(report.problem);
        child.kill('SIGKILL'); // the next case gets a fresh memory
      } else if (report.outcome !== undefined) counts[report.outcome]++;
      if (report.outcome !== undefined && Date.now() > end) child.kill('SIGKILL');
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (code !== null && code !== 0) fail(`The process ended with code ${code}.`);
      // A file made to harm has the number -1; what comes after it is not tried again.
      resolve(Math.max(current.number, next));
    });
  });
}
