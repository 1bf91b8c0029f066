/*
 * The reference server: what a client sends, and the codes of what it answers. Each row is given
 * whole, cut in two at every place, and octet by octet; the answers are the same to the octet.
 */
#include <stdio.h>

#include "law.h"
#include "server/server.h"
#include "smtp/reply.h"

#define TO "EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@example.test>\r\n"

/* clang-format off */
static const struct row {
    const char *name;
    struct slice in;
    const char *codes; /* of the replies, "+" where the server closes */
} rows[] = {
    {"greets", SLICE_INIT(""), "220"},
    {"a whole session", SLICE_INIT(TO "DATA\r\nx\r\n.\r\nQUIT\r\n"), "220 250 250 250 354 250 221+"},
    {"any case", SLICE_INIT("eHlO c\r\nmail from:<>\r\nrcpt to:<POSTMASTER>\r\n"), "220 250 250 250"},
    {"sequence", SLICE_INIT("MAIL FROM:<>\r\nEHLO c\r\nRCPT TO:<a@b>\r\nDATA\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nDATA\r\n"),
     "220 503 250 503 503 250 503 503"},
    {"EHLO and RSET end the transaction", SLICE_INIT(TO "EHLO c\r\nDATA\r\nMAIL FROM:<>\r\nRSET\r\nDATA\r\n"),
     "220 250 250 250 250 503 250 250 503"},
    {"syntax", SLICE_INIT("EHLO c\r\nMAIL a@b\r\nMAIL FROM:<a@b\r\nMAIL FROM: <a@b>\r\nMAIL FROM:a@b\r\nEHLO\r\nNOSUCH\r\nRSET x\r\n"),
     "220 250 501 501 501 501 501 500 501"},
    {"recipients", SLICE_INIT("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<nosuch@example.test>\r\nRCPT TO:<a@elsewhere>\r\nRCPT TO:<>\r\n"
     "RCPT TO:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nRCPT TO:<c@example.test>\r\n"), "220 250 250 550 550 501 250 250 452"},
    {"parameters", SLICE_INIT("EHLO c\r\nMAIL FROM:<> SIZE=9999\r\nMAIL FROM:<> SIZE=x\r\nMAIL FROM:<> X=1\r\nMAIL FROM:<> BODY=8BITMIME SIZE=10\r\n"),
     "220 250 552 501 555 250"},
    {"parameters need EHLO", SLICE_INIT("HELO c\r\nMAIL FROM:<> SIZE=1\r\n"), "220 250 555"},
    {"only CRLF . CRLF ends a message", SLICE_INIT(TO "DATA\r\na\n.\nb\r\n.\nc\n.\r\nd\r.\r\r\n.\r\nNOOP\r\n"), "220 250 250 250 354 554 250"},
    {"only CRLF ends a command", SLICE_INIT("NOOP\nRSET\r\nNOOP\r\n"), "220 500 250"},
    {"NUL is no end", SLICE_INIT("NOOP\0\r\nEHLO a\0b\r\n"), "220 500 501"},
    {"BDAT", SLICE_INIT(TO "BDAT 6\r\nNOOP\r\nBDAT 0 LAST\r\nDATA\r\n"), "220 250 250 250 250 250 503"},
    {"a refused chunk is taken off the stream", SLICE_INIT("EHLO c\r\nBDAT 6\r\nNOOP\r\nBDAT x\r\n"), "220 250 503 501"},
    {"DATA does not go on a BDAT", SLICE_INIT(TO "BDAT 1\r\nxDATA\r\n"), "220 250 250 250 250 503"},
    {"a chunk that has not come", SLICE_INIT(TO "BDAT 2000 LAST\r\nNOOP\r\n"), "220 250 250 250"},
    {"AUTH PLAIN", SLICE_INIT("EHLO c\r\nAUTH PLAIN AHRlc3RlcgBzZWNyZXQ=\r\nAUTH PLAIN =\r\n"), "220 250 235 503"},
    {"AUTH LOGIN", SLICE_INIT("EHLO c\r\nAUTH LOGIN\r\ndGVzdGVy\r\nc2VjcmV0\r\n"), "220 250 334 334 235"},
    {"AUTH that fails", SLICE_INIT("EHLO c\r\nAUTH LOGIN\r\n*\r\nAUTH PLAIN\r\n!\r\nAUTH PLAIN eHg=\r\nAUTH X\r\nAUTH LOGIN dGVzdGVy\r\neA==\r\n"),
     "220 250 334 501 334 501 535 504 334 535"},
    {"relays for whom it knows", SLICE_INIT("EHLO c\r\nAUTH PLAIN AHRlc3RlcgBzZWNyZXQ=\r\nMAIL FROM:<>\r\nRCPT TO:<a@elsewhere>\r\n"),
     "220 250 235 250 250"},
    {"no TLS where it is not offered", SLICE_INIT("EHLO c\r\nSTARTTLS\r\n"), "220 250 502"},
    {"the rest", SLICE_INIT("NOOP x\r\nVRFY bob\r\nVRFY\r\nEXPN x\r\nHELP\r\n"), "220 250 252 501 550 214"},
};
/* clang-format on */

static struct server *new_server(bool tls)
{
    struct server_config config = {.host = SLICE("mail.example.test"),
                                   .domain = SLICE("example.test"),
                                   .user = SLICE("tester"),
                                   .password = SLICE("secret"),
                                   .offer_tls = tls,
                                   .max_message_octets = 1000,
                                   .max_recipients = 2,
                                   .idle_ms = 1000};
    struct server *server = server_new(&config, 0);
    assert_non_null(server);
    return server;
}

static void collect(struct server *server, struct writer *out)
{
    while (server_wants(server) & SERVER_WANTS_SEND) {
        writer_put(out, slice_sub(server_output(server), 0, 1)); /* the driver may take any part */
        server_sent(server, 1, 0);
    }
}

static void give(struct server *server, struct slice in, struct writer *out)
{
    while (in.len > 0) {
        struct slice copy = law_copy(in);
        size_t taken = server_receive(server, copy, 0);
        law_free(copy);
        collect(server, out);
        in = slice_from(in, taken);
    }
}

static void put_codes(struct slice said, bool closes, char *ret_codes)
{
    while (said.len > 0) {
        struct smtp_reply_parser parser = {.limits = {512, 4096}};
        struct smtp_reply reply;
        struct parse_result result = smtp_reply_parse(&parser, said, &reply);
        assert_int_equal(result.status, PARSE_OK);
        ret_codes += sprintf(ret_codes, "%u ", reply.code);
        said = slice_from(said, result.offset);
    }
    ret_codes[-1] = '\0';
    if (closes)
        strcat(ret_codes - 1, "+");
}

static void table(void **state)
{
    (void)state;
    static uint8_t whole[16384], pieces[16384];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct writer first = writer_of(whole, sizeof whole);
        char codes[512];
        for (size_t cut = 0; cut <= rows[i].in.len; cut++) {
            struct writer out = cut == 0 ? first : writer_of(pieces, sizeof pieces);
            struct server *server = new_server(false);
            collect(server, &out);
            give(server, slice_sub(rows[i].in, 0, cut), &out);
            give(server, slice_from(rows[i].in, cut), &out);
            if (cut == 0) {
                first = out;
                put_codes(writer_slice(&out), (server_wants(server) & SERVER_WANTS_CLOSE) != 0,
                          codes);
                if (strcmp(codes, rows[i].codes) != 0)
                    fail_msg("%s: %s, expected %s", rows[i].name, codes, rows[i].codes);
            } else {
                assert_slice_equal(writer_slice(&first), writer_slice(&out));
            }
            server_free(server);
        }
    }
}

/* RFC 3207 4.2 */
static void starttls_drops_what_came_in_plain_text(void **state)
{
    (void)state;
    uint8_t said[4096];
    struct writer out = writer_of(said, sizeof said);
    struct server *server = new_server(true);
    collect(server, &out);
    give(server, SLICE("EHLO c\r\nMAIL FROM:<>\r\nSTARTTLS\r\nNOOP\r\n"), &out);
    assert_int_equal(server_wants(server), SERVER_WANTS_TLS);
    out = writer_of(said, sizeof said);
    server_secured(server, 0);
    collect(server, &out);
    assert_int_equal(out.len, 0);
    give(server, SLICE("MAIL FROM:<>\r\nSTARTTLS\r\n"), &out);
    char codes[64];
    put_codes(writer_slice(&out), false, codes);
    assert_string_equal(codes, "503 503");
    server_free(server);
}

static void idle_clients_are_sent_away(void **state)
{
    (void)state;
    uint8_t said[1024];
    struct server *server = new_server(false);
    struct writer out = writer_of(said, sizeof said);
    collect(server, &out);
    assert_int_equal(server_deadline(server), 1000);
    server_tick(server, 999);
    assert_int_equal(server_wants(server), SERVER_WANTS_RECEIVE);
    server_tick(server, 1000);
    out = writer_of(said, sizeof said);
    collect(server, &out);
    assert_true(slice_starts(writer_slice(&out), SLICE("421 ")));
    assert_int_equal(server_wants(server), SERVER_WANTS_CLOSE);
    server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table),
                                       cmocka_unit_test(starttls_drops_what_came_in_plain_text),
                                       cmocka_unit_test(idle_clients_are_sent_away)};
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
