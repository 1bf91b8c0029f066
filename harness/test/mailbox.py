#!/usr/bin/env python3
"""%message against messages in a Maildir and behind POP3: usage: mailbox.py MAILDRILL"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading

from checks import check, finish

PROGRAM = os.path.abspath(sys.argv[1])
SCRIPT = """%test "it arrives"
S: 220
C: EHLO ${client}
S: 250
C: MAIL FROM:<${from}>
C: RCPT TO:<${rcpt}>
S: 250
S: 250
C: DATA
S: 354
%data <<END
Subject: ${token} x

.dot
END
S: 250
%message within 20s to=${rcpt} contains ${token} x
%message one line /^\\.dot$/
%message absent within 10ms to=${rcpt2} contains ${token} x
"""


class Pop3:
    """RFC 1939 over the messages of a Maildir, as far as reading goes. With `broken`, RETR is refused."""

    def __init__(self, maildir, broken=False):
        self.maildir, self.broken, self.sessions = maildir, broken, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def messages(self):
        folder = os.path.join(self.maildir, "new")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return [os.path.join(folder, name) for name in sorted(names, key=lambda n: os.stat(os.path.join(folder, n)).st_mtime_ns)]

    def serve(self, sock):
        messages, user = self.messages(), b""
        with sock, sock.makefile("rb") as lines:
            sock.sendall(b"+OK ready\r\n")
            for line in lines:
                word, _, rest = line.strip().partition(b" ")
                if word == b"USER":
                    user, answer = rest, b"+OK\r\n"
                elif word == b"PASS":
                    answer = b"+OK\r\n" if (user, rest) == (b"bob", b"secret") else b"-ERR no\r\n"
                elif word == b"STAT":
                    answer = b"+OK %d 1000\r\n" % len(messages)
                elif word == b"RETR" and not self.broken:
                    with open(messages[int(rest) - 1], "rb") as file:
                        text = file.read().replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
                    answer = b"+OK\r\n" + b"".join((b"." if one[:1] == b"." else b"") + one + b"\r\n" for one in text) + b".\r\n"
                elif word == b"QUIT":
                    sock.sendall(b"+OK\r\n")
                    return
                else:
                    answer = b"-ERR no\r\n"
                sock.sendall(answer)


def run(folder, *options, command="run", name="a.smtp"):
    done = subprocess.run([PROGRAM, command, os.path.join(folder, name), "--rcpt", "bob@example.test",
                           "--rcpt2", "alice@example.test", *options], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


with tempfile.TemporaryDirectory() as folder:
    maildir, path = os.path.join(folder, "mail"), os.path.join(folder, "socket")
    with open(os.path.join(folder, "a.smtp"), "w", encoding="utf-8") as file:
        file.write(SCRIPT)
    server = subprocess.Popen([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--maildir", maildir],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        code, text = run(folder, "--server", url)
        check("without a place it is skipped", code == 5 and "needs oracle" in text, text)
        code, text = run(folder, "--server", url, "--maildir", maildir)
        check("Maildir", code == 0, text)
        for i in range(5000):
            with open(os.path.join(maildir, "cur", f"{i}.old:2,S"), "w", encoding="utf-8") as file:
                file.write(f"Subject: old {i}.\n\n")
        code, text = run(folder, "--server", url, "--maildir", maildir)
        check("a Maildir with many messages", code == 0, text)
        with open(os.path.join(folder, "old.smtp"), "w", encoding="utf-8") as file:
            olds = "".join(f"%message within 20s contains old {i}.\n" for i in range(0, 5000, 200))
            file.write(f"S: 220\n{olds}%message absent within 10ms contains old 5000.\n")
        code, text = run(folder, "--server", url, "--maildir", maildir, "--timing-scale", "0.1", name="old.smtp")
        check("old messages in it", code == 0, text)
        with open(os.path.join(folder, "shrunk.smtp"), "w", encoding="utf-8") as file:
            file.write("S: 220\nC: NOOP\nS: 250\n%message within 10ms contains old 5000.\n")
        code, text = run(folder, "--server", url, "--maildir", maildir, command="shrink", name="shrunk.smtp")
        check("shrink looks there, too", code == 0 and "no such message was delivered" in text, text)
        code, text = run(folder, "--server", url, "--maildir", os.path.join(folder, "nothing"), "--timing-scale", "0.01")
        check("no Maildir", code == 1 and "no such message was delivered" in text, text)
        code, text = run(folder, "--server", url, "--maildir", os.path.join(folder, "no/thing"), "--timing-scale", "0.01")
        check("no folder for a Maildir", code == 4 and "the mailbox cannot be read" in text and "No such file" in text, text)
        pop3 = Pop3(maildir)
        code, text = run(folder, "--server", url, "--pop3", f"pop3://bob:secret@127.0.0.1:{pop3.port}")
        check("POP3", code == 0, text)
        code, text = run(folder, "--server", url, "--pop3", f"pop3://127.0.0.1:{pop3.port}", "--user", "bob", "--pass", "secret")
        check("POP3 with --user and --pass", code == 0 and pop3.sessions >= 4, text)
        code, text = run(folder, "--server", url, "--pop3", f"pop3://bob:wrong@127.0.0.1:{pop3.port}", "--timing-scale", "0.02")
        check("POP3 with a wrong password", code == 4 and "-ERR where an answer to PASS" in text, text)
        refusing = Pop3(maildir, broken=True)
        code, text = run(folder, "--server", url, "--pop3", f"pop3://bob:secret@127.0.0.1:{refusing.port}", "--timing-scale", "0.02")
        check("POP3 without RETR", code == 4 and "-ERR to every RETR" in text, text)
        for wrong in ("bob@host", "pop3://", "pop3://bob@host", "pop3://host:0", "pop3://host:x", "pop3://[::1", "imap://h"):
            code, text = run(folder, "--server", url, "--pop3", wrong)
            check("no URL: " + wrong, code == 2, text)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
finish()
