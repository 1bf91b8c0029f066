#!/usr/bin/env python3
"""scenario.editors: what editors get. usage: editors.py MAILDRILL SOURCE_FOLDER

check --json in the form that scenarios/editors/README.md documents; the files of VS Code are JSON
and their patterns name what they should; Vim (where it is installed) gives each part its colour and
finds mistakes with :make."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from checks import check, finish

maildrill, source = sys.argv[1:3]
editors = os.path.join(source, "scenarios", "editors")


def run(*words, text=""):
    return subprocess.run([maildrill, *words], input=text, capture_output=True, text=True, timeout=60)


SCRIPT = """# a comment
%test "a title" rfc=5321#3.1 level=MUST
S: 220
C: EHLO ${client}
S: 250 | warn 4xx
C!: NOOP\\r\\n
S~: ^250
C: DATA
S: 354
%data <<END
%test no directive
END
%quiet 1s
"""

# file, line, column of the manual's members
got = run("check", "--json", "-", text="S: 220\n%tsl\nS: 250 5.1.1 x\nC: a \\r\n")
objects = [json.loads(line) for line in got.stdout.splitlines()]
check("check --json ends with 3 and says nothing else", got.returncode == 3 and got.stderr == "")
check("each object has the members that are documented",
      [sorted(o) for o in objects] == [["column", "end", "file", "line", "message", "rfc", "severity", "topic"]] * 3)
check("each mistake has its place",
      [(o["file"], o["line"], o["column"], o["end"], o["severity"], o["rfc"]) for o in objects] ==
      [("-", 2, 1, 5, "error", None), ("-", 3, 8, 13, "warning", "2034#4"), ("-", 4, 6, 8, "warning", None)], objects)
for o in objects:
    check("the manual has the topic " + o["topic"], run("help", o["topic"]).returncode == 0)
got = run("check", "--json", "-", text=SCRIPT)
check("no mistake, no object", (got.returncode, got.stdout) == (0, ""), got)
got = run("check", "--json", "-", text="S: 220\nC: \udcff\udcfe ${x\n".encode("utf-8", "surrogateescape").decode("latin-1"))
check("octets that are no ASCII", json.loads(got.stdout.splitlines()[0])["line"] == 2)

# VS Code
package = json.load(open(os.path.join(editors, "vscode", "package.json")))
matcher = package["contributes"]["problemMatchers"][0]["pattern"]
with tempfile.TemporaryDirectory() as work:
    path = os.path.join(work, "a.smtp")
    with open(path, "w") as out:
        out.write("S: 220\n%tsl\n")
    lines = run("check", path).stderr.splitlines()
found = [m for m in (re.match(matcher["regexp"], line) for line in lines) if m]
check("the problem matcher finds the mistake",
      len(found) == 1 and found[0].group(1) == path and found[0].groups()[1:4] == ("2", "1", "error"), lines)
for kind in ("languages", "grammars"):
    for entry in package["contributes"][kind]:
        name = entry.get("configuration") or entry["path"]
        json.load(open(os.path.join(editors, "vscode", name)))
grammar = json.load(open(os.path.join(editors, "vscode", "syntaxes", "maildrill.tmLanguage.json")))
named = {"keyword.control": 0, "keyword.other.client": 0, "storage.type.server": 0}
inside = None
for line in SCRIPT.splitlines():
    for pattern in grammar["patterns"]:
        m = re.search(pattern.get("match") or pattern["begin"], line)
        if inside is None and m and pattern.get("captures"):
            scope = pattern["captures"]["1"]["name"].rsplit(".", 1)[0]
            named[scope] += 1
            break
        if inside is None and m and "begin" in pattern:
            inside = pattern["end"].replace("\\2", re.escape(m.group(2)))
            named["keyword.control"] += 1
            break
    else:
        if inside and re.search(inside, line):
            inside = None
check("the grammar's patterns match the lines that they are for",
      named == {"keyword.control": 3, "keyword.other.client": 3, "storage.type.server": 4}, named)

# Vim
vim = shutil.which("vim") or shutil.which("vim.basic") or shutil.which("vim.tiny")
has_syntax = vim and "+syntax" in subprocess.run([vim, "--version"], capture_output=True, text=True).stdout
if has_syntax:
    PLACES = [(1, 3, "Comment"), (2, 1, "Directive"), (2, 9, "String"), (2, 18, "Attribute"), (3, 1, "Server"),
              (3, 4, "Code"), (4, 1, "Client"), (4, 9, "Variable"), (5, 10, "Verdict"), (6, 1, "OctetsTag"),
              (6, 9, "Escape"), (7, 5, "Exact"), (10, 1, "Directive"), (11, 1, "Message"), (13, 1, "Directive")]
    with tempfile.TemporaryDirectory() as work:
        path, out = os.path.join(work, "a.smtp"), os.path.join(work, "out")
        with open(path, "w") as file:
            file.write(SCRIPT)
        with open(os.path.join(work, "bad.smtp"), "w") as file:
            file.write("S: 220\n%tsl\n")
        commands = os.path.join(work, "commands.vim")
        with open(commands, "w") as file:
            file.write("set nocompatible\nset runtimepath^=%s/vim\nfiletype on\nsyntax enable\nedit %s\n" % (editors, path))
            file.write("let got = [&filetype]\n")
            for line, column, _ in PLACES:
                file.write("call add(got, synIDattr(synID(%d, %d, 1), 'name'))\n" % (line, column))
            file.write("edit %s/bad.smtp\ncompiler maildrill\n" % work)
            file.write("silent! make! %\n")
            file.write("for q in filter(getqflist(), 'v:val.valid')\n")
            file.write("call add(got, q.lnum . ':' . q.col . ':' . q.type)\nendfor\n")
            file.write("call writefile(got, '%s')\nqall!\n" % out)
        environment = dict(os.environ, PATH=os.path.dirname(maildrill) + ":" + os.environ["PATH"], HOME=work)
        subprocess.run([vim, "-N", "-u", "NONE", "-i", "NONE", "-es", "-S", commands], env=environment,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        got = open(out).read().split("\n")[:-1] if os.path.exists(out) else []
    expected = ["maildrill"] + ["maildrill" + name for _, _, name in PLACES] + ["2:1:e"]
    check("Vim's colours and quickfix list", got == expected, f"got      {got}\nexpected {expected}")
else:
    print("Vim with syntax is not installed: its file was not tried")

finish()
