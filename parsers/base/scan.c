#include "base/scan.h"

#include "base/scan_way.h"

#define FOUR(x) x, x, x, x
#define EVERY(x)                                                                                   \
    {                                                                                              \
        FOUR(FOUR(FOUR(x)))                                                                        \
    }

const struct scan_vectors scan_vectors = {
    EVERY('\n'),       EVERY('\r'), EVERY('!'),     EVERY(0x20 + 0x80),
    EVERY(0x100 - 34), EVERY(0xff), EVERY('!' + 1),
};

#define U SCAN_KIND_UNUSUAL
#define W SCAN_KIND_WORD
#define A (SCAN_KIND_WORD | SCAN_KIND_ALNUM)

/* clang-format off */
const uint8_t scan_kinds[128] = {
    U, U, U, U, U, U, U, U, U, 0, 0, U, U, 0, U, U,
    U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U,
    0, W, 0, W, W, W, W, W, 0, 0, W, W, 0, W, W, W,
    A, A, A, A, A, A, A, A, A, A, 0, 0, 0, W, 0, W,
    0, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
    A, A, A, A, A, A, A, A, A, A, A, 0, 0, 0, W, W,
    W, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
    A, A, A, A, A, A, A, A, A, A, A, W, W, W, W, U,
};
/* clang-format on */

const struct scan_way *scan_way(unsigned n)
{
#ifdef __x86_64__
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("bmi2");
    static const struct scan_way *const ways[] = {&scan_avx512, &scan_avx2, &scan_sse2,
                                                  &scan_portable};
    n += avx512 ? 0 : avx2 ? 1 : 2;
#else
    static const struct scan_way *const ways[] = {&scan_portable};
#endif
    return n < sizeof ways / sizeof *ways ? ways[n] : NULL;
}

void scan_fields(struct slice in, struct scan_marks *ret_marks)
{
    scan_way(0)->fields(in, ret_marks);
}

struct scan_line scan_line(struct slice in)
{
    return scan_way(0)->line(in);
}

struct scan_ends scan_ends(struct slice in)
{
    return scan_way(0)->ends(in);
}

void scan_text(struct slice in, struct scan_text *ret_text)
{
    scan_way(0)->text(in, ret_text);
}

struct scan_atoms scan_atoms(struct slice in)
{
    return scan_way(0)->atoms(in);
}

void scan_words(struct slice in, struct scan_words *ret_words)
{
    scan_way(0)->words(in, ret_words);
}

bool scan_is_printable(struct slice text)
{
    return scan_way(0)->is_printable(text);
}
