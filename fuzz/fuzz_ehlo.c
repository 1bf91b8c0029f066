/* Laws of smtp_ehlo_begin, _next, _find and _has_param. */
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
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
    FUZZ_LAW((keyword->quirks & ~(SMTP_QUIRK_AUTH_EQUALS | SMTP_QUIRK_INVALID_KEYWORD |
                                  SMTP_QUIRK_DUPLICATE_KEYWORD | SMTP_QUIRK_INVALID_EHLO_PARAM)) ==
                 0,
             "a keyword has quirks of a keyword");
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
    smtp_ehlo_begin(reply, &a);
    smtp_ehlo_begin(reply, &b);
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
    smtp_ehlo_begin(reply, &a);
    smtp_ehlo_begin(&upper, &b);
    FUZZ_LAW(a.domain.len == b.domain.len, "case hides no domain");
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

/* ---- the model: each line, its keyword looked up in a list and its parameters in the grammar
 * ---- */

static const struct {
    const char *keyword, *rule; /* of its parameters; NULL: it has none */
    enum smtp_extension extension;
} extensions[] = {
    {"8BITMIME", NULL, SMTP_EXTENSION_8BITMIME},
    {"ATRN", NULL, SMTP_EXTENSION_ATRN},
    {"AUTH", "ehlo-auth", SMTP_EXTENSION_AUTH},
    {"BINARYMIME", NULL, SMTP_EXTENSION_BINARYMIME},
    {"BURL", "any", SMTP_EXTENSION_BURL},
    {"CHECKPOINT", NULL, SMTP_EXTENSION_CHECKPOINT},
    {"CHUNKING", NULL, SMTP_EXTENSION_CHUNKING},
    {"CONNEG", NULL, SMTP_EXTENSION_CONNEG},
    {"CONPERM", NULL, SMTP_EXTENSION_CONPERM},
    {"DELIVERBY", "ehlo-deliverby", SMTP_EXTENSION_DELIVERBY},
    {"DSN", NULL, SMTP_EXTENSION_DSN},
    {"ENHANCEDSTATUSCODES", NULL, SMTP_EXTENSION_ENHANCEDSTATUSCODES},
    {"ETRN", NULL, SMTP_EXTENSION_ETRN},
    {"EXPN", NULL, SMTP_EXTENSION_EXPN},
    {"FUTURERELEASE", "ehlo-futurerelease", SMTP_EXTENSION_FUTURERELEASE},
    {"HELP", NULL, SMTP_EXTENSION_HELP},
    {"LIMITS", "ehlo-limit", SMTP_EXTENSION_LIMITS},
    {"MT-PRIORITY", "ehlo-profile", SMTP_EXTENSION_MT_PRIORITY},
    {"MTRK", NULL, SMTP_EXTENSION_MTRK},
    {"NO-SOLICITING", "ehlo-solicitation", SMTP_EXTENSION_NO_SOLICITING},
    {"ONEX", NULL, SMTP_EXTENSION_ONEX},
    {"PIPELINING", NULL, SMTP_EXTENSION_PIPELINING},
    {"REQUIRETLS", NULL, SMTP_EXTENSION_REQUIRETLS},
    {"RRVS", NULL, SMTP_EXTENSION_RRVS},
    {"SAML", NULL, SMTP_EXTENSION_SAML},
    {"SEND", NULL, SMTP_EXTENSION_SEND},
    {"SIZE", "ehlo-size", SMTP_EXTENSION_SIZE},
    {"SMTPUTF8", NULL, SMTP_EXTENSION_SMTPUTF8},
    {"SOML", NULL, SMTP_EXTENSION_SOML},
    {"STARTTLS", NULL, SMTP_EXTENSION_STARTTLS},
    {"SUBMITTER", NULL, SMTP_EXTENSION_SUBMITTER},
    {"TURN", NULL, SMTP_EXTENSION_TURN},
    {"UTF8SMTP", "any", SMTP_EXTENSION_UTF8SMTP},
    {"VERB", NULL, SMTP_EXTENSION_VERB},
    {"VRFY", NULL, SMTP_EXTENSION_VRFY},
    {"XCLIENT", "any", SMTP_EXTENSION_XCLIENT},
    {"XFORWARD", "any", SMTP_EXTENSION_XFORWARD},
};
#define EXTENSIONS (sizeof extensions / sizeof *extensions)

/* RFC 3339: the digits, saturated. */
static uint64_t number_of(struct slice text)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(text.ptr[i] - '0'), &number))
            return UINT64_MAX;
    return number;
}

/* RFC 9422 4: three limits have a number, others any value or none. */
static bool model_limits(struct slice params)
{
    static const struct slice numbered[] = {SLICE_INIT("MAILMAX"), SLICE_INIT("RCPTMAX"),
                                            SLICE_INIT("RCPTDOMAINMAX")};
    bool valid = params.len > 0;
    for (struct slice rest = params; rest.len > 0;) {
        struct slice word = slice_sub(rest, 0, slice_find(rest, ' '));
        struct slice name = slice_sub(word, 0, slice_find(word, '='));
        bool number = false;
        for (size_t i = 0; i < 3; i++)
            number = number || slice_equal_nocase(name, numbered[i]);
        valid = valid && grammar_has(number ? "ehlo-limit-numbered" : "ehlo-limit", word);
        rest = slice_from(rest, word.len < rest.len ? word.len + 1 : word.len);
    }
    return valid;
}

/* The day of a date-time of the grammar is one that its month has. */
static bool day_exists(struct slice date_time)
{
    static const unsigned days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t year = number_of(date_time), month = number_of(slice_from(date_time, 5));
    uint64_t day = number_of(slice_from(date_time, 8));
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] && (month != 2 || day < 29 || leap);
}

static bool model_params(const char *rule, struct slice params)
{
    if (rule != NULL && strcmp(rule, "ehlo-limit") == 0)
        return model_limits(params);
    return rule == NULL ? params.len == 0 : strcmp(rule, "any") == 0 || grammar_has(rule, params);
}

/* One line, and whether its extension was met before. */
static void check_line(struct slice text, const struct smtp_ehlo_keyword *k, bool seen)
{
    bool line = grammar_has("ehlo-line", text), old = grammar_has("old-auth-line", text);
    FUZZ_LAW((line || old) == !(k->quirks & SMTP_QUIRK_INVALID_KEYWORD),
             "a line is a keyword where the grammar has one");
    FUZZ_LAW(!old || (k->quirks & SMTP_QUIRK_AUTH_EQUALS), "the old form of AUTH is named");
    if (!line && !old)
        return;
    size_t end = 0, n = 0;
    while (end < text.len && text.ptr[end] != ' ' && text.ptr[end] != '=')
        end++;
    struct slice keyword = slice_sub(text, 0, end);
    struct slice params = slice_from(text, end < text.len ? end + 1 : end);
    FUZZ_LAW(same_place(k->keyword, keyword) && same_place(k->params, params),
             "a keyword is what stands before the first SP");
    while (n < EXTENSIONS &&
           !slice_equal_nocase(slice_of(extensions[n].keyword, strlen(extensions[n].keyword)),
                               keyword))
        n++;
    FUZZ_LAW(k->extension == (n < EXTENSIONS ? extensions[n].extension : SMTP_EXTENSION_UNKNOWN),
             "an extension is known by its keyword");
    if (n == EXTENSIONS)
        return;
    bool valid = model_params(extensions[n].rule, params);
    struct slice first = slice_sub(params, 0, slice_find(params, ' '));
    struct slice second = slice_from(params, first.len < params.len ? first.len + 1 : params.len);
    if (k->extension == SMTP_EXTENSION_DELIVERBY)
        first = slice_sub(params, 0, slice_find(params, ','));
    bool future = k->extension == SMTP_EXTENSION_FUTURERELEASE;
    bool size = k->extension == SMTP_EXTENSION_SIZE;
    if (future)
        valid = valid && number_of(first) > 0 && day_exists(second);
    FUZZ_LAW(valid == !(k->quirks & SMTP_QUIRK_INVALID_EHLO_PARAM),
             "parameters are valid where their grammar says so");
    FUZZ_LAW(!valid || k->size == (size ? number_of(params) : 0), "a size is what its digits say");
    bool seconds = future || k->extension == SMTP_EXTENSION_DELIVERBY;
    FUZZ_LAW(!valid || k->seconds == (seconds ? number_of(first) : 0),
             "seconds are what their digits say");
    FUZZ_LAW(!valid || slice_equal(k->until, future ? second : SLICE("")), "until is its word");
    FUZZ_LAW(seen == ((k->quirks & SMTP_QUIRK_DUPLICATE_KEYWORD) != 0),
             "a keyword that stands twice is named");
}

static void check_model(const struct smtp_reply *reply)
{
    bool seen[EXTENSIONS + 64] = {false}; /* by extension; [0]: the old form of AUTH */
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword keyword;
    struct slice rest = reply->raw;
    struct smtp_reply_line line;
    smtp_ehlo_begin(reply, &ehlo);
    smtp_reply_line_next(&rest, &line);
    while (smtp_reply_line_next(&rest, &line)) {
        FUZZ_LAW(smtp_ehlo_next(&ehlo, &keyword), "a line is a keyword");
        bool old = (keyword.quirks & SMTP_QUIRK_AUTH_EQUALS) != 0;
        size_t n = old ? 0 : keyword.extension;
        bool known = keyword.extension != SMTP_EXTENSION_UNKNOWN;
        if (grammar_takes(line.text))
            check_line(line.text, &keyword, known && seen[n]);
        seen[n] = seen[n] || known;
    }
}

/* A keyword with parameters that its grammar has, or nearly. */
static void check_instance(uint64_t seed)
{
    char text[512];
    uint8_t room[GRAMMAR_MAX_OCTETS];
    struct writer out = writer_of(room, sizeof room);
    size_t n = seed % EXTENSIONS;
    const char *rule = extensions[n].rule;
    if (rule == NULL || strcmp(rule, "any") == 0 ||
        !grammar_make(rule, seed, (seed >> 33 & 1) != 0, &out) ||
        slice_find(writer_slice(&out), '\n') < out.len)
        return;
    int len = snprintf(text, sizeof text, "250-x\r\n250 %s ", extensions[n].keyword);
    memcpy(text + len, room, out.len);
    memcpy(text + (size_t)len + out.len, "\r\n", 2);
    struct smtp_reply reply = {.raw = slice_of(text, (size_t)len + out.len + 2)};
    check_model(&reply);
    check_short_way(&reply);
}

/* A keyword that a knob chooses, alone and with a parameter: no input has to name it. */
static void check_extension(size_t knob)
{
    char text[64];
    const char *keyword = extensions[knob % EXTENSIONS].keyword;
    int len = snprintf(text, sizeof text, "250-x\r\n250 %s%s\r\n", keyword,
                       knob / EXTENSIONS % 2 == 0 ? "" : " x");
    struct smtp_reply reply = {.raw = slice_of(text, (size_t)len)};
    check_model(&reply);
}

/* RFC 5321 4.1.1.1: "250" ( SP / "-" ) Domain [ SP ehlo-greet ] */
static void check_first_line(const struct smtp_reply *reply, const struct smtp_ehlo *ehlo)
{
    struct slice rest = reply->raw;
    struct smtp_reply_line line;
    smtp_reply_line_next(&rest, &line);
    size_t space = slice_find(line.text, ' ');
    FUZZ_LAW(slice_equal(ehlo->domain, slice_sub(line.text, 0, space)) &&
                 slice_equal(ehlo->greet, slice_from(line.text, space + (space < line.text.len))),
             "domain and greeting are what stands around the first SP");
    if (grammar_takes(ehlo->domain) && ehlo->domain.len > 0)
        FUZZ_LAW(grammar_has("Domain", ehlo->domain) ==
                     !(smtp_ehlo_domain_quirks(reply) & SMTP_QUIRK_INVALID_DOMAIN),
                 "a server names itself by a Domain");
}

/* A greeting by a name, an address and others; and classes as long as RFC 3865 2.1 lets them be. */
static void check_made(size_t knob)
{
    static const char *const domains[] = {"a.example", "[192.0.2.1]", "[IPv6:::1]", "-a", "a..b"};
    static char text[1100];
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword keyword;
    int len = snprintf(text, sizeof text, "250 %s hello  you\r\n", domains[knob % 5]);
    struct smtp_reply reply = {.raw = slice_of(text, (size_t)len)};
    smtp_ehlo_begin(&reply, &ehlo);
    check_first_line(&reply, &ehlo);
    if (knob % 8 > 1)
        return;
    len = snprintf(text, sizeof text, "250-x\r\n250 NO-SOLICITING a%0*d\r\n", 999 + (int)(knob % 8),
                   0);
    reply.raw = slice_of(text, (size_t)len);
    smtp_ehlo_begin(&reply, &ehlo);
    FUZZ_LAW(smtp_ehlo_next(&ehlo, &keyword) &&
                 (knob % 8 == 1) == ((keyword.quirks & SMTP_QUIRK_INVALID_EHLO_PARAM) != 0),
             "classes have 1000 octets at most");
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct smtp_reply_parser parser = {.limits = {MAX_OCTETS, MAX_OCTETS}};
    struct smtp_reply reply;
    struct smtp_ehlo ehlo;
    struct smtp_ehlo_keyword found;
    check_extension(fuzz_knob(in, 0, 256));
    check_made(fuzz_knob(in, 0, 256));
    check_instance(slice_hash(SLICE_HASH, in));
    if (smtp_reply_parse(&parser, in, &reply).status == PARSE_OK) {
        smtp_ehlo_begin(&reply, &ehlo);
        FUZZ_LAW(fuzz_inside(ehlo.domain, reply.raw) && fuzz_inside(ehlo.greet, reply.raw),
                 "domain and greeting lie in the reply");
        check_first_line(&reply, &ehlo);
        FUZZ_LAW((ehlo.domain.len == 0) ==
                     ((smtp_ehlo_domain_quirks(&reply) & SMTP_QUIRK_NO_DOMAIN) != 0),
                 "a reply has a domain, or the quirk that it has none");
        struct smtp_ehlo_keyword keyword;
        size_t keywords = 0;
        while (smtp_ehlo_next(&ehlo, &keyword)) {
            if (keywords++ < 64) /* each is looked for from the start */
                check_keyword(&reply, &keyword);
        }
        FUZZ_LAW(keywords + 1 == reply.lines, "each line but the first is a keyword");
        bool listed;
        FUZZ_LINEAR(in.len, listed = smtp_ehlo_find(&reply, SLICE("no keyword"), &found));
        FUZZ_LAW(!listed, "what is not listed is not found");
        check_short_way(&reply);
        check_case(&reply);
        check_model(&reply);
    }
    fuzz_free(in);
    return 0;
}
