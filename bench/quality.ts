/**
 * Relative h² errors of the recommended solver against the papers' methods in NumPy, on the systems of issue-sized
 * networks: initialisations, perturbed initialisations and real checkpoints. Prints Markdown.
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
import { solveShare, type Solved } from './support/ours';
import { methods, runMethods, type MethodId, type PeerResults } from './support/peers';
import { pythonVersions } from './support/python';
import { realSystems } from './support/realSystems';
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
  readonly errors: Readonly<Record<MethodId | 'ours', number>>;
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

const peerIds = Object.keys(methods) as MethodId[];

function bestPeer({ errors }: Case): number {
  return Math.min(...peerIds.map((id) => errors[id]));
}

function bestOther({ errors }: Case): number {
  return Math.min(...peerIds.filter((id) => id !== 'algorithm1').map((id) => errors[id]));
}

function excess(one: Case): number {
  return one.errors.ours - bestPeer(one);
}

function meanRatio(cases: readonly Case[], peer: (one: Case) => number): number {
  return geometricMean(cases.map((c) => Math.max(c.errors.ours, floor) / Math.max(peer(c), floor)));
}

/** One row a kind and order: geometric means of the relative errors. */
function printTable(cases: readonly Case[]): void {
  const kinds = [...new Set(cases.map(({ kind }) => kind))];
  const rows = kinds.flatMap((kind) =>
    orders.flatMap((order) => {
      const group = cases.filter((c) => c.kind === kind && c.order === order);
      if (group.length === 0) return [];
      const mean = (id: MethodId | 'ours'): string =>
        short(geometricMean(group.map(({ errors }) => Math.max(errors[id], floor))));
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

function printVerdict(cases: readonly Case[]): void {
  const missed = cases
    .filter((one) => excess(one) > tolerance)
    .sort((a, b) => excess(b) - excess(a));
  const share = 100 * (1 - missed.length / cases.length);
  const [alone, other] = [
    meanRatio(cases, (c) => c.errors.algorithm1),
    meanRatio(cases, bestOther),
  ];
  const verdict = (good: boolean): string => (good ? 'reached' : 'MISSED');
  say('');
  say(
    table(
      ['over all systems and orders', 'measured', 'target', ''],
      [
        [
          `ours not above the best peer by more than ${tolerance}`,
          `${share.toFixed(2)} % of ${cases.length}`,
          '≥ 99 %',
          verdict(share >= 99),
        ],
        ['geometric mean, ours / Algorithm 1', short(alone), '≤ 0.85', verdict(alone <= 0.85)],
        ['geometric mean, ours / best other peer', short(other), '≤ 0.90', verdict(other <= 0.9)],
        ...orders.map((order) => {
          const group = cases.filter((c) => c.order === order);
          const ratios = [
            meanRatio(group, (c) => c.errors.algorithm1),
            meanRatio(group, bestOther),
          ];
          return [`the two ratios at ${order} slots`, ratios.map(short).join(', '), '', ''];
        }),
      ],
    ),
  );
  say('');
  if (missed.length === 0) return;
  say(
    `The ${Math.min(missed.length, 20)} largest of the ${missed.length} cases where a peer is better:\n`,
  );
  const rows = missed.slice(0, 20).map((one) => {
    const winner = peerIds.find((id) => one.errors[id] === bestPeer(one)) ?? 'algorithm1';
    const [mine, best] = [one.errors.ours, bestPeer(one)];
    return [
      one.name,
      String(one.order),
      short(mine),
      short(best),
      methods[winner],
      short(mine - best),
    ];
  });
  say(table(['system', 'slots', 'ours', 'best peer', 'which', 'difference'], rows));
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
      peerIds.map((id) => [id, peers[one.system][id][String(one.order)]]),
    );
    return { ...one, L: horizon, slots: one.order, step: system.step, ...toJson(system), found };
  });
  writeFileSync(file, JSON.stringify(full));
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
  if (real.notes.length > 0) say('');
  const peers = await runMethods(directory, systems, orders);
  const solved = await solveAll(systems, peers.results);
  const cases = systems.flatMap(({ kind, name }, system): Case[] =>
    solved[system].map(({ order, errors }) => ({ kind, name, system, order, errors })),
  );
  printTable(cases);
  printVerdict(cases);
  say('');
  const mine = solved.reduce((sum, all) => sum + all.reduce((s, { seconds }) => s + seconds, 0), 0);
  const others = peerIds.map((id) => `${methods[id]} ${peers.seconds[id].toFixed(1)} s`);
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
