/*
 * Laws of the detector of ends of data. Each model is held against a reader that has the whole
 * message, drops what the model drops, splits the rest into lines and looks for one of a dot.
 */
#include "custom.h"
#include "fuzz.h"
#include "smtp/data.h"
#include "smtp/ending.h"

#define MOST_OCTETS 256 /* of a message */

/* ---- the readers ---- */

static bool begins(struct slice s, size_t at, const char *octets, size_t len)
{
    size_t same = 0; /* no memcmp: engines look at each */
    while (same < len && at + same < s.len && s.ptr[at + same] == (uint8_t)octets[same])
        same++;
    return same == len;
}

/* Octets that the model drops at `at`; 0: none. */
static size_t dropped(unsigned model, struct slice s, size_t at)
{
    uint8_t octet = s.ptr[at];
    switch (model) {
    case SMTP_ENDING_NUL:
        return octet == 0;
    case SMTP_ENDING_SUB:
        return octet == 26;
    case SMTP_ENDING_BOM:
        return begins(s, at, "\xef\xbb\xbf", 3) ? 3 : 0;
    case SMTP_ENDING_TRIM:
        return octet == ' ' || octet == '\t' || octet == 11 || octet == 12;
    default:
        return 0;
    }
}

/* The message as a model sees it: octets kept, and where each stood. */
struct seen {
    uint8_t octets[MOST_OCTETS];
    size_t at[MOST_OCTETS];
    size_t len;
};

static void see(unsigned model, struct slice s, struct seen *seen)
{
    seen->len = 0;
    for (size_t at = 0; at < s.len;) {
        size_t drop = dropped(model, s, at);
        if (drop == 0) {
            seen->octets[seen->len] = s.ptr[at];
            seen->at[seen->len++] = at;
        }
        at += drop == 0 ? 1 : drop;
    }
}

/* Octets of the line ending at `i`; 0: none. */
static size_t line_ending(unsigned model, struct slice s, size_t i)
{
    bool unicode = model == SMTP_ENDING_UNICODE;
    bool cr = unicode || model == SMTP_ENDING_CR || model == SMTP_ENDING_CR_LF;
    bool lf = unicode || model == SMTP_ENDING_LF || model == SMTP_ENDING_CR_LF;
    uint8_t octet = s.ptr[i];
    size_t crs = 0;
    while (i + crs < s.len && s.ptr[i + crs] == '\r')
        crs++;
    bool then_lf = crs > 0 && begins(s, i + crs, "\n", 1);
    if (then_lf && (crs == 1 || model == SMTP_ENDING_CRS_LF))
        return crs + 1;
    if ((octet == '\r' && cr) || (octet == '\n' && lf))
        return 1;
    if (!unicode)
        return 0;
    if (begins(s, i, "\xc2\x85", 2))
        return 2;
    if (begins(s, i, "\xe2\x80\xa8", 3) || begins(s, i, "\xe2\x80\xa9", 3))
        return 3;
    return octet == 11 || octet == 12 || (octet >= 28 && octet <= 30) || octet == 0x85;
}

/* Marks the dots of the message that the model takes for the end of data; returns the octets up to
 * the first end, its line ending included, or UINT64_MAX. */
static uint64_t mark_taken(unsigned model, const struct seen *seen, bool *taken)
{
    struct slice s = slice_of(seen->octets, seen->len);
    uint64_t ends_at = UINT64_MAX;
    for (size_t i = 0, line = 0; i < s.len;) {
        size_t ending = line_ending(model, s, i);
        if (ending == 0) {
            i++;
            continue;
        }
        bool end = i == line + 1 && s.ptr[line] == '.';
        line = i += ending;
        if (end)
            taken[seen->at[line - ending - 1]] = true;
        if (end && ends_at == UINT64_MAX)
            ends_at = seen->at[line - 1] + 1;
    }
    return ends_at;
}

/* ---- the detector, in pieces ---- */

struct found {
    struct smtp_ending endings[MOST_OCTETS];
    size_t count, consumed;
    bool ended;
    struct smtp_ending_detector detector;
};

static void detect(struct slice in, size_t step, struct found *found)
{
    found->count = found->consumed = 0;
    found->ended = false;
    smtp_ending_begin(&found->detector);
    while (found->consumed < in.len && !found->ended) {
        size_t left = in.len - found->consumed;
        struct slice piece = fuzz_copy(
            slice_sub(in, found->consumed, found->consumed + (step < left ? step : left)));
        struct smtp_ending ending;
        struct parse_result result = smtp_ending_next(&found->detector, piece, &ending);
        if (result.status == PARSE_OK) {
            FUZZ_LAW(ending.ends_for != 0, "a look-alike is one to some model");
            found->ended = (ending.ends_for & 1u << SMTP_ENDING_STRICT) != 0;
            if (found->count < MOST_OCTETS)
                found->endings[found->count++] = ending;
        }
        found->consumed += result.status == PARSE_OK ? result.offset : piece.len;
        fuzz_free(piece);
    }
    if (!found->ended && found->count < MOST_OCTETS)
        found->count += smtp_ending_finish(&found->detector, &found->endings[found->count]);
}

static void detect_each(struct slice in)
{
    struct smtp_ending_detector detector;
    struct smtp_ending ending;
    struct parse_result result;
    smtp_ending_begin(&detector);
    while ((result = smtp_ending_next(&detector, in, &ending)).status == PARSE_OK &&
           result.offset > 0)
        in = slice_from(in, result.offset);
}

static const struct smtp_ending *ending_at(const struct found *found, size_t dot)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->endings[i].offset == dot)
            return &found->endings[i];
    return NULL;
}

static void check_models(struct slice message, const struct found *found)
{
    size_t ends_at[SMTP_ENDING_MODELS]; /* the dot that each takes first */
    bool disagree = false;
    for (unsigned model = 0; model < SMTP_ENDING_MODELS; model++) {
        struct seen seen;
        see(model, message, &seen);
        bool taken[MOST_OCTETS] = {false};
        FUZZ_LAW(mark_taken(model, &seen, taken) == found->detector.ends_at[model],
                 "a message ends behind the line ending that the model sees");
        ends_at[model] = message.len;
        for (size_t dot = 0; dot < message.len; dot++) {
            if (message.ptr[dot] != '.')
                continue;
            const struct smtp_ending *ending = ending_at(found, dot);
            bool ends = ending != NULL && (ending->ends_for & 1u << model) != 0;
            FUZZ_LAW(ends == taken[dot], smtp_ending_models[model].name);
            if (ends && ends_at[model] == message.len)
                ends_at[model] = dot;
        }
        disagree = disagree || ends_at[model] != ends_at[SMTP_ENDING_STRICT];
    }
    FUZZ_LAW(smtp_ending_models_disagree(&found->detector) == disagree,
             "models disagree where one ends a message otherwise than the strict one");
}

/* ---- patterns: the octets around a dot, and their names ---- */

/* The name of what stands at the front of `s`, which is not empty; NULL: text. */
static const char *name_of(struct slice s, size_t *ret_octets, bool *ret_ends_line)
{
    static const struct {
        const char *octets;
        size_t len;
        const char *name;
        bool ends_line; /* in some model */
    } names[] = {
        {"\r\n", 2, "crlf", true},
        {"\r", 1, "cr", true},
        {"\n", 1, "lf", true},
        {"\0", 1, "nul", false},
        {"\x1a", 1, "sub", false},
        {" ", 1, "sp", false},
        {"\t", 1, "tab", false},
        {"\x0b", 1, "vt", true},
        {"\x0c", 1, "ff", true},
        {"\x1c", 1, "fs", true},
        {"\x1d", 1, "gs", true},
        {"\x1e", 1, "rs", true},
        {"\x85", 1, "nel", true},
        {"\xc2\x85", 2, "nel", true},
        {"\xe2\x80\xa8", 3, "ls", true},
        {"\xe2\x80\xa9", 3, "ps", true},
        {"\xef\xbb\xbf", 3, "bom", false},
    };
    size_t n = 0, count = sizeof names / sizeof *names;
    while (n < count && !begins(s, 0, names[n].octets, names[n].len))
        n++;
    *ret_octets = n < count ? names[n].len : 1;
    *ret_ends_line = n < count && names[n].ends_line;
    return n < count ? names[n].name : NULL;
}

/* Names joined by "-"; nothing of none. */
static void join_names(const char *const *names, size_t count, struct writer *out)
{
    for (size_t i = 0; i < count; i++) {
        writer_put(out, i > 0 ? SLICE("-") : SLICE(""));
        writer_put(out, slice_of_cstr(names[i]));
    }
}

/* Before the dot: from the last line ending on, and from the one right before it that is no CRLF;
 * "start" where nothing ends a line between the message's begin and the dot. */
static void name_before(struct slice before, struct writer *out)
{
    const char *names[1 + SMTP_ENDING_AROUND] = {"start"};
    bool ends[1 + SMTP_ENDING_AROUND] = {before.len < SMTP_ENDING_AROUND};
    size_t count = ends[0], from = 0, octets;
    for (size_t at = 0; at < before.len; at += octets) {
        names[count] = name_of(slice_from(before, at), &octets, &ends[count]);
        count = names[count] == NULL ? 0 : count + 1;
    }
    for (size_t i = 0; i < count; i++)
        from = ends[i] ? i : from;
    bool two = from > 0 && ends[from - 1] && strcmp(names[from - 1], "crlf") != 0 &&
               strcmp(names[from - 1], "start") != 0;
    from -= two;
    join_names(names + from, count - from, out);
}

/* Behind it: up to the first text. */
static void name_behind(struct slice behind, struct writer *out)
{
    const char *names[SMTP_ENDING_AROUND];
    size_t count = 0;
    bool ends;
    for (size_t at = 0, octets; at < behind.len; at += octets, count++)
        if ((names[count] = name_of(slice_from(behind, at), &octets, &ends)) == NULL)
            break;
    join_names(names, count, out);
}

/* The octets that are kept are those of the message, and the pattern names them. */
static void check_around(struct slice message, const struct smtp_ending *ending)
{
    size_t dot = (size_t)ending->offset, from = dot < SMTP_ENDING_AROUND ? dot : SMTP_ENDING_AROUND;
    struct slice behind = slice_from(message, dot + 1);
    FUZZ_LAW(ending->before_len == from &&
                 slice_equal(slice_of(ending->before, from), slice_sub(message, dot - from, dot)),
             "the octets before a dot are kept");
    FUZZ_LAW(ending->after_len <= behind.len &&
                 slice_equal(slice_of(ending->after, ending->after_len),
                             slice_sub(behind, 0, ending->after_len)),
             "the octets behind a dot are kept");
    uint8_t rooms[2][SMTP_ENDING_PATTERN_MAX];
    struct writer pattern = writer_of(rooms[0], sizeof rooms[0]);
    struct writer names = writer_of(rooms[1], sizeof rooms[1]);
    smtp_ending_write_pattern(ending, &pattern);
    name_before(slice_of(ending->before, ending->before_len), &names);
    writer_put(&names, SLICE("."));
    name_behind(slice_of(ending->after, ending->after_len), &names);
    FUZZ_LAW(slice_equal(writer_slice(&pattern), writer_slice(&names)),
             "a pattern names what stands around the dot");
}

static void check_patterns(const struct found *a, const struct found *b)
{
    for (size_t i = 0; i < a->count; i++) {
        uint8_t rooms[2][SMTP_ENDING_PATTERN_MAX];
        struct writer first = writer_of(rooms[0], sizeof rooms[0]);
        struct writer second = writer_of(rooms[1], sizeof rooms[1]);
        smtp_ending_write_pattern(&a->endings[i], &first);
        smtp_ending_write_pattern(&b->endings[i], &second);
        FUZZ_LAW(!first.overflow && first.len >= 3, "a pattern has a name");
        FUZZ_LAW(slice_equal(writer_slice(&first), writer_slice(&second)) &&
                     a->endings[i].offset == b->endings[i].offset &&
                     a->endings[i].ends_for == b->endings[i].ends_for,
                 "cut input has the look-alikes that whole input has");
    }
}

/* The strict model is the decoder of smtp/data.h. */
static void check_decoder(struct slice in, const struct found *found)
{
    struct smtp_data_decoder decoder = {.quirks = 0};
    struct writer out = fuzz_writer(in.len + 1);
    struct parse_result result = smtp_data_decode(&decoder, in, &out);
    FUZZ_LAW((result.status == PARSE_OK) == found->ended &&
                 (!found->ended || result.offset == found->consumed),
             "the strict model ends where the decoder does");
    fuzz_free_writer(&out);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct found whole, pieces;
    struct slice in = slice_of(data, size < MOST_OCTETS ? size : MOST_OCTETS);
    detect(in, in.len + 1, &whole);
    detect(in, 1 + fuzz_knob(in, 0, 7), &pieces);
    FUZZ_LAW(whole.count == pieces.count && whole.consumed == pieces.consumed,
             "cut input ends where whole input does");
    FUZZ_LINEAR(in.len, detect_each(in));
    check_patterns(&whole, &pieces);
    check_decoder(in, &whole);
    for (size_t i = 0; i < whole.count; i++)
        check_around(in, &whole.endings[i]);
    check_models(slice_sub(in, 0, whole.consumed), &whole);
    return 0;
}
