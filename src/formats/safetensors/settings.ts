import { SsmError } from '../../core/errors';
import type { RecordedSetting, SettingEdit } from '../checkpoint';
import { jsonSetting, parseJson, type JsonNode } from '../json';
import { textSetting } from '../settingValue';

/** A value in a metadata string: `start` and `end` say where in the string it is written. */
interface MetadataSetting extends RecordedSetting {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/**
 * What the metadata records: strings that are a whole number ("64") as that number, the leaves of strings that are JSON
 * objects ('{"model": {"d_state": 64}}'), and all other strings as they are.
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
  if (found === undefined || !Number.isSafeInteger(found.value))
    throw new SsmError(
      'bad-request',
      `The file records no whole number under ${JSON.stringify(path.join('.'))}.`,
    );
  return found;
}

function settingsIn(key: string, text: string): MetadataSetting[] {
  const root = /^\s*(\{|-?\d{1,16}\s*$)/.test(text) ? parsed(text) : undefined;
  if (root !== undefined) return leaves(root, [key], key);
  return [{ path: [key], key, value: textSetting(text), start: 0, end: text.length }];
}

function parsed(text: string): JsonNode | undefined {
  try {
    return parseJson(text, 'metadata');
  } catch (error) {
    // A string that only looks like JSON is a string.
    if (SsmError.is(error)) return undefined;
    throw error;
  }
}

function leaves(node: JsonNode, path: readonly string[], key: string): MetadataSetting[] {
  if (node.kind === 'object')
    return [...node.members].flatMap(([name, member]) => leaves(member, [...path, name], key));
  if (node.kind === 'array')
    return node.items.flatMap((item, index) => leaves(item, [...path, String(index)], key));
  const { start, end } = node;
  return [{ path, key, value: jsonSetting(node), start, end }];
}
