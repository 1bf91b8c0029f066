#include "script/record.h"

#include "base/octet.h"
#include "script/transcript_scan.h"
#include "script/transcript_text.h"

#define MAX_LINE_OCTETS 65536
#define REPLY_HEAD      7 /* "S: 250-" */

void record_begin(struct record *r, struct script_arena *arena)
{
    *r = (struct record){.arena = arena,
                         .text.arena = arena,
                         .client.arena = arena,
                         .server.arena = arena,
                         .reply.arena = arena};
}

/* ---- text as a script holds it ---- */

static bool is_control(uint8_t octet)
{
    return (octet < 0x20 && octet != '\t') || octet == 0x7F;
}

/* "${" and, in a reply, " | " mean something in a script; `sign` is transcript_text_sign's, or the
 * length. */
static void put_signed(struct script_buffer *out, struct slice text, bool reply, size_t sign)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        bool bar =
            reply && octet == '|' && (i == 0 || text.ptr[i - 1] == ' ' || text.ptr[i - 1] == '\t');
        if (octet == '$' && i + 1 < text.len && text.ptr[i + 1] == '{')
            script_buffer_put_octet(out, '$');
        if (i == sign)
            script_buffer_put(out, SLICE("${sign:-"));
        if (bar)
            script_buffer_put(out, SLICE("${bar:-|}"));
        else
            script_buffer_put_octet(out, is_control(octet) ? '?' : octet);
        if (i == sign)
            script_buffer_put_octet(out, '}');
    }
}

static void put_text(struct script_buffer *out, struct slice text)
{
    put_signed(out, text, false, text.len);
}

static void put_escaped(struct script_buffer *out, struct slice octets)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < octets.len; i++) {
        uint8_t octet = octets.ptr[i];
        const uint8_t escape[4] = {'\\', 'x', (uint8_t)hex[octet >> 4], (uint8_t)hex[octet & 15]};
        if (octet == '\r' || octet == '\n')
            script_buffer_put(out, octet == '\r' ? SLICE("\\r") : SLICE("\\n"));
        else if (is_control(octet) || octet == '\\')
            script_buffer_put(out, slice_of(escape, 4));
        else
            put_text(out, slice_sub(octets, i, i + 1));
        if (octet == '$' && i + 1 < octets.len && octets.ptr[i + 1] == '{')
            script_buffer_put_octet(out, '$');
    }
}

static void put_comment(struct record *r, const char *what, struct slice text)
{
    script_buffer_put(&r->text, SLICE("# "));
    script_buffer_put(&r->text, slice_of_cstr(what));
    put_text(&r->text, text);
    script_buffer_put_octet(&r->text, '\n');
}

/* Behind the tag, which stands there. */
static void put_said(const struct record *r, struct script_buffer *out, struct slice text,
                     bool reply)
{
    bool first = r->steps == 0 && r->reply.len <= REPLY_HEAD;
    put_signed(out, text, reply, first ? transcript_text_sign(text) : text.len);
}

/* ---- the client ---- */

static bool is_plain(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (is_control(line.ptr[i]))
            return false;
    return true;
}

static void put_line(struct record *r, struct slice line)
{
    struct slice text = slice_sub(line, 0, line.len - 2);
    if (is_plain(text)) {
        script_buffer_put(&r->text, text.len > 0 ? SLICE("C: ") : SLICE("C:"));
        put_said(r, &r->text, text, false);
    } else {
        script_buffer_put(&r->text, SLICE("C!: "));
        put_escaped(&r->text, line);
    }
    script_buffer_put_octet(&r->text, '\n');
    r->starttls = slice_equal_nocase(slice_trim(text), SLICE("STARTTLS"));
    r->steps++;
}

/* Octets that no CRLF ends. */
static void flush_client(struct record *r)
{
    if (r->client.len == 0)
        return;
    script_buffer_put(&r->text, SLICE("C!: "));
    put_escaped(&r->text, script_buffer_slice(&r->client));
    script_buffer_put_octet(&r->text, '\n');
    r->client.len = 0;
    r->steps++;
}

static bool is_over(struct record *r)
{
    if (r->text.len > RECORD_MAX_OCTETS && !r->full) {
        r->client.len = r->server.len = 0;
        put_comment(r, "what follows was not recorded: the script is 8 MiB", SLICE(""));
        r->full = true;
    }
    return r->full || r->passing;
}

void record_client(struct record *r, struct slice octets)
{
    for (size_t i = 0; i < octets.len && !is_over(r); i++) {
        struct script_buffer *line = &r->client;
        script_buffer_put_octet(line, octets.ptr[i]);
        if (line->len > 1 && octets.ptr[i] == '\n' && line->ptr[line->len - 2] == '\r') {
            put_line(r, script_buffer_slice(line));
            line->len = 0;
        } else if (line->len == MAX_LINE_OCTETS) {
            flush_client(r);
        }
    }
}

/* ---- the server ---- */

/* The last line that is held ends the reply. */
static void flush_reply(struct record *r)
{
    if (r->reply.len == 0)
        return;
    script_buffer_put(&r->text, script_buffer_slice(&r->reply));
    r->reply.len = 0;
    r->steps++;
}

/* A reply that goes on with another code, or not at all: its last line has no "-" in the script. */
static void break_off(struct record *r)
{
    if (r->reply.len == 0)
        return;
    size_t last = r->reply.len - 1;
    while (last > 0 && r->reply.ptr[last - 1] != '\n')
        last--;
    put_comment(r, "the reply did not end: its last line is taken for the end", SLICE(""));
    r->reply.ptr[last + 6] = ' '; /* "S: 250-" */
    flush_reply(r);
}

/* Whether the line ended a reply that agrees to STARTTLS. */
static bool reply_line(struct record *r, struct slice line)
{
    if (!transcript_is_reply(line) || (line.len > 3 && line.ptr[3] == '\t')) {
        put_comment(r, "the server said, and it is no reply: ", line);
        return false;
    }
    bool more = line.len > 3 && line.ptr[3] == '-';
    if (r->reply.len > 0 && memcmp(r->code, line.ptr, 3) != 0)
        break_off(r);
    memcpy(r->code, line.ptr, 3);
    script_buffer_put(&r->reply, SLICE("S: "));
    script_buffer_put(&r->reply, slice_sub(line, 0, line.len < 4 ? 3 : 4));
    if (line.len > 4)
        put_said(r, &r->reply, slice_from(line, 4), true);
    script_buffer_put_octet(&r->reply, '\n');
    if (more)
        return false;
    flush_reply(r);
    bool agreed = r->starttls && line.ptr[0] == '2';
    r->starttls = false;
    return agreed;
}

size_t record_server(struct record *r, struct slice octets, bool *ret_tls)
{
    *ret_tls = false;
    for (size_t i = 0; i < octets.len && !is_over(r); i++) {
        struct script_buffer *line = &r->server;
        bool ends = octets.ptr[i] == '\n';
        if (!ends)
            script_buffer_put_octet(line, octets.ptr[i]);
        if (!ends && line->len < MAX_LINE_OCTETS)
            continue;
        struct slice text = script_buffer_slice(line);
        text.len -= text.len > 0 && text.ptr[text.len - 1] == '\r';
        *ret_tls = reply_line(r, text);
        line->len = 0;
        if (*ret_tls)
            return i + 1;
    }
    return octets.len;
}

void record_tls(struct record *r, bool decrypted)
{
    flush_client(r);
    script_buffer_put(&r->text, SLICE("%tls\n"));
    if (!decrypted)
        put_comment(r, "TLS was passed through: what follows was not recorded", SLICE(""));
    r->passing = !decrypted;
    r->steps++;
}

void record_closed(struct record *r)
{
    if (is_over(r))
        return;
    flush_client(r);
    if (r->server.len > 0)
        put_comment(r, "the server said, and it is no reply: ", script_buffer_slice(&r->server));
    r->server.len = 0;
    break_off(r);
    script_buffer_put(&r->text, SLICE("S: <EOF>\n"));
    r->steps++;
}

struct slice record_end(struct record *r)
{
    flush_client(r);
    break_off(r);
    return r->steps > 0 ? script_buffer_slice(&r->text) : SLICE("");
}
