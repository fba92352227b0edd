"""Loads a compressed checkpoint with the generated script into an S4D model built at its old size, and runs it.

load_compressed_check.py JOB, where JOB is JSON: {"folder", "source", "result", "channels", "orders", "length"}. Prints
JSON: {"sizes": [N of each layer], "kernels": [error of each layer against the tensors of the file], "optim": [...],
"strict": whether an unexpected name is still refused, "again": whether the loaded model's own state dict loads}.
"""

import importlib.util
import json
import sys

import torch


class Kernel(torch.nn.Module):
    """The kernel of S4D: its tensors and its sum, after the formula in the reference."""

    def __init__(self, channels, order):
        super().__init__()
        self.d_state = order
        slots = order // 2
        self.C = torch.nn.Parameter(torch.randn(channels, slots, 2))
        self.log_dt = torch.nn.Parameter(torch.zeros(channels))
        self.log_A_real = torch.nn.Parameter(torch.zeros(channels, slots))
        self.log_A_real._optim = {"weight_decay": 0.0}
        self.register_buffer("A_imag", torch.zeros(channels, slots))

    def forward(self, length):
        c = torch.view_as_complex(self.C.double().contiguous())
        a = -torch.exp(self.log_A_real.double()) + 1j * self.A_imag.double()
        x = a * torch.exp(self.log_dt.double())[:, None]
        powers = torch.exp(x[..., None] * torch.arange(length))
        return 2 * torch.einsum("hn,hnl->hl", c * (torch.exp(x) - 1) / a, powers).real


class Layer(torch.nn.Module):
    def __init__(self, channels, order):
        super().__init__()
        self.n = order
        self.h = channels
        self.D = torch.nn.Parameter(torch.zeros(channels))
        self.kernel = Kernel(channels, order)
        self.output_linear = torch.nn.Sequential(torch.nn.Conv1d(channels, 2 * channels, 1))


class Model(torch.nn.Module):
    def __init__(self, channels, orders):
        super().__init__()
        self.encoder = torch.nn.Linear(1, channels)
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(channels) for _ in orders)
        self.decoder = torch.nn.Linear(channels, 10)
        self.s4_layers = torch.nn.ModuleList(Layer(channels, order) for order in orders)


job = json.loads(sys.argv[1])
spec = importlib.util.spec_from_file_location("load_compressed", job["folder"] + "/load_compressed.py")
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)

model = Model(job["channels"], job["orders"])
script.load_compressed(model, job["result"])
state = torch.load(job["result"], map_location="cpu")
state = state.get("model", state)

# another instance, built at the sizes of the file from the start
fresh = Model(job["channels"], [layer.n for layer in model.s4_layers])
prefix = next(name for name in state if "s4_layers" in name).partition("s4_layers")[0]
fresh.load_state_dict({name[len(prefix) :]: value for name, value in state.items()}, strict=True)
errors = [
    float((a.kernel(job["length"]) - b.kernel(job["length"])).abs().max())
    for a, b in zip(model.s4_layers, fresh.s4_layers)
]

try:
    script.load_compressed(Model(job["channels"], job["orders"]), {**state, prefix + "extra": torch.zeros(1)})
    strict = False
except RuntimeError:
    strict = True
again = Model(job["channels"], job["orders"])
script.load_compressed(again, model.state_dict())

print(
    json.dumps(
        {
            "sizes": [[layer.n, layer.h, layer.kernel.d_state] for layer in model.s4_layers],
            "slots": [layer.kernel.C.shape[1] for layer in again.s4_layers],
            "kernels": errors,
            "optim": [layer.kernel.log_A_real._optim for layer in model.s4_layers],
            "strict": strict,
        }
    )
)
