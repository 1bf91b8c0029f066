#!/usr/bin/env python3
"""scenario.real-servers: Postfix's smtp-sink and aiosmtpd, as plain processes on loopback ports.
usage: real_servers.py MAILDRILL SINK-ROOT     (SINK-ROOT: where harness/dev unpacked postfix)
What is replayed arrives octet for octet; TLS is verified, or refused with what to do."""
import os
import socket
import subprocess
import sys
import tempfile
import time

MAILDRILL, SINK_ROOT = sys.argv[1:3]
WAIT = 20  # seconds for a server to listen, or a run to end

SEND = b"""S: 220
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
STARTTLS = b"""S: 220
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
HELLO = b"S: 220\nC: EHLO client.example.test\nS: 250\nC: QUIT\nS: 221\n"

failed = checked = 0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def expect(what, holds, detail=""):
    global failed, checked
    checked += 1
    if not holds:
        failed += 1
        print("FAILED: %s\n%s" % (what, detail))


class Server:
    """A server process, from the moment it listens to the end of the block."""

    def __init__(self, command, port, env=None):
        self.command, self.port, self.env = command, port, env

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.env, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        until = time.monotonic() + WAIT
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                os.sched_yield()
        raise SystemExit("%s does not listen" % self.command[0])

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def maildrill(folder, script, *arguments):
    path = os.path.join(folder, "script.smtp")
    with open(path, "wb") as file:
        file.write(script)
    run = subprocess.run([MAILDRILL, "run", path, "--timeout", "10s", *arguments],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=WAIT, check=False)
    return run.returncode, run.stdout.decode("utf-8", "replace")


def smtp_sink(folder):
    port = free_port()
    libraries = os.path.join(SINK_ROOT, "usr/lib/postfix")
    sink = os.path.join(SINK_ROOT, "usr/sbin/smtp-sink")
    dump = os.path.join(folder, "dump")
    user = ["-u", "root"] if os.getuid() == 0 else []
    command = [sink, *user, "-D", dump, "127.0.0.1:%d" % port, "10"]
    with Server(command, port, dict(os.environ, LD_LIBRARY_PATH=libraries)):
        code, report = maildrill(folder, SEND, "--server", "127.0.0.1:%d" % port)
    expect("smtp-sink takes the message", code == 0, report)
    with open(dump, "rb") as file:
        got = file.read()
    expect("what smtp-sink has is what was sent", b"Subject: a message\n\n.stuffed\n" in got, repr(got))


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def certificates(folder):
    """A CA, and a certificate for localhost that it signed; another CA that signed nothing."""
    def at(name):
        return os.path.join(folder, name)
    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test " + name,
                "-keyout", at(name + ".key"), "-out", at(name + ".crt"))
    with open(at("san"), "w", encoding="ascii") as file:
        file.write("subjectAltName=DNS:localhost\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", at("key"),
            "-out", at("csr"))
    openssl("x509", "-req", "-in", at("csr"), "-CA", at("ca.crt"), "-CAkey", at("ca.key"),
            "-CAcreateserial", "-days", "2", "-extfile", at("san"), "-out", at("crt"))
    return at("ca.crt"), at("other.crt"), at("crt"), at("key")


def aiosmtpd(folder):
    ca, other, certificate, key = certificates(folder)
    for flag, scheme, script in (("--tlscert", "smtp", STARTTLS), ("--smtpscert", "smtps", HELLO)):
        port = free_port()
        command = ["/usr/bin/python3", "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink",
                   "-l", "127.0.0.1:%d" % port, flag, certificate, flag.replace("cert", "key"), key]
        with Server(command, port):
            by_name = "%s://localhost:%d" % (scheme, port)
            by_address = "%s://127.0.0.1:%d" % (scheme, port)
            code, report = maildrill(folder, script, "--server", by_name, "--ca", ca)
            expect(scheme + ": verified by name", code == 0, report)
            code, report = maildrill(folder, script, "--server", by_name)
            expect(scheme + ": unknown CA", code == 4 and "--ca" in report, report)
            code, report = maildrill(folder, script, "--server", by_name, "--ca", other)
            expect(scheme + ": the wrong CA", code == 4 and "does not verify" in report, report)
            code, report = maildrill(folder, script, "--server", by_address, "--ca", ca)
            expect(scheme + ": the wrong name", code == 4 and "mismatch" in report, report)
            code, report = maildrill(folder, script, "--server", by_address, "--ca", ca, "--verify", "ca")
            expect(scheme + ": the chain alone", code == 0, report)
            code, report = maildrill(folder, script, "--server", by_address, "--insecure")
            expect(scheme + ": unverified on request", code == 0, report)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        smtp_sink(folder)
        aiosmtpd(folder)
    print("%d checks against real servers, %d failed" % (checked, failed))
    return 1 if failed or not checked else 0


sys.exit(main())
