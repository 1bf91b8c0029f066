#include "campaign/disagree.h"

#include "base/octet.h"
#include "campaign/graph.h"
#include "smtp/param.h"
#include "smtp/quirk.h"

/* clang-format off */
const struct disagree_row disagree_rows[DISAGREE_KINDS] = {
    [DISAGREE_NONE] = {"none", "", "", "they agree"},
    [DISAGREE_STATE] = {"state", "RFC 5321 4.1.4", "medium", "takes in this state what the other refuses"},
    [DISAGREE_LINE] = {"line", "RFC 5321 4.1.1", "low", "takes a line that is not well-formed, which the other refuses"},
    [DISAGREE_REPLIES] = {"replies", "RFC 5321 4.2", "high", "gives more replies to it than the other"},
    [DISAGREE_END] = {"end-of-data", "RFC 5321 4.1.1.4", "high", "takes a message before its end, for which the other waits"},
    [DISAGREE_CLOSED] = {"closed", "RFC 5321 3.8", "medium", "closes without a reply where the other replies"},
    [DISAGREE_SILENT] = {"silent", "RFC 5321 4.2", "medium", "says nothing where the other replies"},
    [DISAGREE_MALFORMED] = {"malformed", "RFC 5321 4.2", "medium", "says what is no reply where the other replies"},
};
/* clang-format on */

/* ---- what a reply means ---- */

enum meaning { YES, GO_ON, NO, NOT_NOW, LEAVES, CLOSES, SAYS_NOTHING, MALFORMED, NONE_DUE };

static enum meaning meaning_of(const struct session *s, size_t at)
{
    const struct session_step *step = &s->steps[at];
    if (step->code == 421 || (step->code == 221 && step->verb != SMTP_VERB_QUIT))
        return LEAVES;
    if (step->code != 0)
        return step->code / 100 == 2   ? YES
               : step->code / 100 == 3 ? GO_ON
               : step->code / 100 == 4 ? NOT_NOW
                                       : NO;
    if (at + 1 < s->count)
        return step->awaited ? MALFORMED : NONE_DUE;
    if (!step->awaited)
        return NONE_DUE;
    return s->closed ? CLOSES : s->silent ? SAYS_NOTHING : MALFORMED;
}

/* Servers leave those who make mistakes. */
static bool has_refused(const struct session *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (s->steps[i].code >= 400)
            return true;
    return false;
}

/* ---- extensions ---- */

/* The last EHLO reply before the step says `keyword`. */
static bool offers(const struct session *s, size_t at, struct slice keyword)
{
    for (size_t i = at; i-- > 0;) {
        const struct session_step *step = &s->steps[i];
        bool hello = step->verb == SMTP_VERB_EHLO || step->verb == SMTP_VERB_HELO;
        if (!hello || step->code / 100 != 2)
            continue;
        struct smtp_reply_line line;
        for (struct slice rest = step->raw; smtp_reply_line_next(&rest, &line);) {
            struct slice text = slice_trim(line.text);
            size_t word = slice_find(text, ' ');
            if (slice_equal_nocase(slice_sub(text, 0, word), keyword))
                return step->verb == SMTP_VERB_EHLO;
        }
        return false;
    }
    return false;
}

static bool both_offer(const struct session *a, const struct session *b, size_t at,
                       struct slice keyword)
{
    return offers(a, at, keyword) && offers(b, at, keyword);
}

/* The keyword that announces a parameter, where it is another word. */
static struct slice keyword_of(const struct smtp_param *param)
{
    static const struct {
        struct slice param, keyword;
    } rows[] = {
        {SLICE_INIT("RET"), SLICE_INIT("DSN")},
        {SLICE_INIT("ENVID"), SLICE_INIT("DSN")},
        {SLICE_INIT("NOTIFY"), SLICE_INIT("DSN")},
        {SLICE_INIT("ORCPT"), SLICE_INIT("DSN")},
        {SLICE_INIT("BY"), SLICE_INIT("DELIVERBY")},
        {SLICE_INIT("HOLDFOR"), SLICE_INIT("FUTURERELEASE")},
        {SLICE_INIT("HOLDUNTIL"), SLICE_INIT("FUTURERELEASE")},
    };
    if (slice_equal_nocase(param->keyword, SLICE("BODY")))
        return slice_equal_nocase(param->value, SLICE("BINARYMIME")) ? SLICE("BINARYMIME")
                                                                     : SLICE("8BITMIME");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (slice_equal_nocase(param->keyword, rows[i].param))
            return rows[i].keyword;
    return param->keyword;
}

static bool parse(const struct session_step *step, struct smtp_command *ret)
{
    struct slice line = step->said;
    return smtp_command_parse(line, SMTP_COMMAND_LINE_MAX_OCTETS, ret).status == PARSE_OK;
}

static bool both_know_params(const struct session *a, const struct session *b, size_t at)
{
    struct smtp_command command;
    struct smtp_param param;
    if (!parse(&a->steps[at], &command))
        return true;
    for (struct slice rest = command.params; smtp_param_next(&rest, &param);)
        if (!both_offer(a, b, at, keyword_of(&param)))
            return false;
    return true;
}

/* The verb of a line, however it goes on. */
static enum smtp_verb verb_of(const struct session_step *step)
{
    size_t len = 0;
    if (step->kind != DIALOGUE_COMMAND)
        return SMTP_VERB_UNKNOWN;
    while (len < step->said.len && octet_is(step->said.ptr[len], OCTET_ALPHA))
        len++;
    return smtp_verb_of(slice_sub(step->said, 0, len));
}

/* BDAT: how many octets follow is known to both for certain, or the comparison ends. */
static bool loses_track(const struct session *a, const struct session *b, size_t at)
{
    const struct session_step *step = &a->steps[at];
    struct smtp_command command;
    if (verb_of(step) != SMTP_VERB_BDAT)
        return false;
    return !step->certain || !parse(step, &command) || command.quirks != 0 ||
           !both_offer(a, b, at, SLICE("CHUNKING"));
}

/* Whether it is the server's own choice to take such a command. */
static bool is_choice(const struct session *a, const struct session *b, size_t at)
{
    const struct session_step *step = &a->steps[at];
    if (step->kind != DIALOGUE_COMMAND)
        return step->kind == DIALOGUE_ANSWER;
    switch (verb_of(step)) {
    case SMTP_VERB_MAIL:
    case SMTP_VERB_RCPT:
        return !both_know_params(a, b, at);
    case SMTP_VERB_BDAT:
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
    case SMTP_VERB_DATA:
    case SMTP_VERB_RSET:
    case SMTP_VERB_NOOP:
    case SMTP_VERB_QUIT:
    case SMTP_VERB_UNKNOWN: /* verbs that nobody has: a LINE, where one takes it */
        return false;
    default:
        return true;
    }
}

/* ---- what is odd ---- */

static const char *oddness_of_octets(struct slice text)
{
    size_t line = 0;
    const char *found = "";
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        bool crlf = octet == '\n' && i > 0 && text.ptr[i - 1] == '\r';
        if (octet == '\n' && !crlf)
            return "bare-lf";
        if (octet == '\r' && i + 1 < text.len && text.ptr[i + 1] != '\n')
            return "bare-cr";
        if (octet == '\0')
            return "nul";
        if (octet_is(octet, OCTET_EIGHT_BIT))
            found = "eight-bit";
        else if (octet_is(octet, OCTET_CONTROL) && *found == '\0')
            found = "control";
        line = octet == '\n' ? 0 : line + 1;
        if (line > 998 && *found == '\0')
            found = "long-line";
    }
    return found;
}

static const char *oddness_of(const struct session *s, size_t at)
{
    const struct session_step *step = &s->steps[at];
    struct smtp_command command;
    if (step->kind == DIALOGUE_MESSAGE) /* its end: the text is the step before */
        return oddness_of_octets(step->awaited && at > 0 && s->steps[at - 1].kind == step->kind
                                     ? s->steps[at - 1].said
                                     : step->said);
    if (step->verb == SMTP_VERB_BDAT)
        return "";
    const char *octets = oddness_of_octets(step->said);
    if (*octets != '\0')
        return octets;
    if (!step->certain)
        return step->said.len > SMTP_COMMAND_LINE_MAX_OCTETS ? "long-line" : "no-verb";
    if (!parse(step, &command))
        return "syntax";
    for (unsigned n = 0; n < 64; n++)
        if (command.quirks >> n & 1 && smtp_quirk(n) != NULL)
            return smtp_quirk(n)->name;
    return step->verb == SMTP_VERB_UNKNOWN ? "unknown-verb" : "";
}

/* ---- comparing ---- */

static bool any_odd(const struct session *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!s->steps[i].certain)
            return true;
    return false;
}

static bool found(const struct session *a, size_t at, enum disagree_kind kind, bool first,
                  struct disagreement *ret)
{
    enum smtp_verb verb = verb_of(&a->steps[at]);
    *ret = (struct disagreement){.kind = kind,
                                 .at = at,
                                 .first = first,
                                 .state = graph_state_before(a, at),
                                 .after_odd = any_odd(a, at),
                                 .label = verb != SMTP_VERB_UNKNOWN ? (unsigned)verb
                                                                    : graph_label(&a->steps[at]),
                                 .oddness = oddness_of(a, at)};
    return true;
}

/* A reply before the end of the text: a refusal may come at any time (RFC 5321 4.1.1.4). */
static bool compare_early(const struct session *a, const struct session *b, size_t at,
                          struct disagreement *ret)
{
    unsigned x = a->steps[at].code, y = b->steps[at].code;
    bool one = (x == 0) != (y == 0);
    return one && (x + y) / 100 == 2 && found(a, at, DISAGREE_END, x != 0, ret);
}

static bool compare_meaning(const struct session *a, const struct session *b, size_t at,
                            struct disagreement *ret)
{
    static const enum disagree_kind kinds[] = {[CLOSES] = DISAGREE_CLOSED,
                                               [SAYS_NOTHING] = DISAGREE_SILENT,
                                               [MALFORMED] = DISAGREE_MALFORMED};
    enum meaning x = meaning_of(a, at), y = meaning_of(b, at);
    bool first = x > y; /* the worse of them */
    enum meaning worse = first ? x : y, better = first ? y : x;
    if (worse == CLOSES && has_refused(first ? a : b, at))
        return false;
    if (worse == CLOSES || worse == SAYS_NOTHING || worse == MALFORMED)
        return better <= NO && found(a, at, kinds[worse], first, ret);
    if (worse == NO && better < NO && !is_choice(a, b, at)) {
        bool message = a->steps[at].kind == DIALOGUE_MESSAGE;
        found(a, at, message ? DISAGREE_LINE : DISAGREE_STATE, !first, ret);
        return ret->kind == DISAGREE_STATE || *ret->oddness != '\0';
    }
    return false; /* 2xx and 3xx: one goes on with what the other has done */
}

/* A server that says so closes. */
static bool goes(const struct session_step *step)
{
    return step->code == 554 || step->code == 521;
}

static bool said_alike(const struct session *a, const struct session *b, size_t at)
{
    return a->steps[at].kind == b->steps[at].kind &&
           slice_equal(a->steps[at].said, b->steps[at].said);
}

bool disagree_find(const struct session *a, const struct session *b, struct disagreement *ret)
{
    size_t count = a->count < b->count ? a->count : b->count;
    for (size_t at = 0; at < count && said_alike(a, b, at); at++) {
        const struct session_step *x = &a->steps[at], *y = &b->steps[at];
        if (x->kind == DIALOGUE_MESSAGE && !x->awaited && !y->awaited) {
            if (x->code != 0 || y->code != 0)
                return compare_early(a, b, at, ret);
            continue;
        }
        enum meaning meant = meaning_of(a, at);
        if (loses_track(a, b, at))
            return false;
        if (meant != meaning_of(b, at))
            return compare_meaning(a, b, at, ret);
        if ((x->further > 0) != (y->further > 0) && meant <= NO && !goes(x->further > 0 ? y : x))
            return found(a, at, DISAGREE_REPLIES, x->further > 0, ret);
        if (x->further > 0 || meant > NOT_NOW)
            return false;
    }
    return false;
}

/* ---- controls ---- */

bool disagree_control(const struct session_step *step, struct slice mail, struct slice rcpt,
                      struct writer *w)
{
    struct slice hello = SLICE("EHLO client.example\r\n");
    enum smtp_verb verb = verb_of(step);
    bool begins = verb == SMTP_VERB_EHLO || verb == SMTP_VERB_HELO;
    bool in_mail = verb == SMTP_VERB_RCPT || verb == SMTP_VERB_DATA || verb == SMTP_VERB_BDAT;
    if (step->kind != DIALOGUE_COMMAND)
        return false;
    if (!begins)
        writer_put(w, hello);
    if (in_mail)
        writer_put(w, mail);
    if (in_mail && verb != SMTP_VERB_RCPT)
        writer_put(w, rcpt);
    writer_put(w, step->said);
    return !w->overflow;
}

void disagree_judge(struct disagreement *d, const struct session *a, const struct session *b)
{
    size_t last = a->count - 1;
    bool reached = a->count > 0 && a->count == b->count;
    if (!reached) {
        d->kind = DISAGREE_NONE;
        return;
    }
    enum meaning x = meaning_of(a, last), y = meaning_of(b, last);
    bool alike = x == y && x <= NO;
    if (!alike)
        d->kind = *d->oddness != '\0' && x <= NO && y <= NO ? DISAGREE_LINE : DISAGREE_NONE;
}

/* ---- names ---- */

static void put_dashed(struct writer *w, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.ptr[i];
        if (octet_is(octet, OCTET_ALPHA | OCTET_DIGIT | OCTET_EIGHT_BIT))
            writer_put_octet(w, slice_lower(octet));
        else if (octet == ' ' || octet == '-')
            writer_put_octet(w, '-');
    }
}

/* Where a line is odd in itself, the state matters no more. */
static bool told_by_state(const struct disagreement *d)
{
    return d->kind == DISAGREE_STATE || *d->oddness == '\0';
}

static void put_state(const struct disagreement *d, struct writer *w)
{
    if (d->after_odd)
        writer_put(w, SLICE("after odd octets"));
    else
        graph_state_name(d->state, w);
}

void disagree_key(const struct disagreement *d, struct writer *w)
{
    char name[80];
    struct writer state = writer_of(name, sizeof name);
    writer_put(w, slice_of_cstr(disagree_rows[d->kind].name));
    writer_put_octet(w, '-');
    put_dashed(w, graph_label_name(d->label));
    if (told_by_state(d)) {
        put_state(d, &state);
        writer_put_octet(w, '-');
        put_dashed(w, writer_slice(&state));
    } else {
        writer_put_octet(w, '-');
        writer_put(w, slice_of_cstr(d->oddness));
    }
}

void disagree_title(const struct disagreement *d, struct slice a, struct slice b, struct writer *w)
{
    writer_put(w, d->first ? a : b);
    writer_put_octet(w, ' ');
    writer_put(w, slice_of_cstr(disagree_rows[d->kind].summary));
    writer_put(w, SLICE(" ("));
    writer_put(w, graph_label_name(d->label));
    if (told_by_state(d)) {
        writer_put(w, SLICE(", "));
        put_state(d, w);
    } else {
        writer_put(w, SLICE(", "));
        writer_put(w, slice_of_cstr(d->oddness));
    }
    writer_put(w, SLICE(")"));
}
