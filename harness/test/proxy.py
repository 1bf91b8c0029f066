#!/usr/bin/env python3
"""scenario.proxy: between a client and a server, and what it prints plays again.
usage: proxy.py MAILDRILL SOURCE_FOLDER"""

import os
import re
import smtplib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile

from checks import check, finish

maildrill, source = sys.argv[1:3]


def start(stream, *words):
    process = subprocess.Popen([maildrill, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = getattr(process, stream).readline()
    return process, int(re.search(r":(\d+)$", line.strip()).group(1))


def end(process):
    process.terminate()
    out, _ = process.communicate(timeout=30)
    return out


def record(dialogue, *words, server_words=(), run_words=()):
    """What the proxy prints of a client's dialogue with the reference server."""
    with tempfile.TemporaryDirectory() as work:
        ca, own = os.path.join(work, "ca.pem"), os.path.join(work, "own.pem")
        server, port = start("stdout", "serve", "--listen", "127.0.0.1:0", "--ca-out", ca, *server_words)
        proxy, at = start("stderr", "proxy", "--listen", "127.0.0.1:0", "--once", "--ca", ca, "--ca-out", own,
                          "--server", "127.0.0.1:%d" % port, *words)
        dialogue(at, own if "--decrypt" in words else ca)
        out, errors = proxy.communicate(timeout=60)
        check("the proxy ends well", proxy.returncode == 0, errors)
        path = os.path.join(work, "recorded.smtp")
        with open(path, "w") as file:
            file.write(out)
        again = subprocess.run([maildrill, "run", path, "--server", "127.0.0.1:%d" % port, "--ca", ca, *run_words],
                               capture_output=True, text=True, timeout=60)
        check("it plays again", again.returncode == 0, again.stdout + again.stderr + out)
        tidy = subprocess.run([maildrill, "fmt", "--check", path], capture_output=True, text=True, timeout=60)
        check("it is laid out as fmt does it", tidy.returncode == 0)
        end(server)
        return out


def mail(port, _):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="me.test") as client:
        client.sendmail("a@example.test", ["postmaster@example.test"], "Subject: ${x} | y\n\n.dot\n")


def starttls(port, ca):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="me.test") as client:
        client.starttls(context=ssl.create_default_context(cafile=ca))
        client.ehlo()
        client.mail("a@example.test")


def octets(port, _):
    with socket.create_connection(("127.0.0.1", port)) as client:
        read = client.makefile("rb")
        read.readline()
        client.sendall(b"NOOP a\\b\r\nNOOP\r\nNO")
        read.readline(), read.readline()
        client.sendall(b"OP\x01\r\n")
        read.readline()
        client.sendall(b"QUIT\r\n")
        check("the server's end comes through", read.read().startswith(b"221"))


def rude(port, _):
    with socket.create_connection(("127.0.0.1", port)) as client:
        read = client.makefile("rb")
        read.readline()
        client.sendall(b"NOOP\r\n")
        read.readline()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset


check("a client that resets has left", record(rude).endswith("\nC: NOOP\nS: 250 2.0.0 Nothing done\n"))
out = record(mail)
check("a test with its greeting", out.startswith('%test "connection 1"\nS: 220 '), out[:40])
check("a message is recorded as it was sent",
      "\nC: ehlo me.test\nS: 250-" in out and "\nC: Subject: $${x} | y\nC:\nC: ..dot\nC: .\nS: 250 " in out, out)
out = record(starttls)
check("TLS is passed through unread",
      "\nS: 220 2.0.0 Ready to start TLS\n%tls\n# TLS was passed through: what follows was not recorded\n" in out
      and "MAIL" not in out.upper().split("%TLS")[1], out)
out = record(starttls, "--decrypt")
check("what TLS hides is recorded with --decrypt",
      "\n%tls\nC: ehlo me.test\n" in out and "\nC: mail FROM:<a@example.test>\nS: 250 " in out, out)


def login(port, ca):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="me.test") as client:
        client.starttls(context=ssl.create_default_context(cafile=ca))
        client.ehlo()
        client.user, client.password = "bob", "hunter22"
        client.auth("PLAIN", client.auth_plain)


given = ("--user", "bob", "--pass", "hunter22")
for words in [(), ("--keep-secrets",)]:
    out = record(login, "--decrypt", *words, server_words=("--mode", "submission", *given), run_words=given)
    said = [text in out for text in ("hunter22", "AGJvYgBodW50ZXIyMg==", "aHVudGVyMjI")]
    check("no password is in the script, unless that is wanted", said == [False, bool(words), False]
          and ("\n%auth PLAIN\nS: 235 " in out) != bool(words), out)
out = record(octets)
check("octets that are no line stay octets",
      "\nC: NOOP a\\b\nC: NOOP\nS: 250 2.0.0 Nothing done\nS: 250 2.0.0 Nothing done\nC!: NOOP\\x01\\r\\n\nS: 5" in out
      and out.endswith("\nS: <EOF>\n"), out)

server, port = start("stdout", "serve", "--listen", "127.0.0.1:0")
proxy, at = start("stderr", "proxy", "--listen", "127.0.0.1:0", "--server", "127.0.0.1:%d" % port)
first, second = smtplib.SMTP("127.0.0.1", at), smtplib.SMTP("127.0.0.1", at)
second.noop()
first.noop()
second.quit()
first.quit()
lines = []
while sum(line.startswith("S: 221") for line in lines) < 2:
    lines.append(proxy.stdout.readline())
    if not lines[-1]:
        break
end(proxy)
out = "".join(lines)
check("two connections at once: a script of each, whole",
      sorted(re.findall(r'%test "(connection \d)"', out)) == ["connection 1", "connection 2"]
      and [len(re.findall("C: noop\nS: 250 .*\nC: quit", test)) for test in out.split("%test")[1:]] == [1, 1], out)
end(server)

# no server
proxy, at = start("stderr", "proxy", "--listen", "127.0.0.1:0", "--server", "127.0.0.1:1", "--once")
with socket.create_connection(("127.0.0.1", at)) as client:
    try:
        check("a client whose server is not there is let go", client.recv(1) == b"")
    except ConnectionResetError:
        pass
out, errors = proxy.communicate(timeout=30)
check("and it is said", proxy.returncode == 4 and "refused" in errors and out == "", out + errors)

finish()
