#!/usr/bin/env python3
"""Shows what feedback is worth: a server with a bug nine commands deep (depth.c), searched with and without it, one row a
seed.   usage: depth.py MAILDRILL DEPTH [--runs N] [--seeds N]   ends with 1 where not most rows with feedback find it"""
import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile


def campaign(options, folder, seed, blind):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    out = os.path.join(folder, f"{seed}-{blind}")
    process = subprocess.Popen([options.maildrill, "fuzz", "--server", f"smtp://127.0.0.1:{port}", "--exec", f"{options.depth} {port}",
                                "--out", out, "--seed", str(seed), "--runs", str(options.runs), "--minutes", "10", "--quiet"]
                               + ["--blind"] * blind, stdout=subprocess.PIPE, text=True)
    found = False
    for line in process.stdout:
        if line.startswith("finding: ") and "more than one reply (NOOP" in line:
            found = True
            process.terminate()
        counted = re.search(r"s: (\d+) dialogues, (\d+)/s", line)
        if counted:
            dialogues, rate = counted.groups()
    process.wait()
    print(f"{seed:4}  {'without' if blind else 'with':8}  {dialogues:>9}  {rate:>11}  {'found' if found else 'not found'}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("maildrill")
    parser.add_argument("depth")
    parser.add_argument("--runs", type=int, default=150000)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    print("seed  feedback  dialogues  dialogues/s  nine commands deep")
    with tempfile.TemporaryDirectory() as folder:
        found = [[campaign(options, folder, seed, blind) for seed in range(1, options.seeds + 1)] for blind in (False, True)]
    print(f"with feedback {sum(found[0])} of {options.seeds}, without {sum(found[1])} of {options.seeds}")
    sys.exit(0 if 2 * sum(found[0]) > options.seeds and not any(found[1]) else 1)


main()
