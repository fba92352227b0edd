import { createHash } from 'node:crypto';
import { runPython } from './python';

/** A leaf of a checkpoint as torch loads it (test/python/dump_checkpoint.py). */
export type TorchLeaf =
  | readonly [
      'tensor',
      dtype: string,
      shape: readonly number[],
      hash: string,
      object: number,
      storage: number,
    ]
  | readonly ['value', repr: string];

export interface TorchDump {
  readonly leaves: Readonly<Record<string, TorchLeaf>>;
  readonly weights_only: boolean;
  readonly opcodes: readonly string[];
}

/** What torch loads from the files, by file; with the optimizers' states emptied if so wished. */
export function torchDump(
  files: readonly string[],
  options: { readonly dropOptimizerState?: boolean } = {},
): Record<string, TorchDump> {
  if (options.dropOptimizerState === true) return torchDump(['--drop-optimizer-state', ...files]);
  return runPython('dump_checkpoint.py', ...files) as Record<string, TorchDump>;
}

/** SHA-256 of elements as float64, as dump_checkpoint.py computes it. */
export function hashOf(values: Float64Array): string {
  return createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');
}

/** Type, shape and contents of a tensor in the form in which leaves are compared. */
export function describeTensor(
  info: { readonly dtype: string; readonly shape: readonly number[] },
  values: Float64Array,
): unknown[] {
  return ['tensor', info.dtype, [...info.shape], hashOf(values)];
}

/** The leaves by path, without the numbers of their objects and storages. */
export function withoutIdentity(leaves: TorchDump['leaves']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(leaves).map(([path, leaf]) => [path, leaf.slice(0, 4)]));
}

/** Which of the tensors are one object and which share a storage: for each, the first that it shares it with. */
export function sharingOf({ leaves }: TorchDump, names: readonly string[]): unknown {
  const tensors = names.filter((name) => leaves[name][0] === 'tensor');
  return [4, 5].map((identity) =>
    tensors.map((name) =>
      tensors.find((other) => leaves[other][identity] === leaves[name][identity]),
    ),
  );
}
