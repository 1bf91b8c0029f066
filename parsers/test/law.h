/*
 * law: the laws of base/parse.h, applied to each row of a test table.
 *
 * A parser is tried on the row's input whole, at every prefix and with octets appended, each time
 * in a copy whose end is watched: by AddressSanitizer, or by a page that nobody may read. So no
 * parser reads one octet past its input, and none of its vectors either.
 */
#ifndef MAILDRILL_TEST_LAW_H
#define MAILDRILL_TEST_LAW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/parse.h"
#include "base/slice.h"

/** Copies `in` to where a read past its end is fatal; the caller frees it with law_free. */
struct slice law_copy(struct slice in);
void law_free(struct slice copy);

/** A parser as the laws see it; `context` is the row's. */
typedef struct parse_result law_parse(struct slice in, void *context);

/**
 * Checks laws 1 and 3 for `in`: the answer is `expected`; no prefix has an answer other than MORE
 * that differs from it; appended octets (each value, and `in` once more) change no answer but MORE.
 * `name` is printed when it fails.
 */
void law_check(const char *name, law_parse *parse, void *context, struct slice in,
               struct parse_result expected);

/** Like law_check for a parser whose input is always whole: prefixes must only not over-read. */
void law_check_whole(const char *name, law_parse *parse, void *context, struct slice in,
                     struct parse_result expected);

/** A parser that remembers: `in` holds all octets so far; `first` begins a new parser. */
typedef struct parse_result law_feed(struct slice in, bool first, void *context);

/**
 * Checks law 1 for a parser that remembers: fed octet by octet, in every two pieces, and (inputs of
 * up to 64 octets) in every three, it answers MORE until it answers `expected`. Each feeding is in
 * an allocation of its own, so that the input moves.
 */
void law_check_feed(const char *name, law_feed *feed, void *context, struct slice in,
                    struct parse_result expected);

/** assert that two slices hold the same octets, printing both. */
#define assert_slice_equal(a, b) law_assert_slice_equal((a), (b), __FILE__, __LINE__)
void law_assert_slice_equal(struct slice a, struct slice b, const char *file, int line);

#endif
