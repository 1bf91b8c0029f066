/* DATA (RFC 5321 4.1.1.4) and BDAT (RFC 3030 2): the message, and its end. */
#include "base/quirk.h"
#include "server/session.h"

#define MOST_RECEIVED 100 /* RFC 5321 6.3: a large number, normally at least 100 */

static const struct refusal fine = {0, "", ""};

/* ---- the end of a message ---- */

static void keep(struct server *s, struct slice octets)
{
    size_t room = s->content_room - s->mail.content_len;
    size_t take = octets.len < room ? octets.len : room;
    if (take > 0)
        memcpy(s->content + s->mail.content_len, octets.ptr, take);
    s->mail.content_len += take;
    s->mail.content_overflow = s->mail.content_overflow || take < octets.len;
}

static struct slice content_of(const struct server *s)
{
    return slice_of(s->content, s->mail.content_len);
}

/* Whether a line of the content begins with `text`, in any case. */
static bool has_line(const struct server *s, struct slice text)
{
    struct slice rest = content_of(s);
    while (rest.len > 0 && !slice_starts_nocase(rest, text)) {
        size_t end = slice_find(rest, '\n');
        rest = slice_from(rest, end < rest.len ? end + 1 : end);
    }
    return rest.len > 0;
}

/* The faults that refuse a message for what a server may not look at (RFC 5321 3.3, 4.5.3.1). */
static bool fussy(const struct server *s)
{
    size_t commas = 0;
    struct slice content = content_of(s);
    for (size_t i = 0; i < content.len && fault(s, FAULT_MANY_IN_HEADER); i++)
        commas += content.ptr[i] == ',';
    return (fault(s, FAULT_HEADER_DEFECT) && !has_line(s, SLICE("Date:"))) ||
           (fault(s, FAULT_RESENT) && has_line(s, SLICE("Resent-"))) || commas > 50 ||
           (fault(s, FAULT_LINE_1000) && s->mail.long_line) ||
           (fault(s, FAULT_RECEIVED_60) && trace_count(content) > 50);
}

static bool too_large(const struct server *s)
{
    return (s->mail.content_overflow && !fault(s, FAULT_DATA_OVER_LIMIT)) ||
           (fault(s, FAULT_MESSAGE_64K) && s->mail.content_len > 32768) ||
           (fault(s, FAULT_DOTS_COUNTED) && s->seen > s->config.max_message_octets) ||
           (fault(s, FAULT_SIZE_PROMISE) && s->mail.size > 0 && s->mail.content_len > 100);
}

static bool all_late(const struct server *s)
{
    size_t late = 0;
    for (size_t i = 0; i < s->mail.recipients; i++)
        late += s->kinds[i] == SERVER_MAILBOX_LATE;
    return late > 0 && late == s->mail.recipients;
}

static struct refusal check_message(const struct server *s)
{
    bool bare = (s->mail.content_quirks & (QUIRK_BARE_LF | QUIRK_BARE_CR)) != 0;
    if (too_large(s))
        return (struct refusal){fault(s, FAULT_DATA_OVER_CODE) ? 554 : 552, "5.3.4",
                                "Larger than the limit"};
    if (bare && !fault(s, FAULT_BARE_LF_IN_BODY)) /* RFC 5321 2.3.8 */
        return (struct refusal){554, "5.6.0", "Lines end with CRLF"};
    if (trace_count(content_of(s)) > MOST_RECEIVED && !fault(s, FAULT_LOOP))
        return (struct refusal){554, "5.4.6", "Too many Received fields"};
    if (fussy(s))
        return (struct refusal){554, "5.6.0", "Not such a message"};
    if (s->config.mode != SERVER_LMTP && all_late(s))
        return (struct refusal){550, "5.7.1", "Not such a message"};
    return fine;
}

static void deliver(struct server *s)
{
    struct server_message message = {
        .reverse_path = slice_of(s->mail.reverse_path, s->mail.reverse_path_len),
        .mail_parameters = slice_of(s->mail.parameters, s->mail.parameters_len),
        .forward_paths = slice_of(s->forward_paths, s->mail.forward_paths_len),
        .rcpt_parameters = slice_of(s->rcpt_params, s->mail.rcpt_params_len),
        .forward_path_count = s->mail.recipients,
    };
    if (s->config.deliver == NULL)
        return;
    message.content = trace_message(s);
    s->config.deliver(s->config.context, &message);
}

/* RFC 2033 4.2: a reply for each recipient that was accepted, in their order. */
static void answer_each(struct server *s, struct refusal refusal, bool chunk)
{
    size_t count =
        fault(s, chunk ? FAULT_LMTP_BDAT_ONE_REPLY : FAULT_LMTP_ONE_REPLY) ? 1 : s->mail.recipients;
    if (fault(s, FAULT_LMTP_REFUSED_TOO))
        count += s->mail.refused;
    for (size_t i = 0; i < count; i++) {
        size_t at = fault(s, FAULT_LMTP_ORDER) ? count - 1 - i : i;
        bool late = at < s->mail.recipients && s->kinds[at] == SERVER_MAILBOX_LATE;
        if (refusal.code != 0)
            session_refuse(s, refusal);
        else if (late)
            session_reply(s, 550, "5.7.1", "Not such a message");
        else
            session_reply(s, 250, "2.1.5", "Delivered");
    }
}

static void answer_once(struct server *s, struct refusal refusal)
{
    unsigned replies = fault(s, FAULT_END_OF_DATA_NONE)    ? 0
                       : fault(s, FAULT_END_OF_DATA_TWICE) ? 2
                       : fault(s, FAULT_END_OF_DATA_EACH)  ? (unsigned)s->mail.recipients
                                                           : 1;
    for (; replies > 0; replies--) {
        if (refusal.code != 0)
            session_refuse(s, refusal);
        else
            session_reply(s, fault(s, FAULT_END_OF_DATA_CODE) ? 251 : 250, "2.0.0",
                          "Message taken");
    }
}

/* RFC 5321 4.1.1.4: whatever the answer, the transaction is over. */
static void finish(struct server *s, bool chunk)
{
    struct refusal refusal = check_message(s);
    if (fault(s, FAULT_ANY_MESSAGE))
        refusal = fine;
    s->mode = SESSION_COMMAND;
    if (refusal.code == 0 ? !fault(s, FAULT_NOT_DELIVERED) : fault(s, FAULT_REFUSED_DELIVERED))
        deliver(s);
    if (s->config.mode == SERVER_LMTP && s->mail.recipients > 0)
        answer_each(s, refusal, chunk);
    else
        answer_once(s, refusal);
    s->mail.content_len = 0;
    if (chunk ? fault(s, FAULT_BDAT_KEEPS)
              : fault(s, refusal.code == 0 ? FAULT_DATA_KEEPS : FAULT_REFUSED_DATA_KEEPS))
        return;
    session_reset(s);
    if (fault(s, FAULT_ONE_TRANSACTION))
        s->greeted = false;
    s->closing = fault(s, FAULT_DATA_CLOSES);
}

void message_end(struct server *s)
{
    finish(s, false);
}

/* ---- DATA ---- */

static struct refusal check_data(const struct server *s)
{
    bool lmtp = s->config.mode == SERVER_LMTP;
    if (!s->mail.open && !fault(s, FAULT_DATA_BEFORE_MAIL))
        return (struct refusal){503, "5.5.1", "MAIL comes first"};
    if (s->mail.open && s->mail.recipients == 0 && !fault(s, FAULT_DATA_BEFORE_RCPT) &&
        !(s->mail.refused > 0 && fault(s, FAULT_DATA_AFTER_REFUSED)))
        return (struct refusal){lmtp && fault(s, FAULT_LMTP_DATA_CODE) ? 554 : 503, "5.5.1",
                                "RCPT comes first"};
    if (s->mail.refused > 0 && fault(s, FAULT_ALL_OR_NONE))
        return (struct refusal){554, "5.5.1", "Some recipients were refused"};
    if (s->mail.chunked && !fault(s, FAULT_DATA_AFTER_BDAT)) /* RFC 3030 2 */
        return (struct refusal){503, "5.5.1", "BDAT began this message"};
    if (s->mail.binary && !fault(s, FAULT_DATA_BINARY)) /* RFC 3030 3 */
        return (struct refusal){503, "5.5.1", "BODY=BINARYMIME needs BDAT"};
    return fine;
}

void message_data(struct server *s, const struct smtp_command *command)
{
    (void)command;
    struct refusal refusal = check_data(s);
    if (refusal.code != 0) {
        session_refuse(s, refusal);
        if (!fault(s, FAULT_REFUSED_DATA_READS))
            return;
    }
    s->mode = SESSION_DATA;
    s->decoder = (struct smtp_data_decoder){.state = 0};
    if (fault(s, FAULT_EMPTY_MESSAGE)) { /* it waits for a CRLF of the message's own */
        uint8_t octet;
        struct writer w = writer_of(&octet, sizeof octet);
        (void)smtp_data_decode(&s->decoder, SLICE("x"), &w);
    }
    memset(s->before, 0, sizeof s->before);
    s->before[6] = '\r';
    s->before[7] = '\n';
    s->seen = s->line_octets = s->raw_octets = 0;
    s->lf_first = s->first_line_ended = false;
    if (refusal.code == 0)
        session_reply(s, fault(s, FAULT_DATA_250) ? 250 : 354,
                      fault(s, FAULT_ENHANCED_IN_354) ? "3.0.0" : "", "Send the message");
}

/* The spellings of the end of data that are none (RFC 5321 4.1.1.4), each behind a fault. One that
 * ends with CR ends the message only where no LF follows it. `lf_first`: only in a message whose
 * first line LF ended. */
static const struct spelling {
    enum fault fault;
    uint8_t len;
    bool lf_first;
    char octets[8];
} spellings[] = {
    {FAULT_LF_DOT_LF, 3, false, "\n.\n"},
    {FAULT_LF_DOT_CRLF, 4, false, "\n.\r\n"},
    {FAULT_LF_DOT_CR, 3, false, "\n.\r"},
    {FAULT_CR_DOT_CR, 3, false, "\r.\r"},
    {FAULT_CR_DOT_LF, 3, false, "\r.\n"},
    {FAULT_CR_DOT_CRLF, 4, false, "\r.\r\n"},
    {FAULT_CRLF_DOT_LF, 4, false, "\r\n.\n"},
    {FAULT_CRLF_DOT_CR, 4, false, "\r\n.\r"},
    {FAULT_CRLF_DOT_CRCRLF, 6, false, "\r\n.\r\r\n"},
    {FAULT_CRCRLF_DOT_CRCRLF, 7, false, "\r\r\n.\r\r\n"},
    {FAULT_LFLF_DOT_CRLF, 5, false, "\n\n.\r\n"},
    {FAULT_NUL_DOT, 6, false, {'\r', '\n', 0, '.', '\r', '\n'}},
    {FAULT_DOT_NUL, 6, false, {'\r', '\n', '.', 0, '\r', '\n'}},
    {FAULT_SPACE_DOT, 6, false, "\r\n .\r\n"},
    {FAULT_DOT_SPACE, 6, false, "\r\n. \r\n"},
    {FAULT_DOT_TAB, 6, false, "\r\n.\t\r\n"},
    {FAULT_VT_DOT, 6, false, "\r\n\v.\r\n"},
    {FAULT_DOT_FF, 6, false, "\r\n.\f\r\n"},
    {FAULT_DOT_SUB, 6, false, "\r\n.\x1a\r\n"},
    {FAULT_BOM_DOT, 8, false, {'\r', '\n', '\xef', '\xbb', '\xbf', '.', '\r', '\n'}},
    {FAULT_NEL_DOT_NEL, 3, false, "\x85.\x85"},
    {FAULT_LS_DOT_LS, 7, false, "\xe2\x80\xa8.\xe2\x80\xa8"},
    {FAULT_LF_FIRST_LF_DOT_LF, 3, true, "\n.\n"},
    {FAULT_LF_FIRST_LF_DOT_CRLF, 4, true, "\n.\r\n"},
    {FAULT_LF_FIRST_CRLF_DOT_LF, 4, true, "\r\n.\n"},
    {FAULT_COMMANDS_IN_BODY, 8, false, {'\r', '\n', 'R', 'S', 'E', 'T', '\r', '\n'}},
};

/* Whether the octets before `octet`, or with it, are a spelling that a fault takes for the end. */
static bool ends_wrongly(const struct server *s, const struct spelling *spelling, uint8_t octet)
{
    size_t len = spelling->len;
    if (!fault(s, spelling->fault) || (spelling->lf_first && !s->lf_first))
        return false;
    if (spelling->octets[len - 1] == '\r')
        return octet != '\n' && memcmp(s->before + (8 - len), spelling->octets, len) == 0;
    return octet == (uint8_t)spelling->octets[len - 1] &&
           memcmp(s->before + (9 - len), spelling->octets, len - 1) == 0;
}

/* How many octets belong to the message that a fault ends, or SIZE_MAX. */
static size_t wrong_end(struct server *s, struct slice octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        uint8_t octet = octets.ptr[i];
        for (size_t k = 0; k < sizeof spellings / sizeof *spellings; k++)
            if (ends_wrongly(s, &spellings[k], octet))
                return i + (spellings[k].octets[spellings[k].len - 1] != '\r');
        s->raw_octets = octet == '\n' ? 0 : s->raw_octets + 1;
        bool dot_left = s->raw_octets == 1026 && s->before[7] == '.' && octet == '\r';
        if (fault(s, FAULT_LONG_LINE_DOT) && dot_left)
            return i + 1;
        bool first_line =
            s->seen + i > 0 && octet == '\n' && s->before[7] != '\r' && !s->first_line_ended;
        s->lf_first = s->lf_first || first_line;
        s->first_line_ended = s->first_line_ended || octet == '\n';
        memmove(s->before, s->before + 1, 7);
        s->before[7] = octet;
        if (fault(s, FAULT_SIZE_ENDS) && s->mail.size > 0 && s->seen + i + 1 == s->mail.size)
            return i + 1;
    }
    return SIZE_MAX;
}

/* RFC 5321 4.5.3.1.6: a line of 1000 octets, a stuffed dot not counted, is not too long. */
static void note_lines(struct server *s, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        s->line_octets = text.ptr[i] == '\n' ? 0 : s->line_octets + 1;
        s->mail.long_line = s->mail.long_line || s->line_octets > 990;
    }
}

/* What the faults of transparency (RFC 5321 4.5.2) make of the decoded text: `in` as it was sent.
 */
static struct slice as_sent(const struct server *s, struct slice in, struct slice text)
{
    return fault(s, FAULT_DOTS_KEPT) ? in : text;
}

static size_t receive_data(struct server *s, struct slice octets)
{
    uint8_t text[4096 + 5];
    struct writer w = writer_of(text, sizeof text);
    struct slice in = octets.len > 4096 ? slice_sub(octets, 0, 4096) : octets;
    size_t wrong = s->config.faults == NULL ? SIZE_MAX : wrong_end(s, in);
    if (wrong != SIZE_MAX)
        in = slice_sub(in, 0, wrong);
    if (fault(s, FAULT_END_OF_DATA_CUT) && in.len < 4)
        s->decoder = (struct smtp_data_decoder){.state = 0};
    struct parse_result result = smtp_data_decode(&s->decoder, in, &w);
    size_t taken = result.status == PARSE_OK ? result.offset : in.len;
    s->seen += taken;
    s->mail.content_quirks |= s->decoder.quirks & (QUIRK_BARE_LF | QUIRK_BARE_CR);
    if (s->config.faults != NULL)
        note_lines(s, writer_slice(&w));
    keep(s, as_sent(s, slice_sub(in, 0, taken), writer_slice(&w)));
    if (result.status == PARSE_OK || wrong != SIZE_MAX)
        finish(s, false);
    return taken;
}

/* ---- BDAT ---- */

static void end_chunk(struct server *s)
{
    s->mode = SESSION_COMMAND;
    if (s->chunk_refused)
        return; /* the refusal was sent when the chunk began */
    if (s->chunk_last || fault(s, FAULT_BDAT_ALWAYS_LAST))
        finish(s, true);
    else if (s->mail.content_overflow) {
        s->mail.failed = true;
        session_reply(s, 552, "5.3.4", "Larger than the limit");
    } else
        session_reply(s, 250, "2.0.0", "Chunk taken");
}

static struct refusal check_bdat(const struct server *s)
{
    if (!extension_offered(s, SERVER_CHUNKING))
        return fault(s, FAULT_CHUNKING_UNANNOUNCED)
                   ? fine
                   : (struct refusal){502, "5.5.1", "Not implemented"};
    if (!s->mail.open)
        return fault(s, FAULT_BDAT_BEFORE_MAIL)
                   ? fine
                   : (struct refusal){503, "5.5.1", "MAIL and RCPT come first"};
    if (s->mail.recipients == 0 && !fault(s, FAULT_BDAT_WITHOUT_RCPT))
        return (struct refusal){503, "5.5.1", "MAIL and RCPT come first"};
    if (s->mail.failed && !fault(s, FAULT_BDAT_AFTER_FAILURE))
        return (struct refusal){503, "5.5.1", "A chunk of this message was refused"};
    if (s->mail.chunked && fault(s, FAULT_BDAT_ONCE))
        return (struct refusal){503, "5.5.1", "One chunk is enough"};
    return fine;
}

/* The octets of a chunk are taken off the stream whatever the answer. */
static void begin_chunk(struct server *s, const struct smtp_command *command,
                        struct refusal refusal)
{
    s->chunk_refused = refusal.code != 0;
    s->chunk_left = command->chunk_octets;
    s->chunk_last = command->last;
    s->mail.chunked = s->mail.open;
    if (s->chunk_refused)
        session_refuse(s, refusal);
    if (s->chunk_refused && command->last && s->mail.failed)
        session_reset(s);
    if (s->chunk_refused && fault(s, FAULT_BDAT_LEAVES_CHUNK))
        return;
    s->mode = SESSION_BDAT;
    if (s->chunk_left == 0)
        end_chunk(s);
}

void message_bdat(struct server *s, const struct smtp_command *command)
{
    struct refusal refusal = check_bdat(s);
    bool written_small = slice_find(command->argument, 'l') < command->argument.len ||
                         slice_find(command->name, 'b') < command->name.len;
    if (fault(s, FAULT_BDAT_CASE) && written_small)
        refusal = (struct refusal){501, "5.5.4", "BDAT and LAST are written large"};
    if (fault(s, FAULT_BDAT_ZERO) && command->chunk_octets == 0)
        refusal = (struct refusal){501, "5.5.4", "A chunk has octets"};
    begin_chunk(s, command, refusal);
}

void message_refuse_bdat(struct server *s, const struct smtp_command *command,
                         struct refusal refusal)
{
    begin_chunk(s, command, refusal);
}

/* RFC 3030 2: a chunk is octets; dots and line ends mean nothing in it. */
static bool ends_at_dot(const struct server *s, struct slice chunk)
{
    return fault(s, FAULT_BDAT_DOT_ENDS) && chunk.len >= 5 &&
           memcmp(chunk.ptr + chunk.len - 5, "\r\n.\r\n", 5) == 0;
}

static void keep_chunk(struct server *s, struct slice chunk)
{
    for (size_t i = 0; i < chunk.len; i++) {
        bool line_start = s->mail.content_len > 0 && s->content[s->mail.content_len - 1] == '\n';
        if (!(fault(s, FAULT_BDAT_UNSTUFFS) && line_start && chunk.ptr[i] == '.'))
            keep(s, slice_sub(chunk, i, i + 1));
    }
}

static size_t receive_chunk(struct server *s, struct slice octets)
{
    size_t most = fault(s, FAULT_BDAT_DOT_ENDS) ? 1 : octets.len;
    size_t take = most < s->chunk_left ? most : (size_t)s->chunk_left;
    struct slice chunk = slice_sub(octets, 0, take);
    if (!s->chunk_refused && fault(s, FAULT_BDAT_UNSTUFFS))
        keep_chunk(s, chunk);
    else if (!s->chunk_refused)
        keep(s, chunk);
    s->chunk_left -= take;
    if (s->chunk_left == 0 || ends_at_dot(s, content_of(s)))
        end_chunk(s);
    return take;
}

size_t message_receive(struct server *s, struct slice octets)
{
    return s->mode == SESSION_DATA ? receive_data(s, octets) : receive_chunk(s, octets);
}
