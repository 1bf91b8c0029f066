#!/usr/bin/env python3
"""scenario.options: what each option changes: every row is played with the option and without it, and the two must end
differently. An option that no test of this folder names is a failure, too.   usage: options.py MAILDRILL SOURCE_FOLDER"""
import os
import pty
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading

from checks import check, finish

MAILDRILL, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
DEADLINE = 60


def run(*arguments, env=None, deadline=DEADLINE):
    try:
        done = subprocess.run([MAILDRILL, *arguments], capture_output=True, timeout=deadline, stdin=subprocess.DEVNULL,
                              cwd=WORK, env={**os.environ, **(env or {})})
    except subprocess.TimeoutExpired:
        return None, "not within the deadline"
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def write(name, text):
    path = os.path.join(WORK, name)
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(text)
    return path


def start_server(greeting=b"220 small.example.test\r\n"):
    """Greets, and takes nothing but EHLO, QUIT and "NOOP wanted"; says nothing to SILENCE."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(sock):
        try:
            with sock, sock.makefile("rb") as lines:
                sock.sendall(greeting)
                for line in lines:
                    word = line.strip().upper()
                    if word != b"SILENCE":
                        good = word.startswith((b"EHLO", b"QUIT")) or line.strip() == b"NOOP wanted"
                        sock.sendall(b"250 2.0.0 ok\r\n" if good else b"501 5.5.4 no\r\n")
        except OSError:  # it was reset: a test that failed closes in the middle
            pass

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"smtp://127.0.0.1:{listener.getsockname()[1]}"


HELLO = "S: 220\nC: EHLO ${client}\nS: 250\n"
TLS = HELLO + "C: STARTTLS\nS: 220\n%tls\nC: EHLO ${client}\nS: 250\n"
MAIL = "C: MAIL FROM:<a@example.test>\nS: 250\nC: RCPT TO:<${rcpt}>\nS: 250\nC: DATA\nS: 354\nC: Subject: x\nC: \nC: x\nC: .\nS: 250\n"


def pairs(url):
    """(options, script, exit with them, exit without), against the small server and then the reference server."""
    small = [
        ("--match text", HELLO + "C: NOOP wanted\nS: 250 2.0.0 fine\n", 1, 0),
        ("--match class", HELLO + "C: NOOP wanted\nS: 252\n", 0, 1),
        ("--match code", HELLO + "C: NOOP wanted\nS: 250 2.1.0\n", 0, 1),
        ("--match exact", HELLO + "C: NOOP wanted\nS: 250 2.0.0  ok\n", 1, 0),
        ("--set x=wanted", HELLO + "%require fixture:x\nC: NOOP wanted\nS: 250\n", 0, 5),
        ("--slow", "%require slow\n" + HELLO, 0, 5),
        ("--timing-scale 0.01", HELLO + "%sleep 90s\nC: NOOP wanted\nS: 250\n", 0, None),
        ("--timeout 100ms", HELLO + "C: SILENCE\nS: 250\n", 4, None),
        ("--strict", "%test \"x\" level=SHOULD\n" + HELLO + "C: X\nS: 250\n", 1, 0),
        ("--min-tests 2", HELLO, 5, 0),
        ("--mode submission", "%require port:submission\n" + HELLO, 0, 5),
        ("--mode lmtp", "%require lmtp port:lmtp\nS: 220\n", 0, 5),
    ]
    for name in ("rcpt", "rcpt2", "remote", "norcpt", "user", "pass"):
        small.append((f"--{name} wanted", HELLO + f"C: NOOP ${{{name}}}\nS: 250\n", 0, 5))
    for name in ("from", "client"):
        small.append((f"--{name} wanted", f"S: 220\nC: NOOP ${{{name}}}\nS: 250\n", 0, 1))
    ours = [
        ("--mode rejecting", "S: 554\n", 0, 1),
        ("--mode submission", HELLO + "C: MAIL FROM:<a@example.test>\nS: 530\n", 0, 1),
        ("--without SIZE", HELLO + "%ehlo -SIZE\n", 0, 1),
        ("--no-starttls", HELLO + "%ehlo -STARTTLS\n", 0, 1),
        ("--require-tls", HELLO + "C: MAIL FROM:<a@example.test>\nS: 530\n", 0, 1),
        ("--tls-unavailable", HELLO + "C: STARTTLS\nS: 454\n", 0, 1),
        ("--clear-auth", HELLO + "%ehlo +AUTH\n", 0, 1),
        ("--discloses", HELLO + "C: VRFY ${rcpt}\nS: 250\n", 0, 1),
        ("--fault ehlo-no-argument", HELLO + "C: EHLO\nS: 250\n", 0, 1),
        ("--tls", "%require implicit-tls\n" + HELLO, 0, 5),
        ("--bearer other", TLS + "%auth OAUTHBEARER pass=other\n", 0, 1),
        ("--pin " + 64 * "0", TLS, 4, 0),
    ]
    return [(o, t, a, b, ("--server", url)) for o, t, a, b in small] + [(o, t, a, b, ()) for o, t, a, b in ours]


def with_and_without(url):
    for options, text, with_it, without, server in pairs(url):
        path = write("row.smtp", text)
        common = ("run", path, *server, "--sanity", "never", "-j1")
        got = run(*common, *options.split())
        check(f"{options}: exit {with_it}", got[0] == with_it, f"exit {got[0]}\n{got[1]}\n{text}")
        if without is None:  # it would take long
            continue
        got = run(*common)
        check(f"without {options}: exit {without}", got[0] == without, f"exit {got[0]}\n{got[1]}\n{text}")


def of_one_server(url):
    """compare: what is told of one of the servers."""
    for option, token, code in (("--mode b=submission", "port:submission", 1), ("--mode a=mx", "port:submission", 0),
                                (f"--maildir b={WORK}", "oracle", 1), ("--mode c=mx", "raw", 2), ("--mode b=pop3", "raw", 2),
                                ("--mode submission", "raw", 2)):
        path = write("own.smtp", f"%require {token}\n" + HELLO)
        got = run("compare", path, "--server", "a=" + url, "--server", "b=" + url, *option.split())
        check(f"compare {option}: exit {code}", got[0] == code, f"exit {got[0]}\n{got[1]}")


def inconclusive(url):
    """A skipped test says which reply to which command left it open."""
    code, shown = run("run", write("open.smtp", HELLO + "C: NOOP wanted\nS: 252 | unclear 250\n"), "--server", url, "--report", "json")
    check("the reply and the command", code == 5 and re.search(r"inconclusive: reply code differs: got 250 .* to NOOP wanted", shown), shown)


def in_the_way(url):
    """conform: one refusal that left many tests open is named at the end, instead of them; other answers are not."""
    refused = HELLO + "C: VERB FROM:<a@b.example>\nS: 250\nC: RSET\nS: 250 | unclear 421\n"
    busy = start_server(b"421 4.3.2 busy\r\n")
    for server, script, named in ((url, refused.replace("VERB", "MAIL"), ", the answer to MAIL"), (url, "S: 421 | unclear 220\n", None),
                                  (url, refused.replace("VERB", "RCPT"), ", the answer to RCPT; --rcpt names an address that it takes"),
                                  (busy, refused, ", the greeting; --jobs 1 opens one connection at a time"), (url, HELLO, None)):
        folder = os.path.join(WORK, "inway")
        for name in ("conformance", "security"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        with open(os.path.join(folder, "conformance", "a.smtp"), "w", encoding="utf-8") as file:
            file.write("".join(f'%test "this one {i}" rfc=5321#3.3\n{script}\n' for i in range(12)))
        shown = run("conform", "--scenarios", folder, "--server", server)[1]
        lines = [line for line in shown.splitlines() if line.startswith("in the way of 12 tests: ")]
        check(f"in the way: {named}", len(lines) == (named is not None) and all(line.endswith(named) for line in lines), shown)
        check("not told one by one", ("this one 3" in shown) == ("12  inconclusive" in shown and named is None), shown)


def serving():
    key, cert, box = (os.path.join(WORK, name) for name in ("key.pem", "cert.pem", "box"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=given.example", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    server = subprocess.Popen([MAILDRILL, "serve", "--listen", "127.0.0.1:0", "--cert", cert, "--key", key, "--maildir", box,
                               "--ca-out", WORK + "/ca.pem"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=WORK)
    try:
        url = re.search(rb"listening on (\S+)", server.stdout.readline())[1].decode()
        path = write("tls.smtp", TLS + "%secured subject /given.example/\n" + MAIL)
        to = ("run", path, "--server", url, "--rcpt", "bob@example.test")
        for options, code in ((("--ca", cert), 0), ((), 4), (("--insecure",), 0), (("--verify", "none"), 0)):
            got = run(*to, *options)
            check(f"{options}: exit {code}", got[0] == code, f"exit {got[0]}\n{got[1]}")
        code, shown = run(*to, "--insecure", "--pin", 64 * "0", "--report", "json")
        pin = re.search(r"is not the one of the pin: its digest is sha256:([0-9a-f]{64})", shown)
        check("another pin: the key's own is told, at the line of %tls",
              code == 4 and pin and '"line":6,"text":"the public key of 127.0.0.1' in shown, shown)
        code, shown = run(*to, "--insecure", "--pin", 64 * "0")
        check("another pin: the caret", code == 4 and "tls.smtp:6:1: TLS failed\n6 | %tls\n  | ^^^^\n" in shown, shown)
        given = write("given.smtp", TLS.replace("%tls", "%tls sni=${name} pin=${pin} min=${least} max=1.${minor} verify=${how:-none}"))
        told = ("--set", "name=given.example", "--set", f"pin=sha256:{pin[1] if pin else ''}", "--set", "least=1.2", "--set", "minor=2")
        code, shown = run("run", given, "--server", url, *told)
        check("the values of %tls from variables", code == 0, shown)
        for wrong in ("how=ca", "pin=" + 64 * "0", "minor=1"):
            code, shown = run("run", given, "--server", url, *told, "--set", wrong)
            check(f"{wrong}: another value counts", code == 4 and "given.smtp:6:1:" in shown, shown)
        code, shown = run("run", given, "--server", url, *told, "--set", "least=TLSv1.2")
        check("a version that is none", code == 4 and "given.smtp: min=TLSv1.2: no TLS version: 1.0, 1.1, 1.2 or 1.3\n" in shown and "given.smtp:6:33: a value that cannot be used\n6 | %tls sni=" in shown and "  | " + 32 * " " + "^^^^^^^^\n" in shown, shown)
        for wrong in ("pin=" + 64 * "0", "ciphers=NOSUCH", "cert=nofile.pem", "verify=ca"):
            refused = write("refused.smtp", TLS.replace("%tls", f"%tls {wrong} refused=pass"))
            code, shown = run("run", refused, "--server", url, "--timeout", "60s")
            check(f"{wrong}: this side's refusal is not the server's", code == 4 and "TLS failed" in shown and " in 60." not in shown, shown)
        code, shown = run(*to, "--insecure", "--pin", pin[1] if pin else "")
        check("its own pin", code == 0, shown)
        delivered = [name for _, _, names in os.walk(box) for name in names]
        check("--maildir: four messages", len(delivered) == 4, delivered)
    finally:
        server.terminate()
        server.wait()


def at_terminal(*arguments, env=None):
    """What a run prints where standard output and error are a terminal."""
    mine, its = pty.openpty()
    process = subprocess.Popen([MAILDRILL, *arguments], stdin=subprocess.DEVNULL, stdout=its, stderr=its, cwd=WORK,
                               env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **(env or {})})
    os.close(its)
    octets = b""
    while select.select([mine], [], [], DEADLINE)[0]:
        try:
            piece = os.read(mine, 65536)
        except OSError:  # Linux says EIO where the other side has closed
            break
        if not piece:
            break
        octets += piece
    process.wait(DEADLINE)
    os.close(mine)
    return octets


def terminals(url):
    path = write("three.smtp", "".join(f'%test "n{i}"\n{HELLO}' for i in range(3)))
    to = ("run", path, "--server", url)
    color, progress = re.compile(rb"\x1b\[3[1-3]m"), b"2 of 3"
    shown = at_terminal(*to)
    check("a terminal gets colours and progress", color.search(shown) and progress in shown and b"\r\x1b[K" in shown, shown)
    for what, shown in (("NO_COLOR", at_terminal(*to, env={"NO_COLOR": "1"})), ("--no-color", at_terminal(*to, "--no-color"))):
        check(f"{what}: no colours, but progress", not color.search(shown) and progress in shown, shown)
    shown = at_terminal(*to, "--quiet")
    check("--quiet: no progress, and no line of what passed", progress not in shown and b"n1" not in shown, shown)
    shown = at_terminal(*to, env={"NO_COLOR": ""})
    check("an empty NO_COLOR is none", color.search(shown), shown)
    code, shown = run(*to)
    check("a pipe gets neither", code == 0 and "\x1b" not in shown and progress.decode() not in shown, shown)


def helped():
    """--help says something of each option, and some test of this folder uses it."""
    tested = ""
    for folder in ("harness/test", "harness/lab", "harness/lab/test"):
        for name in os.listdir(os.path.join(SOURCE, folder)):
            if name.endswith((".py", ".sh")):
                with open(os.path.join(SOURCE, folder, name), encoding="utf-8") as file:
                    tested += file.read()
    tested = tested.replace("-j1", "--jobs").replace('f"--{name} wanted"', "--rcpt --rcpt2 --remote --norcpt --user --pass --from --client")
    code, shown = run("--help")
    commands = re.findall(r"^  ([a-z]+) ", shown, re.M)
    check("maildrill --help", code == 0 and len(commands) > 12 and max(map(len, shown.splitlines())) < 80, shown)
    for command in commands:
        code, shown = run(command, "--help")
        options = re.findall(r"^  --([a-z0-9-]+)(.*)", shown, re.M)
        check(f"{command} --help", code == 0 and options and re.search(r"^Exit: 0 .*\d", shown, re.M), shown)
        check(f"{command} --help fits a terminal", max(map(len, shown.splitlines())) < 80, shown)
        example = re.search(r"^  .*\bmaildrill .*", shown, re.M).group()
        check(f"{command} --help: its example is one", f"maildrill {command}" in example
              and set(re.findall(r" --([a-z-]+)", example)) <= {name for name, _ in options}, example)
        for name, rest in options:
            check(f"{command} --{name} is explained", re.search(r" {1,}\S+ \S", rest), rest)
            check(f"{command} --{name} is tested", re.search(rf"--{name}(?![a-z0-9-])", tested), name)


with tempfile.TemporaryDirectory() as WORK:
    URL = start_server()
    with_and_without(URL)
    of_one_server(URL)
    inconclusive(URL)
    in_the_way(URL)
    serving()
    terminals(URL)
    helped()
finish()
