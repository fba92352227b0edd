"""What a layer can store: a slot is one pole b and one weight v with the kernel Re(v e^{bt}), hence one complex pair or
one real pole. Results of real methods, whose poles may be real and distinct, are fitted into slots here."""
import numpy as np

FASTEST, SLOWEST = -30.0, -1e-8


def kernel(a, w, horizon):
    """Re sum_n w_n e^{a_n t}, t < horizon."""
    return (np.exp(np.outer(np.arange(horizon), a)) @ w).real


def logarithms(z):
    """Log-poles of the eigenvalues z; poles outside the unit circle are reflected inside."""
    decay = np.log(np.maximum(np.abs(z), np.exp(FASTEST)))
    decay = np.where(decay > SLOWEST, -np.maximum(np.abs(decay), 1e-6), decay)
    return decay + 1j * np.angle(z)


def weights(b, full, horizon):
    """Least-squares weights of the poles b for the real kernel `full`."""
    columns = np.exp(np.outer(np.arange(horizon), b))
    matrix = np.hstack([columns.real, -columns.imag])
    scale = np.linalg.norm(matrix, axis=0)
    # the sine of a real pole is rounding: its column is left out
    scale[scale < 1e-9 * np.tile(np.linalg.norm(columns, axis=0), 2)] = np.inf
    u = np.linalg.lstsq(matrix / scale, full, rcond=1e-13)[0] / scale
    return u[: len(b)] + 1j * u[len(b) :]


def merged(z, negative):
    """Real poles two by two in one slot: mean decay rate, small phase (pi minus it for negative poles)."""
    decay = np.sort(z.real)[::-1]
    found = []
    for i in range(0, len(decay), 2):
        rate = decay[i : i + 2].mean()
        spread = decay[i] - decay[min(i + 1, len(decay) - 1)]
        phase = max(spread / 4, 0.02 * abs(rate)) if i + 1 < len(decay) else 0.0
        found.append(rate + 1j * (np.pi - phase if negative else phase))
    return found


def fit(z, full, slots, horizon):
    """(b, v) of at most `slots` slots for the conjugate-closed eigenvalues z of a real reduced system: each pair fills
    one slot, real poles of one sign share slots two by two, and all weights are solved anew. Where an odd number of
    positive and of negative poles needs one slot too many, the slot whose loss costs least is left out."""
    b = logarithms(z)
    real = np.abs(z.imag) <= 1e-12 * np.abs(z)
    found = list(b[~real & (z.imag > 0)])
    found += merged(b[real & (z.real > 0)], False) + merged(b[real & (z.real <= 0)], True)
    found = np.array(found)
    while len(found) > slots:
        trials = [np.delete(found, j) for j in range(len(found))]
        errors = [
            np.linalg.norm(full - kernel(b, weights(b, full, horizon), horizon)) for b in trials
        ]
        found = trials[int(np.argmin(errors))]
    return found, weights(found, full, horizon)
