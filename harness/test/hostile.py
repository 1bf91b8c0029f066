#!/usr/bin/env python3
"""scenario.hostile: servers and clients that misbehave. Each gets the right verdict within the deadline, with bounded memory.
usage: hostile.py MAILDRILL [--max-rss KIB] [--jobs N] [--filter REGEX] [--sample N] [--under COMMAND]

--sample plays every Nth of the bad peers alone; --under runs maildrill under a checker (valgrind ...), and leaves out the peers
that are waited for, because what is slow under it is late as well."""
import argparse
import concurrent.futures
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from peer import Certificates, Peer

DEADLINE = 120  # seconds for one run, far above its time-out: passing it is a hang
# Time-outs, of which --timing-scale leaves a tenth: where it is waited for; where a handshake comes first, which takes
# its time on a loaded machine; and where the peer is quick.
SOON, SECURED, LATE = "15s", "60s", "10m"

MAIL = """S: 220
C: EHLO client.example.test
S: 250
C: MAIL FROM:<a@example.test>
S: 250
C: RCPT TO:<b@example.test>
S: 250
C: DATA
S: 354
C: text
C: .
S: 250
C: QUIT
S: 221
"""
REPLIES = (b"250 bad.example.test\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 ok\r\n", b"221 bye\r\n")
STEPS = ("the greeting", "EHLO", "MAIL", "RCPT", "DATA", "the message", "QUIT")

SCRIPTS = {
    "hello": "S: 220\nC: EHLO client.example.test\nS: 250\nC: NOOP\nS: 250\nC: QUIT\nS: 221\n",
    "mail": MAIL,
    "group": "S: 220\nC: EHLO c\nS: 250\nC: MAIL FROM:<a@b>\nC: RCPT TO:<c@d>\nC: DATA\nS: 250\nS: 250\nS: 354\nC: .\nS: 250\nC: QUIT\nS: 221\n",
    "big": "S: 220\nC: DATA\nS: 354\n%data <<E\n" + 70 * "x" + "\n" + (990 * "y" + "\n") * 12000 + "E\nS: 250\n",
    "tls": "S: 220\nC: EHLO client.example.test\nS: 250\nC: STARTTLS\nS: 220\n%tls\nC: EHLO client.example.test\nS: 250\nC: QUIT\nS: 221\n",
    "refusable": "S: 220\nC: EHLO client.example.test\nS: 250\nC: STARTTLS\nS: 220\n%tls refused=pass\nC: QUIT\nS: 221\n",
    "auth": "S: 220\nC: EHLO client.example.test\nS: 250\n%auth SCRAM-SHA-256 user=bob pass=secret\nC: QUIT\nS: 221\n",
    "lmtp": MAIL.replace("EHLO", "LHLO"),
    "delivered": MAIL + "%message within 30s contains text\n",
}


def at_each_step(what, spoil, code, words):
    """What goes wrong in the place of each reply in turn."""
    def behave(step):
        def at(p):
            if step > 0:
                p.greet()
                p.answer(*REPLIES[:step - 1])
                p.hear()
            spoil(p)
        return at
    return [(f"{what} {STEPS[step]}", "mail", behave(step), code, words) for step in range(len(STEPS))]


def whole(p, *replies):
    """Answers as it should, but for the EHLO that begins it."""
    p.after_ehlo()
    p.answer(*replies)


def by_openssl(p, *talk, newest="-tls1_3"):
    """openssl s_server behind STARTTLS: (what it has to print, what it is told then)."""
    p.starttls()
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-crlf", newest, "-cert", p.certificates.good]
    mine, its = os.openpty()  # where it does not keep what it prints
    with os.fdopen(mine, "rb", 0) as shown, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=its, stderr=its) as server:
        os.close(its)
        printed = b""

        def wait(words):
            nonlocal printed
            while words not in printed:
                octets = shown.read(65536)
                if not octets:
                    raise OSError("s_server ended")
                printed += octets
            printed = printed.partition(words)[2]

        def relay(source, sink):
            try:
                while octets := source.recv(65536):
                    sink.sendall(octets)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        try:
            wait(b"ACCEPT 127.0.0.1:")
            while b"\n" not in printed:
                printed += shown.read(100)
            with socket.create_connection(("127.0.0.1", int(printed.partition(b"\n")[0]))) as behind:
                threading.Thread(target=relay, args=(behind, p.sock), daemon=True).start()
                back = threading.Thread(target=relay, args=(p.sock, behind), daemon=True)
                back.start()
                for words, told in talk:
                    wait(words)
                    server.stdin.write(told)
                    server.stdin.flush()
                back.join()
        finally:
            server.kill()


def record(kind, octets, length=None, version=b"\x03\x03"):
    """A TLS record (RFC 8446 section 5.1); `length` is what its header says, if that is another."""
    return bytes([kind]) + version + (len(octets) if length is None else length).to_bytes(2, "big") + octets


TLS12 = ssl.TLSVersion.TLSv1_2
CERTIFICATE_BAD = "does not verify: "

# name, script, what the server does, exit code (or codes, where the network decides), words of the report
SERVERS = [
    ("closes at once", "hello", lambda p: None, 1, "closed here"),
    ("closes in a reply", "hello", lambda p: (p.greet(), p.hear(), p.say(b"250-ba")), 1, "closed here"),
    ("closes between lines", "hello", lambda p: (p.greet(), p.hear(), p.say(b"250-bad\r\n")), 1, "closed here"),
    ("closes between CR and LF", "hello", lambda p: (p.greet(), p.hear(), p.say(b"250 bad\r")), 1, "closed here"),
    ("closes its side, and listens", "hello", lambda p: (p.greet(), p.half_close(), p.hold()), 1, "closed here"),
    ("closes its side behind all replies", "hello", lambda p: (p.say(b"220 a\r\n"), p.answer(b"250 a\r\n", b"250 a\r\n", b"221 a\r\n"), p.half_close(), p.hold()), 0, "1 passed"),
    *at_each_step("silent at", lambda p: p.hold(), 4, "no answer in time"),
    *at_each_step("closes at", lambda p: None, 1, "closed here"),
    *at_each_step("resets at", lambda p: p.reset(), (1, 4), "closed here|reset by peer"),
    *at_each_step("closes its side at", lambda p: (p.half_close(), p.hold()), 1, "closed here"),
    *at_each_step("drips at", lambda p: p.drip(b"250-x\r\n"), (1, 4), "no answer in time|differs"),
    ("garbage", "hello", lambda p: (p.say(b"\x80\x81\xfe\xff\r\n"), p.hold()), 1, "no SMTP reply"),
    ("NULs", "hello", lambda p: (p.say(b"\0" * 100), p.hold()), 1, "no SMTP reply"),
    ("NUL inside a reply", "hello", lambda p: (p.say(b"220 a\0b\r\n"), p.answer(b"250 ok\r\n", b"250 ok\r\n", b"221 bye\r\n")), 0, "1 passed"),
    ("an HTTP server", "hello", lambda p: (p.say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), p.hold()), 1, "no SMTP reply"),
    ("a POP3 server", "hello", lambda p: (p.say(b"+OK ready\r\n"), p.hold()), 1, "no SMTP reply"),
    ("a TLS server", "hello", lambda p: (p.say(b"\x15\x03\x01\x00\x02\x02\x46"), p.hold()), 1, "no SMTP reply"),
    ("an echo", "hello", lambda p: (p.greet(), p.say(p.hear()), p.hold()), 1, "no SMTP reply"),
    ("mixed codes", "hello", lambda p: (p.after_ehlo(b"250-a\r\n251 b\r\n"), p.hold()), 1, "differ in their code"),
    ("no separator", "hello", lambda p: (p.say(b"220_ready\r\n"), p.hold()), 1, "no SMTP reply"),
    ("two digits", "hello", lambda p: (p.say(b"22 ready\r\n"), p.hold()), 1, "no SMTP reply"),
    ("four digits", "hello", lambda p: (p.say(b"2200 ready\r\n"), p.hold()), 1, "no SMTP reply"),
    ("a code of digits that are none", "hello", lambda p: (p.say("２２０ ready\r\n".encode()), p.hold()), 1, "no SMTP reply"),
    ("two replies to one command", "hello", lambda p: (p.after_ehlo(b"250 a\r\n250 b\r\n"), p.hold()), 1, "nothing asked for"),
    ("a reply before the command", "hello", lambda p: (p.say(b"220 a\r\n250 early\r\n"), p.hold()), 1, "nothing asked for"),
    ("all replies before the commands", "hello", lambda p: (p.say(b"220 a\r\n250 b\r\n250 c\r\n221 d\r\n"), p.hold()), 1, "nothing asked for"),
    ("one reply too many at the end", "hello", lambda p: whole(p, b"250 ok\r\n", b"221 bye\r\n221 bye\r\n"), 1, "nothing asked for"),
    ("replies of a group in the wrong order", "group", lambda p: (whole(p, b"250 a\r\n354 b\r\n250 c\r\n"), p.hold()), 1, "354 b"),
    ("a reply of a group is missing", "group", lambda p: (whole(p, b"250 a\r\n250 b\r\n"), p.hold()), 4, "no answer in time"),
    ("replies in tiny pieces", "hello", lambda p: [p.say(bytes([octet])) for octet in b"220 a\r\n"] and p.answer(b"250 ok\r\n", b"250 ok\r\n", b"221 bye\r\n"), 0, "1 passed"),
    ("bare LF", "hello", lambda p: (p.say(b"220 a\n"), p.answer(b"250 ok\n", b"250 ok\n", b"221 bye\n")), 0, "1 passed"),
    ("bare CR", "hello", lambda p: (p.say(b"220 a\r"), p.hold()), 4, "no answer in time"),
    ("codes without text", "hello", lambda p: (p.say(b"220\r\n"), p.answer(b"250\r\n", b"250\r\n", b"221\r\n")), 0, "1 passed"),
    ("eight bits", "hello", lambda p: (p.say(b"220 \xe9t\xe9\r\n"), p.answer(b"250 \xc3\xa9\r\n", b"250 ok\r\n", b"221 bye\r\n")), 0, "1 passed"),
    ("terminal escapes", "hello", lambda p: (p.say(b"554 \x1b[2J\x1b]0;x\x07\r\n"), p.hold()), 1, r"\\x1b"),
    ("421 and close", "hello", lambda p: (p.after_ehlo(), p.answer(b"421 going down\r\n")), 1, "421 going down"),
    ("421 unasked, and close", "hello", lambda p: p.say(b"220 a\r\n421 idle\r\n"), 1, "421 idle|nothing asked for"),
    ("554 at the greeting", "hello", lambda p: (p.say(b"554 no\r\n"), p.hold()), 1, "554 no"),
    # memory: each of these sends until the other side has had enough
    ("a line without end", "hello", lambda p: (p.say(b"220 "), p.flood(b"x"), p.hold()), 1, "longer than any limit"),
    ("a code without end", "hello", lambda p: (p.flood(b"2"), p.hold()), 1, "no SMTP reply"),
    ("NULs without end", "hello", lambda p: (p.say(b"220 "), p.flood(b"\0"), p.hold()), 1, "longer than any limit"),
    ("CRs without end", "hello", lambda p: (p.say(b"220 "), p.flood(b"\r"), p.hold()), 1, "longer than any limit"),
    ("empty lines without end", "hello", lambda p: (p.flood(b"\r\n"), p.hold()), 1, "no SMTP reply"),
    ("continuation without end", "hello", lambda p: (p.flood(b"220-" + b"x" * 60 + b"\r\n"), p.hold()), 1, "longer than any limit"),
    ("short continuation without end", "hello", lambda p: (p.flood(b"220-\r\n"), p.hold()), 1, "longer than any limit"),
    ("keywords without end", "hello", lambda p: (p.greet(), p.hear(), p.flood(b"250-XKEYWORD AND ITS PARAMETERS\r\n"), p.hold()), 1, "longer than any limit"),
    ("replies without end", "hello", lambda p: (p.flood(b"220 x\r\n"), p.hold()), 1, "nothing asked for|longer than any"),
    ("replies without end to a group", "group", lambda p: (p.after_ehlo(), p.hear(), p.flood(b"250 x\r\n"), p.hold()), 1, "differs"),
    ("never reads", "big", lambda p: (p.greet(), p.answer(b"354 go\r\n"), p.gone.wait(DEADLINE)), 4, "did not take"),
    ("never reads, and talks", "big", lambda p: (p.greet(), p.answer(b"354 go\r\n"), p.flood(b"250-x\r\n")), (1, 4), "nothing asked for|longer than any|did not take"),
    # AUTH
    ("challenges without end", "auth", lambda p: (p.after_ehlo(b"250-a\r\n250 AUTH SCRAM-SHA-256\r\n"), [p.answer(b"334 cj0x\r\n") for _ in range(100)]), 1, "authentication|334"),
    ("a challenge that is no base64", "auth", lambda p: (p.after_ehlo(b"250-a\r\n250 AUTH SCRAM-SHA-256\r\n"), p.answer(b"334 !!\r\n"), p.hold()), 1, "base64|authentication"),
    ("an iteration count that takes hours", "auth", lambda p: (p.after_ehlo(b"250-a\r\n250 AUTH SCRAM-SHA-256\r\n"), hours(p), p.hold()), 1, "more than a million iterations"),
    ("a challenge without end", "auth", lambda p: (p.after_ehlo(b"250-a\r\n250 AUTH SCRAM-SHA-256\r\n"), p.hear(), p.say(b"334 "), p.flood(b"QUFB"), p.hold()), 1, "longer than any limit"),
    ("235 before the exchange is over", "auth", lambda p: (p.after_ehlo(b"250-a\r\n250 AUTH SCRAM-SHA-256\r\n"), p.answer(b"235 ok\r\n"), p.hold()), 1, "235 before"),
    # STARTTLS
    ("STARTTLS refused", "tls", lambda p: (p.greet(), p.answer(b"250 bad\r\n", b"454 no\r\n"), p.hold()), 1, "454 no"),
    ("replies injected behind 220", "tls", lambda p: (p.starttls(b"250 injected\r\n"), p.hold()), 1, "nothing asked for"),
    ("plain text for a handshake", "tls", lambda p: (p.starttls(), p.hear(), p.say(b"250 what?\r\n"), p.hold()), 4, "plain text"),
    ("an HTTP server for a handshake", "tls", lambda p: (p.starttls(), p.hear(), p.say(b"HTTP/1.1 400 Bad Request\r\n"), p.hold()), 4, "plain text"),
    ("silent in the handshake", "tls", lambda p: (p.starttls(), p.hold()), 4, "handshake"),
    ("silent after the ClientHello", "tls", lambda p: (p.starttls(), p.hear(), p.hold()), 4, "handshake"),
    ("silent in a handshake that may be refused", "refusable", lambda p: (p.starttls(), p.hear(), p.hold()), 4, "no TLS handshake in time"),
    ("closes in a handshake that may be refused", "refusable", lambda p: (p.starttls(), p.hear()), 0, "1 passed"),
    ("closes in the handshake", "tls", lambda p: (p.starttls(), p.hear()), 4, "handshake"),
    ("resets in the handshake", "tls", lambda p: (p.starttls(), p.hear(), p.reset()), 4, "lost|handshake"),
    ("an alert for a handshake", "tls", lambda p: (p.starttls(), p.hear(), p.say(record(21, b"\x02\x28")), p.hold()), 4, "handshake failure"),
    ("an alert behind the ServerHello", "tls", lambda p: hello(p.secure(), record(21, b"\x02\x50")), 4, "handshake"),
    ("an alert behind the whole flight", "tls", lambda p: after_flight(p.secure(newest=TLS12), record(21, b"\x02\x50")), 4, "internal error"),
    ("warnings without end", "tls", lambda p: (p.secure().flood_raw(record(21, b"\x01\x5a")), p.hold()), 4, "handshake"),
    ("HelloRequests without end", "tls", lambda p: (p.secure(newest=TLS12).flood_raw(record(22, b"\0\0\0\0")), p.hold()), 4, "handshake"),
    ("ChangeCipherSpecs without end", "tls", lambda p: (p.secure().flood_raw(record(20, b"\x01")), p.hold()), 4, "handshake"),
    ("empty records without end", "tls", lambda p: (p.secure().flood_raw(record(22, b"")), p.hold()), 4, "handshake"),
    ("a record of 64 KiB", "tls", lambda p: (p.secure().flood_raw(record(22, b"\0" * 60000, 65535)), p.hold()), 4, "packet length too long"),
    ("a ServerHello of 16 MiB", "tls", lambda p: (p.secure().flood_raw(record(22, b"\x02\xff\xff\xff" + b"\0" * 16000)), p.hold()), 4, "handshake failed"),
    ("a certificate of 16 MiB", "tls", lambda p: certificate_bomb(p.secure(newest=TLS12)), 4, "excessive message size"),
    ("another version's records", "tls", lambda p: (p.secure().raw(record(22, b"\x02\0\0\x01\0", version=b"\x09\x09")), p.hold()), 4, "wrong version number"),
    ("half of its flight, and silence", "tls", lambda p: half(p.secure(), p.hold), 4, "handshake"),
    ("half of its flight, and the end", "tls", lambda p: half(p.secure(), lambda: None), 4, "closed the connection during the TLS handshake"),
    ("half of its flight, and a reset", "tls", lambda p: half(p.secure(), p.reset), 4, "lost|closed"),
    ("a flight with one octet changed", "tls", lambda p: spoilt(p.secure()), 4, "handshake failed"),
    ("its flight in single octets", "tls", lambda p: in_octets(p.secure()), 0, "1 passed"),
    ("its flight, slowly", "tls", lambda p: slowly(p.secure()), 4, "handshake"),
    ("its flight twice", "tls", lambda p: (p.secure(newest=TLS12).raw_twice(), p.hold()), 4, "handshake"),
    ("a certificate that has expired", "tls", lambda p: p.secure("expired").shake(), 4, CERTIFICATE_BAD + "certificate has expired"),
    ("a certificate of another host", "tls", lambda p: p.secure("elsewhere").shake(), 4, CERTIFICATE_BAD + "(IP address|hostname) mismatch"),
    ("a certificate signed by itself", "tls", lambda p: p.secure("selfsigned").shake(), 4, CERTIFICATE_BAD + "self.signed certificate"),
    # under TLS
    ("TLS as it should be", "tls", lambda p: in_tls(p, b"250 a\r\n", b"221 b\r\n").close_notify(), 0, "1 passed"),
    ("no close_notify", "tls", lambda p: in_tls(p, b"250 a\r\n", b"221 b\r\n"), 0, "1 passed"),
    ("no close_notify in a reply", "tls", lambda p: in_tls(p, b"250-a\r\n"), 1, "closed here"),
    ("close_notify in a reply", "tls", lambda p: (in_tls(p, b"250-a\r\n").close_notify(), p.hold()), 1, "closed here"),
    ("a reply behind close_notify", "tls", lambda p: (notified(p), p.hold()), 1, "closed here"),
    ("silent under TLS", "tls", lambda p: in_tls(p).hold(), 4, "no answer in time"),
    ("a reply in plain text under TLS", "tls", lambda p: (in_tls(p).raw(b"250 plain\r\n"), p.hold()), 1, "the connection broke here.*TLS broke"),
    ("a record that does not decrypt", "tls", lambda p: (in_tls(p).raw(record(23, b"x" * 40)), p.hold()), 1, "the connection broke here.*TLS broke"),
    ("an alert under TLS", "tls", lambda p: (in_tls(p).raw(record(21, b"\x02\x50")), p.hold()), 1, "the connection broke here.*TLS broke"),
    ("a reset under TLS", "tls", lambda p: in_tls(p).reset(), (1, 4), "closed here|lost"),
    ("two replies under TLS", "tls", lambda p: (in_tls(p, b"250 a\r\n250 b\r\n"), p.hold()), 1, "nothing asked for"),
    ("continuation without end under TLS", "tls", lambda p: (in_tls(p).flood(b"250-x\r\n"), p.hold()), 1, "longer than any limit"),
    ("a line without end under TLS", "tls", lambda p: (in_tls(p, b"250 ").flood(b"x"), p.hold()), 1, "longer than any limit"),
    ("drips under TLS", "tls", lambda p: in_tls(p).drip(b"250-x\r\n"), 4, "no answer in time|no TLS handshake in time"),
    ("new keys before each reply", "tls", lambda p: by_openssl(p, (b"EHLO", b"K\n"), (b"SSL_do_handshake", b"250 ok\n"), (b"QUIT", b"k\n"), (b"SSL_do_handshake", b"221 ok\n")), 0, "1 passed"),
    ("asks for a renegotiation", "tls", lambda p: by_openssl(p, (b"EHLO", b"r\n"), newest="-tls1_2"), 1, "the connection broke here.*TLS broke"),
    # LMTP, and where messages are looked for
    ("one reply for two", "lmtp", lambda p: (p.greet(), p.answer(*REPLIES[:4]), p.hear(), p.hold()), 4, "no answer in time"),
    ("a mailbox that is silent", "delivered", lambda p: p.hold(), 4, "mailbox cannot be read.*nobody has looked in time"),
    ("a mailbox that closes", "delivered", lambda p: None, 4, "mailbox cannot be read.*connection's end where a greeting"),
    ("a mailbox that resets", "delivered", lambda p: (p.say(b"+OK\r\n"), p.hear(), p.reset()), 4, "mailbox cannot be read.*POP3: (connection lost|the connection's end)"),
    ("a mailbox that is a mail server", "delivered", lambda p: (p.greet(), p.hold()), 4, "mailbox cannot be read.*no POP3 answer where a greeting"),
    ("a mailbox with another password", "delivered", lambda p: (p.say(b"+OK\r\n"), p.answer(b"+OK\r\n", b"-ERR no\r\n"), p.hold()), 4, "mailbox cannot be read.*-ERR where an answer to PASS"),
    ("a mailbox whose lines have no end", "delivered", lambda p: (p.say(b"+OK "), p.flood(b"x"), p.hold()), 4, "mailbox cannot be read.*a line without an end"),
    ("a mailbox with a message without end", "delivered", lambda p: (p.say(b"+OK\r\n"), p.answer(b"+OK\r\n", b"+OK\r\n", b"+OK 1 1\r\n", b"+OK\r\n"), p.flood(b"text\r\n"), p.hold()), 4, "mailbox cannot be read.*more than 4 MiB"),
]


def hours(p):
    import base64
    nonce = re.search(rb"r=([^,]+)", base64.b64decode(p.hear().split()[-1]))[1]
    p.say(b"334 " + base64.b64encode(b"r=" + nonce + b"x,s=" + base64.b64encode(b"salt") + b",i=4294967295") + b"\r\n")


def in_tls(p, *replies):
    secure = p.secure().shake()
    for reply in replies:
        secure.answer(reply)
    if not replies:
        secure.hear()
    return secure


def notified(p):
    secure = p.secure().shake()
    secure.hear()
    secure.close_notify()
    secure.raw(record(23, b"250 late\r\n" + b"x" * 30))


def first_record(octets):
    return octets[:5 + int.from_bytes(octets[3:5], "big")]


def hello(secure, octets):
    secure.raw(first_record(secure.flight) + octets)
    secure.hold_raw()


def after_flight(secure, octets):
    secure.raw(secure.flight)
    secure.sock.recv(65536)
    secure.raw(octets)
    secure.hold_raw()


def certificate_bomb(secure):
    """The ServerHello, and a Certificate message that says it is of 16 MiB (RFC 5246 section 7.4.2)."""
    server_hello = secure.flight[5:9 + int.from_bytes(secure.flight[6:9], "big")]
    secure.raw(record(22, server_hello) + record(22, b"\x0b\xff\xff\xff" + b"\0" * 16000))
    secure.flood_raw(record(22, b"\0" * 16384))
    secure.hold_raw()


def half(secure, then):
    secure.raw(secure.flight[:len(secure.flight) // 2])
    then()


def spoilt(secure):
    at = len(secure.flight) * 2 // 3
    secure.raw(secure.flight[:at] + bytes([secure.flight[at] ^ 1]) + secure.flight[at + 1:])
    secure.hold_raw()


def in_octets(secure):
    flight, secure.flight = secure.flight, b""
    for octet in flight:
        secure.raw(bytes([octet]))
    secure.shake().answer(b"250 a\r\n", b"221 b\r\n")


def slowly(secure):
    secure.drip_raw(secure.flight)


def limit(case):
    """The time-out: it is waited for where the verdict is that nothing came in time."""
    if re.search(r"^(no answer|handshake$|did not take)|(^|\|)did not take|nobody has looked", case[4]) is None:
        return LATE
    return SECURED if case[1] == "tls" else SOON


def serve(listener, behave, gone, certificates):
    try:
        sock, _ = listener.accept()
        with sock:
            behave(Peer(sock, gone, certificates))
    except (OSError, ssl.SSLError):
        pass


# A process counts the memory of the one that it was forked from as its own, so that a small one starts it.
LAUNCH = """
import os, sys
child = os.spawnvp(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print("\\npeak", usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""


def measured(command):
    """Runs it: exit code, what it printed, and the most memory that it held (KiB)."""
    with subprocess.Popen([sys.executable, "-ISc", LAUNCH, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, start_new_session=True) as child:
        killer = threading.Timer(DEADLINE, os.killpg, (child.pid, signal.SIGKILL))
        killer.start()
        printed = child.communicate()[0].decode("utf-8", "replace")
        killer.cancel()
    report, _, peak = printed.rpartition("\npeak ")
    return child.returncode, report or printed, int(peak) if report else 0


def play(case, options, scripts, certificates):
    _, script, behave, _, _ = case
    gone = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, behave, gone, certificates), daemon=True)
        thread.start()
        place = "127.0.0.1:%d" % listener.getsockname()[1]
        where = {"delivered": ["--pop3", "pop3://a:b@" + place], "lmtp": ["--server", "lmtp://" + place]}
        command = [*options.under.split(), options.maildrill, "run", scripts[script], "--timeout", limit(case), "--timing-scale", "0.1",
                   "--ca", certificates.ca, *where.get(script, ["--server", place])]
        result = measured(command)
        gone.set()
    return result


def judge(case, result, options):
    name, _, _, code, words = case
    got, report, peak = result
    codes = code if isinstance(code, tuple) else (code,)
    wrong = got not in codes or not re.search(words, report, re.S)
    if wrong:
        print(f"FAILED: {name}: exit {got}, expected {code} and {words}\n{report[:3000]}")
    if peak > options.max_rss:
        print(f"FAILED: {name}: held {peak} KiB, more than {options.max_rss}")
    return wrong or peak > options.max_rss


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("maildrill")
    parser.add_argument("--max-rss", type=int, default=int(os.environ.get("HOSTILE_MAX_RSS_KIB", "65536")), metavar="KIB")
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--under", default="", metavar="COMMAND")
    parser.add_argument("--sample", type=int, default=1, metavar="N")
    parser.add_argument("--filter", default="", metavar="REGEX")
    options = parser.parse_args()
    cases = [case for case in SERVERS if re.search(options.filter, case[0]) and not (options.under and limit(case) != LATE)][::options.sample]
    with tempfile.TemporaryDirectory() as folder:
        certificates = Certificates(folder)
        scripts = {name: os.path.join(folder, name + ".smtp") for name in SCRIPTS}
        for name, text in SCRIPTS.items():
            with open(scripts[name], "w", encoding="utf-8") as file:
                file.write(text)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(lambda case: play(case, options, scripts, certificates), cases))
    failed = sum(judge(case, result, options) for case, result in zip(cases, results))
    peak, name = max((result[2], case[0]) for case, result in zip(cases, results))
    print(f"{len(cases)} bad peers, {failed} wrong, peak memory {peak} KiB ({name})")
    return 1 if failed or not cases else 0


sys.exit(main())
