"""Loads checkpoints into modules with the parameters of the original classes and computes their kernels in NumPy float64,
from the formulas of the original projects, independently of what is tested.

family_kernels.py JSON, {"make": [...], "run": [...]}. Makes untrained layers from {"file", "family", "sizes", "prefix"},
then runs jobs {"source", "file", "family", "sizes", "hyper", "prefixes", "length"}.
The module has the parameters of the source, which the original class saved, but those of the layers below the prefixes
in the sizes given. Prints a JSON
list, for each job a list of kernels of each layer, rows [k_0, k_1, ...]: for channels
c * H + h, or for outputs i and inputs j i * inputs + j.
"""

import json
import sys

import numpy
import torch


class Node(torch.nn.Module):
    """A module with parameters of given names and shapes, nested at the dots: what strict loading looks at."""

    def __init__(self, parameters):
        super().__init__()
        children = {}
        for name, (shape, dtype) in parameters.items():
            head, _, tail = name.partition(".")
            if tail:
                children.setdefault(head, {})[tail] = (shape, dtype)
            else:
                empty = torch.zeros(shape, dtype=dtype)
                self.register_parameter(head, torch.nn.Parameter(empty, requires_grad=False))
        for head, inner in children.items():
            self.add_module(head, Node(inner))


def real(*shape):
    return (shape, torch.float32)


def cplx(*shape):
    return (shape, torch.complex64)


def pairs(x):
    return x[..., 0] + 1j * x[..., 1]


def modes(weights, log_poles, length):
    """Re sum_n w_kn exp(a_kn t), one row a kernel."""
    rows = numpy.zeros((weights.shape[0], length))
    for n in range(weights.shape[1]):
        rows += (weights[:, n, None] * numpy.exp(log_poles[:, n, None] * numpy.arange(length))).real
    return rows


def mimo(log_poles, B, C, length):
    """Re(C diag(exp(a t)) B), rows i * inputs + j."""
    powers = numpy.exp(log_poles[:, None] * numpy.arange(length))
    return numpy.einsum("on,nt,ni->oit", C, powers, B).real.reshape(-1, length)


class Dss:
    """DSS of github.com/ag1988/dlr (and ag1988/dss), all versions."""

    @staticmethod
    def parameters(H, N, channels=1, version="exp", sep=False):
        pole = {
            "exp": {"Lambda_log_neg_re": real(N), "Lambda_im": real(N)},
            "exp-no-scale": {"Lambda_log_neg_re": real(N), "Lambda_im": real(N)},
            "exp-re-im": {"Lambda_log_neg_re": real(N), "Lambda_log_im": real(N)},
        }.get(version, {"Lambda": real(N, 2)})
        return {"log_dt": real(H, 2) if sep else real(H), "W": real(channels, H, N, 2), **pole}

    @staticmethod
    def kernels(get, hyper, length):
        version = hyper["version"]
        if "exp" in version:
            im = numpy.exp(get("Lambda_log_im")) if version == "exp-re-im" else get("Lambda_im")
            poles = -numpy.exp(get("Lambda_log_neg_re")) + 1j * im
        else:
            poles = pairs(get("Lambda"))
            if "clip" in version:
                poles = numpy.minimum(poles.real, 1e-4) + 1j * poles.imag
        dt = numpy.exp(get("log_dt"))
        if dt.ndim == 1:
            a = dt[:, None] * poles
        else:
            a = dt[:, :1] * poles.real + 1j * dt[:, 1:] * poles.imag
        w = pairs(get("W"))
        if version == "softmax":
            x = (numpy.exp(a * hyper["L"]) - 1) * poles
            w = w * (numpy.exp(a) - 1) * x.conj() / (x * x.conj() + 1e-7)
        elif "no-scale" not in version:
            w = w * (numpy.exp(a) - 1) * poles.conj() / numpy.maximum(abs(poles) ** 2, 1e-7)
        channels, H, N = w.shape
        turn = {"real": 1, "imag": -1j, "sum": 1 - 1j}[hyper.get("kernel_to_real", "real")]
        return modes(turn * w.reshape(-1, N), numpy.tile(a, (channels, 1)), length)


class Lru:
    """LRU of forgi86/lru-reduction and Gothos/LRU-pytorch (B, C complex), of lrnnx (their parts)."""

    negative = ("nu_log", "gamma_log")

    @staticmethod
    def parameters(N, inputs, outputs, parts=False):
        logs = {name: real(N) for name in ("nu_log", "theta_log", "gamma_log")}
        if not parts:
            return {**logs, "B": cplx(N, inputs), "C": cplx(outputs, N)}
        matrices = {"B": (N, inputs), "C": (outputs, N)}
        return {**logs, **{f"{m}_{p}": real(*s) for m, s in matrices.items() for p in ("re", "im")}}

    @staticmethod
    def kernels(get, hyper, length):
        parts = hyper.get("parts", False)
        B, C = [get(m + "_re") + 1j * get(m + "_im") if parts else get(m) for m in "BC"]
        a = -numpy.exp(get("nu_log")) + 1j * numpy.exp(get("theta_log"))
        return mimo(a, numpy.exp(get("gamma_log"))[:, None] * B, C, length)


class S5:
    """S5 of i404788/s5-pytorch as its class S5 builds it; with two directions, the outputs of the second one last."""

    @staticmethod
    def parameters(H, N, directions=1):
        C = cplx(H, directions * N)
        return {"Lambda": cplx(N), "B": real(N, H, 2), "C": C, "log_step": real(N)}

    @staticmethod
    def kernels(get, hyper, length):
        poles, C = get("Lambda"), get("C")
        a = poles * numpy.exp(get("log_step"))
        B = ((numpy.exp(a) - 1) / poles)[:, None] * pairs(get("B"))
        halves = numpy.split(C, C.shape[1] // len(poles), axis=1)
        return mimo(a, B, numpy.concatenate(halves, axis=0), length)


class S5Flax:
    """S5 of lindermanlab/S5; "form" is one, both (C1 and C2) or normal (C with 2P columns)."""

    negative = ("Lambda_re", "log_step")

    @staticmethod
    def parameters(H, N, form="one"):
        C = {"one": {"C": real(H, N, 2)}, "normal": {"C": real(H, 2 * N, 2)}}
        both = {"C1": real(H, N, 2), "C2": real(H, N, 2)}
        poles = {"Lambda_re": real(N), "Lambda_im": real(N)}
        return {**poles, "B": real(N, H, 2), "log_step": real(N, 1), **C.get(form, both)}

    @staticmethod
    def kernels(get, hyper, length):
        re = get("Lambda_re")
        if hyper["clip_eigs"] == "true":
            re = numpy.minimum(re, -1e-4)
        poles = re + 1j * get("Lambda_im")
        step = float(hyper["step_rescale"]) * numpy.exp(get("log_step")[:, 0])
        if hyper["discretization"] == "zoh":
            z, gain = numpy.exp(poles * step), (numpy.exp(poles * step) - 1) / poles
        else:
            z, gain = (1 + step / 2 * poles) / (1 - step / 2 * poles), step / (1 - step / 2 * poles)
        form = hyper["form"]
        C = [get("C1"), get("C2")] if form == "both" else numpy.split(get("C"), 1 + (form == "normal"), axis=1)
        scale = 2 if hyper["conj_sym"] == "true" else 1
        C = scale * pairs(numpy.concatenate(C, axis=0))
        return mimo(numpy.log(z), gain[:, None] * pairs(get("B")), C, length)


class Dlr:
    """DLR of ag1988/dlr with complex Lambda and W."""

    @staticmethod
    def parameters(H, N, channels=1):
        return {"Lambda_log_neg_re": real(N), "Lambda_im": real(N), "W": real(channels, H, N, 2)}

    @staticmethod
    def kernels(get, hyper, length):
        a = -get("Lambda_log_neg_re") ** 2 + 1j * get("Lambda_im")
        w = pairs(get("W")).reshape(-1, len(a))
        turn = {"real": 1, "imag": -1j, "sum": 1 - 1j}[hyper["kernel_to_real"]]
        return modes(turn * w, numpy.tile(a, (len(w), 1)), length)


class Mega:
    """The moving average of facebookresearch/mega; omega is not reduced."""

    @staticmethod
    def parameters(rows, N):
        averages = {name: real(rows, N, 1) for name in ("delta", "alpha", "beta")}
        return {**averages, "gamma": real(rows, N)}

    @staticmethod
    def kernels(get, hyper, length):
        def sigmoid(x):
            return 1 / (1 + numpy.exp(-x))

        p = sigmoid(get("delta")[..., 0])
        with numpy.errstate(divide="ignore"):
            log_q = numpy.log1p(-p * sigmoid(get("alpha")[..., 0]))
        w = p * get("beta")[..., 0] * get("gamma") * numpy.sqrt(1 / p.shape[1])
        return modes(w, numpy.maximum(log_q, -750), length)


families = {"dlr": Dlr, "mega": Mega, "dss": Dss, "lru": Lru, "s5-torch": S5, "s5-flax": S5Flax}


def state_dict(file):
    loaded = torch.load(file, map_location="cpu")
    return loaded.get("state_dict", loaded)


def run(job):
    family = families[job["family"]]
    shapes = {name: (t.shape, t.dtype) for name, t in state_dict(job["source"]).items()}
    for prefix in job["prefixes"]:
        own = family.parameters(**job["sizes"])
        assert {prefix + role for role in own} <= set(shapes), "the original has other parameters"
        shapes.update({prefix + role: own[role] for role in own})
    module = Node(shapes)
    module.load_state_dict(state_dict(job["file"]), strict=True)
    tensors = module.state_dict()

    def getter(prefix):
        def get(role):
            tensor = tensors[prefix + role]
            return tensor.to(torch.complex128 if tensor.is_complex() else torch.float64).numpy()

        return get

    hyper = job.get("hyper", {})
    return [family.kernels(getter(p), hyper, job["length"]).tolist() for p in job["prefixes"]]


def make(file, family, sizes, prefix):
    """Saves an untrained layer of a family that no file at hand has."""
    generator = torch.Generator().manual_seed(1)
    tensors = {}
    for role, (shape, dtype) in families[family].parameters(**sizes).items():
        tensor = torch.randn(shape, dtype=dtype, generator=generator)
        tensors[prefix + role] = -abs(tensor) if role in families[family].negative else tensor
    torch.save(tensors, file)


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    for job in order["make"]:
        make(**job)
    print(json.dumps([run(job) for job in order["run"]]))
