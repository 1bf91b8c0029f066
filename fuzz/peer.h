/*
 * peer: how a target plays an engine against octets that a peer is to say, whatever is asked.
 *
 * An input is a script, a line "====", and those octets; without that line it is a script only.
 */
#ifndef MAILDRILL_FUZZ_PEER_H
#define MAILDRILL_FUZZ_PEER_H

#include "engine/engine.h"
#include "fuzz.h"

/** Parts an input; *ret_octets is empty where it has no such line. */
static inline struct slice fuzz_peer_script(struct slice in, struct slice *ret_octets)
{
    static const struct slice line = SLICE_INIT("\n====\n");
    *ret_octets = SLICE("");
    for (size_t i = 0; i + line.len <= in.len; i++) {
        if (in.ptr[i] == '\n' && slice_starts(slice_from(in, i), line)) {
            *ret_octets = slice_from(in, i + line.len);
            return slice_sub(in, 0, i + 1);
        }
    }
    return in;
}

/** Octets that each connection was given; who plays sets them to 0. */
static size_t fuzz_peer_given[SCRIPT_MAX_CONNECTIONS];

/** Fulfils one wish of the engine; what it receives is taken off `octets`, at most `piece` of them.
 */
static inline void fuzz_peer_serve(struct engine *e, struct slice *octets, size_t piece,
                                   uint64_t *now)
{
    unsigned wants = engine_wants(e);
    if (wants & ENGINE_WANTS_SEND) {
        engine_sent(e, engine_output(e).len, *now);
    } else if (wants & ENGINE_WANTS_TLS) {
        engine_secured(e, SLICE("TLS"), *now);
    } else if (wants & ENGINE_WANTS_SHUTDOWN) {
        engine_shut(e, *now);
    } else if (wants & ENGINE_WANTS_CONNECT) {
        if (octets->len % 3 == 0)
            engine_connect_failed(e, SLICE("refused"), *now);
        else
            engine_connected(e, octets->len % 3 == 1, *now);
    } else if (wants & ENGINE_WANTS_DROP) {
        engine_dropped(e, *now);
    } else if (wants & ENGINE_WANTS_CLOSE) {
        engine_closed(e, *now);
    } else if ((wants & ENGINE_WANTS_MESSAGE) && octets->len % 2 == 1) {
        engine_message(e, *octets, *now);
    } else if (octets->len > 0 && piece > 0) {
        size_t take = octets->len < piece ? octets->len : piece;
        struct slice copy = fuzz_copy(slice_sub(*octets, 0, take));
        bool other = octets->len % 8 == 7; /* mostly on the connection that is talked on */
        unsigned connection = other ? octets->len / 8 % 4 : engine_connection(e);
        fuzz_peer_given[connection] += take;
        engine_receive(e, connection, copy, *now);
        fuzz_free(copy);
        *octets = slice_from(*octets, take);
        if (octets->len == 0 && piece % 4 != 1) /* else it stays, and says nothing more */
            engine_eof(e, engine_connection(e), piece % 3 == 0 ? SLICE("reset") : SLICE(""), *now);
    } else {
        FUZZ_LAW(engine_deadline(e) != ENGINE_NEVER, "every wait has a deadline");
        if (wants & ENGINE_WANTS_MESSAGE)
            engine_no_message(e, piece % 2 == 0 ? SLICE("denied") : SLICE(""));
        *now = engine_deadline(e);
        engine_tick(e, *now);
    }
}

#endif
