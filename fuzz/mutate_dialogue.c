#include "mutate_dialogue.h"

#include "base/octet.h"

/* ---- grammar ---- */

static const struct slice verbs[] = {
    SLICE_INIT("EHLO"), SLICE_INIT("HELO"), SLICE_INIT("LHLO"),     SLICE_INIT("MAIL"),
    SLICE_INIT("RCPT"), SLICE_INIT("DATA"), SLICE_INIT("BDAT"),     SLICE_INIT("RSET"),
    SLICE_INIT("NOOP"), SLICE_INIT("QUIT"), SLICE_INIT("VRFY"),     SLICE_INIT("EXPN"),
    SLICE_INIT("HELP"), SLICE_INIT("AUTH"), SLICE_INIT("STARTTLS"), SLICE_INIT("ETRN"),
    SLICE_INIT("TURN"), SLICE_INIT("ATRN"), SLICE_INIT("BURL"),     SLICE_INIT("XCLIENT"),
};
static const struct slice paths[] = {
    SLICE_INIT("<a@b.example>"),
    SLICE_INIT("<a@client.example>"),
    SLICE_INIT("<bob@example.test>"),
    SLICE_INIT("<nosuch@example.test>"),
    SLICE_INIT("<full@example.test>"),
    SLICE_INIT("<list@example.test>"),
    SLICE_INIT("<late@example.test>"),
    SLICE_INIT("<postmaster>"),
    SLICE_INIT("<>"),
    SLICE_INIT("<\"a b\"@example.test>"),
    SLICE_INIT("<\"a\\\"b\\\\\"@example.test>"),
    SLICE_INIT("<@a.example,@b.example:bob@example.test>"),
    SLICE_INIT("<bob@[192.0.2.1]>"),
    SLICE_INIT("<bob@[IPv6:2001:db8::1]>"),
    SLICE_INIT("<\xc3\xa9@example.test>"),
    SLICE_INIT("a@b.example"),
    SLICE_INIT("<u%c@example.test>"),
    SLICE_INIT("<\"\"@example.test>"),
    SLICE_INIT("<a@b@example.test>"),
    SLICE_INIT("<a@-b-.example>"),
    SLICE_INIT("<a@b.example"),
};
static const struct slice mail_params[] = {
    SLICE_INIT("SIZE=100"),
    SLICE_INIT("SIZE=99999999999999999999"),
    SLICE_INIT("BODY=8BITMIME"),
    SLICE_INIT("BODY=BINARYMIME"),
    SLICE_INIT("SMTPUTF8"),
    SLICE_INIT("RET=HDRS"),
    SLICE_INIT("ENVID=a+2Bb"),
    SLICE_INIT("AUTH=<>"),
    SLICE_INIT("AUTH=e+3Dmc2@example.com"),
    SLICE_INIT("BY=120;R"),
    SLICE_INIT("HOLDFOR=60"),
    SLICE_INIT("MT-PRIORITY=3"),
    SLICE_INIT("REQUIRETLS"),
    SLICE_INIT("X-UNKNOWN=1"),
};
static const struct slice rcpt_params[] = {
    SLICE_INIT("NOTIFY=NEVER"),
    SLICE_INIT("NOTIFY=SUCCESS,FAILURE,DELAY"),
    SLICE_INIT("ORCPT=rfc822;Bob+40example.test"),
    SLICE_INIT("ORCPT=utf-8;a\\x{E9}@b"),
    SLICE_INIT("RRVS=2014-04-03T23:01:00Z"),
    SLICE_INIT("X-UNKNOWN"),
};
static const struct slice arguments[] = {
    /* of the verbs without a grammar below */
    SLICE_INIT("client.example"),
    SLICE_INIT("[192.0.2.1]"),
    SLICE_INIT("bob"),
    SLICE_INIT("bob@example.test SMTPUTF8"),
    SLICE_INIT("@example.test"),
    SLICE_INIT("list"),
    SLICE_INIT("MAIL"),
    SLICE_INIT("imap://a@mail.example/INBOX;uid=1 LAST"),
    SLICE_INIT("a:"),
    SLICE_INIT("a+b-c.1:x LAST"),
    SLICE_INIT("1a:x"),
    SLICE_INIT("a.example,b.example"),
    SLICE_INIT("#queue"),
};
static const struct slice chunks[] = {
    SLICE_INIT("3\r\nabc"),
    SLICE_INIT("3 LAST\r\nabc"),
    SLICE_INIT("0 LAST\r\n"),
    SLICE_INIT("0\r\n"),
    SLICE_INIT("5\r\n.\r\n.\r"),
    SLICE_INIT("9999999\r\n"),
    SLICE_INIT("18446744073709551616 LAST\r\n"),
    SLICE_INIT("-1\r\n"),
    SLICE_INIT("3 LAST X\r\nabc"),
};
static const struct slice mechanisms[] = {
    SLICE_INIT("PLAIN AHRlc3RlcgBzZWNyZXQ="), /* tester, secret */
    SLICE_INIT("PLAIN"),
    SLICE_INIT("PLAIN ="),
    SLICE_INIT("LOGIN"),
    SLICE_INIT("LOGIN dGVzdGVy"),
    SLICE_INIT("CRAM-MD5"),
    SLICE_INIT("SCRAM-SHA-256 biwsbj10ZXN0ZXIscj1hYmM="),
    SLICE_INIT("EXTERNAL ="),
    SLICE_INIT("XOAUTH2"),
    SLICE_INIT("ABCDEFGHIJ0123456789"), /* as long as may be; and longer */
    SLICE_INIT("ABCDEFGHIJ01234567890"),
    SLICE_INIT("PLAIN A==="), /* none of these is base64 */
    SLICE_INIT("PLAIN AB=="),
    SLICE_INIT("PLAIN AAB="),
    SLICE_INIT("PLAIN AA=A"),
    SLICE_INIT("PLAIN *AAA"),
    SLICE_INIT("PLAIN AAA"),
};
static const struct slice loose_lines[] = {
    /* of messages and of exchanges; ended already */
    SLICE_INIT(".\r\n"),        SLICE_INIT("..\r\n"),        SLICE_INIT("\n.\n"),
    SLICE_INIT("\r.\r"),        SLICE_INIT("\r\n.\n"),       SLICE_INIT("\n.\r\n"),
    SLICE_INIT("\r\n.\r\n"),    SLICE_INIT("*\r\n"),         SLICE_INIT("dGVzdGVy\r\n"),
    SLICE_INIT("c2VjcmV0\r\n"), SLICE_INIT("=\r\n"),         SLICE_INIT("AHRlc3RlcgBzZWNyZXQ=\r\n"),
    SLICE_INIT("\r\n"),         SLICE_INIT("From: a@b\r\n"), SLICE_INIT("x\r\n"),
};
/* What a server may take for the end of a message and must not (RFC 5321 4.1.1.4); and that end. */
#define MOST_LOOK_ALIKES 6
static const struct slice look_alikes[] = {
    SLICE_INIT("\n.\n"),
    SLICE_INIT("\n.\r\n"),
    SLICE_INIT("\n.\r"),
    SLICE_INIT("\r.\r"),
    SLICE_INIT("\r.\n"),
    SLICE_INIT("\r.\r\n"),
    SLICE_INIT("\n\n.\r\n"),
    SLICE_INIT("\r\n\0.\r\n"),
    SLICE_INIT("\r\n .\r\n"),
    SLICE_INIT("\r\n\x0b.\r\n"),
    SLICE_INIT("\r\n\xef\xbb\xbf.\r\n"),
    SLICE_INIT("\r\n.\n"),
    SLICE_INIT("\r\n.\r"),
    SLICE_INIT("\r\n.\r\r\n"),
    SLICE_INIT("\r\r\n.\r\r\n"),
    SLICE_INIT("\r\n.\0\r\n"),
    SLICE_INIT("\r\n. \r\n"),
    SLICE_INIT("\r\n.\t\r\n"),
    SLICE_INIT("\r\n.\x0c\r\n"),
    SLICE_INIT("\r\n.\x1a\r\n"),
    SLICE_INIT("\x85.\x85"),
    SLICE_INIT("\xc2\x85.\xc2\x85"),
    SLICE_INIT("\xe2\x80\xa8.\xe2\x80\xa8"),
    SLICE_INIT("\r\n..\r\n"),
    SLICE_INIT("\r\n.\r\n"),
};
static const struct slice endings[] = {
    SLICE_INIT("\r\n"), SLICE_INIT("\n"),     SLICE_INIT("\r"),       SLICE_INIT("\r\r\n"),
    SLICE_INIT(""),     SLICE_INIT("\r\0\n"), SLICE_INIT("\r\n\r\n"), SLICE_INIT(" \r\n"),
};
static const struct slice separators[] = {
    SLICE_INIT("  "), SLICE_INIT("\t"), SLICE_INIT(""), SLICE_INIT("\0"), SLICE_INIT("\x0b"),
};
static const struct slice replies[] = {
    SLICE_INIT("220 mail.example ESMTP"),
    SLICE_INIT("250 2.0.0 ok"),
    SLICE_INIT("250-mail.example"),
    SLICE_INIT("250-SIZE 1000"),
    SLICE_INIT("250-PIPELINING"),
    SLICE_INIT("250-AUTH PLAIN LOGIN"),
    SLICE_INIT("250-STARTTLS"),
    SLICE_INIT("250 CHUNKING"),
    SLICE_INIT("250"),
    SLICE_INIT("354 go"),
    SLICE_INIT("334 VXNlcm5hbWU6"),
    SLICE_INIT("235 2.7.0 hello"),
    SLICE_INIT("221 bye"),
    SLICE_INIT("421 4.3.2 later"),
    SLICE_INIT("450 4.2.1 busy"),
    SLICE_INIT("503 5.5.1 order"),
    SLICE_INIT("550-5.1.1 who"),
    SLICE_INIT("550 5.1.1 who"),
    SLICE_INIT("250-x\r\n550 y"),
    SLICE_INIT("199 x"),
    SLICE_INIT("25"),
};
static const struct slice reply_texts[] = {
    /* enhanced codes, right and nearly right; EHLO keywords; what a challenge is */
    SLICE_INIT("2.0.0 ok"),
    SLICE_INIT("2.1.5"),
    SLICE_INIT("4.7.0 later"),
    SLICE_INIT("5.1.1 who"),
    SLICE_INIT("5.7.10 no"),
    SLICE_INIT("3.0.0 x"),
    SLICE_INIT("5.01.1 x"),
    SLICE_INIT("5.1000.1 x"),
    SLICE_INIT("2.0.0.1 x"),
    SLICE_INIT("5.1.1\tx"),
    SLICE_INIT("SIZE"),
    SLICE_INIT("SIZE 18446744073709551616"),
    SLICE_INIT("AUTH PLAIN LOGIN"),
    SLICE_INIT("AUTH=LOGIN"),
    SLICE_INIT("8BITMIME"),
    SLICE_INIT("8bitmime x"),
    SLICE_INIT("DELIVERBY 240"),
    SLICE_INIT("FUTURERELEASE 86400 2020-01-01T00:00:00Z"),
    SLICE_INIT("LIMITS MAILMAX=2 RCPTMAX=1"),
    SLICE_INIT("MT-PRIORITY MIXER"),
    SLICE_INIT("NO-SOLICITING a.example:b"),
    SLICE_INIT("ENHANCEDSTATUSCODES"),
    SLICE_INIT("X-ONE two"),
    SLICE_INIT("dXNlcg=="),
    SLICE_INIT(""),
};
static const struct slice expectations[] = {
    /* of a script */
    SLICE_INIT("220"),
    SLICE_INIT("250"),
    SLICE_INIT("250-"),
    SLICE_INIT("2xx"),
    SLICE_INIT("354"),
    SLICE_INIT("334"),
    SLICE_INIT("5xx"),
    SLICE_INIT("!2xx"),
    SLICE_INIT("*"),
    SLICE_INIT("550 5.1.x"),
    SLICE_INIT("..."),
    SLICE_INIT("/^250 .*/"),
    SLICE_INIT("<EOF>"),
    SLICE_INIT("250 | 550 fail x"),
    SLICE_INIT("503 | warn 5xx | unclear 530/<EOF>"),
};
static const struct slice directives[] = {
    /* of a script */
    SLICE_INIT("%test \"t\" rfc=5321#4.1.1 level=MUST"),
    SLICE_INIT("%test \"t\" id=t tags=slow fault=rcpt-before-mail level=SHOULD"),
    SLICE_INIT("%require ehlo:SIZE"),
    SLICE_INIT("%require rcpt tls port:submission"),
    SLICE_INIT("%ehlo +SIZE -AUTH"),
    SLICE_INIT("%ehlo +SIZE>0 | warn"),
    SLICE_INIT("%ehlo unique registered"),
    SLICE_INIT("%capture n /([0-9]+)/"),
    SLICE_INIT("%capture n message /x/"),
    SLICE_INIT("%set n=${rcpt}"),
    SLICE_INIT("%secret n"),
    SLICE_INIT("%within 2s"),
    SLICE_INIT("%quiet 500ms"),
    SLICE_INIT("%quiet 1s | warn 5xx/<EOF> | unclear 421"),
    SLICE_INIT("%sleep 10ms"),
    SLICE_INIT("%reply 503 | warn 5xx | unclear 530"),
    SLICE_INIT("%reply every /^2/ | warn"),
    SLICE_INIT("%reply last /x/"),
    SLICE_INIT("%reply same-enhanced | unclear"),
    SLICE_INIT("%replies length<=512 | warn"),
    SLICE_INIT("%replies ascii"),
    SLICE_INIT("%assert ${len:${rcpt}} <= 9"),
    SLICE_INIT("%assert ${n} !~ /x/ | warn"),
    SLICE_INIT("%if secure"),
    SLICE_INIT("%if reply 250"),
    SLICE_INIT("%if !ehlo SIZE"),
    SLICE_INIT("%if ${n} = x"),
    SLICE_INIT("%else"),
    SLICE_INIT("%end"),
    SLICE_INIT("%repeat 3"),
    SLICE_INIT("%repeat until reply 5xx max 3"),
    SLICE_INIT("%use b"),
    SLICE_INIT("%close"),
    SLICE_INIT("%reset"),
    SLICE_INIT("%shutdown"),
    SLICE_INIT("%lax"),
    SLICE_INIT("%connect[b]"),
    SLICE_INIT("%connect plain"),
    SLICE_INIT("%barrier"),
    SLICE_INIT("%tls"),
    SLICE_INIT("%tls verify=none min=1.2 sni=a alpn=smtp refused=warn"),
    SLICE_INIT("%secured version /TLS/"),
    SLICE_INIT("%auth PLAIN"),
    SLICE_INIT("%auth SCRAM-SHA-256 initial=no user=u pass=p"),
    SLICE_INIT("%proxy v1"),
    SLICE_INIT("%proxy v2 from=192.0.2.7:1234 to=[2001:db8::1]:25"),
    SLICE_INIT("%segment 1,2 every 5ms"),
    SLICE_INIT("%flush each"),
    SLICE_INIT("%message within 1s to=${rcpt} contains x"),
    SLICE_INIT("%message first header Subject /x/"),
    SLICE_INIT("%bdat <<EOT last\nabc\nEOT"),
    SLICE_INIT("%bdat <<EOT chunk=2\nabc\nEOT"),
    SLICE_INIT("%data <<EOT\nFrom: a\n\n.\nEOT"),
};
static const struct slice script_pieces[] = {
    /* of a script's lines */
    SLICE_INIT(" | warn 5xx"),
    SLICE_INIT(" | unclear 421/<EOF>"),
    SLICE_INIT(" | pass 251"),
    SLICE_INIT(" | fail"),
    SLICE_INIT(" | warn"),
    SLICE_INIT("/2xx"),
    SLICE_INIT("!"),
    SLICE_INIT("[b]"),
    SLICE_INIT("${rcpt}"),
    SLICE_INIT("${given:-x}"),
    SLICE_INIT("${ehlo.SIZE*1.1+1}"),
    SLICE_INIT("${n}"),
    SLICE_INIT("${3*ab}"),
    SLICE_INIT("${600*a}"),
    SLICE_INIT("${b64:a${rcpt}}"),
    SLICE_INIT("${unb64:YQ==}"),
    SLICE_INIT("${xtext:a+b}"),
    SLICE_INIT("${upper:a}"),
    SLICE_INIT("${local:${rcpt}}"),
    SLICE_INIT("${len:abc}"),
    SLICE_INIT("${now+60s}"),
    SLICE_INIT("${now-1d:rfc3339}"),
    SLICE_INIT("$${"),
    SLICE_INIT("${"),
    SLICE_INIT("}"),
    SLICE_INIT("\\x00"),
    SLICE_INIT("\\r\\n"),
    SLICE_INIT("\\"),
    SLICE_INIT("/"),
    SLICE_INIT("\""),
    SLICE_INIT(" 5.1.x "),
    SLICE_INIT("-"),
    SLICE_INIT("="),
    SLICE_INIT("<"),
};

/* ---- lines ---- */

static size_t line_octets(struct slice text)
{
    size_t lf = slice_find(text, '\n');
    return lf == text.len ? lf : lf + 1;
}

/** The tag of a script's line, "C: " or another; empty where there is none. */
static struct slice tag_of(struct slice line)
{
    size_t colon = slice_find(line, ':');
    bool tagged = line.len > 0 && (line.ptr[0] == 'C' || line.ptr[0] == 'S') && colon < 6 &&
                  colon + 1 < line.len && line.ptr[colon + 1] == ' ';
    for (size_t i = 1; tagged && i < colon; i++)
        tagged = !octet_is(line.ptr[i], OCTET_ALPHA) || line.ptr[i - 1] == '[';
    return slice_sub(line, 0, tagged ? colon + 2 : 0);
}

static struct slice ending_of(struct slice line)
{
    size_t len = line.len;
    while (len > 0 && (line.ptr[len - 1] == '\n' || line.ptr[len - 1] == '\r'))
        len--;
    return slice_from(line, len);
}

static bool is_reply(struct slice line)
{
    return line.len > 2 && octet_is(line.ptr[0], OCTET_DIGIT) &&
           octet_is(line.ptr[1], OCTET_DIGIT) && octet_is(line.ptr[2], OCTET_DIGIT);
}

static void put_params(struct mutate *m, struct mutate_words params, struct writer *out)
{
    while (mutate_random(m, 2) == 0) {
        writer_put_octet(out, ' ');
        writer_put(out, mutate_word(m, params));
    }
}

/** A command with its argument, and with its ending where it has one of its own. */
static bool put_command(struct mutate *m, struct writer *out)
{
    struct slice verb = mutate_word(m, MUTATE_WORDS(verbs));
    bool mail = slice_equal(verb, SLICE("MAIL")), rcpt = slice_equal(verb, SLICE("RCPT"));
    writer_put(out, verb);
    if (mail || rcpt) {
        writer_put(out, mail ? SLICE(" FROM:") : SLICE(" TO:"));
        writer_put(out, mutate_word(m, MUTATE_WORDS(paths)));
        put_params(m, mail ? MUTATE_WORDS(mail_params) : MUTATE_WORDS(rcpt_params), out);
        return false;
    }
    if (slice_equal(verb, SLICE("BDAT"))) {
        writer_put_octet(out, ' ');
        writer_put(out, mutate_word(m, MUTATE_WORDS(chunks)));
        return true;
    }
    if (slice_equal(verb, SLICE("AUTH"))) {
        writer_put_octet(out, ' ');
        writer_put(out, mutate_word(m, MUTATE_WORDS(mechanisms)));
    } else if (!slice_equal(verb, SLICE("DATA")) && mutate_random(m, 3) > 0) {
        writer_put_octet(out, ' ');
        writer_put(out, mutate_word(m, MUTATE_WORDS(arguments)));
    }
    return false;
}

static void put_script_line(struct mutate *m, struct writer *out)
{
    static const struct slice tags[] = {SLICE_INIT("C!: "), SLICE_INIT("S=: "), SLICE_INIT("S~: "),
                                        SLICE_INIT("C[b]: ")};
    size_t way = mutate_random(m, 6);
    if (way == 0)
        writer_put(out, mutate_word(m, MUTATE_WORDS(directives)));
    else if (way == 1)
        writer_put(out, mutate_word(m, MUTATE_WORDS(tags)));
    if (way == 0)
        return;
    if (way < 4) {
        writer_put(out, way == 1 ? SLICE("") : SLICE("S: "));
        writer_put(out, mutate_word(m, MUTATE_WORDS(expectations)));
    } else {
        writer_put(out, SLICE("C: "));
        put_command(m, out);
    }
}

/* A reply's line: of any reply, or one more of the reply that `before` belongs to. */
static void put_reply_line(struct mutate *m, struct slice before, struct writer *out)
{
    if (mutate_random(m, 2) == 0) {
        writer_put(out, mutate_word(m, MUTATE_WORDS(replies)));
        return;
    }
    writer_put(out, slice_sub(before, 0, 3));
    writer_put_octet(out, mutate_random(m, 3) == 0 ? ' ' : '-');
    writer_put(out, mutate_word(m, MUTATE_WORDS(reply_texts)));
}

/* A line such as may follow `before`. */
static void make_line(struct mutate *m, struct slice before, struct writer *out)
{
    struct slice ending = ending_of(before);
    bool script = tag_of(before).len > 0 || (before.len > 0 && before.ptr[0] == '%');
    bool reply = is_reply(before);
    if (before.len > 0 && ending.len == 0)
        writer_put(out, SLICE("\r\n"));
    if (script) {
        put_script_line(m, out);
        writer_put(out, ending.len == 0 ? SLICE("\n") : ending);
        return;
    }
    if (reply)
        put_reply_line(m, before, out);
    else if (mutate_random(m, 4) == 0) {
        writer_put(out, mutate_word(m, MUTATE_WORDS(loose_lines)));
        return;
    } else if (put_command(m, out))
        return;
    if (mutate_random(m, 8) == 0)
        writer_put(out, mutate_word(m, MUTATE_WORDS(endings)));
    else
        writer_put(out, SLICE("\r\n"));
}

/* ---- changes inside a line ---- */

static void change_case(struct mutate *m, struct slice text, struct writer *out)
{
    size_t way = mutate_random(m, 3);
    for (size_t i = 0; i < text.len; i++) {
        bool flip = octet_is(text.ptr[i], OCTET_ALPHA) && (way == 0 || mutate_random(m, 2) == 0);
        writer_put_octet(out, flip ? text.ptr[i] ^ 0x20 : text.ptr[i]);
    }
}

/** Another separator for one of the spaces. */
static void change_separator(struct mutate *m, struct slice text, struct writer *out)
{
    size_t spaces = 0, at = 0;
    for (size_t i = 0; i < text.len; i++)
        spaces += text.ptr[i] == ' ';
    size_t chosen = mutate_random(m, spaces);
    while (at < text.len && (text.ptr[at] != ' ' || chosen-- > 0))
        at++;
    writer_put(out, slice_sub(text, 0, at));
    writer_put(out, mutate_word(m, MUTATE_WORDS(separators)));
    writer_put(out, slice_from(text, at < text.len ? at + 1 : at));
}

static void change_path(struct mutate *m, struct slice text, struct writer *out)
{
    size_t open = slice_find(text, '<'), close = slice_find(text, '>');
    if (open >= close || close == text.len) {
        mutate_put_changed(m, text, out);
        return;
    }
    writer_put(out, slice_sub(text, 0, open));
    if (mutate_random(m, 2) == 0)
        writer_put(out, mutate_word(m, MUTATE_WORDS(paths)));
    else
        mutate_put_changed(m, slice_sub(text, open, close + 1), out);
    writer_put(out, slice_from(text, close + 1));
}

/* Digits become another number, one of those that overflow. */
static void change_number(struct mutate *m, struct slice text, struct writer *out)
{
    size_t from = mutate_random(m, text.len);
    while (from < text.len && !octet_is(text.ptr[from], OCTET_DIGIT))
        from++;
    size_t to = from;
    while (to < text.len && octet_is(text.ptr[to], OCTET_DIGIT))
        to++;
    writer_put(out, slice_sub(text, 0, from));
    mutate_put_number(m, slice_sub(text, from, to), out);
    writer_put(out, slice_from(text, to));
}

/* A long line: a part of it many times over. */
static void lengthen(struct mutate *m, struct slice text, struct writer *out)
{
    size_t from = mutate_random(m, text.len), octets = 1 + mutate_random(m, 8);
    octets = octets < text.len - from ? octets : text.len - from;
    writer_put(out, slice_sub(text, 0, from));
    for (size_t n = mutate_random(m, 2) == 0 ? 2 + mutate_random(m, 64) : mutate_random(m, 600);
         n > 0; n--)
        writer_put(out, slice_sub(text, from, from + octets));
    writer_put(out, slice_from(text, from));
}

/* A line of a script: a piece of the language put in, in the place of a word, or at the end. */
static void change_script_text(struct mutate *m, struct slice text, struct writer *out)
{
    size_t way = mutate_random(m, 3), from = way == 2 ? text.len : mutate_random(m, text.len);
    size_t to = from;
    while (way == 1 && from > 0 && text.ptr[from - 1] != ' ')
        from--;
    while (way == 1 && to < text.len && text.ptr[to] != ' ')
        to++;
    writer_put(out, slice_sub(text, 0, from));
    writer_put(out, mutate_word(m, MUTATE_WORDS(script_pieces)));
    writer_put(out, slice_from(text, to));
}

/* A reply's line: another code, the hyphen for the space or the other way round, another text. */
static void change_reply(struct mutate *m, struct slice text, struct writer *out)
{
    size_t way = mutate_random(m, 3);
    uint8_t code[3];
    memcpy(code, text.ptr, sizeof code);
    if (way == 0)
        code[mutate_random(m, sizeof code)] = (uint8_t)('0' + mutate_random(m, 10));
    writer_put(out, slice_of(code, sizeof code));
    if (text.len == sizeof code || way == 1)
        writer_put_octet(out, text.len > 3 && text.ptr[3] == '-' ? ' ' : '-');
    else
        writer_put_octet(out, text.ptr[3]);
    writer_put(out, way == 2 ? mutate_word(m, MUTATE_WORDS(reply_texts)) : SLICE(""));
    if (way == 2 && mutate_random(m, 2) == 0)
        return;
    writer_put(out, slice_from(text, text.len < 4 ? text.len : 4));
}

static void change_line(struct mutate *m, struct slice line, struct writer *out)
{
    struct slice tag = tag_of(line), ending = ending_of(line);
    struct slice text = slice_sub(line, tag.len, line.len - ending.len);
    bool script = tag.len > 0 || (line.len > 0 && line.ptr[0] == '%');
    size_t way = mutate_random(m, 9);
    if (script && mutate_random(m, 2) == 0) {
        writer_put(out, tag);
        change_script_text(m, text, out);
        writer_put(out, ending);
        return;
    }
    if (is_reply(text) && mutate_random(m, 2) == 0) {
        writer_put(out, tag);
        change_reply(m, text, out);
        writer_put(out, ending);
        return;
    }
    if (way == 0)
        ending = mutate_word(m, MUTATE_WORDS(endings));
    writer_put(out, tag);
    if (way == 1)
        change_case(m, text, out);
    else if (way == 2)
        change_separator(m, text, out);
    else if (way == 3)
        change_path(m, text, out);
    else if (way == 4)
        change_number(m, text, out);
    else if (way == 5 && mutate_random(m, 3) == 0 && text.len > 0)
        lengthen(m, text, out);
    else if (way > 6)
        mutate_put_changed(m, text, out);
    else
        writer_put(out, text);
    if (way == 5 || way == 6) {
        writer_put_octet(out, ' ');
        writer_put(out, mutate_word(m, mutate_random(m, 2) == 0 ? MUTATE_WORDS(mail_params)
                                                                : MUTATE_WORDS(rcpt_params)));
    }
    writer_put(out, ending);
}

static const struct mutate_grammar grammar = {line_octets, make_line, change_line};

/* ---- inside messages ---- */

static bool is_data(struct slice line)
{
    return slice_equal_nocase(slice_sub(line, 0, line.len - ending_of(line).len), SLICE("DATA"));
}

/* Octets up to and with the line DATA; 0 where there is none. */
static size_t find_message(struct slice text)
{
    for (size_t at = 0; at < text.len;) {
        size_t octets = line_octets(slice_from(text, at));
        bool data = is_data(slice_sub(text, at, at + octets));
        at += octets;
        if (data)
            return at;
    }
    return 0;
}

/* What looks like the end of a message goes into one, and a command behind it: a server that is
 * taken in answers that. Several at once try as many in one dialogue; what is found is made smaller
 * later. Now and then LF alone ends the message's first line. */
static void put_look_alike(struct mutate *m, struct slice text, size_t message, struct writer *out)
{
    size_t at = message;
    bool lf_first = mutate_random(m, 4) == 0;
    for (size_t lines = mutate_random(m, 4); lines > 0 && at < text.len; lines--)
        at += line_octets(slice_from(text, at));
    struct slice line = slice_sub(text, message, at);
    size_t first = line_octets(line);
    if (lf_first && first >= 2 && line.ptr[first - 1] == '\n' && line.ptr[first - 2] == '\r') {
        writer_put(out, slice_sub(text, 0, message + first - 2));
        writer_put_octet(out, '\n');
        writer_put(out, slice_from(line, first));
    } else {
        writer_put(out, slice_sub(text, 0, at));
    }
    size_t count = mutate_random(m, 2) == 0 ? 1 : 1 + mutate_random(m, MOST_LOOK_ALIKES);
    for (; count > 0; count--) {
        writer_put(out, SLICE("x"));
        writer_put(out, mutate_word(m, MUTATE_WORDS(look_alikes)));
        if (mutate_random(m, 4) > 0)
            writer_put(out, SLICE("NOOP\r\n"));
    }
    writer_put(out, slice_from(text, at));
}

/* The last octets are a target's knobs. */
static void turn_knob(struct mutate *m, struct writer *out)
{
    size_t from_end = mutate_random(m, 4);
    if (mutate_random(m, 16) == 0 && from_end < out->len)
        out->ptr[out->len - 1 - from_end] = (uint8_t)mutate_random(m, 256);
}

size_t mutate_dialogue(struct mutate *m, struct slice text, uint8_t *room, size_t capacity)
{
    struct writer out = writer_of(room, capacity);
    size_t message = find_message(text);
    /* A text without DATA may be a message itself. */
    if (mutate_random(m, message > 0 ? 8 : 24) == 0)
        put_look_alike(m, text, message, &out);
    else if (mutate_random(m, 10) == 0)
        mutate_put_fitted(m, text, &out);
    else
        mutate_pieces(m, &grammar, text, &out);
    turn_knob(m, &out);
    return out.len;
}

size_t mutate_dialogue_cross(struct mutate *m, struct slice one, struct slice other, uint8_t *room,
                             size_t capacity)
{
    struct writer out = writer_of(room, capacity);
    mutate_cross(m, &grammar, one, other, &out);
    return out.len;
}
