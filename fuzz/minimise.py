#!/usr/bin/env python3
"""Keeps in corpus/ the inputs that reach something, each once.

usage: fuzz/minimise.py BUILD [TARGET...]

Inputs with a name that a person gave stay, whatever they reach: seeds say what they show, and
regress-* are faults that were mended. What campaigns found (build/fuzz/corpus) is taken where it
reaches more than those do, small inputs first, and named found-<hash>; found-* that reach nothing
of their own any more go.
"""
import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAX_OCTETS = 2048


def found_name(octets):
    return "found-" + hashlib.sha1(octets).hexdigest()[:10]


def is_given(name):
    return not re.fullmatch(r"found-[0-9a-f]{10}", name)


def merge(program, folders, result):
    """Copies to `result` what of `folders`, in their order, reaches something new to it."""
    done = subprocess.run([program, "-merge=1", "-use_counters=0", f"-max_len={MAX_OCTETS}",
                           "-timeout=10", result, *folders], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(done.stdout.decode("utf-8", "replace")[-2000:])


def minimise(build, target):
    program = os.path.join(build, "fuzz", "fuzz_" + target)
    corpus = os.path.join(TOP, "corpus", target)
    grown = os.path.join(TOP, "build", "fuzz", "corpus", target)
    os.makedirs(corpus, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        result, pool = os.path.join(folder, "result"), os.path.join(folder, "pool")
        os.makedirs(result)
        os.makedirs(pool)
        given = [n for n in sorted(os.listdir(corpus)) if is_given(n)]
        for name in given:
            shutil.copy(os.path.join(corpus, name), result)
        for source in (corpus, grown):
            for name in os.listdir(source) if os.path.isdir(source) else []:
                if source == corpus and name in given:
                    continue
                shutil.copy(os.path.join(source, name), pool)
        merge(program, [pool], result)
        kept = {}
        for name in os.listdir(result):
            with open(os.path.join(result, name), "rb") as file:
                octets = file.read()
            kept[name if name in given else found_name(octets)] = octets
    for name in os.listdir(corpus):
        if name not in kept:
            os.remove(os.path.join(corpus, name))
    for name, octets in kept.items():
        with open(os.path.join(corpus, name), "wb") as file:
            file.write(octets)
    size = sum(len(o) for o in kept.values())
    print(f"{target:14} {len(given):>4} named, {len(kept) - len(given):>4} found, {size:>7} octets",
          flush=True)
    return size


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("targets", nargs="*")
    args = parser.parse_intermixed_args()
    targets = args.targets or sorted(n[5:-2] for n in os.listdir(os.path.join(TOP, "fuzz"))
                                     if n.startswith("fuzz_") and n.endswith(".c"))
    total = sum(minimise(args.build, target) for target in targets)
    print(f"{total} octets in all")


if __name__ == "__main__":
    main()
