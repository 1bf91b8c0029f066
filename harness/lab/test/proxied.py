#!/usr/bin/env python3
"""lab.proxied: Postfix believes what %proxy and XCLIENT say of the client: it relays for one in its networks alone.
usage: proxied.py MAILDRILL"""
import sys

from common import check, finish, needs_lab, run, temporary, with_servers, write

MAILDRILL = sys.argv[1]

OPENING = """S: 220
C: EHLO client.example.test
S: 250
"""
ELSEWHERE = """C: MAIL FROM:<tester@example.test>
S: 250
C: RCPT TO:<someone@elsewhere.test>
S: %s
C: QUIT
S: 221
"""
# mynetworks is 192.0.2.0/24: mail from there is not refused for where it comes from, but for where it goes to
AT_HOME, A_STRANGER = ELSEWHERE % "550\n%reply /the lab sends no mail out/", ELSEWHERE % "554"
XCLIENT = "%%proxy v1 from=127.0.0.1:1 to=127.0.0.1:25\n" + OPENING + """%%ehlo +XCLIENT
C: XCLIENT NAME=host.example.test ADDR=%s
S: 220
%%reply first /ESMTP/
C: MAIL FROM:<tester@example.test>
S: 250/503
C: EHLO again.example.test
S: 250
"""

CASES = (
    ("version 1", "%proxy v1 from=192.0.2.7:1234 to=198.51.100.2:25\n" + OPENING + AT_HOME),
    ("version 2", "%proxy v2 from=192.0.2.7:1234 to=198.51.100.2:25\n" + OPENING + AT_HOME),
    ("a stranger, version 1", "%proxy v1 from=198.51.100.7 to=198.51.100.2:25\n" + OPENING + A_STRANGER),
    ("a stranger, version 2", "%proxy v2 from=198.51.100.7 to=198.51.100.2:25\n" + OPENING + A_STRANGER),
    ("the connection's own addresses", "%proxy v1\n" + OPENING + A_STRANGER),
    ("the proxy itself", "%proxy v2 local\n" + OPENING + A_STRANGER),
    ("no header at all", "%require proxy\nC: EHLO client.example.test\nS: <EOF>/421\n"),
    ("a header that is none", "%require proxy\nC!: PROXY TCP4 192.0.2.7 nowhere 1 2\\r\\n\nS: <EOF>/421\n"),
    ("XCLIENT names one of the networks", XCLIENT % "192.0.2.8" + AT_HOME),
    ("XCLIENT names a stranger", XCLIENT % "198.51.100.8" + A_STRANGER),
)


def main():
    needs_lab("postfix")
    with temporary() as folder, with_servers("postfix") as running:
        url = "smtp://127.0.0.1:%d" % running.servers[0].port("proxied")
        for number, (what, script) in enumerate(CASES):
            path = write(folder, "%d.smtp" % number, script)
            code, report = run(MAILDRILL, "run", path, "--server", url, "--proxy-protocol", "--timeout", "20s")
            check(what, code == 0, report)
        hello = write(folder, "hello.smtp", OPENING + "C: QUIT\nS: 221\n")
        code, report = run(MAILDRILL, "run", hello, "--server", url, "--proxy-protocol")
        check("a script without %proxy gets its header", code == 0, report)
        code, report = run(MAILDRILL, "run", hello, "--server", url, "--sanity", "never", "--timeout", "20s")
        check("and none without --proxy-protocol", code != 0, report)
    finish()


main()
