/*
 * Connections, and how octets leave on them.
 *
 *   name    = "[" ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" / "-" ) "]"       ; after a tag or a %word
 *   connect = "%connect" [ name ] [ "tls" / "plain" ]
 *   segment = "%segment" ( 1*DIGIT *( "," 1*DIGIT ) / "rand:" 1*DIGIT / "all" / "off" )
 *             [ "every" duration ]
 */
#include "base/octet.h"
#include "script/loader.h"

#define MAX_LENGTHS 64

/* ---- names ---- */

bool loader_take_connection(struct loader *l, struct slice *text, bool opens)
{
    l->connection = 0;
    if (!slice_starts(*text, SLICE("[")))
        return true;
    struct slice name = slice_sub(*text, 1, slice_find(*text, ']'));
    bool closed = name.len + 1 < text->len;
    struct slice at = slice_sub(*text, 0, name.len + 1 + closed);
    *text = slice_from(*text, at.len);
    if (!closed || !loader_is_name(name)) {
        loader_error(l, at, "no name of a connection: C[b]: text");
        return false;
    }
    for (size_t i = 1; i < l->connection_count; i++)
        if (slice_equal(l->connections[i], name)) {
            l->connection = (uint8_t)i;
            return true;
        }
    if (!opens || l->connection_count == SCRIPT_MAX_CONNECTIONS) {
        loader_error(l, at,
                     opens ? "too many connections: a test may have 8"
                           : "no %connect of that name stands before it");
        return false;
    }
    l->connections[l->connection_count] = name;
    l->connection = (uint8_t)l->connection_count++;
    return true;
}

/* ---- life ---- */

void loader_connect(struct loader *l, struct slice at, struct slice args)
{
    static const struct slice words[] = {SLICE_INIT("tls"), SLICE_INIT("plain")};
    struct slice word = loader_word(&args);
    size_t index = loader_word_index(word, words, 2);
    if (word.len > 0 && index == 2)
        loader_error(l, word, "tls or plain may follow; a name stands right behind: %connect[b]");
    loader_no_more(l, args);
    loader_step(l, SCRIPT_CONNECT, at.ptr)->as.connect = index == 0   ? SCRIPT_CONNECT_TLS
                                                         : index == 1 ? SCRIPT_CONNECT_PLAIN
                                                                      : SCRIPT_CONNECT_AS_FIRST;
}

void loader_close(struct loader *l, struct slice at, struct slice args)
{
    loader_no_more(l, args);
    loader_step(l, SCRIPT_CLOSE, at.ptr);
}

void loader_reset(struct loader *l, struct slice at, struct slice args)
{
    loader_no_more(l, args);
    loader_step(l, SCRIPT_CLOSE, at.ptr)->as.reset = true;
}

void loader_shutdown(struct loader *l, struct slice at, struct slice args)
{
    loader_no_more(l, args);
    loader_step(l, SCRIPT_SHUTDOWN, at.ptr);
}

void loader_barrier(struct loader *l, struct slice at, struct slice args)
{
    loader_no_more(l, args);
    loader_step(l, SCRIPT_BARRIER, at.ptr);
}

/* ---- %segment ---- */

static bool take_number(struct slice *text, uint64_t max, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t digits = 0;
    for (; digits < text->len && digits < 18 && octet_is(text->ptr[digits], OCTET_DIGIT); digits++)
        number = number * 10 + text->ptr[digits] - '0';
    *text = slice_from(*text, digits);
    *ret_number = number;
    return digits > 0 && number <= max;
}

static bool read_lengths(struct loader *l, struct slice word, struct script_segment *segment)
{
    uint32_t lengths[MAX_LENGTHS];
    size_t count = 0;
    for (bool more = true; more; word = slice_from(word, more)) {
        uint64_t number;
        if (count == MAX_LENGTHS || !take_number(&word, 1 << 20, &number) || number == 0)
            return false;
        lengths[count++] = (uint32_t)number;
        more = slice_starts(word, SLICE(","));
    }
    uint32_t *kept = script_arena_alloc(l->arena, count * sizeof *kept);
    memcpy(kept, lengths, count * sizeof *kept);
    segment->kind = SCRIPT_SEGMENT_LENGTHS;
    segment->lengths = kept;
    segment->count = count;
    return word.len == 0;
}

static bool read_segment(struct loader *l, struct slice word, struct script_segment *segment)
{
    struct slice seed = slice_from(word, 5);
    if (slice_starts(word, SLICE("rand:"))) {
        segment->kind = SCRIPT_SEGMENT_RANDOM;
        return take_number(&seed, UINT64_MAX, &segment->seed) && seed.len == 0;
    }
    segment->kind = SCRIPT_SEGMENT_ALL;
    return slice_equal(word, SLICE("all")) || read_lengths(l, word, segment);
}

void loader_segment(struct loader *l, struct slice at, struct slice args)
{
    struct slice word = loader_word(&args), every = loader_word(&args);
    struct script_segment *segment = script_arena_alloc(l->arena, sizeof *segment);
    l->scope.segment = NULL;
    if (slice_equal(word, SLICE("off"))) {
        loader_no_more(l, every);
        return;
    }
    if (!read_segment(l, word, segment)) {
        loader_error(l, word.len > 0 ? word : at,
                     "lengths of writes follow: %segment 1, %segment 5,2, rand:7, all or off");
        return;
    }
    struct slice duration = loader_word(&args);
    if (every.len > 0 &&
        (!slice_equal(every, SLICE("every")) || !loader_duration(duration, &segment->every_ms)))
        loader_error(l, every, "a pause between writes may follow: every 200ms");
    loader_no_more(l, args);
    l->scope.segment = segment;
}
