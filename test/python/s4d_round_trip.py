"""What torch makes of a compressed S4D checkpoint, by an implementation of its own in NumPy float64.

s4d_round_trip.py JOB, where JOB is JSON: {"source", "result", "report", "order"}. Prints JSON:
{"weights_only": {"source", "result"}, "shapes": [problem], "unchanged": [problem], "layers": [{"name", "norms", "errors"}],
 "settings": {path: value}, "optimizer": [size of state]}.
"""

import json
import sys

import numpy
import torch


def load(path):
    if path.endswith(".safetensors"):
        return {"": read_safetensors(path)}
    return torch.load(path, map_location="cpu")


def read_safetensors(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", entry
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def loads_weights_only(path):
    if path.endswith(".safetensors"):
        return True
    try:
        torch.load(path, map_location="cpu", weights_only=True)
        return True
    except Exception:
        return False


def tensors_of(value, path=""):
    """All tensors outside of optimizer states, by the path at which they are found."""
    if isinstance(value, torch.Tensor):
        return {path: value}
    found = {}
    if isinstance(value, dict):
        for key, item in value.items():
            if not str(key).startswith("optimizer"):
                found.update(tensors_of(item, f"{path}.{key}" if path else str(key)))
    return found


def numbers_of(value, path=""):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {path: value}
    items = value.items() if isinstance(value, dict) else []
    return {k: v for key, item in items for k, v in numbers_of(item, f"{path}.{key}").items()}


def kernels(tensors, prefix, length):
    """K_l = 2 Re sum_n C_n (exp(dt A_n) - 1) / A_n exp(dt A_n l), one row a channel."""
    get = lambda name: tensors[prefix + name].double().numpy()
    c = get("C")[..., 0] + 1j * get("C")[..., 1]
    a = -numpy.exp(get("log_A_real")) + 1j * get("A_imag")
    dta = numpy.exp(get("log_dt"))[:, None] * a
    weights = 2 * c * numpy.expm1(dta) / a
    rows = numpy.zeros((c.shape[0], length))
    for n in range(c.shape[1]):
        powers = numpy.exp(dta[:, n, None] * numpy.arange(length))
        rows += (weights[:, n, None] * powers).real
    return rows


def expected_shape(name, shape, changed, order):
    """Every tensor of a layer built with d_state = order; all others as they were."""
    if not changed:
        return shape
    channels = shape[0]
    return {
        "C": [channels, order // 2, 2],
        "log_A_real": [channels, order // 2],
        "A_imag": [channels, order // 2],
        "log_dt": [channels],
    }[name.rsplit(".", 1)[1]]


job = json.loads(sys.argv[1])
source, result = load(job["source"]), load(job["result"])
before, after = tensors_of(source), tensors_of(result)
with open(job["report"]) as file:
    report = json.load(file)

shapes, unchanged = [], []
if list(before) != list(after):
    shapes.append(f"tensors differ: {sorted(set(before) ^ set(after))}")
for name, tensor in after.items():
    old = before[name]
    in_kernel = ".kernel." in name
    if list(tensor.shape) != expected_shape(name, list(old.shape), in_kernel, job["order"]):
        shapes.append(f"{name}: {list(tensor.shape)}")
    if tensor.dtype != old.dtype or tensor.requires_grad != old.requires_grad:
        shapes.append(f"{name}: {tensor.dtype}")
    if (not in_kernel or name.endswith("log_dt")) and not torch.equal(tensor, old):
        unchanged.append(name)

layers = []
for layer in report["layers"]:
    prefix = next(k for k in before if k.lstrip(".").startswith(layer["name"] + ".kernel."))
    prefix = prefix[: prefix.rindex(".") + 1]
    original = kernels(before, prefix, report["request"]["horizon"])
    difference = original - kernels(after, prefix, report["request"]["horizon"])
    layers.append(
        {
            "name": layer["name"],
            "norms": numpy.linalg.norm(original, axis=1).tolist(),
            "errors": numpy.linalg.norm(difference, axis=1).tolist(),
        }
    )

optimizers = result.get("optimizer_states", []) if isinstance(result, dict) else []
print(
    json.dumps(
        {
            "weights_only": {
                "source": loads_weights_only(job["source"]),
                "result": loads_weights_only(job["result"]),
            },
            "shapes": shapes,
            "unchanged": unchanged,
            "layers": layers,
            "settings": {
                k: [v, numbers_of(result).get(k)]
                for k, v in numbers_of(source).items()
                if numbers_of(result).get(k) != v
            },
            "optimizer": [len(state["state"]) for state in optimizers],
        }
    )
)
