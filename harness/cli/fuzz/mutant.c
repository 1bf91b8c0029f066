#include "cli/fuzz/mutant.h"

#include "campaign/account.h"
#include "campaign/dialogue.h"
#include "mutate_dialogue.h"

/* What may follow a message that is asked for (354), and an answer to AUTH (334). */
static const struct slice texts[] = {
    SLICE_INIT(".\r\n"),
    SLICE_INIT("Subject: x\r\n\r\nx\r\n.\r\n"),
    SLICE_INIT("x\r\n..\r\n.\r\n"),
};
static const struct slice answers[] = {
    SLICE_INIT("*\r\n"),
    SLICE_INIT("=\r\n"),
    SLICE_INIT("dGVzdGVy\r\n"),
    SLICE_INIT("c2VjcmV0\r\n"),
    SLICE_INIT("AHRlc3RlcgBzZWNyZXQ=\r\n"),
    SLICE_INIT("\r\n"),
    SLICE_INIT(ACCOUNT_NO_PLAIN_TEXT "\r\n"),
    SLICE_INIT(ACCOUNT_NO_PASS_TEXT "\r\n"),
};
/* Where there is an account. */
static const struct slice credentials[] = {
    SLICE_INIT(ACCOUNT_USER_TEXT "\r\n"),  SLICE_INIT(ACCOUNT_PASS_TEXT "\r\n"),
    SLICE_INIT(ACCOUNT_PLAIN_TEXT "\r\n"), SLICE_INIT(ACCOUNT_WRONG_TEXT "\r\n"),
    SLICE_INIT(ACCOUNT_EMPTY_TEXT "\r\n"),
};
static const struct slice commands[] = {
    SLICE_INIT("EHLO client.example\r\n"),
    SLICE_INIT("HELO client.example\r\n"),
    SLICE_INIT("MAIL FROM:<a@client.example>\r\n"),
    SLICE_INIT("RCPT TO:<postmaster>\r\n"),
    SLICE_INIT("DATA\r\n"),
    SLICE_INIT("RSET\r\n"),
    SLICE_INIT("NOOP\r\n"),
    SLICE_INIT("VRFY postmaster\r\n"),
    SLICE_INIT("VRFY a@client.example\r\n"),
    SLICE_INIT("EXPN list\r\n"),
    SLICE_INIT("HELP\r\n"),
    SLICE_INIT("BDAT 0 LAST\r\n"),
    SLICE_INIT("BDAT 3\r\nx\r\n"),
    SLICE_INIT("AUTH PLAIN\r\n"),
};

/* The way, mostly with plain commands behind it. */
static size_t step_further(struct mutate *m, const struct frontier_way *way, bool account,
                           uint8_t *data, size_t max_size)
{
    struct writer w = writer_of(data, max_size);
    if (mutate_random(m, 2) == 0)
        dialogue_put_plain(slice_of(way->octets, way->len), &w);
    else
        writer_put(&w, slice_of(way->octets, way->len));
    if (way->code == 354)
        writer_put(&w, mutate_word(m, MUTATE_WORDS(texts)));
    else if (way->code == 334 && account && mutate_random(m, 2) == 0)
        writer_put(&w, mutate_word(m, MUTATE_WORDS(credentials)));
    else if (way->code == 334)
        writer_put(&w, mutate_word(m, MUTATE_WORDS(answers)));
    for (size_t more = (mutate_random(m, 8) + 3) / 4; more > 0; more--)
        writer_put(&w, mutate_word(m, MUTATE_WORDS(commands)));
    return w.len;
}

size_t mutant_make(struct mutate *m, const struct frontier_way *way, bool account, uint8_t *data,
                   size_t size, size_t max_size)
{
    static uint8_t room[CAMPAIGN_INPUT_OCTETS];
    max_size = max_size < sizeof room ? max_size : sizeof room;
    if (way != NULL) {
        size = step_further(m, way, account, data, max_size);
        if (mutate_random(m, 4) > 0)
            return size;
    } else if (mutate_random(m, 8) > 0) {
        size = dialogue_without_quit(slice_of(data, size)).len;
    }
    if (mutate_random(m, 16) == 0)
        return m->octets(data, size, max_size);
    do {
        size = mutate_dialogue(m, slice_of(data, size), room, max_size);
        memcpy(data, room, size);
    } while (mutate_random(m, 3) == 0);
    return size;
}

size_t mutant_cross(struct mutate *m, struct slice one, struct slice other, uint8_t *out,
                    size_t max_size)
{
    return mutate_dialogue_cross(m, dialogue_without_quit(one), other, out, max_size);
}
