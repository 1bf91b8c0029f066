#include "script/transcript_session.h"

#include "base/octet.h"

#define MAX_SESSIONS 4096 /* of one log; a field of a log with more values is no id */

struct session {
    struct slice id;
    size_t lines, at;
    size_t open, astray;
    bool said;   /* a line of either side was there */
    bool greets; /* its first line is a greeting */
    bool spoke;  /* the client did */
    bool greeted, in_message;
    bool challenged; /* the server said 334 */
    bool over;       /* the server said 221 */
};

struct sessions {
    struct session *items;
    uint16_t *slots; /* index + 1; twice as many as there may be sessions */
    size_t count, max;
};

static struct session *find(struct sessions *s, struct slice id)
{
    size_t slots = 2 * s->max, slot = slice_hash(SLICE_HASH, id) % slots;
    for (; s->slots[slot] != 0; slot = (slot + 1) % slots)
        if (slice_equal(s->items[s->slots[slot] - 1].id, id))
            return &s->items[s->slots[slot] - 1];
    if (s->count == s->max)
        return NULL;
    s->items[s->count] = (struct session){.id = id};
    s->slots[slot] = (uint16_t)++s->count;
    return &s->items[s->count - 1];
}

/* Lines before the first that says its id are of that session, too. */
static struct slice first_id(const struct transcript_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        if (lines->items[i].id.len > 0)
            return lines->items[i].id;
    return SLICE("");
}

/* RFC 5321 3.1: 220, 554; 3.8: 421 */
static bool is_greeting(const struct transcript_line *line)
{
    return line->speaker == TRANSCRIPT_SERVER && line->class == TRANSCRIPT_REPLY &&
           (slice_starts(line->body, SLICE("220")) || slice_starts(line->body, SLICE("421")) ||
            slice_starts(line->body, SLICE("554")));
}

/* False where there are too many ids. */
static bool collect(struct script_arena *arena, const struct transcript_lines *lines,
                    struct sessions *ret_sessions)
{
    size_t max = lines->count < MAX_SESSIONS ? lines->count : MAX_SESSIONS; /* each has a line */
    struct sessions s = {.items = script_arena_alloc(arena, max * sizeof *s.items),
                         .slots = script_arena_alloc(arena, 2 * max * sizeof *s.slots),
                         .max = max};
    struct slice id = first_id(lines);
    for (size_t i = 0; i < lines->count; i++) {
        const struct transcript_line *line = &lines->items[i];
        id = line->id.len > 0 ? line->id : id;
        struct session *session = find(&s, id);
        if (session == NULL)
            return false;
        session->greets = session->greets || (!session->said && is_greeting(line));
        session->said = session->said || line->class != TRANSCRIPT_LAUNCH;
        session->lines++;
    }
    *ret_sessions = s;
    return true;
}

/* What a line leaves open in its session. */
static void follow(struct session *session, const struct transcript_line *line)
{
    bool reply = line->class == TRANSCRIPT_REPLY;
    if (line->speaker == TRANSCRIPT_CLIENT) {
        bool message = session->in_message && !slice_equal(line->body, SLICE("."));
        session->open += !message;
        session->astray += session->over;
        session->spoke = true;
        return;
    }
    bool last = line->body.len < 4 || line->body.ptr[3] != '-';
    if (!reply || !last)
        return;
    bool shown =
        !session->in_message && !session->challenged; /* the dot, or a password, may not be */
    if (session->open == 0 && session->greeted && shown)
        session->astray++;
    session->open -= session->open > 0;
    session->greeted = true;
    session->challenged = slice_starts(line->body, SLICE("334"));
    session->in_message = slice_starts(line->body, SLICE("354"));
    session->over = slice_starts(line->body, SLICE("221"));
}

struct transcript_session_count transcript_session_count(struct script_arena *arena,
                                                         const struct transcript_lines *lines)
{
    struct transcript_session_count count = {.sessions = 0};
    struct sessions s;
    if (!collect(arena, lines, &s))
        return count;
    struct slice id = first_id(lines);
    const struct session *before = NULL;
    for (size_t i = 0; i < lines->count; i++) {
        id = lines->items[i].id.len > 0 ? lines->items[i].id : id;
        struct session *session = find(&s, id);
        count.interleaved = count.interleaved || (session != before && session->at > 0);
        session->at++;
        before = session;
        follow(session, &lines->items[i]);
    }
    count.sessions = s.count;
    for (size_t i = 0; i < s.count; i++) {
        count.greeted += s.items[i].greets && s.items[i].spoke;
        count.astray += s.items[i].astray + s.items[i].open;
    }
    return count;
}

void transcript_sessions(struct script_arena *arena, struct transcript_lines *lines)
{
    struct sessions s;
    if (!collect(arena, lines, &s) || s.count < 2)
        return;
    for (size_t i = 1; i < s.count; i++)
        s.items[i].at = s.items[i - 1].at + s.items[i - 1].lines;
    struct transcript_line *sorted = script_arena_alloc(arena, lines->count * sizeof *sorted);
    struct slice id = first_id(lines);
    for (size_t i = 0; i < lines->count; i++) {
        id = lines->items[i].id.len > 0 ? lines->items[i].id : id;
        struct session *session = find(&s, id);
        struct transcript_line *line = &sorted[session->at++];
        *line = lines->items[i];
        line->begins = session->lines > 0 && session != s.items;
        session->lines = 0; /* the first one is there */
    }
    lines->items = sorted;
}
