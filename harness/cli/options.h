/*
 * options: the command line. One table row adds an option: its name, where it goes, its help.
 */
#ifndef MAILDRILL_CLI_OPTIONS_H
#define MAILDRILL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/engine.h"
#include "net/net.h"
#include "report/report.h"
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
    COMMAND_COMPARE = 1 << 6,
    COMMAND_CONFORM = 1 << 7,
    COMMAND_SHRINK = 1 << 8,
    COMMAND_FMT = 1 << 9,
    COMMAND_PROXY = 1 << 12,
    COMMAND_HELP = 1 << 10,
    COMMAND_FUZZ = 1 << 11,
};

#define OPTIONS_MAX_SETTINGS 64
#define OPTIONS_MAX_FAULTS   64
#define OPTIONS_MAX_SERVERS  16
#define OPTIONS_MAX_REPORTS  16
#define OPTIONS_MAX_TAGS     16

struct setting {
    struct slice name;
    struct slice value;
};

/** --report KIND[=FILE]. */
struct report_option {
    const struct report_kind *kind;
    const char *file; /* NULL: standard output */
};

/** Where an option was given; a later place outranks an earlier one. */
enum option_source {
    OPTION_DEFAULT,
    OPTION_FILE,        /* maildrill.conf, or --config */
    OPTION_ENVIRONMENT, /* MAILDRILL_SERVER, ... */
    OPTION_COMMAND_LINE,
};

/** When the target is asked whether it lives, before and after the tests. */
enum sanity {
    SANITY_AUTO, /* where there is more than one test */
    SANITY_ALWAYS,
    SANITY_NEVER,
};

/** --segment: every script again, its writes cut in another way. */
enum segment {
    SEGMENT_NONE,
    SEGMENT_ONE,       /* an octet a write */
    SEGMENT_ALL,       /* cut in two, at every octet in turn */
    SEGMENT_COALESCED, /* what may leave together leaves in one write */
};

/* compare: what holds for one of the servers, --maildir NAME=DIR. */
struct server_options {
    size_t count; /* first: the option table counts there */
    struct setting items[OPTIONS_MAX_SERVERS];
};

struct options {
    int argc; /* the words of the command line, from the subcommand on */
    char **argv;
    /* the target; none: the embedded server */
    const char *servers[OPTIONS_MAX_SERVERS]; /* as given: URL, or NAME=URL */
    size_t server_count;
    const char *listen;
    uint64_t timeout_ms;
    bool timeout_given;
    /* what scripts may use */
    const char *client, *from, *rcpt, *rcpt2, *norcpt, *remote, *user, *pass;
    struct setting settings[OPTIONS_MAX_SETTINGS]; /* --set name=value */
    size_t setting_count;
    /* TLS */
    const char *ca, *cert, *key, *ca_out;
    const char *client_ca; /* of client certificates, which the embedded server asks for */
    const char *client_cert, *client_key, *pin; /* of run, replay, compare */
    enum net_verify verify;
    bool tls; /* the embedded server speaks TLS from the start */
    /* the embedded server */
    enum server_mode mode;
    bool mode_given;
    uint64_t without; /* bits of enum server_extension */
    const char *bearer;
    const char *maildir; /* where it delivers, and where %message looks */
    const char *pop3;    /* where %message looks */
    bool proxy_protocol; /* the reference server awaits its header */
    bool require_tls, leads_into_tls, no_starttls, tls_unavailable, clear_auth, discloses;
    bool xclient;
    const char *faults[OPTIONS_MAX_FAULTS];
    size_t fault_count;
    bool recorded; /* it answers as the transcript says */
    bool pasted;   /* set by replay: what loads as no script is a session with C: and S: */
    bool once;
    /* which tests, and how often */
    const char *filter;
    size_t shard, shards; /* I of N, from 1; 0: all */
    const char *tags[OPTIONS_MAX_TAGS];
    size_t tag_count;
    unsigned levels; /* bits of enum script_level; 0: all */
    const char *rfc;
    size_t jobs, repeat, retry, min_tests;
    bool fail_fast, list, dry_run, update;
    unsigned time_percent; /* --timing-scale; 100: as written */
    enum segment segment;
    enum sanity sanity;
    const char *baseline;
    struct server_options maildirs, modes; /* compare */
    const char *out;   /* shrink: the file to write; NULL: standard output. fuzz: a folder */
    bool differential; /* fuzz: several servers */
    bool fuzz_client;  /* fuzz: a client, not a server */
    const char *exec;  /* fuzz: the command of the client, or of the server */
    const char *seeds[OPTIONS_MAX_REPORTS]; /* fuzz: files and folders */
    size_t seed_count;
    double minutes;               /* fuzz */
    size_t pid, runs, seed, rate; /* 0: none, no bound */
    bool own, blind;
    const char *deviant;   /* NAME, or NAME@REPLY (campaign/deviant.h) */
    const char *scenarios; /* conform: where the suites are; NULL: those that came with it */
    /* verdicts and reports */
    struct report_option reports[OPTIONS_MAX_REPORTS];
    size_t report_count;
    bool trace;
    const char *config;
    char *config_text; /* what stands in it; values point there */
    enum engine_match match;
    bool match_given;
    bool strict, quiet, no_color, slow, each_line;
    bool check;        /* fmt: writes nothing */
    bool decrypt;      /* proxy: ends TLS, so that it is recorded */
    bool keep_secrets; /* import, proxy: credentials stay in what is printed */
    bool json;         /* check: one object a mistake */
    bool help;
    /* what is not an option */
    char **operands;
    int operand_count;
};

/**
 * Reads the options of a subcommand: of maildrill.conf or --config FILE, of the environment, then
 * of argv, each outranking those before. An option that may be repeated is replaced as a whole.
 * On a mistake prints what and how to get help; returns false.
 */
bool options_read(struct options *options, enum command command, const char *name, int argc,
                  char **argv);

/** Prints the options of a subcommand, by what they are about. */
void options_help(enum command command);

/** Prints a sentence or more behind a word, in lines that fit a terminal of 80 columns; what does
 * not fit on the first begins below the text. */
void options_paragraph(FILE *out, const char *word, const char *text);

/** compare: puts into a copy of the options what they hold for the server of that name; false where
 * its mode is none. */
bool options_of_server(struct options *options, struct slice server);
/** compare: a name before `=` that none of the servers has; else empty. */
struct slice options_stranger(const struct options *options, const struct slice *servers,
                              size_t count);

#endif
