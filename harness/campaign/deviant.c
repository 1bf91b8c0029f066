#include "campaign/deviant.h"

#include "smtp/command.h"

#define CLOSE_MS   300 /* a silent server's patience, before it closes */
#define HOLD_MS    250 /* how long a reply is held back, to see whether the client waits for it */
#define DRIP_MS    2
#define ALL        ((1u << DEVIANT_PLACES) - 1)
#define AT(place)  (1u << (place))
#define BUT(place) (ALL & ~AT(place))

enum {
    INSTEAD,   /* `text` takes the reply's place */
    AHEAD,     /* `text`, and then the reply */
    BEHIND,    /* the reply, and `text` with it */
    TWICE,     /* the reply, again */
    CODE,      /* the reply's code, and `text` */
    LINE_ENDS, /* `text` ends the reply's lines, in place of CRLF */
    CUT,     /* `count` octets of the reply (0: all but its last CRLF), then silence, then closed */
    LINES,   /* `count` continuation lines with the reply's code, and a last one */
    OCTETS,  /* the reply's code, `count` times 64 octets of text, and CRLF */
    CLOSED,  /* no reply; the connection is closed at once */
    SILENCE, /* no reply; closed after a while */
    DRIP,    /* the reply, an octet at a time */
    LAST,    /* `text`, and the connection is closed */
    GOES,    /* the reply, and the connection is closed */
    WITHOUT, /* EHLO: the keyword `text` is missing */
    KEYWORD, /* EHLO: `text` is announced, too, `count` times */
    INJECTION, /* STARTTLS: 220, and `text` behind it, before TLS begins */
    NO_TLS,    /* STARTTLS: 220, but what follows is answered in plain text */
    ROUNDS,    /* AUTH: `count` challenges before the outcome */
};

/* clang-format off */
const struct deviant_row deviant_rows[] = {
    {"closed", "RFC 5321 3.8", "closes the connection instead of a reply", ALL, true, CLOSED, SLICE_INIT(""), 0},
    {"silent", "RFC 5321 4.5.3.2", "says nothing, and closes the connection after a while", ALL, true, SILENCE, SLICE_INIT(""), 0},
    {"half-a-code", "RFC 5321 4.2", "sends two digits of the code, and closes after a while", ALL, true, CUT, SLICE_INIT(""), 2},
    {"no-line-end", "RFC 5321 4.2", "sends a reply whose CRLF never comes, and closes after a while", ALL, true, CUT, SLICE_INIT(""), 0},
    {"refused-for-now", "RFC 5321 4.2.1", "answers 451", ALL, true, INSTEAD, SLICE_INIT("451 4.3.0 Not now\r\n"), 0},
    {"refused", "RFC 5321 4.2.1", "answers 554", ALL, true, INSTEAD, SLICE_INIT("554 5.0.0 No\r\n"), 0},
    {"not-implemented", "RFC 5321 4.2.1", "answers 502", ALL, true, INSTEAD, SLICE_INIT("502 5.5.1 Not implemented\r\n"), 0},
    {"going-down", "RFC 5321 3.8", "answers 421 and closes", ALL, true, LAST, SLICE_INIT("421 4.3.2 Going down\r\n"), 0},
    {"closes-after", "RFC 5321 3.8", "gives the reply, and closes the connection", BUT(DEVIANT_QUIT), false, GOES, SLICE_INIT(""), 0},
    {"intermediate", "RFC 5321 4.3.2", "answers 354 where no message is asked for", BUT(DEVIANT_DATA), true, INSTEAD, SLICE_INIT("354 Go on\r\n"), 0},
    {"challenge", "RFC 4954 4", "answers 334 where there is no exchange", BUT(DEVIANT_AUTH), true, INSTEAD, SLICE_INIT("334 VXNlcm5hbWU6\r\n"), 0},
    {"success-for-354", "RFC 5321 4.1.1.4", "answers DATA with 250", AT(DEVIANT_DATA), true, INSTEAD, SLICE_INIT("250 2.0.0 Ok\r\n"), 0},
    {"preliminary", "RFC 5321 4.2.1", "answers 199, a class that SMTP does not have", ALL, true, INSTEAD, SLICE_INIT("199 Wait\r\n"), 0},
    {"code-000", "RFC 5321 4.2.1", "answers 000", ALL, true, INSTEAD, SLICE_INIT("000 Nothing\r\n"), 0},
    {"code-999", "RFC 5321 4.2.1", "answers 999", ALL, true, INSTEAD, SLICE_INIT("999 Everything\r\n"), 0},
    {"two-digits", "RFC 5321 4.2", "answers with a code of two digits", ALL, true, INSTEAD, SLICE_INIT("25 Ok\r\n"), 0},
    {"no-code", "RFC 5321 4.2", "answers without a code", ALL, true, INSTEAD, SLICE_INIT("Ok\r\n"), 0},
    {"http", "RFC 5321 4.2", "answers as an HTTP server", ALL, true, LAST, SLICE_INIT("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), 0},
    {"tls-alert", "RFC 3207 4", "answers with an alert of TLS", ALL, true, LAST, SLICE_INIT("\x15\x03\x01\x00\x02\x02\x28"), 0},
    {"text-missing", "RFC 5321 4.2", "sends the code without text", ALL, false, CODE, SLICE_INIT("\r\n"), 0},
    {"text-empty", "RFC 5321 4.2", "sends the code, a space, and no text", ALL, false, CODE, SLICE_INIT(" \r\n"), 0},
    {"enhanced-class", "RFC 2034 4", "gives an enhanced status code of another class than the reply code's", BUT(DEVIANT_GREETING) & BUT(DEVIANT_EHLO), false, CODE, SLICE_INIT(" 5.7.1 Refused\r\n"), 0},
    {"nul", "RFC 5321 4.2", "sends NUL in the text", ALL, false, CODE, SLICE_INIT(" a\0b\0\r\n"), 0},
    {"eight-bit", "RFC 5321 4.2", "sends octets in the text that are not UTF-8", ALL, false, CODE, SLICE_INIT(" \xff\xfe\xc0\x80\r\n"), 0},
    {"percent", "RFC 5321 4.2", "sends a format string as text", ALL, false, CODE, SLICE_INIT(" %s%n%s%n%x$(id)`id`\r\n"), 0},
    {"bare-lf", "RFC 5321 2.3.8", "ends its lines with LF alone", ALL, false, LINE_ENDS, SLICE_INIT("\n"), 0},
    {"bare-cr", "RFC 5321 2.3.8", "ends its lines with CR alone, and closes after a while", ALL, true, LINE_ENDS, SLICE_INIT("\r"), 0},
    {"empty-line", "RFC 5321 4.2", "sends an empty line ahead of the reply", ALL, false, AHEAD, SLICE_INIT("\r\n"), 0},
    {"mixed-codes", "RFC 5321 4.2.1", "sends a line of 550 ahead of the reply's own", ALL, false, AHEAD, SLICE_INIT("550-5.0.0 No\r\n"), 0},
    {"twice", "RFC 5321 2.1", "sends the reply twice", ALL, false, TWICE, SLICE_INIT(""), 0},
    {"early", "RFC 5321 2.1", "sends a 250 along with the reply", ALL, false, BEHIND, SLICE_INIT("250 2.0.0 Ok\r\n"), 0},
    {"many-lines", "RFC 5321 4.5.3.1.5", "sends a reply of 20,000 lines", ALL, false, LINES, SLICE_INIT(""), 20000},
    {"endless-lines", "RFC 5321 4.5.3.2", "sends 16 MB of reply lines, and closes", ALL, true, LINES, SLICE_INIT(""), 250000},
    {"long-line", "RFC 5321 4.5.3.1.5", "sends a reply line of 100,000 octets", ALL, false, OCTETS, SLICE_INIT(""), 1562},
    {"endless-line", "RFC 5321 4.5.3.1.5", "sends 16 MB of one reply line, and closes", ALL, true, OCTETS, SLICE_INIT(""), 250000},
    {"drip", "RFC 5321 4.5.3.2", "sends the reply an octet at a time", ALL, false, DRIP, SLICE_INIT(""), 0},
    {"no-starttls", "RFC 3207 6", "does not announce STARTTLS", AT(DEVIANT_EHLO), false, WITHOUT, SLICE_INIT("STARTTLS"), 0},
    {"no-auth", "RFC 4954 3", "does not announce AUTH", AT(DEVIANT_EHLO), false, WITHOUT, SLICE_INIT("AUTH"), 0},
    {"auth-unknown", "RFC 4954 3", "announces AUTH with mechanisms that nobody knows, and none at all", AT(DEVIANT_EHLO), false, KEYWORD, SLICE_INIT("AUTH X-NONE \r\n250-AUTH\r\n250-AUTH="), 1},
    {"size-huge", "RFC 1870 4", "announces a SIZE beyond 64 bits", AT(DEVIANT_EHLO), false, KEYWORD, SLICE_INIT("SIZE 99999999999999999999999"), 1},
    {"size-small", "RFC 1870 6.1", "announces a SIZE of 10 octets", AT(DEVIANT_EHLO), false, KEYWORD, SLICE_INIT("SIZE 10"), 1},
    {"starttls-again", "RFC 3207 4.2", "announces STARTTLS once more, under TLS, too", AT(DEVIANT_EHLO), false, KEYWORD, SLICE_INIT("STARTTLS"), 1},
    {"size-negative", "RFC 1870 4", "announces a negative SIZE", AT(DEVIANT_EHLO), false, KEYWORD, SLICE_INIT("SIZE -1"), 1},
    {"keyword-odd", "RFC 5321 4.1.1.1", "announces keywords with octets that keywords cannot have", AT(DEVIANT_EHLO), false, KEYWORD, SLICE_INIT("\x01\x7f =\xff"), 1},
    {"keywords-repeated", "RFC 5321 4.1.1.1", "announces the same keyword a hundred times", AT(DEVIANT_EHLO), false, KEYWORD, SLICE_INIT("PIPELINING"), 100},
    {"injection", "RFC 3207 5", "sends replies behind the 220 to STARTTLS, before TLS begins", AT(DEVIANT_STARTTLS), false, INJECTION, SLICE_INIT("250-mail.example.test\r\n250 AUTH PLAIN LOGIN\r\n235 2.7.0 Ok\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n"), 0},
    {"plain-for-tls", "RFC 3207 4", "answers the beginning of TLS in plain text", AT(DEVIANT_STARTTLS), true, NO_TLS, SLICE_INIT("250-mail.example.test\r\n250 AUTH PLAIN LOGIN\r\n"), 0},
    {"challenge-not-base64", "RFC 4954 4", "sends a challenge that is not base64", AT(DEVIANT_AUTH), true, INSTEAD, SLICE_INIT("334 !\"#$%&\r\n"), 0},
    {"challenges-without-end", "RFC 4954 4", "sends two hundred challenges", AT(DEVIANT_AUTH), false, ROUNDS, SLICE_INIT(""), 200},
};
/* clang-format on */
const size_t deviant_row_count = sizeof deviant_rows / sizeof *deviant_rows;

const char *deviant_place_name(enum deviant_place place)
{
    static const char *const names[DEVIANT_PLACES] = {
        "greeting", "EHLO", "STARTTLS",    "AUTH", "MAIL",
        "RCPT",     "DATA", "end of data", "QUIT", "another command"};
    return names[place];
}

size_t deviant_find(struct slice name)
{
    size_t i = 0;
    while (i < deviant_row_count && !slice_equal(name, slice_of_cstr(deviant_rows[i].name)))
        i++;
    return i;
}

size_t deviant_read(struct slice text, size_t *ret_reply)
{
    size_t at = slice_find(text, '@');
    struct slice digits = at < text.len ? slice_from(text, at + 1) : text;
    *ret_reply = at < text.len ? 0 : SIZE_MAX;
    if (at < text.len && (digits.len == 0 || digits.len > 3))
        return deviant_row_count;
    for (size_t i = 0; at < text.len && i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            return deviant_row_count;
        *ret_reply = *ret_reply * 10 + digits.ptr[i] - '0';
    }
    return deviant_find(slice_sub(text, 0, at));
}

/* ---- replies ---- */

static void put(struct deviant *d, struct slice text)
{
    struct writer w = {.ptr = d->out, .capacity = sizeof d->out, .len = d->out_len};
    writer_put(&w, text);
    d->out_len = w.len;
}

static void close_after(struct deviant *d, uint64_t ms, uint64_t now_ms)
{
    d->closes = true;
    d->mute = ms > 0;
    d->at_ms = ms > 0 ? now_ms + ms : 0;
}

static void put_line_ends(struct deviant *d, struct slice reply, struct slice ends)
{
    for (size_t i = 0; i < reply.len; i++) {
        bool end = reply.ptr[i] == '\r' && i + 1 < reply.len && reply.ptr[i + 1] == '\n';
        put(d, end ? ends : slice_sub(reply, i, i + 1));
        i += end;
    }
}

/* The lines of a reply to EHLO whose keyword is not `keyword`, which its last line never has. */
static void put_without(struct deviant *d, struct slice reply, struct slice keyword)
{
    for (size_t at = 0; at < reply.len;) {
        size_t end = at + slice_find(slice_from(reply, at), '\n') + 1;
        struct slice line = slice_sub(reply, at, end);
        if (!slice_starts(slice_from(line, 4), keyword))
            put(d, line);
        at = end;
    }
}

/* `count` times `text` and `end` behind what is put, in pieces as large as there is room for. */
static void fill(struct deviant *d, struct slice text, struct slice end)
{
    struct writer w = writer_of(d->fill, sizeof d->fill);
    while (w.len + text.len + end.len <= w.capacity) {
        writer_put(&w, text);
        writer_put(&w, end);
    }
    d->fill_len = w.len;
    d->fill_at = 0;
    d->fill_left = d->config.row->count * (text.len + end.len);
}

static void deviate(struct deviant *d, struct slice reply, uint64_t now_ms)
{
    static const struct slice
        more = SLICE_INIT("-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"),
        octets = SLICE_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    const struct deviant_row *row = d->config.row;
    struct slice code = slice_sub(reply, 0, 3);
    switch (row->how) {
    case INSTEAD:
    case LAST:
        put(d, row->text);
        d->closes = row->how == LAST;
        break;
    case GOES:
        put(d, reply);
        d->closes = true;
        break;
    case AHEAD:
        put(d, row->text);
        put(d, reply);
        break;
    case TWICE:
    case BEHIND:
        put(d, reply);
        put(d, row->how == TWICE ? reply : row->text);
        break;
    case CODE:
        put(d, code);
        put(d, row->text);
        break;
    case LINE_ENDS:
        put_line_ends(d, reply, row->text);
        if (row->denies)
            close_after(d, CLOSE_MS, now_ms);
        break;
    case CUT:
        put(d, slice_sub(reply, 0, row->count > 0 ? row->count : reply.len - 2));
        close_after(d, CLOSE_MS, now_ms);
        break;
    case LINES:
        put(d, code); /* of the first line; what is repeated ends with that of the next */
        fill(d, more, code);
        d->closes = row->denies;
        break;
    case OCTETS:
        put(d, code);
        put(d, SLICE(" "));
        fill(d, octets, SLICE(""));
        d->closes = row->denies;
        break;
    case CLOSED:
    case SILENCE:
        close_after(d, row->how == SILENCE ? CLOSE_MS : 0, now_ms);
        break;
    case DRIP:
        put(d, reply);
        d->drip = true;
        break;
    case WITHOUT:
        put_without(d, reply, row->text);
        break;
    case KEYWORD:
        put(d, SLICE("250-mail.example.test\r\n"));
        for (size_t i = 0; i < row->count; i++) {
            put(d, SLICE("250-"));
            put(d, row->text);
            put(d, SLICE("\r\n"));
        }
        put(d, slice_from(reply, slice_find(reply, '\n') + 1));
        break;
    case INJECTION:
        put(d, reply);
        put(d, row->text);
        d->injected = true;
        break;
    case NO_TLS:
        put(d, reply);
        break;
    case ROUNDS:
        put(d, SLICE("334 VXNlcm5hbWU6\r\n"));
        d->exchange = (unsigned)row->count;
        d->state = DEVIANT_EXCHANGE;
        break;
    default:
        break;
    }
}

/* What stands behind the octets that are repeated. */
static void put_tail(struct deviant *d)
{
    bool lines = d->config.row->how == LINES;
    d->out_len = d->out_sent = 0;
    put(d, lines ? SLICE(" done\r\n") : SLICE("\r\n"));
}

/* Answers, as it should or as the row says; true: with yes. */
static bool reply(struct deviant *d, enum deviant_place place, struct slice text, uint64_t now_ms)
{
    const struct deviant_row *row = d->config.row;
    bool now = row != NULL && d->seen.reply_count == d->config.reply;
    if (d->seen.reply_count < DEVIANT_MAX_REPLIES)
        d->seen.replies[d->seen.reply_count] = (uint8_t)place;
    d->seen.reply_count++;
    d->out_len = d->out_sent = 0;
    if (!now) {
        put(d, text);
        return true;
    }
    d->seen.deviated = true;
    deviate(d, text, now_ms);
    return !row->denies;
}

/* ---- commands ---- */

static void reply_to_ehlo(struct deviant *d, struct slice verb, uint64_t now_ms)
{
    uint8_t room[512];
    struct writer w = writer_of(room, sizeof room);
    if (slice_equal_nocase(verb, SLICE("HELO"))) {
        reply(d, DEVIANT_EHLO, SLICE("250 mail.example.test\r\n"), now_ms);
        return;
    }
    writer_put(&w, SLICE("250-mail.example.test\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n"));
    if (d->config.offer_tls && !d->seen.secured)
        writer_put(&w, SLICE("250-STARTTLS\r\n"));
    if (d->config.offer_auth)
        writer_put(&w, SLICE("250-AUTH PLAIN LOGIN\r\n"));
    writer_put(&w, SLICE("250 ENHANCEDSTATUSCODES\r\n"));
    reply(d, DEVIANT_EHLO, writer_slice(&w), now_ms);
}

/* LOGIN is asked for two values; PLAIN for one, where it did not come with the command. */
static void begin_exchange(struct deviant *d, const struct smtp_command *c, uint64_t now_ms)
{
    unsigned rounds = slice_equal_nocase(c->mechanism, SLICE("LOGIN")) ? 2 : 1;
    rounds -= c->initial_response.len > 0;
    d->exchange = rounds;
    d->state = rounds > 0 ? DEVIANT_EXCHANGE : DEVIANT_COMMANDS;
    if (rounds > 0)
        reply(d, DEVIANT_AUTH, rounds == 2 ? SLICE("334 VXNlcm5hbWU6\r\n") : SLICE("334 \r\n"),
              now_ms);
    else
        reply(d, DEVIANT_AUTH, SLICE("235 2.7.0 Ok\r\n"), now_ms);
}

static void take_response(struct deviant *d, struct slice line, uint64_t now_ms)
{
    if (slice_equal(line, SLICE("*\r\n"))) { /* RFC 4954 4: the client gives up */
        d->state = DEVIANT_COMMANDS;
        reply(d, DEVIANT_AUTH, SLICE("501 5.7.0 Cancelled\r\n"), now_ms);
    } else if (d->exchange > 1) {
        d->exchange--;
        reply(d, DEVIANT_AUTH, SLICE("334 UGFzc3dvcmQ6\r\n"), now_ms);
    } else {
        d->state = DEVIANT_COMMANDS;
        reply(d, DEVIANT_AUTH, SLICE("235 2.7.0 Ok\r\n"), now_ms);
    }
}

static void take_command(struct deviant *d, struct slice line, uint64_t now_ms)
{
    struct smtp_command c = {.verb = SMTP_VERB_UNKNOWN};
    if (smtp_command_parse(line, sizeof d->line, &c).status != PARSE_OK)
        c.verb = SMTP_VERB_UNKNOWN;
    switch (c.verb) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_HELO:
    case SMTP_VERB_LHLO:
        reply_to_ehlo(d, c.name, now_ms);
        if (d->injected && d->seen.secured) {
            d->at_ms = now_ms + HOLD_MS;
            d->pending_ehlo = true;
        }
        break;
    case SMTP_VERB_STARTTLS:
        if (!d->config.offer_tls || d->seen.secured)
            reply(d, DEVIANT_STARTTLS, SLICE("503 5.5.1 Not now\r\n"), now_ms);
        else
            d->starts_tls = reply(d, DEVIANT_STARTTLS, SLICE("220 2.0.0 Go on\r\n"), now_ms);
        break;
    case SMTP_VERB_AUTH:
        d->seen.in_clear = d->seen.in_clear || !d->seen.secured;
        begin_exchange(d, &c, now_ms);
        break;
    case SMTP_VERB_MAIL:
        d->seen.in_clear = d->seen.in_clear || !d->seen.secured;
        reply(d, DEVIANT_MAIL, SLICE("250 2.1.0 Ok\r\n"), now_ms);
        break;
    case SMTP_VERB_RCPT:
        reply(d, DEVIANT_RCPT, SLICE("250 2.1.5 Ok\r\n"), now_ms);
        break;
    case SMTP_VERB_DATA:
        if (reply(d, DEVIANT_DATA, SLICE("354 Go on\r\n"), now_ms)) {
            d->state = DEVIANT_TEXT;
            d->text_state = 2;
        }
        break;
    case SMTP_VERB_QUIT:
        reply(d, DEVIANT_QUIT, SLICE("221 2.0.0 Bye\r\n"), now_ms);
        d->closes = true;
        break;
    case SMTP_VERB_RSET:
    case SMTP_VERB_NOOP:
        reply(d, DEVIANT_OTHER, SLICE("250 2.0.0 Ok\r\n"), now_ms);
        break;
    default:
        reply(d, DEVIANT_OTHER, SLICE("500 5.5.1 Unknown\r\n"), now_ms);
        break;
    }
}

/* ---- octets ---- */

static void take_line(struct deviant *d, uint64_t now_ms)
{
    struct slice line = slice_of(d->line, d->line_len);
    d->line_len = 0;
    if (d->state == DEVIANT_EXCHANGE)
        take_response(d, line, now_ms);
    else
        take_command(d, line, now_ms);
}

/* How much of CRLF "." CRLF the octets up to this one are; 5: all of it (RFC 5321 4.1.1.4). */
static uint8_t text_after(uint8_t state, uint8_t octet)
{
    static const uint8_t wanted[] = {'\r', '\n', '.', '\r', '\n'};
    if (octet == wanted[state])
        return (uint8_t)(state + 1);
    return octet == '\r' ? 1 : 0;
}

static void take_octet(struct deviant *d, uint8_t octet, uint64_t now_ms)
{
    if (d->state != DEVIANT_TEXT) {
        if (d->line_len < sizeof d->line)
            d->line[d->line_len++] = octet;
        if (octet == '\n')
            take_line(d, now_ms);
        return;
    }
    d->text_state = text_after(d->text_state, octet);
    if (d->text_state < 5)
        return;
    d->state = DEVIANT_COMMANDS;
    d->seen.in_clear = d->seen.in_clear || !d->seen.secured;
    d->seen.messages++;
    d->seen.accepted += reply(d, DEVIANT_END_OF_DATA, SLICE("250 2.0.0 Ok\r\n"), now_ms);
}

static bool has_output(const struct deviant *d)
{
    return d->out_sent < d->out_len || d->fill_left > 0;
}

/* Under TLS, or beyond a 220 that was a lie, these octets are no commands. */
static bool lies(const struct deviant *d)
{
    return d->seen.deviated && d->config.row->how == NO_TLS;
}

static void stay(struct deviant *d, uint64_t now_ms)
{
    d->idle_at_ms = d->config.idle_ms > 0 ? now_ms + d->config.idle_ms : DEVIANT_NEVER;
}

static size_t take(struct deviant *d, struct slice octets, uint64_t now_ms)
{
    size_t taken = 0;
    if (d->pending_ehlo && octets.len > 0) {
        d->seen.took_injection = true;
        d->closes = true;
    }
    if (d->mute || d->closes)
        return octets.len;
    if (lies(d)) {
        d->out_len = d->out_sent = 0;
        put(d, d->config.row->text);
        d->closes = true;
        return octets.len;
    }
    while (taken < octets.len && !has_output(d) && !d->starts_tls && !d->closes)
        take_octet(d, octets.ptr[taken++], now_ms);
    return taken;
}

static void tap(const struct deviant *d, bool by_server, struct slice octets)
{
    if (d->config.tap != NULL && octets.len > 0)
        d->config.tap(d->config.context, by_server, octets);
}

size_t deviant_receive(struct deviant *d, struct slice octets, uint64_t now_ms)
{
    size_t taken = take(d, octets, now_ms);
    tap(d, false, slice_sub(octets, 0, taken));
    stay(d, now_ms);
    return taken;
}

void deviant_begin(struct deviant *d, const struct deviant_config *config, uint64_t now_ms)
{
    *d = (struct deviant){.config = *config};
    stay(d, now_ms);
    reply(d, DEVIANT_GREETING, SLICE("220 mail.example.test ESMTP\r\n"), now_ms);
}

unsigned deviant_wants(const struct deviant *d)
{
    bool waits = d->at_ms > 0;
    if (has_output(d) && (!waits || d->mute))
        return DEVIANT_WANTS_SEND;
    if (d->closes && !waits)
        return DEVIANT_WANTS_CLOSE;
    if (d->starts_tls)
        return DEVIANT_WANTS_TLS;
    return DEVIANT_WANTS_RECEIVE;
}

struct slice deviant_output(const struct deviant *d)
{
    struct slice out = slice_of(d->out + d->out_sent, d->out_len - d->out_sent);
    size_t piece = d->fill_len - d->fill_at;
    if (out.len == 0 && d->fill_left > 0)
        return slice_of(d->fill + d->fill_at, piece < d->fill_left ? piece : d->fill_left);
    return d->drip ? slice_sub(out, 0, 1) : out;
}

void deviant_sent(struct deviant *d, size_t octets, uint64_t now_ms)
{
    tap(d, true, slice_sub(deviant_output(d), 0, octets));
    stay(d, now_ms);
    if (d->out_sent < d->out_len) {
        d->out_sent += octets;
        if (d->drip)
            d->at_ms = d->out_sent < d->out_len ? now_ms + DRIP_MS : 0;
        d->drip = d->drip && d->out_sent < d->out_len;
        return;
    }
    d->fill_at = (d->fill_at + octets) % d->fill_len;
    d->fill_left -= octets;
    if (d->fill_left == 0)
        put_tail(d);
}

void deviant_eof(struct deviant *d)
{
    d->out_len = d->out_sent = d->fill_left = 0;
    d->at_ms = 0;
    d->idle_at_ms = DEVIANT_NEVER;
    d->closes = true;
}

void deviant_secured(struct deviant *d)
{
    d->starts_tls = false;
    d->seen.secured = true;
    d->state = DEVIANT_COMMANDS;
    d->line_len = 0;
}

uint64_t deviant_deadline(const struct deviant *d)
{
    return d->at_ms > 0 && d->at_ms < d->idle_at_ms ? d->at_ms : d->idle_at_ms;
}

void deviant_tick(struct deviant *d, uint64_t now_ms)
{
    if (d->at_ms > 0 && d->at_ms <= now_ms) {
        d->at_ms = 0;
        d->mute = d->pending_ehlo = false;
    }
    if (d->idle_at_ms <= now_ms)
        deviant_eof(d);
}
