#include "script/transcript.h"

#include "base/octet.h"
#include "script/transcript_learn.h"
#include "smtp/command.h"

#define MAX_OCTETS ((size_t)16 << 20)
#define MAX_RANGES 16                 /* of lines that were left out, which a note names */
#define MAX_FILLED ((size_t)16 << 20) /* octets of a chunk: ${n*x} has no more */

/* A reply's line, held back until it is known how it goes on. */
struct held {
    bool any;
    struct slice code;
    bool more; /* "250-" */
    struct script_buffer text;
    const struct transcript_line *line;
    size_t last; /* index of the last line of it */
};

struct import {
    struct transcript *t;
    struct script_arena *arena;
    struct transcript_lines lines;
    struct script_buffer text;
    struct script_array origins, notes;
    struct held held;
    size_t at;         /* index of the line that is read */
    size_t unanswered; /* commands without a reply so far */
    size_t sessions;
    bool another;      /* session, behind one that was closed */
    bool left;         /* the person at the terminal ended it */
    bool log;          /* each line says who speaks */
    bool mute;         /* no reply stands in all of it */
    bool log_is_known; /* what its lines begin with was not learned */
    bool greeted;      /* a reply came in this session */
    bool told_indented;
    bool begun, closed, in_message, in_auth, starttls, after_tls_client;
    enum smtp_verb verb; /* of the last command */
    uint64_t chunk_left;
};

/* ---- writing ---- */

static void note(struct import *m, enum script_severity severity,
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

static void repair(struct import *m, const struct transcript_line *line, const char *message)
{
    note(m, SCRIPT_NOTE, line, message);
}

/* A line of the script is done: it came from `line`. */
static void end_line(struct import *m, const struct transcript_line *line)
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

static void put_tagged(struct import *m, const char *tag, struct slice text,
                       const struct transcript_line *line)
{
    script_buffer_put(&m->text, slice_of_cstr(tag));
    put_text(m, text, false, false);
    end_line(m, line);
}

static void put_client(struct import *m, struct slice text, const struct transcript_line *line)
{
    bool odd = slice_find(text, '\0') < text.len || slice_find(text, '\r') < text.len ||
               slice_find(text, '\n') < text.len;
    if (!odd && !line->partial) {
        put_tagged(m, "C: ", text, line);
        return;
    }
    script_buffer_put(&m->text, SLICE("C!: "));
    put_text(m, text, true, false);
    if (!line->partial)
        script_buffer_put(&m->text, SLICE("\\r\\n"));
    end_line(m, line);
}

static void flush_reply(struct import *m)
{
    struct held *h = &m->held;
    if (!h->any)
        return;
    script_buffer_put(&m->text, SLICE("S: "));
    script_buffer_put(&m->text, h->code);
    if (h->text.len > 0 || h->more) {
        script_buffer_put_octet(&m->text, h->more ? '-' : ' ');
        put_text(m, script_buffer_slice(&h->text), false, true);
    }
    end_line(m, h->line);
    h->any = false;
}

/* Length of the first line of a held reply whose lines a page or a log has joined: "250-a250-b250
 * c" is three. The rest's length where it is one line. */
static size_t joined_length(const struct held *h, struct slice rest)
{
    for (size_t at = 0; at + 4 <= rest.len; at++) {
        at += slice_find(slice_sub(rest, at, rest.len - 3), h->code.ptr[0]);
        struct slice here = slice_from(rest, at);
        if (here.len > 3 && slice_starts(here, h->code) &&
            (here.ptr[3] == '-' || here.ptr[3] == ' '))
            return at;
    }
    return rest.len;
}

/* Takes a reply apart whose lines were joined; false where they were not. */
static bool split_reply(struct import *m)
{
    struct held *h = &m->held;
    struct slice rest = script_buffer_slice(&h->text);
    if (joined_length(h, rest) == rest.len)
        return false;
    repair(m, h->line, "the lines of this reply ran together: taken apart");
    do {
        size_t len = joined_length(h, rest);
        h->text = (struct script_buffer){.arena = m->arena};
        script_buffer_put(&h->text, slice_trim(slice_sub(rest, 0, len)));
        rest = slice_from(rest, len);
        bool more = h->more;
        h->more = more && rest.len > 0;
        flush_reply(m);
        h->any = true;
        h->more = rest.len > 3 && rest.ptr[3] == '-';
        rest = slice_from(rest, rest.len > 3 ? 4 : rest.len);
    } while (rest.len > 0);
    h->any = false;
    return true;
}

static void reply_done(struct import *m, struct slice code);

/* The reply that is held is over, also where its last line got lost. */
static void end_reply(struct import *m)
{
    struct slice code = m->held.code;
    bool more = m->held.any && m->held.more;
    if (more && !split_reply(m)) {
        m->held.more = false;
        repair(m, m->held.line, "the last line of this reply is missing: this one ends it");
    }
    flush_reply(m);
    if (more)
        reply_done(m, code);
}

/* ---- what the dialogue needs ---- */

static const struct transcript_line *line_at(const struct import *m, size_t index)
{
    return index < m->lines.count ? &m->lines.items[index] : NULL;
}

/* Whether anything of the dialogue is left. */
static bool dialogue_follows(const struct import *m, size_t index)
{
    for (; index < m->lines.count; index++)
        if (m->lines.items[index].class == TRANSCRIPT_REPLY ||
            m->lines.items[index].class == TRANSCRIPT_COMMAND ||
            m->lines.items[index].speaker == TRANSCRIPT_CLIENT)
            return true;
    return false;
}

/* A session begins with the server's greeting, also where the paste does not. */
static void begin(struct import *m, const struct transcript_line *line, bool by_server)
{
    if (m->begun)
        return;
    m->begun = true;
    if (m->another) {
        script_buffer_put(&m->text, SLICE("%test \"session "));
        script_buffer_put_number(&m->text, ++m->sessions);
        script_buffer_put(&m->text, SLICE("\""));
        end_line(m, line);
        m->another = false;
    }
    if (by_server)
        return;
    repair(m, line, "the greeting is not in the transcript: added");
    put_tagged(m, "S: ", SLICE("220"), line);
}

/* openssl s_client -starttls smtp shows nothing of what it did before the handshake. */
static void begin_after_tls_client(struct import *m, const struct transcript_line *line)
{
    static const char *const added[] = {
        "S: 220", "C: EHLO ${client}", "S: 250", "C: STARTTLS", "S: 220", "%tls"};
    repair(m, line, "the TLS client did EHLO and STARTTLS itself: added");
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        script_buffer_put(&m->text, slice_of_cstr(added[i]));
        end_line(m, line);
    }
    m->after_tls_client = false;
    m->begun = true;
}

/* ---- the client's lines ---- */

static bool same_verb(struct slice body, const char *verb)
{
    return slice_starts_nocase(body, slice_of_cstr(verb));
}

/* The reply that is missing in a paste of commands alone. */
static void expect(struct import *m, const struct transcript_line *line, const char *codes)
{
    m->unanswered = 0;
    put_tagged(m, "S: ", slice_of_cstr(codes), line);
}

/* Whether what follows is the message, though no 354 stands before it. */
static bool message_follows(const struct import *m)
{
    const struct transcript_line *next = line_at(m, m->at + 1);
    return next != NULL && next->class != TRANSCRIPT_REPLY && next->next_dot < next->next_reply &&
           (m->mute || (m->unanswered == 1 && !m->log));
}

static void begin_message(struct import *m, const struct transcript_line *line)
{
    if (!m->mute)
        repair(m, line, "the reply to DATA is not in the transcript: 354 added");
    expect(m, line, "354");
    m->in_message = true;
}

/* A paste of commands alone: each is expected to succeed. */
static void expect_success(struct import *m, const struct transcript_line *line, bool answer)
{
    const struct transcript_line *next = line_at(m, m->at + 1);
    if (answer || m->verb == SMTP_VERB_AUTH) {
        m->in_auth = next != NULL && next->class == TRANSCRIPT_OTHER;
        expect(m, line, m->in_auth ? "334" : "235");
    } else if (m->starttls) {
        m->starttls = false;
        expect(m, line, "220");
        script_buffer_put(&m->text, SLICE("%tls"));
        end_line(m, line);
    } else if (m->chunk_left == 0) {
        expect(m, line, m->verb == SMTP_VERB_UNKNOWN ? "*" : "2xx");
    }
}

/* Octets of what stands between a BDAT and the next reply. */
static size_t octets_shown(const struct import *m, const struct transcript_line *line)
{
    size_t end = line->next_reply < m->lines.count ? line->next_reply : m->lines.count;
    return end > 0 ? line_at(m, end - 1)->octets - line->octets : 0;
}

/* A log may tell of a chunk, and not show it; what follows BDAT is the next command then. */
static void fill_chunk(struct import *m, const struct transcript_line *line)
{
    size_t shown = octets_shown(m, line);
    bool hidden = m->log ? shown < m->chunk_left : shown == 0 && line->next_reply < m->lines.count;
    if (!hidden || m->chunk_left > MAX_FILLED)
        return;
    repair(m, line, "the chunk is not shown here: as many octets added");
    script_buffer_put(&m->text, SLICE("C!: ${"));
    script_buffer_put_number(&m->text, m->chunk_left);
    script_buffer_put(&m->text, SLICE("*x}"));
    end_line(m, line);
    m->chunk_left = 0;
}

static void client_line(struct import *m, const struct transcript_line *line)
{
    if (m->after_tls_client)
        begin_after_tls_client(m, line);
    begin(m, line, false);
    end_reply(m);
    if (line->typing_undone)
        repair(m, line, "typing corrected: backspaces and control sequences taken out");
    if (m->log && (slice_equal(line->body, SLICE("[credentials hidden]")) ||
                   slice_equal(line->body, SLICE("<credentials hidden>"))))
        repair(m, line, "the log hides what was sent here");
    put_client(m, line->body, line);
    m->unanswered++;
    struct smtp_command command;
    struct script_buffer whole = {.arena = m->arena};
    script_buffer_put(&whole, line->body);
    script_buffer_put(&whole, SLICE("\r\n"));
    struct parse_result result =
        smtp_command_parse(script_buffer_slice(&whole), whole.len, &command);
    bool answer = m->in_auth;
    m->in_auth = false;
    if (answer && m->mute)
        expect_success(m, line, true);
    if (answer)
        return;
    m->starttls = same_verb(line->body, "STARTTLS");
    m->verb = result.status == PARSE_OK ? command.verb : SMTP_VERB_UNKNOWN;
    m->chunk_left = m->verb == SMTP_VERB_BDAT ? command.chunk_octets : 0;
    if (m->verb == SMTP_VERB_DATA && message_follows(m))
        begin_message(m, line);
    else if (m->mute)
        expect_success(m, line, false);
    if (m->chunk_left > 0)
        fill_chunk(m, line);
}

/* ---- messages ---- */

static void blank_lines(struct import *m, const struct transcript_line *line)
{
    size_t blanks = m->lines.double_spaced ? line->blanks / 2 : line->blanks;
    for (; blanks > 0; blanks--)
        put_client(m, SLICE(""), line);
}

static void end_message(struct import *m, const struct transcript_line *line)
{
    put_client(m, SLICE("."), line);
    m->in_message = false;
    m->unanswered++;
    if (m->mute)
        expect(m, line, "2xx");
}

/* Whether the lone dot got lost, and the server answers at this line. */
static bool answers_lost_dot(const struct import *m, size_t index)
{
    const struct transcript_line *line = line_at(m, index), *next = line_at(m, index + 1);
    bool dot_comes = line->next_dot < m->lines.count && line->next_dot <= line->next_354;
    if (dot_comes || line->class != TRANSCRIPT_REPLY || line->body.ptr[0] == '3' ||
        line->speaker == TRANSCRIPT_CLIENT)
        return false;
    return next == NULL || next->class != TRANSCRIPT_OTHER || line->speaker == TRANSCRIPT_SERVER;
}

/* One line while a message is being sent; false where it is none of the message's. */
static bool message_line(struct import *m, const struct transcript_line *line)
{
    if (answers_lost_dot(m, m->at)) {
        repair(m, line,
               m->log && line_at(m, m->at - 1)->speaker == TRANSCRIPT_SERVER
                   ? "the log does not show the message: the lone dot of an empty one added"
                   : "the lone dot that ends the message is missing before this reply: added");
        end_message(m, line);
        return false;
    }
    if (line->speaker == TRANSCRIPT_SERVER)
        return false;
    if (m->lines.indented && !m->told_indented)
        repair(m, line, "the indentation of the document is left out");
    m->told_indented = true;
    blank_lines(m, line);
    if (slice_equal(line->body, SLICE("."))) {
        end_message(m, line);
        return true;
    }
    put_client(m, line->text, line);
    return true;
}

/* A reply in what is left of the document, which does not fill the chunk. */
static bool ends_chunk(const struct import *m, const struct transcript_line *line)
{
    size_t before = m->at > 0 ? line_at(m, m->at - 1)->octets : 0;
    size_t left = line_at(m, m->lines.count - 1)->octets - before;
    return line->class == TRANSCRIPT_REPLY && left < m->chunk_left;
}

static void chunk_line(struct import *m, const struct transcript_line *line)
{
    uint64_t octets = line->text.len + 2 + 2 * line->blanks;
    for (size_t i = 0; i < line->blanks; i++)
        put_client(m, SLICE(""), line);
    put_client(m, line->text, line);
    if (octets > m->chunk_left)
        repair(m, line, "the chunk is longer here than BDAT says");
    m->chunk_left -= octets < m->chunk_left ? octets : m->chunk_left;
    if (m->mute && m->chunk_left == 0)
        expect(m, line, "2xx");
}

/* ---- the server's lines ---- */

/* A reply is whole: what it makes of the dialogue. */
static void reply_done(struct import *m, struct slice code)
{
    bool positive = code.ptr[0] == '2';
    if (m->unanswered == 0 && m->greeted && !m->log_is_known && m->log && code.ptr[0] == '2')
        repair(m, m->held.line, "the log does not show what this reply answers");
    m->greeted = true;
    if (m->unanswered > 0)
        m->unanswered--;
    if (m->chunk_left > 0) {
        repair(m, m->held.line, "the chunk before this reply is shorter than BDAT says");
        m->chunk_left = 0;
    }
    m->in_auth = slice_equal(code, SLICE("334"));
    if (slice_equal(code, SLICE("354")) && m->unanswered == 0)
        m->in_message = true;
    if (m->starttls && m->unanswered == 0) {
        m->starttls = false;
        if (positive && dialogue_follows(m, m->at + 1)) {
            flush_reply(m);
            script_buffer_put(&m->text, SLICE("%tls"));
            end_line(m, m->held.line);
        }
    }
}

/* A log may go on with the next session: a greeting comes where no command awaits a reply. */
static void next_session(struct import *m)
{
    end_reply(m);
    m->another = true;
    m->begun = m->closed = m->left = m->in_message = m->in_auth = m->greeted = false;
}

static void server_line(struct import *m, const struct transcript_line *line)
{
    struct held *h = &m->held;
    bool goes_on = h->any && h->more && slice_starts(line->body, h->code);
    if (m->log && m->begun && m->unanswered == 0 && !goes_on &&
        slice_starts(line->body, SLICE("220")))
        next_session(m);
    struct slice code = slice_sub(line->body, 0, 3);
    bool more = line->body.len > 3 && line->body.ptr[3] == '-';
    if (m->after_tls_client) {
        begin_after_tls_client(m, line);
        if (slice_starts(line->body, SLICE("250")))
            return; /* the end of the reply to the EHLO that was not shown */
    }
    begin(m, line,
          slice_starts(line->body, SLICE("220")) || line->body.ptr[0] == '4' ||
              line->body.ptr[0] == '5');
    if (h->any && h->more && !slice_equal(h->code, code))
        end_reply(m);
    flush_reply(m);
    *h = (struct held){.any = true, .code = code, .more = more, .line = line};
    h->last = m->at;
    h->text.arena = m->arena;
    script_buffer_put(&h->text, slice_from(line->body, line->body.len > 3 ? 4 : 3));
    if (!more)
        reply_done(m, code);
}

static size_t columns_of(struct slice text)
{
    size_t columns = 0;
    for (size_t i = 0; i < text.len; i++)
        columns += (text.ptr[i] & 0xC0) != 0x80; /* UTF-8's later octets take none */
    return columns;
}

/* A terminal wraps at its last column, in the middle of a word; anything else wraps at a space,
 * which is lost. */
static bool wraps_in_word(struct slice before)
{
    static const size_t widths[] = {80, 100, 120, 132};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        if (columns_of(before) == widths[i])
            return true;
    return false;
}

#define MIN_COLUMNS 24 /* nobody reads mail in a narrower window */

/* Whether the line may be the rest of the reply before: right behind it, and its first word would
 * not have gone into that line. */
static bool may_be_wrapped(const struct import *m, const struct transcript_line *line)
{
    if (!m->held.any || m->closed || m->held.last + 1 != m->at ||
        (line->blanks > 0 && !m->lines.double_spaced))
        return false;
    const struct transcript_line *before = line_at(m, m->at - 1);
    struct slice word = slice_sub(line->body, 0, slice_find(line->body, ' '));
    return before->indent + columns_of(before->body) + 1 + columns_of(word) > MIN_COLUMNS;
}

/* No text of HELP, which tells of verbs alone, mostly. */
static bool is_envelope(const struct transcript_line *line)
{
    return slice_starts_nocase(line->body, SLICE("MAIL FROM:")) ||
           slice_starts_nocase(line->body, SLICE("RCPT TO:"));
}

static void wrapped_line(struct import *m, const struct transcript_line *line)
{
    m->held.last = m->at;
    if (!wraps_in_word(line_at(m, m->at - 1)->text))
        script_buffer_put_octet(&m->held.text, ' ');
    script_buffer_put(&m->held.text, line->body);
    repair(m, line, "the terminal wrapped the reply before: joined");
}

/* ---- who speaks ---- */

/* Replies and commands alternate: a line is a command, known or not, where the next reply would
 * otherwise answer nothing. */
static bool must_be_command(const struct import *m, const struct transcript_line *line)
{
    return m->begun && !m->closed && m->unanswered == 0 && !m->held.more &&
           line->next_reply == m->at + 1 && line->next_reply < m->lines.count;
}

static void launch(struct import *m, const struct transcript_line *line)
{
    struct transcript_launch how;
    if (!transcript_launch_parse(line->body, &how))
        return;
    if (m->begun && (m->closed || line->class == TRANSCRIPT_LAUNCH)) {
        if (!m->closed)
            repair(m, line, "another session begins here");
        next_session(m);
        m->unanswered = 0;
        m->starttls = false;
    } else if (!m->begun) {
        m->t->host = script_arena_copy(m->arena, how.host);
        m->t->port = how.port;
        m->t->implicit_tls = how.tls || how.port == 465;
        m->after_tls_client = how.starttls;
    }
}

static void other_line(struct import *m, const struct transcript_line *line)
{
    if (m->in_auth || must_be_command(m, line))
        client_line(m, line);
    else if (may_be_wrapped(m, line))
        wrapped_line(m, line);
    else
        repair(m, line, "no part of the dialogue: left out");
}

static void closed_line(struct import *m, const struct transcript_line *line)
{
    if (!m->begun || m->closed)
        return;
    end_reply(m);
    m->closed = true;
    if (m->left) /* it was the client that closed */
        return;
    put_tagged(m, "S: ", SLICE("<EOF>"), line);
}

static void logged_server_line(struct import *m, const struct transcript_line *line)
{
    if (line->class == TRANSCRIPT_REPLY)
        server_line(m, line);
    else if (line->class == TRANSCRIPT_CLOSED)
        closed_line(m, line);
    else if (line->class == TRANSCRIPT_LAUNCH)
        launch(m, line);
    else if (m->held.any && !m->closed)
        wrapped_line(m, line);
    else if (m->begun)
        repair(m, line, "no reply: left out");
}

/* A log tells its sessions apart: the one before is over. */
static void begin_session(struct import *m, const struct transcript_line *line)
{
    end_reply(m);
    if (m->in_message) {
        repair(m, line, "the message of the session before is not ended: the lone dot added");
        end_message(m, line);
    }
    next_session(m);
    m->unanswered = 0;
    m->starttls = false;
    m->chunk_left = 0;
}

static void read_line(struct import *m, const struct transcript_line *line)
{
    if (line->begins && m->begun)
        begin_session(m, line);
    if (m->in_message) {
        end_reply(m);
        if (message_line(m, line))
            return;
    }
    if (m->chunk_left > 0 && line->speaker != TRANSCRIPT_SERVER && !ends_chunk(m, line)) {
        end_reply(m);
        chunk_line(m, line);
        return;
    }
    if (line->speaker == TRANSCRIPT_CLIENT) {
        if (line->class == TRANSCRIPT_LAUNCH && !m->begun)
            launch(m, line);
        else
            client_line(m, line);
        return;
    }
    if (m->log) {
        logged_server_line(m, line);
        return;
    }
    const struct transcript_line *next = line_at(m, line->next_reply);
    bool goes_on = m->held.any && m->held.more && next != NULL &&
                   slice_starts(next->body, m->held.code); /* verbs in the text of HELP */
    switch (line->class) {
    case TRANSCRIPT_REPLY:
        server_line(m, line);
        break;
    case TRANSCRIPT_COMMAND:
        if (goes_on && (may_be_wrapped(m, line) || !is_envelope(line)))
            wrapped_line(m, line);
        else
            client_line(m, line);
        break;
    case TRANSCRIPT_LAUNCH:
    case TRANSCRIPT_OPENED:
        launch(m, line);
        break;
    case TRANSCRIPT_CLOSED:
        closed_line(m, line);
        break;
    case TRANSCRIPT_LEFT:
        m->left = true;
        break;
    case TRANSCRIPT_OTHER:
        other_line(m, line);
        break;
    default: /* a program's own words */
        if (m->in_auth)
            client_line(m, line);
        break;
    }
}

static bool has_replies(const struct import *m)
{
    for (size_t i = 0; i < m->lines.count; i++)
        if (m->lines.items[i].class == TRANSCRIPT_REPLY)
            return true;
    return false;
}

static void read_lines(struct import *m)
{
    m->mute = !has_replies(m);
    if (m->mute)
        repair(m, line_at(m, 0),
               "no reply is in the transcript: each command is expected to succeed");
    for (m->at = 0; m->at < m->lines.count; m->at++)
        read_line(m, line_at(m, m->at));
    const struct transcript_line *last = line_at(m, m->lines.count - 1);
    end_reply(m);
    if (m->in_message) {
        repair(m, last, "the message is not ended: the lone dot added");
        end_message(m, last);
    }
}

/* ---- all of it ---- */

static bool is_dialogue(const struct transcript_lines *lines)
{
    size_t replies = 0, commands = 0;
    for (size_t i = 0; i < lines->count; i++) {
        replies += lines->items[i].class == TRANSCRIPT_REPLY;
        commands += lines->items[i].class == TRANSCRIPT_COMMAND ||
                    lines->items[i].speaker == TRANSCRIPT_CLIENT;
    }
    return replies > 0 || commands > 1;
}

/* The line that says what the file is belongs to no session. */
static struct slice without_format(struct slice source)
{
    size_t lf = slice_find(source, '\n');
    bool said = slice_starts(slice_trim(slice_sub(source, 0, lf)), SLICE("%format telnet"));
    return said ? slice_from(source, lf) : source;
}

static void wrong_log(struct import *m, const struct transcript_log *log)
{
    struct script_diagnostic *n = script_array_push(&m->notes, sizeof *n);
    *n = (struct script_diagnostic){.severity = SCRIPT_ERROR,
                                    .line = log->line,
                                    .column = log->column,
                                    .width = log->width,
                                    .message = slice_of_cstr(log->mistake)};
}

/* A log that nobody described, where more replies are found by what its lines begin with. */
static bool learn(struct import *m, struct slice source, struct transcript_log *ret_log)
{
    enum transcript_learned kind = transcript_learn(m->arena, source, ret_log);
    if (kind == TRANSCRIPT_LEARNED_NOTHING)
        return false;
    size_t replies = 0;
    for (size_t i = 0; i < ret_log->lines.count; i++)
        replies += ret_log->lines.items[i].class == TRANSCRIPT_REPLY;
    size_t plain = transcript_scan_replies(source);
    if (replies < plain || (replies == plain && kind != TRANSCRIPT_LEARNED_SIDE))
        return false;
    m->log = kind == TRANSCRIPT_LEARNED_LOG;
    return true;
}

/* "1-9, 12": lines that are not blank, and that nothing of the dialogue comes from. */
static void put_left_out(struct import *m, struct slice source, struct script_buffer *out)
{
    size_t count = 1, ranges = 0, from = 0, to = 0;
    for (size_t i = 0; i < source.len; i++)
        count += source.ptr[i] == '\n';
    bool *used = script_arena_alloc(m->arena, count + 2);
    for (size_t i = 0; i < m->lines.count; i++)
        used[m->lines.items[i].number] = true;
    for (size_t number = 1; number <= count + 1; number++) {
        size_t lf = slice_find(source, '\n');
        bool blank = slice_trim(slice_sub(source, 0, lf)).len <= 1; /* a CR */
        source = slice_from(source, lf < source.len ? lf + 1 : lf);
        if (number <= count && !used[number]) {
            from = from == 0 && !blank ? number : from;
            to = blank ? to : number;
            continue;
        }
        if (from == 0)
            continue;
        if (++ranges > MAX_RANGES) {
            script_buffer_put(out, SLICE(", and more"));
            return;
        }
        script_buffer_put(out, ranges > 1 ? SLICE(", ") : SLICE(""));
        script_buffer_put_number(out, from);
        if (to > from) {
            script_buffer_put_octet(out, '-');
            script_buffer_put_number(out, to);
        }
        from = 0;
    }
}

static void tell_log(struct import *m, struct slice source, const char *name)
{
    struct script_buffer message = {.arena = m->arena};
    script_buffer_put(&message, slice_of_cstr(name));
    struct script_buffer lines = {.arena = m->arena};
    if (m->log)
        put_left_out(m, source, &lines);
    struct slice left = script_buffer_slice(&lines);
    bool one = slice_find(left, '-') == left.len && slice_find(left, ',') == left.len;
    script_buffer_put(&message, left.len == 0 ? SLICE("")
                                : one         ? SLICE(": line ")
                                              : SLICE(": lines "));
    script_buffer_put(&message, left);
    repair(m, line_at(m, 0), name);
    struct script_diagnostic *notes = m->notes.items;
    notes[m->notes.count - 1].message = script_buffer_slice(&message);
}

struct transcript *transcript_import(struct slice source, struct slice name)
{
    struct script_arena *arena = script_arena_new();
    struct import *m = script_arena_alloc(arena, sizeof *m);
    (void)name;
    m->arena = m->text.arena = m->origins.arena = m->notes.arena = arena;
    m->sessions = 1;
    m->t = script_arena_alloc(arena, sizeof *m->t);
    m->t->arena = arena;
    source = script_arena_copy(arena, source.len > MAX_OCTETS ? SLICE("") : source);
    struct transcript_log log = {.mistake = NULL};
    m->log = transcript_log_scan(arena, without_format(source), &log);
    m->log_is_known = m->log;
    bool learned = !m->log && log.mistake == NULL && learn(m, without_format(source), &log);
    m->lines = m->log || learned ? log.lines : transcript_scan(arena, without_format(source));
    bool found = log.mistake == NULL && is_dialogue(&m->lines);
    m->t->implicit_tls = log.implicit_tls;
    if ((m->log || learned) && found)
        tell_log(m, source, log.name);
    if (found)
        read_lines(m);
    else if (log.mistake != NULL)
        wrong_log(m, &log);
    else
        note(m, SCRIPT_ERROR, NULL, "no SMTP dialogue found: neither replies nor commands");
    m->t->text = script_buffer_slice(&m->text);
    m->t->origins = m->origins.items;
    m->t->line_count = m->origins.count;
    m->t->notes = m->notes.items;
    m->t->note_count = m->notes.count;
    m->t->error_count = !found;
    return m->t;
}

void transcript_free(struct transcript *transcript)
{
    if (transcript != NULL)
        script_arena_free(transcript->arena);
}
