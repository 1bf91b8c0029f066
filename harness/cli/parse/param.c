/* parse param: parameters, of commands and of header fields. */
#include "smtp/param.h"
#include "base/octet.h"
#include "cli/parse/parse.h"
#include "imf/quirk.h"
#include "smtp/quirk.h"
#include "smtp/value.h"
#include "smtp/xtext.h"

/* ---- values, each as its type has it ---- */

static void write_decoded(struct slice xtext, struct writer *out)
{
    smtp_xtext_decode(xtext, out);
}

static json_t *notify_of(unsigned notify)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {{SMTP_NOTIFY_NEVER, "NEVER"},
                 {SMTP_NOTIFY_SUCCESS, "SUCCESS"},
                 {SMTP_NOTIFY_FAILURE, "FAILURE"},
                 {SMTP_NOTIFY_DELAY, "DELAY"}};
    json_t *array = json_array();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (notify & words[i].bit)
            put_entry(array, json_string(words[i].word));
    return array;
}

static json_t *address_of(const struct smtp_value *value)
{
    json_t *object = json_object();
    bool utf8 = slice_equal_nocase(value->address.type, SLICE("utf-8")); /* RFC 6533 3 */
    put_text(object, "addr_type", value->address.type);
    put(object, "address",
        utf8 ? text_of(value->address.encoded)
             : text_written(value->address.encoded, write_decoded));
    return object;
}

static json_t *by_of(const struct smtp_value *value)
{
    json_t *object = json_object();
    put(object, "by_time", json_integer(value->by.seconds));
    put_word(object, "by_mode", value->by.returned ? "R" : "N");
    put_bool(object, "by_trace", value->by.trace);
    return object;
}

static json_t *time_of(const struct smtp_value *value)
{
    json_t *object = json_object();
    const char action[] = {(char)value->time.action, '\0'};
    put_text(object, "date_time", value->time.date_time);
    put_word(object, "action", value->time.action != 0 ? action : NULL);
    return object;
}

static json_t *tracking_of(const struct smtp_value *value)
{
    json_t *object = json_object();
    put_text(object, "certifier", value->tracking.certifier);
    put(object, "timeout",
        value->tracking.has_seconds ? json_integer(value->tracking.seconds) : json_null());
    return object;
}

static json_t *typed(const struct smtp_value *value)
{
    static const char *const bodies[] = {[SMTP_BODY_7BIT] = "7BIT",
                                         [SMTP_BODY_8BITMIME] = "8BITMIME",
                                         [SMTP_BODY_BINARYMIME] = "BINARYMIME"};
    switch (value->type) {
    case SMTP_VALUE_NONE:
        return json_true();
    case SMTP_VALUE_OCTETS:
        return number_of(value->octets);
    case SMTP_VALUE_BODY:
        return json_string(bodies[value->body]);
    case SMTP_VALUE_RET:
        return json_string(value->ret == SMTP_RET_FULL ? "FULL" : "HDRS");
    case SMTP_VALUE_NOTIFY:
        return notify_of(value->notify);
    case SMTP_VALUE_ADDRESS:
        return address_of(value);
    case SMTP_VALUE_BY:
        return by_of(value);
    case SMTP_VALUE_PRIORITY:
        return json_integer(value->priority);
    case SMTP_VALUE_SECONDS:
        return json_integer(value->seconds);
    case SMTP_VALUE_TIME:
        return time_of(value);
    case SMTP_VALUE_TRACKING:
        return tracking_of(value);
    case SMTP_VALUE_XTEXT:
        return text_written(value->text, write_decoded);
    case SMTP_VALUE_TEXT:
        return text_of(value->text);
    }
    return json_null();
}

void put_params(json_t *object, const char *name, struct slice rest)
{
    json_t *params = json_array();
    for (struct smtp_param param; smtp_param_next(&rest, &param);) {
        const struct smtp_value_rule *rule = smtp_value_rule(param.keyword);
        struct smtp_value value;
        json_t *entry = json_object();
        put_text(entry, "keyword", param.keyword);
        put(entry, "value", param.has_value ? text_of(param.value) : json_null());
        bool read = rule != NULL && smtp_value_read(rule, param.value, param.has_value, &value);
        put(entry, "typed", read ? typed(&value) : json_null());
        put_quirks(entry,
                   param.quirks | (read ? value.quirks : 0) |
                       (rule != NULL && !read ? SMTP_QUIRK_INVALID_VALUE : 0),
                   smtp_quirk);
        put_entry(params, entry);
    }
    put(object, name, params);
}

/* ---- which syntax ---- */

/* Octets of the first word: up to white space or one of "/", ";", "=". */
static size_t word_octets(struct slice in)
{
    size_t at = 0;
    while (at < in.len && octet_is(in.ptr[at], OCTET_GRAPHIC) && in.ptr[at] != '/' &&
           in.ptr[at] != ';' && in.ptr[at] != '=')
        at++;
    return at;
}

/*
 * One word for two things: "SIZE=100 BODY=8BITMIME" are parameters of a command, and what follows a
 * type ("text/plain; charset=utf-8", "attachment; filename=a"), or is separated by ";", are those
 * of a header field.
 */
struct parse_outcome parse_params(struct slice window, bool whole, json_t *object)
{
    struct slice in = slice_trim(window);
    size_t word = word_octets(in);
    struct slice behind = slice_trim(slice_from(in, word));
    uint8_t next = behind.len > 0 ? behind.ptr[0] : 0;
    bool known = smtp_value_rule(slice_sub(in, 0, word)) != NULL;
    bool semicolon = !known && slice_find(in, ';') < in.len;
    parse_kind *content = next == '/'                ? parse_content_type
                          : next == ';' && word > 0  ? parse_content_disposition
                          : next == ';' || semicolon ? parse_content_params
                                                     : NULL;
    put_word(object, "syntax", content == NULL ? "esmtp" : "content");
    if (content != NULL) {
        struct parse_outcome out = content(window, whole, object);
        out.quirk_of = imf_quirk;
        return out;
    }
    struct parse_outcome out = {.result = parse_ok(window.len)};
    out.quirks = smtp_param_quirks(window, SMTP_ON_MAIL | SMTP_ON_RCPT);
    put_params(object, "parameters", window);
    return out;
}
