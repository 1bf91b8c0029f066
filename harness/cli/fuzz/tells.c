#include "cli/fuzz/tells.h"

#include <stdio.h>

#define ANSWER_US 2000000

static const struct {
    const char *verb, *opens, *before, *after;
} queries[] = {
    {"VRFY", "", "VRFY ", "\r\n"},
    {"EXPN", "", "EXPN ", "\r\n"},
    {"RCPT", "MAIL FROM:<>\r\n", "RCPT TO:<", ">\r\n"},
};

/* Whether the last two replies say something for good, and not the same. */
static bool differ(const struct session *s)
{
    unsigned known = s->steps[s->count - 2].code, unknown = s->steps[s->count - 1].code;
    return known != unknown && known / 100 != 4 && unknown / 100 != 4 && known != 0 && unknown != 0;
}

void tells_note(const struct campaign *c, struct chronicle *chronicle)
{
    const struct options *o = c->options;
    char nobody[400], said[2000], answers[1000];
    if (o->rcpt == NULL)
        return;
    const char *domain = strrchr(o->rcpt, '@');
    snprintf(nobody, sizeof nobody, "maildrill-nobody%.300s", domain == NULL ? "" : domain);
    const char *unknown = o->norcpt == NULL ? nobody : o->norcpt;
    struct talk *t = talk_new(&c->address, &c->tls, ANSWER_US);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        int len = snprintf(said, sizeof said, "EHLO client.example\r\n%s%s%s%s%s%s%s",
                           queries[i].opens, queries[i].before, o->rcpt, queries[i].after,
                           queries[i].before, unknown, queries[i].after);
        if (len < 0 || (size_t)len >= sizeof said ||
            !talk(t, slice_of(said, (size_t)len), TALK_STEPS) || t->session.count < 4 ||
            !differ(&t->session))
            continue;
        const struct session_step *last = &t->session.steps[t->session.count - 1];
        snprintf(answers, sizeof answers, "%u to %.300s, %u to %.300s: it tells who is there",
                 last[-1].code, o->rcpt, last->code, unknown);
        chronicle_pair(chronicle, "noted", "what", slice_of_cstr(queries[i].verb), "answers",
                       slice_of_cstr(answers));
        if (!o->quiet)
            printf("noted: %s: %s (RFC 5321 7.3)\n", queries[i].verb, answers);
    }
    talk_free(t);
}
