/* Laws of smtp_value_rule and smtp_value_read; the input holds parameters, as smtp/param.h reads
 * them. */
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "smtp/param.h"
#include "smtp/path.h"
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

/* ---- the model: the grammar of each parameter, and what it says besides in words ---- */

static const struct {
    const char *keyword, *rule; /* NULL: it takes no value */
    unsigned commands;
} grammars[] = {
    {"SIZE", "size-value", SMTP_ON_MAIL},
    {"BODY", "body-value", SMTP_ON_MAIL},
    {"SMTPUTF8", NULL, SMTP_ON_MAIL},
    {"AUTH", "auth-value", SMTP_ON_MAIL},
    {"RET", "ret-value", SMTP_ON_MAIL},
    {"ENVID", "xtext-printable", SMTP_ON_MAIL},
    {"NOTIFY", "notify-esmtp-value", SMTP_ON_RCPT},
    {"ORCPT", "orcpt-value", SMTP_ON_RCPT},
    {"BY", "by-value", SMTP_ON_MAIL},
    {"HOLDFOR", "holdfor-value", SMTP_ON_MAIL},
    {"HOLDUNTIL", "date-time", SMTP_ON_MAIL},
    {"MT-PRIORITY", "priority-value", SMTP_ON_MAIL},
    {"REQUIRETLS", NULL, SMTP_ON_MAIL},
    {"RRVS", "rrvs-value", SMTP_ON_RCPT},
    {"MTRK", "mtrk-value", SMTP_ON_MAIL},
    {"SOLICIT", "solicit-value", SMTP_ON_MAIL},
    {"SUBMITTER", "submitter-value", SMTP_ON_MAIL},
    {"CONPERM", NULL, SMTP_ON_MAIL},
    {"CONNEG", NULL, SMTP_ON_RCPT},
    {"TRANSID", "any-value", SMTP_ON_MAIL},
    {"ALT-ADDRESS", "xtext-line", SMTP_ON_MAIL | SMTP_ON_RCPT},
    {"NAME", "xtext-line", SMTP_ON_XCLIENT | SMTP_ON_XFORWARD},
    {"ADDR", "proxied-address", SMTP_ON_XCLIENT | SMTP_ON_XFORWARD},
    {"PORT", "proxied-port", SMTP_ON_XCLIENT | SMTP_ON_XFORWARD},
    {"PROTO", "xtext-line", SMTP_ON_XCLIENT | SMTP_ON_XFORWARD},
    {"HELO", "xtext-line", SMTP_ON_XCLIENT | SMTP_ON_XFORWARD},
    {"LOGIN", "xtext-line", SMTP_ON_XCLIENT},
    {"DESTADDR", "proxied-address", SMTP_ON_XCLIENT},
    {"DESTPORT", "proxied-port", SMTP_ON_XCLIENT},
    {"IDENT", "xtext-line", SMTP_ON_XFORWARD},
    {"SOURCE", "proxied-source", SMTP_ON_XFORWARD},
};

static bool is(const char *keyword, const char *other)
{
    return strcmp(keyword, other) == 0;
}

/* The number in the digits from `at`, whatever stands before and behind; saturated. */
static uint64_t number_at(struct slice text, size_t at)
{
    uint64_t number = 0;
    for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(text.ptr[at] - '0'), &number))
            return UINT64_MAX;
    return number;
}

/* Days that a month has, by the calendar's own rule. */
static bool day_exists(struct slice date)
{
    uint64_t year = number_at(date, 0), month = number_at(date, 5), day = number_at(date, 8);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    bool short_month = month == 4 || month == 6 || month == 9 || month == 11;
    return day <= (month == 2 ? (leap ? 29u : 28u) : short_month ? 30u : 31u);
}

static bool is_mailbox_in_xtext(struct slice text)
{
    struct writer out = fuzz_writer(text.len);
    bool is = smtp_xtext_decode(text, &out) && grammar_has("Mailbox", writer_slice(&out));
    struct smtp_path path;
    is = is && smtp_path_parse(writer_slice(&out), &path).status == PARSE_OK &&
         (path.quirks &
          (SMTP_QUIRK_LONG_LOCAL_PART | SMTP_QUIRK_LONG_DOMAIN | SMTP_QUIRK_LONG_PATH)) == 0;
    fuzz_free_writer(&out);
    return is;
}

/* What grammars do not say. */
static bool holds_besides(const char *keyword, struct slice text)
{
    if (is(keyword, "ENVID"))
        return text.len <= 100;
    if (is(keyword, "ORCPT")) /* and "ORCPT=" */
        return text.len <= 494;
    if (is(keyword, "BY"))
        return slice_find(text, 'R') + slice_find(text, 'r') == 2 * text.len ||
               (text.ptr[0] != '-' && number_at(text, text.ptr[0] == '+') > 0);
    if (is(keyword, "HOLDUNTIL") || is(keyword, "RRVS"))
        return day_exists(text);
    if (is(keyword, "PORT") || is(keyword, "DESTPORT"))
        return number_at(text, 0) <= 65535;
    if (is(keyword, "AUTH") || is(keyword, "SUBMITTER"))
        return is_mailbox_in_xtext(text) || (is(keyword, "AUTH") && slice_equal(text, SLICE("<>")));
    return true;
}

static const char *rule_of(size_t n, struct slice text)
{
    bool utf8 = is(grammars[n].keyword, "ORCPT") && slice_starts_nocase(text, SLICE("utf-8;"));
    return utf8 ? "orcpt-utf8-value" : grammars[n].rule;
}

/* What a value says, told from its text. */
static void check_meaning(const char *keyword, struct slice text, const struct smtp_value *value)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    int64_t number = (int64_t)number_at(text, negative || (text.len > 0 && text.ptr[0] == '+'));
    number = negative ? -number : number;
    bool seconds = value->type == SMTP_VALUE_SECONDS;
    FUZZ_LAW(value->type != SMTP_VALUE_OCTETS || value->octets == number_at(text, 0),
             "a size is what its digits say, saturated");
    FUZZ_LAW(!seconds || value->seconds == number, "seconds are what their digits say");
    FUZZ_LAW(value->type != SMTP_VALUE_PRIORITY || value->priority == number,
             "a priority is what its digits say");
    FUZZ_LAW(value->type != SMTP_VALUE_BY || value->by.seconds == number,
             "a time is what its digits say");
    size_t colon = slice_find(text, ':');
    FUZZ_LAW(value->type != SMTP_VALUE_TRACKING ||
                 (value->tracking.has_seconds == (colon < text.len) &&
                  value->tracking.certifier.len == colon &&
                  value->tracking.seconds == number_at(text, colon + 1)),
             "a timeout is what its digits say");
    size_t semicolon = slice_find(text, ';');
    FUZZ_LAW(!is(keyword, "RRVS") ||
                 value->time.action ==
                     (semicolon < text.len ? slice_upper(text.ptr[text.len - 1]) : 0),
             "an action is its letter");
    FUZZ_LAW(value->type != SMTP_VALUE_ADDRESS || value->address.type.len == semicolon,
             "the first semicolon ends the type");
}

static void check_model(const struct smtp_param *param, const struct smtp_value_rule *rule,
                        bool valid, const struct smtp_value *value)
{
    size_t n = 0, count = sizeof grammars / sizeof *grammars;
    while (n < count &&
           !slice_equal_nocase(slice_of(grammars[n].keyword, strlen(grammars[n].keyword)),
                               param->keyword))
        n++;
    FUZZ_LAW((n < count) == (rule != NULL), "a parameter is known where an RFC has it");
    if (rule == NULL)
        return;
    FUZZ_LAW(!valid || grammars[n].rule == NULL || !is(grammars[n].keyword, "ORCPT") ||
                 holds_besides(grammars[n].keyword, param->value),
             "a long value keeps to its limit");
    if (!grammar_takes(param->value))
        return;
    FUZZ_LAW((rule->commands & ~SMTP_HOLD) == grammars[n].commands,
             "a parameter stands on its commands");
    const char *name = rule_of(n, param->value);
    bool expected = param->has_value == (name != NULL) &&
                    (name == NULL || (grammar_has(name, param->value) &&
                                      holds_besides(grammars[n].keyword, param->value)));
    FUZZ_LAW(valid == expected, "a value is valid where its grammar says so");
    if (valid && name != NULL)
        check_meaning(grammars[n].keyword, param->value, value);
}

static void check_param(const struct smtp_param *param)
{
    const struct smtp_value_rule *rule = smtp_value_rule(param->keyword);
    if (rule == NULL) {
        check_model(param, rule, false, NULL);
        return;
    }
    FUZZ_LAW(slice_equal_nocase(fold_name_slice(&rule->keyword), param->keyword),
             "a rule is its keyword's");
    struct smtp_value value = {.quirks = UINT64_MAX}, again = {.quirks = UINT64_MAX};
    struct slice copy = fuzz_copy(param->value);
    uint64_t quirks;
    bool valid;
    FUZZ_LINEAR(copy.len, quirks = smtp_value_quirks(rule, copy, param->has_value));
    FUZZ_LINEAR(copy.len, valid = smtp_value_read(rule, copy, param->has_value, &value));
    check_model(param, rule, valid, &value);
    if (!valid) {
        FUZZ_LAW(value.quirks == UINT64_MAX, "only success writes");
        FUZZ_LAW(quirks == SMTP_QUIRK_INVALID_VALUE, "what is not read is invalid");
    } else {
        FUZZ_LAW(value.type == rule->type, "a value is of its rule's type");
        FUZZ_LAW((value.quirks & ~SMTP_QUIRK_LOWER_CASE_XTEXT) == 0, "no other quirk is a value's");
        FUZZ_LAW(quirks == value.quirks, "its quirks are those of the value that is read");
        check_text(copy, &value);
        char room[64], other[64];
        struct slice spelt = spell(&value, room, sizeof room);
        FUZZ_LAW(spelt.len == 0 || (smtp_value_read(rule, spelt, true, &again) &&
                                    slice_equal(spelt, spell(&again, other, sizeof other))),
                 "what is written parses to the same");
    }
    fuzz_free(copy);
}

/* ---- values at which grammars end, that mutants seldom hit: a knob chooses one ---- */

/* A day at the end of a month, in a year of each kind. */
static int make_date(size_t knob, char *room, size_t octets)
{
    static const unsigned years[] = {2023, 2024, 2000, 2100};
    return snprintf(room, octets, "HOLDUNTIL=%u-%02u-%02uT00:00:00Z", years[knob / 48 % 4],
                    (unsigned)(knob % 12 + 1), 28 + (unsigned)(knob / 12 % 4 + 1) % 5);
}

/* A character beside one of those at which RFC 6533's HEXPOINT turns. */
static int make_character(size_t knob, char *room, size_t octets)
{
    static const unsigned borders[] = {0x01,   0x0a,   0x10,   0x1a,    0x20,    0x2b,
                                       0x3d,   0x5c,   0x7f,   0x80,    0x100,   0x1000,
                                       0xd800, 0xdfff, 0xffff, 0x10000, 0xfffff, 0x10ffff};
    unsigned border = borders[knob / 3 % (sizeof borders / sizeof *borders)];
    return snprintf(room, octets, "ORCPT=utf-8;\\x{%02X}", border + (unsigned)(knob % 3) - 1);
}

/* An address as long as RFC 3461 4.2 lets it be, or longer by one. */
static int make_address(size_t knob, char *room, size_t octets)
{
    return snprintf(room, octets, "ORCPT=rfc822;%0*d", 487 + (int)(knob % 2), 0);
}

/* An instance of the grammar of a parameter, or nearly one. */
static void check_instance(uint64_t seed)
{
    size_t row = seed % (sizeof grammars / sizeof *grammars);
    uint8_t room[GRAMMAR_MAX_OCTETS];
    struct writer out = writer_of(room, sizeof room);
    struct slice keyword = slice_of_cstr(grammars[row].keyword);
    const char *rule = is(grammars[row].keyword, "ORCPT") && (seed >> 32 & 1) != 0
                           ? "orcpt-utf8-value"
                           : grammars[row].rule;
    if (rule == NULL || !grammar_make(rule, seed, (seed >> 33 & 1) != 0, &out))
        return;
    check_param(&(struct smtp_param){keyword, writer_slice(&out), true, 0});
}

static void check_made(size_t knob)
{
    char room[512];
    size_t value = knob / 3;
    int len = knob % 3 == 0   ? make_date(value, room, sizeof room)
              : knob % 3 == 1 ? make_character(value, room, sizeof room)
                              : make_address(value, room, sizeof room);
    struct slice rest = slice_of(room, (size_t)len);
    struct smtp_param param;
    struct smtp_value read;
    smtp_param_next(&rest, &param);
    check_param(&param);
    if (knob % 3 == 2)
        FUZZ_LAW(smtp_value_read(smtp_value_rule(param.keyword), param.value, true, &read) ==
                     (len <= 500),
                 "ORCPT has 500 octets at most");
}

/* A row of the table, which a knob chooses: no input has to name its parameter. */
static void check_row(size_t row)
{
    const struct smtp_value_rule *rule = smtp_value_rule_at(row);
    FUZZ_LAW((rule != NULL) == (row < sizeof grammars / sizeof *grammars),
             "the table has a row for each parameter");
    if (rule == NULL)
        return;
    struct slice keyword = slice_of_cstr(grammars[row].keyword);
    FUZZ_LAW(slice_equal(fold_name_slice(&rule->keyword), keyword) &&
                 smtp_value_rule(keyword) == rule,
             "a row is found by its keyword");
    FUZZ_LAW((rule->commands & ~SMTP_HOLD) == grammars[row].commands &&
                 (rule->read == NULL) == (grammars[row].rule == NULL),
             "a row stands on its commands, and takes a value where it has one");
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size)), rest = in;
    size_t row = fuzz_knob(in, 0, 64);
    check_row(row);
    for (struct smtp_param param; smtp_param_next(&rest, &param);)
        check_param(&param);
    check_instance(slice_hash(SLICE_HASH, in));
    check_made(fuzz_knob(in, 0, 256) + 256 * fuzz_knob(in, 1, 3));
    fuzz_free(in);
    return 0;
}
