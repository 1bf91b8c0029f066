#include "server/session.h"

/* After EHLO or HELO, so that a fault in the form of replies spares what comes before. */
static bool broken(const struct server *s, enum fault which)
{
    return s->greeted && !s->closing && fault(s, which);
}

/* RFC 5321 4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ]
 * CRLF */
static void put_line(struct server *s, unsigned code, bool last, struct slice text)
{
    struct writer w = writer_of(s->output + s->output_len, s->output_room - s->output_len);
    bool multiline_space = fault(s, FAULT_MULTILINE_SPACE);
    bool bare = broken(s, FAULT_REPLY_BARE_CODE) && code == 250;
    writer_put_number(&w, broken(s, FAULT_REPLY_CODE_RANGE) && code == 250 ? 290 : code);
    if (!bare)
        writer_put_octet(&w, last || multiline_space ? ' ' : '-');
    if (!bare)
        writer_put(&w, text);
    for (unsigned i = 0; i < 60 && last && broken(s, FAULT_REPLY_LONG_LINE); i++)
        writer_put(&w, SLICE(" and so on"));
    if (broken(s, FAULT_REPLY_EIGHT_BIT))
        writer_put(&w, SLICE(" \xc3\xa9"));
    if (broken(s, FAULT_REPLY_CONTROL))
        writer_put(&w, SLICE(" \x07"));
    writer_put(&w, broken(s, FAULT_REPLY_BARE_LF) ? SLICE("\n") : SLICE("\r\n"));
    s->output_len += w.overflow ? 0 : w.len; /* server_receive keeps reply_octets free */
}

void session_reply_line(struct server *s, unsigned code, bool last, struct slice text)
{
    put_line(s, code, last, text);
    if (last && broken(s, FAULT_REPLY_TWICE) && code == 250)
        put_line(s, code, last, text);
}

/* RFC 2034 4, RFC 3463 2: what stands before the text. */
static struct slice enhanced_code(const struct server *s, unsigned code, bool last,
                                  const char *enhanced)
{
    bool left_out = fault(s, FAULT_NO_ENHANCED) ||
                    (fault(s, FAULT_ENHANCED_NOT_ON_ERRORS) && code >= 500) ||
                    (fault(s, FAULT_ENHANCED_NOT_AFTER_HELO) && !s->extended) ||
                    (fault(s, FAULT_ENHANCED_NOT_FOR_STARTTLS) && code == 220) ||
                    (fault(s, FAULT_ENHANCED_ONCE) && !last);
    if (left_out)
        return SLICE("");
    if (fault(s, FAULT_ENHANCED_CLASS))
        return code >= 500 ? SLICE("2.0.0") : SLICE("5.0.0");
    if (fault(s, FAULT_ENHANCED_SYNTAX))
        return code >= 500 ? SLICE("5.05.1") : SLICE("2.00.0");
    if (fault(s, FAULT_ENHANCED_UNREGISTERED) && code >= 500)
        return SLICE("5.99.99");
    return slice_of_cstr(enhanced);
}

void session_reply_part(struct server *s, unsigned code, bool last, const char *enhanced,
                        const char *before, struct slice text, const char *after)
{
    uint8_t line[SESSION_PATH_OCTETS];
    struct writer w = writer_of(line, 500);
    struct slice status = enhanced[0] == '\0' ? SLICE("") : enhanced_code(s, code, last, enhanced);
    writer_put(&w, status);
    if (status.len > 0)
        writer_put_octet(&w, ' ');
    writer_put(&w, slice_of_cstr(before));
    writer_put(&w, text);
    writer_put(&w, slice_of_cstr(after));
    session_reply_line(s, code, last, writer_slice(&w));
}

void session_reply(struct server *s, unsigned code, const char *enhanced, const char *text)
{
    session_reply_part(s, code, true, enhanced, text, SLICE(""), "");
}

void session_refuse(struct server *s, struct refusal refusal)
{
    session_reply(s, refusal.code, refusal.enhanced, refusal.text);
}
