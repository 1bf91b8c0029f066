#!/usr/bin/env python3
"""campaign.client: maildrill fuzz --client against a small client, sound and with one fault at a time: each fault is
found, the sound one has none, and so have curl, msmtp and swaks.   usage: fuzz_client.py MAILDRILL"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from checks import check, finish

MAILDRILL = os.path.abspath(sys.argv[1])
# Logs in, and takes every reply for a yes.
LOGIN = r'''
import socket, sys
sock = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
stream = sock.makefile("rb")
for line in b"", b"EHLO a", b"AUTH LOGIN", b"dXNlcg==", b"c2VjcmV0", b"MAIL FROM:<a@b.example>", b"RCPT TO:<c@d.example>", b"DATA", b"x\r\n.", b"QUIT":
    if line:
        sock.sendall(line + b"\r\n")
    while stream.readline()[3:4] == b"-":
        pass
'''

# A client that checks every reply; the fault that its first argument names makes it worse.
CLIENT = r'''
import os, socket, ssl, sys, time
fault, host, port, ca = sys.argv[1:5]
sock = socket.create_connection((host, int(port)), 5)
stream = sock.makefile("rb")
believed = b""
def next_line():
    global believed
    if believed:
        line, believed = believed.split(b"\n", 1)
        return line
    line = stream.readline(65536)
    if not line.endswith(b"\n"):
        if fault in ("hangs", "slow"):
            time.sleep(60 if fault == "hangs" else 5)
        sys.exit(1)
    return line[:-1]
def reply(*wanted):
    lines = []
    while len(lines) < 1000:
        line = next_line()
        if fault == "crashes" and b"\0" in line:
            os.abort()
        if fault == "complains" and b"%n" in line:
            print("==1==ERROR: AddressSanitizer: heap-buffer-overflow")
        if line[:3] not in wanted:
            return False
        lines.append(line)
        if line[3:4] != b"-":
            return b"\n".join(lines)
    sys.exit(1)
def waiting(stream):
    sock.setblocking(False)
    try:
        return stream.peek() or b""
    except BlockingIOError:
        return b""
    finally:
        sock.settimeout(5)
def drain():
    try:
        while sock.recv(4096):
            pass
    except OSError:
        pass
def say(line, *wanted):
    sock.sendall(line + b"\r\n")
    return reply(*wanted)
def must(answer):
    if not answer:
        if fault == "believes": # it says what it had to say before it goes
            drain()
        sys.exit(1)
    return answer
must(reply(b"220"))
caps = must(say(b"EHLO me", b"250"))
if b"STARTTLS" in caps:
    if say(b"STARTTLS", b"220"):
        if fault == "believes":
            believed = waiting(stream)
        sock = ssl.create_default_context(cafile=ca).wrap_socket(sock, server_hostname=host)
        stream = sock.makefile("rb")
        must(say(b"EHLO me", b"250"))
    elif fault != "strips":
        sys.exit(1)
elif fault != "strips":
    sys.exit(1)
must(say(b"MAIL FROM:<a@example.test>", b"250"))
must(say(b"RCPT TO:<b@example.test>", b"250", b"251"))
must(say(b"DATA", b"354"))
sent = say(b"Subject: x\r\n\r\nx\r\n.", b"250", b"251", b"252")
if fault != "lies":
    must(sent)
'''
FAULTS = {"crashes": ("crash", "nul"), "complains": ("sanitizer", "percent"), "hangs": ("hang", "half-a-code"),
          "strips": ("in-clear", "no-starttls"), "believes": ("took-injection", "injection"),
          "lies": ("says-sent", "refused")}
# Behind each stands a message's file.
REAL = {"curl": "-sS --max-time 20 smtp://{host}:{port}/me --mail-from a@example.test --mail-rcpt b@example.test --upload-file",
        "msmtp": "--host={host} --port={port} --domain=me --from=a@example.test --timeout=20 --tls=off b@example.test <",
        "swaks": "--server {host}:{port} --helo me --from a@example.test --to b@example.test --timeout 20 --data"}


def fuzz(command, *options):
    done = subprocess.run([MAILDRILL, "fuzz", "--client", "--exec", command, "--timeout", "3s", "-j", "8", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


def found(report):
    """The oracles that spoke, and what the server had done."""
    return {(oracle, case) for oracle, case in
            re.findall(r"^([\w-]+): .*\n(?:  signal .*\n)?  the server .*\n  once more: --deviant ([\w-]+)@", report, re.M)}


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "client.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CLIENT)
        command = "exec %s %s %%s {host} {port} {ca}" % (sys.executable, path)

        code, report = fuzz(command % "none", "--require-tls", "--out", os.path.join(folder, "none"))
        check("a sound client has no finding", code == 0 and not found(report), report)
        check("its session is described", "1 message taken under TLS; replies: greeting, EHLO, STARTTLS, EHLO, MAIL, RCPT, "
               "DATA, end of data" in report, report)
        check("every case ran", re.search(r"^(\d+) of \1 cases, 0 findings", report, re.M), report)
        for fault, (oracle, case) in FAULTS.items():
            out = os.path.join(folder, fault)
            code, report = fuzz(command % fault, "--require-tls", "--deviant", case, "--out", out)
            check(fault + ": it is found", code == 1 and (oracle, case) in found(report), report)
            check(fault + ": nothing else is", {o for o, _ in found(report)} == {oracle}, report)
            files = os.listdir(out) if os.path.isdir(out) else []
            check(fault + ": it is written down", files and all(f.startswith((oracle + "-" + case, "campaign.")) for f in files), files)
            import jsonschema
            with open(os.path.join(out, "campaign.json"), encoding="utf-8") as file:
                record = json.load(file)
            with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../report/campaign-1.schema.json"), encoding="utf-8") as file:
                wrong = [error.message for error in jsonschema.Draft7Validator(json.load(file)).iter_errors(record)]
            check(fault + ": the record is as its schema says", wrong == [] and record["kind"] == "client", wrong)
            check(fault + ": and has it, marked", {f["oracle"] for f in record["findings"]} == {oracle}
                   and all(any(line.get("decisive") for line in f["dialogue"]) for f in record["findings"]), record["findings"])
        text = open(os.path.join(folder, "lies", sorted(f for f in os.listdir(os.path.join(folder, "lies")) if f.endswith("txt"))[0]),
                    encoding="utf-8").read()
        check("the dialogue is in it", "    C: MAIL FROM:<a@example.test>" in text and "command: exec" in text, text)

        code, report = fuzz(command % "slow", "--require-tls", "--deviant", "half-a-code@4")
        check("a client that is slow does not hang", code == 0 and "not found again" in report, report)
        login = os.path.join(folder, "login.py")
        with open(login, "w", encoding="utf-8") as file:
            file.write(LOGIN)
        code, report = fuzz("%s %s {host} {port}" % (sys.executable, login), "--deviant", "refused", "--no-starttls",
                            "--out", os.path.join(folder, "login"))
        written = "".join(open(os.path.join(folder, "login", f), encoding="utf-8").read() for f in os.listdir(os.path.join(folder, "login")))
        check("no password is shown", code == 1 and "AUTH LOGIN" in written and "C: ****" in written
               and "c2VjcmV0" not in written + report, report)

        for bound, cases in ((("--runs", "3"), 3), (("--minutes", "0.0001"), 0)):
            code, report = fuzz(command % "none", *bound, "--out", os.path.join(folder, "bounded"))
            with open(os.path.join(folder, "bounded", "campaign.json"), encoding="utf-8") as file:
                stopped = json.load(file).get("stopped", "")
            check("%s: %d cases" % (bound, cases), code == 0 and re.search(r"^%d of \d+ cases" % cases, report, re.M)
                  and "ended it early" in stopped, report + stopped)
        code, report = fuzz("seq 12; echo no such host >&2; exit 7")
        check("a command that does not connect is none to test", code == 4 and "did not talk" in report, report)
        words = "  the client said:\n" + "".join("    %d\n" % i for i in range(4, 13)) + "    no such host\n"
        check("how it ended is told, and its last words are", "ends with 7" in report and report.endswith(words), report)
        code, report = fuzz(command % "none", "--deviant", "nothing-of-the-kind")
        check("an unknown deviation is refused", code == 2 and "--deviant list" in report, report)
        code, report = subprocess.getstatusoutput("%s fuzz --client" % MAILDRILL)
        check("without a command it says what is missing", code == 2 and "--exec" in report, report)
        test_serve()
        message = os.path.join(folder, "message")
        with open(message, "w", encoding="utf-8") as file:
            file.write("From: a@example.test\n\nx\n")
        for client, arguments in REAL.items():
            if shutil.which(client):
                code, report = fuzz("%s %s %s" % (client, arguments, message), "--deviant", "refused")
                check(client + " has no finding", code == 0 and re.search(r"^(\d\d?) of \1 cases, 0 findings", report, re.M), report)
    finish()


def test_serve():
    """The same server by hand: a finding can be played again with any client."""
    import socket
    server = subprocess.Popen([MAILDRILL, "serve", "--deviant", "refused@1", "--listen", "127.0.0.1:0", "--once"],
                              stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline().rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        stream = sock.makefile("rwb")
        said = stream.readline()
        stream.write(b"EHLO me\r\nQUIT\r\n")
        stream.flush()
        said += stream.readline() + stream.readline()
    server.communicate(timeout=20)
    check("serve --deviant", said == b"220 mail.example.test ESMTP\r\n554 5.0.0 No\r\n221 2.0.0 Bye\r\n", said)


main()
