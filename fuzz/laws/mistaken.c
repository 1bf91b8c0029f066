#include "laws/mistaken.h"

/* ---- words that are right ---- */

static bool is_among(struct slice word, const char *words)
{
    for (struct slice rest = slice_of_cstr(words); rest.len > 0;) {
        struct slice one = slice_sub(rest, 0, slice_find(rest, ' '));
        if (slice_equal(word, one))
            return true;
        rest = slice_from(rest, one.len < rest.len ? one.len + 1 : one.len);
    }
    return false;
}

/* How many octets at the beginning are of these ranges, each of which its ends stand for: "az09".
 */
static size_t run(struct slice word, const char *ranges)
{
    size_t len = 0;
    for (bool in = true; in && len < word.len; len += in) {
        in = false;
        for (const char *r = ranges; *r != '\0' && !in; r += 2)
            in = word.ptr[len] >= (uint8_t)r[0] && word.ptr[len] <= (uint8_t)r[1];
    }
    return len;
}

static bool is_name(struct slice word)
{
    return run(word, "azAZ__") > 0 && run(word, "azAZ__09--") == word.len;
}

static bool is_variable(struct slice word)
{
    return word.len > 3 && slice_starts(word, SLICE("${")) && word.ptr[word.len - 1] == '}' &&
           is_name(slice_sub(word, 2, word.len - 1));
}

/* A number that is not 0, of that many digits at most. */
static bool is_number(struct slice word, size_t digits)
{
    return run(word, "19") > 0 && run(word, "09") == word.len && word.len <= digits;
}

static bool is_rounds(struct slice word)
{
    return is_number(word, 6);
}

/* At most 9999 s, and 999 m, which is less than a day. */
static bool is_duration(struct slice word)
{
    size_t digits = run(word, "09");
    struct slice unit = slice_from(word, digits);
    return is_number(slice_sub(word, 0, digits), 4 - slice_equal(unit, SLICE("m"))) &&
           is_among(unit, "ms s m");
}

/* RFC 5321 4.2: %x32-35 %x30-35 %x30-39 */
static bool is_code(struct slice word)
{
    return word.len == 3 && run(word, "25") > 0 && run(slice_from(word, 1), "05") > 0 &&
           run(slice_from(word, 2), "09") == 1;
}

static bool is_chunk(struct slice word)
{
    return slice_starts(word, SLICE("chunk=")) && is_number(slice_from(word, 6), 8);
}

/* RFC 5321 4.1.1.1: ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-") */
static bool is_announced(struct slice word)
{
    return run(word, "azAZ09") > 0 && run(word, "azAZ09--") == word.len;
}

/* "+SIZE" */
static bool is_claim(struct slice word)
{
    return word.len > 0 && (word.ptr[0] == '+' || word.ptr[0] == '-') &&
           is_announced(slice_from(word, 1));
}

/* "ehlo:SIZE" */
static bool is_keyword(struct slice word)
{
    return slice_starts(word, SLICE("ehlo:")) && is_announced(slice_from(word, 5));
}

static bool is_level(struct slice word)
{
    return is_among(word, "MUST SHOULD MAY SECURITY INTEROP");
}

/* "5321#4.1" */
static bool is_rfc(struct slice word)
{
    size_t hash = slice_find(word, '#');
    struct slice section = slice_from(word, hash < word.len ? hash + 1 : hash);
    return is_number(slice_sub(word, 0, hash), 5) && section.len > 0 &&
           run(section, "09..") == section.len;
}

static bool is_requirement(struct slice word)
{
    return is_among(word, "tls plain implicit-tls creds rcpt rcpt2 norcpt remote relay raw proxy "
                          "lmtp smtp oracle multi client-cert slow");
}

/* It is what stands behind the "!" that is said to be wrong. */
static bool is_condition(struct slice word)
{
    return is_requirement(word) || is_among(word, "secure ehlo reply");
}

static bool is_escape(struct slice word)
{
    return is_among(word, "\\r \\n \\t \\0 \\\\") ||
           (word.len == 4 && slice_starts(word, SLICE("\\x")) &&
            run(slice_from(word, 2), "09afAF") == 2);
}

static bool is_directive(struct slice word)
{
    return is_among(word, "%test %require %secret %set %data %tls %ehlo %capture %within %quiet "
                          "%sleep %lax %flush %close %shutdown %format %use %bdat %if %else "
                          "%reply %replies %assert %connect %reset %proxy %segment %barrier "
                          "%message %repeat %end %auth %secured");
}

/* "/x/" */
static bool is_pattern(struct slice word)
{
    return word.len > 2 && word.ptr[0] == '/' && word.ptr[word.len - 1] == '/';
}

/* "[b]" */
static bool is_connection(struct slice word)
{
    return word.len > 2 && word.ptr[0] == '[' && word.ptr[word.len - 1] == ']' &&
           is_name(slice_sub(word, 1, word.len - 1));
}

/* ---- what is said of a word that is not ---- */

void mistaken_check(const struct script *script, const struct script_diagnostic *d)
{
    static const struct {
        const char *begin; /* of the message */
        bool (*is_right)(struct slice word);
    } rows[] = {
        {"no name: ", is_name},
        {"no name of a connection", is_connection},
        {"a pattern stands between two /", is_pattern},
        {"no variable: ", is_variable},
        {"no duration: ", is_duration},
        {"a number of rounds, ", is_rounds},
        {"no reply code: ", is_code},
        {"chunk= is a number", is_chunk},
        {"no claim: ", is_claim},
        {"no EHLO keyword", is_keyword},
        {"level= is ", is_level},
        {"rfc= is a number", is_rfc},
        {"unknown requirement", is_requirement},
        {"no condition: ", is_condition},
        {"no escape: ", is_escape},
        {"unknown directive", is_directive},
    };
    struct slice word = slice_from(script_source_line(script, d->line), d->column - 1);
    word.len = d->width < word.len ? d->width : word.len;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        FUZZ_LAW(word.len < 2 || !slice_starts(d->message, slice_of_cstr(rows[i].begin)) ||
                     !rows[i].is_right(word),
                 "what is right is no mistake");
}

/* ---- no line is passed over ---- */

static struct slice first_word(struct slice line)
{
    size_t from = 0, to;
    while (from < line.len && (line.ptr[from] == ' ' || line.ptr[from] == '\t'))
        from++;
    to = from;
    while (to < line.len && line.ptr[to] != ' ' && line.ptr[to] != '\t' && line.ptr[to] != '\r')
        to++;
    return slice_sub(line, from, to);
}

/* A text that follows is its step, too. */
static bool is_step_between(const struct script *script, size_t from, size_t to)
{
    for (size_t i = 0; i < script->test_count; i++)
        for (size_t k = 0; k < script->tests[i].step_count; k++)
            if (script->tests[i].steps[k].line >= from && script->tests[i].steps[k].line <= to)
                return true;
    return false;
}

/* Behind "<<EOT": the line that is that word. */
static size_t text_end(const struct script *script, size_t number)
{
    struct slice line = script_source_line(script, number), word;
    while (line.len > 0 && !slice_starts(line, SLICE("<<")))
        line = slice_from(line, 1);
    word = first_word(slice_from(line, line.len > 0 ? 2 : 0));
    while (word.len > 0 && ++number <= script->line_count)
        if (slice_equal(slice_trim(script_source_line(script, number)), word))
            break;
    return number;
}

void mistaken_check_lines(const struct script *script)
{
    for (size_t n = 1; n <= script->line_count; n++) {
        struct slice word = first_word(script_source_line(script, n));
        bool text = slice_equal(word, SLICE("%data")) || slice_equal(word, SLICE("%bdat"));
        size_t end = text ? text_end(script, n) : n;
        if (text || is_among(word, "C: %tls %ehlo %quiet %sleep %close %shutdown %connect "
                                   "%assert %reset %auth %barrier %capture %secured %message %if "
                                   "%repeat %else %end"))
            FUZZ_LAW(is_step_between(script, n, end), "no line is passed over");
        n = end;
    }
}
