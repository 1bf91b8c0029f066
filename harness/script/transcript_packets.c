#include "script/transcript_packets.h"

#include "base/octet.h"
#include "script/transcript_dump.h"
#include "script/transcript_scan.h"
#include "script/transcript_text.h"

/* What one side sent, without a gap. */
struct piece {
    size_t side; /* 0 or 1 */
    struct script_buffer octets;
};

struct packets {
    struct script_arena *arena;
    struct script_array pieces; /* struct piece */
    const char *mistake;        /* NULL: none */
};

static struct script_buffer *add_piece(struct packets *p, size_t side)
{
    struct piece *piece = script_array_push(&p->pieces, sizeof *piece);
    *piece = (struct piece){.side = side, .octets.arena = p->arena};
    return &piece->octets;
}

/* ---- ngrep ---- */

/* "T 192.0.2.1:25 -> 192.0.2.2:40001 [AP] #4"; -t puts the time behind the T */
static bool is_packet(struct slice line, struct slice *ret_from, struct slice *ret_to)
{
    static const struct slice arrow = SLICE_INIT(" -> ");
    if (!slice_starts(line, SLICE("T ")))
        return false;
    size_t at = 1;
    while (at < line.len && !slice_starts(slice_from(line, at), arrow))
        at++;
    size_t from = at;
    while (from > 0 && from < line.len && line.ptr[from - 1] != ' ')
        from--;
    struct slice to = slice_from(line, at < line.len ? at + arrow.len : at);
    size_t end = slice_find(to, ' ');
    *ret_from = slice_sub(line, from, at);
    *ret_to = slice_sub(to, 0, end);
    return slice_starts(slice_from(to, end), SLICE(" [")) &&
           slice_find(*ret_from, ':') < ret_from->len && slice_find(*ret_to, ':') < ret_to->len;
}

/* "####", a sign for each packet; "exit" and "28 received, 0 dropped" */
static bool is_about_ngrep(struct slice line)
{
    size_t len = 0;
    while (len < line.len && line.ptr[len] == '#')
        len++;
    struct slice rest = slice_from(line, len);
    bool counts = slice_find(line, 'd') < line.len && octet_is(line.ptr[0], OCTET_DIGIT) &&
                  slice_starts(slice_from(line, slice_find(line, ' ')), SLICE(" received, "));
    return (len > 0 && (rest.len == 0 || slice_equal(rest, SLICE("exit")))) || counts;
}

/* The lines of a packet up to `end`; nothing follows the last LF of most. */
static bool read_lines(struct script_buffer *out, struct slice text)
{
    while (text.len > 0) {
        bool last = slice_find(text, '\n') + 1 >= text.len;
        struct slice line = transcript_next_line(&text);
        if (last && line.len == 0)
            return true;
        bool cr = line.len > 0 && line.ptr[line.len - 1] == '.';
        script_buffer_put(out, slice_sub(line, 0, line.len - cr));
        script_buffer_put(out, last ? SLICE("") : SLICE("\r\n"));
        if (!cr && !last)
            return false;
        if (cr && last) /* half an end of a line, or a paste that ends here */
            script_buffer_put(out, SLICE("\r\n"));
    }
    return true;
}

/* Where the packet ends whose text begins `rest`. */
static size_t packet_length(struct slice rest)
{
    struct slice all = rest, from, to;
    while (rest.len > 0) {
        const uint8_t *at = rest.ptr;
        struct slice line = transcript_next_line(&rest);
        if (is_packet(line, &from, &to) || is_about_ngrep(line))
            return (size_t)(at - all.ptr);
    }
    return all.len;
}

static bool read_ngrep(struct packets *p, struct slice source)
{
    struct slice from, to, ends[2] = {SLICE(""), SLICE("")};
    bool whole = true, dots = true; /* otherwise ngrep indents its text, and puts no LF in it */
    while (source.len > 0) {
        if (!is_packet(transcript_next_line(&source), &from, &to))
            continue;
        if (ends[0].len == 0) {
            ends[0] = from;
            ends[1] = to;
        }
        size_t side = slice_equal(from, ends[0]) ? 0 : 1;
        if (!slice_equal(from, ends[side]) || !slice_equal(to, ends[1 - side]))
            p->mistake = "packets of more than one connection: give those of one";
        size_t len = packet_length(source);
        whole = read_lines(add_piece(p, side), slice_sub(source, 0, len)) && whole;
        dots = dots && slice_starts(source, SLICE("  "));
        source = slice_from(source, len);
    }
    if (dots || !whole)
        p->mistake = "ngrep shows ends of lines as dots: what its option -W byline prints, with a "
                     "dot at the end of each line, can be read";
    return p->pieces.count > 1;
}

/* ---- tshark, as text ---- */

/* "\t34", "18" */
static bool is_length(struct slice line, size_t *ret_side, size_t *ret_octets)
{
    size_t octets = 0, at = slice_starts(line, SLICE("\t"));
    *ret_side = at;
    for (; at < line.len; at++) {
        if (!octet_is(line.ptr[at], OCTET_DIGIT) || octets > SIZE_MAX / 16)
            return false;
        octets = octets * 10 + line.ptr[at] - '0';
    }
    *ret_octets = octets;
    return octets > 0;
}

/* The octets that the length tells of, of lines that CRLF ended; and one LF behind them. */
static bool take_octets(struct script_buffer *out, struct slice *rest, size_t octets)
{
    while (octets > 0 && rest->len > 0) {
        bool ends = slice_find(*rest, '\n') < rest->len;
        struct slice line = transcript_next_line(rest);
        script_buffer_put(out, line);
        if (line.len == octets)
            return true;
        if (!ends || line.len + 2 > octets)
            return false;
        script_buffer_put(out, SLICE("\r\n"));
        octets -= line.len + 2;
    }
    if (octets == 0 && rest->len > 0 && transcript_next_line(rest).len > 0)
        return false;
    return octets == 0;
}

static bool read_follow(struct packets *p, struct slice source)
{
    bool begun = false;
    while (source.len > 0) {
        size_t side, octets;
        struct slice line = transcript_next_line(&source);
        begun = begun || slice_starts(line, SLICE("Follow: tcp,ascii"));
        if (!begun || !is_length(line, &side, &octets))
            continue;
        if (!take_octets(add_piece(p, side), &source, octets))
            p->mistake = "a stream of tshark whose lengths are not those of its text";
    }
    return begun && (p->pieces.count > 1 || p->mistake != NULL);
}

/* ---- hexadecimal ---- */

#define OFFSET_DIGITS 8
#define ROW_OCTETS    16

/* "    00000010  45 53 4d 54 50 0d 0a    ESMTP..": two blanks after eight octets, too */
static size_t read_row(struct slice line, size_t *ret_side, uint64_t *ret_offset,
                       uint8_t octets[ROW_OCTETS])
{
    struct slice text = line;
    while (text.len > 0 && octet_is(text.ptr[0], OCTET_WSP))
        text = slice_from(text, 1);
    *ret_side = text.len < line.len;
    *ret_offset = 0;
    if (text.len < OFFSET_DIGITS + 4)
        return 0;
    for (size_t i = 0; i < OFFSET_DIGITS; i++) {
        if (octet_hex_value(text.ptr[i]) < 0)
            return 0;
        *ret_offset = *ret_offset << 4 | (uint64_t)octet_hex_value(text.ptr[i]);
    }
    text = slice_from(text, OFFSET_DIGITS);
    if (!slice_starts(text, SLICE("  ")))
        return 0;
    size_t count = 0;
    for (size_t at = 2; count < ROW_OCTETS; count++, at += 3) {
        at += count == ROW_OCTETS / 2;
        if (at + 2 > text.len || octet_hex_value(text.ptr[at]) < 0 ||
            octet_hex_value(text.ptr[at + 1]) < 0 || (at + 2 < text.len && text.ptr[at + 2] != ' '))
            break;
        octets[count] =
            (uint8_t)(octet_hex_value(text.ptr[at]) << 4 | octet_hex_value(text.ptr[at + 1]));
    }
    return count;
}

static bool read_hex(struct packets *p, struct slice source)
{
    uint64_t offsets[2] = {0, 0};
    while (source.len > 0) {
        uint8_t octets[ROW_OCTETS];
        uint64_t offset;
        struct slice line = transcript_next_line(&source);
        size_t side, count = read_row(line, &side, &offset, octets);
        if (transcript_is_reply(slice_trim(line))) /* a session, with rows in a message */
            return false;
        if (count == 0)
            continue;
        if (offset != offsets[side])
            p->mistake = "a hex dump of a stream in which rows are missing";
        offsets[side] = offset + count;
        script_buffer_put(add_piece(p, side), slice_of(octets, count));
    }
    return offsets[0] > 0 && offsets[1] > 0;
}

/* ---- all of them ---- */

/* The side whose octets are replies. */
static size_t find_server(const struct packets *p)
{
    size_t replies[2] = {0, 0};
    const struct piece *pieces = p->pieces.items;
    for (size_t i = 0; i < p->pieces.count; i++) {
        struct slice octets = script_buffer_slice(&pieces[i].octets);
        size_t lf = slice_find(octets, '\r');
        replies[pieces[i].side] += transcript_is_reply(slice_sub(octets, 0, lf));
    }
    return replies[1] > replies[0];
}

static struct slice write(const struct packets *p)
{
    struct transcript_octets out = {.out.arena = p->arena, .octets.arena = p->arena};
    const struct piece *pieces = p->pieces.items;
    size_t server = find_server(p);
    for (size_t i = 0; i < p->pieces.count; i++) {
        bool sent = pieces[i].side != server;
        if (sent != out.sent)
            transcript_octets_end(&out);
        out.sent = sent;
        for (size_t k = 0; k < pieces[i].octets.len; k++)
            transcript_octets_add(&out, pieces[i].octets.ptr[k]);
    }
    transcript_octets_end(&out);
    return script_buffer_slice(&out.out);
}

bool transcript_packets_read(struct script_arena *arena, struct slice source,
                             struct slice *ret_text, const char **ret_mistake)
{
    static bool (*const readers[])(struct packets * p,
                                   struct slice source) = {read_ngrep, read_follow, read_hex};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct packets p = {.arena = arena, .pieces.arena = arena};
        if (!readers[i](&p, source))
            continue;
        if (p.mistake == NULL)
            *ret_text = write(&p);
        *ret_mistake = p.mistake;
        return true;
    }
    return false;
}
