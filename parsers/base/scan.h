/*
 * scan: the one hot loop of the parsers. It sorts the octets of a text 64 at a time, and leaves to
 * the grammar what is not ordinary.
 *
 * Three questions are answered: where the fields of a header begin (scan_fields), where a line ends
 * and whether it is printable (scan_line, scan_ends), and which octets of a short text are
 * delimiters (scan_text, scan_atoms, scan_words). The way is chosen at run time: the best that the
 * processor has of AVX-512, AVX2 and SSE2, else plain C. Each way gives the same answers, and none
 * reads outside its input.
 */
#ifndef MAILDRILL_BASE_SCAN_H
#define MAILDRILL_BASE_SCAN_H

#include "base/slice.h"

/* ---- fields ---- */

#define SCAN_WINDOW_OCTETS 4096 /* scan_fields looks no further */
#define SCAN_MARKS         128  /* nor at more fields than this */

/*
 * A line that no white space begins: a field, or the empty line.
 *
 * It is plain where a name of %d33-57 / %d59-126 stands before its first ":", and each of its lines
 * ends with CRLF, has at most 998 octets, none but HTAB and %d32-126, and something but white
 * space. What is not plain may be right or wrong: the grammar has to say.
 */
struct scan_mark {
    uint16_t start; /* offset of its first octet */
    uint16_t colon; /* offset of the ":" of a plain field; else 0 */
};

struct scan_marks {
    size_t count; /* fields that end in sight: field i ends where field i + 1 starts */
    struct scan_mark mark[SCAN_MARKS + 2]; /* mark[count] is where the last of them ends, colon 0 */
};

/**
 * Marks the fields of `in`, which begins at the start of a field. Stops behind the first empty line
 * (its mark is then the last), at SCAN_MARKS, at SCAN_WINDOW_OCTETS, or at the end of `in`. A count
 * of 0 says that the first field does not end in sight.
 */
void scan_fields(struct slice in, struct scan_marks *ret_marks);

/* ---- line ---- */

struct scan_line {
    size_t lf;      /* offset of the first LF; the length of the input where there is none */
    bool printable; /* all octets before it are %d32-126, but for a CR right before the LF */
};

struct scan_line scan_line(struct slice in);

#define SCAN_TEXT_OCTETS 64

/* Of the first SCAN_TEXT_OCTETS octets of a text; bit i stands for octet i, those behind the end
 * are 0. */
struct scan_ends {
    uint64_t lf;  /* LF */
    uint64_t odd; /* not %d32-126 */
};

struct scan_ends scan_ends(struct slice in);

/* ---- text ---- */

/* Bit i stands for octet i of the text; the bits behind its end are 0. */
struct scan_text {
    uint64_t lf;       /* LF */
    uint64_t odd;      /* not %d32-126: control octets, so HTAB, CR and LF too; eight-bit ones */
    uint64_t space;    /* SP */
    uint64_t equals;   /* "=" */
    uint64_t dot;      /* "." */
    uint64_t hyphen;   /* "-" */
    uint64_t alnum;    /* ALPHA, DIGIT */
    uint64_t boundary; /* neither atext (RFC 5322 3.2.3) nor ".": specials, SP, odd ones */
};

/** Sorts the first SCAN_TEXT_OCTETS octets of `in`, or all of them where there are fewer. */
void scan_text(struct slice in, struct scan_text *ret_text);

/* The two of these masks that the atoms of a message's header need. */
struct scan_atoms {
    uint64_t dot, boundary;
};

/** The same as scan_text, for less. */
struct scan_atoms scan_atoms(struct slice in);

/* What lists of addresses need besides. */
struct scan_words {
    uint64_t dot, boundary, space;
    uint64_t quoted; /* quoted strings: from each odd DQUOTE to the next, both included */
    uint64_t hard;   /* what plain quotes do not hold: odd octets, "\\" */
};

/** The same as scan_text, of these. */
void scan_words(struct slice in, struct scan_words *ret_words);

/** Whether all octets of `text`, however long, are %d32-126. */
bool scan_is_printable(struct slice text);

/* ---- ways ---- */

struct scan_way {
    const char *name; /* "avx512", "avx2", "sse2", "portable" */
    void (*fields)(struct slice in, struct scan_marks *ret_marks);
    struct scan_line (*line)(struct slice in);
    struct scan_ends (*ends)(struct slice in);
    void (*text)(struct slice in, struct scan_text *ret_text);
    struct scan_atoms (*atoms)(struct slice in);
    void (*words)(struct slice in, struct scan_words *ret_words);
    bool (*is_printable)(struct slice text);
};

/** The ways that this processor has, best first, NULL behind the last: tests and the bench try them
 * all. `n` counts from 0. */
const struct scan_way *scan_way(unsigned n);

#endif
