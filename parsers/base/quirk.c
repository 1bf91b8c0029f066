#include "base/quirk.h"

#include "base/octet.h"
#include "base/scan.h"

static const struct quirk quirks[] = {
    {QUIRK_BARE_LF, "bare-lf", "RFC 5321 2.3.8", "a line ends with LF alone"},
    {QUIRK_BARE_CR, "bare-cr", "RFC 5321 2.3.8", "a CR is not followed by LF"},
    {QUIRK_NUL, "nul", "RFC 5321 4.1.2", "a NUL octet"},
    {QUIRK_CONTROL, "control", "RFC 5321 4.1.2", "a control octet other than HTAB"},
    {QUIRK_EIGHT_BIT, "eight-bit", "RFC 5321 2.4", "an octet above 127"},
    {QUIRK_LONG_LINE, "long-line", "RFC 5321 4.5.3.1", "a line is longer than its limit"},
    {QUIRK_UTF8, "utf8", "RFC 6532 3.2",
     "octets above 127 in a header, all of them well-formed UTF-8"},
};

const struct quirk *base_quirk(unsigned n)
{
    return n < sizeof quirks / sizeof *quirks ? &quirks[n] : NULL;
}

uint64_t base_quirks_of_text(struct slice text)
{
    if (scan_is_printable(text))
        return 0;
    unsigned seen = 0;
    for (size_t i = 0; i < text.len; i++)
        seen |= base_octet_class[text.ptr[i]];
    return (seen & OCTET_NUL ? QUIRK_NUL : 0) | (seen & OCTET_CR ? QUIRK_BARE_CR : 0) |
           (seen & OCTET_CONTROL ? QUIRK_CONTROL : 0) |
           (seen & OCTET_EIGHT_BIT ? QUIRK_EIGHT_BIT : 0);
}
