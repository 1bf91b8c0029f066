#!/bin/sh
# layering: proves the layers.   usage: layering.sh includes|symbols|selftest SOURCE BUILD
#   includes  each layer's files include only what it may
#   symbols   the pure archives need only lower layers, mem*, and what their row says
#   selftest  an object that prints, and one that keeps state, are refused
set -eu
check=$1 source=$2 build=$3

# layer: folder: layers whose headers it may include: what else it may call
layers() {
    cat <<'EOF'
base:parsers/base:base:__cpu_model
smtp:parsers/smtp:base smtp:
imf:parsers/imf:base imf:
script:harness/script:base smtp imf script:malloc calloc realloc free abort qsort strlen pcre2_
engine:harness/engine:base smtp imf script engine:malloc calloc realloc free abort strlen pcre2_ EVP_EncodeBlock EVP_DecodeBlock
report:harness/report:base smtp imf script engine report:strlen malloc calloc realloc free abort json_ xml
server:harness/server:base smtp imf server:malloc calloc realloc free abort strlen strchr EVP_ HMAC PKCS5_PBKDF2_HMAC CRYPTO_memcmp
campaign:harness/campaign:base smtp campaign:strlen
net:harness/net:net:*
EOF
}

includes() {
    wrong=0
    files=0
    while IFS=: read -r layer folder allowed _; do
        for file in "$source/$folder"/*.[ch]; do
            files=$((files + 1))
            for family in $(sed -n 's|^#include "\([a-z0-9]*\)/.*|\1|p' "$file"); do
                case " $allowed " in
                *" $family "*) ;;
                *)
                    echo "$file: layer $layer may not include $family/"
                    wrong=1
                    ;;
                esac
            done
        done
    done <<EOF
$(layers)
EOF
    echo "$files files"
    [ "$files" -gt 0 ] && [ "$wrong" -eq 0 ]
}

# What any archive may refer to: memory functions, and what compilers and sanitizers put in.
always='^(mem(cpy|move|cmp|chr|set)|bcmp|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__(asan|ubsan|sanitizer|sancov|lsan)_.*|_?_?start___sancov.*|_?_?stop___sancov.*|__memcpy_chk|__memmove_chk|__memset_chk)$'

# symbols_of ARCHIVE ALLOWED...: the undefined symbols that no row allows
strange_symbols() {
    archive=$1
    shift
    pattern=$always
    for prefix in "$@"; do
        pattern="$pattern|^$prefix"
    done
    nm "$archive" | awk '$1 == "U" { print $2 }' | sort -u >"$work/undefined"
    cat "$work/defined" >"$work/known"
    nm "$archive" | awk 'NF == 3 { print $3 }' >>"$work/known"
    sort -u "$work/known" -o "$work/known"
    comm -23 "$work/undefined" "$work/known" | grep -vE "$pattern" || true
}

# Writable data: a global that could carry something from one call to the next.
state_of() {
    objdump -t "$1" | awk 'NF > 4 && $(NF-2) ~ /^\.(data|bss|tdata|tbss)(\..*)?$/ && $(NF-2) !~ /\.rel\.ro/ &&
        / O / && $NF !~ /asan|ubsan|sancov|sanitizer|^__unnamed_/ { print $NF }'
}

check_archive() { # LAYER ARCHIVE ALLOWED...
    name=$1 archive=$2
    shift 2
    bad=$(strange_symbols "$archive" "$@")
    [ -z "$bad" ] || echo "$name needs: $bad"
    kept=
    case $name in base | smtp | imf) kept=$(state_of "$archive") ;; esac
    [ -z "$kept" ] || echo "$name keeps state: $kept"
    [ -z "$bad$kept" ]
}

symbols() {
    wrong=0
    archives=0
    : >"$work/defined"
    while IFS=: read -r layer _ _ calls; do
        [ "$layer" != net ] || continue
        archive=$build/libmaildrill-$layer.a
        archives=$((archives + 1))
        # shellcheck disable=SC2086
        check_archive "$layer" "$archive" $calls || wrong=1
        nm "$archive" | awk 'NF == 3 && $2 ~ /^[TRDBV]$/ { print $3 }' >>"$work/defined"
    done <<EOF
$(layers)
EOF
    echo "$archives archives"
    [ "$archives" -gt 0 ] && [ "$wrong" -eq 0 ]
}

selftest() {
    : >"$work/defined"
    printf '#include <stdio.h>\nvoid f(void);\nvoid f(void) { puts("x"); }\n' >"$work/prints.c"
    printf 'int f(void);\nstatic int n;\nint f(void) { return ++n; }\n' >"$work/keeps.c"
    printf 'int f(int x);\nint f(int x) { return x + 1; }\n' >"$work/pure.c"
    for program in prints keeps pure; do
        "${CC:-cc}" -c "$work/$program.c" -o "$work/$program.o"
        ar rc "$work/$program.a" "$work/$program.o"
    done
    check_archive base "$work/pure.a" || return 1
    ! check_archive base "$work/prints.a" && ! check_archive base "$work/keeps.a"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$check"
