#!/usr/bin/env node
// npm run bench: runs the benchmarks one after the other and writes bench/RESULTS.md. About five minutes on two cores.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const shared = process.env.SSM_SHARED ?? path.resolve(root, '../shared');
const python = process.env.SSM_PYTHON ?? '/usr/bin/python3';
const chordchen = path.join(shared, 'checkpoints', 'real', 'chordchen-ckpt.pth');

/** name and arguments of bench/NAME.ts, what a reader must know, and a file without which there is nothing to measure. */
const parts = [
  {
    title: 'Relative h² errors against the papers’ methods',
    name: 'quality',
    text: `Geometric means of the relative h² error of the real discrete kernel over the network's horizon L, all methods by
the same certified evaluation. Systems: six of each initialisation (32 complex modes, step log-uniform in [1e-3, 1e-1],
L 1024 and 2048, random C, seeded), plain and perturbed (rates times exp(0.6 g), frequencies times 1 + 0.6 g), and every
8th channel of each layer of the real checkpoints (\`--all\`: every channel). S4 layers with dense poles are diagonalised
first, each output counted as one system with poles of its own; their slots are 33 or 34. Left out: \`mandelbrot\`, an
S4 layout older than version 1 (\`kernel.krylov\`) for which no reference kernels exist to check a reading against; and
\`aTENNuate\`, whose many-input many-output layers share their poles and store real residues only, so that a reduced
pole with a complex weight cannot be stored there.

Peers (NumPy, \`bench/peers/\`): Algorithm 1 with the paper's parameters, 100 iterations, from time-limited balanced
truncation; balanced truncation over L of the complex system (r states) and of the real one (2 r states); IRKA (2 r real
states, infinite horizon, from the real balanced truncation, at most 100 iterations); and, where Python can import pyMOR,
its own balanced truncation (2 r real states, infinite horizon) and its IRKA from that, on the Cayley transform of the
system, which keeps h² norms (pyMOR's IRKA knows continuous time only). The first two fit r slots as they
are. Real results are fitted into slots: a complex pair fills one, real poles of one sign share slots two by two (mean of
log |z|, small phase), where that needs one slot too many the least important goes, and all weights are solved anew by
least squares over L. Unstable poles are reflected. A peer that fails or does worse than a kernel of zeros counts as 1.
Ours is the recommended solver with its defaults.`,
  },
  {
    title: 'The main job against Algorithm 1 in NumPy',
    name: 'mainJob',
    args: [chordchen],
    needs: chordchen,
  },
  {
    title: 'Figure 2 of arXiv 2507.10078',
    name: 'figure2',
    text: `Algorithm 1, a quarter of the slots, 100 iterations, start balanced truncation of the same horizon; every 4th
channel. Mean ± standard deviation over the systems of (f + ‖G‖²)/‖G‖².`,
  },
  {
    title: 'The processor: TypeScript, WebAssembly, NumPy',
    name: 'engines',
    args: [chordchen],
    needs: chordchen,
    text: `Milliseconds are the processor's own. Plain reductions: the recommended solver; calibrated: weighted search on the
frequencies of sequences of 2048 steps. Systems: the checkpoint's (64 to 8), six kinds of synthetic ones (64 to 16). NumPy:
Algorithm 1 by closed forms, 100 iterations at most, one process a core. The papers' workload: error against order in one
pass, as the layer panel does it; its errors are closed forms, those of Algorithm 1 certified.`,
  },
  {
    title: 'Forward passes of a network',
    name: 'forward',
    args: [chordchen],
    needs: chordchen,
  },
  {
    title: 'Engines beside the processor',
    name: 'gpu',
    args: ['--systems', '4'],
    text: `Searches in single precision on every engine that can be opened here, beside the same in double precision by the processor
on one thread: from all starts of each system for plain reductions and a sweep over orders; with growth and swaps on the
grid of frequencies for calibrated ones. On a GPU the whole workload is searched; a device in software gets a few systems
and small sizes (\`--full\`, \`--systems N\` say otherwise), which shows that the kernels are right and nothing of their speed.
Last columns: the squared errors after the processor has finished, against those of the processor alone, where above 0 is
worse; and how many are lower.`,
  },
  {
    title: 'What an engine changes',
    name: 'sameMinimum',
    args: ['8201', '16'],
    text: `Calibrated reductions after an engine has searched, against those of the processor alone, on kinds of systems, inputs and
sizes by which nothing was chosen, with fresh seeds; one result is worse or better than another where its squared error
differs by more than 1e-9. Times are the processor's own, this process alone.`,
  },
  {
    title: 'Where the time of a calibrated compression goes',
    name: 'shares',
    args: ['--sequences', '32'],
    needs: chordchen,
    text: 'Seconds that the process computed in one thread, by kinds of tasks.',
  },
  { title: 'LQO systems', name: 'lqo' },
  { title: 'From the command to the written file', name: 'endToEnd' },
  { title: 'Memory', name: 'memory', args: ['1'] },
  {
    title: 'Workbench',
    name: 'workbench/measure',
    needs: path.join(root, 'ssm-compress.vsix'),
    how: '`npm run package` makes it',
    text: `In the real VS Code, server and Chromium on the same machine. First paint: from the click in the Explorer until rows of the
layers are drawn; the last column is VS Code's own part, before our page begins. Memory: proportional set sizes; the
renderers are the workbench itself.`,
  },
  {
    title: 'Bounds of the output error',
    name: 'bound',
    text: `Plain balanced reductions of the trained models, errors of the output vector on sequences of their own data (smnist 8, IMDb 8
cut to 256 characters); every other sequence gave the conditions of the calibrated bound (maxima times 1.2), the rest check
them. Telescoping: the sum of what the layers change one after another, never below the error of a sequence. Shares: of the
bound or the sum, from shallow to deep. As in arXiv 2510.14542 all kinds of evidence give the first layer the most; the
bounds exaggerate it.`,
  },
];

function run(command, args) {
  return spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function versions() {
  const script =
    'import sys, numpy; print(sys.version.split()[0], "with NumPy", numpy.__version__)';
  const found = existsSync(python) ? run(python, ['-c', script]) : { status: 1 };
  const peers = found.status === 0 ? `Python ${found.stdout.trim()}` : 'no Python with NumPy';
  return `Node ${process.version}, ${peers}`;
}

/** Machine paths say nothing to a reader. */
function shown(text) {
  return text.replaceAll(shared, '$SSM_SHARED').replaceAll(root, '.');
}

function section({ title, name, args = [], text, needs, how = 'SSM_SHARED names the folder' }) {
  console.error(`bench: ${name}`);
  const command = shown(`node bench/run.mjs ${[name, ...args].join(' ')}`);
  const lines = [`## ${title}`, '', `\`${command}\``, ''];
  if (text !== undefined) lines.push(text, '');
  if (needs !== undefined && !existsSync(needs)) {
    lines.push(`NOT MEASURED: \`${shown(needs)}\` is not here (${how}).`, '');
    return { lines, ok: true };
  }
  const [begin, load] = [performance.now(), os.loadavg()[0]];
  const { status, stdout } = run(process.execPath, ['bench/run.mjs', name, ...args]);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  lines.push(shown(stdout).trim(), '');
  if (status !== 0) lines.push(`FAILED with exit code ${status}.`, '');
  const loads = `${load.toFixed(1)} before, ${os.loadavg()[0].toFixed(1)} after`;
  lines.push(`Ran ${seconds} s; load average ${loads}.`, '');
  return { lines, ok: status === 0 };
}

/** Sections of benchmarks that are run by themselves, since they take long, stay as they are. */
function keptSections(results) {
  const sections = results.split(/^(?=## )/m).slice(1);
  return sections.filter((text) => !parts.some(({ title }) => text.startsWith(`## ${title}\n`)));
}

const sections = parts.map(section);
const cores = os.availableParallelism();
const head = [
  '# Benchmark results',
  '',
  `\`npm run bench\`, ${new Date().toISOString().slice(0, 10)}. ${cores} cores (${os.cpus()[0].model.trim()}), ${versions()}.`,
  'Timings depend on what else the machine does: the load average stands beside them.',
  '',
];
const file = path.join(root, 'bench', 'RESULTS.md');
const measured = [...head, ...sections.flatMap(({ lines }) => lines)].join('\n');
writeFileSync(file, [measured, ...keptSections(readFileSync(file, 'utf8'))].join('\n'));
run('npx', ['prettier', '--write', file]);
console.error(`bench: written to ${path.relative(root, file)}`);
process.exitCode = sections.every(({ ok }) => ok) ? 0 : 1;
