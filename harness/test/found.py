#!/usr/bin/env python3
"""campaign.found: what a campaign over sockets finds of the reference server's faults: each one that breaks what the oracles
know, one row a fault.   usage: found.py MAILDRILL [--runs N] [--seeds N] [-j N] [FAULT...]
What one seed does not find in its runs, the next may. Ends with 1 where a fault is not found, with 77 where there is no
libFuzzer."""
import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

from checks import free_port, skip

# The fault, and the oracles that may see it first.
FAULTS = {
    "rcpt-before-mail": "rcpt-without-mail", "rset-keeps": "rcpt-without-mail", "ehlo-keeps": "rcpt-without-mail",
    "helo-keeps": "rcpt-without-mail", "data-keeps": "rcpt-without-mail", "refused-data-keeps": "rcpt-without-mail",
    "bdat-keeps": "rcpt-without-mail", "data-before-mail": "message-without-rcpt", "data-before-rcpt": "message-without-rcpt",
    "data-after-refused": "message-without-rcpt", "bdat-without-rcpt": "bdat-without-rcpt",
    "bdat-before-mail": "bdat-without-rcpt", "bdat-leaves-chunk": "chunk-run", "nested-mail": "nested-mail",
    "ehlo-mixed-codes": "reply-mixed-codes", "help-mixed-codes": "reply-mixed-codes", "reply-bare-lf": "reply-line-ending",
    "reply-control": "reply-control", "reply-code-range": "reply-code-range", "reply-twice": "extra-reply",
    "help-silent": "no-reply", "rset-closes": "closed", "data-closes": "closed", "quit-silent": "closed",
    "end-of-data-none": "no-reply", "end-of-data-twice": "extra-reply", "lf-dot-lf": "end-of-data", "lf-dot-crlf": "end-of-data",
    "crlf-dot-lf": "end-of-data", "cr-dot-crlf": "end-of-data",
    "pipelining-loses": "pipelined-no-reply", "reply-eight-bit": "reply-eight-bit", "reply-long-line": "reply-long-line",
    "tls-keeps-input": "starttls-injection", "tls-keeps-state": "starttls-state",
    "tls-never": "starttls-in-clear", "tls-offered-twice": "starttls-again",
    "enhanced-class": "reply-status-class", "help-leftover": "session-leak-help", "help-old-name": "stale-words-help",
    "bare-cr-command": "bare-cr", "bdat-dot-ends": "chunk-run", "read-is-command": "pieces", "quit-stays": "behind-quit", "auth-failure-passes": "auth-bypassed",
    "auth-any": "auth-(wrong|no)-password", "plain-no-password": "auth-no-password", "cram-any": "auth-wrong-password",
    "noop-resets": "(out-of-sequence|nested-mail)", "one-transaction": "out-of-sequence-mail", "bdat-once": "out-of-sequence-bdat",
    "tls-keeps-auth": "out-of-sequence-auth", "auth-loses": "pipelined-no-reply", "end-of-data-cut": "(pieces|(pipelined-)?no-reply)",
    "size-ends": "end-of-data-message",
}

# What the server has that a fault needs, and what the campaign is told of it.
SERVED = {"auth-failure-passes": ["--mode", "submission", "--user", "tester", "--pass", "secret"],
          "auth-any": ["--user", "tester", "--pass", "secret"], "plain-no-password": ["--user", "tester", "--pass", "secret"],
          "cram-any": ["--user", "tester", "--pass", "secret", "--clear-auth"],
          "tls-keeps-auth": ["--fault", "plain-in-clear", "--user", "tester", "--pass", "secret"],
          "auth-loses": ["--user", "tester", "--pass", "secret", "--clear-auth"]}
TOLD = {fault: ["--user", "tester", "--pass", "secret"] for fault in ("cram-any", "tls-keeps-auth")}


def campaign(options, folder, fault, seed):
    """What was found first of what the fault is, how many dialogues that took, how it ended and what was shown."""
    port, out = free_port(), os.path.join(folder, f"{fault}-{seed}")
    process = subprocess.Popen(
        [options.maildrill, "fuzz", "--server", f"smtp://127.0.0.1:{port}", "--exec",
         " ".join([options.maildrill, "serve", "--listen", f"127.0.0.1:{port}", "--fault", fault, *SERVED.get(fault, [])]), "--out", out,
         "--rcpt", "bob@example.test", *TOLD.get(fault, []), "--jobs", "1", "--seed", str(seed), "--runs", str(options.runs), "--minutes", "4", "--timeout", "1s",
         "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found, shown = None, ""
    for line in process.stdout:
        shown += line
        name = re.search(rf"/findings/({FAULTS[fault]}\S*)\.smtp$", line)
        if name and not found:
            found = name.group(1)
            process.send_signal(signal.SIGTERM)
    process.wait()
    if "no libFuzzer" in shown:
        return "no libFuzzer", 0, 77, shown
    with open(os.path.join(out, "campaign.json"), encoding="utf-8") as file:
        return found, json.load(file)["dialogues"], process.returncode, shown


def search(options, folder, fault):
    """The row of a fault: the finding, all dialogues, the last seed, how the campaign ended, what was shown."""
    total = 0
    for seed in range(1, options.seeds + 1):
        found, dialogues, code, shown = campaign(options, folder, fault, seed)
        total += dialogues
        if found:
            break
    return found, total, seed, code, shown


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("maildrill", type=os.path.abspath)
    parser.add_argument("faults", nargs="*", metavar="FAULT")
    parser.add_argument("--runs", type=int, default=20000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("-j", dest="jobs", type=int, default=3)  # a campaign waits more than it works
    options = parser.parse_args()
    faults = options.faults or list(FAULTS)
    wrong = 0
    print(f"{'fault':20} {'dialogues':>9} {'seeds':>5}  finding")
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for fault, row in zip(faults, pool.map(lambda fault: search(options, folder, fault), faults)):
            found, dialogues, seeds, code, shown = row
            if code == 77:
                skip(found)
            print(f"{fault:20} {dialogues:9} {seeds:5}  {found or 'not found'}", flush=True)
            if not found or code != 130:
                wrong += 1
                print(f"  ended with {code}; 130 is that of one who is told to\n  | " + shown.replace("\n", "\n  | "))
    print(f"{len(faults) - wrong} of {len(faults)} faults found")
    sys.exit(1 if wrong or not faults else 0)


main()
