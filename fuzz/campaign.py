#!/usr/bin/env python3
"""Runs fuzz targets, and makes of each finding a small, readable input with the law it breaks.

usage: fuzz/campaign.py BUILD [TARGET...] [--minutes N | --seconds N] [--workers N]

BUILD is a build with an engine (MAILDRILL_FUZZ). A target's corpus grows in BUILD/corpus; the
checked-in one is only read. Findings go to BUILD/findings: one file for each law or place of a
crash, however often it was hit. Exit: 0 nothing found, 1 something found, 2 usage.
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# How each campaign runs. libFuzzer looks for every feature of an input among all that it calls rare,
# which with its own threshold of 255 are nearly all of a young corpus: two thirds of the time.
OPTIONS = ["-rss_limit_mb=2048", "-max_len=4096", "-entropic_feature_frequency_threshold=10"]
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:handle_abort=0:symbolize=1")


def say(text):
    """On standard output, in the place of a progress line."""
    print(("\r\033[K" if sys.stdout.isatty() else "") + text, flush=True)


def targets_of(build):
    paths = glob.glob(os.path.join(build, "fuzz", "fuzz_*"))
    return sorted(os.path.basename(p)[5:] for p in paths
                  if os.path.isfile(p) and os.access(p, os.X_OK))


# ---- triage ----

def what_broke(text):
    """The law, or the kind of fault and the function it happened in; None: nothing."""
    law = re.search(r"law broken: (.*)", text)
    if law:
        return "law: " + law.group(1)
    frames = re.findall(r"#\d+ 0x[0-9a-f]+ in (\w+) (\S+)", text)
    own = [name for name, path in frames
           if not re.search(r"compiler-rt|libfuzzer|/build/llvm", path, re.I) and
           not name.startswith(("__", "LLVMFuzzer", "fuzzer"))]
    where = own[0] if own else "?"
    for pattern in (r"runtime error: ([^\n]*)", r"ERROR: \w+Sanitizer: ([\w-]+)",
                    r"ERROR: libFuzzer: ([\w-]+)"):
        kind = re.search(pattern, text)
        if kind:
            return f"{re.sub(r'[0-9]+', 'N', kind.group(1))} in {where}"
    return None


def run_once(program, path, seconds=30):
    try:
        done = subprocess.run([program, "-timeout=10", path], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=ENVIRONMENT, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "timeout in ?"
    return what_broke(done.stdout.decode("utf-8", "replace")) if done.returncode else None


def minimise(program, path, key, seconds):
    """The smallest input found in that time that breaks the same; falls back on `path` itself."""
    with tempfile.TemporaryDirectory() as folder:
        small = os.path.join(folder, "small")
        subprocess.run([program, "-minimize_crash=1", f"-max_total_time={seconds}", "-timeout=10",
                        f"-exact_artifact_path={small}", path], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        for candidate in (small, path):
            if os.path.exists(candidate) and run_once(program, candidate) == key:
                with open(candidate, "rb") as file:
                    return file.read()
    with open(path, "rb") as file:
        return file.read()


def readable(octets, most=2000):
    lines = []
    for line in octets[:most].split(b"\n"):
        shown = "".join(chr(o) if 32 <= o < 127 and o != 92 else
                        {13: "\\r", 9: "\\t", 92: "\\\\"}.get(o, f"\\x{o:02x}") for o in line)
        lines.append("    | " + shown)
    return "\\n\n".join(lines) + ("\n    ..." if len(octets) > most else "")


class Findings:
    def __init__(self, folder):
        self.folder = folder
        self.seen = {}
        os.makedirs(folder, exist_ok=True)

    def add(self, target, program, artifact):
        key = run_once(program, artifact)
        if key is None:
            key = "not seen again: a slow input, or one that needs what ran before it"
        name = f"{target}-" + re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:60]
        if (target, key) in self.seen:
            self.seen[target, key] += 1
            os.remove(artifact)
            return
        self.seen[target, key] = 1
        octets = minimise(program, artifact, key, 20)
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(octets)
        os.remove(artifact)
        say(f"{target}: {key}\n  {os.path.relpath(path, TOP)}, {len(octets)} octet{'s'[:len(octets) != 1]}; again: "
            f"{os.path.relpath(program, TOP)} {os.path.relpath(path, TOP)}\n{readable(octets)}")


# ---- workers ----

class Worker:
    """One process, started again after a finding while time is left."""

    def __init__(self, build, target, seconds, number):
        self.build, self.target, self.number = build, target, number
        self.program = os.path.join(build, "fuzz", "fuzz_" + target)
        self.end = time.monotonic() + seconds
        self.artifacts = os.path.join(build, "artifacts", f"{target}-{number}")
        self.log_path = os.path.join(build, f"fuzz-{target}-{number}.log")
        self.corpus = os.path.join(build, "corpus", target)
        self.executions = self.rate = self.coverage = self.starts = 0
        os.makedirs(self.artifacts, exist_ok=True)
        os.makedirs(self.corpus, exist_ok=True)
        self.start()

    def start(self):
        left = max(1, int(self.end - time.monotonic()))
        self.starts += 1
        seeds = os.path.join(TOP, "corpus", self.target)
        command = [self.program, *OPTIONS, f"-max_total_time={left}", "-timeout=10",
                   "-print_final_stats=1", "-reload=5",
                   f"-artifact_prefix={self.artifacts}/", self.corpus]
        command += [seeds] if os.path.isdir(seeds) else []
        dictionary = os.path.join(TOP, "fuzz", self.target + ".dict")
        command += ["-dict=" + dictionary] if os.path.exists(dictionary) else []
        self.before = self.executions
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT,
                                        env=ENVIRONMENT)

    def look(self):
        with open(self.log_path, "rb") as file:
            file.seek(max(0, os.path.getsize(self.log_path) - 4000))
            tail = file.read().decode("utf-8", "replace")
        for match in re.finditer(r"#(\d+)\s.*?cov: (\d+).*?exec/s: (\d+)", tail):
            self.executions = self.before + int(match.group(1))
            self.coverage, self.rate = int(match.group(2)), int(match.group(3))
        final = re.search(r"number_of_executed_units:\s*(\d+)", tail)
        if final:
            self.executions = self.before + int(final.group(1))

    def poll(self, findings):
        """Whether it is over."""
        self.look()
        if self.process.poll() is None:
            return False
        self.log.close()
        for artifact in sorted(glob.glob(os.path.join(self.artifacts, "*"))):
            findings.add(self.target, self.program, artifact)
        if self.process.returncode != 0 and self.end - time.monotonic() > 5 and self.starts < 20:
            self.start()
            return False
        return True

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


def progress(running, waiting, findings, started):
    shown = ", ".join(f"{w.target} {w.rate}/s cov {w.coverage}" for w in running)
    seconds = int(time.monotonic() - started)
    line = f"{seconds // 60}:{seconds % 60:02}  {shown}  findings {len(findings.seen)}"
    line += f"  waiting {waiting}" if waiting else ""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + line[:150])
        sys.stderr.flush()
    elif seconds % 30 == 0:
        print(line, file=sys.stderr, flush=True)


def run(build, queue, seconds, workers, findings):
    running, started, queue = [], time.monotonic(), list(queue)
    numbers = {}
    try:
        while running or queue:
            while queue and len(running) < workers:
                target = queue.pop(0)
                numbers[target] = numbers.get(target, 0) + 1
                running.append(Worker(build, target, seconds, numbers[target]))
            time.sleep(1)
            for worker in list(running):
                if worker.poll(findings):
                    running.remove(worker)
                    say(f"{worker.target:14} {worker.executions:>10} executions  cov {worker.coverage}")
            progress(running, len(queue), findings, started)
    finally:
        for worker in running:
            worker.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--workers", type=int, default=1, help="processes at a time")
    args = parser.parse_intermixed_args()
    known = targets_of(args.build)
    for target in args.targets:
        if target not in known:
            print(f"no fuzz target {target}; there are: {' '.join(known)}", file=sys.stderr)
            sys.exit(2)
    seconds = args.seconds or (args.minutes or 1) * 60
    queue = args.targets or known
    if len(queue) == 1:
        queue = queue * args.workers
    findings = Findings(os.path.join(args.build, "findings"))
    try:
        run(args.build, queue, seconds, args.workers, findings)
    except KeyboardInterrupt:
        print("\ninterrupted")
    for (target, key), times in findings.seen.items():
        print(f"FINDING {target}: {key} ({times} times)")
    sys.exit(bool(findings.seen))


if __name__ == "__main__":
    main()
