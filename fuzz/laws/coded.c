#include "laws/coded.h"

static bool is_hello(enum smtp_verb verb)
{
    return verb == SMTP_VERB_EHLO || verb == SMTP_VERB_HELO || verb == SMTP_VERB_LHLO;
}

/* RFC 2034 4, RFC 3463 2: each line has one, of the class of its code; a greeting has none. */
static void check_enhanced(const struct shadowed *s, enum smtp_verb verb, unsigned code)
{
    struct slice rest = s->answered;
    bool hello = is_hello(verb), none = code / 100 == 3 || (hello && code == 250) ||
                                        (verb == SMTP_VERB_XCLIENT && code == 220);
    for (size_t end; rest.len > 0; rest = slice_from(rest, end + 1)) {
        end = slice_find(rest, '\n');
        bool classed = end > 9 && rest.ptr[4] == rest.ptr[0] && rest.ptr[5] == '.';
        FUZZ_LAW(none || hello || classed, "an enhanced code has the class of the reply");
        FUZZ_LAW(!none || !classed, "a greeting, and what asks for more, has none");
    }
}

/* A domain that is surely another one, and no address. */
static bool is_elsewhere(struct slice domain)
{
    for (size_t i = 0; i < domain.len; i++)
        if ((domain.ptr[i] | 32) < 'a' || (domain.ptr[i] | 32) > 'z')
            return false;
    return domain.len > 0; /* "example.test" has a dot */
}

/* The code of what is out of sequence, or beyond a limit; 0: nothing is, or more than that. */
static unsigned refusal_of(const struct shadowed *s, const struct smtp_command *command)
{
    bool here = slice_equal_nocase(command->path.local_part, SLICE("bob")) &&
                slice_equal_nocase(command->path.domain, SLICE("example.test"));
    switch (command->verb) {
    case SMTP_VERB_MAIL:
        return s->mail ? 503 : s->transactions == SHADOWED_TRANSACTIONS ? 452 : 0;
    case SMTP_VERB_RCPT: /* 3.6.2: no relay of strangers' mail */
        return !s->mail                                                  ? 503
               : here && s->recipients == SHADOWED_RECIPIENTS            ? 452
               : !s->authenticated && is_elsewhere(command->path.domain) ? 550
                                                                         : 0;
    case SMTP_VERB_DATA:
        return s->recipients == 0 || s->chunked || s->binary ? 503 : 0;
    case SMTP_VERB_BDAT:
        return s->recipients == 0 ? 503 : 0;
    default:
        return 0;
    }
}

void coded_check(const struct shadowed *s, const struct smtp_command *command, unsigned code,
                 bool plain)
{
    check_enhanced(s, command->verb, code);
    unsigned refusal = plain ? refusal_of(s, command) : 0;
    FUZZ_LAW(refusal == 0 || code == refusal, "what is out of sequence has its code");
}
