#include "script/transcript_log.h"

#include "base/octet.h"
#include "script/transcript_session.h"
#include "script/transcript_shape.h"
#include "script/transcript_text.h"

enum side {
    NONE,  /* no line of that format */
    NOISE, /* the program's own words */
    CLIENT,
    SERVER,
    SENT,     /* by the program that wrote the log, which is either */
    RECEIVED, /* by it */
};

struct piece {
    enum side side;
    struct slice text;
    bool quoted;         /* as Python writes strings */
    struct slice id;     /* of the session, where the line says it */
    struct slice before; /* the mark, in the line */
};

/* ---- marks ---- */

enum where { START, BLANKS, ANYWHERE };

enum format {
    SWAKS,
    CURL,
    MSMTP,
    EXIM,
    NOTICE,
    PEER,
    SMTPLIB,
    BRACKETS,
    PHPMAILER,
    DUMP,
    RFC,
    FORMATS
};

struct mark {
    enum format format;
    enum where where;
    enum side side;
    struct slice text;
};

/* Of those that fit a line the first one counts. */
/* clang-format off */
static const struct mark marks[] = {
    {SWAKS, START, SERVER, SLICE_INIT("<-  ")},
    {SWAKS, START, SERVER, SLICE_INIT("<~  ")},
    {SWAKS, START, SERVER, SLICE_INIT("<** ")},
    {SWAKS, START, SERVER, SLICE_INIT("<~* ")},
    {SWAKS, START, CLIENT, SLICE_INIT(" -> ")},
    {SWAKS, START, CLIENT, SLICE_INIT(" ~> ")},
    {SWAKS, START, SERVER, SLICE_INIT("<- ")}, /* where a page or an editor took blanks away */
    {SWAKS, START, SERVER, SLICE_INIT("<~ ")},
    {SWAKS, START, CLIENT, SLICE_INIT("-> ")},
    {SWAKS, START, CLIENT, SLICE_INIT("~> ")},
    {SWAKS, START, CLIENT, SLICE_INIT("**> ")}, /* behind what it did not expect */
    {SWAKS, START, CLIENT, SLICE_INIT("*~> ")},
    {SWAKS, START, NOISE, SLICE_INIT("=== ")},
    {SWAKS, START, NOISE, SLICE_INIT("*** ")},
    {CURL, START, CLIENT, SLICE_INIT("> ")},
    {CURL, START, SERVER, SLICE_INIT("< ")},
    {CURL, START, NOISE, SLICE_INIT("* ")},
    {CURL, START, NOISE, SLICE_INIT("} [")},
    {CURL, START, NOISE, SLICE_INIT("{ [")},
    {MSMTP, START, CLIENT, SLICE_INIT("--> ")},
    {MSMTP, START, SERVER, SLICE_INIT("<-- ")},
    {MSMTP, START, CLIENT, SLICE_INIT("~~> ")}, /* CheckTLS, where TLS began */
    {MSMTP, START, SERVER, SLICE_INIT("<~~ ")},
    {EXIM, ANYWHERE, NOISE, SLICE_INIT("SMTP>> writing message")},
    {EXIM, ANYWHERE, SENT, SLICE_INIT("SMTP>> ")},
    {EXIM, ANYWHERE, SENT, SLICE_INIT("SMTP|> ")},
    {EXIM, ANYWHERE, SENT, SLICE_INIT("SMTP+> ")},
    {EXIM, ANYWHERE, RECEIVED, SLICE_INIT("SMTP<< ")},
    {NOTICE, BLANKS, CLIENT, SLICE_INIT("In:  ")},
    {NOTICE, BLANKS, SERVER, SLICE_INIT("Out: ")},
    {SMTPLIB, ANYWHERE, CLIENT, SLICE_INIT("send: ")},
    {SMTPLIB, ANYWHERE, NOISE, SLICE_INIT("reply: retcode")},
    {SMTPLIB, ANYWHERE, SERVER, SLICE_INIT("reply: ")},
    {SMTPLIB, ANYWHERE, NOISE, SLICE_INIT("data: ")},
    {SMTPLIB, ANYWHERE, NOISE, SLICE_INIT("connect: ")},
    {BRACKETS, ANYWHERE, CLIENT, SLICE_INIT("] C: ")},
    {BRACKETS, ANYWHERE, SERVER, SLICE_INIT("] S: ")},
    {PHPMAILER, ANYWHERE, CLIENT, SLICE_INIT("CLIENT -> SERVER: ")},
    {PHPMAILER, ANYWHERE, SERVER, SLICE_INIT("SERVER -> CLIENT: ")},
    {PHPMAILER, ANYWHERE, CLIENT, SLICE_INIT("CLIENT -&gt; SERVER: ")},
    {PHPMAILER, ANYWHERE, SERVER, SLICE_INIT("SERVER -&gt; CLIENT: ")},
    {DUMP, START, CLIENT, SLICE_INIT("=> ")}, /* of transcript_dump */
    {DUMP, START, SERVER, SLICE_INIT("<= ")},
    {RFC, BLANKS, CLIENT, SLICE_INIT("C: ")},
    {RFC, BLANKS, SENT, SLICE_INIT("S: ")}, /* the server, or RFC 821's sender */
    {RFC, BLANKS, SERVER, SLICE_INIT("R: ")},
};
/* clang-format on */

static const char *const names[FORMATS] = {
    [SWAKS] = "a log of swaks: what is no part of the dialogue is left out",
    [CURL] = "a log of curl -v: what is no part of the dialogue is left out",
    [MSMTP] = "a log of msmtp, or of CheckTLS: what is no part of the dialogue is left out",
    [EXIM] = "a log of Exim: what is no part of the dialogue is left out",
    [NOTICE] = "a notice of Postfix: what is no part of the dialogue is left out",
    [PEER] = "a log of Postfix: what is no part of the dialogue is left out",
    [SMTPLIB] = "a log of Python's smtplib: what is no part of the dialogue is left out",
    [BRACKETS] = "a log of nodemailer or Haraka: what is no part of the dialogue is left out",
    [PHPMAILER] = "a log of PHPMailer: what is no part of the dialogue is left out",
    [DUMP] = "a log of octets: what is no part of the dialogue is left out",
    [RFC] = "a document: what is no part of a dialogue is left out",
};

static struct slice without_blanks_before(struct slice text)
{
    while (text.len > 0 && octet_is(text.ptr[0], OCTET_WSP))
        text = slice_from(text, 1);
    return text;
}

/* Offset of `needle` in `text`, or its length. */
static size_t find(struct slice text, struct slice needle)
{
    for (size_t at = 0; at < text.len;) {
        at += slice_find(slice_from(text, at), needle.ptr[0]);
        if (at < text.len && slice_starts(slice_from(text, at), needle))
            return at;
        at += at < text.len;
    }
    return text.len;
}

/* A mark that a line ends with has lost its blank where an editor cut blanks off. */
static bool starts(struct slice line, struct slice mark)
{
    bool bare = line.len + 1 == mark.len && mark.ptr[mark.len - 1] == ' ' &&
                slice_equal(line, slice_sub(mark, 0, line.len));
    return bare || slice_starts(line, mark);
}

/* Where the mark stands in the line: also bare at its end. */
static size_t find_mark(struct slice line, struct slice mark)
{
    size_t at = find(line, mark);
    size_t bare = line.len + 1 > mark.len ? line.len + 1 - mark.len : line.len;
    return at == line.len && starts(slice_from(line, bare), mark) ? bare : at;
}

static bool read_mark(struct slice line, const struct mark *mark, struct piece *ret_piece)
{
    struct slice rest = mark->where == START ? line : without_blanks_before(line);
    if (mark->where == ANYWHERE)
        rest = slice_from(line, find_mark(line, mark->text));
    if (!starts(rest, mark->text))
        return false;
    size_t octets = mark->text.len < rest.len ? mark->text.len : rest.len;
    *ret_piece = (struct piece){.side = mark->side,
                                .text = slice_from(rest, octets),
                                .before = slice_sub(line, 0, (size_t)(rest.ptr - line.ptr))};
    return true;
}

/* ---- what a mark does not say ---- */

/* "postfix/smtpd[123]: < client[192.0.2.1]: EHLO me" */
static struct piece read_peer(struct slice line)
{
    static const struct slice end = SLICE_INIT("]: ");
    struct piece none = {.side = NONE};
    size_t daemon = find(line, SLICE("/smtp"));
    if (daemon == line.len)
        return none;
    struct slice rest = slice_from(line, daemon);
    struct slice id = slice_sub(rest, 0, slice_find(rest, ':'));
    size_t at = find(rest, end);
    if (at + end.len + 2 > rest.len)
        return none;
    rest = slice_from(rest, at + end.len);
    uint8_t sign = rest.ptr[0];
    if ((sign != '<' && sign != '>') || rest.ptr[1] != ' ')
        return (struct piece){.side = NOISE};
    size_t host = find(rest, end);
    if (host == rest.len)
        return none;
    return (struct piece){
        .side = sign == '>' ? SENT : RECEIVED, .text = slice_from(rest, host + end.len), .id = id};
}

/* Haraka says the state of the connection behind what the client said. */
static struct slice without_state(struct slice text)
{
    size_t len = text.len;
    while (len > 0 && octet_is(text.ptr[len - 1], OCTET_DIGIT))
        len--;
    static const struct slice state = SLICE_INIT(" state=");
    bool has = len < text.len && len >= state.len &&
               slice_equal(slice_sub(text, len - state.len, len), state);
    return has ? slice_sub(text, 0, len - state.len) : text;
}

/* "[2024-01-31 10:15:31] DEBUG [abc] C: " of nodemailer; "[PROTOCOL] [abc.1] [core] C: " of Haraka,
 * which numbers the transactions behind a dot. */
static struct slice read_id(struct slice line)
{
    size_t end = slice_find(line, ']');
    struct slice rest = slice_from(line, end);
    rest = slice_from(rest, slice_find(rest, '['));
    struct slice id = slice_sub(rest, 0, slice_find(rest, ']'));
    return slice_sub(id, 0, slice_find(id, '.'));
}

/* PHPMailer writes for a page. */
static struct slice without_break(struct slice text)
{
    static const struct slice breaks[] = {SLICE_INIT("<br>"), SLICE_INIT("<br />"),
                                          SLICE_INIT("<br/>")};
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
        if (text.len >= breaks[i].len &&
            slice_equal(slice_from(text, text.len - breaks[i].len), breaks[i]))
            return slice_sub(text, 0, text.len - breaks[i].len);
    return text;
}

static bool is_page_break(struct slice line)
{
    size_t page = find(line, SLICE("[Page "));
    bool form_feed = slice_starts(line, SLICE("\f"));
    if (page == line.len)
        return form_feed;
    struct slice number = slice_from(line, page + 6);
    bool begins = page == 0; /* as every other page of RFC 821 */
    size_t digits = 0;
    while (digits < number.len && octet_is(number.ptr[digits], OCTET_DIGIT))
        digits++;
    struct slice rest = slice_trim(slice_from(number, digits));
    return digits > 0 && (begins ? slice_starts(rest, SLICE("]")) : slice_equal(rest, SLICE("]")));
}

/* A sentence in column 1: four words, and no sign of a script's. */
static bool is_prose(struct slice line)
{
    size_t words = 0;
    for (size_t i = 0; i < line.len; i++)
        words += octet_is(line.ptr[i], OCTET_ALPHA) && (i == 0 || line.ptr[i - 1] == ' ');
    return words > 3 && octet_is(line.ptr[0], OCTET_ALPHA);
}

bool transcript_log_is_document(struct slice source)
{
    bool breaks = false, prose = false;
    size_t client = 0, server = 0;
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source), trimmed = without_blanks_before(line);
        if (slice_starts(line, SLICE("C: ")) || slice_starts(line, SLICE("S: ")) ||
            slice_starts(line, SLICE("%")) || transcript_is_of_script(line))
            return false; /* a document indents its examples */
        if (slice_starts(line, SLICE("#")))
            continue; /* a script's comment, which may show anything */
        prose = prose || is_prose(line);
        breaks = breaks || is_page_break(line);
        client += slice_starts(trimmed, SLICE("C: "));
        server += slice_starts(trimmed, SLICE("S: "));
        if (slice_starts(trimmed, SLICE("%")))
            prose = false, client = 0; /* an indented script */
    }
    return breaks || (prose && client > 0 && server > 0);
}

/* "2024-03-20 22:56:16" and blanks at the end: the time of what follows. */
static struct slice without_time_behind(struct slice text)
{
    static const struct slice form = SLICE_INIT("0000-00-00 00:00:00");
    struct slice trimmed = slice_trim(text);
    if (trimmed.len < form.len)
        return text;
    struct slice time = slice_from(trimmed, trimmed.len - form.len);
    for (size_t i = 0; i < form.len; i++)
        if (form.ptr[i] == '0' ? !octet_is(time.ptr[i], OCTET_DIGIT) : time.ptr[i] != form.ptr[i])
            return text;
    return slice_trim(slice_sub(trimmed, 0, trimmed.len - form.len));
}

/* Offset of the first mark of PHPMailer at `from` or behind it; the length where there is none. */
static size_t find_phpmailer(struct slice text, size_t from)
{
    for (size_t at = from; at < text.len; at++)
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (marks[i].format == PHPMAILER && marks[i].text.ptr[0] == text.ptr[at] &&
                slice_starts(slice_from(text, at), marks[i].text))
                return at;
    return text.len;
}

/* Where a page put the lines of PHPMailer into one, each of them; else the line. */
static struct slice next_part(struct slice *rest, enum format format)
{
    struct slice whole = *rest;
    size_t next = whole.len;
    if (format == PHPMAILER)
        next = find_phpmailer(whole, find_phpmailer(whole, 0) + 1);
    *rest = slice_from(whole, next);
    return next < whole.len ? without_time_behind(slice_sub(whole, 0, next)) : whole;
}

static struct piece read_line(struct slice line, enum format format)
{
    struct piece piece = {.side = NONE};
    if (format == PEER)
        return read_peer(line);
    bool found = false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && !found; i++)
        found = marks[i].format == format && read_mark(line, &marks[i], &piece);
    if (format == BRACKETS && piece.side == CLIENT)
        piece.text = without_state(piece.text);
    struct slice haraka = slice_from(line, find(line, SLICE("[PROTOCOL] "))); /* behind a prefix */
    if (format == BRACKETS && haraka.len == 0 && !slice_starts(line, SLICE("[")))
        piece.side = NONE;
    if (format == BRACKETS && piece.side != NONE)
        piece.id = read_id(haraka.len > 0 ? haraka : line);
    if (format == PHPMAILER)
        piece.text = without_break(piece.text);
    bool said = piece.side == CLIENT || piece.side == SERVER;
    piece.quoted = (format == SMTPLIB || format == DUMP) && said;
    struct slice quoted = slice_from(piece.text, slice_starts(piece.text, SLICE("b")));
    if (piece.quoted && !slice_starts(quoted, SLICE("'")) && !slice_starts(quoted, SLICE("\"")))
        piece.side = NONE;
    return piece;
}

/* ---- which format ---- */

struct count {
    size_t of[RECEIVED + 1];      /* lines of each side */
    size_t replies[RECEIVED + 1]; /* of them */
    size_t first;                 /* line of the first one */
};

static bool is_reply(struct piece piece)
{
    struct slice text = piece.text;
    if (piece.quoted)
        text = slice_from(text, slice_starts(text, SLICE("b")) + (size_t)1);
    return transcript_is_reply(slice_sub(text, 0, text.len < 4 ? text.len : 4)) ||
           (piece.quoted && text.len > 3 && transcript_is_reply(slice_sub(text, 0, 3)));
}

static void count_piece(struct count *count, size_t number, struct piece piece)
{
    count->of[piece.side]++;
    count->replies[piece.side] += piece.side > NOISE && is_reply(piece);
    if (piece.side > NOISE && count->first == 0)
        count->first = number;
}

static void count_lines(struct slice source, struct count counts[FORMATS])
{
    bool document = transcript_log_is_document(source);
    for (size_t number = 1; source.len > 0; number++) {
        struct slice line = transcript_next_line(&source);
        for (enum format format = 0; format < FORMATS; format++) {
            struct slice rest = line;
            do {
                struct piece piece = read_line(next_part(&rest, format), format);
                count_piece(&counts[format], number,
                            format == RFC && !document ? (struct piece){.side = NONE} : piece);
            } while (rest.len > 0);
        }
    }
}

/* How many lines of a dialogue the format finds; 0 where only one side speaks. */
static size_t weight(const struct count *count, enum format format)
{
    size_t left = count->of[CLIENT] + count->of[SENT];
    size_t right = count->of[SERVER] + count->of[RECEIVED];
    size_t replies = count->replies[SERVER] + count->replies[SENT] + count->replies[RECEIVED];
    if (format == RFC) { /* "S:" is the server beside "C:", and the client beside "R:" */
        left = count->of[CLIENT] > 0 ? count->of[CLIENT] : count->of[SENT];
        right = count->of[CLIENT] > 0 ? count->of[SENT] : count->of[SERVER];
    }
    if (format == CURL && count->of[NOISE] == 0)
        return 0; /* a quotation, or a document's own marks */
    if (format == PHPMAILER && right == 0 && left > 1)
        return left; /* its first level says no more */
    return left > 0 && right > 0 && replies > 0 ? left + right : 0;
}

/* ---- the log ---- */

struct scan {
    struct script_arena *arena;
    struct transcript_log *log;
    struct script_array items; /* struct transcript_line */
    enum format format;
    enum side sender; /* what SENT is: CLIENT or SERVER */
    size_t number;
    enum side last;
    struct transcript_shape before; /* the mark of the server's last line */
    bool in_message;                /* the last reply said 354 */
    struct slice id;                /* of the line that is read */
    const struct transcript_ending *ending;
};

static void add_line(struct scan *s, struct slice whole, struct slice text, const uint8_t *at,
                     enum side side, bool partial)
{
    struct transcript_line *line = script_array_push(&s->items, sizeof *line);
    bool reply = side == SERVER && transcript_is_reply(text);
    bool command = side == CLIENT && transcript_class_of(text) == TRANSCRIPT_COMMAND;
    *line =
        (struct transcript_line){.text = text,
                                 .body = side == SERVER ? slice_trim(text) : text,
                                 .number = s->number,
                                 .indent = (size_t)(at - whole.ptr),
                                 .class = command ? TRANSCRIPT_COMMAND
                                          : reply ? TRANSCRIPT_REPLY
                                                  : TRANSCRIPT_OTHER,
                                 .speaker = side == SERVER ? TRANSCRIPT_SERVER : TRANSCRIPT_CLIENT,
                                 .id = s->id,
                                 .partial = partial};
    s->last = side;
    s->in_message = side == SERVER ? slice_starts(text, SLICE("354")) : s->in_message;
}

/* nodemailer shows the message without a mark. */
static struct piece read_unmarked(const struct scan *s, struct slice whole)
{
    struct piece none = {.side = NONE};
    size_t at = find(whole, SLICE("] DEBUG ["));
    if (s->format != BRACKETS || !s->in_message || at == whole.len)
        return none;
    struct slice rest = slice_from(whole, at + 9);
    size_t end = find(rest, SLICE("] "));
    return end == rest.len ? none
                           : (struct piece){.side = CLIENT,
                                            .text = slice_from(rest, end + 2),
                                            .id = read_id(whole)};
}

static bool mistake(struct scan *s, size_t column, const char *message)
{
    s->log->mistake = message;
    s->log->line = s->number;
    s->log->column = column;
    s->log->width = 1;
    return false;
}

/* The octets of one write or read: a line for each CRLF in them. */
static bool add_quoted(struct scan *s, struct slice whole, struct piece piece, enum side side)
{
    struct script_buffer octets = {.arena = s->arena};
    size_t offset;
    if (!transcript_text_quoted(piece.text, &octets, &offset))
        return mistake(s, (size_t)(piece.text.ptr - whole.ptr) + offset + 1,
                       "no text as Python quotes it: it has no end, or an escape that is none");
    struct slice rest = script_buffer_slice(&octets);
    while (rest.len > 0) {
        size_t end = 0;
        while (end < rest.len && !slice_starts(slice_from(rest, end), SLICE("\r\n")))
            end++;
        bool partial = end == rest.len;
        add_line(s, whole, slice_sub(rest, 0, end), piece.text.ptr, side,
                 partial && side == CLIENT);
        rest = slice_from(rest, partial ? end : end + 2);
    }
    return true;
}

/* A line of a reply behind its first one, which some programs do not mark: what stands before the
 * mark stands before it, too, or nothing does. Empty where it is none. */
static struct slice line_behind_mark(const struct scan *s, struct slice part)
{
    bool goes_on = s->format == EXIM || s->format == PHPMAILER || s->format == BRACKETS;
    if (!goes_on || s->last != SERVER)
        return SLICE("");
    struct slice none, text = without_blanks_before(part);
    size_t before = transcript_shape_match(&s->before, part, SIZE_MAX, &none);
    if (before > 0)
        text = slice_from(part, before);
    text = without_blanks_before(slice_from(text, slice_starts(text, SLICE("]"))));
    return transcript_is_reply(text) ? text : SLICE("");
}

static bool read_piece(struct scan *s, struct slice whole, struct slice part)
{
    struct piece piece = read_line(part, s->format);
    enum side side = piece.side;
    if (side == SENT || side == RECEIVED)
        side = (side == SENT) == (s->sender == CLIENT) ? CLIENT : SERVER;
    struct slice more = line_behind_mark(s, part);
    if (side == NONE && more.len > 0) {
        side = SERVER;
        piece.text = without_break(more);
        piece.id = s->id;
    } else if (side == SERVER && !transcript_shape_of(piece.before, &s->before)) {
        s->before.len = 0;
    }
    if (side == NONE) {
        piece = read_unmarked(s, whole);
        side = piece.side;
    }
    if (side != CLIENT && side != SERVER)
        return true;
    s->id = piece.id;
    if ((s->format == NOTICE || s->format == RFC) && !(s->in_message && side == CLIENT))
        piece.text = without_blanks_before(piece.text);
    if (piece.quoted)
        return add_quoted(s, whole, piece, side);
    piece.text = transcript_text_without(piece.text, s->ending);
    add_line(s, whole, piece.text, piece.text.ptr, side, false);
    return true;
}

/* The format that most lines are of; FORMATS where none is. A mistake where two are: a message in a
 * log may quote a few lines of another. */
static enum format choose(const struct count counts[FORMATS], struct transcript_log *ret_log)
{
    enum format best = FORMATS, second = FORMATS;
    for (enum format format = 0; format < FORMATS; format++) {
        size_t found = weight(&counts[format], format);
        if (found == 0)
            continue;
        if (best == FORMATS || found > weight(&counts[best], best)) {
            second = best;
            best = format;
        } else if (second == FORMATS || found > weight(&counts[second], second)) {
            second = format;
        }
    }
    bool two =
        second != FORMATS && weight(&counts[second], second) * 4 >= weight(&counts[best], best);
    if (two) {
        ret_log->mistake = "logs of two programs in one file: give one of them";
        ret_log->line =
            counts[best].first > counts[second].first ? counts[best].first : counts[second].first;
        ret_log->column = ret_log->width = 1;
    }
    return best;
}

/* curl and swaks say that TLS began. */
static bool begins_tls(struct slice line)
{
    return slice_starts(line, SLICE("* SSL connection using ")) ||
           slice_starts(line, SLICE("=== TLS started "));
}

/* What each reply ends with, where a terminal or an editor has shown the line's end. */
static const struct transcript_ending *find_ending(struct slice source, enum format format)
{
    static const struct transcript_ending none = {.text = {NULL, 0}};
    struct transcript_text_count count = {.lines = 0};
    while (source.len > 0) {
        struct piece piece = read_line(transcript_next_line(&source), format);
        if (piece.side > NOISE && !piece.quoted && is_reply(piece))
            transcript_text_count(&count, piece.text);
    }
    const struct transcript_ending *ending = transcript_text_ending(&count);
    bool sign = ending->text.len > 1; /* more than a "?" or "," of the text itself */
    return sign ? ending : &none;
}

bool transcript_log_scan(struct script_arena *arena, struct slice source,
                         struct transcript_log *ret_log)
{
    struct count counts[FORMATS] = {{.first = 0}};
    struct transcript_log log = {.mistake = NULL};
    if (slice_starts(source, SLICE("\xEF\xBB\xBF")))
        source = slice_from(source, 3);
    count_lines(source, counts);
    enum format format = choose(counts, &log);
    if (format == FORMATS)
        return false;
    const struct count *count = &counts[format];
    struct scan s = {.arena = arena,
                     .log = &log,
                     .items.arena = arena,
                     .format = format,
                     .ending = find_ending(source, format)};
    s.sender = count->replies[SENT] > count->replies[RECEIVED] ? SERVER : CLIENT;
    if (format == RFC)
        s.sender = count->of[CLIENT] > 0 ? SERVER : CLIENT;
    log.name = names[format];
    while (source.len > 0 && log.mistake == NULL) {
        struct slice line = transcript_next_line(&source);
        s.number++;
        log.implicit_tls = log.implicit_tls || (s.items.count == 0 && begins_tls(line));
        for (struct slice rest = line; log.mistake == NULL;) {
            struct slice part = next_part(&rest, format);
            read_piece(&s, line, part);
            if (rest.len == 0)
                break;
        }
    }
    log.lines = (struct transcript_lines){.items = s.items.items, .count = s.items.count};
    transcript_sessions(arena, &log.lines);
    transcript_look_ahead(&log.lines);
    *ret_log = log;
    return true;
}
