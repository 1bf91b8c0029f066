#!/bin/sh
# test_example: the commands of README.md build the example, which finds what is wrong in its parser.
#
# usage: fuzz/test_example.sh, behind a build of build/fuzz
set -eu
cd "$(dirname "$0")/.."
commands=$(sed -n 's/^    \(clang .*\)/\1/p' fuzz/README.md)
[ -n "$commands" ] || { echo 'README.md has no example any more' >&2; exit 1; }
sh -c "$commands"
rm -rf build/example-work
mkdir -p build/example-work
if build/example -runs=1000000 -seed=1 -dict=fuzz/command.dict -artifact_prefix=build/example- \
    build/example-work corpus/command >build/example.log 2>&1; then
    echo 'the example finds nothing' >&2
    exit 1
fi
grep -q 'law broken: a mailbox that is taken is one of RFC 5321' build/example.log || { tail -20 build/example.log; exit 1; }
echo 'the example of fuzz/README.md finds what is wrong in its parser'

# What a target of C++ includes is C++, too.
sed 's/^#include "custom.h"/extern "C" {\n&/; s/^#include "grammar.h"/&\n}/' fuzz/example.c >build/example.cc
clang++ -std=c++20 -Ifuzz -Iparsers -fsyntax-only build/example.cc
echo 'the headers that it includes are those of C++, too'
