import type { CalibrationParams } from '../../protocol/calibration';
import type { Store } from '../answers/memory';

/** Sample data, and how it is read. */
export type SampleData = Pick<
  CalibrationParams,
  'data' | 'dataSettings' | 'test' | 'testSettings' | 'sequences' | 'without' | 'refine'
>;

/** Remembers, in the workspace, the sample data that each checkpoint was used with. */
export interface SampleMemory {
  /** What this checkpoint was used with last. */
  recall(file: string): SampleData | undefined;
  /** The data used last with any checkpoint, each file once, newest first. */
  recent(): SampleData[];
  remember(file: string, sample: SampleData): Promise<void>;
}

const key = 'samples';
/** So many checkpoints are remembered, and so many files of data offered. */
const mostFiles = 200;
const mostOffered = 5;

export function createSampleMemory(state: Store): SampleMemory {
  const all = (): readonly (readonly [string, SampleData])[] =>
    state.get<readonly (readonly [string, SampleData])[]>(key, []);
  return {
    recall: (file) => all().find(([path]) => path === file)?.[1],
    recent() {
      const newest = all()
        .map(([, sample]) => sample)
        .reverse();
      const first = newest.filter(
        ({ data }, i) => newest.findIndex((other) => other.data === data) === i,
      );
      return first.slice(0, mostOffered);
    },
    async remember(file, sample) {
      const others = all().filter(([path]) => path !== file);
      await state.update(key, [...others, [file, sample]].slice(-mostFiles));
    },
  };
}
