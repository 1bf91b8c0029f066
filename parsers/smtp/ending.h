/*
 * ending: what may be taken for the end of data.
 *
 *   end-of-data = CRLF "." CRLF                  ; RFC 5321 4.1.1.4, 4.5.2
 *
 * Servers that read other octets so can be made to see two messages where one was sent (SMTP
 * smuggling; CVE-2023-51764, -51765, -51766). A detector reads a message as it goes over the wire
 * with several models side by side, the strict one of RFC 5321 and lenient ones that servers have
 * had, and names each look-alike: a dot that at least one model takes for a whole line.
 *
 * Whatever a lenient model took for an end, it reads on, so that each look-alike is judged by
 * itself. Whole and split input give the same; nothing is kept but a few octets around a dot.
 */
#ifndef MAILDRILL_SMTP_ENDING_H
#define MAILDRILL_SMTP_ENDING_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"

/* What a model takes for the end of a line, beside CRLF, or passes over beside a dot. */
enum smtp_ending_model {
    SMTP_ENDING_STRICT,  /* nothing: RFC 5321 2.3.8 */
    SMTP_ENDING_LF,      /* LF ends a line */
    SMTP_ENDING_CR,      /* CR ends a line */
    SMTP_ENDING_CR_LF,   /* CR, LF and CRLF each end a line */
    SMTP_ENDING_CRS_LF,  /* any number of CR before LF */
    SMTP_ENDING_NUL,     /* NUL is dropped */
    SMTP_ENDING_SUB,     /* SUB (%d26, the end of file of CP/M) is dropped */
    SMTP_ENDING_BOM,     /* U+FEFF in UTF-8 is dropped */
    SMTP_ENDING_TRIM,    /* white space around the dot is: SP, HTAB, VT, FF */
    SMTP_ENDING_UNICODE, /* as CR_LF, and VT, FF, FS, GS, RS, NEL, U+2028, U+2029 end a line */
    SMTP_ENDING_MODELS,
};

#define SMTP_ENDING_AROUND 8 /* octets kept on each side of a dot */

struct smtp_ending {
    uint64_t offset;   /* of the dot, from the first octet of the message */
    unsigned ends_for; /* bits 1u << enum smtp_ending_model, never 0 */
    uint8_t before[SMTP_ENDING_AROUND], after[SMTP_ENDING_AROUND];
    uint8_t before_len, after_len;
};

struct smtp_ending_detector {
    uint64_t octets;                      /* of the message so far */
    uint64_t ends_at[SMTP_ENDING_MODELS]; /* octets of the message as each model sees it, the
                                             first time; UINT64_MAX: it has not ended */
    /* private */
    uint8_t line[SMTP_ENDING_MODELS]; /* what stands on the line so far */
    uint8_t crs[SMTP_ENDING_MODELS];  /* CRs before, of which nothing was made yet */
    uint8_t held[2], held_len;        /* the beginning of a sequence of UTF-8 */
    bool open;                        /* `ending` is a dot of which not all is known yet */
    struct smtp_ending ending;
    uint8_t tail[SMTP_ENDING_AROUND], tail_len;
};

/** Begins a message; its start counts as the start of a line. */
void smtp_ending_begin(struct smtp_ending_detector *detector);

/**
 * Reads on, up to the next look-alike: OK with the octets consumed. Call again with those behind
 * it, unless the strict model ended there: then the message did, and not one octet more is taken.
 * MORE: all of `in` is consumed. There are no errors.
 */
struct parse_result smtp_ending_next(struct smtp_ending_detector *detector, struct slice in,
                                     struct smtp_ending *ret_ending);

/** The look-alike that the end of the input leaves open; false where it leaves none. */
bool smtp_ending_finish(struct smtp_ending_detector *detector, struct smtp_ending *ret_ending);

/** Whether a model's message ends elsewhere than the strict one's, or only one of them ends. */
bool smtp_ending_models_disagree(const struct smtp_ending_detector *detector);

/** Writes what stands around the dot: "crlf.crlf", "lf.crlf", "crlf-nul.crlf", "start.lf". */
void smtp_ending_write_pattern(const struct smtp_ending *ending, struct writer *out);

#define SMTP_ENDING_PATTERN_MAX 128 /* octets */

struct smtp_ending_model_text {
    const char *name;    /* kebab-case */
    const char *summary; /* what it takes for what, in one sentence without its full stop */
};

extern const struct smtp_ending_model_text smtp_ending_models[SMTP_ENDING_MODELS];

#endif
