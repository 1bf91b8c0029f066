/*
 * Laws of a deviant server: whatever a client sends, how its octets are cut changes no octet of
 * what it hears; all that is said is bounded; and it ends once the client has nothing more to say.
 * Until it goes wrong, it says what a server says that does not, which is replies without quirks,
 * to each command the one that a second reading of the client's octets has for it. The last octet
 * of the input chooses the way to go wrong, the one before it the reply.
 */
#include "campaign/deviant.h"
#include "custom.h"
#include "fuzz.h"
#include "smtp/command.h"
#include "smtp/ehlo.h"
#include "smtp/reply.h"

#define KEPT_OCTETS 65536u
#define MOST_OCTETS                                                                                \
    (20u << 20) /* of the longest deviation, and replies to MAX_OCTETS of commands */
#define MAX_OCTETS 2048

struct heard {
    uint8_t octets[KEPT_OCTETS];
    size_t total;
    struct deviant_seen seen;
};

static struct heard heard[3];

static void hear(struct heard *h, struct slice out)
{
    size_t room = h->total < KEPT_OCTETS ? KEPT_OCTETS - h->total : 0;
    if (room > 0 && out.len > 0)
        memcpy(h->octets + h->total, out.ptr, out.len < room ? out.len : room);
    h->total += out.len;
    FUZZ_LAW(h->total <= MOST_OCTETS, "what is said is bounded");
}

static void play(struct heard *h, const struct deviant_config *config, struct slice in,
                 size_t piece)
{
    struct deviant d;
    uint64_t now_ms = 0;
    h->total = 0;
    deviant_begin(&d, config, now_ms);
    while (!(deviant_wants(&d) & DEVIANT_WANTS_CLOSE)) {
        unsigned wants = deviant_wants(&d);
        if (wants & DEVIANT_WANTS_SEND) {
            struct slice out = deviant_output(&d);
            FUZZ_LAW(out.len > 0, "what wants to be sent is there");
            hear(h, out);
            deviant_sent(&d, out.len, now_ms);
        } else if (wants & DEVIANT_WANTS_TLS) {
            deviant_secured(&d);
        } else if (d.at_ms == 0 && in.len > 0) {
            size_t taken =
                deviant_receive(&d, slice_sub(in, 0, piece < in.len ? piece : in.len), now_ms);
            FUZZ_LAW(taken > 0, "what it wants to receive it takes");
            in = slice_from(in, taken);
        } else {
            FUZZ_LAW(deviant_deadline(&d) != DEVIANT_NEVER, "a wait has an end");
            now_ms = deviant_deadline(&d);
            deviant_tick(&d, now_ms);
        }
    }
    h->seen = d.seen;
}

/* ---- a second reading of what the client says, for one who keeps to the RFCs ---- */

static struct {
    struct {
        enum deviant_place place;
        unsigned code;
    } replies[MAX_OCTETS + 1]; /* the greeting, and one for each line at most */
    size_t reply_count, messages;
    bool secured, in_clear;
} told;

static void tell(enum deviant_place place, unsigned code)
{
    told.replies[told.reply_count].place = place;
    told.replies[told.reply_count++].code = code;
}

static struct slice take_line(struct slice *in)
{
    size_t end = slice_find(*in, '\n');
    struct slice line = slice_sub(*in, 0, end < in->len ? end + 1 : 0);
    *in = slice_from(*in, end < in->len ? end + 1 : end);
    return line;
}

/* RFC 5321 4.1.1.4: CRLF "." CRLF, whose first CRLF may be that of DATA. */
static void tell_message(struct slice *in)
{
    static const struct slice end = SLICE_INIT("\r\n.\r\n");
    size_t at = 0;
    bool ends = slice_starts(*in, slice_from(end, 2));
    while (!ends && at < in->len && !slice_starts(slice_from(*in, at), end))
        at++;
    bool whole = ends || at < in->len;
    *in = slice_from(*in, ends ? 3 : whole ? at + end.len : at);
    if (!whole)
        return;
    told.in_clear = told.in_clear || !told.secured;
    told.messages++;
    tell(DEVIANT_END_OF_DATA, 250);
}

/* RFC 4954 4: a challenge for each value that did not come with the command; "*" gives up. */
static void tell_exchange(const struct smtp_command *c, struct slice *in)
{
    size_t values = slice_equal_nocase(c->mechanism, SLICE("LOGIN")) ? 2 : 1;
    for (values -= c->initial_response.len > 0; values > 0; values--) {
        tell(DEVIANT_AUTH, 334);
        struct slice line = take_line(in);
        if (line.len == 0)
            return;
        if (slice_equal(line, SLICE("*\r\n"))) {
            tell(DEVIANT_AUTH, 501);
            return;
        }
    }
    tell(DEVIANT_AUTH, 235);
}

/* One command and what belongs to it; false behind the last one. */
static bool tell_command(struct slice *in)
{
    struct slice line = take_line(in);
    struct smtp_command c = {.verb = SMTP_VERB_UNKNOWN};
    bool read = smtp_command_parse(line, MAX_OCTETS, &c).status == PARSE_OK;
    enum smtp_verb verb = read ? c.verb : SMTP_VERB_UNKNOWN;
    if (line.len == 0)
        return false;
    if (verb == SMTP_VERB_EHLO || verb == SMTP_VERB_HELO || verb == SMTP_VERB_LHLO)
        tell(DEVIANT_EHLO, 250);
    else if (verb == SMTP_VERB_STARTTLS)
        tell(DEVIANT_STARTTLS, told.secured ? 503 : 220);
    else if (verb == SMTP_VERB_AUTH)
        tell_exchange(&c, in);
    else if (verb == SMTP_VERB_MAIL || verb == SMTP_VERB_RCPT)
        tell(verb == SMTP_VERB_MAIL ? DEVIANT_MAIL : DEVIANT_RCPT, 250);
    else if (verb == SMTP_VERB_DATA)
        tell(DEVIANT_DATA, 354);
    else if (verb == SMTP_VERB_QUIT)
        tell(DEVIANT_QUIT, 221);
    else
        tell(DEVIANT_OTHER, verb == SMTP_VERB_RSET || verb == SMTP_VERB_NOOP ? 250 : 500);
    told.in_clear =
        told.in_clear || (!told.secured && (verb == SMTP_VERB_AUTH || verb == SMTP_VERB_MAIL));
    told.secured = told.secured || verb == SMTP_VERB_STARTTLS;
    if (verb == SMTP_VERB_DATA)
        tell_message(in);
    return verb != SMTP_VERB_QUIT;
}

static void tell_all(struct slice in)
{
    told.reply_count = told.messages = 0;
    told.secured = told.in_clear = false;
    tell(DEVIANT_GREETING, 220);
    while (tell_command(&in))
        ;
}

static void check_seen(const struct deviant_seen *seen)
{
    FUZZ_LAW(seen->reply_count == told.reply_count, "each line that is a command has its reply");
    for (size_t i = 0; i < told.reply_count && i < DEVIANT_MAX_REPLIES; i++)
        FUZZ_LAW(seen->replies[i] == told.replies[i].place, "and it is known what it answers");
    FUZZ_LAW(seen->secured == told.secured && seen->in_clear == told.in_clear,
             "it is seen what came before TLS");
    FUZZ_LAW(seen->messages == told.messages && seen->accepted == told.messages,
             "each message is seen, and accepted");
}

/* Checks the replies of one who keeps to the RFCs; returns the octets of the first `most`. */
static size_t check_replies(const struct heard *h, size_t most)
{
    const struct smtp_reply_limits limits = {KEPT_OCTETS, 512};
    struct slice rest = slice_of(h->octets, h->total);
    size_t octets = 0;
    for (size_t count = 0; rest.len > 0; count++) {
        struct smtp_reply_parser parser = {.limits = limits};
        struct smtp_reply reply;
        struct smtp_ehlo ehlo;
        struct smtp_ehlo_keyword keyword;
        FUZZ_LAW(smtp_reply_parse(&parser, rest, &reply).status == PARSE_OK && reply.quirks == 0,
                 "what does not go wrong is replies without quirks");
        FUZZ_LAW(count < told.reply_count && reply.code == told.replies[count].code,
                 "a reply has the code of what it answers");
        smtp_ehlo_begin(&reply, &ehlo);
        while (reply.lines > 1 && smtp_ehlo_next(&ehlo, &keyword))
            FUZZ_LAW(keyword.quirks == 0, "and keywords without quirks");
        rest = slice_from(rest, reply.raw.len);
        octets += count < most ? reply.raw.len : 0;
    }
    return octets;
}

/* Who leaves a keyword out says replies without quirks, too, none of which has it. */
static void check_without(const struct heard *h, const struct deviant_row *row, size_t at)
{
    bool tls = strcmp(row->name, "no-starttls") == 0;
    if (!h->seen.deviated || (!tls && strcmp(row->name, "no-auth") != 0))
        return;
    size_t number = 0;
    for (struct slice rest = slice_of(h->octets, h->total); rest.len > 0; number++) {
        struct smtp_reply_parser parser = {.limits = {KEPT_OCTETS, 512}};
        struct smtp_reply reply;
        struct smtp_ehlo_keyword found;
        FUZZ_LAW(smtp_reply_parse(&parser, rest, &reply).status == PARSE_OK && reply.quirks == 0,
                 "a reply without a keyword is a reply");
        FUZZ_LAW(number != at || reply.lines == 1 ||
                     !smtp_ehlo_find(&reply, tls ? SLICE("STARTTLS") : SLICE("AUTH"), &found),
                 "the keyword is left out");
        rest = slice_from(rest, reply.raw.len);
    }
}

/* A row is named alone, or with the reply's number behind it: "@" 1*3DIGIT. */
static void check_name(struct slice in, size_t row)
{
    uint8_t text[64];
    struct writer w = writer_of(text, sizeof text);
    size_t line = slice_find(in, '\r'), number = 0, digits = 0, got;
    struct slice tail = slice_sub(in, 0, line < 6 ? line : 6);
    for (; digits < tail.len && tail.ptr[digits] >= '0' && tail.ptr[digits] <= '9'; digits++)
        number = 10 * number + (size_t)(tail.ptr[digits] - '0');
    writer_put(&w, slice_of_cstr(deviant_rows[row].name));
    FUZZ_LAW(deviant_read(writer_slice(&w), &got) == row && got == SIZE_MAX, "a row has its name");
    writer_put(&w, SLICE("@"));
    writer_put(&w, tail);
    size_t read = deviant_read(writer_slice(&w), &got);
    FUZZ_LAW((read == row) == (digits == tail.len && digits > 0 && digits < 4),
             "behind a name stands the number of a reply");
    FUZZ_LAW(read != row || got == number, "and it is that number");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_OCTETS)
        return 0;
    struct slice in = fuzz_copy(slice_of(data, size));
    struct deviant_config config = {.row = &deviant_rows[fuzz_knob(in, 0, deviant_row_count)],
                                    .reply = fuzz_knob(in, 1, 12),
                                    .offer_tls = true,
                                    .offer_auth = true,
                                    .idle_ms = 1000};
    play(&heard[0], &config, in, size + 1);
    if (heard[0].total < KEPT_OCTETS) { /* the long ones once */
        play(&heard[1], &config, in, 1 + fuzz_knob(in, 2, 16));
        FUZZ_LAW(heard[0].total == heard[1].total &&
                     memcmp(heard[0].octets, heard[1].octets, heard[0].total) == 0,
                 "how the client's octets are cut changes nothing that it hears");
        FUZZ_LAW(heard[0].seen.accepted == heard[1].seen.accepted &&
                     heard[0].seen.in_clear == heard[1].seen.in_clear,
                 "nor what is seen of it");
    }
    struct deviant_config right = config;
    right.row = NULL;
    play(&heard[2], &right, in, size + 1);
    tell_all(in);
    check_seen(&heard[2].seen);
    size_t same = check_replies(&heard[2], config.reply);
    FUZZ_LAW(heard[0].total >= same && memcmp(heard[0].octets, heard[2].octets, same) == 0,
             "until it goes wrong, it does not");
    check_without(&heard[0], config.row, config.reply);
    check_name(in, (size_t)(config.row - deviant_rows));
    fuzz_free(in);
    return 0;
}

FUZZ_MUTATOR(mutate_dialogue)
