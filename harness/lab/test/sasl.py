#!/usr/bin/env python3
"""lab.sasl: %auth logs in at Dovecot with each mechanism that it offers, and is refused with what is not right.
usage: sasl.py MAILDRILL"""
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time

from common import CA_FILE, check, finish, needs_lab, run, temporary, with_servers, write

MAILDRILL = sys.argv[1]
PASSWORDS = ("PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
SCRIPT = """S: 220
C: EHLO client.example.test
S: 250
C: STARTTLS
S: 220
%%tls
C: EHLO client.example.test
S: 250
%%auth %s
S: %s
C: QUIT
S: 221
"""


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def token(key):
    """A JWT (RFC 7519) for phil, with HMAC SHA-256."""
    now = int(time.time())
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "phil", "iat": now - 60, "exp": now + 3600})
    signed = b".".join(base64url(json.dumps(part).encode()) for part in parts)
    return (signed + b"." + base64url(hmac.new(key, signed, hashlib.sha256).digest())).decode()


def certificate(folder):
    """For phil, from the lab's CA: the file has its key as well."""
    key, request, cert = (os.path.join(folder, "phil." + kind) for kind in ("key", "csr", "crt"))
    for arguments in (["req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=phil", "-out", request],
                      ["x509", "-req", "-in", request, "-days", "2", "-CA", CA_FILE, "-CAkey", CA_FILE.replace(".crt", ".key"),
                       "-CAserial", os.path.join(folder, "serial"), "-CAcreateserial", "-out", cert]):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)
    with open(cert, "a") as both, open(key) as file:
        both.write(file.read())
    return cert


def main():
    needs_lab("dovecot")
    with temporary() as folder, with_servers("dovecot") as running:
        url = "smtp://localhost:%d" % running.servers[0].port("submission")
        rights = [(name, "secret", []) for name in PASSWORDS]
        rights += [(name, token(b"secret"), []) for name in ("XOAUTH2", "OAUTHBEARER")]
        rights += [("EXTERNAL", "", ["--cert", certificate(folder)])]
        wrongs = [(name, "wrong", []) for name in PASSWORDS]
        wrongs += [(name, token(b"wrong"), []) for name in ("XOAUTH2", "OAUTHBEARER")]
        wrongs += [("EXTERNAL", "", [])]
        for code, cases in (235, rights), (535, wrongs):
            for mechanism, secret, arguments in cases:
                script = write(folder, mechanism + ".smtp", SCRIPT % (mechanism, code))
                ends, report = run(MAILDRILL, "run", script, "--server", url, "--ca", CA_FILE, "--user", "phil",
                                   "--pass", secret or "unused", "--timeout", "10s", *arguments)
                check("%s: %d" % (mechanism, code), ends == 0 and "1 passed" in report, report)
    finish()


main()
