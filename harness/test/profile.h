/*
 * profile: the ways in which tests set up the reference server, and what its dialogues are in them.
 */
#ifndef MAILDRILL_TEST_PROFILE_H
#define MAILDRILL_TEST_PROFILE_H

#include "base/writer.h"
#include "server/server.h"

enum profile {
    PROFILE_MX,     /* STARTTLS and, under TLS, AUTH are offered */
    PROFILE_MX_TLS, /* TLS from the start */
    PROFILE_SUBMISSION,
    PROFILE_SUBMISSION_TLS,
    PROFILE_LMTP,
    PROFILE_REJECTING,
    PROFILE_REFUSING,
    PROFILE_TLS_REQUIRED,
    PROFILE_TLS_UNAVAILABLE,
    PROFILE_CLEAR,      /* no TLS at all: AUTH in plain text */
    PROFILE_CLEAR_AUTH, /* what proves a secret without showing it is offered before TLS */
    PROFILE_DISCLOSES,
    PROFILE_PROXIED, /* as CLEAR; XCLIENT is taken */
    PROFILE_BARE,    /* no extension */
    PROFILE_SMALL,   /* as CLEAR; 1000 octets, 2 recipients, 3 transactions, one second */
    PROFILES,
};

/* UNIX time in milliseconds where a profile's clock is 0: 2026-01-01T00:00:00Z. */
#define PROFILE_TIME INT64_C(1767225600000)

const char *profile_name(enum profile profile);
struct server_config profile_config(enum profile profile);

/* A row: what a client sends, and the codes of what is answered. */
struct dialogue {
    const char *name;
    enum profile profile;
    struct slice in;
    const char *codes; /* of the replies; "+" where the server closes, "tls" for the handshake */
    struct slice then; /* sent behind that, and behind the handshake where STARTTLS asked for one */
    size_t lines;      /* of 64 octets, sent between the two */
};

extern const struct dialogue dialogues[];
extern const size_t dialogue_count;

/**
 * Plays a row: `in` cut in two at `cut`. Everything the server says goes to `said`, and every
 * message that it delivers to `delivered` (its envelope, then its content). Then a line begins that
 * does not end, and time passes until the server gives up, which is in `said`, too.
 */
void dialogue_play(const struct dialogue *dialogue, const bool *faults, size_t cut,
                   struct writer *said, struct writer *delivered);

#endif
