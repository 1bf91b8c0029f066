#!/usr/bin/env python3
"""lab.life: labs come and go without a trace, whatever ends them; what cannot be done is said.
usage: life.py"""
import os
import select
import signal
import socket
import subprocess
import sys
import time

from common import HERE, check, finish, lab, needs_lab, reserve_base, run, servers

LAB = [sys.executable, os.path.join(os.path.dirname(HERE), "lab.py")]
NAME = "aiosmtpd"
HOST_FILES = ("/etc/hosts", "/etc/resolv.conf", "/etc/passwd", "/etc/lab-probe", "/etc/mailname",
              "/etc/aiosmtpd", "/usr/sbin/policy-rc.d", "/run/lab")
SECONDS = 30


def host():
    """What a lab might have touched."""
    seen = [socket.gethostname()]
    for path in HOST_FILES:
        try:
            with open(path, "rb") as file:
                seen.append(file.read())
        except IsADirectoryError:
            seen.append("folder")
        except OSError:
            seen.append(None)
    with open("/proc/self/mounts", encoding="utf-8") as file:
        seen.append([line for line in file if line.startswith("lab ")])
    return seen


def spaces_of(pid):
    """The name spaces of a process, by kind."""
    return {kind: os.readlink("/proc/%d/ns/%s" % (pid, kind)) for kind in ("mnt", "pid", "uts", "ipc")}


def inhabited(spaces):
    """Processes that live in any of these name spaces."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        for kind, space in spaces.items():
            try:
                if os.readlink("/proc/%s/ns/%s" % (entry, kind)) == space:
                    found.append(int(entry))
            except OSError:
                pass
    return found


def greets(port):
    try:
        with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
            return client.recv(3) == b"220"
    except OSError:
        return False


def test_two_labs():
    before = host()
    bases = [reserve_base(), reserve_base()]
    labs = [servers.Server(NAME, base) for base in bases]
    for server in labs:
        code, text = run(*LAB, "up", NAME, "--base", str(server.base))
        check("up", code == 0 and "up" in text, text)
    code, text = run(*LAB, "up", NAME, "--base", str(bases[0]))
    check("up again", code == 0 and "already up" in text, text)
    check("both greet", all(greets(server.port("mx")) for server in labs))
    check("the host is as it was", host() == before, repr((before, host())))
    code, text = run(*LAB, "exec", "--base", str(bases[0]), NAME, "cat", "/etc/mailname")
    check("exec sees the server's files", text == NAME + ".example.test\n", text)
    code, text = run(*LAB, "status", "--base", str(bases[0]))
    check("status", code == 0 and str(labs[0].port("mx")) in text and " up " in text, text)
    spaces = spaces_of(lab.first_process(lab.running(labs[0])))
    code, text = run(*LAB, "down", NAME, "--base", str(bases[0]))
    check("down", code == 0 and "down" in text and not greets(labs[0].port("mx")), text)
    check("nothing lives on", not inhabited(spaces), inhabited(spaces))
    check("the other lab does", greets(labs[1].port("mx")))
    run(*LAB, "down", "all", "--base", str(bases[1]))
    check("the host is as it was", host() == before)


def await_space(server, program):
    """The name spaces of a server that is being started."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and program.poll() is None:
        pid = lab.running(server)
        try:
            if pid is not None:
                return pid, spaces_of(lab.first_process(pid))
        except (OSError, IndexError):
            pass
        os.sched_yield()
    raise SystemExit("up does not begin")


def test_interrupted(what, signals, through_shell):
    """`up`, or the shell that called it, is ended while the server starts."""
    server = servers.Server(NAME, reserve_base())
    command = LAB + ["up", NAME, "--base", str(server.base)]
    if through_shell:
        command = ["sh", "-c", '"$@"; true', "sh"] + command
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    pid, spaces = await_space(server, program)
    gone = os.pidfd_open(pid)
    program.send_signal(signals)
    check(what + ": it ends", select.select([gone], [], [], SECONDS)[0])
    os.close(gone)
    program.wait(SECONDS)
    check(what + ": nothing lives on", not inhabited(spaces), inhabited(spaces))
    check(what + ": it is not said to be up", lab.running(server) is None)


def without_root(*arguments):
    """What the lab ends with and says, as nobody; in a child of ours, for nobody may not read this folder."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 2)
        os.setgid(65534)
        os.setuid(65534)
        os._exit(lab.main(list(arguments)))
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def test_refusals():
    base = reserve_base()
    server = servers.Server(NAME, base)
    with socket.create_server(("127.0.0.1", server.port("mx"))):
        code, text = run(*LAB, "up", NAME, "--base", str(base))
        check("a port that is taken", code == 1 and "taken" in text and str(server.port("mx")) in text, text)
    code, text = run(*LAB, "up", "nosuch")
    check("no such server", code == 1 and "no such server: nosuch" in text, text)
    code, text = run(*LAB, "up", NAME, "--base", str(base), "--set", "x=y")
    check("no --set", code == 1 and "--set" in text and lab.running(server) is None, text)
    code, text = without_root("up", NAME, "--base", str(base))
    check("without root it says so", code == 77 and "root" in text, text)
    code, text = run(*LAB, "frobnicate")
    check("usage", code == 2, text)


def main():
    needs_lab(NAME)
    test_two_labs()
    for what, number in (("SIGINT", signal.SIGINT), ("SIGTERM", signal.SIGTERM), ("SIGKILL", signal.SIGKILL)):
        test_interrupted(what, number, False)
    test_interrupted("killed parent", signal.SIGKILL, True)
    test_refusals()
    finish()


main()
