"""Kernels of the S4 families in NumPy float64, from the formulas of the original project and independent of what is tested,
for the tensors that a module of the original's parameters has taken with `strict=True`.

s4_kernels.py JSON, {"make": [...], "run": [...]}. "make" saves untrained layers, {"file", "kind", "sizes", "prefix"};
"run" prints, for each job {"source", "file", "kind", "sizes", "hyper", "prefixes", "length"}, a list of the kernels of
each layer, rows c * H + h.
"""

import json
import sys

import numpy
import torch

from family_kernels import Node, pairs

number = ((), torch.int64)


def state_dict(file):
    loaded = torch.load(file, map_location="cpu")
    return loaded["model"] if isinstance(loaded.get("model"), dict) else loaded


def real(*shape):
    return (shape, torch.float32)


def transform(name, x, offset):
    if name == "relu":
        return numpy.maximum(x, 0) + offset
    return {
        "none": lambda: x,
        "exp": lambda: numpy.exp(x),
        "sigmoid": lambda: 1 / (1 + numpy.exp(-x)),
        "softplus": lambda: numpy.log1p(numpy.exp(x)),
    }[name]()


def repeated(x, H):
    """Groups repeated for the features: '... t n -> ... (v t) n'."""
    return numpy.concatenate([x] * (H // x.shape[-2]), axis=-2)


def band_mask(dt, A, hyper):
    limit = hyper.get("bandlimit", "none")
    if limit == "none":
        return 1
    return abs(A.imag) * dt / (2 * numpy.pi) < float(limit) / 2


def diagonal(A, B, C, dt, hyper, length):
    """A (S, n), B (S, n), C (channels, H, n), dt (H, 1 or n)."""
    H = C.shape[1]
    A, B = repeated(A, H), repeated(B, H)
    C = C * band_mask(dt, A, hyper) * B
    x = dt * A
    if hyper["disc"] == "zoh":
        w, log_z = 2 * C * (numpy.exp(x) - 1) / A, x
    elif hyper["disc"] == "bilinear":
        w, log_z = 2 * C * dt / (1 - x / 2), numpy.log((1 + x / 2) / (1 - x / 2) + 0j)
    else:
        y = (numpy.exp(x * float(hyper["l_max"])) - 1) * A
        w, log_z = C * (numpy.exp(x) - 1) * y.conj() / (y * y.conj() + 1e-7), x
    powers = numpy.exp(log_z[:, :, None] * numpy.arange(length))
    return numpy.einsum("chn,hnt->cht", w, powers).real.reshape(-1, length)


def closed(x):
    return numpy.concatenate([x, x.conj()], axis=-1)


def low_rank(d, P, Q, B, C, dt, L, length, nodes=None):
    """
    The truncated generating function at the L-th roots of unity, as the original evaluates it. d, B (S, n), P, Q (R, S, n),
    C (channels, H, n), dt (H). L = 0: C is C, else it is C (I - dA^L) and doubled up to the length asked for.
    nodes: omega and z = 2 (1 - omega) / (1 + omega) of the file, rounded, where they are to be used.
    """
    H = C.shape[1]
    d, B, P, Q = [closed(repeated(x, H)) for x in (d, B, P, Q)]
    C = closed(C)
    size = L or length
    while size < length:
        size *= 2
    omega = numpy.exp(-2j * numpy.pi * numpy.arange(size // 2 + 1) / size)
    rows = numpy.zeros((C.shape[0], H, size))
    for h in range(H):
        p, q = P[:, h], Q[:, h]
        A = numpy.diag(d[h]) - p.T @ q
        one = numpy.eye(len(A))
        dA = numpy.linalg.solve(one - dt[h] / 2 * A, one + dt[h] / 2 * A)
        power = lambda k: numpy.linalg.matrix_power(dA, k)
        c, reached = C[:, h], L
        if L == 0:
            c, reached = c @ (one - power(size)), size
        while reached < size:
            c, reached = c @ (one + power(reached)), 2 * reached
        if nodes is None:
            # 1 / (z - dt d) over (1 + omega) / 2, finite at omega = -1
            half = (1 + omega[:, None]) / 2
            G = 2 * dt[h] / (2 * (1 - omega[:, None]) - (1 + omega[:, None]) * dt[h] * d[h])
        else:
            half = (1 + nodes[0][:, None]) / 2
            G = dt[h] / (nodes[1][:, None] - dt[h] * d[h]) / half
        cb, cp = (G * B[h]) @ c.T, numpy.einsum("kn,rn,cn->kcr", G, p, c)
        qb = (G * B[h]) @ q.T
        T = numpy.eye(len(p)) + half[:, :, None] * numpy.einsum("kn,rn,sn->krs", G, q, p)
        k = cb - half * numpy.einsum("kcr,kr->kc", cp, numpy.linalg.solve(T, qb[:, :, None])[:, :, 0])
        rows[:, h] = numpy.fft.irfft(k.T, n=size)
    return rows.reshape(-1, size)[:, :length]


class V4:
    @staticmethod
    def parameters(H, N, channels=1, n_ssm=None, untied=False, is_real=False, rank=0):
        S, n = n_ssm or H, N if is_real else N // 2
        pair = [] if is_real else [2]
        own = {
            "inv_dt": real(H, n if untied else 1),
            "C": real(channels, H, n, *pair),
            "B": real(1, S, n, *pair),
            "A_real": real(S, n),
        }
        if not is_real:
            own["A_imag"] = real(S, n)
        if rank > 0:
            own.update({"P": real(rank, S, n, 2), "l_kernel": number})
        return own

    @staticmethod
    def poles(get, hyper):
        A = -transform(hyper["real_transform"], get("A_real"), 1e-4) + 0j
        if "A_imag" in get.names:
            A = A - 1j * transform(hyper["imag_transform"], get("A_imag"), 1e-4)
        dt = get("inv_dt")
        if hyper["dt_fast"] == "true":
            dt = numpy.sinh(dt)
        return A, transform(hyper["dt_transform"], dt, 1e-4)

    @staticmethod
    def kernels(get, hyper, length):
        A, dt = V4.poles(get, hyper)
        numbers = pairs if "A_imag" in get.names else lambda x: x
        B, C = numbers(get("B"))[0], numbers(get("C"))
        if "P" not in get.names:
            return diagonal(A, B, C, dt, hyper, length)
        C = C * band_mask(dt, repeated(A, C.shape[1]), hyper)
        P = pairs(get("P"))
        return low_rank(A, P, P.conj(), B, C, dt[:, 0], int(get("l_kernel")), length)


class V3:
    @staticmethod
    def parameters(H, N, channels=1, n_ssm=None, form="diag"):
        S, n = n_ssm or H, N // 2
        own = {"C": real(channels, H, n, 2), "log_dt": real(H)}
        if form == "nplr":
            return {
                **own,
                "B": real(1, S, n, 2),
                "P": real(1, S, n, 2),
                "inv_w_real": real(S, n),
                "w_imag": real(S, n),
                "L": number,
            }
        unused = {"A": real(S, n, 2)} if form == "diag" else {}
        return {**own, **unused, "B": real(S, n, 2), "inv_A_real": real(S, n), "A_imag": real(S, n)}

    @staticmethod
    def kernels(get, hyper, length):
        dt, C = numpy.exp(get("log_dt")), pairs(get("C"))
        if "P" not in get.names:
            A = -transform(hyper["real_type"], get("inv_A_real"), 1e-4) + 1j * get("A_imag")
            return diagonal(A, pairs(get("B")), C, dt[:, None], hyper, length)
        w = -transform(hyper["real_type"], get("inv_w_real"), 0) + 1j * get("w_imag")
        C = C * band_mask(dt[:, None], repeated(w, C.shape[1]), hyper)
        P = pairs(get("P"))
        return low_rank(w, P, P.conj(), pairs(get("B"))[0], C, dt, int(get("L")), length)


class V2:
    @staticmethod
    def parameters(H, N, channels=1, S=None, L=256, hurwitz=False):
        S, n = S or H, N // 2
        poles = (
            {"log_w_real": real(S, n), "w_imag": real(S, n)}
            if hurwitz
            else {"w": real(S, n, 2), "Q": real(1, S, n, 2)}
        )
        return {
            "C": real(channels, H, n, 2),
            "omega": real(L // 2 + 1, 2),
            "z": real(L // 2 + 1, 2),
            "log_dt": real(H),
            "B": real(1, S, n, 2),
            "P": real(1, S, n, 2),
            **poles,
        }

    @staticmethod
    def kernels(get, hyper, length):
        P = pairs(get("P"))
        if "w" in get.names:
            w, Q = pairs(get("w")), pairs(get("Q"))
        else:
            w, Q = -numpy.exp(get("log_w_real")) + 1j * get("w_imag"), P.conj()
        omega, z = pairs(get("omega")), pairs(get("z"))
        L = 2 * (len(omega) - 1)
        nodes = (omega, z) if hyper.get("nodes") == "stored" else None
        dt = numpy.exp(get("log_dt"))
        return low_rank(w, P, Q, pairs(get("B"))[0], pairs(get("C")), dt, L, length, nodes)


class Ema:
    """EMAKernel of version 4."""

    @staticmethod
    def parameters(H, N, channels=1, tied=False):
        rows = channels * H
        return {
            "delta": real(rows, 1 if tied else N, 1),
            "alpha": real(rows, N, 1),
            "beta": real(rows, N, 1),
            "gamma": real(rows, N),
        }

    @staticmethod
    def kernels(get, hyper, length):
        p = 1 / (1 + numpy.exp(-get("delta")))
        q = 1 - p / (1 + numpy.exp(-get("alpha")))
        gamma = get("gamma") * numpy.sqrt(1 / q.shape[1])
        return numpy.einsum("dnl,dn->dl", p * get("beta") * q ** numpy.arange(length), gamma)


class Annotated:
    """The layers of srush/annotated-s4, whose parameters have the features on axis 1."""

    @staticmethod
    def parameters(H, N, form):
        cplx = ((N, H), torch.complex64)
        poles = ("A_re", "A_im") if form == "s4d" else ("Lambda_re", "Lambda_im")
        own = {"log_step": real(1, H), "D": real(1, H), **{name: real(N, H) for name in poles}}
        if form == "s4d":
            return {**own, "B_re": real(N, H), "B_im": real(N, H), "C": real(N, H, 2)}
        if form == "dss":
            return {**own, "W": real(1, H, N, 2)}
        return {**own, "P": cplx, "B": cplx, "C": real(N, H, 2)}

    @staticmethod
    def kernels(get, hyper, length):
        step = numpy.exp(get("log_step")[0])
        form = "s4d" if "A_re" in get.names else "s4" if "P" in get.names else "dss"
        re, im = [get(("A_" if form == "s4d" else "Lambda_") + part) for part in ("re", "im")]
        poles = (re if form == "dss" else numpy.minimum(re, -1e-4)) + 1j * im
        feature = {"s4d": Annotated.s4d, "dss": Annotated.dss, "s4": Annotated.s4}[form]
        L = int(hyper.get("l_max", length))
        return numpy.stack([feature(get, poles[:, h], step[h], h, L) for h in range(len(step))])[:, :length]

    @staticmethod
    def s4d(get, A, step, h, L):
        C = pairs(get("C"))[:, h]
        gain = C * (numpy.exp(step * A) - 1) / A
        return (gain[:, None] * numpy.exp(step * A[:, None] * numpy.arange(L))).sum(axis=0).real

    @staticmethod
    def dss(get, A, step, h, L):
        x = step * A[:, None] * numpy.arange(L)
        x = x - x[numpy.arange(len(A)), numpy.argmax(x.real, axis=1)][:, None]
        total = numpy.exp(x).sum(axis=1)
        soft = numpy.exp(x) * (total.conj() / (total * total.conj() + 1e-7))[:, None]
        return ((pairs(get("W"))[0, h] / A) @ soft).real

    @staticmethod
    def s4(get, A, step, h, L):
        P, B, C = get("P")[:, h], get("B")[:, h], pairs(get("C"))[:, h]
        dense = numpy.diag(A) - numpy.outer(P, P.conj())
        one = numpy.eye(len(A))
        dA = numpy.linalg.solve(one - step / 2 * dense, one + step / 2 * dense)
        dB = numpy.linalg.solve(one - step / 2 * dense, step * B)
        roots = numpy.exp(-2j * numpy.pi * numpy.arange(L) / L)
        right = numpy.broadcast_to(dB[:, None], (L, len(A), 1))
        inner = numpy.linalg.solve(one - roots[:, None, None] * dA, right)[:, :, 0]
        return numpy.fft.ifft(inner @ C.conj()).real


kinds = {"v4": V4, "v3": V3, "v2": V2, "ema": Ema, "annotated": Annotated}


class Getter:
    """The tensors below a prefix by role."""

    def __init__(self, tensors, prefix):
        self.tensors = {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
        self.names = set(self.tensors)

    def __call__(self, role):
        tensor = self.tensors[role]
        return tensor.to(torch.complex128 if tensor.is_complex() else torch.float64).numpy()


def run(job):
    kind = kinds[job["kind"]]
    shapes = {name: (t.shape, t.dtype) for name, t in state_dict(job["source"]).items()}
    for prefix in job["prefixes"]:
        own = kind.parameters(**job["sizes"])
        assert {prefix + role for role in own} <= set(shapes), "the original has other parameters"
        shapes.update({prefix + role: own[role] for role in own})
    module = Node(shapes)
    module.load_state_dict(state_dict(job["file"]), strict=True)
    tensors = module.state_dict()
    return [
        kind.kernels(Getter(tensors, p), job["hyper"], job["length"]).tolist() for p in job["prefixes"]
    ]


def make(file, kind, sizes, prefix):
    """Saves an untrained layer with numbers in the range that training leaves."""
    generator = torch.Generator().manual_seed(1)
    tensors = {}
    for role, (shape, dtype) in kinds[kind].parameters(**sizes).items():
        noise = torch.randn(shape, generator=generator, dtype=dtype if dtype.is_complex else None)
        if role in ("inv_dt", "log_dt", "log_step"):
            noise = -2.5 + 0.5 * noise
        elif role in ("A_imag", "w_imag"):
            noise = 0.2 + 8 * noise.abs()
        elif role in ("A_real", "inv_A_real", "inv_w_real", "log_w_real"):
            noise = 0.4 + 0.3 * noise.abs()
        elif role in ("A_re", "Lambda_re"):
            noise = -0.5 - noise.abs()
        elif role in ("A_im", "Lambda_im"):
            noise = 6 * noise
        elif role == "w":
            noise = torch.stack([-1 - noise[..., 0].abs(), 8 * noise[..., 1].abs()], dim=-1)
        elif role in ("P", "Q"):
            noise = 0.5 * noise
        elif role in ("l_kernel", "L"):
            noise = torch.tensor(300)
        tensors[prefix + role] = noise.to(dtype)
    if "Q" in kinds[kind].parameters(**sizes):  # conj P and a little more: stable, and not tied to P
        P = tensors[prefix + "P"]
        tensors[prefix + "Q"] = P * torch.tensor([1.0, -1.0]) + 0.05 * tensors[prefix + "Q"]
    torch.save(tensors, file)


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    for job in order["make"]:
        make(**job)
    print(json.dumps([run(job) for job in order["run"]]))
