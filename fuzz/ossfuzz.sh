#!/bin/sh
# ossfuzz: runs fuzz/oss-fuzz/build.sh as OSS-Fuzz would, in a plain folder, and checks what it made.
#
# usage: fuzz/ossfuzz.sh FOLDER [address | undefined | memory]
#
# The checks are those of OSS-Fuzz's bad-build check, as far as they need no container: each target
# starts from any folder, runs its seeds, is instrumented by the engine and by the sanitizer, and has
# its seeds and dictionary beside it, which the engine reads.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?a folder to build in} sanitizer=${2:-address}
fail() {
    printf 'ossfuzz: %s\n' "$*" >&2
    exit 1
}
case $sanitizer in
address) flags='-fsanitize=address -fsanitize-address-use-after-scope' symbol=__asan_init ;;
undefined) flags='-fsanitize=undefined -fno-sanitize-recover=all' symbol=__ubsan_handle ;;
memory) flags='-fsanitize=memory -fsanitize-memory-track-origins' symbol=__msan_init ;;
*) fail "no sanitizer $sanitizer" ;;
esac
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
rm -rf "$folder/out" "$folder/src" "$folder/empty"
mkdir -p "$folder/src" "$folder/out" "$folder/work" "$folder/empty"
ln -s "$top" "$folder/src/maildrill"
export SRC="$folder/src" OUT="$folder/out" WORK="$folder/work"
export CC="${CC:-clang}" CXX="${CXX:-clang++}" SANITIZER="$sanitizer" FUZZING_ENGINE=libfuzzer ARCHITECTURE=x86_64
export CFLAGS="-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION $flags -fsanitize=fuzzer-no-link"
export CXXFLAGS="$CFLAGS" LIB_FUZZING_ENGINE=-fsanitize=fuzzer
bash "$top/fuzz/oss-fuzz/build.sh" >"$folder/build.log" 2>&1 || {
    tail -30 "$folder/build.log"
    fail 'build.sh failed'
}
count=0
for source in "$top"/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c)
    program=$OUT/$target
    case $sanitizer:$target in
    memory:fuzz_engine | memory:fuzz_server | memory:fuzz_script | memory:fuzz_record | memory:fuzz_format | memory:fuzz_transcript | memory:fuzz_report) continue ;;
    esac
    [ -x "$program" ] || fail "$target is not in \$OUT"
    symbols=$(nm "$program")
    case $symbols in *"$symbol"*) ;; *) fail "$target lacks $sanitizer's $symbol" ;; esac
    case $symbols in *__sancov_*) ;; *) fail "$target is not instrumented for coverage" ;; esac
    [ -s "$OUT/${target}_seed_corpus.zip" ] || fail "$target has no seeds"
    [ -s "$OUT/$target.dict" ] || fail "$target has no dictionary"
    rm -rf "$folder/seeds"
    mkdir "$folder/seeds"
    unzip -q "$OUT/${target}_seed_corpus.zip" -d "$folder/seeds"
    (cd "$folder/empty" && "$program" -runs=1 -timeout=25 -dict="$OUT/$target.dict" "$folder/seeds") \
        >"$folder/run.log" 2>&1 || {
        tail -20 "$folder/run.log"
        fail "$target does not run its seeds"
    }
    grep -qE 'cov: [0-9]{2}' "$folder/run.log" || fail "$target reaches nothing with its seeds"
    count=$((count + 1))
done
printf '%d targets, each with seeds and dictionary, with sanitizer %s\n' "$count" "$sanitizer"
