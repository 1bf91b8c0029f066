#include "server/session.h"
#include "smtp/param.h"
#include "smtp/quirk.h"

/* ---- MAIL (RFC 5321 4.1.1.2)
 * ---------------------------------------------------------------------------- */

/* SIZE (RFC 1870 6), BODY (RFC 6152 2): 0 where the parameter is taken, else the code to refuse it
 * with. */
static unsigned check_mail_param(struct server *s, const struct smtp_param *param)
{
    if (fault(s, FAULT_UNKNOWN_PARAMETER))
        return 0;
    if (slice_equal_nocase(param->keyword, SLICE("SIZE"))) {
        uint64_t size = 0;
        for (size_t i = 0; i < param->value.len; i++) {
            uint8_t octet = param->value.ptr[i];
            if (octet < '0' || octet > '9' || i >= 20)
                return 501;
            size = size > UINT64_MAX / 10 - 1 ? UINT64_MAX / 10 : size * 10 + (octet - '0');
        }
        bool over = size > s->config.max_message_octets && !fault(s, FAULT_SIZE_IGNORED);
        return param->value.len == 0 ? 501 : over ? 552 : 0;
    }
    if (slice_equal_nocase(param->keyword, SLICE("BODY")))
        return slice_equal_nocase(param->value, SLICE("7BIT")) ||
                       slice_equal_nocase(param->value, SLICE("8BITMIME"))
                   ? 0
                   : 501;
    return slice_equal_nocase(param->keyword, SLICE("AUTH")) && s->config.user.len > 0 ? 0 : 555;
}

/* Parameters need EHLO (RFC 5321 4.1.1.11); each is checked before anything changes. */
static bool check_params(struct server *s, const struct smtp_command *command)
{
    struct slice rest = command->params;
    for (struct smtp_param param; smtp_param_next(&rest, &param);) {
        unsigned code = 555;
        if (param.quirks & SMTP_QUIRK_INVALID_PARAMETER)
            code = 501;
        else if (s->extended && command->verb == SMTP_VERB_MAIL)
            code = check_mail_param(s, &param);
        else if (fault(s, FAULT_UNKNOWN_PARAMETER))
            code = 0;
        if (code == 552)
            session_reply(s, 552, "5.3.4", "Larger than the limit");
        else if (code != 0)
            session_reply(s, code, "5.5.4", "Parameter not known or not valid");
        if (code != 0)
            return false;
    }
    return true;
}

/* The reference is strict: what can be read but is not the grammar is refused, but for source
 * routes. */
static bool check_path(struct server *s, const struct smtp_path *path)
{
    const uint64_t tolerated =
        SMTP_QUIRK_SOURCE_ROUTE | SMTP_QUIRK_NO_DOMAIN | SMTP_QUIRK_NULL_FORWARD_PATH;
    bool valid = (path->quirks & ~tolerated) == 0;
    if (fault(s, FAULT_QUOTED_LOCAL) && path->local_part.len > 0 && path->local_part.ptr[0] == '"')
        valid = false;
    if (fault(s, FAULT_SOURCE_ROUTE) && path->route.len > 0)
        valid = false;
    if (!valid)
        session_reply(s, 501, "5.1.7", "Syntax error in the path");
    return valid;
}

static bool check_line(struct server *s, const struct smtp_command *command)
{
    if ((command->quirks & SMTP_QUIRK_SPACE_BEFORE_PATH) == 0)
        return true;
    session_reply(s, 501, "5.5.2", "No space between the colon and the path");
    return false;
}

void mail_begin(struct server *s, const struct smtp_command *command)
{
    const struct smtp_path *path = &command->path;
    if (s->mail && !fault(s, FAULT_NESTED_MAIL)) {
        session_reply(s, 503, "5.5.1", "A transaction is open already");
        return;
    }
    if (path->null && fault(s, FAULT_NULL_PATH)) {
        session_reply(s, 550, "5.1.8", "No null reverse-path here");
        return;
    }
    if (!check_line(s, command) || !check_path(s, path) || !check_params(s, command))
        return;
    session_reset(s);
    s->mail = true;
    s->reverse_path_len = path->mailbox.len < SESSION_PATH_OCTETS ? path->mailbox.len : 0;
    if (s->reverse_path_len > 0)
        memcpy(s->reverse_path, path->mailbox.ptr, s->reverse_path_len);
    session_reply(s, 250, "2.1.0", "Reverse-path taken");
}

/* ---- RCPT (RFC 5321 4.1.1.3)
 * ---------------------------------------------------------------------------- */

static bool is_postmaster(const struct smtp_path *path)
{
    return slice_equal_nocase(path->local_part, SLICE("postmaster"));
}

/* Whether this server takes mail for the path; else the refusal was sent. */
static bool check_recipient(struct server *s, const struct smtp_path *path)
{
    bool local = path->domain.len == 0 || slice_equal_nocase(path->domain, s->config.domain);
    bool postmaster = is_postmaster(path) && !fault(s, FAULT_POSTMASTER);
    bool unknown = slice_equal_nocase(path->local_part, s->config.unknown) ||
                   (path->domain.len == 0 && !is_postmaster(path)) ||
                   (is_postmaster(path) && !postmaster);
    if (path->null && fault(s, FAULT_NULL_RECIPIENT))
        return true;
    if (path->null)
        session_reply(s, 501, "5.1.3", "The null path is no recipient");
    else if (!local && !s->authenticated && !fault(s, FAULT_RELAY))
        session_reply(s, 550, "5.7.1", "Relaying denied");
    else if (local && unknown)
        session_reply(s, 550, "5.1.1", "No such mailbox");
    else if (s->recipients == s->config.max_recipients)
        session_reply(s, 452, "4.5.3", "Too many recipients");
    else
        return true;
    return false;
}

void mail_recipient(struct server *s, const struct smtp_command *command)
{
    const struct smtp_path *path = &command->path;
    if (!s->mail && !fault(s, FAULT_RCPT_BEFORE_MAIL)) {
        session_reply(s, 503, "5.5.1", "MAIL comes first");
        return;
    }
    if (!check_line(s, command) || !check_path(s, path) || !check_params(s, command) ||
        !check_recipient(s, path))
        return;
    struct writer w = writer_of(s->forward_paths + s->forward_paths_len,
                                s->forward_paths_room - s->forward_paths_len);
    writer_put(&w, path->mailbox);
    writer_put_octet(&w, '\n');
    if (w.overflow) {
        session_reply(s, 452, "4.5.3", "Too many recipients");
        return;
    }
    s->forward_paths_len += w.len;
    s->recipients++;
    session_reply(s, 250, "2.1.5", "Forward-path taken");
}

/* ---- the end of a message
 * ------------------------------------------------------------------------------ */

static void keep(struct server *s, struct slice octets)
{
    size_t room = s->content_room - s->content_len;
    size_t take = octets.len < room ? octets.len : room;
    if (take > 0)
        memcpy(s->content + s->content_len, octets.ptr, take);
    s->content_len += take;
    s->content_overflow = s->content_overflow || take < octets.len;
}

/* RFC 5321 4.1.1.4: whatever the answer, the transaction is over. */
static void finish(struct server *s)
{
    bool over = s->content_overflow;
    s->mode = SESSION_COMMAND;
    if (!over && s->config.deliver != NULL) {
        struct server_message message = {
            .reverse_path = slice_of(s->reverse_path, s->reverse_path_len),
            .forward_paths = slice_of(s->forward_paths, s->forward_paths_len),
            .forward_path_count = s->recipients,
            .content = slice_of(s->content, s->content_len),
        };
        s->config.deliver(s->config.context, &message);
    }
    if (!fault(s, FAULT_DATA_KEEPS))
        session_reset(s);
    s->content_len = 0;
    for (unsigned n = fault(s, FAULT_END_OF_DATA_NONE)    ? 0
                      : fault(s, FAULT_END_OF_DATA_TWICE) ? 2
                                                          : 1;
         n > 0; n--)
        session_reply(s, over ? 552 : 250, over ? "5.3.4" : "2.0.0",
                      over ? "Larger than the limit" : "Message taken");
}

/* ---- DATA (RFC 5321 4.1.1.4)
 * ----------------------------------------------------------------------------- */

void mail_data(struct server *s, const struct smtp_command *command)
{
    (void)command;
    if (!s->mail && !fault(s, FAULT_DATA_BEFORE_MAIL)) {
        session_reply(s, 503, "5.5.1", "MAIL comes first");
        return;
    }
    if (s->mail && s->recipients == 0 && !fault(s, FAULT_DATA_BEFORE_RCPT)) {
        session_reply(s, 503, "5.5.1", "RCPT comes first");
        return;
    }
    if (s->chunked) { /* RFC 3030 2 */
        session_reply(s, 503, "5.5.1", "BDAT began this message");
        return;
    }
    s->mode = SESSION_DATA;
    s->decoder = (struct smtp_data_decoder){.state = 0};
    memcpy(s->before, "\0\r\n", 3);
    session_reply(s, fault(s, FAULT_DATA_250) ? 250 : 354, "", "Send the message");
}

/* Whether a fault ends the message at this octet: the smuggling spellings of the end of data. */
static bool ends_wrongly(struct server *s, uint8_t octet)
{
    static const struct {
        enum fault fault;
        const char *spelling;
    } spellings[] = {
        {FAULT_LF_DOT_LF, "\n.\n"},
        {FAULT_LF_DOT_CRLF, "\n.\r\n"},
        {FAULT_CRLF_DOT_LF, "\r\n.\n"},
        {FAULT_CR_DOT_CR, "\r.\r"},
    };
    const uint8_t seen[4] = {s->before[0], s->before[1], s->before[2], octet};
    memcpy(s->before, seen + 1, 3);
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        size_t len = strlen(spellings[i].spelling);
        if (fault(s, spellings[i].fault) && memcmp(seen + 4 - len, spellings[i].spelling, len) == 0)
            return true;
    }
    return false;
}

static size_t wrong_end(struct server *s, struct slice octets)
{
    for (size_t i = 0; i < octets.len; i++)
        if (ends_wrongly(s, octets.ptr[i]))
            return i + 1;
    return 0;
}

static size_t receive_data(struct server *s, struct slice octets)
{
    uint8_t text[4096 + 5];
    struct writer w = writer_of(text, sizeof text);
    struct slice in = octets.len > 4096 ? slice_sub(octets, 0, 4096) : octets;
    size_t wrong = s->config.faults == NULL ? 0 : wrong_end(s, in);
    if (wrong > 0)
        in = slice_sub(in, 0, wrong);
    struct parse_result result = smtp_data_decode(&s->decoder, in, &w);
    keep(s, writer_slice(&w));
    if (result.status == PARSE_OK || wrong > 0)
        finish(s);
    return result.status == PARSE_OK ? result.offset : in.len;
}

/* ---- BDAT (RFC 3030 2)
 * ----------------------------------------------------------------------------------- */

static void end_chunk(struct server *s)
{
    s->mode = SESSION_COMMAND;
    if (s->chunk_refused)
        return; /* the refusal was sent when the chunk began */
    if (s->chunk_last)
        finish(s);
    else
        session_reply(s, 250, "2.0.0", "Chunk taken");
}

/* The octets of a chunk are taken off the stream whatever the answer. */
void mail_bdat(struct server *s, const struct smtp_command *command)
{
    bool ready = s->mail && s->recipients > 0;
    s->chunk_refused = !ready && !(s->mail && fault(s, FAULT_BDAT_WITHOUT_RCPT));
    s->chunk_left = command->chunk_octets;
    s->chunk_last = command->last;
    s->chunked = true;
    if (s->chunk_refused)
        session_reply(s, 503, "5.5.1", "MAIL and RCPT come first");
    if (s->chunk_refused && fault(s, FAULT_BDAT_LEAVES_CHUNK))
        return;
    s->mode = SESSION_BDAT;
    if (s->chunk_left == 0)
        end_chunk(s);
}

static size_t receive_chunk(struct server *s, struct slice octets)
{
    size_t take = octets.len < s->chunk_left ? octets.len : (size_t)s->chunk_left;
    if (!s->chunk_refused)
        keep(s, slice_sub(octets, 0, take));
    s->chunk_left -= take;
    if (s->chunk_left == 0)
        end_chunk(s);
    return take;
}

size_t mail_receive(struct server *s, struct slice octets)
{
    return s->mode == SESSION_DATA ? receive_data(s, octets) : receive_chunk(s, octets);
}
