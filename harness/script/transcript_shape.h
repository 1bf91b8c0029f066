/*
 * transcript_shape: what stands before the words of a line of a log. Private to harness/script.
 *
 * Two lines of a log begin in the same way where they differ in times, numbers and ids only. A
 * shape is such a beginning with each of those left open:
 *
 *   "12:58:47: [514116] --> "   and   "12:58:48: [514117] --> "   have one shape
 *
 * Left open are words with a digit in them ("514116", "0x1c60500", "192.0.2.1", "2024-03-03",
 * "a1b2-c3.1"), names of months and days, AM and PM, verbs of SMTP in capitals, how many blanks
 * stand beside such a word (columns), but for those at the end, and how long an arrow is. Blanks
 * before a line are no part of it.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_SHAPE_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_SHAPE_H

#include "base/slice.h"

#define TRANSCRIPT_SHAPE_OCTETS 400 /* a longer beginning has no shape */

struct transcript_shape {
    uint8_t octets[TRANSCRIPT_SHAPE_OCTETS];
    size_t len;
    size_t open; /* words that are left open */
};

/** The shape of `before`; false where that is too long. Linear. */
bool transcript_shape_of(struct slice before, struct transcript_shape *ret_shape);

/** Octets of `line` that have the shape, the blanks before it included; or 0. Where `field` is
 * below shape->open, *ret_field is the word that stands there. Linear in the shape. */
size_t transcript_shape_match(const struct transcript_shape *shape, struct slice line, size_t field,
                              struct slice *ret_field);

/** Octets in which the two begin alike. */
size_t transcript_shape_alike(const struct transcript_shape *a, const struct transcript_shape *b);

static inline bool transcript_shape_equal(const struct transcript_shape *a,
                                          const struct transcript_shape *b)
{
    return slice_equal(slice_of(a->octets, a->len), slice_of(b->octets, b->len));
}

#endif
