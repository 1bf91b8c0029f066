#include "smtp/value.h"

#include "base/fold.h"
#include "base/ip.h"
#include "base/octet.h"
#include "base/utf8.h"
#include "smtp/path.h"
#include "smtp/quirk.h"
#include "smtp/xtext.h"

/* Takes `literal`, in any case, off the front of `*rest`; false, and nothing taken, where it is not
 * there. */
static bool take(struct slice *rest, struct slice literal)
{
    if (!slice_starts_nocase(*rest, literal))
        return false;
    *rest = slice_from(*rest, literal.len);
    return true;
}

/** Takes min to max digits, 19 at most; false where there are fewer. */
static bool take_number(struct slice *rest, size_t min, size_t max, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t at = 0, end = rest->len < max ? rest->len : max;
    for (; at < end && octet_is(rest->ptr[at], OCTET_DIGIT); at++)
        number = 10 * number + (uint64_t)(rest->ptr[at] - '0');
    if (at < min)
        return false;
    *rest = slice_from(*rest, at);
    *ret_number = number;
    return true;
}

/* RFC 1870 3: size-value = 1*20DIGIT; 20 digits may be more than 64 bits hold. */
static bool read_size(struct slice text, struct smtp_value *value)
{
    uint64_t digit;
    if (!take_number(&text, 1, 19, &value->octets))
        return false;
    if (text.len == 0)
        return true;
    if (!take_number(&text, 1, 1, &digit) || text.len > 0)
        return false;
    value->octets =
        value->octets > (UINT64_MAX - digit) / 10 ? UINT64_MAX : 10 * value->octets + digit;
    return true;
}

/** Which of `count` words `text` is, in any case; `count` where it is none. */
static size_t word_index(struct slice text, const struct fold_name *words, size_t count)
{
    uint64_t number = fold_word(text);
    size_t i = 0;
    while (i < count && !fold_equal(text, number, &words[i]))
        i++;
    return i;
}

/* RFC 6152 2: body-value = "7BIT" / "8BITMIME"; RFC 3030 3: / "BINARYMIME" */
static bool read_body(struct slice text, struct smtp_value *value)
{
    static const struct fold_name words[] = {
        [SMTP_BODY_7BIT] = FOLD_NAME("7BIT"),
        [SMTP_BODY_8BITMIME] = FOLD_NAME("8BITMIME"),
        [SMTP_BODY_BINARYMIME] = FOLD_NAME("BINARYMIME"),
    };
    size_t index = word_index(text, words, 3);
    value->body = (enum smtp_body)index;
    return index < 3;
}

/* RFC 3461 4.3: ret-value = "FULL" / "HDRS" */
static bool read_ret(struct slice text, struct smtp_value *value)
{
    static const struct fold_name words[] = {
        [SMTP_RET_FULL] = FOLD_NAME("FULL"),
        [SMTP_RET_HDRS] = FOLD_NAME("HDRS"),
    };
    size_t index = word_index(text, words, 2);
    value->ret = (enum smtp_ret)index;
    return index < 2;
}

/*
 * RFC 3461 4.1
 *   notify-esmtp-value  = "NEVER" / 1#notify-list-element
 *   notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
 */
static bool read_notify(struct slice text, struct smtp_value *value)
{
    static const struct fold_name words[] = {FOLD_NAME("NEVER"), FOLD_NAME("SUCCESS"),
                                             FOLD_NAME("FAILURE"), FOLD_NAME("DELAY")};
    unsigned notify = 0;
    for (struct slice rest = text;;) {
        size_t comma = slice_find(rest, ',');
        size_t index = word_index(slice_sub(rest, 0, comma), words, 4);
        if (index == 4)
            return false;
        notify |= 1u << index;
        if (comma == rest.len)
            break;
        rest = slice_from(rest, comma + 1);
    }
    value->notify = notify;
    return (notify & SMTP_NOTIFY_NEVER) == 0 || text.len == words[0].len;
}

/** Reads `text` as xtext that stands for octets of `classes` only. */
static bool read_encoded(struct slice text, unsigned classes, struct smtp_value *value)
{
    if (smtp_xtext_is_plain(text)) /* as most values are */
        return text.len > 0;
    value->quirks = smtp_xtext_quirks(text);
    if (text.len == 0 || value->quirks == SMTP_QUIRK_INVALID_VALUE)
        return false;
    for (uint8_t octet; smtp_xtext_next(&text, &octet);)
        if (!octet_is(octet, classes))
            return false;
    return true;
}

/* RFC 3461 4.4: xtext of at most 100 octets, of printable US-ASCII */
static bool read_envid(struct slice text, struct smtp_value *value)
{
    value->text = text;
    return text.len <= SMTP_ENVID_MAX_OCTETS &&
           read_encoded(text, OCTET_GRAPHIC | OCTET_WSP, value);
}

/* xtext that holds a Mailbox of RFC 5321 4.1.2 */
static bool read_mailbox(struct slice text, struct smtp_value *value)
{
    uint8_t octets[SMTP_PATH_MAX_OCTETS];
    struct writer mailbox = writer_of(octets, sizeof octets);
    value->text = text;
    value->quirks = smtp_xtext_quirks(text);
    if (!smtp_xtext_decode(text, &mailbox) || mailbox.overflow)
        return false;
    struct smtp_path path;
    struct parse_result result = smtp_path_parse(writer_slice(&mailbox), &path);
    return result.status == PARSE_OK && result.offset == mailbox.len &&
           (path.quirks & ~(QUIRK_EIGHT_BIT | SMTP_QUIRK_UNTAGGED_IPV6)) == SMTP_QUIRK_NO_BRACKETS;
}

/* RFC 4954 5: xtext of a Mailbox, or "<>" */
static bool read_auth(struct slice text, struct smtp_value *value)
{
    value->text = text;
    return slice_equal(text, SLICE("<>")) || read_mailbox(text, value);
}

/*
 * RFC 6533 3: what stands between the braces of "\x{" HEXPOINT "}". A scalar value without leading
 * zeros; below U+0080 only what an xchar cannot be, with two digits.
 */
static bool is_hexpoint(struct slice text)
{
    uint32_t point = 0;
    if (text.len < 2 || text.len > 6 || (text.ptr[0] == '0' && text.len > 2))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = octet_hex_value(text.ptr[i]);
        if (digit < 0)
            return false;
        point = 16 * point + (uint32_t)digit;
    }
    if (point < 0x80)
        return (point > 0 && point <= 0x20 && point % 16 <= 9) || point == '+' || point == '=' ||
               point == '\\' || point == 0x7f;
    return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

/*
 * RFC 6533 3
 *   utf-8-addr-xtext    = 1*(QCHAR / EmbeddedUnicodeChar)
 *   utf-8-addr-unitext  = 1*(QUCHAR / EmbeddedUnicodeChar)
 *   QUCHAR              = QCHAR / UTF8-2 / UTF8-3 / UTF8-4
 *   QCHAR               = %d33-42 / %d44-60 / %d62-91 / %d93-126
 *   EmbeddedUnicodeChar = "\x{" HEXPOINT "}"
 */
static bool is_utf8_address(struct slice text)
{
    struct slice rest = text;
    while (rest.len > 0) {
        if (take(&rest, SLICE("\\x{"))) {
            size_t close = slice_find(slice_sub(rest, 0, rest.len < 7 ? rest.len : 7), '}');
            if (close == rest.len || !is_hexpoint(slice_sub(rest, 0, close)))
                return false;
            rest = slice_from(rest, close + 1);
            continue;
        }
        uint8_t octet = rest.ptr[0];
        size_t len = base_utf8_sequence(rest);
        if (len == 0 || octet == '+' || octet == '=' || octet == '\\' ||
            !octet_is(octet, OCTET_GRAPHIC | OCTET_EIGHT_BIT))
            return false;
        rest = slice_from(rest, len);
    }
    return text.len > 0;
}

/*
 * RFC 3461 4.2
 *   original-recipient-address = addr-type ";" xtext          ; of printable US-ASCII
 *   addr-type                  = atom
 */
static bool read_orcpt(struct slice text, struct smtp_value *value)
{
    size_t semicolon = 0;
    while (semicolon < text.len && octet_is(text.ptr[semicolon], OCTET_ATEXT))
        semicolon++;
    if (semicolon == 0 || semicolon == text.len || text.ptr[semicolon] != ';' ||
        text.len > SMTP_ORCPT_MAX_OCTETS - 6)
        return false;
    struct slice type = slice_sub(text, 0, semicolon);
    value->address.type = type;
    value->address.encoded = slice_from(text, semicolon + 1);
    return slice_equal_nocase(type, SLICE("utf-8"))
               ? is_utf8_address(value->address.encoded)
               : read_encoded(value->address.encoded, OCTET_GRAPHIC | OCTET_WSP, value);
}

/*
 * RFC 2852 4
 *   by-value = by-time ";" by-mode [ by-trace ]
 *   by-time  = [ "-" / "+" ] 1*9DIGIT         ; seconds, above 0 with R
 *   by-mode  = "N" / "R"
 *   by-trace = "T"
 */
static bool read_by(struct slice text, struct smtp_value *value)
{
    uint64_t seconds;
    bool negative = take(&text, SLICE("-"));
    if (!negative)
        take(&text, SLICE("+"));
    if (!take_number(&text, 1, 9, &seconds) || !take(&text, SLICE(";")))
        return false;
    value->by.seconds = negative ? -(int32_t)seconds : (int32_t)seconds;
    value->by.returned = take(&text, SLICE("R"));
    if (!value->by.returned && !take(&text, SLICE("N")))
        return false;
    value->by.trace = take(&text, SLICE("T"));
    return text.len == 0 && (!value->by.returned || value->by.seconds > 0);
}

/* RFC 6710 7: priority-value = ( [ "-" ] NZDIGIT ) / "0" */
static bool read_priority(struct slice text, struct smtp_value *value)
{
    uint64_t priority;
    bool negative = take(&text, SLICE("-"));
    if (!take_number(&text, 1, 1, &priority))
        return false;
    value->priority = negative ? -(int)priority : (int)priority;
    return text.len == 0 && !(negative && priority == 0);
}

/* RFC 4865 5: future-release-integer = %x31-39 *8DIGIT */
static bool read_holdfor(struct slice text, struct smtp_value *value)
{
    uint64_t seconds;
    bool leading_zero = slice_starts(text, SLICE("0"));
    if (leading_zero || !take_number(&text, 1, 9, &seconds))
        return false;
    value->seconds = (uint32_t)seconds;
    return text.len == 0;
}

/** Takes `digits` digits whose number is in [min, max]. */
static bool take_part(struct slice *rest, size_t digits, uint64_t min, uint64_t max,
                      uint64_t *ret_number)
{
    return take_number(rest, digits, digits, ret_number) && *ret_number >= min &&
           *ret_number <= max;
}

static uint64_t days_of(uint64_t year, uint64_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (uint64_t)(month == 2 && leap);
}

/* full-date = 4DIGIT "-" 2DIGIT "-" 2DIGIT */
static bool take_date(struct slice *rest)
{
    uint64_t year, month, day;
    return take_part(rest, 4, 0, 9999, &year) && take(rest, SLICE("-")) &&
           take_part(rest, 2, 1, 12, &month) && take(rest, SLICE("-")) &&
           take_part(rest, 2, 1, days_of(year, month), &day);
}

/*
 * partial-time = 2DIGIT ":" 2DIGIT ":" 2DIGIT [ "." 1*DIGIT ]
 * time-offset  = "Z" / ( ( "+" / "-" ) 2DIGIT ":" 2DIGIT )
 */
static bool take_time(struct slice *rest)
{
    uint64_t part;
    if (!take_part(rest, 2, 0, 23, &part) || !take(rest, SLICE(":")) ||
        !take_part(rest, 2, 0, 59, &part) || !take(rest, SLICE(":")) ||
        !take_part(rest, 2, 0, 60, &part)) /* 60: a leap second */
        return false;
    if (take(rest, SLICE("."))) {
        size_t from = rest->len;
        while (rest->len > 0 && octet_is(rest->ptr[0], OCTET_DIGIT))
            *rest = slice_from(*rest, 1);
        if (rest->len == from)
            return false;
    }
    if (take(rest, SLICE("Z")))
        return true;
    return (take(rest, SLICE("+")) || take(rest, SLICE("-"))) && take_part(rest, 2, 0, 23, &part) &&
           take(rest, SLICE(":")) && take_part(rest, 2, 0, 59, &part);
}

/* RFC 3339 5.6: date-time = full-date "T" full-time */
bool smtp_value_take_date_time(struct slice *rest, struct slice *ret_date_time)
{
    struct slice from = *rest;
    if (!take_date(rest) || !take(rest, SLICE("T")) || !take_time(rest))
        return false;
    *ret_date_time = slice_sub(from, 0, from.len - rest->len);
    return true;
}

/* RFC 4865 5, as erratum 2040 has it: future-release-date-time = date-time */
static bool read_holduntil(struct slice text, struct smtp_value *value)
{
    return smtp_value_take_date_time(&text, &value->time.date_time) && text.len == 0;
}

/* RFC 7293 3.1: rrvs-value = date-time [ ";" ( "C" / "R" ) ] */
static bool read_rrvs(struct slice text, struct smtp_value *value)
{
    if (!smtp_value_take_date_time(&text, &value->time.date_time))
        return false;
    if (text.len == 0)
        return true;
    value->time.action = slice_upper(text.ptr[text.len - 1]);
    return take(&text, SLICE(";")) && (take(&text, SLICE("C")) || take(&text, SLICE("R"))) &&
           text.len == 0;
}

/* RFC 3885 3.1: mtrk-value = certifier [ ":" 1*9DIGIT ], the certifier in base64 without its
 * padding: no value of a parameter has a "=" (RFC 5321 4.1.2) */
static bool read_mtrk(struct slice text, struct smtp_value *value)
{
    size_t at = 0;
    while (at < text.len && (octet_is(text.ptr[at], OCTET_ALPHA | OCTET_DIGIT) ||
                             text.ptr[at] == '+' || text.ptr[at] == '/'))
        at++;
    value->tracking.certifier = slice_sub(text, 0, at);
    struct slice rest = slice_from(text, at);
    uint64_t seconds = 0;
    value->tracking.has_seconds = take(&rest, SLICE(":"));
    if (at == 0 || (value->tracking.has_seconds && !take_number(&rest, 1, 9, &seconds)))
        return false;
    value->tracking.seconds = (uint32_t)seconds;
    return rest.len == 0;
}

/*
 * RFC 3865 2.2
 *   solicit-value = word *( "," word )
 *   word          = ALPHA *( ALPHA / DIGIT / "." / "-" / "_" / ":" )
 */
static bool read_solicit(struct slice text, struct smtp_value *value)
{
    bool word_due = true;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        bool inside = octet_is(octet, OCTET_DIGIT) || octet == '.' || octet == '-' ||
                      octet == '_' || octet == ':' || octet == ',';
        if (!octet_is(octet, OCTET_ALPHA) && (word_due || !inside))
            return false;
        word_due = octet == ',';
    }
    value->text = text;
    return !word_due;
}

static bool read_xtext(struct slice text, struct smtp_value *value)
{
    value->text = text;
    return read_encoded(text, OCTET_GRAPHIC | OCTET_WSP | OCTET_EIGHT_BIT, value);
}

/* Postfix, XCLIENT_README: "[UNAVAILABLE]", "[TEMPUNAVAIL]" stand for any attribute's value. */
static bool is_unavailable(struct slice text)
{
    return slice_equal_nocase(text, SLICE("[UNAVAILABLE]")) ||
           slice_equal_nocase(text, SLICE("[TEMPUNAVAIL]"));
}

/* An IPv4 address, or "IPV6:" and an IPv6 address. */
static bool read_proxied_address(struct slice text, struct smtp_value *value)
{
    struct slice rest = text;
    value->text = text;
    return is_unavailable(text) || base_is_ipv4(text) ||
           (take(&rest, SLICE("IPV6:")) && base_is_ipv6(rest));
}

static bool read_proxied_port(struct slice text, struct smtp_value *value)
{
    uint64_t port;
    struct slice rest = text;
    value->text = text;
    return is_unavailable(text) ||
           (take_number(&rest, 1, 5, &port) && rest.len == 0 && port <= UINT16_MAX);
}

/* Postfix, XFORWARD_README: LOCAL for a message from a source that is local to Postfix. */
static bool read_proxied_source(struct slice text, struct smtp_value *value)
{
    value->text = text;
    return is_unavailable(text) || slice_equal_nocase(text, SLICE("LOCAL")) ||
           slice_equal_nocase(text, SLICE("REMOTE"));
}

static bool read_text(struct slice text, struct smtp_value *value)
{
    value->text = text;
    return text.len > 0;
}

#define BOTH_PROXIED (SMTP_ON_XCLIENT | SMTP_ON_XFORWARD)

/* clang-format off */
static const struct smtp_value_rule rules[] = {
    {FOLD_NAME("SIZE"),        SMTP_ON_MAIL,     "RFC 1870 3",   read_size,      SMTP_VALUE_OCTETS},
    {FOLD_NAME("BODY"),        SMTP_ON_MAIL,     "RFC 6152 2",   read_body,      SMTP_VALUE_BODY},
    {FOLD_NAME("SMTPUTF8"),    SMTP_ON_MAIL,     "RFC 6531 3.4", NULL,           SMTP_VALUE_NONE},
    {FOLD_NAME("AUTH"),        SMTP_ON_MAIL,     "RFC 4954 5",   read_auth,      SMTP_VALUE_XTEXT},
    {FOLD_NAME("RET"),         SMTP_ON_MAIL,     "RFC 3461 4.3", read_ret,       SMTP_VALUE_RET},
    {FOLD_NAME("ENVID"),       SMTP_ON_MAIL,     "RFC 3461 4.4", read_envid,     SMTP_VALUE_XTEXT},
    {FOLD_NAME("NOTIFY"),      SMTP_ON_RCPT,     "RFC 3461 4.1", read_notify,    SMTP_VALUE_NOTIFY},
    {FOLD_NAME("ORCPT"),       SMTP_ON_RCPT,     "RFC 3461 4.2", read_orcpt,     SMTP_VALUE_ADDRESS},
    {FOLD_NAME("BY"),          SMTP_ON_MAIL,     "RFC 2852 4",   read_by,        SMTP_VALUE_BY},
    {FOLD_NAME("HOLDFOR"),     SMTP_ON_MAIL | SMTP_HOLD, "RFC 4865 5",   read_holdfor,   SMTP_VALUE_SECONDS},
    {FOLD_NAME("HOLDUNTIL"),   SMTP_ON_MAIL | SMTP_HOLD, "RFC 4865 5",   read_holduntil, SMTP_VALUE_TIME},
    {FOLD_NAME("MT-PRIORITY"), SMTP_ON_MAIL,     "RFC 6710 7",   read_priority,  SMTP_VALUE_PRIORITY},
    {FOLD_NAME("REQUIRETLS"),  SMTP_ON_MAIL,     "RFC 8689 2",   NULL,           SMTP_VALUE_NONE},
    {FOLD_NAME("RRVS"),        SMTP_ON_RCPT,     "RFC 7293 3.1", read_rrvs,      SMTP_VALUE_TIME},
    {FOLD_NAME("MTRK"),        SMTP_ON_MAIL,     "RFC 3885 3.1", read_mtrk,      SMTP_VALUE_TRACKING},
    {FOLD_NAME("SOLICIT"),     SMTP_ON_MAIL,     "RFC 3865 2.3", read_solicit,   SMTP_VALUE_TEXT},
    {FOLD_NAME("SUBMITTER"),   SMTP_ON_MAIL,     "RFC 4405 4",   read_mailbox,   SMTP_VALUE_XTEXT},
    {FOLD_NAME("CONPERM"),     SMTP_ON_MAIL,     "RFC 4141 4.2", NULL,           SMTP_VALUE_NONE},
    {FOLD_NAME("CONNEG"),      SMTP_ON_RCPT,     "RFC 4141 5.2", NULL,           SMTP_VALUE_NONE},
    {FOLD_NAME("TRANSID"),     SMTP_ON_MAIL,     "RFC 1845 4",   read_text,      SMTP_VALUE_TEXT},
    {FOLD_NAME("ALT-ADDRESS"), SMTP_ON_MAIL | SMTP_ON_RCPT, "RFC 5336 3.4", read_xtext, SMTP_VALUE_XTEXT},
    /* Postfix, XCLIENT_README and XFORWARD_README: attribute-name "=" attribute-value, in xtext */
    {FOLD_NAME("NAME"),        BOTH_PROXIED,     "Postfix XCLIENT",  read_xtext, SMTP_VALUE_XTEXT},
    {FOLD_NAME("ADDR"),        BOTH_PROXIED,     "Postfix XCLIENT",  read_proxied_address, SMTP_VALUE_XTEXT},
    {FOLD_NAME("PORT"),        BOTH_PROXIED,     "Postfix XCLIENT",  read_proxied_port, SMTP_VALUE_XTEXT},
    {FOLD_NAME("PROTO"),       BOTH_PROXIED,     "Postfix XCLIENT",  read_xtext, SMTP_VALUE_XTEXT},
    {FOLD_NAME("HELO"),        BOTH_PROXIED,     "Postfix XCLIENT",  read_xtext, SMTP_VALUE_XTEXT},
    {FOLD_NAME("LOGIN"),       SMTP_ON_XCLIENT,  "Postfix XCLIENT",  read_xtext, SMTP_VALUE_XTEXT},
    {FOLD_NAME("DESTADDR"),    SMTP_ON_XCLIENT,  "Postfix XCLIENT",  read_proxied_address, SMTP_VALUE_XTEXT},
    {FOLD_NAME("DESTPORT"),    SMTP_ON_XCLIENT,  "Postfix XCLIENT",  read_proxied_port, SMTP_VALUE_XTEXT},
    {FOLD_NAME("IDENT"),       SMTP_ON_XFORWARD, "Postfix XFORWARD", read_xtext, SMTP_VALUE_XTEXT},
    {FOLD_NAME("SOURCE"),      SMTP_ON_XFORWARD, "Postfix XFORWARD", read_proxied_source, SMTP_VALUE_XTEXT},
};
/* clang-format on */

/* The rows, counted from 1, by the place of their keywords. */
#define RULE_BITS 7
#define RULE_SEED UINT64_C(0xa6eb8c9ebd69fe29)
/* clang-format off */
static const uint8_t rule_at[1 << RULE_BITS] = {
    [1] = 16, [4] = 19, [5] = 15, [9] = 13, [12] = 5, [18] = 23, [21] = 26, [28] = 27,
    [31] = 21, [33] = 2, [34] = 29, [35] = 18, [36] = 12, [48] = 4, [50] = 28, [56] = 20,
    [58] = 10, [62] = 31, [65] = 1, [66] = 8, [69] = 25, [72] = 17, [73] = 6, [74] = 30,
    [76] = 7, [79] = 14, [95] = 22, [105] = 11, [108] = 3, [118] = 9, [125] = 24,
};
/* clang-format on */

/* The rule of a keyword that lies in `around` (see fold_word_in), or NULL. */
static inline const struct smtp_value_rule *find_rule(struct slice around, struct slice keyword)
{
    uint64_t number = fold_word_in(around, keyword);
    size_t row = rule_at[fold_place(number, RULE_SEED, RULE_BITS)];
    return row > 0 && fold_equal(keyword, number, &rules[row - 1].keyword) ? &rules[row - 1] : NULL;
}

const struct smtp_value_rule *smtp_value_rule(struct slice keyword)
{
    return find_rule(keyword, keyword);
}

const struct smtp_value_rule *smtp_value_rule_at(size_t n)
{
    return n < sizeof rules / sizeof *rules ? &rules[n] : NULL;
}

bool smtp_value_read(const struct smtp_value_rule *rule, struct slice text, bool has_value,
                     struct smtp_value *ret_value)
{
    struct smtp_value value = {.type = rule->type};
    bool takes_value = rule->read != NULL;
    if (has_value != takes_value || (takes_value && !rule->read(text, &value)))
        return false;
    *ret_value = value;
    return true;
}

uint64_t smtp_value_quirks(const struct smtp_value_rule *rule, struct slice text, bool has_value)
{
    struct smtp_value value; /* whose copy nobody wants */
    value.quirks = 0;
    bool takes_value = rule->read != NULL;
    if (has_value != takes_value || (takes_value && !rule->read(text, &value)))
        return SMTP_QUIRK_INVALID_VALUE;
    return value.quirks;
}

bool smtp_value_is_plain(struct slice around, struct slice param, size_t keyword, unsigned commands,
                         uint64_t *seen)
{
    const struct smtp_value_rule *rule = find_rule(around, slice_sub(param, 0, keyword));
    if (rule == NULL || (rule->commands & commands) == 0)
        return false;
    uint64_t mark = UINT64_C(1) << (rule - rules);
    if ((rule->commands & SMTP_HOLD) != 0)
        mark |= UINT64_C(1) << 63; /* which stands for all of them */
    bool has_value = keyword < param.len, is_new = (*seen & mark) == 0;
    struct slice text = slice_from(param, has_value ? keyword + 1 : keyword);
    *seen |= mark;
    return is_new && smtp_value_quirks(rule, text, has_value) == 0;
}
