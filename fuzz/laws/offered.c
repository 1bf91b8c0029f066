#include "laws/offered.h"

#include "laws/traced.h"

/* Where a line stands. */
enum {
    ALWAYS,
    FOR_MX,     /* RFC 1985 */
    UNDER_TLS,  /* RFC 8689 2 */
    BEFORE_TLS, /* RFC 3207 4.2 */
    FOR_PROXIES,
    AUTH_IN_CLEAR, /* RFC 4954 3: until somebody has authenticated */
    AUTH_UNDER_TLS,
};

static const struct {
    struct slice text;
    int where;
} lines[] = {
    {SLICE_INIT("mail.example.test"), ALWAYS},
    {SLICE_INIT("PIPELINING"), ALWAYS},
    {SLICE_INIT("SIZE 100"), ALWAYS},
    {SLICE_INIT("8BITMIME"), ALWAYS},
    {SLICE_INIT("CHUNKING"), ALWAYS},
    {SLICE_INIT("BINARYMIME"), ALWAYS},
    {SLICE_INIT("SMTPUTF8"), ALWAYS},
    {SLICE_INIT("DSN"), ALWAYS},
    {SLICE_INIT("DELIVERBY 60"), ALWAYS},
    {SLICE_INIT("MT-PRIORITY"), ALWAYS},
    {SLICE_INIT("RRVS"), ALWAYS},
    {SLICE_INIT("LIMITS MAILMAX=6 RCPTMAX=3"), ALWAYS},
    {SLICE_INIT("EXPN"), ALWAYS},
    {SLICE_INIT("VRFY"), ALWAYS},
    {SLICE_INIT("HELP"), ALWAYS},
    {SLICE_INIT("ENHANCEDSTATUSCODES"), ALWAYS},
    {SLICE_INIT("ETRN"), FOR_MX},
    {SLICE_INIT("REQUIRETLS"), UNDER_TLS},
    {SLICE_INIT("STARTTLS"), BEFORE_TLS},
    {SLICE_INIT("AUTH SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN"), AUTH_IN_CLEAR},
    {SLICE_INIT("AUTH SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN EXTERNAL OAUTHBEARER XOAUTH2"),
     AUTH_UNDER_TLS},
    {SLICE_INIT("XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"), FOR_PROXIES},
};

static bool stands(const struct shadowed *s, int where)
{
    bool auth = !s->authenticated && (!s->tls || s->secured);
    return where == ALWAYS || (where == FOR_MX && s->mode == SERVER_MX) ||
           (where == UNDER_TLS && s->secured) || (where == BEFORE_TLS && s->tls && !s->secured) ||
           (where == AUTH_IN_CLEAR && auth && !s->secured) ||
           (where == AUTH_UNDER_TLS && auth && s->secured) || (where == FOR_PROXIES && s->xclient);
}

/* A line of the reply, its text behind "250-" or "250 ". */
static size_t count(struct slice reply, struct slice text)
{
    size_t found = 0;
    for (size_t end; reply.len > 0; reply = slice_from(reply, end + 1)) {
        end = slice_find(reply, '\n');
        found += end > 4 && slice_equal(slice_sub(reply, 4, end - 1), text);
    }
    return found;
}

/* RFC 4865 5: for a day from now on. */
static struct slice hold_line(const struct shadowed *s, char room[64])
{
    return traced_date(s->unix_ms + INT64_C(86400000), "FUTURERELEASE 86400 %Y-%m-%dT%H:%M:%SZ",
                       room);
}

void offered_check(const struct shadowed *s)
{
    char room[64];
    size_t all = 0, hold = s->mode == SERVER_SUBMISSION && s->extended;
    for (size_t i = 0; i < s->answered.len; i++)
        all += s->answered.ptr[i] == '\n';
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        bool there = (i == 0 || s->extended) && stands(s, lines[i].where);
        FUZZ_LAW(count(s->answered, lines[i].text) == there,
                 "a keyword is offered where it holds, with its parameters");
        all -= there;
    }
    FUZZ_LAW(count(s->answered, hold_line(s, room)) == hold, "a hold has its most, from now on");
    FUZZ_LAW(all == hold, "and nothing else is offered");
}
