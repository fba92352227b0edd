"""The reference layer of docs/lqo.md: made, loaded with strict=True, and run in float64.

lqo_layer.py JOB, where JOB is JSON: {"module": path of the reference, "make"?: {"file", "sizes"}, "run": [{"file", "sizes"}],
"length"}. Prints for each run {"linear": kernels (time, outputs, inputs), "quadratic": (time, time, outputs, inputs, inputs),
"forward": largest difference of the layer's outputs from the sums over its kernels}.
"""

import importlib.util
import json
import sys

import torch

job = json.loads(sys.argv[1])
spec = importlib.util.spec_from_file_location("reference", job["module"])
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)
length = job["length"]


def run(file, sizes):
    layer = reference.LqoLayer(**sizes)
    loaded = torch.load(file)
    layer.load_state_dict({name[len("ssm.") :]: loaded[name] for name in loaded}, strict=True)
    layer = layer.double()
    with torch.no_grad():
        linear, quadratic = layer.linear_kernel(length), layer.quadratic_kernel(length)
        u = torch.randn(1, length, sizes["inputs"], dtype=torch.float64)
        y = layer(u)[0, -1]
        past = u[0].flip(0)
        expected = torch.einsum("koi,ki->o", linear, past) + layer.D @ u[0, -1]
        expected = expected + torch.einsum("kloij,ki,lj->o", quadratic, past, past)
    forward = (y - expected).abs().max() / expected.abs().max()
    return {"linear": linear.tolist(), "quadratic": quadratic.tolist(), "forward": float(forward)}


if "make" in job:
    torch.manual_seed(0)
    made = reference.LqoLayer(**job["make"]["sizes"])
    torch.save({"ssm." + name: value for name, value in made.state_dict().items()}, job["make"]["file"])
print(json.dumps([run(**one) for one in job["run"]]))
