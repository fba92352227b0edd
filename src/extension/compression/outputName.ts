import * as path from 'node:path';
import type { BoundTarget, ToleranceTarget } from '../../protocol/worker';

/** What must be kept, where that decides the orders. */
export type KeptTarget = ToleranceTarget | BoundTarget;

/**
 * The name offered for a result: `<stem>.order16<extension>`, or after the tolerance that decides: `<stem>.loss1…`. The
 * index of a sharded checkpoint stands for its folder, as it does for the worker.
 */
export function defaultOutputName(file: string, size: number | KeptTarget): string {
  const { name, ext } = path.parse(checkpointPath(file));
  return `${name}.${typeof size === 'number' ? `order${size}` : toleranceLabel(size)}${ext}`;
}

function toleranceLabel(target: KeptTarget): string {
  const digits = (share: number): string => String(Number((100 * share).toPrecision(6)));
  if ('accuracyLoss' in target) return `loss${digits(target.accuracyLoss)}`;
  if ('layerError' in target) return `layers${digits(target.layerError)}`;
  if ('outputBound' in target) return `bound${Number(target.outputBound.toPrecision(6))}`;
  return `error${digits(target.outputError)}`;
}

/** Where a name that a person typed leads: beside the source, unless it is a path of its own. */
export function resolveOutput(source: string, typed: string): string {
  return path.resolve(path.dirname(checkpointPath(source)), typed.trim());
}

/** The file or the folder that is compressed when this file is chosen. */
function checkpointPath(file: string): string {
  return /\.index\.json$/i.test(file) ? path.dirname(file) : file;
}

const torchExtensions = ['.pt', '.pth', '.ckpt'];
const otherExtensions = ['.safetensors', '.npz', '.msgpack', '.eqx', '.bin'];

/** What is wrong with a typed output name, as a reason; undefined if nothing is. */
export function outputComplaint(
  source: string,
  typed: string,
): 'empty' | 'same-as-source' | 'other-format' | undefined {
  if (typed.trim() === '' || /[\\/]\s*$/.test(typed)) return 'empty';
  const output = resolveOutput(source, typed);
  const compressed = checkpointPath(source);
  if (path.relative(compressed, output) === '') return 'same-as-source';
  return formatOf(output) === formatOf(compressed) ? undefined : 'other-format';
}

/**
 * Names that stand for the same format count as one: a result is written in the format of its source. What is no ending
 * of a file with weights is none at all: folders have names like `model-v1.5`.
 */
function formatOf(file: string): string {
  const extension = path.extname(file).toLowerCase();
  if (torchExtensions.includes(extension)) return 'torch';
  return otherExtensions.includes(extension) ? extension : '';
}
