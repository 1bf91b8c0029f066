/* disagree: as a script that passes at the one server and fails at the other. */
#include "campaign/disagree.h"
#include "campaign/finding.h"

static void put(struct writer *w, const char *text)
{
    writer_put(w, slice_of_cstr(text));
}

/* What both said: the same code, or at least the same class. */
static void put_agreed(struct writer *w, unsigned x, unsigned y)
{
    put(w, "S: ");
    if (x == y && x >= 200 && x < 600)
        writer_put_number(w, x);
    else if (x / 100 == y / 100 && x >= 200 && x < 600) {
        writer_put_number(w, x / 100);
        put(w, "xx");
    } else {
        put(w, "*");
    }
    put(w, "\n");
}

/* What the first server does, where it is one of two good replies; else what the better one does.
 */
static void put_decisive(struct writer *w, const struct disagreement *d, unsigned code)
{
    switch (d->kind) {
    case DISAGREE_STATE:
    case DISAGREE_LINE:
        put(w, "S: ");
        writer_put_number(w, code / 100);
        put(w, "xx\n");
        break;
    case DISAGREE_REPLIES:
        put(w, "S: *\n%quiet 1s\n");
        break;
    case DISAGREE_END:
        put(w, "%quiet 1s\n");
        break;
    default:
        put(w, "S: *\n");
        break;
    }
}

/* The reply's first line, as a comment. */
static void put_answer(struct writer *w, struct slice name, const struct session *s, size_t at)
{
    put(w, "# ");
    writer_put(w, name);
    put(w, ": ");
    struct slice raw = at < s->count ? s->steps[at].raw : SLICE("");
    if (raw.len == 0)
        put(w, at < s->count && at + 1 == s->count && s->closed ? "closes" : "no reply");
    for (size_t i = 0; i < raw.len && raw.ptr[i] != '\r' && raw.ptr[i] != '\n'; i++)
        writer_put_octet(w, raw.ptr[i] < ' ' || raw.ptr[i] > '~' ? '?' : raw.ptr[i]);
    unsigned further = at < s->count ? s->steps[at].further : 0;
    if (further > 0) {
        put(w, " (and ");
        writer_put_number(w, further);
        put(w, " more)");
    }
    put(w, "\n");
}

static void put_section(struct writer *w, const char *section)
{
    for (const char *at = section + 4; *at != '\0'; at++) /* behind "RFC " */
        writer_put_octet(w, *at == ' ' ? '#' : (uint8_t)*at);
}

void disagree_script(const struct disagreement *d, const struct session *a, struct slice a_name,
                     const struct session *b, struct slice b_name, struct writer *w)
{
    const struct disagree_row *row = &disagree_rows[d->kind];
    put(w, "# Found by maildrill fuzz --differential: two servers do not mean the same. See it "
           "again with\n"
           "#   maildrill compare THIS --server ... --server ...\n%test \"");
    disagree_title(d, a_name, b_name, w);
    put(w, "\" rfc=");
    put_section(w, row->section);
    put(w, " level=INTEROP id=");
    disagree_key(d, w);
    put(w, " tags=fuzz,differential,");
    put(w, row->severity);
    put(w, "\n");
    for (size_t i = 0; i <= d->at; i++) {
        const struct session_step *x = &a->steps[i], *y = &b->steps[i];
        finding_said(x, w);
        if (i < d->at && (x->code != 0 || y->code != 0))
            put_agreed(w, x->code, y->code);
        for (unsigned k = 0; i < d->at && k < x->further && k < y->further; k++)
            put(w, "S: *\n");
    }
    put_answer(w, a_name, a, d->at);
    put_answer(w, b_name, b, d->at);
    put_decisive(w, d, a->steps[d->at].code);
}
