/*
 * quirk: a departure from the grammar that can still be read, reported and never repaired.
 *
 * A set of quirks is a uint64_t of bits. Bits 0 to 7 are those of a line of octets and mean the
 * same everywhere; a family's own begin at bit 8 (smtp/quirk.h, imf/quirk.h). A strict caller
 * refuses on any bit; a replay of wild transcripts does not.
 */
#ifndef MAILDRILL_BASE_QUIRK_H
#define MAILDRILL_BASE_QUIRK_H

#include "base/slice.h"

#define QUIRK_BARE_LF (UINT64_C(1) << 0) /* line ended by LF alone (RFC 5321 2.3.8) */
#define QUIRK_BARE_CR                                                                              \
    (UINT64_C(1) << 1)                     /* CR not followed by LF inside a line (RFC 5321 2.3.8) \
                                            */
#define QUIRK_NUL       (UINT64_C(1) << 2) /* NUL octet (RFC 5321 4.1.2, RFC 5322 4.1) */
#define QUIRK_CONTROL   (UINT64_C(1) << 3) /* other control octet but HTAB (RFC 5321 4.1.2) */
#define QUIRK_EIGHT_BIT (UINT64_C(1) << 4) /* octet 128-255 (RFC 5321 2.4, RFC 6531) */
#define QUIRK_LONG_LINE (UINT64_C(1) << 5) /* longer than the RFC's limit for such a line */
#define QUIRK_UTF8      (UINT64_C(1) << 6) /* of a header: its octets 128-255 are UTF-8 (RFC 6532) */
#define QUIRK_FAMILY(n) (UINT64_C(1) << (8 + (n)))

struct quirk {
    uint64_t bit;
    const char *name;    /* kebab-case, as printed */
    const char *section; /* "RFC 5321 2.3.8" */
    const char *summary; /* one sentence without its full stop */
};

/** The table entry of bit number `n` of the base quirks, or NULL. */
const struct quirk *base_quirk(unsigned n);

/** The quirks that single octets of `text` (a line without its ending) carry: NUL, CONTROL,
 * BARE_CR, EIGHT_BIT. */
uint64_t base_quirks_of_text(struct slice text);

#endif
