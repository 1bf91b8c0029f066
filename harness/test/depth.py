#!/usr/bin/env python3
"""Shows what feedback is worth: a server with a bug nine commands deep (depth.c), searched with and without it, one row a
seed; --brief: no further seed once one has found it, and one row without feedback, with as many dialogues as that needed.
usage: depth.py MAILDRILL DEPTH [--runs N] [--seeds N] [--brief]
Ends with 1 where less than four in five seeds find it (--brief: where none does), or it is found without feedback; with 77
where there is no libFuzzer."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

from checks import free_port, skip


def campaign(options, folder, seed, runs, blind=False):
    """Whether it was found, and in how many dialogues."""
    port, out = free_port(), os.path.join(folder, f"{seed}-{blind}")
    process = subprocess.Popen([options.maildrill, "fuzz", "--server", f"smtp://127.0.0.1:{port}", "--exec", f"{options.depth} {port}",
                                "--out", out, "--jobs", "1", "--seed", str(seed), "--runs", str(runs), "--minutes", "10", "--quiet"]
                               + ["--blind"] * blind, stdout=subprocess.PIPE, text=True)
    found, dialogues, rate = False, "0", "0"
    for line in process.stdout:
        if line.startswith("finding: ") and "more than one reply (NOOP" in line:
            found = True
            process.terminate()
        counted = re.search(r"s: (\d+) dialogues, (\d+)/s", line)
        if counted:
            dialogues, rate = counted.groups()
    process.wait()
    if process.returncode == 2:
        skip("this build has no libFuzzer")
    print(f"{seed:4}  {'without' if blind else 'with':8}  {dialogues:>9}  {rate:>11}  {'found' if found else 'not found'}", flush=True)
    return found, int(dialogues)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("maildrill")
    parser.add_argument("depth")
    parser.add_argument("--runs", type=int, default=150000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--brief", action="store_true")
    options = parser.parse_args()
    print("seed  feedback  dialogues  dialogues/s  nine commands deep")
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for seed in range(1, options.seeds + 1):
            rows.append(campaign(options, folder, seed, options.runs))
            if options.brief and rows[-1][0]:
                break
        runs = rows[-1][1] if options.brief else options.runs
        blind = [campaign(options, folder, seed, runs, True)[0] for seed in range(1, 2 if options.brief else options.seeds + 1)]
    found = sum(row[0] for row in rows)
    print(f"with feedback {found} of {len(rows)}, without {sum(blind)} of {len(blind)}")
    enough = found > 0 if options.brief else 5 * found >= 4 * len(rows)
    sys.exit(0 if enough and not any(blind) else 1)


main()
