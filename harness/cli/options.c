#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/options/value.h"

#define TESTS             (COMMAND_RUN | COMMAND_COMPARE | COMMAND_CONFORM)
#define PLAYS             (TESTS | COMMAND_REPLAY)
#define ONE               (PLAYS | COMMAND_SHRINK) /* what talks to a server as its client */
#define TALKS             (ONE | COMMAND_SERVE)
#define CONFIG_FILE       "maildrill.conf"
#define CONFIG_MAX_OCTETS ((size_t)1 << 20)

#define AT(member) offsetof(struct options, member)

/* clang-format off */
static const struct row rows[] = {
    {"server", "[NAME=]URL", ONE | COMMAND_FUZZ, AT(server_count), value_server, "smtp://HOST:PORT, smtps://HOST:PORT, lmtp://HOST:PORT, HOST:PORT, unix:/PATH or lmtp:unix:/PATH; without it an embedded server is started; compare: once for each server"},
    {"timeout", "TIME", TALKS | COMMAND_PROXY, 0, value_timeout, "bound for the connection and for each reply: 500ms, 20s, 5m (default 20s); serve: for an idle client (the reference server's default is 5m)"},
    {"match", "LEVEL", TALKS, 0, value_match, "class, code, enhanced, text or exact (default: enhanced; replay: code)"},
    {"recorded", NULL, COMMAND_REPLAY, AT(recorded), value_flag, "against a server that answers as the transcript says: both sides are checked"},
    {"rcpt", "ADDRESS", ONE | COMMAND_FUZZ, AT(rcpt), value_text, "${rcpt}: a mailbox that the server accepts mail for"},
    {"rcpt2", "ADDRESS", ONE | COMMAND_FUZZ, AT(rcpt2), value_text, "${rcpt2}: a second one"},
    {"norcpt", "ADDRESS", ONE | COMMAND_FUZZ, AT(norcpt), value_text, "${norcpt}: a mailbox of the server's own domain that does not exist"},
    {"remote", "ADDRESS", ONE | COMMAND_FUZZ, AT(remote), value_text, "${remote}: a mailbox elsewhere, which the server must not relay to"},
    {"from", "ADDRESS", ONE | COMMAND_FUZZ, AT(from), value_text, "${from}: the reverse-path (default tester@example.test)"},
    {"client", "NAME", ONE, AT(client), value_text, "${client}: the client's name in EHLO (default client.example.test)"},
    {"user", "NAME", TALKS | COMMAND_FUZZ, AT(user), value_text, "${user}: for AUTH; for serve: the account it accepts (default tester)"},
    {"pass", "PASSWORD", TALKS | COMMAND_FUZZ, AT(pass), value_text, "${pass}: shown in no report; for serve: the account's (default secret)"},
    {"set", "NAME=VALUE", TALKS | COMMAND_CHECK | COMMAND_FUZZ, AT(setting_count), value_setting, "defines ${NAME}; may be repeated"},
    {"ca", "FILE", ONE | COMMAND_PROXY, AT(ca), value_text, "PEM file of a CA to trust besides the system's"},
    {"verify", "HOW", ONE | COMMAND_PROXY, 0, value_verify, "host (chain and name, the default), ca (chain) or none"},
    {"cert", "FILE", ONE, AT(client_cert), value_text, "PEM chain of a client certificate, for servers that ask for one"},
    {"key", "FILE", ONE, AT(client_key), value_text, "PEM private key of --cert (default: in the same file)"},
    {"pin", "HEX", ONE | COMMAND_PROXY, AT(pin), value_text, "SHA-256 of the public key that the server's certificate must have (TLSA 3 1 1)"},
    {"insecure", NULL, ONE | COMMAND_PROXY, 0, value_insecure, "the same as --verify none"},
    {"tls", NULL, TALKS, AT(tls), value_flag, "the embedded server speaks TLS from the first octet, as smtps does"},
    {"client", NULL, COMMAND_FUZZ, AT(fuzz_client), value_flag, "the client that --exec names is tested, by a server that answers as no server should"},
    {"differential", NULL, COMMAND_FUZZ, AT(differential), value_flag, "tells several servers (--server [NAME=]URL, once for each) the same, and reports what they do not agree on: what is accepted, how many replies, the end of a message, closing, the state afterwards"},
    {"exec", "COMMAND", COMMAND_FUZZ, AT(exec), value_text, "--client: its command line, for /bin/sh: {host}, {port} and {ca} (a PEM file, the certificate to trust) are filled in. Else: starts the server, again where it dies, and ends it; what sanitizers report of it is a finding"},
    {"deviant", "NAME[@REPLY]", COMMAND_FUZZ | COMMAND_SERVE, AT(deviant), value_text, "the server that says yes to everything, but for one reply (0 is the greeting) which goes wrong in this way; fuzz: only this case; \"list\" lists the ways"},
    {"require-tls", NULL, COMMAND_FUZZ, AT(require_tls), value_flag, "the client is set up never to speak without TLS, and is held to it"},
    {"out", "DIR", COMMAND_FUZZ, AT(out), value_text, "a folder for the findings, a file each; of a server: for the whole campaign, which a later run goes on with (default fuzz-out)"},
    {"jobs", "N", COMMAND_FUZZ, AT(jobs), value_amount, "runs N clients at once (-j N; default: the processor's cores), or talks to the server from N processes (default: 1)"},
    {"timeout", "TIME", COMMAND_FUZZ, 0, value_timeout, "how long the client may run without a connection, or a reply of the server is waited for: 500ms, 20s, 5m (default 20s)"},
    {"tls", NULL, COMMAND_FUZZ, AT(tls), value_flag, "the server speaks TLS from the first octet, as smtps does"},
    {"pid", "PID", COMMAND_FUZZ, AT(pid), value_amount, "the server's process: that it ends is a finding"},
    {"seeds", "PATH", COMMAND_FUZZ, AT(seed_count), value_seeds, "what to begin with: scripts and transcripts (*.smtp, *.txt), folders of them, and files of what a client says, octet by octet; may be repeated (default: three plain dialogues)"},
    {"minutes", "N", COMMAND_FUZZ, AT(minutes), value_amount, "ends after N minutes (default 10)"},
    {"runs", "N", COMMAND_FUZZ, AT(runs), value_count, "ends after N dialogues (default: no bound)"},
    {"rate", "N", COMMAND_FUZZ, AT(rate), value_count, "at most N dialogues a second (default: no bound)"},
    {"seed", "N", COMMAND_FUZZ, AT(seed), value_count, "of the chance that makes dialogues: the same one makes the same first ones (default 1)"},
    {"blind", NULL, COMMAND_FUZZ, AT(blind), value_flag, "takes no notice of replies when it chooses what to go on with: shows what that is worth"},
    {"i-own-this-server", NULL, COMMAND_FUZZ, AT(own), value_flag, "the server may be another than this machine's"},
    {"quiet", NULL, COMMAND_FUZZ, AT(quiet), value_flag, "no progress, only findings and the summary"},
    {"no-starttls", NULL, COMMAND_FUZZ, AT(no_starttls), value_flag, "the server does not offer STARTTLS"},
    {"fault", "NAME", TALKS, AT(fault_count), value_fault, "breaks one clause of the reference server on purpose; may be repeated; \"list\" lists them"},
    {"mode", "SERVER=NAME", COMMAND_COMPARE, AT(modes), value_own, "what the server of that name is, where its URL and port do not tell: mx, submission or lmtp; may be repeated"},
    {"mode", "NAME", TALKS & ~COMMAND_COMPARE, 0, value_mode, "what the server is, where its URL and port (587, 465, 24) do not tell: mx, submission or lmtp; the reference server (default: mx) also rejecting (greets with 554) or refusing (521)"},
    {"without", "KEYWORD", TALKS, 0, value_without, "an extension that the reference server does not offer; may be repeated"},
    {"proxy-protocol", NULL, TALKS, AT(proxy_protocol), value_flag, "the server awaits a header of the PROXY protocol before it greets: connections begin with one where the script sends none"},
    {"require-tls", NULL, TALKS, AT(require_tls), value_flag, "the reference server answers 530 before TLS"},
    {"no-starttls", NULL, TALKS, AT(no_starttls), value_flag, "the reference server offers no STARTTLS"},
    {"tls-unavailable", NULL, TALKS, AT(tls_unavailable), value_flag, "the reference server answers STARTTLS with 454"},
    {"clear-auth", NULL, TALKS, AT(clear_auth), value_flag, "the reference server offers CRAM-MD5 and SCRAM before TLS, too"},
    {"discloses", NULL, TALKS, AT(discloses), value_flag, "the reference server answers VRFY and EXPN to anybody"},
    {"bearer", "TOKEN", TALKS, AT(bearer), value_text, "the token of OAUTHBEARER and XOAUTH2 that the reference server takes (default token)"},
    {"maildir", "DIR", COMMAND_SERVE, AT(maildir), value_text, "delivers what the reference server takes there, a file for each recipient"},
    {"maildir", "SERVER=DIR", COMMAND_COMPARE, AT(maildirs), value_own, "%message: where what the server of that name delivers is found; may be repeated"},
    {"maildir", "DIR", ONE & ~COMMAND_COMPARE, AT(maildir), value_text, "%message: a Maildir in which delivered messages are found"},
    {"pop3", "URL", ONE, AT(pop3), value_pop3, "%message: a mailbox, pop3://USER:PASSWORD@HOST[:PORT] or pop3s://; without USER: --user and --pass"},
    {"listen", "HOST:PORT", COMMAND_SERVE | COMMAND_PROXY, AT(listen), value_text, "where to listen, or unix:/PATH (default 127.0.0.1:2525; port 0 takes a free one)"},
    {"once", NULL, COMMAND_SERVE | COMMAND_PROXY, AT(once), value_flag, "ends after one connection, or after each test of the script was played once"},
    {"cert", "FILE", COMMAND_SERVE | COMMAND_PROXY, AT(cert), value_text, "PEM certificate chain (default: a self-made certificate)"},
    {"key", "FILE", COMMAND_SERVE | COMMAND_PROXY, AT(key), value_text, "PEM private key of --cert"},
    {"ca-out", "FILE", COMMAND_SERVE | COMMAND_PROXY, AT(ca_out), value_text, "writes the self-made certificate there, for a client's --ca"},
    {"strict", NULL, PLAYS | COMMAND_SERVE | COMMAND_CHECK | COMMAND_PARSE, AT(strict), value_flag, "a warning is a failure; parse: a quirk is an error"},
    {"slow", NULL, ONE, AT(slow), value_flag, "plays tests that wait long, too"},
    {"report", "KIND[=FILE]", PLAYS, AT(report_count), value_report, "pretty, matrix, sections, tap, tap13, junit, json, annotations or html, into FILE or on standard output; may be repeated; what goes into files leaves the terminal's own report as it is"},
    {"trace", NULL, PLAYS | COMMAND_SERVE, AT(trace), value_flag, "every line that went or came, with its time"},
    {"jobs", "N", TESTS, AT(jobs), value_amount, "plays N tests at once, each on a connection of its own (-j N; default: the processor's cores); the report keeps the order of the files"},
    {"filter", "REGEX", ONE, AT(filter), value_text, "only tests whose id, title or file matches"},
    {"tag", "WORD", PLAYS, AT(tag_count), value_tag, "only tests with tags=WORD; may be repeated: any of them"},
    {"level", "LEVEL,...", PLAYS, 0, value_levels, "only MUST, SHOULD, MAY, SECURITY or INTEROP tests"},
    {"rfc", "NUMBER[#SECTION]", PLAYS, AT(rfc), value_rfc, "only tests of that RFC, or of that section and those below it: 5321#4.1"},
    {"shard", "I/N", PLAYS, 0, value_shard, "only the I-th of N parts of the tests, for N machines"},
    {"repeat", "N", TESTS, AT(repeat), value_amount, "plays each test N times"},
    {"retry", "N", TESTS, AT(retry), value_count, "plays a test that failed up to N times more; one that passes then is flaky, not passed (--strict: a failure)"},
    {"fail-fast", NULL, PLAYS, AT(fail_fast), value_flag, "ends at the first failure"},
    {"min-tests", "N", PLAYS, AT(min_tests), value_count, "ends with 5 where fewer tests were played than that"},
    {"timing-scale", "F", PLAYS, 0, value_scale, "multiplies every bound and pause of scripts, and --timeout: 2, 0.5"},
    {"baseline", "FILE", COMMAND_RUN | COMMAND_CONFORM, AT(baseline), value_text, "deviations that are expected: a line for each, \"id | verdict | reason\"; an unexpected pass fails"},
    {"scenarios", "DIR", COMMAND_CONFORM, AT(scenarios), value_text, "the folder whose conformance/ and security/ are played (default: what was installed with maildrill)"},
    {"sanity", "WHEN", TESTS, 0, value_sanity, "asks before and after the tests whether the target lives (greeting, EHLO, QUIT): auto (more than one test; the default), always, never"},
    {"segment", "MODE", TESTS, 0, value_segment, "plays each test again with its writes cut: 1 (an octet a write), all (a write cut in two, at each of the first 4096 octets in turn), coalesced (C!: and %flush each joined); the first cut that goes wrong is reported"},
    {"out", "FILE", COMMAND_SHRINK, AT(out), value_text, "writes the small script there (default: standard output)"},
    {"list", NULL, PLAYS, AT(list), value_flag, "lists the tests that would be played"},
    {"dry-run", NULL, PLAYS, AT(dry_run), value_flag, "shows what would be sent: plays each test against itself, without a network"},
    {"update", NULL, PLAYS, AT(update), value_flag, "rewrites the expectations in the script files to what was received; all else stays as it is"},
    {"config", "FILE", TALKS, AT(config), value_text, "options from FILE, a line each: option = value (default: maildrill.conf, where there is one)"},
    {"quiet", NULL, PLAYS | COMMAND_SERVE, AT(quiet), value_flag, "only what did not pass, and the summary"},
    {"no-color", NULL, PLAYS | COMMAND_SERVE, AT(no_color), value_flag, "no colours (NO_COLOR in the environment does the same)"},
    {"json", NULL, COMMAND_CHECK, AT(json), value_flag, "prints mistakes on standard output, a JSON object on a line for each"},
    {"server", "URL", COMMAND_PROXY, AT(server_count), value_server, "smtp://HOST:PORT or smtps://HOST:PORT: where what clients say goes"},
    {"decrypt", NULL, COMMAND_PROXY, AT(decrypt), value_flag, "shakes hands with both sides after STARTTLS, so that what follows is recorded, too (default: TLS is passed through)"},
    {"check", NULL, COMMAND_FMT, AT(check), value_flag, "writes nothing: names the files that are laid out otherwise, and ends with 1 if there are any"},
    {"each-line", NULL, COMMAND_PARSE, AT(each_line), value_flag, "parses every input line on its own"},
    {"help", NULL, ~0u, AT(help), value_flag, "this text"},
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

static bool wrong_value(const char *command, const struct row *row, const char *value)
{
    fprintf(stderr,
            "maildrill %s: --%s: not a value for this option: %s\n  --%s %s  %s\n"
            "Try: maildrill %s --help\n",
            command, row->name, value, row->name, row->metavar, row->help, command);
    return false;
}

/* ---- values from one place ---- */

/* Where each option's value comes from so far, so that a higher place replaces a lower one. */
struct reading {
    struct options *options;
    enum command command;
    enum option_source source;
    enum option_source sources[sizeof rows / sizeof *rows];
};

static bool is_repeatable(const struct row *row)
{
    return row->read == value_server || row->read == value_setting || row->read == value_fault ||
           row->read == value_report || row->read == value_tag || row->read == value_own;
}

static bool set_value(struct reading *r, const struct row *row, const char *value)
{
    size_t index = (size_t)(row - rows);
    if (is_repeatable(row) && r->sources[index] != r->source)
        *(size_t *)(void *)((char *)r->options + row->offset) = 0;
    if (row->read == value_without && r->sources[index] != r->source)
        r->options->without = 0;
    r->sources[index] = r->source;
    return row->read(r->options, row, value);
}

/* A flag in a file or in the environment: yes, true, on, 1, or nothing; no, false, off, 0. */
static bool read_switch(struct slice word, bool *ret_on)
{
    static const char *const on[] = {"", "yes", "true", "on", "1"};
    static const char *const off[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        if (slice_equal_nocase(word, slice_of_cstr(on[i])))
            return *ret_on = true;
    *ret_on = false;
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        if (slice_equal_nocase(word, slice_of_cstr(off[i])))
            return true;
    return false;
}

/* A value that stands as text beside the option's name. */
static bool set_named(struct reading *r, const struct row *row, const char *value)
{
    bool on;
    if (row->metavar != NULL)
        return set_value(r, row, value);
    if (!read_switch(slice_of_cstr(value), &on))
        return false;
    if (on)
        return set_value(r, row, NULL);
    if (row->read == value_flag)
        *(bool *)((char *)r->options + row->offset) = false;
    return true;
}

/* ---- maildrill.conf ---- */

/* The file with a NUL behind it, kept in the options: values point into it. NULL where there is
 * none, and none is needed. */
static bool read_config(struct options *options, const char *path, bool must_exist, char **ret_text)
{
    FILE *file = fopen(path, "rb");
    *ret_text = NULL;
    if (file == NULL && errno == ENOENT && !must_exist)
        return true;
    const char *wrong = file == NULL ? strerror(errno) : NULL;
    if (file != NULL) {
        char *text = options->config_text = *ret_text = calloc(1, CONFIG_MAX_OCTETS + 2);
        if (text == NULL)
            abort();
        size_t len = fread(text, 1, CONFIG_MAX_OCTETS + 1, file);
        wrong = ferror(file)                   ? strerror(errno)
                : len > CONFIG_MAX_OCTETS      ? "it is larger than 1 MiB"
                : memchr(text, 0, len) != NULL ? "it is no text: it holds a NUL octet"
                                               : NULL;
        fclose(file);
    }
    if (wrong != NULL)
        fprintf(stderr, "maildrill: %s: %s\n", path, wrong);
    return wrong == NULL;
}

static char *trimmed(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
        text[--len] = '\0';
    return text + strspn(text, " \t");
}

static bool config_mistake(const char *path, size_t line, const char *what, const char *option,
                           const char *value)
{
    fprintf(stderr, "maildrill: %s:%zu: %s%s%s%s\n", path, line, what, option,
            *value != '\0' ? ": " : "", value);
    return false;
}

static bool config_line(struct reading *r, const char *path, size_t number, char *line)
{
    char *value = strchr(line, '=');
    if (value != NULL)
        *value++ = '\0';
    char *name = trimmed(line);
    value = value == NULL ? name + strlen(name) : trimmed(value);
    const struct row *row = row_of(name, strlen(name), r->command);
    if (row == NULL && row_of(name, strlen(name), (enum command) ~0u) != NULL)
        return true; /* of another command */
    if (row == NULL || strcmp(name, "config") == 0 || strcmp(name, "help") == 0)
        return config_mistake(path, number, "unknown option: ", name, "");
    if (!set_named(r, row, value))
        return config_mistake(path, number, "not a value for ", name, value);
    return true;
}

static bool read_config_file(struct reading *r, const char *path, bool must_exist)
{
    char *line;
    if (!read_config(r->options, path, must_exist, &line))
        return false;
    r->source = OPTION_FILE;
    for (size_t number = 1; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        line = trimmed(line);
        if (*line != '\0' && *line != '#' && !config_line(r, path, number, line))
            return false;
        line = end;
    }
    return true;
}

/* ---- the environment ---- */

/* MAILDRILL_MIN_TESTS is --min-tests. */
static bool read_environment(struct reading *r)
{
    r->source = OPTION_ENVIRONMENT;
    for (const struct row *row = rows; row < rows + sizeof rows / sizeof *rows; row++) {
        char name[40];
        if ((row->commands & r->command) == 0 || strcmp(row->name, "help") == 0)
            continue;
        snprintf(name, sizeof name, "MAILDRILL_%s", row->name);
        for (char *at = name; *at != '\0'; at++)
            *at = *at == '-' ? '_' : (char)slice_upper((uint8_t)*at);
        const char *value = getenv(name);
        if (value != NULL && !set_named(r, row, value)) {
            fprintf(stderr, "maildrill: %s in the environment: not a value for this option: %s\n",
                    name, strcmp(row->name, "pass") == 0 ? "****" : value);
            return false;
        }
    }
    return true;
}

/* --config of the command line, else of the environment. */
static const char *find_config(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--config=", 9) == 0)
            return argv[i] + 9;
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            return argv[i + 1];
    }
    return getenv("MAILDRILL_CONFIG");
}

static bool read_outside(struct reading *r, int argc, char **argv)
{
    const char *config = find_config(argc, argv);
    if ((r->command & (TALKS | COMMAND_CHECK)) == 0)
        return true;
    return read_config_file(r, config == NULL ? CONFIG_FILE : config, config != NULL) &&
           read_environment(r);
}

/* ---- the command line ---- */

/* "-j4" and "-j 4" are "--jobs 4": the word, and a value that stands in the same argument. */
static const char *short_word(const char *argument, const char **ret_value)
{
    static const struct {
        char letter;
        const char *word;
    } letters[] = {{'h', "help"}, {'q', "quiet"}, {'j', "jobs"}};
    *ret_value = NULL;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (argument[1] != letters[i].letter)
            continue;
        bool takes_value = argument[1] == 'j';
        *ret_value = takes_value && argument[2] != '\0' ? argument + 2 : NULL;
        return takes_value || argument[2] == '\0' ? letters[i].word : "";
    }
    return "";
}

/* One option of argv; moves past its value. */
static bool read_argument(struct reading *r, const char *name, int argc, char **argv, int *i)
{
    char *argument = argv[*i];
    const char *value = NULL;
    const char *word = argument[1] == '-' ? argument + 2 : short_word(argument, &value);
    const char *equals = argument[1] == '-' ? strchr(word, '=') : NULL;
    size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
    const struct row *row = row_of(word, len, r->command);
    if (row == NULL)
        return mistake(name, "unknown option", argument);
    value = equals == NULL ? value : equals + 1;
    if (row->metavar == NULL && value != NULL)
        return mistake(name, "this option takes no value", argument);
    if (row->metavar != NULL && value == NULL && (value = ++*i < argc ? argv[*i] : NULL) == NULL)
        return mistake(name, "this option needs a value", argument);
    if (!set_value(r, row, value))
        return wrong_value(name, row, value);
    return true;
}

bool options_read(struct options *options, enum command command, const char *name, int argc,
                  char **argv)
{
    struct reading reading = {.options = options, .command = command};
    *options = (struct options){.timeout_ms = 20000,
                                .from = "tester@example.test",
                                .client = "client.example.test",
                                .repeat = 1,
                                .time_percent = 100,
                                .minutes = 10,
                                .seed = 1,
                                .operands = argv};
    if (!read_outside(&reading, argc, argv))
        return false;
    reading.source = OPTION_COMMAND_LINE;
    bool only_operands = false;
    for (int i = 0; i < argc; i++) {
        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0')
            options->operands[options->operand_count++] = argv[i];
        else if (strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!read_argument(&reading, name, argc, argv, &i))
            return false;
    }
    return true;
}

/* ---- what holds for one server ---- */

static const char *own_value(const struct server_options *own, struct slice server)
{
    for (size_t i = 0; i < own->count; i++)
        if (slice_equal(own->items[i].name, server))
            return (const char *)own->items[i].value.ptr; /* to the end of an argument */
    return NULL;
}

bool options_of_server(struct options *options, struct slice server)
{
    const char *mode = own_value(&options->modes, server);
    options->maildir = own_value(&options->maildirs, server);
    return mode == NULL || value_mode(options, NULL, mode);
}

struct slice options_stranger(const struct options *options, const struct slice *servers,
                              size_t count)
{
    const struct server_options *all[] = {&options->modes, &options->maildirs};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        for (size_t i = 0; i < all[k]->count; i++) {
            bool known = false;
            for (size_t n = 0; n < count; n++)
                known = known || slice_equal(all[k]->items[i].name, servers[n]);
            if (!known)
                return all[k]->items[i].name;
        }
    }
    return SLICE("");
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
    if ((command & TALKS) != 0)
        printf("\nEach option may also stand in " CONFIG_FILE " (or --config FILE), as \"option = "
               "value\" on a\nline of its own, and in the environment, as MAILDRILL_OPTION. The "
               "command line outranks\nthe environment, and that the file. An option that may be "
               "repeated is replaced as a whole.\n");
}
