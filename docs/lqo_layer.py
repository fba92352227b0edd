"""A layer with a linear state and quadratic outputs, in plain PyTorch: the reference for docs/lqo.md.

    x_k = z * x_{k-1} + B u_k            z = exp(-exp(decay_log) + i frequency),  N complex states
    y_k = Re(C x_k + x_k^T M x_k) + D u_k    one symmetric M an output; ^T is the plain transpose

Complex parameters are stored as pairs of real numbers along a last axis of 2, so that any file format can hold them.
"""

import math

import torch


class LqoLayer(torch.nn.Module):
    """Maps sequences (batch, length, inputs) to (batch, length, outputs)."""

    def __init__(self, inputs: int, outputs: int, d_state: int):
        super().__init__()
        n = d_state
        self.decay_log = torch.nn.Parameter(torch.empty(n).uniform_(math.log(0.001), math.log(0.5)))
        self.frequency = torch.nn.Parameter(torch.empty(n).uniform_(0.0, math.pi))
        self.B = torch.nn.Parameter(torch.randn(n, inputs, 2) / math.sqrt(2 * inputs))
        self.C = torch.nn.Parameter(torch.randn(outputs, n, 2) / math.sqrt(2 * n))
        self.M = torch.nn.Parameter(torch.randn(outputs, n, n, 2) / n)
        self.D = torch.nn.Parameter(torch.zeros(outputs, inputs))

    def log_poles(self) -> torch.Tensor:
        """log z, (N,)."""
        return torch.complex(-torch.exp(self.decay_log), self.frequency)

    def forms(self) -> torch.Tensor:
        """The symmetric matrices that the outputs depend on, (outputs, N, N)."""
        M = torch.view_as_complex(self.M)
        return (M + M.transpose(1, 2)) / 2

    def forward(self, u: torch.Tensor) -> torch.Tensor:
        z = torch.exp(self.log_poles())
        B, C = torch.view_as_complex(self.B), torch.view_as_complex(self.C)
        M = self.forms()
        state = torch.zeros(u.shape[0], len(z), dtype=z.dtype, device=u.device)
        outputs = []
        for step in u.unbind(dim=1):
            state = z * state + step.to(B.dtype) @ B.T
            quadratic = torch.einsum("bi,oij,bj->bo", state, M, state)
            outputs.append((state @ C.T + quadratic).real + step @ self.D.T)
        return torch.stack(outputs, dim=1)

    def linear_kernel(self, length: int) -> torch.Tensor:
        """h1(k) = Re(C z^k B), (length, outputs, inputs)."""
        powers = torch.exp(torch.outer(torch.arange(length), self.log_poles()))
        B, C = torch.view_as_complex(self.B), torch.view_as_complex(self.C)
        return torch.einsum("on,kn,ni->koi", C, powers, B).real

    def quadratic_kernel(self, length: int) -> torch.Tensor:
        """h2(k, l) = Re(B^T z^k M z^l B), (length, length, outputs, inputs, inputs)."""
        powers = torch.exp(torch.outer(torch.arange(length), self.log_poles()))
        responses = powers[:, :, None] * torch.view_as_complex(self.B)
        return torch.einsum("kni,onm,lmj->kloij", responses, self.forms(), responses).real
