#!/usr/bin/env python3
"""scenario.hostile_client: clients that misbehave, against the reference server: all of them at once, while a good one is served.
Each connection comes to its end, and the server's memory stays bounded.
usage: hostile_client.py MAILDRILL"""
import concurrent.futures
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys

MAILDRILL = sys.argv[1]
MAX_RSS_KIB = int(os.environ.get("HOSTILE_MAX_RSS_KIB", "65536"))
DEADLINE = 120  # seconds, far above the server's time-out: passing it is a hang
failures = []


class Client:
    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)

    def say(self, octets):
        self.sock.sendall(octets)

    def hear(self):
        """A reply, or what there is of it at the end."""
        octets = b""
        while not re.search(rb"(^|\n)\d{3} [^\n]*\n$", octets):
            piece = self.sock.recv(65536)
            if not piece:
                break
            octets += piece
        return octets

    def talk(self, *lines):
        replies = [self.hear()]
        for line in lines:
            self.say(line + b"\r\n")
            replies.append(self.hear())
        return replies

    def flood(self, octets, total=1 << 24):
        """So many octets, as long as the server takes them; replies are read, and dropped."""
        self.sock.settimeout(0)
        piece, sent = octets * max(1, 65536 // len(octets)), 0
        while sent < total:
            try:
                sent += self.sock.send(piece)
            except BlockingIOError:
                pass
            try:
                if not self.sock.recv(1 << 20):
                    break
            except BlockingIOError:
                pass
        self.sock.settimeout(DEADLINE)

    def never_read(self, octets):
        """Sends until the server takes no more; that it does not take it all is the point."""
        self.sock.settimeout(2)
        try:
            for _ in range(1 << 14):
                self.sock.sendall(octets * (65536 // len(octets)))
            failures.append("a server that is never read took a gigabyte")
        except OSError:
            pass
        self.sock.settimeout(DEADLINE)

    def end(self):
        """The server closes, some time."""
        while self.sock.recv(65536):
            pass

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


HELLO = (b"EHLO client.example",)
MAIL = (*HELLO, b"MAIL FROM:<a@example.test>", b"RCPT TO:<bob@example.test>")

CLIENTS = {
    "silent": lambda c: c.end(),
    "closes at once": lambda c: None,
    "resets at once": lambda c: c.reset(),
    "resets in a command": lambda c: (c.talk(), c.say(b"EHL"), c.reset()),
    "resets in a message": lambda c: (c.talk(*MAIL, b"DATA"), c.say(b"half"), c.reset()),
    "closes its side": lambda c: (c.talk(*HELLO), c.sock.shutdown(socket.SHUT_WR), c.end()),
    "silent in a command": lambda c: (c.talk(*HELLO), c.say(b"MAI"), c.end()),
    "silent in a message": lambda c: (c.talk(*MAIL, b"DATA"), c.say(b"half"), c.end()),
    "silent in a chunk": lambda c: (c.talk(*MAIL), c.say(b"BDAT 1000 LAST\r\nhalf"), c.end()),
    "talks before the greeting": lambda c: (c.say(b"EHLO early\r\nQUIT\r\n"), c.end()),
    "a line without end": lambda c: (c.talk(), c.flood(b"x"), c.reset()),
    "NULs without end": lambda c: (c.talk(), c.flood(b"\0"), c.reset()),
    "bare LFs without end": lambda c: (c.talk(), c.flood(b"\n", 1 << 20), c.reset()),
    "unknown commands without end": lambda c: (c.talk(), c.flood(b"XYZZY\r\n", 1 << 20), c.reset()),
    "recipients without end": lambda c: (c.talk(*MAIL), c.flood(b"RCPT TO:<bob@example.test>\r\n", 1 << 20), c.reset()),
    "a message without end": lambda c: (c.talk(*MAIL, b"DATA"), c.flood(b"x" * 70 + b"\r\n"), c.reset()),
    "a line of a message without end": lambda c: (c.talk(*MAIL, b"DATA"), c.flood(b"x"), c.reset()),
    "a chunk of gigabytes": lambda c: (c.talk(*MAIL), c.say(b"BDAT 18446744073709551615 LAST\r\n"), c.flood(b"x"), c.reset()),
    "many messages, kept": lambda c: (c.talk(*MAIL[:1]), [c.say(b"MAIL FROM:<a@example.test>\r\nRCPT TO:<bob@example.test>\r\nBDAT 100000 LAST\r\n" + b"x" * 100000)
                                                          or [c.hear() for _ in range(3)] for _ in range(50)], c.reset()),
    "never reads": lambda c: c.never_read(b"NOOP\r\n"),
    "an initial response without end": lambda c: (c.talk(*HELLO), c.say(b"AUTH SCRAM-SHA-256 "), c.flood(b"QUFB"), c.reset()),
    "garbage for a ClientHello": lambda c: (c.talk(*HELLO, b"STARTTLS"), c.say(b"EHLO again\r\n"), c.end()),
    "half a ClientHello": lambda c: (c.talk(*HELLO, b"STARTTLS"), c.say(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), c.end()),
    "an alert for a ClientHello": lambda c: (c.talk(*HELLO, b"STARTTLS"), c.say(b"\x15\x03\x03\x00\x02\x02\x28"), c.end()),
    "a ClientHello of 16 MiB": lambda c: (c.talk(*HELLO, b"STARTTLS"), c.say(b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + b"\0" * 16380), c.end()),
    "silent before the ClientHello": lambda c: (c.talk(*HELLO, b"STARTTLS"), c.end()),
}


def misbehave(name, port):
    client = Client(port)
    with client.sock:
        try:
            CLIENTS[name](client)
        except TimeoutError:
            failures.append(f"{name}: the connection does not end")
        except OSError:
            pass  # the server has had enough


def behave(port):
    """A message, in plain text and then under TLS."""
    client = Client(port)
    with client.sock:
        codes = [reply[:3] for reply in client.talk(*MAIL, b"DATA", b"text\r\n.", b"STARTTLS")]
        if codes != [b"220", b"250", b"250", b"250", b"354", b"250", b"220"]:
            failures.append(f"a good client is told {codes}")
            return
        context = ssl._create_unverified_context()
        with context.wrap_socket(client.sock, server_hostname="localhost") as client.sock:
            client.say(b"EHLO again\r\n")
            if not client.hear().startswith(b"250"):
                failures.append("a good client is not served under TLS")


def main():
    server = subprocess.Popen([MAILDRILL, "serve", "--listen", "127.0.0.1:0", "--clear-auth", "--timeout", "20s"], stdout=subprocess.PIPE)
    port = int(server.stdout.readline().split(b":")[-1])
    try:
        with concurrent.futures.ThreadPoolExecutor(len(CLIENTS) + 1) as pool:
            waiting = [pool.submit(misbehave, name, port) for name in CLIENTS]
            waiting += [pool.submit(behave, port)]
            for one in waiting:
                one.result()
        behave(port)
        with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=DEADLINE)
    if code not in (0, 130):
        failures.append(f"the server ends with {code}")
    if peak > MAX_RSS_KIB:
        failures.append(f"it held {peak} KiB, more than {MAX_RSS_KIB}")
    for failure in failures:
        print("FAILED: " + failure)
    print(f"{len(CLIENTS)} bad clients, {len(failures)} failures, peak memory {peak} KiB")
    return 1 if failures else 0


sys.exit(main())
