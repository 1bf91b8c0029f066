/*
 * sink: where a report goes. A reporter writes octets to it and knows nothing of files or
 * terminals.
 */
#ifndef MAILDRILL_REPORT_SINK_H
#define MAILDRILL_REPORT_SINK_H

#include "base/slice.h"

struct sink {
    void (*put)(void *context, struct slice octets);
    void *context;
};

static inline void sink_put(struct sink s, struct slice octets)
{
    if (octets.len > 0)
        s.put(s.context, octets);
}

/** Text of the program's own: a literal or a table's. */
static inline void sink_text(struct sink s, const char *text)
{
    sink_put(s, slice_of_cstr(text));
}

/** Decimal, right-aligned in at least `width` columns. */
void sink_number(struct sink s, uint64_t number, size_t width);

/** `count` times the same octet. */
void sink_repeat(struct sink s, char octet, size_t count);

/**
 * Octets from a peer or a file, made safe for a terminal: printable ASCII and well-formed UTF-8
 * stand as they are, but for characters that nobody sees or that turn text about; everything else
 * as \xNN. At most `max_columns` columns are written, with "..." where more was cut (0: no bound).
 * Returns the columns written, a UTF-8 sequence counted as one.
 */
size_t sink_visible(struct sink s, struct slice octets, size_t max_columns);

/** The same without a bound, as text or as a quoted attribute's value in HTML and XML hold it. No
 * character of it is one that XML 1.0 (2.2) has no place for. */
void sink_markup(struct sink sink, struct slice octets);

/** The same as a C!: line writes it: \r, \n, \t, \0, \\ and \xNN. */
void sink_escaped(struct sink s, struct slice octets);

#endif
