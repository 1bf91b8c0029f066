#include "laws/notation.h"

/* ---- what a seed chooses ---- */

static size_t choose(uint64_t *seed, size_t count)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % count;
}

static struct slice next_line(struct slice *rest)
{
    size_t lf = slice_find(*rest, '\n');
    struct slice line = slice_sub(*rest, 0, lf);
    *rest = slice_from(*rest, lf < rest->len ? lf + 1 : lf);
    return line;
}

static void put_number(struct writer *out, size_t number)
{
    if (number > 9)
        put_number(out, number / 10);
    writer_put_octet(out, (uint8_t)('0' + number % 10));
}

static void put_hex(struct writer *out, size_t number, size_t digits)
{
    static const char hex[] = "0123456789abcdef";
    while (digits-- > 0)
        writer_put_octet(out, (uint8_t)hex[number >> 4 * digits & 15]);
}

/* ---- a session ---- */

static void put_words(uint64_t *seed, struct writer *out)
{
    static const struct slice words[] = {
        SLICE_INIT("ok"),           SLICE_INIT("me.example"), SLICE_INIT("pleased"),
        SLICE_INIT("x=1"),          SLICE_INIT("\xc3\xa9t"),  SLICE_INIT("\xf0\x9d\x84\x9e"),
        SLICE_INIT("\xe2\x82\xac"), SLICE_INIT("queued"),     SLICE_INIT("a@b.example"),
        SLICE_INIT("\x1b]0"), /* a title of xterm, without its end */
    };
    for (size_t i = choose(seed, 3) + 1; i-- > 0;) {
        writer_put(out, words[choose(seed, sizeof words / sizeof *words)]);
        writer_put(out, i > 0 ? SLICE(" ") : SLICE(""));
    }
}

static void put_reply(uint64_t *seed, struct slice code, size_t lines, struct writer *out)
{
    while (lines-- > 0) {
        writer_put(out, SLICE("S: "));
        writer_put(out, code);
        writer_put_octet(out, lines > 0 ? '-' : ' ');
        put_words(seed, out);
        writer_put_octet(out, '\n');
    }
}

static void put_message(uint64_t *seed, struct writer *out)
{
    static const struct slice lines[] = {SLICE_INIT("C: Subject: test\n"), SLICE_INIT("C: ..\n"),
                                         SLICE_INIT("C: ...\n"), SLICE_INIT("C: ..x\n")};
    for (size_t i = choose(seed, 4); i-- > 0;)
        writer_put(out, lines[choose(seed, sizeof lines / sizeof *lines)]);
    writer_put(out, SLICE("C: \nC: "));
    put_words(seed, out);
    writer_put(out, SLICE("\nC: .\n"));
    put_reply(seed, choose(seed, 2) ? SLICE("250") : SLICE("554"), 1, out);
}

/* RFC 3030 2: a chunk of whole lines, some of them empty, that a word ends. */
static void put_chunk(uint64_t *seed, struct writer *out)
{
    uint8_t room[256];
    struct writer text = writer_of(room, sizeof room);
    size_t octets = 2;
    for (size_t i = choose(seed, 4); i-- > 0; octets += 2)
        writer_put(&text, SLICE("C: \n"));
    size_t before = text.len;
    writer_put(&text, SLICE("C: "));
    put_words(seed, &text);
    octets += text.len - before - 3;
    writer_put(out, SLICE("C: BDAT "));
    put_number(out, octets);
    writer_put(out, choose(seed, 2) ? SLICE(" LAST\n") : SLICE("\n"));
    writer_put(out, writer_slice(&text));
    writer_put_octet(out, '\n');
    put_reply(seed, SLICE("250"), 1, out);
}

void notation_make(uint64_t seed, struct writer *script)
{
    static const struct slice commands[] = {
        SLICE_INIT("NOOP"),
        SLICE_INIT("RSET"),
        SLICE_INIT("VRFY postmaster"),
        SLICE_INIT("MAIL FROM:<a@b.example>"),
        SLICE_INIT("RCPT TO:<c@d.example>"),
        SLICE_INIT("MAIL FROM:<> SIZE=10"),
    };
    static const struct slice codes[] = {SLICE_INIT("250"), SLICE_INIT("252"), SLICE_INIT("450"),
                                         SLICE_INIT("550"), SLICE_INIT("503")};
    put_reply(&seed, SLICE("220"), choose(&seed, 2) + 1, script);
    writer_put(script, SLICE("C: EHLO me.example\n"));
    put_reply(&seed, SLICE("250"), choose(&seed, 3) + 1, script);
    for (size_t i = choose(&seed, 5); i-- > 0;) {
        writer_put(script, SLICE("C: "));
        writer_put(script, commands[choose(&seed, sizeof commands / sizeof *commands)]);
        writer_put_octet(script, '\n');
        put_reply(&seed, codes[choose(&seed, sizeof codes / sizeof *codes)], choose(&seed, 2) + 1,
                  script);
    }
    size_t content = choose(&seed, 3);
    if (content == 0) {
        writer_put(script, SLICE("C: DATA\n"));
        put_reply(&seed, SLICE("354"), 1, script);
        put_message(&seed, script);
    } else if (content == 1) {
        put_chunk(&seed, script);
    }
    writer_put(script, SLICE("C: QUIT\nS: 221 bye\n"));
}

/* ---- notations ---- */

/* What stands before a line and behind it; of a reply of 4yz or 5yz, where it is another. */
struct notation {
    const char *name;
    struct slice head, client, server, refused, behind, tail;
    bool quoted; /* as Python writes strings */
    bool closed; /* says so, as the script then does */
    bool bare;   /* an empty line is only that */
    bool coded;  /* "[250] 'text'": which line of a reply is the last is not told */
};

/* clang-format off */
static const struct notation notations[] = {
    {.name = "the session alone"},
    {.name = "telnet",
     .head = SLICE_INIT("$ telnet mx.example 25\nTrying 192.0.2.1...\nConnected to mx.example.\nEscape character is '^]'.\n"),
     .tail = SLICE_INIT("Connection closed by foreign host.\n"), .closed = true},
    {.name = "a typed line", .client = SLICE_INIT("x\bQQ\x7f\x7f")},
    {.name = "CSI", .client = SLICE_INIT("\x1b[1;32m"), .server = SLICE_INIT("\x1b[m"), .behind = SLICE_INIT("\x1b[0m")},
    {.name = "OSC", .client = SLICE_INIT("\x1b]0;a title\a"), .server = SLICE_INIT("\x1b]0;\a")},
    {.name = "swaks", .head = SLICE_INIT("=== Trying mx.example:25...\n=== Connected to mx.example.\n"),
     .client = SLICE_INIT(" -> "), .server = SLICE_INIT("<-  "), .refused = SLICE_INIT("<** "),
     .tail = SLICE_INIT("=== Connection closed with remote host.\n")},
    {.name = "swaks in TLS", .head = SLICE_INIT("=== Trying mx.example:25...\n=== Connected to mx.example.\n"),
     .client = SLICE_INIT(" ~> "), .server = SLICE_INIT("<~  "), .refused = SLICE_INIT("<~* "),
     .tail = SLICE_INIT("=== Connection closed with remote host.\n")},
    {.name = "curl -v", .head = SLICE_INIT("*   Trying 192.0.2.1:25...\n* Connected to mx.example (192.0.2.1) port 25 (#0)\n"),
     .client = SLICE_INIT("> "), .server = SLICE_INIT("< "), .tail = SLICE_INIT("* Closing connection 0\n")},
    {.name = "msmtp", .client = SLICE_INIT("--> "), .server = SLICE_INIT("<-- ")},
    {.name = "CheckTLS", .client = SLICE_INIT("~~> "), .server = SLICE_INIT("<~~ ")},
    {.name = "Exim", .client = SLICE_INIT("  SMTP>> "), .server = SLICE_INIT("  SMTP<< ")},
    {.name = "Exim with the time", .client = SLICE_INIT("10:20:30 1234 SMTP<< "), .server = SLICE_INIT("10:20:30 1234 SMTP>> ")},
    {.name = "a notice of Postfix", .head = SLICE_INIT("Transcript of session follows.\n\n"),
     .client = SLICE_INIT(" In:  "), .server = SLICE_INIT(" Out: ")},
    {.name = "Postfix", .client = SLICE_INIT("Jan  1 00:00:00 mx postfix/smtpd[12]: < me.example[192.0.2.1]: "),
     .server = SLICE_INIT("Jan  1 00:00:00 mx postfix/smtpd[12]: > me.example[192.0.2.1]: ")},
    {.name = "smtplib", .head = SLICE_INIT("connect: ('mx.example', 25)\n"),
     .client = SLICE_INIT("send: '"), .server = SLICE_INIT("reply: b'"), .behind = SLICE_INIT("\\r\\n'"), .quoted = true},
    {.name = "nodemailer", .client = SLICE_INIT("[2024-01-31 10:15:31] DEBUG [abc] C: "),
     .server = SLICE_INIT("[2024-01-31 10:15:31] DEBUG [abc] S: ")},
    {.name = "Haraka", .client = SLICE_INIT("[PROTOCOL] [ABC.1] [core] C: "), .server = SLICE_INIT("[PROTOCOL] [ABC.1] [core] S: ")},
    {.name = "PHPMailer", .client = SLICE_INIT("2024-01-31 10:15:31 CLIENT -> SERVER: "),
     .server = SLICE_INIT("2024-01-31 10:15:31 SERVER -> CLIENT: ")},
    {.name = "PHPMailer on a page", .client = SLICE_INIT("CLIENT -&gt; SERVER: "),
     .server = SLICE_INIT("SERVER -&gt; CLIENT: "), .behind = SLICE_INIT("<br>")},
    {.name = "an RFC", .head = SLICE_INIT("   This is an example of a session that works.\n\nThis is a sentence of the document, too.\n\n"),
     .client = SLICE_INIT("      C: "), .server = SLICE_INIT("      S: ")},
    {.name = "RFC 821", .client = SLICE_INIT("      S: "), .server = SLICE_INIT("      R: ")},
    {.name = "a quotation", .client = SLICE_INIT("> "), .server = SLICE_INIT("> ")},
    {.name = "an unknown log", .client = SLICE_INIT("10:20:30 client: "), .server = SLICE_INIT("10:20:30 server: ")},
    {.name = "arrows", .client = SLICE_INIT(">>> "), .server = SLICE_INIT("<<< ")},
    {.name = "openssl s_client", .head = SLICE_INIT("$ openssl s_client -connect mx.example:465 -quiet\nCONNECTED(00000003)\n---\n")},
    {.name = "ends of lines that are shown", .client = SLICE_INIT("C: "), .server = SLICE_INIT("S: "), .behind = SLICE_INIT("<CRLF>")},
    {.name = "brackets", .client = SLICE_INIT("Sending <"), .server = SLICE_INIT("Receiving <"), .behind = SLICE_INIT(">")},
    {.name = "quotes", .client = SLICE_INIT("1706696131 send \""), .server = SLICE_INIT("1706696131 recv \""), .behind = SLICE_INIT("\\r\\n\""), .quoted = true},
    {.name = "strace", .client = SLICE_INIT("write(3, \""), .server = SLICE_INIT("read(3, \""), .behind = SLICE_INIT("\\r\\n\", 65535) = 12"), .quoted = true},
    {.name = "fences", .head = SLICE_INIT("This is how it went:\n\n```\n"), .tail = SLICE_INIT("```\n")},
    {.name = "code", .client = SLICE_INIT("`"), .server = SLICE_INIT("`"), .behind = SLICE_INIT("`"), .bare = true},
    {.name = "an indented session", .client = SLICE_INIT("    "), .server = SLICE_INIT("    ")},
    {.name = "client and server", .client = SLICE_INIT("Client: "), .server = SLICE_INIT("Server: ")},
    {.name = "bold", .client = SLICE_INIT("**"), .server = SLICE_INIT("**"), .behind = SLICE_INIT("**"), .bare = true},
    {.name = "ends of lines in brackets", .client = SLICE_INIT("C: "), .server = SLICE_INIT("S: "), .behind = SLICE_INIT("[CRLF]")},
    {.name = "swaks behind what it did not expect", .head = SLICE_INIT("=== Trying mx.example:25...\n"), .client = SLICE_INIT("**> "), .server = SLICE_INIT("<** ")},
    {.name = "keys of a page", .client = SLICE_INIT("<kbd>"), .server = SLICE_INIT("<kbd>"), .behind = SLICE_INIT("</kbd>"), .bare = true},
    {.name = "smtp-cli", .client = SLICE_INIT("> "), .coded = true},
    {.name = "JavaMail", .head = SLICE_INIT("DEBUG SMTP: trying to connect to host \"mx.example\", port 25, isSSL false\n")},
};
/* clang-format on */

static void put_text(const struct notation *n, struct slice text, struct writer *out)
{
    for (size_t i = 0; i < text.len; i++)
        if (n->quoted && (text.ptr[i] > 126 || text.ptr[i] < 32)) {
            writer_put(out, SLICE("\\x"));
            put_hex(out, text.ptr[i], 2);
        } else {
            writer_put_octet(out, text.ptr[i]);
        }
}

static void put_lines(const struct notation *n, struct slice script, struct writer *out)
{
    writer_put(out, n->head);
    while (script.len > 0) {
        struct slice line = next_line(&script), text = slice_from(line, 3);
        bool server = line.ptr[0] == 'S', refused = server && text.ptr[0] > '3';
        bool bare = n->bare && text.len == 0;
        writer_put(out, bare                            ? SLICE("")
                        : refused && n->refused.len > 0 ? n->refused
                        : server                        ? n->server
                                                        : n->client);
        if (n->coded && server) {
            writer_put_octet(out, '[');
            writer_put(out, slice_sub(text, 0, 3));
            writer_put(out, SLICE("] '"));
            text = slice_from(text, 4);
        }
        put_text(n, text, out);
        writer_put(out, n->coded && server ? SLICE("'") : SLICE(""));
        writer_put(out, bare ? SLICE("") : n->behind);
        writer_put_octet(out, '\n');
    }
    writer_put(out, n->tail);
}

/* ---- octets: what a side sent in one piece ---- */

/* Octets of a row: hexadecimal, a gap behind eight of them or none, and as they are seen. */
static void put_row(struct writer *out, struct slice row, bool gap)
{
    for (size_t i = 0; i < 16; i++) {
        writer_put(out, gap && i == 8 ? SLICE(" ") : SLICE(""));
        if (i < row.len)
            put_hex(out, row.ptr[i], 2);
        writer_put(out, i < row.len ? SLICE(" ") : SLICE("   "));
    }
    writer_put(out, SLICE("  "));
    for (size_t i = 0; i < row.len; i++)
        writer_put_octet(out, row.ptr[i] < 32 || row.ptr[i] > 126 ? '.' : row.ptr[i]);
    writer_put_octet(out, '\n');
}

/* The octets of a line, behind which CRLF stands. */
static struct slice next_sent(struct slice *octets)
{
    struct slice line = slice_sub(*octets, 0, slice_find(*octets, '\r'));
    *octets = slice_from(*octets, line.len + 2);
    return line;
}

static void put_ngrep(struct slice octets, bool server, size_t before, struct writer *out)
{
    writer_put(out, server ? SLICE("\nT 192.0.2.2:25 -> 192.0.2.1:40001 [AP] #")
                           : SLICE("\nT 192.0.2.1:40001 -> 192.0.2.2:25 [AP] #"));
    put_number(out, before);
    for (writer_put_octet(out, '\n'); octets.len > 0; writer_put(out, SLICE(".\n")))
        writer_put(out, next_sent(&octets));
}

static void put_follow(struct slice octets, bool server, size_t before, struct writer *out)
{
    (void)before;
    writer_put(out, server ? SLICE("\t") : SLICE(""));
    put_number(out, octets.len);
    for (writer_put_octet(out, '\n'); octets.len > 0; writer_put_octet(out, '\n'))
        writer_put(out, next_sent(&octets));
    writer_put_octet(out, '\n');
}

static void put_follow_hex(struct slice octets, bool server, size_t before, struct writer *out)
{
    for (size_t at = 0; at < octets.len; at += 16) {
        struct slice row = slice_from(octets, at);
        writer_put(out, server ? SLICE("    ") : SLICE(""));
        put_hex(out, before + at, 8);
        writer_put(out, SLICE("  "));
        put_row(out, slice_sub(row, 0, row.len < 16 ? row.len : 16), true);
    }
}

static void put_heading(struct slice octets, bool server, struct writer *out)
{
    writer_put(out, server ? SLICE("<= Recv header, ") : SLICE("=> Send header, "));
    put_number(out, octets.len);
    writer_put(out, SLICE(" bytes (0x"));
    put_hex(out, octets.len, octets.len > 255 ? 3 : octets.len > 15 ? 2 : 1);
    writer_put(out, SLICE(")\n"));
}

/* A row ends at CRLF, which is not shown, or behind 64 octets. */
static void put_trace_ascii(struct slice octets, bool server, size_t before, struct writer *out)
{
    (void)before;
    struct slice rest = octets;
    put_heading(octets, server, out);
    while (rest.len > 0) {
        size_t cr = slice_find(rest, '\r'), shown = cr < 64 ? cr : 64;
        put_hex(out, octets.len - rest.len, 4);
        writer_put(out, SLICE(": "));
        writer_put(out, slice_sub(rest, 0, shown));
        writer_put_octet(out, '\n');
        rest = slice_from(rest, shown == cr ? cr + 2 : shown);
    }
}

static void put_trace(struct slice octets, bool server, size_t before, struct writer *out)
{
    (void)before;
    put_heading(octets, server, out);
    for (size_t at = 0; at < octets.len; at += 16) {
        struct slice row = slice_from(octets, at);
        put_hex(out, at, 4);
        writer_put(out, SLICE(": "));
        put_row(out, slice_sub(row, 0, row.len < 16 ? row.len : 16), false);
    }
}

/* Octets, of which `before` went from that side: what is shown of them. */
static const struct dump {
    const char *name;
    struct slice head;
    void (*put)(struct slice octets, bool server, size_t before, struct writer *out);
} dumps[] = {
    {"ngrep", SLICE_INIT("interface: lo (127.0.0.0/255.0.0.0)\nfilter: port 25\n####"), put_ngrep},
    {"tshark", SLICE_INIT("Follow: tcp,ascii\nFilter: tcp.stream eq 0\n"), put_follow},
    {"tshark, in hexadecimal", SLICE_INIT("Follow: tcp,hex\nFilter: tcp.stream eq 0\n"),
     put_follow_hex},
    {"curl --trace-ascii", SLICE_INIT("== Info: Trying 192.0.2.1:25...\n"), put_trace_ascii},
    {"curl --trace", SLICE_INIT("== Info: Trying 192.0.2.1:25...\n"), put_trace},
};

static void put_dump(const struct dump *d, struct slice script, struct writer *out)
{
    static uint8_t room[NOTATION_OCTETS / 2];
    size_t before[2] = {0, 0};
    writer_put(out, d->head);
    while (script.len > 0) {
        struct writer piece = writer_of(room, sizeof room);
        bool server = script.ptr[0] == 'S';
        while (script.len > 0 && (script.ptr[0] == 'S') == server) {
            writer_put(&piece, slice_from(next_line(&script), 3));
            writer_put(&piece, SLICE("\r\n"));
        }
        d->put(writer_slice(&piece), server, before[server], out);
        before[server] += piece.len;
    }
}

/* ---- UTF-16 (RFC 2781 2.1) ---- */

static void put_unit(struct writer *out, uint32_t unit, bool big)
{
    writer_put_octet(out, (uint8_t)(big ? unit >> 8 : unit & 255));
    writer_put_octet(out, (uint8_t)(big ? unit & 255 : unit >> 8));
}

static void put_utf16(struct slice text, bool big, struct writer *out)
{
    put_unit(out, 0xfeff, big);
    for (size_t i = 0; i < text.len;) {
        uint8_t first = text.ptr[i];
        size_t more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        uint32_t c = more == 0 ? first : (uint32_t)(first & (0x3f >> more));
        for (size_t k = 1; k <= more; k++)
            c = c << 6 | (text.ptr[i + k] & 0x3f);
        if (c > 0xffff) {
            put_unit(out, 0xd7c0 + (c >> 10), big);
            put_unit(out, 0xdc00 + (c & 0x3ff), big);
        } else {
            put_unit(out, c, big);
        }
        i += more + 1;
    }
}

static void put_utf16_big(struct slice text, struct writer *out)
{
    put_utf16(text, true, out);
}

static void put_utf16_little(struct slice text, struct writer *out)
{
    put_utf16(text, false, out);
}

/* ---- other encodings ---- */

static void put_as_is(struct slice text, struct writer *out)
{
    writer_put(out, text);
}

static void put_crlf(struct slice text, struct writer *out)
{
    while (text.len > 0) {
        writer_put(out, next_line(&text));
        writer_put(out, SLICE("\r\n"));
    }
}

static void put_cr(struct slice text, struct writer *out)
{
    while (text.len > 0) {
        writer_put(out, next_line(&text));
        writer_put_octet(out, '\r');
    }
}

static void put_quotation(struct slice text, struct writer *out)
{
    while (text.len > 0) {
        writer_put(out, SLICE("> "));
        writer_put(out, next_line(&text));
        writer_put_octet(out, '\n');
    }
}

/* As a page's source has it; where nothing tells that it is one, the text. */
static void put_entities(struct slice text, struct writer *out)
{
    static const struct {
        uint8_t octet;
        struct slice entity;
    } rows[] = {
        {'<', SLICE_INIT("&lt;")},
        {'>', SLICE_INIT("&gt;")},
        {'\'', SLICE_INIT("&#39;")},
        {'"', SLICE_INIT("&quot;")},
    };
    bool page = slice_find(text, '<') < text.len;
    for (size_t i = 0; i < text.len; i++) {
        size_t row = page ? 0 : 4;
        while (row < 4 && rows[row].octet != text.ptr[i])
            row++;
        if (row < 4)
            writer_put(out, rows[row].entity);
        else
            writer_put_octet(out, text.ptr[i]);
    }
}

const char *notation_write(uint64_t seed, struct writer *script, struct writer *out)
{
    static void (*const encodings[])(struct slice text, struct writer * out) = {
        put_as_is, put_crlf, put_cr, put_utf16_big, put_utf16_little, put_quotation, put_entities,
    };
    static uint8_t room[NOTATION_OCTETS / 2];
    const size_t of_lines = sizeof notations / sizeof *notations;
    size_t chosen = choose(&seed, of_lines + sizeof dumps / sizeof *dumps);
    struct writer text = writer_of(room, sizeof room);
    if (chosen >= of_lines)
        put_dump(&dumps[chosen - of_lines], writer_slice(script), &text);
    else
        put_lines(&notations[chosen], writer_slice(script), &text);
    if (chosen < of_lines && notations[chosen].closed)
        writer_put(script, SLICE("S: <EOF>\n"));
    encodings[choose(&seed, sizeof encodings / sizeof *encodings)](writer_slice(&text), out);
    return chosen < of_lines ? notations[chosen].name : dumps[chosen - of_lines].name;
}
