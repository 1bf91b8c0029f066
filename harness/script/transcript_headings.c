#include "script/transcript_headings.h"

#include "base/octet.h"
#include "script/transcript_dump.h"
#include "script/transcript_scan.h"
#include "script/transcript_text.h"

#define MAX_KINDS 32 /* of headings */

struct kind {
    struct transcript_shape shape;
    size_t replies, commands; /* that stand right behind one */
    enum transcript_speaker speaker;
    bool clear; /* whose it is */
};

struct headings {
    struct kind kinds[MAX_KINDS];
    size_t count;
    size_t bare;          /* replies behind commands and the other way round, no heading between */
    size_t ends, no_ends; /* what is said, with and without "\r" */
    struct slice server;  /* in packets of tcpflow: its address and port */
};

/* ---- packets of tcpflow ---- */

/* "192.000.002.001.00025-192.000.002.007.40123: ": octets of that, or 0. */
static size_t flow_length(struct slice line, struct slice *ret_from)
{
    static const struct slice form = SLICE_INIT("000.000.000.000.00000-000.000.000.000.00000:");
    if (line.len < form.len)
        return 0;
    for (size_t i = 0; i < form.len; i++)
        if (form.ptr[i] == '0' ? !octet_is(line.ptr[i], OCTET_DIGIT) : line.ptr[i] != form.ptr[i])
            return 0;
    *ret_from = slice_sub(line, 0, slice_find(line, '-'));
    return form.len + slice_starts(slice_from(line, form.len), SLICE(" "));
}

static void find_server(struct headings *h, struct slice source)
{
    while (source.len > 0 && h->server.len == 0) {
        struct slice line = transcript_next_line(&source), from;
        size_t octets = flow_length(line, &from);
        if (octets > 0 && transcript_is_reply(slice_from(line, octets)))
            h->server = from;
    }
}

/* ---- other headings ---- */

static bool shows_end(struct slice text)
{
    return text.len > 1 && slice_equal(slice_from(text, text.len - 2), SLICE("\\r"));
}

static enum transcript_class class_of(struct slice text)
{
    return transcript_class_of(slice_sub(text, 0, text.len - (shows_end(text) ? 2 : 0)));
}

static bool may_be_heading(enum transcript_class class)
{
    return class == TRANSCRIPT_OTHER || class == TRANSCRIPT_NOISE || class == TRANSCRIPT_PROMPT;
}

static struct kind *find_kind(struct headings *h, struct slice text)
{
    struct transcript_shape shape;
    if (text.len == 0 || !transcript_shape_of(text, &shape))
        return NULL;
    for (size_t i = 0; i < h->count; i++)
        if (transcript_shape_equal(&h->kinds[i].shape, &shape))
            return &h->kinds[i];
    if (h->count == MAX_KINDS)
        return NULL;
    h->kinds[h->count] = (struct kind){.shape = shape};
    return &h->kinds[h->count++];
}

static void count_headings(struct headings *h, struct slice source)
{
    struct slice before = SLICE("");
    enum transcript_class class_before = TRANSCRIPT_OTHER, class;
    for (bool blank = false; source.len > 0; blank = false) {
        struct slice text = slice_trim(transcript_next_line(&source));
        while (text.len == 0 && source.len > 0) {
            text = slice_trim(transcript_next_line(&source));
            blank = true;
        }
        class = class_of(text);
        bool reply = class == TRANSCRIPT_REPLY, command = class == TRANSCRIPT_COMMAND;
        h->bare += (reply && class_before == TRANSCRIPT_COMMAND) ||
                   (command && class_before == TRANSCRIPT_REPLY);
        h->ends += (reply || command) && shows_end(text);
        h->no_ends += (reply || command) && !shows_end(text);
        struct kind *kind = (reply || command) && !blank && may_be_heading(class_before)
                                ? find_kind(h, before)
                                : NULL;
        if (kind != NULL) {
            kind->replies += reply;
            kind->commands += command;
        }
        before = text;
        class_before = class;
    }
}

/* The side that has headings which begin so. */
static enum transcript_speaker side_alike(const struct headings *h, const struct kind *kind)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct kind *other = &h->kinds[i];
        if (other->clear &&
            2 * transcript_shape_alike(&other->shape, &kind->shape) >= other->shape.len)
            return other->speaker;
    }
    return TRANSCRIPT_ANYBODY;
}

/* What stands there once, or above what looks like a reply in a message, too, is of the side that
 * it begins like. */
static bool choose(struct headings *h)
{
    size_t said = 0;
    bool client = false, server = false;
    for (size_t i = 0; i < h->count; i++) {
        struct kind *kind = &h->kinds[i];
        bool replies = kind->replies > 1 && kind->replies > 2 * kind->commands;
        bool commands = kind->commands > 1 && kind->commands > 2 * kind->replies;
        kind->clear = replies || commands;
        kind->speaker = replies    ? TRANSCRIPT_SERVER
                        : commands ? TRANSCRIPT_CLIENT
                                   : TRANSCRIPT_ANYBODY;
        said += kind->replies + kind->commands;
        client = client || commands;
        server = server || replies;
    }
    for (size_t i = 0; i < h->count; i++)
        if (!h->kinds[i].clear)
            h->kinds[i].speaker = side_alike(h, &h->kinds[i]);
    return client && server && 4 * h->bare <= said;
}

/* Who speaks from this line on, and what of it is said; ANYBODY where it is no heading. */
static enum transcript_speaker read_heading(const struct headings *h, struct slice line,
                                            struct slice *ret_text)
{
    struct transcript_shape shape;
    struct slice from;
    size_t octets = h->server.len > 0 ? flow_length(line, &from) : 0;
    *ret_text = slice_from(line, octets);
    if (octets > 0)
        return slice_equal(from, h->server) ? TRANSCRIPT_SERVER : TRANSCRIPT_CLIENT;
    struct slice text = slice_trim(line);
    if (h->server.len > 0 || text.len == 0 || !transcript_shape_of(text, &shape))
        return TRANSCRIPT_ANYBODY;
    *ret_text = SLICE("");
    for (size_t i = 0; i < h->count; i++)
        if (h->kinds[i].speaker != TRANSCRIPT_ANYBODY &&
            transcript_shape_equal(&h->kinds[i].shape, &shape))
            return h->kinds[i].speaker;
    return TRANSCRIPT_ANYBODY;
}

/* ---- what is said ---- */

struct reading {
    const struct headings *headings;
    struct transcript_octets octets;
    enum transcript_speaker speaker;
    size_t blanks; /* lines that may part what is said from the next heading */
    bool parted;   /* one does */
    bool ended;    /* with what was said last, a command or the lone dot: all do */
};

static void put_line(struct reading *r, struct slice text)
{
    bool ends = !r->headings->ends || shows_end(text);
    bool shown = r->headings->ends > 0 && shows_end(text);
    r->octets.sent = r->speaker == TRANSCRIPT_CLIENT;
    r->ended = class_of(text) == TRANSCRIPT_COMMAND ||
               slice_equal(slice_sub(text, 0, text.len - (shown ? 2 : 0)), SLICE("."));
    for (size_t i = 0; i < text.len - (shown ? 2 : 0); i++)
        transcript_octets_add(&r->octets, text.ptr[i]);
    if (ends)
        transcript_octets_add(&r->octets, '\r');
    transcript_octets_add(&r->octets, '\n');
    if (!ends)
        transcript_octets_end(&r->octets);
}

/* `said`: what follows is; the server's blank lines are none's. */
static void put_blanks(struct reading *r, bool said)
{
    for (; r->blanks > 0; r->blanks--)
        if (r->speaker == TRANSCRIPT_CLIENT && (said || (!r->ended && r->blanks > r->parted)))
            put_line(r, SLICE(""));
        else
            script_buffer_put_octet(&r->octets.out, '\n');
}

static void read_line(struct reading *r, struct slice line)
{
    struct slice text;
    enum transcript_speaker speaker = read_heading(r->headings, line, &text);
    if (speaker != TRANSCRIPT_ANYBODY) {
        put_blanks(r, false);
        transcript_octets_end(&r->octets);
        r->speaker = speaker;
        if (r->headings->server.len > 0)
            put_line(r, text);
        else
            script_buffer_put_octet(&r->octets.out, '\n');
    } else if (line.len == 0) {
        r->blanks++;
    } else if (r->speaker == TRANSCRIPT_ANYBODY) { /* before the first heading */
        put_blanks(r, false);
        script_buffer_put(&r->octets.out, line);
        script_buffer_put_octet(&r->octets.out, '\n');
    } else {
        put_blanks(r, true);
        put_line(r, line);
    }
}

/* Whether a blank line stands before most headings. */
static bool are_parted(const struct headings *h, struct slice source)
{
    size_t with = 0, without = 0;
    for (bool blank = true; source.len > 0;) {
        struct slice line = transcript_next_line(&source), text;
        if (read_heading(h, line, &text) != TRANSCRIPT_ANYBODY) {
            with += blank;
            without += !blank;
        }
        blank = line.len == 0;
    }
    return with > without;
}

bool transcript_headings_read(struct script_arena *arena, struct slice source,
                              struct slice *ret_text)
{
    struct headings *h = script_arena_alloc(arena, sizeof *h);
    find_server(h, source);
    if (h->server.len == 0) {
        count_headings(h, source);
        if (!choose(h))
            return false;
        h->ends = h->no_ends == 0 ? h->ends : 0;
    }
    struct reading r = {.headings = h,
                        .octets = {.out.arena = arena, .octets.arena = arena},
                        .parted = are_parted(h, source)};
    while (source.len > 0)
        read_line(&r, transcript_next_line(&source));
    transcript_octets_end(&r.octets);
    *ret_text = script_buffer_slice(&r.octets.out);
    return true;
}
