#!/usr/bin/env python3
"""scenario.runner: what `run` and `compare` do with many tests, servers that die, flaky ones, and what the
reports say of it.   usage: runner.py MAILDRILL SOURCE_FOLDER"""
import base64
import json
import os
import pty
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from checks import check, finish
from peer import Certificates

MAILDRILL, SOURCE = os.path.abspath(sys.argv[1]), sys.argv[2]
DEADLINE = 60


class Server:
    """A small SMTP server: `reply(line, connection)` answers a command, or None for what is usual."""

    def __init__(self, reply=None, dies_after=None):
        self.reply, self.dies_after = reply, dies_after
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.connections = 0
        self.at_once = self.most = 0
        self.gate = threading.Barrier(1)
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.connections == self.dies_after:
                # what was accepted is served; nobody listens any more
                self.listener.shutdown(socket.SHUT_RDWR)
                self.listener.close()
            threading.Thread(target=self.serve, args=(sock, self.connections), daemon=True).start()

    def serve(self, sock, number):
        with self.lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        try:
            with sock, sock.makefile("rb") as lines:
                sock.sendall(b"220 small.example.test\r\n")
                for line in lines:
                    said = self.reply and self.reply(line.strip(), number)
                    sock.sendall(said or (b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n"))
                    if line.upper().startswith(b"QUIT"):
                        break
        except OSError:
            pass
        with self.lock:
            self.at_once -= 1

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # a thread waits in accept: closing alone leaves it there
        except OSError:
            pass
        self.listener.close()


def run(*arguments, env=None, cwd=None, says=""):
    done = subprocess.run([MAILDRILL, *arguments], capture_output=True, timeout=DEADLINE, input=says.encode(),
                          env={**os.environ, **(env or {})}, cwd=cwd)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def ends(what, result, code, *patterns):
    shown = f"exit {result[0]}\n{result[1]}{result[2]}"
    check(f"{what}: exit {code}", result[0] == code, shown)
    for pattern in patterns:
        check(f"{what}: {pattern}", re.search(pattern, result[1] + result[2], re.M), shown)


def write(name, text):
    path = os.path.join(WORK, name)
    with open(path, "w", newline="") as file:
        file.write(text)
    return path


def read(path):
    with open(path, "rb") as file:
        return file.read()


HELLO = "S: 220\nC: EHLO ${client}\nS: 250\n"


def many(count, verb="NOOP"):
    return "".join(f'%test "number {i}" id=t{i}\n{HELLO}C: {verb} {i}\nS: 250\n' for i in range(count))


def order_and_jobs():
    server = Server()
    path = write("many.smtp", many(40))
    results = [run("run", path, "--server", server.url, "-j", str(jobs)) for jobs in (1, 8)]
    for result in results:
        ends("forty tests", result, 0, "^40 passed, 0 failed")
    strip = [re.sub(r" in \d+\.\d s", "", result[1]) for result in results]
    check("the report does not depend on -j", strip[0] == strip[1], strip)
    check("each test has a connection, and the sanity dialogue two", server.connections == 84, server.connections)
    server.close()

    # the first test answers last: what is reported keeps the order of the file
    together = threading.Barrier(4)

    def slow(line, number):
        if line.startswith(b"NOOP"):
            try:
                together.wait(20)
            except threading.BrokenBarrierError:
                return b"451 not together\r\n"
        return None

    server = Server(slow)
    path = write("four.smtp", many(4))
    result = run("run", path, "--server", server.url, "-j4", "--sanity", "never")
    ends("four at once", result, 0, "^4 passed")
    check("in the order of the file", re.findall(r"number (\d)", result[1]) == list("0123"), result[1])
    server.close()


def selecting():
    path = write("select.smtp", '%test "a" rfc=5321#4.1 tags=x,y id=a\nS: 220\n'
                 '%test "b" rfc=5321#4.1.4 level=SHOULD tags=y\nS: 220\n'
                 '%test "c" rfc=5321#4.10 level=SECURITY id=c\nS: 220\n'
                 '%test "d" rfc=1870#4 level=MAY\nS: 220\n')

    def listed(*options):
        result = run("run", path, "--list", *options)
        return "".join(line.split("\t")[-1] for line in result[1].splitlines())

    rows = [((), "abcd"), (("--filter", "^[ac]$"), "ac"), (("--filter", "select.smtp"), "abcd"), (("--tag", "y"), "ab"),
            (("--tag", "x", "--tag", "nope"), "a"), (("--level", "should,SECURITY"), "bc"), (("--rfc", "5321#4.1"), "ab"),
            (("--rfc", "5321"), "abc"), (("--shard", "1/2"), "ac"), (("--shard", "2/2"), "bd"),
            (("--filter", "[abc]", "--shard", "2/2", "--rfc", "5321"), "b")]
    for options, expected in rows:
        got = listed(*options)
        check(f"{options} selects {expected}", got == expected, got)
    ends("a filter that is no expression", run("run", path, "--filter", "("), 2, "offset 1")
    for wrong in ("0/2", "3/2", "x", "1"):
        ends(f"--shard {wrong}", run("run", path, "--shard", wrong), 2, "--shard: not a value", "^  --shard I/N  only the I-th")
    ends("nothing selected", run("run", path, "--filter", "zzz"), 5, "^0 passed", "none of the tests was asked for")
    ends("--list of nothing", run("run", path, "--list", "--filter", "zzz"), 5)
    ends("--min-tests", run("run", path, "--min-tests", "5"), 5, "^4 passed", "4 tests were played, where --min-tests asks for 5")
    ends("--min-tests met", run("run", path, "--min-tests", "4"), 0, "^4 passed")
    for option in ("--repeat", "--jobs"):
        ends(f"{option} 0", run("run", path, option, "0"), 2, f"{option}: not a value for this option: 0")
    ends("--rfc of a word", run("run", path, "--rfc", "smtp"), 2, "--rfc: not a value for this option: smtp")
    ends("--rfc as people say it", run("run", path, "--rfc", "RFC5321", "--list"), 0)
    ends("--repeat", run("run", path, "--repeat", "3"), 0, r"^12 passed", r"a \[2 of 3\]")
    ends("--dry-run", run("run", os.path.join(SOURCE, "scenarios/conformance"), "--dry-run", "--server", "127.0.0.1:1"), 0,
         r"^    C: EHLO client.example.test", "would be played")


def retries():
    server = Server(lambda line, number: b"550 not yet\r\n" if line.startswith(b"NOOP") and number < 3 else None)
    path = write("flaky.smtp", many(1))
    ends("flaky", run("run", path, "--server", server.url, "--retry", "3", "--report", "tap=" + WORK + "/flaky.tap"), 0,
         r"^0 passed, 0 failed, 1 flaky", r"flaky: passed at attempt 3", "550 not yet")
    check("TAP says flaky", b'severity: "flaky"' in read(WORK + "/flaky.tap"), read(WORK + "/flaky.tap"))
    server.close()
    server = Server(lambda line, number: b"550 not yet\r\n" if line.startswith(b"NOOP") and number < 3 else None)
    ends("flaky, --strict", run("run", path, "--server", server.url, "--retry", "3", "--strict"), 1, "1 flaky")
    server.close()
    server = Server(lambda line, number: b"550 never\r\n" if line.startswith(b"NOOP") else None)
    ends("fails each time", run("run", path, "--server", server.url, "--retry", "2"), 1, r"^0 passed, 1 failed", r"at each of 3 attempts")
    check("three attempts", server.connections == 3, server.connections)
    server.close()


def first_failure():
    server = Server(lambda line, number: b"550 no\r\n" if line.strip() == b"NOOP 3" else None)
    path = write("fast.smtp", many(30))
    for jobs in ("1", "5"):
        result = run("run", path, "--server", server.url, "--fail-fast", "-j", jobs)
        ends(f"--fail-fast -j{jobs}", result, 1, r"^3 passed, 1 failed", r"^26 more not played")
        check("nothing after the failure", "number 4" not in result[1], result[1])
    server.close()


def deaths():
    path = write("dies.smtp", many(20))
    server = Server(dies_after=8)
    result = run("run", path, "--server", server.url, "-j2", "--report", "json=" + WORK + "/dead.json")
    ends("dies among the tests", result, 4, "DEAD .*any more.*refused", "more not played")
    summary = json.loads(read(WORK + "/dead.json"))["summary"]
    check("JSON says so", summary["target_died"] and "refused" in summary["stopped"], summary)
    server = Server(dies_after=21)
    ends("dies after the last test", run("run", path, "--server", server.url), 4, "DEAD .*after the last test", r"^20 passed")
    gone = Server()
    gone.close()
    ends("never lived", run("run", path, "--server", gone.url), 4, "before the first test.*refused", "^20 more not played")
    ends("one test asks nobody", run("run", write("one.smtp", many(1)), "--server", gone.url), 4, "refused")
    http = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: http.accept()[0].sendall(b"HTTP/1.1 400 Bad\r\n\r\n"), daemon=True).start()
    ends("no mail server", run("run", path, "--server", f"127.0.0.1:{http.getsockname()[1]}"), 4, "no SMTP reply")
    http.close()


def baselines():
    server = Server(lambda line, number: b"550 no\r\n" if line.strip() in (b"NOOP 1", b"NOOP 2") else None)
    path = write("base.smtp", many(4))

    def against(text, *options):
        return run("run", path, "--server", server.url, "--baseline", write("baseline", text), *options)

    ends("expected", against("# known\nt1 | fail | bug 1\n\nt2|fail|bug 2 | twice\n"), 0, "2 failed as expected", r"bug 2 \| twice")
    ends("one is not listed", against("t1 | fail | bug 1\n"), 1, "1 failed, 1 failed as expected")
    ends("passes unexpectedly", against("t0 | fail | was broken\nt1 | fail | x\nt2 | fail | x\n"), 1, "1 passed unexpectedly")
    ends("another verdict", against("t1 | error | x\nt2 | fail | x\n"), 1, "not as the baseline says")
    ends("an unknown id", against("t9 | fail | x\n"), 3, "1: no test has this id .--list shows those there are.: t9")
    ends("twice", against("t1 | fail | x\nt1 | fail | x\n"), 3, ":2: .*twice")
    ends("no verdict", against("t1 | fial | x\n"), 3, ":1: write")
    ends("no reason", against("t1 | fail |\n"), 3, ":1: write")
    ends("no file", run("run", path, "--baseline", WORK + "/none"), 3, "No such file")
    server.close()


class ByRead(Server):
    """A server that takes what one read brings for one command, as a broken one does: `spoiled(read)` is answered 500."""

    def __init__(self, spoiled):
        self.spoiled = spoiled
        super().__init__()

    def serve(self, sock, number):
        sock.sendall(b"220 small.example.test\r\n")
        rest = b""
        try:
            while read := sock.recv(65536):
                if self.spoiled(read, number):
                    sock.sendall(b"500 what?\r\n")
                    continue
                *lines, rest = (rest + read).split(b"\n")
                sock.sendall(b"".join(b"221 bye\r\n" if line == b"QUIT\r" else b"250 ok\r\n" for line in lines))
        except OSError:
            pass
        sock.close()


class Counts(Server):
    """A server that says 250 to each line, however long, and counts what it reads."""

    def serve(self, sock, number):
        self.reads = self.octets = 0
        sock.sendall(b"220 small.example.test\r\n")
        while read := sock.recv(1 << 20):
            self.reads += 1
            self.octets += len(read)
            sock.sendall(read.count(b"\n") * b"250 ok\r\n")
        sock.close()


def long_segments():
    """What sends megabytes is cut as well, and ends."""
    alone = ("--sanity", "never", "-j1", "--segment")
    long = write("long.smtp", "S: 220\nC!: NOOP \n%repeat 64\nC: ${65534*x}\n%end\n%repeat 64\nS: 250\n%end\n")
    server = Counts()
    octets = len("NOOP ") + 64 * 65536
    ends("a long line, an octet each", run("run", long, "--server", server.url, *alone, "1"), 0, "^1 passed")
    check("it was whole", server.octets == octets, server.octets)
    check("its middle was not cut", server.reads < octets / 16, server.reads)
    server.close()
    server = Counts()
    ends("a long line, cut in two", run("run", long, "--server", server.url, *alone, "all"), 0, "^1 passed")
    check("in as many ways as send 256 MiB", server.connections == 1 + 1 + (256 << 20) // octets, server.connections)
    check("they were whole", server.octets == octets, server.octets)
    server.close()


def segments():
    path = write("cut.smtp", HELLO + "C: NOOP\nS: 250\nC: QUIT\nS: 221\n")
    octets = len("EHLO client.example.test\r\nNOOP\r\nQUIT\r\n")
    alone = ("--sanity", "never", "-j1")
    server = Server()
    ends("a server that reads octets", run("run", path, "--server", server.url, "--segment", "all", *alone), 0, "^1 passed")
    check("it was cut at each octet", server.connections == octets, server.connections)
    ends("an octet each", run("run", path, "--server", server.url, "--segment", "1", *alone), 0, "^1 passed")
    check("once more", server.connections == octets + 2, server.connections)
    ends("nothing to join", run("run", path, "--server", server.url, "--segment", "coalesced", *alone), 0, "^1 passed")
    check("once", server.connections == octets + 3, server.connections)
    server.close()

    server = ByRead(lambda read, number: not read.endswith(b"\n"))
    ends("as it is written it passes", run("run", path, "--server", server.url, *alone), 0, "^1 passed")
    ends("--segment 1 finds it", run("run", path, "--server", server.url, "--segment", "1", *alone,
                                     "--report", "json=" + WORK + "/cut.json"), 1, "with an octet a write", "500 what")
    check("JSON has the variant", json.loads(read(WORK + "/cut.json"))["results"][0]["variant"] == "with an octet a write")
    server.close()
    server = ByRead(lambda read, number: not read.endswith(b"\n"))
    result = run("run", path, "--server", server.url, "--segment", "all", *alone)
    ends("--segment all finds where", result, 1, r"with a write cut after octet \d+\b")
    check("and goes no further", "octet %d)" % (server.connections - 1) in result[1], server.connections)
    server.close()
    late = len("EHLO client.example.test\r\n")
    first = {}  # cut that the server saw, of those behind EHLO: all go wrong
    server = ByRead(lambda read, number: read[:1] in b"NR" and not read.endswith(b"\n") and
                    first.update({read[:1]: min(late + len(read), first.get(read[:1], late + 9))}) is None)
    other = write("cut2.smtp", HELLO + "C: RSET\nS: 250\nC: QUIT\nS: 221\n")
    for jobs in ("-j1", "-j3", "-j16"):
        first.clear()
        result = run("run", path, other, "--server", server.url, "--sanity", "never", jobs, "--segment", "all")
        ends("the first cut is shown " + jobs, result, 1,
             *(r"%s\.smtp \(with a write cut after octet %d\)" % (name, first[verb]) for name, verb in (("cut", b"N"), ("cut2", b"R"))))
        ends("--fail-fast among cuts " + jobs, run("run", path, other, "--server", server.url, "--sanity", "never", jobs, "--segment", "all", "--fail-fast"), 1,
             "1 failed", "--fail-fast")
    server.close()
    server = Server()
    ends("cuts side by side", run("run", path, "--server", server.url, "--sanity", "never", "-j16", "--segment", "all"), 0, "^1 passed")
    check("each octet once", server.connections == octets, server.connections)
    server.close()

    spoiled = []  # once, and never again
    server = ByRead(lambda read, number: not (read.endswith(b"\n") or spoiled or spoiled.append(read)))
    ends("--retry of a cut", run("run", path, "--server", server.url, "--segment", "all", "--retry", "1", *alone), 0,
         "^0 passed, 0 failed, 1 flaky", r"attempt 2\) \(with a write cut after octet \d+\b")
    server.close()
    lone = write("lone.smtp", HELLO + "C!: NOOP\\r\\n\nC!: NOOP\\r\\n\nS: 250\nS: 250\nC: QUIT\nS: 221\n")
    server = Server(lambda line, number: b"250 no\r\n500 no\r\n" if line == b"NOOP" and number == 2 else None)
    ends("--segment coalesced", run("run", lone, "--server", server.url, "--segment", "coalesced", *alone), 1,
         "with its writes joined")
    server.close()


def configuration():
    path = write("conf.smtp", '%test "x"\nS: 220\nC: EHLO ${client}\nS~: ^250.*two-words\n')
    folder = os.path.join(WORK, "conf")
    os.mkdir(folder)

    def with_file(text, *options, env=None):
        write("conf/maildrill.conf", text)
        return run("run", path, *options, cwd=folder, env=env)

    server = Server(lambda line, number: b"250 " + line + b"\r\n" if line.startswith(b"EHLO") else None)
    ends("a file", with_file(f"# mine\nserver = {server.url}\nclient = two-words\n\nquiet = yes\n"), 0, "^1 passed")
    ends("the environment outranks it", with_file(f"server = {server.url}\nclient = a\n", env={"MAILDRILL_CLIENT": "two-words"}), 0)
    ends("the command line outranks both", with_file(f"server = {server.url}\nclient = two-words\n", "--client", "b",
                                                      env={"MAILDRILL_CLIENT": "two-words"}), 1)
    ends("what may be repeated is replaced", with_file(f"server = 127.0.0.1:1\nclient=two-words\nserver = 127.0.0.1:2\n",
                                                      "--server", server.url), 0)
    ends("a flag, off", with_file(f"server = {server.url}\nclient = two-words\nlist = no\n"), 0, "^1 passed")
    ends("an unknown option", with_file("colour = x\n"), 2, "maildrill.conf:1: unknown option: colour")
    ends("a wrong value", with_file("\n\ntimeout = soon\n"), 2, "maildrill.conf:3: not a value for timeout: soon$")
    ends("of another command", with_file(f"listen = 1\nserver = {server.url}\nclient = two-words\n"), 0)
    ends("a wrong value in the environment", run("run", path, env={"MAILDRILL_JOBS": "many"}), 2, "MAILDRILL_JOBS")
    other = write("other.conf", f"server = {server.url}\nclient = two-words\n")
    ends("--config", with_file("colour = x\n", "--config", other), 0)
    ends("--config of a folder", run("run", path, "--config", WORK), 2, "Is a directory")
    ends("--config of none", run("run", path, "--config", WORK + "/none"), 2, "No such file")
    server.close()


def updates():
    text = ("# first\r\n%test \"u\"\r\n  S: 220   # no comment but text\r\nC: EHLO ${client}\r\nS: 250-old\r\n"
            "S: 250 HELP\r\nC: MAIL FROM:<a@b>\r\nS: 250 2.1.0 Fine\r\nC: NOOP\r\nS: 501\r\n"
            "C: RSET\r\nS: <EOF>\r\n# last, without an end")
    replies = {b"EHLO": b"550-a\r\n550 b\r\n", b"MAIL": b"451 4.3.0 ${later}\r\n", b"NOOP": b"220 x\r\n", b"1": b"500 x\r\n"}
    server = Server(lambda line, number: replies.get(line[:4]))
    path = write("update.smtp", text)
    ends("--update that rewrites all", run("run", path, "--server", server.url, "--update"), 0, "7 places rewritten")
    expected = (text.replace("S: 250-old", "S: 550-old").replace("S: 250 HELP", "S: 550 HELP")
                .replace("250 2.1.0 Fine", "451 4.3.0 $${later}").replace("S: 501", "S: 220").replace("S: <EOF>", "S: 250"))
    check("--update rewrites what differs, and no more", read(path).decode() == expected, read(path).decode())
    ends("and then it passes", run("run", path, "--server", server.url), 0, "^1 passed")
    verdicts = write("verdicts.smtp", HELLO.replace("S: 250", "S: *") + "C: NOOP\nS: 501 text | pass 503 | warn 5xx\n"
                     "C: NOOP\nS: 501 text | warn 5xx | unclear 421\n")
    run("run", verdicts, "--server", server.url, "--update")
    check("--update keeps what else passes", b"S: 220 x | pass 503 | warn 5xx\n" in read(verdicts), read(verdicts))
    check("--update keeps verdicts", read(verdicts).endswith(b"S: 220 x | warn 5xx | unclear 421\n"), read(verdicts))
    pattern = write("pattern.smtp", HELLO.replace("S: 250", "S: 251") + "C: NOOP\nS~: ^999\n")
    ends("--update that leaves a pattern", run("run", pattern, "--server", server.url, "--update"), 1, "pattern.smtp:.*: left as it is")
    twice = write("twice.smtp", HELLO.replace("S: 250", "S: *") + "%repeat 2\nC: ${n}\nS: 251\n%end\n")
    ends("--update where replies differ each time", run("run", twice, "--server", server.url, "--update"), 1, "twice.smtp:.*: left as it is")
    spoken = run("run", "-", "--server", server.url, "--update", says=HELLO.replace("S: 250", "S: 251"))
    ends("--update of standard input", spoken, 1, "standard input is no file")
    write("used.smtp", "C: NOOP\nS: 250\n")
    run("run", write("uses.smtp", HELLO.replace("S: 250", "S: *") + "%use used.smtp\n"), "--server", server.url, "--update")
    check("--update of a file that is used", read(WORK + "/used.smtp") == b"C: NOOP\nS: 220\n", read(WORK + "/used.smtp"))
    target = write("target.smtp", HELLO.replace("S: 250", "S: 299"))
    os.chmod(target, 0o640)
    link = os.path.join(WORK, "link.smtp")
    os.symlink("target.smtp", link)
    run("run", link, "--server", server.url, "--update")
    check("--update behind a link, with its mode", os.path.islink(link) and os.stat(target).st_mode & 0o777 == 0o640 and
          b"S: 299" not in read(target) and not [name for name in os.listdir(WORK) if name.startswith("target.smtp.")], read(target))
    session = write("session.txt", "220 x\nEHLO a\n250 fine\nQUIT\n221 bye\n")
    run("replay", session, "--server", server.url, "--update")
    check("--update of a transcript", read(session) == b"220 x\nEHLO a\n550 a\nQUIT\n221 bye\n", read(session))
    server.close()
    tls = write("tls.txt", "$ openssl s_client -connect mx.example:465\n" + read(session).decode())
    args = ("replay", tls, "--server")
    server = Server()
    ends("a transcript that began under TLS begins so", run(*args, f"127.0.0.1:{server.port}", "--timeout", "5s"), 4, "smtps://|TLS")
    ends("but not where the server is said to be without", run(*args, server.url), 1, "smtps:// plays it so")
    server.close()


def terminals():
    """Colours and the line of progress are for terminals that know them."""
    server = Server()
    path = write("terminal.smtp", many(3))
    for what, env, options, colours, progress in (
            ("a terminal", {"TERM": "xterm"}, (), True, True), ("NO_COLOR", {"TERM": "xterm", "NO_COLOR": "1"}, (), False, True),
            ("--no-color -q", {"TERM": "xterm"}, ("--no-color", "-q"), False, False), ("a dumb one", {"TERM": "dumb"}, (), False, False)):
        master, slave = pty.openpty()
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        process = subprocess.Popen([MAILDRILL, "run", path, "--server", server.url, *options], stdout=slave, stderr=slave,
                                   stdin=subprocess.DEVNULL, env={**environment, **env})
        os.close(slave)
        shown = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the terminal's other side is closed
                piece = b""
            if not piece:
                break
            shown += piece
        os.close(master)
        process.wait(DEADLINE)
        check(f"{what}: colours", (b"\x1b[32m" in shown) == colours, shown)
        check(f"{what}: progress", (b"1 of 3\r" in shown) == progress, shown)
        check(f"{what}: no other sequence", colours or progress or b"\x1b" not in shown, shown)
    server.close()


NAMED = """%proxy v1 from=192.0.2.7:1234 to=198.51.100.2:25
S: 220
C: EHLO me
S: 250
C: MAIL FROM:<${from}>
C: RCPT TO:<${rcpt}>
C: DATA
S: 250
S: 250
S: 354
%data <<END
Subject: x ${token}
END
S: 250
%message contains ${token}
"""
PROXIED = """%require proxy
%test "version 1"
""" + NAMED + """%message header Received /\\[192\\.0\\.2\\.7\\]/

%test "version 2, and TLS after it"
%proxy v2 from=2001:db8::7 to=198.51.100.2
S: 220
C: EHLO me
S: 250
C: STARTTLS
S: 220
%tls verify=none
C: QUIT
S: 221

%test "several connections"
%proxy v2
S: 220
%connect[b]
%proxy[b] v1 unknown
S[b]: 220
%connect[c]
%proxy[c] v2 local
S[c]: 220

%test "none is refused"
C: EHLO me
S: <EOF>

%test "nonsense is refused"
C!: PROXY TCP4 1.2.3.4 x 1 2\\r\\n
S: <EOF>

%test "an address that is none"
%proxy v1 from=${where}
S: 220
"""


UNDER_TLS = """%require proxy implicit-tls
%test "version 1, and who it names"
""" + NAMED + """%message header Received /\\[192\\.0\\.2\\.7\\].* with ESMTPS/

%test "version 2, on two connections"
%proxy v2
S: 220
%connect[b]
%proxy[b] v2 local
S[b]: 220
C[b]: QUIT
S[b]: 221
C: QUIT
S: 221

%test "without one there is no handshake"
%proxy v1
S: 220
%connect[b] plain
C[b]: EHLO me
S[b]: <EOF>
"""


NAMED = """S: 220
C: EHLO me
S: 250
%ehlo +XCLIENT
C: XCLIENT ADDR=192.0.2.9
S: 220
C: EHLO me
S: 250
%ehlo -XCLIENT
"""


def one_write(*what):
    """The header and the ClientHello may come in one segment; the handshake takes what stands behind the header."""
    server = subprocess.Popen([MAILDRILL, "serve", *what, "--tls", "--proxy-protocol", "--once", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline().rsplit(":", 1)[1])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls, said, header = context.wrap_bio(coming, going), b"", b"PROXY TCP4 192.0.2.7 198.51.100.2 1 2\r\n"
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as sock:
        sock.settimeout(DEADLINE)
        while not said:
            try:
                said = tls.read()
            except ssl.SSLWantReadError:
                sock.sendall(header + going.read())
                header = b""
                octets = sock.recv(65536)
                coming.write(octets)
                if not octets:
                    break
    server.communicate(timeout=DEADLINE)
    check("header and ClientHello in one write: %s" % " ".join(what), said.startswith(b"220 "), said)


def served_behind_header(name, script, *options):
    """What a script's server says of a client that sends a header, or none."""
    server = subprocess.Popen([MAILDRILL, "serve", script, "--proxy-protocol", "--once", "--listen", "127.0.0.1:0", *options],
                              stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline().rsplit(":", 1)[1])
    scheme = "smtps" if "--tls" in options else "smtp"
    ends("a header before a script's server, %s" % name,
         run("run", script, "--server", f"{scheme}://127.0.0.1:{port}", "--insecure", "--sanity", "never", "--proxy-protocol"), 0, "^1 passed")
    said = server.communicate(timeout=DEADLINE)[0]
    check("and the server has seen it, %s" % name, server.returncode == 0, said)


def served_without_header(script):
    for name, octets, options, why in (("one that speaks first", b"EHLO me\r\n", (), "neither"), ("one that is silent", b"", ("--timeout", "1s"), "it did not come in time"),
                                       ("one that closes", None, (), "the client closed")):
        server = subprocess.Popen([MAILDRILL, "serve", script, "--proxy-protocol", "--tls", "--once", "--listen", "127.0.0.1:0", *options],
                                  stdout=subprocess.PIPE, text=True)
        with socket.create_connection(("127.0.0.1", int(server.stdout.readline().rsplit(":", 1)[1])), DEADLINE) as sock:
            if octets is None:
                sock.shutdown(socket.SHUT_WR)
            else:
                sock.sendall(octets)
            said = server.communicate(timeout=DEADLINE)[0]
        check("a script's server awaits a header: %s" % name, server.returncode == 4 and "no header of the PROXY protocol: " + why in said, said)


def tls_behind_header(folder):
    """A server that reads a line before it shakes hands; (its port, the lines so far)."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-keyout", folder + "/k.pem", "-out", folder + "/c.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/c.pem", folder + "/k.pem")
    listener, lines = socket.create_server(("127.0.0.1", 0)), []

    def one(sock):
        header = b""
        while not header.endswith(b"\n"):
            header += sock.recv(1)
        lines.append(header + b"from %d" % sock.getpeername()[1])
        with context.wrap_socket(sock, server_side=True) as stream:
            stream.sendall(b"220 x\r\n")
            for line in stream.makefile("rb"):
                stream.sendall(b"250 ok\r\n")

    def accept():
        while True:
            threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1], lines


def proxied():
    ends("headers of the PROXY protocol", run("run", write("proxied.smtp", PROXIED), "--proxy-protocol", "--set", "where=nowhere"), 0,
         r"^5 passed, 0 failed, 1 skipped", r"skip +an address that is none: no value for the variable of %proxy: no address")
    ends("they are skipped where no server awaits one", run("run", write("proxied.smtp", PROXIED), "--set", "where=nowhere"), 5, r"needs proxy \(--proxy-protocol\)")
    plain = write("plain.smtp", HELLO)
    ends("where the script has none, one is sent", run("run", plain, "--proxy-protocol"), 0, "^1 passed")
    ends("the header comes before TLS, in the reference server too",
         run("run", plain, write("under.smtp", UNDER_TLS), "--proxy-protocol", "--tls", "--timeout", "5s"), 0, "^4 passed, 0 failed in")
    own = write("own.smtp", "%require proxy\n%proxy v1 from=192.0.2.7:1\nS: 220\nC: QUIT\nS: 221\n")
    for script in plain, own:
        served_behind_header("in plain text", script)
        served_behind_header("TLS behind it", script, "--tls")
    served_without_header(plain)
    for what in (), (plain,), (own,), ("--deviant", "closed@9"):
        one_write(*what)
    named = write("named.smtp", NAMED)
    ends("XCLIENT, up to who names another client", run("run", named, "--xclient"), 0, "^1 passed")
    ends("none without --xclient", run("run", named), 1, r"not announced: XCLIENT")
    port, lines = tls_behind_header(WORK)
    script = write("early.smtp", "%proxy v1\nS: 220\n%connect[b]\n%proxy[b] v1 from=192.0.2.1:5\nS[b]: 220\n")
    for path, options, second in ((script, ("--sanity", "never"), b"192.0.2.1 127.0.0.1 5 "),
                                  (write("late.smtp", "S: 220\n%connect[b]\nS[b]: 220\n"),
                                   ("--sanity", "never", "--proxy-protocol"), b"127.0.0.1 127.0.0.1 ")):
        del lines[:]
        ends("the header comes before TLS", run("run", path, "--server", f"smtps://127.0.0.1:{port}", "--insecure", *options), 0, "^1 passed")
        header = lines[0].split()
        check("it has the addresses of the connection", header[:4] == [b"PROXY", b"TCP4", b"127.0.0.1", b"127.0.0.1"]
              and header[4] == header[-1] and header[5] == b"%d" % port, lines)
        check("so has that of another", second in lines[1] and b" %d\r\n" % port in lines[1], lines)


EXTERNAL = """S: 220
C: EHLO me
S: 250
C: STARTTLS
S: 220
%%tls verify=none %s
C: EHLO me
S: 250
%s
"""
TAKEN = "%ehlo +AUTH=EXTERNAL\nC: AUTH EXTERNAL ${b64:bob}\nS: 535\n%auth EXTERNAL\nS: 235"
NOT_OFFERED = "%ehlo -AUTH=EXTERNAL\nC: AUTH EXTERNAL =\nS: 504"


def certified():
    """EXTERNAL is offered to whom a certificate names that verifies."""
    made = Certificates(WORK)
    for what, cert, end in (("a certificate", "cert=" + made.make("tester", "DNS:x.example", 2), TAKEN),
                            ("none", "", NOT_OFFERED),
                            ("one of nobody's", "cert=" + made.selfsigned, NOT_OFFERED),
                            ("an old one", "cert=" + made.expired, NOT_OFFERED)):
        path = write("external.smtp", EXTERNAL % (cert, end))
        ends("EXTERNAL with " + what, run("run", path, "--client-ca", made.ca), 0, "^1 passed")
    implicit = write("implicit.smtp", "S: 220\nC: EHLO me\nS: 250\n" + TAKEN + "\n")
    ends("EXTERNAL under TLS from the start", run("run", implicit, "--tls", "--client-ca", made.ca, "--cert", made.path("tester.pem")), 0, "^1 passed")
    ends("a CA file that is none", run("run", implicit, "--client-ca", implicit), 2, "cannot read the CA file")


def comparing():
    a = Server()
    b = Server(lambda line, number: b"502 no\r\n" if line == b"NOOP 1" else None)
    path = write("compare.smtp", many(3))
    both = ("compare", path, "--server", "alpha=" + a.url, "--server", "beta=" + b.url)
    ends("they differ", run(*both, "--report", "html=" + WORK + "/c.html", "--report", "json=" + WORK + "/c.json"), 1,
         r"^number 1 +pass +fail +differ$", r"^number 0 +pass +pass *$", r"^    beta +220 250 502; reply code differs",
         "^3 tests, 1 in which the servers differ")
    report = json.loads(read(WORK + "/c.json"))
    check("JSON matrix", [(r["id"], r["server"], r["verdict"]) for r in report["results"]] ==
          [("t0", "alpha", "pass"), ("t0", "beta", "pass"), ("t1", "alpha", "pass"), ("t1", "beta", "fail"),
           ("t2", "alpha", "pass"), ("t2", "beta", "pass")], report["results"])
    check("HTML matrix", b"<th>alpha</th><th>beta</th>" in read(WORK + "/c.html"))
    ends("they do not", run("compare", path, "--server", a.url, "--server", a.url), 0, "^3 tests, 0 in which")
    ends("a name is one server's", run("compare", path, "--server", "x=" + a.url, "--server", "x=" + b.url), 2, "two servers have the name x")
    ends("one is dead", run("compare", path, "--server", a.url, "--server", "127.0.0.1:1"), 4, "refused")
    ends("one server", run("compare", path, "--server", a.url), 2, "at least twice")
    ends("run takes one", run("run", path, "--server", a.url, "--server", b.url), 2, "compare takes several")
    a.close()
    b.close()


def reports():
    server = Server(lambda line, number: b"550 \xff<no> && \x1b[31m\r\n" if line == b"NOOP 1" else None)
    path = write("re<port>.smtp", many(3) + '%test "skipped"\n%require creds\nS: 220\n')
    files = {kind: os.path.join(WORK, "report." + kind) for kind in ("tap", "junit", "json", "html", "annotations", "pretty")}
    result = run("run", path, "--server", server.url, *(f"--report={kind}={file}" for kind, file in files.items()))
    ends("all reports at once", result, 1, "^2 passed, 1 failed, 1 skipped")
    for schema, file in (("harness/test/junit.xsd", files["junit"]), ("harness/test/junit.xsd", "harness/test/reports/junit")):
        done = subprocess.run(["xmllint", "--noout", "--schema", os.path.join(SOURCE, schema), os.path.join(SOURCE, file)],
                              capture_output=True)
        check(f"JUnit is valid: {file}", done.returncode == 0, done.stderr.decode())
    import jsonschema
    schema = json.loads(read(os.path.join(SOURCE, "harness/report/report-1.schema.json")))
    for file in (files["json"], os.path.join(SOURCE, "harness/test/reports/json")):
        wrong = [str(error.message) for error in jsonschema.Draft7Validator(schema).iter_errors(json.loads(read(file)))]
        check(f"JSON is as its schema says: {file}", wrong == [], wrong)
    tap = read(files["tap"]).decode()
    check("TAP has its plan and points", re.findall(r"^(?:not )?ok \d+|^1\.\.\d+|^TAP.*", tap, re.M) ==
          ["TAP version 14", "ok 1", "not ok 2", "ok 3", "ok 4", "1..4"], tap)
    check("a file gets no colour", b"\x1b" not in b"".join(read(file) for file in files.values()))
    ends("TAP alone on standard output", run("run", path, "--server", server.url, "--report", "tap"), 1, r"\ATAP version 14")
    ends("annotations beside pretty", run("run", path, "--server", server.url, "--report", "annotations"), 1,
         r"^::error file=.*re<port>\.smtp,line=12,col=4,title=number 1::reply code differs", "^2 passed")
    prove = shutil.which("prove")
    if prove:
        for name, tests in (("pass", 1), ("fail", 3)):
            file = f"{WORK}/{name}.tap"
            code = run("run", write(name + ".smtp", many(tests)), "--server", server.url, "--report", "tap13=" + file)[0]
            proved = subprocess.run([prove, "--exec", "cat", file], capture_output=True, text=True)
            check(f"prove reads it: {name}", proved.returncode == code and "Parse errors" not in proved.stdout and
                  f"Tests={tests}" in proved.stdout, proved.stdout + proved.stderr)
    ends("two on standard output", run("run", path, "--report", "tap", "--report", "json"), 2, "two reports")
    ends("no such kind", run("run", path, "--report", "xml"), 2, "not a value")
    ends("no such folder", run("run", path, "--report", "tap=" + WORK + "/none/x"), 2, "No such file")
    if os.path.exists("/dev/full"):
        ends("a full disk", run("run", path, "--server", server.url, "--report", "json=/dev/full"), 2, "could not be written")
    ends("--trace", run("run", path, "--server", server.url, "--trace"), 1, r"^ +\d+ ms  C: NOOP 2", r"^ +\d+ ms  S: 250 ok")
    server.close()


def secrets():
    """No report of any kind shows --pass, a %secret value or a secret that was captured, plain or in base64."""
    server = Server(lambda line, number: b"250 you said " + line + b"\r\n" if line.startswith((b"NOOP", b"HELP"))
                    else b"250 key=captured-Zq9 \r\n" if line.startswith(b"VRFY") else None)
    path = write("secret.smtp", "%secret key\n%secret got\n" + HELLO + "C: VRFY x\nS: 250\n%capture got /key=(\\S+)/\n"
                 "C: NOOP ${pass} ${key} ${got} ${b64:${pass}}\nS: 250\n"
                 "C: NOOP ${b64:x${pass}} ${b64:xy${key}z}\nS: 250\nC: HELP ${b64:${key}} ${b64:${got}}\nS: 599\n")
    hidden = ["passW0rd-Zq9", "setvalue-Zq9", "captured-Zq9"]
    kinds = ["tap", "junit", "json", "html", "annotations", "pretty", "matrix", "sections"]
    result = run("run", path, "--server", server.url, "--pass", hidden[0], "--set", "key=" + hidden[1], "--trace",
                 *(f"--report={kind}={WORK}/secret.{kind}" for kind in kinds))
    ends("secrets", result, 1, r"C: HELP \*\*\*\*")
    texts = {kind: read(f"{WORK}/secret.{kind}").decode() for kind in kinds}
    texts["terminal"] = result[1] + result[2]
    for kind, text in texts.items():
        for secret in hidden:
            for form in (secret, *(base64.b64encode(text.encode()).decode() for text in (secret, "x" + secret, "xy" + secret + "z"))):
                # what the server itself said before anybody knew it for a secret stands before the capture
                shown = text.replace("key=captured-Zq9", "") if secret == hidden[2] else text
                check(f"{kind} does not show {form}", form not in shown, text)
    server.close()


def raw_writes():
    """What leaves with other ends than CRLF stands in every report as C!: writes it, octet by octet, and without the
    credentials in it; so does an assertion's reply, marked."""
    server = Server(lambda line, number: b"250 caf\xe9\r\n" if line == b"." else b"250 ok\r\n")
    path = write("raw.smtp", HELLO + "C!: Subject: x\\n\\n.\\n\nS: 250\nS: 250\nS: 250\n"
                 "C!: AUTH LOGIN\\r\\nYm9i\\r\\naHVudGVyMg==\\r\\nNOOP \\\\\\r\\n\nS: 250\nS: 250\nS: 250\nS: 250\n"
                 "C!: \\r\nC!: \\n\nS: 250\nC: NOOP ${2000*x}\nS: 250\nC!: ${2000*x}\\r\\n\nS: 599\n")
    kinds = ["junit", "json", "html"]
    result = run("run", path, "--server", server.url, "--trace", *(f"--report={kind}={WORK}/raw.{kind}" for kind in kinds))
    ends("raw writes", result, 1)
    texts = {kind: read(f"{WORK}/raw.{kind}").decode() for kind in kinds}
    html = texts["html"] = re.sub(r"<.*?>", "", texts["html"])
    for name, text in (("terminal", result[1]), ("html", html), ("junit", texts["junit"])):
        said = re.findall(r"^.*?(C!?: .*)", text, re.M)
        check(f"{name}: line by line", said[1:10] == [
            r"C!: Subject: x\n", r"C!: \n", r"C!: .\n", r"C!: AUTH LOGIN\r\n", r"C!: ****\r\n", r"C!: ****\r\n",
            r"C!: NOOP \\\r\n", r"C!: \r", r"C!: \n"], said)
        check(f"{name}: and how much more", re.fullmatch(r"C: NOOP x{1019}\.\.\. \(983 octets more\)", said[10]) and
              said[11].endswith("(978 octets more)"), said[10:])
    sent = [event for event in json.loads(texts["json"])["results"][0]["events"] if event["event"] == "sent"]
    check("json: the octets", [event["text"] for event in sent[:2]] == ["EHLO client.example.test", "Subject: x\n\n.\n"] and
          [event.get("raw") for event in sent] == [None, True, True, True, True, None, None] and [event.get("more") for event in sent[5:]] == [983, 978], sent)
    for kind, text in (*texts.items(), ("terminal", result[1])):
        check(f"{kind} does not show the password", "aHVudGVyMg" not in text and "Ym9i" not in text, text)
    page = run("run", write("marked.smtp", HELLO + "C: .\nS: 250\n%reply ascii\n"), "--server", server.url,
               "--report", f"html={WORK}/marked.html")
    ends("an assertion", page, 1)
    marked = re.findall(r'"received differs"><b>S: </b>(.*)', read(f"{WORK}/marked.html").decode())
    check("its reply is marked", marked == ["250 caf\\xe9"], marked)
    server.close()


def unknown_commands():
    """Who answers 502 to what is no command has refused it as well as who answers 500."""
    server = Server(lambda line, number: None if line.startswith((b"EHLO", b"QUIT")) else b"502 5.5.1 unimplemented\r\n")
    result = run("run", os.path.join(SOURCE, "scenarios/security/robustness.smtp"), "--server", server.url,
                 "--filter", "sec-(nul-in-command|telnet-iac|command-64k)$")
    ends("502", result, 0, "^3 passed, 0 failed in")
    server.close()


class Wire:
    """A relay to a server, which keeps every line of an AUTH exchange that ought to be shown to nobody."""

    def __init__(self, port):
        self.port, self.seen = port, set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self.relay, args=(client, server, self.of_client), daemon=True).start()
            threading.Thread(target=self.relay, args=(server, client, self.of_server), daemon=True).start()

    def of_client(self, line):
        words = line.decode().split()
        if len(words) == 1 and len(words[0]) > 7:  # a response; QUIT and NOOP are shorter
            self.seen.add(words[0])
        elif len(words) == 3 and words[0] == "AUTH":
            self.seen.add(words[2])

    def of_server(self, line):
        if line.startswith((b"334 dj0", b"334 dj1", b"334 cnNwYXV0aD")):  # the server's signature
            self.seen.add(line.split()[1].decode())

    def relay(self, source, sink, look):
        with source, sink, source.makefile("rb") as lines:
            for line in lines:
                look(line)
                try:
                    sink.sendall(line)
                except OSError:
                    break


TYPED = ["AGJvYgBoaWRkZW4tWnE5", "aGlkZGVuLVpxOQ==", "hidden-Zq9"]  # a PLAIN response, a LOGIN one, the password in it
TYPED_TESTS = {
    "PLAIN": f"C: AUTH PLAIN {TYPED[0]}\nS: 599\n",
    "lower case, raw": f"C!: auth plain {TYPED[0]}\\r\\n\nS: 599\n",
    "LOGIN": f"C: AUTH LOGIN\nS: 334\nC: {TYPED[1]}\nS: 334\nC: {TYPED[1]}\nS: 599\n",
    "something is unread": f"C: NOOP\nC: AUTH PLAIN {TYPED[0]}\nS: 250\nS: 250\n%sleep 50ms\nC: AUTH PLAIN {TYPED[0]}\nS: 599\n",
    "no variable, and no reply": f"%secret key\n%set key={TYPED[2]}\nC: NOOP ${{key}}\nC: AUTH PLAIN {TYPED[0]}\n%capture x /zzz/\n",
    "%auth": f"%auth PLAIN user=bob pass={TYPED[2]}\nC: NOOP\nS: 599\n",
    "%auth fails": f"%auth CRAM-MD5 user=bob pass={TYPED[2]}\n",
    "%auth fails, quoted": f"%auth CRAM-MD5 user=bob pass=\"{TYPED[2]}\" authzid=x\n",
}


def no_secrets(what, texts, hidden):
    for kind, text in texts.items():
        for secret in hidden:
            check(f"{what}: {kind} does not show {secret}", secret not in text, text)


def exchanges():
    """What AUTH consists of is shown nowhere: typed, computed, repeated by a server, or sent by a client."""
    kinds = ["tap", "junit", "json", "html", "annotations", "pretty", "matrix", "sections"]

    def reports(path, *options):
        result = run("run", path, "--trace", "--sanity", "never", *options, *(f"--report={kind}={WORK}/auth.{kind}" for kind in kinds))
        texts = {kind: read(f"{WORK}/auth.{kind}").decode() for kind in kinds}
        texts["terminal"] = result[1] + result[2]
        return texts

    server = subprocess.Popen([MAILDRILL, "serve", "--listen", "127.0.0.1:0", "--clear-auth", "--user", "bob", "--pass", TYPED[2], "--trace"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wire = Wire(int(server.stdout.readline().split(b":")[-1]))
        computed = "".join(f'%test "{m}"\n{HELLO}%auth {m} user=bob pass={TYPED[2]}\nC: NOOP\nS: 599\n'
                           for m in ("CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256 initial=no"))
        texts = reports(write("computed.smtp", computed), "--server", wire.url)
        check("exchanges were seen", len(wire.seen) >= 1 + 3 * 3 and "250 2.0.0" in texts["terminal"], (wire.seen, texts["terminal"]))
        no_secrets("computed", texts, [*TYPED, *wire.seen])
    finally:
        server.terminate()
        no_secrets("computed", {"the server": server.communicate()[0].decode()}, [*TYPED, *wire.seen])

    path = write("typed.smtp", "".join(f'%test "{name}"\n{HELLO}{lines}' for name, lines in TYPED_TESTS.items()))
    for what, answer in (("refused", b"535 5.7.8 no\r\n"), ("repeated", None), ("asked", b"334 \r\n"), ("two", b"250 a\r\n250 b\r\n")):
        echo = Server(lambda line, number: None if line.startswith(b"EHLO") else answer or b"501 5.5.2 what is " + line + b"?\r\n")
        texts = reports(path, "--server", echo.url)
        check(f"{what}: something differs", texts["terminal"].count("fail ") >= 4, texts["terminal"])
        no_secrets(what, texts, TYPED)
        echo.close()
    for command in (("run", "--dry-run"), ("check",), ("run", "--list")):
        result = run(command[0], path, *command[1:])
        no_secrets(" ".join(command), {"terminal": result[1] + result[2]}, TYPED)
    for what, lines in {
        "an undefined variable": f"C: AUTH PLAIN {TYPED[0]} ${{nothing}}\nS: 2\n%auth PLAIN pass={TYPED[2]} nonsense=x\n",
        "no such directive": f"%auht PLAIN user=bob pass={TYPED[2]}\n",
        "no such directive, and a secret": f"%secret key\n%sett key={TYPED[2]}\n",
        "a tag without its colon": f"C AUTH PLAIN {TYPED[0]}\nS: 235\n",
        "an answer without a tag": f"C: AUTH LOGIN\nS: 334\n{TYPED[1]}\nS: 235\n",
    }.items():
        result = run("check", write("broken.smtp", "S: 220\n" + lines))
        check(f"mistakes beside secrets: {what}", result[0] == 3 and "****" in result[1] + result[2], result)
        no_secrets(what, {"terminal": result[1] + result[2]}, TYPED)
    result = run("shrink", write("large.smtp", f"%secret key\n%set key={TYPED[2]}\n{HELLO}C: NOOP ${{key}}\nS: 250\nC: VRFY ${{key}}\nS: 599\n"))
    check("what is left keeps its secrets", result[0] == 0 and "%secret key\n" in result[1] and "NOOP" not in result[1], result)

    # a client that signs on where the script has another command
    process = subprocess.Popen([MAILDRILL, "serve", write("other.smtp", HELLO + "C: NOOP\nS: 250\n"), "--once", "--trace", "--listen", "127.0.0.1:0"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with socket.create_connection(("127.0.0.1", int(process.stdout.readline().split(b":")[-1]))) as client, client.makefile("rb") as replies:
        replies.readline()
        client.sendall(b"EHLO x\r\n")
        replies.readline()
        client.sendall(b"AUTH PLAIN " + TYPED[0].encode() + b"\r\n")
        replies.readline()
    shown = process.communicate(timeout=DEADLINE)[0].decode()
    check("serve says what came", "AUTH PLAIN ****" in shown, shown)
    no_secrets("serve", {"terminal": shown}, TYPED)


def tracing():
    """serve --trace: the dialogue of a server that plays no script, as it happens, with nothing in it that gives a password away."""
    process = subprocess.Popen([MAILDRILL, "serve", "--once", "--trace", "--clear-auth", "--listen", "127.0.0.1:0", "--pass", TYPED[2]],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    plain = base64.b64encode(b"\0tester\0" + TYPED[2].encode())
    with socket.create_connection(("127.0.0.1", int(process.stdout.readline().split(b":")[-1]))) as client, client.makefile("rb") as replies:
        greeting = process.stdout.readline().decode()
        check("a line is shown when it is said", re.fullmatch(r"#1 +\d+ ms  S: 220 [^\n]+\n", greeting), greeting)
        replies.readline()
        client.sendall(b"EHL")
        client.sendall(b"O x\r\n")
        while replies.readline()[3:4] == b"-":
            pass
        for octets in (b"AUTH PLAIN " + plain + b"\r\n", b"AUTH CRAM-MD5\r\n", plain + b"\r\n", b"\x1b[31m\0\r\n"):
            client.sendall(octets)
            replies.readline()
        client.sendall(b"y" * 3000 + b"\r\nRSET")
        replies.readline()
    shown = process.communicate(timeout=DEADLINE)[0].decode()
    lines = re.sub(r"^#1 +\d+ ms  ", "", shown, flags=re.M).splitlines()
    check("each line of both, in order", lines[:2] == ["C: EHLO x", "S: 250-mail.example.test"] and "C: AUTH PLAIN ****" in lines, shown)
    check("no challenge, and no answer to one", "S: 334 ****\nC: ****\n" in "\n".join(lines), shown)
    check("no control octet", "C: \\x1b[31m\\x00" in lines and "\x1b" not in shown, shown)
    check("the beginning of a long line", "C: " + "y" * 1024 + "..." in lines, shown)
    check("a line that did not end, and the end", lines[-2:] == ["C: RSET", "closed"], shown)
    no_secrets("serve --trace", {"terminal": shown}, [*TYPED, plain.decode()])
    unasked_answers()


def unasked_answers():
    """serve --trace, where the client's password comes in a way that no server asked for."""
    sent = {
        "refused": ["AUTH LOGIN", "Ym9i", TYPED[1]],
        "not waiting": [f"AUTH LOGIN\r\nYm9i\r\n{TYPED[1]}"],
        "refused, in two lines": ["AUTH PLAIN", TYPED[0]],
        "an HTAB": [f"auth\tplain\t{TYPED[0]}"],
        "a blank before it": [f" AUTH PLAIN {TYPED[0]}"],
        "an equals sign": [f"AUTH=PLAIN {TYPED[0]}"],
        "behind a bare CR": [f"NOOP\rAUTH PLAIN {TYPED[0]}"],
        "no base64": ["AUTH LOGIN", "bob", TYPED[2]],
        "no AUTH, and the account's own": [f"XAUTH {TYPED[1]}", f"PASS {TYPED[2]}"],
    }
    for what, lines in sent.items():
        own = ["--pass", TYPED[2]] if "own" in what else []
        process = subprocess.Popen([MAILDRILL, "serve", "--once", "--trace", "--listen", "127.0.0.1:0", *own],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        with socket.create_connection(("127.0.0.1", int(process.stdout.readline().split(b":")[-1]))) as client, client.makefile("rb") as replies:
            replies.readline()
            for line in [*lines, "NOOP shown"]:
                client.sendall(line.encode() + b"\r\n")
                for _ in line.split("\r\n"):
                    replies.readline()
        shown = process.communicate(timeout=DEADLINE)[0].decode()
        check(f"serve --trace, {what}: hidden, and what follows is not", "****" in shown and "C: NOOP shown\n" in shown, shown)
        no_secrets(f"serve --trace, {what}", {"terminal": shown}, TYPED)


def interruption():
    server = Server(lambda line, number: b"" if line.startswith(b"NOOP") else None)
    asked = threading.Event()
    server.reply = lambda line, number: asked.set() or threading.Event().wait(DEADLINE) if line.startswith(b"NOOP") else None
    path = write("hangs.smtp", many(3))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            continue  # of nohup, and then maildrill does not take it, either
        asked.clear()
        process = subprocess.Popen([MAILDRILL, "run", path, "--server", server.url, "-j1", "--report", f"json={WORK}/int.json"],
                                   stdout=subprocess.PIPE)
        check("it was asked", asked.wait(DEADLINE))
        process.send_signal(number)
        out = process.communicate(timeout=DEADLINE)[0].decode()
        check(f"{number.name}: exit 130", process.returncode == 130 and "STOPPED   interrupted" in out, (process.returncode, out))
        summary = json.loads(read(WORK + "/int.json"))["summary"]
        check(f"{number.name}: the reports are whole", summary["not_played"] == 2 and summary["stopped"] == "interrupted", summary)
    server.close()

    # while it asks whether the target lives: a server that greets and says nothing more
    server = Server(lambda line, number: asked.set() or threading.Event().wait(DEADLINE))
    asked.clear()
    process = subprocess.Popen([MAILDRILL, "run", path, "--server", server.url, "--timeout", "5m"], stdout=subprocess.PIPE)
    check("it was asked whether it lives", asked.wait(DEADLINE))
    process.send_signal(signal.SIGINT)
    out = process.communicate(timeout=DEADLINE)[0].decode()
    check("interrupted at once, and nobody is called dead", process.returncode == 130 and "DEAD" not in out, (process.returncode, out))
    server.close()


with tempfile.TemporaryDirectory() as WORK:
    for part in (order_and_jobs, selecting, retries, first_failure, deaths, baselines, segments, long_segments, configuration, updates, terminals, proxied, certified, comparing,
                 reports, secrets, raw_writes, unknown_commands, exchanges, tracing, interruption):
        part()
finish()
