import type { TensorInfo } from '../formats/tensor';
import { type TensorsBelow, refusedKinds } from './refusedKinds';
import { type Tensors, placeName, prefixesOf } from './siblings';

/** A layer that is known and cannot be reduced. */
export interface RefusedLayer {
  /** What its tensors begin with; empty where the file as a whole is meant. */
  readonly name: string;
  /** What it is: `Mamba`. */
  readonly what: string;
  /** Why it cannot be reduced and what a person can do, in whole sentences. */
  readonly reason: string;
}

/**
 * The layers of known kinds that cannot be reduced, from names and shapes alone, in the order of the kinds. Layers that a
 * family recognises are none of them.
 */
export function refusedLayers(tensors: readonly TensorInfo[]): RefusedLayer[] {
  const byName = new Map(tensors.map((info) => [info.name, info]));
  return [
    ...refusedKinds.flatMap(({ what, reason, markers, isAt }) =>
      markers
        .flatMap((marker) => prefixesOf(byName, marker))
        .filter((prefix) => isAt(below(byName, prefix)))
        .map((prefix) => ({ name: placeName(prefix, what), what, reason })),
    ),
    ...optimizerOnly(tensors),
  ];
}

/** The tensors below a prefix, by the rest of their names. */
function below(tensors: Tensors, prefix: string): TensorsBelow {
  return (role) => {
    const info = tensors.get(prefix + role);
    return info?.role === 'optimizer' ? undefined : info;
  };
}

function optimizerOnly(tensors: readonly TensorInfo[]): RefusedLayer[] {
  if (tensors.length === 0 || tensors.some(({ role }) => role !== 'optimizer')) return [];
  return [
    {
      name: '',
      what: 'The state of an optimizer',
      reason:
        'The file holds the state of an optimizer and no model. Open the file that holds the model, which training code usually saves beside it.',
    },
  ];
}
