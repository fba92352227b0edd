import type { HyperValues } from '../../families/hyperParameters';

/** The workspace state of VS Code, as far as it is used. */
export interface Store {
  get<T>(key: string, otherwise: T): T;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** What is remembered of a file: the answers, and for which contents they hold. */
interface Remembered {
  readonly fingerprint: string;
  readonly values: HyperValues;
}

/** So many files are remembered; the ones asked about longest ago are forgotten. */
const mostFiles = 500;
const key = 'answers';
const fieldsKey = 'fields';

/** Remembers, in the workspace, what a person answered for a file as long as its tensors keep their names and shapes. */
export interface AnswerMemory {
  recall(file: string, fingerprint: string): HyperValues;
  remember(file: string, fingerprint: string, values: HyperValues): Promise<void>;
  /** Whether the person left open, in this window, what may stay open. */
  isDeclined(file: string, fingerprint: string): boolean;
  decline(file: string, fingerprint: string): void;
  /** Names of the arrays of a file without, as long as it holds arrays of the same shapes. */
  recallFields(file: string, shapes: string): readonly string[] | undefined;
  rememberFields(file: string, shapes: string, fields: readonly string[]): Promise<void>;
}

/** What is remembered of a file without names. */
interface Named {
  readonly shapes: string;
  readonly fields: readonly string[];
}

export function createAnswerMemory(state: Store): AnswerMemory {
  const all = (): readonly (readonly [string, Remembered])[] =>
    state.get<readonly (readonly [string, Remembered])[]>(key, []);
  const named = (): readonly (readonly [string, Named])[] =>
    state.get<readonly (readonly [string, Named])[]>(fieldsKey, []);
  const recall = (file: string, fingerprint: string): HyperValues => {
    const found = all().find(([path]) => path === file)?.[1];
    return found?.fingerprint === fingerprint ? found.values : {};
  };
  const declined = new Map<string, string>();
  return {
    recall,
    isDeclined: (file, fingerprint) => declined.get(file) === fingerprint,
    decline(file, fingerprint) {
      declined.set(file, fingerprint);
    },
    async remember(file, fingerprint, values) {
      if (Object.keys(values).length === 0) return;
      const entry = { fingerprint, values: { ...recall(file, fingerprint), ...values } };
      const others = all().filter(([path]) => path !== file);
      await state.update(key, [...others, [file, entry]].slice(-mostFiles));
    },
    recallFields(file, shapes) {
      const found = named().find(([path]) => path === file)?.[1];
      return found?.shapes === shapes ? found.fields : undefined;
    },
    async rememberFields(file, shapes, fields) {
      const others = named().filter(([path]) => path !== file);
      await state.update(fieldsKey, [...others, [file, { shapes, fields }]].slice(-mostFiles));
    },
  };
}
