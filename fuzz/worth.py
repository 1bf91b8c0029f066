#!/usr/bin/env python3
"""What mutators and dictionaries are worth: the same executions with and without each.

usage: fuzz/worth.py BUILD [TARGET...] [--runs N] [--repeats N] [--bugs]

For each target with a mutator of its own: the edges reached, and the planted bugs found (--bugs:
they are built for that), after as many executions from the same seeds: those with a name, without
what campaigns found. Four ways: mutator and dictionary, either alone, neither. libFuzzer's chance
is the same in all of them (-seed); of edges the median of several chances is shown, as one alone
moves them by some in a hundred. "~": time was up before so many executions.
"""
import argparse
import os
import statistics

import planted

WAYS = (("both", True, True), ("mutator", True, False), ("dictionary", False, True),
        ("neither", False, False))


def named_seeds(target):
    """Seeds that people wrote."""
    seeds = planted.seeds_of(target)
    for name in os.listdir(seeds):
        if name.startswith("found-"):
            os.remove(os.path.join(seeds, name))
    return seeds


def run_ways(program, target, args, seed):
    seeds = named_seeds(target)
    return [planted.campaign(program, target, seeds, args.runs, args.seconds, seed, mutator,
                             dictionary) for _, mutator, dictionary in WAYS]


def reach(program, target, args):
    """Edges of each way, and whether time was up in one of its runs."""
    runs = [run_ways(program, target, args, args.seed + i) for i in range(args.repeats)]
    edges, cut = [], []
    for way in zip(*runs):
        edges.append(round(statistics.median(run.coverage for run in way)))
        cut.append(any(run.executions < args.runs and not run.found for run in way))
    return edges, cut


def has_mutator(target):
    with open(os.path.join(planted.TOP, "fuzz", f"fuzz_{target}.c"), encoding="utf-8") as file:
        return "FUZZ_MUTATOR(" in file.read()


def show(name, numbers, width=30):
    print(f"{name:{width}}" + "".join(f"{n:>12}" for n in numbers), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--runs", type=int, default=10000)
    parser.add_argument("--seconds", type=int, default=60, help="at most, of one run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each way for its edges")
    parser.add_argument("--bugs", action="store_true")
    args = parser.parse_intermixed_args()
    os.makedirs(planted.WORK, exist_ok=True)
    targets = args.targets or sorted(name[5:-2] for name in
                                     os.listdir(os.path.join(planted.TOP, "fuzz"))
                                     if name.startswith("fuzz_") and name.endswith(".c"))
    targets = [target for target in targets if has_mutator(target)]
    show(f"edges after {args.runs} runs", [name for name, _, _ in WAYS])
    totals = [0] * len(WAYS)
    for target in targets:
        program = os.path.join(args.build, "fuzz", "fuzz_" + target)
        edges, cut = reach(program, target, args)
        totals = [a + b for a, b in zip(totals, edges)]
        show(target, [f"~{n}" if short else n for n, short in zip(edges, cut)])
    show("all", totals)
    if not args.bugs:
        return
    planted.configure()
    show(f"bugs within {args.runs} runs", [name for name, _, _ in WAYS])
    found = [0] * len(WAYS)
    for bug in planted.all_bugs([]):
        if bug.target not in targets:
            continue
        with planted.planted(bug) as program:
            runs = run_ways(program, bug.target, args, args.seed)
        found = [n + run.found for n, run in zip(found, runs)]
        show(bug.name, [run.executions if run.found else "-" for run in runs])
    show("found", found)


if __name__ == "__main__":
    main()
