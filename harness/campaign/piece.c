/* The pieces that shrink takes out. */
#include "campaign/shrink.h"

/* From `at` through the end of its line. */
static size_t line_octets(struct slice text, size_t at)
{
    struct slice rest = slice_from(text, at);
    size_t end = slice_find(rest, '\n');
    return end < rest.len ? end + 1 : end;
}

/* From `at` through the next octets that are no part of a word; at a line's end, that. */
static size_t word_octets(struct slice text, size_t at)
{
    size_t end = at;
    if (text.ptr[end] == '\r' || text.ptr[end] == '\n') {
        while (end < text.len && text.ptr[end] == '\r')
            end++;
        return end < text.len && text.ptr[end] == '\n' ? end + 1 - at : end - at;
    }
    for (end++;
         end < text.len && text.ptr[end] != ' ' && text.ptr[end] != '\r' && text.ptr[end] != '\n';)
        end++;
    return end - at;
}

size_t shrink_octets_piece(struct slice text, size_t at, enum shrink_grain grain, bool *ret_stays)
{
    *ret_stays = false;
    return grain <= SHRINK_LINES   ? line_octets(text, at)
           : grain == SHRINK_WORDS ? word_octets(text, at)
                                   : 1;
}

/* ---- tagged scripts ---------------------------------------------------------------------------
 */

static size_t skip_blank(struct slice text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
        at++;
    return at;
}

static bool begins_with(struct slice text, size_t at, struct slice word)
{
    return slice_starts(slice_from(text, skip_blank(text, at)), word);
}

/* "C: " or "C!: " with the white space before it; 0: the line has none. */
static size_t client_tag_octets(struct slice text, size_t at)
{
    static const struct slice tags[] = {SLICE_INIT("C:"), SLICE_INIT("C!:")};
    size_t begin = skip_blank(text, at);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t end = begin + tags[i].len;
        if (slice_starts(slice_from(text, begin), tags[i]))
            return (end < text.len && text.ptr[end] == ' ' ? end + 1 : end) - at;
    }
    return 0;
}

static bool begins_exchange(struct slice text, size_t at)
{
    return client_tag_octets(text, at) > 0 || begins_with(text, at, SLICE("%"));
}

/* Commands that leave together go together, with the replies to all of them. */
static size_t exchange_octets(struct slice text, size_t at)
{
    size_t end = at + line_octets(text, at);
    while (end < text.len && client_tag_octets(text, at) > 0 && client_tag_octets(text, end) > 0)
        end += line_octets(text, end);
    while (end < text.len && !begins_exchange(text, end))
        end += line_octets(text, end);
    return end - at;
}

/* Of "\x0d", "\n", "${name}": what cannot be cut. */
static size_t sign_octets(struct slice text, size_t at)
{
    struct slice rest = slice_from(text, at);
    size_t octets = slice_starts(rest, SLICE("\\x"))  ? 4
                    : slice_starts(rest, SLICE("\\")) ? 2
                    : slice_starts(rest, SLICE("${")) ? slice_find(rest, '}') + 1
                                                      : 1;
    size_t line = slice_find(rest, '\n');
    line = line == 0 ? 1 : line; /* the sign is the line's end itself */
    return octets < line ? octets : line;
}

size_t shrink_script_piece(struct slice text, size_t at, enum shrink_grain grain, bool *ret_stays)
{
    bool starts = at == 0 || text.ptr[at - 1] == '\n';
    *ret_stays = starts && begins_with(text, at, SLICE("%test"));
    if (*ret_stays || grain == SHRINK_LINES)
        return line_octets(text, at);
    if (grain == SHRINK_EXCHANGES)
        return exchange_octets(text, at);
    size_t tag = starts ? client_tag_octets(text, at) : 0;
    if (tag > 0) {
        *ret_stays = true;
        return tag;
    }
    bool said = starts && (begins_with(text, at, SLICE("S")) || begins_with(text, at, SLICE("%")) ||
                           begins_with(text, at, SLICE("#")));
    *ret_stays = said || text.ptr[at] == '\r' || text.ptr[at] == '\n';
    if (said)
        return line_octets(text, at);
    return *ret_stays || grain == SHRINK_WORDS ? word_octets(text, at) : sign_octets(text, at);
}
