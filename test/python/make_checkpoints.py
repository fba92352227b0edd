"""Writes checkpoints whose pickles share values in every way that torch and Python can: make_checkpoints.py FOLDER."""

import collections
import json
import os
import sys

import torch


class Attributed(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
        self.weight._optim = {"lr": 0.001, "steps": 7}
        self.register_buffer("other", torch.ones(2))


def optimizer(parameters):
    adam = torch.optim.AdamW(parameters, lr=1e-3)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    adam.step()
    return adam.state_dict()


def tied():
    t = torch.arange(12.0).reshape(3, 4)
    return {"model": collections.OrderedDict(a=t, b=t, view=t[1], apart=torch.ones(5)), "d_state": 4}


def tied_parameters():
    p = torch.nn.Parameter(torch.arange(4.0))
    return {"state_dict": {"first": p, "second": p}, "N": 8}


def optimizer_first():
    parameters = [torch.nn.Parameter(torch.arange(4.0)), torch.nn.Parameter(torch.ones(2, 2))]
    state = optimizer(parameters)
    model = collections.OrderedDict(w=parameters[0].detach(), v=parameters[1].detach())
    return {"optimizer": state, "model": model, "exp_avg": "exp_avg", "d_state": 64}


def shared_with_optimizer():
    buffer = torch.arange(5.0)
    label = "a label that is remembered"
    note = {"label": label, "numbers": [1, 2, 3], "nested": (label, buffer)}
    recursive = [note]
    recursive.append(recursive)
    state = {0: {"buffer": buffer, "note": note, "recursive": recursive}, 1: {"note": note}}
    return {
        "optimizer_states": [{"state": state, "param_groups": [{"lr": 0.1, "params": [0, 1]}]}],
        "best": buffer,
        "again": note,
        "deep": recursive,
        "model": {"w": torch.zeros(3), "v": buffer},
        "label": label,
    }


def shared_settings():
    config = {"d_state": 64, "layers": [1, 2]}
    return {"mine": config, "yours": config, "model": {"w": torch.zeros(2)}}


def recursive_tuple():
    items = []
    loop = (items, 5)
    items.append(loop)
    return {"loop": loop, "d_state": 3, "model": {"w": torch.zeros(2)}}


def many_frames():
    words = {f"word {i} " + "x" * 200: i for i in range(1500)}
    parameters = [torch.nn.Parameter(torch.full((3,), float(i))) for i in range(200)]
    model = collections.OrderedDict((f"p{i}", p.detach()) for i, p in enumerate(parameters))
    return {"words": words, "optimizer": optimizer(parameters), "model": model, "d_state": 2}


def attributed():
    plain = torch.arange(3.0)
    plain.mark = "kept"
    return {"module": Attributed(), "state_dict": {"marked": plain, "other": torch.ones(1)}}


def quantized():
    q = torch.quantize_per_tensor(torch.arange(4.0), 0.5, 0, torch.qint8)
    return {"model": {"q": q, "w": torch.ones(2)}}


MAKERS = [
    tied,
    tied_parameters,
    optimizer_first,
    shared_with_optimizer,
    shared_settings,
    recursive_tuple,
    many_frames,
    attributed,
    quantized,
]

folder = sys.argv[1]
names = []
for make in MAKERS:
    for protocol in (1, 2, 3, 4, 5):
        name = f"{make.__name__}-{protocol}.pt"
        torch.save(make(), os.path.join(folder, name), pickle_protocol=protocol)
        names.append(name)
for make in MAKERS:
    name = f"{make.__name__}-legacy.pth"
    torch.save(make(), os.path.join(folder, name), _use_new_zipfile_serialization=False)
    names.append(name)
print(json.dumps(names))
