import { SsmError } from '../../core/errors';
import { uniqueNames } from '../uniqueNames';

/** The fields of an LRU layer in the order in which its equinox class (compressm, minimal-LRU's port) declares them. */
export const LRU_FIELDS = [
  'nu_log',
  'theta_log',
  'B_re',
  'B_im',
  'C_re',
  'C_im',
  'D',
  'gamma_log',
] as const;

type Field = (typeof LRU_FIELDS)[number];
type Shape = readonly number[];

/** Axes of each field: N states, H inputs and outputs. */
const AXES: Readonly<Record<Field, 'N' | 'H' | 'NH' | 'HN'>> = {
  nu_log: 'N',
  theta_log: 'N',
  B_re: 'NH',
  B_im: 'NH',
  C_re: 'HN',
  C_im: 'HN',
  D: 'H',
  gamma_log: 'N',
};

/**
 * Names for arrays that have none, in the order of the file: runs of arrays whose shapes fit an LRU layer become
 * `lru.0.nu_log`, …, the others `array.0`, … `fields` are the eight fields in another order, or names for all arrays.
 *
 * @throws SsmError `bad-request` where `fields` are neither
 */
export function fieldNames(shapes: readonly Shape[], fields?: readonly string[]): string[] {
  if (fields === undefined || isPermutation(fields)) return lruNames(shapes, fields ?? LRU_FIELDS);
  if (fields.length !== shapes.length)
    throw new SsmError(
      'bad-request',
      `The file holds ${shapes.length} arrays, ${fields.length} names were given. Name all of them in order, or the ` +
        `eight fields of an LRU layer (${LRU_FIELDS.join(', ')}) in the order of its class.`,
    );
  if (fields.some((name) => name === '') || new Set(fields).size !== fields.length)
    throw new SsmError('bad-request', 'Each array needs a name of its own.');
  return [...fields];
}

function isPermutation(fields: readonly string[]): fields is readonly Field[] {
  return fields.length === LRU_FIELDS.length && LRU_FIELDS.every((field) => fields.includes(field));
}

function lruNames(shapes: readonly Shape[], order: readonly Field[]): string[] {
  const unique = uniqueNames();
  const names: string[] = [];
  let layers = 0;
  while (names.length < shapes.length) {
    const run = shapes.slice(names.length, names.length + order.length);
    if (!fits(run, order)) names.push(unique(`array.${names.length}`));
    else {
      names.push(...order.map((field) => unique(`lru.${layers}.${field}`)));
      layers++;
    }
  }
  return names;
}

/** Whether the shapes are those of one layer for some N and H. */
function fits(shapes: readonly Shape[], order: readonly Field[]): boolean {
  if (shapes.length !== order.length) return false;
  const sizes = new Map<string, number>();
  return order.every((field, i) => {
    const axes = AXES[field];
    if (shapes[i].length !== axes.length) return false;
    return shapes[i].every((size, axis) => {
      const known = sizes.get(axes[axis]) ?? size;
      sizes.set(axes[axis], known);
      return known === size;
    });
  });
}
