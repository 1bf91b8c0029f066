#include "base/ip.h"

#include "base/octet.h"

bool base_is_ipv4(struct slice text)
{
    size_t at = 0;
    for (unsigned part = 0; part < 4; part++) {
        if (part > 0 && (at == text.len || text.ptr[at++] != '.'))
            return false;
        size_t from = at;
        unsigned value = 0;
        while (at < text.len && at < from + 3 && octet_is(text.ptr[at], OCTET_DIGIT))
            value = 10 * value + (unsigned)(text.ptr[at++] - '0');
        if (at == from || value > 255)
            return false;
    }
    return at == text.len;
}
