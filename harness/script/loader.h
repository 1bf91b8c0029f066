/*
 * loader: what the files of the script loader share. Private to load*.c and loader.c.
 *
 *   load.c            lines and their tags, from the first to the last; tests begin and end
 *   loader.c          places, diagnostics, "did you mean"
 *   load_text.c       text with ${variables} and escapes
 *   load_variable.c   what stands in ${...}
 *   load_send.c       C:, C!:, %data, %bdat
 *   load_reply.c      S:, S=:, S~:
 *   load_outcome.c    codes, enhanced codes, verdicts
 *   load_directive.c  %words that are steps or change how steps are read
 *   load_condition.c  what %if, %repeat until and %require ask
 *   load_connection.c %connect, %close, %reset, %shutdown, %segment; names of connections
 *   load_assert.c     %ehlo, %reply, %replies, %assert
 *   load_message.c    %message
 *   load_flow.c       %if, %else, %repeat, %end
 *   load_use.c        %use, and the other files that a script names
 *   load_test.c       %test, %require and the other words about a test
 *   load_mistake.c    what was meant by a line that is none
 *   load_roles.c      what each sent line is, and which one each reply answers
 *   format.c          the same lines, laid out
 *
 * Every slice that the loader reads from points into loader.text, so that a place is a pointer: the
 * line and the column are found from it when there is something to say.
 */
#ifndef MAILDRILL_SCRIPT_LOADER_H
#define MAILDRILL_SCRIPT_LOADER_H

#include "script/arena.h"
#include "script/script.h"
#include "script/transcript.h"

#define LOADER_MAX_OCTETS    ((size_t)16 << 20)
#define LOADER_MAX_STEPS     500000
#define LOADER_MAX_LISTED    1000 /* errors; warnings and notes likewise */
#define LOADER_MAX_NUL_LINES 8    /* after them a file is no text */
#define LOADER_MAX_NAMES     256  /* of one kind in a test: %capture and %set, %secret, %require */
#define LOADER_MAX_OUTCOMES  64   /* in one set */
#define LOADER_MAX_NESTING   8    /* ${b64:${upper:...}} */
#define LOADER_MAX_TIMES     ((uint64_t)16 << 20) /* ${n*text} */
#define LOADER_MAX_ROUNDS    1000000              /* of a %repeat */
#define LOADER_MAX_USED      ((size_t)64 << 20)   /* octets that %use plays */
#define LOADER_MAX_FILES     256
#define LOADER_MAX_USE_DEPTH 8

/** A name that the test itself defines. */
struct loader_name {
    struct slice name;
    bool is_set;              /* by %set: `value` stands for it; else by %capture */
    struct script_text value; /* %set */
    unsigned nesting;         /* %set: of ${b64:...} in value */
};

/** What lasts to the end of a test, or, said before the first one, of the file. */
struct loader_scope {
    size_t names;                         /* count of loader.names that hold */
    size_t secrets;                       /* of loader.secrets */
    size_t requires;                      /* of loader.requires */
    size_t replies;                       /* %replies so far */
    const struct script_segment *segment; /* %segment; NULL: off */
    bool lax;                             /* %lax */
    bool message;                         /* a %message that awaits one was met */
    bool ehlo;                            /* the client sends EHLO or LHLO, or what may be one */
    bool flush_each;                      /* %flush each */
};

/** The text that is read: the source, or what the import made of a transcript. */
struct loader_text {
    struct slice octets;
    const uint32_t *line_starts;
    size_t line_count;
    const struct transcript_origin *origins; /* one a line; NULL where it is the source itself */
    size_t lines_before;                     /* of the script, in the files before this one */
};

/** An %if or %repeat that is open. */
struct loader_block {
    struct slice at; /* its directive */
    size_t step;     /* index of the IF, ELSE or REPEAT step that awaits its target */
    bool repeats;
    bool has_else;
    uint8_t depth;                        /* REPEAT: how many %repeat stand around it */
    const struct script_condition *until; /* REPEAT: or NULL */
};

/** A reply that is being read: one line, or the lines of a run "S: 250-..." */
struct loader_run {
    bool open;         /* the last line said "-": the reply goes on */
    struct slice code; /* of its first line, as written */
    uint8_t connection;
    struct script_expectation reply;
    struct script_array lines; /* struct script_reply_line */
};

struct loader {
    struct script *script;
    struct script_arena *arena; /* the script's */
    struct script_options options;
    struct loader_text text;   /* that is read */
    size_t next_line;          /* index of the line that is read next */
    struct script_array texts; /* struct loader_text: one for each file of the script */
    struct script_array files; /* struct script_file */
    struct slice use_at;       /* the %use that is being played; empty in the script itself */
    size_t use_depth, used_octets;
    struct slice users[LOADER_MAX_USE_DEPTH]; /* names of the files whose %use are being played */
    size_t nul_lines;

    struct script_array diagnostics;  /* struct script_diagnostic */
    size_t errors;                    /* all of them, listed or not */
    size_t listed_errors, remarks;    /* listed; remarks: warnings and notes */
    const char *topic;                /* section of the manual about what is read */
    struct script_array patterns;     /* void * */
    struct script_array tests;        /* struct script_test */
    struct script_array secret_names; /* struct slice: of every test */

    /* the test that is being read */
    struct script_test test;
    struct slice test_at; /* its "%test"; empty before the first one */
    size_t errors_before; /* `errors` when it began */
    struct script_array steps, names, secrets, requires;
    size_t earlier_steps; /* of the tests before it */
    struct loader_scope scope, head;
    struct loader_run run;
    struct loader_block blocks[SCRIPT_MAX_DEPTH];
    size_t block_count, block_base; /* those below the base stand in the file that uses this one */
    uint8_t repeat_depth;           /* %repeat that are open */
    struct slice connections[SCRIPT_MAX_CONNECTIONS];
    size_t connection_count;  /* with the first, which has no name */
    uint8_t connection;       /* of the line that is read */
    uint32_t within_ms;       /* of %within, for the next reply; or 0 */
    struct slice within_text; /* where it stands */

    /* scratch of load_text.c, used as stacks */
    struct script_array parts;
    struct script_buffer octets;
    size_t spliced; /* work done so far for the values of %set */
};

/* ---- loader.c ---- */

/** A place in the script as the user wrote it. */
struct loader_place {
    size_t line;
    size_t column;
};

/** Line `index` of a text, without its ending. */
struct slice loader_line(const struct loader_text *text, size_t index);
struct loader_place loader_place(const struct loader *l, const uint8_t *at);

/** Where each line starts; a line ends with LF, and the last one may lack it. At least one. */
const uint32_t *loader_index_lines(struct script_arena *arena, struct slice text,
                                   size_t *ret_count);

/** Lists a mistake at a place of the source. `message` is copied. */
void loader_report(struct loader *l, enum script_severity severity, struct loader_place place,
                   size_t width, struct slice message);
/** The same where `at` stands in loader.text; its length is the width. */
void loader_error(struct loader *l, struct slice at, const char *message);
void loader_warning(struct loader *l, struct slice at, const char *message);

/** The slice of `names` (the first member of items `stride` octets apart) that `word` may be a slip
 * of; empty where none is close. */
struct slice loader_closest(struct slice word, const void *names, size_t count, size_t stride);
/** An error that ends with "; did you mean " before name after "?" unless `name` is empty. */
void loader_error_hint(struct loader *l, struct slice at, const char *message, const char *before,
                       struct slice name, const char *after);
/** The same of a warning. */
void loader_warning_hint(struct loader *l, struct slice at, const char *message, struct slice name);

/** Copies the items of a scratch array from index `from` on, exactly, into the arena. */
void *loader_kept(struct loader *l, const struct script_array *array, size_t from, size_t octets);

/** Index of `word` among `words`, in any case; `count` where it is none of them. */
size_t loader_word_index(struct slice word, const struct slice *words, size_t count);

/** Takes the next word, and the blanks before it, off `*rest`; empty where none is left. */
struct slice loader_word(struct slice *rest);
/** Error where something is left of a directive's arguments. */
void loader_no_more(struct loader *l, struct slice rest);

/** The name=value words that a directive takes, each once. */
struct loader_attributes {
    const struct slice *names;
    size_t count;
    unsigned seen; /* bit n: names[n] */
};

/** Takes the next one off `*rest`; lists those that are wrong, and false where none is left. */
bool loader_attribute(struct loader *l, struct loader_attributes *attributes, struct slice *rest,
                      size_t *ret_index, struct slice *ret_value);

/* ---- load_mistake.c ---- */

/** Errors for a line without a tag, and for a directive that there is not. */
void loader_unknown_line(struct loader *l, struct slice line);
void loader_unknown_directive(struct loader *l, struct slice at, struct slice closest);
/** Whether `word` is a keyword of EHLO that people know, in any case; "=..." may follow. */
bool loader_seems_keyword(struct slice word);

/* ---- load_use.c ---- */

/** Makes `text` a file of the script, and the one that is read. */
void loader_add_file(struct loader *l, struct slice name, struct slice text);
void loader_use(struct loader *l, struct slice at, struct slice args);
/** Reads the file that a script names, relative to the one that names it. Its octets are copied;
 * false, with the error listed, where that cannot be. */
bool loader_read_file(struct loader *l, struct slice name, struct slice *ret_path,
                      struct slice *ret_octets);

/* ---- load_connection.c ---- */

/** Takes "[name]" off the front of `*text`, and makes that connection the one that what is read is
 * about; without a name the first. `opens`: it may be new. False, with the error listed, where
 * there is no such connection. */
bool loader_take_connection(struct loader *l, struct slice *text, bool opens);
void loader_connect(struct loader *l, struct slice at, struct slice args);
void loader_close(struct loader *l, struct slice at, struct slice args);
void loader_reset(struct loader *l, struct slice at, struct slice args);
void loader_shutdown(struct loader *l, struct slice at, struct slice args);
void loader_barrier(struct loader *l, struct slice at, struct slice args);
void loader_segment(struct loader *l, struct slice at, struct slice args);
/* ---- load_proxy.c ---- */
void loader_proxy(struct loader *l, struct slice at, struct slice args);

/* ---- load_assert.c ---- */

void loader_ehlo(struct loader *l, struct slice at, struct slice args);
void loader_assert_reply(struct loader *l, struct slice at, struct slice args);
void loader_assert_replies(struct loader *l, struct slice at, struct slice args);
void loader_assert(struct loader *l, struct slice at, struct slice args);
/** Takes a pattern between two "/" off the front of `*text`; it goes to the last "/". NULL, with
 * the error listed, where none stands there. */
void *loader_take_pattern(struct loader *l, struct slice at, struct slice *text);
/** Takes "left operator right" off `*text`; `whole`: the right side goes to its end. False, with
 * the error listed, where it is no comparison. */
bool loader_compare(struct loader *l, struct slice at, struct slice *text, bool whole,
                    struct script_compare *ret_compare);

/* ---- load_message.c ---- */

void loader_message(struct loader *l, struct slice at, struct slice args);
/** Error where no message is awaited before what looks at one. */
void loader_needs_message(struct loader *l, struct slice at);

/* ---- load_condition.c, load_flow.c ---- */

/** Takes a condition off `*rest`; false, with the error listed, where none stands there. */
bool loader_condition(struct loader *l, struct slice at, struct slice *rest,
                      struct script_condition *ret_condition);
/** Reads KEY, KEY=PARAM or KEY>N; false where it is none. */
bool loader_claim(struct slice word, struct script_ehlo_claim *ret_claim);
/** The word of %require that `word` is; empty where it is none. */
struct slice loader_feature(struct slice word);
struct slice loader_closest_feature(struct slice word);

void loader_if(struct loader *l, struct slice at, struct slice args);
void loader_else(struct loader *l, struct slice at, struct slice args);
void loader_repeat(struct loader *l, struct slice at, struct slice args);
void loader_end(struct loader *l, struct slice at, struct slice args);
/** Begins a %repeat of the loader's own: `count` rounds, in decimal. loader_close_block ends it. */
bool loader_open_repeat(struct loader *l, struct slice at, struct script_text count,
                        const struct script_condition *until);
void loader_close_block(struct loader *l, struct slice at);
/** Error for each block beyond `count` that no %end closes. */
void loader_blocks_end(struct loader *l, size_t count);

/* ---- load_text.c ---- */

#define LOADER_ESCAPES (1u << 0) /* \r \n \t \0 \\ \xNN */
#define LOADER_CRLF    (1u << 1) /* CRLF after it */
#define LOADER_STUFF   (1u << 2) /* a dot before a leading dot (RFC 5321 4.5.2) */
#define LOADER_WARN    (1u << 3) /* of what would be an escape */

/** Reads text with variables. `flags`: LOADER_... */
struct script_text loader_text(struct loader *l, struct slice text, unsigned flags);
/** Begins a name of this test; false, with the error listed, where `name` is not fit for one. */
bool loader_define(struct loader *l, struct slice name, struct loader_name **ret_name);
/** Warns of a name of %secret that is no variable's so far, and close to one that is. */
void loader_check_secret(struct loader *l, struct slice name);
/** Like loader_text, for the value of %set; *ret_nesting is how deep ${b64:...} goes in it. */
struct script_text loader_value(struct loader *l, struct slice text, unsigned *ret_nesting);
/** A text of these octets, which stay. */
struct script_text loader_literal(struct loader *l, struct slice octets);
/** A text of one part. */
struct script_text loader_part(struct loader *l, struct script_part part);
/** Whether `name` may stand in ${...} and after %capture, %set and %secret. */
bool loader_is_name(struct slice name);

/* ---- load_variable.c: between load_text.c and itself ---- */

/** A text that is being read. */
struct loader_reading {
    struct loader *l;
    struct slice rest;
    bool escapes;
    bool warns;       /* of the first backslash that would be one */
    unsigned nesting; /* texts in ${...} around this one */
    unsigned deepest; /* reached so far */
};

/** Reads to the end, or inside ${...} to its "}", which is left. */
struct script_text loader_read_text(struct loader_reading *r, unsigned flags);
/** At "${"; octets from `from` on are a literal that ends here. False where the rest of the text
 * cannot be read. */
bool loader_read_variable(struct loader_reading *r, size_t from);
struct script_part *loader_push_part(struct loader *l, enum script_part_kind kind);
/** Makes a part of the octets since `from`, if there are any. */
void loader_end_literal(struct loader *l, size_t from);

/* ---- load_outcome.c ---- */

/** Reads "250/251", "!2xx", "*", "<EOF>"; false, with the error listed, where it is none. */
bool loader_outcomes(struct loader *l, struct slice text, struct script_outcomes *ret_set);
/** Takes " | word outcomes" off the end of `*text` for as long as there is one. */
void loader_verdicts(struct loader *l, struct slice *text, struct script_expectation *reply);
/** Whether " | word outcomes" ends `text`; then its parts, and what stands before it. */
bool loader_verdict_split(struct slice text, struct slice *ret_before, struct slice *ret_word,
                          struct slice *ret_outcomes);
/** Whether a verdict without codes ends `text`. */
bool loader_has_weight(struct slice text);
/** Takes " | fail", " | warn" or " | unclear" off the end of `*text`. */
enum script_weight loader_weight(struct loader *l, struct slice *text);
/** Reads the enhanced code that `text` begins with, if it does. */
void loader_enhanced(struct loader *l, struct slice text, struct script_expectation *reply);

/* ---- load_reply.c, load_send.c: lines by their tag; `text` is what follows the tag ---- */

void loader_reply(struct loader *l, struct slice text);
void loader_reply_exact(struct loader *l, struct slice text);
void loader_reply_pattern(struct loader *l, struct slice text);
/** Before any line that cannot be part of a reply: error where a run has not ended. */
void loader_reply_end(struct loader *l);
void loader_send_line(struct loader *l, struct slice text);
void loader_send_octets(struct loader *l, struct slice text);
/** %data, %bdat: <<WORD reads the lines that follow, @file a file. */
void loader_send_data(struct loader *l, struct slice at, struct slice args);
void loader_send_bdat(struct loader *l, struct slice at, struct slice args);

/** The beginning "${" of a variable where none is read; empty where there is none. */
struct slice loader_find_variable(struct slice text);
/** Compiles a pattern; NULL, with the error listed, where it is none. */
void *loader_pattern(struct loader *l, struct slice pattern);

/* ---- load_directive.c, load_test.c: `at` is "%word", `args` the rest of the line ---- */

void loader_directive(struct loader *l, struct slice line);
/** Whether the arguments of that directive are words, and blanks between them mean nothing. */
bool loader_directive_is_words(struct slice name);
void loader_test(struct loader *l, struct slice at, struct slice args);
void loader_require(struct loader *l, struct slice at, struct slice args);
void loader_secret(struct loader *l, struct slice at, struct slice args);
void loader_set(struct loader *l, struct slice at, struct slice args);
/** Ends the test that is being read, and keeps it unless something in the script is wrong. */
void loader_test_end(struct loader *l);

/* ---- load_secure.c ---- */

void loader_tls(struct loader *l, struct slice at, struct slice args);
void loader_secured(struct loader *l, struct slice at, struct slice args);
void loader_auth(struct loader *l, struct slice at, struct slice args);

/* ---- load.c ---- */

/** Reads 500ms, 2s, 1m; false where it is no duration. */
bool loader_duration(struct slice text, uint32_t *ret_ms);
/** Reads the next line, without its ending; one that holds NUL is listed, and is empty. */
bool loader_next_line(struct loader *l, struct slice *ret_line);
/** Reads lines up to the end of loader.text. */
void loader_read_lines(struct loader *l);
/** Octets of the tag that `line` begins with, its ":" included; 0 where it begins with none. */
size_t loader_tag_octets(struct slice line);
/** Appends a step that stands at `at`. Valid until the next one. */
struct script_step *loader_step(struct loader *l, enum script_step_kind kind, const uint8_t *at);

/* ---- load_roles.c ---- */

/** Finds roles, answers and secrets of the steps of the test that is being read. */
void loader_roles(struct loader *l);

#endif
