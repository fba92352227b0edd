"""Reduction of systems with one quadratic output (B = 1) by SciPy's BFGS on all parameters: the peer of `bench/lqo.ts`.

Usage: lqo_bfgs.py JOBS
JOBS: [{"full": {"a", "c", "m"}, "start": likewise, "horizon"}, ...]. Prints the squared errors relative to the squared
norms.
"""
import json
import sys

import numpy as np
from scipy.optimize import minimize


def read(system):
    a, c, m = (np.array(system[k][0]) + 1j * np.array(system[k][1]) for k in "acm")
    return a, c, m.reshape(len(a), len(a))


def gramian(a, b, horizon):
    s = a[:, None] + b.conj()[None, :]
    return np.expm1(horizon * s) / np.expm1(s)


def inner(p, one, other):
    """<kernels of one, kernels of other> for the cross Gramian p."""
    (_, c, m), (_, d, n) = one, other
    return np.real(c @ p @ d.conj() + np.sum(n.conj() * (p.T @ m @ p)))


def unpack(x, r):
    upper = np.triu_indices(r)
    parts = x[: 4 * r].reshape(4, r)
    entries = x[4 * r :].reshape(2, -1)
    m = np.zeros((r, r), complex)
    m[upper] = entries[0] + 1j * entries[1]
    m = m + np.triu(m, 1).T
    return -np.exp(parts[0]) + 1j * parts[1], parts[2] + 1j * parts[3], m


def pack(a, c, m):
    entries = m[np.triu_indices(len(a))]
    return np.concatenate([np.log(-a.real), a.imag, c.real, c.imag, entries.real, entries.imag])


def reduce(job):
    full, start, horizon = read(job["full"]), read(job["start"]), job["horizon"]
    norm = inner(gramian(full[0], full[0], horizon), full, full)

    def error(x):
        reduced = unpack(x, len(start[0]))
        own = inner(gramian(reduced[0], reduced[0], horizon), reduced, reduced)
        cross = inner(gramian(full[0], reduced[0], horizon), full, reduced)
        return (norm + own - 2 * cross) / norm

    return minimize(error, pack(*start), method="BFGS", options={"maxiter": 1000}).fun


def main():
    with open(sys.argv[1]) as file:
        jobs = json.load(file)
    print(json.dumps([float(reduce(job)) for job in jobs]))


if __name__ == "__main__":
    main()
