import { SsmError } from '../../core/errors';
import type { ByteSource } from '../byteSource';
import type { RecordedSetting, SettingEdit } from '../checkpoint';
import { jsonSetting, parseJson, type JsonNode } from '../json';

/** The `config.json` of a Hugging Face folder: its settings under the path `config`, and its text to patch. */
export interface ConfigFile {
  readonly text: string;
  readonly settings: readonly ConfigSetting[];
}

interface ConfigSetting extends RecordedSetting {
  readonly start: number;
  readonly end: number;
}

/** No configuration is longer; what is in it must fit into memory several times. */
const MAX_BYTES = 2 ** 24;
const CONTAINER = 'config';

/** Reads and parses `config.json`. Faults are `bad-file`. */
export async function readConfig(source: ByteSource, signal?: AbortSignal): Promise<ConfigFile> {
  const text = await readText(source, 'config.json', signal);
  return { text, settings: leaves(parseJson(text, 'config.json'), [CONTAINER]) };
}

/** The text of a small JSON file. */
export async function readText(
  source: ByteSource,
  place: string,
  signal?: AbortSignal,
): Promise<string> {
  if (source.size > MAX_BYTES)
    throw new SsmError('bad-file', `${source.size} bytes are absurd for it.`, { place });
  const bytes = await source.read(0, source.size, signal);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new SsmError('bad-file', 'It is not UTF-8 text.', { place });
  }
}

/** The text with new whole numbers in the place of old ones; all else stays as it was written. */
export function patchConfig({ text, settings }: ConfigFile, edits: readonly SettingEdit[]): string {
  const patches = edits.map(({ path, value }) => {
    const wanted = JSON.stringify(path);
    const found = settings.find((setting) => JSON.stringify(setting.path) === wanted);
    if (found === undefined || !Number.isSafeInteger(found.value) || !Number.isSafeInteger(value))
      throw new SsmError('bad-request', 'The file records no such whole number.', {
        place: `setting ${JSON.stringify(path.join('.'))}`,
      });
    return { start: found.start, end: found.end, text: String(value) };
  });
  return patchText(text, patches);
}

/** The text with ranges replaced. */
export function patchText(
  text: string,
  patches: readonly { readonly start: number; readonly end: number; readonly text: string }[],
): string {
  // From the back, so that the earlier places stay valid.
  return [...patches]
    .sort((a, b) => b.start - a.start)
    .reduce(
      (done, { start, end, text: fresh }) => done.slice(0, start) + fresh + done.slice(end),
      text,
    );
}

function leaves(node: JsonNode, path: readonly string[]): ConfigSetting[] {
  if (node.kind === 'object')
    return [...node.members].flatMap(([name, member]) => leaves(member, [...path, name]));
  if (node.kind === 'array')
    return node.items.flatMap((item, index) => leaves(item, [...path, String(index)]));
  const { start, end } = node;
  return [{ path, value: jsonSetting(node), start, end }];
}
