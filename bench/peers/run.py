"""Runs the peers of `bench/quality.ts` on a batch of systems.

Usage: run.py JOBS RESULT PROCESSES
Prints {"pymor": its version or null, "seconds": {method: added over the processes}, "failed": {method: cases}}.
JOBS: [{"a": [re, im], "w": [re, im], "step": Delta, "horizon": L, "orders": [...]}, ...]. RESULT, in the same order:
[{method: {order: {"a": [re, im], "w": [re, im]} or null where the method failed}}, ...].
"""
import json
import multiprocessing
import sys
import time

import numpy as np

import algorithm1
import balanced
import irka
import pymor_peers

PAPER_ITERATIONS = 100


def by_algorithm1(a, w, step, order, horizon):
    return algorithm1.reduce((a, w, step, order, horizon, PAPER_ITERATIONS))


METHODS = {
    "algorithm1": by_algorithm1,
    "balancedComplex": lambda a, w, step, *rest: balanced.complex_truncation(a, w, *rest),
    "balancedReal": lambda a, w, step, *rest: balanced.real_truncation(a, w, *rest),
    "irka": lambda a, w, step, *rest: irka.reduce(a, w, *rest),
}
for found, by_pymor in pymor_peers.METHODS.items():
    METHODS[found] = lambda a, w, step, *rest, method=by_pymor: method(a, w, *rest)


def parts(x):
    return [x.real.tolist(), x.imag.tolist()]


def attempt(method, *arguments):
    try:
        b, v = method(*arguments)
    except np.linalg.LinAlgError:
        return None
    if not np.all(np.isfinite(b) & np.isfinite(v)):
        return None
    return {"a": parts(b), "w": parts(v)}


def solve(job):
    np.seterr(all="ignore")
    a, w = (np.array(job[k][0]) + 1j * np.array(job[k][1]) for k in "aw")
    seconds = dict.fromkeys(METHODS, 0.0)
    result = {}
    for name, method in METHODS.items():
        begin = time.perf_counter()
        result[name] = {
            order: attempt(method, a, w, job["step"], order, job["horizon"])
            for order in job["orders"]
        }
        seconds[name] = time.perf_counter() - begin
    return result, seconds


def main():
    source, target, processes = sys.argv[1:]
    with open(source) as file:
        jobs = json.load(file)
    with multiprocessing.Pool(int(processes)) as pool:
        solved = pool.map(solve, jobs, chunksize=1)
    with open(target, "w") as file:
        json.dump([result for result, _ in solved], file, allow_nan=False)
    failed = {name: sum(list(r[name].values()).count(None) for r, _ in solved) for name in METHODS}
    seconds = {name: sum(s[name] for _, s in solved) for name in METHODS}
    print(json.dumps({"pymor": pymor_peers.VERSION, "seconds": seconds, "failed": failed}))


if __name__ == "__main__":
    main()
