#include "script/transcript_learn.h"

#include "script/transcript_marks.h"
#include "script/transcript_session.h"
#include "script/transcript_text.h"
#include "smtp/ehlo.h"

/* ---- the log ---- */

struct reading {
    struct script_arena *arena;
    const struct transcript_marks *marks;
    struct script_array items; /* struct transcript_line */
    const struct transcript_ending *ending;
    size_t field; /* of both shapes, that holds the session's id; SIZE_MAX: none does */
    size_t number;
    bool whole_lines;             /* what the client sends ends with CRLF where that is shown */
    enum transcript_speaker last; /* who spoke in the line before */
    struct slice before;          /* what the server said in it */
    size_t items_before;
    bool in_message;
    size_t message_lines; /* that come, and have no mark: the last one is the lone dot */
    size_t cut;           /* number of the first line whose end the program did not write; or 0 */
    size_t cut_column, cut_width;
};

static void add_line(struct reading *r, struct slice whole, struct slice text, const uint8_t *at,
                     struct slice id, bool partial)
{
    struct transcript_line *line = script_array_push(&r->items, sizeof *line);
    bool server = r->last == TRANSCRIPT_SERVER;
    *line = (struct transcript_line){.text = text,
                                     .body = server ? slice_trim(text) : text,
                                     .number = r->number,
                                     .indent = (size_t)(at - whole.ptr),
                                     .speaker = r->last,
                                     .id = id,
                                     .partial = partial && !server && r->whole_lines};
    line->class = transcript_class_of(line->body);
    if (!server && line->class == TRANSCRIPT_REPLY)
        line->class = TRANSCRIPT_OTHER; /* a message's */
}

/* A reader that is not asked waits for a whole reply and logs what it has again each time: lines of
 * a reply. One line alone may be longer than the line before it, and say the same so far. */
static void drop_repeated(struct reading *r, struct slice text, bool lines)
{
    bool again = lines && r->last == TRANSCRIPT_SERVER && r->before.len > 0 &&
                 text.len > r->before.len && slice_starts(text, r->before);
    if (again)
        r->items.count = r->items_before;
    r->before = text;
    r->items_before = r->items.count;
}

/* strace writes 32 octets, and "..." behind the quote where there were more. */
static void note_cut(struct reading *r, struct slice whole, struct slice text,
                     enum transcript_speaker speaker)
{
    struct script_buffer octets = {.arena = r->arena};
    size_t end = text.len;
    if (r->cut > 0 || speaker != TRANSCRIPT_CLIENT ||
        !transcript_text_quoted(text, &octets, &end) ||
        !slice_starts(slice_from(text, end + 1), SLICE("...")))
        return;
    r->cut = r->number;
    r->cut_column = (size_t)(text.ptr - whole.ptr) + 1;
    r->cut_width = end + 4;
}

static void add_text(struct reading *r, struct slice whole, struct slice text,
                     enum transcript_speaker speaker, struct slice id)
{
    const uint8_t *at = text.ptr;
    bool quoted = false;
    struct slice octets = text;
    if (speaker != r->last)
        r->before = SLICE("");
    r->last = speaker;
    if (transcript_text_unquote(r->arena, text, &octets)) {
        note_cut(r, whole, text, speaker);
        quoted = true;
        at += slice_starts(text, SLICE("b")) + 1;
    } else {
        octets = transcript_text_without(text, r->ending);
    }
    bool lf = speaker == TRANSCRIPT_SERVER && slice_find(octets, '\r') == octets.len;
    const struct transcript_ending *between = !quoted ? r->ending
                                              : lf    ? transcript_text_lf()
                                                      : transcript_text_crlf();
    drop_repeated(r, octets,
                  transcript_text_find(octets, between, speaker == TRANSCRIPT_SERVER) < octets.len);
    do {
        size_t end = transcript_text_find(octets, between, speaker == TRANSCRIPT_SERVER);
        bool last = end == octets.len;
        add_line(r, whole, slice_sub(octets, 0, end), at, id, last && quoted);
        octets = slice_from(octets, end + (last ? 0 : between->between.len));
    } while (octets.len > 0);
}

/* The lines of a reply behind its first one, which some programs do not mark. */
static bool goes_on(const struct reading *r, struct slice line)
{
    const struct transcript_line *items = r->items.items;
    struct slice before = r->items.count > 0 ? items[r->items.count - 1].body : SLICE("");
    return r->last == TRANSCRIPT_SERVER && before.len > 3 && before.ptr[3] == '-' &&
           transcript_is_reply(slice_trim(line));
}

/* "Connected to smtps://mx.example:465/", "Connection closed by foreign host." */
static bool is_about_connection(struct slice line)
{
    enum transcript_class class = transcript_class_of(slice_trim(line));
    return class == TRANSCRIPT_LAUNCH || class == TRANSCRIPT_CLOSED;
}

/* A keyword of EHLO that is registered, or begins with X, and its parameters (RFC 5321 4.1.1.1). */
static bool is_keyword_line(struct script_arena *arena, struct slice line)
{
    struct script_buffer octets = {.arena = arena};
    struct smtp_reply_parser parser = {.limits = {.max_line_octets = 1000, .max_octets = 2000}};
    struct smtp_reply reply;
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword keyword;
    script_buffer_put(&octets, SLICE("250-a\r\n250 "));
    script_buffer_put(&octets, line);
    script_buffer_put(&octets, SLICE("\r\n"));
    if (smtp_reply_parse(&parser, script_buffer_slice(&octets), &reply).status != PARSE_OK)
        return false;
    smtp_ehlo_begin(&reply, &ehlo);
    if (!smtp_ehlo_next(&ehlo, &keyword))
        return false;
    return keyword.extension != SMTP_EXTENSION_UNKNOWN ||
           slice_starts_nocase(keyword.keyword, SLICE("X"));
}

/* The lines of the answer to EHLO behind its first one, of which a library has taken the codes off:
 * net/textproto of Go. */
static bool add_keyword(struct reading *r, struct slice line)
{
    struct transcript_line *items = r->items.items;
    struct transcript_line *before = r->items.count > 1 ? &items[r->items.count - 1] : NULL;
    struct slice text = slice_trim(line);
    if (r->last != TRANSCRIPT_SERVER || before == NULL ||
        !slice_starts(before->body, SLICE("250 ")) || !is_keyword_line(r->arena, text))
        return false;
    const struct transcript_line *command = before - 1;
    while (command > items && command->speaker == TRANSCRIPT_SERVER)
        command--;
    if (!slice_starts_nocase(command->body, SLICE("EHLO ")) &&
        !slice_starts_nocase(command->body, SLICE("LHLO ")))
        return false;
    struct script_buffer goes_on = {.arena = r->arena}, ends = {.arena = r->arena};
    script_buffer_put(&goes_on, SLICE("250-"));
    script_buffer_put(&goes_on, slice_from(before->body, 4));
    before->text = before->body = script_buffer_slice(&goes_on);
    script_buffer_put(&ends, SLICE("250 "));
    script_buffer_put(&ends, text);
    add_line(r, line, script_buffer_slice(&ends), text.ptr, before->id, false);
    items = r->items.items;
    items[r->items.count - 1].code_added = true;
    return true;
}

/* Which lines the message goes on in, below the one with the mark: all up to the lone dot, where
 * that comes before the next mark. */
static size_t count_message_lines(const struct reading *r, struct slice rest)
{
    struct slice none;
    for (size_t lines = 1; rest.len > 0; lines++) {
        struct slice line = transcript_next_line(&rest);
        if (transcript_side_match(&r->marks->servers, line, SIZE_MAX, &none) > 0 ||
            transcript_side_match(&r->marks->clients, line, SIZE_MAX, &none) > 0)
            return 0;
        if (slice_equal(line, SLICE(".")))
            return lines;
    }
    return 0;
}

/* The mark of a line says whether a message is open behind it. */
static void follow_message(struct reading *r, struct slice text, enum transcript_speaker speaker,
                           struct slice rest)
{
    if (speaker == TRANSCRIPT_SERVER)
        r->in_message = slice_starts(text, SLICE("354"));
    else if (slice_equal(text, SLICE(".")))
        r->in_message = false;
    bool open = r->in_message && speaker == TRANSCRIPT_CLIENT;
    r->message_lines = open ? count_message_lines(r, rest) : 0;
}

static void read_log_line(struct reading *r, struct slice line, struct slice rest)
{
    struct slice id = SLICE("");
    if (r->message_lines > 0) {
        r->message_lines--;
        add_line(r, line, line, line.ptr, id, false);
        return;
    }
    size_t octets = transcript_side_match(&r->marks->servers, line, r->field, &id);
    enum transcript_speaker speaker = TRANSCRIPT_SERVER;
    if (octets == 0) {
        octets = transcript_side_match(&r->marks->clients, line, r->field, &id);
        speaker = TRANSCRIPT_CLIENT;
    }
    if (octets > 0) {
        add_text(r, line, slice_from(line, octets), speaker, id);
        follow_message(r, slice_from(line, octets), speaker, rest);
    } else if (goes_on(r, line) || is_about_connection(line)) {
        add_text(r, line, slice_trim(line), TRANSCRIPT_SERVER, id);
    } else if (r->last == TRANSCRIPT_CLIENT && !r->in_message &&
               transcript_class_of(line) == TRANSCRIPT_COMMAND) { /* sent at once */
        add_text(r, line, line, TRANSCRIPT_CLIENT, id);
    } else if (!add_keyword(r, line) && slice_trim(line).len > 0) {
        r->last = TRANSCRIPT_ANYBODY;
    }
}

static struct transcript_lines read_log(struct reading *r, struct slice source)
{
    r->items = (struct script_array){.arena = r->arena};
    r->number = 0;
    r->last = TRANSCRIPT_ANYBODY;
    r->in_message = false;
    r->message_lines = 0;
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source);
        r->number++;
        read_log_line(r, line, source);
    }
    return (struct transcript_lines){.items = r->items.items, .count = r->items.count};
}

/* "Receiving <220 mx>": what each of the server's lines ends with, where its mark opens a bracket.
 */
static const struct transcript_ending *closing_bracket(const struct transcript_marks *marks)
{
    static const struct transcript_ending closing[] = {{SLICE_INIT(">"), SLICE_INIT("")},
                                                       {SLICE_INIT(")"), SLICE_INIT("")},
                                                       {SLICE_INIT("]"), SLICE_INIT("")},
                                                       {SLICE_INIT("}"), SLICE_INIT("")}};
    static const struct slice opening = SLICE_INIT("<([{");
    const struct transcript_shape *server = &marks->server->shape, *client = &marks->client->shape;
    size_t kind =
        server->len > 0 ? slice_find(opening, server->octets[server->len - 1]) : opening.len;
    bool both = kind < opening.len && client->len > 0 &&
                client->octets[client->len - 1] == opening.ptr[kind];
    return both ? &closing[kind] : NULL;
}

/* How lines end in the log, and whether the client's show it. */
static void find_endings(struct reading *r, struct slice source)
{
    struct transcript_text_count count = {.lines = 0};
    r->ending = closing_bracket(r->marks);
    if (r->ending != NULL)
        return;
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source), none;
        size_t octets = transcript_side_match(&r->marks->servers, line, SIZE_MAX, &none);
        struct slice text = slice_from(line, octets);
        struct slice unquoted = slice_from(text, slice_starts(text, SLICE("\"")));
        if (octets > 0 && transcript_is_reply(unquoted))
            transcript_text_count(&count, text);
        octets = transcript_side_match(&r->marks->clients, line, SIZE_MAX, &none);
        if (octets > 0 && transcript_text_unquote(r->arena, slice_from(line, octets), &text))
            r->whole_lines = r->whole_lines || slice_find(text, '\r') < text.len;
    }
    r->ending = transcript_text_ending(&count);
}

#define MAX_FIELDS 12

/* The word of the two beginnings that tells sessions apart: at least half of what it tells apart
 * begins with a greeting, and fewer replies and commands go astray than otherwise; no more, where
 * each begins so. */
static void find_sessions(struct reading *r, struct slice source, struct transcript_lines *lines)
{
    const struct transcript_shape *server = &r->marks->server->shape;
    const struct transcript_shape *client = &r->marks->client->shape;
    size_t fields = server->open < client->open ? server->open : client->open;
    size_t astray = transcript_session_count(r->arena, lines).astray;
    bool greeted = false;
    for (r->field = 0; r->field < fields && r->field < MAX_FIELDS; r->field++) {
        struct transcript_lines found = read_log(r, source);
        struct transcript_session_count count = transcript_session_count(r->arena, &found);
        bool all = count.greeted == count.sessions;
        bool fewer = count.astray < astray || (all && !greeted && count.astray == astray);
        if (count.sessions < 2 || 2 * count.greeted < count.sessions || !fewer)
            continue;
        if (!all && !count.interleaved) /* a time, which goes on within a session */
            continue;
        transcript_sessions(r->arena, &found);
        greeted = all;
        astray = count.astray;
        *lines = found;
    }
}

static enum transcript_learned kind_of(const struct transcript_marks *m)
{
    bool server = m->server->shape.len > 0, client = m->client->shape.len > 0;
    if ((!server && !client) || (server && m->server->replies < 2) ||
        (!server && m->client->commands < 2))
        return TRANSCRIPT_LEARNED_NOTHING;
    if (transcript_shape_equal(&m->server->shape, &m->client->shape))
        return TRANSCRIPT_LEARNED_PREFIX;
    return server && client ? TRANSCRIPT_LEARNED_LOG : TRANSCRIPT_LEARNED_SIDE;
}

/* Where replies or commands are left over: with other beginnings of the server's lines, if fewer
 * are then. */
static void read_widened(struct reading *r, struct transcript_marks *m, struct slice source,
                         struct transcript_lines *lines)
{
    struct transcript_side servers = m->servers;
    size_t astray = transcript_session_count(r->arena, lines).astray;
    if (astray == 0 || !transcript_marks_widen(m))
        return;
    struct transcript_lines wider = read_log(r, source);
    if (transcript_session_count(r->arena, &wider).astray < astray)
        *lines = wider;
    else
        m->servers = servers;
}

static void read_as_log(struct script_arena *arena, struct transcript_marks *m, struct slice source,
                        struct transcript_log *ret_log)
{
    struct reading r = {.arena = arena, .marks = m, .field = SIZE_MAX};
    find_endings(&r, source);
    ret_log->name = "a log: what is no part of the dialogue is left out";
    ret_log->lines = read_log(&r, source);
    read_widened(&r, m, source, &ret_log->lines);
    if (r.cut > 0) {
        ret_log->mistake = "the log does not show all of what was sent here: strace -s 65535 does";
        ret_log->line = r.cut;
        ret_log->column = r.cut_column;
        ret_log->width = r.cut_width;
    }
    find_sessions(&r, source, &ret_log->lines);
    transcript_look_ahead(&ret_log->lines);
}

enum transcript_learned transcript_learn(struct script_arena *arena, struct slice source,
                                         struct transcript_log *ret_log)
{
    struct transcript_marks m = {.beginnings = {.arena = arena}};
    for (struct slice rest = source; rest.len > 0;)
        transcript_marks_count(&m, transcript_next_line(&rest));
    if (!transcript_marks_choose(&m))
        return TRANSCRIPT_LEARNED_NOTHING;
    enum transcript_learned kind = kind_of(&m);
    struct transcript_log log = {.mistake = NULL};
    if (kind == TRANSCRIPT_LEARNED_NOTHING)
        return kind;
    if (kind == TRANSCRIPT_LEARNED_LOG) {
        transcript_marks_find_sides(&m);
        read_as_log(arena, &m, source, &log);
    } else {
        struct transcript_marked marked = {
            .server = m.server->shape.len > 0 ? &m.server->shape : NULL,
            .client = m.client->shape.len > 0 ? &m.client->shape : NULL};
        log.name = kind == TRANSCRIPT_LEARNED_PREFIX
                       ? "what each line begins with is left out"
                       : "what marks the lines of one side is left out";
        log.lines = transcript_scan_marked(arena, source, &marked);
    }
    *ret_log = log;
    return kind;
}
