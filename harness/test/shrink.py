#!/usr/bin/env python3
"""scenario.shrink: maildrill shrink against the reference server with a clause broken: what is left fails as the script
did, holds nothing that could go, and passes where nothing is broken.   usage: shrink.py MAILDRILL"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading

from checks import check, finish

MAILDRILL = os.path.abspath(sys.argv[1])

LONG = '''# a comment that explains nothing
%test "a long way round"
S: 220
C: EHLO ${client}
S: 250
C: NOOP
C: VRFY <${rcpt}>
S: 250
S: 252
C: MAIL FROM:<${from}> SIZE=100
S: 250
C: RSET
S: 250
C: RCPT TO:<${rcpt}>
S: 503 | warn 501
C: QUIT
S: 221
'''
OTHER = '''%test "a test that passes"
S: 220
C: QUIT
S: 221
'''
PASTED = """220 example.test ESMTP
ehlo client.example.test
250 example.test
noop
250 OK
rset
250 OK
rcpt to:<bob@example.test>
503 MAIL first
quit
221 bye
"""
EOD = '''%test "an end of data that is none"
S: 220
C: EHLO ${client}
S: 250
C: NOOP
S: 250
C: MAIL FROM:<${from}>
S: 250
C: RCPT TO:<${rcpt}>
S: 250
C: DATA
S: 354
C: Subject: a few lines that do not matter
C: From: somebody
C:
C!: a body of some length\\r\\n and then\\n.\\n
%quiet 300ms
C: .
S: 250
'''


def maildrill(*arguments, **more):
    done = subprocess.run([MAILDRILL, *arguments], capture_output=True, timeout=120, stdin=subprocess.DEVNULL, cwd=WORK, **more)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write(name, text):
    with open(os.path.join(WORK, name), "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return name


def shrinks(name, text, fault, expected):
    code, small, told = maildrill("shrink", write(name, text), "--fault", fault)
    check(f"{name}: shrink ends with 0", code == 0, told)
    check(f"{name}: this is left", small == expected, small + told)
    path = write("small.smtp", small)
    code, shown, _ = maildrill("run", path, "--fault", fault)
    message = told.split("it fails: ", 1)[-1].split("\n", 1)[0]
    check(f"{name}: what is left fails", code == 1 and message.split(" ")[0] in shown, shown)
    code, shown, _ = maildrill("run", path)
    check(f"{name}: and passes where nothing is broken", code == 0, shown)


def to_a_file():
    write("long.smtp", LONG)
    code, out, told = maildrill("shrink", "long.smtp", "--fault", "rcpt-before-mail", "--out", "out.smtp")
    with open(os.path.join(WORK, "out.smtp"), encoding="utf-8") as file:
        check("--out writes the file", code == 0 and out == "" and "RCPT" in file.read(), told)
    code, out, told = maildrill("shrink", "long.smtp", "--fault", "rcpt-before-mail", "--out", "no/such/folder")
    check("--out into nowhere is a mistake", code == 2 and "no/such/folder" in told, told)


def nothing_to_do():
    code, out, told = maildrill("shrink", write("passes.smtp", OTHER))
    check("a script that passes: 5", code == 5 and "nothing to make smaller" in told, told)
    code, out, told = maildrill("shrink", write("wrong.smtp", "C: x\nS: 999\n"))
    check("a script with a mistake: 3", code == 3, told)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        code, out, told = maildrill("shrink", "passes.smtp", "--server", f"smtp://127.0.0.1:{unused.getsockname()[1]}")
    check("no server: 4", code == 4 and "no connection" in told, told)
    code, out, told = maildrill("shrink", "passes.smtp", "long.smtp")
    check("two scripts: 2", code == 2, told)


def serve(listener, answer):
    def run():
        count = 0
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            count += 1
            try:
                with sock, sock.makefile("rb") as lines:
                    sock.sendall(b"220 x\r\n")
                    for line in lines:
                        sock.sendall(answer(line, count))
            except OSError:  # it was closed in the middle
                pass
    threading.Thread(target=run, daemon=True).start()
    return f"smtp://127.0.0.1:{listener.getsockname()[1]}"


def by_chance():
    """A failure that comes and goes is not made smaller: nobody could tell what it is of."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = serve(listener, lambda line, count: b"250 ok\r\n" if count % 2 == 0 else b"500 no\r\n")
        code, out, told = maildrill("shrink", write("noop.smtp", "S: 220\nC: NOOP\nS: 250\n"), "--server", url)
    check("a failure by chance: 1", code == 1 and out == "" and "not every time" in told, told)


def interrupted():
    """An interruption ends it with the smallest script so far."""
    seen = threading.Event()

    def answer(line, count):
        if count == 30:
            seen.set()
        return b"500 no\r\n" if line.startswith(b"FAIL") else b"250 ok\r\n"
    text = "S: 220\n" + "".join(f"C: NOOP {i}\nS: 250\n" for i in range(400)) + "C: FAIL\nS: 250\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = serve(listener, answer)
        process = subprocess.Popen([MAILDRILL, "shrink", write("many.smtp", text), "--server", url], cwd=WORK,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check("it plays", seen.wait(60))
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
    check("interrupted: 130, and a script that still fails", process.returncode in (0, 130) and b"C: FAIL" in out
          and len(out) < len(text), told)


with tempfile.TemporaryDirectory() as WORK:
    shrinks("long.smtp", LONG, "rcpt-before-mail", '%test "a long way round"\nS: 220\nC: EHLO ${client}\nS: 250\nC: RCPT TO:<${rcpt}>\nS: 503 | warn 501\n')
    shrinks("two.smtp", OTHER + LONG, "rcpt-before-mail", '%test "a long way round"\nS: 220\nC: EHLO ${client}\nS: 250\nC: RCPT TO:<${rcpt}>\nS: 503 | warn 501\n')
    shrinks("pasted.txt", PASTED, "rcpt-before-mail", "S: 220 example.test ESMTP\nC: ehlo c\nS: 250 example.test\nC: rcpt to:<b@example.test>\nS: 503 MAIL first\n")
    shrinks("eod.smtp", EOD, "lf-dot-lf", '%test "an end of data that is none"\nS: 220\nC: EHLO ${client}\nS: 250\nC: MAIL FROM:<>\nS: 250\n'
            'C: RCPT TO:<${rcpt}>\nS: 250\nC: DATA\nS: 354\nC!: .\\n\n%quiet 300ms\n')
    to_a_file()
    nothing_to_do()
    by_chance()
    interrupted()
finish()
