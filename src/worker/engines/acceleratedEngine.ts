import { engineNames, type EngineChoice, type EngineRecord } from '../../protocol/engines';
import type { Engine } from '../engine';
import type { TaskKind, Tasks } from '../tasks';
import { onProcessor, takeFastest, takeNamed, type Decision, type Means } from './decide';
import { pieceOf, type Piece } from './pieces';
import { whyTaskStays } from './processorOnly';
import type { SearchEngine, SearchKind } from './searchEngine';
import { SearchQueue } from './searchQueue';
import { reasonOf, type OpenEngine } from './trial';

/** Systems that the processor does first, and that engines are timed with. */
export const sampleSystems = 128;

export interface Acceleration {
  readonly choice: Exclude<EngineChoice, 'cpu'>;
  readonly open: OpenEngine;
  /** Systems that the run will reduce. */
  readonly expected: number;
  readonly clock?: () => number;
}

/**
 * The processor's threads with an engine beside them: where it is worth while, independent systems are searched for there
 * too, in single precision. The threads search all the same, in double, and finish what the engine found where it is
 * lower: no result is worse than without. Fails with nothing that the threads would not fail with: when the engine does,
 * they go on alone, and the notes say so.
 */
export class AcceleratedEngine implements Engine {
  private readonly means: Means;
  private readonly ownNotes: string[] = [];
  private readonly sample: Piece<unknown>[] = [];
  private readonly sampleDone: Promise<unknown>[] = [];
  /** Why some of the searches stay with the processor. */
  private readonly stayed = new Set<string>();
  private sampled = 0;
  /** Systems searched for on the engine, and those in which it found less than the threads. */
  private found = { searched: 0, lower: 0 };
  /** Of the first piece: an engine is tested, timed and used for that kind. */
  private searched: SearchKind | undefined;
  private began = 0;
  private decision: Promise<SearchQueue | undefined> | undefined;
  private engine: SearchEngine | undefined;
  private stopped = false;
  private record: EngineRecord;

  constructor(
    private readonly inner: Engine,
    private readonly options: Acceleration,
  ) {
    const { open, clock = () => performance.now() / 1000 } = options;
    this.means = { inner, open, clock };
    const few = options.choice === 'auto' && options.expected <= sampleSystems;
    const why = few
      ? `${options.expected} systems are too few for a GPU.`
      : 'There was nothing that engines search for.';
    this.record = onProcessor(options.choice, why);
  }

  get threads(): number {
    return this.inner.threads;
  }

  get kernels(): Engine['kernels'] {
    return this.inner.kernels;
  }

  get notes(): readonly string[] {
    return [...this.inner.notes, ...this.ownNotes];
  }

  /** What was decided, and why. */
  get search(): EngineRecord {
    const stayed = [...this.stayed].map((why) => ({ why }));
    return {
      ...this.record,
      ...(this.found.searched === 0 ? {} : { found: this.found }),
      ...(stayed.length === 0 ? {} : { processor: stayed }),
    };
  }

  run<K extends TaskKind>(kind: K, input: Tasks[K]['input']): Promise<Tasks[K]['output']> {
    const stays = whyTaskStays(kind, input);
    if (stays !== undefined) this.stayed.add(stays);
    const piece = pieceOf(kind, input);
    this.searched ??= piece?.kind;
    return piece === undefined || piece.kind !== this.searched
      ? this.inner.run(kind, input)
      : this.reduce(piece);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([this.inner.stop(), this.engine?.dispose()]);
  }

  private async reduce<Output>(piece: Piece<Output>): Promise<Output> {
    if (this.options.choice === 'auto' && this.sampled < sampleSystems) return this.first(piece);
    this.decision ??= this.decide(piece.kind);
    const queue = await this.decision;
    if (queue === undefined || queue.lost) return piece.alone(this.inner);
    const ready = piece.prepare(this.inner);
    const found = await queue.search(ready.then(({ searches }) => searches));
    const output = await (await ready).finish(this.inner, found);
    if (piece.lowerIn !== undefined && found.some((one) => one !== undefined)) {
      const { searched, lower } = this.found;
      this.found = { searched: searched + piece.count, lower: lower + piece.lowerIn(output) };
    }
    return output;
  }

  /** The first pieces are the processor's, and tell what the others would take. */
  private first<Output>(piece: Piece<Output>): Promise<Output> {
    if (this.sampled === 0) this.began = this.means.clock();
    this.sampled += piece.count;
    this.sample.push(piece);
    const done = piece.alone(this.inner);
    this.sampleDone.push(done);
    if (this.sampled >= sampleSystems) this.decision = this.decide(piece.kind);
    return done;
  }

  private async decide(kind: SearchKind): Promise<SearchQueue | undefined> {
    const { choice, expected } = this.options;
    let decision: Decision;
    if (choice === 'auto') {
      try {
        await Promise.all(this.sampleDone);
      } catch {
        return undefined; // who asked for the piece hears of it
      }
      const seconds = (this.means.clock() - this.began) / this.sampled;
      decision = await takeFastest(this.sample, seconds, expected - this.sampled, this.means);
    } else decision = await takeNamed(choice, kind, this.means);
    this.record = decision.record;
    this.ownNotes.push(...decision.notes);
    const { engine } = decision;
    if (engine === undefined) return undefined;
    this.engine = engine;
    if (this.stopped) await engine.dispose();
    return new SearchQueue(engine, (error) => {
      if (this.stopped) return;
      const lost = `${engineNames[engine.id]} on ${engine.device.name} was lost: ${reasonOf(error)}`;
      this.record = { ...this.record, lost };
      this.ownNotes.push(`${lost} The processor did what was left.`);
      void engine.dispose();
    });
  }
}
