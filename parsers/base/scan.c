#include "base/scan.h"

#include "base/scan_way.h"

#define FOUR(x) x, x, x, x
#define EVERY(x)                                                                                   \
    {                                                                                              \
        FOUR(FOUR(x)), FOUR(FOUR(x))                                                               \
    }

const struct scan_vectors scan_vectors = {
    EVERY('\n'), EVERY('\r'), EVERY('\t'), EVERY('!'), EVERY(0x20 + 0x80), EVERY(0x100 - 34),
};

const struct scan_way *scan_way(unsigned n)
{
#ifdef __x86_64__
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    static const struct scan_way *const ways[] = {&scan_avx2, &scan_sse2, &scan_portable};
    n += avx2 ? 0 : 1;
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

bool scan_is_printable(struct slice text)
{
    return scan_way(0)->is_printable(text);
}
