#include "script/transcript_dump.h"

#include "base/octet.h"
#include "script/transcript_text.h"

#define HEX_ROW 16 /* octets of a row in hexadecimal */

struct heading {
    bool sent;
    bool shown; /* no TLS records */
    uint64_t octets;
};

struct dump {
    struct transcript_octets out;
    struct heading heading;
    bool any; /* octets of `heading` may follow */
};

/* ---- the lines of a trace ---- */

/* Below 0 where it is no digit. */
static int digit_value(uint8_t octet, unsigned base)
{
    int value = octet_hex_value(octet);
    return value < (int)base ? value : -1;
}

/* Takes the digits at the beginning; false where there are none, or more than a number has. */
static bool take_number(struct slice *text, unsigned base, uint64_t *ret_number)
{
    size_t len = 0;
    *ret_number = 0;
    while (len < text->len && len < 12 && digit_value(text->ptr[len], base) >= 0)
        *ret_number = *ret_number * base + (uint64_t)digit_value(text->ptr[len++], base);
    *text = slice_from(*text, len);
    return len > 0;
}

/* "10:00:00.123456 " of --trace-time */
static struct slice without_time(struct slice line)
{
    size_t len = 0;
    while (len < line.len &&
           (octet_is(line.ptr[len], OCTET_DIGIT) || line.ptr[len] == ':' || line.ptr[len] == '.'))
        len++;
    bool time = len >= 8 && line.ptr[2] == ':' && len < line.len && line.ptr[len] == ' ';
    return time ? slice_from(line, len + 1) : line;
}

/* "=> Send header, 13 bytes (0xd)" */
static bool parse_heading(struct slice line, struct heading *ret_heading)
{
    line = without_time(line);
    struct heading heading = {.sent = slice_starts(line, SLICE("=> Send "))};
    if (!heading.sent && !slice_starts(line, SLICE("<= Recv ")))
        return false;
    line = slice_from(line, 8);
    heading.shown = slice_starts(line, SLICE("header, ")) || slice_starts(line, SLICE("data, "));
    size_t comma = slice_find(line, ',');
    line = slice_trim(slice_from(line, comma < line.len ? comma + 1 : comma));
    if (!take_number(&line, 10, &heading.octets) || !slice_starts(line, SLICE(" bytes (0x")))
        return false;
    *ret_heading = heading;
    return true;
}

/* "000d: text" */
static bool parse_row(struct slice line, uint64_t *ret_offset, struct slice *ret_text)
{
    struct slice rest = line;
    if (!take_number(&rest, 16, ret_offset) || rest.ptr - line.ptr < 4 ||
        !slice_starts(rest, SLICE(":")))
        return false;
    rest = slice_from(rest, 1);
    *ret_text = slice_from(rest, slice_starts(rest, SLICE(" ")));
    return true;
}

/* ---- octets ---- */

static void put_quoted(struct script_buffer *out, struct slice octets)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < octets.len; i++) {
        uint8_t octet = octets.ptr[i];
        if (octet >= ' ' && octet != 0x7F && octet != '\'' && octet != '\\') {
            script_buffer_put_octet(out, octet);
            continue;
        }
        script_buffer_put(out, SLICE("\\x"));
        script_buffer_put_octet(out, (uint8_t)digits[octet >> 4]);
        script_buffer_put_octet(out, (uint8_t)digits[octet & 15]);
    }
}

void transcript_octets_end(struct transcript_octets *o)
{
    if (o->octets.len == 0)
        return;
    script_buffer_put(&o->out, o->sent ? SLICE("=> '") : SLICE("<= '"));
    put_quoted(&o->out, script_buffer_slice(&o->octets));
    script_buffer_put(&o->out, SLICE("'\n"));
    o->octets.len = 0;
}

void transcript_octets_add(struct transcript_octets *o, uint8_t octet)
{
    script_buffer_put_octet(&o->octets, octet);
    struct slice all = script_buffer_slice(&o->octets);
    if (octet == '\n' && all.len > 1 && all.ptr[all.len - 2] == '\r')
        transcript_octets_end(o);
}

/* Octets of a row in hexadecimal; false where it is none. */
static bool add_hex(struct dump *d, struct slice text, size_t count)
{
    if (text.len < 3 * count || count == 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (octet_hex_value(text.ptr[3 * i]) < 0 || octet_hex_value(text.ptr[3 * i + 1]) < 0 ||
            text.ptr[3 * i + 2] != ' ')
            return false;
    for (size_t i = 0; i < count; i++)
        transcript_octets_add(&d->out, (uint8_t)(octet_hex_value(text.ptr[3 * i]) << 4 |
                                                 octet_hex_value(text.ptr[3 * i + 1])));
    return true;
}

static void add_text(struct dump *d, struct slice text, bool ends)
{
    for (size_t i = 0; i < text.len; i++)
        transcript_octets_add(&d->out, text.ptr[i]);
    if (!ends)
        return;
    transcript_octets_add(&d->out, '\r');
    transcript_octets_add(&d->out, '\n');
}

/* `rest` is what follows the row: the next one says how many octets this one has. */
static void add_row(struct dump *d, uint64_t offset, struct slice text, struct slice rest)
{
    uint64_t next = d->heading.octets;
    struct slice none;
    if (!parse_row(transcript_next_line(&rest), &next, &none))
        next = d->heading.octets;
    size_t left = next > offset && next - offset < HEX_ROW ? (size_t)(next - offset) : HEX_ROW;
    if (!add_hex(d, text, left))
        add_text(d, text, offset + text.len != next);
}

/* ---- the trace ---- */

static void read_line(struct dump *d, struct slice line, struct slice rest)
{
    struct heading heading;
    struct slice text;
    uint64_t offset;
    struct script_buffer *out = &d->out.out;
    size_t before = out->len;
    if (parse_heading(line, &heading)) {
        if (heading.shown && heading.sent != d->out.sent)
            transcript_octets_end(&d->out);
        d->out.sent = heading.shown ? heading.sent : d->out.sent;
        d->heading.shown = heading.shown;
        d->heading.octets = heading.octets;
        d->any = true;
    } else if (d->any && parse_row(line, &offset, &text)) {
        if (d->heading.shown)
            add_row(d, offset, text, rest);
        line = SLICE("");
    } else {
        d->any = false;
        line = without_time(line);
        line = slice_starts(line, SLICE("== Info: ")) ? slice_from(line, 9) : line;
    }
    if (out->len > before && line.len == 0)
        return;
    script_buffer_put(out, SLICE("* "));
    script_buffer_put(out, line);
    script_buffer_put_octet(out, '\n');
}

static bool is_trace(struct slice source)
{
    size_t blocks = 0;
    while (source.len > 0) {
        struct heading heading;
        struct slice text;
        uint64_t offset;
        if (!parse_heading(transcript_next_line(&source), &heading) || !heading.shown)
            continue;
        struct slice rest = source;
        blocks += parse_row(transcript_next_line(&rest), &offset, &text);
    }
    return blocks > 1;
}

bool transcript_dump_read(struct script_arena *arena, struct slice source, struct slice *ret_text)
{
    struct dump d = {.out = {.out.arena = arena, .octets.arena = arena}};
    if (!is_trace(source))
        return false;
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source);
        read_line(&d, line, source);
    }
    transcript_octets_end(&d.out);
    *ret_text = script_buffer_slice(&d.out.out);
    return true;
}
