#!/usr/bin/env python3
"""matrix.py MAILDRILL: the page and the table of `lab matrix`, with one server at two ports."""
import os
import re
import sys

from common import check, finish, needs_lab, reserve_base, run, temporary

import lab

needs_lab("aiosmtpd")
with temporary() as folder:
    code, shown = run(sys.executable, lab.__file__, "matrix", "aiosmtpd", "--base", str(reserve_base()), "--maildrill",
                      sys.argv[1], "--out", folder)
    check("it ends well", code == 0, shown)
    pages = {}
    for name in ("matrix.html", "matrix.md"):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            pages[name] = file.read()
total = re.findall(r"^\| (aiosmtpd\S*) \|[^|]*\|[^|]*\| (mx|lmtp) \| (\d+) \|(.*)\|$", pages["matrix.md"], re.M)
check("a column for each port", [(name, role) for name, role, *_ in total] == [("aiosmtpd", "mx"), ("aiosmtpd-lmtp", "lmtp")],
       total)
check("each test is counted once", all(int(tests) == sum(map(int, counts.split("|"))) for _, _, tests, counts in total), total)
check("sections in order", re.search(r"^\| 821 .*^\| 5321 4\.1\.2 .*^\| 5321 4\.1\.4 ", pages["matrix.md"], re.M | re.S))
check("a deviation with its reason", "`4954-4-auth-in-transaction-503`: AUTH succeeds" in pages["matrix.md"])
check("each deviation stands in a baseline", "not in the baseline" not in pages["matrix.md"])
check("the page shows both, and dialogues", all(word in pages["matrix.html"] for word in (">aiosmtpd-lmtp<", "EHLO client.example.test")))
finish()
