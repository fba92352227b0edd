"""Square-root balanced truncation over the horizon L of the discrete kernel, from factors without forming Gramians."""
import numpy as np

import slots


def complex_truncation(a, w, order, horizon):
    """r complex states of (diag e^a, 1, w): they fit into r slots as they are. Unstable poles are reflected and the
    weights solved anew."""
    z = np.exp(a)
    r = np.linalg.qr(np.exp(np.outer(np.arange(horizon), a)), mode="r")
    observed = r * w
    u, s, vh = np.linalg.svd(observed @ r.T)
    order = min(order, int(np.sum(s > 1e-14 * s[0])))
    t = r.T @ vh[:order].conj().T / np.sqrt(s[:order])
    left = (u[:, :order].conj().T @ observed) / np.sqrt(s[:order])[:, None]
    poles, x = np.linalg.eig(left @ (z[:, None] * t))
    b = slots.logarithms(poles)
    if np.any(np.log(np.maximum(np.abs(poles), 1e-13)) > slots.SLOWEST):
        return b, slots.weights(b, slots.kernel(a, w, horizon), horizon)
    return b, (w @ t @ x) * np.linalg.solve(x, left @ np.ones(len(a)))


def real_form(a, w):
    """The real system of 2 N states x_t = (Re e^{at}, Im e^{at}): its dynamics and the symmetric M with c A^t = M x_t."""
    n = len(a)
    z = np.exp(a)
    dynamics, readout = np.zeros((2 * n, 2 * n)), np.zeros((2 * n, 2 * n))
    for i in range(n):
        block = slice(2 * i, 2 * i + 2)
        dynamics[block, block] = [[z[i].real, -z[i].imag], [z[i].imag, z[i].real]]
        readout[block, block] = [[w[i].real, -w[i].imag], [-w[i].imag, -w[i].real]]
    return dynamics, readout


def real_poles(a, w, states, horizon):
    """Eigenvalues of the truncation of the real system to `states` states, fewer where its rank is lower."""
    dynamics, readout = real_form(a, w)
    modes = np.exp(np.outer(np.arange(horizon), a))
    r = np.linalg.qr(np.stack([modes.real, modes.imag], axis=2).reshape(horizon, -1), mode="r")
    u, s, vt = np.linalg.svd(r @ readout @ r.T)
    states = min(states, int(np.sum(s > 1e-14 * s[0])))
    t = r.T @ vt[:states].T / np.sqrt(s[:states])
    left = readout @ r.T @ u[:, :states] / np.sqrt(s[:states])
    return np.linalg.eigvals(left.T @ dynamics @ t)


def real_truncation(a, w, order, horizon):
    """2 r real states, fitted into r slots."""
    poles = real_poles(a, w, 2 * order, horizon)
    return slots.fit(poles, slots.kernel(a, w, horizon), order, horizon)
