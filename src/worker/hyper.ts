import { SsmError } from '../core/errors';
import type { LayerSite } from '../families/family';
import type { HyperParameter, HyperValues } from '../families/hyperParameters';
import { familyOf } from '../families/recognise';
import {
  resolveHyperParameters,
  valuesOfResolved,
  type HyperEvidence,
  type HyperResolution,
} from '../families/resolveHyperParameters';
import type { Checkpoint } from '../formats/checkpoint';
import type { HyperAnswers, HyperSummary, OpenQuestion } from '../protocol/worker';
import type { Sidecars } from './sidecars';

/** A layer, with all that is known of what its tensors do not tell. */
export interface SettledLayer {
  readonly site: LayerSite;
  readonly parameters: readonly HyperParameter[];
  readonly resolution: HyperResolution;
}

/** Everything that may tell hyper-parameters of a checkpoint. */
export function evidenceOf(
  checkpoint: Checkpoint,
  { configurations }: Sidecars,
  { given = {}, remembered = {} }: HyperAnswers = {},
): HyperEvidence {
  return { recorded: checkpoint.settings, configurations, given, remembered };
}

/**
 * Resolves the hyper-parameters of every layer.
 *
 * @param alsoKnown names that an answer may have besides those of the layers
 * @throws SsmError `bad-request` where an answer is of no layer or not possible
 */
export function settleLayers(
  sites: readonly LayerSite[],
  evidence: HyperEvidence,
  alsoKnown: readonly HyperParameter[] = [],
): SettledLayer[] {
  const layers = sites.map((site) => ({
    site,
    parameters: familyOf(site.family).hyperParameters?.(site) ?? [],
  }));
  for (const key of Object.keys(evidence.given)) checkAnswer(key, layers, alsoKnown);
  return layers.map(({ site, parameters }) => ({
    site,
    parameters,
    resolution: resolveHyperParameters(parameters, evidence, site.name),
  }));
}

function checkAnswer(
  key: string,
  layers: readonly Pick<SettledLayer, 'site' | 'parameters'>[],
  alsoKnown: readonly HyperParameter[],
): void {
  const { layer, name } = splitAnswerKey(key);
  const concerned = layers.filter(({ site }) => layer === undefined || site.name === layer);
  if (layer !== undefined && concerned.length === 0) {
    throw new SsmError('bad-request', `There is no layer ${layer} to set ${name} for.`);
  }
  const known = [...concerned.flatMap(({ parameters }) => parameters), ...alsoKnown];
  if (known.some((parameter) => parameter.name === name)) return;
  const names = [...new Set(known.map((parameter) => parameter.name))].sort();
  throw new SsmError(
    'bad-request',
    names.length === 0
      ? `There is nothing to set: the tensors tell everything, ${name} among it or of no use.`
      : `There is no ${name} to set. Known: ${names.join(', ')}.`,
  );
}

/** "a.b:disc" is for the layer a.b, "disc" for all. */
function splitAnswerKey(key: string): { readonly layer?: string; readonly name: string } {
  const colon = key.lastIndexOf(':');
  return colon < 0 ? { name: key } : { layer: key.slice(0, colon), name: key.slice(colon + 1) };
}

/** The values for a family's `read` and `write`, as far as they are known. */
export function hyperOf({ resolution }: SettledLayer): HyperValues {
  return valuesOfResolved(resolution.resolved);
}

/** What is known, in the order in which the family lists it. */
export function hyperSummaries({ parameters, resolution }: SettledLayer): HyperSummary[] {
  return parameters.flatMap(({ name, title, options }) => {
    if (!Object.hasOwn(resolution.resolved, name)) return [];
    const { value, from, where } = resolution.resolved[name];
    const label = options.find((option) => option.value === value)?.label ?? value;
    return [{ name, title, value, label, from, ...(where === undefined ? {} : { where }) }];
  });
}

/** Remarks on what was decided, each once. */
export function hyperRemarks(layers: readonly SettledLayer[]): string[] {
  return [...new Set(layers.flatMap(({ resolution }) => resolution.remarks))];
}

/** The questions that are open, those that several layers share once. */
export function openQuestions(layers: readonly SettledLayer[]): OpenQuestion[] {
  const questions = new Map<string, OpenQuestion>();
  for (const { site, resolution } of layers) {
    for (const { parameter, remarks } of resolution.open) {
      const { name, title, options, usual, positiveNumbers = false } = parameter;
      const key = JSON.stringify([name, title, options, remarks]);
      const asked = questions.get(key);
      questions.set(key, {
        ...{ name, title, options, remarks, positiveNumbers },
        ...(usual === undefined ? {} : { usual }),
        layers: [...(asked?.layers ?? []), site.name],
        everywhere: false,
      });
    }
  }
  const all = [...questions.values()];
  return all.map((question) => ({
    ...question,
    everywhere: all.filter(({ name }) => name === question.name).length === 1,
  }));
}

/** Throws `bad-request` with the names of all open questions, so that nothing is computed on a guess. */
export function assertSettled(layers: readonly SettledLayer[]): void {
  const names = [...new Set(openQuestions(layers).map(({ name }) => name))];
  if (names.length === 0) return;
  throw new SsmError(
    'bad-request',
    `Neither the file nor a configuration beside it tells ${names.join(', ')}, on which the model's ` +
      'computation depends, and nothing is guessed.',
  );
}
