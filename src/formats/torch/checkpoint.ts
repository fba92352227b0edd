import { SsmError } from '../../core/errors';
import type { Checkpoint, Refusal } from '../checkpoint';
import type { PickleProgram } from '../pickle/nodes';
import type { Contents } from './contents';
import { numpyValues } from './numpyArray';
import { readStoredElements, readStoredTensor } from './readTensor';
import { checkStorages, type Storages } from './storages';
import { tensorPlace } from './storedTensor';

/** What all torch files have in common, wherever their storages lie. */
export interface TorchFile {
  readonly format: Checkpoint['format'];
  readonly program: PickleProgram;
  readonly contents: Contents;
  readonly storages: Storages;
  readonly notes: readonly string[];
  readonly refusal: Refusal | undefined;
  readonly rewrite: Checkpoint['rewrite'];
}

/** The checkpoint of a torch file: its tensors, the NumPy arrays in its pickle, its settings. */
export function torchCheckpoint(file: TorchFile): Checkpoint {
  const { format, program, contents, storages } = file;
  checkStorages(storages, contents);
  const refusal = file.refusal ?? refusalOf(contents);
  const tensors = new Map(contents.tensors.map((leaf) => [leaf.info.name, leaf]));
  const arrays = new Map(contents.arrays.map((leaf) => [leaf.info.name, leaf]));
  return {
    format,
    tensors: [...contents.tensors, ...contents.arrays].map(({ info }) => info),
    settings: contents.settings.map(({ path, value }) => ({ path, value })),
    notes: [...file.notes, ...notesOn(storages, contents)],
    ...(refusal === undefined ? {} : { refusal }),
    async readTensor(name, signal) {
      const leaf = tensors.get(name);
      if (leaf !== undefined) return readStoredTensor(storages, leaf, signal);
      const found = arrays.get(name);
      if (found === undefined)
        throw new SsmError('bad-request', `The file has no tensor ${JSON.stringify(name)}.`);
      const values = numpyValues(found.array, program.bytes, tensorPlace(name));
      return { info: found.info, values };
    },
    readElements: async (name, range, signal) => {
      const leaf = tensors.get(name);
      return leaf === undefined ? undefined : readStoredElements(storages, leaf, range, signal);
    },
    rewrite: async (edits, sink, signal) => {
      if (refusal !== undefined) throw new SsmError('unsupported-file', refusal.reason);
      return file.rewrite(edits, sink, signal);
    },
  };
}

function refusalOf({ tensors, wholeModule }: Contents): Refusal | undefined {
  if (wholeModule)
    return {
      reason: 'This file is a whole pickled model (torch.save(model, …)), not its weights.',
      advice:
        'Load it once in Python, where its classes are, and save its weights: ' +
        "torch.save(model.state_dict(), 'weights.pt'). Then compress that file.",
    };
  const optimizerOnly =
    tensors.some(({ info }) => info.role === 'optimizer') &&
    !tensors.some(({ info }) => info.role === 'model');
  return optimizerOnly
    ? {
        reason: 'This file holds the state of an optimizer and no model.',
        advice: 'Choose the file that the same training wrote for the model.',
      }
    : undefined;
}

function notesOn({ littleEndian }: Storages, { tensors, foreign }: Contents): string[] {
  const notes: string[] = [];
  if (!littleEndian) notes.push('The tensors are stored in big-endian byte order.');
  if (tensors.some(({ info }) => info.dtype === 'quantized'))
    notes.push('Quantized tensors are listed but cannot be read.');
  if (foreign.length > 0)
    notes.push(
      `Objects of these classes are kept as they are: ${foreign.slice(0, 20).join(', ')}${foreign.length > 20 ? ', …' : ''}.`,
    );
  return notes;
}
