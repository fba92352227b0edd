import { SsmError } from '../core/errors';
import type { LayerSystems } from '../core/systems/layer';
import { padLayer } from '../core/systems/pad';
import type { Family, LayerSite } from '../families/family';
import type { HyperValues } from '../families/hyperParameters';
import type { TensorEdit } from '../formats/checkpoint';
import type { DType, TensorValues } from '../formats/tensor';

/** A reduced layer on its way into the file. */
export interface Storing<Certificate> {
  readonly family: Family;
  readonly site: LayerSite;
  readonly hyper: HyperValues;
  /** The layer's tensors as they are now. */
  readonly values: ReadonlyMap<string, TensorValues>;
  /** The order that the file gets. */
  readonly order: number;
  /** h² error of the layer before anything was rounded. */
  readonly expectedError: number;
  /** Bounds the error of what was stored. */
  readonly certify: (stored: LayerSystems) => Promise<Certificate>;
  /** The h² error of the layer that a certificate states. */
  readonly errorOf: (certificate: Certificate) => number;
}

export interface StoredLayer<Certificate> {
  readonly edits: readonly TensorEdit[];
  /** What the file holds, rounding included. */
  readonly stored: LayerSystems;
  readonly certificate: Certificate;
  /** What the person has to know. */
  readonly notes: readonly string[];
}

/** By how much rounding to a short element type may raise the error. */
const mostLoss = 1.1;

/** Element types in which poles lose their stability, and what they are widened to. */
const wider: Readonly<Partial<Record<DType, DType>>> = {
  float16: 'float32',
  bfloat16: 'float32',
  float8_e4m3fn: 'float32',
  float8_e5m2: 'float32',
  complex32: 'complex64',
};

/**
 * Puts a reduced layer into the tensors of the original: padded to the order of the file and rounded to the element
 * type of each tensor. Where that type is shorter than float32 and the rounded layer is unstable or more than a tenth
 * worse, the tensors that change become float32.
 *
 * @throws SsmError what the family throws for parameters that cannot be stored
 */
export async function storeLayer<Certificate>(
  reduced: LayerSystems,
  storing: Storing<Certificate>,
): Promise<StoredLayer<Certificate>> {
  const { site, values, expectedError, errorOf } = storing;
  const short = [...values.values()].filter(({ info }) => wider[info.dtype] !== undefined);
  if (short.length === 0) return attempt(reduced, storing);
  const kept = await attempt(reduced, storing).catch(passUnlessUnfit);
  if (kept !== undefined && errorOf(kept.certificate) <= mostLoss * expectedError) return kept;

  const widened = new Map([...values].map(([name, tensor]) => [name, widen(tensor)]));
  const result = await attempt(reduced, { ...storing, values: widened });
  const before = new Map([...values].map(([name, { info }]) => [name, info.dtype]));
  const changed = result.edits.filter(({ name }) => wider[before.get(name) ?? 'float32']);
  const edits = result.edits.map((edit) => {
    const dtype = wider[before.get(edit.name) ?? 'float32'];
    return dtype === undefined ? edit : { ...edit, dtype };
  });
  return { ...result, edits, notes: [explain(site, changed, before, kept === undefined)] };
}

/** Writes the layer and reads it back. */
async function attempt<Certificate>(
  reduced: LayerSystems,
  { family, site, hyper, values, order, certify }: Storing<Certificate>,
): Promise<StoredLayer<Certificate>> {
  const slots = family.slotsForOrder(order);
  const edits = family.write(site, padLayer(reduced, slots), values, hyper);
  const stored = family.read({ ...site, order, slots }, withEdits(values, edits), hyper);
  return { edits, stored, certificate: await certify(stored), notes: [] };
}

/** The tensors with new contents for some. Throws `internal` where there is no tensor for an edit. */
export function withEdits(
  values: ReadonlyMap<string, TensorValues>,
  edits: readonly TensorEdit[],
): Map<string, TensorValues> {
  const edited = new Map(values);
  for (const { name, shape, dtype, values: numbers } of edits) {
    const info = values.get(name)?.info;
    if (info === undefined) throw new SsmError('internal', `No tensor ${name} to write to.`);
    edited.set(name, { info: { ...info, shape, dtype: dtype ?? info.dtype }, values: numbers });
  }
  return edited;
}

/** Rounded parameters that mean no stable layer are a reason to round less; anything else is a failure. */
function passUnlessUnfit(error: unknown): undefined {
  const unfit =
    SsmError.is(error) && (error.reason === 'unstable' || error.reason === 'bad-parameters');
  if (!unfit) throw error;
}

function widen(tensor: TensorValues): TensorValues {
  const { info, values } = tensor;
  return { info: { ...info, dtype: wider[info.dtype] ?? info.dtype }, values };
}

function explain(
  { name }: LayerSite,
  changed: readonly TensorEdit[],
  before: ReadonlyMap<string, DType>,
  unstable: boolean,
): string {
  const types = [...new Set(changed.map((edit) => before.get(edit.name)))].join(', ');
  const names = changed.map((edit) => edit.name).join(', ');
  const why = unstable ? 'be unstable' : 'lose more than a tenth of its accuracy';
  return (
    `Layer ${name} would ${why} in ${types}: ${names} are written as float32. ` +
    'Load them into parameters of float32.'
  );
}
