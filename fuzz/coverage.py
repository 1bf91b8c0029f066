#!/usr/bin/env python3
"""What lines and branches of the parsers the checked-in corpora reach, with nothing else run.

usage: fuzz/coverage.py BUILD

BUILD is a build by clang with -fprofile-instr-generate -fcoverage-mapping and the replay driver.
Writes BUILD/coverage/html, prints the table, and lists each line that no input reaches and
fuzz/uncovered.txt gives no reason for, and each that it gives one for without need. Exit: 0 where
98 % of lines and 95 % of branches are reached and just the other lines have their reasons.
"""
import glob
import json
import os
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINES, BRANCHES = 98.0, 95.0


def tool(name):
    for candidate in (name, name + "-14"):
        if shutil.which(candidate):
            return candidate
    sys.exit(f"{name} is missing")


def collect(build, folder):
    programs, raw = [], []
    for program in sorted(glob.glob(os.path.join(build, "fuzz", "fuzz_*"))):
        name = os.path.basename(program)[5:]
        corpus = os.path.join(TOP, "corpus", name)
        if not os.access(program, os.X_OK) or os.path.isdir(program) or not os.path.isdir(corpus):
            continue
        profile = os.path.join(folder, name + ".profraw")
        subprocess.run([program, corpus], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env=dict(os.environ, LLVM_PROFILE_FILE=profile))
        programs.append(program)
        raw.append(profile)
    merged = os.path.join(folder, "all.profdata")
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", *raw, "-o", merged], check=True)
    return programs, merged


def short(path):
    """A compiler may know a file by another path: "parsers/smtp/path.c" is the same for all."""
    return "parsers/" + path.split("parsers/")[-1]


def reasons():
    """(path, line before, line): a line of the file is PATH: LINE BEFORE | LINE  # REASON."""
    known = {}
    with open(os.path.join(TOP, "fuzz", "uncovered.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                place, reason = line.rstrip("\n").split("  # ", 1)
                path, text = place.split(": ", 1)
                before, text = text.split(" | ", 1)
                known[path, before.strip(), text.strip()] = reason
    return known


def uncovered_lines(arguments):
    """path, number, text and the text before it, of lines that were compiled and never run."""
    shown = subprocess.run([tool("llvm-cov"), "show", *arguments, "-show-line-counts=1"],
                           check=True, stdout=subprocess.PIPE).stdout.decode("utf-8", "replace")
    path, before = None, ""
    for line in shown.splitlines():
        if line.endswith(":") and "/parsers/" in line and "|" not in line:
            path, before = short(line[:-1]), ""
            continue
        parts = line.split("|", 2)
        if len(parts) != 3 or not parts[0].strip().isdigit():
            continue
        text = parts[2].strip()
        if parts[1].strip() == "0" and text.strip("{} ;") and not text.startswith("#define"):
            yield path, int(parts[0]), text, before
        before = text or before


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    build = sys.argv[1]
    folder = os.path.join(build, "coverage")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    programs, merged = collect(build, folder)
    objects = [programs[0]] + [f"-object={p}" for p in programs[1:]]
    arguments = [*objects, f"-instr-profile={merged}",
                 "-ignore-filename-regex=/harness/|/fuzz/(laws/)?[a-z_]+[.][ch]$|^/usr/"]
    export = subprocess.run([tool("llvm-cov"), "export", "-summary-only", *arguments],
                            check=True, stdout=subprocess.PIPE)
    data = json.loads(export.stdout)["data"][0]
    print(f"{'file':36} {'lines':>14} {'branches':>16}")
    for file in data["files"]:
        lines, branches = file["summary"]["lines"], file["summary"]["branches"]
        print(f"{short(file['filename']):36} "
              f"{lines['covered']:>5}/{lines['count']:<5} {lines['percent']:6.1f} "
              f"{branches['covered']:>5}/{branches['count']:<5} {branches['percent']:6.1f}")
    total = data["totals"]
    lines, branches = total["lines"]["percent"], total["branches"]["percent"]
    print(f"{'all':36} {'':5} {lines:13.2f} {'':4} {branches:12.2f}")
    subprocess.run([tool("llvm-cov"), "show", "-format=html", f"-output-dir={folder}/html",
                    *arguments], check=True, stdout=subprocess.DEVNULL)
    print(f"{os.path.relpath(folder, TOP)}/html/index.html")

    known, met, wrong = reasons(), set(), 0
    for path, number, text, before in uncovered_lines(arguments):
        if (path, before, text) in known:
            met.add((path, before, text))
            continue
        wrong += 1
        print(f"{path}:{number}: no input reaches: {text}")
    for path, before, text in known.keys() - met:
        wrong += 1
        print(f"fuzz/uncovered.txt: {path}: {before} | {text}: an input reaches it")
    print(f"{len(met)} lines are not reached for the reasons that fuzz/uncovered.txt gives")
    if lines < LINES or branches < BRANCHES or wrong:
        sys.exit(f"lines {lines:.2f} % (at least {LINES}), branches {branches:.2f} % (at least "
                 f"{BRANCHES}), {wrong} lines to be mended")


if __name__ == "__main__":
    main()
