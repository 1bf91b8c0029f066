#include "campaign/finding.h"

#include "base/octet.h"
#include "campaign/account.h"

#define BEFORE "before.example" /* in the place of NAMES_TEXT */
#define OCTETS 8192             /* of what is said in a step, at most */

static void put(struct writer *w, const char *text)
{
    writer_put(w, slice_of_cstr(text));
}

/* ---- what the client says ---- */

static bool is_printable(struct slice octets)
{
    for (size_t i = 0; i < octets.len; i++)
        if (!octet_is(octets.ptr[i], OCTET_GRAPHIC) && octets.ptr[i] != ' ')
            return false;
    return true;
}

/* "${" would be read as a variable. */
static bool put_dollar(struct writer *w, struct slice octets, size_t at)
{
    bool begins = at + 1 < octets.len && octets.ptr[at] == '$' && octets.ptr[at + 1] == '{';
    if (begins)
        put(w, "$$");
    return begins;
}

/* What begins at `at` and is not written as it stands; returns its octets, 0 where there is none.
 */
static size_t put_special(struct writer *w, struct slice octets, size_t at)
{
    size_t len = 0;
    writer_put(w, account_variable(slice_from(octets, at), &len));
    return len > 0 ? len : put_dollar(w, octets, at) ? 1 : 0;
}

static void put_plain_line(struct writer *w, struct slice line)
{
    put(w, "C: ");
    for (size_t i = 0, len; i<line.len; i += len> 0 ? len : 1) {
        len = put_special(w, line, i);
        if (len == 0)
            writer_put_octet(w, line.ptr[i]);
    }
    put(w, "\n");
}

static void put_escaped(struct writer *w, uint8_t octet, bool last)
{
    static const char digits[] = "0123456789abcdef";
    if (octet == '\r' || octet == '\n' || octet == '\t' || octet == '\0' || octet == '\\') {
        writer_put_octet(w, '\\');
        writer_put_octet(w, octet == '\r'   ? 'r'
                            : octet == '\n' ? 'n'
                            : octet == '\t' ? 't'
                            : octet == '\0' ? '0'
                                            : '\\');
    } else if (octet_is(octet, OCTET_GRAPHIC) || (octet == ' ' && !last)) {
        writer_put_octet(w, octet);
    } else {
        put(w, "\\x");
        writer_put_octet(w, (uint8_t)digits[octet >> 4]);
        writer_put_octet(w, (uint8_t)digits[octet & 15]);
    }
}

static void put_escaped_line(struct writer *w, struct slice octets)
{
    put(w, "C!: ");
    for (size_t i = 0, len; i<octets.len; i += len> 0 ? len : 1) {
        len = put_special(w, octets, i);
        if (len == 0)
            put_escaped(w, octets.ptr[i], i + 1 == octets.len);
    }
    put(w, "\n");
}

/* Through the first CRLF, or all. */
static size_t line_octets(struct slice in)
{
    for (size_t at = 0; at + 1 < in.len; at++)
        if (in.ptr[at] == '\r' && in.ptr[at + 1] == '\n')
            return at + 2;
    return in.len;
}

void finding_said(const struct session_step *step, struct writer *w)
{
    for (struct slice rest = step->said; rest.len > 0;) {
        size_t octets = line_octets(rest);
        struct slice line = slice_sub(rest, 0, octets);
        bool ended = octets >= 2 && line.ptr[octets - 1] == '\n' && line.ptr[octets - 2] == '\r';
        struct slice text = slice_sub(line, 0, ended ? octets - 2 : octets);
        bool chunk = step->verb == SMTP_VERB_BDAT || step->injects; /* its octets are no lines */
        if (ended && !chunk && is_printable(text))
            put_plain_line(w, text);
        else
            put_escaped_line(w, line = chunk ? rest : line);
        rest = slice_from(rest, line.len);
    }
}

/* ---- what the server should say ---- */

static void put_code(struct writer *w, unsigned code)
{
    put(w, "S: ");
    if (code < 200 || code > 599)
        put(w, "*");
    else
        writer_put_number(w, code);
    put(w, "\n");
}

/* The line that the server breaks. */
static void put_verdict(struct writer *w, const struct session *s)
{
    const struct session_step *step = &s->steps[s->at];
    bool refused = step->further > 0 && step->code / 100 != 2; /* a message, and more was said */
    switch (s->oracle) {
    case ORACLE_RCPT_WITHOUT_MAIL:
    case ORACLE_MESSAGE_WITHOUT_RCPT:
    case ORACLE_BDAT_WITHOUT_RCPT:
    case ORACLE_NESTED_MAIL:
    case ORACLE_AUTH_IN_MAIL:
    case ORACLE_AUTH_TWICE:
    case ORACLE_AUTH_BYPASSED:
    case ORACLE_AUTH_NO_PASSWORD:
    case ORACLE_AUTH_WRONG_PASSWORD:
    case ORACLE_TLS_STATE:
        put(w, "S: 5xx | unclear 4xx\n");
        break;
    case ORACLE_OUT_OF_SEQUENCE:
        put(w, "S: !503\n");
        break;
    case ORACLE_AUTH_ANSWER_RUN:
        put(w, "S: 5xx | unclear 4xx/235/334\n");
        break;
    case ORACLE_PIECES:
        put_code(w, step->code);
        if (step->further > 0)
            put(w, "%quiet 1s | unclear 421\n");
        break;
    case ORACLE_EXTRA_REPLY:
    case ORACLE_BARE_CR:
    case ORACLE_CHUNK_RUN:
        put_code(w, step->code);
        put(w, "%quiet 1s | unclear 421\n");
        break;
    case ORACLE_TLS_INJECTION: /* not to shake hands is safe, too */
        put(w, "S: 220\n%tls refused=pass\n%quiet 1s | unclear 421/554\n");
        break;
    case ORACLE_TLS_IN_CLEAR:
        put(w, "S: 220\n%within 3s\nS: <quiet>/<alert>/<EOF> | unclear 4xx/5xx\n");
        break;
    case ORACLE_TLS_AGAIN:
        put(w, "S: 250\n%ehlo -STARTTLS\n");
        break;
    case ORACLE_END_OF_DATA: /* it may refuse the message early, and then be quiet */
        if (refused)
            put_code(w, step->code);
        put(w, refused ? "%quiet 1s | unclear 421\n" : "%quiet 1s | unclear 4xx/5xx\n");
        break;
    case ORACLE_CRASH:
    case ORACLE_HANG: /* where it said so much, it serves another client no more */
        put_code(w, step->code);
        if (step->code != 0)
            put(w, "%connect[b]\nS[b]: *\n");
        break;
    case ORACLE_BEHIND_QUIT:
        put(w, "S: <EOF> | unclear 421\n");
        break;
    case ORACLE_REPLY_STATUS_CLASS:
        put(w, "S: *\n%reply enhanced-class\n");
        break;
    case ORACLE_SESSION_LEAK:
    case ORACLE_STALE_WORDS:
        for (unsigned i = 0; i <= step->further; i++)
            put(w, "S: *\n%reply no /(?i)before[.]example/\n");
        break;
    case ORACLE_REPLY_CODE_RANGE:
        put(w, "S~: ^[2-5][0-5][0-9]\n");
        break;
    case ORACLE_REPLY_LINE_ENDING:
        put(w, "S: *\n%reply crlf\n");
        break;
    case ORACLE_REPLY_CONTROL:
        put(w, "S: *\n%reply no /[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]/\n");
        break;
    case ORACLE_REPLY_EIGHT_BIT:
        put(w, "S: *\n%reply ascii\n");
        break;
    case ORACLE_REPLY_LONG_LINE:
        put(w, "S: *\n%reply length<=512\n");
        break;
    default:
        put(w, "S: *\n");
        break;
    }
}

/* ---- the whole ---- */

void finding_title(const struct session *s, struct writer *w)
{
    const struct session_step *step = &s->steps[s->at];
    struct slice verb = smtp_verb_name(step->verb);
    put(w, oracle_rows[s->oracle].summary);
    put(w, " (");
    writer_put(w, verb);
    put(w, verb.len == 0 ? (step->kind == DIALOGUE_MESSAGE    ? "a message, "
                            : step->kind == DIALOGUE_GREETING ? "the greeting, "
                            : step->kind == DIALOGUE_ANSWER   ? "an answer to AUTH, "
                                                              : "")
                         : ", ");
    put(w, shadow_since_text(s->since));
    put(w, ")");
}

/* "RFC 5321 4.1.4" as "5321#4.1.4" */
static void put_rfc(struct writer *w, const char *section)
{
    for (const char *at = section + 4; *at != '\0'; at++)
        writer_put_octet(w, *at == ' ' ? '#' : (uint8_t)*at);
}

/* What was said, with the name that this session gives itself. Where words come back that are not
 * this session's, or are of before EHLO, those have another. */
static void put_said(const struct session_step *step, bool before, struct writer *w)
{
    uint8_t room[OCTETS];
    struct writer said = writer_of(room, sizeof room);
    struct session_step named = *step;
    if (before)
        names_replace(step->said, SLICE(BEFORE), &said);
    if (before && !said.overflow)
        named.said = writer_slice(&said);
    finding_said(&named, w);
}

/* The first step that is said as it is: the one with the last EHLO before the end. */
static size_t last_hello(const struct session *s)
{
    size_t at = s->at;
    while (at > 0 &&
           !((s->steps[at - 1].verb == SMTP_VERB_EHLO || s->steps[at - 1].verb == SMTP_VERB_HELO) &&
             s->steps[at - 1].code / 100 == 2))
        at--;
    return at > 0 ? at - 1 : 0;
}

/* The session before, whose words come back: the same. */
static void put_session_before(const struct session *s, struct writer *w)
{
    for (size_t i = 0; i < s->count; i++) {
        put_said(&s->steps[i], true, w);
        for (unsigned k = 0; k < s->steps[i].further + (s->steps[i].code != 0); k++)
            put(w, "S: *\n");
        if (s->steps[i].secured)
            put(w, "%tls\n");
    }
    put(w, "%connect\n");
}

void finding_script(const struct session *s, struct writer *w)
{
    const struct oracle_row *row = &oracle_rows[s->oracle];
    char key[160];
    size_t key_len = session_name(s, key, sizeof key);
    put(w, "%test \"");
    finding_title(s, w);
    put(w, "\" rfc=");
    put_rfc(w, row->section);
    put(w, " level=SECURITY id=");
    writer_put(w, slice_of(key, key_len));
    put(w, " tags=fuzz,");
    put(w, row->name);
    put(w, ",");
    put(w, row->severity);
    put(w, "\n");
    if (s->pieces)
        put(w, "%segment 1 every 5ms\n");
    size_t first = s->at; /* of those that leave together with the last */
    while (s->steps[first].joined)
        first--;
    if (s->oracle == ORACLE_SESSION_LEAK)
        put_session_before(s, w);
    size_t fresh = s->oracle == ORACLE_STALE_WORDS ? last_hello(s) : 0;
    for (size_t i = 0; i <= s->at; i++) {
        put_said(&s->steps[i], i < fresh, w);
        if (i >= first)
            continue;
        if (s->steps[i].code != 0)
            put_code(w, s->steps[i].code);
        if (s->steps[i].secured)
            put(w, "%tls\n");
        if (i == 0 && s->led)
            put(w, "C: EHLO client.example\nS: 250\nC: STARTTLS\nS: 220\n%tls\n");
        for (unsigned k = 0; k < s->steps[i].further; k++)
            put(w, "S: *\n");
    }
    for (size_t i = first; i < s->at; i++)
        if (s->steps[i].awaited)
            put(w, "S: *\n");
    put_verdict(w, s);
}
