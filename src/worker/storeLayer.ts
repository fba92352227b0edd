import { SsmError } from '../core/errors';
import type { LayerSystems } from '../core/systems/layer';
import { slotCount } from '../core/systems/kernels';
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
  /** The layer with the best weights for the poles that it has; left out where its weights are to stay. */
  readonly refit?: (rounded: LayerSystems, ridge: number) => Promise<LayerSystems>;
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
/** By how much it may raise the error before the weights are chosen anew for the rounded poles. */
const smallLoss = 1.001;

/** Largest relative error of rounding, for element types with less precision than float32. */
const roundingError: Readonly<Partial<Record<DType, number>>> = {
  float16: 2 ** -11,
  complex32: 2 ** -11,
  bfloat16: 2 ** -8,
  float8_e4m3fn: 2 ** -4,
  float8_e5m2: 2 ** -3,
};
/** That of float32 squared is less than the normal equations of a fit bear; longer types are safe with it too. */
const leastRidge = 1e-13;

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

/**
 * Writes the layer and reads it back. Poles that nearly coincide have large weights that cancel, and rounding them costs
 * much of the accuracy: then the weights are chosen anew for the poles as they are stored, and kept if that is better.
 */
async function attempt<Certificate>(
  reduced: LayerSystems,
  storing: Storing<Certificate>,
): Promise<StoredLayer<Certificate>> {
  const { family, values, expectedError, errorOf, refit } = storing;
  const rounded = await writeAndRead(reduced, storing);
  if (refit === undefined || errorOf(rounded.certificate) <= smallLoss * expectedError) {
    return rounded;
  }
  const order = family.orderForSlots(slotCount(reduced));
  const { stored } = roundTrip(reduced, { ...storing, order });
  const refitted = await refit(stored, ridgeFor(values));
  const second = await writeAndRead(refitted, storing).catch(passUnlessUnfit);
  const better = second !== undefined && errorOf(second.certificate) < errorOf(rounded.certificate);
  return better ? second : rounded;
}

async function writeAndRead<Certificate>(
  reduced: LayerSystems,
  storing: Storing<Certificate>,
): Promise<StoredLayer<Certificate>> {
  const { edits, stored } = roundTrip(reduced, storing);
  return { edits, stored, certificate: await storing.certify(stored), notes: [] };
}

function roundTrip<Certificate>(
  reduced: LayerSystems,
  { family, site, hyper, values, order }: Storing<Certificate>,
): Pick<StoredLayer<Certificate>, 'edits' | 'stored'> {
  const slots = family.slotsForOrder(order);
  const edits = family.write(site, padLayer(reduced, slots), values, hyper);
  return { edits, stored: family.read({ ...site, order, slots }, withEdits(values, edits), hyper) };
}

/** The ridge that keeps weights from cancelling beyond what the element types hold. */
function ridgeFor(values: ReadonlyMap<string, TensorValues>): number {
  const errors = [...values.values()].map(({ info }) => roundingError[info.dtype] ?? 0);
  return Math.max(leastRidge, Math.max(...errors) ** 2);
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
