#include "campaign/names.h"

#include "base/octet.h"

/* A name: "z", a digit, four of 36 digits, ".example". The digit keeps feature.h from taking it for
 * a text of the server's own. */
#define DIGITS 36u
#define PLACES 4

static const struct slice text = SLICE_INIT(NAMES_TEXT), tail = SLICE_INIT(".example");

static bool changes_at(struct slice octets, size_t at)
{
    static const struct slice verbs[] = {SLICE_INIT("EHLO"), SLICE_INIT("HELO"),
                                         SLICE_INIT("LHLO")};
    if (at > 0 && octets.ptr[at - 1] != '\n')
        return false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (slice_starts_nocase(slice_from(octets, at), verbs[i]))
            return true;
    return false;
}

uint32_t names_changes(struct slice octets, size_t from, size_t to)
{
    uint32_t count = 0;
    for (size_t at = from; at < to; at++)
        count += changes_at(octets, at);
    return count;
}

static void put_name(uint32_t number, struct writer *out)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint8_t name[2 + PLACES] = {'z'};
    for (size_t i = 1 + PLACES; i > 0; i--, number /= DIGITS)
        name[i] = (uint8_t)digits[number % DIGITS];
    writer_put(out, slice_of(name, sizeof name));
    writer_put(out, tail);
}

void names_fill(struct slice octets, size_t from, size_t to, uint32_t number, struct writer *out)
{
    number += names_changes(octets, 0, from);
    while (from < to) {
        number += changes_at(octets, from);
        if (slice_starts(slice_sub(octets, from, to), text)) {
            put_name(number, out);
            from += text.len;
        } else {
            writer_put_octet(out, octets.ptr[from++]);
        }
    }
}

void names_replace(struct slice octets, struct slice name, struct writer *out)
{
    while (octets.len > 0) {
        bool here = slice_starts(octets, text);
        writer_put(out, here ? name : slice_sub(octets, 0, 1));
        octets = slice_from(octets, here ? text.len : 1);
    }
}

static bool digit_of(uint8_t octet, uint32_t *ret)
{
    uint8_t lower = slice_lower(octet);
    bool letter = lower >= 'a' && lower <= 'z';
    *ret = letter ? lower - (uint32_t)'a' + 10 : octet - (uint32_t)'0';
    return letter || octet_is(octet, OCTET_DIGIT);
}

/* That ends where `label` does. */
static bool name_of(struct slice label, uint32_t *ret_number)
{
    uint32_t number = 0, digit = 0;
    if (label.len != 2 + PLACES || (label.ptr[0] != 'z' && label.ptr[0] != 'Z') ||
        !octet_is(label.ptr[1], OCTET_DIGIT))
        return false;
    for (size_t i = 1; i < label.len; i++) {
        if (!digit_of(label.ptr[i], &digit))
            return false;
        number = number * DIGITS + digit;
    }
    *ret_number = number;
    return true;
}

bool names_next(struct slice *rest, uint32_t *ret_number)
{
    for (size_t at = 2 + PLACES; at + tail.len <= rest->len; at++) {
        if (rest->ptr[at] != '.' || !slice_starts_nocase(slice_from(*rest, at), tail) ||
            !name_of(slice_sub(*rest, at - 2 - PLACES, at), ret_number))
            continue;
        *rest = slice_from(*rest, at + tail.len);
        return true;
    }
    return false;
}
