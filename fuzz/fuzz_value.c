/* Laws of smtp_value_rule and smtp_value_read; the input holds parameters, as smtp/param.h reads
 * them. */
#include "custom.h"
#include "fuzz.h"
#include "smtp/param.h"
#include "smtp/quirk.h"
#include "smtp/value.h"
#include "smtp/xtext.h"

static bool is_decoded_by_xtext(struct slice text)
{
    struct writer out = fuzz_writer(text.len);
    bool decoded = smtp_xtext_decode(text, &out) && !out.overflow;
    fuzz_free_writer(&out);
    return decoded;
}

/** The value in its shortest spelling; nothing for what is kept as text. */
static struct slice spell(const struct smtp_value *value, char *room, size_t octets)
{
    static const char *const bodies[] = {"7BIT", "8BITMIME", "BINARYMIME"};
    int len = 0;
    switch (value->type) {
    case SMTP_VALUE_OCTETS:
        len = snprintf(room, octets, "%llu", (unsigned long long)value->octets);
        break;
    case SMTP_VALUE_BODY:
        len = snprintf(room, octets, "%s", bodies[value->body]);
        break;
    case SMTP_VALUE_RET:
        len = snprintf(room, octets, "%s", value->ret == SMTP_RET_FULL ? "FULL" : "HDRS");
        break;
    case SMTP_VALUE_NOTIFY:
        len = snprintf(room, octets, "%s%s%s%s", value->notify & SMTP_NOTIFY_NEVER ? ",NEVER" : "",
                       value->notify & SMTP_NOTIFY_SUCCESS ? ",SUCCESS" : "",
                       value->notify & SMTP_NOTIFY_FAILURE ? ",FAILURE" : "",
                       value->notify & SMTP_NOTIFY_DELAY ? ",DELAY" : "");
        return slice_of(room + 1, (size_t)len - 1);
    case SMTP_VALUE_BY:
        len = snprintf(room, octets, "%d;%s%s", (int)value->by.seconds,
                       value->by.returned ? "R" : "N", value->by.trace ? "T" : "");
        break;
    case SMTP_VALUE_PRIORITY:
        len = snprintf(room, octets, "%d", value->priority);
        break;
    case SMTP_VALUE_SECONDS:
        len = snprintf(room, octets, "%u", (unsigned)value->seconds);
        break;
    default:
        break;
    }
    return slice_of(room, (size_t)len);
}

static void check_text(struct slice text, const struct smtp_value *value)
{
    switch (value->type) {
    case SMTP_VALUE_ADDRESS:
        FUZZ_LAW(fuzz_inside(value->address.type, text) &&
                     fuzz_inside(value->address.encoded, text),
                 "type and address lie in the value");
        FUZZ_LAW(value->address.type.len + 1 + value->address.encoded.len == text.len,
                 "only a semicolon stands between them");
        break;
    case SMTP_VALUE_TIME:
        FUZZ_LAW(value->time.date_time.ptr == text.ptr && value->time.date_time.len >= 20,
                 "a date-time begins the value");
        FUZZ_LAW(text.len == value->time.date_time.len + (value->time.action != 0 ? 2 : 0),
                 "and an action ends it");
        break;
    case SMTP_VALUE_TRACKING:
        FUZZ_LAW(value->tracking.certifier.ptr == text.ptr, "a certifier begins the value");
        break;
    case SMTP_VALUE_XTEXT:
        FUZZ_LAW(is_decoded_by_xtext(value->text), "xtext decodes");
        FUZZ_LAW(smtp_xtext_quirks(value->text) == value->quirks, "xtext's quirks are the value's");
        /* fall through */
    case SMTP_VALUE_TEXT:
        FUZZ_LAW(value->text.ptr == text.ptr && value->text.len == text.len, "text is the value");
        break;
    default:
        break;
    }
}

static void check_param(const struct smtp_param *param)
{
    const struct smtp_value_rule *rule = smtp_value_rule(param->keyword);
    if (rule == NULL)
        return;
    FUZZ_LAW(slice_equal_nocase(fold_name_slice(&rule->keyword), param->keyword),
             "a rule is its keyword's");
    struct smtp_value value = {.quirks = UINT64_MAX}, again = {.quirks = UINT64_MAX};
    struct slice copy = fuzz_copy(param->value);
    if (!smtp_value_read(rule, copy, param->has_value, &value)) {
        FUZZ_LAW(value.quirks == UINT64_MAX, "only success writes");
    } else {
        FUZZ_LAW(value.type == rule->type, "a value is of its rule's type");
        FUZZ_LAW((value.quirks & ~SMTP_QUIRK_LOWER_CASE_XTEXT) == 0, "no other quirk is a value's");
        check_text(copy, &value);
        char room[64], other[64];
        struct slice spelt = spell(&value, room, sizeof room);
        FUZZ_LAW(spelt.len == 0 || (smtp_value_read(rule, spelt, true, &again) &&
                                    slice_equal(spelt, spell(&again, other, sizeof other))),
                 "what is written parses to the same");
    }
    fuzz_free(copy);
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size)), rest = in;
    for (struct smtp_param param; smtp_param_next(&rest, &param);)
        check_param(&param);
    fuzz_free(in);
    return 0;
}
