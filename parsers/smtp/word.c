#include "smtp/word.h"

#include "base/octet.h"
#include "base/utf8.h"
#include "smtp/quirk.h"

uint64_t smtp_word_skip_space(struct slice *rest)
{
    size_t len = 0;
    while (len < rest->len && octet_is(rest->ptr[len], OCTET_WSP))
        len++;
    bool single = len == 1 && rest->ptr[0] == ' ';
    *rest = slice_from(*rest, len);
    return len == 0 || single ? 0 : SMTP_QUIRK_EXTRA_SPACE;
}

struct slice smtp_word_take(struct slice *rest)
{
    size_t len = 0;
    while (len < rest->len && !octet_is(rest->ptr[len], OCTET_WSP))
        len++;
    struct slice word = slice_sub(*rest, 0, len);
    *rest = slice_from(*rest, len);
    return word;
}

bool smtp_word_is_utf8(struct slice text)
{
    while (text.len > 0) {
        size_t len = base_utf8_sequence(text);
        if (len == 0)
            return false;
        text = slice_from(text, len);
    }
    return true;
}
