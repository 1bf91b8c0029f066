#!/usr/bin/env python3
"""Sees that the corpora are what fuzz/README.md says of them.

usage: fuzz/test_corpus.py

Each target has a folder and each folder a target; each folder has seeds that people wrote, with names
of words; what campaigns found is named by its hash, as fuzz/minimise.py does; no input stands there
twice; and all together are small.
"""
import hashlib
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAX_OCTETS = 5 << 20  # of all
LEAST_SEEDS = 3


def wrong_in(target, folder):
    """Sentences; and the octets of the folder."""
    wrong, octets, seeds, seen = [], 0, 0, {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        octets += len(content)
        found = re.fullmatch(r"found-([0-9a-f]{10})", name)
        if found and hashlib.sha1(content).hexdigest()[:10] != found.group(1):
            wrong.append(f"corpus/{target}/{name} is not named by its hash")
        words = re.fullmatch(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", name) and not re.search(r"[0-9a-f]{20}", name)
        if not found and not words:
            wrong.append(f"corpus/{target}/{name} does not say what it shows")
        seeds += not found and not name.startswith("regress-")
        if content in seen:
            wrong.append(f"corpus/{target}/{name} is {seen[content]} again")
        seen[content] = name
    if seeds < LEAST_SEEDS:
        wrong.append(f"corpus/{target} has {seeds} seeds that people wrote; {LEAST_SEEDS} are the least")
    return wrong, octets


def main():
    targets = {name[5:-2] for name in os.listdir(os.path.join(TOP, "fuzz"))
               if name.startswith("fuzz_") and name.endswith(".c")}
    folders = set(os.listdir(os.path.join(TOP, "corpus")))
    wrong = [f"fuzz/fuzz_{name}.c has no folder in corpus" for name in sorted(targets - folders)]
    wrong += [f"corpus/{name} is of no target" for name in sorted(folders - targets)]
    octets = 0
    for target in sorted(folders & targets):
        more, size = wrong_in(target, os.path.join(TOP, "corpus", target))
        wrong += more
        octets += size
    if octets > MAX_OCTETS:
        wrong.append(f"the corpora have {octets} octets; {MAX_OCTETS} are the most")
    for sentence in wrong:
        print(sentence)
    print(f"{len(folders)} corpora, {octets} octets, {len(wrong)} things wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
