#!/usr/bin/env python3
"""lab.tls: what is sent arrives octet for octet (smtp-sink); TLS is verified, or refused with what to do (aiosmtpd).
usage: tls.py MAILDRILL"""
import os
import subprocess
import sys

from common import CA_FILE, check, finish, needs_lab, run, temporary, with_servers, write

MAILDRILL = sys.argv[1]

SEND = """S: 220
C: EHLO client.example.test
S: 250
C: MAIL FROM:<tester@example.test>
C: RCPT TO:<bob@example.test>
S: 250
S: 250
C: DATA
S: 354
%data <<EOT
Subject: a message

.stuffed
EOT
S: 250
C: QUIT
S: 221
"""
STARTTLS = """S: 220
C: EHLO client.example.test
S: 250
%ehlo +STARTTLS
C: STARTTLS
S: 220
%tls min=1.2
C: EHLO client.example.test
S: 250
%ehlo -STARTTLS
C: QUIT
S: 221
"""
HELLO = "S: 220\nC: EHLO client.example.test\nS: 250\nC: QUIT\nS: 221\n"


def play(folder, script, *arguments):
    return run(MAILDRILL, "run", write(folder, "script.smtp", script), "--timeout", "10s", *arguments)


def test_sink(folder, sink):
    code, report = play(folder, SEND, "--server", sink.url("mx"))
    check("smtp-sink takes the message", code == 0, report)
    with open(os.path.join(sink.state, "log", "mail", "mx"), "rb") as file:
        got = file.read()
    check("what smtp-sink has is what was sent", b"Subject: a message\n\n.stuffed\n" in got, repr(got))


def other_ca(folder):
    path = os.path.join(folder, "other.crt")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=other",
                    "-keyout", os.path.join(folder, "other.key"), "-out", path], check=True, capture_output=True)
    return path


def test_verifying(folder, server, role, script, other):
    scheme, port = "smtps" if role == "smtps" else "smtp", server.port(role)
    by_name = "%s://localhost:%d" % (scheme, port)
    by_address = "%s://127.0.0.1:%d" % (scheme, port)
    misnamed = "%s://127.1:%d" % (scheme, port)  # the same address, by a name that the certificate lacks
    for what, url, arguments, ends, says in (
            ("verified by name", by_name, ["--ca", CA_FILE], 0, ""),
            ("verified by address", by_address, ["--ca", CA_FILE], 0, ""),
            ("unknown CA", by_name, [], 4, "--ca"),
            ("the wrong CA", by_name, ["--ca", other], 4, "does not verify"),
            ("the wrong name", misnamed, ["--ca", CA_FILE], 4, "mismatch"),
            ("the chain alone", misnamed, ["--ca", CA_FILE, "--verify", "ca"], 0, ""),
            ("unverified on request", misnamed, ["--insecure"], 0, "")):
        code, report = play(folder, script, "--server", url, *arguments)
        check("%s: %s" % (role, what), code == ends and says in report, report)


def main():
    needs_lab("smtpsink", "aiosmtpd")
    with temporary() as folder, with_servers("smtpsink", "aiosmtpd") as running:
        sink, aiosmtpd = running.servers
        other = other_ca(folder)
        test_sink(folder, sink)
        test_verifying(folder, aiosmtpd, "mx", STARTTLS, other)
        test_verifying(folder, aiosmtpd, "smtps", HELLO, other)
    finish()


main()
