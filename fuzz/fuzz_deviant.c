/*
 * Laws of a deviant server: whatever a client sends, how its octets are cut changes no octet of
 * what it hears; all that is said is bounded; and it ends once the client has nothing more to say.
 * The last octet of the input chooses the way to go wrong, the one before it the reply.
 */
#include "campaign/deviant.h"
#include "custom.h"
#include "fuzz.h"

#define KEPT_OCTETS 65536u
#define MOST_OCTETS                                                                                \
    (20u << 20) /* of the longest deviation, and replies to MAX_OCTETS of commands */
#define MAX_OCTETS 2048

struct heard {
    uint8_t octets[KEPT_OCTETS];
    size_t total;
    struct deviant_seen seen;
};

static struct heard heard[2];

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
    fuzz_free(in);
    return 0;
}

FUZZ_MUTATOR(mutate_dialogue)
