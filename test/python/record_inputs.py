"""Runs a recording script on a live model in a wrapper and prints what its layers really received.

record_inputs.py SCRIPT OUTPUT
"""

import importlib.util
import json
import sys

import torch

spec = importlib.util.spec_from_file_location("record_inputs", sys.argv[1])
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)

WIDTH = 4
received = {"s4_layers.0": [], "s4_layers.1": []}


class Layer(torch.nn.Module):
    def __init__(self, name, transposed):
        super().__init__()
        self.name, self.transposed = name, transposed
        self.dropout = torch.nn.Dropout(0.5)

    def forward(self, u, rate=1.0):
        given = u.transpose(-1, -2) if self.transposed else u
        received[self.name].extend(given.tolist())
        return self.dropout(torch.tanh(u)) * rate


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Linear(2, WIDTH)
        self.s4_layers = torch.nn.ModuleList([Layer("s4_layers.0", True), Layer("s4_layers.1", False)])

    def forward(self, x):
        x = self.encoder(x).transpose(-1, -2)
        x = self.s4_layers[0](x)
        return self.s4_layers[1](x.transpose(-1, -2), rate=2.0)


torch.manual_seed(0)
model = torch.nn.Sequential()
model.add_module("module", Model())
# the second batch has as many positions as features; the third is not needed any more
batches = [(torch.randn(3, 6, 2), None), torch.randn(2, WIDTH, 2), torch.randn(9, 6, 2)]
script.record(model, batches, sys.argv[2], sequences=4)
assert model.training
for given in received.values():
    del given[5:]
print(json.dumps(received))
