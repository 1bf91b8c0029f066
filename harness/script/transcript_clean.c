#include "script/transcript_clean.h"

#include "base/octet.h"
#include "base/writer.h"

#define BEL 0x07
#define BS  0x08
#define ESC 0x1b
#define DEL 0x7f

/* Octets of the escape sequence that begins `s`, or 0.
 * ECMA-48 5.4: CSI = ESC "[" *( %x30-3F ) *( %x20-2F ) %x40-7E; xterm: ESC "]" text BEL */
static size_t escape_length(struct slice s)
{
    if (s.len < 2 || s.ptr[0] != ESC)
        return 0;
    size_t at = 2;
    if (s.ptr[1] == ']') {
        at += slice_find(slice_from(s, at), BEL);
        return at < s.len ? at + 1 : 0;
    }
    if (s.ptr[1] != '[')
        return 0;
    while (at < s.len && s.ptr[at] >= 0x20 && s.ptr[at] <= 0x3f)
        at++;
    return at < s.len && s.ptr[at] >= 0x40 && s.ptr[at] <= 0x7e ? at + 1 : 0;
}

/* Takes the last character off: one octet, or a UTF-8 sequence (RFC 3629 3). */
static void erase(struct writer *out)
{
    while (out->len > 0 && (out->ptr[out->len - 1] & 0xc0) == 0x80)
        out->len--;
    if (out->len > 0)
        out->len--;
}

bool transcript_clean_typing(struct script_arena *arena, struct slice text, struct slice *ret_text)
{
    if (slice_find(text, BS) == text.len && slice_find(text, DEL) == text.len &&
        slice_find(text, ESC) == text.len)
        return false;
    struct writer out = writer_of(script_arena_alloc(arena, text.len), text.len);
    bool bel = true; /* an ESC "]" may have one yet */
    bool found = false;
    for (size_t i = 0; i < text.len;) {
        bool osc = text.ptr[i] == ESC && i + 1 < text.len && text.ptr[i + 1] == ']';
        size_t escape = osc && !bel ? 0 : escape_length(slice_from(text, i));
        if (escape > 0) {
            i += escape;
            found = true;
            continue;
        }
        bel = bel && !osc;
        if (text.ptr[i] == BS || text.ptr[i] == DEL) {
            erase(&out);
            found = true;
        } else {
            writer_put_octet(&out, text.ptr[i]);
        }
        i++;
    }
    if (found)
        *ret_text = writer_slice(&out);
    return found;
}

static const struct {
    struct slice shown, meant;
} replacements[] = {
    {SLICE_INIT("\xc2\xa0"), SLICE_INIT(" ")},     /* U+00A0 no-break space */
    {SLICE_INIT("\xe2\x80\xaf"), SLICE_INIT(" ")}, /* U+202F narrow no-break space */
    {SLICE_INIT("\xe2\x80\x8b"), SLICE_INIT("")},  /* U+200B zero width space */
    {SLICE_INIT("\xef\xbb\xbf"), SLICE_INIT("")},  /* U+FEFF byte order mark */
    {SLICE_INIT("&lt;"), SLICE_INIT("<")},         {SLICE_INIT("&gt;"), SLICE_INIT(">")},
    {SLICE_INIT("&amp;"), SLICE_INIT("&")},        {SLICE_INIT("&nbsp;"), SLICE_INIT(" ")},
};

static const struct slice shown_erase[] = {SLICE_INIT("^H"), SLICE_INIT("^?")};

/* "250" followed by U+2013, U+2014 or U+2011 where the server wrote "-" */
static size_t dash_after_code(struct slice text)
{
    static const struct slice dashes[] = {SLICE_INIT("\xe2\x80\x93"), SLICE_INIT("\xe2\x80\x94"),
                                          SLICE_INIT("\xe2\x80\x91")};
    if (text.len < 6 || !octet_is(text.ptr[0], OCTET_DIGIT) ||
        !octet_is(text.ptr[1], OCTET_DIGIT) || !octet_is(text.ptr[2], OCTET_DIGIT))
        return 0;
    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
        if (slice_starts(slice_from(text, 3), dashes[i]))
            return dashes[i].len;
    return 0;
}

/* Writes what stands for the beginning of `rest`; answers how many octets it stands for, or 0. */
static size_t replace(struct slice rest, struct writer *out)
{
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++)
        if (slice_starts(rest, replacements[i].shown)) {
            writer_put(out, replacements[i].meant);
            return replacements[i].shown.len;
        }
    for (size_t i = 0; i < sizeof shown_erase / sizeof *shown_erase; i++)
        if (slice_starts(rest, shown_erase[i])) {
            erase(out);
            return shown_erase[i].len;
        }
    return 0;
}

bool transcript_clean_web(struct script_arena *arena, struct slice text, struct slice *ret_text)
{
    size_t dash = dash_after_code(text);
    bool found = dash > 0;
    for (size_t i = 0; i < text.len && !found; i++)
        found = text.ptr[i] == '&' || text.ptr[i] == '^' || octet_is(text.ptr[i], OCTET_EIGHT_BIT);
    if (!found)
        return false;
    struct writer out = writer_of(script_arena_alloc(arena, text.len), text.len);
    found = dash > 0;
    for (size_t i = 0; i < text.len;) {
        if (dash > 0 && i == 3) {
            writer_put_octet(&out, '-');
            i += dash;
            continue;
        }
        size_t replaced = replace(slice_from(text, i), &out);
        found = found || replaced > 0;
        if (replaced == 0)
            writer_put_octet(&out, text.ptr[i]);
        i += replaced > 0 ? replaced : 1;
    }
    if (found)
        *ret_text = writer_slice(&out);
    return found;
}

size_t transcript_blank_length(struct slice text)
{
    if (text.len > 0 && octet_is(text.ptr[0], OCTET_WSP))
        return 1;
    for (size_t i = 0; i < 4; i++) /* the first rows are the blank ones */
        if (slice_starts(text, replacements[i].shown))
            return replacements[i].shown.len;
    return 0;
}
