#!/usr/bin/env python3
"""harness/dev bench runner: how many dialogues a second maildrill run plays against Postfix's smtp-sink on loopback,
beside a minimal C loop that sends the same octets, smtp-source with as many connections, and swaks in a shell loop; and
what a run costs at its beginning and in memory. Speed is a ratio within this run: machines differ. Of several rounds the
best counts, for whatever else a machine does only ever adds. Each figure stands beside its goal.

usage: runner.py MAILDRILL BENCH_LOOP POSTFIX_ROOT [DIALOGUES]"""
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

MAILDRILL, LOOP, POSTFIX = map(os.path.abspath, sys.argv[1:4])
DIALOGUES = int(sys.argv[4]) if len(sys.argv) > 4 else 4000
CONNECTIONS = 8
ROUNDS = 7
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
    print(f"  {name:<42} {count / wall:>9.0f} {1e6 * cpu / count:>12.1f} {(count / wall) / loop:>11.3f}")


def goal(name, value, unit, most=None, least=None):
    met = value <= most if least is None else value >= least
    wanted = f"at most {most}" if least is None else f"at least {least}"
    print(f"  {name:<42} {value:>9.2f} {unit:<4} {wanted + ' ' + unit:<18} {'met' if met else 'MISSED'}")


def throughput(work, port):
    path, turns = script(work, "bench.smtp"), ["\r\n".join(turn) + "\r\n" for turn in TURNS]
    run = ["run", path, "--server", f"smtp://127.0.0.1:{port}", "--repeat", str(DIALOGUES), "-j", str(CONNECTIONS),
           "--sanity", "never", "--quiet"]
    octets = str(sum(len(line) + 2 for line in BODY))
    peers = {
        "minimal C loop": [LOOP, str(port), str(DIALOGUES), str(CONNECTIONS), "1", "60", *turns],
        "maildrill run": [MAILDRILL, *run],
        "smtp-source": [POSTFIX + "/usr/sbin/smtp-source", "-s", str(CONNECTIONS), "-m", str(DIALOGUES), "-l", octets,
                        "-f", "tester@example.test", "-t", "rcpt@example.test", f"127.0.0.1:{port}"],
    }
    measured = {name: [] for name in peers}
    for _ in range(ROUNDS):  # in turn, so that a noisy moment meets them all
        for name, command in peers.items():
            measured[name].append(timed(one_core(command)))
    best = {name: tuple(map(min, zip(*rows))) for name, rows in measured.items()}
    loop = DIALOGUES / best["minimal C loop"][0]
    print(f"{DIALOGUES} dialogues ({len(CODES)} replies each) over {CONNECTIONS} connections, clients on one core, "
          f"the best of {ROUNDS} rounds\n")
    print(f"  {'':<42} {'a second':>9} {'us of client':>12} {'of the loop':>11}")
    for name, (wall, cpu) in best.items():
        row(name, wall, cpu, DIALOGUES, loop)
    ours = DIALOGUES / best["maildrill run"][0]
    swaks = shutil.which("swaks")
    if swaks:
        loop_of_swaks = (f"for i in $(seq {SWAKS}); do {swaks} --server 127.0.0.1 --port {port} --helo client.example.test "
                         "--protocol SMTP --from tester@example.test --to rcpt@example.test || exit 1; done")
        wall, cpu = map(min, zip(*(timed(one_core(["sh", "-c", loop_of_swaks])) for _ in range(3))))
        row("swaks in a shell loop", wall, cpu, SWAKS, loop)
    print(f"\n  {'':<42} {'':>9} {'':<4} {'goal':<18}")
    goal("dialogues a second, of the C loop's", ours / loop, "x", least=0.8)
    goal("... of smtp-source's", ours * best["smtp-source"][0] / DIALOGUES, "x", least=1.2)
    if swaks:
        goal("... of swaks'", ours * wall / SWAKS, "x", least=200)
    else:
        print("  swaks is not here")
    cpu = {name: values[1] for name, values in best.items()}
    print(f"  by time on the processor, where a loaded machine says less of the clock: "
          f"{cpu['minimal C loop'] / cpu['maildrill run']:.2f} of the C loop's, {cpu['smtp-source'] / cpu['maildrill run']:.2f} of smtp-source's")


def start(work, port):
    """What `run` of one dialogue takes, from fork to exit, beyond what the C loop takes: the server's own time."""
    path, turns = script(work, "once.smtp"), ["\r\n".join(turn) + "\r\n" for turn in TURNS]
    run, loop = (tuple(map(min, zip(*(timed(one_core(command)) for _ in range(41))))) for command in (
        [MAILDRILL, "run", path, "--server", f"smtp://127.0.0.1:{port}"], [LOOP, str(port), "1", "1", "1", "60", *turns]))
    goal("one dialogue, process and all, beside it", 1000 * (run[0] - loop[0]), "ms", most=10)


def loading(work):
    folder = os.path.join(work, "many")
    os.mkdir(folder)
    for i in range(10000):
        shutil.copy(script(work, "copied.smtp"), os.path.join(folder, f"{i}.smtp"))
    for name, command, most in (("10000 scripts checked", ["check"], 64), ("10000 scripts loaded for a run", ["run", "--list"], 512)):
        goal(name, min(timed(one_core([MAILDRILL, *command, folder]))[0] for _ in range(ROUNDS)), "s", most=1)
        goal("... in memory", peak([*command, folder]) / 1024, "MiB", most=most)


# What a process held at most begins with what held the one that started it: a small one does.
LAUNCH = """
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""


def peak(arguments):
    """The most memory that was resident, in KiB."""
    process = subprocess.run([sys.executable, "-ISc", LAUNCH, MAILDRILL, *arguments], stdout=subprocess.PIPE, check=False)
    if process.returncode != 0:
        sys.exit(f"ended with {process.returncode}: {' '.join(arguments)}")
    return int(process.stdout.split()[-1])


def memory(work):
    """What each connection adds to the most memory that was resident; each pauses, so that all are open at once."""
    sink, port = start_sink()
    path = script(work, "held.smtp", "%sleep 2s\n")
    one, many = (peak(["run", path, "--server", f"smtp://127.0.0.1:{port}", "--repeat", str(count), "-j", str(count),
                       "--sanity", "never", "--quiet"]) for count in (1, 1001))
    sink.terminate()
    sink.wait()
    goal("memory of an open connection, without TLS", (many - one) / 1000, "KiB", most=64)


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
