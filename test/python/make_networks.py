"""Small networks of known code bases with made-up weights: writes DIRECTORY/<name>.pt and prints, for each, an input
sequence (length x width) and the outputs, computed in float64 step by step from the definitions.

make_networks.py DIRECTORY
"""

import json
import sys

import numpy
import torch

rng = numpy.random.default_rng(7)


def draw(*shape, scale=0.5):
    return torch.from_numpy((scale * rng.standard_normal(shape)).astype(numpy.float32))


def complex_draw(*shape):
    return torch.complex(draw(*shape), draw(*shape))


def uniform(low, high, *shape):
    return torch.from_numpy(rng.uniform(low, high, shape).astype(numpy.float32))


def linear(out, inputs, bias=True):
    parts = {"weight": draw(out, inputs)}
    return {**parts, "bias": draw(out)} if bias else parts


def norm(width, batch=False):
    parts = {"weight": 1 + draw(width), "bias": draw(width)}
    if batch:
        parts.update(running_mean=draw(width), running_var=uniform(0.5, 2, width), num_batches_tracked=torch.tensor(9))
    return parts


def nest(**groups):
    return {f"{prefix}.{name}": value for prefix, group in groups.items() for name, value in group.items()}


def below(prefix, group):
    return {f"{prefix}.{name}": value for name, value in group.items()}


class Weights:
    """Double precision copies below a prefix."""

    def __init__(self, state, prefix=""):
        self.state, self.prefix = state, prefix

    def __getitem__(self, name):
        value = self.state[self.prefix + name]
        return value.to(torch.complex128 if value.is_complex() else torch.float64)

    def __contains__(self, name):
        return self.prefix + name in self.state

    def at(self, name):
        return Weights(self.state, self.prefix + name + ".")


def apply_linear(w, x):
    y = x @ w["weight"].reshape(w["weight"].shape[0], -1).T
    return y + w["bias"].reshape(-1) if "bias" in w else y


def apply_norm(w, x):
    if "running_mean" in w:
        return (x - w["running_mean"]) / torch.sqrt(w["running_var"] + 1e-5) * w["weight"] + w["bias"]
    return torch.nn.functional.layer_norm(x, x.shape[-1:], w["weight"], w["bias"], 1e-5)


gelu = torch.nn.functional.gelu
glu = lambda x: torch.nn.functional.glu(x, dim=-1)


# S4D of version 4, one tied group, zero-order hold, both directions, two channels


def s4_block(width, channels, order, glued):
    heads = 2 * channels
    return {
        **nest(
            layer={"D": draw(channels, width)},
            **{
                "layer.kernel": {
                    "inv_dt": uniform(-4, -1, width, 1),
                    "C": draw(heads, width, order, 2),
                    "B": draw(1, 1, order, 2),
                    "A_real": draw(1, order),
                    "A_imag": -uniform(0, 8, 1, order),
                }
            },
        ),
        **below("output_linear.0", linear((2 if glued else 1) * width, channels * width)),
    }


def run_s4_block(w, u):
    k = w.at("layer.kernel")
    complex_of = lambda name: torch.view_as_complex(k[name].contiguous())
    step = torch.exp(k["inv_dt"])
    A = torch.complex(-torch.exp(k["A_real"][0]), -k["A_imag"][0])
    z = torch.exp(step * A)
    weight = complex_of("C") * complex_of("B")[0, 0] * ((z - 1) / A)
    length, width = u.shape
    kernel = lambda l: 2 * (weight * z**l).sum(-1).real
    heads = weight.shape[0] // 2
    D = w["layer.D"]
    outputs = torch.zeros(length, heads, width, dtype=torch.float64)
    for t in range(length):
        outputs[t] = D * u[t]
        for s in range(t + 1):
            outputs[t] += kernel(t - s)[:heads] * u[s]
        for s in range(t + 1, length):
            outputs[t] += kernel(s - t - 1)[heads:] * u[s]
    y = apply_linear(w.at("output_linear.0"), gelu(outputs.reshape(length, -1)))
    return glu(y) if y.shape[1] == 2 * width else y


def sequence_model(prenorm, batch, glued):
    width, layers = 4, 2
    state = below("encoder.0", linear(width, 3))
    for i in range(layers):
        state.update(below(f"model.layers.{i}.layer", s4_block(width, 2, 3, glued)))
        state.update(below(f"model.layers.{i}.norm.norm", norm(width, batch)))
    if prenorm:
        state.update(below("model.norm.norm", norm(width, batch)))
    state.update(below("decoder.0.output_transform", linear(5, width)))
    return state


def run_sequence_model(w, u):
    x = apply_linear(w.at("encoder.0"), u)
    prenorm = "model.norm.norm.weight" in w
    for i in range(2):
        block = w.at(f"model.layers.{i}")
        z = apply_norm(block.at("norm.norm"), x) if prenorm else x
        x = x + run_s4_block(block.at("layer"), z)
        x = x if prenorm else apply_norm(block.at("norm.norm"), x)
    x = apply_norm(w.at("model.norm.norm"), x) if prenorm else x
    return apply_linear(w.at("decoder.0.output_transform"), x.mean(0, keepdim=True))


# S5


def s5_stack(both, gated):
    width, order = 4, 3
    state = {**below("encoder", linear(width, 2)), **below("decoder", linear(3, width))}
    for i in range(2):
        p = f"layers.{i}"
        state.update(below(f"{p}.attn_norm", norm(width)))
        state.update(below(f"{p}.ff_norm", norm(width)))
        state.update(below(f"{p}.ff_enc", linear(12 if gated else 6, width, bias=False)))
        state.update(below(f"{p}.ff_dec", linear(width, 6, bias=False)))
        state.update(
            below(
                f"{p}.s5.seq",
                {
                    "Lambda": torch.complex(-uniform(0.2, 2, order), uniform(-6, 6, order)),
                    "B": draw(order, width, 2),
                    "C": complex_draw(width, 2 * order if both else order),
                    "D": draw(width),
                    "log_step": uniform(-3, -1, order),
                },
            )
        )
    return state


def run_s5(w, u):
    Lambda, step = w["Lambda"], torch.exp(w["log_step"])
    z = torch.exp(Lambda * step)
    B = ((z - 1) / Lambda)[:, None] * torch.view_as_complex(w["B"].contiguous())
    length, order = len(u), len(z)
    drive = u.to(torch.complex128) @ B.T

    def scan(times):
        state, found = torch.zeros(order, dtype=torch.complex128), {}
        for t in times:
            state = z * state + drive[t]
            found[t] = state
        return torch.stack([found[t] for t in range(length)])

    states = scan(range(length))
    if w["C"].shape[1] == 2 * order:
        states = torch.cat((states, scan(reversed(range(length)))), dim=1)
    return (states @ w["C"].T).real + w["D"] * u


def run_s5_stack(w, u):
    x = apply_linear(w.at("encoder"), u)
    for i in range(2):
        block = w.at(f"layers.{i}")
        x = apply_norm(block.at("attn_norm"), x)
        x = gelu(run_s5(block.at("s5.seq"), x)) + x
        x = apply_norm(block.at("ff_norm"), x)
        inner = apply_linear(block.at("ff_enc"), x)
        if inner.shape[1] == 12:
            inner = inner[:, :6] * gelu(inner[:, 6:])
        x = apply_linear(block.at("ff_dec"), inner) + x
    return apply_linear(w.at("decoder"), x[-1:])


# LRU


def dlru():
    width, order = 4, 3
    state = {**below("encoder", linear(width, 2)), **below("decoder", linear(3, width))}
    for i in range(2):
        state.update(below(f"blocks.{i}.ln", norm(width)))
        state.update(below(f"blocks.{i}.ff.c_fc", linear(4 * width, width)))
        state.update(below(f"blocks.{i}.ff.c_proj", linear(width, 4 * width)))
        state.update(
            below(
                f"blocks.{i}.lru",
                {
                    "nu_log": uniform(-3, 0, order),
                    "theta_log": uniform(-3, 1, order),
                    "gamma_log": draw(order),
                    "B": complex_draw(order, width),
                    "C": complex_draw(width, order),
                    "D": draw(width, width),
                },
            )
        )
    return state


def run_dlru(w, u):
    x = apply_linear(w.at("encoder"), u)
    for i in range(2):
        block = w.at(f"blocks.{i}")
        lru = block.at("lru")
        z = torch.exp(torch.complex(-torch.exp(lru["nu_log"]), torch.exp(lru["theta_log"])))
        v = apply_norm(block.at("ln"), x)
        drive = v.to(torch.complex128) @ (torch.exp(lru["gamma_log"])[:, None] * lru["B"]).T
        state, outputs = torch.zeros_like(drive[0]), []
        for t in range(len(v)):
            state = z * state + drive[t]
            outputs.append((lru["C"] @ state).real + lru["D"] @ v[t])
        ff = block.at("ff")
        x = x + apply_linear(ff.at("c_proj"), gelu(apply_linear(ff.at("c_fc"), torch.stack(outputs))))
    return apply_linear(w.at("decoder"), x)


networks = {
    "sequence_prenorm_batch": (sequence_model(True, True, True), run_sequence_model, 3),
    "sequence_postnorm_layer": (sequence_model(False, False, False), run_sequence_model, 3),
    "s5_both_gated": (s5_stack(True, True), run_s5_stack, 2),
    "s5_forward_plain": (s5_stack(False, False), run_s5_stack, 2),
    "dlru_mlp": (dlru(), run_dlru, 2),
}

found = {}
for name, (state, run, width) in networks.items():
    torch.save(state, f"{sys.argv[1]}/{name}.pt")
    u = torch.from_numpy(rng.standard_normal((11, width)))
    found[name] = {"input": u.tolist(), "output": run(Weights(state), u).tolist()}
print(json.dumps(found))
