#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "script/loader.h"

/* ---- runs: "S: 250-a", "S: 250 b" are one reply
 * ------------------------------------------------------ */

static void finish(struct loader *l)
{
    struct loader_run *run = &l->run;
    struct script_step *step = script_array_push(&l->steps, sizeof *step);
    step->kind = SCRIPT_EXPECT;
    step->line = run->line;
    step->column = run->column;
    step->answers = SCRIPT_NO_STEP;
    step->lax = l->scope.lax;
    run->reply.lines = run->lines.items;
    run->reply.line_count = run->lines.count;
    run->reply.within_ms = l->within_ms;
    step->as.expect = run->reply;
    l->within_ms = 0;
    l->test.has_decisive = l->test.has_decisive || run->reply.decisive;
    *run = (struct loader_run){.open = false};
}

static void begin(struct loader *l, struct slice text, struct slice code)
{
    struct loader_place place = loader_place(l, text.ptr);
    l->run = (struct loader_run){.code = code, .line = place.line, .column = place.column};
    l->run.lines.arena = l->arena;
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
    if (!l->run.open)
        return;
    struct loader_place place = {l->run.line, l->run.column};
    loader_report(l, SCRIPT_ERROR, place, l->run.code.len,
                  SLICE("this reply goes on (its last line has \"-\"), but no line of it follows"));
    finish(l);
}

static bool is_digits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

/* Whether a line of that code may go on the run that is open; else the mistake is listed. */
static bool continues(struct loader *l, struct slice code)
{
    if (!l->run.open)
        return false;
    if (slice_equal_nocase(code, l->run.code))
        return true;
    loader_error(l, code.len > 0 ? code : slice_of(code.ptr, 1),
                 "this reply began with another code (RFC 5321 4.2.1)");
    finish(l);
    return false;
}

/* ---- S:
 * ---------------------------------------------------------------------------------------------- */

static void eof_alone(struct loader *l, struct slice text)
{
    begin(l, text, text);
    loader_outcomes(l, text, &l->run.reply.pass);
    finish(l);
}

/* The code's octets: up to a space, or up to the "-" of "250-text". */
static size_t code_octets(struct slice text)
{
    size_t end = 0;
    while (end < text.len && text.ptr[end] != ' ' && text.ptr[end] != '\t')
        end++;
    return end > 3 && text.ptr[3] == '-' ? 3 : end;
}

void loader_reply(struct loader *l, struct slice text)
{
    if (slice_trim(text).len == 0) {
        loader_error(l, slice_of(text.ptr, 1), "a reply needs a code: S: 250");
        return;
    }
    size_t code_len = code_octets(text);
    struct slice code = slice_sub(text, 0, code_len);
    bool more = code_len < text.len && text.ptr[code_len] == '-';
    if (slice_equal_nocase(text, SLICE("<EOF>"))) {
        loader_reply_end(l);
        eof_alone(l, text);
        return;
    }
    bool first = !continues(l, code);
    if (first)
        begin(l, text, code);
    loader_verdicts(l, &text, &l->run.reply);
    if (first && !loader_outcomes(l, code, &l->run.reply.pass))
        return;
    struct slice rest = slice_from(text, code_len < text.len ? code_len + 1 : text.len);
    if (rest.len > 0 && rest.ptr[0] == '|')
        loader_error(l, rest, "not a verdict: | warn CODES, | unclear CODES or | pass CODES");
    if (first)
        loader_enhanced(l, rest, &l->run.reply);
    struct script_reply_line *line = add_line(l, SCRIPT_LINE_CODE, text);
    line->text = loader_text(l, rest, 0);
    l->run.open = more;
    if (!more)
        finish(l);
}

/* ---- S=: and S~:
 * -------------------------------------------------------------------------------------- */

void loader_reply_exact(struct loader *l, struct slice text)
{
    size_t code_len = text.len < 3 ? text.len : 3;
    struct slice code = slice_sub(text, 0, code_len);
    bool more = text.len > 3 && text.ptr[3] == '-' && is_digits(code);
    bool first = !continues(l, code);
    if (first)
        begin(l, text, code);
    if (first && !(is_digits(code) && code.len == 3 &&
                   (text.len == 3 || text.ptr[3] == ' ' || text.ptr[3] == '-')))
        loader_error(l, text.len > 0 ? code : slice_of(text.ptr, 1),
                     "an exact reply begins with three digits and a space or -");
    else if (first)
        loader_outcomes(l, code, &l->run.reply.pass);
    struct script_reply_line *line = add_line(l, SCRIPT_LINE_EXACT, text);
    line->text = loader_text(l, text, 0);
    l->run.open = more;
    if (!more)
        finish(l);
}

void *loader_pattern(struct loader *l, struct slice pattern)
{
    int number;
    size_t offset;
    PCRE2_UCHAR8 message[160];
    const uint8_t *octets = pattern.len == 0 ? (const uint8_t *)"" : pattern.ptr;
    pcre2_code_8 *code =
        pcre2_compile_8(octets, pattern.len, PCRE2_NEVER_BACKSLASH_C, &number, &offset, NULL);
    if (code == NULL) {
        pcre2_get_error_message_8(number, message, sizeof message);
        size_t at = offset < pattern.len ? offset : pattern.len;
        struct slice rest = slice_from(pattern, at);
        rest.len = rest.len > 1 ? 1 : rest.len;
        struct script_buffer text = {.arena = l->arena};
        script_buffer_put(&text, SLICE("bad pattern: "));
        script_buffer_put(&text, slice_of_cstr((const char *)message));
        loader_report(l, SCRIPT_ERROR, loader_place(l, rest.ptr), 1, script_buffer_slice(&text));
        return NULL;
    }
    *(void **)script_array_push(&l->patterns, sizeof code) = code;
    return code;
}

void loader_reply_pattern(struct loader *l, struct slice text)
{
    loader_reply_end(l);
    begin(l, text, text);
    loader_verdicts(l, &text, &l->run.reply);
    void *pattern = loader_pattern(l, text);
    add_line(l, SCRIPT_LINE_PATTERN, text)->pattern = pattern;
    finish(l);
}
