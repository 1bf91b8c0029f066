#include "campaign/opening.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- what looks like the end of a message (RFC 5321 4.1.1.4) ---- */

/* Each of them before the dot and behind it, but for CRLF at both places. What is behind it tells
 * most of what a server does then: what is alike comes in a row. */
static const struct slice line_ends[] = {
    SLICE_INIT("\r\n"),   SLICE_INIT("\n"),   SLICE_INIT("\r"),     SLICE_INIT("\r\r\n"),
    SLICE_INIT("\n\r"),   SLICE_INIT("\n\n"), SLICE_INIT("\r\n\0"), SLICE_INIT("\0\r\n"),
    SLICE_INIT("\r\0\n"), SLICE_INIT(" \r\n")};

#define LOOK_ALIKES (COUNT(line_ends) * COUNT(line_ends) - 1)

static void put_look_alike(size_t number, struct slice greeting, struct writer *out)
{
    writer_put(out, greeting);
    writer_put(out, SLICE("DATA\r\nSubject: x\r\n\r\nx"));
    size_t both = COUNT(line_ends) * (COUNT(line_ends) - 1); /* CRLF behind it comes last */
    number += number >= both;
    writer_put(out, line_ends[number % COUNT(line_ends)]);
    writer_put_octet(out, '.');
    writer_put(out, line_ends[(number / COUNT(line_ends) + 1) % COUNT(line_ends)]);
    writer_put(out, SLICE("NOOP\r\nx\r\n.\r\nNOOP\r\n"));
}

/* A server that takes a message for one of LFs alone, as its first line ends so, ends it by those
 * (RFC 5321 2.3.8). */
static const struct slice ends_by_lf[] = {SLICE_INIT("\n.\n"), SLICE_INIT("\n.\r\n"),
                                          SLICE_INIT("\r\n.\n")};

static void put_lf_first(size_t number, struct slice greeting, struct writer *out)
{
    writer_put(out, greeting);
    writer_put(out, SLICE("DATA\r\nSubject: x\n\r\nx"));
    writer_put(out, ends_by_lf[number]);
    writer_put(out, SLICE("NOOP\r\nx\r\n.\r\nNOOP\r\n"));
}

/* ---- single ones ---- */

/* Behind the greeting. */
static const struct slice singles[] = {
    /* commands that are text: behind a header, and as the first line */
    SLICE_INIT("DATA\r\nSubject: x\r\n\r\nRSET\r\nNOOP\r\nMAIL FROM:<>\r\nRCPT "
               "TO:<postmaster>\r\nDATA\r\n"
               "EHLO a.example\r\nHELP\r\nVRFY a\r\nBDAT 0 LAST\r\nQUIT\r\n.\r\nNOOP\r\n"),
    SLICE_INIT("DATA\r\nRSET\r\nQUIT\r\n.\r\nNOOP\r\n"),
    SLICE_INIT("QUIT\r\nNOOP\r\n"),
    SLICE_INIT("NOOP\rNOOP\r\nRSET\r\n"), /* RFC 5321 2.3.8 */
    SLICE_INIT("DATA\r\nNOOP\r\n.\r\nNOOP\r\n"),
    /* messages: none, dots alone, and what follows one in the same write */
    SLICE_INIT("DATA\r\n.\r\nNOOP\r\n"),
    SLICE_INIT("DATA\r\n..\r\n...\r\n.x\r\n.\r\nNOOP\r\n"),
    SLICE_INIT("DATA\r\nx\r\n.\r\nNOOP\r\nXNONE\r\nRSET\r\nVRFY a\r\nHELP\r\nMAIL "
               "FROM:<>\r\nNOOP\r\n"),
    /* chunks with what would end a message (RFC 3030 2) */
    SLICE_INIT("BDAT 12\r\nx\r\n.\r\nNOOP\r\nBDAT 0 LAST\r\nNOOP\r\n"),
    SLICE_INIT("BDAT 12 LAST\r\nx\r\n.\r\nNOOP\r\nNOOP\r\n"),
    /* in a transaction (RFC 4954 4) */
    SLICE_INIT("AUTH PLAIN\r\n*\r\nAUTH LOGIN\r\n*\r\nNOOP\r\nAUTH CRAM-MD5\r\n*\r\nNOOP\r\n"),
    SLICE_INIT("XNONE\r\nNOOP\r\nXNONE\r\nMAIL FROM:<\r\nRCPT TO:<\r\nNOOP\r\nRSET\r\n"),
};

/* ---- what is left of a transaction (RFC 5321 4.1.4, RFC 3030 2) ---- */

/* What ends one, or begins none, */
static const struct slice ends[] = {
    SLICE_INIT("RSET\r\n"),
    SLICE_INIT("EHLO client.example\r\n"),
    SLICE_INIT("HELO client.example\r\n"),
    SLICE_INIT("DATA\r\nx\r\n.\r\n"),
    SLICE_INIT("DATA\r\nx: \x01\x80\r\n.\r\n"), /* some refuse it */
    SLICE_INIT("BDAT 3 LAST\r\nx\r\n"),
    SLICE_INIT("BDAT 3\r\nx\r\nBDAT 0 LAST\r\n"),
    SLICE_INIT("RSET\r\nMAIL FROM:<\r\n"),
    SLICE_INIT("RSET\r\nMAIL FROM:<> X=1\r\n"),
    SLICE_INIT("RSET\r\nMAIL FROM:<> SIZE=99999999999\r\n"),
};

/* and what would show the rest of it; empty: the greeting's RCPT. */
static const struct slice uses[] = {
    SLICE_INIT(""),
    SLICE_INIT("DATA\r\nx: x\r\n.\r\n"),
    SLICE_INIT("BDAT 3 LAST\r\nx\r\n"),
    SLICE_INIT("MAIL FROM:<>\r\nDATA\r\nx: x\r\n.\r\n"),
    SLICE_INIT("MAIL FROM:<>\r\nBDAT 3 LAST\r\nx\r\n"),
    SLICE_INIT("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<\r\nDATA\r\nx: x\r\n.\r\n"),
};

static struct slice last_line(struct slice text)
{
    size_t from = text.len < 2 ? 0 : text.len - 2;
    while (from > 0 && text.ptr[from - 1] != '\n')
        from--;
    return slice_from(text, from);
}

static void put_rest(size_t number, struct slice greeting, struct writer *out)
{
    struct slice use = uses[number % COUNT(uses)];
    writer_put(out, greeting);
    writer_put(out, ends[number / COUNT(uses)]);
    writer_put(out, use.len > 0 ? use : last_line(greeting));
    writer_put(out, SLICE("NOOP\r\n"));
}

/* ---- quoted local parts (RFC 5321 4.1.2) ---- */

static const struct slice local_parts[] = {
    SLICE_INIT("\"a b\""),    SLICE_INIT("\"a\""),      SLICE_INIT("\"\""),
    SLICE_INIT("\"a\\\"b\""), SLICE_INIT("\"a\\\\\""),  SLICE_INIT("\"a@b\""),
    SLICE_INIT("\"a>b\""),    SLICE_INIT("\"<a>\""),    SLICE_INIT("\"a,b\""),
    SLICE_INIT("\"a\\b\""),   SLICE_INIT("\".a..b.\""), SLICE_INIT("\"|a;b\""),
    SLICE_INIT("a.\"b\".c"),  SLICE_INIT("\"a"),        SLICE_INIT("\"a\\\""),
    SLICE_INIT("a\"b\""),     SLICE_INIT("\"a\"\"b\""), SLICE_INIT("a\\ b"),
};

/* That of the last path with one: "@example.test>". */
static struct slice domain_of(struct slice greeting)
{
    size_t from = greeting.len;
    while (from > 0 && greeting.ptr[from - 1] != '@')
        from--;
    if (from == 0)
        return SLICE("@example.test>");
    struct slice domain = slice_from(greeting, from - 1);
    size_t to = slice_find(domain, '>');
    return slice_sub(domain, 0, to < domain.len ? to + 1 : to);
}

static void put_local_part(size_t number, struct slice greeting, struct writer *out)
{
    writer_put(out, greeting);
    writer_put(out, SLICE("RCPT TO:<"));
    writer_put(out, local_parts[number]);
    writer_put(out, domain_of(greeting));
    writer_put(out, SLICE("\r\nRSET\r\nMAIL FROM:<"));
    writer_put(out, local_parts[number]);
    writer_put(out, domain_of(greeting));
    writer_put(out, SLICE("\r\nNOOP\r\n"));
}

/* ---- sizes ---- */

static void put_filling(struct writer *out, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        writer_put_octet(out, 'a');
}

/* Each of them, and one octet less and more. Those of lines are RFC 5321 4.5.3.1's, and those of
 * buffers. */
static const size_t line_sizes[] = {64, 256, 512, 998, 1000, 1024, 2048, 4096};
static const size_t chunk_sizes[] = {1, 64, 128, 256, 512, 1000, 1024, 2048, 4096};
static const size_t stream_sizes[] = {512, 1000, 1024, 2048, 4096};

static size_t size_near(const size_t *sizes, size_t number)
{
    return sizes[number / 3] + number % 3 - 1;
}

/* What a line begins with, and ends with; between them it is filled up. Some are of a message, or
 * an answer to AUTH. */
static const struct {
    struct slice head, tail;
} lines[] = {
    {SLICE_INIT("NOOP "), SLICE_INIT("\r\n")},
    {SLICE_INIT("VRFY "), SLICE_INIT("\r\n")},
    {SLICE_INIT("EXPN "), SLICE_INIT("\r\n")},
    {SLICE_INIT("HELP "), SLICE_INIT("\r\n")},
    {SLICE_INIT("EHLO "), SLICE_INIT("\r\n")},
    {SLICE_INIT("X"), SLICE_INIT("\r\n")},
    {SLICE_INIT("RCPT TO:<"), SLICE_INIT("@b.example>\r\n")},
    {SLICE_INIT("MAIL FROM:<"), SLICE_INIT("@b.example>\r\n")},
    {SLICE_INIT("RSET\r\nMAIL FROM:<a@"), SLICE_INIT(">\r\n")},
    {SLICE_INIT("RSET\r\nMAIL FROM:<> X="), SLICE_INIT("\r\n")},
    {SLICE_INIT("DATA\r\n"), SLICE_INIT("\r\n.\r\n")},
    {SLICE_INIT("DATA\r\n."), SLICE_INIT("\r\n.\r\n")},
    {SLICE_INIT("DATA\r\nFrom: "), SLICE_INIT("\r\n\r\n.\r\n")},
    {SLICE_INIT("DATA\r\nDate: "), SLICE_INIT("\r\n\r\n.\r\n")},
    {SLICE_INIT("DATA\r\nContent-Type: "), SLICE_INIT("\r\n\r\n.\r\n")},
};

/* The size is that of the whole line. */
static void put_line(size_t number, struct slice greeting, struct writer *out)
{
    size_t kind = number % COUNT(lines), size = size_near(line_sizes, number / COUNT(lines));
    struct slice head = lines[kind].head;
    while (slice_find(head, '\n') < head.len)
        head = slice_from(head, slice_find(head, '\n') + 1);
    writer_put(out, greeting);
    writer_put(out, lines[kind].head);
    put_filling(out, size - head.len - slice_find(lines[kind].tail, '\n') - 1);
    writer_put(out, lines[kind].tail);
    writer_put(out, SLICE("NOOP\r\n"));
}

/* RFC 4954 4; 4.5 has a line of 12288 octets. Few: a server may wait a while before it refuses. */
static const size_t answer_sizes[] = {256, 512, 1000, 2048, 4096};

static void put_answer(size_t number, struct slice greeting, struct writer *out)
{
    bool initial = number % 2 == 0;
    writer_put(out, greeting);
    writer_put(out, SLICE("RSET\r\n"));
    writer_put(out, initial ? SLICE("AUTH PLAIN ") : SLICE("AUTH LOGIN\r\n"));
    put_filling(out, answer_sizes[number / 2]);
    writer_put(out, initial ? SLICE("\r\n") : SLICE("\r\n*\r\n"));
    writer_put(out, SLICE("NOOP\r\n"));
}

/* RFC 3030 2. Of what is left of a chunk, or is taken beyond it, the next reply tells: none where
 * the server waits for more, one too many where it reads a line of the chunk's. */
static void put_chunk(size_t number, struct slice greeting, struct writer *out)
{
    size_t size = size_near(chunk_sizes, number / 2);
    bool last = number % 2 == 0;
    writer_put(out, greeting);
    writer_put(out, SLICE("BDAT "));
    writer_put_number(out, size);
    writer_put(out, last ? SLICE(" LAST\r\n") : SLICE("\r\n"));
    size_t odd = size % 6;
    put_filling(out, odd < 2 ? odd : odd - 2);
    writer_put(out, odd < 2 ? SLICE("") : SLICE("\r\n"));
    for (size_t i = 0; i < size / 6; i++)
        writer_put(out, SLICE("NOOP\r\n"));
    if (!last)
        writer_put(out, SLICE("BDAT 0 LAST\r\nNOOP\r\n"));
}

/* Lines of one length, so that the stream's border falls before, between and behind a CR and LF. */
static void put_stream(size_t number, struct slice greeting, struct writer *out)
{
    enum { LINE = 64 };
    size_t border = stream_sizes[number / 3], shift = number % 3, begin = out->len;
    size_t whole = border + LINE * 2 + shift; /* a line ends `shift` octets behind the border */
    writer_put(out, greeting);
    size_t first = (whole - (out->len - begin)) % LINE;
    first = first < 8 ? first + LINE : first;
    writer_put(out, SLICE("NOOP "));
    put_filling(out, first - 7);
    writer_put(out, SLICE("\r\n"));
    while (out->len - begin < whole && !out->overflow) {
        writer_put(out, SLICE("NOOP "));
        put_filling(out, LINE - 7);
        writer_put(out, SLICE("\r\n"));
    }
}

/* ---- again and again ---- */

enum { TIMES = 101 }; /* RFC 5321 4.5.3.1.8: a hundred recipients are taken at least */

/* What is kept for each of them may have no room for so many. The first is the last line of the
 * greeting, RCPT. */
static const struct slice repeated[] = {
    SLICE_INIT(""),
    SLICE_INIT("NOOP\r\n"),
    SLICE_INIT("RSET\r\n"),
    SLICE_INIT("XNONE\r\n"),
    SLICE_INIT("VRFY a\r\n"),
    SLICE_INIT("RCPT TO:<\r\n"),
    SLICE_INIT("RSET\r\nMAIL FROM:<>\r\n"),
    SLICE_INIT("EHLO client.example\r\n"),
    SLICE_INIT("BDAT 1\r\nx"),
    SLICE_INIT("RSET\r\nAUTH LOGIN\r\n*\r\n"),
};

static void put_repeated(size_t number, struct slice greeting, struct writer *out)
{
    struct slice line = number == 0 ? last_line(greeting) : repeated[number];
    writer_put(out, greeting);
    for (size_t i = 0; i < TIMES && out->len + line.len < OPENING_OCTETS; i++)
        writer_put(out, line);
    writer_put(out, SLICE("NOOP\r\n"));
}

/* One octet so often: what nests may be read by a function that calls itself, and what is escaped
 * or quoted may be written into less room than it needs. */
static const char runs[] = {'(', '<', '[', '"', '\\', '@', '.', ',', ';', ':', '%', '=', ' ', '\t'};

/* Where a word or a run may stand, each in turn: a hundred transactions without a message make
 * Postfix wait a second before it takes a recipient. */
static const struct slice places[][2] = {
    {SLICE_INIT("RSET\r\nMAIL FROM:<"), SLICE_INIT(">\r\n")},
    {SLICE_INIT("RCPT TO:<"), SLICE_INIT("@b.example>\r\n")},
    {SLICE_INIT("RCPT TO:<"), SLICE_INIT(">\r\n")},
    {SLICE_INIT("EHLO "), SLICE_INIT("\r\n")},
    {SLICE_INIT("VRFY "), SLICE_INIT("\r\n")},
    {SLICE_INIT("EXPN "), SLICE_INIT("\r\n")},
    {SLICE_INIT("HELP "), SLICE_INIT("\r\n")},
    {SLICE_INIT("DATA\r\nFrom: "), SLICE_INIT("\r\n\r\nx\r\n.\r\n")},
    {SLICE_INIT("DATA\r\nContent-Type: "), SLICE_INIT("\r\n\r\nx\r\n.\r\n")},
};

#define RUN_OCTETS 400

static void put_run(size_t number, struct slice greeting, struct writer *out)
{
    const struct slice *place = places[number % COUNT(places)];
    writer_put(out, greeting);
    writer_put(out, place[0]);
    for (size_t i = 0; i < RUN_OCTETS; i++)
        writer_put_octet(out, (uint8_t)runs[number / COUNT(places)]);
    writer_put(out, place[1]);
    writer_put(out, SLICE("NOOP\r\n"));
}

/* What means something to a library or a program that is given it; numbers at the ends of types. */
static const struct slice words[] = {
    SLICE_INIT("%n%n%s%s%x%d"), SLICE_INIT("${x}$(x)`x`"), SLICE_INIT("../../x"),
    SLICE_INIT("|x;x&x"),       SLICE_INIT("-x"),          SLICE_INIT("'x\"--"),
    SLICE_INIT("%00%0d%0a"),    SLICE_INIT("x\\"),         SLICE_INIT("=?utf-8?q?=0d=0a?="),
    SLICE_INIT("[999.1.1.1]"),  SLICE_INIT("[IPv6::::]"),  SLICE_INIT("\"x\\\""),
    SLICE_INIT("[IPv6:1"),      SLICE_INIT("[192.0.2.1"),  SLICE_INIT("<x"),
};

static void put_word(size_t number, struct slice greeting, struct writer *out)
{
    const struct slice *place = places[number % COUNT(places)];
    writer_put(out, greeting);
    writer_put(out, place[0]);
    writer_put(out, words[number / COUNT(places)]);
    writer_put(out, place[1]);
    writer_put(out, SLICE("NOOP\r\n"));
}

/* Of MAIL and BDAT, one behind the other. */
static const struct slice numbers[] = {
    SLICE_INIT("-1"),
    SLICE_INIT("0"),
    SLICE_INIT("2147483647"),
    SLICE_INIT("2147483648"),
    SLICE_INIT("4294967295"),
    SLICE_INIT("4294967296"),
    SLICE_INIT("9223372036854775807"),
    SLICE_INIT("18446744073709551615"),
    SLICE_INIT("18446744073709551616"),
    SLICE_INIT("99999999999999999999"),
};

static void put_size(size_t number, struct slice greeting, struct writer *out)
{
    writer_put(out, greeting);
    writer_put(out, SLICE("RSET\r\nMAIL FROM:<> SIZE="));
    writer_put(out, numbers[number]);
    writer_put(out, SLICE("\r\nBDAT "));
    writer_put(out, numbers[number]);
    writer_put(out, SLICE("\r\nNOOP\r\n"));
}

/* A message that is longer than its SIZE says (RFC 1870 6.3): it ends where any does. */
static const size_t declared[] = {1, 9, 20};

static void put_declared(size_t number, struct slice greeting, struct writer *out)
{
    bool chunk = number % 2 == 1;
    writer_put(out, greeting);
    writer_put(out, SLICE("RSET\r\nMAIL FROM:<> SIZE="));
    writer_put_number(out, declared[number / 2]);
    writer_put(out, SLICE("\r\n"));
    writer_put(out, last_line(greeting));
    writer_put(out, chunk ? SLICE("BDAT 26 LAST\r\n") : SLICE("DATA\r\n"));
    writer_put(out, SLICE("Subject: x\r\n\r\nNOOP\r\nNOOP\r\n"));
    writer_put(out, chunk ? SLICE("NOOP\r\n") : SLICE(".\r\nNOOP\r\n"));
}

/* ---- all of them ---- */

static void put_single(size_t number, struct slice greeting, struct writer *out)
{
    writer_put(out, greeting);
    writer_put(out, singles[number]);
}

static const struct {
    size_t count;
    void (*put)(size_t number, struct slice greeting, struct writer *out);
    bool alone;
} families[] = {
    {COUNT(singles), put_single, false},
    {COUNT(ends_by_lf), put_lf_first, false},
    {COUNT(stream_sizes) * 3, put_stream, true},
    {COUNT(local_parts), put_local_part, false},
    {LOOK_ALIKES, put_look_alike, false},
    {COUNT(ends) * COUNT(uses), put_rest, false},
    {COUNT(chunk_sizes) * 3 * 2, put_chunk, false},
    {COUNT(repeated), put_repeated, false},
    {COUNT(numbers), put_size, false},
    {COUNT(declared) * 2, put_declared, false},
    {COUNT(words) * COUNT(places), put_word, false},
    {COUNT(runs) * COUNT(places), put_run, false},
    {COUNT(answer_sizes) * 2, put_answer, false},
    {COUNT(line_sizes) * 3 * COUNT(lines), put_line, false},
};

bool opening_put(size_t number, struct slice greeting, struct writer *out, bool *ret_alone)
{
    for (size_t i = 0; i < COUNT(families); i++) {
        if (number < families[i].count) {
            families[i].put(number, greeting, out);
            *ret_alone = families[i].alone;
            return true;
        }
        number -= families[i].count;
    }
    return false;
}
