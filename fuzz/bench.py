#!/usr/bin/env python3
"""Executions a second of each fuzz target, as a ratio to a target that does nothing.

usage: fuzz/bench.py BUILD [TARGET...]

Both run in turns over the same inputs, of the target's corpus, with the same engine and sanitizers:
libFuzzer's replaying of one input many times, which reads its file each time; beside that cost,
which both have, a ratio says how much slower the target makes it. Median of three rounds.

"fuzzing": executions in a second of the processor, in a campaign's first seconds over the whole
corpus: mutants are longer than what is replayed, and to make them, and to look for what is new in
each, takes time that an empty target has no use for (it makes over a million).
"""
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile

from campaign import OPTIONS

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUNS, ROUNDS, INPUTS, SECONDS = 600, 3, 5, 5


def seconds(program, inputs):
    """Of the processor, for RUNS of each of them, without what it takes to start: what else the
    machine does at the time says nothing of a target."""
    times = []
    for runs in (1, RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, f"-runs={runs}", *inputs], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return max(times[1] - times[0], 1e-6)


def fuzzing(program, corpus):
    """Executions in a second of a campaign on it."""
    with tempfile.TemporaryDirectory() as out:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([program, *OPTIONS, f"-max_total_time={SECONDS}", "-seed=1",
                               "-print_final_stats=1", f"-artifact_prefix={out}/", out, corpus],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    executed = re.search(rb"number_of_executed_units:\s*(\d+)", done.stdout)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return int(executed.group(1)) / taken


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    build, targets = sys.argv[1], sys.argv[2:]
    targets = targets or sorted(re.sub(r"^fuzz_|\.c$", "", n)
                                for n in os.listdir(os.path.join(TOP, "fuzz"))
                                if re.fullmatch(r"fuzz_\w+\.c", n))
    empty = os.path.join(build, "fuzz", "empty")
    print(f"{'target':14} {'octets':>7} {'exec/s':>9} {'ratio':>7} {'fuzzing':>9}")
    for target in targets:
        folder = os.path.join(TOP, "corpus", target)
        paths = sorted((os.path.join(folder, n) for n in os.listdir(folder)), key=os.path.getsize)
        middle = paths[len(paths) // 4: len(paths) // 4 + INPUTS] or paths[:INPUTS]
        program = os.path.join(build, "fuzz", "fuzz_" + target)
        ratios, rates = [], []
        for _ in range(ROUNDS):
            taken, idle = seconds(program, middle), seconds(empty, middle)
            ratios.append(idle / taken)
            rates.append(RUNS * len(middle) / taken)
        size = sum(map(os.path.getsize, middle)) // len(middle)
        print(f"{target:14} {size:>7} {statistics.median(rates):>9.0f} "
              f"{statistics.median(ratios):>7.3f} {fuzzing(program, folder):>9.0f}", flush=True)


if __name__ == "__main__":
    main()
