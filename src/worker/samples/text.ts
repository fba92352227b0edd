import { basename, dirname, join } from 'node:path';
import { SsmError } from '../../core/errors';
import type { ModelShape } from './arrays';
import { requireTokens } from './inputs';
import { linesOf } from './lines';
import type { SampleOptions } from './options';
import type { Samples, Targets } from './samples';
import { labelsOf } from './targets';
import { readVocabulary, type Vocabulary } from './vocabulary';

/** All texts together have no more tokens than this. */
const mostTokens = 2 ** 28;

/**
 * Sample data in lines of JSON, each with a text and perhaps a label: the text's characters (code points) or words are
 * looked up in a vocabulary, unknown ones get a token of their own or are left out, the rest is cut, and the end token
 * added.
 */
export async function textSamples(
  path: string,
  options: SampleOptions,
  { input, output }: ModelShape,
  signal?: AbortSignal,
): Promise<Omit<Samples, 'close'>> {
  if (input.kind !== 'tokens') {
    throw new SsmError(
      'bad-request',
      `The model takes ${input.width} features a position, not a text.`,
    );
  }
  if (options.vocabulary === undefined) {
    throw new SsmError('bad-request', 'A text needs the vocabulary of the model: vocabulary=FILE');
  }
  const vocabulary = await readVocabulary(join(dirname(path), options.vocabulary));
  const texts: Int32Array[] = [];
  const labels: number[] = [];
  let tokens = 0;
  for await (const line of linesOf(path, signal)) {
    if (texts.length >= options.count) break;
    const place = `line ${texts.length + 1}`;
    const example = parseLine(line, place);
    const text = example[options.text];
    if (typeof text !== 'string') {
      throw new SsmError('bad-file', `It has no text in the field "${options.text}".`, { place });
    }
    const tokenised = tokenise(text, vocabulary, options);
    requireTokens(Float64Array.from(tokenised), texts.length, input.vocabulary, 'vocabulary');
    tokens += tokenised.length;
    if (tokenised.length === 0) throw new SsmError('bad-request', 'Its text is empty.', { place });
    if (tokens > mostTokens) {
      throw new SsmError('bad-request', 'The texts are too long together. Use fewer: count=…');
    }
    texts.push(tokenised);
    const label = example[options.label];
    if (label !== undefined) labels.push(labelOf(label, place));
  }
  return {
    count: texts.length,
    description: `${texts.length} texts from ${basename(path)}`,
    targets: textTargets(labels, texts.length, output),
    lengthOf: (index) => texts[index].length,
    sequence: (index) => {
      const x = Float64Array.from(texts[index]);
      return Promise.resolve({ x, width: 1, length: x.length });
    },
  };
}

function textTargets(
  labels: readonly number[],
  count: number,
  output: ModelShape['output'],
): Targets {
  if (labels.length === 0) return { kind: 'none' };
  if (labels.length < count) {
    throw new SsmError('bad-request', `Only ${labels.length} of ${count} texts have a label.`);
  }
  return labelsOf(labels, output, 'labels');
}

function parseLine(line: string, place: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new SsmError('bad-file', 'It is no JSON object.', { place });
}

function labelOf(label: unknown, place: string): number {
  const value = typeof label === 'boolean' || typeof label === 'string' ? Number(label) : label;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new SsmError(
    'bad-request',
    `Its label ${JSON.stringify(label).slice(0, 40)} is no whole number.`,
    { place },
  );
}

/** The tokens of a text. */
export function tokenise(
  text: string,
  vocabulary: Vocabulary,
  { level, unknown, end, maxLength }: SampleOptions,
): Int32Array {
  const tokens: number[] = [];
  for (const piece of level === 'characters' ? text : text.split(/\s+/).filter(Boolean)) {
    if (tokens.length >= maxLength) break;
    const token = vocabulary.get(piece) ?? unknown;
    if (token !== undefined) tokens.push(token);
  }
  return Int32Array.from(end === undefined ? tokens : [...tokens, end]);
}
