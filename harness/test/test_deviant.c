/* unit.deviant: what a deviant server says, for each way to go wrong; and what it sees of a client.
 */
#include "campaign/deviant.h"
#include "law.h"

#include <stdlib.h>

#define SESSION                                                                                    \
    "EHLO me\r\nSTARTTLS\r\nEHLO me\r\nAUTH PLAIN AHUAcA==\r\nMAIL FROM:<a@b>\r\nRCPT "            \
    "TO:<c@d>\r\n"                                                                                 \
    "DATA\r\nx\r\n.\r\nQUIT\r\n"
#define MOST_SAID 2000000u
#define MOST_SENT 1000u /* at once, of more */

struct played {
    struct deviant deviant;
    uint8_t *said;
    size_t said_len, total; /* kept; all of it */
    uint64_t now_ms;
};

static void keep(struct played *p, struct slice out)
{
    size_t room = MOST_SAID - p->said_len, take = out.len < room ? out.len : room;
    if (take > 0)
        memcpy(p->said + p->said_len, out.ptr, take);
    p->said_len += take;
    p->total += out.len;
}

/* A client that sends `from` whatever it hears, `piece` octets at a time, one piece for each wish.
 */
static void play(struct played *p, const char *name, size_t reply, struct slice from, size_t piece)
{
    size_t row = deviant_find(slice_of_cstr(name));
    struct deviant_config config = {.row = row < deviant_row_count ? &deviant_rows[row] : NULL,
                                    .reply = reply,
                                    .offer_tls = true,
                                    .offer_auth = true,
                                    .idle_ms = 1000};
    *p = (struct played){.said = malloc(MOST_SAID)};
    assert_non_null(p->said);
    deviant_begin(&p->deviant, &config, 0);
    for (size_t steps = 0; steps < 2000000; steps++) {
        unsigned wants = deviant_wants(&p->deviant);
        if (wants & DEVIANT_WANTS_CLOSE)
            return;
        if (wants & DEVIANT_WANTS_SEND) {
            struct slice out = deviant_output(&p->deviant);
            assert_true(out.len > 0);
            out = slice_sub(out, 0, out.len < MOST_SENT ? out.len : MOST_SENT);
            keep(p, out);
            deviant_sent(&p->deviant, out.len, p->now_ms);
        } else if (wants & DEVIANT_WANTS_TLS) {
            keep(p, SLICE("<TLS>"));
            deviant_secured(&p->deviant);
        } else if (p->deviant.at_ms == 0 && from.len > 0) {
            struct slice in = slice_sub(from, 0, piece < from.len ? piece : from.len);
            from = slice_from(from, deviant_receive(&p->deviant, in, p->now_ms));
        } else {
            p->now_ms = deviant_deadline(&p->deviant);
            assert_true(p->now_ms != DEVIANT_NEVER);
            deviant_tick(&p->deviant, p->now_ms);
        }
    }
    fail_msg("%s does not end", name);
}

#define HI "220 mail.example.test ESMTP\r\n"
#define EHLO(tls)                                                                                  \
    "250-mail.example.test\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n" tls                           \
    "250-AUTH PLAIN LOGIN\r\n250 ENHANCEDSTATUSCODES\r\n"
#define BEGIN HI EHLO("250-STARTTLS\r\n") "220 2.0.0 Go on\r\n<TLS>" EHLO("")
#define AUTH  "235 2.7.0 Ok\r\n"
#define MAIL  "250 2.1.0 Ok\r\n"
#define RCPT  "250 2.1.5 Ok\r\n"
#define DATA  "354 Go on\r\n"
#define END   "250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n"

static void test_replies(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t reply;
        const char *said;
    } rows[] = {
        {"", 0, BEGIN AUTH MAIL RCPT DATA END},
        {"closed", 0, ""},
        {"closed", 5, BEGIN AUTH},
        {"silent", 5, BEGIN AUTH},
        {"half-a-code", 5, BEGIN AUTH "25"},
        {"no-line-end", 5, BEGIN AUTH "250 2.1.0 Ok"},
        {"refused", 5, BEGIN AUTH "554 5.0.0 No\r\n" RCPT DATA END},
        {"going-down", 5, BEGIN AUTH "421 4.3.2 Going down\r\n"},
        {"text-missing", 6, BEGIN AUTH MAIL "250\r\n" DATA END},
        {"bare-lf", 3,
         HI EHLO("250-STARTTLS\r\n") "220 2.0.0 Go on\r\n<TLS>250-mail.example.test\n"
                                     "250-SIZE 10485760\n250-8BITMIME\n250-AUTH PLAIN LOGIN\n250 "
                                     "ENHANCEDSTATUSCODES\n" AUTH MAIL RCPT DATA END},
        {"twice", 7, BEGIN AUTH MAIL RCPT DATA DATA END},
        {"early", 6, BEGIN AUTH MAIL RCPT "250 2.0.0 Ok\r\n" DATA END},
        {"empty-line", 6, BEGIN AUTH MAIL "\r\n" RCPT DATA END},
        {"drip", 6, BEGIN AUTH MAIL RCPT DATA END},
        /* the message is taken for commands, and its end for one, too */
        {"success-for-354", 7,
         BEGIN AUTH MAIL RCPT "250 2.0.0 Ok\r\n500 5.5.1 Unknown\r\n"
                              "500 5.5.1 Unknown\r\n221 2.0.0 Bye\r\n"},
        {"refused", 2,
         HI EHLO("250-STARTTLS\r\n") "554 5.0.0 No\r\n" EHLO("250-STARTTLS\r\n")
             AUTH MAIL RCPT DATA END},
        {"plain-for-tls", 2,
         HI EHLO("250-STARTTLS\r\n") "220 2.0.0 Go on\r\n250-mail.example.test\r\n250 AUTH PLAIN "
                                     "LOGIN\r\n"},
        {"no-starttls", 1, HI EHLO("") "220 2.0.0 Go on\r\n<TLS>" EHLO("") AUTH MAIL RCPT DATA END},
        {"challenge-not-base64", 4, BEGIN "334 !\"#$%&\r\n" MAIL RCPT DATA END},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice from = SLICE(SESSION);
        for (size_t piece = 1; piece <= from.len; piece++) {
            struct played p;
            play(&p, rows[i].name, rows[i].reply, from, piece);
            if (p.said_len != strlen(rows[i].said) || memcmp(p.said, rows[i].said, p.said_len) != 0)
                fail_msg("%s@%zu, pieces of %zu: \"%.*s\"", rows[i].name, rows[i].reply, piece,
                         (int)p.said_len, (const char *)p.said);
            free(p.said);
        }
    }
}

/* Every row at every reply ends, deviates where it has a place, and says a bounded number of
 * octets. */
static void test_all_rows(void **state)
{
    (void)state;
    static const uint8_t places[] = {
        DEVIANT_GREETING, DEVIANT_EHLO, DEVIANT_STARTTLS, DEVIANT_EHLO,        DEVIANT_AUTH,
        DEVIANT_MAIL,     DEVIANT_RCPT, DEVIANT_DATA,     DEVIANT_END_OF_DATA, DEVIANT_QUIT};
    for (size_t i = 0; i < deviant_row_count; i++)
        for (size_t reply = 0; reply < sizeof places; reply++) {
            struct played p;
            if ((deviant_rows[i].places & 1u << places[reply]) == 0)
                continue;
            play(&p, deviant_rows[i].name, reply, SLICE(SESSION), 4096);
            assert_true(p.deviant.seen.deviated);
            assert_int_equal(p.deviant.seen.replies[reply], places[reply]);
            assert_true(p.total < (17u << 20));
            if (strncmp(deviant_rows[i].name, "endless", 7) == 0)
                assert_true(p.total > (15u << 20));
            free(p.said);
        }
}

/* Octet for octet; what a socket takes at once does not divide the pieces it is sent in. */
static void test_long_replies(void **state)
{
    (void)state;
#define X58 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    static const struct {
        const char *name, *begin, *repeated, *end;
        size_t count;
    } rows[] = {
        {"many-lines", "220", "-" X58 "\r\n220", " done\r\n", 20000},
        {"long-line", "220 ", X58 "xxxxxx", "\r\n", 1562},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct played p;
        play(&p, rows[i].name, 0, SLICE(""), 1);
        struct slice said = slice_of(p.said, p.said_len), text = slice_of_cstr(rows[i].begin);
        for (size_t n = 0; n <= rows[i].count + 1; n++) {
            if (!slice_starts(said, text))
                fail_msg("%s: piece %zu is \"%.*s\"", rows[i].name, n,
                         (int)(said.len < 80 ? said.len : 80), (const char *)said.ptr);
            said = slice_from(said, text.len);
            text = slice_of_cstr(n < rows[i].count ? rows[i].repeated : rows[i].end);
        }
        assert_int_equal(said.len, 0);
        free(p.said);
    }
}

static void test_what_is_seen(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t reply;
        const char *from;
        bool secured, in_clear, took_injection;
        size_t messages, accepted;
    } rows[] = {
        {"", 0, SESSION, true, false, false, 1, 1},
        {"refused", 8, SESSION, true, false, false, 1, 0},
        {"text-missing", 8, SESSION, true, false, false, 1, 1},
        {"success-for-354", 7, SESSION, true, false, false, 0, 0},
        {"refused", 2, SESSION, false, true, false, 1, 1},
        {"no-starttls", 1, "EHLO me\r\nQUIT\r\n", false, false, false, 0, 0},
        {"no-starttls", 1, "EHLO me\r\nAUTH PLAIN AHUAcA==\r\n", false, true, false, 0, 0},
        /* its EHLO under TLS is answered late: what comes in one piece with it did not wait */
        {"injection", 2, "EHLO me\r\nSTARTTLS\r\nEHLO me\r\n", true, false, false, 0, 0},
        {"", 0, "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n..\r\n.x\r\n\n.\n\r\n.\r\n",
         false, true, false, 1, 1},
        {"", 0, "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n", false, true, false,
         1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct played p;
        play(&p, rows[i].name, rows[i].reply, slice_of_cstr(rows[i].from), 1);
        const struct deviant_seen *seen = &p.deviant.seen;
        if (seen->secured != rows[i].secured || seen->in_clear != rows[i].in_clear ||
            seen->took_injection != rows[i].took_injection || seen->messages != rows[i].messages ||
            seen->accepted != rows[i].accepted)
            fail_msg("row %zu: secured %d, in clear %d, injection %d, messages %zu, accepted %zu",
                     i, seen->secured, seen->in_clear, seen->took_injection, seen->messages,
                     seen->accepted);
        free(p.said);
    }
}

/* Under TLS, a client that goes on before its EHLO is answered has taken what came before for it.
 */
static void test_injection(void **state)
{
    (void)state;
    struct deviant d;
    struct deviant_config config = {
        .row = &deviant_rows[deviant_find(SLICE("injection"))], .reply = 2, .offer_tls = true};
    deviant_begin(&d, &config, 0);
    deviant_sent(&d, deviant_output(&d).len, 0);
    deviant_receive(&d, SLICE("EHLO me\r\n"), 0);
    deviant_sent(&d, deviant_output(&d).len, 0);
    deviant_receive(&d, SLICE("STARTTLS\r\n"), 0);
    deviant_sent(&d, deviant_output(&d).len, 0);
    assert_int_equal(deviant_wants(&d), DEVIANT_WANTS_TLS);
    deviant_secured(&d);
    deviant_receive(&d, SLICE("EHLO me\r\n"), 0);
    assert_int_equal(deviant_wants(&d), DEVIANT_WANTS_RECEIVE); /* it holds its reply back */
    deviant_receive(&d, SLICE("MAIL FROM:<a@b>\r\n"), 1);
    assert_true(d.seen.took_injection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),      cmocka_unit_test(test_all_rows),
        cmocka_unit_test(test_long_replies), cmocka_unit_test(test_what_is_seen),
        cmocka_unit_test(test_injection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
