#include "imf/token.h"

#include "base/quirk.h"
#include "imf/quirk.h"

#define TEXT (OCTET_ATEXT | OCTET_EIGHT_BIT)

/* FWS     = ([*WSP CRLF] 1*WSP) / obs-FWS   ; a line ending that no white space follows: BARE_FOLD
 * obs-FWS = 1*WSP *(CRLF 1*WSP)             ; a line of white space only: EMPTY_FOLD */
void imf_skip_fws(struct imf_cursor *c)
{
    unsigned folds = 0;
    while (imf_at(c, OCTET_WSP | OCTET_CR | OCTET_LF)) {
        bool ending = imf_at(c, OCTET_LF);
        c->at++;
        if (ending && !imf_at(c, OCTET_WSP))
            c->quirks |= IMF_QUIRK_BARE_FOLD;
        else if (ending && folds++ > 0)
            c->quirks |= IMF_QUIRK_EMPTY_FOLD;
    }
}

/* The octet behind a backslash belongs to it, whatever it is: obs-qp = "\" ( NUL / ... / LF / CR )
 */
static void skip_quoted_pair(struct imf_cursor *c)
{
    c->at++;
    if (imf_at(c, OCTET_NUL | OCTET_CONTROL | OCTET_CR | OCTET_LF))
        c->quirks |= IMF_QUIRK_OBS_TEXT;
    c->at += c->at < c->in.len;
}

/* Passes an octet that stands between two delimiters. */
static void skip_content(struct imf_cursor *c)
{
    if (imf_peek(c) == '\\') {
        skip_quoted_pair(c);
        return;
    }
    if (imf_at(c, OCTET_NUL | OCTET_CONTROL))
        c->quirks |= IMF_QUIRK_OBS_TEXT;
    c->at++;
}

struct slice imf_take_comment(struct imf_cursor *c)
{
    size_t from = c->at, depth = 0;
    do {
        if (imf_peek(c) < 0) {
            c->quirks |= IMF_QUIRK_UNCLOSED_COMMENT;
            c->comment = slice_sub(c->in, from + 1, c->at);
            return slice_sub(c->in, from, c->at);
        }
        depth += imf_peek(c) == '(';
        depth -= imf_peek(c) == ')';
        skip_content(c);
    } while (depth > 0);
    c->comment = slice_sub(c->in, from + 1, c->at - 1);
    return slice_sub(c->in, from, c->at);
}

bool imf_skip_cfws(struct imf_cursor *c)
{
    size_t from = c->at;
    imf_skip_fws(c);
    while (imf_peek(c) == '(') {
        imf_take_comment(c);
        imf_skip_fws(c);
    }
    return c->at > from;
}

struct slice imf_take_atom(struct imf_cursor *c)
{
    size_t from = c->at;
    while (imf_at(c, TEXT))
        c->at++;
    return slice_sub(c->in, from, c->at);
}

/* From an opening delimiter to the closing one; where that is missing, to the end: `unclosed`. */
static struct slice take_delimited(struct imf_cursor *c, uint8_t close, uint64_t unclosed)
{
    size_t from = c->at++;
    while (imf_peek(c) >= 0 && imf_peek(c) != close)
        skip_content(c);
    if (!imf_take(c, close))
        c->quirks |= unclosed;
    return slice_sub(c->in, from, c->at);
}

struct slice imf_take_quoted(struct imf_cursor *c)
{
    return take_delimited(c, '"', IMF_QUIRK_UNCLOSED_QUOTE);
}

/* domain-literal = "[" *([FWS] dtext) [FWS] "]"; dtext = %d33-90 / %d94-126 / obs-dtext
 * obs-dtext      = obs-NO-WS-CTL / quoted-pair                       ; RFC 5322 3.4.1, 4.4 */
struct slice imf_take_literal(struct imf_cursor *c)
{
    struct slice literal = take_delimited(c, ']', IMF_QUIRK_UNCLOSED_LITERAL);
    if (slice_find(literal, '\\') < literal.len)
        c->quirks |= IMF_QUIRK_OBS_TEXT;
    return literal;
}

bool imf_literal_nests(struct slice literal)
{
    bool nests = false;
    for (size_t i = 1; i < literal.len; i++) {
        nests |= literal.ptr[i] == '[';
        i += literal.ptr[i] == '\\';
    }
    return nests;
}

static void write_plain(struct slice text, bool quotes_are_text, struct writer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        bool crlf = octet == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n';
        if (crlf || octet == '\n' || (octet == '"' && !quotes_are_text))
            continue;
        if (octet == '\\' && ++i == text.len)
            return;
        writer_put_octet(out, text.ptr[i]);
    }
}

void imf_unquote(struct slice text, struct writer *out)
{
    write_plain(text, false, out);
}

void imf_unescape(struct slice text, struct writer *out)
{
    write_plain(text, true, out);
}
