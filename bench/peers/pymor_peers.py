"""pyMOR's own reductors (pymor.org) on the same systems, where pyMOR can be imported: balanced truncation of the
discrete real system and IRKA, which pyMOR has for continuous time only, on a continuous one with the same h2 inner
products. Both work over the infinite horizon, on 2 r real states fitted into r slots at the end."""
import numpy as np

import balanced
import irka
import slots

try:
    import pymor
    from pymor.core.logger import set_log_levels
    from pymor.models.iosys import LTIModel
    from pymor.reductors.bt import BTReductor
    from pymor.reductors.h2 import IRKAReductor

    VERSION = pymor.__version__
    # a result, not a log, is what standard output is for
    set_log_levels({"pymor": "ERROR"})
except ImportError:
    VERSION = None


def discrete_model(a, w):
    """x_{t+1} = A x_t + b u_t, y_t = c x_t with real 2 x 2 blocks, one a mode: its impulse response, one step late, is
    the kernel Re sum_n w_n e^{a_n t}."""
    dynamics, readout = balanced.real_form(a, w)
    first = np.tile([1.0, 0.0], len(a))
    return LTIModel.from_matrices(dynamics, first[:, None], (readout @ first)[None, :], sampling_time=1)


def continuous_model(a, w):
    """The same under s = (z - 1) / (z + 1), A' = (A + I)^{-1} (A - I) and b' = sqrt 2 (A + I)^{-1} b: an isometry of the
    discrete h2 norm over the infinite horizon and the continuous one, so that both have the same best approximations."""
    dynamics, readout = balanced.real_form(a, w)
    first = np.tile([1.0, 0.0], len(a))
    one = np.eye(len(dynamics))
    return LTIModel.from_matrices(
        np.linalg.solve(dynamics + one, dynamics - one),
        np.sqrt(2) * np.linalg.solve(dynamics + one, first)[:, None],
        (readout @ first)[None, :],
    )


def truncated(model, order):
    """pyMOR's balanced truncation to 2 r states, fewer where the Hankel rank is lower."""
    hankel = model.hsv()
    return BTReductor(model).reduce(min(2 * order, int(np.sum(hankel > 1e-14 * hankel[0]))))


def poles(compute):
    """The poles of a reduced model; what pyMOR raises where it does not get there counts as a failure."""
    try:
        return compute().poles()
    except (ArithmeticError, AssertionError, ValueError) as error:
        raise np.linalg.LinAlgError(f"pyMOR: {error}") from error


def balanced_truncation(a, w, order, horizon):
    z = poles(lambda: truncated(discrete_model(a, w), order))
    return slots.fit(z, slots.kernel(a, w, horizon), order, horizon)


def irka_reduction(a, w, order, horizon):
    """From pyMOR's balanced truncation, with the limits of the benchmark's own IRKA."""
    model = continuous_model(a, w)
    s = poles(
        lambda: IRKAReductor(model).reduce(
            truncated(model, order), tol=irka.TOLERANCE, maxit=irka.ITERATIONS
        )
    )
    return slots.fit((1 + s) / (1 - s), slots.kernel(a, w, horizon), order, horizon)


METHODS = {"pymorBalanced": balanced_truncation, "pymorIrka": irka_reduction} if VERSION else {}
