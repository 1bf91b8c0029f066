#!/usr/bin/env python3
"""lab.regression: one setting of Postfix changes, and the checks of what it guards turn red or green.
usage: regression.py MAILDRILL"""
import os
import re
import sys

from common import TOP, check, finish, needs_lab, run, with_servers

MAILDRILL = sys.argv[1]
SCRIPT = os.path.join(TOP, "scenarios", "security", "smuggling.smtp")
LOOK_ALIKES = ("LF . LF", "LF . CRLF", "CRLF . LF")
# smtpd_forbid_bare_newline: whether a look-alike of the end of data ends a message (CVE-2023-51764)
SETTINGS = {"no": "fail", "normalize": "pass", "reject": "pass"}


def main():
    needs_lab("postfix")
    for setting, verdict in SETTINGS.items():
        # with its default, Postfix exempts clients in mynetworks; the lab's are strangers
        with with_servers("postfix", sets=["smtpd_forbid_bare_newline=" + setting]) as running:
            server = running.servers[0]
            code, report = run(MAILDRILL, "run", SCRIPT, "--server", server.url("mx"), "--rcpt", "bob@example.test",
                               "--no-color")
        check("%s: the run fails or passes" % setting, code == (1 if verdict == "fail" else 0), report)
        for words in LOOK_ALIKES:
            line = re.search(r"^  (\w+) +%s does not end a message" % re.escape(words), report, re.MULTILINE)
            check("%s: %s" % (setting, words), line is not None and line.group(1) == verdict, report)
    finish()


main()
