#include "script/transcript_text.h"

#include "base/octet.h"
#include "script/transcript_scan.h"

struct slice transcript_next_line(struct slice *rest)
{
    size_t lf = slice_find(*rest, '\n');
    struct slice line = slice_sub(*rest, 0, lf);
    *rest = slice_from(*rest, lf < rest->len ? lf + 1 : lf);
    return line.len > 0 && line.ptr[line.len - 1] == '\r' ? slice_sub(line, 0, line.len - 1) : line;
}

bool transcript_is_of_script(struct slice line)
{
    static const struct slice tags[] = {SLICE_INIT("C!:"), SLICE_INIT("S~:"), SLICE_INIT("S=:"),
                                        SLICE_INIT("C["), SLICE_INIT("S[")};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (slice_starts(line, tags[i]))
            return true;
    return line.len > 1 && line.ptr[0] == '%' && octet_is(line.ptr[1], OCTET_ALPHA);
}

#define SHOWN_ENDINGS 4 /* the first rows: what no program says by itself */

/* Longer ones first. */
static const struct transcript_ending endings[TRANSCRIPT_ENDINGS] = {
    {SLICE_INIT("<CR><LF>"), SLICE_INIT("<CR><LF>")},
    {SLICE_INIT("<CRLF>"), SLICE_INIT("<CRLF>")},
    {SLICE_INIT("[CRLF]"), SLICE_INIT("[CRLF]")},
    {SLICE_INIT("<EOL>"), SLICE_INIT("<EOL>")},
    {SLICE_INIT("\\r\\n"), SLICE_INIT("\\r\\n")},
    {SLICE_INIT("<br />"), SLICE_INIT("<br />")},
    {SLICE_INIT("<br>"), SLICE_INIT("<br>")},
    {SLICE_INIT("^M"), SLICE_INIT("^M")},
    {SLICE_INIT("\\n"), SLICE_INIT("\\n")},
    {SLICE_INIT("\""), SLICE_INIT("[nl]")}, /* hMailServer quotes the column */
    {SLICE_INIT("?"), SLICE_INIT("")},      /* recordio writes a CR so */
    {SLICE_INIT(","), SLICE_INIT("")},      /* Exchange has an empty column behind it */
};

static bool ends(struct slice text, struct slice ending)
{
    return text.len >= ending.len && slice_equal(slice_from(text, text.len - ending.len), ending);
}

bool transcript_text_shows_end(struct slice line)
{
    for (size_t i = 0; i < SHOWN_ENDINGS; i++)
        if (ends(line, endings[i].text))
            return true;
    return false;
}

size_t transcript_text_sign(struct slice line)
{
    struct slice shown = slice_trim(line);
    return transcript_text_shows_end(shown) ? (size_t)(shown.ptr - line.ptr) + shown.len - 1
                                            : line.len;
}

static bool is_quote(uint8_t octet)
{
    return octet == '"' || octet == '\'';
}

static bool begins_quoted(struct slice text)
{
    size_t at = slice_starts(text, SLICE("b"));
    return at < text.len && is_quote(text.ptr[at]);
}

/* What stands behind the last quote. */
static struct slice behind_quote(struct slice text)
{
    size_t from = text.len;
    while (from > 0 && !is_quote(text.ptr[from - 1]))
        from--;
    return slice_from(text, from);
}

void transcript_text_count(struct transcript_text_count *count, struct slice text)
{
    if (begins_quoted(text)) {
        text = behind_quote(text);
        if (text.len == 0)
            return;
    }
    while (text.len > 0 && octet_is(text.ptr[text.len - 1], OCTET_WSP))
        text.len--;
    count->lines++;
    for (size_t i = 0; i < TRANSCRIPT_ENDINGS; i++)
        count->endings[i] += ends(text, endings[i].text);
}

const struct transcript_ending *transcript_text_ending(const struct transcript_text_count *count)
{
    static const struct transcript_ending none = {.text = {NULL, 0}};
    for (size_t i = 0; count->lines > 1 && i < TRANSCRIPT_ENDINGS; i++)
        if (count->endings[i] == count->lines)
            return &endings[i];
    return &none;
}

const struct transcript_ending *transcript_text_crlf(void)
{
    static const struct transcript_ending crlf = {SLICE_INIT("\r\n"), SLICE_INIT("\r\n")};
    return &crlf;
}

const struct transcript_ending *transcript_text_lf(void)
{
    static const struct transcript_ending lf = {SLICE_INIT("\n"), SLICE_INIT("\n")};
    return &lf;
}

struct slice transcript_text_without(struct slice text, const struct transcript_ending *ending)
{
    struct slice bare = text;
    while (bare.len > 0 && octet_is(bare.ptr[bare.len - 1], OCTET_WSP))
        bare.len--;
    if (ending->text.len == 0 || !ends(bare, ending->text))
        return text;
    return slice_sub(bare, 0, bare.len - ending->text.len);
}

size_t transcript_text_find(struct slice text, const struct transcript_ending *ending, bool reply)
{
    struct slice between = ending->between;
    for (size_t at = 0; between.len > 0 && at < text.len; at++) {
        at += slice_find(slice_from(text, at), between.ptr[0]);
        if (at == text.len || !slice_starts(slice_from(text, at), between))
            continue;
        struct slice rest = slice_from(text, at + between.len);
        rest = slice_sub(rest, 0, rest.len < 4 ? rest.len : 4);
        if (!reply || rest.len == 0 || transcript_is_reply(rest))
            return at;
    }
    return text.len;
}

/* ---- quotations ---- */

/* Reads "\xNN" and the like behind a backslash; octets read, 0 where it is none. */
static size_t read_escape(struct slice rest, struct script_buffer *out)
{
    static const struct {
        uint8_t letter, octet;
    } simple[] = {{'r', '\r'}, {'n', '\n'},  {'t', '\t'}, {'\\', '\\'},
                  {'"', '"'},  {'\'', '\''}, {'e', 0x1b}, {'#', '#'}};
    for (size_t i = 0; rest.len > 0 && i < sizeof simple / sizeof *simple; i++)
        if (rest.ptr[0] == simple[i].letter) {
            script_buffer_put_octet(out, simple[i].octet);
            return 1;
        }
    int high = rest.len > 2 ? octet_hex_value(rest.ptr[1]) : -1;
    int low = rest.len > 2 ? octet_hex_value(rest.ptr[2]) : -1;
    if (rest.len < 3 || rest.ptr[0] != 'x' || high < 0 || low < 0)
        return 0;
    script_buffer_put_octet(out, (uint8_t)(high * 16 + low));
    return 3;
}

bool transcript_text_quoted(struct slice text, struct script_buffer *out, size_t *ret_offset)
{
    size_t at = slice_starts(text, SLICE("b"));
    uint8_t quote = text.ptr[at++];
    while (at < text.len && text.ptr[at] != quote) {
        if (text.ptr[at] != '\\') {
            script_buffer_put_octet(out, text.ptr[at++]);
            continue;
        }
        size_t octets = read_escape(slice_from(text, at + 1), out);
        *ret_offset = at;
        if (octets == 0)
            return false;
        at += 1 + octets;
    }
    *ret_offset = at;
    return at < text.len;
}

bool transcript_text_unquote(struct script_arena *arena, struct slice text,
                             struct slice *ret_octets)
{
    struct script_buffer octets = {.arena = arena};
    size_t offset;
    if (!begins_quoted(text) || !transcript_text_quoted(text, &octets, &offset))
        return false;
    *ret_octets = script_buffer_slice(&octets);
    return true;
}
