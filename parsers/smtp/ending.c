#include "smtp/ending.h"

const struct smtp_ending_model_text smtp_ending_models[SMTP_ENDING_MODELS] = {
    [SMTP_ENDING_STRICT] = {"strict", "only CRLF ends a line"},
    [SMTP_ENDING_LF] = {"lf", "LF ends a line"},
    [SMTP_ENDING_CR] = {"cr", "CR ends a line"},
    [SMTP_ENDING_CR_LF] = {"cr-lf", "CR and LF each end a line"},
    [SMTP_ENDING_CRS_LF] = {"crs-lf", "any number of CRs before LF ends a line"},
    [SMTP_ENDING_NUL] = {"nul", "NUL is dropped"},
    [SMTP_ENDING_SUB] = {"sub", "SUB is dropped"},
    [SMTP_ENDING_BOM] = {"bom", "a byte order mark is dropped"},
    [SMTP_ENDING_TRIM] = {"trim", "white space around the dot is dropped"},
    [SMTP_ENDING_UNICODE] = {"unicode", "whatever Unicode calls a line ending ends a line"},
};

/* ---- what octets are ---- */

enum symbol { TEXT, DOT, CR, LF, NUL, SUB, BOM, SPACE, FEED, BREAK, SYMBOLS };

static enum symbol symbol_of(uint8_t octet)
{
    static const uint8_t symbols[256] = {
        ['.'] = DOT,   ['\r'] = CR,    ['\n'] = LF,    [0] = NUL,   [26] = SUB,
        [' '] = SPACE, ['\t'] = SPACE, [11] = FEED,    [12] = FEED, [28] = BREAK,
        [29] = BREAK,  [30] = BREAK,   [0x85] = BREAK,
    };
    return (enum symbol)symbols[octet];
}

/* Those of more than one octet. NEL stands by itself, too: in ISO-8859-1. */
static const struct sequence {
    uint8_t octets[3], len;
    enum symbol symbol;
    struct slice name;
} sequences[] = {
    {{0xC2, 0x85}, 2, BREAK, SLICE_INIT("nel")},
    {{0xE2, 0x80, 0xA8}, 3, BREAK, SLICE_INIT("ls")},
    {{0xE2, 0x80, 0xA9}, 3, BREAK, SLICE_INIT("ps")},
    {{0xEF, 0xBB, 0xBF}, 3, BOM, SLICE_INIT("bom")},
};

#define SEQUENCES (sizeof sequences / sizeof *sequences)

/* The sequence that `in` begins with, or NULL; *ret_partial: `in` is the beginning of one. */
static const struct sequence *sequence_of(struct slice in, bool *ret_partial)
{
    *ret_partial = false;
    for (size_t i = 0; i < SEQUENCES; i++) {
        size_t len = in.len < sequences[i].len ? in.len : sequences[i].len;
        if (len == 0 || memcmp(in.ptr, sequences[i].octets, len) != 0)
            continue;
        if (len == sequences[i].len)
            return &sequences[i];
        *ret_partial = true;
    }
    return NULL;
}

/* ---- the models ---- */

enum line { LINE_START, LINE_DOT, LINE_TEXT };

#define LF_ENDS     (1u << 0)
#define CR_ENDS     (1u << 1)
#define CRS_LF_ENDS (1u << 2)
#define ENDS(s)     (1u << (8 + (s)))  /* the symbol ends a line */
#define DROPS(s)    (1u << (20 + (s))) /* the symbol is as if it were not there */

static const uint32_t rules[SMTP_ENDING_MODELS] = {
    [SMTP_ENDING_STRICT] = 0,
    [SMTP_ENDING_LF] = LF_ENDS,
    [SMTP_ENDING_CR] = CR_ENDS,
    [SMTP_ENDING_CR_LF] = CR_ENDS | LF_ENDS,
    [SMTP_ENDING_CRS_LF] = CRS_LF_ENDS,
    [SMTP_ENDING_NUL] = DROPS(NUL),
    [SMTP_ENDING_SUB] = DROPS(SUB),
    [SMTP_ENDING_BOM] = DROPS(BOM),
    [SMTP_ENDING_TRIM] = DROPS(SPACE) | DROPS(FEED),
    [SMTP_ENDING_UNICODE] = CR_ENDS | LF_ENDS | ENDS(FEED) | ENDS(BREAK),
};

/* The line ends; a line of one dot ends the message. */
static void end_line(struct smtp_ending_detector *d, unsigned model)
{
    if (d->line[model] == LINE_DOT) {
        d->ending.ends_for |= 1u << model;
        if (d->ends_at[model] == UINT64_MAX)
            d->ends_at[model] = d->octets;
    }
    d->line[model] = LINE_START;
}

/* CR ends a line by itself, and an LF behind it is part of it; or it waits for what follows. */
static void step_cr(struct smtp_ending_detector *d, unsigned model)
{
    if (rules[model] & CR_ENDS)
        end_line(d, model);
    else if (d->crs[model] > 0 && !(rules[model] & CRS_LF_ENDS))
        d->line[model] = LINE_TEXT; /* the CR before it is text */
    d->crs[model] = 1;
}

static void step_lf(struct smtp_ending_detector *d, unsigned model)
{
    if (d->crs[model] > 0) {
        if (!(rules[model] & CR_ENDS))
            end_line(d, model);
        else if (d->ends_at[model] == d->octets - 1)
            d->ends_at[model] = d->octets; /* the line ended with CRLF */
        d->crs[model] = 0;
    } else if (rules[model] & LF_ENDS) {
        end_line(d, model);
    } else {
        d->line[model] = LINE_TEXT;
    }
}

static void step(struct smtp_ending_detector *d, unsigned model, enum symbol symbol)
{
    if (rules[model] & DROPS(symbol))
        return;
    if (symbol == CR) {
        step_cr(d, model);
        return;
    }
    if (symbol == LF) {
        step_lf(d, model);
        return;
    }
    if (d->crs[model] > 0 && !(rules[model] & CR_ENDS))
        d->line[model] = LINE_TEXT;
    d->crs[model] = 0;
    if (rules[model] & ENDS(symbol))
        end_line(d, model);
    else
        d->line[model] = symbol == DOT && d->line[model] == LINE_START ? LINE_DOT : LINE_TEXT;
}

static bool any_line_is(const struct smtp_ending_detector *d, enum line line)
{
    for (unsigned model = 0; model < SMTP_ENDING_MODELS; model++)
        if (d->line[model] == line)
            return true;
    return false;
}

/* No model can begin a line before something that ends one comes. */
static bool is_in_text(const struct smtp_ending_detector *d)
{
    for (unsigned model = 0; model < SMTP_ENDING_MODELS; model++)
        if (d->line[model] != LINE_TEXT || d->crs[model] > 0)
            return false;
    return !d->open && d->held_len == 0;
}

static void step_all(struct smtp_ending_detector *d, enum symbol symbol)
{
    for (unsigned model = 0; model < SMTP_ENDING_MODELS; model++)
        step(d, model, symbol);
}

/* ---- octets around a dot ---- */

static void keep(struct smtp_ending_detector *d, struct slice octets)
{
    if (octets.len >= SMTP_ENDING_AROUND) {
        memcpy(d->tail, octets.ptr + octets.len - SMTP_ENDING_AROUND, SMTP_ENDING_AROUND);
        d->tail_len = SMTP_ENDING_AROUND;
        return;
    }
    for (size_t i = 0; i < octets.len; i++) {
        if (d->tail_len == SMTP_ENDING_AROUND)
            memmove(d->tail, d->tail + 1, --d->tail_len);
        d->tail[d->tail_len++] = octets.ptr[i];
    }
}

static void open_ending(struct smtp_ending_detector *d)
{
    d->ending = (struct smtp_ending){.offset = d->octets - 1, .before_len = d->tail_len};
    memcpy(d->ending.before, d->tail, d->tail_len);
    d->open = true;
}

static void add_after(struct smtp_ending *ending, uint8_t octet)
{
    if (ending->after_len < SMTP_ENDING_AROUND)
        ending->after[ending->after_len++] = octet;
}

/* ---- octet by octet ---- */

/* The octet's symbol goes to the models, once it is known to be no part of a longer one. */
static void feed_symbols(struct smtp_ending_detector *d, uint8_t octet)
{
    uint8_t octets[sizeof d->held + 1];
    bool partial;
    memcpy(octets, d->held, d->held_len);
    octets[d->held_len] = octet;
    size_t len = (size_t)d->held_len + 1;
    d->held_len = 0;
    for (size_t at = 0; at < len;) {
        struct slice rest = slice_of(octets + at, len - at);
        const struct sequence *sequence = sequence_of(rest, &partial);
        if (partial) {
            memcpy(d->held, rest.ptr, rest.len);
            d->held_len = (uint8_t)rest.len;
            return;
        }
        step_all(d, sequence != NULL ? sequence->symbol : symbol_of(rest.ptr[0]));
        at += sequence != NULL ? sequence->len : 1;
    }
}

/* Reads one octet; true where *ret_ending is complete with it. */
static bool feed(struct smtp_ending_detector *d, uint8_t octet, struct smtp_ending *ret_ending)
{
    bool was_open = d->open, was_decided = !any_line_is(d, LINE_DOT), complete = false;
    d->octets++;
    feed_symbols(d, octet);
    if (was_open) {
        if (!was_decided || octet == '\n')
            add_after(&d->ending, octet);
        bool decided = octet == '.' || !any_line_is(d, LINE_DOT);
        /* Models that end lines at CR have decided, and the LF of CRLF belongs to the pattern. */
        bool lf_may_come = !was_decided && octet == '\r';
        if (decided && !lf_may_come) {
            complete = d->ending.ends_for != 0;
            *ret_ending = d->ending;
            d->open = false;
        }
    }
    if (octet == '.' && any_line_is(d, LINE_DOT))
        open_ending(d);
    keep(d, slice_of(&octet, 1));
    return complete;
}

void smtp_ending_begin(struct smtp_ending_detector *detector)
{
    *detector = (struct smtp_ending_detector){.octets = 0};
    for (unsigned model = 0; model < SMTP_ENDING_MODELS; model++)
        detector->ends_at[model] = UINT64_MAX;
}

/* Octets that no model looks at while all are in text. */
static size_t text_octets(struct slice in)
{
    size_t at = 0;
    while (at < in.len) {
        enum symbol symbol = symbol_of(in.ptr[at]);
        uint8_t octet = in.ptr[at];
        if (symbol == CR || symbol == LF || symbol == FEED || symbol == BREAK || octet == 0xC2 ||
            octet == 0xE2 || octet == 0xEF)
            break;
        at++;
    }
    return at;
}

struct parse_result smtp_ending_next(struct smtp_ending_detector *detector, struct slice in,
                                     struct smtp_ending *ret_ending)
{
    for (size_t at = 0; at < in.len;) {
        size_t run = is_in_text(detector) ? text_octets(slice_from(in, at)) : 0;
        keep(detector, slice_sub(in, at, at + run));
        detector->octets += run;
        at += run;
        if (at < in.len && feed(detector, in.ptr[at++], ret_ending))
            return parse_ok(at);
    }
    return parse_more();
}

bool smtp_ending_finish(struct smtp_ending_detector *detector, struct smtp_ending *ret_ending)
{
    bool found = detector->open && detector->ending.ends_for != 0;
    if (found)
        *ret_ending = detector->ending;
    detector->open = false;
    return found;
}

bool smtp_ending_models_disagree(const struct smtp_ending_detector *detector)
{
    for (unsigned model = 0; model < SMTP_ENDING_MODELS; model++)
        if (detector->ends_at[model] != detector->ends_at[SMTP_ENDING_STRICT])
            return true;
    return false;
}

/* ---- names ---- */

struct token {
    struct slice name; /* empty: text */
    size_t octets;
    bool ends_line; /* in some model */
};

static struct token token_of(struct slice in)
{
    static const struct slice names[256] = {
        ['\r'] = SLICE_INIT("cr"), ['\n'] = SLICE_INIT("lf"), [0] = SLICE_INIT("nul"),
        [26] = SLICE_INIT("sub"),  [' '] = SLICE_INIT("sp"),  ['\t'] = SLICE_INIT("tab"),
        [11] = SLICE_INIT("vt"),   [12] = SLICE_INIT("ff"),   [28] = SLICE_INIT("fs"),
        [29] = SLICE_INIT("gs"),   [30] = SLICE_INIT("rs"),   [0x85] = SLICE_INIT("nel"),
    };
    bool partial;
    const struct sequence *sequence = sequence_of(in, &partial);
    if (sequence != NULL)
        return (struct token){sequence->name, sequence->len, sequence->symbol == BREAK};
    if (slice_starts(in, SLICE("\r\n")))
        return (struct token){SLICE("crlf"), 2, true};
    enum symbol symbol = symbol_of(in.ptr[0]);
    bool ends = symbol == CR || symbol == LF || symbol == FEED || symbol == BREAK;
    return (struct token){names[in.ptr[0]], 1, ends};
}

static void write_token(struct slice name, bool *first, struct writer *out)
{
    writer_put(out, *first ? SLICE("") : SLICE("-"));
    writer_put(out, name);
    *first = false;
}

/* The line ending that the dot stands behind, one right before it that is no CRLF, and what else
 * stands between it and the dot. */
static void write_before(const struct smtp_ending *ending, struct writer *out)
{
    struct token tokens[SMTP_ENDING_AROUND];
    size_t count = 0, from = 0;
    bool text = ending->before_len == SMTP_ENDING_AROUND, any = false, first = true;
    struct slice rest = slice_of(ending->before, ending->before_len);
    while (rest.len > 0) {
        struct token token = token_of(rest);
        rest = slice_from(rest, token.octets);
        text = text || token.name.len == 0;
        count = token.name.len == 0 ? 0 : count;
        if (token.name.len > 0)
            tokens[count++] = token;
    }
    for (size_t i = 0; i < count; i++) {
        from = tokens[i].ends_line ? i : from;
        any = any || tokens[i].ends_line;
    }
    if (!any && !text)
        write_token(SLICE("start"), &first, out);
    if (from > 0 && tokens[from - 1].ends_line &&
        !slice_equal(tokens[from - 1].name, SLICE("crlf")))
        from--;
    for (size_t i = from; i < count; i++)
        write_token(tokens[i].name, &first, out);
}

void smtp_ending_write_pattern(const struct smtp_ending *ending, struct writer *out)
{
    bool first = true;
    write_before(ending, out);
    writer_put_octet(out, '.');
    struct slice rest = slice_of(ending->after, ending->after_len);
    while (rest.len > 0) {
        struct token token = token_of(rest);
        if (token.name.len == 0)
            break;
        write_token(token.name, &first, out);
        rest = slice_from(rest, token.octets);
    }
}
