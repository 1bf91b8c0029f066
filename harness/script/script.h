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

/* ---- text with variables ---- */

enum script_part_kind {
    SCRIPT_PART_LITERAL,  /* octets as they stand */
    SCRIPT_PART_VARIABLE, /* ${name} or ${name:-default} */
    SCRIPT_PART_FUNCTION, /* ${b64:...}: what a function makes of the text inside */
    SCRIPT_PART_TIMES,    /* ${64*text}: the text that many times */
    SCRIPT_PART_NUMBER,   /* ${name*1.1+1}: a number that is reckoned from a variable's */
    SCRIPT_PART_DATE,     /* ${now+60s}: a date */
    SCRIPT_PART_ROUND,    /* ${n}: the round of the %repeat around it, from 1 */
    SCRIPT_PART_CHUNK,    /* "BDAT 5 LAST" CRLF and the octets of that chunk of a text */
    SCRIPT_PART_CHUNKS,   /* how many chunks there are before the last one, in decimal */
};

enum script_function {
    SCRIPT_FUNCTION_BASE64,      /* b64: RFC 4648 4 */
    SCRIPT_FUNCTION_UNBASE64,    /* unb64: the octets that base64 stands for */
    SCRIPT_FUNCTION_XTEXT,       /* xtext: RFC 3461 4 */
    SCRIPT_FUNCTION_UPPER,       /* upper: a to z as A to Z */
    SCRIPT_FUNCTION_LOWER,       /* lower */
    SCRIPT_FUNCTION_LOCAL_PART,  /* local: of a mailbox, what stands before its last "@" */
    SCRIPT_FUNCTION_DOMAIN,      /* domain: what stands after it */
    SCRIPT_FUNCTION_BACKSLASHED, /* backslash: a backslash before each octet */
    SCRIPT_FUNCTION_LENGTH,      /* len: how many octets, in decimal */
    SCRIPT_FUNCTION_PROXY,       /* of %proxy: "1 SOURCE DESTINATION" as that header */
};

enum script_operator {
    SCRIPT_ADD,
    SCRIPT_SUBTRACT,
    SCRIPT_MULTIPLY,
    SCRIPT_DIVIDE,
    SCRIPT_MIN,
    SCRIPT_MAX,
};

/** One step of a reckoning; from left to right. The value is a whole number, rounded down. */
struct script_operation {
    enum script_operator what;
    uint64_t number;
    uint64_t scale; /* the operand is number / scale: 11 / 10 for "1.1" */
};

struct script_part {
    enum script_part_kind kind;
    enum script_function function; /* FUNCTION */
    struct slice text;             /* LITERAL: the octets; VARIABLE: the name */
    struct slice fallback;         /* VARIABLE: the default */
    bool has_fallback;             /* VARIABLE */
    bool rfc3339;                  /* DATE: that form; else RFC 5322's */
    bool last;                     /* CHUNK: the last one of its text */
    bool ends;                     /* CHUNK: and that says LAST */
    uint8_t depth;                 /* ROUND, CHUNK: nesting of the %repeat that counts */
    int64_t offset_s;              /* DATE: from now */
    uint64_t count;                /* TIMES: how often; CHUNK, CHUNKS: octets in each */
    const struct script_text *of;  /* FUNCTION, TIMES, NUMBER, CHUNK, CHUNKS: the text inside */
    const struct script_operation *operations; /* NUMBER */
    size_t operation_count;
};

struct script_text {
    const struct script_part *parts;
    size_t count;
};

/* ---- what a reply may be ---- */

enum script_outcome_kind {
    SCRIPT_OUTCOME_CODE,  /* digits, each a value or a wildcard */
    SCRIPT_OUTCOME_ANY,   /* "*": any reply */
    SCRIPT_OUTCOME_EOF,   /* "<EOF>": the server closes */
    SCRIPT_OUTCOME_QUIET, /* "<quiet>": nothing arrives in time */
    SCRIPT_OUTCOME_ALERT, /* "<alert>": a TLS alert, where a reply was awaited (RFC 8446 6) */
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

/** How exactly the set names that code: 0 where it is not in it, 1 for "*" and for "!...", else 1
 * and the digits written: 4 for "530", 2 for "5xx". */
unsigned script_outcomes_exactness(struct script_outcomes set, unsigned code);

/** Whether EOF, QUIET or ALERT is in the set. */
bool script_outcomes_hold(struct script_outcomes set, enum script_outcome_kind kind);

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

/* ---- steps ---- */

enum script_step_kind {
    SCRIPT_SEND,     /* C: or C!: (and what %data expands to) */
    SCRIPT_EXPECT,   /* S:, S~:, S=:, S: <EOF> */
    SCRIPT_TLS,      /* %tls: handshake now */
    SCRIPT_QUIET,    /* %quiet 500ms: nothing may arrive for that long */
    SCRIPT_SLEEP,    /* %sleep 500ms */
    SCRIPT_CLOSE,    /* %close, %reset: close the connection; without ado, or with RST */
    SCRIPT_CONNECT,  /* %connect: a new connection, which takes the place of one of that name */
    SCRIPT_BARRIER,  /* %barrier: nothing may be unread on any connection */
    SCRIPT_SHUTDOWN, /* %shutdown: close the sending side */
    SCRIPT_EHLO,     /* %ehlo +SIZE -CHUNKING +AUTH=PLAIN: assertions on the last EHLO reply */
    SCRIPT_CAPTURE,  /* %capture name [message] /regex/: from the last reply, or the message */
    SCRIPT_ASSERT,   /* %reply, %replies, %assert: what holds of the dialogue so far */
    SCRIPT_AUTH,     /* %auth MECHANISM: the AUTH command, and an answer to each 334 */
    SCRIPT_SECURED,  /* %secured key /regex/: about what the TLS handshake agreed on */
    SCRIPT_MESSAGE,  /* %message: what holds of a message that was delivered */
    SCRIPT_IF,       /* %if: where the condition does not hold, goes on at the target */
    SCRIPT_ELSE,     /* %else, met from above: goes on at the target */
    SCRIPT_REPEAT,   /* %repeat: begins the first round; without one goes on at the target */
    SCRIPT_AGAIN,    /* the %end of a %repeat: the next round begins at the target */
    SCRIPT_END,      /* the %end of an %if */
};

#define SCRIPT_MAX_CONNECTIONS 8 /* in a test */
#define SCRIPT_MAX_REPLIES     8 /* %replies in a test */
#define SCRIPT_MAX_DEPTH       8 /* %if and %repeat in each other */

/** What a sent line is in the dialogue; found by the loader from the lines around it. */
enum script_send_role {
    SCRIPT_SEND_COMMAND,
    SCRIPT_SEND_MESSAGE, /* part of a message: between S: 354 and the line with a lone dot, itself
                            included; octets of a BDAT chunk */
    SCRIPT_SEND_AUTH,    /* answer to a 334 */
    SCRIPT_SEND_RAW,     /* C!: octets that are none of these */
    SCRIPT_SEND_CHUNK,   /* %bdat: the command and its octets */
    SCRIPT_SEND_PROXY,   /* %proxy: before the connection's first octet, and before TLS */
};

/** %segment: where writes are cut. */
struct script_segment {
    enum { SCRIPT_SEGMENT_LENGTHS, SCRIPT_SEGMENT_RANDOM, SCRIPT_SEGMENT_ALL } kind;
    const uint32_t *lengths; /* LENGTHS: octets of one write after another, over and over */
    size_t count;
    uint64_t seed;     /* RANDOM: of lengths from 1 to 64 */
    uint32_t every_ms; /* between two writes */
};

struct script_send {
    const struct script_segment *segment; /* NULL: one write for a group */
    struct script_text text;              /* octets as they go out; a C: line's CRLF included */
    enum script_send_role role;
    bool alone;  /* leaves in a write of its own (C!:, %flush each) */
    bool secret; /* never shown: AUTH with its initial response, answers to 334 */
    size_t
        shown; /* secret: how many leading octets of a literal line may be shown ("AUTH PLAIN ") */
    bool ends_message; /* MESSAGE: the lone dot */
    bool answered;     /* a reply that the script expects answers it */
};

enum script_verify {
    SCRIPT_VERIFY_DEFAULT, /* what the command line says */
    SCRIPT_VERIFY_HOST,    /* chain and host name */
    SCRIPT_VERIFY_CA,      /* chain only */
    SCRIPT_VERIFY_NONE,
};

enum script_connect {
    SCRIPT_CONNECT_AS_FIRST, /* as the first connection: TLS from the start for smtps */
    SCRIPT_CONNECT_TLS,      /* TLS from the start */
    SCRIPT_CONNECT_PLAIN,
};

/** What it amounts to if the server closes or sends an alert instead of shaking hands. */
enum script_refused {
    SCRIPT_REFUSED_ERROR, /* the default: there is no TLS */
    SCRIPT_REFUSED_PASS,  /* it is one of the right answers, and the test ends there */
    SCRIPT_REFUSED_WARN,
    SCRIPT_REFUSED_UNCLEAR,
};

#define SCRIPT_TLS_OCTETS     1000 /* of a value */
#define SCRIPT_TLS_SNI_OCTETS 255  /* RFC 1035 2.3.4 */

/** A value of %tls. */
enum script_tls_name {
    SCRIPT_TLS_VERIFY,
    SCRIPT_TLS_SNI,
    SCRIPT_TLS_MIN,
    SCRIPT_TLS_MAX,
    SCRIPT_TLS_CIPHERS,
    SCRIPT_TLS_ALPN,
    SCRIPT_TLS_CERT,
    SCRIPT_TLS_PIN,
    SCRIPT_TLS_REFUSED,
    SCRIPT_TLS_NAMES,
};

/** "verify", "sni", ... */
extern const struct slice script_tls_names[SCRIPT_TLS_NAMES];

/** One with variables. */
struct script_tls_value {
    enum script_tls_name name;
    struct script_text text;
    size_t offset; /* octets of the line between %tls and the value */
};

struct script_tls {
    enum script_verify verify;
    enum script_refused refused;
    struct slice sni;     /* empty: the host name */
    uint16_t min_version; /* 0x0301 TLS 1.0 to 0x0304 TLS 1.3; 0: the library's default */
    uint16_t max_version;
    struct slice ciphers; /* OpenSSL's list, names of TLS 1.3 among them; empty: the library's */
    struct slice alpn;    /* protocols to ask for, with commas; empty: none */
    struct slice
        cert; /* PEM file with the client's certificate and key; empty: the command line's */
    struct slice pin; /* hex, SHA-256 of the public key the server must have; empty: any */
    const struct script_tls_value *later; /* values that are read when the step is played */
    size_t later_count;
};

/** Takes a value, whose octets stay. What is wrong with it, for people, or NULL. */
const char *script_tls_take(struct script_tls *tls, enum script_tls_name name, struct slice value);
/** What is wrong with all of them together, or NULL. */
const char *script_tls_mistake(const struct script_tls *tls);

/** An exchange of SASL (RFC 4954 4). */
struct script_auth {
    struct slice mechanism; /* as it goes out */
    struct script_text user, pass, authzid;
    bool late; /* initial=no: the first response waits for the server's empty challenge */
};

/** A fact about TLS: "version", "cipher", "alpn", "subject", ... */
struct script_secured {
    struct slice key;
    void *pattern; /* pcre2_code * */
    bool negated;  /* the fact must not match */
};

enum script_claim_kind {
    SCRIPT_CLAIM_KEYWORD,    /* it is announced, or is not */
    SCRIPT_CLAIM_UNIQUE,     /* "unique": no keyword is announced twice */
    SCRIPT_CLAIM_REGISTERED, /* "registered": each is registered, or begins with X */
};

struct script_ehlo_claim {
    enum script_claim_kind kind;
    bool present;         /* "+": must be announced; "-": must not */
    struct slice keyword; /* in any case */
    struct slice param;   /* "AUTH=PLAIN": a word among its parameters; empty where not written */
    bool has_above;       /* "SIZE>0": its first parameter is a number above that */
    uint64_t above;
};

/** What a difference of an assertion comes to, as its line says after a bar. */
enum script_weight {
    SCRIPT_WEIGHT_PLAIN,   /* nothing is written: it decides */
    SCRIPT_WEIGHT_FAIL,    /* "| fail": it decides, and lines without verdicts are preconditions */
    SCRIPT_WEIGHT_WARN,    /* "| warn": likewise, and no worse than a warning */
    SCRIPT_WEIGHT_UNCLEAR, /* "| unclear": it is a precondition */
};

/** "${a} <= 5", "${b} ~ /regex/" */
enum script_comparison {
    SCRIPT_EQUAL,
    SCRIPT_NOT_EQUAL,
    SCRIPT_LESS, /* these four are of numbers */
    SCRIPT_LESS_EQUAL,
    SCRIPT_GREATER,
    SCRIPT_GREATER_EQUAL,
    SCRIPT_MATCHES,
    SCRIPT_MATCHES_NOT,
};

struct script_compare {
    struct script_text left, right;
    enum script_comparison how;
    void *pattern; /* MATCHES, MATCHES_NOT: pcre2_code * */
};

enum script_assert_of {
    SCRIPT_ASSERT_REPLY,   /* the last reply */
    SCRIPT_ASSERT_REPLIES, /* every reply of the test so far */
    SCRIPT_ASSERT_TEXT,    /* a comparison */
};

enum script_assert_kind {
    SCRIPT_ASSERT_CODE,           /* the code is one of these */
    SCRIPT_ASSERT_SOME_LINE,      /* a line matches */
    SCRIPT_ASSERT_EVERY_LINE,     /* each line matches */
    SCRIPT_ASSERT_NO_LINE,        /* none does */
    SCRIPT_ASSERT_FIRST_LINE,     /* the first one does */
    SCRIPT_ASSERT_LAST_LINE,      /* the last one does */
    SCRIPT_ASSERT_OTHER_LINES,    /* each line but the first does */
    SCRIPT_ASSERT_RAW,            /* all its octets match, line endings included */
    SCRIPT_ASSERT_WELL_FORMED,    /* RFC 5321 4.2.1: one code, "-" on each line but the last */
    SCRIPT_ASSERT_CRLF,           /* each line ends with CRLF, and no CR or LF stands elsewhere */
    SCRIPT_ASSERT_ASCII,          /* RFC 5321 4.2: HTAB and %d32-126 */
    SCRIPT_ASSERT_LENGTH,         /* no line is longer, its ending included */
    SCRIPT_ASSERT_ENHANCED,       /* RFC 2034 4: each line of a 2yz, 4yz, 5yz begins with a code */
    SCRIPT_ASSERT_NO_ENHANCED,    /* no line does */
    SCRIPT_ASSERT_SAME_ENHANCED,  /* each line has the first one's */
    SCRIPT_ASSERT_ENHANCED_CLASS, /* its class is the reply code's first digit */
    SCRIPT_ASSERT_REGISTERED,     /* RFC 5248: the code is registered */
};

struct script_assert {
    enum script_assert_of of;
    enum script_assert_kind kind;
    struct script_outcomes pass, warn, unclear; /* CODE */
    void *pattern;                              /* of lines: pcre2_code * */
    size_t max_octets;                          /* LENGTH */
    struct script_compare compare;              /* TEXT */
};

enum script_message_kind {
    SCRIPT_MESSAGE_ARRIVES, /* contains: waits for it; what follows is about it */
    SCRIPT_MESSAGE_ABSENT,  /* absent ... contains: none arrives */
    SCRIPT_MESSAGE_HEADER,  /* a field of its header, unfolded */
    SCRIPT_MESSAGE_LINE,    /* a line of its body, without its ending */
    SCRIPT_MESSAGE_RAW,     /* all its octets */
};

/** How many of its fields or lines are so. */
enum script_amount {
    SCRIPT_AMOUNT_SOME,
    SCRIPT_AMOUNT_NONE,  /* no */
    SCRIPT_AMOUNT_ONE,   /* one, and no more */
    SCRIPT_AMOUNT_FIRST, /* the very first one */
};

struct script_message {
    enum script_message_kind kind;
    enum script_amount amount;    /* HEADER, LINE, RAW */
    uint32_t within_ms;           /* ARRIVES, ABSENT: 0 where not written */
    struct script_text to, token; /* ARRIVES, ABSENT: mailbox, or empty for any; what it holds */
    struct slice field;           /* HEADER: its name */
    void *pattern;                /* HEADER (or NULL), LINE, RAW: pcre2_code * */
};

struct script_capture {
    struct slice name;
    void *pattern; /* pcre2_code *; group 1 where it has one, else the whole match */
    bool message;  /* of the delivered message, not of the last reply */
};

enum script_condition_kind {
    SCRIPT_IF_EHLO,    /* ehlo KEY[=PARAM]: the last EHLO reply announces it */
    SCRIPT_IF_REPLY,   /* reply 250/<EOF>: the last reply is one of these */
    SCRIPT_IF_PATTERN, /* reply /regex/: the last reply has a line that matches */
    SCRIPT_IF_SECURE,  /* secure: the connection is under TLS */
    SCRIPT_IF_FEATURE, /* a word of %require */
    SCRIPT_IF_COMPARE, /* ${name} = text */
};

struct script_condition {
    enum script_condition_kind kind;
    bool negated;                   /* "!" */
    struct script_ehlo_claim claim; /* EHLO */
    struct script_outcomes reply;   /* REPLY */
    void *pattern;                  /* PATTERN: pcre2_code * */
    struct slice feature;           /* FEATURE */
    struct script_compare compare;  /* COMPARE */
};

/** %if, %else, %repeat and their %end. */
struct script_flow {
    size_t target;                            /* index of a step, or the count of steps */
    const struct script_condition *condition; /* IF; AGAIN: of until, or NULL */
    struct script_text count;                 /* REPEAT: how many rounds at most, in decimal */
    uint8_t depth;                            /* REPEAT, AGAIN: how many %repeat stand around it */
};

struct script_step {
    enum script_step_kind kind;
    size_t line;        /* from 1; script_place says in which file, and where there */
    size_t column;      /* of the text after the tag, or of a directive's "%"; octets, from 1 */
    size_t answers;     /* EXPECT: index of the SEND or AUTH step this reply answers;
                           SCRIPT_NO_STEP for the greeting */
    bool lax;           /* unread octets before this step are no failure */
    bool proxied;       /* CONNECT: a %proxy is the first step of the connection that it opens */
    uint8_t connection; /* 0: the first one; else an index of test.connections, from 1 */
    enum script_weight weight; /* EHLO, QUIET, ASSERT, SECURED, MESSAGE */
    union {
        struct script_send send;
        struct script_expectation expect;
        struct script_tls tls;
        enum script_connect connect;
        bool reset; /* CLOSE */
        struct {
            uint32_t ms;                          /* QUIET, SLEEP */
            struct script_outcomes warn, unclear; /* QUIET: what a reply that comes amounts to */
        } wait;
        struct script_assert assertion;
        struct {
            const struct script_ehlo_claim *items;
            size_t count;
        } ehlo;
        struct script_capture capture;
        struct script_message message;
        struct script_auth auth;
        struct script_secured secured;
        struct script_flow flow; /* IF, ELSE, REPEAT, AGAIN */
    } as;
};

/* ---- tests and scripts ---- */

enum script_level {
    SCRIPT_LEVEL_MUST, /* the default */
    SCRIPT_LEVEL_SHOULD,
    SCRIPT_LEVEL_MAY,
    SCRIPT_LEVEL_SECURITY,
    SCRIPT_LEVEL_INTEROP, /* informs, and never fails a run */
};

struct script_require {
    struct slice token; /* "ehlo:STARTTLS", "tls", "creds", "rcpt", "lmtp", "fixture:list", ... */
    struct script_ehlo_claim claim; /* of "ehlo:" */
    size_t line;
    size_t column;
};

struct script;

struct script_test {
    struct slice title; /* of %test; the file's name where there is none */
    struct slice id;    /* may be empty */
    struct slice rfc;   /* "5321#4.1.4"; may be empty */
    struct slice tags;  /* "smuggling,slow"; may be empty */
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
    const struct script_text *secret_texts; /* values that stand in the script: %set of such a name,
                                               pass= of %auth */
    size_t secret_text_count;
    const struct script *script;     /* that it stands in */
    const struct slice *connections; /* names of the connections besides the first */
    size_t connection_count;
};

enum script_severity {
    SCRIPT_ERROR,
    SCRIPT_WARNING,
    SCRIPT_NOTE, /* what a transcript import repaired */
};

struct script_diagnostic {
    enum script_severity severity;
    size_t line;   /* from 1; script_place says in which file, and where there */
    size_t column; /* octets, from 1 */
    size_t width;  /* octets the caret underlines, at least 1 */
    struct slice message;
    const char *topic; /* section of the manual to read on, as its link names it: "codes" */
};

struct script {
    struct slice name;   /* as given, for messages */
    struct slice source; /* the text as given (a transcript decoded): line numbers count in it */
    bool transcript;     /* it was an unmarked transcript */
    bool implicit_tls;   /* one in which TLS came before the greeting */
    const struct script_test *tests;
    size_t test_count;
    const struct script_diagnostic *diagnostics; /* in order of their lines */
    size_t diagnostic_count;
    size_t error_count;          /* not 0: tests is empty */
    const struct slice *secrets; /* names after %secret anywhere in it, also where it has errors */
    size_t secret_count;

    size_t line_count; /* of the source; the lines of files that %use names are counted on */

    /* private */
    struct script_arena *arena;
    const struct script_file *files; /* the source, then each file that %use names */
    size_t file_count;
    void *const *patterns; /* every pcre2_code, also of a script with errors */
    size_t pattern_count;
};

/** Private: a text that steps stand in. */
struct script_file {
    struct slice name;
    struct slice text;
    const uint32_t *line_starts; /* offset of each line in text */
    size_t line_count;
    size_t lines_before; /* of all files before it */
};

/** Reads files for %use, %data @file and %bdat @file; a script that may read none has no such. */
struct script_reader {
    /** The octets of the file at `path`, which stay until they are released; false where it cannot
     * be read. */
    bool (*read)(void *context, struct slice path, struct slice *ret_octets);
    void (*release)(void *context, struct slice octets);
    void *context;
};

struct script_options {
    struct script_reader reader;
    struct slice name;         /* for messages; a path or "-". %use is relative to it */
    const struct slice *known; /* names of variables that may be used besides the built-in ones */
    size_t known_count;
    size_t max_octets; /* largest source read; 0: 16 MiB */
    bool pasted;       /* C: and S: with other lines between are a transcript (transcript_may_be) */
};

/**
 * Loads a script. `source` is copied. Never fails silently: look at error_count.
 *
 * Every mistake is listed (at most 1000 errors, and 1000 warnings and notes, then one that says
 * so), each with a place inside the source; of a transcript, in the transcript itself. Work and
 * memory are linear in the source; a source over max_octets is one error, and is not kept.
 */
struct script *script_load(struct slice source, const struct script_options *options);

/** Whether the first step on the first connection is a %proxy: it goes out before TLS where TLS
 * comes first. Linear in the steps. */
bool script_begins_with_proxy(const struct script_test *test);

void script_free(struct script *script);

/** A line of a script as people name it. */
struct script_place {
    struct slice name; /* of the file */
    size_t line;       /* in it, from 1 */
};

/** Where line `number` of a step or a diagnostic stands. */
struct script_place script_place_of(const struct script *script, size_t number);
/** The text of the file that line stands in. */
struct slice script_text_of(const struct script *script, size_t number);

/** Line `number` (from 1) of the source or of a file that %use names, without its ending. */
struct slice script_source_line(const struct script *script, size_t number);

/** The built-in variables' names, for help text and for the loader: host client from rcpt ... */
extern const struct slice script_builtins[];
extern const size_t script_builtin_count;

/** Name of a directive, without its "%"; empty from the first index on that none has. */
struct slice script_directive_name(size_t index);

/** "MUST", "SHOULD", ... */
const char *script_level_name(enum script_level level);

#endif
