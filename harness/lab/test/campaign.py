#!/usr/bin/env python3
"""lab.campaign.*: maildrill fuzz finds that Postfix ends a message at a look-alike of the end of data, where it is set to
allow that, from seeds that hold none; and finds nothing of the kind where it is set to refuse it. Of Exim and Postfix it
finds, in a short while, nothing that was not read and found true.
usage: campaign.py MAILDRILL ending | exim | postfix"""
import glob
import json
import os
import sys

from common import check, finish, needs_lab, run, temporary, with_servers

MAILDRILL, PART = sys.argv[1:3]
RUNS = "3000"  # of one seed; a few seconds
WAIT = 280     # seconds for one to end; it is through in a few, but where it kills the server on a busy machine
SEEDS = 8      # at most: chance decides when it is found, and each seed finds it more often than not
MINUTES = "1"

ECHO = "it says again what it was told, whatever that is and however long (RFC 5321 4.2, 4.5.3.1.5)"
ECHOED = ("reply-long-line", "reply-eight-bit-", "reply-line-ending-", "reply-control-")

# What was read, and is true: how the file's name begins, what stands in the script, and why.
TRUE = {
    "exim": [
        *((name, "", ECHO) for name in ECHOED),
        ("chunk-run-", "BDAT", "behind an error, it reads further chunks as commands (RFC 3030 2)"),
        ("closed-", "BDAT", "behind a chunk, RSET is not answered (RFC 3030 3)"),
        ("no-reply-", "BDAT", "behind a chunk and RSET, no command is answered until a message has come"),
        ("extra-reply-", "BDAT", "so a command is answered twice then"),
        ("end-of-data-", "", "its messages end at LF where their first line does"),
    ],
    "postfix": [
        ("end-of-data-", "", "smtpd_forbid_bare_newline is 'no' by default in 3.7"),
        *((name, "", ECHO) for name in ECHOED),
        ("closed-", "BDAT", "it ends behind an empty chunk"),
    ],
}
# What is found on it in any case, how the file's name begins.
FOUND = {"exim": ["end-of-data-message-"], "postfix": ["end-of-data-message-"]}


def truth(server):
    with with_servers(server) as running, temporary() as folder:
        _, report = run(MAILDRILL, "fuzz", "--server", running.servers[0].url("mx"), "--rcpt", "bob@example.test",
                        "--minutes", MINUTES, "--out", folder, "--quiet", wait=WAIT)
        for path in glob.glob(os.path.join(folder, "findings", "*.smtp")):
            with open(path, encoding="utf-8") as file:
                script = file.read()
            name = os.path.basename(path)
            check("%s: %s is true" % (server, name),
                  any(name.startswith(begin) and text in script for begin, text, _ in TRUE[server]), script)
        for name in FOUND[server]:
            check("%s: %s is found" % (server, name), glob.glob(os.path.join(folder, "findings", name + "*.smtp")), report)
        with open(os.path.join(folder, "campaign.json"), encoding="utf-8") as file:
            record = json.load(file)
        check("%s: there were dialogues, and states" % server,
              record["dialogues"] > 20 and record["state_count"] > 4, report)
        print("%s: %.0f dialogues a second, %d findings (Exim, published: AFLNet 4.8, Nyx-Net 313, on other machines)" %
              (server, record["dialogues"] / record["seconds"], len(record["findings"])))


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


if PART == "ending":
    needs_lab("postfix")
    found, report = campaign("no", SEEDS)
    check("allowed: it is found", found, report)
    found, report = campaign("normalize", 2)
    check("refused: there is none", not found, report)
else:
    needs_lab(PART)
    truth(PART)
finish()
