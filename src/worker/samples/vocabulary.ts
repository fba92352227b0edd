import { readFile } from 'node:fs/promises';
import { SsmError } from '../../core/errors';
import { cannotRead } from '../fileErrors';

/** Tokens by what stands for them in a text. */
export type Vocabulary = ReadonlyMap<string, number>;

const largest = 50_000_000;

/** A vocabulary file: a JSON list (the index is the token) or a dictionary to tokens. Throws `bad-file`. */
export async function readVocabulary(path: string): Promise<Vocabulary> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw cannotRead(error, path);
  });
  if (text.length > largest) throw notOne(path, 'it is too large');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw notOne(path, error instanceof Error ? error.message : 'it is no JSON');
  }
  const entries: [unknown, unknown][] = Array.isArray(parsed)
    ? parsed.map((piece: unknown, token) => [piece, token])
    : typeof parsed === 'object' && parsed !== null
      ? Object.entries(parsed)
      : [];
  if (entries.length === 0) throw notOne(path, 'it is no list and no dictionary');
  const vocabulary = new Map<string, number>();
  for (const [piece, token] of entries) {
    if (typeof piece !== 'string' || typeof token !== 'number' || !Number.isInteger(token)) {
      throw notOne(path, 'it does not map texts to whole numbers');
    }
    vocabulary.set(piece, token);
  }
  return vocabulary;
}

function notOne(path: string, why: string): SsmError {
  return new SsmError('bad-file', `This is no vocabulary: ${why}.`, { file: path });
}
