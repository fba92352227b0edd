"""Writes NumPy archives of every plain element type and layout, and says what is in archives that we wrote.

arrays.py write FOLDER   writes FOLDER/stored.npz and FOLDER/deflated.npz and one .npy an array; prints their elements
arrays.py read FILE...   prints {FILE: {name: [dtype, shape, elements]}} of .npz files
Elements are listed as float64 in row-major order, complex ones as pairs.
"""

import json
import os
import sys

import numpy as np

TYPES = "<f8 >f8 <f4 >f4 <f2 >f2 <c16 >c16 <c8 >c8 <i8 >i8 <i4 >i4 <i2 >i2 |i1 <u8 >u8 <u4 >u4 <u2 >u2 |u1 |b1".split()


def elements(array):
    flat = np.ascontiguousarray(array).ravel()
    if flat.dtype.kind == "c":
        flat = np.stack([flat.real, flat.imag], -1).ravel()
    return [float(value) for value in flat]


def described(array):
    return [array.dtype.name, list(array.shape), elements(array)]


def samples():
    rng = np.random.default_rng(0)
    arrays = {}
    for text in TYPES:
        dtype = np.dtype(text)
        values = rng.integers(0, 100, (2, 3, 4)).astype(np.float64)
        if dtype.kind in "fc":
            values = values / 8 - 5
        if dtype.kind == "c":
            values = values + 1j * values[::-1]
        arrays["rows_" + text.strip("|")] = values.astype(dtype)
        arrays["columns_" + text.strip("|")] = np.asfortranarray(values.astype(dtype))
    arrays["scalar"] = np.float32(1.5)
    arrays["empty"] = np.zeros((0, 3), np.float32)
    arrays["line"] = np.arange(5, dtype=np.int64)
    arrays["block/0/kernel"] = np.eye(3, dtype=np.float32)
    return arrays


def write(folder):
    arrays = samples()
    texts = {"names": np.array(["a", "bc"]), "dates": np.array(["2020-01-01"], "M8[D]")}
    np.savez(os.path.join(folder, "stored.npz"), **arrays, **texts)
    np.savez_compressed(os.path.join(folder, "deflated.npz"), **arrays, **texts)
    for index, array in enumerate(arrays.values()):
        np.save(os.path.join(folder, f"{index}.npy"), array)
    return {name: described(np.asarray(array)) for name, array in arrays.items()}


def read(path):
    with np.load(path) as archive:
        return {
            name: described(archive[name]) for name in archive.files if archive[name].dtype.kind in "fciub"
        }


command, *paths = sys.argv[1:]
print(json.dumps(write(paths[0]) if command == "write" else {path: read(path) for path in paths}))
