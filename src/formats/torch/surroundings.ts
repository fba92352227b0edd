import type { TensorRole } from '../tensor';

/** Where a value lies in the checkpoint and what that says about it. */
export interface Surroundings {
  readonly path: Path | undefined;
  readonly depth: number;
  /** Inherited: inside an optimizer, or inside what is no weight (random states, training loops), or neither. */
  readonly scope: 'open' | 'optimizer' | 'aside';
  /** Inherited: inside a pickled `torch.nn.Module`. */
  readonly inModule: boolean;
  /** The value stands directly in a state dict or among a module's parameters. */
  readonly weight: boolean;
  /** No number in here is a setting (arguments and private states of unknown objects, optimizers). */
  readonly silent: boolean;
}

/** A path as a list from its end, so that deep files cost no copying. */
export interface Path {
  readonly parent: Path | undefined;
  readonly segment: string;
}

export const OUTSIDE: Surroundings = {
  path: undefined,
  depth: 0,
  scope: 'open',
  inModule: false,
  weight: false,
  silent: false,
};

const OPTIMIZER_KEY = /^optim(izers?)?(_[^.]*)?$|^[^.]*_optim(izer)?s?$/i;
const ASIDE_KEY = /^([^.]*_)?rng(_states?)?$|^(loops|callbacks|lr_schedulers?)$/i;

/** The surroundings one key further in. */
export function under(from: Surroundings, segment: string): Surroundings {
  const scope =
    from.scope !== 'open'
      ? from.scope
      : OPTIMIZER_KEY.test(segment)
        ? 'optimizer'
        : ASIDE_KEY.test(segment)
          ? 'aside'
          : 'open';
  return {
    path: { parent: from.path, segment },
    depth: from.depth + 1,
    scope,
    inModule: from.inModule,
    weight: false,
    silent: from.silent || scope === 'optimizer',
  };
}

/** The same place one level deeper, for attributes that a person does not spell. */
export function within(from: Surroundings): Surroundings {
  return { ...from, depth: from.depth + 1, weight: false };
}

export function roleIn({ scope, weight }: Surroundings): TensorRole {
  if (scope === 'optimizer') return 'optimizer';
  return scope === 'open' && weight ? 'model' : 'other';
}

/** Names longer than any that a person gave; a hostile file could else make each of its tensors' names megabytes. */
const LONGEST_NAME = 1000;

/** The path joined by dots; of a very long one, its end. */
export function nameOf(path: Path | undefined): string {
  const names: string[] = [];
  let length = 0;
  for (let at = path; at !== undefined; at = at.parent) {
    length += at.segment.length + 1;
    if (length > LONGEST_NAME) return ['…', ...names.reverse()].join('.');
    names.push(at.segment);
  }
  return names.reverse().join('.');
}

/** The segments of the path, outermost first. */
export function segments(path: Path | undefined): string[] {
  const names: string[] = [];
  for (let at = path; at !== undefined; at = at.parent) names.push(at.segment);
  return names.reverse();
}
