#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>

#define PLAYS (COMMAND_RUN | COMMAND_REPLAY)
#define TALKS (PLAYS | COMMAND_SERVE)

struct row;
typedef bool read_value(struct options *options, const struct row *row, const char *value);

/* One option: `metavar` is NULL for a flag. */
struct row {
    const char *name;
    const char *metavar;
    unsigned commands;
    size_t offset; /* of its member in struct options, for read_text and read_flag */
    read_value *read;
    const char *help;
};

static bool read_text(struct options *options, const struct row *row, const char *value)
{
    *(const char **)(void *)((char *)options + row->offset) = value;
    return true;
}

static bool read_flag(struct options *options, const struct row *row, const char *value)
{
    (void)value;
    *(bool *)((char *)options + row->offset) = true;
    return true;
}

/* 500ms, 2s, 1m; a bare number is seconds. */
static bool read_timeout(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    char *unit;
    unsigned long number = strtoul(value, &unit, 10);
    uint64_t scale = strcmp(unit, "ms") == 0                     ? 1
                     : strcmp(unit, "s") == 0 || (*unit == '\0') ? 1000
                     : strcmp(unit, "m") == 0                    ? 60000
                                                                 : 0;
    options->timeout_ms = number * scale;
    return value[0] >= '0' && value[0] <= '9' && scale > 0 && number > 0 && number <= 86400;
}

static bool read_setting(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value || options->setting_count == OPTIONS_MAX_SETTINGS)
        return false;
    options->settings[options->setting_count++] = (struct setting){
        .name = slice_of(value, (size_t)(equals - value)),
        .value = slice_of_cstr(equals + 1),
    };
    return true;
}

static bool read_fault(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    if (options->fault_count == OPTIONS_MAX_FAULTS)
        return false;
    options->faults[options->fault_count++] = value;
    return true;
}

static bool read_mode(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    for (unsigned mode = 0; mode < SERVER_MODES; mode++) {
        if (strcmp(value, server_mode_name(mode)) == 0) {
            options->mode = mode;
            return true;
        }
    }
    return false;
}

static bool read_without(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    for (unsigned i = 0; i < SERVER_EXTENSIONS; i++) {
        if (slice_equal_nocase(slice_of_cstr(value), slice_of_cstr(server_extension_name(i)))) {
            options->without |= UINT64_C(1) << i;
            return true;
        }
    }
    return false;
}

static bool read_word(const char *value, const char *const *words, size_t count, size_t *ret_index)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(value, words[i]) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

static bool read_match(struct options *options, const struct row *row, const char *value)
{
    static const char *const words[] = {
        [ENGINE_MATCH_CLASS] = "class",       [ENGINE_MATCH_CODE] = "code",
        [ENGINE_MATCH_ENHANCED] = "enhanced", [ENGINE_MATCH_TEXT] = "text",
        [ENGINE_MATCH_EXACT] = "exact",
    };
    (void)row;
    size_t index;
    if (!read_word(value, words, sizeof words / sizeof *words, &index))
        return false;
    options->match = (enum engine_match)index;
    options->match_given = true;
    return true;
}

static bool read_verify(struct options *options, const struct row *row, const char *value)
{
    static const char *const words[] = {
        [NET_VERIFY_HOST] = "host", [NET_VERIFY_CA] = "ca", [NET_VERIFY_NONE] = "none"};
    (void)row;
    size_t index;
    if (!read_word(value, words, sizeof words / sizeof *words, &index))
        return false;
    options->verify = (enum net_verify)index;
    return true;
}

static bool read_insecure(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    (void)value;
    options->verify = NET_VERIFY_NONE;
    return true;
}

#define AT(member) offsetof(struct options, member)

/* clang-format off */
static const struct row rows[] = {
    {"server", "URL", PLAYS, AT(server), read_text, "smtp://HOST:PORT, smtps://HOST:PORT or HOST:PORT; without it an embedded server is started"},
    {"timeout", "TIME", TALKS, 0, read_timeout, "bound for the connection and for each reply: 500ms, 20s, 5m (default 20s)"},
    {"match", "LEVEL", TALKS, 0, read_match, "class, code, enhanced, text or exact (default: enhanced; replay: code)"},
    {"recorded", NULL, COMMAND_REPLAY, AT(recorded), read_flag, "against a server that answers as the transcript says: both sides are checked"},
    {"rcpt", "ADDRESS", PLAYS, AT(rcpt), read_text, "${rcpt}: a mailbox that the server accepts mail for"},
    {"rcpt2", "ADDRESS", PLAYS, AT(rcpt2), read_text, "${rcpt2}: a second one"},
    {"remote", "ADDRESS", PLAYS, AT(remote), read_text, "${remote}: a mailbox elsewhere, which the server must not relay to"},
    {"from", "ADDRESS", PLAYS, AT(from), read_text, "${from}: the reverse-path (default tester@example.test)"},
    {"client", "NAME", PLAYS, AT(client), read_text, "${client}: the client's name in EHLO (default client.example.test)"},
    {"user", "NAME", TALKS, AT(user), read_text, "${user}: for AUTH; for serve: the account it accepts (default tester)"},
    {"pass", "PASSWORD", TALKS, AT(pass), read_text, "${pass}: shown in no report; for serve: the account's (default secret)"},
    {"set", "NAME=VALUE", PLAYS | COMMAND_CHECK | COMMAND_SERVE, 0, read_setting, "defines ${NAME}; may be repeated"},
    {"ca", "FILE", PLAYS, AT(ca), read_text, "PEM file of a CA to trust besides the system's"},
    {"verify", "HOW", PLAYS, 0, read_verify, "host (chain and name, the default), ca (chain) or none"},
    {"insecure", NULL, PLAYS, 0, read_insecure, "the same as --verify none"},
    {"tls", NULL, TALKS, AT(tls), read_flag, "the embedded server speaks TLS from the first octet, as smtps does"},
    {"fault", "NAME", TALKS, 0, read_fault, "breaks one clause of the reference server on purpose; may be repeated; \"list\" lists them"},
    {"mode", "NAME", TALKS, 0, read_mode, "what the reference server is: mx (the default), submission, lmtp, rejecting (greets with 554), refusing (521)"},
    {"without", "KEYWORD", TALKS, 0, read_without, "an extension that the reference server does not offer; may be repeated"},
    {"require-tls", NULL, TALKS, AT(require_tls), read_flag, "the reference server answers 530 before TLS"},
    {"no-starttls", NULL, TALKS, AT(no_starttls), read_flag, "the reference server offers no STARTTLS"},
    {"tls-unavailable", NULL, TALKS, AT(tls_unavailable), read_flag, "the reference server answers STARTTLS with 454"},
    {"clear-auth", NULL, TALKS, AT(clear_auth), read_flag, "the reference server offers CRAM-MD5 and SCRAM before TLS, too"},
    {"discloses", NULL, TALKS, AT(discloses), read_flag, "the reference server answers VRFY and EXPN to anybody"},
    {"bearer", "TOKEN", TALKS, AT(bearer), read_text, "the token of OAUTHBEARER and XOAUTH2 that the reference server takes (default token)"},
    {"maildir", "DIR", COMMAND_SERVE, AT(maildir), read_text, "delivers what the reference server takes there, a file for each recipient"},
    {"listen", "HOST:PORT", COMMAND_SERVE, AT(listen), read_text, "where to listen (default 127.0.0.1:2525; port 0 takes a free one)"},
    {"once", NULL, COMMAND_SERVE, AT(once), read_flag, "ends after one connection, or after each test of the script was played once"},
    {"cert", "FILE", COMMAND_SERVE, AT(cert), read_text, "PEM certificate chain (default: a self-made certificate)"},
    {"key", "FILE", COMMAND_SERVE, AT(key), read_text, "PEM private key of --cert"},
    {"ca-out", "FILE", COMMAND_SERVE, AT(ca_out), read_text, "writes the self-made certificate there, for a client's --ca"},
    {"strict", NULL, TALKS | COMMAND_CHECK | COMMAND_PARSE, AT(strict), read_flag, "a warning is a failure; parse: a quirk is an error"},
    {"slow", NULL, PLAYS, AT(slow), read_flag, "plays tests that wait long, too"},
    {"quiet", NULL, TALKS, AT(quiet), read_flag, "only what did not pass, and the summary"},
    {"no-color", NULL, TALKS, AT(no_color), read_flag, "no colours (NO_COLOR in the environment does the same)"},
    {"each-line", NULL, COMMAND_PARSE, AT(each_line), read_flag, "parses every input line on its own"},
    {"help", NULL, ~0u, AT(help), read_flag, "this text"},
};
/* clang-format on */

static const struct row *row_of(const char *name, size_t len, enum command command)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if ((rows[i].commands & command) != 0 && strlen(rows[i].name) == len &&
            memcmp(rows[i].name, name, len) == 0)
            return &rows[i];
    return NULL;
}

static bool mistake(const char *command, const char *what, const char *argument)
{
    fprintf(stderr, "maildrill %s: %s: %s\nTry: maildrill %s --help\n", command, what, argument,
            command);
    return false;
}

bool options_read(struct options *options, enum command command, const char *name, int argc,
                  char **argv)
{
    *options = (struct options){.timeout_ms = 20000,
                                .from = "tester@example.test",
                                .client = "client.example.test",
                                .operands = argv};
    bool only_operands = false;
    for (int i = 0; i < argc; i++) {
        char *argument = argv[i];
        if (only_operands || argument[0] != '-' || argument[1] == '\0') {
            options->operands[options->operand_count++] = argument;
            continue;
        }
        if (strcmp(argument, "--") == 0) {
            only_operands = true;
            continue;
        }
        const char *word = strcmp(argument, "-h") == 0   ? "help"
                           : strcmp(argument, "-q") == 0 ? "quiet"
                           : argument[1] == '-'          ? argument + 2
                                                         : "";
        const char *equals = strchr(word, '=');
        size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
        const struct row *row = row_of(word, len, command);
        if (row == NULL)
            return mistake(name, "unknown option", argument);
        const char *value = equals == NULL ? NULL : equals + 1;
        if (row->metavar == NULL && value != NULL)
            return mistake(name, "this option takes no value", argument);
        if (row->metavar != NULL && value == NULL && (value = ++i < argc ? argv[i] : NULL) == NULL)
            return mistake(name, "this option needs a value", argument);
        if (!row->read(options, row, value))
            return mistake(name, "not a value for this option", value);
    }
    return true;
}

void options_help(enum command command)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char left[40];
        if ((rows[i].commands & command) == 0)
            continue;
        snprintf(left, sizeof left, "--%s%s%s", rows[i].name, rows[i].metavar == NULL ? "" : " ",
                 rows[i].metavar == NULL ? "" : rows[i].metavar);
        printf("  %-22s %s\n", left, rows[i].help);
    }
}

/* ---- targets ----------------------------------------------------------------------------------
 */

static bool read_port(const char *text, uint16_t *ret_port)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || port > 65535)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

bool target_read(const char *text, struct target *ret_target)
{
    static const struct {
        const char *scheme;
        uint16_t port;
        bool tls;
    } schemes[] = {{"smtp://", 25, false}, {"smtps://", 465, true}};
    struct target target = {.port = 25};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strncmp(text, schemes[i].scheme, strlen(schemes[i].scheme)) != 0)
            continue;
        text += strlen(schemes[i].scheme);
        target.port = schemes[i].port;
        target.tls = schemes[i].tls;
        break;
    }
    char host[sizeof target.host + 8];
    size_t len = strcspn(text, "/");
    if (len == 0 || len >= sizeof host || (text[len] == '/' && text[len + 1] != '\0'))
        return false;
    memcpy(host, text, len);
    host[len] = '\0';

    const char *name = host;
    char *end = strrchr(host, ':');
    if (host[0] == '[') { /* an IPv6 address stands in brackets before a port */
        char *bracket = strchr(host, ']');
        if (bracket == NULL || (bracket[1] != ':' && bracket[1] != '\0'))
            return false;
        end = bracket[1] == ':' ? bracket + 1 : NULL;
        *bracket = '\0';
        name = host + 1;
    } else if (end != NULL && strchr(host, ':') != end) {
        end = NULL; /* a bare IPv6 address */
    }
    if (end != NULL) {
        *end = '\0';
        if (!read_port(end + 1, &target.port))
            return false;
    }
    if (name[0] == '\0' || strlen(name) >= sizeof target.host || strstr(text, "://") != NULL)
        return false;
    memcpy(target.host, name, strlen(name) + 1);
    *ret_target = target;
    return true;
}

void target_write(const struct target *target, char *out, size_t size)
{
    bool v6 = strchr(target->host, ':') != NULL;
    snprintf(out, size, "%s://%s%s%s:%u", target->tls ? "smtps" : "smtp", v6 ? "[" : "",
             target->host, v6 ? "]" : "", target->port);
}
