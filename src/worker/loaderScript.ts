/** The script beside a result whose layers have sizes of their own. */
export const loaderName = 'load_compressed.py';

/**
 * A Python script that brings a live model to the shapes of a checkpoint and loads it. It knows nothing of the model's
 * classes: parameters and buffers are replaced where shapes differ, and attributes that hold the old state size follow.
 */
export const loaderScript = `"""Loads a checkpoint whose state-space layers have orders of their own. Written by SSM Compress.

    from load_compressed import load_compressed
    model = MyModel(...)                        # built as it was trained
    load_compressed(model, "compressed.pt")     # or a state dict: load_file("x.safetensors")
"""
from collections.abc import Mapping

import torch

SIZES = {"N", "n", "P", "d_state", "state_dim", "state_size", "state_features", "state_width",
         "ssm_size", "ndim", "num_coeffs"}


def load_compressed(model, checkpoint, strict=True):
    """Gives the model's tensors the shapes of the checkpoint's, then loads it as load_state_dict does."""
    names = set(model.state_dict())
    tree = checkpoint if isinstance(checkpoint, Mapping) else torch.load(checkpoint, "cpu")
    state = max((strip(s, names) for s in states(tree)), key=lambda s: len(names.intersection(s)))
    modules, sizes = dict(model.named_modules()), {}
    for name, value in state.items():
        owner, _, leaf = name.rpartition(".")
        old = getattr(modules.get(owner), leaf, None)
        if isinstance(old, torch.Tensor) and old.shape != value.shape:
            replace(modules[owner], leaf, old, torch.zeros(value.shape).to(old))
            changed = [pair for pair in zip(old.shape, value.shape) if pair[0] != pair[1]]
            for path in (owner, owner.rpartition(".")[0]):
                sizes[path] = changed[0]
    for path, pair in sizes.items():
        follow(modules[path], *pair)
    return model.load_state_dict(state, strict=strict)


def states(tree):
    yield {name: value for name, value in tree.items() if isinstance(value, torch.Tensor)}
    for value in tree.values():
        yield from states(value) if isinstance(value, Mapping) else ()


def strip(state, names):  # of what a wrapper puts before the names of the model
    while state and names.isdisjoint(state):
        state = {str(k).partition(".")[2]: v for k, v in state.items() if "." in str(k)}
    return state


def replace(module, leaf, old, new):
    if leaf not in module._parameters:
        module._buffers[leaf] = new
        return
    module._parameters[leaf] = torch.nn.Parameter(new, requires_grad=old.requires_grad)
    module._parameters[leaf].__dict__.update(old.__dict__)


def follow(module, old, new):
    for name, value in list(vars(module).items()):
        if name in SIZES and type(value) is int and value in (old, 2 * old):
            setattr(module, name, value // old * new)
        elif name == "scale" and value == old**-0.5:  # of a moving average
            module.scale = new**-0.5
`;
