import { itemAt, type PickleProgram } from '../pickle/nodes';
import type { StoredTensor } from './storedTensor';

/**
 * Chooses the storage key for new contents of a tensor: the old key if nothing else in the pickle refers to that
 * storage or to any object on the way to it, else a new one, so that whoever shares it keeps the old contents.
 */
export function keyChooser(
  program: PickleProgram,
  existing: Iterable<string>,
): (stored: StoredTensor, onlyName: boolean) => string {
  const references = countReferences(program);
  const taken = new Set(existing);
  let next = [...taken].reduce(
    (highest, key) => (/^\d{1,15}$/.test(key) ? Math.max(highest, Number(key)) : highest),
    -1,
  );
  return (stored, onlyName) => {
    const { key } = stored.storage;
    if (onlyName && references.get(key) === 1 && !isShared(stored)) return key;
    do next++;
    while (taken.has(String(next)));
    taken.add(String(next));
    return String(next);
  };
}

function isShared({ recipe, storage }: StoredTensor): boolean {
  const calls = recipe.layers.flatMap((layer) => [layer, layer.args.node]);
  return [...calls, recipe.args, storage.reference, storage.reference.id.node].some(
    (node) => 'shared' in node && node.shared,
  );
}

function countReferences({ persistent }: PickleProgram): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of storageKeysIn({ persistent })) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The storage key of every reference in a pickle. */
export function storageKeysIn({ persistent }: Pick<PickleProgram, 'persistent'>): string[] {
  return persistent.flatMap(({ id }) => {
    const key = itemAt(id.node, 2)?.node;
    return key?.kind === 'str' ? [key.value] : [];
  });
}
