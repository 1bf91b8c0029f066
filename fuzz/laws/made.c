#include "laws/made.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- functions ---- */

/* RFC 4648 4 */
static void put_base64(struct slice text, struct writer *out)
{
    for (size_t bit = 0; bit < 8 * text.len; bit += 6) {
        unsigned two =
            text.ptr[bit / 8] * 256u + (bit / 8 + 1 < text.len ? text.ptr[bit / 8 + 1] : 0);
        writer_put_octet(out, (uint8_t)digits[two >> (10 - bit % 8) & 63]);
    }
    for (size_t n = text.len; n % 3 > 0; n++)
        writer_put(out, SLICE("="));
}

static enum judged put_unbase64(struct slice text, struct writer *out)
{
    text = slice_trim(text);
    size_t letters = text.len, held = 0;
    uint32_t bits = 0;
    while (letters > 0 && text.len - letters < 2 && text.ptr[letters - 1] == '=')
        letters--;
    if (text.len % 4 != 0)
        return JUDGED_NO;
    for (size_t i = 0; i < letters; i++) {
        const char *digit = text.ptr[i] == 0 ? NULL : strchr(digits, text.ptr[i]);
        if (digit == NULL)
            return JUDGED_NO;
        bits = bits << 6 | (uint32_t)(digit - digits);
        held += 6;
        if (held >= 8) {
            held -= 8;
            writer_put_octet(out, (uint8_t)(bits >> held));
        }
    }
    return JUDGED_YES;
}

/* RFC 3461 4: xchar is printable, but "+" and "="; all else is a hexchar. */
static void put_xtext(struct slice text, struct writer *out)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        if (octet > ' ' && octet < 127 && octet != '+' && octet != '=') {
            writer_put_octet(out, octet);
            continue;
        }
        writer_put(out, SLICE("+"));
        writer_put_octet(out, (uint8_t)hex[octet >> 4]);
        writer_put_octet(out, (uint8_t)hex[octet & 15]);
    }
}

/* RFC 5321 4.1.2: a domain has no "@", a quoted local-part may have some. */
static enum judged put_part_of_mailbox(struct slice text, bool domain, struct writer *out)
{
    size_t at = text.len;
    for (size_t i = 0; i < text.len; i++)
        at = text.ptr[i] == '@' ? i : at;
    if (at == text.len)
        return JUDGED_NO;
    writer_put(out, domain ? slice_from(text, at + 1) : slice_sub(text, 0, at));
    return JUDGED_YES;
}

static uint8_t other_case(uint8_t octet, bool upper)
{
    return upper ? (uint8_t)(octet >= 'a' && octet <= 'z' ? octet - 32 : octet)
                 : (uint8_t)(octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);
}

enum judged made_function(enum script_function function, struct slice text, struct writer *out)
{
    switch (function) {
    case SCRIPT_FUNCTION_LENGTH:
        writer_put_number(out, text.len);
        return JUDGED_YES;
    case SCRIPT_FUNCTION_BACKSLASHED:
        for (size_t i = 0; i < text.len; i++) {
            writer_put(out, SLICE("\\"));
            writer_put_octet(out, text.ptr[i]);
        }
        return JUDGED_YES;
    case SCRIPT_FUNCTION_UPPER:
    case SCRIPT_FUNCTION_LOWER:
        for (size_t i = 0; i < text.len; i++)
            writer_put_octet(out, other_case(text.ptr[i], function == SCRIPT_FUNCTION_UPPER));
        return JUDGED_YES;
    case SCRIPT_FUNCTION_BASE64:
        put_base64(text, out);
        return JUDGED_YES;
    case SCRIPT_FUNCTION_UNBASE64:
        return put_unbase64(text, out);
    case SCRIPT_FUNCTION_XTEXT:
        put_xtext(text, out);
        return JUDGED_YES;
    case SCRIPT_FUNCTION_LOCAL_PART:
    case SCRIPT_FUNCTION_DOMAIN:
        return put_part_of_mailbox(text, function == SCRIPT_FUNCTION_DOMAIN, out);
    default:
        return JUDGED_UNKNOWN;
    }
}

/* ---- numbers ---- */

#define MOST 1000000000u /* that is reckoned with here: no product is too large */

enum judged made_number(const struct script_part *part, struct slice text, struct writer *out)
{
    uint64_t number = 0;
    text = slice_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return JUDGED_NO;
        if (number > MOST)
            return JUDGED_UNKNOWN;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    if (text.len == 0)
        return JUDGED_NO;
    for (size_t i = 0; i < part->operation_count; i++) {
        const struct script_operation *o = &part->operations[i];
        uint64_t whole = o->number / o->scale;
        if (number > MOST || o->number > MOST)
            return JUDGED_UNKNOWN;
        number = o->what == SCRIPT_ADD        ? number + whole
                 : o->what == SCRIPT_SUBTRACT ? (number > whole ? number - whole : 0)
                 : o->what == SCRIPT_MULTIPLY ? number * o->number / o->scale
                 : o->what == SCRIPT_DIVIDE   ? number * o->scale / o->number
                 : o->what == SCRIPT_MIN      ? (number < whole ? number : whole)
                                              : (number > whole ? number : whole);
    }
    writer_put_number(out, number);
    return JUDGED_YES;
}

/* ---- dates ---- */

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static void put_two(struct writer *out, unsigned number, struct slice behind)
{
    writer_put_octet(out, (uint8_t)('0' + number / 10 % 10));
    writer_put_octet(out, (uint8_t)('0' + number % 10));
    writer_put(out, behind);
}

/* RFC 5322 3.3, RFC 3339 5.6: year by year from 1970 on, month by month. */
void made_date(const struct script_part *part, struct writer *out)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec",
                      days[] = "ThuFriSatSunMonTueWed";
    static const unsigned months[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t wall = (int64_t)MADE_WALL_S + part->offset_s, last = 253402300799; /* of 9999 */
    wall = wall < 0 ? 0 : wall > last ? last : wall;
    unsigned day = (unsigned)(wall / 86400), second = (unsigned)(wall % 86400), year = 1970;
    unsigned weekday = day % 7, month = 0;
    for (; day >= 365u + is_leap(year); year++)
        day -= 365u + is_leap(year);
    for (; day >= months[month] + (month == 1 && is_leap(year)); month++)
        day -= months[month] + (month == 1 && is_leap(year));
    struct slice colon = SLICE(":"), none = SLICE("");
    if (part->rfc3339) {
        put_two(out, year / 100, none);
        put_two(out, year % 100, SLICE("-"));
        put_two(out, month + 1, SLICE("-"));
        put_two(out, day + 1, SLICE("T"));
    } else {
        writer_put(out, slice_of((const uint8_t *)days + (size_t)3 * weekday, 3));
        writer_put(out, SLICE(", "));
        writer_put_number(out, day + 1);
        writer_put(out, SLICE(" "));
        writer_put(out, slice_of((const uint8_t *)names + (size_t)3 * month, 3));
        writer_put(out, SLICE(" "));
        put_two(out, year / 100, none);
        put_two(out, year % 100, SLICE(" "));
    }
    put_two(out, second / 3600, colon);
    put_two(out, second / 60 % 60, colon);
    put_two(out, second % 60, part->rfc3339 ? SLICE("Z") : SLICE(" +0000"));
}
