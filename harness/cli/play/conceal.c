#include "cli/play/conceal.h"

#include <openssl/evp.h>

#define MAX_SECRET  256
#define MIN_ENCODED 4 /* characters of base64 that are taken for a secret */

struct needle {
    uint8_t octets[MAX_SECRET * 2];
    size_t len;
};

/* As it is, and in base64 by where it begins in a group of three octets: what it alone decides. */
static size_t needles_of(const char *secret, struct needle needles[4])
{
    static const size_t undecided[] = {0, 2, 3}; /* leading characters */
    uint8_t octets[MAX_SECRET + 2] = {0}, encoded[MAX_SECRET * 2];
    size_t len = strlen(secret), count = 0;
    len = len < MAX_SECRET ? len : MAX_SECRET;
    if (len == 0)
        return 0;
    memcpy(needles[count].octets, secret, len);
    needles[count++].len = len;
    for (size_t shift = 0; shift < 3; shift++) {
        memcpy(octets + shift, secret, len);
        EVP_EncodeBlock(encoded, octets, (int)(shift + len));
        size_t decided = (shift + len) * 8 / 6;
        if (decided < undecided[shift] + MIN_ENCODED)
            continue;
        needles[count].len = decided - undecided[shift];
        memcpy(needles[count].octets, encoded + undecided[shift], needles[count].len);
        count++;
    }
    return count;
}

void conceal(struct buffer *out, struct slice text, const char *secret)
{
    struct needle needles[4];
    size_t count = secret == NULL ? 0 : needles_of(secret, needles), from = 0;
    for (size_t at = 0; at < text.len;) {
        size_t len = 0;
        for (size_t i = 0; i < count && len == 0; i++)
            if (slice_starts(slice_from(text, at), slice_of(needles[i].octets, needles[i].len)))
                len = needles[i].len;
        if (len == 0) {
            at++;
            continue;
        }
        buffer_put(out, slice_sub(text, from, at));
        buffer_put(out, SLICE("****"));
        at += len;
        from = at;
    }
    buffer_put(out, slice_from(text, from));
}
