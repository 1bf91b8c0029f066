/*
 * options: the command line. One table row adds an option: its name, where it goes, its help.
 */
#ifndef MAILDRILL_CLI_OPTIONS_H
#define MAILDRILL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "net/net.h"
#include "server/server.h"

/** What the process ends with. */
enum exit_code {
    EXIT_PASS = 0,
    EXIT_FAIL = 1,
    EXIT_USAGE = 2,
    EXIT_SCRIPT = 3,
    EXIT_CONNECT = 4, /* no connection, TLS, time-out */
    EXIT_NOTHING = 5, /* nothing ran, or all was skipped */
    EXIT_INTERRUPTED = 130,
};

/** The subcommands, as bits for the option table. */
enum command {
    COMMAND_RUN = 1 << 0,
    COMMAND_REPLAY = 1 << 1,
    COMMAND_IMPORT = 1 << 2,
    COMMAND_CHECK = 1 << 3,
    COMMAND_SERVE = 1 << 4,
    COMMAND_PARSE = 1 << 5,
};

#define OPTIONS_MAX_SETTINGS 64
#define OPTIONS_MAX_FAULTS   64

struct setting {
    struct slice name;
    struct slice value;
};

struct options {
    /* the target */
    const char *server; /* as given, or NULL for the embedded server */
    const char *listen;
    uint64_t timeout_ms;
    /* what scripts may use */
    const char *client, *from, *rcpt, *rcpt2, *remote, *user, *pass;
    struct setting settings[OPTIONS_MAX_SETTINGS]; /* --set name=value */
    size_t setting_count;
    /* TLS */
    const char *ca, *cert, *key, *ca_out;
    enum net_verify verify;
    bool tls; /* the embedded server speaks TLS from the start */
    /* the embedded server */
    enum server_mode mode;
    uint64_t without; /* bits of enum server_extension */
    const char *bearer, *maildir;
    bool require_tls, no_starttls, tls_unavailable, clear_auth, discloses;
    const char *faults[OPTIONS_MAX_FAULTS];
    size_t fault_count;
    bool recorded; /* it answers as the transcript says */
    bool once;
    /* verdicts and report */
    enum engine_match match;
    bool match_given;
    bool strict, quiet, no_color, slow, each_line;
    bool help;
    /* what is not an option */
    char **operands;
    int operand_count;
};

/** Reads argv after the subcommand. On a mistake prints what and how to get help; returns false. */
bool options_read(struct options *options, enum command command, const char *name, int argc,
                  char **argv);

/** Prints the options of a subcommand, a line each. */
void options_help(enum command command);

/** A server as a URL or host and port. */
struct target {
    char host[256];
    uint16_t port;
    bool tls; /* smtps: TLS from the start */
};

/** Reads "smtp://h:p", "smtps://h", "h:p", "[::1]:25"; the port defaults to 25 or 465. */
bool target_read(const char *text, struct target *ret_target);

/** Writes "smtp://127.0.0.1:2525" with its NUL. */
void target_write(const struct target *target, char *out, size_t size);

#endif
