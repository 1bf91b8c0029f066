#!/usr/bin/env python3
"""What mutators and dictionaries are worth to who has a few inputs and no more.

usage: fuzz/worth.py BUILD [TARGET...] [--seeds N] [--runs N] [--chances N] [--bugs] [--workers N]

For each target with a mutator of its own, four ways: mutator and dictionary, either alone, neither
(libFuzzer's own mutator, without words). A way is run once for each chance. A chance draws a few
seeds of those that have a name and are no regressions, whatever they are, and libFuzzer's numbers;
both are the same for all four ways, and so are the executions.

Edges: the median over the chances. Bugs (--bugs; each is planted and built): the executions until
it was found, as geometric mean over the chances, where one in which it was not found counts as if
the next execution had found it; and in how many chances it was found, where not in all. What the
seeds find by themselves is left out. "~": time was up before so many executions.
"""
import argparse
import concurrent.futures
import math
import os
import random
import shutil
import statistics
import tempfile

import planted

WAYS = (("both", True, True), ("mutator", True, False), ("dictionary", False, True),
        ("neither", False, False))


def drawn_seeds(target, count, chance):
    """A folder with so many of the seeds that people wrote."""
    corpus = os.path.join(planted.TOP, "corpus", target)
    names = sorted(name for name in os.listdir(corpus)
                   if not name.startswith(("found-", "regress-")))
    folder = tempfile.mkdtemp(dir=planted.OWN)
    for name in random.Random(f"{target} {chance}").sample(names, min(count, len(names))):
        shutil.copy(os.path.join(corpus, name), folder)
    return folder


def run_chances(program, target, args, pool):
    """Outcomes of the four ways, for each chance."""
    chances = range(args.seed, args.seed + args.chances)
    seeds = [drawn_seeds(target, args.seeds, chance) for chance in chances]
    jobs = [[pool.submit(planted.campaign, program, target, folder, args.runs, args.seconds, chance,
                         mutator, dictionary) for _, mutator, dictionary in WAYS]
            for folder, chance in zip(seeds, chances)]
    outcomes = [[job.result() for job in ways] for ways in jobs]
    for folder in seeds:
        shutil.rmtree(folder)
    return outcomes


def is_cut(run, args):
    return not run.found and run.executions < args.runs


def has_mutator(target):
    with open(os.path.join(planted.TOP, "fuzz", f"fuzz_{target}.c"), encoding="utf-8") as file:
        return "FUZZ_MUTATOR(" in file.read()


def show(name, columns, width=30):
    print(f"{name:{width}}" + "".join(f"{column:>14}" for column in columns), flush=True)


def mean(numbers):
    """Geometric."""
    return math.exp(statistics.fmean(math.log(number) for number in numbers))


def show_edges(targets, args, pool):
    show(f"edges after {args.runs} runs", [name for name, _, _ in WAYS])
    ratios = [[] for _ in WAYS]
    for target in targets:
        program = os.path.join(args.build, "fuzz", "fuzz_" + target)
        ways = list(zip(*run_chances(program, target, args, pool)))
        edges = [round(statistics.median(run.coverage for run in way)) for way in ways]
        cut = ["~" if any(is_cut(run, args) for run in way) else "" for way in ways]
        show(target, [mark + str(n) for mark, n in zip(cut, edges)])
        for ratio, n in zip(ratios, edges):
            ratio.append(n / edges[-1])
    show("to neither's, geometric mean", [f"{mean(ratio):.2f}" for ratio in ratios])


def show_bug(bug, outcomes, args):
    """Its row; returns each way's executions and the chances in which it was found, None where the
    seeds find it."""
    # The empty input is run besides the seeds.
    outcomes = [ways for ways in outcomes
                if not any(run.found and run.executions <= args.seeds + 1 for run in ways)]
    if not outcomes:
        show(bug.name, ["by its seeds"])
        return None
    needed, found, columns = [], [], []
    for way in zip(*outcomes):
        needed.append(mean([run.executions if run.found else args.runs + 1 for run in way]))
        found.append(sum(run.found for run in way))
        cut = "~" if any(is_cut(run, args) for run in way) else ""
        chances = "" if found[-1] == len(way) else f" {found[-1]}/{len(way)}"
        columns.append(cut + (f"{needed[-1]:.0f}" if found[-1] else "-") + chances)
    show(bug.name, columns)
    return needed, found, len(outcomes)


def drawn_bugs(targets, args):
    """So many of each target, drawn by chance, the same each time."""
    bugs = [bug for bug in planted.all_bugs(args.bug) if bug.target in targets]
    drawn = []
    for target in targets:
        own = [bug for bug in bugs if bug.target == target]
        drawn += random.Random(target).sample(own, min(args.most, len(own)))
    return [bug for bug in bugs if bug in drawn]


def show_bugs(targets, args, pool):
    planted.configure()
    show(f"executions until found, of {args.runs}", [name for name, _, _ in WAYS])
    rows = []
    for bug in drawn_bugs(targets, args):
        with planted.planted(bug) as program:
            rows.append(show_bug(bug, run_chances(program, bug.target, args, pool), args))
    rows = [row for row in rows if row]
    if not rows:
        return
    ratios = [[row[0][way] / row[0][-1] for row in rows] for way in range(len(WAYS))]
    chances = sum(row[2] for row in rows)
    show(f"found, of {chances} chances", [sum(row[1][way] for row in rows)
                                          for way in range(len(WAYS))])
    show(f"found in most, of {len(rows)} bugs", [sum(2 * row[1][way] > row[2] for row in rows)
                                               for way in range(len(WAYS))])
    show("executions to neither's", [f"{mean(ratio):.2f}" for ratio in ratios])
    show("half of neither's or less", [sum(n <= 0.5 for n in ratio) for ratio in ratios])
    show("twice neither's or more", [sum(n >= 2 for n in ratio) for ratio in ratios])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seeds", type=int, default=3, help="of a chance")
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--seconds", type=int, default=20, help="at most, of one run")
    parser.add_argument("--seed", type=int, default=1, help="the first chance's number")
    parser.add_argument("--chances", type=int, default=3)
    parser.add_argument("--bugs", action="store_true")
    parser.add_argument("--most", type=int, default=2, help="planted bugs of a target")
    parser.add_argument("--bug", action="append", default=[], help="this one only; may be repeated")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="runs at a time")
    args = parser.parse_intermixed_args()
    os.makedirs(planted.OWN, exist_ok=True)
    targets = args.targets or sorted(name[5:-2] for name in
                                     os.listdir(os.path.join(planted.TOP, "fuzz"))
                                     if name.startswith("fuzz_") and name.endswith(".c"))
    targets = [target for target in targets if has_mutator(target)]
    with concurrent.futures.ThreadPoolExecutor(args.workers) as pool:
        if not args.bug:
            show_edges(targets, args, pool)
        if args.bugs or args.bug:
            show_bugs(targets, args, pool)


if __name__ == "__main__":
    main()
