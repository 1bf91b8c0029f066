#!/usr/bin/env python3
"""usage: harness/dev lab COMMAND [OPTION...] [NAME...|all]

Real mail servers side by side on loopback; the host's own configuration is not touched.

  install [NAME...]     installs servers into build/lab (all of them, without a name); once is enough
  up NAME...|all        starts servers with an empty state; they stay until `down`
  down NAME...|all      ends them, with every process and mount of theirs
  status                which run, their versions and ports
  servers --json        the same for programs: addresses, CA, mailboxes, credentials
  port NAME ROLE        one port: mx submission smtps lmtp pop3 imap
  log NAME              what the server logged
  exec NAME COMMAND...  runs a command as the server sees the world (sendmail, postqueue, ...)
  check NAME...|all     the conformance and security suites against each: fails for a deviation that is not
                        in its baseline, and for one that is and is gone. Starts what does not run, and ends
                        that again. --role ROLE: at one port of it; --update: rewrites the baseline
  matrix [NAME...]      the suites against all of them: build/lab/matrix.html (sections and tests by servers, with the
                        dialogue of what does not pass) and matrix.md (servers by RFC sections, what deviates)

  --base PORT           the lab's first port (20000). Another base is another lab, with a state of its own;
                        down --base all ends every lab of this checkout
  --stock               up, check: leaves the error limits and delays of the distribution in place
  --set NAME=VALUE      up, check: a setting of the server, where its folder says how (Postfix: main.cf)
  --out DIR             matrix: where its files go (build/lab)
  --maildrill FILE      check, matrix: the program (default: the newest below build/)

Ends with 0, 1 for a failure, 2 for usage, 77 where the system does not allow a lab.
"""
import argparse
import ctypes
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import servers
from servers import BUILD, CA, LAYERS, LabError, Server, choose

SPACE = os.path.join(servers.HERE, "space.py")
UNSHARE = ["unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--mount-proc", "--kill-child"]
START_SECONDS = 60
INSTALL_SECONDS = 900
NOT_ALLOWED = 77


class NotAllowed(LabError):
    """The system does not let us make a lab."""


def obstacle():
    """Why no lab can be had on this system; None if it can."""
    if os.getuid() != 0:
        return "it needs root, for mount and process name spaces"
    try:
        probe = subprocess.run(UNSHARE + [sys.executable, SPACE, "probe"], capture_output=True, text=True,
                               stdin=subprocess.DEVNULL, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "name spaces cannot be made: %s" % error
    if probe.returncode != 0:
        return "name spaces or overlays are not allowed: %s" % probe.stderr.strip()
    return None


def demand_a_system():
    why = obstacle()
    if why is not None:
        raise NotAllowed("no lab of mail servers on this system: " + why)


class Space:
    """A process in name spaces of its own, which end when this object's lifeline does."""

    def __init__(self, command, spec, output, **more):
        reading, self.lifeline = os.pipe()
        self.process = subprocess.Popen(UNSHARE + [sys.executable, SPACE, command, json.dumps(spec)], stdin=reading,
                                        stdout=output, stderr=subprocess.STDOUT, start_new_session=True, **more)
        os.close(reading)

    def keep(self):
        """It lives on when this process ends."""
        os.write(self.lifeline, b"k")

    def end(self):
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None
        self.process.wait()


# ---- install --------------------------------------------------------------------------------------

def openssl(*arguments):
    run = subprocess.run(["openssl", *arguments], cwd=CA, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise LabError("openssl %s: %s" % (arguments[0], run.stderr))


def make_ca():
    """A CA, and a server's certificate for localhost, 127.0.0.1 and names in the lab's domain."""
    if os.path.exists(os.path.join(CA, "chain.crt")):
        return
    os.makedirs(CA, exist_ok=True)
    with open(os.path.join(CA, "extensions"), "w", encoding="ascii") as file:
        file.write("subjectAltName=DNS:localhost,DNS:%s,DNS:*.%s,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
                   "extendedKeyUsage=serverAuth\n" % (servers.DOMAIN, servers.DOMAIN))
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=maildrill lab CA",
            "-keyout", "ca.key", "-out", "ca.crt", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key",
            "-out", "server.csr")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "3650", "-extfile", "extensions", "-out", "server.crt")
    with open(os.path.join(CA, "chain.crt"), "wb") as chain:
        for part in ("server.crt", "ca.crt"):
            with open(os.path.join(CA, part), "rb") as file:
                chain.write(file.read())


def stamp_of(server):
    """What the layer is made of: it is made anew when that changes."""
    parts = [" ".join(server.packages + server.npm)]
    for name in sorted(os.listdir(server.folder)):
        if name == "install" or name.endswith(".c"):
            with open(os.path.join(server.folder, name), encoding="utf-8") as file:
                parts.append(file.read())
    return "\n".join(parts)


def is_installed(server):
    try:
        with open(server.layer + ".stamp", encoding="utf-8") as file:
            return file.read() == stamp_of(Server(server.layer_name)) and os.path.exists(server.layer)
    except OSError:
        return False


def install_layer(server):
    base = server.layer[:-len(".tar")]
    log, version = base + ".log", base + ".version"
    with open(log, "wb") as output, open(version, "wb") as version_file:
        spec = {"packages": server.packages, "npm": server.npm, "folder": server.folder,
                "archive": server.layer + ".part", "version_fd": version_file.fileno()}
        space = Space("install", spec, output, pass_fds=[version_file.fileno()])
        try:
            code = space.process.wait(INSTALL_SECONDS)
        finally:
            space.end()
    if code != 0:
        with open(log, encoding="utf-8", errors="replace") as file:
            raise LabError("installing %s failed (%s):\n%s" % (server.name, log, "".join(file.readlines()[-15:])))
    os.rename(server.layer + ".part", server.layer)
    with open(server.layer + ".stamp", "w", encoding="utf-8") as file:
        file.write(stamp_of(server))


def command_install(options):
    """Every layer that is missing, two at a time. A server that cannot be had here is named."""
    demand_a_system()
    os.makedirs(LAYERS, exist_ok=True)
    with open(os.path.join(BUILD, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_ca()
        wanted = [Server(server.layer_name) for server in choose(options.names or ["all"])]
        missing, failures = [], []
        for server in {server.name: server for server in wanted}.values():
            if server.obstacle() is not None:
                print("lab: not installed: %s" % server.obstacle())
            elif not is_installed(server):
                missing.append(server)

        def worker():
            while missing:
                server = missing.pop()
                print("lab: installing %s: %s" % (server.name, " ".join(server.packages + server.npm)), flush=True)
                try:
                    install_layer(server)
                except (LabError, OSError, subprocess.TimeoutExpired) as error:
                    failures.append(str(error))
        threads = [threading.Thread(target=worker, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise LabError("\n".join(failures))
    return 0


# ---- up and down ----------------------------------------------------------------------------------

def started_at(pid):
    """When a process began, in ticks since boot: with its number it names a process for good. None: it has ended."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return None


def running(server):
    """The process that waits for the server's name space; None if the server does not run."""
    try:
        with open(os.path.join(server.state, "pid"), encoding="ascii") as file:
            pid, began = file.read().split()
    except (OSError, ValueError):
        return None
    return int(pid) if started_at(int(pid)) == began else None


def first_process(pid):
    """Process 1 of the name space that `unshare` (pid) made."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        return int(file.read().split()[0])


def tail_of(server, lines=15):
    text = []
    for folder, _, files in os.walk(os.path.join(server.state, "log")):
        for name in sorted(files):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                text += ["  " + line for line in file.readlines()[-lines:]]
    return "".join(text)


def prepare_state(server, users):
    shutil.rmtree(server.state, ignore_errors=True)
    for part in ["log"] + ["home/" + user for user in users]:
        os.makedirs(os.path.join(server.state, part))
    for user, uid in users.items():
        os.chown(os.path.join(server.state, "home", user), uid, uid)


def start(server, stock=False, sets=()):
    """Begins to start it; await_greetings says when it is there."""
    if not is_installed(server):
        raise LabError("%s is not installed; harness/dev lab install %s" % (server.name, server.name))
    if sets and not server.set:
        raise LabError("%s takes no --set" % server.name)
    for role in server.roles:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", server.port(role)))
            except OSError as error:
                raise LabError("%s: port %d for %s is taken; --base gives the lab other ports"
                               % (server.name, server.port(role), role)) from error
    owner = int(os.environ.get("SUDO_UID") or 0)  # who called sudo reads the mail without it
    users = {user: owner or 2001 + number for number, user in enumerate(servers.USERS)}
    prepare_state(server, users)
    os.environ["LAB_SERVERS"] = " ".join(servers.names())
    spec = {"name": server.name, "folder": server.folder, "state": server.state, "ca": CA, "layer": server.layer,
            "files": server.files, "words": server.placeholders(), "tuned": not stock, "users": users,
            "set": server.set, "sets": list(sets)}
    with open(os.path.join(server.state, "log", "console"), "wb") as console:
        space = Space("serve", spec, console)
    with open(os.path.join(server.state, "pid"), "w", encoding="ascii") as file:
        file.write("%d %s\n" % (space.process.pid, started_at(space.process.pid)))
    return space


def greeted(server, role):
    """Whether the server has greeted at that port."""
    try:
        with socket.create_connection(("127.0.0.1", server.port(role)), START_SECONDS) as plain:
            plain.settimeout(START_SECONDS)
            stream = plain
            if servers.ROLES[role][1] == "smtps":
                context = ssl.create_default_context(cafile=os.path.join(CA, "ca.crt"))
                stream = context.wrap_socket(plain, server_hostname="localhost")
            if role == "proxied":
                stream.sendall(b"PROXY TCP4 127.0.0.1 127.0.0.1 1 25\r\n")
            greeting = stream.recv(3)
            stream.close()
            return greeting in (b"220", b"+OK", b"* O")
    except ConnectionRefusedError:
        return False


def await_greetings(server, space):
    """Until every port has greeted. Between attempts it listens for the end of the server."""
    until = time.monotonic() + START_SECONDS
    gone = os.pidfd_open(space.process.pid)
    try:
        for role in server.roles:
            while not greeted(server, role):
                if select.select([gone], [], [], 0.02)[0] or time.monotonic() > until:
                    raise LabError("%s does not greet at port %d (%s):\n%s"
                                   % (server.name, server.port(role), role, tail_of(server)))
    finally:
        os.close(gone)


class Lab:
    """Servers that live as long as this object, or for good after keep()."""

    def __init__(self, chosen, stock=False, sets=()):
        self.servers, self.stock, self.sets = chosen, stock, sets
        self.spaces = []

    def __enter__(self):
        try:
            self.spaces = []
            for server in self.servers:
                self.spaces.append(start(server, self.stock, self.sets))
            for server, space in zip(self.servers, self.spaces):
                await_greetings(server, space)
        except BaseException:
            self.__exit__()
            raise
        return self

    def keep(self):
        for space in self.spaces:
            space.keep()
        self.spaces = []

    def __exit__(self, *_):
        for space in self.spaces:
            space.end()


def startable(chosen):
    """Without those that cannot be had on this system, which are named."""
    able = [server for server in chosen if Server(server.layer_name).obstacle() is None]
    for server in chosen:
        if server not in able:
            print("lab: left out: %s" % Server(server.layer_name).obstacle())
    return able


def end_with_parent():
    """The kernel sends SIGTERM when the process that called us ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def command_up(options):
    end_with_parent()
    demand_a_system()
    chosen = choose(options.names, options.base)
    if "all" in options.names:
        chosen = startable(chosen)
    os.makedirs(os.path.join(BUILD, "state"), exist_ok=True)
    with open(os.path.join(BUILD, "state", "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for server in chosen:
            if running(server):
                print("%s: already up" % server.name)
        began = time.monotonic()
        with Lab([server for server in chosen if not running(server)], options.stock, options.set) as lab:
            lab.keep()
            for server in lab.servers:
                print("%s: up (%.1f s)" % (server.name, time.monotonic() - began))
    return 0


def stop(server):
    """Ends process 1 of its name space, and waits until nothing of it is left."""
    pid = running(server)
    if pid is None:
        return False
    gone = os.pidfd_open(pid)
    try:
        os.kill(first_process(pid), signal.SIGKILL)
    except (OSError, IndexError):
        os.kill(pid, signal.SIGKILL)  # has no child yet, or none any more
    select.select([gone], [], [])
    os.close(gone)
    os.unlink(os.path.join(server.state, "pid"))
    return True


def command_down(options):
    labs = [options.base]
    if options.base == "all":
        states = os.path.join(BUILD, "state")
        labs = [int(name) for name in os.listdir(states) if name.isdigit()] if os.path.isdir(states) else []
    for base in labs:
        for server in choose(options.names, base):
            if stop(server):
                print("%s: down" % server.name)
    return 0


# ---- the rest -------------------------------------------------------------------------------------

def command_status(options):
    print("%-12s %-26s %-5s" % ("name", "version", "state"), end="")
    columns = [role for role in servers.ROLES if servers.ROLES[role][1]]
    print("".join("%11s" % role for role in columns))
    for server in choose(["all"], options.base):
        state = "up" if running(server) else "down" if is_installed(server) else "-"
        ports = [str(server.port(role)) if role in server.roles else "-" for role in columns]
        print("%-12s %-26s %-5s" % (server.name, server.version() or "not installed", state), end="")
        print("".join("%11s" % port for port in ports))
    print("\nusers: phil, bob (password: %s), domain: %s, CA: %s" % (servers.PASSWORD, servers.DOMAIN,
                                                                     os.path.join(CA, "ca.crt")))
    print("mail and logs: %s" % os.path.join(BUILD, "state", str(options.base)))
    return 0


def command_servers(options):
    listed = [server.describe(bool(running(server))) for server in choose(options.names or ["all"], options.base)]
    if options.json:
        print(json.dumps(listed, indent=2))
    else:
        for server in listed:
            print(server["name"], *server["urls"].values())
    return 0


def command_port(options):
    if len(options.names) != 2:
        raise LabError("port needs a server and a role")
    print(Server(options.names[0], options.base).port(options.names[1]))
    return 0


def command_log(options):
    for server in choose(options.names, options.base):
        print(tail_of(server, 1 << 30), end="")
    return 0


def command_exec(options):
    if len(options.names) < 2:
        raise LabError("exec needs a server and a command")
    server = Server(options.names[0], options.base)
    pid = running(server)
    if pid is None:
        raise LabError("%s is not up" % server.name)
    os.execvp("nsenter", ["nsenter", "-t", str(first_process(pid)), "-m", "-u", "-i", "-p", "--", *options.names[1:]])


def command_check(options):
    import check
    return check.command_check(options)


def command_matrix(options):
    import matrix
    return matrix.command_matrix(options)


def base_of(text):
    """A port, or `all` (for down): every lab that has a state."""
    return text if text == "all" else int(text)


def read_options(arguments):
    parser = argparse.ArgumentParser(prog="harness/dev lab", usage=argparse.SUPPRESS, add_help=False)
    parser.add_argument("command")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--base", type=base_of, default=servers.DEFAULT_BASE)
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--maildrill")
    parser.add_argument("--role")
    parser.add_argument("--out")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--update", action="store_true")
    if "exec" in arguments:  # what follows belongs to the command
        at = arguments.index("exec")
        options = parser.parse_args(arguments[:at + 1])
        options.names = arguments[at + 1:]
        if options.names[:1] == ["--base"]:
            options.base, options.names = int(options.names[1]), options.names[2:]
        return options
    return parser.parse_intermixed_args(arguments)


COMMANDS = {name[len("command_"):]: function for name, function in list(globals().items())
            if name.startswith("command_")}


def main(arguments):
    if not arguments or arguments[0] in ("help", "--help", "-h"):
        print(__doc__, end="")
        return 0
    options = read_options(arguments)
    if options.command not in COMMANDS:
        print(__doc__, end="", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    try:
        return COMMANDS[options.command](options)
    except LabError as error:
        print("lab: %s" % error, file=sys.stderr)
        return NOT_ALLOWED if isinstance(error, NotAllowed) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
