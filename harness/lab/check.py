"""lab check: the conformance and security suites against real servers, each held to its baseline."""
import glob
import json
import os
import subprocess
import tempfile

import baseline
import lab
from servers import TOP, LabError, choose

JOBS = "8"  # connections at once to a server


def find_maildrill(options):
    """The program that is asked for, or the newest that was built."""
    if options.maildrill:
        return os.path.abspath(options.maildrill)
    built = sorted(glob.glob(os.path.join(TOP, "build", "*", "maildrill")), key=os.path.getmtime)
    if not built:
        raise LabError("maildrill is not built; harness/dev build")
    return built[-1]


def arguments_of_all(server):
    """What holds for every server of a lab."""
    about = server.describe(True)
    return [word for name in ("ca", "rcpt", "rcpt2", "norcpt", "remote", "user", "pass")
            for word in ("--" + name, about[name])]


def arguments_of_one(server, role, prefix=""):
    """What holds for that port of that server."""
    told = ["--server", "%s=%s" % (server.label(role), server.url(role))]
    if role in ("submission", "smtps"):
        told += ["--mode", prefix + "submission"]
    if server.bearer:
        told += ["--set", "bearer=" + server.bearer]
    if server.delivers:
        told += ["--maildir", prefix + server.maildir("bob")]
    return told


def play(maildrill, server, role, *more):
    """The suites against a server that runs: the exit code."""
    command = [maildrill, "conform", "--scenarios", os.path.join(TOP, "scenarios"), "--jobs", JOBS,
               *arguments_of_all(server), *arguments_of_one(server, role), *more]
    return subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL, check=False).returncode


def results_of(maildrill, server, role, *more):
    """What each test came to, as the JSON report has it."""
    with tempfile.TemporaryDirectory(prefix="maildrill-lab-") as folder:
        path = os.path.join(folder, "report.json")
        code = play(maildrill, server, role, "--report", "json=" + path, *more)
        if code > 1:
            raise LabError("%s: the suites did not run to their end (exit %d)" % (server.name, code))
        with open(path, encoding="utf-8") as file:
            return json.load(file)["results"]


def check_role(maildrill, server, role, update):
    """Against one port of a server that runs: 1 where it deviates otherwise than its baseline says, in warnings too."""
    path = server.baseline(role)
    print("== %s %s, %s" % (server.title, server.version(), server.url(role)), flush=True)
    if update:
        print(baseline.update(path, results_of(maildrill, server, role, "--report", "tap=/dev/null")), flush=True)
    results = results_of(maildrill, server, role, "--baseline", path, "--quiet")
    otherwise = [result for result in results if result["outcome"] not in ("pass", "skip", "expected")]
    for result in otherwise:
        print("not as %s says: %s: %s: %s" % (path, result["id"], result["outcome"], result["message"]))
    return 1 if otherwise else 0


def command_check(options):
    lab.demand_a_system()
    maildrill = find_maildrill(options)
    worst = 0
    for server in lab.startable(choose(options.names, options.base)):
        started = [] if lab.running(server) else [server]
        with lab.Lab(started, options.stock, options.set):
            for role in [options.role] if options.role else server.suite:
                worst = max(worst, check_role(maildrill, server, role, options.update))
    return worst
