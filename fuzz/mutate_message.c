#include "mutate_message.h"

#include "base/octet.h"

/* ---- grammar ---- */

static const struct slice addresses[] = {
    SLICE_INIT("a@b.example"),
    SLICE_INIT("<a@b.example>"),
    SLICE_INIT("Bob <bob@example.test>"),
    SLICE_INIT("\"B, \\\"ob\\\\\" <bob@example.test>"),
    SLICE_INIT("=?UTF-8?Q?J=C3=BCrgen?= <j@example.test>"),
    SLICE_INIT("team: a@b.example, c@d.example;"),
    SLICE_INIT("undisclosed-recipients:;"),
    SLICE_INIT("<@a.example,@b.example:bob@example.test>"),
    SLICE_INIT("\"a b\"@[192.0.2.1]"),
    SLICE_INIT("a . b @ c . d"),
    SLICE_INIT("Bob (the (nested) one) <bob@example.test>"),
    SLICE_INIT("J. R. <j@r>"),
    SLICE_INIT("<>"),
    SLICE_INIT("\xc3\xa9@\xc3\xa9.example"),
    SLICE_INIT("a..b@c.example"), /* nearly right */
    SLICE_INIT(".a@b.example"),
    SLICE_INIT("a.@b..example"),
    SLICE_INIT("a@[b\\c]"),
    SLICE_INIT("a@b@c.example"),
    SLICE_INIT("[a]@b.example"),
};
static const struct slice dates[] = {
    SLICE_INIT("Fri, 21 Nov 1997 09:55:06 -0600"),   SLICE_INIT("21 Nov 97 09:55 EST"),
    SLICE_INIT("Thu, 1 Jan 1970 00:00:00 +0000"),    SLICE_INIT("29 Feb 2000 23:59:60 -0000"),
    SLICE_INIT("Mon, 31 Dec 999999999 0:0:0 +9959"), SLICE_INIT("2014-04-03T23:01:00Z"),
    SLICE_INIT("Fri Nov 21 09:55:06 1997"),
};
static const struct slice encoded_words[] = {
    SLICE_INIT("=?UTF-8?B?w6k=?="),
    SLICE_INIT("=?utf-8?q?a_b=C3=A9?="),
    SLICE_INIT("=?ISO-8859-1*en?Q?=E9?="),
    SLICE_INIT("=?UTF-8?B?w6?="),
    SLICE_INIT("=?UTF-8?B?w6k===?="),
    SLICE_INIT("=?x?Q?"
               "?="),
    SLICE_INIT("=?UTF-8?Q?=4?="),
    SLICE_INIT("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?="),
};
static const struct slice parameters[] = {
    SLICE_INIT("text/plain; charset=utf-8"),
    SLICE_INIT("; charset=\"utf-8\""),
    SLICE_INIT("; name*0*=utf-8'en'a%20b"),
    SLICE_INIT("; name*1=c"),
    SLICE_INIT("; name*=utf-8''%C3%A9"),
    SLICE_INIT("; boundary=\"a\\\"b\""),
    SLICE_INIT("; name*00=x"),
    SLICE_INIT("; a=b; a=c"),
    SLICE_INIT("; n*1=b; n*0=a"),
    SLICE_INIT("; n*0=a; n*2=c"),
    SLICE_INIT("; n*0=a; n*1=b; n*1=c"),
    SLICE_INIT("; n*4294967296=a"),
    SLICE_INIT("; n*1*=%62; n*0*=x''%61; n*2=c"),
    SLICE_INIT("attachment; filename=x"),
    SLICE_INIT("multipart/mixed; boundary=b"),
};
static const struct slice clauses[] = {
    SLICE_INIT("from a.example (b.example [192.0.2.1])"),
    SLICE_INIT("by c.example (Postfix)"),
    SLICE_INIT("via TCP"),
    SLICE_INIT("with ESMTPSA"),
    SLICE_INIT("id 12345"),
    SLICE_INIT("id <a@b>"),
    SLICE_INIT("for <bob@example.test>"),
    SLICE_INIT("; Fri, 21 Nov 1997 09:55:06 -0600"),
};
static const struct slice ids[] = {
    SLICE_INIT("<a.b@c.example>"), SLICE_INIT("<a@[x]>"),
    SLICE_INIT("<\"a\"@b>"),       SLICE_INIT("<a>"),
    SLICE_INIT("<a@b><c@d>"),      SLICE_INIT("<[a]@b>"),
    SLICE_INIT("<a@b@c>"),         SLICE_INIT("<a..b@c>"),
    SLICE_INIT("<.a@b.>"),         SLICE_INIT("<a@[x].b>"),
};
static const struct slice smtp_parameters[] = {
    /* of MAIL, RCPT and XCLIENT: right, and nearly right */
    SLICE_INIT(" HOLDUNTIL=2100-02-29T00:00:00Z"),
    SLICE_INIT(" HOLDUNTIL=2000-02-29T23:59:60.1-23:59"),
    SLICE_INIT(" RRVS=2023-04-30T00:00:00Z;C"),
    SLICE_INIT(" SIZE=18446744073709551615"),
    SLICE_INIT(" SIZE=018446744073709551616"),
    SLICE_INIT(" BY=0;R"),
    SLICE_INIT(" BY=-999999999;NT"),
    SLICE_INIT(" MT-PRIORITY=-0"),
    SLICE_INIT(" MTRK=QUJD:999999999"),
    SLICE_INIT(" NOTIFY=NEVER,SUCCESS"),
    SLICE_INIT(" NOTIFY=DELAY,FAILURE"),
    SLICE_INIT(" ORCPT=utf-8;a\\x{7F}\\x{10FFFF}"),
    SLICE_INIT(" ENVID=a+20b"),
    SLICE_INIT(" AUTH=a+2Eb@c"),
    SLICE_INIT(" BODY=BINARYMIME"),
    SLICE_INIT(" SOLICIT=a:b,c.d"),
    SLICE_INIT(" ADDR=IPV6:::1"),
    SLICE_INIT(" ADDR=192.0.2.256"),
    SLICE_INIT(" PORT=65536"),
    SLICE_INIT(" smtputf8"),
};
static const struct slice marks[] = {
    SLICE_INIT("(c)"),
    SLICE_INIT("(a(b)c)"),
    SLICE_INIT("(\\))"),
    SLICE_INIT("\r\n "),
    SLICE_INIT("\n\t"),
    SLICE_INIT("\r\n \r\n "),
    SLICE_INIT(","),
    SLICE_INIT(";"),
    SLICE_INIT(":"),
    SLICE_INIT("<"),
    SLICE_INIT(">"),
    SLICE_INIT("@"),
    SLICE_INIT("\""),
    SLICE_INIT("\\"),
    SLICE_INIT("("),
    SLICE_INIT(")"),
    SLICE_INIT("."),
    SLICE_INIT("="),
    SLICE_INIT("\r"),
    SLICE_INIT("\0"),
    SLICE_INIT("\xc3\xa9"),
    SLICE_INIT("\xff"),
    SLICE_INIT("\xed\xa0\x80"),
    SLICE_INIT("\xe0\x9f\xbf"),
    SLICE_INIT("\xf4\x90\x80\x80"),
    SLICE_INIT("\xf0\x8f\xbf\xbf"),
    SLICE_INIT("["),
    SLICE_INIT("]"),
    SLICE_INIT("[a]"),
    SLICE_INIT("\"a\""),
    SLICE_INIT("a@b"),
};
static const struct slice texts[] = {
    SLICE_INIT("hello"),
    SLICE_INIT("1.0"),
    SLICE_INIT(""),
    SLICE_INIT("a\r\n b"),
    SLICE_INIT("quoted-printable"),
};

#define TABLE(table)                                                                               \
    {                                                                                              \
        table, sizeof(table) / sizeof *(table)                                                     \
    }

/* What stands in a field; the fields themselves. */
enum value { ADDRESS, DATE, ENCODED, PARAMETER, CLAUSE, ID, TEXT, SMTP, MARK, VALUES };
static const struct mutate_words values[VALUES] = {
    [ADDRESS] = TABLE(addresses),
    [DATE] = TABLE(dates),
    [ENCODED] = TABLE(encoded_words),
    [PARAMETER] = TABLE(parameters),
    [CLAUSE] = TABLE(clauses),
    [ID] = TABLE(ids),
    [TEXT] = TABLE(texts),
    [SMTP] = TABLE(smtp_parameters),
    [MARK] = TABLE(marks),
};
static const struct {
    struct slice name;
    enum value value;
} fields[] = {
    {SLICE_INIT("From"), ADDRESS},
    {SLICE_INIT("To"), ADDRESS},
    {SLICE_INIT("Date"), DATE},
    {SLICE_INIT("Subject"), ENCODED},
    {SLICE_INIT("Received"), CLAUSE},
    {SLICE_INIT("Message-ID"), ID},
    {SLICE_INIT("References"), ID},
    {SLICE_INIT("Content-Type"), PARAMETER},
    {SLICE_INIT("MIME-Version"), TEXT},
    {SLICE_INIT("Content-Disposition"), PARAMETER},
    {SLICE_INIT("X-\x7f"), TEXT},
    {SLICE_INIT("Return-Path"), ADDRESS},
    {SLICE_INIT("Resent-Sender"), ADDRESS},
};

/* ---- fields ---- */

static bool is_white(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

static size_t field_octets(struct slice text)
{
    size_t at = 0;
    do {
        at += slice_find(slice_from(text, at), '\n');
        at += at < text.len;
    } while (at < text.len && is_white(text.ptr[at]));
    return at;
}

static void make_field(struct mutate *m, struct slice before, struct writer *out)
{
    static const struct slice colons[] = {SLICE_INIT(": "), SLICE_INIT(":"), SLICE_INIT(" : "),
                                          SLICE_INIT(":\r\n "), SLICE_INIT("")};
    static const struct slice endings[] = {SLICE_INIT("\n"), SLICE_INIT("\r"), SLICE_INIT("")};
    size_t field = mutate_random(m, sizeof fields / sizeof *fields);
    if (before.len > 0 && before.ptr[before.len - 1] != '\n')
        writer_put(out, SLICE("\r\n"));
    if (mutate_random(m, 12) == 0) {
        writer_put(out, SLICE("\r\n"));
        return;
    }
    writer_put(out, fields[field].name);
    writer_put(out, mutate_random(m, 2) == 0 ? SLICE(": ") : mutate_word(m, MUTATE_WORDS(colons)));
    do
        writer_put(out, mutate_word(m, values[fields[field].value]));
    while (mutate_random(m, 4) == 0);
    writer_put(out,
               mutate_random(m, 8) == 0 ? mutate_word(m, MUTATE_WORDS(endings)) : SLICE("\r\n"));
}

/* ---- words ---- */

/* A run of letters, digits and dots, of white space, or any one other octet. */
static size_t word_octets(struct slice text)
{
    const unsigned word = OCTET_ALPHA | OCTET_DIGIT | OCTET_EIGHT_BIT;
    size_t len = 1;
    if (octet_is(text.ptr[0], word))
        while (len < text.len && octet_is(text.ptr[len], word))
            len++;
    else if (octet_is(text.ptr[0], OCTET_WSP | OCTET_CR | OCTET_LF))
        while (len < text.len && octet_is(text.ptr[len], OCTET_WSP | OCTET_CR | OCTET_LF))
            len++;
    return len;
}

static void make_word(struct mutate *m, struct slice before, struct writer *out)
{
    (void)before;
    enum value value = mutate_random(m, 2) == 0 ? MARK : (enum value)mutate_random(m, VALUES);
    writer_put(out, mutate_word(m, values[value]));
}

/* One word many times over, or nested. */
static void put_many(struct mutate *m, struct slice word, struct writer *out)
{
    size_t count = mutate_random(m, 8) == 0 ? mutate_random(m, 400) : mutate_random(m, 12);
    for (size_t i = 0; i < count; i++)
        writer_put(out, word);
    if (word.len == 1 && word.ptr[0] == '(')
        for (size_t i = 0; i < count; i++)
            writer_put_octet(out, ')');
}

static void put_other_case(struct mutate *m, struct slice word, struct writer *out)
{
    size_t some = mutate_random(m, 2);
    for (size_t i = 0; i < word.len; i++) {
        bool flip = octet_is(word.ptr[i], OCTET_ALPHA) && (some == 0 || mutate_random(m, 2) == 0);
        writer_put_octet(out, flip ? word.ptr[i] ^ 0x20 : word.ptr[i]);
    }
}

static void change_word(struct mutate *m, struct slice word, struct writer *out)
{
    size_t way = mutate_random(m, 6);
    if (way == 0)
        put_many(m, word, out);
    else if (way == 5)
        put_other_case(m, word, out);
    else if (way == 1 && octet_is(word.ptr[0], OCTET_DIGIT))
        mutate_put_number(m, word, out);
    else if (way == 2) { /* in half, by a fold or a comment */
        size_t half = mutate_random(m, word.len + 1);
        writer_put(out, slice_sub(word, 0, half));
        writer_put(out, mutate_word(m, values[MARK]));
        writer_put(out, slice_from(word, half));
    } else
        mutate_put_changed(m, word, out);
}

static const struct mutate_grammar words = {word_octets, make_word, change_word};

/* ---- either ---- */

static void change_field(struct mutate *m, struct slice field, struct writer *out)
{
    mutate_pieces(m, &words, field, out);
}

static const struct mutate_grammar header = {field_octets, make_field, change_field};

/** Whether a text begins as a field does. */
static bool has_fields(struct slice text)
{
    size_t at = 0;
    while (at < text.len && octet_is(text.ptr[at], OCTET_GRAPHIC) && text.ptr[at] != ':')
        at++;
    return at > 1 && at < text.len && text.ptr[at] == ':' &&
           (slice_find(text, '\n') < text.len || slice_find(text, ' ') == at + 1);
}

static const struct mutate_grammar *grammar_of(struct mutate *m, struct slice text)
{
    return has_fields(text) && mutate_random(m, 4) > 0 ? &header : &words;
}

size_t mutate_message(struct mutate *m, struct slice text, uint8_t *room, size_t capacity)
{
    struct writer out = writer_of(room, capacity);
    if (mutate_random(m, 10) == 0)
        mutate_put_fitted(m, text, &out);
    else if (mutate_random(m, 20) == 0)
        mutate_put_listed(m, text, &out);
    else
        mutate_pieces(m, grammar_of(m, text), text, &out);
    size_t from_end = mutate_random(m, 4); /* the last octets are a target's knobs */
    if (mutate_random(m, 16) == 0 && from_end < out.len)
        out.ptr[out.len - 1 - from_end] = (uint8_t)mutate_random(m, 256);
    return out.len;
}

size_t mutate_message_cross(struct mutate *m, struct slice one, struct slice other, uint8_t *room,
                            size_t capacity)
{
    struct writer out = writer_of(room, capacity);
    mutate_cross(m, grammar_of(m, one), one, other, &out);
    return out.len;
}
