import {
  engineNames,
  searchEngineIds,
  type EngineChoice,
  type EngineDevice,
  type EngineRecord,
  type EngineTrial,
  type SearchEngineId,
} from '../../protocol/engines';
import type { Engine } from '../engine';
import {
  apart,
  fitTogether,
  searchesIn,
  searchWith,
  together,
  type Piece,
  type Searches,
} from './pieces';
import type { SearchEngine, SearchKind, SearchResult } from './searchEngine';
import { reasonOf, tryEngine, type OpenEngine, type Tried } from './trial';

/** Seconds of work left on the processor below which no device is started: that takes as long. */
export const worthwhileSeconds = 5;

/** What was decided: the engine to use, undefined for the processor alone, and the record of it. */
export interface Decision {
  readonly engine?: SearchEngine;
  readonly record: EngineRecord;
  readonly notes: readonly string[];
}

export interface Means {
  /** The processor's threads. */
  readonly inner: Engine;
  readonly open: OpenEngine;
  /** Seconds that pass. */
  readonly clock: () => number;
}

type Timings = EngineRecord['timings'];

/** Takes the engine that was named for a kind of searches, or says why it cannot be used. */
export async function takeNamed(
  choice: SearchEngineId,
  kind: SearchKind,
  { open }: Means,
): Promise<Decision> {
  const { trial, engine } = await tryEngine(choice, open, [kind]);
  const common = { requested: choice, timings: [], tried: [trial] };
  const name = engineNames[choice];
  if (engine === undefined) {
    const why = `${name} was asked for and cannot be used: ${trial.verdict}`;
    return {
      record: { ...common, used: 'cpu', why },
      notes: [`${why} Everything was computed on the processor.`],
    };
  }
  const { device } = engine;
  return {
    engine,
    record: { ...common, used: choice, device, why: `${name} was asked for.` },
    notes: noGpu(name, device),
  };
}

/** What has to be said of a device that is no GPU. */
function noGpu(engine: string, { kind, name }: EngineDevice): string[] {
  if (kind === 'gpu') return [];
  return [
    kind === 'cpu'
      ? `${engine} used no GPU: ${name}.`
      : `${engine} computed on ${name}, which is not a GPU.`,
  ];
}

/**
 * Takes the fastest: every engine that runs on a GPU and passes its self-test is timed on a piece of the work at hand.
 *
 * @param sample pieces that the processor has done already
 * @param cpuSeconds that it needed, a system
 * @param left systems that are still to be done
 */
export async function takeFastest(
  sample: readonly Piece<unknown>[],
  cpuSeconds: number,
  left: number,
  means: Means,
): Promise<Decision> {
  const timings: { engine: SearchEngineId | 'cpu'; secondsPerSystem: number }[] = [
    { engine: 'cpu', secondsPerSystem: cpuSeconds },
  ];
  if (left * cpuSeconds < worthwhileSeconds) {
    const why = `The processor needs about ${(left * cpuSeconds).toPrecision(2)} s for what is left: too little for a GPU.`;
    return { record: onProcessor('auto', why, timings), notes: [] };
  }
  const tried: Tried[] = [];
  const notes: string[] = [];
  let best: { readonly engine: SearchEngine; readonly seconds: number } | undefined;
  for (const id of searchEngineIds) {
    const one = await tryEngine(id, means.open, [sample[0].kind]);
    tried.push(one);
    const { engine, trial } = one;
    if (trial.selfTest?.passed === false) notes.push(wrong(trial));
    if (engine === undefined) continue;
    const seconds = await timed(engine, sample, means, notes);
    if (seconds !== undefined) timings.push({ engine: id, secondsPerSystem: seconds });
    if (seconds !== undefined && seconds < (best?.seconds ?? cpuSeconds)) {
      await best?.engine.dispose();
      best = { engine, seconds };
    } else await engine.dispose();
  }
  const trials = tried.map(({ trial }) => trial);
  if (best === undefined) {
    const why =
      timings.length > 1 ? 'The processor was the fastest.' : 'No GPU can be used by any engine.';
    return { record: onProcessor('auto', why, timings, trials), notes };
  }
  const { engine, seconds } = best;
  const why = `${engineNames[engine.id]} was ${(cpuSeconds / seconds).toPrecision(2)} times as fast as the processor alone.`;
  return {
    engine,
    record: {
      ...{ requested: 'auto', used: engine.id, device: engine.device, why },
      ...{ timings, tried: trials },
    },
    notes,
  };
}

function wrong({ engine, device }: EngineTrial): string {
  return `${engineNames[engine]} computes wrongly on ${device?.name ?? 'its device'} and is not used: it failed its self-test.`;
}

/** The record of a run without an engine. */
export function onProcessor(
  requested: EngineChoice,
  why: string,
  timings: Timings = [],
  tried: EngineRecord['tried'] = [],
): EngineRecord {
  return { requested, used: 'cpu', why, timings, tried };
}

/** Searches that are done together: layers and orders may be of different sizes. */
function alike(all: readonly Searches[]): Searches[][] {
  const groups: Searches[][] = [];
  for (const one of all) {
    if (searchesIn(one) === 0) continue;
    const group = groups.find(([first]) => fitTogether(first, one));
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  return groups;
}

/** Seconds a system with this engine; undefined where it is no GPU or failed. */
async function timed(
  engine: SearchEngine,
  sample: readonly Piece<unknown>[],
  { inner, clock }: Means,
  notes: string[],
): Promise<number | undefined> {
  if (engine.device.kind !== 'gpu') return undefined;
  try {
    const count = sample.reduce((sum, piece) => sum + piece.count, 0);
    const begin = clock();
    const all = await Promise.all(sample.map((piece) => piece.prepare(inner)));
    const prepared = clock();
    const groups = alike(all.flatMap(({ searches }) => searches));
    const found = new Map<Searches, SearchResult>();
    let onDevice = 0;
    for (const group of groups) {
      const batch = together(group);
      await searchWith(engine, batch); // compiles what depends on sizes
      const warm = clock();
      const results = apart(await searchWith(engine, batch), group);
      onDevice += clock() - warm;
      group.forEach((searches, i) => found.set(searches, results[i]));
    }
    const searched = clock();
    await Promise.all(
      all.map((piece) =>
        piece.finish(
          inner,
          piece.searches.map((one) => found.get(one)),
        ),
      ),
    );
    const onCpu = prepared - begin + (clock() - searched);
    // the device and the processor work at the same time
    return Math.max(onCpu, onDevice) / count;
  } catch (error) {
    notes.push(`${engineNames[engine.id]} failed while it was timed: ${reasonOf(error)}`);
    return undefined;
  }
}
