/*
 * utf8: well-formed UTF-8 (RFC 3629 4): no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef MAILDRILL_BASE_UTF8_H
#define MAILDRILL_BASE_UTF8_H

#include "base/slice.h"

/** Octets of the well-formed sequence that `in` begins with: 1 to 4, or 0 where it begins with
 * none. */
size_t base_utf8_sequence(struct slice in);

#endif
