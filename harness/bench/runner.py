#!/usr/bin/env python3
"""harness/dev bench runner: how many dialogues a second maildrill run plays against Postfix's smtp-sink on loopback,
beside a minimal C loop that sends the same octets, smtp-source with as many connections, and swaks in a shell loop; and
what a run costs at its beginning and in memory. Everything is a ratio within this run: machines differ.

usage: runner.py MAILDRILL BENCH_LOOP POSTFIX_ROOT [DIALOGUES]"""
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

MAILDRILL, LOOP, POSTFIX = map(os.path.abspath, sys.argv[1:4])
DIALOGUES = int(sys.argv[4]) if len(sys.argv) > 4 else 4000
CONNECTIONS = 8
ROUNDS = 5
SWAKS = 10
BODY = ["From: <tester@example.test>", "To: <rcpt@example.test>", "Subject: bench", "", *["x" * 70] * 10, "."]
TURNS = [["HELO client.example.test"], ["MAIL FROM:<tester@example.test>"], ["RCPT TO:<rcpt@example.test>"], ["DATA"], BODY,
         ["QUIT"]]
CODES = ["220", "250", "250", "250", "354", "250", "221"]
ENVIRONMENT = {**os.environ, "LD_LIBRARY_PATH": POSTFIX + "/usr/lib/postfix"}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def start_sink():
    port = free_port()
    user = ["-u", "root"] if os.geteuid() == 0 else []
    sink = subprocess.Popen([POSTFIX + "/usr/sbin/smtp-sink", "-m", "2000", *user, f"127.0.0.1:{port}", "1024"],
                            env=ENVIRONMENT, **QUIET)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return sink, port
        except ConnectionRefusedError:
            time.sleep(0.01)
    sys.exit("smtp-sink does not listen")


def timed(command, codes=(0,)):
    """Seconds on the clock and on the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, env=ENVIRONMENT if POSTFIX in " ".join(command) else None, **QUIET)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in codes:
        sys.exit(f"ended with {done.returncode}: {' '.join(command)}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_core(command):
    """Clients on one core, the last; the sink, which was started before, is free to use the others."""
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[-1]), *command]


def script(work, name, extra=""):
    path = os.path.join(work, name)
    lines = [f"S: {CODES[0]}"]
    for turn, code in zip(TURNS, CODES[1:]):
        lines += [f"C: {line}" for line in turn] + [f"S: {code}"]
    with open(path, "w", encoding="ascii") as file:
        file.write('%test "bench"\n' + lines[0] + "\n" + extra + "\n".join(lines[1:]) + "\n")
    return path


def row(name, wall, cpu, count, loop):
    print(f"  {name:<34} {count / wall:>9.0f} {1e6 * cpu / count:>12.1f} {(count / wall) / loop:>10.2f}")


def throughput(work, port):
    path, turns = script(work, "bench.smtp"), ["\r\n".join(turn) + "\r\n" for turn in TURNS]
    run = ["run", path, "--server", f"smtp://127.0.0.1:{port}", "--repeat", str(DIALOGUES), "-j", str(CONNECTIONS),
           "--sanity", "never", "--quiet"]
    octets = str(sum(len(line) + 2 for line in BODY))
    peers = {
        "minimal C loop": [LOOP, str(port), str(DIALOGUES), str(CONNECTIONS), *turns],
        "maildrill run": [MAILDRILL, *run],
        "smtp-source": [POSTFIX + "/usr/sbin/smtp-source", "-s", str(CONNECTIONS), "-m", str(DIALOGUES), "-l", octets,
                        "-f", "tester@example.test", "-t", "rcpt@example.test", f"127.0.0.1:{port}"],
    }
    measured = {name: [] for name in peers}
    for _ in range(ROUNDS):  # in turn, so that a noisy moment meets them all
        for name, command in peers.items():
            measured[name].append(timed(one_core(command)))
    median = {name: tuple(statistics.median(values) for values in zip(*rows)) for name, rows in measured.items()}
    loop = DIALOGUES / median["minimal C loop"][0]
    print(f"{DIALOGUES} dialogues ({len(CODES)} replies each) over {CONNECTIONS} connections, clients on one core, "
          f"median of {ROUNDS} rounds\n")
    print(f"  {'':<34} {'a second':>9} {'us of client':>12} {'of the loop':>10}")
    for name, (wall, cpu) in median.items():
        row(name, wall, cpu, DIALOGUES, loop)
    swaks = shutil.which("swaks")
    if swaks:
        loop_of_swaks = (f"for i in $(seq {SWAKS}); do {swaks} --server 127.0.0.1 --port {port} --helo client.example.test "
                         "--protocol SMTP --from tester@example.test --to rcpt@example.test || exit 1; done")
        wall, cpu = timed(one_core(["sh", "-c", loop_of_swaks]))
        row("swaks in a shell loop", wall, cpu, SWAKS, loop)
    ours = DIALOGUES / median["maildrill run"][0]
    print(f"\n  maildrill is {ours / loop:.2f} of the C loop (goal 0.8), "
          f"{median['smtp-source'][0] / median['maildrill run'][0]:.2f} of smtp-source (goal 1.2)"
          + (f", {ours * wall / SWAKS:.0f} times swaks" if swaks else ", swaks is not here"))


def start(work, port):
    path, turns = script(work, "once.smtp"), ["\r\n".join(turn) + "\r\n" for turn in TURNS]
    run, loop = ([statistics.median(values) for values in zip(*(timed(one_core(command)) for _ in range(31)))] for command in (
        [MAILDRILL, "run", path, "--server", f"smtp://127.0.0.1:{port}"], [LOOP, str(port), "1", "1", *turns]))
    print(f"  one dialogue, process and all      {1000 * (run[0] - loop[0]):.1f} ms more than the C loop's {1000 * loop[0]:.1f} ms "
          f"(goal: under 10 ms more); {1000 * run[1]:.1f} ms of them on the processor")


def loading(work):
    folder = os.path.join(work, "many")
    os.mkdir(folder)
    for i in range(10000):
        shutil.copy(script(work, "copied.smtp"), os.path.join(folder, f"{i}.smtp"))
    walls = [timed(one_core([MAILDRILL, "check", folder]))[0] for _ in range(3)]
    print(f"  10000 scripts loaded and checked   {statistics.median(walls):.2f} s (goal: under 1 s)")


# What a process held at most begins with what held the one that started it: a small one does.
LAUNCH = """
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""


def memory(work):
    """What each connection adds to the most memory that was resident; each pauses, so that all are open at once."""
    sink, port = start_sink()
    path = script(work, "held.smtp", "%sleep 2s\n")
    peaks = []
    for connections in (1, 1001):
        process = subprocess.run([sys.executable, "-ISc", LAUNCH, MAILDRILL, "run", path, "--server",
                                  f"smtp://127.0.0.1:{port}", "--repeat", str(connections), "-j", str(connections),
                                  "--sanity", "never", "--quiet"],
                                 stdout=subprocess.PIPE, check=False)
        if process.returncode != 0:
            sys.exit(f"the run over {connections} connections ended with {process.returncode}")
        peaks.append(int(process.stdout.split()[-1]))
    sink.terminate()
    sink.wait()
    print(f"  memory of an open connection       {(peaks[1] - peaks[0]) / 1000:.1f} KiB (goal: under 64 KiB)")


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard) if hard != resource.RLIM_INFINITY else 4096, hard))
    sink, port = start_sink()
    try:
        with tempfile.TemporaryDirectory() as work:
            throughput(work, port)
            start(work, port)
            loading(work)
            memory(work)
    finally:
        sink.terminate()
        sink.wait()


main()
