/*
 * Laws of a deviant server: whatever a client sends, how its octets are cut changes no octet of
 * what it hears; all that is said is bounded; and it ends once the client has nothing more to say.
 * Until it goes wrong, it says what a server says that does not, which is replies without quirks.
 * The last octet of the input chooses the way to go wrong, the one before it the reply.
 */
#include "campaign/deviant.h"
#include "custom.h"
#include "fuzz.h"
#include "smtp/ehlo.h"
#include "smtp/reply.h"

#define KEPT_OCTETS 65536u
#define MOST_OCTETS                                                                                \
    (20u << 20) /* of the longest deviation, and replies to MAX_OCTETS of commands */
#define MAX_OCTETS 2048

struct heard {
    uint8_t octets[KEPT_OCTETS];
    size_t total;
    struct deviant_seen seen;
};

static struct heard heard[3];

static void hear(struct heard *h, struct slice out)
{
    size_t room = h->total < KEPT_OCTETS ? KEPT_OCTETS - h->total : 0;
    if (room > 0 && out.len > 0)
        memcpy(h->octets + h->total, out.ptr, out.len < room ? out.len : room);
    h->total += out.len;
    FUZZ_LAW(h->total <= MOST_OCTETS, "what is said is bounded");
}

static void play(struct heard *h, const struct deviant_config *config, struct slice in,
                 size_t piece)
{
    struct deviant d;
    uint64_t now_ms = 0;
    h->total = 0;
    deviant_begin(&d, config, now_ms);
    while (!(deviant_wants(&d) & DEVIANT_WANTS_CLOSE)) {
        unsigned wants = deviant_wants(&d);
        if (wants & DEVIANT_WANTS_SEND) {
            struct slice out = deviant_output(&d);
            FUZZ_LAW(out.len > 0, "what wants to be sent is there");
            hear(h, out);
            deviant_sent(&d, out.len, now_ms);
        } else if (wants & DEVIANT_WANTS_TLS) {
            deviant_secured(&d);
        } else if (d.at_ms == 0 && in.len > 0) {
            size_t taken =
                deviant_receive(&d, slice_sub(in, 0, piece < in.len ? piece : in.len), now_ms);
            FUZZ_LAW(taken > 0, "what it wants to receive it takes");
            in = slice_from(in, taken);
        } else {
            FUZZ_LAW(deviant_deadline(&d) != DEVIANT_NEVER, "a wait has an end");
            now_ms = deviant_deadline(&d);
            deviant_tick(&d, now_ms);
        }
    }
    h->seen = d.seen;
}

/* Checks the replies of one who keeps to the RFCs; returns the octets of the first `most`. */
static size_t check_replies(const struct heard *h, size_t most)
{
    const struct smtp_reply_limits limits = {KEPT_OCTETS, 512};
    struct slice rest = slice_of(h->octets, h->total);
    size_t octets = 0;
    for (size_t count = 0; rest.len > 0; count++) {
        struct smtp_reply_parser parser = {.limits = limits};
        struct smtp_reply reply;
        struct smtp_ehlo ehlo;
        struct smtp_ehlo_keyword keyword;
        FUZZ_LAW(smtp_reply_parse(&parser, rest, &reply).status == PARSE_OK && reply.quirks == 0,
                 "what does not go wrong is replies without quirks");
        smtp_ehlo_begin(&reply, &ehlo);
        while (reply.lines > 1 && smtp_ehlo_next(&ehlo, &keyword))
            FUZZ_LAW(keyword.quirks == 0, "and keywords without quirks");
        rest = slice_from(rest, reply.raw.len);
        octets += count < most ? reply.raw.len : 0;
    }
    return octets;
}

/* A row is named alone, or with the reply's number behind it: "@" 1*3DIGIT. */
static void check_name(struct slice in, size_t row)
{
    uint8_t text[64];
    struct writer w = writer_of(text, sizeof text);
    size_t line = slice_find(in, '\r'), number = 0, digits = 0, got;
    struct slice tail = slice_sub(in, 0, line < 6 ? line : 6);
    for (; digits < tail.len && tail.ptr[digits] >= '0' && tail.ptr[digits] <= '9'; digits++)
        number = 10 * number + (size_t)(tail.ptr[digits] - '0');
    writer_put(&w, slice_of_cstr(deviant_rows[row].name));
    FUZZ_LAW(deviant_read(writer_slice(&w), &got) == row && got == SIZE_MAX, "a row has its name");
    writer_put(&w, SLICE("@"));
    writer_put(&w, tail);
    size_t read = deviant_read(writer_slice(&w), &got);
    FUZZ_LAW((read == row) == (digits == tail.len && digits > 0 && digits < 4),
             "behind a name stands the number of a reply");
    FUZZ_LAW(read != row || got == number, "and it is that number");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_OCTETS)
        return 0;
    struct slice in = fuzz_copy(slice_of(data, size));
    struct deviant_config config = {.row = &deviant_rows[fuzz_knob(in, 0, deviant_row_count)],
                                    .reply = fuzz_knob(in, 1, 12),
                                    .offer_tls = true,
                                    .offer_auth = true,
                                    .idle_ms = 1000};
    play(&heard[0], &config, in, size + 1);
    if (heard[0].total < KEPT_OCTETS) { /* the long ones once */
        play(&heard[1], &config, in, 1 + fuzz_knob(in, 2, 16));
        FUZZ_LAW(heard[0].total == heard[1].total &&
                     memcmp(heard[0].octets, heard[1].octets, heard[0].total) == 0,
                 "how the client's octets are cut changes nothing that it hears");
        FUZZ_LAW(heard[0].seen.accepted == heard[1].seen.accepted &&
                     heard[0].seen.in_clear == heard[1].seen.in_clear,
                 "nor what is seen of it");
    }
    struct deviant_config right = config;
    right.row = NULL;
    play(&heard[2], &right, in, size + 1);
    size_t same = check_replies(&heard[2], config.reply);
    FUZZ_LAW(heard[0].total >= same && memcmp(heard[0].octets, heard[2].octets, same) == 0,
             "until it goes wrong, it does not");
    check_name(in, (size_t)(config.row - deviant_rows));
    fuzz_free(in);
    return 0;
}

FUZZ_MUTATOR(mutate_dialogue)
