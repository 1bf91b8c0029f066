#!/bin/bash -eu
# build.sh: what OSS-Fuzz and ClusterFuzzLite run in their builder, and harness/dev fuzz --oss-fuzz in
# a plain folder. Reads $SRC $WORK $OUT $CC $CFLAGS $LIB_FUZZING_ENGINE; leaves in $OUT each target,
# with its seeds as <target>_seed_corpus.zip, its dictionary as <target>.dict and its options.
top=$SRC/maildrill
cmake -S "$top" -B "$WORK/build" -G Ninja -DMAILDRILL_TESTS=OFF -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_C_FLAGS="$CFLAGS" \
    -DCMAKE_EXE_LINKER_FLAGS="${LDFLAGS:-}" -DLIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE"
# Libraries that the base image has not: beside the targets, which look for them there.
copy_libraries() {
    mkdir -p "$OUT/lib"
    ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | grep -E '/lib(ssl|crypto|pcre2-8|jansson|uv|gsasl|idn2|xml2|unistring|icu[a-z]*|lzma|z)\.' |
        while read -r library; do cp -Lf "$library" "$OUT/lib/"; done || true
}

targets=
for source in "$top"/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c)
    # MemorySanitizer wants all code its own: what calls OpenSSL or PCRE2 is left to the others.
    case ${SANITIZER:-address}:$target in
    memory:fuzz_engine | memory:fuzz_server | memory:fuzz_script | memory:fuzz_record | memory:fuzz_format | memory:fuzz_transcript | memory:fuzz_report) continue ;;
    esac
    targets="$targets $target"
done
# shellcheck disable=SC2086
ninja -C "$WORK/build" $targets

for target in $targets; do
    name=${target#fuzz_}
    cp "$WORK/build/fuzz/$target" "$OUT/$target"
    copy_libraries "$OUT/$target"
    [ ! -d "$top/corpus/$name" ] || (cd "$top/corpus/$name" && zip -q -r "$OUT/${target}_seed_corpus.zip" .)
    [ ! -f "$top/fuzz/$name.dict" ] || cp "$top/fuzz/$name.dict" "$OUT/$target.dict"
    printf '[libfuzzer]\nmax_len = 4096\ntimeout = 10\nentropic_feature_frequency_threshold = 10\n' >"$OUT/$target.options"
done
