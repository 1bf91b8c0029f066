#include "script/transcript_marks.h"

#include "base/octet.h"
#include "script/transcript_scan.h"

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
    if (octet_is(before, OCTET_EIGHT_BIT)) /* a border that is drawn, an arrow */
        return true;
    return slice_find(signs, before) < signs.len;
}

/* RFC 5321 4.2.1: the second digit says what a reply is about, and is 0 to 5. */
static bool begins_reply(struct slice line, size_t at)
{
    struct slice text = slice_sub(line, at, at + 4 < line.len ? at + 4 : line.len);
    return is_boundary(line, at) && transcript_is_reply(text) && text.ptr[1] <= '5';
}

/* Whether nothing of the text follows `at`: the end of the line, or what programs write there. The
 * name of a member of JSON is no text. */
static bool is_end(struct slice line, size_t at)
{
    static const struct slice signs = SLICE_INIT("\r\\<\"',?["), closing = SLICE_INIT(">)]}");
    if (at == line.len || slice_find(signs, line.ptr[at]) < signs.len)
        return !slice_starts(slice_from(line, at), SLICE("\":"));
    return at + 1 == line.len && slice_find(closing, line.ptr[at]) < closing.len;
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

static void count_beginning(struct transcript_marks *m, struct slice before, bool reply)
{
    struct transcript_shape shape;
    if (!transcript_shape_of(without_quote(before), &shape))
        return;
    struct transcript_beginning *shapes = m->beginnings.items;
    size_t i = 0;
    while (i < m->beginnings.count && !transcript_shape_equal(&shapes[i].shape, &shape))
        i++;
    if (i == MAX_SHAPES)
        return;
    struct transcript_beginning *counted =
        i < m->beginnings.count ? &shapes[i] : script_array_push(&m->beginnings, sizeof *shapes);
    counted->shape = shape;
    counted->replies += reply;
    counted->commands += !reply;
}

/* Whether the word at `at` is text of the reply before it: words alone part it from the code
 * ("354 End data", "535 no such data"). */
static bool is_text_of_reply(struct slice line, size_t code, size_t at)
{
    size_t letters = 0;
    for (size_t i = code + 4; i < at; i++) {
        letters += octet_is(line.ptr[i], OCTET_ALPHA);
        if (!octet_is(line.ptr[i], OCTET_ALPHA | OCTET_WSP))
            return false;
    }
    return letters > 0;
}

/* A verb right behind a reply code is the reply's text; a number before a command is no reply. What
 * a person typed at a prompt is nobody's line. */
void transcript_marks_count(struct transcript_marks *m, struct slice line)
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
                   begins_command(line, at) &&
                   !(reply_count > 0 && is_text_of_reply(line, replies[reply_count - 1], at))) {
            commands[command_count++] = at;
            break;
        }
    }
    for (size_t i = 0; i < command_count; i++)
        count_beginning(m, slice_sub(line, 0, commands[i]), false);
    for (size_t i = 0; i < reply_count && command_count == 0; i++)
        count_beginning(m, slice_sub(line, 0, replies[i]), true);
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
static bool choose_pair(struct transcript_marks *m)
{
    const struct transcript_beginning *shapes = m->beginnings.items;
    size_t most = 0, best_alike = 0, best = 0, commands = 0;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t r = 0; r < m->beginnings.count; r++)
            for (size_t c = 0; c < m->beginnings.count; c++) {
                const struct transcript_beginning *server = &shapes[r], *client = &shapes[c];
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
                    (m->server != NULL && like < best_alike) ||
                    (m->server != NULL && like == best_alike && lines <= best))
                    continue;
                m->server = server;
                m->client = client;
                best_alike = like;
                best = lines;
            }
    return m->server != NULL;
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

/* Whether the two begin alike behind `from`, with a word at least. */
static bool shares_word(const struct transcript_shape *a, const struct transcript_shape *b,
                        size_t from)
{
    size_t alike = transcript_shape_alike(a, b), letters = 0;
    while (alike > from && goes_on_in_word(slice_of(a->octets, a->len), alike))
        alike--;
    for (size_t i = from; i < alike; i++)
        letters += octet_is(a->octets[i], OCTET_ALPHA);
    return letters > 0;
}

/* Where only the first line of each reply has a mark, most replies have none; likewise commands
 * that are sent at once. */
static void choose_counterpart(struct transcript_marks *m)
{
    const struct transcript_beginning *all = m->beginnings.items;
    for (size_t i = 0; i < m->beginnings.count && m->server->shape.len == 0; i++)
        if (all[i].replies > 1 && m->client->shape.len > 0 &&
            is_counterpart(&all[i].shape, &m->client->shape))
            m->server = &all[i];
    for (size_t i = 0; i < m->beginnings.count && m->client->shape.len == 0; i++)
        if (all[i].commands > 0 && !is_inside(&all[i].shape, &m->server->shape) &&
            shares_word(&all[i].shape, &m->server->shape, 0))
            m->client = &all[i];
}

bool transcript_marks_choose(struct transcript_marks *m)
{
    if (!choose_pair(m))
        return false;
    choose_counterpart(m);
    return true;
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
static struct transcript_side find_side(const struct transcript_marks *m,
                                        const struct transcript_beginning *chosen, size_t from)
{
    const struct transcript_beginning *shapes = m->beginnings.items;
    struct transcript_side side = {.shapes = {&chosen->shape}, .count = 1};
    for (size_t i = 0; i < m->beginnings.count && chosen->shape.len > from + 1; i++) {
        const struct transcript_beginning *other = &shapes[i];
        bool said = chosen == m->server ? other->replies > 0 : other->commands > 0;
        if (said && side.count < TRANSCRIPT_MARKS &&
            has_mark(&other->shape, &chosen->shape, from) &&
            !is_inside(&other->shape, &m->server->shape) &&
            !is_inside(&other->shape, &m->client->shape))
            side.shapes[side.count++] = &other->shape;
    }
    return side;
}

/* Octets in which the two sides' lines begin alike, whole words of them. */
static size_t common_octets(const struct transcript_marks *m)
{
    const struct transcript_shape *server = &m->server->shape;
    size_t from = transcript_shape_alike(server, &m->client->shape);
    while (from > 0 && goes_on_in_word(slice_of(server->octets, server->len), from))
        from--;
    return from;
}

void transcript_marks_find_sides(struct transcript_marks *m)
{
    size_t from = common_octets(m);
    m->servers = find_side(m, m->server, from);
    m->clients = find_side(m, m->client, from);
}

bool transcript_marks_widen(struct transcript_marks *m)
{
    const struct transcript_beginning *all = m->beginnings.items;
    size_t from = common_octets(m), before = m->servers.count;
    for (size_t i = 0; i < m->beginnings.count && m->servers.count < TRANSCRIPT_MARKS; i++) {
        bool is_new = all[i].replies > 0;
        for (size_t k = 0; k < m->servers.count && is_new; k++)
            is_new = !is_inside(&all[i].shape, m->servers.shapes[k]) &&
                     !transcript_shape_equal(&all[i].shape, m->servers.shapes[k]);
        if (is_new && shares_word(&all[i].shape, &m->server->shape, from))
            m->servers.shapes[m->servers.count++] = &all[i].shape;
    }
    return m->servers.count > before;
}

size_t transcript_side_match(const struct transcript_side *side, struct slice line, size_t field,
                             struct slice *ret_field)
{
    size_t octets = 0;
    for (size_t i = 0; i < side->count && octets == 0; i++)
        octets = transcript_shape_match(side->shapes[i], line, field, ret_field);
    return octets;
}
