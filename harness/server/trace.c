/* The trace fields of a message (RFC 5321 4.4, RFC 3848), and the clock as text. */
#include "imf/header.h"
#include "server/session.h"

/* ---- dates ---- */

struct date {
    int64_t year;
    unsigned month, day, hour, minute, second, weekday; /* month and day from 1; Sunday is 0 */
};

/* Days since 1970-01-01 of a day of the Gregorian calendar, counted from March so that the leap day
 * is the last of its year. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct date date_of(int64_t unix_ms)
{
    int64_t seconds = unix_ms / 1000 - (unix_ms % 1000 < 0);
    int64_t days = seconds / 86400 - (seconds % 86400 < 0), rest = seconds - days * 86400;
    int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct date date = {
        .month = (unsigned)(month < 10 ? month + 3 : month - 9),
        .day = (unsigned)(of_year - (153 * month + 2) / 5 + 1),
        .hour = (unsigned)(rest / 3600),
        .minute = (unsigned)(rest / 60 % 60),
        .second = (unsigned)(rest % 60),
        .weekday = (unsigned)(((days + 4) % 7 + 7) % 7),
    };
    date.year = year_of_era + era * 400 + (date.month <= 2);
    return date;
}

/* The last `digits` digits of the number, at most four. */
static void write_digits(struct writer *out, size_t digits, uint64_t number)
{
    uint8_t text[4];
    for (size_t i = digits; i > 0; i--, number /= 10)
        text[i - 1] = (uint8_t)('0' + number % 10);
    writer_put(out, slice_of(text, digits));
}

static void write_time(const struct date *date, struct writer *out)
{
    write_digits(out, 2, date->hour);
    writer_put_octet(out, ':');
    write_digits(out, 2, date->minute);
    writer_put_octet(out, ':');
    write_digits(out, 2, date->second);
}

/* date-time without its zone (RFC 5322 3.3) */
static void write_date(int64_t unix_ms, bool short_year, struct writer *out)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct date date = date_of(unix_ms);
    writer_put(out, slice_of(days + (size_t)3 * date.weekday, 3));
    writer_put(out, SLICE(", "));
    writer_put_number(out, date.day);
    writer_put_octet(out, ' ');
    writer_put(out, slice_of(months + (size_t)3 * (date.month - 1), 3));
    writer_put_octet(out, ' ');
    write_digits(out, short_year ? 2 : 4, (uint64_t)date.year);
    writer_put_octet(out, ' ');
    write_time(&date, out);
}

void trace_write_date(int64_t unix_ms, struct writer *out)
{
    write_date(unix_ms, false, out);
    writer_put(out, SLICE(" +0000"));
}

void trace_write_timestamp(int64_t unix_ms, struct writer *out)
{
    struct date date = date_of(unix_ms);
    write_digits(out, 4, (uint64_t)date.year);
    writer_put_octet(out, '-');
    write_digits(out, 2, date.month);
    writer_put_octet(out, '-');
    write_digits(out, 2, date.day);
    writer_put_octet(out, 'T');
    write_time(&date, out);
    writer_put_octet(out, 'Z');
}

/** The number of `digits` digits at `at`. */
static int64_t number_at(struct slice text, size_t at, size_t digits)
{
    int64_t number = 0;
    for (size_t i = at; i < at + digits; i++)
        number = number * 10 + (text.ptr[i] - '0');
    return number;
}

int64_t trace_read_timestamp(struct slice t)
{
    int64_t days = days_of(number_at(t, 0, 4), number_at(t, 5, 2), number_at(t, 8, 2));
    int64_t seconds = number_at(t, 11, 2) * 3600 + number_at(t, 14, 2) * 60 + number_at(t, 17, 2);
    int64_t offset = 0;
    if (slice_upper(t.ptr[t.len - 1]) != 'Z') {
        offset = number_at(t, t.len - 5, 2) * 3600 + number_at(t, t.len - 2, 2) * 60;
        offset = t.ptr[t.len - 6] == '-' ? -offset : offset;
    }
    return days * 86400 + seconds - offset;
}

/* ---- what stands in the message already ---- */

/** Offset of the first field of that name, its octets in *ret_len; content.len where there is none.
 */
static size_t find_field(struct slice content, struct slice name, size_t *ret_len)
{
    const struct imf_field_limits limits = {content.len, true};
    struct imf_header header;
    struct imf_field field;
    imf_header_begin(content, limits, &header);
    for (;;) {
        size_t at = header.at;
        if (imf_header_next(&header, &field).status != PARSE_OK || field.kind != IMF_FIELD)
            return content.len;
        if (slice_equal_nocase(slice_trim(field.name), name)) {
            *ret_len = header.at - at;
            return at;
        }
    }
}

static bool has_field(struct slice content, struct slice name)
{
    size_t len;
    return find_field(content, name, &len) < content.len;
}

size_t trace_count(struct slice content)
{
    const struct imf_field_limits limits = {content.len, true};
    struct imf_header header;
    struct imf_field field;
    size_t count = 0;
    imf_header_begin(content, limits, &header);
    while (imf_header_next(&header, &field).status == PARSE_OK && field.kind == IMF_FIELD)
        count += slice_equal_nocase(slice_trim(field.name), SLICE("Received"));
    return count;
}

/* RFC 5321 4.4: the server that makes final delivery may remove a Return-Path it finds. */
static void take_return_path(struct server *s)
{
    struct slice content = slice_of(s->content, s->mail.content_len);
    const struct imf_field_limits limits = {content.len, true};
    struct imf_header header;
    struct imf_field field;
    size_t kept = 0, at = 0;
    imf_header_begin(content, limits, &header);
    while (imf_header_next(&header, &field).status == PARSE_OK && field.kind == IMF_FIELD) {
        size_t len = header.at - at;
        if (!slice_equal_nocase(slice_trim(field.name), SLICE("Return-Path"))) {
            memmove(s->content + kept, s->content + at, len);
            kept += len;
        }
        at = header.at;
    }
    if (kept < at)
        memmove(s->content + kept, s->content + at, content.len - at);
    s->mail.content_len = kept + content.len - at;
}

/* ---- what is put before it ---- */

/* RFC 3848, RFC 6531 3.7.3, RFC 2033: "UTF8SMTPSA" and its like */
static void write_protocol(const struct server *s, struct writer *out)
{
    bool lmtp = s->config.mode == SERVER_LMTP;
    bool utf8 = s->mail.utf8 && !fault(s, FAULT_RECEIVED_UTF8);
    bool extended = s->extended || fault(s, FAULT_RECEIVED_WITH_HELO);
    if (fault(s, FAULT_RECEIVED_WITH)) {
        writer_put(out, SLICE("TCP"));
        return;
    }
    writer_put(out, utf8 ? SLICE("UTF8") : SLICE(""));
    writer_put(out, lmtp ? SLICE("LMTP") : extended && !utf8 ? SLICE("ESMTP") : SLICE("SMTP"));
    if (extended && s->secured && !fault(s, FAULT_RECEIVED_WITH_TLS))
        writer_put_octet(out, 'S');
    if (extended && s->authenticated && !fault(s, FAULT_RECEIVED_WITH_AUTH))
        writer_put_octet(out, 'A');
}

/* From-domain = "FROM" FWS Extended-Domain; TCP-info = address-literal       ; RFC 5321 4.4 */
static void write_from(const struct server *s, struct writer *out)
{
    if (fault(s, FAULT_RECEIVED_NO_FROM))
        return;
    writer_put(out, SLICE("from "));
    if (fault(s, FAULT_RECEIVED_FROM_NAME) || s->hello_len == 0)
        writer_put(out, SLICE("unknown"));
    else
        writer_put(out, slice_of(s->hello, s->hello_len));
    if (s->config.peer.len > 0 && !fault(s, FAULT_RECEIVED_FROM_ADDRESS)) {
        writer_put(out, SLICE(" ("));
        writer_put(out, s->config.peer);
        writer_put(out, SLICE(")"));
    }
    writer_put(out, SLICE("\r\n "));
}

/* For = CFWS "FOR" FWS ( Path / Mailbox ): one only, so that nobody learns of the others (7.2). */
static void write_for(const struct server *s, struct writer *out)
{
    struct slice paths = slice_of(s->forward_paths, s->mail.forward_paths_len);
    size_t most = fault(s, FAULT_RECEIVED_FOR_ALL) ? 3 : 1;
    if (s->mail.recipients == 0 || s->mail.recipients > most)
        return;
    writer_put(out, SLICE("\r\n for"));
    for (size_t i = 0; i < s->mail.recipients; i++) {
        size_t end = slice_find(paths, '\n');
        writer_put(out, SLICE(" <"));
        writer_put(out, slice_sub(paths, 0, end));
        writer_put(out, SLICE(">"));
        paths = slice_from(paths, end + 1);
    }
}

static void write_received(const struct server *s, struct writer *out)
{
    writer_put(out, SLICE("Received: "));
    write_from(s, out);
    if (!fault(s, FAULT_RECEIVED_NO_BY)) {
        writer_put(out, SLICE("by "));
        writer_put(out, s->config.host);
        writer_put_octet(out, ' ');
    }
    writer_put(out, SLICE("with "));
    write_protocol(s, out);
    write_for(s, out);
    writer_put(out, SLICE(";\r\n "));
    write_date(session_time(s), fault(s, FAULT_RECEIVED_DATE), out);
    writer_put(out, fault(s, FAULT_RECEIVED_ZONE) ? SLICE(" GMT\r\n") : SLICE(" +0000\r\n"));
}

static void write_return_path(const struct server *s, struct writer *out)
{
    if (fault(s, FAULT_RETURN_PATH) ||
        (s->mail.reverse_path_len == 0 && fault(s, FAULT_RETURN_PATH_NULL)))
        return;
    writer_put(out, SLICE("Return-Path: <"));
    writer_put(out, slice_of(s->mail.reverse_path, s->mail.reverse_path_len));
    writer_put(out, SLICE(">\r\n"));
}

/* RFC 6409 8.2, 8.3: what a submitted message lacks */
static void write_missing(const struct server *s, struct writer *out)
{
    struct slice content = slice_of(s->content, s->mail.content_len);
    if (s->config.mode != SERVER_SUBMISSION)
        return;
    if (!has_field(content, SLICE("Message-ID")) && !fault(s, FAULT_MESSAGE_ID)) {
        writer_put(out, SLICE("Message-ID: <"));
        writer_put_number(out, (uint64_t)session_time(s));
        writer_put_octet(out, '.');
        writer_put_number(out, s->transactions);
        writer_put_octet(out, '@');
        writer_put(out, s->config.host);
        writer_put(out, SLICE(">\r\n"));
    }
    for (unsigned n = fault(s, FAULT_DATE_TWICE) ? 2 : !has_field(content, SLICE("Date")); n > 0;
         n--) {
        writer_put(out, SLICE("Date: "));
        trace_write_date(session_time(s), out);
        writer_put(out, SLICE("\r\n"));
    }
}

/* What some servers add, and none should (RFC 5321 7.2). */
static void write_unwanted(const struct server *s, struct writer *out)
{
    if (fault(s, FAULT_APPARENTLY_TO))
        writer_put(out, SLICE("Apparently-To: <bob@example.test>\r\n"));
    if (!fault(s, FAULT_RECIPIENTS_TOLD))
        return;
    struct slice paths = slice_of(s->forward_paths, s->mail.forward_paths_len);
    writer_put(out, SLICE("X-Original-To:"));
    for (size_t i = 0; i < 2 && paths.len > 0; i++) {
        size_t end = slice_find(paths, '\n');
        writer_put_octet(out, ' ');
        writer_put(out, slice_sub(paths, 0, end));
        paths = slice_from(paths, end + 1);
    }
    writer_put(out, SLICE("\r\n"));
}

/* ---- what faults do to the message itself ---- */

static void spoil_octets(const struct server *s)
{
    for (size_t i = 0; i < s->mail.content_len; i++) {
        uint8_t *octet = &s->content[i];
        if (fault(s, FAULT_EIGHT_BIT_STRIPPED))
            *octet &= 0x7f;
        if (fault(s, FAULT_CONTROL_STRIPPED) && *octet < ' ' && *octet != '\r' && *octet != '\n')
            *octet = ' ';
        if (fault(s, FAULT_BODY_MODIFIED) && *octet == '\t')
            *octet = ' ';
        if (fault(s, FAULT_LONG_LINE_CUT) && i % 900 == 899 && *octet == 'x')
            *octet = '!';
    }
}

static void spoil_header(struct server *s)
{
    size_t len = 0;
    struct slice content = slice_of(s->content, s->mail.content_len);
    size_t at = find_field(content, SLICE("Received"), &len);
    if (at < content.len && fault(s, FAULT_RECEIVED_ALTERED) && len > 12)
        s->content[at + 10] = '?';
    at = find_field(content, SLICE("Subject"), &len);
    if (at == content.len || !fault(s, FAULT_HEADER_REORDERED) || len > SESSION_COMMAND_OCTETS)
        return;
    uint8_t subject[SESSION_COMMAND_OCTETS];
    memcpy(subject, s->content + at, len);
    memmove(s->content + len, s->content, at);
    memcpy(s->content, subject, len);
}

static void spoil(struct server *s)
{
    static const char dot[] = "\r\n .\r\n";
    for (size_t at = 0; at + 6 <= s->mail.content_len && fault(s, FAULT_SPACE_DOT_LATER); at++)
        if (memcmp(s->content + at, dot, 6) == 0)
            s->mail.content_len = at + 2;
    size_t nul = slice_find(slice_of(s->content, s->mail.content_len), '\0');
    if (fault(s, FAULT_NUL_ENDS_MESSAGE))
        s->mail.content_len = nul;
    spoil_octets(s);
    spoil_header(s);
}

struct slice trace_message(struct server *s)
{
    uint8_t text[SESSION_TRACE_OCTETS];
    struct writer w = writer_of(text, sizeof text);
    if (s->config.faults != NULL)
        spoil(s);
    if (!fault(s, FAULT_RETURN_PATH_KEPT))
        take_return_path(s);
    if (!fault(s, FAULT_RETURN_PATH_ORDER))
        write_return_path(s, &w);
    if (!fault(s, FAULT_RECEIVED_NONE))
        write_received(s, &w);
    if (fault(s, FAULT_RETURN_PATH_ORDER))
        write_return_path(s, &w);
    write_missing(s, &w);
    write_unwanted(s, &w);
    struct slice trace = writer_slice(&w);
    if (fault(s, FAULT_TRACE_LAST) && s->content_room - s->mail.content_len >= trace.len) {
        memcpy(s->content + s->mail.content_len, trace.ptr, trace.len); /* behind the body */
        return slice_of(s->content, s->mail.content_len + trace.len);
    }
    memcpy(s->content - trace.len, trace.ptr, trace.len); /* room for it is before the content */
    return slice_of(s->content - trace.len, s->mail.content_len + trace.len);
}
