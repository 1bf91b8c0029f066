/* parse reply: replies, and what those to EHLO announce. */
#include "smtp/reply.h"
#include "cli/parse/parse.h"
#include "smtp/code.h"
#include "smtp/ehlo.h"
#include "smtp/quirk.h"

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
    const struct smtp_enhanced_status *status = NULL;
    if (reply->has_enhanced) {
        smtp_enhanced_write(reply->enhanced, &w);
        status = smtp_enhanced_find(reply->enhanced);
    }
    put(object, "enhanced_status_code",
        reply->has_enhanced ? text_of(writer_slice(&w)) : json_null());
    put_word(object, "enhanced_meaning", status == NULL ? NULL : status->meaning);
    put_word(object, "enhanced_section", status == NULL ? NULL : status->source);
}

/* What the code may answer. */
static json_t *contexts_of(unsigned code)
{
    static const char *const names[SMTP_CODE_CONTEXTS] = {
        [SMTP_CODE_GREETING] = "greeting",
        [SMTP_CODE_EHLO] = "EHLO",
        [SMTP_CODE_HELO] = "HELO",
        [SMTP_CODE_LHLO] = "LHLO",
        [SMTP_CODE_MAIL] = "MAIL",
        [SMTP_CODE_RCPT] = "RCPT",
        [SMTP_CODE_DATA] = "DATA",
        [SMTP_CODE_END_OF_DATA] = "end of data",
        [SMTP_CODE_BDAT] = "BDAT",
        [SMTP_CODE_BURL] = "BURL",
        [SMTP_CODE_RSET] = "RSET",
        [SMTP_CODE_VRFY] = "VRFY",
        [SMTP_CODE_EXPN] = "EXPN",
        [SMTP_CODE_HELP] = "HELP",
        [SMTP_CODE_NOOP] = "NOOP",
        [SMTP_CODE_QUIT] = "QUIT",
        [SMTP_CODE_STARTTLS] = "STARTTLS",
        [SMTP_CODE_AUTH] = "AUTH",
        [SMTP_CODE_ETRN] = "ETRN",
        [SMTP_CODE_ATRN] = "ATRN",
        [SMTP_CODE_TURN] = "TURN",
        [SMTP_CODE_SEND] = "SEND",
        [SMTP_CODE_XCLIENT] = "XCLIENT",
        [SMTP_CODE_XFORWARD] = "XFORWARD",
        [SMTP_CODE_UNKNOWN] = "unknown command",
    };
    json_t *contexts = json_array();
    for (int context = 0; context < SMTP_CODE_CONTEXTS; context++)
        if (smtp_code_is_allowed(code, (enum smtp_code_context)context))
            put_entry(contexts, json_string(names[context]));
    return contexts;
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
    put_word(object, "meaning", known == NULL ? NULL : known->meaning);
    put_word(object, "section", known == NULL ? NULL : known->section);
    put(object, "contexts", contexts_of(reply.code));
    put_enhanced(object, &reply);
    put(object, "lines", lines);
    return out;
}

/* ---- EHLO ---- */

static json_t *words_of(struct slice rest)
{
    json_t *words = json_array();
    for (struct slice word; smtp_ehlo_param_next(&rest, &word);)
        put_entry(words, text_of(word));
    return words;
}

static json_t *limits_of(struct slice rest)
{
    json_t *limits = json_array();
    for (struct smtp_ehlo_limit limit; smtp_ehlo_limit_next(&rest, &limit);) {
        json_t *entry = json_object();
        put_text(entry, "name", limit.name);
        put_text(entry, "value", limit.value);
        put(entry, "number", limit.number > 0 ? number_of(limit.number) : json_null());
        put_entry(limits, entry);
    }
    return limits;
}

/* What a known extension's parameters say. */
static void put_typed(json_t *entry, const struct smtp_ehlo_keyword *keyword)
{
    switch (keyword->extension) {
    case SMTP_EXTENSION_AUTH:
        put(entry, "mechanisms", words_of(keyword->params));
        break;
    case SMTP_EXTENSION_SIZE:
        put_number(entry, "size", keyword->size);
        break;
    case SMTP_EXTENSION_LIMITS:
        put(entry, "limits", limits_of(keyword->params));
        break;
    case SMTP_EXTENSION_DELIVERBY:
        put_number(entry, "min_by_time", keyword->seconds);
        break;
    case SMTP_EXTENSION_FUTURERELEASE:
        put_number(entry, "max_interval", keyword->seconds);
        put(entry, "max_date_time", keyword->until.len > 0 ? text_of(keyword->until) : json_null());
        break;
    case SMTP_EXTENSION_XCLIENT:
    case SMTP_EXTENSION_XFORWARD:
        put(entry, "attributes", words_of(keyword->params));
        break;
    default:
        break;
    }
}

struct parse_outcome parse_ehlo(struct slice window, bool whole, json_t *object)
{
    struct smtp_reply reply;
    struct smtp_ehlo ehlo;
    (void)whole;
    struct parse_outcome out = read_reply(window, &reply);
    if (out.result.status != PARSE_OK)
        return out;
    bool announces = reply.code / 100 == 2; /* what refuses EHLO says nothing of the server */
    out.quirks = reply.quirks | (announces ? smtp_ehlo_domain_quirks(&reply) : 0);
    json_t *keywords = json_array();
    smtp_ehlo_begin(&reply, &ehlo);
    bool named = announces && ehlo.domain.len > 0;
    put_number(object, "code", reply.code);
    put(object, "domain", named ? text_of(ehlo.domain) : json_null());
    put(object, "greet", announces ? text_of(ehlo.greet) : json_null());
    for (struct smtp_ehlo_keyword keyword; announces && smtp_ehlo_next(&ehlo, &keyword);) {
        json_t *entry = json_object();
        put_text(entry, "keyword", keyword.keyword);
        put_text(entry, "params", keyword.params);
        put_bool(entry, "known", keyword.extension != SMTP_EXTENSION_UNKNOWN);
        put_typed(entry, &keyword);
        put_quirks(entry, keyword.quirks, smtp_quirk);
        put_entry(keywords, entry);
        out.quirks |= keyword.quirks;
    }
    put(object, "keywords", keywords);
    return out;
}
