"""lab check: the conformance and security scripts against real servers."""
import glob
import os
import subprocess

import lab
from servers import TOP, LabError, choose

SUITE = ["scenarios/conformance", "scenarios/security"]


def find_maildrill(options):
    """The program that is asked for, or the newest that was built."""
    if options.maildrill:
        return os.path.abspath(options.maildrill)
    built = sorted(glob.glob(os.path.join(TOP, "build", "*", "maildrill")), key=os.path.getmtime)
    if not built:
        raise LabError("maildrill is not built; harness/dev build")
    return built[-1]


def arguments_for(server, role):
    """What maildrill is told of the server."""
    about = server.describe(True)
    told = ["--server", server.url(role)]
    for name in ("ca", "rcpt", "rcpt2", "remote", "user", "pass"):
        told += ["--" + name, about[name]]
    return told + ["--set", "norcpt=" + about["norcpt"]]


def command_check(options):
    lab.demand_a_system()
    maildrill = find_maildrill(options)
    worst = 0
    for server in lab.startable(choose(options.names, options.base)):
        started = [] if lab.running(server) else [server]
        with lab.Lab(started, options.stock, options.set):
            role = options.role or server.suite
            print("== %s %s, %s" % (server.title, server.version(), server.url(role)), flush=True)
            run = subprocess.run([maildrill, "run", "--quiet", *SUITE, *arguments_for(server, role)], cwd=TOP,
                                 check=False)
            worst = max(worst, run.returncode)
    return worst
