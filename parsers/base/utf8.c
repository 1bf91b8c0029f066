#include "base/utf8.h"

/*
 * RFC 3629 4: the second octet's range depends on the first; every later one is 80-BF.
 *   UTF8-2 = %xC2-DF UTF8-tail
 *   UTF8-3 = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2( UTF8-tail ) / %xED %x80-9F UTF8-tail / ...
 *   UTF8-4 = %xF0 %x90-BF 2( UTF8-tail ) / %xF1-F3 3( UTF8-tail ) / %xF4 %x80-8F 2( UTF8-tail )
 */
static const struct {
    uint8_t first_low, first_high, second_low, second_high, length;
} forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

size_t base_utf8_sequence(struct slice in)
{
    if (in.len == 0)
        return 0;
    if (in.ptr[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (in.ptr[0] < forms[i].first_low || in.ptr[0] > forms[i].first_high)
            continue;
        if (in.len < forms[i].length || in.ptr[1] < forms[i].second_low ||
            in.ptr[1] > forms[i].second_high)
            return 0;
        for (size_t at = 2; at < forms[i].length; at++)
            if (in.ptr[at] < 0x80 || in.ptr[at] > 0xBF)
                return 0;
        return forms[i].length;
    }
    return 0;
}
