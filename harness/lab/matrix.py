"""lab matrix: the suites against every server, as one page to look into and one table to publish."""
import collections
import json
import os
import subprocess
import time

import baseline
import check
import lab
from servers import BUILD, TOP, LabError, choose

JOBS = "16"  # connections at once, to all servers together
VERDICTS = ("pass", "warn", "fail", "error", "skip")


def play(maildrill, columns, folder):
    """Writes the page; what each test came to at each server."""
    page, data = os.path.join(folder, "matrix.html"), os.path.join(folder, "matrix.json")
    told = []
    for server, role in columns:
        told += check.arguments_of_one(server, role, server.label(role) + "=")
    suites = [os.path.join(TOP, "scenarios", name) for name in ("conformance", "security")]
    command = [maildrill, "compare", "--jobs", JOBS, "--report", "html=" + page, "--report", "json=" + data,
               *check.arguments_of_all(columns[0][0]), *told, *suites]
    code = subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode
    if code > 1:
        raise LabError("the suites did not run to their end (exit %d)" % code)
    with open(data, encoding="utf-8") as file:
        return json.load(file)


def section_key(section):
    """RFC 821 before RFC 5321, and 4.1.2 before 4.1.10."""
    rfc, _, rest = section.partition(" ")
    return int(rfc), [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in rest.split(".")]


def cell(counts):
    """"12", or "10 ok, 2 warn, 1 fail": skipped tests are not counted."""
    said = ["%d %s" % (counts[verdict], verdict) for verdict in ("warn", "fail", "error") if counts[verdict]]
    if said and counts["pass"]:
        said.insert(0, "%d ok" % counts["pass"])
    return ", ".join(said) or (str(counts["pass"]) if counts["pass"] else "-")


def rows(head, body):
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in body:
        yield "| " + " | ".join(str(part) for part in row) + " |"


def deviations(server, role, results):
    """Each test of that server that is not as its clause says, with the reason in the baseline."""
    entries, _ = baseline.read(server.baseline(role))
    for result in results:
        if result["verdict"] in ("warn", "fail", "error"):
            reason = entries.get(result["id"], (None, "**not in the baseline**: " + result["message"]))[1]
            yield "- %s `%s`: %s" % (result["verdict"], result["id"], reason.replace("<", "&lt;").replace("*", "\\*"))


def table(columns, report, version):
    """The lines of the Markdown page: servers by RFC sections, and the deviations."""
    names = [server.label(role) for server, role in columns]
    of_server = {name: [] for name in names}
    sections = collections.defaultdict(collections.Counter)
    for result in report["results"]:
        of_server[result["server"]].append(result)
        section = "%s %s" % (result["rfc"], result.get("section") or "")
        sections[section.strip(), result["server"]][result["verdict"]] += 1
    text = ["# Mail servers, clause by clause", "",
            "Made by `harness/dev lab matrix` with %s on %s UTC, for the servers as the lab sets them up." % (
                version, time.strftime("%Y-%m-%d", time.gmtime())), ""]
    totals = []
    for (server, role), name in zip(columns, names):
        counts = collections.Counter(result["verdict"] for result in of_server[name])
        totals.append([name, server.title, server.version(), role, len(of_server[name])]
                      + [counts[verdict] for verdict in VERDICTS])
    text += rows(["", "server", "version", "spoken to as", "tests", *VERDICTS], totals)
    text += ["", "warn: legal but lax, or a SHOULD; fail: a MUST, or safety, is broken; skip: the server does not offer "
             "what the test needs.", "", "## By section", "",
             "How many tests pass; where some do not, how many of which. `-`: none could be played.", ""]
    by_section = sorted({section for section, _ in sections}, key=section_key)
    text += rows(["RFC", *names], [[section, *(cell(sections[section, name]) for name in names)] for section in by_section])
    text += ["", "## What deviates", ""]
    for (server, role), name in zip(columns, names):
        text += ["### " + name, "", *deviations(server, role, of_server[name]), ""]
    return text


def command_matrix(options):
    lab.demand_a_system()
    maildrill, folder = check.find_maildrill(options), options.out or BUILD
    chosen = lab.startable(choose(options.names or ["all"], options.base))
    columns = [(server, role) for server in chosen for role in server.suite]
    if len(columns) < 2:
        raise LabError("a matrix needs two servers, or two ports of one")
    with lab.Lab([server for server in chosen if not lab.running(server)], options.stock, options.set):
        report = play(maildrill, columns, folder)
    version = subprocess.run([maildrill, "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    with open(os.path.join(folder, "matrix.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(table(columns, report, version)))
    print("%d results of %d servers: matrix.html, matrix.md and matrix.json in %s" % (
        len(report["results"]), len(columns), folder))
    return 0
