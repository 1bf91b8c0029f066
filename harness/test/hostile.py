#!/usr/bin/env python3
"""scenario.hostile: servers that misbehave. Each must get the right verdict within the deadline, with
bounded memory.   usage: hostile.py MAILDRILL"""
import os
import re
import resource
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

MAILDRILL = sys.argv[1]
TIMEOUT = "1500ms"
DEADLINE = 20  # seconds for one run, far above TIMEOUT: passing it is a hang
MAX_RSS_KIB = int(os.environ.get("HOSTILE_MAX_RSS_KIB", "65536"))

SCRIPT = b"""S: 220
C: EHLO client.example.test
S: 250
C: NOOP
S: 250
C: QUIT
S: 221
"""
TLS_SCRIPT = b"""S: 220
C: EHLO client.example.test
S: 250
C: STARTTLS
S: 220
%tls verify=none
C: EHLO client.example.test
S: 250
C: QUIT
S: 221
"""


class Peer:
    """One accepted connection, with the few moves that bad servers are made of."""

    def __init__(self, sock, stop):
        self.sock, self.stop = sock, stop
        sock.settimeout(DEADLINE)

    def say(self, octets):
        self.sock.sendall(octets)

    def hear(self):
        return self.sock.recv(65536)

    def answer(self, *replies):
        for reply in replies:
            self.hear()
            self.say(reply)

    def hold(self):
        """Keeps the connection open until the client has gone."""
        try:
            while self.sock.recv(65536):
                pass
        except OSError:
            pass

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def flood(self, octets, total):
        try:
            for _ in range(total // len(octets)):
                self.sock.sendall(octets)
        except OSError:
            pass

    def drip(self, octets):
        for octet in octets * 1000:
            if self.stop.wait(0.2):
                return
            try:
                self.sock.sendall(bytes([octet]))
            except OSError:
                return


def greet(peer):
    peer.say(b"220 bad.example.test\r\n")


def after_ehlo(peer, reply=b"250 bad.example.test\r\n"):
    greet(peer)
    peer.answer(reply)


def starttls(peer, extra=b""):
    greet(peer)
    peer.answer(b"250-bad\r\n250 STARTTLS\r\n", b"220 go\r\n" + extra)


# name, what the server does, exit code (or codes, where the network decides), words of the report, script
CASES = [
    ("silent at the greeting", lambda p: p.hold(), 4, "no answer in time", SCRIPT),
    ("silent after EHLO", lambda p: (greet(p), p.hold()), 4, "no answer in time", SCRIPT),
    ("silent after QUIT", lambda p: (after_ehlo(p), p.answer(b"250 ok\r\n"), p.hold()), 4, "no answer", SCRIPT),
    ("closes at once", lambda p: None, 1, "closed here", SCRIPT),
    ("resets at once", lambda p: p.reset(), (1, 4), "closed here|reset by peer", SCRIPT),
    ("resets after the greeting", lambda p: (greet(p), p.hear(), p.reset()), 1, "closed here", SCRIPT),
    ("resets after EHLO", lambda p: (after_ehlo(p), p.hear(), p.reset()), 1, "closed here", SCRIPT),
    ("closes in a reply", lambda p: (greet(p), p.hear(), p.say(b"250-ba")), 1, "closed here", SCRIPT),
    ("closes between lines", lambda p: (greet(p), p.hear(), p.say(b"250-bad\r\n")), 1, "closed here", SCRIPT),
    ("closes instead of 221", lambda p: (after_ehlo(p), p.answer(b"250 ok\r\n"), p.hear()), 1, "closed here", SCRIPT),
    ("garbage", lambda p: (p.say(b"\x80\x81\xfe\xff\r\n"), p.hold()), 1, "no SMTP reply", SCRIPT),
    ("NULs", lambda p: (p.say(b"\0" * 100), p.hold()), 1, "no SMTP reply", SCRIPT),
    ("NUL inside a reply", lambda p: (p.say(b"220 a\0b\r\n"), p.answer(b"250 ok\r\n", b"250 ok\r\n", b"221 bye\r\n")), 0, "1 passed", SCRIPT),
    ("an HTTP server", lambda p: (p.say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), p.hold()), 1, "no SMTP reply", SCRIPT),
    ("a POP3 server", lambda p: (p.say(b"+OK ready\r\n"), p.hold()), 1, "no SMTP reply", SCRIPT),
    ("a TLS server", lambda p: (p.say(b"\x15\x03\x01\x00\x02\x02\x46"), p.hold()), 1, "no SMTP reply", SCRIPT),
    ("a line without end", lambda p: (p.say(b"220 "), p.flood(b"x" * 65536, 10 << 20), p.hold()), 1, "longer than any limit", SCRIPT),
    ("ten megabytes of continuation", lambda p: (p.flood(b"220-" + b"x" * 60 + b"\r\n", 10 << 20), p.hold()), 1, "longer than any limit", SCRIPT),
    ("ten megabytes of replies", lambda p: (p.flood(b"220 x\r\n" * 1000, 10 << 20), p.hold()), 1, "nothing asked for|longer than any", SCRIPT),
    ("mixed codes", lambda p: (after_ehlo(p, b"250-a\r\n251 b\r\n"), p.hold()), 1, "differ in their code", SCRIPT),
    ("no separator", lambda p: (p.say(b"220_ready\r\n"), p.hold()), 1, "no SMTP reply", SCRIPT),
    ("two digits", lambda p: (p.say(b"22 ready\r\n"), p.hold()), 1, "no SMTP reply", SCRIPT),
    ("two replies to one command", lambda p: (after_ehlo(p, b"250 a\r\n250 b\r\n"), p.hold()), 1, "nothing asked for", SCRIPT),
    ("a reply before the command", lambda p: (p.say(b"220 a\r\n250 early\r\n"), p.hold()), 1, "nothing asked for", SCRIPT),
    ("one reply too many at the end", lambda p: (after_ehlo(p), p.answer(b"250 ok\r\n", b"221 bye\r\n221 bye\r\n")), 1, "nothing asked for", SCRIPT),
    ("an octet at a time, forever", lambda p: p.drip(b"220-x\r\n"), 4, "no answer in time", SCRIPT),
    ("bare LF", lambda p: (p.say(b"220 a\n"), p.answer(b"250 ok\n", b"250 ok\n", b"221 bye\n")), 0, "1 passed", SCRIPT),
    ("codes without text", lambda p: (p.say(b"220\r\n"), p.answer(b"250\r\n", b"250\r\n", b"221\r\n")), 0, "1 passed", SCRIPT),
    ("eight bits", lambda p: (p.say(b"220 \xe9t\xe9\r\n"), p.answer(b"250 \xc3\xa9\r\n", b"250 ok\r\n", b"221 bye\r\n")), 0, "1 passed", SCRIPT),
    ("terminal escapes", lambda p: (p.say(b"554 \x1b[2J\x1b]0;x\x07\r\n"), p.hold()), 1, r"\\x1b", SCRIPT),
    ("421 and close", lambda p: (after_ehlo(p), p.answer(b"421 going down\r\n")), 1, "421 going down", SCRIPT),
    ("554 at the greeting", lambda p: (p.say(b"554 no\r\n"), p.hold()), 1, "554 no", SCRIPT),
    ("replies injected behind 220", lambda p: (starttls(p, b"250 injected\r\n"), p.hold()), 1, "nothing asked for", TLS_SCRIPT),
    ("plain text for a handshake", lambda p: (starttls(p), p.hear(), p.say(b"250 what?\r\n"), p.hold()), 4, "plain text", TLS_SCRIPT),
    ("a TLS alert for a handshake", lambda p: (starttls(p), p.hear(), p.say(b"\x15\x03\x03\x00\x02\x02\x28"), p.hold()), 4, "TLS handshake failed", TLS_SCRIPT),
    ("silent in the handshake", lambda p: (starttls(p), p.hold()), 4, "handshake", TLS_SCRIPT),
    ("closes in the handshake", lambda p: (starttls(p), p.hear()), 4, "handshake", TLS_SCRIPT),
    ("resets in the handshake", lambda p: (starttls(p), p.hear(), p.reset()), 4, "lost|handshake", TLS_SCRIPT),
    ("STARTTLS refused", lambda p: (greet(p), p.answer(b"250 bad\r\n", b"454 no\r\n"), p.hold()), 1, "454 no", TLS_SCRIPT),
    ("never reads", lambda p: (greet(p), p.answer(b"354 go\r\n"), p.stop.wait(DEADLINE)), 4, "did not take", b"S: 220\nC: DATA\nS: 354\n%data <<E\n" + b"x" * 70 + b"\n" + (b"y" * 990 + b"\n") * 12000 + b"E\nS: 250\n"),
]


def serve(listener, behave, stop):
    try:
        sock, _ = listener.accept()
        with sock:
            behave(Peer(sock, stop))
    except (OSError, ssl.SSLError):
        pass


def run(behave, script, folder):
    path = os.path.join(folder, "script.smtp")
    with open(path, "wb") as file:
        file.write(script)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, behave, stop), daemon=True)
        thread.start()
        command = [MAILDRILL, "run", path, "--timeout", TIMEOUT, "--server",
                   "127.0.0.1:%d" % listener.getsockname()[1]]
        child = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               timeout=DEADLINE, check=False)
        stop.set()
    return child.returncode, child.stdout.decode("utf-8", "replace")


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, behave, code, words, script in CASES:
            try:
                got, report = run(behave, script, folder)
            except subprocess.TimeoutExpired:
                got, report = None, "no verdict within %d seconds" % DEADLINE
            codes = code if isinstance(code, tuple) else (code,)
            if got not in codes or not re.search(words, report):
                failed += 1
                print("FAILED: %s: exit %s, expected %s and %s\n%s" % (name, got, code, words, report[:2000]))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print("%d bad servers, %d wrong verdicts, peak memory %d KiB" % (len(CASES), failed, peak))
    if peak > MAX_RSS_KIB:
        print("FAILED: more than %d KiB" % MAX_RSS_KIB)
        failed += 1
    return 1 if failed or not CASES else 0


sys.exit(main())
