#!/usr/bin/env python3
"""Planted bugs: what each fuzz target is worth.

Each patch of fuzz/planted breaks one thing in a copy of the tree, and says of which class it is and
which target has to find it. A campaign of bounded executions is run on each, from the checked-in
corpus: with the target's dictionary and mutator, and with libFuzzer's own mutator alone. All have
to be found with the former; the table says after how many executions.

usage: fuzz/planted.py [--check] [--quick] [--runs N] [--seconds N] [NAME...]
  --check   only sees whether each patch still applies
  --quick   does without the campaigns of libFuzzer's own mutator
"""
import argparse
import atexit
import contextlib
import dataclasses
import fcntl
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile

from campaign import OPTIONS

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(TOP, "fuzz", "planted")
WORK = os.path.join(TOP, "build", "planted")
TREE = os.path.join(WORK, "tree")
BUILD = os.path.join(WORK, "build")
OWN = os.path.join(WORK, f"process-{os.getpid()}")  # of this run of the script
atexit.register(shutil.rmtree, OWN, ignore_errors=True)


class Bug:
    def __init__(self, name):
        self.name = name
        self.patch = os.path.join(FOLDER, name + ".patch")
        with open(self.patch, encoding="utf-8") as file:
            self.text = text = file.read()  # that is taken back as it was put in, whatever becomes of the file
        self.cls = re.search(r"^Class: (.*)$", text, re.M).group(1)
        self.target = re.search(r"^Target: (.*)$", text, re.M).group(1)

    def apply(self, tree, *options):
        # No fuzz but in the lines around: a patch that finds its place nowhere must say so.
        command = ["patch", "-p1", "-s", "-N", "--no-backup-if-mismatch", "-r", "-", *options]
        return subprocess.run(command, cwd=tree, input=self.text.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)


def all_bugs(names):
    known = sorted(f[:-6] for f in os.listdir(FOLDER) if f.endswith(".patch"))
    for name in names:
        if name not in known:
            sys.exit(f"no planted bug {name}; there are: {' '.join(known)}")
    return [Bug(name) for name in names or known]


def copy_tree():
    """The files as they are here, and no others, so that only what changed is built again."""
    files = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP,
                                    text=True).splitlines()
    files = [file for file in files if os.path.isfile(os.path.join(TOP, file))]
    for folder, _, names in os.walk(TREE):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.relpath(path, TREE) not in files:
                os.remove(path)
    for file in files:
        source, target = os.path.join(TOP, file), os.path.join(TREE, file)
        if os.path.exists(target) and filecmp.cmp(source, target, shallow=False):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)


def build(*targets):
    result = subprocess.run(["ninja", "-C", BUILD, *targets], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        sys.exit(result.stdout[-4000:] + "the tree does not build")


def configure():
    """Prepares the tree, which one run at a time may break."""
    os.makedirs(WORK, exist_ok=True)
    lock = open(os.path.join(WORK, "lock"), "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another run breaks the tree; this one waits for its end", file=sys.stderr, flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    atexit.register(lock.close)
    copy_tree()
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        subprocess.run(["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_C_COMPILER=clang",
                        "-DMAILDRILL_FUZZ=ON", "-DMAILDRILL_TESTS=OFF"], check=True,
                       stdout=subprocess.DEVNULL)


@dataclasses.dataclass
class Outcome:
    executions: int
    coverage: int
    found: bool
    said: str  # the law that was broken, or the sanitizer's finding


def seeds_of(target):
    """A folder of the checked-in corpus without what names the bug already."""
    seeds = os.path.join(OWN, "seeds")
    shutil.rmtree(seeds, ignore_errors=True)
    os.makedirs(seeds)
    source = os.path.join(TOP, "corpus", target)
    for name in os.listdir(source):
        # A regression's input may be this very bug's: found by itself, it would prove nothing.
        if not name.startswith("regress-"):
            shutil.copy(os.path.join(source, name), seeds)
    return seeds


def campaign(program, target, seeds, runs, seconds, seed, mutator=True, dictionary=True):
    """One run of libFuzzer, until it finds something or its executions are spent."""
    out = tempfile.mkdtemp(dir=OWN)
    command = [program, *OPTIONS, f"-runs={runs}", f"-seed={seed}", f"-max_total_time={seconds}",
               "-timeout=5", f"-artifact_prefix={out}/",
               "-print_final_stats=1", "-print_funcs=0"]
    words = os.path.join(TOP, "fuzz", target + ".dict")
    if dictionary and os.path.exists(words):
        command.append("-dict=" + words)
    environment = dict(os.environ)
    if not mutator:
        environment["MAILDRILL_PLAIN_MUTATOR"] = "1"
    result = subprocess.run([*command, out, seeds], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, env=environment)
    shutil.rmtree(out)
    text = result.stdout.decode("utf-8", "replace")
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    reached = re.findall(r"cov: (\d+)", text)
    why = re.search(r"law broken: (.*)|(?:ERROR|SUMMARY): \w+Sanitizer: ([\w-]+)|"
                    r"runtime error: (.*)|ERROR: libFuzzer: (timeout|out-of-memory)", text)
    said = next((g for g in why.groups() if g), "?") if why else "?"
    return Outcome(int(executed.group(1)) if executed else 0, int(reached[-1]) if reached else 0,
                   result.returncode != 0, said if result.returncode != 0 else "")


@contextlib.contextmanager
def planted(bug):
    """The target with this bug, as its program."""
    applied = bug.apply(TREE)
    if applied.returncode != 0:
        sys.exit(f"{bug.name} does not apply: {applied.stdout.decode()}")
    try:
        build("fuzz_" + bug.target)
        yield os.path.join(BUILD, "fuzz", "fuzz_" + bug.target)
    finally:
        bug.apply(TREE, "-R")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--runs", type=int, default=2000000, help="executions of one campaign")
    parser.add_argument("--seconds", type=int, default=60, help="seconds of one campaign")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    bugs = all_bugs(args.names)
    if args.check:
        stale = [bug for bug in bugs if bug.apply(TOP, "--dry-run").returncode != 0]
        for bug in stale:
            print(f"fuzz/planted/{bug.name}.patch no longer applies: its line has changed")
        print(f"{len(bugs)} planted bugs, {len(stale)} stale")
        sys.exit(bool(stale) or len(bugs) < 30 and not args.names)
    configure()
    build("fuzz/all")
    missed = []
    without = "" if args.quick else f"{'without':>9} "
    print(f"{'bug':30} {'target':13} {'with':>9} {without} law or finding (class)", flush=True)
    for bug in bugs:
        seeds, shown = seeds_of(bug.target), []
        with planted(bug) as program:
            for mutator in (True,) if args.quick else (True, False):
                run = campaign(program, bug.target, seeds, args.runs, args.seconds, args.seed,
                               mutator, mutator)
                shown.append(f"{run.executions}" if run.found else f">{run.executions}")
                said = run.said if mutator else said
                if mutator and not run.found:
                    missed.append(bug.name)
        columns = " ".join(f"{column:>9}" for column in shown)
        print(f"{bug.name:30} {bug.target:13} {columns}  {said} ({bug.cls})", flush=True)
    print(f"{len(bugs) - len(missed)} of {len(bugs)} found" +
          (f"; missed: {' '.join(missed)}" if missed else ""))
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
