#include "profile.h"

#include "law.h"

static const char *const names[PROFILES] = {
    [PROFILE_MX] = "mx",
    [PROFILE_MX_TLS] = "mx-tls",
    [PROFILE_SUBMISSION] = "submission",
    [PROFILE_SUBMISSION_TLS] = "submission-tls",
    [PROFILE_LMTP] = "lmtp",
    [PROFILE_REJECTING] = "rejecting",
    [PROFILE_REFUSING] = "refusing",
    [PROFILE_TLS_REQUIRED] = "tls-required",
    [PROFILE_TLS_UNAVAILABLE] = "tls-unavailable",
    [PROFILE_CLEAR] = "clear",
    [PROFILE_CLEAR_AUTH] = "clear-auth",
    [PROFILE_DISCLOSES] = "discloses",
    [PROFILE_PROXIED] = "proxied",
    [PROFILE_BARE] = "bare",
    [PROFILE_SMALL] = "small",
};

const char *profile_name(enum profile profile)
{
    return names[profile];
}

static enum server_mode mode_of(enum profile profile)
{
    switch (profile) {
    case PROFILE_SUBMISSION:
    case PROFILE_SUBMISSION_TLS:
        return SERVER_SUBMISSION;
    case PROFILE_LMTP:
        return SERVER_LMTP;
    case PROFILE_REJECTING:
        return SERVER_REJECTING;
    case PROFILE_REFUSING:
        return SERVER_REFUSING;
    default:
        return SERVER_MX;
    }
}

struct server_config profile_config(enum profile profile)
{
    bool small = profile == PROFILE_SMALL;
    return (struct server_config){
        .mode = mode_of(profile),
        .host = SLICE("mail.example.test"),
        .domain = SLICE("example.test"),
        .user = SLICE("tester"),
        .password = SLICE("secret"),
        .bearer = SLICE("token"),
        .secret = SLICE("what nobody can guess"),
        .peer = SLICE("[192.0.2.1]"),
        .without = profile == PROFILE_BARE ? UINT64_MAX : 0,
        .offer_tls = profile != PROFILE_CLEAR && profile != PROFILE_PROXIED &&
                     profile != PROFILE_BARE && !small,
        .xclient = profile == PROFILE_PROXIED,
        .tls_from_start = profile == PROFILE_MX_TLS || profile == PROFILE_SUBMISSION_TLS,
        .require_tls = profile == PROFILE_TLS_REQUIRED,
        .tls_unavailable = profile == PROFILE_TLS_UNAVAILABLE,
        .clear_auth = profile == PROFILE_CLEAR_AUTH,
        .discloses = profile == PROFILE_DISCLOSES,
        .max_message_octets = small ? 1000 : 256 * 1024,
        .max_recipients = small ? 2 : 0,
        .max_transactions = small ? 3 : 0,
        .idle_ms = small ? 1000 : 0,
        .unix_ms = PROFILE_TIME,
    };
}

static void deliver(void *context, const struct server_message *message)
{
    struct writer *out = context;
    const struct slice parts[] = {message->reverse_path, message->mail_parameters,
                                  message->forward_paths, message->rcpt_parameters,
                                  message->content};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        writer_put(out, parts[i]);
        writer_put(out, SLICE("|"));
    }
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
    while (in.len > 0 && (server_wants(server) & SERVER_WANTS_CLOSE) == 0) {
        struct slice copy = law_copy(in);
        size_t taken = server_receive(server, copy, 0);
        law_free(copy);
        collect(server, out);
        in = slice_from(in, taken);
    }
}

void dialogue_play(const struct dialogue *d, const bool *faults, size_t cut, struct writer *said,
                   struct writer *delivered)
{
    struct server_config config = profile_config(d->profile);
    uint8_t leftover[SERVER_LEFTOVER_OCTETS] = {0};
    if (d->profile != PROFILE_SMALL && d->lines == 0 && d->in.len < 2000) {
        /* Room for what is short: what is larger a sanitizer asks the kernel for, each time. */
        config.max_message_octets = 16384;
        config.max_recipients = 32;
    }
    config.leftover = leftover;
    config.faults = faults;
    config.deliver = deliver;
    config.context = delivered;
    struct server *server = server_new(&config, 0);
    assert_non_null(server);
    if (config.tls_from_start)
        server_secured(server, SLICE("tester"), 0);
    collect(server, said);
    give(server, slice_sub(d->in, 0, cut), said);
    give(server, slice_from(d->in, cut), said);
    if (server_wants(server) & SERVER_WANTS_TLS) {
        writer_put(said, SLICE("tls\r\n"));
        server_secured(server, SLICE("tester"), 0);
        collect(server, said);
    }
    for (size_t i = 0; i < d->lines; i++)
        give(server, SLICE("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"),
             said);
    give(server, d->then, said);
    writer_put(said, server_wants(server) & SERVER_WANTS_CLOSE ? SLICE("closed\r\n") : SLICE(""));
    server_receive(server, SLICE("N"), 0); /* a command whose octets come one by one */
    server_receive(server, SLICE("O"), 1);
    writer_put_number(said, server_deadline(server));
    server_tick(server, server_deadline(server));
    collect(server, said);
    server_eof(server, server_deadline(server));
    collect(server, said);
    server_free(server);
}
