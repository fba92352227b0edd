import { SsmError } from '../core/errors';
import type { Family, FamilyId, LayerSite } from '../families/family';
import { firstFeatures } from '../families/firstFeatures';
import type { HyperParameter, HyperValues } from '../families/hyperParameters';
import { familyOf } from '../families/recognise';
import type { Checkpoint } from '../formats/checkpoint';
import type { TensorValues } from '../formats/tensor';
import type { OpenQuestion } from '../protocol/worker';
import { hyperOf, type SettledLayer } from './hyper';

/** A reading is looked at in one layer of a family only, and in few: what is absurd shows in the first already. */
const mostLayers = 3;
/** And in one feature of those: reading all of a layer with dense states takes minutes. */
const mostFeatures = 1;

/** Several questions are open, and an option of one was tried with the usual answers to the others. */
const proviso = '(The other open questions answered as usual.)';

/** Why an option cannot be meant. */
type Absurd = ReadonlyMap<string, string>;

/**
 * The questions with a remark at each option that can hardly be meant: with it, and the usual values of what else is
 * open, the family finds some layer unstable or implausible. The person decides all the same.
 */
export async function markImplausible(
  questions: readonly OpenQuestion[],
  layers: readonly SettledLayer[],
  checkpoint: Checkpoint,
  signal?: AbortSignal,
): Promise<OpenQuestion[]> {
  const findings = new Map<string, Absurd>();
  const families = new Set<FamilyId>();
  for (const layer of layers.filter(({ resolution }) => resolution.open.length > 0)) {
    if (findings.size === mostLayers) break;
    if (families.has(layer.site.family)) continue;
    families.add(layer.site.family);
    findings.set(layer.site.name, await absurdOptions(layer, checkpoint, signal));
  }
  return questions.map((question) => {
    const reasons = question.layers.flatMap((layer) => findings.get(layer) ?? []);
    const options = question.options.map((option) => {
      const reason = reasons
        .map((absurd) => absurd.get(keyOf(question.name, option.value)))
        .find((found) => found !== undefined);
      return reason === undefined ? option : { ...option, implausible: reason };
    });
    return { ...question, options };
  });
}

async function absurdOptions(
  layer: SettledLayer,
  checkpoint: Checkpoint,
  signal?: AbortSignal,
): Promise<Absurd> {
  const { resolution, parameters } = layer;
  const all = new Map<string, TensorValues>();
  for (const name of Object.values(layer.site.tensors)) {
    all.set(name, await checkpoint.readTensor(name, signal));
  }
  const { site, values } = firstFeatures({ site: layer.site, values: all }, mostFeatures);
  const others = { ...usualValues(parameters), ...hyperOf(layer) };
  const complaintAbout = remembering((hyper) =>
    complaintOf(familyOf(site.family), site, values, hyper),
  );
  const absurd = new Map<string, string>();
  for (const { parameter } of resolution.open) {
    const { name, options } = parameter;
    const complaints = options.flatMap(({ value }) => {
      const complaint = complaintAbout({ ...others, [name]: value });
      return complaint === undefined ? [] : [[keyOf(name, value), complaint] as const];
    });
    if (complaints.length === options.length) continue; // the fault lies elsewhere
    for (const [key, complaint] of complaints) {
      absurd.set(key, resolution.open.length === 1 ? complaint : `${complaint} ${proviso}`);
    }
  }
  return absurd;
}

/** The same function, which does not compute anything twice: usual values are tried for every question. */
function remembering(
  compute: (hyper: HyperValues) => string | undefined,
): (hyper: HyperValues) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (hyper) => {
    const key = JSON.stringify(Object.entries(hyper).sort());
    if (!known.has(key)) known.set(key, compute(hyper));
    return known.get(key);
  };
}

function keyOf(name: string, value: string): string {
  return `${name}=${value}`;
}

/** Some value for every parameter. Numbers decide nothing about decay. */
function usualValues(parameters: readonly HyperParameter[]): HyperValues {
  return Object.fromEntries(
    parameters.map(({ name, usual, options }) => [name, usual ?? options.at(0)?.value ?? '1024']),
  );
}

function complaintOf(
  family: Family,
  site: LayerSite,
  values: ReadonlyMap<string, TensorValues>,
  hyper: HyperValues,
): string | undefined {
  try {
    family.read(site, values, hyper);
    return family.implausible?.(site, values, hyper);
  } catch (error) {
    if (SsmError.is(error) && error.reason === 'unstable') return error.message;
    if (SsmError.is(error)) return undefined;
    throw error;
  }
}
