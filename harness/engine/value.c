#include <openssl/evp.h>

#include "base/octet.h"
#include "engine/text.h"
#include "smtp/proxy.h"
#include "smtp/xtext.h"

/* ---- functions ---- */

static void put_base64(struct slice text, struct writer *out)
{
    uint8_t encoded[TEXT_VALUE_OCTETS / 3 * 4 + 5];
    int len = EVP_EncodeBlock(encoded, text.ptr, (int)text.len);
    writer_put(out, slice_of(encoded, (size_t)len));
}

static int value_of_digit(uint8_t octet)
{
    static const struct slice digits =
        SLICE_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    size_t value = slice_find(digits, octet);
    return value < digits.len ? (int)value : -1;
}

/* RFC 4648 4: groups of four, the last one padded. */
static bool put_unbase64(struct slice text, struct writer *out)
{
    text = slice_trim(text);
    if (text.len % 4 != 0)
        return false;
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t octets = i + 4 == text.len ? 3 - padding : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int digit = k > octets ? 0 : value_of_digit(text.ptr[i + k]);
            if (digit < 0)
                return false;
            group = group << 6 | (uint32_t)digit;
        }
        const uint8_t three[3] = {(uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group};
        writer_put(out, slice_of(three, octets));
    }
    return true;
}

static void put_case(struct slice text, bool upper, struct writer *out)
{
    for (size_t i = 0; i < text.len; i++)
        writer_put_octet(out, upper ? slice_upper(text.ptr[i]) : slice_lower(text.ptr[i]));
}

/* Where the last "@" of a mailbox stands (RFC 5321 4.1.2: a quoted local-part may hold others). */
static bool find_at(struct slice mailbox, size_t *ret_at)
{
    size_t at = mailbox.len;
    while (at > 0 && mailbox.ptr[at - 1] != '@')
        at--;
    *ret_at = at == 0 ? 0 : at - 1;
    return at > 0;
}

static void put_backslashed(struct slice text, struct writer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        writer_put(out, SLICE("\\"));
        writer_put(out, slice_sub(text, i, i + 1));
    }
}

/* An IPv4 address beside an IPv6 one is written as that (RFC 4291 2.5.5.2). */
static void map_to_ipv6(uint8_t octets[16])
{
    memcpy(octets + 12, octets, 4);
    memset(octets, 0, 10);
    octets[10] = octets[11] = 0xff;
}

static struct slice take_word(struct slice *rest)
{
    struct slice word = slice_sub(*rest, 0, slice_find(*rest, ' '));
    *rest = slice_from(*rest, word.len < rest->len ? word.len + 1 : word.len);
    return word;
}

/* "1 192.0.2.1:1234 198.51.100.2:25", "2 local", "1 unknown" */
static bool put_proxy(struct slice text, struct writer *out)
{
    struct slice version = take_word(&text), source = take_word(&text), destination = text;
    struct smtp_proxy proxy = {.version = slice_equal(version, SLICE("1")) ? 1 : 2,
                               .local = slice_equal(source, SLICE("local"))};
    bool unknown = proxy.local || slice_equal(source, SLICE("unknown")) ||
                   slice_equal(destination, SLICE("unknown"));
    if (!unknown) {
        enum smtp_proxy_family from = smtp_proxy_endpoint(source, proxy.source, &proxy.source_port);
        enum smtp_proxy_family to =
            smtp_proxy_endpoint(destination, proxy.destination, &proxy.destination_port);
        if (from == SMTP_PROXY_UNKNOWN || to == SMTP_PROXY_UNKNOWN)
            return false;
        proxy.family = from == to ? from : SMTP_PROXY_TCP6;
        if (from != proxy.family)
            map_to_ipv6(proxy.source);
        if (to != proxy.family)
            map_to_ipv6(proxy.destination);
    }
    smtp_proxy_write(&proxy, out);
    return true;
}

bool value_of_function(enum script_function function, struct slice text, struct writer *out)
{
    size_t at;
    switch (function) {
    case SCRIPT_FUNCTION_BASE64:
        put_base64(text, out);
        return true;
    case SCRIPT_FUNCTION_UNBASE64:
        return put_unbase64(text, out);
    case SCRIPT_FUNCTION_XTEXT:
        smtp_xtext_encode(text, out);
        return true;
    case SCRIPT_FUNCTION_UPPER:
    case SCRIPT_FUNCTION_LOWER:
        put_case(text, function == SCRIPT_FUNCTION_UPPER, out);
        return true;
    case SCRIPT_FUNCTION_LOCAL_PART:
        if (!find_at(text, &at))
            return false;
        writer_put(out, slice_sub(text, 0, at));
        return true;
    case SCRIPT_FUNCTION_DOMAIN:
        if (!find_at(text, &at))
            return false;
        writer_put(out, slice_from(text, at + 1));
        return true;
    case SCRIPT_FUNCTION_BACKSLASHED:
        put_backslashed(text, out);
        return true;
    case SCRIPT_FUNCTION_PROXY:
        return put_proxy(text, out);
    case SCRIPT_FUNCTION_LENGTH: /* text.c counts: the text may be longer than a buffer */
        break;
    }
    return false;
}

/* ---- numbers ---- */

bool engine_number_of(struct slice text, uint64_t *ret_number)
{
    uint64_t number = 0;
    text = slice_trim(text);
    if (text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!octet_is(text.ptr[i], OCTET_DIGIT))
            return false;
        number = number * 10 + text.ptr[i] - '0';
    }
    *ret_number = number;
    return true;
}

#define GREATEST ((uint64_t)1000000000000000000)

static bool times(uint64_t a, uint64_t b, uint64_t *ret_product)
{
    if (b > 0 && a > GREATEST / b)
        return false;
    *ret_product = a * b;
    return true;
}

static bool reckon(const struct script_operation *operation, uint64_t *number)
{
    uint64_t operand = operation->number / operation->scale, product;
    switch (operation->what) {
    case SCRIPT_ADD:
        *number += operand;
        return *number <= GREATEST;
    case SCRIPT_SUBTRACT:
        *number -= operand < *number ? operand : *number;
        return true;
    case SCRIPT_MULTIPLY:
        if (!times(*number, operation->number, &product))
            return false;
        *number = product / operation->scale;
        return true;
    case SCRIPT_DIVIDE:
        if (!times(*number, operation->scale, &product))
            return false;
        *number = product / operation->number;
        return true;
    case SCRIPT_MIN:
        *number = operand < *number ? operand : *number;
        return true;
    case SCRIPT_MAX:
        *number = operand > *number ? operand : *number;
        return true;
    }
    return false;
}

bool value_of_number(const struct script_part *part, uint64_t number, struct writer *out)
{
    for (size_t i = 0; i < part->operation_count; i++)
        if (!reckon(&part->operations[i], &number))
            return false;
    writer_put_number(out, number);
    return true;
}

/* ---- dates ---- */

struct civil {
    int64_t year;
    unsigned month, day, weekday; /* 1-12, 1-31, 0 is Sunday */
    unsigned hour, minute, second;
};

/* The proleptic Gregorian calendar, in eras of 400 years that begin on 1 March. */
static struct civil civil_of(int64_t wall_s)
{
    const int64_t latest = 253402300799; /* 9999-12-31T23:59:59Z, the last that RFC 3339 writes */
    wall_s = wall_s < 0 ? 0 : wall_s > latest ? latest : wall_s;
    int64_t days = wall_s / 86400, seconds = wall_s % 86400;
    int64_t shifted = days + 719468, era = shifted / 146097, in_era = shifted % 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153;
    struct civil civil = {
        .day = (unsigned)(in_year - (153 * month + 2) / 5 + 1),
        .month = (unsigned)(month < 10 ? month + 3 : month - 9),
        .weekday = (unsigned)((days + 4) % 7),
        .hour = (unsigned)(seconds / 3600),
        .minute = (unsigned)(seconds / 60 % 60),
        .second = (unsigned)(seconds % 60),
    };
    civil.year = year + era * 400 + (civil.month <= 2);
    return civil;
}

static void put_digits(struct writer *out, unsigned number, unsigned digits)
{
    for (unsigned scale = digits == 4 ? 1000 : 10; scale > 0; scale /= 10) {
        uint8_t digit = (uint8_t)('0' + number / scale % 10);
        writer_put(out, slice_of(&digit, 1));
    }
}

static void put_time(struct writer *out, const struct civil *civil)
{
    put_digits(out, civil->hour, 2);
    writer_put(out, SLICE(":"));
    put_digits(out, civil->minute, 2);
    writer_put(out, SLICE(":"));
    put_digits(out, civil->second, 2);
}

void value_of_date(int64_t wall_s, bool rfc3339, struct writer *out)
{
    static const struct slice days = SLICE_INIT("SunMonTueWedThuFriSat");
    static const struct slice months = SLICE_INIT("JanFebMarAprMayJunJulAugSepOctNovDec");
    struct civil civil = civil_of(wall_s);
    if (rfc3339) { /* RFC 3339 5.6: 2024-02-29T12:00:00Z */
        put_digits(out, (unsigned)civil.year, 4);
        writer_put(out, SLICE("-"));
        put_digits(out, civil.month, 2);
        writer_put(out, SLICE("-"));
        put_digits(out, civil.day, 2);
        writer_put(out, SLICE("T"));
        put_time(out, &civil);
        writer_put(out, SLICE("Z"));
        return;
    }
    /* RFC 5322 3.3: Thu, 29 Feb 2024 12:00:00 +0000 */
    writer_put(out, slice_sub(days, (size_t)civil.weekday * 3, (size_t)civil.weekday * 3 + 3));
    writer_put(out, SLICE(", "));
    writer_put_number(out, civil.day);
    writer_put(out, SLICE(" "));
    writer_put(out, slice_sub(months, (size_t)civil.month * 3 - 3, (size_t)civil.month * 3));
    writer_put(out, SLICE(" "));
    put_digits(out, (unsigned)civil.year, 4);
    writer_put(out, SLICE(" "));
    put_time(out, &civil);
    writer_put(out, SLICE(" +0000"));
}
