#include "script/transcript_learn.h"

#include "base/octet.h"
#include "script/transcript_session.h"
#include "script/transcript_shape.h"
#include "script/transcript_text.h"
#include "smtp/ehlo.h"

/* ---- where replies and commands may begin in a line ---- */

/* Whether words may begin behind `line[at - 1]`. */
static bool is_boundary(struct slice line, size_t at)
{
    static const struct slice signs = SLICE_INIT(" \t\"'|,=<>()[]{}:");
    if (at == 0)
        return true;
    uint8_t before = line.ptr[at - 1];
    if (before == ':') /* "S:220", and no time or port */
        return at > 1 && octet_is(line.ptr[at - 2], OCTET_ALPHA);
    return slice_find(signs, before) < signs.len;
}

/* RFC 5321 4.2.1: the second digit says what a reply is about, and is 0 to 5. */
static bool begins_reply(struct slice line, size_t at)
{
    struct slice text = slice_sub(line, at, at + 4 < line.len ? at + 4 : line.len);
    return is_boundary(line, at) && transcript_is_reply(text) && text.ptr[1] <= '5';
}

/* Whether nothing of the text follows `at`: the end of the line, or what programs write there. */
static bool is_end(struct slice line, size_t at)
{
    static const struct slice signs = SLICE_INIT("\r\\<\"',?[");
    return at == line.len || slice_find(signs, line.ptr[at]) < signs.len;
}

static bool begins_command(struct slice line, size_t at)
{
    static const struct {
        struct slice text;
        bool alone; /* nothing follows it */
    } verbs[] = {
        {SLICE_INIT("EHLO "), false},      {SLICE_INIT("HELO "), false},
        {SLICE_INIT("LHLO "), false},      {SLICE_INIT("MAIL FROM:"), false},
        {SLICE_INIT("RCPT TO:"), false},   {SLICE_INIT("AUTH PLAIN"), false},
        {SLICE_INIT("AUTH LOGIN"), false}, {SLICE_INIT("AUTH CRAM-MD5"), false},
        {SLICE_INIT("DATA"), true},        {SLICE_INIT("QUIT"), true},
        {SLICE_INIT("RSET"), true},        {SLICE_INIT("STARTTLS"), true},
        {SLICE_INIT("NOOP"), true},
    };
    if (!octet_is(line.ptr[at], OCTET_ALPHA) || !is_boundary(line, at))
        return false;
    struct slice text = slice_from(line, at);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (slice_starts_nocase(text, verbs[i].text) &&
            (!verbs[i].alone || is_end(text, verbs[i].text.len)))
            return true;
    return false;
}

/* ---- which beginnings stand before them ---- */

#define MAX_SHAPES     256
#define MAX_CANDIDATES 4

struct counted {
    struct transcript_shape shape;
    size_t replies, commands;
};

#define MAX_MARKS 8

/* How one side's lines begin: first as most do, then other beginnings with the same mark. */
struct side {
    const struct transcript_shape *shapes[MAX_MARKS];
    size_t count;
};

struct learn {
    struct script_arena *arena;
    struct script_array shapes; /* struct counted; few logs have many, so room grows with them */
    const struct counted *server, *client; /* that most lines are of */
    struct side servers, clients;
};

/* A quote belongs to the text behind it. */
static struct slice without_quote(struct slice before)
{
    bool quote =
        before.len > 0 && (before.ptr[before.len - 1] == '"' || before.ptr[before.len - 1] == '\'');
    if (!quote)
        return before;
    before = slice_sub(before, 0, before.len - 1);
    bool bytes = before.len > 0 && before.ptr[before.len - 1] == 'b' &&
                 (before.len == 1 || !octet_is(before.ptr[before.len - 2], OCTET_ALPHA));
    return bytes ? slice_sub(before, 0, before.len - 1) : before;
}

static void count_shape(struct learn *l, struct slice before, bool reply)
{
    struct transcript_shape shape;
    if (!transcript_shape_of(without_quote(before), &shape))
        return;
    struct counted *shapes = l->shapes.items;
    size_t i = 0;
    while (i < l->shapes.count && !transcript_shape_equal(&shapes[i].shape, &shape))
        i++;
    if (i == MAX_SHAPES)
        return;
    struct counted *counted =
        i < l->shapes.count ? &shapes[i] : script_array_push(&l->shapes, sizeof *shapes);
    counted->shape = shape;
    counted->replies += reply;
    counted->commands += !reply;
}

/* A verb right behind a reply code is the reply's text; a number before a command is no reply. What
 * a person typed at a prompt is nobody's line. */
static void count_line(struct learn *l, struct slice line)
{
    if (transcript_class_of(slice_trim(line)) == TRANSCRIPT_LAUNCH)
        return;
    size_t replies[MAX_CANDIDATES], commands[MAX_CANDIDATES];
    size_t reply_count = 0, command_count = 0, behind_code = SIZE_MAX;
    size_t end = line.len < TRANSCRIPT_SHAPE_OCTETS ? line.len : TRANSCRIPT_SHAPE_OCTETS;
    for (size_t at = 0; at < end; at++) {
        if (reply_count < MAX_CANDIDATES && begins_reply(line, at)) {
            behind_code = at + 4;
            replies[reply_count++] = at;
        } else if (command_count < MAX_CANDIDATES && at != behind_code &&
                   begins_command(line, at)) {
            commands[command_count++] = at;
            break;
        }
    }
    for (size_t i = 0; i < command_count; i++)
        count_shape(l, slice_sub(line, 0, commands[i]), false);
    for (size_t i = 0; i < reply_count && command_count == 0; i++)
        count_shape(l, slice_sub(line, 0, replies[i]), true);
}

/* Whether the octet at `at` belongs to the word of the one before it. */
static bool goes_on_in_word(struct slice text, size_t at)
{
    return at > 0 && octet_is(text.ptr[at - 1], OCTET_ALPHA | OCTET_DIGIT) &&
           (at == text.len || octet_is(text.ptr[at], OCTET_ALPHA | OCTET_DIGIT));
}

/* Whether what `inner` stands before was said behind `outer`: in a message, or in the text of a
 * reply ("S: 535 wrong authentication data"). */
static bool is_inside(const struct transcript_shape *inner, const struct transcript_shape *outer)
{
    return outer->len > 0 && inner->len > outer->len &&
           transcript_shape_alike(inner, outer) == outer->len;
}

/* The pair that most lines are of; of pairs with as many, nearly, and as many commands, the one
 * that begins alike: a log may hold what a program said as a server and as a client. */
static bool choose(struct learn *l)
{
    const struct counted *shapes = l->shapes.items;
    size_t most = 0, best_alike = 0, best = 0, commands = 0;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t r = 0; r < l->shapes.count; r++)
            for (size_t c = 0; c < l->shapes.count; c++) {
                const struct counted *server = &shapes[r], *client = &shapes[c];
                size_t lines = server->replies + client->commands;
                if (server->replies == 0 || client->commands == 0 ||
                    is_inside(&client->shape, &server->shape))
                    continue;
                if (pass == 0) {
                    commands = lines > most ? client->commands : commands;
                    most = lines > most ? lines : most;
                    continue;
                }
                size_t like = transcript_shape_alike(&server->shape, &client->shape);
                if (lines * 4 < most * 3 || client->commands * 4 < commands * 3 ||
                    (l->server != NULL && like < best_alike) ||
                    (l->server != NULL && like == best_alike && lines <= best))
                    continue;
                l->server = server;
                l->client = client;
                best_alike = like;
                best = lines;
            }
    return l->server != NULL;
}

/* "c: " and "s: ", "Client> " and "Server> ": alike but for letters. */
static bool is_counterpart(const struct transcript_shape *a, const struct transcript_shape *b)
{
    for (size_t i = 0; i < a->len && a->len == b->len; i++) {
        bool letters = octet_is(a->octets[i], OCTET_ALPHA) && octet_is(b->octets[i], OCTET_ALPHA);
        if (a->octets[i] != b->octets[i] && !letters)
            return false;
    }
    return a->len == b->len && !transcript_shape_equal(a, b);
}

/* Where only the first line of each reply has a mark, most replies have none. */
static void choose_counterpart(struct learn *l)
{
    const struct counted *shapes = l->shapes.items;
    for (size_t i = 0; i < l->shapes.count && l->server->shape.len == 0; i++)
        if (shapes[i].replies > 1 && l->client->shape.len > 0 &&
            is_counterpart(&shapes[i].shape, &l->client->shape))
            l->server = &shapes[i];
}

/* Whether the line begins otherwise than `chosen` does, in more than blanks, but for what it has
 * behind `from`, before which no word goes on. */
static bool has_mark(const struct transcript_shape *other, const struct transcript_shape *chosen,
                     size_t from)
{
    size_t octets = chosen->len - from;
    if (other->len < octets ||
        memcmp(other->octets + other->len - octets, chosen->octets + from, octets) != 0)
        return false;
    struct slice before = slice_of(other->octets, other->len - octets);
    return !goes_on_in_word(slice_of(other->octets, other->len), before.len) &&
           !slice_equal(slice_trim(before), slice_trim(slice_of(chosen->octets, from)));
}

/* What stands before the mark of a side may change within a log. */
static struct side find_side(const struct learn *l, const struct counted *chosen, size_t from)
{
    const struct counted *shapes = l->shapes.items;
    struct side side = {.shapes = {&chosen->shape}, .count = 1};
    for (size_t i = 0; i < l->shapes.count && chosen->shape.len > from + 1; i++) {
        const struct counted *other = &shapes[i];
        bool said = chosen == l->server ? other->replies > 0 : other->commands > 0;
        if (said && side.count < MAX_MARKS && has_mark(&other->shape, &chosen->shape, from) &&
            !is_inside(&other->shape, &l->server->shape) &&
            !is_inside(&other->shape, &l->client->shape))
            side.shapes[side.count++] = &other->shape;
    }
    return side;
}

static void find_sides(struct learn *l)
{
    const struct transcript_shape *server = &l->server->shape;
    size_t from = transcript_shape_alike(server, &l->client->shape);
    while (from > 0 && goes_on_in_word(slice_of(server->octets, server->len), from))
        from--;
    l->servers = find_side(l, l->server, from);
    l->clients = find_side(l, l->client, from);
}

static size_t match_side(const struct side *side, struct slice line, size_t field,
                         struct slice *ret_field)
{
    size_t octets = 0;
    for (size_t i = 0; i < side->count && octets == 0; i++)
        octets = transcript_shape_match(side->shapes[i], line, field, ret_field);
    return octets;
}

/* ---- the log ---- */

struct reading {
    struct script_arena *arena;
    const struct learn *learn;
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

/* A reader that is not asked waits for a whole reply and logs what it has again each time. */
static void drop_repeated(struct reading *r, struct slice text)
{
    bool again = r->last == TRANSCRIPT_SERVER && r->before.len > 0 && text.len > r->before.len &&
                 slice_starts(text, r->before);
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
    drop_repeated(r, octets);
    bool lf = speaker == TRANSCRIPT_SERVER && slice_find(octets, '\r') == octets.len;
    const struct transcript_ending *between = !quoted ? r->ending
                                              : lf    ? transcript_text_lf()
                                                      : transcript_text_crlf();
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
    return r->last == TRANSCRIPT_SERVER && transcript_is_reply(slice_trim(line));
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
        if (match_side(&r->learn->servers, line, SIZE_MAX, &none) > 0 ||
            match_side(&r->learn->clients, line, SIZE_MAX, &none) > 0)
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
    size_t octets = match_side(&r->learn->servers, line, r->field, &id);
    enum transcript_speaker speaker = TRANSCRIPT_SERVER;
    if (octets == 0) {
        octets = match_side(&r->learn->clients, line, r->field, &id);
        speaker = TRANSCRIPT_CLIENT;
    }
    if (octets > 0) {
        add_text(r, line, slice_from(line, octets), speaker, id);
        follow_message(r, slice_from(line, octets), speaker, rest);
    } else if (goes_on(r, line) || is_about_connection(line)) {
        add_text(r, line, slice_trim(line), TRANSCRIPT_SERVER, id);
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

/* How lines end in the log, and whether the client's show it. */
static void find_endings(struct reading *r, struct slice source)
{
    struct transcript_text_count count = {.lines = 0};
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source), none;
        size_t octets = match_side(&r->learn->servers, line, SIZE_MAX, &none);
        struct slice text = slice_from(line, octets);
        struct slice unquoted = slice_from(text, slice_starts(text, SLICE("\"")));
        if (octets > 0 && transcript_is_reply(unquoted))
            transcript_text_count(&count, text);
        octets = match_side(&r->learn->clients, line, SIZE_MAX, &none);
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
    const struct transcript_shape *server = &r->learn->server->shape;
    const struct transcript_shape *client = &r->learn->client->shape;
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

static enum transcript_learned kind_of(const struct learn *l)
{
    bool server = l->server->shape.len > 0, client = l->client->shape.len > 0;
    if ((!server && !client) || (server && l->server->replies < 2) ||
        (!server && l->client->commands < 2))
        return TRANSCRIPT_LEARNED_NOTHING;
    if (transcript_shape_equal(&l->server->shape, &l->client->shape))
        return TRANSCRIPT_LEARNED_PREFIX;
    return server && client ? TRANSCRIPT_LEARNED_LOG : TRANSCRIPT_LEARNED_SIDE;
}

static void read_as_log(struct learn *l, struct slice source, struct transcript_log *ret_log)
{
    struct reading r = {.arena = l->arena, .learn = l, .field = SIZE_MAX};
    find_endings(&r, source);
    ret_log->name = "a log: what is no part of the dialogue is left out";
    ret_log->lines = read_log(&r, source);
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
    struct learn l = {.arena = arena, .shapes = {.arena = arena}};
    for (struct slice rest = source; rest.len > 0;)
        count_line(&l, transcript_next_line(&rest));
    if (!choose(&l))
        return TRANSCRIPT_LEARNED_NOTHING;
    choose_counterpart(&l);
    enum transcript_learned kind = kind_of(&l);
    struct transcript_log log = {.mistake = NULL};
    if (kind == TRANSCRIPT_LEARNED_NOTHING)
        return kind;
    if (kind == TRANSCRIPT_LEARNED_LOG) {
        find_sides(&l);
        read_as_log(&l, source, &log);
    } else {
        struct transcript_marked marked = {
            .server = l.server->shape.len > 0 ? &l.server->shape : NULL,
            .client = l.client->shape.len > 0 ? &l.client->shape : NULL};
        log.name = kind == TRANSCRIPT_LEARNED_PREFIX
                       ? "what each line begins with is left out"
                       : "what marks the lines of one side is left out";
        log.lines = transcript_scan_marked(arena, source, &marked);
    }
    *ret_log = log;
    return kind;
}
