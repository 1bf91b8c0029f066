#include "base/octet.h"
#include "script/transcript_import.h"

#define MAX_FILLED ((size_t)16 << 20) /* octets of a chunk: ${n*x} has no more */

/* ---- the client's lines ---- */

static bool same_verb(struct slice body, const char *verb)
{
    return slice_starts_nocase(body, slice_of_cstr(verb));
}

/* The reply that is missing in a paste of commands alone. */
static void expect(struct import *m, const struct transcript_line *line, const char *codes)
{
    m->unanswered = 0;
    import_put_tagged(m, "S: ", slice_of_cstr(codes), line);
}

/* Whether what follows is the message, though no 354 stands before it. */
static bool message_follows(const struct import *m)
{
    const struct transcript_line *next = import_line_at(m, m->at + 1);
    return next != NULL && next->class != TRANSCRIPT_REPLY && next->next_dot < next->next_reply &&
           (m->mute || (m->unanswered == 1 && !m->log));
}

static void begin_message(struct import *m, const struct transcript_line *line)
{
    if (!m->mute)
        import_repair(m, line, "the reply to DATA is not in the transcript: 354 added");
    expect(m, line, "354");
    m->in_message = true;
}

/* A paste of commands alone: each is expected to succeed. */
static void expect_success(struct import *m, const struct transcript_line *line, bool answer)
{
    const struct transcript_line *next = import_line_at(m, m->at + 1);
    if (answer || m->verb == SMTP_VERB_AUTH) {
        m->in_auth = next != NULL && next->class == TRANSCRIPT_OTHER;
        expect(m, line, m->in_auth ? "334" : "235");
    } else if (m->starttls) {
        m->starttls = false;
        expect(m, line, "220");
        script_buffer_put(&m->text, SLICE("%tls"));
        import_end_line(m, line);
    } else if (m->chunk_left == 0) {
        expect(m, line, m->verb == SMTP_VERB_UNKNOWN ? "*" : "2xx");
    }
}

/* Whether the chunk ends with a line that a reply follows: then it is shown, though lines of it
 * look like replies. */
static bool is_shown(const struct import *m, const struct transcript_line *line)
{
    uint64_t all = line->octets + m->chunk_left;
    size_t from = m->at + 1, to = m->lines.count; /* the line behind it is between these */
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (import_line_at(m, middle)->octets <= all)
            from = middle + 1;
        else
            to = middle;
    }
    const struct transcript_line *next = import_line_at(m, from);
    return from > m->at + 1 && import_line_at(m, from - 1)->octets == all && next != NULL &&
           next->class == TRANSCRIPT_REPLY;
}

/* Octets of what stands between a BDAT and the next reply. */
static size_t octets_shown(const struct import *m, const struct transcript_line *line)
{
    size_t end = line->next_reply < m->lines.count ? line->next_reply : m->lines.count;
    return end > 0 ? import_line_at(m, end - 1)->octets - line->octets : 0;
}

/* "<86 octets of the message>", "[message body]", "(First 10000 octets of data)", "..." */
static bool is_placeholder(struct slice text)
{
    static const struct slice opening = SLICE_INIT("<[("), closing = SLICE_INIT(">])");
    size_t kind = text.len > 2 ? slice_find(opening, text.ptr[0]) : opening.len;
    bool enclosed = kind < opening.len && text.ptr[text.len - 1] == closing.ptr[kind];
    return enclosed || slice_equal(text, SLICE("...")) || slice_equal(text, SLICE("\xE2\x80\xA6"));
}

/* Lines that a log shows of a chunk which is not whole there, up to the next command or reply. */
static void leave_out_rest(struct import *m)
{
    struct transcript_line *items = m->lines.items;
    for (size_t i = m->at + 1; m->log && i < m->lines.count && items[i].class == TRANSCRIPT_OTHER;
         i++)
        if (items[i].left_out == NULL)
            items[i].left_out = "a part of a chunk: left out";
}

/* A log may tell of a chunk, and not show it; what follows BDAT is the next command then. A
 * document writes a placeholder for it. */
static void fill_chunk(struct import *m, const struct transcript_line *line)
{
    size_t shown = octets_shown(m, line);
    struct transcript_line *next = m->at + 1 < m->lines.count ? &m->lines.items[m->at + 1] : NULL;
    bool stands_for = next != NULL && line->next_reply == m->at + 2 && shown < m->chunk_left &&
                      is_placeholder(next->body);
    bool hidden = m->log ? shown < m->chunk_left : shown == 0 && line->next_reply < m->lines.count;
    if ((!hidden && !stands_for) || m->chunk_left > MAX_FILLED || is_shown(m, line))
        return;
    if (stands_for)
        next->left_out = "this stands for a chunk: left out";
    leave_out_rest(m);
    import_repair(m, line, "the chunk is not shown here: as many octets added");
    script_buffer_put(&m->text, SLICE("C!: ${"));
    script_buffer_put_number(&m->text, m->chunk_left);
    script_buffer_put(&m->text, SLICE("*x}"));
    import_end_line(m, line);
    m->chunk_left = 0;
}

/* What PHPMailer, Thunderbird and others write in place of credentials. */
static bool hides_line(struct slice text)
{
    static const struct slice signs[] = {SLICE_INIT("[credentials hidden]"),
                                         SLICE_INIT("<credentials hidden>"),
                                         SLICE_INIT("Logging suppressed")};
    size_t stars = 0;
    while (stars < text.len && text.ptr[stars] == '*')
        stars++;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (slice_starts(text, signs[i]))
            return true;
    bool word = text.len > 2 && text.ptr[0] == '*' && text.ptr[text.len - 1] == '*';
    return word || (stars > 2 && stars == text.len);
}

/* What stands for credentials that are not shown: NUL "****" NUL "****" in Base64 (RFC 4616 2). */
static const struct slice hidden_response = SLICE_INIT("ACoqKioAKioqKg==");
static const struct slice hidden_auth = SLICE_INIT("AUTH PLAIN ACoqKioAKioqKg==");

/* What the client said; or what stands for it, where the log hides it. */
static struct slice said(struct import *m, const struct transcript_line *line)
{
    if (!m->log || !hides_line(line->body))
        return line->body;
    bool answer = m->in_auth || (m->verb == SMTP_VERB_AUTH && m->unanswered > 0);
    import_repair(m, line,
                  answer ? "the log hides what was sent here"
                         : "the log hides what was sent here: AUTH PLAIN stands for it");
    return answer ? hidden_response : hidden_auth;
}

/* Whether a log goes on behind 221 (RFC 5321 3.8): with another protocol, as fetchmail's. */
static bool is_over(const struct import *m, const struct transcript_line *line)
{
    const struct transcript_line *reply = import_line_at(m, line->next_reply);
    return m->log && m->over && (reply == NULL || slice_starts(reply->body, SLICE("220")));
}

void import_client_line(struct import *m, const struct transcript_line *line)
{
    if (is_over(m, line)) {
        import_repair(m, line, "the session is over: left out");
        return;
    }
    if (m->after_tls_client)
        import_begin_after_tls_client(m, line);
    import_begin(m, line, false);
    import_end_reply(m);
    if (line->typing_undone)
        import_repair(m, line, "typing corrected: backspaces and control sequences taken out");
    if (line->taken_apart)
        import_repair(m, line, "commands in one line, with \\r\\n between them: taken apart");
    struct slice body = said(m, line);
    import_put_client(m, body, line);
    m->unanswered++;
    struct smtp_command command;
    struct script_buffer whole = {.arena = m->arena};
    script_buffer_put(&whole, body);
    script_buffer_put(&whole, SLICE("\r\n"));
    struct parse_result result =
        smtp_command_parse(script_buffer_slice(&whole), whole.len, &command);
    bool answer = m->in_auth;
    m->in_auth = false;
    if (answer && m->mute)
        expect_success(m, line, true);
    if (answer)
        return;
    m->starttls = same_verb(body, "STARTTLS");
    m->verb = result.status == PARSE_OK ? command.verb : SMTP_VERB_UNKNOWN;
    m->chunk_left = m->verb == SMTP_VERB_BDAT ? command.chunk_octets : 0;
    if (m->verb == SMTP_VERB_DATA && message_follows(m))
        begin_message(m, line);
    else if (m->mute)
        expect_success(m, line, false);
    if (m->chunk_left > 0)
        fill_chunk(m, line);
}

/* ---- messages ---- */

static void blank_lines(struct import *m, const struct transcript_line *line)
{
    size_t blanks = m->lines.double_spaced ? line->blanks / 2 : line->blanks;
    for (; blanks > 0; blanks--)
        import_put_client(m, SLICE(""), line);
}

void import_end_message(struct import *m, const struct transcript_line *line)
{
    import_put_client(m, SLICE("."), line);
    m->in_message = false;
    m->unanswered++;
    if (m->mute)
        expect(m, line, "2xx");
}

/* "250 2.0.0 Ok": the enhanced code has the class of the reply (RFC 2034 4). */
static bool has_enhanced_code(struct slice reply)
{
    return reply.len > 6 && reply.ptr[3] == ' ' && reply.ptr[4] == reply.ptr[0] &&
           reply.ptr[5] == '.';
}

/* Whether the lone dot got lost, and the server answers at this line. */
static bool answers_lost_dot(const struct import *m, size_t index)
{
    const struct transcript_line *line = import_line_at(m, index),
                                 *next = import_line_at(m, index + 1);
    bool dot_comes = line->next_dot < m->lines.count && line->next_dot <= line->next_354;
    if (dot_comes || line->class != TRANSCRIPT_REPLY || line->body.ptr[0] == '3' ||
        line->speaker == TRANSCRIPT_CLIENT)
        return false;
    return next == NULL || next->class != TRANSCRIPT_OTHER || line->speaker == TRANSCRIPT_SERVER ||
           has_enhanced_code(line->body);
}

/* What logs write for the end of a message: "\r\n.\r\n", ". (EOM)", "[EOM]" */
static bool is_shown_dot(const struct import *m, const struct transcript_line *line)
{
    static const struct slice crlf = SLICE_INIT("\\r\\n");
    struct slice text = line->body;
    const struct transcript_line *next = import_line_at(m, m->at + 1);
    if (line->speaker != TRANSCRIPT_CLIENT || next == NULL || next->speaker != TRANSCRIPT_SERVER)
        return false;
    while (slice_starts(text, crlf))
        text = slice_from(text, crlf.len);
    bool remark = slice_starts(text, SLICE(". (")) && text.ptr[text.len - 1] == ')';
    return remark || slice_equal(text, SLICE(".")) || slice_equal(text, SLICE(".\\r\\n")) ||
           slice_equal(text, SLICE("[EOM]"));
}

/* RFC 5321 3.8, 4.5.3.2: a server that waited for the message long enough says 421 and closes. */
static bool gives_up(const struct import *m, const struct transcript_line *line)
{
    const struct transcript_line *before = import_line_at(m, m->at - 1),
                                 *next = import_line_at(m, m->at + 1);
    return slice_starts(line->body, SLICE("421")) && answers_lost_dot(m, m->at) &&
           before->class != TRANSCRIPT_REPLY && (next == NULL || next->class == TRANSCRIPT_CLOSED);
}

/* "<message>" may be one, and all of it. */
static bool is_whole_placeholder(const struct import *m, const struct transcript_line *line)
{
    const struct transcript_line *before = m->at > 0 ? import_line_at(m, m->at - 1) : NULL,
                                 *next = import_line_at(m, m->at + 1);
    return before != NULL && slice_starts(before->body, SLICE("354")) && next != NULL &&
           slice_equal(next->body, SLICE(".")) && is_placeholder(line->body);
}

/* Whether a log shows no message: what stands where it should is the next command. */
static bool is_hidden(const struct import *m, const struct transcript_line *line)
{
    const struct transcript_line *before = import_line_at(m, m->at - 1);
    return m->log && before->speaker == TRANSCRIPT_SERVER &&
           slice_starts(before->body, SLICE("354")) &&
           slice_equal_nocase(line->body, SLICE("QUIT")) && line->next_reply == m->at + 1 &&
           line->next_reply < m->lines.count;
}

bool import_message_line(struct import *m, const struct transcript_line *line)
{
    static const char *const hidden =
        "the log does not show the message: the lone dot of an empty one added";
    if (gives_up(m, line)) {
        m->in_message = false;
        return false;
    }
    if (is_hidden(m, line)) {
        import_repair(m, line, hidden);
        import_end_message(m, line);
        return false;
    }
    if (answers_lost_dot(m, m->at)) {
        import_repair(
            m, line,
            m->log && import_line_at(m, m->at - 1)->speaker == TRANSCRIPT_SERVER
                ? hidden
                : "the lone dot that ends the message is missing before this reply: added");
        import_end_message(m, line);
        return false;
    }
    if (line->speaker == TRANSCRIPT_SERVER)
        return false;
    if (m->lines.indented && !m->told_indented)
        import_repair(m, line, "the indentation of the document is left out");
    m->told_indented = true;
    blank_lines(m, line);
    if (slice_equal(line->body, SLICE(".")) || is_shown_dot(m, line)) {
        import_end_message(m, line);
        return true;
    }
    if (is_whole_placeholder(m, line))
        import_repair(m, line, "this line may stand for a message: it is sent as it is");
    bool marked = m->log && slice_starts(line->text, SLICE("[MSG] ")); /* OpenSMTPD */
    import_put_client(m, slice_from(line->text, marked ? 6 : 0), line);
    return true;
}

bool import_ends_chunk(const struct import *m, const struct transcript_line *line)
{
    size_t before = m->at > 0 ? import_line_at(m, m->at - 1)->octets : 0;
    size_t left = import_line_at(m, m->lines.count - 1)->octets - before;
    return line->class == TRANSCRIPT_REPLY && left < m->chunk_left;
}

void import_chunk_line(struct import *m, const struct transcript_line *line)
{
    uint64_t octets = line->text.len + 2 + 2 * line->blanks;
    for (size_t i = 0; i < line->blanks; i++)
        import_put_client(m, SLICE(""), line);
    import_put_client(m, line->text, line);
    if (octets > m->chunk_left)
        import_repair(m, line, "the chunk is longer here than BDAT says");
    m->chunk_left -= octets < m->chunk_left ? octets : m->chunk_left;
    if (m->mute && m->chunk_left == 0)
        expect(m, line, "2xx");
}

/* ---- the server's lines ---- */

void import_reply_done(struct import *m, struct slice code)
{
    bool positive = code.ptr[0] == '2';
    if (m->unanswered == 0 && m->greeted && !m->log_is_known && m->log && code.ptr[0] == '2')
        import_repair(m, m->held.line, "the log does not show what this reply answers");
    bool greets = !m->greeted && slice_equal(code, SLICE("220")); /* and answers no command */
    m->greeted = true;
    if (m->unanswered > 0 && !greets)
        m->unanswered--;
    if (m->chunk_left > 0) {
        import_repair(m, m->held.line, "the chunk before this reply is shorter than BDAT says");
        m->chunk_left = 0;
    }
    m->in_auth = slice_equal(code, SLICE("334"));
    m->over = slice_equal(code, SLICE("221"));
    if (slice_equal(code, SLICE("354")) && m->unanswered == 0)
        m->in_message = true;
    if (m->starttls && m->unanswered == 0) {
        m->starttls = false;
        if (positive && import_dialogue_follows(m, m->at + 1)) {
            import_flush_reply(m);
            script_buffer_put(&m->text, SLICE("%tls"));
            import_end_line(m, m->held.line);
        }
    }
}

void import_next_session(struct import *m)
{
    import_end_reply(m);
    m->another = true;
    m->begun = m->closed = m->left = m->over = m->in_message = m->in_auth = m->greeted = false;
}

/* The client answers each 334 (RFC 4954 4), and 235 and 535 answer AUTH (6): programs leave out
 * what holds a password. */
static void add_hidden(struct import *m, const struct transcript_line *line)
{
    bool ends = slice_starts(line->body, SLICE("235")) || slice_starts(line->body, SLICE("535"));
    bool answers = m->in_auth && !slice_starts(line->body, SLICE("421"));
    if (!m->begun || m->closed || m->unanswered > 0 || m->held.more || !(answers || ends))
        return;
    import_end_reply(m);
    import_repair(m, line,
                  answers ? "what was sent before this reply is not shown: a response added"
                          : "what was sent before this reply is not shown: AUTH PLAIN added");
    import_put_tagged(m, "C: ", answers ? hidden_response : hidden_auth, line);
    m->unanswered++;
    m->in_auth = false;
}

void import_server_line(struct import *m, const struct transcript_line *line)
{
    struct held *h = &m->held;
    bool goes_on = h->any && h->more && slice_starts(line->body, h->code);
    if (m->log && m->begun && m->unanswered == 0 && !goes_on &&
        slice_starts(line->body, SLICE("220")))
        import_next_session(m);
    struct slice code = slice_sub(line->body, 0, 3);
    bool more = line->body.len > 3 && line->body.ptr[3] == '-';
    if (m->after_tls_client) {
        import_begin_after_tls_client(m, line);
        if (slice_starts(line->body, SLICE("250")))
            return; /* the end of the reply to the EHLO that was not shown */
    }
    if (line->code_added)
        import_repair(m, line, "the log shows no code before this line of the reply: added");
    import_begin(m, line,
                 slice_starts(line->body, SLICE("220")) || line->body.ptr[0] == '4' ||
                     line->body.ptr[0] == '5');
    if (h->any && h->more && !slice_equal(h->code, code))
        import_end_reply(m);
    add_hidden(m, line);
    import_flush_reply(m);
    *h = (struct held){.any = true, .code = code, .more = more, .line = line};
    h->last = m->at;
    h->text.arena = m->arena;
    script_buffer_put(&h->text, slice_from(line->body, line->body.len > 3 ? 4 : 3));
    if (!more)
        import_reply_done(m, code);
}

static size_t columns_of(struct slice text)
{
    size_t columns = 0;
    for (size_t i = 0; i < text.len; i++)
        columns += (text.ptr[i] & 0xC0) != 0x80; /* UTF-8's later octets take none */
    return columns;
}

/* A terminal wraps at its last column, in the middle of a word; anything else wraps at a space,
 * which is lost. */
static bool wraps_in_word(struct slice before)
{
    static const size_t widths[] = {80, 100, 120, 132};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        if (columns_of(before) == widths[i])
            return true;
    return false;
}

#define MIN_COLUMNS 24 /* nobody reads mail in a narrower window */

bool import_may_be_wrapped(const struct import *m, const struct transcript_line *line)
{
    if (!m->held.any || m->closed || m->held.last + 1 != m->at ||
        (line->blanks > 0 && !m->lines.double_spaced))
        return false;
    const struct transcript_line *before = import_line_at(m, m->at - 1);
    struct slice word = slice_sub(line->body, 0, slice_find(line->body, ' '));
    return before->indent + columns_of(before->body) + 1 + columns_of(word) > MIN_COLUMNS;
}

void import_wrapped_line(struct import *m, const struct transcript_line *line)
{
    m->held.last = m->at;
    if (!wraps_in_word(import_line_at(m, m->at - 1)->text))
        script_buffer_put_octet(&m->held.text, ' ');
    script_buffer_put(&m->held.text, line->body);
    import_repair(m, line, "the terminal wrapped the reply before: joined");
}

/* Whether a mail program wrapped the command at the space before its parameters (RFC 5321 4.1.2:
 * esmtp-param = esmtp-keyword ["=" esmtp-value]). */
static bool is_parameters(struct slice command, struct slice rest)
{
    bool envelope = same_verb(command, "MAIL FROM:") || same_verb(command, "RCPT TO:");
    size_t len = 0;
    while (len < rest.len && octet_is(rest.ptr[len], OCTET_ALPHA | OCTET_DIGIT))
        len++;
    return envelope && command.ptr[command.len - 1] != '.' && len > 0 && len + 1 < rest.len &&
           rest.ptr[len] == '=';
}

void import_join_wrapped(struct import *m)
{
    struct transcript_line *line = &m->lines.items[m->at], *rest = line + 1;
    if (m->at + 1 >= m->lines.count || rest->class != TRANSCRIPT_OTHER || rest->blanks > 0 ||
        line->next_reply != m->at + 2)
        return;
    bool parameters = is_parameters(line->body, rest->body);
    if (!parameters && !wraps_in_word(line->text))
        return;
    struct script_buffer whole = {.arena = m->arena};
    script_buffer_put(&whole, line->text);
    script_buffer_put(&whole, parameters ? SLICE(" ") : SLICE(""));
    script_buffer_put(&whole, rest->text);
    line->text = script_buffer_slice(&whole);
    line->body = slice_trim(line->text);
    rest->left_out = "the terminal wrapped the command before: joined";
}
