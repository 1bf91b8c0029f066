#!/usr/bin/env python3
"""suite.py MAILDRILL SERVER: the conformance and security suites against a server of the lab. Each deviation stands in
the server's baseline, with its reason, and each line of the baseline still deviates."""
import sys

from common import check, finish, needs_lab, with_servers

from check import check_role

maildrill, name = sys.argv[1:]
needs_lab(name)
with with_servers(name) as running:
    for role in running.servers[0].suite:
        code = check_role(maildrill, running.servers[0], role, update=False)
        check("%s deviates as its baseline says (exit %d). After a look at the clause: harness/dev lab check %s --update"
              % (name, code, name), code == 0)
finish()
