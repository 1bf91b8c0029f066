/*
 * script: dialogue text -> program.
 *
 * A script is a dialogue as the RFCs print it: "C:" lines the client sends, "S:" lines it expects,
 * and directives that begin with "%". scenarios/README.md is the manual of the language. A file
 * without any tag is a telnet transcript and goes through script/transcript.h first.
 *
 * The loader is pure: text in, program out. It lists every error it finds, each with its place, and
 * a script with an error has no program. All memory of a script is freed by script_free.
 */
#ifndef MAILDRILL_SCRIPT_SCRIPT_H
#define MAILDRILL_SCRIPT_SCRIPT_H

#include "base/slice.h"

#define SCRIPT_NO_STEP SIZE_MAX

/* ---- text with variables ------------------------------------------------------------------- */

enum script_part_kind {
    SCRIPT_PART_LITERAL,  /* octets as they stand */
    SCRIPT_PART_VARIABLE, /* ${name} or ${name:-default} */
    SCRIPT_PART_BASE64,   /* ${b64:...}: the base64 of the text inside */
};

struct script_part {
    enum script_part_kind kind;
    struct slice text;            /* LITERAL: the octets; VARIABLE: the name */
    struct slice fallback;        /* VARIABLE: the default */
    bool has_fallback;            /* VARIABLE */
    const struct script_text *of; /* BASE64: what is encoded */
};

struct script_text {
    const struct script_part *parts;
    size_t count;
};

/* ---- what a reply may be --------------------------------------------------------------------- */

enum script_outcome_kind {
    SCRIPT_OUTCOME_CODE, /* digits, each a value or a wildcard */
    SCRIPT_OUTCOME_ANY,  /* "*": any reply */
    SCRIPT_OUTCOME_EOF,  /* "<EOF>": the server closes */
};

#define SCRIPT_ANY_DIGIT 10

struct script_outcome {
    enum script_outcome_kind kind;
    bool negated; /* "!2xx": any reply but these; all outcomes of a set are negated or none is */
    uint8_t digit[3]; /* CODE: 0-9, or SCRIPT_ANY_DIGIT for "x" */
};

/** A set of outcomes: "250/251", "5xx", "!2xx", "*", "221/<EOF>". Empty: not written. */
struct script_outcomes {
    const struct script_outcome *items;
    size_t count;
};

/** Whether a reply with that code is in the set. */
bool script_outcomes_match(struct script_outcomes set, unsigned code);

/** Whether the end of the connection is in the set. */
bool script_outcomes_match_eof(struct script_outcomes set);

/** An enhanced status code as written: "5.5.1", "5.5.x", "2.x.x". */
struct script_enhanced {
    bool written;
    int16_t part[3]; /* class, subject, detail; -1 for "x" */
};

enum script_line_kind {
    SCRIPT_LINE_CODE,    /* S:  code, separator and text; the text is documentation */
    SCRIPT_LINE_EXACT,   /* S=: the whole line is this */
    SCRIPT_LINE_PATTERN, /* S~: the reply has a line that matches */
};

struct script_reply_line {
    enum script_line_kind kind;
    struct script_text text; /* CODE: text after the code; EXACT: the whole line */
    void *pattern;           /* PATTERN: pcre2_code *, owned by the script */
    size_t line;             /* line number in the source */
};

struct script_expectation {
    struct script_outcomes pass;
    struct script_outcomes warn;    /* legal but lax */
    struct script_outcomes unclear; /* leaves the test inconclusive */
    struct script_enhanced enhanced;
    const struct script_reply_line
        *lines; /* the lines as written, at least one unless only <EOF> */
    size_t line_count;
    bool decisive;      /* its outcome decides the test; else it is a precondition. Where no line
                           of the test carries verdicts, each expectation is decisive */
    uint32_t within_ms; /* explicit bound by %within, or 0 */
};

/* ---- steps ------------------------------------------------------------------------------------
 */

enum script_step_kind {
    SCRIPT_SEND,     /* C: or C!: (and what %data expands to) */
    SCRIPT_EXPECT,   /* S:, S~:, S=:, S: <EOF> */
    SCRIPT_TLS,      /* %tls: handshake now */
    SCRIPT_QUIET,    /* %quiet 500ms: nothing may arrive for that long */
    SCRIPT_SLEEP,    /* %sleep 500ms */
    SCRIPT_CLOSE,    /* %close: close the connection; the test goes on only to its end */
    SCRIPT_SHUTDOWN, /* %shutdown: close the sending side */
    SCRIPT_EHLO,     /* %ehlo +SIZE -CHUNKING +AUTH=PLAIN: assertions on the last EHLO reply */
    SCRIPT_CAPTURE,  /* %capture name /regex/: from the last reply */
};

/** What a sent line is in the dialogue; found by the loader from the lines around it. */
enum script_send_role {
    SCRIPT_SEND_COMMAND,
    SCRIPT_SEND_MESSAGE, /* part of a message: between S: 354 and the line with a lone dot, itself
                            included; octets of a BDAT chunk */
    SCRIPT_SEND_AUTH,    /* answer to a 334 */
    SCRIPT_SEND_RAW,     /* C!: octets that are none of these */
};

struct script_send {
    struct script_text text; /* octets as they go out; a C: line's CRLF included */
    enum script_send_role role;
    bool alone;  /* leaves in a write of its own (C!:, %flush each) */
    bool secret; /* never shown: AUTH with its initial response, answers to 334 */
    size_t
        shown; /* secret: how many leading octets of a literal line may be shown ("AUTH PLAIN ") */
    bool ends_message; /* MESSAGE: the lone dot */
};

enum script_verify {
    SCRIPT_VERIFY_DEFAULT, /* what the command line says */
    SCRIPT_VERIFY_HOST,    /* chain and host name */
    SCRIPT_VERIFY_CA,      /* chain only */
    SCRIPT_VERIFY_NONE,
};

struct script_tls {
    enum script_verify verify;
    struct slice sni;     /* empty: the host name */
    uint16_t min_version; /* 0x0303 TLS 1.2, 0x0304 TLS 1.3; 0: the library's default */
    uint16_t max_version;
};

struct script_ehlo_claim {
    bool present;         /* "+": must be announced; "-": must not */
    struct slice keyword; /* in any case */
    struct slice param;   /* "AUTH=PLAIN": a word among its parameters; empty where not written */
};

struct script_capture {
    struct slice name;
    void *pattern; /* pcre2_code *; group 1 where it has one, else the whole match */
};

struct script_step {
    enum script_step_kind kind;
    size_t line;    /* in the source, from 1 */
    size_t column;  /* of the text after the tag, or of a directive's "%"; octets, from 1 */
    size_t answers; /* EXPECT: index of the SEND step this reply answers; SCRIPT_NO_STEP for the
                       greeting */
    bool lax;       /* unread octets before this step are no failure */
    union {
        struct script_send send;
        struct script_expectation expect;
        struct script_tls tls;
        uint32_t ms; /* QUIET, SLEEP */
        struct {
            const struct script_ehlo_claim *items;
            size_t count;
        } ehlo;
        struct script_capture capture;
    } as;
};

/* ---- tests and scripts --------------------------------------------------------------------- */

enum script_level {
    SCRIPT_LEVEL_MUST, /* the default */
    SCRIPT_LEVEL_SHOULD,
    SCRIPT_LEVEL_MAY,
    SCRIPT_LEVEL_SECURITY,
    SCRIPT_LEVEL_INTEROP, /* informs, and never fails a run */
};

struct script_require {
    struct slice token; /* "ehlo:STARTTLS", "tls", "creds", "rcpt", "lmtp", ... */
    size_t line;
    size_t column;
};

struct script_test {
    struct slice title; /* of %test; the file's name where there is none */
    struct slice id;    /* may be empty */
    struct slice rfc;   /* "5321#4.1.4"; may be empty */
    struct slice
        fault; /* the reference server's fault switch that must make it fail; may be empty */
    enum script_level level;
    size_t line; /* of %test; 1 where there is none */
    const struct script_require *requires;
    size_t require_count;
    const struct script_step *steps;
    size_t step_count;
    bool has_decisive; /* some expectation carries verdicts; without any, each one decides */
    const struct slice *secrets; /* names of %secret variables */
    size_t secret_count;
};

enum script_severity {
    SCRIPT_ERROR,
    SCRIPT_WARNING,
    SCRIPT_NOTE, /* what a transcript import repaired */
};

struct script_diagnostic {
    enum script_severity severity;
    size_t line;   /* from 1 */
    size_t column; /* octets, from 1 */
    size_t width;  /* octets the caret underlines, at least 1 */
    struct slice message;
};

struct script {
    struct slice name;   /* as given, for messages */
    struct slice source; /* the text as given: line numbers count in it */
    bool transcript;     /* it was an unmarked transcript */
    const struct script_test *tests;
    size_t test_count;
    const struct script_diagnostic *diagnostics; /* in order of their lines */
    size_t diagnostic_count;
    size_t error_count; /* not 0: tests is empty */

    /* private */
    struct script_arena *arena;
    const uint32_t *line_starts; /* offset of each line in source */
    size_t line_count;
    void *const *patterns; /* every pcre2_code, also of a script with errors */
    size_t pattern_count;
};

struct script_options {
    struct slice name;         /* for messages; a path or "-" */
    const struct slice *known; /* names of variables that may be used besides the built-in ones */
    size_t known_count;
    size_t max_octets; /* largest source read; 0: 16 MiB */
};

/**
 * Loads a script. `source` is copied. Never fails silently: look at error_count.
 *
 * Every mistake is listed (at most 1000 errors, and 1000 warnings and notes, then one that says
 * so), each with a place inside the source; of a transcript, in the transcript itself. Work and
 * memory are linear in the source; a source over max_octets is one error, and is not kept.
 */
struct script *script_load(struct slice source, const struct script_options *options);

void script_free(struct script *script);

/** Line `number` (from 1) of the source, without its ending. */
struct slice script_source_line(const struct script *script, size_t number);

/** The built-in variables' names, for help text and for the loader: host client from rcpt ... */
extern const struct slice script_builtins[];
extern const size_t script_builtin_count;

/** "MUST", "SHOULD", ... */
const char *script_level_name(enum script_level level);

#endif
