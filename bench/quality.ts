/**
 * Relative h² errors of the recommended solver against the papers' methods in NumPy, on initialisations, perturbed
 * initialisations and the systems of real checkpoints. Prints Markdown.
 *
 *     node bench/run.mjs quality [--all] [--json FILE]
 *
 * --all takes every channel of the real checkpoints, otherwise every 8th (real S4D and S4 layers alike). --json writes
 * every case, with the systems and the peers' results of those where a peer is better.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { solveShare, type Errors, type Solved } from './support/ours';
import {
  methods,
  methodsIn,
  runMethods,
  type MethodId,
  type PeerResults,
  type PeerRun,
} from './support/peers';
import { pythonVersions } from './support/python';
import { denseKinds, realSystems } from './support/realSystems';
import { geometricMean, say, short, table } from './support/report';
import { syntheticSystems } from './support/synthetic';
import { toJson, type BenchSystem } from './support/systems';

const orders = [1, 2, 4, 8, 16];
const perKind = 6;
const defaultStride = 8;
/** How far above a peer's relative error ours may be and still count as not above. */
const tolerance = 1e-6;
/** Relative errors below this are rounding. */
const floor = 1e-12;

interface Case {
  readonly kind: string;
  readonly name: string;
  readonly system: number;
  readonly order: number;
  readonly errors: Errors;
  readonly stored: Errors;
}

/** A share of the systems for every core: each worker is this same bundle. */
async function solveAll(systems: readonly BenchSystem[], peers: PeerResults): Promise<Solved[]> {
  const shares = availableParallelism();
  const parts = await Promise.all(
    Array.from({ length: shares }, (_, share) => {
      const mine = systems.flatMap((_, index) => (index % shares === share ? [index] : []));
      const data = {
        systems: mine.map((i) => systems[i]),
        peers: mine.map((i) => peers[i]),
        orders,
      };
      return new Promise<{ mine: number[]; solved: Solved[] }>((resolve, reject) => {
        const worker = new Worker(process.argv[1], { workerData: data });
        worker.once('message', (solved: Solved[]) => {
          resolve({ mine, solved });
        });
        worker.once('error', reject);
      });
    }),
  );
  const all = new Array<Solved>(systems.length);
  for (const { mine, solved } of parts) mine.forEach((index, i) => (all[index] = solved[i]));
  return all;
}

/** The error of one method; of a method that did not run there is none, and none is asked for. */
function errorOf(errors: Errors, id: MethodId | 'ours'): number {
  return errors[id] ?? Infinity;
}

function bestOf(errors: Errors, ids: readonly MethodId[]): number {
  return Math.min(...ids.map((id) => errorOf(errors, id)));
}

function bestPeer(errors: Errors): number {
  return bestOf(errors, methodsIn(errors));
}

function bestOther({ errors }: Case): number {
  return bestOf(
    errors,
    methodsIn(errors).filter((id) => id !== 'algorithm1'),
  );
}

function algorithm1({ errors }: Case): number {
  return errorOf(errors, 'algorithm1');
}

function excess({ errors }: Case): number {
  return errors.ours - bestPeer(errors);
}

/** In per cent of the cases: ours is not above the best peer by more than the tolerance. */
function shareNotAbove(all: readonly Errors[]): number {
  const good = all.filter((errors) => errors.ours - bestPeer(errors) <= tolerance);
  return (100 * good.length) / all.length;
}

function meanRatio(cases: readonly Case[], peer: (one: Case) => number): number {
  return geometricMean(cases.map((c) => Math.max(c.errors.ours, floor) / Math.max(peer(c), floor)));
}

/** One row a kind and order: geometric means of the relative errors. */
function printTable(cases: readonly Case[]): void {
  const kinds = [...new Set(cases.map(({ kind }) => kind))];
  const peerIds = methodsIn(cases[0].errors);
  const rows = kinds.flatMap((kind) =>
    orders.flatMap((order) => {
      const group = cases.filter((c) => c.kind === kind && c.order === order);
      if (group.length === 0) return [];
      const mean = (id: MethodId | 'ours'): string =>
        short(geometricMean(group.map(({ errors }) => Math.max(errorOf(errors, id), floor))));
      const above = group.filter((one) => excess(one) > tolerance).length;
      return [
        [kind, String(order), String(group.length), mean('ours'), ...peerIds.map(mean)].concat(
          above === 0 ? '' : String(above),
        ),
      ];
    }),
  );
  const names = peerIds.map((id) => methods[id]);
  say(table(['systems', 'slots', 'count', 'ours', ...names, 'a peer is better'], rows));
}

function printVerdict(cases: readonly Case[], dense: ReadonlySet<string>): void {
  const share = shareNotAbove(cases.map(({ errors }) => errors));
  const stored = shareNotAbove(cases.map((one) => one.stored));
  const alone = meanRatio(cases, algorithm1);
  const other = meanRatio(cases, bestOther);
  const verdict = (good: boolean): string => (good ? 'reached' : 'MISSED');
  const both = (group: readonly Case[]): string =>
    `${short(meanRatio(group, algorithm1))}, ${short(meanRatio(group, bestOther))}`;
  const s4d = cases.filter(({ kind }) => !dense.has(kind));
  const rows = [
    [
      `ours not above the best peer by more than ${tolerance}`,
      `${share.toFixed(2)} % of ${cases.length}`,
      '≥ 99 %',
      verdict(share >= 99),
    ],
    ['the same after rounding to float32, as layers store it', `${stored.toFixed(2)} %`, '', ''],
    ['geometric mean, ours / Algorithm 1', short(alone), '≤ 0.85', verdict(alone <= 0.85)],
    ['geometric mean, ours / best other peer', short(other), '≤ 0.90', verdict(other <= 0.9)],
    ['the two ratios without the S4 (dense) checkpoints', both(s4d), '', ''],
    ...orders.map((order) => [
      `the two ratios at ${order} slots`,
      both(cases.filter((c) => c.order === order)),
      '',
      '',
    ]),
  ];
  say(`\n${table(['over all systems and orders', 'measured', 'target', ''], rows)}\n`);
}

const listed = 30;

function printMissed(cases: readonly Case[]): void {
  const missed = cases
    .filter((one) => excess(one) > tolerance)
    .sort((a, b) => excess(b) - excess(a));
  if (missed.length === 0) return;
  say(`Where a peer is better (${missed.length} cases, the largest ${listed} at most):\n`);
  const rows = missed.slice(0, listed).map(({ name, order, errors, stored }) => {
    const best = bestPeer(errors);
    const winner = methodsIn(errors).find((id) => errors[id] === best) ?? 'algorithm1';
    return [
      name,
      String(order),
      short(errors.ours),
      short(best),
      methods[winner],
      short(errors.ours - best),
      `${short(stored.ours)}, ${short(bestPeer(stored))}`,
    ];
  });
  const head = ['system', 'slots', 'ours', 'best peer', 'which', 'difference', 'both in float32'];
  say(`${table(head, rows)}\n`);
  say(
    'The last column tells approximations by large weights that cancel, which float32 cannot store (the search bounds ' +
      'such weights), from other local minima.\n',
  );
}

function writeCases(
  file: string,
  cases: readonly Case[],
  systems: readonly BenchSystem[],
  peers: PeerResults,
): void {
  const full = cases.map((one) => {
    if (excess(one) <= tolerance) return one;
    const { system, horizon } = systems[one.system];
    const found = Object.fromEntries(
      methodsIn(peers[one.system]).map((id) => [id, peers[one.system][id]?.[String(one.order)]]),
    );
    return { ...one, L: horizon, slots: one.order, step: system.step, ...toJson(system), found };
  });
  writeFileSync(file, JSON.stringify(full));
}

/** Whether pyMOR is among the peers, and where it got nowhere. */
function aboutPymor({ pymor, failed }: PeerRun): string {
  if (pymor === null) return '- pyMOR: not installed.';
  const { pymorBalanced = 0, pymorIrka = 0 } = failed;
  return `- pyMOR ${pymor}; its balanced truncation failed in ${pymorBalanced} cases, its IRKA in ${pymorIrka}.`;
}

async function main(directory: string): Promise<void> {
  const options = process.argv.slice(2);
  const stride = options.includes('--all') ? 1 : defaultStride;
  if ((await pythonVersions()) === undefined) {
    say('Not measured: the peers need a Python with NumPy (SSM_PYTHON names one).');
    return;
  }
  const real = await realSystems(directory, stride);
  const systems = [...syntheticSystems(perKind), ...real.systems];
  for (const note of real.notes) say(`- ${note}`);
  const peers = await runMethods(directory, systems, orders);
  say(`${aboutPymor(peers)}\n`);
  const solved = await solveAll(systems, peers.results);
  const cases = systems.flatMap(({ kind, name }, system): Case[] =>
    solved[system].map(({ order, errors, stored }) => ({
      kind,
      name,
      system,
      order,
      errors,
      stored,
    })),
  );
  printTable(cases);
  printVerdict(cases, denseKinds);
  printMissed(cases);
  const mine = solved.reduce((sum, all) => sum + all.reduce((s, { seconds }) => s + seconds, 0), 0);
  const others = methodsIn(peers.seconds).map(
    (id) => `${methods[id]} ${(peers.seconds[id] ?? 0).toFixed(1)} s`,
  );
  say(
    `Time of all reductions, added over the cores: ours ${mine.toFixed(1)} s, ${others.join(', ')}.`,
  );
  const at = options.indexOf('--json');
  if (at >= 0) writeCases(options[at + 1], cases, systems, peers.results);
}

if (isMainThread) {
  const directory = mkdtempSync(join(tmpdir(), 'ssm-bench-'));
  void main(directory).finally(() => {
    rmSync(directory, { recursive: true, force: true });
  });
} else {
  parentPort?.postMessage(solveShare(workerData as Parameters<typeof solveShare>[0]));
}
