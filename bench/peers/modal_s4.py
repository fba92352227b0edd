"""Modal systems of the real kernels of S4 DPLR and NPLR layers (dense poles after the bilinear transform), for the
benchmark: their states are diagonalised here, checked against the kernels of the original code, and handed over.

Usage: modal_s4.py CHECKPOINT GOLDEN RESULT STRIDE
RESULT: [{"name", "a": [re, im], "w": [re, im], "step", "horizon"}, ...] of every STRIDE-th channel of each layer. Needs
torch (to read the file; weights only) and NumPy.
"""
import json
import sys

import numpy as np
import torch


def numbers(state, name):
    values = state[name].double().numpy()
    return values[..., 0] + 1j * values[..., 1] if values.shape[-1:] == (2,) else values


def state_dict(path):
    state = torch.load(path, map_location="cpu")
    return state.get("model", state)


def dplr_layers(state):
    """S4 v4: A = diag(-e^A_real - i A_imag) - P P^H, C~ = C (I - dA^l)."""
    for key in sorted(k for k in state if k.endswith("kernel.l_kernel")):
        prefix = key[: -len("l_kernel")]
        read = lambda name: numbers(state, prefix + name)
        p = read("P")[0]
        yield {
            "name": prefix,
            "poles": -np.exp(read("A_real")) - 1j * read("A_imag"),
            "left": p,
            "right": p.conj(),
            "b": read("B")[0],
            "c": read("C"),
            "step": np.exp(read("inv_dt")[:, 0]),
            "length": int(state[key]),
        }


def nplr_layers(state):
    """S4 v2: A = diag(w) - P Q^T, C~ = C (I - dA^L) with L from the number of nodes."""
    for key in sorted(k for k in state if k.endswith("kernel.omega")):
        prefix = key[: -len("omega")]
        read = lambda name: numbers(state, prefix + name)
        yield {
            "name": prefix,
            "poles": read("w"),
            "left": read("P")[0],
            "right": read("Q")[0],
            "b": read("B")[0],
            "c": read("C"),
            "step": np.exp(read("log_dt")),
            "length": 2 * (state[key].shape[0] - 1),
        }


def closed(x):
    return np.concatenate([x, x.conj()])


def dense(layer, h):
    """The bilinear transform of channel h on the conjugate-closed states: dA, dB and the true C of each output."""
    a = np.diag(closed(layer["poles"][h]))
    a = a - np.outer(closed(layer["left"][h]), closed(layer["right"][h]))
    half = layer["step"][h] / 2 * a
    one = np.eye(len(a))
    da = np.linalg.solve(one - half, one + half)
    db = np.linalg.solve(one - half, layer["step"][h] * closed(layer["b"][h]))
    c = np.array([closed(row[h]) for row in layer["c"]])
    if layer["length"] > 0:
        c = np.linalg.solve((one - np.linalg.matrix_power(da, layer["length"])).T, c.T).T
    return a, da, db, c


def simulated(da, db, c, length):
    kernel = np.zeros((len(c), length))
    x = db
    for k in range(length):
        kernel[:, k] = (c @ x).real
        x = da @ x
    return kernel


def refined(s, d, product):
    """Eigenvalues of diag(d) - p q^T from the approximations s: zeros of prod(s - d_i) (1 + sum p_i q_i / (s - d_i)) by
    Aberth's iteration in extended precision. The eigenvectors are nearly parallel, and float64 alone loses 12 digits."""
    for _ in range(60):
        inverse = 1 / (s[:, None] - d[None, :])
        g = 1 + inverse @ product
        newton = g / (g * inverse.sum(axis=1) - inverse**2 @ product)
        apart = s[:, None] - s[None, :]
        np.fill_diagonal(apart, 1)
        move = newton / (1 - newton * ((1 / apart).sum(axis=1) - 1))
        s = s - move
        if np.max(np.abs(move) / np.abs(s)) < 1e-18:
            break
    return s


def modal(layer, h, a):
    """Log-poles, and weights for each output: one slot for a conjugate pair, one for a real pole. For the eigenvalue s,
    x = (s - D)^-1 p and y^T = q^T (s - D)^-1 are the eigenvectors, so K_k = sum (c x)(y b) / (y x) Delta / (1 - Delta s/2)
    z^k / (1 - z^l) with z = (1 + Delta s/2) / (1 - Delta s/2)."""
    d, p, q, b = (closed(layer[k][h]).astype(np.clongdouble) for k in ("poles", "left", "right", "b"))
    c = np.array([closed(row[h]) for row in layer["c"]]).astype(np.clongdouble)
    s = refined(np.linalg.eigvals(a).astype(np.clongdouble), d, p * q)
    real = np.abs(s.imag) < 1e-9 * np.abs(s)
    s = s[(s.imag > 0) | real]
    real = np.abs(s.imag) < 1e-9 * np.abs(s)
    inverse = 1 / (s[:, None] - d[None, :])
    half = np.longdouble(layer["step"][h]) * s / 2
    log_z = np.log1p(half) - np.log1p(-half)
    gain = (inverse @ (q * b)) / (inverse**2 @ (p * q)) * 2 * half / s / (1 - half)
    if layer["length"] > 0:
        gain = gain / -np.expm1(layer["length"] * log_z)
    w = (c @ (inverse * p).T) * gain * np.where(real, 1, 2)
    return log_z.astype(complex), w.astype(complex)


def main():
    path, golden_path, target, stride = sys.argv[1:]
    state = state_dict(path)
    layers = [*dplr_layers(state), *nplr_layers(state)]
    golden = np.load(golden_path)
    systems, worst_golden, worst_modal, cancellation = [], 0.0, 0.0, 0.0
    for i, layer in enumerate(layers):
        key = next((k for k in golden if k.startswith(layer["name"].replace("module.", ""))), f"K{i}")
        expected = golden[key] if key in golden else None
        for h in range(len(layer["step"])):
            compared = expected is not None and h < expected.shape[1]
            if not compared and h % int(stride) != 0:
                continue
            continuous, da, db, c = dense(layer, h)
            a, w = modal(layer, h, continuous)
            if compared:
                kernel = simulated(da, db, c, expected.shape[2])
                error = np.linalg.norm(kernel - expected[:, h]) / np.linalg.norm(expected[:, h])
                worst_golden = max(worst_golden, error)
            length = layer["length"]
            kernel = simulated(da, db, c, length)
            shown = (w @ np.exp(np.outer(a, np.arange(length)))).real
            error = np.linalg.norm(kernel - shown) / np.linalg.norm(kernel)
            worst_modal = max(worst_modal, error)
            cancellation = max(cancellation, np.abs(w).sum() / np.abs(kernel).max())
            if h % int(stride) != 0:
                continue
            for output in range(len(c)):
                systems.append(
                    {
                        "name": f"{layer['name']}{h}.{output}",
                        "a": [a.real.tolist(), a.imag.tolist()],
                        "w": [w[output].real.tolist(), w[output].imag.tolist()],
                        "step": float(layer["step"][h]),
                        "horizon": length,
                    }
                )
    with open(target, "w") as file:
        json.dump(systems, file, allow_nan=False)
    print(
        json.dumps(
            {
                "systems": len(systems),
                "worstAgainstGolden": worst_golden,
                "worstModalAgainstDense": worst_modal,
                "largestCancellation": cancellation,
                "slots": sorted({len(s["a"][0]) for s in systems}),
                "fastest": min(min(s["a"][0]) for s in systems),
                "slowest": max(max(s["a"][0]) for s in systems),
            }
        )
    )


if __name__ == "__main__":
    main()
