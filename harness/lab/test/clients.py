#!/usr/bin/env python3
"""lab.clients: `maildrill serve` plays the server's side of scripts to real clients: curl, swaks, msmtp, Postfix; and
`maildrill fuzz --client` has no finding of Postfix's.
usage: clients.py MAILDRILL"""
import os
import re
import shutil
import subprocess
import sys

from common import Serving, await_line, check, finish, lab, needs_lab, reserve_base, run, skip, temporary, with_servers, write

MAILDRILL = sys.argv[1]
SENDER, RECIPIENT = "phil@example.test", "bob@client.test"
MESSAGE = "From: phil@example.test\r\nTo: bob@client.test\r\nSubject: a message\r\n\r\n.one line begins with a dot\r\n"

HELLO = "S: 220 server.example.test ESMTP\nC: EHLO client\n"
MAIL = "C: MAIL FROM:<phil@example.test>\nS: 250\nC: RCPT TO:<bob@client.test>\n"
TEXT = "C: DATA\nS: 354\nC: text\nC: .\nS: 250\nC: QUIT\nS: 221\n"
# name: the script, whether the client delivers, arguments of `serve`
SCRIPTS = {
    "plain": (HELLO + "S: 250-server.example.test\nS: 250 8BITMIME\n" + MAIL + "S: 250\n" + TEXT, True),
    "long-reply": (HELLO + "S: 250-server.example.test\nS: 250-8BITMIME\nS: 250-DSN\nS: 250-X-UNHEARD-OF a b c\nS: 250 HELP\n"
                   + MAIL + "S: 250\n" + TEXT, True),
    "refused": (HELLO + "S: 250 server.example.test\n" + MAIL + "S: 550 5.1.1 no such user\n", False),
    "tls": (HELLO + "S: 250-server.example.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 220\n%tls\nC: EHLO client\nS: 250\n"
            + MAIL + "S: 250\n" + TEXT, True),
    "auth": (HELLO + "S: 250-server.example.test\nS: 250 AUTH PLAIN\nC: AUTH PLAIN AHBoaWwAc2VjcmV0\nS: 235\n"
             + MAIL + "S: 250\n" + TEXT, True),
}


def curl(kind, port, folder):
    more = {"tls": ["--ssl-reqd", "--cacert", os.path.join(folder, "ca")],
            "auth": ["--user", "phil:secret", "--sasl-ir"]}.get(kind, [])
    host = "localhost" if kind == "tls" else "127.0.0.1"
    return run("curl", "-sS", "--max-time", "20", "smtp://%s:%d/client.example.test" % (host, port), "--ipv4",
               "--mail-from", SENDER, "--mail-rcpt", RECIPIENT, "--upload-file", os.path.join(folder, "message"), *more)


def swaks(kind, port, folder):
    more = {"tls": ["--tls", "--tls-verify", "--tls-ca-path", os.path.join(folder, "ca")],
            "auth": ["--auth", "PLAIN", "--auth-user", "phil", "--auth-password", "secret"]}.get(kind, [])
    return run("swaks", "--server", "127.0.0.1:%d" % port, "--helo", "client.example.test", "--from", SENDER, "--to",
               RECIPIENT, "--timeout", "20", "--data", "@" + os.path.join(folder, "message"), *more)


def msmtp(kind, port, folder):
    more = {"tls": ["--tls=on", "--tls-starttls=on", "--tls-trust-file=" + os.path.join(folder, "ca")],
            "auth": ["--auth=plain", "--user=phil", "--passwordeval=echo secret", "--tls=off"]}.get(kind, ["--tls=off"])
    with open(os.path.join(folder, "message"), "rb") as message:
        return run("msmtp", "--host=localhost", "--port=%d" % port, "--domain=client.example.test", "--from=" + SENDER,
                   "--timeout=20", *more, "--", RECIPIENT, stdin=message.read())


CLIENTS = {"curl": curl, "swaks": swaks, "msmtp": msmtp}


def play(client, kind, folder):
    """One script to one client: both must end as they should."""
    script, delivers = SCRIPTS[kind]
    path = write(folder, kind + ".smtp", script)
    with Serving(MAILDRILL, path, "--ca-out", os.path.join(folder, "ca")) as serving:
        code, said = CLIENTS[client](kind, serving.port, folder)
        ended, report = serving.result()
    what = "%s, %s" % (client, kind)
    check(what + ": the script was played", ended == 0, "serve: %d\n%s%s: %d\n%s" % (ended, report, client, code, said))
    check(what + ": what the client makes of it", (code == 0) == delivers, said)
    check(what + ": it says why", delivers or "no such user" in said or "550" in said, said)


def test_deviating_client(folder):
    """A client that does something else than the script fails it."""
    path = write(folder, "deviates.smtp", HELLO + "S: 250 server.example.test\nC: VRFY bob\nS: 252\nC: QUIT\nS: 221\n")
    with Serving(MAILDRILL, path) as serving:
        swaks("plain", serving.port, folder)
        ended, report = serving.result()
    check("a client that deviates fails the script", ended == 1 and "MAIL FROM" in report, report)


def test_postfix(folder):
    """Postfix's own client: the queue is what tells how it took the server's answers."""
    for kind in ("plain", "long-reply", "refused", "tls"):
        script, delivers = SCRIPTS[kind]
        with Serving(MAILDRILL, write(folder, kind + ".smtp", script), "--ca-out", os.path.join(folder, "ca")) as serving:
            hop = "transport_maps=inline:{{client.test=smtp:[127.0.0.1]:%d}}" % serving.port
            with with_servers("postfix", sets=[hop, "maximal_backoff_time=1h"]) as running:
                server, pid = running.servers[0], lab.first_process(running.spaces[0].process.pid)
                subprocess.run(["nsenter", "-t", str(pid), "-m", "-u", "-i", "-p", "--", "sendmail", "-f", SENDER, RECIPIENT],
                               input=MESSAGE.replace("\r\n", "\n").encode(), check=True)
                ended, report = serving.result()
                log = await_line(os.path.join(server.state, "log", "mail.log"), "to=<%s>" % RECIPIENT)
        check("postfix, %s: the script was played" % kind, ended == 0, report + log)
        check("postfix, %s: how it took it" % kind, ("status=sent" if delivers else "status=bounced") in log, log)


# A mail to the port that it is given, and how Postfix took that.
POSTFIX_CLIENT = """
import os, subprocess, sys
sys.path.insert(0, "TESTS")
from common import await_line
recipient = "p%s+%d@client.test" % (sys.argv[1], os.getpid())
subprocess.run("nsenter -t PID -m -u -i -p -- sendmail -f SENDER".split() + [recipient], input=b"Subject: x\\n\\nx\\n", check=True)
line = await_line("LOG", "to=<%s>" % recipient)
print(line)
sys.exit("status=sent" not in line)
"""


def test_fuzzed_postfix(folder):
    ports = "".join("p%d@client.test smtp:[127.0.0.1]:%d\n" % (port, port) for port in range(1024, 65536))
    sets = ["transport_maps=texthash:" + write(folder, "ports", ports), "recipient_delimiter=+", "maximal_queue_lifetime=0"]
    with with_servers("postfix", sets=sets) as running:
        server, pid = running.servers[0], lab.first_process(running.spaces[0].process.pid)
        text = POSTFIX_CLIENT
        for name, value in (("PID", str(pid)), ("LOG", os.path.join(server.state, "log", "mail.log")), ("SENDER", SENDER),
                            ("TESTS", os.path.dirname(os.path.abspath(__file__)))):
            text = text.replace(name, value)
        client = write(folder, "postfix.py", text)
        code, report = run(MAILDRILL, "fuzz", "--client", "--exec", "exec %s %s {port}" % (sys.executable, client), "--deviant",
                           "refused", "-j", "8")
    check("postfix, fuzzed: a message is taken", "1 message taken" in report, report)
    check("postfix, fuzzed: it has no finding", code == 0 and re.search(r"^(\d\d?) of \1 cases, 0 findings", report, re.M), report)


def main():
    missing = [client for client in CLIENTS if shutil.which(client) is None]
    if missing:
        skip("not installed: " + " ".join(missing))
    with temporary() as folder:
        write(folder, "message", MESSAGE)
        for client in CLIENTS:
            for kind in SCRIPTS:
                play(client, kind, folder)
        test_deviating_client(folder)
        why = lab.obstacle()
        if why is None:
            test_postfix(folder)
            test_fuzzed_postfix(folder)
        else:
            print("NOT TESTED with Postfix's client: %s" % why)
    finish()


main()
