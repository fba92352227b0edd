import { SsmError } from '../../core/errors';
import type { FolderSource } from '../byteSource';
import { parseJson, type JsonNode } from '../json';
import { patchText, readText } from './config';

/** The index of a sharded checkpoint: which tensor lies in which file. */
export interface ShardIndex {
  readonly file: string;
  readonly text: string;
  /** Tensor name to file name, in the order of the index. */
  readonly files: ReadonlyMap<string, string>;
  /** The totals that it states, with the place of the number in the text. */
  readonly totals: readonly Total[];
}

interface Total {
  readonly of: 'bytes' | 'parameters';
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

const TOTALS: Readonly<Record<string, Total['of']>> = {
  total_size: 'bytes',
  total_parameters: 'parameters',
};

/** Reads `*.index.json`. A file name that is no plain name of a file beside it is `bad-file`. */
export async function readIndex(
  folder: FolderSource,
  file: string,
  signal?: AbortSignal,
): Promise<ShardIndex> {
  const text = await readText(await folder.open(file), file, signal);
  const root = parseJson(text, file);
  const map = root.kind === 'object' ? root.members.get('weight_map') : undefined;
  if (root.kind !== 'object' || map?.kind !== 'object')
    throw new SsmError(
      'unsupported-file',
      'It is JSON, but not the index of a sharded checkpoint.',
      {
        place: file,
      },
    );
  const present = new Set(folder.files);
  const files = new Map<string, string>();
  for (const [name, node] of map.members) {
    const place = `${file}, tensor ${JSON.stringify(name.slice(0, 200))}`;
    if (node.kind !== 'string') throw new SsmError('bad-file', 'Its file is no text.', { place });
    if (!present.has(node.value)) {
      const shown = JSON.stringify(node.value.slice(0, 200));
      throw new SsmError('bad-file', `There is no file ${shown} beside the index.`, { place });
    }
    files.set(name, node.value);
  }
  return { file, text, files, totals: readTotals(root.members.get('metadata')) };
}

function readTotals(metadata: JsonNode | undefined): Total[] {
  if (metadata?.kind !== 'object') return [];
  return Object.entries(TOTALS).flatMap(([key, of]) => {
    const node = metadata.members.get(key);
    return node?.kind === 'number' && Number.isSafeInteger(node.value)
      ? [{ of, value: node.value, start: node.start, end: node.end }]
      : [];
  });
}

/** The index with its totals changed by so much. */
export function patchIndex(
  { text, totals }: ShardIndex,
  change: Readonly<Record<Total['of'], number>>,
): string {
  return patchText(
    text,
    totals.map(({ of, value, start, end }) => ({ start, end, text: String(value + change[of]) })),
  );
}
