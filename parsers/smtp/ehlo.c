#include "smtp/ehlo.h"

#include "base/fold.h"
#include "base/octet.h"
#include "smtp/domain.h"
#include "smtp/quirk.h"
#include "smtp/value.h"
#include "smtp/word.h"

#define KEYWORD_OCTETS (OCTET_ALPHA | OCTET_DIGIT)

/* Octets of what stands at the start of `in`, before another octet than these; 0 where none does or
 * an SP ends it.
 *   ehlo-param *( SP ehlo-param ), ehlo-param = 1*( %d33-126 )      ; RFC 5321 4.1.1.1 */
static inline size_t params_octets(struct slice in)
{
    size_t at = 0;
    bool in_word = false;
    for (; at < in.len; at++) {
        bool graphic = octet_is(in.ptr[at], OCTET_GRAPHIC);
        if (!graphic && !(in_word && in.ptr[at] == ' '))
            break;
        in_word = graphic;
    }
    return in_word ? at : 0;
}

static bool valid_params(struct slice params)
{
    return params.len > 0 && params_octets(params) == params.len;
}

/* 1*max_digitsDIGIT, saturated at UINT64_MAX; the number is read where there are more digits. */
static bool read_number(struct slice text, size_t max_digits, uint64_t *ret_number)
{
    const size_t safe = 19; /* of which 64 bits hold every number */
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!octet_is(text.ptr[i], OCTET_DIGIT))
            return false;
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        bool vast = i >= safe && number > (UINT64_MAX - digit) / 10;
        number = vast ? UINT64_MAX : number * 10 + digit;
    }
    *ret_number = number;
    return text.len > 0 && text.len <= max_digits;
}

/* A word of 1 to max_octets octets that are letters, digits or one of `others`. */
static bool is_name(struct slice text, size_t max_octets, struct slice others)
{
    for (size_t i = 0; i < text.len; i++)
        if (!octet_is(text.ptr[i], KEYWORD_OCTETS) && slice_find(others, text.ptr[i]) == others.len)
            return false;
    return text.len > 0 && text.len <= max_octets;
}

/*
 * What an extension lets stand behind its keyword. A reader sets the typed members from `params`
 * and answers whether these are in the extension's syntax.
 */
typedef bool read_params(struct smtp_ehlo_keyword *keyword);

static bool read_none(struct smtp_ehlo_keyword *keyword)
{
    return keyword->params.len == 0;
}

static bool read_any(struct smtp_ehlo_keyword *keyword)
{
    (void)keyword;
    return true;
}

/* size-param = [1*20DIGIT]                                          ; RFC 1870 3 */
static bool read_size(struct smtp_ehlo_keyword *keyword)
{
    return keyword->params.len == 0 || read_number(keyword->params, 20, &keyword->size);
}

/* sasl-mech *( SP sasl-mech )                                       ; RFC 4954 3
 * sasl-mech = 1*20( %x41-5A / DIGIT / "-" / "_" )                   ; RFC 4422 3.1 */
static bool read_mechanisms(struct smtp_ehlo_keyword *keyword)
{
    struct slice params = keyword->params;
    size_t octets = 0; /* of a mechanism */
    for (size_t i = 0; i < params.len; i++) {
        uint8_t octet = params.ptr[i];
        if (octet_is(octet, OCTET_WSP)) {
            octets = 0;
            continue;
        }
        bool upper = octet_is(octet, KEYWORD_OCTETS) && octet == slice_upper(octet);
        if ((!upper && octet != '-' && octet != '_') || ++octets > 20)
            return false;
    }
    return params.len > 0;
}

static bool read_seconds(struct slice text, uint32_t *ret_seconds)
{
    uint64_t seconds;
    if (!read_number(text, 9, &seconds))
        return false;
    *ret_seconds = (uint32_t)seconds;
    return true;
}

/*
 * deliverby-param = min-by-time *( "," extension-token )            ; RFC 2852 2
 * min-by-time     = [1*9DIGIT]
 * extension-token = one octet or more but SP, comma and controls
 */
static bool read_min_by_time(struct smtp_ehlo_keyword *keyword)
{
    struct slice rest = keyword->params;
    size_t comma = slice_find(rest, ',');
    bool valid =
        comma == 0 || rest.len == 0 || read_seconds(slice_sub(rest, 0, comma), &keyword->seconds);
    while (comma < rest.len) {
        rest = slice_from(rest, comma + 1);
        comma = slice_find(rest, ',');
        valid = valid && comma > 0;
    }
    return valid && slice_find(keyword->params, ' ') == keyword->params.len;
}

/* date-time = full-date "T" time, of UTC, so that it ends with "Z"   ; RFC 3339 5.6, RFC 4865 3 */
static bool is_date_time(struct slice text)
{
    struct slice rest = text, date_time;
    return smtp_value_take_date_time(&rest, &date_time) && rest.len == 0 &&
           slice_find(text, 'T') < text.len && text.ptr[text.len - 1] == 'Z';
}

/* max-future-release-interval SP max-future-release-date-time       ; RFC 4865 3
 * the interval is 1*9DIGIT seconds, and not 0 */
static bool read_future_release(struct smtp_ehlo_keyword *keyword)
{
    struct slice rest = keyword->params, interval, until;
    if (!smtp_ehlo_param_next(&rest, &interval) || !smtp_ehlo_param_next(&rest, &until))
        return false;
    bool valid = read_seconds(interval, &keyword->seconds) && keyword->seconds > 0;
    if (is_date_time(until))
        keyword->until = until;
    return valid && keyword->until.len > 0 && rest.len == 0;
}

/* An optional name of 1 to 20 octets                                ; RFC 6710 3 */
static bool read_profile(struct smtp_ehlo_keyword *keyword)
{
    struct slice profile = keyword->params;
    return profile.len <= 20 && slice_find(profile, ' ') == profile.len;
}

/* [ word *( "," word ) ], word = ALPHA *( "." / "-" / "_" / ":" / ALPHA / DIGIT ); of at most 1000
 * octets                                                            ; RFC 3865 2.1, 2.2 */
static bool read_solicitation_classes(struct smtp_ehlo_keyword *keyword)
{
    struct slice rest = keyword->params;
    if (rest.len == 0 || rest.len > 1000)
        return rest.len == 0;
    for (;;) {
        size_t comma = slice_find(rest, ',');
        struct slice word = slice_sub(rest, 0, comma);
        if (!is_name(word, SIZE_MAX, SLICE(".-_:")) || !octet_is(word.ptr[0], OCTET_ALPHA))
            return false;
        if (comma == rest.len)
            return true;
        rest = slice_from(rest, comma + 1);
    }
}

/*
 * limit-name-value = limit-name [ "=" limit-value ]                 ; RFC 9422 3
 * limit-name       = 1*( ALPHA / DIGIT / "-" / "_" )
 * limit-value      = 1*( %x21-3A / %x3C-7E )
 * and of the three limits that section 4 defines: %x31-39 0*5DIGIT
 */
static bool read_limit(struct slice param, struct smtp_ehlo_limit *ret_limit)
{
    static const struct slice numbered[] = {SLICE_INIT("MAILMAX"), SLICE_INIT("RCPTMAX"),
                                            SLICE_INIT("RCPTDOMAINMAX")};
    size_t equals = slice_find(param, '=');
    struct smtp_ehlo_limit limit = {.name = slice_sub(param, 0, equals)};
    bool valid = is_name(limit.name, SIZE_MAX, SLICE("-_"));
    if (equals < param.len) {
        limit.value = slice_from(param, equals + 1);
        valid = valid && limit.value.len > 0 && slice_find(limit.value, ';') == limit.value.len;
    }
    for (size_t i = 0; i < sizeof numbered / sizeof *numbered; i++) {
        uint64_t number;
        if (!slice_equal_nocase(limit.name, numbered[i]))
            continue;
        if (read_number(limit.value, 6, &number) && limit.value.ptr[0] != '0')
            limit.number = (uint32_t)number;
        valid = valid && limit.number > 0;
    }
    *ret_limit = limit;
    return valid;
}

static bool read_limits(struct smtp_ehlo_keyword *keyword)
{
    struct slice rest = keyword->params, param;
    struct smtp_ehlo_limit limit;
    bool valid = rest.len > 0;
    while (smtp_ehlo_param_next(&rest, &param))
        valid = read_limit(param, &limit) && valid;
    return valid;
}

struct known {
    struct fold_name keyword;
    enum smtp_extension extension;
    bool bare; /* it may stand without parameters; what `read` says of them */
    read_params *read;
};

/* clang-format off */
#define KNOWN(keyword, extension, read) {FOLD_NAME(keyword), SMTP_EXTENSION_##extension, true, read}
#define WITH(keyword, extension, read)  {FOLD_NAME(keyword), SMTP_EXTENSION_##extension, false, read}

/* The keywords, each at its place: see base/fold.h. */
#define KNOWN_BITS 7
#define KNOWN_SEED UINT64_C(0x7deaab6416d1b5ad)
static const struct known known_at[1 << KNOWN_BITS] = {
    [8] = KNOWN("PIPELINING", PIPELINING, read_none),
    [12] = KNOWN("MTRK", MTRK, read_none),
    [13] = KNOWN("DELIVERBY", DELIVERBY, read_min_by_time),
    [16] = KNOWN("VRFY", VRFY, read_none),
    [22] = KNOWN("CHUNKING", CHUNKING, read_none),
    [26] = KNOWN("BINARYMIME", BINARYMIME, read_none),
    [32] = KNOWN("VERB", VERB, read_none),
    [35] = WITH("AUTH", AUTH, read_mechanisms),
    [42] = KNOWN("ETRN", ETRN, read_none),
    [46] = KNOWN("ATRN", ATRN, read_none),
    [51] = KNOWN("CONNEG", CONNEG, read_none),
    [58] = KNOWN("REQUIRETLS", REQUIRETLS, read_none),
    [60] = WITH("FUTURERELEASE", FUTURERELEASE, read_future_release),
    [64] = KNOWN("SOML", SOML, read_none),
    [67] = KNOWN("RRVS", RRVS, read_none),
    [70] = KNOWN("XFORWARD", XFORWARD, read_any), /* attribute names */
    [75] = KNOWN("SUBMITTER", SUBMITTER, read_none),
    [80] = KNOWN("TURN", TURN, read_none),
    [84] = KNOWN("EXPN", EXPN, read_none),
    [86] = KNOWN("SAML", SAML, read_none),
    [89] = KNOWN("8BITMIME", 8BITMIME, read_none),
    [91] = KNOWN("UTF8SMTP", UTF8SMTP, read_any), /* parameters to be ignored: RFC 5336 3.1 */
    [92] = KNOWN("STARTTLS", STARTTLS, read_none),
    [95] = KNOWN("NO-SOLICITING", NO_SOLICITING, read_solicitation_classes),
    [96] = KNOWN("DSN", DSN, read_none),
    [100] = KNOWN("XCLIENT", XCLIENT, read_any), /* attribute names */
    [104] = KNOWN("ENHANCEDSTATUSCODES", ENHANCEDSTATUSCODES, read_none),
    [105] = KNOWN("HELP", HELP, read_none),
    [106] = KNOWN("SMTPUTF8", SMTPUTF8, read_none),
    [107] = KNOWN("CONPERM", CONPERM, read_none),
    [110] = KNOWN("MT-PRIORITY", MT_PRIORITY, read_profile),
    [111] = WITH("LIMITS", LIMITS, read_limits),
    [112] = KNOWN("SEND", SEND, read_none),
    [122] = KNOWN("ONEX", ONEX, read_none),
    [123] = KNOWN("CHECKPOINT", CHECKPOINT, read_none),
    [124] = KNOWN("SIZE", SIZE, read_size),
    [127] = KNOWN("BURL", BURL, read_any), /* imap, or URLs: RFC 4468 4 */
};
/* clang-format on */

/* The row of a keyword, whose number is known (fold_word), or NULL. */
static inline const struct known *known_of(struct slice keyword, uint64_t number)
{
    const struct known *known = &known_at[fold_place(number, KNOWN_SEED, KNOWN_BITS)];
    return known->read != NULL && fold_equal(keyword, number, &known->keyword) ? known : NULL;
}

/* ehlo-keyword = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" )         ; RFC 5321 4.1.1.1
 * Returns the octets before the first separator; *ret_valid: whether they are a keyword. */
static size_t scan_keyword(struct slice line, bool *ret_valid)
{
    size_t at = 0;
    while (at < line.len && (octet_is(line.ptr[at], KEYWORD_OCTETS) || line.ptr[at] == '-'))
        at++;
    size_t valid = at;
    while (at < line.len && line.ptr[at] != '=' && !octet_is(line.ptr[at], OCTET_WSP))
        at++;
    *ret_valid = at > 0 && at == valid && line.ptr[0] != '-';
    return at;
}

/* Splits an ehlo-line; its quirks are those of the line by itself. */
static void read_keyword(struct slice text, struct smtp_ehlo_keyword *ret_keyword)
{
    struct slice line = slice_trim(text);
    bool valid;
    size_t at = scan_keyword(line, &valid);
    struct smtp_ehlo_keyword keyword = {.keyword = slice_sub(line, 0, at)};
    const struct known *known =
        valid ? known_of(keyword.keyword, fold_word(keyword.keyword)) : NULL;
    if (known != NULL)
        keyword.extension = known->extension;

    valid = valid && line.len == text.len;
    if (at < line.len) {
        struct slice params = slice_from(line, at + 1);
        bool old_auth = keyword.extension == SMTP_EXTENSION_AUTH && line.ptr[at] == '=';
        keyword.params = slice_trim(params);
        keyword.quirks = old_auth ? SMTP_QUIRK_AUTH_EQUALS : 0;
        valid = valid && (old_auth || line.ptr[at] == ' ') && valid_params(params);
    }
    keyword.quirks |= valid ? 0 : SMTP_QUIRK_INVALID_KEYWORD;
    if (known != NULL && !known->read(&keyword))
        keyword.quirks |= SMTP_QUIRK_INVALID_EHLO_PARAM;
    *ret_keyword = keyword;
}

void smtp_ehlo_begin(const struct smtp_reply *reply, struct smtp_ehlo *ret_ehlo)
{
    struct slice rest = reply->raw;
    struct smtp_reply_line first = {.text = {NULL, 0}};
    smtp_reply_line_next(&rest, &first);
    size_t end = slice_find(first.text, ' ');
    *ret_ehlo = (struct smtp_ehlo){
        .domain = slice_sub(first.text, 0, end),
        .greet = slice_from(first.text, end < first.text.len ? end + 1 : end),
        .rest = rest,
    };
}

uint64_t smtp_ehlo_domain_quirks(const struct smtp_reply *reply)
{
    struct smtp_ehlo ehlo;
    smtp_ehlo_begin(reply, &ehlo);
    if (ehlo.domain.len == 0)
        return SMTP_QUIRK_NO_DOMAIN;
    return smtp_domain_quirks(ehlo.domain, smtp_domain_classify(ehlo.domain), false);
}

/* Sixteen octets from one on of `in`, which has eight or more before its end; 0 stands behind. */
struct sixteen {
    uint64_t first, second;
};

static inline struct sixteen load_16(struct slice in, size_t at)
{
    size_t left = in.len - at;
    const uint8_t *from = in.ptr + at, *last = in.ptr + in.len - 8;
    if (left >= 16)
        return (struct sixteen){load_8(from), load_8(from + 8)};
    if (left > 8)
        return (struct sixteen){load_8(from), load_8(last) >> 8 * (16 - left)};
    return (struct sixteen){left == 0 ? 0 : load_8(last) >> 8 * (8 - left), 0};
}

/* Where the first octet below "!" stands: SP, CR and what else ends a word. 8 where none does. */
static inline size_t word_end(uint64_t octets)
{
    const uint64_t every = UINT64_C(0x0101010101010101);
    uint64_t ends = (octets - every * '!') & ~octets & LOAD_TOP_BITS;
    return ends == 0 ? 8 : (size_t)__builtin_ctzll(ends) / 8;
}

static inline bool is_crlf_at(struct slice in, size_t at)
{
    return in.len - at >= 2 && in.ptr[at] == '\r' && in.ptr[at + 1] == '\n';
}

/*
 * Takes a line as nearly all are off the front of `*rest`: a known keyword, behind one SP the
 * parameters, CRLF. False, and nothing taken, where it is none of these.
 */
static inline bool take_plain(struct slice *rest, struct smtp_ehlo_keyword *ret_keyword)
{
    const size_t from = SMTP_REPLY_CODE_DIGITS + 1;
    struct slice in = *rest;
    if (in.len < from + 4)
        return false;
    struct sixteen octets = load_16(in, from);
    size_t len = word_end(octets.first);
    uint64_t number = fold_upper(octets.first & fold_inside(len));
    if (len == 8)
        len += word_end(octets.second);
    if (len == 16)
        while (from + len < in.len && in.ptr[from + len] > ' ')
            len++;
    struct slice word = slice_sub(in, from, from + len);
    const struct known *known = known_of(word, number);
    size_t end = from + len;
    if (known == NULL || end == in.len)
        return false;

    *ret_keyword = (struct smtp_ehlo_keyword){known->extension, .keyword = word};
    if (is_crlf_at(in, end)) {
        ret_keyword->quirks = known->bare ? 0 : SMTP_QUIRK_INVALID_EHLO_PARAM;
        *rest = slice_from(in, end + 2);
        return true;
    }
    struct slice params = slice_from(in, end + 1);
    params.len = params_octets(params);
    size_t behind = end + 1 + params.len;
    if (in.ptr[end] != ' ' || params.len == 0 || !is_crlf_at(in, behind))
        return false;
    ret_keyword->params = params;
    if (!known->read(ret_keyword))
        ret_keyword->quirks = SMTP_QUIRK_INVALID_EHLO_PARAM;
    *rest = slice_from(in, behind + 2);
    return true;
}

/* The second line of an extension that is known: the bit of UNKNOWN is free, and stands for the old
 * form of AUTH. */
static inline void mark_duplicate(struct smtp_ehlo *ehlo, struct smtp_ehlo_keyword *keyword)
{
    if (keyword->extension == SMTP_EXTENSION_UNKNOWN)
        return;
    bool old_auth = (keyword->quirks & SMTP_QUIRK_AUTH_EQUALS) != 0;
    uint64_t bit = UINT64_C(1) << (old_auth ? SMTP_EXTENSION_UNKNOWN : keyword->extension);
    keyword->quirks |= ehlo->seen & bit ? SMTP_QUIRK_DUPLICATE_KEYWORD : 0;
    ehlo->seen |= bit;
}

bool smtp_ehlo_next_by_grammar(struct smtp_ehlo *ehlo, struct smtp_ehlo_keyword *ret_keyword)
{
    struct smtp_reply_line line;
    if (!smtp_reply_line_next(&ehlo->rest, &line))
        return false;
    read_keyword(line.text, ret_keyword);
    mark_duplicate(ehlo, ret_keyword);
    return true;
}

bool smtp_ehlo_next(struct smtp_ehlo *ehlo, struct smtp_ehlo_keyword *ret_keyword)
{
    if (!take_plain(&ehlo->rest, ret_keyword))
        return smtp_ehlo_next_by_grammar(ehlo, ret_keyword);
    mark_duplicate(ehlo, ret_keyword);
    return true;
}

bool smtp_ehlo_find(const struct smtp_reply *reply, struct slice keyword,
                    struct smtp_ehlo_keyword *ret_keyword)
{
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword found;
    smtp_ehlo_begin(reply, &ehlo);
    while (smtp_ehlo_next(&ehlo, &found)) {
        if (slice_equal_nocase(found.keyword, keyword)) {
            *ret_keyword = found;
            return true;
        }
    }
    return false;
}

bool smtp_ehlo_param_next(struct slice *params, struct slice *ret_param)
{
    smtp_word_skip_space(params);
    if (params->len == 0)
        return false;
    *ret_param = smtp_word_take(params);
    return true;
}

bool smtp_ehlo_has_param(const struct smtp_ehlo_keyword *keyword, struct slice word)
{
    struct slice rest = keyword->params, param;
    while (smtp_ehlo_param_next(&rest, &param))
        if (slice_equal_nocase(param, word))
            return true;
    return false;
}

bool smtp_ehlo_limit_next(struct slice *params, struct smtp_ehlo_limit *ret_limit)
{
    struct slice param;
    if (!smtp_ehlo_param_next(params, &param))
        return false;
    read_limit(param, ret_limit);
    return true;
}
