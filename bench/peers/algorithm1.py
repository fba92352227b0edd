"""Algorithm 1 of arXiv 2507.10078 in NumPy, the benchmark's own implementation: the peer of `bench/mainJob.ts`.

For every system (log-poles a, weights w, step) it works as the paper does: continuous time, lambda = a / step, B = 1,
C from the zero-order hold, horizon tau = L * step, complex objective, start from time-limited balanced truncation,
DSS_EXP coordinates, Armijo backtracking with the paper's parameters.

Usage: algorithm1.py SYSTEMS RESULT COUNT SLOTS ORDER HORIZON ITERATIONS PROCESSES
Both files hold float64: Re a, Im a, Re w, Im w (COUNT x SLOTS each), then the steps; the result alike without steps.
"""
import json
import multiprocessing
import os
import sys
import time

import numpy as np

C1, RHO, ALPHA, TOL, HALVINGS = 1e-4, 0.5, 1.0, 1e-3, 60


def integral(a, tau):
    """E(a, tau) = int_0^tau e^{at} dt"""
    return np.expm1(a * tau) / a


def integral_derivative(a, tau, e):
    """int_0^tau t e^{at} dt, given e = E(a, tau)"""
    return (tau * np.exp(a * tau) - e) / a


def objective(lam, c, mu, v, tau, gradient):
    """f = v^T Phat conj(v) - 2 Re(c^T X conj(v)) with B = 1, and its gradients with respect to mu and v."""
    s_hat = mu[:, None] + mu.conj()[None, :]
    s_x = lam[:, None] + mu.conj()[None, :]
    e_hat, e_x = integral(s_hat, tau), integral(s_x, tau)
    f = np.real(v @ e_hat @ v.conj()) - 2 * np.real(c @ e_x @ v.conj())
    if not gradient:
        return f, None, None
    d_hat = integral_derivative(s_hat, tau, e_hat)
    d_x = integral_derivative(s_x, tau, e_x)
    g_v = 2 * (v @ e_hat - c @ e_x)
    g_mu = 2 * v.conj() * (v @ d_hat - c @ d_x)
    return f, g_mu, g_v


def balanced_start(lam, c, order, tau):
    """Time-limited square-root balanced truncation of (diag lam, 1, c); unstable poles are reflected."""
    p = integral(lam[:, None] + lam.conj()[None, :], tau)
    q = np.outer(c.conj(), c) * integral(lam.conj()[:, None] + lam[None, :], tau)

    def root(gramian):
        values, vectors = np.linalg.eigh((gramian + gramian.conj().T) / 2)
        return vectors * np.sqrt(np.maximum(values, 0))

    lp, lq = root(p), root(q)
    u, s, vh = np.linalg.svd(lq.conj().T @ lp)
    scale = 1 / np.sqrt(s[:order])
    t = lp @ vh.conj().T[:, :order] * scale
    w = lq @ u[:, :order] * scale
    mu, x = np.linalg.eig(w.conj().T @ (lam[:, None] * t))
    b = np.linalg.solve(x, w.conj().T @ np.ones(len(lam)))
    mu = -np.maximum(np.abs(mu.real), 1e-6) + 1j * mu.imag
    return mu, (c @ t @ x) * b


def reduce(job):
    a, w, step, order, horizon, iterations = job
    lam, tau = a / step, horizon * step
    c = w * lam / np.expm1(a)
    mu, v = balanced_start(lam, c, order, tau)
    l_re, l_im = np.log(-mu.real), mu.imag
    f, g_mu, g_v = objective(lam, c, mu, v, tau, True)
    for _ in range(iterations):
        g_re, g_im = g_mu.real * mu.real, g_mu.imag
        squared = np.sum(g_re**2) + np.sum(g_im**2) + np.sum(np.abs(g_v) ** 2)
        if np.sqrt(np.sum(g_re**2) + np.sum(g_im**2)) + np.linalg.norm(g_v) < TOL:
            break
        alpha = ALPHA
        for _ in range(HALVINGS):
            t_re, t_im, t_v = l_re - alpha * g_re, l_im - alpha * g_im, v - alpha * g_v
            t_mu = -np.exp(np.minimum(t_re, 300)) + 1j * t_im
            value, _, _ = objective(lam, c, t_mu, t_v, tau, False)
            if np.isfinite(value) and value <= f - C1 * alpha * squared:
                break
            alpha *= RHO
        else:
            break
        l_re, l_im, v, mu = t_re, t_im, t_v, t_mu
        f, g_mu, g_v = objective(lam, c, mu, v, tau, True)
    b = mu * step
    return b, v * np.expm1(b) / mu


def processor_seconds():
    """What this process has used, and those that it has started and that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main():
    source, target = sys.argv[1:3]
    count, slots, order, horizon, iterations, processes = map(int, sys.argv[3:])
    np.seterr(all="ignore")
    data = np.fromfile(source)
    a_re, a_im, w_re, w_im = data[: 4 * count * slots].reshape(4, count, slots)
    steps = data[4 * count * slots :]
    jobs = [
        (a_re[i] + 1j * a_im[i], w_re[i] + 1j * w_im[i], steps[i], order, horizon, iterations)
        for i in range(count)
    ]
    start, used = time.perf_counter(), processor_seconds()
    if processes == 1:
        results = [reduce(job) for job in jobs]
    else:
        with multiprocessing.Pool(processes) as pool:
            results = pool.map(reduce, jobs, chunksize=4)
    seconds, processor = time.perf_counter() - start, processor_seconds() - used
    b, v = (np.stack(parts) for parts in zip(*results))
    np.stack([b.real, b.imag, v.real, v.imag]).tofile(target)
    print(json.dumps({"seconds": seconds, "processor": processor}))


if __name__ == "__main__":
    main()
