"""Algorithm 1 of arXiv 2507.10078 with the paper's own formulas in NumPy and SciPy: a second peer of `bench/mainJob.ts`.

Where algorithm1.py uses the elementwise closed forms that diagonal systems allow, this one does what the paper writes
down: the objective through the Sylvester equations of the finite-horizon Gramians, the gradient through Theorem 1
(infinite-horizon Gramians and the Frechet derivative of the matrix exponential). Start, parameters, files and arguments
are those of algorithm1.py; at its start both objectives and gradients are compared on a small system.
"""
import sys

import numpy as np
from scipy.linalg import expm, expm_frechet, solve_sylvester

import algorithm1


def herm(m):
    return m.conj().T


def objective(lam, c, mu, v, tau, gradient):
    """f and its gradients with respect to mu and v for B = 1, all matrices dense."""
    a, a_hat = np.diag(lam), np.diag(mu)
    b, b_hat = np.ones((len(lam), 1)), np.ones((len(mu), 1))
    c, c_hat = c[None, :], v[None, :]
    ea, ea_hat = expm(a * tau), expm(a_hat * tau)
    # A X + X A^^H + B B^^H - e^{A tau} B B^^H e^{A^^H tau} = 0, and the same for P^
    x = solve_sylvester(a, herm(a_hat), ea @ b @ herm(b_hat) @ herm(ea_hat) - b @ herm(b_hat))
    p = solve_sylvester(
        a_hat, herm(a_hat), ea_hat @ b_hat @ herm(b_hat) @ herm(ea_hat) - b_hat @ herm(b_hat)
    )
    f = np.real(c_hat @ p @ herm(c_hat) - 2 * np.real(c @ x @ herm(c_hat)))[0, 0]
    if not gradient:
        return f, None, None
    x_inf = solve_sylvester(a, herm(a_hat), -b @ herm(b_hat))
    p_inf = solve_sylvester(a_hat, herm(a_hat), -b_hat @ herm(b_hat))
    # A^H Y + Y A^ - C^H C^ + e^{A^H tau} C^H C^ e^{A^ tau} = 0; A^^H Q^ + Q^ A^ + C^^H C^ - ... = 0
    y = solve_sylvester(herm(a), a_hat, herm(c) @ c_hat - herm(ea) @ herm(c) @ c_hat @ ea_hat)
    q = solve_sylvester(
        herm(a_hat), a_hat, herm(ea_hat) @ herm(c_hat) @ c_hat @ ea_hat - herm(c_hat) @ c_hat
    )
    s = herm(x_inf) @ herm(ea) @ herm(c) @ c_hat - p_inf @ herm(ea_hat) @ herm(c_hat) @ c_hat
    frechet = expm_frechet(a_hat * tau, s, compute_expm=False)
    g_mu = 2 * np.diag(herm(y) @ x_inf + q @ p_inf + tau * herm(frechet))
    g_v = 2 * (c_hat @ p - c @ x)[0]
    return f, g_mu, g_v


def check():
    """The two ways to compute f and its gradients agree on a small system."""
    rng = np.random.default_rng(1)
    lam = -rng.uniform(0.3, 1, 4) + 1j * rng.normal(size=4)
    mu = -rng.uniform(0.3, 1, 2) + 1j * rng.normal(size=2)
    c, v = rng.normal(size=4) + 1j * rng.normal(size=4), rng.normal(size=2) + 1j
    mine, other = (f(lam, c, mu, v, 2.0, True) for f in (objective, elementwise))
    for here, there in zip(mine, other):
        assert np.allclose(here, there, rtol=1e-9), (here, there)


elementwise = algorithm1.objective

if __name__ == "__main__":
    check()
    algorithm1.objective = objective
    algorithm1.main()
    sys.stdout.flush()
