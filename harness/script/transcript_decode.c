#include "script/transcript_decode.h"

#include "base/octet.h"
#include "script/transcript_dump.h"
#include "script/transcript_echo.h"
#include "script/transcript_headings.h"
#include "script/transcript_json.h"
#include "script/transcript_log.h"
#include "script/transcript_packets.h"
#include "script/transcript_patterns.h"
#include "script/transcript_scan.h"
#include "script/transcript_text.h"

static void done(struct transcript_decoded *d, const struct script_buffer *out, const char *note)
{
    d->source = script_buffer_slice(out);
    d->notes[d->note_count++] = note;
}

/* ---- UTF-16 ---- */

/* RFC 3629 3 */
static void put_utf8(struct script_buffer *out, uint32_t c)
{
    if (c < 0x80) {
        script_buffer_put_octet(out, (uint8_t)c);
        return;
    }
    if (c < 0x800) {
        script_buffer_put_octet(out, (uint8_t)(0xC0 | c >> 6));
    } else {
        if (c < 0x10000) {
            script_buffer_put_octet(out, (uint8_t)(0xE0 | c >> 12));
        } else {
            script_buffer_put_octet(out, (uint8_t)(0xF0 | c >> 18));
            script_buffer_put_octet(out, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
        }
        script_buffer_put_octet(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
    }
    script_buffer_put_octet(out, (uint8_t)(0x80 | (c & 0x3F)));
}

static uint32_t unit_at(struct slice s, size_t at, bool big)
{
    return big ? (uint32_t)s.ptr[at] << 8 | s.ptr[at + 1]
               : (uint32_t)s.ptr[at + 1] << 8 | s.ptr[at];
}

/* A byte order mark, or two characters of ASCII that begin the document. */
static bool is_utf16(struct slice s, bool *ret_big)
{
    if (s.len < 4)
        return false;
    bool big = (s.ptr[0] == 0xFE && s.ptr[1] == 0xFF) ||
               (s.ptr[0] == 0 && s.ptr[2] == 0 && s.ptr[1] > 0 && s.ptr[3] > 0);
    bool little = (s.ptr[0] == 0xFF && s.ptr[1] == 0xFE) ||
                  (s.ptr[1] == 0 && s.ptr[3] == 0 && s.ptr[0] > 0 && s.ptr[2] > 0);
    *ret_big = big;
    return big || little;
}

/* RFC 2781 2.2; half a pair is U+FFFD. */
static void undo_utf16(struct script_arena *arena, struct transcript_decoded *d)
{
    struct slice s = d->source;
    bool big;
    if (!is_utf16(s, &big))
        return;
    struct script_buffer out = {.arena = arena};
    size_t at = unit_at(s, 0, big) == 0xFEFF ? 2 : 0;
    for (; at + 1 < s.len; at += 2) {
        uint32_t c = unit_at(s, at, big);
        uint32_t low = at + 3 < s.len ? unit_at(s, at + 2, big) : 0;
        if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            at += 2;
        }
        put_utf8(&out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
    }
    if (at < s.len) /* half a unit */
        put_utf8(&out, 0xFFFD);
    done(d, &out, "the transcript is UTF-16: read as UTF-8");
}

/* ---- ends of lines ---- */

static void undo_cr(struct script_arena *arena, struct transcript_decoded *d)
{
    struct slice s = d->source;
    size_t first = slice_find(s, '\r');
    if (first == s.len || slice_find(s, '\n') < s.len ||
        first + 1 + slice_find(slice_from(s, first + 1), '\r') >= s.len)
        return;
    struct script_buffer out = {.arena = arena};
    for (size_t i = 0; i < s.len; i++)
        script_buffer_put_octet(&out, s.ptr[i] == '\r' ? '\n' : s.ptr[i]);
    done(d, &out, "the lines of the transcript end with CR alone: read as ends of lines");
}

/* ---- quotations ---- */

/* Lines that begin with ">", as mails quote; of those that are not blank. */
static size_t count_quoted(struct slice source, size_t *ret_lines)
{
    size_t quoted = 0;
    *ret_lines = 0;
    for (struct slice rest = source; rest.len > 0;) {
        struct slice line = slice_trim(transcript_next_line(&rest));
        *ret_lines += line.len > 0;
        quoted += line.len > 0 && line.ptr[0] == '>';
    }
    return quoted;
}

static struct slice strip_quotation(struct slice line)
{
    struct slice text = slice_trim(line);
    if (text.len == 0 || text.ptr[0] != '>')
        return line;
    text = slice_from(line, (size_t)(text.ptr - line.ptr) + 1); /* a mark may end with a blank */
    return text.len > 0 && text.ptr[0] == ' ' ? slice_from(text, 1) : text;
}

static struct slice strip_quotations(struct script_arena *arena, struct slice source)
{
    struct script_buffer out = {.arena = arena};
    for (struct slice rest = source; rest.len > 0;) {
        script_buffer_put(&out, strip_quotation(transcript_next_line(&rest)));
        script_buffer_put_octet(&out, '\n');
    }
    return script_buffer_slice(&out);
}

static bool is_known_log(struct script_arena *arena, struct slice source)
{
    struct transcript_log log;
    return transcript_log_scan(arena, source, &log) && log.mistake == NULL;
}

#define MAX_QUOTATIONS 8 /* in each other */

/* All of it; or the part of a letter or a page that is the log of a known program without them. */
static void undo_quotations(struct script_arena *arena, struct transcript_decoded *d)
{
    for (size_t i = 0; i < MAX_QUOTATIONS; i++) {
        size_t lines, quoted = count_quoted(d->source, &lines);
        if (quoted == 0)
            return;
        struct slice stripped = strip_quotations(arena, d->source);
        if (quoted == lines || (quoted > 2 && is_known_log(arena, stripped)))
            d->source = stripped;
        else
            return;
    }
}

/* ---- web pages ---- */

static const struct {
    struct slice shown, meant;
} entities[] = {
    {SLICE_INIT("&lt;"), SLICE_INIT("<")},   {SLICE_INIT("&gt;"), SLICE_INIT(">")},
    {SLICE_INIT("&amp;"), SLICE_INIT("&")},  {SLICE_INIT("&quot;"), SLICE_INIT("\"")},
    {SLICE_INIT("&#039;"), SLICE_INIT("'")}, {SLICE_INIT("&#39;"), SLICE_INIT("'")},
    {SLICE_INIT("&apos;"), SLICE_INIT("'")}, {SLICE_INIT("&nbsp;"), SLICE_INIT(" ")},
    {SLICE_INIT("&#60;"), SLICE_INIT("<")},  {SLICE_INIT("&#62;"), SLICE_INIT(">")},
    {SLICE_INIT("&#34;"), SLICE_INIT("\"")},
};

/* A page's own tags, which stand in what was copied from its source. */
static bool is_tag(struct slice rest)
{
    static const struct slice tags[] = {
        SLICE_INIT("<br"),    SLICE_INIT("<pre"), SLICE_INIT("</pre"), SLICE_INIT("<code"),
        SLICE_INIT("</code"), SLICE_INIT("<p>"),  SLICE_INIT("</p>")};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (slice_starts_nocase(rest, tags[i]))
            return true;
    return false;
}

/* A session that a program wrote has "<" of its own: then what is escaped stands in a message. */
static bool is_page(struct slice s)
{
    bool escaped = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '<' && !is_tag(slice_from(s, i)))
            return false;
        escaped = escaped || (s.ptr[i] == '&' && slice_starts(slice_from(s, i), SLICE("&lt;")));
    }
    return escaped;
}

static void undo_entities(struct script_arena *arena, struct transcript_decoded *d)
{
    struct slice s = d->source;
    if (!is_page(s))
        return;
    struct script_buffer out = {.arena = arena};
    for (size_t at = 0; at < s.len;) {
        size_t i = 0;
        while (s.ptr[at] == '&' && i < sizeof entities / sizeof *entities &&
               !slice_starts(slice_from(s, at), entities[i].shown))
            i++;
        if (s.ptr[at] == '&' && i < sizeof entities / sizeof *entities) {
            script_buffer_put(&out, entities[i].meant);
            at += entities[i].shown.len;
        } else {
            script_buffer_put_octet(&out, s.ptr[at++]);
        }
    }
    done(d, &out, "a web page's text: &lt; and its like stand for what they show");
}

/* ---- Markdown ---- */

/* "3. " or "- " of a list, before something that is emphasised or a span of code */
static struct slice without_bullet(struct slice line)
{
    size_t len = 0;
    while (len < line.len && octet_is(line.ptr[len], OCTET_DIGIT))
        len++;
    bool number = len > 0 && slice_starts(slice_from(line, len), SLICE(". "));
    bool bullet = slice_starts(line, SLICE("- ")) || slice_starts(line, SLICE("* "));
    struct slice rest = slice_trim(slice_from(line, number ? len + 2 : bullet ? 2 : 0));
    return slice_starts(rest, SLICE("`")) || slice_starts(rest, SLICE("**")) ? rest : line;
}

/* Whether all of the line is marked as what was typed: "**EHLO me**". */
static bool is_emphasised(struct slice line, struct slice *ret_text)
{
    static const struct {
        struct slice begin, end;
    } pairs[] = {
        {SLICE_INIT("**"), SLICE_INIT("**")},
        {SLICE_INIT("__"), SLICE_INIT("__")},
        {SLICE_INIT("<b>"), SLICE_INIT("</b>")},
        {SLICE_INIT("<strong>"), SLICE_INIT("</strong>")},
        {SLICE_INIT("<i>"), SLICE_INIT("</i>")},
        {SLICE_INIT("<em>"), SLICE_INIT("</em>")},
        {SLICE_INIT("<kbd>"), SLICE_INIT("</kbd>")},
        {SLICE_INIT("<code>"), SLICE_INIT("</code>")},
        {SLICE_INIT("[b]"), SLICE_INIT("[/b]")},
        {SLICE_INIT("[i]"), SLICE_INIT("[/i]")},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t marks = pairs[i].begin.len + pairs[i].end.len;
        if (line.len <= marks || !slice_starts_nocase(line, pairs[i].begin) ||
            !slice_equal_nocase(slice_from(line, line.len - pairs[i].end.len), pairs[i].end))
            continue;
        *ret_text = slice_sub(line, pairs[i].begin.len, line.len - pairs[i].end.len);
        return !slice_holds(*ret_text, pairs[i].end);
    }
    return false;
}

/* Whether the line is a span of code, or bold: "`EHLO me`", "1. **C:** `EHLO me`", "**EHLO me**";
 * then what it shows. */
static bool is_code(struct slice line, struct slice *ret_speaker, struct slice *ret_code)
{
    static const struct slice bold = SLICE_INIT("**");
    line = without_bullet(slice_trim(line));
    *ret_speaker = SLICE("");
    if (is_emphasised(line, ret_code))
        return true;
    if (slice_starts(line, bold)) {
        line = slice_from(line, bold.len);
        size_t end = slice_find(line, '*');
        if (!slice_starts(slice_from(line, end), bold))
            return false;
        *ret_speaker = slice_sub(line, 0, end);
        line = slice_trim(slice_from(line, end + bold.len));
    }
    if (line.len < 3 || line.ptr[0] != '`' || line.ptr[line.len - 1] != '`')
        return false;
    *ret_code = slice_sub(line, 1, line.len - 1);
    return slice_find(*ret_code, '`') == ret_code->len;
}

/* Whether lines that nothing marks are a session by themselves. */
static bool is_session(struct slice text)
{
    bool replies = false, commands = false;
    while (text.len > 0 && !(replies && commands)) {
        enum transcript_class class = transcript_class_of(slice_trim(transcript_next_line(&text)));
        replies = replies || class == TRANSCRIPT_REPLY;
        commands = commands || class == TRANSCRIPT_COMMAND;
    }
    return replies && commands;
}

static void undo_markdown(struct script_arena *arena, struct transcript_decoded *d)
{
    struct script_buffer out = {.arena = arena};
    size_t said = 0; /* in spans */
    for (struct slice rest = d->source; rest.len > 0;) {
        size_t lf = slice_find(rest, '\n');
        struct slice line = slice_sub(rest, 0, lf), speaker, code;
        size_t cr = line.len > 0 && line.ptr[line.len - 1] == '\r';
        if (is_code(slice_sub(line, 0, line.len - cr), &speaker, &code)) {
            enum transcript_class class = transcript_class_of(code);
            said += class == TRANSCRIPT_REPLY || class == TRANSCRIPT_COMMAND;
            script_buffer_put(&out, speaker);
            script_buffer_put(&out, speaker.len > 0 ? SLICE(" ") : SLICE(""));
            line = code;
        }
        script_buffer_put(&out, line);
        if (lf < rest.len)
            script_buffer_put_octet(&out, '\n');
        rest = slice_from(rest, lf < rest.len ? lf + 1 : lf);
    }
    if (said > 1 && !is_session(d->source)) /* with a message in Markdown */
        done(d, &out, "Markdown, or a page: what marks a line as code is left out");
}

static bool is_fence(struct slice line)
{
    line = slice_trim(line);
    return slice_starts(line, SLICE("```")) || slice_starts(line, SLICE("~~~"));
}

/* Blocks of code, where all that is said stands in them: what stands outside becomes blank. */
static void undo_fences(struct script_arena *arena, struct transcript_decoded *d)
{
    struct script_buffer out = {.arena = arena};
    size_t fences = 0, inside = 0, outside = 0, text = 0;
    if (!slice_holds(d->source, SLICE("```")) && !slice_holds(d->source, SLICE("~~~")))
        return;
    for (struct slice rest = d->source; rest.len > 0;) {
        struct slice line = transcript_next_line(&rest);
        enum transcript_class class = transcript_class_of(slice_trim(line));
        bool said = class == TRANSCRIPT_REPLY || class == TRANSCRIPT_COMMAND;
        bool in = fences % 2 == 1 && !is_fence(line);
        fences += is_fence(line);
        inside += said && in;
        outside += said && !in;
        text += !in && !is_fence(line) && slice_trim(line).len > 0;
        script_buffer_put(&out, in ? line : SLICE(""));
        script_buffer_put_octet(&out, '\n');
    }
    if (fences > 1 && fences % 2 == 0 && inside > 1 && outside == 0 && text > 0)
        done(d, &out, "Markdown: what stands outside of blocks of code is left out");
}

/* ---- tables and diagrams ---- */

/* Octets of the sign that a border or an arrow may have and that ends `text`, or 0. */
static size_t sign_before(struct slice text)
{
    static const struct slice signs[] = {
        SLICE_INIT(" "),
        SLICE_INIT("-"),
        SLICE_INIT("="),
        SLICE_INIT("|"),
        SLICE_INIT(">"),
        SLICE_INIT("<"),
        SLICE_INIT("+"),
        SLICE_INIT("\t"),
        SLICE_INIT("\xE2\x94\x80"), /* U+2500, a line across */
        SLICE_INIT("\xE2\x94\x82"), /* U+2502, one down */
        SLICE_INIT("\xE2\x96\xBA"), /* U+25BA and U+25C4, heads of arrows */
        SLICE_INIT("\xE2\x97\x84"),
        SLICE_INIT("\xE2\x86\x92"), /* U+2192 and U+2190, arrows */
        SLICE_INIT("\xE2\x86\x90"),
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (text.len >= signs[i].len &&
            slice_equal(slice_from(text, text.len - signs[i].len), signs[i]))
            return signs[i].len;
    return 0;
}

static bool ends_with_border(struct slice line)
{
    static const struct slice down = SLICE_INIT("\xE2\x94\x82");
    line = slice_trim(line);
    return line.len > 0 &&
           (line.ptr[line.len - 1] == '|' ||
            (line.len >= down.len && slice_equal(slice_from(line, line.len - down.len), down)));
}

/* Octets of the line before what ends it in a table or a diagram: " |", " ---->|". */
static size_t before_border(struct slice line)
{
    size_t at = line.len, sign;
    while (at > 0 && (sign = sign_before(slice_sub(line, 0, at))) > 0)
        at -= sign;
    while (at > 0 && at < line.len && line.ptr[at] != ' ') /* "<me@here.example>" */
        at++;
    return ends_with_border(line) ? at : line.len;
}

static void undo_borders(struct script_arena *arena, struct transcript_decoded *d)
{
    struct script_buffer out = {.arena = arena};
    size_t with = 0, without = 0;
    for (struct slice rest = d->source; rest.len > 0;) {
        struct slice line = transcript_next_line(&rest);
        size_t octets = before_border(line);
        with += octets < line.len && octets > 0;
        without += octets == line.len && slice_trim(line).len > 0 && !ends_with_border(line);
        script_buffer_put(&out, slice_sub(line, 0, octets));
        script_buffer_put_octet(&out, '\n');
    }
    if (with > 2 && with > 2 * without)
        done(d, &out, "a table or a diagram: the border that ends a line is left out");
}

/* Markdown breaks a line where a backslash ends it. */
static void undo_breaks(struct script_arena *arena, struct transcript_decoded *d)
{
    struct script_buffer out = {.arena = arena};
    size_t broken = 0, whole = 0;
    for (struct slice rest = d->source; rest.len > 0;) {
        struct slice line = transcript_next_line(&rest);
        bool breaks = line.len > 0 && line.ptr[line.len - 1] == '\\';
        broken += breaks;
        whole += !breaks && slice_trim(line).len > 0;
        script_buffer_put(&out, slice_sub(line, 0, line.len - breaks));
        script_buffer_put_octet(&out, '\n');
    }
    if (broken > 2 && broken > whole)
        done(d, &out, "Markdown: the backslash that ends a line is left out");
}

/* ---- replies as smtp-cli writes them ---- */

/* "[250] 'SIZE 1000'"; *ret_text is without the quotes. */
static bool is_coded(struct slice line, struct slice *ret_code, struct slice *ret_text)
{
    line = slice_trim(line);
    if (line.len < 8 || line.ptr[0] != '[' || !slice_starts(slice_from(line, 4), SLICE("] '")) ||
        line.ptr[line.len - 1] != '\'')
        return false;
    *ret_code = slice_sub(line, 1, 4);
    *ret_text = slice_sub(line, 7, line.len - 1);
    return transcript_is_reply(*ret_code);
}

/* It does not say which lines of a reply go on: those that another one with their code follows. */
static void undo_codes(struct script_arena *arena, struct transcript_decoded *d)
{
    struct script_buffer out = {.arena = arena};
    size_t coded = 0;
    for (struct slice rest = d->source; rest.len > 0;) {
        struct slice line = transcript_next_line(&rest), behind = rest, code, text, next, none;
        if (is_coded(line, &code, &text)) {
            bool more =
                is_coded(transcript_next_line(&behind), &next, &none) && slice_equal(next, code);
            coded++;
            script_buffer_put(&out, code);
            script_buffer_put_octet(&out, more ? '-' : ' ');
            line = text;
        }
        script_buffer_put(&out, line);
        script_buffer_put_octet(&out, '\n');
    }
    if (coded > 1)
        done(d, &out, "smtp-cli: codes in brackets are read as replies");
}

/* ---- error logs of web servers ---- */

/* Octets of the line before ", referer: URL", or all. */
static size_t before_referer(struct slice line)
{
    static const struct slice sign = SLICE_INIT(", referer: http");
    size_t end = line.len > 0 && line.ptr[line.len - 1] == '\r' ? line.len - 1 : line.len;
    size_t word = end;
    while (word > 0 && line.ptr[word - 1] != ' ')
        word--;
    size_t at = word > 11 ? word - 11 : 0;
    return slice_starts(slice_from(line, at), sign) ? at : line.len;
}

static void undo_referers(struct script_arena *arena, struct transcript_decoded *d)
{
    struct script_buffer out = {.arena = arena};
    size_t with = 0, without = 0;
    for (struct slice rest = d->source; rest.len > 0;) {
        size_t lf = slice_find(rest, '\n');
        struct slice line = slice_sub(rest, 0, lf);
        size_t octets = before_referer(line);
        with += octets < line.len;
        without += octets == line.len && slice_trim(line).len > 1;
        script_buffer_put(&out, slice_sub(line, 0, octets));
        if (lf < rest.len)
            script_buffer_put_octet(&out, '\n');
        rest = slice_from(rest, lf < rest.len ? lf + 1 : lf);
    }
    if (with > 1 && with > without)
        done(d, &out, "a web server's error log: the referer of each line is left out");
}

/* ---- traces ---- */

static void undo_dump(struct script_arena *arena, struct transcript_decoded *d)
{
    if (transcript_dump_read(arena, d->source, &d->source))
        d->notes[d->note_count++] = "a trace of curl: its octets are read";
}

static void undo_packets(struct script_arena *arena, struct transcript_decoded *d)
{
    if (transcript_packets_read(arena, d->source, &d->source, &d->mistake) && d->mistake == NULL)
        d->notes[d->note_count++] = "packets: the octets of their text are read";
}

static void undo_echo(struct script_arena *arena, struct transcript_decoded *d)
{
    if (transcript_echo_read(arena, d->source, &d->source))
        d->notes[d->note_count++] =
            "each line that was typed is shown twice: one of the two is left out";
}

static void undo_headings(struct script_arena *arena, struct transcript_decoded *d)
{
    if (transcript_headings_read(arena, d->source, &d->source))
        d->notes[d->note_count++] = "a line above what is said names the speaker";
}

static void undo_json(struct script_arena *arena, struct transcript_decoded *d)
{
    if (transcript_json_read(arena, d->source, &d->source))
        d->notes[d->note_count++] = "JSON: what was said is read of each object";
}

/* ---- regular expressions ---- */

static void undo_patterns(struct script_arena *arena, struct transcript_decoded *d)
{
    if (!transcript_patterns_detect(d->source))
        return;
    d->source = transcript_patterns_read(arena, d->source);
    d->notes[d->note_count++] = "the server's lines are regular expressions: their codes are kept";
}

struct transcript_decoded transcript_decode(struct script_arena *arena, struct slice source)
{
    struct transcript_decoded d = {.source = source};
    undo_utf16(arena, &d);
    undo_cr(arena, &d);
    undo_entities(arena, &d);
    undo_quotations(arena, &d);
    undo_fences(arena, &d);
    undo_markdown(arena, &d);
    undo_borders(arena, &d);
    undo_breaks(arena, &d);
    undo_codes(arena, &d);
    undo_referers(arena, &d);
    undo_dump(arena, &d);
    undo_packets(arena, &d);
    undo_headings(arena, &d);
    undo_json(arena, &d);
    undo_patterns(arena, &d);
    undo_echo(arena, &d);
    return d;
}
