"""Lists what torch itself finds in checkpoints, independently of the code under test.

dump_checkpoint.py FILE... prints {FILE: {"leaves": {path: leaf}, "weights_only": bool, "opcodes": [name]}}. A tensor leaf is
["tensor", dtype, shape, SHA-256 of its elements as float64, number of its object, number of its storage]; other leaves
are ["value", repr]. Classes that are not installed are stood in for by empty ones that keep their arguments and state.
--drop-optimizer-state as the first argument empties the optimizers before listing. Also disassembles data.pkl, so that a pickle that Python's own tools refuse fails here.
"""

import hashlib
import io
import json
import pickle
import pickletools
import sys
import types
import zipfile

import torch


class Stub:
    def __new__(cls, *args, **kwargs):
        stub = object.__new__(cls)
        stub.stub_args = args
        return stub

    def __init__(self, *args, **kwargs):
        pass

    def __setstate__(self, state):
        self.__dict__["stub_state"] = state


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return super().find_class(module, name)
        except (ImportError, AttributeError):
            return type(name, (Stub,), {"__module__": module})


lenient = types.ModuleType("lenient_pickle")
lenient.__dict__.update(pickle.__dict__)
lenient.Unpickler = Unpickler
# torch 1.13 ignores its own pickle_module argument.
torch.serialization.pickle = lenient

UNSPOKEN = {"_content", "_val", "_parameters", "_buffers", "_modules"}


class Listing:
    def __init__(self):
        self.leaves = {}
        self.objects = {}
        self.storages = {}
        self.seen = {}

    def tensor(self, t):
        values = t.detach().resolve_conj().resolve_neg()
        values = values.int_repr() if t.is_quantized else values
        values = torch.view_as_real(values) if values.is_complex() else values
        raw = values.contiguous().double().numpy().tobytes()
        number = self.objects.setdefault(id(t), len(self.objects))
        storage = self.storages.setdefault(t.storage()._cdata, len(self.storages))
        self.seen[id(t)] = t
        name = str(t.dtype).replace("torch.", "")
        return ["tensor", name, list(t.shape), hashlib.sha256(raw).hexdigest(), number, storage]

    def visit(self, value, path):
        if isinstance(value, torch.Tensor):
            self.leaves[".".join(path) or "tensor"] = self.tensor(value)
            return
        if isinstance(value, (dict, list, tuple, set)) or hasattr(value, "__dict__"):
            if isinstance(value, type) or callable(value) and not isinstance(value, torch.nn.Module):
                self.leaves[".".join(path)] = ["value", repr(value)]
                return
            if id(value) in self.seen:
                return
            self.seen[id(value)] = value
            self.inside(value, path)
            return
        self.leaves[".".join(path)] = ["value", repr(value)]

    def inside(self, value, path):
        if isinstance(value, dict):
            for key, item in value.items():
                self.visit(item, path + [str(key)])
            self.attributes(getattr(value, "__dict__", {}), path + ["attribute"])
        elif isinstance(value, (list, tuple, set)):
            for index, item in enumerate(value):
                self.visit(item, path + [str(index)])
        elif isinstance(value, Stub):
            for index, item in enumerate(getattr(value, "stub_args", ())):
                self.visit(item, path + [f"arg{index}"])
            self.attributes(getattr(value, "stub_state", {}), path)
        else:
            self.attributes(value.__dict__, path)

    def attributes(self, state, path):
        if not isinstance(state, dict):
            self.visit(state, path + ["state"])
            return
        for key, item in state.items():
            self.visit(item, path if key in UNSPOKEN else path + [str(key)])


def loads_weights_only(path):
    try:
        torch.load(path, weights_only=True)
        return True
    except Exception:
        return False


def drop_states(value, seen):
    """Empties the state of every optimizer in place, as a rewrite without optimizer states should."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    if isinstance(value, dict):
        if isinstance(value.get("state"), dict) and isinstance(value.get("param_groups"), list):
            value["state"] = {}
        for item in value.values():
            drop_states(item, seen)
    elif isinstance(value, (list, tuple)):
        for item in value:
            drop_states(item, seen)


def dump(path, drop_optimizer_state):
    pickled = b"N."
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None, "a checksum is wrong"
            name = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
            pickled = archive.read(name)
            pickletools.dis(pickled, out=io.StringIO())
    listing = Listing()
    value = torch.load(path, map_location="cpu")
    if drop_optimizer_state:
        drop_states(value, {})
    listing.visit(value, [])
    return {
        "leaves": listing.leaves,
        "weights_only": loads_weights_only(path),
        "opcodes": sorted({opcode.name for opcode, _, _ in pickletools.genops(pickled)}),
    }


drop = sys.argv[1] == "--drop-optimizer-state"
print(json.dumps({path: dump(path, drop) for path in sys.argv[1 + drop :]}))
