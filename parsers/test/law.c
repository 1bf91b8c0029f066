#include "law.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/poison.h"

#ifdef POISON_IS_SEEN

/* The sanitizer sees one octet before an allocation and one behind it. */
struct slice law_copy(struct slice in)
{
    if (in.len == 0)
        return (struct slice){NULL, 0};
    uint8_t *copy = malloc(in.len);
    assert_non_null(copy);
    memcpy(copy, in.ptr, in.len);
    return slice_of(copy, in.len);
}

void law_free(struct slice copy)
{
    free((void *)(uintptr_t)copy.ptr);
}

#else

static size_t pages_for(size_t octets)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (octets + page - 1) / page * page;
}

/* Rooms of one page that were used: a system call for each copy is most of what these tests take.
 */
static uint8_t *spare[16];
static size_t spare_count;

/* Pages, and one behind them that nobody may read. */
static uint8_t *take_pages(size_t room)
{
    size_t guard = pages_for(1);
    if (room == guard && spare_count > 0)
        return spare[--spare_count];
    uint8_t *pages =
        mmap(NULL, room + guard, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    assert_int_equal(mprotect(pages + room, guard, PROT_NONE), 0);
    return pages;
}

/* The copy ends where a page begins that nobody may read. */
struct slice law_copy(struct slice in)
{
    size_t room = pages_for(in.len > 0 ? in.len : 1);
    uint8_t *copy = take_pages(room) + room - in.len;
    if (in.len > 0)
        memcpy(copy, in.ptr, in.len);
    return slice_of(copy, in.len);
}

void law_free(struct slice copy)
{
    size_t room = pages_for(copy.len > 0 ? copy.len : 1);
    uint8_t *pages = (uint8_t *)(uintptr_t)(copy.ptr + copy.len - room);
    if (room > pages_for(1) || spare_count == sizeof spare / sizeof *spare) {
        munmap(pages, room + pages_for(1));
        return;
    }
    memset(pages, 0xA5, room); /* who still reads it finds what nobody wrote */
    spare[spare_count++] = pages;
}

#endif

static struct parse_result parse_copy(law_parse *parse, void *context, struct slice in)
{
    struct slice copy = law_copy(in);
    struct parse_result result = parse(copy, context);
    law_free(copy);
    return result;
}

static bool same(struct parse_result a, struct parse_result b)
{
    return a.status == b.status && a.offset == b.offset && a.error == b.error;
}

static void expect(const char *name, const char *what, size_t at, struct parse_result got,
                   struct parse_result expected)
{
    if (!same(got, expected))
        fail_msg(
            "%s, %s %zu: status %d offset %zu error %d, expected status %d offset %zu error %d",
            name, what, at, (int)got.status, got.offset, got.error, (int)expected.status,
            expected.offset, expected.error);
}

void law_check(const char *name, law_parse *parse, void *context, struct slice in,
               struct parse_result expected)
{
    expect(name, "whole", in.len, parse_copy(parse, context, in), expected);
    for (size_t len = 0; len < in.len; len++) {
        struct parse_result got = parse_copy(parse, context, slice_sub(in, 0, len));
        if (got.status != PARSE_MORE)
            expect(name, "prefix", len, got, expected);
    }
    if (expected.status == PARSE_MORE)
        return;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t *longer = malloc(in.len + 1);
        assert_non_null(longer);
        if (in.len > 0)
            memcpy(longer, in.ptr, in.len);
        longer[in.len] = (uint8_t)octet;
        struct parse_result got = parse(slice_of(longer, in.len + 1), context);
        free(longer);
        expect(name, "followed by octet", octet, got, expected);
    }
    uint8_t *twice = malloc(2 * in.len + 1);
    assert_non_null(twice);
    for (size_t i = 0; i < 2 * in.len; i++)
        twice[i] = in.ptr[i % in.len];
    struct parse_result got = parse_copy(parse, context, slice_of(twice, 2 * in.len));
    free(twice);
    expect(name, "followed by itself", in.len, got, expected);
}

void law_check_whole(const char *name, law_parse *parse, void *context, struct slice in,
                     struct parse_result expected)
{
    expect(name, "whole", in.len, parse_copy(parse, context, in), expected);
    for (size_t len = 0; len < in.len; len++)
        parse_copy(parse, context, slice_sub(in, 0, len));
}

/* Feeds in[0, cuts[0]), in[0, cuts[1]), ... and then all of it, until the answer is not MORE. */
static struct parse_result feed_in_pieces(law_feed *feed, void *context, struct slice in,
                                          const size_t *cuts, size_t count)
{
    struct parse_result result = parse_more();
    for (size_t i = 0; i <= count && result.status == PARSE_MORE; i++) {
        struct slice copy = law_copy(slice_sub(in, 0, i < count ? cuts[i] : in.len));
        result = feed(copy, i == 0, context);
        law_free(copy);
    }
    return result;
}

void law_check_feed(const char *name, law_feed *feed, void *context, struct slice in,
                    struct parse_result expected)
{
    size_t *every = malloc((in.len + 1) * sizeof *every);
    assert_non_null(every);
    for (size_t i = 0; i <= in.len; i++)
        every[i] = i;
    expect(name, "fed octet by octet", in.len, feed_in_pieces(feed, context, in, every, in.len + 1),
           expected);
    free(every);

    for (size_t first = 0; first <= in.len; first++) {
        size_t last = in.len <= 64 ? in.len : first;
        for (size_t second = first; second <= last; second++) {
            const size_t cuts[] = {first, second};
            expect(name, "split at", first, feed_in_pieces(feed, context, in, cuts, 2), expected);
        }
    }
}

void law_assert_slice_equal(struct slice a, struct slice b, const char *file, int line)
{
    if (slice_equal(a, b))
        return;
    print_error("\"%.*s\" != \"%.*s\"\n", (int)a.len, (const char *)a.ptr, (int)b.len,
                (const char *)b.ptr);
    _fail(file, line);
}
