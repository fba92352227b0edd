import { SsmError } from '../../core/errors';
import type { RecordedSetting, SettingEdit } from '../checkpoint';
import { parseJson, type JsonNode } from '../json';

/** A whole number in a metadata string: `start` and `end` say where in the string it is written. */
interface MetadataSetting extends RecordedSetting {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The whole numbers that the metadata records: strings that are one ("64") and the leaves of strings that are JSON
 * objects ('{"model": {"d_state": 64}}'). A string that is neither is left alone.
 */
export function metadataSettings(
  metadata: ReadonlyMap<string, string> | undefined,
): MetadataSetting[] {
  return [...(metadata ?? [])].flatMap(([key, text]) => settingsIn(key, text));
}

/** The metadata with new numbers written in the place of the old ones. */
export function editMetadata(
  metadata: ReadonlyMap<string, string> | undefined,
  edits: readonly SettingEdit[],
): ReadonlyMap<string, string> | undefined {
  const settings = metadataSettings(metadata);
  const chosen = edits.map((edit) => ({ setting: find(settings, edit), value: edit.value }));
  if (metadata === undefined) return undefined;
  const edited = new Map(metadata);
  // From the back of each string, so that the earlier places stay valid.
  chosen.sort((a, b) => b.setting.start - a.setting.start);
  for (const { setting, value } of chosen) {
    if (!Number.isSafeInteger(value))
      throw new SsmError('bad-request', `${value} is not a whole number.`);
    const text = edited.get(setting.key)!;
    edited.set(setting.key, text.slice(0, setting.start) + String(value) + text.slice(setting.end));
  }
  return edited;
}

function find(settings: readonly MetadataSetting[], { path }: SettingEdit): MetadataSetting {
  const wanted = JSON.stringify(path);
  const found = settings.find((setting) => JSON.stringify(setting.path) === wanted);
  if (found === undefined)
    throw new SsmError(
      'bad-request',
      `The file records no number under ${JSON.stringify(path.join('.'))}.`,
    );
  return found;
}

function settingsIn(key: string, text: string): MetadataSetting[] {
  if (!/^\s*(\{|-?\d{1,16}\s*$)/.test(text)) return [];
  const root = parsed(text);
  return root === undefined ? [] : leaves(root, [key], key);
}

function parsed(text: string): JsonNode | undefined {
  try {
    return parseJson(text, 'metadata');
  } catch (error) {
    // A string that only looks like JSON is not for us.
    if (SsmError.is(error)) return undefined;
    throw error;
  }
}

function leaves(node: JsonNode, path: readonly string[], key: string): MetadataSetting[] {
  if (node.kind === 'number')
    return Number.isSafeInteger(node.value)
      ? [{ path, key, value: node.value, start: node.start, end: node.end }]
      : [];
  if (node.kind === 'object')
    return [...node.members].flatMap(([name, member]) => leaves(member, [...path, name], key));
  if (node.kind === 'array')
    return node.items.flatMap((item, index) => leaves(item, [...path, String(index)], key));
  return [];
}
