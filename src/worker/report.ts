import { SsmError } from '../core/errors';
import type { ComplexVector } from '../core/linalg/complex';
import type { CertifiedErrors, GroupTrace, LayerReduction } from '../core/solve/reduceLayer';
import type { SolverTrace } from '../core/solve/solver';
import { hasKernels, kernelPoles } from '../core/systems/kernels';
import type { LayerSystems } from '../core/systems/layer';
import type { LayerSite } from '../families/family';
import { familyOf } from '../families/recognise';
import type { ByteSink } from '../formats/byteSource';
import type {
  ChannelRecord,
  ErrorRecord,
  GroupRecord,
  LayerRecord,
  Report,
} from '../protocol/report';

/** The systems of one layer before and after, and what the reduction found out about them. */
export interface LayerFindings extends CertifiedErrors {
  readonly original: LayerSystems;
  /** As stored in the file, after rounding. */
  readonly stored: LayerSystems;
  readonly reduction: LayerReduction;
}

/** What a layer became. */
export interface LayerAfter {
  /** As it is stored: untied, say. */
  readonly site: LayerSite;
  /** The order that it was reduced to. */
  readonly order: number;
  /** The order of its tensors, at least `order`. */
  readonly storedOrder: number;
}

/** The record of one layer. */
export function describeLayer(
  before: LayerSite,
  { site, order, storedOrder }: LayerAfter,
  findings: LayerFindings,
): LayerRecord {
  const family = familyOf(site.family);
  const { reduction, errors, parts, stored } = findings;
  const norm = rootSumSquares(reduction.norms) * (1 - slack(reduction.norms));
  return {
    name: site.name,
    family: site.family,
    tying: site.tying,
    channels: site.channels,
    orderBefore: before.order,
    orderAfter: order,
    ...(storedOrder > order ? { orderStored: storedOrder } : {}),
    slotsBefore: before.slots,
    slotsAfter: polesIn(stored, 0).re.length,
    parametersBefore: family.parameters(before, before.order),
    parametersAfter: family.parameters(site, storedOrder),
    norm,
    error: certifiedRecord(errors, norm),
    ...(parts === undefined ? {} : { kernelErrors: parts }),
    ...(reduction.groups === undefined ? {} : { groups: reduction.groups.map(describeGroup) }),
    systems: Array.from(errors, (_, index) => describeChannel(index, findings)),
  };
}

function describeGroup({ kernels, trace }: GroupTrace): GroupRecord {
  return { kernels: [...kernels], trace: describeTrace(trace) };
}

/** The root of the sum of squares of upper bounds, rounded up so that it bounds the layer from above too. */
function certifiedRecord(errors: Float64Array, norm: number): ErrorRecord {
  const absolute = rootSumSquares(errors) * (1 + slack(errors));
  if (!Number.isFinite(absolute)) {
    throw new SsmError('bad-parameters', 'The error of the reduction could not be bounded.');
  }
  const relative = norm > 0 ? (absolute / norm) * (1 + Number.EPSILON) : 0;
  return { absolute, relative, kind: 'certified' };
}

/** What rounding can change in a root of a sum of squares, relative. */
function slack(values: Float64Array): number {
  return (values.length + 4) * Number.EPSILON;
}

/** Scaled, so that squares neither overflow nor vanish: the root of a bound must not be smaller than the bound. */
function rootSumSquares(values: Float64Array): number {
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  if (!(largest > 0 && largest < Infinity)) return largest;
  return largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) ** 2, 0));
}

function describeChannel(
  index: number,
  { original, stored, reduction, errors }: LayerFindings,
): ChannelRecord {
  return {
    norm: reduction.norms[index] ?? 0,
    error: errors[index] ?? 0,
    polesBefore: polesOf(original, index),
    polesAfter: polesOf(stored, index),
    hankelSingularValues: Array.from(reduction.hankel[index] ?? [], shorten),
    trace: describeTrace(reduction.traces[index]),
  };
}

function describeTrace(trace: SolverTrace | undefined): ChannelRecord['trace'] {
  if (trace === undefined) throw new SsmError('internal', 'A solver gave no trace.');
  const { start, stop, objective, quantity = 'discrete-h2', notes } = trace;
  return { start, stop, objective: objective.map(shorten), quantity, notes };
}

/** Log-poles of a system: of one kernel, or of the layer where it is one system. */
function polesOf(systems: LayerSystems, index: number): [number, number][] {
  const { re, im } = polesIn(systems, index);
  return Array.from(re, (x, slot) => [shorten(x), shorten(im[slot])]);
}

function polesIn(systems: LayerSystems, index: number): ComplexVector {
  if (!hasKernels(systems)) return systems.system.poles;
  return kernelPoles(systems, index);
}

/** Nine digits tell single-precision numbers apart; a report has many numbers that are only ever drawn. */
function shorten(value: number): number {
  return Number(value.toPrecision(9));
}

/** Writes a report as JSON, one system a line, so that it can be compared line by line and never is one huge string. */
export async function writeReport(report: Report, sink: ByteSink): Promise<void> {
  const { layers, ...rest } = report;
  const encoder = new TextEncoder();
  const write = (text: string): Promise<void> => sink.write(encoder.encode(text));
  await write(`${JSON.stringify(rest, undefined, 2).slice(0, -2)},\n  "layers": [`);
  for (const [index, { systems, ...layer }] of layers.entries()) {
    const head = JSON.stringify(layer, undefined, 2).slice(0, -2).replaceAll('\n', '\n    ');
    const lines = systems.map((system) => `        ${JSON.stringify(system)}`).join(',\n');
    await write(
      `${index === 0 ? '' : ','}\n    ${head},\n      "systems": [\n${lines}\n      ]\n    }`,
    );
  }
  await write('\n  ]\n}\n');
}
