#include "campaign/opening.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- what looks like the end of a message (RFC 5321 4.1.1.4) ---- */

/* Each of them before the dot and behind it, but for CRLF at both places. */
static const struct slice line_ends[] = {
    SLICE_INIT("\r\n"),   SLICE_INIT("\n"),   SLICE_INIT("\r"),     SLICE_INIT("\r\r\n"),
    SLICE_INIT("\n\r"),   SLICE_INIT("\n\n"), SLICE_INIT("\r\n\0"), SLICE_INIT("\0\r\n"),
    SLICE_INIT("\r\0\n"), SLICE_INIT(" \r\n")};

#define LOOK_ALIKES (COUNT(line_ends) * COUNT(line_ends) - 1)

static void put_look_alike(size_t number, struct slice greeting, struct writer *out)
{
    writer_put(out, greeting);
    writer_put(out, SLICE("DATA\r\nSubject: x\r\n\r\nx"));
    writer_put(out, line_ends[(number + 1) / COUNT(line_ends)]);
    writer_put_octet(out, '.');
    writer_put(out, line_ends[(number + 1) % COUNT(line_ends)]);
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
    SLICE_INIT("DATA\r\nNOOP\r\n.\r\nNOOP\r\n"),
    /* messages: none, dots alone, and what follows one in the same write */
    SLICE_INIT("DATA\r\n.\r\nNOOP\r\n"),
    SLICE_INIT("DATA\r\n..\r\n...\r\n.x\r\n.\r\nNOOP\r\n"),
    SLICE_INIT("DATA\r\nx\r\n.\r\nNOOP\r\nXNONE\r\nRSET\r\nVRFY a\r\nHELP\r\nMAIL "
               "FROM:<>\r\nNOOP\r\n"),
    /* in a transaction (RFC 4954 4) */
    SLICE_INIT("AUTH PLAIN\r\n*\r\nAUTH LOGIN\r\n*\r\nNOOP\r\nAUTH CRAM-MD5\r\n*\r\nNOOP\r\n"),
    SLICE_INIT("XNONE\r\nNOOP\r\nXNONE\r\nMAIL FROM:<\r\nRCPT TO:<\r\nNOOP\r\nRSET\r\n"),
};

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

/* What a line begins with, and ends with; between them it is filled up. The last is one of a
 * message. */
static const struct slice line_heads[] = {
    SLICE_INIT("NOOP "),     SLICE_INIT("VRFY "),       SLICE_INIT("EHLO "),
    SLICE_INIT("RCPT TO:<"), SLICE_INIT("MAIL FROM:<"), SLICE_INIT("RSET\r\nMAIL FROM:<> X="),
    SLICE_INIT("DATA\r\n")};
static const struct slice line_tails[] = {SLICE_INIT("\r\n"),
                                          SLICE_INIT("\r\n"),
                                          SLICE_INIT("\r\n"),
                                          SLICE_INIT("@b.example>\r\n"),
                                          SLICE_INIT("@b.example>\r\n"),
                                          SLICE_INIT("\r\n"),
                                          SLICE_INIT("\r\n.\r\n")};

/* The size is that of the whole line. */
static void put_line(size_t number, struct slice greeting, struct writer *out)
{
    size_t kind = number % COUNT(line_heads),
           size = size_near(line_sizes, number / COUNT(line_heads));
    size_t head = line_heads[kind].len, tail = line_tails[kind].len;
    if (slice_starts(line_heads[kind], SLICE("RSET\r\n")))
        head -= SLICE("RSET\r\n").len;
    if (slice_starts(line_heads[kind], SLICE("DATA\r\n"))) {
        head = 0;
        tail = SLICE("\r\n").len;
    }
    writer_put(out, greeting);
    writer_put(out, line_heads[kind]);
    put_filling(out, size - head - tail);
    writer_put(out, line_tails[kind]);
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

/* ---- all of them ---- */

static void put_single(size_t number, struct slice greeting, struct writer *out)
{
    writer_put(out, greeting);
    writer_put(out, singles[number]);
}

static const struct {
    size_t count;
    void (*put)(size_t number, struct slice greeting, struct writer *out);
} families[] = {
    {COUNT(singles), put_single},
    {COUNT(stream_sizes) * 3, put_stream},
    {COUNT(local_parts), put_local_part},
    {LOOK_ALIKES, put_look_alike},
    {COUNT(chunk_sizes) * 3 * 2, put_chunk},
    {COUNT(line_sizes) * 3 * COUNT(line_heads), put_line},
};

bool opening_put(size_t number, struct slice greeting, struct writer *out)
{
    for (size_t i = 0; i < COUNT(families); i++) {
        if (number < families[i].count) {
            families[i].put(number, greeting, out);
            return true;
        }
        number -= families[i].count;
    }
    return false;
}
