/*
 * Lines of the server.
 *
 *   reply  = *( "S:" outcomes "-" [ text ] )       ; all with the same outcomes
 *            "S:" outcomes [ SP [ enhanced SP ] text ] *verdict
 *   closed = "S:" "<EOF>" *verdict
 *   exact  = "S=:" 3DIGIT [ ( "-" / SP ) text ]    ; takes the place of any line of a reply
 *            / "S=:" variable [ text ]
 *   like   = "S~:" pattern *verdict                ; a reply with a line that matches
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/octet.h"
#include "script/loader.h"
#include "script/transcript_scan.h"

#define MAX_PATTERN_OCTETS 4096

/* ---- patterns ---- */

struct slice loader_find_variable(struct slice text)
{
    for (size_t i = 0; i + 2 < text.len; i++)
        if (text.ptr[i] == '$' && text.ptr[i + 1] == '{' && octet_is(text.ptr[i + 2], OCTET_ALPHA))
            return slice_sub(text, i, i + 2);
    return slice_sub(text, 0, 0);
}

void *loader_pattern(struct loader *l, struct slice pattern)
{
    if (pattern.len > MAX_PATTERN_OCTETS) {
        loader_error(l, pattern, "the pattern is longer than 4096 octets");
        return NULL;
    }
    struct slice variable = loader_find_variable(pattern); /* it could match nothing */
    if (variable.len > 0) {
        loader_error(l, variable, "variables are not read in patterns");
        return NULL;
    }
    int error;
    PCRE2_SIZE offset;
    /* The end of a line is CRLF in a reply and LF in a Maildir: "." takes no part of it.
     * NEVER_UTF: a reply is octets, and after "(*UTF)" the match would fail on some of them */
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context != NULL)
        pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_code *code =
        pcre2_compile(pattern.ptr, pattern.len, PCRE2_NEVER_UTF, &error, &offset, context);
    pcre2_compile_context_free(context);
    if (code == NULL) {
        char text[160] = "bad pattern: ";
        size_t len = strlen(text);
        pcre2_get_error_message(error, (PCRE2_UCHAR *)text + len, sizeof text - len);
        loader_error(l, slice_of(pattern.ptr + offset, 1), text);
        return NULL;
    }
    *(void **)script_array_push(&l->patterns, sizeof code) = code;
    return code;
}

/* ---- a reply, line by line ---- */

/* Whether a line with that code goes on with the reply that is open. */
static bool continues(struct loader *l, struct slice code)
{
    if (!l->run.open)
        return false;
    l->run.open = false;
    if (l->connection != l->run.connection) {
        loader_error(l, l->run.code, "the reply does not end: its last line has no \"-\"");
        return false;
    }
    if (slice_equal_nocase(code, l->run.code))
        return true;
    loader_error(l, code, "another code than the reply began with (RFC 5321 4.2.1)");
    return false;
}

static void begin_run(struct loader *l, struct slice code, struct script_outcomes pass)
{
    l->run.code = code;
    l->run.connection = l->connection;
    l->run.reply = (struct script_expectation){.pass = pass};
    l->run.lines.count = 0;
}

static void end_run(struct loader *l)
{
    struct loader_run *run = &l->run;
    run->reply.lines = loader_kept(l, &run->lines, 0, sizeof *run->reply.lines);
    run->reply.line_count = run->lines.count;
    run->reply.within_ms = l->within_ms;
    l->within_ms = 0;
    loader_step(l, SCRIPT_EXPECT, run->code.ptr)->as.expect = run->reply;
}

static struct script_reply_line *add_line(struct loader *l, enum script_line_kind kind,
                                          struct slice at)
{
    struct script_reply_line *line = script_array_push(&l->run.lines, sizeof *line);
    line->kind = kind;
    line->line = loader_place(l, at.ptr).line;
    return line;
}

void loader_reply_end(struct loader *l)
{
    if (l->run.open)
        loader_error(l, l->run.code, "the reply does not end: its last line has no \"-\"");
    l->run.open = false;
}

/* ---- S: ---- */

static struct slice code_of(struct slice text)
{
    size_t len = 0;
    while (len < text.len && text.ptr[len] != '-' && !octet_is(text.ptr[len], OCTET_WSP))
        len++;
    return slice_sub(text, 0, len);
}

static bool is_only_eof(struct script_outcomes set)
{
    return set.count == 1 && set.items[0].kind == SCRIPT_OUTCOME_EOF && !set.items[0].negated;
}

/* What follows the code of a line; the verdicts are taken off. */
static void read_rest(struct loader *l, struct slice code, struct slice rest)
{
    struct loader_run *run = &l->run;
    bool more = slice_starts(rest, SLICE("-"));
    if (more && run->reply.decisive)
        loader_error(l, code, "verdicts stand on the last line of a reply");
    rest = slice_from(rest, rest.len > 0); /* the separator */
    loader_enhanced(l, rest, &run->reply);
    add_line(l, SCRIPT_LINE_CODE, code)->text = loader_text(l, rest, 0);
    run->open = more;
    if (!more)
        end_run(l);
}

void loader_reply(struct loader *l, struct slice text)
{
    struct loader_run *run = &l->run;
    struct slice code = code_of(text), rest = slice_from(text, code.len);
    if (!continues(l, code)) {
        struct script_outcomes pass;
        if (code.len == 0)
            loader_error(l, text,
                         slice_trim(text).len > 0 && octet_is(text.ptr[0], OCTET_WSP)
                             ? "one space, and no more, stands before the code: S: 250"
                             : "a reply code is missing: S: 250");
        if (code.len == 0 || !loader_outcomes(l, code, &pass))
            return;
        begin_run(l, code, pass);
    }
    if (l->text.origins == NULL && slice_starts_nocase(rest, SLICE(" or ")) && rest.len > 6 &&
        transcript_is_reply(slice_sub(rest, 4, rest.len < 8 ? rest.len : 8)))
        loader_warning(l, slice_sub(rest, 1, 7),
                       "this is text: codes are joined by a slash, 250/251");
    bool closes = is_only_eof(run->reply.pass);
    if (l->text.origins == NULL) /* a bar in a transcript is the server's own */
        loader_verdicts(l, &rest, &run->reply);
    if (!closes) {
        read_rest(l, code, rest);
        return;
    }
    if (slice_trim(rest).len > 0)
        loader_error(l, slice_trim(rest), "nothing may follow <EOF>");
    end_run(l);
}

/* ---- S=: and S~: ---- */

/* What an exact line allows: its code, whichever that is, or anything where a variable stands. */
static bool exact_outcome(struct loader *l, struct slice text, struct script_outcome *ret_outcome)
{
    struct script_outcome outcome = {.kind = SCRIPT_OUTCOME_CODE};
    bool right = text.len >= 3 && (text.len == 3 || text.ptr[3] == '-' || text.ptr[3] == ' ');
    for (size_t i = 0; right && i < 3; i++) {
        right = octet_is(text.ptr[i], OCTET_DIGIT);
        outcome.digit[i] = (uint8_t)(text.ptr[i] - '0');
    }
    if (slice_starts(text, SLICE("${")))
        outcome = (struct script_outcome){.kind = SCRIPT_OUTCOME_ANY};
    else if (!right) {
        loader_error(l, code_of(text), "a reply line is three digits, then a space or \"-\"");
        return false;
    }
    *ret_outcome = outcome;
    return true;
}

void loader_reply_exact(struct loader *l, struct slice text)
{
    struct script_outcome *outcome = script_arena_alloc(l->arena, sizeof *outcome);
    if (!exact_outcome(l, text, outcome)) {
        l->run.open = false;
        return;
    }
    bool coded = outcome->kind == SCRIPT_OUTCOME_CODE;
    struct slice code = slice_sub(text, 0, coded ? 3 : 2);
    if (!continues(l, code))
        begin_run(l, code, (struct script_outcomes){outcome, 1});
    add_line(l, SCRIPT_LINE_EXACT, text)->text = loader_text(l, text, 0);
    l->run.open = coded && text.len > 3 && text.ptr[3] == '-';
    if (!l->run.open)
        end_run(l);
}

void loader_reply_pattern(struct loader *l, struct slice text)
{
    static const struct script_outcome any = {.kind = SCRIPT_OUTCOME_ANY};
    begin_run(l, text, (struct script_outcomes){&any, 1});
    loader_verdicts(l, &text, &l->run.reply);
    if (text.len == 0) {
        loader_error(l, l->run.code, "a pattern is missing: S~: ^250-SIZE");
        return;
    }
    if (text.len > 1 && text.ptr[0] == '/' && text.ptr[text.len - 1] == '/')
        loader_warning(l, text, "the slashes are part of the pattern: leave them out");
    add_line(l, SCRIPT_LINE_PATTERN, text)->pattern = loader_pattern(l, text);
    end_run(l);
}
