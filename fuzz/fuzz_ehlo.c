/* Laws of smtp_ehlo_begin, _next, _find and _has_param. */
#include "custom.h"
#include "fuzz.h"
#include "smtp/ehlo.h"
#include "smtp/quirk.h"

#define MAX_OCTETS 4096

static void check_params(const struct smtp_ehlo_keyword *keyword)
{
    struct slice first = slice_sub(keyword->params, 0, slice_find(keyword->params, ' '));
    if (first.len > 0 && slice_find(first, '\t') == first.len)
        FUZZ_LAW(smtp_ehlo_has_param(keyword, first), "a keyword has its first parameter");
    FUZZ_LAW(!smtp_ehlo_has_param(keyword, SLICE("")), "no parameter is empty");

    struct slice rest = keyword->params, param;
    while (smtp_ehlo_param_next(&rest, &param))
        FUZZ_LAW(param.len > 0 && fuzz_inside(param, keyword->params) &&
                     slice_find(param, ' ') == param.len,
                 "a parameter is a word of the parameters");
    struct smtp_ehlo_limit limit;
    for (rest = keyword->params; smtp_ehlo_limit_next(&rest, &limit);)
        FUZZ_LAW(fuzz_inside(limit.name, keyword->params) &&
                     fuzz_inside(limit.value, keyword->params) && limit.number <= 999999,
                 "a limit lies in the parameters and has at most six digits");
}

static void check_keyword(const struct smtp_reply *reply, const struct smtp_ehlo_keyword *keyword)
{
    FUZZ_LAW(fuzz_inside(keyword->keyword, reply->raw) && fuzz_inside(keyword->params, reply->raw),
             "keyword and parameters lie in the reply");
    FUZZ_LAW(slice_find(keyword->keyword, ' ') == keyword->keyword.len &&
                 slice_find(keyword->keyword, '=') == keyword->keyword.len,
             "a keyword holds no separator");
    FUZZ_LAW(slice_equal(slice_trim(keyword->params), keyword->params), "parameters are trimmed");
    FUZZ_LAW(keyword->size == 0 || keyword->extension == SMTP_EXTENSION_SIZE,
             "only SIZE has a size");
    FUZZ_LAW(keyword->seconds == 0 || keyword->extension == SMTP_EXTENSION_DELIVERBY ||
                 keyword->extension == SMTP_EXTENSION_FUTURERELEASE,
             "only DELIVERBY and FUTURERELEASE have a time");
    FUZZ_LAW(keyword->seconds <= 999999999, "a time has at most nine digits");
    FUZZ_LAW(fuzz_inside(keyword->until, keyword->params), "a date-time lies in the parameters");
    FUZZ_LAW(!(keyword->quirks & SMTP_QUIRK_INVALID_EHLO_PARAM) ||
                 keyword->extension != SMTP_EXTENSION_UNKNOWN,
             "any parameter may stand behind an unknown keyword");
    FUZZ_LAW(!(keyword->quirks & SMTP_QUIRK_AUTH_EQUALS) ||
                 keyword->extension == SMTP_EXTENSION_AUTH,
             "only AUTH has an old form");
    struct smtp_ehlo_keyword found;
    FUZZ_LAW(smtp_ehlo_find(reply, keyword->keyword, &found), "what is listed is found");
    FUZZ_LAW(slice_equal_nocase(found.keyword, keyword->keyword) &&
                 found.extension == keyword->extension && found.keyword.ptr <= keyword->keyword.ptr,
             "the first line of a keyword is found");
    check_params(keyword);
}

static bool same_place(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || a.ptr == b.ptr);
}

static void check_short_way(const struct smtp_reply *reply)
{
    struct smtp_ehlo a, b;
    struct smtp_ehlo_keyword x, y;
    FUZZ_LAW(smtp_ehlo_begin(reply, &a) && smtp_ehlo_begin(reply, &b), "a beginning is one again");
    while (smtp_ehlo_next_by_grammar(&b, &y)) {
        FUZZ_LAW(smtp_ehlo_next(&a, &x), "the short way reads as many keywords as the grammar");
        FUZZ_LAW(x.extension == y.extension && x.quirks == y.quirks && x.size == y.size &&
                     x.seconds == y.seconds && same_place(x.keyword, y.keyword) &&
                     same_place(x.params, y.params) && same_place(x.until, y.until),
                 "the short way reads what the grammar reads");
    }
    FUZZ_LAW(!smtp_ehlo_next(&a, &x), "the short way ends where the grammar ends");
}

/* The same reply in upper case: what it announces is the same; only mechanisms and date-times have
 * to be in upper case. */
static void check_case(const struct smtp_reply *reply)
{
    static uint8_t text[MAX_OCTETS];
    for (size_t i = 0; i < reply->raw.len; i++)
        text[i] = slice_upper(reply->raw.ptr[i]);
    struct smtp_reply upper = *reply;
    upper.raw = slice_of(text, reply->raw.len);
    struct smtp_ehlo a, b;
    struct smtp_ehlo_keyword x, y;
    FUZZ_LAW(smtp_ehlo_begin(reply, &a) && smtp_ehlo_begin(&upper, &b), "case hides no domain");
    while (smtp_ehlo_next(&a, &x)) {
        FUZZ_LAW(smtp_ehlo_next(&b, &y), "case hides no keyword");
        FUZZ_LAW(x.extension == y.extension &&
                     (x.quirks & ~SMTP_QUIRK_INVALID_EHLO_PARAM) ==
                         (y.quirks & ~SMTP_QUIRK_INVALID_EHLO_PARAM) &&
                     x.quirks >= y.quirks && x.size == y.size &&
                     slice_equal_nocase(x.keyword, y.keyword) &&
                     slice_equal_nocase(x.params, y.params),
                 "case changes no keyword");
    }
    FUZZ_LAW(!smtp_ehlo_next(&b, &y), "case adds no keyword");
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct smtp_reply_parser parser = {.limits = {MAX_OCTETS, MAX_OCTETS}};
    struct smtp_reply reply;
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword found;
    bool parsed = smtp_reply_parse(&parser, in, &reply).status == PARSE_OK;
    bool begun = parsed && smtp_ehlo_begin(&reply, &ehlo);
    FUZZ_LAW(begun || !parsed || !smtp_ehlo_find(&reply, SLICE("SIZE"), &found),
             "a reply without a domain announces nothing");
    FUZZ_LAW(!parsed || begun == !(smtp_ehlo_domain_quirks(&reply) & SMTP_QUIRK_NO_DOMAIN),
             "a reply has a domain, or the quirk that it has none");
    if (begun) {
        FUZZ_LAW(ehlo.domain.len > 0 && fuzz_inside(ehlo.domain, reply.raw) &&
                     fuzz_inside(ehlo.greet, reply.raw),
                 "domain and greeting lie in the reply");
        struct smtp_ehlo_keyword keyword;
        size_t keywords = 0;
        while (smtp_ehlo_next(&ehlo, &keyword)) {
            if (keywords++ < 64) /* each is looked for from the start */
                check_keyword(&reply, &keyword);
        }
        FUZZ_LAW(keywords + 1 == reply.lines, "each line but the first is a keyword");
        FUZZ_LAW(!smtp_ehlo_find(&reply, SLICE("no keyword"), &found),
                 "what is not listed is not found");
        check_short_way(&reply);
        check_case(&reply);
    }
    fuzz_free(in);
    return 0;
}
