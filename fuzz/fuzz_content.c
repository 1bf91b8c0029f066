/* Laws of Content-Type, Content-Disposition and their parameters. */
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "imf/content.h"
#include "imf/quirk.h"

static uint64_t sum; /* of all that was read, so that two readings can be compared */

static void add(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        sum = sum * 31 + s.ptr[i] + 1;
    sum = sum * 31;
}

/* RFC 2231 4: an extended value for a charset, a language, and octets that no quotes may hold. */
static void check_style(const struct imf_content_param *param, struct slice value, struct slice out)
{
    bool extended = out.ptr[slice_find(out, '=') - 1] == '*';
    bool plain = param->charset.len == 0 && param->language.len == 0;
    for (size_t i = 0; i < value.len; i++)
        plain = plain && value.ptr[i] >= ' ' && value.ptr[i] <= '~';
    FUZZ_LAW(extended == !plain || slice_holds(value, SLICE("=?")),
             "a value is extended where it has to be, and nowhere else");
}

/* Names of 1 to 40 octets. */
static void check_name_length(size_t octets)
{
    uint8_t room[80];
    struct slice name = slice_of(memset(room, 'a', sizeof room), octets), none = SLICE("");
    struct writer out = fuzz_writer(IMF_CONTENT_WRITTEN_MAX(1, sizeof room));
    bool written = imf_content_param_write(name, SLICE("x"), none, none, &out);
    FUZZ_LAW(written == (octets > 0 && octets <= 40), "a name has at most 40 octets");
    written = imf_content_param_write(SLICE("a"), SLICE("x"), name, none, &out);
    FUZZ_LAW(written == (octets <= 40), "so has that of a charset");
    fuzz_free_writer(&out);
}

static void check_written(const struct imf_content_param *param, struct slice value)
{
    size_t names = param->attribute.len + param->charset.len + param->language.len;
    size_t most = IMF_CONTENT_WRITTEN_MAX(value.len, names);
    struct writer out = fuzz_writer(most);
    bool written =
        imf_content_param_write(param->attribute, value, param->charset, param->language, &out);
    FUZZ_LAW(written || out.len == 0, "what cannot be written is not begun");
    FUZZ_LAW(!out.overflow, "what is written fits its maximum");
    if (written) {
        check_style(param, value, writer_slice(&out));
        struct imf_content_params params;
        struct imf_content_param again;
        struct writer back = fuzz_writer(out.len);
        imf_content_params_begin(writer_slice(&out), &params);
        FUZZ_LAW(imf_content_param_next(&params, &again), "what is written is a parameter");
        imf_content_param_value(&params, &again, &back);
        FUZZ_LAW(slice_equal(writer_slice(&back), value) &&
                     slice_equal(again.attribute, param->attribute) &&
                     slice_equal(again.charset, param->charset) &&
                     slice_equal(again.language, param->language),
                 "what is written reads back");
        FUZZ_LAW(again.quirks == 0, "what is written has no quirks");
        FUZZ_LAW(!imf_content_param_next(&params, &again) && params.quirks == 0,
                 "and is one parameter");
        fuzz_free_writer(&back);
    }
    fuzz_free_writer(&out);
}

/* Digits of the section behind an attribute of `in`: attribute "*" 1*DIGIT */
static size_t section_digits(struct slice in, struct slice attribute)
{
    struct slice rest = slice_from(in, (size_t)(attribute.ptr - in.ptr) + attribute.len + 1);
    size_t digits = 0;
    while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
        digits++;
    return digits;
}

/* Behind parameters without quirks: what stands behind a value in quotes is passed,
 * and no more than that. */
static void check_behind(struct slice in, size_t count)
{
    struct writer out = fuzz_writer(in.len + 24);
    struct imf_content_params params;
    struct imf_content_param param, last = {.attribute = SLICE("")};
    size_t more = 0;
    writer_put(&out, in);
    writer_put(&out, SLICE("; zq=\"v\" text; zr=w"));
    imf_content_params_begin(writer_slice(&out), &params);
    for (; imf_content_param_next(&params, &param); more++)
        last = param;
    FUZZ_LAW(more == count + 2 && slice_equal(last.attribute, SLICE("zr")) &&
                 slice_equal(last.raw_value, SLICE("w")) && last.quirks == 0,
             "text behind a value takes no parameter with it");
    fuzz_free_writer(&out);
}

static void read_params(struct slice in)
{
    struct imf_content_params params;
    size_t steps = 0;
    uint64_t quirks = 0;
    imf_content_params_begin(in, &params);
    for (struct imf_content_param param; imf_content_param_next(&params, &param);) {
        struct writer value = fuzz_writer(in.len);
        FUZZ_LAW(++steps <= in.len, "each parameter has octets");
        FUZZ_LAW(fuzz_inside(param.attribute, in) && fuzz_inside(param.raw_value, in) &&
                     fuzz_inside(param.charset, in) && fuzz_inside(param.language, in),
                 "the parts of a parameter lie in the input");
        FUZZ_LAW(param.extended || (param.charset.len == 0 && param.language.len == 0),
                 "only an extended value names a charset");
        imf_content_param_value(&params, &param, &value);
        FUZZ_LAW(!param.has_sections || section_digits(in, param.attribute) <= 9,
                 "no section has a number that is beyond all sense");
        FUZZ_LAW(!value.overflow, "a value has no more octets than the input");
        check_written(&param, writer_slice(&value));
        add(writer_slice(&value));
        add(param.attribute);
        add(param.charset);
        sum = sum * 31 + param.quirks;
        quirks |= param.quirks;
        struct imf_content_param found;
        FUZZ_LAW(steps > 4 || (imf_content_param_find(in, param.attribute, &found) &&
                               slice_equal_nocase(found.attribute, param.attribute)),
                 "what is read is found");
        fuzz_free_writer(&value);
    }
    sum = sum * 31 + params.quirks;
    struct imf_content_param other;
    if (steps > 0 && (quirks | params.quirks) == 0 &&
        !imf_content_param_find(in, SLICE("zq"), &other) &&
        !imf_content_param_find(in, SLICE("zr"), &other))
        check_behind(in, steps);
}

/* ---- the model: what has no comments, quotes and folds is split at its semicolons ---- */

#define MOST_PARAMS 12

static bool is_simple(struct slice in)
{
    for (size_t i = 0; i < in.len; i++)
        if (in.ptr[i] == ' ' && (i == 0 || in.ptr[i - 1] == ';'))
            continue;
        else if (in.ptr[i] < 33 || in.ptr[i] > 126 || strchr("\"()\\", in.ptr[i]) != NULL)
            return false;
    return grammar_takes(in);
}

struct section {
    struct slice attribute, value;
    bool sectioned, extended;
    unsigned number;
};

/* attribute [ "*" number ] [ "*" ] "=" value; false where the grammar has it otherwise */
static bool split_param(struct slice text, struct section *ret)
{
    size_t equals = slice_find(text, '=');
    struct slice name = slice_sub(text, 0, equals), rest;
    *ret = (struct section){.value = slice_from(text, equals < text.len ? equals + 1 : equals)};
    bool plain = grammar_has("content-parameter", text) && slice_find(name, '*') == name.len;
    bool extended = grammar_has("extended-parameter", text);
    ret->sectioned = grammar_has("sectioned-parameter", text);
    if (!plain && !extended && !ret->sectioned)
        return false;
    ret->attribute = slice_sub(name, 0, slice_find(name, '*'));
    rest = slice_from(name, ret->attribute.len + (ret->sectioned ? 1u : 0u));
    for (size_t i = 0; ret->sectioned && i < rest.len && rest.ptr[i] != '*'; i++)
        ret->number = ret->number * 10 + rest.ptr[i] - '0';
    ret->extended = name.len > 0 && name.ptr[name.len - 1] == '*';
    return true;
}

static unsigned hex(uint8_t digit)
{
    return digit <= '9' ? digit - 48u : (digit | 32u) - 87u;
}

static void put_value(const struct section *s, bool first, struct writer *out)
{
    struct slice text = s->value;
    if (s->extended && first) /* behind charset and language */
        for (int quotes = 0; quotes < 2; quotes++)
            text = slice_from(text, slice_find(text, '\'') + 1);
    for (size_t i = 0; i < text.len; i++) {
        bool octet = s->extended && text.ptr[i] == '%';
        writer_put_octet(out, octet ? (uint8_t)(hex(text.ptr[i + 1]) * 16 + hex(text.ptr[i + 2]))
                                    : text.ptr[i]);
        i += octet ? 2 : 0;
    }
}

/* Parameters that have the grammar, whose attributes stand once, or in sections from 0 on, each
 * once and in any order (RFC 2231 3: "the fields ... need not be in order"). Returns their count;
 * 0: there are others, of which the model knows nothing. */
static size_t split_params(struct slice in, struct section *params)
{
    size_t count = 0;
    while (in.len > 0) {
        in = slice_from(in, in.ptr[0] == ' ');
        size_t end = slice_find(in, ';');
        if (count == MOST_PARAMS || !split_param(slice_sub(in, 0, end), &params[count]) ||
            end + 1 == in.len)
            return 0;
        in = slice_from(in, end < in.len ? end + 1 : end);
        count++;
    }
    return count;
}

/* The section of that attribute and number; NULL: none, or more than one. */
static const struct section *find_section(const struct section *params, size_t count,
                                          struct slice attribute, unsigned number)
{
    const struct section *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!slice_equal_nocase(params[i].attribute, attribute) || params[i].number != number)
            continue;
        if (found != NULL)
            return NULL;
        found = &params[i];
    }
    return found;
}

static bool is_extended_rightly(const struct section *s, bool first)
{
    bool initial = grammar_has("extended-initial-value", s->value);
    return !s->extended || (first ? initial : slice_find(s->value, '\'') == s->value.len);
}

/* How often an attribute stands there; 0: now in sections and now in none, or in more sections than
 * a parser may have to pass over. */
static size_t count_parts(const struct section *params, size_t count, const struct section *one)
{
    size_t parts = 0;
    for (size_t i = 0; i < count; i++) {
        if (!slice_equal_nocase(params[i].attribute, one->attribute))
            continue;
        parts++;
        if (params[i].sectioned != one->sectioned)
            return 0;
    }
    return parts <= IMF_CONTENT_MAX_PASSES ? parts : 0;
}

/* RFC 2231 3: sections are numbered from 0 on; each number stands there once. */
static bool has_all_sections(const struct section *params, size_t count, const struct section *one,
                             size_t parts)
{
    for (unsigned n = 0; n < parts; n++)
        if (find_section(params, count, one->attribute, n) == NULL)
            return false;
    return true;
}

/* What of an attribute stands there in sections, or more than once, is named where it is wrong. */
static void check_parts(struct slice in, const struct section *params, size_t count,
                        const struct section *one)
{
    size_t parts = count_parts(params, count, one);
    struct imf_content_param param = {.quirks = 0};
    if (parts == 0)
        return;
    uint64_t quirks = 0;
    struct imf_content_params all;
    imf_content_params_begin(in, &all);
    while (imf_content_param_next(&all, &param))
        if (slice_equal_nocase(param.attribute, one->attribute))
            quirks |= param.quirks;
    bool whole = !one->sectioned || has_all_sections(params, count, one, parts);
    FUZZ_LAW(whole == !(quirks & IMF_QUIRK_PARAMETER_SECTIONS),
             "sections that are missing or stand twice are named");
    FUZZ_LAW((!one->sectioned && parts > 1) == ((quirks & IMF_QUIRK_DUPLICATE_PARAMETER) != 0),
             "a parameter that stands twice is named");
}

/* Whether all of one attribute stands there as RFC 2231 has it; writes its value. */
static bool model_value(const struct section *params, size_t count, const struct section *one,
                        struct writer *out)
{
    size_t parts = count_parts(params, count, one);
    if (parts == 0 || find_section(params, count, one->attribute, 0) == NULL)
        return false;
    for (unsigned n = 0; n < parts; n++) {
        const struct section *s = find_section(params, count, one->attribute, n);
        bool charset = find_section(params, count, one->attribute, 0)->extended; /* of them all */
        if (s == NULL || !is_extended_rightly(s, n == 0) || (s->extended && !charset))
            return false;
        put_value(s, n == 0, out);
    }
    return one->sectioned || parts == 1;
}

/* RFC 2231 4: [charset] "'" [language] "'", before the value or its first section. */
static void check_charset(const struct section *params, size_t count, const struct section *one,
                          const struct imf_content_param *param)
{
    const struct section *first = find_section(params, count, one->attribute, 0);
    struct slice charset = SLICE(""), language = SLICE("");
    if (first->extended) {
        charset = slice_sub(first->value, 0, slice_find(first->value, '\''));
        language = slice_from(first->value, charset.len + 1);
        language = slice_sub(language, 0, slice_find(language, '\''));
    }
    FUZZ_LAW(slice_equal(param->charset, charset) && slice_equal(param->language, language),
             "charset and language are what stands before the first quotes");
}

static void check_model(struct slice in)
{
    struct section sections[MOST_PARAMS];
    size_t count = is_simple(in) ? split_params(in, sections) : 0;
    for (size_t i = 0; i < count; i++) {
        struct writer expected = fuzz_writer(in.len), value = fuzz_writer(in.len);
        struct imf_content_params params;
        struct imf_content_param param;
        bool found = false;
        check_parts(in, sections, count, &sections[i]);
        if (model_value(sections, count, &sections[i], &expected)) {
            imf_content_params_begin(in, &params);
            while (!found && imf_content_param_next(&params, &param))
                found = slice_equal_nocase(param.attribute, sections[i].attribute);
            FUZZ_LAW(found, "a parameter is found");
            imf_content_param_value(&params, &param, &value);
            FUZZ_LAW(slice_equal(writer_slice(&value), writer_slice(&expected)),
                     "a value is its sections in their order, and what they stand for");
            check_charset(sections, count, &sections[i], &param);
            FUZZ_LAW(param.has_sections == sections[i].sectioned &&
                         (param.quirks &
                          ~(IMF_QUIRK_PARAMETER_SECTIONS | IMF_QUIRK_MISPLACED_ENCODED_WORD)) == 0,
                     "what the grammar has is no quirk");
        }
        fuzz_free_writer(&value);
        fuzz_free_writer(&expected);
    }
}

/* The quirks of all of a field; DUPLICATE_PARAMETER and those of RFC 2231 are not the grammar's. */
static void check_grammar(struct slice in, enum imf_content_kind kind, struct parse_result result,
                          const struct imf_content *content)
{
    if (!grammar_takes(in) || slice_find(in, '*') < in.len)
        return;
    uint64_t quirks = result.status == PARSE_OK ? content->quirks : UINT64_MAX;
    struct imf_content_params params;
    if (result.status == PARSE_OK) {
        imf_content_params_begin(content->params, &params);
        for (struct imf_content_param param; imf_content_param_next(&params, &param);)
            quirks |= param.quirks;
        quirks |= params.quirks;
    }
    const uint64_t beside = IMF_QUIRK_DUPLICATE_PARAMETER | IMF_QUIRK_MISPLACED_ENCODED_WORD |
                            IMF_QUIRK_EMPTY_FOLD | QUIRK_UTF8;
    const char *rule = kind == IMF_CONTENT_TYPE ? "content-type" : "content-disposition";
    FUZZ_LAW(grammar_has(rule, in) == ((quirks & ~beside) == 0),
             "a body without quirks is one of the grammar, and one of the grammar has none");
}

static uint64_t read_all(struct slice in, enum imf_content_kind kind)
{
    struct imf_content content;
    struct parse_result result;
    FUZZ_LINEAR(in.len, result = imf_content_parse(in, kind, &content));
    sum = (uint64_t)result.status;
    check_grammar(in, kind, result, &content);
    if (result.status == PARSE_OK) {
        FUZZ_LAW(result.offset == in.len, "all of the body is consumed");
        FUZZ_LAW(content.type.len > 0 && fuzz_inside(content.type, in) &&
                     fuzz_inside(content.subtype, in) && fuzz_inside(content.params, in),
                 "type, subtype and parameters lie in the body");
        FUZZ_LAW(kind == IMF_CONTENT_TYPE || content.subtype.len == 0,
                 "a disposition has no subtype");
        add(content.type);
        add(content.subtype);
        read_params(content.params);
        if (slice_starts(content.params, SLICE(";")))
            check_model(slice_from(content.params, 1));
    } else {
        FUZZ_LAW(result.status == PARSE_ERROR && result.offset <= in.len &&
                     imf_content_error_text(result.error) != NULL,
                 "an error has an offset and a sentence");
    }
    return sum;
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size)), other = fuzz_copy(in);
    FUZZ_LAW(read_all(in, IMF_CONTENT_TYPE) == read_all(other, IMF_CONTENT_TYPE),
             "the same input reads the same");
    read_all(in, IMF_CONTENT_DISPOSITION);
    read_params(in);
    check_model(in);
    check_name_length(fuzz_knob(in, 0, 80));
    fuzz_free(other);
    fuzz_free(in);
    return 0;
}
