#include "script/transcript.h"

#include "script/transcript_decode.h"
#include "script/transcript_ends.h"
#include "script/transcript_import.h"
#include "script/transcript_learn.h"
#include "script/transcript_refuse.h"
#include "script/transcript_remarks.h"
#include "script/transcript_words.h"

#define MAX_OCTETS ((size_t)16 << 20)
#define MAX_RANGES 16 /* of lines that were left out, which a note names */

/* ---- who speaks ---- */

/* No text of HELP, which tells of verbs alone, mostly. */
static bool is_envelope(const struct transcript_line *line)
{
    return slice_starts_nocase(line->body, SLICE("MAIL FROM:")) ||
           slice_starts_nocase(line->body, SLICE("RCPT TO:"));
}

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
            import_repair(m, line, "another session begins here");
        import_next_session(m);
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
        import_client_line(m, line);
    else if (line->body.len == 0) /* where ends of lines were shown */
        return;
    else if (import_may_be_wrapped(m, line))
        import_wrapped_line(m, line);
    else
        import_repair(m, line, "no part of the dialogue: left out");
}

static void closed_line(struct import *m, const struct transcript_line *line)
{
    if (!m->begun || m->closed)
        return;
    import_end_reply(m);
    m->closed = true;
    if (m->left) /* it was the client that closed */
        return;
    import_put_tagged(m, "S: ", SLICE("<EOF>"), line);
}

static void logged_server_line(struct import *m, const struct transcript_line *line)
{
    if (line->class == TRANSCRIPT_REPLY)
        import_server_line(m, line);
    else if (line->class == TRANSCRIPT_CLOSED)
        closed_line(m, line);
    else if (line->class == TRANSCRIPT_LAUNCH)
        launch(m, line);
    else if (m->held.any && !m->closed)
        import_wrapped_line(m, line);
    else if (m->begun)
        import_repair(m, line, "no reply: left out");
}

/* A log tells its sessions apart: the one before is over. */
static void begin_session(struct import *m, const struct transcript_line *line)
{
    import_end_reply(m);
    if (m->in_message) {
        import_repair(m, line,
                      "the message of the session before is not ended: the lone dot added");
        import_end_message(m, line);
    }
    import_next_session(m);
    m->unanswered = 0;
    m->starttls = false;
    m->chunk_left = 0;
}

/* "DEBUG SMTP: AUTH LOGIN command trace suppressed" of JavaMail, where commands and replies were */
static bool hides_exchange(struct slice text)
{
    static const struct slice end = SLICE_INIT(" command trace suppressed");
    return text.len > end.len && slice_equal(slice_from(text, text.len - end.len), end);
}

static void tell_remark(struct import *m, const struct transcript_line *line)
{
    if (line->remark.len == 0)
        return;
    import_repair(m, line, "a remark of the document behind the line: left out");
    struct script_diagnostic *note = m->notes.items;
    note += m->notes.count - 1;
    note->column += line->remark_at;
    note->width = line->remark.len;
}

static void read_line(struct import *m, const struct transcript_line *line)
{
    tell_remark(m, line);
    if (line->left_out != NULL) {
        import_repair(m, line, line->left_out);
        return;
    }
    if (line->begins && m->begun)
        begin_session(m, line);
    if (m->in_message) {
        import_end_reply(m);
        if (import_message_line(m, line))
            return;
    }
    if (m->chunk_left > 0 && line->speaker != TRANSCRIPT_SERVER && !import_ends_chunk(m, line)) {
        import_end_reply(m);
        import_chunk_line(m, line);
        return;
    }
    if (line->speaker == TRANSCRIPT_CLIENT) {
        if (line->class == TRANSCRIPT_LAUNCH && !m->begun)
            launch(m, line);
        else
            import_client_line(m, line);
        return;
    }
    if (m->log) {
        logged_server_line(m, line);
        return;
    }
    const struct transcript_line *next = import_line_at(m, line->next_reply);
    bool goes_on = m->held.any && m->held.more && next != NULL &&
                   slice_starts(next->body, m->held.code); /* verbs in the text of HELP */
    switch (line->class) {
    case TRANSCRIPT_REPLY:
        import_server_line(m, line);
        break;
    case TRANSCRIPT_COMMAND:
        import_join_wrapped(m);
        if (goes_on && (import_may_be_wrapped(m, line) || !is_envelope(line)))
            import_wrapped_line(m, line);
        else
            import_client_line(m, line);
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
            import_client_line(m, line);
        else if (hides_exchange(line->body))
            import_repair(m, line, "the log hides the exchange of AUTH: left out");
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
        import_repair(m, import_line_at(m, 0),
                      "no reply is in the transcript: each command is expected to succeed");
    for (m->at = 0; m->at < m->lines.count; m->at++)
        read_line(m, import_line_at(m, m->at));
    const struct transcript_line *last = import_line_at(m, m->lines.count - 1);
    import_end_reply(m);
    if (m->in_message) {
        import_repair(m, last, "the message is not ended: the lone dot added");
        import_end_message(m, last);
    }
}

/* ---- all of it ---- */

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
    if (replies < plain || (replies == plain && kind != TRANSCRIPT_LEARNED_SIDE)) {
        ret_log->mistake = NULL;
        return false;
    }
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
    import_repair(m, import_line_at(m, 0), name);
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
    struct transcript_decoded decoded = transcript_decode(arena, source);
    m->t->source = source = decoded.source;
    struct transcript_log log = {.mistake = NULL};
    m->log = transcript_log_scan(arena, without_format(source), &log);
    m->log_is_known = m->log;
    bool learned = !m->log && log.mistake == NULL && learn(m, without_format(source), &log);
    m->lines = m->log || learned ? log.lines : transcript_scan(arena, without_format(source));
    transcript_ends(arena, &m->lines);
    bool labels = !m->log && transcript_labels(&m->lines);
    if (!m->log)
        transcript_remarks(&m->lines);
    if (!m->log_is_known)
        transcript_words(&m->lines);
    const char *refused = decoded.mistake;
    if (refused == NULL)
        refused = transcript_refuse(source, &m->lines);
    bool found = log.mistake == NULL && refused == NULL;
    m->t->implicit_tls = log.implicit_tls;
    for (size_t i = 0; i < decoded.note_count && found; i++)
        import_repair(m, import_line_at(m, 0), decoded.notes[i]);
    if (labels && found)
        import_repair(m, import_line_at(m, 0), "lines that only say who speaks next are left out");
    if ((m->log || learned) && found)
        tell_log(m, source, log.name);
    if (found)
        read_lines(m);
    else if (log.mistake != NULL)
        wrong_log(m, &log);
    else
        import_note(m, SCRIPT_ERROR, NULL, refused);
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
