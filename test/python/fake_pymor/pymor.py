"""A stand-in with the interface of the parts of pyMOR that bench/peers/pymor_peers.py calls, and the refusals of the real
one. Balanced truncation is done, by Lyapunov equations; IRKA returns the model it is started from. FAKE_PYMOR_FAILS makes
every reduction fail."""
import os
import sys
import types

import numpy as np

__version__ = "0.0"


class LTIModel:
    def __init__(self, A, B, C, sampling_time):
        self.A, self.B, self.C, self.sampling_time = A, B, C, sampling_time
        self.order = len(A)

    @classmethod
    def from_matrices(cls, A, B, C, D=None, E=None, sampling_time=0):
        assert A.ndim == B.ndim == C.ndim == 2 and not np.iscomplexobj(A)
        return cls(A, B, C, sampling_time)

    def gramian_factors(self):
        one = np.eye(self.order)

        def gramian(A, Q):
            """P = A P A^T + Q in discrete, A P + P A^T + Q = 0 in continuous time."""
            discrete = self.sampling_time > 0
            equations = np.kron(one, one) - np.kron(A, A) if discrete else -np.kron(one, A) - np.kron(A, one)
            P = np.linalg.solve(equations, Q.ravel()).reshape(Q.shape)
            return (P + P.T) / 2

        gramians = gramian(self.A, self.B @ self.B.T), gramian(self.A.T, self.C.T @ self.C)
        return [np.linalg.cholesky(g + 1e-15 * one) for g in gramians]

    def hsv(self):
        p, q = self.gramian_factors()
        return np.linalg.svd(q.T @ p, compute_uv=False)

    def poles(self):
        return np.linalg.eigvals(self.A)


class BTReductor:
    def __init__(self, fom):
        assert isinstance(fom, LTIModel)
        self.fom = fom

    def reduce(self, r=None, tol=None, projection="bfsr"):
        if "FAKE_PYMOR_FAILS" in os.environ:
            raise ValueError("r needs to be smaller than the sizes of Gramian factors.")
        assert isinstance(r, int) and 0 < r < self.fom.order
        p, q = self.fom.gramian_factors()
        u, s, vh = np.linalg.svd(q.T @ p)
        v, w = p @ vh[:r].T / np.sqrt(s[:r]), q @ u[:, :r] / np.sqrt(s[:r])
        fom = self.fom
        return LTIModel(w.T @ fom.A @ v, w.T @ fom.B, fom.C @ v, fom.sampling_time)


class IRKAReductor:
    def __init__(self, fom):
        assert isinstance(fom, LTIModel)
        self.fom = fom

    def reduce(self, rom0_params, tol=1e-4, maxit=100, num_prev=1, force_sigma_in_rhp=False):
        if self.fom.sampling_time > 0:
            raise NotImplementedError
        assert isinstance(rom0_params, LTIModel) and rom0_params.order < self.fom.order
        assert tol > 0 and maxit >= 1
        return rom0_params


def module(name, **members):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)


module("pymor.core")
module("pymor.core.logger", set_log_levels=lambda levels: None)
module("pymor.models")
module("pymor.models.iosys", LTIModel=LTIModel)
module("pymor.reductors")
module("pymor.reductors.bt", BTReductor=BTReductor)
module("pymor.reductors.h2", IRKAReductor=IRKAReductor)
