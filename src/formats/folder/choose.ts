import { SsmError } from '../../core/errors';
import type { FolderSource } from '../byteSource';

/** Files that hold weights. What the checkpoint does not consist of is left out of a result, where it would be stale. */
const WEIGHTS = /\.(safetensors|bin|pt|pth|ckpt|msgpack|npz|eqx|h5|gguf|onnx|pb|data-\d+-of-\d+)$/i;
const INDEX = /\.index\.json$/i;
/** In the order in which Hugging Face's libraries look for them. */
const PREFERRED = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
  'flax_model.msgpack',
];
const READABLE = /\.(safetensors|bin|pt|pth|ckpt|msgpack|npz|eqx)$/i;

/** Folders of other libraries, told by what lies in them. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [
    /^(_METADATA|_CHECKPOINT_METADATA|_sharding|manifest\.ocdbt|ocdbt\.process_.*)$/,
    'This is an orbax checkpoint, whose arrays lie in a database that only orbax reads. Export them in Python: ' +
      "flax.serialization.msgpack_serialize(restored) into a .msgpack file, or numpy.savez('weights.npz', **arrays).",
  ],
  [
    /^(saved_model\.pb|.*\.data-\d{5}-of-\d{5})$/,
    'This is a TensorFlow checkpoint. Export its variables in Python: ' +
      "numpy.savez('weights.npz', **{name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}).",
  ],
  [
    /^\.zarray$/,
    'This is a zarr array, part of an orbax or t5x checkpoint. Export the checkpoint with the library that wrote it.',
  ],
];

export function isIndex(file: string): boolean {
  return INDEX.test(file);
}

export function holdsWeights(file: string): boolean {
  return WEIGHTS.test(file) || INDEX.test(file);
}

/**
 * The file to open in a folder: Hugging Face's names first, else the only one that there is. Rejects with
 * `unsupported-file` folders of other libraries, and with `bad-request` where several files could be meant.
 */
export function chooseFile({ files, folders }: FolderSource): string {
  for (const name of PREFERRED) if (files.includes(name)) return name;
  for (const [pattern, message] of FOREIGN)
    if ([...files, ...folders].some((name) => pattern.test(name)))
      throw new SsmError('unsupported-file', message);
  const indexes = files.filter(isIndex);
  const candidates = indexes.length > 0 ? indexes : files.filter((name) => READABLE.test(name));
  const [only, ...others] = candidates;
  if (candidates.length === 0)
    throw new SsmError('unsupported-file', 'This folder holds no checkpoint.');
  if (others.length > 0) {
    const listed = candidates.slice(0, 5).join(', ');
    throw new SsmError(
      'bad-request',
      `This folder holds several checkpoints (${listed}${others.length > 4 ? ', …' : ''}). Choose one of the files.`,
    );
  }
  return only;
}
