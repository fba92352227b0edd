"""An independent implementation in torch of the model of state-spaces' example.py: prints its outputs in float64.

s4_example.py {"checkpoint": path, "prenorm": bool, "data": path of .npy/.npz, "array": name, "lengths": path or null,
"count": n, "scale": s, "dtype": "float64"}
"""

import json
import sys

import numpy
import torch


def kernel(weights, prefix, length):
    C = torch.view_as_complex(weights[prefix + "C"].contiguous())
    A = torch.complex(-torch.exp(weights[prefix + "log_A_real"]), weights[prefix + "A_imag"])
    step = torch.exp(weights[prefix + "log_dt"])[:, None]
    powers = torch.exp((A * step)[..., None] * torch.arange(length, dtype=step.dtype))
    return 2 * torch.einsum("hn,hnl->hl", C * (torch.exp(A * step) - 1) / A, powers).real


def s4d(weights, prefix, u):
    """u: features x length; the convolution as a sum of shifted copies, in blocks of a Toeplitz matrix."""
    length = u.shape[1]
    k = kernel(weights, prefix + "kernel.", length)
    at = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    y = torch.stack([(torch.where(at >= 0, k[h][at.clamp(min=0)], 0.0) @ u[h]) for h in range(len(u))])
    y = y + weights[prefix + "D"][:, None] * u
    y = torch.nn.functional.gelu(y)
    mixed = weights[prefix + "output_linear.0.weight"][..., 0] @ y
    mixed = mixed + weights[prefix + "output_linear.0.bias"][:, None]
    return torch.nn.functional.glu(mixed, dim=0)


def run(weights, x, prenorm):
    encoder = weights["encoder.weight"]
    if "encoder.bias" in weights:
        x = x @ encoder.T + weights["encoder.bias"]
    else:
        x = encoder[x[:, 0].long()]
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("s4_layers"))
    norm = lambda i, z: torch.nn.functional.layer_norm(
        z, z.shape[1:], weights[f"norms.{i}.weight"], weights[f"norms.{i}.bias"], 1e-5
    )
    for i in range(layers):
        z = norm(i, x) if prenorm else x
        x = x + s4d(weights, f"s4_layers.{i}.", z.T).T
        x = x if prenorm else norm(i, x)
    return x.mean(0) @ weights["decoder.weight"].T + weights["decoder.bias"]


def main(options):
    torch.set_num_threads(1)
    dtype = getattr(torch, options["dtype"])
    state = torch.load(options["checkpoint"], map_location="cpu")
    weights = {name: value.to(dtype) for name, value in state.get("model", state).items()}
    data = numpy.load(options["data"])
    data = data[options["array"]] if options["array"] else data
    lengths = numpy.load(options["lengths"]) if options["lengths"] else [data.shape[1]] * len(data)
    outputs = []
    for i in range(options["count"]):
        x = torch.from_numpy(data[i].astype(numpy.float64)).to(dtype) * options["scale"]
        x = x.reshape(data.shape[1], -1)[: lengths[i]]
        outputs.append(run(weights, x, options["prenorm"]).tolist())
    print(json.dumps(outputs))


main(json.loads(sys.argv[1]))
