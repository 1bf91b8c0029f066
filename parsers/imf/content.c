#include "imf/content.h"

#include "base/octet.h"
#include "imf/encoded_word.h"
#include "imf/field.h"
#include "imf/quirk.h"
#include "imf/token.h"

#define SPACE          (OCTET_WSP | OCTET_CR | OCTET_LF)
#define SECTION_DIGITS 9
#define NAME_OCTETS    40 /* written */
#define SECTION_OCTETS 48 /* of a section's text, written */

static bool is_tspecial(uint8_t octet)
{
    static const struct slice tspecials = SLICE_INIT("()<>@,;:\\\"/[]?=");
    return slice_find(tspecials, octet) < tspecials.len;
}

/* An octet of a token, or one above 127, which is none but can only be meant as one. */
static bool is_token_octet(uint8_t octet)
{
    return octet_is(octet, OCTET_EIGHT_BIT) ||
           (octet_is(octet, OCTET_GRAPHIC) && !is_tspecial(octet));
}

static bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_octet(text.ptr[i]) || octet_is(text.ptr[i], OCTET_EIGHT_BIT))
            return false;
    return text.len > 0;
}

/* attribute-char = <any (US-ASCII) CHAR except SPACE, CTLs, "*", "'", "%", or tspecials>
 *                                                                    ; RFC 2231 7 */
static bool is_attribute_char(uint8_t octet)
{
    return octet_is(octet, OCTET_GRAPHIC) && !is_tspecial(octet) && octet != '*' && octet != '\'' &&
           octet != '%';
}

static bool is_attribute(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_attribute_char(text.ptr[i]))
            return false;
    return text.len > 0;
}

static struct slice take_token(struct imf_cursor *c)
{
    size_t from = c->at;
    while (imf_peek(c) >= 0 && is_token_octet(c->in.ptr[c->at]))
        c->at++;
    return slice_sub(c->in, from, c->at);
}

/* Whether a parameter begins at the cursor: 1*token-octet [FWS] "=". No comment is looked behind:
 * one that nothing closes would be read to the end of the input again and again. */
static bool begins_param(const struct imf_cursor *cursor)
{
    struct imf_cursor c = *cursor;
    if (take_token(&c).len == 0)
        return false;
    imf_skip_fws(&c);
    return imf_peek(&c) == '=';
}

/* ---- type and subtype ---- */

struct parse_result imf_content_parse(struct slice body, enum imf_content_kind kind,
                                      struct imf_content *ret_content)
{
    struct imf_cursor c = {.in = body};
    imf_skip_cfws(&c);
    struct imf_content content = {.type = take_token(&c)};
    if (content.type.len == 0)
        return parse_error(IMF_CONTENT_NO_TYPE, c.at);
    imf_skip_cfws(&c);
    if (kind == IMF_CONTENT_TYPE && imf_take(&c, '/')) {
        imf_skip_cfws(&c);
        content.subtype = take_token(&c);
        imf_skip_cfws(&c);
    }
    if (kind == IMF_CONTENT_TYPE && content.subtype.len == 0)
        c.quirks |= IMF_QUIRK_NO_SUBTYPE;
    if (begins_param(&c)) {
        c.quirks |= IMF_QUIRK_INVALID_PARAMETER; /* no ";" before it */
    } else if (imf_peek(&c) >= 0 && imf_peek(&c) != ';') {
        c.quirks |= IMF_QUIRK_TRAILING_TEXT;
        c.at += slice_find(slice_from(body, c.at), ';');
    }
    content.params = slice_from(body, c.at);
    content.quirks = c.quirks | imf_quirks_of_octets(slice_sub(body, 0, c.at));
    *ret_content = content;
    return parse_ok(body.len);
}

/* ---- one parameter as it is written ---- */

struct written {
    struct slice attribute; /* without section and "*" */
    struct slice value;     /* with its quotes */
    bool has_value, quoted, extended, has_section;
    uint32_t section;
    uint64_t quirks;
};

/*
 * attribute [ "*" section ] [ "*" ] of a name; a section of more digits than a sane one has, and a
 * "*" elsewhere, stay in the attribute and are INVALID_PARAMETER.
 */
static void split_name(struct slice name, struct written *param)
{
    param->extended = name.len > 1 && name.ptr[name.len - 1] == '*';
    name.len -= param->extended;
    size_t digits = 0;
    while (digits < name.len && octet_is(name.ptr[name.len - 1 - digits], OCTET_DIGIT))
        digits++;
    size_t star = name.len - digits;
    if (digits > 0 && digits <= SECTION_DIGITS && star > 1 && name.ptr[star - 1] == '*') {
        param->has_section = true;
        for (size_t i = star; i < name.len; i++)
            param->section = param->section * 10 + (uint32_t)(name.ptr[i] - '0');
        if (digits > 1 && name.ptr[star] == '0')
            param->quirks |= IMF_QUIRK_PARAMETER_SECTIONS;
        name.len = star - 1;
    }
    if (!is_attribute(name))
        param->quirks |= IMF_QUIRK_INVALID_PARAMETER;
    param->attribute = name;
}

/* A value without quotes goes up to white space, a comment or ";" behind which the syntax goes on;
 * else up to the next ";". */
static void read_unquoted(struct imf_cursor *c, struct written *param)
{
    size_t from = c->at;
    while (imf_peek(c) >= 0 && imf_peek(c) != ';' && imf_peek(c) != '(' && !imf_at(c, SPACE))
        c->at++;
    size_t to = c->at;
    bool apart = imf_skip_cfws(c);
    if (imf_peek(c) >= 0 && imf_peek(c) != ';' && !(apart && begins_param(c))) {
        c->at += slice_find(slice_from(c->in, c->at), ';');
        for (to = c->at; to > from && octet_is(c->in.ptr[to - 1], SPACE);)
            to--;
    }
    param->value = slice_sub(c->in, from, to);
    if (param->value.len == 0)
        param->quirks |= IMF_QUIRK_INVALID_PARAMETER;
    else if (!param->extended && !is_token(param->value))
        param->quirks |= IMF_QUIRK_UNQUOTED_VALUE;
}

static void read_value(struct imf_cursor *c, struct written *param)
{
    imf_skip_cfws(c);
    if (imf_peek(c) != '"') {
        read_unquoted(c, param);
        return;
    }
    param->quoted = true;
    param->value = imf_take_quoted(c);
    imf_skip_cfws(c);
    if (imf_peek(c) >= 0 && imf_peek(c) != ';' && !begins_param(c)) {
        param->quirks |= IMF_QUIRK_TRAILING_TEXT;
        c->at += slice_find(slice_from(c->in, c->at), ';');
    }
}

/* Reads the parameter at the cursor, from its ";"; false where none is left. c->quirks are then
 * those of what stood before it; else param->quirks has them. */
static bool read_param(struct imf_cursor *c, struct written *ret_param)
{
    struct written param = {.has_value = false};
    size_t semicolons = 0, from = c->at;
    c->quirks = 0;
    for (imf_skip_cfws(c); imf_take(c, ';'); imf_skip_cfws(c))
        semicolons++;
    bool end = imf_peek(c) < 0;
    if (semicolons > (end ? 0u : 1u))
        c->quirks |= IMF_QUIRK_EMPTY_ELEMENT;
    if (end) {
        c->quirks |= imf_quirks_of_octets(slice_sub(c->in, from, c->at));
        return false;
    }
    param.quirks = semicolons == 0 && from > 0 ? IMF_QUIRK_INVALID_PARAMETER : 0;
    split_name(take_token(c), &param);
    imf_skip_cfws(c);
    param.has_value = imf_take(c, '=');
    if (param.has_value) {
        read_value(c, &param);
    } else {
        param.quirks |= IMF_QUIRK_INVALID_PARAMETER;
        if (!begins_param(c))
            c->at += slice_find(slice_from(c->in, c->at), ';');
    }
    param.quirks |= c->quirks | imf_quirks_of_octets(slice_sub(c->in, from, c->at));
    *ret_param = param;
    return true;
}

/* ---- values ---- */

static struct slice without_quotes(const struct written *param)
{
    struct slice text = param->value;
    if (!param->quoted)
        return text;
    text = slice_from(text, 1);
    text.len -= text.len > 0 && text.ptr[text.len - 1] == '"';
    return text;
}

/* Where "%XX" stands at `at`, its octet; else -1. */
static int percent_octet(struct slice text, size_t at)
{
    if (text.ptr[at] != '%' || text.len - at < 3)
        return -1;
    int high = octet_hex_value(text.ptr[at + 1]), low = octet_hex_value(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* extended-other-values = *( ext-octet / attribute-char )           ; RFC 2231 7 */
static bool is_extended(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (percent_octet(text, i) >= 0)
            i += 2;
        else if (!is_attribute_char(text.ptr[i]))
            return false;
    }
    return true;
}

static void write_extended(struct slice text, struct writer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int octet = percent_octet(text, i);
        writer_put_octet(out, octet >= 0 ? (uint8_t)octet : text.ptr[i]);
        i += octet >= 0 ? 2 : 0;
    }
}

/* Takes [ charset ] "'" [ language ] "'" off the front; false where it does not stand there. */
static bool take_charset(struct slice *text, struct imf_content_param *param)
{
    size_t first = slice_find(*text, '\'');
    struct slice rest = slice_from(*text, first < text->len ? first + 1 : first);
    size_t second = slice_find(rest, '\'');
    if (first == text->len || second == rest.len)
        return false;
    param->charset = slice_sub(*text, 0, first);
    param->language = slice_sub(rest, 0, second);
    *text = slice_from(rest, second + 1);
    return (param->charset.len == 0 || is_attribute(param->charset)) &&
           (param->language.len == 0 || is_attribute(param->language));
}

static bool has_encoded_word(struct slice value)
{
    struct imf_encoded_text text;
    imf_encoded_text_begin(value, IMF_ENCODED_IN_TEXT, &text);
    for (struct imf_encoded_piece piece; imf_encoded_text_next(&text, &piece);)
        if (piece.encoding != IMF_ENCODING_NONE)
            return true;
    return false;
}

/* Adds one section, or all of a parameter that has none; `out` may be NULL. */
static void add_section(const struct written *section, bool first, struct imf_content_param *param,
                        struct writer *out)
{
    struct slice text = without_quotes(section);
    param->quirks |= section->quirks;
    if (!section->extended) {
        if (has_encoded_word(text))
            param->quirks |= IMF_QUIRK_MISPLACED_ENCODED_WORD;
        if (out != NULL)
            (section->quoted ? imf_unquote : imf_field_unfold)(section->value, out);
        return;
    }
    bool valid = !section->quoted && (first ? take_charset(&text, param) : param->extended);
    if (first && section->quoted)
        take_charset(&text, param);
    if (!valid || !is_extended(text))
        param->quirks |= IMF_QUIRK_INVALID_EXTENDED;
    if (out != NULL)
        write_extended(text, out);
}

static bool is_section_of(const struct written *section, const struct imf_content_param *param)
{
    return section->has_section && slice_equal_nocase(section->attribute, param->attribute);
}

/* Sections from `at` on: how many there are, and the least number among them. */
static size_t count_sections(struct slice in, size_t at, const struct imf_content_param *param,
                             uint32_t *ret_least)
{
    struct imf_cursor c = {.in = in, .at = at};
    size_t count = 0;
    *ret_least = UINT32_MAX;
    for (struct written section; read_param(&c, &section);) {
        if (!is_section_of(&section, param))
            continue;
        count++;
        *ret_least = section.section < *ret_least ? section.section : *ret_least;
    }
    return count;
}

/* Puts the sections together in the order of their numbers, up to the first that is missing. They
 * may stand in any order: RFC 2231 3 (2). */
static void add_sections(struct slice in, struct imf_content_param *param, struct writer *out)
{
    uint32_t least;
    size_t count = count_sections(in, param->at, param, &least);
    uint32_t next = least;
    size_t passes = 0;
    for (bool found = true; found && next - least < count && passes < IMF_CONTENT_MAX_PASSES;
         passes++) {
        struct imf_cursor c = {.in = in, .at = param->at};
        found = false;
        for (struct written section; read_param(&c, &section);) {
            if (!is_section_of(&section, param) || section.section != next)
                continue;
            if (next == least) {
                param->extended = section.extended;
                param->raw_value = section.value;
            }
            add_section(&section, next == least, param, out);
            next++;
            found = true;
        }
    }
    param->sections = next - least;
    if (least != 0 || param->sections != count)
        param->quirks |= IMF_QUIRK_PARAMETER_SECTIONS;
}

/* ---- all parameters ---- */

void imf_content_params_begin(struct slice in, struct imf_content_params *ret_params)
{
    ret_params->in = in;
    ret_params->quirks = 0;
    ret_params->at = ret_params->seen_count = 0;
}

/* Index of an attribute that stood before, or of the place for it; the maximum where it is full. */
static size_t index_of(const struct imf_content_params *params, struct slice attribute)
{
    size_t i = 0;
    while (i < params->seen_count && !slice_equal_nocase(params->seen[i].attribute, attribute))
        i++;
    return i;
}

/* Notes that `written` stands there; false where it was read already, as another's section. */
static bool note(struct imf_content_params *params, const struct written *written,
                 uint64_t *ret_quirks)
{
    size_t i = index_of(params, written->attribute);
    *ret_quirks = 0;
    if (i == IMF_CONTENT_MAX_ATTRIBUTES) {
        *ret_quirks = written->has_section ? IMF_QUIRK_PARAMETER_SECTIONS : 0;
        return true;
    }
    bool known = i < params->seen_count;
    if (known && written->has_section && params->seen[i].sections)
        return false;
    if (!known) {
        params->seen_count = i + 1;
        params->seen[i].attribute = written->attribute;
        params->seen[i].sections = false;
    }
    params->seen[i].sections = params->seen[i].sections || written->has_section;
    *ret_quirks = known && written->attribute.len > 0 ? IMF_QUIRK_DUPLICATE_PARAMETER : 0;
    return true;
}

bool imf_content_param_next(struct imf_content_params *params, struct imf_content_param *ret_param)
{
    struct imf_cursor c = {.in = params->in, .at = params->at};
    struct written written;
    uint64_t quirks;
    size_t at;
    do {
        at = c.at;
        if (!read_param(&c, &written)) {
            params->quirks |= c.quirks;
            params->at = c.at;
            return false;
        }
    } while (!note(params, &written, &quirks));
    params->at = c.at;
    struct imf_content_param param = {.attribute = written.attribute,
                                      .raw_value = written.value,
                                      .has_value = written.has_value,
                                      .extended = written.extended,
                                      .has_sections = written.has_section,
                                      .sections = 1,
                                      .quirks = quirks,
                                      .at = at};
    /* Of more attributes than are compared, each section stays by itself. */
    param.put_together = written.has_section && !(quirks & IMF_QUIRK_PARAMETER_SECTIONS);
    if (param.put_together)
        add_sections(params->in, &param, NULL);
    else
        add_section(&written, true, &param, NULL);
    *ret_param = param;
    return true;
}

bool imf_content_param_find(struct slice in, struct slice attribute,
                            struct imf_content_param *ret_param)
{
    struct imf_content_params params;
    bool found = false;
    imf_content_params_begin(in, &params);
    for (struct imf_content_param param; imf_content_param_next(&params, &param);) {
        bool better = param.extended || param.has_sections;
        if (!slice_equal_nocase(param.attribute, attribute) || (found && !better))
            continue;
        *ret_param = param;
        found = true;
        if (better)
            break;
    }
    return found;
}

void imf_content_param_value(const struct imf_content_params *params,
                             const struct imf_content_param *param, struct writer *out)
{
    struct imf_content_param again = *param;
    struct imf_cursor c = {.in = params->in, .at = param->at};
    struct written written;
    if (param->put_together)
        add_sections(params->in, &again, out);
    else if (read_param(&c, &written))
        add_section(&written, true, &again, out);
}

/* ---- writing ---- */

struct style {
    struct slice attribute, charset, language;
    bool extended;
};

/* Octets that one octet takes in a section. */
static size_t written_octets(const struct style *style, uint8_t octet)
{
    if (style->extended)
        return is_attribute_char(octet) ? 1 : 3;
    return octet == '"' || octet == '\\' ? 2 : 1;
}

/* How many octets of `value` one section takes. */
static size_t octets_for(const struct style *style, struct slice value)
{
    size_t taken = 0, used = 0;
    while (taken < value.len) {
        used += written_octets(style, value.ptr[taken]);
        if (used > SECTION_OCTETS)
            break;
        taken++;
    }
    return taken;
}

static void write_octet(const struct style *style, uint8_t octet, struct writer *out)
{
    static const char digits[] = "0123456789ABCDEF";
    if (written_octets(style, octet) == 3) {
        writer_put_octet(out, '%');
        writer_put_octet(out, (uint8_t)digits[octet >> 4]);
        octet = (uint8_t)digits[octet & 15];
    } else if (written_octets(style, octet) == 2) {
        writer_put_octet(out, '\\');
    }
    writer_put_octet(out, octet);
}

static void write_text(const struct style *style, struct slice text, bool first, struct writer *out)
{
    bool quotes = !style->extended && !is_token(text);
    if (style->extended && first) {
        writer_put(out, style->charset);
        writer_put_octet(out, '\'');
        writer_put(out, style->language);
        writer_put_octet(out, '\'');
    }
    writer_put(out, quotes ? SLICE("\"") : SLICE(""));
    for (size_t i = 0; i < text.len; i++)
        write_octet(style, text.ptr[i], out);
    writer_put(out, quotes ? SLICE("\"") : SLICE(""));
}

static bool needs_extended(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != ' ' && !octet_is(value.ptr[i], OCTET_GRAPHIC))
            return true;
    return has_encoded_word(value);
}

static bool is_name(struct slice text, bool may_be_empty)
{
    return text.len == 0 ? may_be_empty : text.len <= NAME_OCTETS && is_attribute(text);
}

bool imf_content_param_write(struct slice attribute, struct slice value, struct slice charset,
                             struct slice language, struct writer *out)
{
    if (!is_name(attribute, false) || !is_name(charset, true) || !is_name(language, true))
        return false;
    struct style style = {attribute, charset, language, false};
    style.extended = charset.len > 0 || language.len > 0 || needs_extended(value);
    size_t taken = octets_for(&style, value);
    bool sections = taken < value.len;
    for (size_t number = 0; number == 0 || value.len > 0; number++) {
        writer_put(out, sections ? SLICE(";\r\n ") : SLICE("; "));
        writer_put(out, attribute);
        if (sections) {
            writer_put_octet(out, '*');
            writer_put_number(out, number);
        }
        writer_put(out, style.extended ? SLICE("*=") : SLICE("="));
        write_text(&style, slice_sub(value, 0, taken), number == 0, out);
        value = slice_from(value, taken);
        taken = octets_for(&style, value);
    }
    return true;
}

const char *imf_content_error_text(int error)
{
    return error == IMF_CONTENT_NO_TYPE ? "no type stands at the beginning" : NULL;
}
