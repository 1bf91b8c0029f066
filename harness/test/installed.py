#!/usr/bin/env python3
"""scenario.installed: what cmake --install brings can be used: the program finds its suites and manual, and the example
of parsers/README.md is built with the package of CMake and with that of pkg-config, by the flags of a strict project;
and with the sources, taken in by another project; and as C++.
usage: installed.py MAILDRILL SOURCE_FOLDER"""
import os
import re
import subprocess
import sys
import tempfile

from checks import check, finish

maildrill, source = sys.argv[1:3]

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(reader LANGUAGES C)
%s
add_executable(reader reader.c)
target_link_libraries(reader PRIVATE maildrill::maildrill-smtp)
"""
SAYS = [(b"220 a\r\n250-b\r\n250 c\r\n", 0, "220, lines: 1\n250, lines: 2\n"),
        (b"220 a\r\n250-b\r\n", 1, "220, lines: 1\noctet 0: unfinished\n"),
        (b"2x0 a\r\n", 1, "octet 1: ")]


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def run(*words, **more):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, **more)


def built(what, *words, **more):
    done = run(*words, **more)
    check(what, done.returncode == 0, done.stdout.decode("utf-8", "replace"))


def reads(what, program):
    for octets, code, text in SAYS:
        done = run(program, input=octets)
        check("%s reads %r" % (what, octets), done.returncode == code and done.stdout.decode().startswith(text),
              done.stdout.decode("utf-8", "replace"))


with open(os.path.join(source, "parsers", "README.md"), encoding="utf-8") as file:
    example = re.search(r"```c\n(.*?)```", file.read(), re.DOTALL).group(1)
with tempfile.TemporaryDirectory() as folder:
    place = os.path.join(folder, "place")
    built("it is installed", "cmake", "--install", os.path.dirname(maildrill), "--prefix", place)
    write(os.path.join(folder, "reader.c"), example)
    for what, line in (("the package", "find_package(maildrill REQUIRED)"),
                       ("the sources", 'add_subdirectory("%s" maildrill)' % os.path.abspath(source))):
        write(os.path.join(folder, "CMakeLists.txt"), PROJECT % line)
        build = os.path.join(folder, what)
        built("CMake finds " + what, "cmake", "-S", folder, "-B", build, "-DCMAKE_PREFIX_PATH=" + place)
        built("CMake builds the example with " + what, "cmake", "--build", build)
        reads("with %s, it" % what, os.path.join(build, "reader"))
        check("%s: nothing else is built" % what, not os.path.exists(os.path.join(build, "maildrill", "maildrill")))
    modules = {**os.environ, "PKG_CONFIG_PATH": os.path.join(place, "lib", "pkgconfig")}
    for machine in os.listdir(os.path.join(place, "lib")):
        modules["PKG_CONFIG_PATH"] += ":" + os.path.join(place, "lib", machine, "pkgconfig")
    built("pkg-config builds the example", "sh", "-c", "cc -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror "
          "reader.c -o reader $(pkg-config --cflags --libs maildrill)", cwd=folder, env=modules)
    reads("by pkg-config, it", os.path.join(folder, "reader"))
    headers = sorted(os.path.relpath(os.path.join(at, name), os.path.join(place, "include", "maildrill"))
                     for at, _, names in os.walk(os.path.join(place, "include", "maildrill")) for name in names)
    check("headers are installed", len(headers) > 30, str(headers))
    write(os.path.join(folder, "reader.cc"), 'extern "C" {\n%s}\n%s' % (
        "".join("#include <%s>\n" % name for name in headers if name != "base/scan_blocks.h"), example))
    built("a compiler of C++ takes all headers and the example", "sh", "-c", "clang++ -std=c++20 -Wall -Werror "
          "reader.cc -o reader-of-c++ $(pkg-config --cflags --libs maildrill)", cwd=folder, env=modules)
    reads("as C++, it", os.path.join(folder, "reader-of-c++"))
    program = os.path.join(place, "bin", "maildrill")
    for words in (["--version"], ["conform", "--list", "--rfc", "5321#4.1.1.1"]):
        done = run(program, *words, cwd=folder)
        check("installed, %s" % " ".join(words), done.returncode == 0 and done.stdout, done.stdout.decode())
finish()
