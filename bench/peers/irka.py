"""IRKA (Gugercin, Antoulas and Beattie, 2008) in discrete time over the infinite horizon: 2 r real states that
interpolate the transfer function at the mirror images of their own poles; fitted into r slots at the end."""
import numpy as np

import balanced
import slots

ITERATIONS, TOLERANCE = 100, 1e-6


def mirrored(z):
    size = np.abs(z)
    return np.where(size >= 1, z / size**2 * (1 - 1e-9), z)


def bases(z, w, shifts):
    """Real bases of the two Krylov spaces: columns 1/(1 - z s) and w/(1 - z s) for the shifts 1/s, real and imaginary
    parts in the coordinates (Re, Im) of each mode."""
    kept = shifts[shifts.imag >= 0]
    one, other = (1 / (1 - np.outer(p, kept)) for p in (z, z.conj()))
    right = np.stack([(one + other) / 2, (one - other) / 2j], axis=1)
    one, other = one * w[:, None] / 2, other * w.conj()[:, None] / 2
    left = np.stack([one + other, 1j * (one - other)], axis=1)

    def real(columns):
        columns = columns.reshape(2 * len(z), -1)
        return np.linalg.qr(np.hstack([columns.real, columns.imag[:, kept.imag > 0]]))[0]

    return real(right), real(left)


def step(z, w, dynamics, shifts):
    v, u = bases(z, w, shifts)
    return mirrored(np.linalg.eigvals(np.linalg.solve(u.T @ v, u.T @ dynamics @ v)))


def change(old, new):
    """Largest distance from a new pole to the nearest old one, relative."""
    if len(old) != len(new):
        return np.inf
    return np.max(np.min(np.abs(new[:, None] - old[None, :]), axis=1) / np.abs(new))


def reduce(a, w, order, horizon):
    """Starts from real balanced truncation. A step that fails numerically ends the iteration at the last good poles."""
    z = np.exp(a)
    dynamics, _ = balanced.real_form(a, w)
    poles = mirrored(balanced.real_poles(a, w, 2 * order, horizon))
    for _ in range(ITERATIONS):
        try:
            new = step(z, w, dynamics, poles)
        except np.linalg.LinAlgError:
            break
        if not np.all(np.isfinite(new)):
            break
        moved = change(poles, new)
        poles = new
        if moved < TOLERANCE:
            break
    return slots.fit(poles, slots.kernel(a, w, horizon), order, horizon)
