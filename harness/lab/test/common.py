"""What the tests of the lab share: a lab with ports of its own that ends with the test, and the checks of all tests."""
import os
import re
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "..", "test")]

import lab  # noqa: E402
import servers  # noqa: E402
from checks import check, finish, skip  # noqa: E402, F401

TOP = servers.TOP
CA_FILE = os.path.join(servers.CA, "ca.crt")
WAIT = 60  # seconds for a program to end

def needs_lab(*names):
    """The test goes on only where these servers can be had; it fails where they could be and are not installed."""
    why = lab.obstacle()
    if why is not None:
        skip("no lab of mail servers on this system: " + why)
    for name in names:
        why = servers.Server(servers.Server(name).layer_name).obstacle()
        if why is not None:
            skip(why)


_reserved = []


def reserve_base():
    """A port base that no other test has at this moment: its first port is bound as long as this process lives."""
    for base in range(21000, 32000, 1000):
        lock = socket.socket()
        try:
            lock.bind(("127.0.0.1", base))
        except OSError:
            lock.close()
            continue
        _reserved.append(lock)
        return base
    raise SystemExit("no free ports for a lab")


def await_line(path, wanted):
    """The line of a log that holds the words, as soon as it is there."""
    tail = subprocess.Popen(["tail", "-n", "+1", "-F", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        for line in tail.stdout:
            if wanted in line:
                return line
    finally:
        tail.kill()
        tail.wait()
        tail.stdout.close()
    return ""


def with_servers(*names, base=None, **how):
    """`with with_servers("postfix") as running:` running[0] is a Server that greets."""
    base = base or reserve_base()
    return lab.Lab([servers.Server(name, base) for name in names], **how)


def run(*command, stdin=b"", wait=WAIT, **more):
    """Exit code, and output with errors as text."""
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=wait,
                          check=False, **more)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


class Serving:
    """`maildrill serve` with a script, from the moment it listens."""

    def __init__(self, maildrill, script, *arguments):
        self.process = subprocess.Popen([maildrill, "serve", script, "--once", "--listen", "127.0.0.1:0",
                                         "--timeout", "20s", *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.head = self.process.stdout.readline().decode()
        found = re.search(r":(\d+)$", self.head.strip())
        if not found:
            raise SystemExit("serve does not listen: %s%s" % (self.head, self.process.stdout.read().decode()))
        self.port = int(found.group(1))

    def __enter__(self):
        return self

    def result(self):
        """Its exit code and report, when the client's part is over."""
        report = self.process.communicate(timeout=WAIT)[0].decode("utf-8", "replace")
        return self.process.returncode, report

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def temporary():
    return tempfile.TemporaryDirectory(prefix="maildrill-lab-")
