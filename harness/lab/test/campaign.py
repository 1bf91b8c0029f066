#!/usr/bin/env python3
"""lab.campaign: maildrill fuzz finds that Postfix ends a message at a look-alike of the end of data, where it is set to
allow that, from seeds that hold none; and finds nothing of the kind where it is set to refuse it.
usage: campaign.py MAILDRILL"""
import glob
import os
import sys

from common import check, finish, needs_lab, run, temporary, with_servers

MAILDRILL = sys.argv[1]
RUNS = "3000"  # of one seed; a few seconds
WAIT = 280     # seconds for one to end; it is through in a few, but where it kills the server on a busy machine
SEEDS = 8      # at most: chance decides when it is found, and each seed finds it more often than not


def campaign(setting, seeds):
    """Whether a message ended early, and what was said; the seeds are tried until one finds it."""
    with with_servers("postfix", sets=["smtpd_forbid_bare_newline=" + setting]) as running:
        for seed in range(1, seeds + 1):
            with temporary() as folder:
                code, report = run(MAILDRILL, "fuzz", "--server", running.servers[0].url("mx"), "--rcpt",
                                   "bob@example.test", "--runs", RUNS, "--seed", str(seed), "--out", folder, "--quiet",
                                   wait=WAIT)
                found = glob.glob(os.path.join(folder, "findings", "end-of-data*.smtp"))
                check("%s, seed %d: the exit code says whether there are findings" % (setting, seed),
                       code == (1 if glob.glob(os.path.join(folder, "findings", "*.smtp")) else 0), report)
                if found:
                    again, played = run(MAILDRILL, "run", found[0], "--server", running.servers[0].url("mx"), "--rcpt",
                                        "bob@example.test")
                    check("%s: the script that it left fails" % setting, again == 1, played)
                    return True, report
    return False, report


def main():
    needs_lab("postfix")
    found, report = campaign("no", SEEDS)
    check("allowed: it is found", found, report)
    found, report = campaign("normalize", 2)
    check("refused: there is none", not found, report)
    finish()


main()
