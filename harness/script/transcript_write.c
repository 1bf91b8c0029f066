#include "script/transcript_import.h"
#include "script/transcript_text.h"

/* ---- writing ---- */

void import_note(struct import *m, enum script_severity severity,
                 const struct transcript_line *line, const char *message)
{
    struct script_diagnostic *n = script_array_push(&m->notes, sizeof *n);
    *n = (struct script_diagnostic){.severity = severity,
                                    .line = line == NULL ? 1 : line->number,
                                    .column = line == NULL ? 1 : line->indent + 1,
                                    .width =
                                        line == NULL || line->body.len == 0 ? 1 : line->body.len,
                                    .message = slice_of_cstr(message)};
}

void import_repair(struct import *m, const struct transcript_line *line, const char *message)
{
    import_note(m, SCRIPT_NOTE, line, message);
}

void import_end_line(struct import *m, const struct transcript_line *line)
{
    struct transcript_origin *origin = script_array_push(&m->origins, sizeof *origin);
    *origin = (struct transcript_origin){line == NULL ? 1 : line->number,
                                         line == NULL ? 0 : line->indent};
    script_buffer_put_octet(&m->text, '\n');
}

/* Whether the octet at `i` would begin verdicts: " | warn 250". */
static bool is_bar(struct slice text, size_t i)
{
    bool blank = i == 0 || text.ptr[i - 1] == ' ' || text.ptr[i - 1] == '\t';
    return text.ptr[i] == '|' && blank;
}

/* Text as a script holds it: "${" and " | " mean something there, NUL and CR cannot stand in a
 * line. */
static void put_text(struct import *m, struct slice text, bool escapes, bool reply)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        if (reply && is_bar(text, i)) {
            script_buffer_put(&m->text, SLICE("${bar:-|}"));
            continue;
        }
        bool odd = octet == '\0' || octet == '\r' || octet == '\n';
        if (octet == '$' && i + 1 < text.len && text.ptr[i + 1] == '{')
            script_buffer_put_octet(&m->text, '$');
        if (escapes && (odd || octet == '\\')) {
            const uint8_t escape[4] = {'\\', 'x', (uint8_t)hex[octet >> 4],
                                       (uint8_t)hex[octet & 15]};
            script_buffer_put(&m->text, slice_of(escape, 4));
        } else {
            script_buffer_put_octet(&m->text, odd ? '?' : octet);
        }
    }
}

static void put_line(struct import *m, struct slice text, bool reply)
{
    size_t sign = m->tagged ? text.len : transcript_text_sign(text);
    m->tagged = true;
    put_text(m, slice_sub(text, 0, sign), false, reply);
    if (sign == text.len)
        return;
    script_buffer_put(&m->text, SLICE("${sign:-"));
    script_buffer_put_octet(&m->text, text.ptr[sign]);
    script_buffer_put_octet(&m->text, '}');
    put_text(m, slice_from(text, sign + 1), false, reply);
}

void import_put_tagged(struct import *m, const char *tag, struct slice text,
                       const struct transcript_line *line)
{
    script_buffer_put(&m->text, slice_of_cstr(tag));
    put_line(m, text, false);
    import_end_line(m, line);
}

void import_put_client(struct import *m, struct slice text, const struct transcript_line *line)
{
    bool odd = slice_find(text, '\0') < text.len || slice_find(text, '\r') < text.len ||
               slice_find(text, '\n') < text.len;
    if (!odd && !line->partial) {
        import_put_tagged(m, "C: ", text, line);
        return;
    }
    script_buffer_put(&m->text, SLICE("C!: "));
    put_text(m, text, true, false);
    if (!line->partial)
        script_buffer_put(&m->text, SLICE("\\r\\n"));
    import_end_line(m, line);
}

void import_flush_reply(struct import *m)
{
    struct held *h = &m->held;
    if (!h->any)
        return;
    script_buffer_put(&m->text, SLICE("S: "));
    script_buffer_put(&m->text, h->code);
    if (h->text.len > 0 || h->more) {
        script_buffer_put_octet(&m->text, h->more ? '-' : ' ');
        put_line(m, script_buffer_slice(&h->text), true);
    }
    import_end_line(m, h->line);
    h->any = false;
}

static size_t break_length(struct slice text)
{
    static const struct slice breaks[] = {SLICE_INIT("<br>"), SLICE_INIT("<br />"),
                                          SLICE_INIT("<br/>")};
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
        if (slice_starts(text, breaks[i]))
            return breaks[i].len;
    return 0;
}

/* Length of the first line of a held reply whose lines a page or a log has joined: "250-a250-b250
 * c" is three, and so is "250-a | b | c" of Wireshark's list. The rest's length where it is one
 * line; else *ret_next is what the next one begins behind. */
static size_t joined_length(const struct import *m, struct slice rest, size_t *ret_next)
{
    static const struct slice bar = SLICE_INIT(" | ");
    const struct held *h = &m->held;
    for (size_t at = 0; at + 4 <= rest.len; at++) {
        struct slice here = slice_from(rest, at);
        size_t len = m->log && slice_starts(here, bar) ? bar.len : 0;
        here = slice_from(here, len);
        size_t breaks = break_length(here); /* of the page that shows the log */
        here = slice_from(here, breaks);
        if (here.len > 3 && slice_starts(here, h->code) &&
            (here.ptr[3] == '-' || here.ptr[3] == ' '))
            len += breaks + 4;
        *ret_next = at + len;
        if (len > 0)
            return at;
    }
    return rest.len;
}

/* Takes a reply apart whose lines were joined; false where they were not. */
static bool split_reply(struct import *m)
{
    struct held *h = &m->held;
    struct slice rest = script_buffer_slice(&h->text);
    size_t next = 0;
    if (joined_length(m, rest, &next) == rest.len)
        return false;
    import_repair(m, h->line, "the lines of this reply ran together: taken apart");
    for (bool another = true; another;) {
        size_t len = joined_length(m, rest, &next);
        another = len < rest.len;
        h->text = (struct script_buffer){.arena = m->arena};
        script_buffer_put(&h->text, slice_trim(slice_sub(rest, 0, len)));
        h->more = h->more && another;
        import_flush_reply(m);
        h->any = true;
        if (another) {
            h->more = rest.ptr[next - 1] == '-' || next - len == 3;
            rest = slice_from(rest, next);
        }
    }
    h->any = false;
    return true;
}

void import_end_reply(struct import *m)
{
    struct slice code = m->held.code;
    bool more = m->held.any && m->held.more;
    if (more && !split_reply(m)) {
        m->held.more = false;
        import_repair(m, m->held.line, "the last line of this reply is missing: this one ends it");
    }
    import_flush_reply(m);
    if (more)
        import_reply_done(m, code);
}

/* ---- what the dialogue needs ---- */

const struct transcript_line *import_line_at(const struct import *m, size_t index)
{
    return index < m->lines.count ? &m->lines.items[index] : NULL;
}

bool import_dialogue_follows(const struct import *m, size_t index)
{
    for (; index < m->lines.count; index++)
        if (m->lines.items[index].class == TRANSCRIPT_REPLY ||
            m->lines.items[index].class == TRANSCRIPT_COMMAND ||
            m->lines.items[index].speaker == TRANSCRIPT_CLIENT)
            return true;
    return false;
}

/* Whether the client did not wait for the greeting: a 220 answers no command but STARTTLS (RFC 5321
 * 4.3.2, RFC 3207 4). */
static bool speaks_first(const struct import *m, const struct transcript_line *line)
{
    const struct transcript_line *reply = import_line_at(m, line->next_reply);
    return !m->mute && reply != NULL && line->class == TRANSCRIPT_COMMAND &&
           slice_starts(reply->body, SLICE("220")) &&
           !slice_starts_nocase(import_line_at(m, line->next_reply - 1)->body, SLICE("STARTTLS"));
}

void import_begin(struct import *m, const struct transcript_line *line, bool by_server)
{
    if (m->begun)
        return;
    m->begun = true;
    if (m->another) {
        script_buffer_put(&m->text, SLICE("%test \"session "));
        script_buffer_put_number(&m->text, ++m->sessions);
        script_buffer_put(&m->text, SLICE("\""));
        import_end_line(m, line);
        m->another = false;
    }
    if (by_server || speaks_first(m, line))
        return;
    import_repair(m, line, "the greeting is not in the transcript: added");
    import_put_tagged(m, "S: ", SLICE("220"), line);
    m->greeted = true;
}

void import_begin_after_tls_client(struct import *m, const struct transcript_line *line)
{
    static const char *const added[] = {
        "S: 220", "C: EHLO ${client}", "S: 250", "C: STARTTLS", "S: 220", "%tls"};
    import_repair(m, line, "the TLS client did EHLO and STARTTLS itself: added");
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        script_buffer_put(&m->text, slice_of_cstr(added[i]));
        import_end_line(m, line);
    }
    m->after_tls_client = false;
    m->begun = m->greeted = true;
}
