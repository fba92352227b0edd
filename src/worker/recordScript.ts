import { SsmError } from '../core/errors';
import type { FamilyId, LayerSite } from '../families/family';

/** Layers whose module takes something else than one sequence of features for each example. */
const withoutPlainInput: Partial<Record<FamilyId, string>> = {
  h3: 'the kernel of H3 is applied to products inside the layer',
  mega: "Mega's moving average takes the sequence first",
};

/**
 * A Python script (plain torch and NumPy) that records what the state-space layers of a live model receive, for networks
 * that are not known here. It finds the layers by their names in the checkpoint, whatever wraps the model, and writes a
 * .npz that `openRecorded` reads: an array a layer, sequences × length × features, and `lengths`.
 *
 * @throws SsmError `no-layers`, or `unsupported-file` where a layer's input is no sequence
 */
export function recordScript(sites: readonly LayerSite[]): string {
  if (sites.length === 0)
    throw new SsmError('no-layers', 'There is no state-space layer to record.');
  const layers = sites.map((site) => {
    const reason = withoutPlainInput[site.family];
    if (reason !== undefined) {
      throw new SsmError(
        'unsupported-file',
        `The inputs of layer ${site.name} cannot be recorded: ${reason}.`,
      );
    }
    return `    ${text(site.name)}: (${text(moduleOf(site))}, ${featuresOf(site)}),`;
  });
  return script.replace('    LAYERS_HERE', () => layers.join('\n'));
}

/** Features that a layer receives at every position. */
export function featuresOf({ sizes, channels }: LayerSite): number {
  return sizes?.features ?? channels;
}

/** The module whose input is the layer's: S5 runs its inner one once for each sequence. */
function moduleOf({ family, name }: LayerSite): string {
  return family === 's5-torch' ? name.replace(/\.seq$/, '') : name;
}

/** A Python literal of plain ASCII. */
function text(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const script = `"""Records what the state-space layers of a model receive, for SSM Compress.

    from record_inputs import record
    record(model, batches, "inputs.npz")

batches: anything to loop over, e.g. a DataLoader; of a pair (inputs, labels) the inputs are taken. If your model
takes something else, say how it is called: record(..., call=lambda model, batch: model(batch["x"])).
lengths: the sequences' own lengths, in order, where batches are padded. The model itself is not changed.
"""

import numpy
import torch

# layer in the checkpoint: (module, features)
LAYERS = {
    LAYERS_HERE
}


def find(model, name):
    modules = dict(model.named_modules())
    parts = name.split(".")
    for start in range(len(parts)):
        tail = ".".join(parts[start:])
        found = [other for other in modules if other == tail or other.endswith("." + tail)]
        if len(found) == 1:
            return modules[found[0]]
    raise KeyError(f"The model has no module {name}, or several.")


def first(model, batch):
    return model(batch[0] if isinstance(batch, (list, tuple)) else batch)


def record(model, batches, path, sequences=128, lengths=None, call=first):
    kept = {layer: [] for layer in LAYERS}

    def keep(layer, width):
        def hook(module, inputs):
            x = inputs[0].detach().float().cpu()
            if x.shape[-1] != width or (x.shape[-2] == width and getattr(module, "transposed", False)):
                x = x.transpose(-1, -2)
            if x.dim() != 3 or x.shape[-1] != width:
                raise ValueError(f"Layer {layer} takes {tuple(inputs[0].shape)}, not sequences of {width} features.")
            kept[layer].append(x.numpy())

        return hook

    handles = [find(model, name).register_forward_pre_hook(keep(layer, width)) for layer, (name, width) in LAYERS.items()]
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            for batch in batches:
                call(model, batch)
                if min(sum(map(len, parts)) for parts in kept.values()) >= sequences:
                    break
    finally:
        for handle in handles:
            handle.remove()
        model.train(training)
    own = [part.shape[1] for part in next(iter(kept.values())) for _ in part]
    own = own[:sequences] if lengths is None else list(lengths)[: len(own[:sequences])]
    pad = lambda part: numpy.pad(part, ((0, 0), (0, max(own) - part.shape[1]), (0, 0)))
    cut = lambda parts: numpy.concatenate([pad(part[:, : max(own)]) for part in parts])[: len(own)]
    numpy.savez(path, lengths=numpy.array(own), **{layer: cut(parts) for layer, parts in kept.items()})
`;
