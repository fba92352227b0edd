import { complexMatrix } from '../linalg/matrix';
import type { DiagonalSystem } from '../systems/diagonal';
import { fillPoles } from './fillSlots';
import { reflect } from './reflect';

/**
 * A balanced truncation as the start of a search that needs `order` stable poles and B^: unstable poles reflected, the
 * rest, where the numerical rank is lower, taken from `spare`. C is not kept; the notes say what was done.
 * @param least decay rate given to a reflected pole at least, see `reflect`
 */
export function stableStart(
  truncated: DiagonalSystem,
  spare: DiagonalSystem,
  order: number,
  least?: number,
): { readonly system: DiagonalSystem; readonly notes: string[] } {
  const found = truncated.poles.re.length;
  const { poles, count } = reflect(truncated.poles, least);
  const notes: string[] = [];
  if (count > 0)
    notes.push(`${count} unstable poles of balanced truncation were reflected inside.`);
  if (found === order) return { system: { ...truncated, poles }, notes };
  notes.push(
    `Balanced truncation has numerical rank ${found}; the rest are modes of the original.`,
  );
  const B = complexMatrix(order, truncated.B.cols);
  const missing = (order - found) * B.cols;
  B.re.set(truncated.B.re);
  B.im.set(truncated.B.im);
  B.re.set(spare.B.re.subarray(0, missing), found * B.cols);
  B.im.set(spare.B.im.subarray(0, missing), found * B.cols);
  return { system: { poles: fillPoles(poles, spare.poles, order), B, C: spare.C }, notes };
}
