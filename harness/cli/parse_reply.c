/* parse_reply: replies, and what those to EHLO announce. */
#include "cli/parse.h"
#include "smtp/code.h"
#include "smtp/ehlo.h"
#include "smtp/reply.h"

static struct parse_outcome read_reply(struct slice window, struct smtp_reply *reply)
{
    struct smtp_reply_parser parser = {
        .limits = {PARSE_WINDOW_OCTETS / 2, PARSE_WINDOW_OCTETS / 2}};
    struct parse_outcome out = {.result = smtp_reply_parse(&parser, window, reply)};
    if (out.result.status == PARSE_ERROR)
        out.error = smtp_reply_error_text(out.result.error);
    return out;
}

static void put_enhanced(json_t *object, const struct smtp_reply *reply)
{
    uint8_t code[16];
    struct writer w = writer_of(code, sizeof code);
    if (reply->has_enhanced)
        smtp_enhanced_write(reply->enhanced, &w);
    put(object, "enhanced_status_code",
        reply->has_enhanced ? text_of(writer_slice(&w)) : json_null());
}

struct parse_outcome parse_reply(struct slice window, bool whole, json_t *object)
{
    struct smtp_reply reply;
    (void)whole;
    struct parse_outcome out = read_reply(window, &reply);
    if (out.result.status != PARSE_OK)
        return out;
    const struct smtp_code *known = smtp_code_find(reply.code);
    json_t *lines = json_array();
    struct slice rest = reply.raw;
    for (struct smtp_reply_line line; smtp_reply_line_next(&rest, &line);)
        put_entry(lines, text_of(line.text));
    out.quirks = reply.quirks;
    put_number(object, "code", reply.code);
    put_enhanced(object, &reply);
    put_word(object, "meaning", known == NULL ? NULL : known->meaning);
    put(object, "lines", lines);
    return out;
}

struct parse_outcome parse_ehlo(struct slice window, bool whole, json_t *object)
{
    struct smtp_reply reply;
    struct smtp_ehlo ehlo;
    (void)whole;
    struct parse_outcome out = read_reply(window, &reply);
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = reply.quirks;
    json_t *keywords = json_array();
    put_number(object, "code", reply.code);
    if (smtp_ehlo_begin(&reply, &ehlo)) {
        put_text(object, "domain", ehlo.domain);
        put_text(object, "greet", ehlo.greet);
        for (struct smtp_ehlo_keyword keyword; smtp_ehlo_next(&ehlo, &keyword);) {
            json_t *entry = json_object();
            put_text(entry, "keyword", keyword.keyword);
            put_text(entry, "params", keyword.params);
            put_entry(keywords, entry);
            out.quirks |= keyword.quirks;
        }
    }
    put(object, "keywords", keywords);
    return out;
}
