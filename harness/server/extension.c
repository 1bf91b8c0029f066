#include "server/session.h"

#define MODE(m)  (1u << (m))
#define ANY_MODE (MODE(SERVER_MX) | MODE(SERVER_SUBMISSION) | MODE(SERVER_LMTP))
#define NO_FAULT FAULT_COUNT

static void write_size(const struct server *s, struct writer *out)
{
    if (fault(s, FAULT_SIZE_KEYWORD))
        writer_put(out, SLICE(" 1M"));
    else {
        writer_put_octet(out, ' ');
        writer_put_number(out, s->config.max_message_octets);
    }
}

/* RFC 2852 3: deliverby-param = min-by-time *( ',' extension-token ) */
static void write_by(const struct server *s, struct writer *out)
{
    (void)s;
    writer_put_octet(out, ' ');
    writer_put_number(out, EXTENSION_MIN_BY);
}

/* RFC 4865 5: "FUTURERELEASE" SP max-interval SP max-date-time */
static void write_hold(const struct server *s, struct writer *out)
{
    if (fault(s, FAULT_FUTURERELEASE_KEYWORD))
        return;
    writer_put_octet(out, ' ');
    writer_put_number(out, EXTENSION_HOLD_SECONDS);
    writer_put_octet(out, ' ');
    trace_write_timestamp(session_time(s) + EXTENSION_HOLD_SECONDS * (int64_t)1000, out);
}

/* RFC 6710 7: the name of a profile, 1*20 octets; none is the default one */
static void write_priority(const struct server *s, struct writer *out)
{
    if (fault(s, FAULT_MT_PRIORITY_KEYWORD))
        writer_put(out, SLICE(" MIXER STANAG4406"));
}

/* RFC 9422 3 */
static void write_limits(const struct server *s, struct writer *out)
{
    bool zero = fault(s, FAULT_LIMITS_ZERO);
    writer_put(out, SLICE(" MAILMAX="));
    writer_put_number(out, zero ? 0 : s->config.max_transactions);
    writer_put(out, SLICE(" RCPTMAX="));
    writer_put_number(out, zero ? 0 : s->config.max_recipients);
    if (fault(s, FAULT_LIMITS_SYNTAX))
        writer_put(out, SLICE(" =7"));
}

static void write_attributes(const struct server *s, struct writer *out)
{
    (void)s;
    writer_put(out, SLICE(" NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"));
}

/* A row for each extension: where it is offered, what its keyword is followed by, the fault that
 * gives the keyword an argument it may not have, and the fault that leaves the keyword out. */
static const struct {
    const char *keyword;
    unsigned modes;
    void (*write)(const struct server *s, struct writer *out);
    enum fault argument, hidden;
} extensions[SERVER_EXTENSIONS] = {
    [SERVER_PIPELINING] = {"PIPELINING", ANY_MODE, NULL, FAULT_PIPELINING_ARGUMENT,
                           FAULT_PIPELINING_HIDDEN},
    [SERVER_SIZE] = {"SIZE", ANY_MODE, write_size, NO_FAULT, NO_FAULT},
    [SERVER_8BITMIME] = {"8BITMIME", ANY_MODE, NULL, FAULT_8BITMIME_ARGUMENT,
                         FAULT_8BITMIME_HIDDEN},
    [SERVER_CHUNKING] = {"CHUNKING", ANY_MODE, NULL, FAULT_CHUNKING_ARGUMENT,
                         FAULT_CHUNKING_HIDDEN},
    [SERVER_BINARYMIME] = {"BINARYMIME", ANY_MODE, NULL, FAULT_BINARYMIME_ARGUMENT, NO_FAULT},
    [SERVER_SMTPUTF8] = {"SMTPUTF8", ANY_MODE, NULL, FAULT_SMTPUTF8_ARGUMENT, NO_FAULT},
    [SERVER_DSN] = {"DSN", ANY_MODE, NULL, FAULT_DSN_ARGUMENT, FAULT_DSN_HIDDEN},
    [SERVER_DELIVERBY] = {"DELIVERBY", ANY_MODE, write_by, NO_FAULT, NO_FAULT},
    [SERVER_FUTURERELEASE] = {"FUTURERELEASE", MODE(SERVER_SUBMISSION), write_hold, NO_FAULT,
                              NO_FAULT},
    [SERVER_MT_PRIORITY] = {"MT-PRIORITY", ANY_MODE, write_priority, NO_FAULT, NO_FAULT},
    [SERVER_RRVS] = {"RRVS", ANY_MODE, NULL, FAULT_RRVS_ARGUMENT, NO_FAULT},
    [SERVER_REQUIRETLS] = {"REQUIRETLS", ANY_MODE, NULL, FAULT_REQUIRETLS_ARGUMENT, NO_FAULT},
    [SERVER_LIMITS] = {"LIMITS", ANY_MODE, write_limits, NO_FAULT, NO_FAULT},
    [SERVER_ETRN] = {"ETRN", MODE(SERVER_MX), NULL, FAULT_ETRN_ARGUMENT, NO_FAULT},
    [SERVER_EXPN] = {"EXPN", ANY_MODE, NULL, NO_FAULT, FAULT_EXPN_HIDDEN},
    [SERVER_VRFY] = {"VRFY", ANY_MODE, NULL, NO_FAULT, NO_FAULT},
    [SERVER_HELP] = {"HELP", ANY_MODE, NULL, NO_FAULT, NO_FAULT},
    [SERVER_STARTTLS] = {"STARTTLS", ANY_MODE, NULL, FAULT_STARTTLS_ARGUMENT,
                         FAULT_STARTTLS_HIDDEN},
    [SERVER_AUTH] = {"AUTH", ANY_MODE, auth_write_mechanisms, NO_FAULT, FAULT_AUTH_HIDDEN},
    [SERVER_XCLIENT] = {"XCLIENT", ANY_MODE, write_attributes, NO_FAULT, NO_FAULT},
    [SERVER_ENHANCEDSTATUSCODES] = {"ENHANCEDSTATUSCODES", ANY_MODE, NULL, FAULT_ENHANCED_ARGUMENT,
                                    FAULT_ENHANCED_HIDDEN},
};

const char *server_extension_name(enum server_extension extension)
{
    return extension < SERVER_EXTENSIONS ? extensions[extension].keyword : NULL;
}

bool extension_offered(const struct server *s, enum server_extension extension)
{
    bool here = (extensions[extension].modes & MODE(s->config.mode)) != 0;
    if ((s->config.without >> extension & 1) != 0)
        return false;
    switch (extension) {
    case SERVER_STARTTLS:
        return s->config.offer_tls && (!s->secured || fault(s, FAULT_TLS_OFFERED_TWICE));
    case SERVER_AUTH:
        return auth_offered(s);
    case SERVER_XCLIENT:
        return xclient_allowed(s) || fault(s, FAULT_XCLIENT_OFFERED);
    case SERVER_REQUIRETLS:
        return s->secured || fault(s, FAULT_REQUIRETLS_IN_CLEAR);
    case SERVER_FUTURERELEASE:
        return here || fault(s, FAULT_FUTURERELEASE_ANYWHERE);
    case SERVER_ETRN:
        return here || fault(s, FAULT_ETRN_ON_SUBMISSION);
    default:
        return here;
    }
}

static void announce_odd_lines(struct server *s)
{
    if (fault(s, FAULT_EHLO_UNREGISTERED))
        session_reply_line(s, 250, false, SLICE("PIPECONNECT"));
    if (fault(s, FAULT_EHLO_BAD_KEYWORD))
        session_reply_line(s, 250, false, SLICE("CHUNK_ING 1"));
    if (fault(s, FAULT_EHLO_DUPLICATE))
        session_reply_line(s, 250, false, SLICE("PIPELINING"));
}

static bool announced(const struct server *s, unsigned extension)
{
    return extension_offered(s, extension) && !fault(s, extensions[extension].hidden);
}

bool extension_any(const struct server *s)
{
    unsigned i = 0;
    while (i < SERVER_EXTENSIONS && !announced(s, i))
        i++;
    return i < SERVER_EXTENSIONS;
}

static void announce(struct server *s, unsigned extension, bool last)
{
    uint8_t line[256];
    struct writer w = writer_of(line, sizeof line);
    writer_put(&w, slice_of_cstr(extensions[extension].keyword));
    if (extensions[extension].write != NULL)
        extensions[extension].write(s, &w);
    if (fault(s, extensions[extension].argument))
        writer_put(&w, SLICE(" YES"));
    unsigned code = last && fault(s, FAULT_EHLO_MIXED_CODES) ? 251 : 250;
    session_reply_line(s, code, last, writer_slice(&w));
}

void extension_announce(struct server *s)
{
    unsigned last = SERVER_EXTENSIONS - 1;
    while (last > 0 && !announced(s, last))
        last--;
    announce_odd_lines(s);
    for (unsigned i = 0; i <= last; i++)
        if (announced(s, i))
            announce(s, i, i == last);
}
