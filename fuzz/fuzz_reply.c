/* Laws of smtp_reply_parse and smtp_reply_line_next. */
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "smtp/code.h"
#include "smtp/quirk.h"
#include "smtp/reply.h"

static struct parse_result parse_afresh(struct slice in, struct smtp_reply_limits limits,
                                        struct smtp_reply *ret_reply)
{
    struct smtp_reply_parser parser = {.limits = limits};
    return smtp_reply_parse(&parser, in, ret_reply);
}

static bool same_result(struct parse_result a, struct parse_result b)
{
    return a.status == b.status && a.offset == b.offset && a.error == b.error;
}

static bool same_reply(const struct smtp_reply *a, const struct smtp_reply *b)
{
    return a->code == b->code && a->has_enhanced == b->has_enhanced &&
           smtp_enhanced_equal(a->enhanced, b->enhanced) && a->lines == b->lines &&
           slice_equal(a->raw, b->raw) && a->quirks == b->quirks;
}

/* Feeds `in` in pieces of `step` octets, each time in a copy of its own. */
static void check_pieces(struct slice in, size_t step, struct smtp_reply_limits limits,
                         struct parse_result whole, const struct smtp_reply *reply)
{
    struct smtp_reply_parser parser = {.limits = limits};
    size_t seen = 0;
    for (size_t len = 0;; len = len + step < in.len ? len + step : in.len) {
        struct slice copy = fuzz_copy(slice_sub(in, 0, len));
        struct smtp_reply got;
        struct parse_result result;
        FUZZ_LINEAR(len - seen, result = smtp_reply_parse(&parser, copy, &got));
        FUZZ_LAW(same_result(result, parse_afresh(copy, limits, &got)),
                 "a parser that remembers answers as one that does not");
        if (result.status != PARSE_MORE || len == in.len) {
            FUZZ_LAW(same_result(result, whole), "whole and split input give the same answer");
            FUZZ_LAW(result.status != PARSE_OK || same_reply(&got, reply),
                     "whole and split input give the same reply");
            fuzz_free(copy);
            return;
        }
        fuzz_free(copy);
        seen = len;
    }
}

static void check_lines(const struct smtp_reply *reply)
{
    struct slice rest = reply->raw;
    struct smtp_reply_line line;
    size_t lines = 0, octets = 0;
    bool last = false;
    while (smtp_reply_line_next(&rest, &line)) {
        FUZZ_LAW(!last, "no line is behind the last one");
        FUZZ_LAW(fuzz_inside(line.raw, reply->raw) && fuzz_inside(line.line, line.raw) &&
                     fuzz_inside(line.text, line.line),
                 "the parts of a line lie in it");
        FUZZ_LAW(line.line.len >= 3 &&
                     slice_equal(slice_sub(line.line, 0, 3), slice_sub(reply->raw, 0, 3)),
                 "each line begins with the reply's code");
        octets += line.raw.len;
        last = line.last;
        lines++;
    }
    FUZZ_LAW(lines == reply->lines && last, "a reply has its lines, the last one once");
    FUZZ_LAW(octets == reply->raw.len && rest.len == 0, "the lines joined are the reply");
}

/* What each command may draw by itself: RFC 5321 4.3.2, and the extensions' own sections. */
static const char *const answers[SMTP_CODE_CONTEXTS] = {
    [SMTP_CODE_GREETING] = "220 554 521 421",
    [SMTP_CODE_EHLO] = "250 504 550 502",
    [SMTP_CODE_HELO] = "250 504 550 502",
    [SMTP_CODE_LHLO] = "250 504 550 502",
    [SMTP_CODE_MAIL] = "250 552 451 452 550 553 503 455 555 450 554",
    [SMTP_CODE_RCPT] = "250 251 550 551 552 553 450 451 452 503 455 555 556 554",
    [SMTP_CODE_DATA] = "354 503 554 451",
    [SMTP_CODE_END_OF_DATA] = "250 552 554 451 452 450 550 421",
    [SMTP_CODE_BDAT] = "250 503 552 554 451 452 450 550",
    [SMTP_CODE_BURL] = "250 503 552 554 451",
    [SMTP_CODE_RSET] = "250",
    [SMTP_CODE_VRFY] = "250 251 252 550 551 553 502 504",
    [SMTP_CODE_EXPN] = "250 252 550 500 502 504",
    [SMTP_CODE_HELP] = "211 214 502 504",
    [SMTP_CODE_NOOP] = "250",
    [SMTP_CODE_QUIT] = "221",
    [SMTP_CODE_STARTTLS] = "220 501 454",
    [SMTP_CODE_AUTH] = "235 334 501 503 504 432 454 500 534 535 538 422 523 524 525",
    [SMTP_CODE_ETRN] = "250 251 252 253 458 459 500 501",
    [SMTP_CODE_ATRN] = "250 450 451 453 502 530",
    [SMTP_CODE_TURN] = "250 502 500 503",
    [SMTP_CODE_SEND] = "250 552 451 452 500 501 502",
    [SMTP_CODE_XCLIENT] = "220 421 501 503 550",
    [SMTP_CODE_XFORWARD] = "250 421 501 503 550",
    [SMTP_CODE_UNKNOWN] = "",
};

/* Whether any command may draw the code: RFC 5321 3.8, 4.1.4, 4.2.4, 4.3.2, RFC 3207 4, 4.1, RFC
 * 4954 6. */
static bool may_answer_any(unsigned code, enum smtp_code_context context)
{
    bool command = context != SMTP_CODE_GREETING && context != SMTP_CODE_END_OF_DATA;
    bool quit = context == SMTP_CODE_QUIT;
    bool before_tls =
        context == SMTP_CODE_EHLO || context == SMTP_CODE_LHLO || context == SMTP_CODE_NOOP || quit;
    return command && (code == 421 || (code >= 500 && code <= 503) || (code == 554 && !quit) ||
                       (code == 530 && !before_tls));
}

/* What may answer a command is a code that is known, and what its RFCs list. */
static void check_code(unsigned code)
{
    const struct smtp_code *known = smtp_code_find(code);
    char digits[4] = {(char)('0' + code / 100), (char)('0' + code / 10 % 10),
                      (char)('0' + code % 10)};
    FUZZ_LAW(known == NULL || known->code == code, "a code's entry is its own");
    for (int n = 0; n < SMTP_CODE_CONTEXTS; n++) {
        enum smtp_code_context context = (enum smtp_code_context)n;
        bool listed = strstr(answers[context], digits) != NULL || may_answer_any(code, context);
        FUZZ_LAW(smtp_code_is_allowed(code, context) == listed,
                 "a command draws the codes that its RFCs list");
        FUZZ_LAW(!listed || known != NULL, "a code that may be drawn is known");
    }
}

/* ---- the model: each line is cut out and looked at by itself ---- */

struct model {
    enum parse_status status;
    int error;
    size_t offset;
    struct smtp_reply reply;
};

static struct model stop(struct model m, enum parse_status status, int error, size_t offset)
{
    m.status = status;
    m.error = error;
    m.offset = offset;
    return m;
}

/* RFC 2034 4, RFC 3463 2: the word behind the code, of the grammar. */
static bool model_enhanced(struct slice text, struct smtp_enhanced *ret_enhanced)
{
    struct slice word = slice_sub(text, 0, slice_find(text, ' '));
    unsigned parts[3] = {0}, part = 0;
    if (word.len > 16 || !grammar_has("enhanced-status", word))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        part += word.ptr[i] == '.';
        parts[part] = word.ptr[i] == '.' ? 0 : parts[part] * 10 + word.ptr[i] - '0';
    }
    *ret_enhanced =
        (struct smtp_enhanced){(uint16_t)parts[0], (uint16_t)parts[1], (uint16_t)parts[2]};
    return true;
}

/* A line without its ending, of a reply of which `m` knows the lines before. */
static void model_line(struct model *m, struct slice line)
{
    struct smtp_reply *r = &m->reply;
    struct smtp_enhanced enhanced;
    struct slice text = slice_from(line, line.len > 4 ? 4 : line.len);
    bool has = model_enhanced(text, &enhanced);
    if (r->lines++ == 0) {
        r->code = (unsigned)(line.ptr[0] - '0') * 100 + (unsigned)(line.ptr[1] - '0') * 10 +
                  (unsigned)(line.ptr[2] - '0');
        r->quirks |= grammar_has("Reply-code", slice_sub(line, 0, 3)) ? 0 : SMTP_QUIRK_CODE_RANGE;
        r->has_enhanced = has;
    }
    r->quirks |= line.len == 3 ? SMTP_QUIRK_NO_TEXT : 0;
    r->quirks |= has != r->has_enhanced ? SMTP_QUIRK_ENHANCED_PARTIAL : 0;
    if (!has)
        return;
    r->quirks |= enhanced.status_class != r->code / 100 ? SMTP_QUIRK_ENHANCED_CLASS : 0;
    if (r->enhanced.status_class == 0)
        r->enhanced = enhanced;
    r->quirks |= smtp_enhanced_equal(enhanced, r->enhanced) ? 0 : SMTP_QUIRK_ENHANCED_MIXED;
    r->has_enhanced = true;
}

/* Where the first octets of a line are wrong, as far as they are there; 0: nowhere. */
static int model_head(const struct model *m, struct slice in, struct slice line, size_t *ret_at)
{
    size_t digits = 0;
    while (digits < 3 && digits < line.len && line.ptr[digits] >= '0' && line.ptr[digits] <= '9')
        digits++;
    *ret_at = digits;
    if (digits < 3)
        return digits == line.len ? 0 : SMTP_REPLY_NO_CODE;
    *ret_at = 0;
    if (m->reply.lines > 0 && memcmp(in.ptr, line.ptr, 3) != 0)
        return SMTP_REPLY_MIXED_CODES;
    *ret_at = 3;
    struct slice tail = slice_from(line, 3);
    bool ended = tail.len == 0 || tail.ptr[0] == '\n' || slice_equal(tail, SLICE("\r")) ||
                 slice_starts(tail, SLICE("\r\n"));
    bool separated = tail.len > 0 && (tail.ptr[0] == ' ' || tail.ptr[0] == '-');
    return ended || separated ? 0 : SMTP_REPLY_BAD_SEPARATOR;
}

static struct model model_of(struct slice in, struct smtp_reply_limits limits)
{
    struct model m = {.status = PARSE_MORE};
    for (size_t at = 0;;) {
        size_t left = limits.max_octets - at, head;
        bool short_of = limits.max_line_octets < left;
        size_t most = short_of ? limits.max_line_octets : left;
        struct slice line = slice_sub(in, at, in.len - at < most ? in.len : at + most);
        size_t lf = slice_find(line, '\n');
        int error = model_head(&m, in, line, &head);
        if (error != 0)
            return stop(m, PARSE_ERROR, error, at + head);
        if (lf == line.len && line.len < most)
            return stop(m, PARSE_MORE, 0, 0);
        if (lf == line.len)
            return stop(m, PARSE_ERROR, short_of ? SMTP_REPLY_LINE_TOO_LONG : SMTP_REPLY_TOO_LONG,
                        at + most);
        bool crlf = lf > 0 && line.ptr[lf - 1] == '\r';
        struct slice text = slice_sub(line, 0, lf - crlf);
        m.reply.quirks |= fuzz_odd_octets(text) | (crlf ? 0 : QUIRK_BARE_LF) |
                          (lf + 1 > 512 ? QUIRK_LONG_LINE : 0);
        model_line(&m, text);
        at += lf + 1;
        m.reply.raw = slice_sub(in, 0, at);
        if (text.len == 3 || text.ptr[3] != '-')
            return stop(m, PARSE_OK, 0, at);
    }
}

static void check_model(struct slice in, struct smtp_reply_limits limits, struct parse_result whole,
                        const struct smtp_reply *reply)
{
    struct model m = model_of(in, limits);
    FUZZ_LAW(whole.status == m.status && whole.error == m.error && whole.offset == m.offset,
             "the answer is the model's");
    FUZZ_LAW(m.status != PARSE_OK || same_reply(reply, &m.reply), "the reply is the model's");
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    /* Small limits one time in four, so that seeds are mostly read whole. */
    bool tight = fuzz_knob(in, 0, 4) == 1;
    struct smtp_reply_limits limits = {
        .max_line_octets = tight ? fuzz_knob(in, 1, 64) : 1000,
        .max_octets = tight ? fuzz_knob(in, 2, 256) : 4000,
    };
    struct smtp_reply reply;
    struct parse_result whole;
    FUZZ_LINEAR(in.len, whole = parse_afresh(in, limits, &reply));
    if (whole.status == PARSE_OK) {
        FUZZ_LAW(reply.raw.ptr == in.ptr && reply.raw.len == whole.offset,
                 "a reply is what was consumed");
        FUZZ_LAW(whole.offset <= limits.max_octets, "no reply is longer than its limit");
        FUZZ_LAW(!reply.has_enhanced || reply.enhanced.status_class == reply.code / 100 ||
                     (reply.quirks & SMTP_QUIRK_ENHANCED_CLASS),
                 "a class that differs from the code's is named");
        FUZZ_LAW(reply.lines > 1 ||
                     !(reply.quirks & (SMTP_QUIRK_ENHANCED_MIXED | SMTP_QUIRK_ENHANCED_PARTIAL)),
                 "one line agrees with itself");
        check_lines(&reply);
        check_code(200 + (unsigned)(reply.code + fuzz_knob(in, 1, 256)) % 360);
        FUZZ_LAW(fuzz_nameless(reply.quirks, smtp_quirk) == 64, "each quirk has a name");
    }
    FUZZ_LAW(whole.offset <= in.len, "no offset is beyond the input");
    FUZZ_LAW((whole.status == PARSE_ERROR) == (smtp_reply_error_text(whole.error) != NULL),
             "each error has a text");
    check_model(in, limits, whole, &reply);
    /* A long one in fewer pieces: each is read from the start again. */
    check_pieces(in, 1 + fuzz_knob(in, 3, 7) + in.len / 128, limits, whole, &reply);
    fuzz_free(in);
    return 0;
}
