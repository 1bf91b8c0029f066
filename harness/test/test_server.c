/*
 * The reference server: each dialogue whole and cut in two at every place, and the same answers to
 * the octet; what it says are replies; what it delivers has its trace fields; and each fault switch
 * changes some answer or some message.
 */
#include <stdio.h>
#include <stdlib.h>

#include "law.h"
#include "profile.h"
#include "smtp/reply.h"

#define SAID_OCTETS (128 * 1024)

static uint8_t whole[2][SAID_OCTETS], pieces[2][SAID_OCTETS];

/* ---- answers ---- */

/* The codes of the replies in `said`, up to the time at its end. */
static void put_codes(struct slice said, char *ret_codes)
{
    char *at = ret_codes;
    while (said.len > 0) {
        struct smtp_reply_parser parser = {.limits = {512, 65536}};
        struct smtp_reply reply;
        if (slice_starts(said, SLICE("tls\r\n"))) {
            at += sprintf(at, "tls ");
            said = slice_from(said, 5);
            continue;
        }
        if (slice_starts(said, SLICE("closed\r\n"))) {
            at[-1] = '+';
            at++;
            break;
        }
        struct parse_result result = smtp_reply_parse(&parser, said, &reply);
        if (result.status != PARSE_OK)
            break;
        at += sprintf(at, "%u ", reply.code);
        said = slice_from(said, result.offset);
    }
    at[-1] = '\0';
}

/* Whether they are those of the row; says so where they are not. */
static bool check_codes(const struct dialogue *d, struct slice said)
{
    char codes[2048];
    size_t digits = 0; /* behind the replies stand a time, and what was said then */
    while (said.len > 0 && digits == 0) {
        size_t at = said.len;
        while (at > 0 && said.ptr[at - 1] != '\n')
            at--;
        digits = at < said.len;
        if (digits == 0)
            said = slice_sub(said, 0, said.len - 2);
    }
    put_codes(said, codes);
    bool same = strcmp(codes, d->codes) == 0;
    if (!same)
        print_message("%s: %s, expected %s\n", d->name, codes, d->codes);
    return same;
}

static void every_dialogue_cut_at_every_place(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < dialogue_count; i++) {
        const struct dialogue *d = &dialogues[i];
        size_t step = d->in.len > 1500 ? 97 : 1;
        struct writer said = writer_of(whole[0], SAID_OCTETS);
        struct writer delivered = writer_of(whole[1], SAID_OCTETS);
        dialogue_play(d, NULL, 0, &said, &delivered);
        wrong += !check_codes(d, writer_slice(&said));
        for (size_t cut = 1; cut < d->in.len; cut += step) {
            struct writer again = writer_of(pieces[0], SAID_OCTETS);
            struct writer messages = writer_of(pieces[1], SAID_OCTETS);
            dialogue_play(d, NULL, cut, &again, &messages);
            assert_slice_equal(writer_slice(&said), writer_slice(&again));
            assert_slice_equal(writer_slice(&delivered), writer_slice(&messages));
        }
    }
    assert_int_equal(wrong, 0);
}

/* ---- messages (RFC 5321 4.4) ---- */

#define TRACE(path, protocol, to)                                                                  \
    "Return-Path: <" path ">\r\nReceived: from c.example ([192.0.2.1])\r\n by mail.example.test "  \
    "with " protocol to ";\r\n Thu, 1 Jan 2026 00:00:00 +0000\r\n"
#define FOR_BOB "\r\n for <bob@example.test>"

/* By the name of the dialogue: envelope and content of what is delivered in it. */
static const struct {
    const char *dialogue;
    struct slice delivered;
} deliveries[] = {
    {"a whole session", SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE(
                            "a@b.example", "ESMTP", FOR_BOB) "Subject: x\r\n\r\nhi\r\n|")},
    {"HELO is enough", SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE(
                           "a@b.example", "SMTP", FOR_BOB) "Subject: x\r\n\r\nhi\r\n|")},
    {"two recipients", SLICE_INIT("a@b.example||bob@example.test\nalice@example.test\n|\n\n|" TRACE(
                           "a@b.example", "ESMTP", "") "Subject: x\r\n\r\nhi\r\n|")},
    {"the null reverse-path",
     SLICE_INIT("||Postmaster\npOSTMASTER@example.test\nbob@example.test\n|\n\n\n|" TRACE(
         "", "ESMTP", "") "Subject: x\r\n\r\nhi\r\n|")},
    {"fields that were there",
     SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE("a@b.example", "ESMTP", FOR_BOB) //
                "Received: from one by two; Mon, 1 Jan 2024 00:00:00 +0000\r\nDate: x\r\n"
                "Subject: y\r\n\r\nReturn-Path: body\r\n|")},
    {"dots", SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE(
                 "a@b.example", "ESMTP", FOR_BOB) "Subject: x\r\n\r\n.leading\r\none\r\n.\r\n"
                                                  "mid.dle\r\n|")},
    {"dots in a chunk",
     SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE("a@b.example", "ESMTP", FOR_BOB) //
                "Subject: x\r\n\r\n..two\r\n.\r\nafter\r\nNOOP\r\nNOOP\r\n|")},
    {"octets", SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE(
                   "a@b.example", "ESMTP", FOR_BOB) "Subject: x\r\n\r\n"
                                                    "tab\there \x01\x02 \xfc\xe9 trailing \r\n|")},
    {"STARTTLS", SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE(
                     "a@b.example", "ESMTPS", FOR_BOB) "Subject: x\r\n\r\nhi\r\n|")},
    {"AUTH and TLS", SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE(
                         "a@b.example", "ESMTPSA", FOR_BOB) "Subject: x\r\n\r\nhi\r\n|")},
    {"LMTP with one that fails late",
     SLICE_INIT("a@b.example||bob@example.test\nlate@example.test\n|\n\n|" TRACE(
         "a@b.example", "LMTP", "") "Subject: x\r\n\r\nhi\r\n|")},
    {"a message without Date and Message-ID",
     SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE("a@b.example", "ESMTPSA", FOR_BOB) //
                "Message-ID: <1767225600000.1@mail.example.test>\r\n"
                "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nSubject: x\r\n\r\nhi\r\n|")},
    {"a message with both",
     SLICE_INIT("a@b.example||bob@example.test\n|\n|" TRACE("a@b.example", "ESMTPSA", FOR_BOB) //
                "Date: x\r\nMessage-ID: <y@z>\r\n\r\nhi\r\n|")},
    {"an end that never comes", SLICE_INIT("")},
    {"a loop", SLICE_INIT("")},
    {"a message that comes too late", SLICE_INIT("")},
};

static void messages_are_delivered_with_their_trace(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof deliveries / sizeof *deliveries; i++) {
        struct writer said = writer_of(whole[0], SAID_OCTETS);
        struct writer delivered = writer_of(whole[1], SAID_OCTETS);
        size_t at = 0;
        while (at < dialogue_count && strcmp(dialogues[at].name, deliveries[i].dialogue) != 0)
            at++;
        assert_true(at < dialogue_count);
        dialogue_play(&dialogues[at], NULL, 0, &said, &delivered);
        if (!slice_equal(writer_slice(&delivered), deliveries[i].delivered))
            fail_msg("%s delivers:\n%.*s", deliveries[i].dialogue, (int)delivered.len,
                     (const char *)whole[1]);
    }
}

/* ---- faults ---- */

struct played {
    struct slice said, delivered;
};

static struct played play(const struct dialogue *d, const bool *faults, size_t cut)
{
    struct writer said = writer_of(pieces[0], SAID_OCTETS);
    struct writer delivered = writer_of(pieces[1], SAID_OCTETS);
    dialogue_play(d, faults, cut, &said, &delivered);
    return (struct played){writer_slice(&said), writer_slice(&delivered)};
}

/* Whether some dialogue, whole or in two pieces, is another one with these faults; `sound` has each
 * without. */
static bool changes_something(const struct played *sound, const bool *faults)
{
    for (size_t k = 0; k < 3 * dialogue_count; k++) {
        size_t i = k % dialogue_count, len = dialogues[i].in.len;
        size_t cut = k < dialogue_count || len < 2 ? 0 : k < 2 * dialogue_count ? 2 : len - 2;
        struct played broken = play(&dialogues[i], faults, cut);
        if (!slice_equal(broken.said, sound[i].said) ||
            !slice_equal(broken.delivered, sound[i].delivered))
            return true;
    }
    return false;
}

static void every_fault_changes_something(void **state)
{
    (void)state;
    bool *faults = calloc(server_fault_count, sizeof *faults);
    struct played *sound = calloc(dialogue_count, sizeof *sound);
    size_t idle = 0;
    assert_true(faults != NULL && sound != NULL);
    for (size_t i = 0; i < dialogue_count; i++) {
        struct played played = play(&dialogues[i], NULL, 0);
        sound[i] = (struct played){law_copy(played.said), law_copy(played.delivered)};
    }
    for (size_t i = 0; i < server_fault_count; i++) {
        faults[i] = true;
        bool changes = changes_something(sound, faults);
        faults[i] = false;
        if (!changes)
            print_message("no dialogue differs with the fault %s\n", server_faults[i].name);
        idle += !changes;
    }
    for (size_t i = 0; i < dialogue_count; i++) {
        law_free(sound[i].said);
        law_free(sound[i].delivered);
    }
    free(sound);
    free(faults);
    assert_int_equal(idle, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_dialogue_cut_at_every_place),
                                       cmocka_unit_test(messages_are_delivered_with_their_trace),
                                       cmocka_unit_test(every_fault_changes_something)};
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
