import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runPeer } from './python';
import { toJson, type BenchSystem, type ModesJson } from './systems';

/** The peers of the quality benchmark, by the names bench/peers/run.py gives them. */
export const methods = {
  algorithm1: 'Algorithm 1',
  balancedComplex: 'balanced, complex',
  balancedReal: 'balanced, real',
  irka: 'IRKA',
  pymorBalanced: 'pyMOR, balanced',
  pymorIrka: 'pyMOR, IRKA',
} as const;
export type MethodId = keyof typeof methods;

/** For each system: what each method that ran found for each order, null where it failed. */
export type PeerResults = readonly Readonly<
  Partial<Record<MethodId, Readonly<Record<string, ModesJson | null>>>>
>[];

/** Something of each method that ran. */
export type PerMethod = Readonly<Partial<Record<MethodId, number>>>;

export interface PeerRun {
  readonly results: PeerResults;
  /** The version of pyMOR, null where Python has none. */
  readonly pymor: string | null;
  /** Seconds of each method over all systems, added over the processes. */
  readonly seconds: PerMethod;
  /** Cases in which each method got nowhere. */
  readonly failed: PerMethod;
}

/** The methods that ran, in the order of the table. */
export function methodsIn(record: object): MethodId[] {
  return (Object.keys(methods) as MethodId[]).filter((id) => id in record);
}

/** The orders a system can be reduced to. */
export function ordersOf({ system }: BenchSystem, orders: readonly number[]): number[] {
  return orders.filter((order) => order < system.poles.re.length);
}

/** Runs every peer on every system and order, on all cores. */
export async function runMethods(
  directory: string,
  systems: readonly BenchSystem[],
  orders: readonly number[],
): Promise<PeerRun> {
  const [jobs, found] = [join(directory, 'jobs.json'), join(directory, 'found.json')];
  const listed = systems.map((one) => ({
    ...toJson(one.system),
    step: one.system.step,
    horizon: one.horizon,
    orders: ordersOf(one, orders),
  }));
  writeFileSync(jobs, JSON.stringify(listed));
  const said = await runPeer('run.py', jobs, found, String(availableParallelism()));
  const results = JSON.parse(readFileSync(found, 'utf8')) as PeerResults;
  return { results, ...(said as Omit<PeerRun, 'results'>) };
}
