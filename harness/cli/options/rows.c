/* rows: the options, in the order in which --help lists them. */
#include "cli/options/rows.h"

#define TESTS (COMMAND_RUN | COMMAND_COMPARE | COMMAND_CONFORM)
#define PLAYS (TESTS | COMMAND_REPLAY)
#define ONE   (PLAYS | COMMAND_SHRINK) /* what talks to a server as its client */
#define TALKS OPTION_TALKS
#define FUZZ  COMMAND_FUZZ
#define SERVE COMMAND_SERVE
#define PROXY COMMAND_PROXY

#define AT(member) offsetof(struct options, member)

const struct row option_rows[] = {
    {OPTION_TARGET, "server", "URL", ONE & ~COMMAND_COMPARE, AT(server_count), value_server,
     "smtp://HOST:PORT, smtps://HOST:PORT, lmtp://HOST:PORT, HOST:PORT, unix:/PATH or "
     "lmtp:unix:/PATH; without it the reference server is started, and ended with the run"},
    {OPTION_TARGET, "server", "[NAME=]URL", COMMAND_COMPARE, AT(server_count), value_server,
     "once for each server: smtp://HOST:PORT, smtps://HOST:PORT, lmtp://HOST:PORT, HOST:PORT, "
     "unix:/PATH or lmtp:unix:/PATH"},
    {OPTION_TARGET, "server", "[NAME=]URL", FUZZ, AT(server_count), value_server,
     "smtp://HOST:PORT or HOST:PORT, or smtps://HOST:PORT for TLS from the first octet; with "
     "--differential, in plain text, once for each server"},
    {OPTION_TARGET, "server", "URL", PROXY, AT(server_count), value_server,
     "smtp://HOST:PORT or smtps://HOST:PORT: where what clients say goes"},
    {OPTION_TARGET, "mode", "NAME", ONE & ~COMMAND_COMPARE, 0, value_mode,
     "what the server is, where its URL and port (587, 465, 24) do not tell: mx, submission or "
     "lmtp; the reference server (default: mx) also rejecting (greets with 554) or refusing (521)"},
    {OPTION_TARGET, "mode", "SERVER=NAME", COMMAND_COMPARE, AT(modes), value_own,
     "what the server of that name is, where its URL and port do not tell: mx, submission or lmtp; "
     "may be repeated"},
    {OPTION_TARGET, "proxy-protocol", NULL, ONE, AT(proxy_protocol), value_flag,
     "the server awaits a header of the PROXY protocol before it greets: connections begin with "
     "one where the script sends none"},
    {OPTION_TARGET, "recorded", NULL, COMMAND_REPLAY, AT(recorded), value_flag,
     "against a server that answers as the transcript says: both sides are checked"},
    {OPTION_TARGET, "timeout", "TIME", ONE, 0, value_timeout,
     "bound for the connection and for each reply: 500ms, 20s, 5m (default 20s)"},
    {OPTION_TARGET, "timeout", "TIME", FUZZ, 0, value_timeout,
     "how long the client may run without a connection, or a reply of the server is waited for: "
     "500ms, 20s, 5m (default 20s)"},
    {OPTION_TARGET, "timeout", "TIME", PROXY, 0, value_timeout,
     "bound for the connection to the server: 500ms, 20s, 5m (default 20s)"},
    {OPTION_TARGET, "timeout", "TIME", SERVE, 0, value_timeout,
     "how long a client may be idle: 500ms, 20s, 5m (default 20s; the reference server's 5m)"},
    {OPTION_TARGET, "listen", "HOST:PORT", SERVE | PROXY, AT(listen), value_text,
     "where to listen, or unix:/PATH (default 127.0.0.1:2525; port 0 takes a free one)"},
    {OPTION_TARGET, "once", NULL, SERVE, AT(once), value_flag,
     "ends after one connection, or after each test of the script was played once"},
    {OPTION_TARGET, "once", NULL, PROXY, AT(once), value_flag, "ends after one connection"},
    {OPTION_TARGET, "exec", "COMMAND", FUZZ, AT(exec), value_text,
     "for /bin/sh. --client: the client; {host}, {port} and {ca} (a PEM file, the certificate to "
     "trust) are filled in. Else: starts the server, again where it dies, and ends it; what "
     "sanitizers report of it is a finding"},
    {OPTION_TARGET, "pid", "PID", FUZZ, AT(pid), value_amount,
     "the server's process: that it ends is a finding"},
    {OPTION_TARGET, "i-own-this-server", NULL, FUZZ, AT(own), value_flag,
     "the server may be another than this machine's"},
    {OPTION_TARGET, "differential", NULL, FUZZ, AT(differential), value_flag,
     "tells several servers the same, and reports what they do not agree on: what is accepted, how "
     "many replies, the end of a message, closing, the state afterwards"},

    {OPTION_NAMES, "rcpt", "ADDRESS", ONE | FUZZ, AT(rcpt), value_text,
     "${rcpt}: a mailbox that the server accepts mail for"},
    {OPTION_NAMES, "rcpt2", "ADDRESS", ONE | FUZZ, AT(rcpt2), value_text, "${rcpt2}: a second one"},
    {OPTION_NAMES, "norcpt", "ADDRESS", ONE | FUZZ, AT(norcpt), value_text,
     "${norcpt}: a mailbox of the server's own domain that does not exist"},
    {OPTION_NAMES, "remote", "ADDRESS", ONE | FUZZ, AT(remote), value_text,
     "${remote}: a mailbox elsewhere, which the server must not relay to"},
    {OPTION_NAMES, "from", "ADDRESS", ONE | FUZZ, AT(from), value_text,
     "${from}: the reverse-path (default tester@example.test)"},
    {OPTION_NAMES, "client", "NAME", ONE, AT(client), value_text,
     "${client}: the client's name in EHLO (default client.example.test)"},
    {OPTION_NAMES, "user", "NAME", ONE | FUZZ, AT(user), value_text,
     "${user}: the account of AUTH"},
    {OPTION_NAMES, "user", "NAME", SERVE, AT(user), value_text,
     "the account that the reference server accepts (default tester)"},
    {OPTION_NAMES, "pass", "PASSWORD", ONE | FUZZ, AT(pass), value_text,
     "${pass}: its password; shown in no report"},
    {OPTION_NAMES, "pass", "PASSWORD", SERVE, AT(pass), value_text,
     "its password (default secret); shown in no report"},
    {OPTION_NAMES, "set", "NAME=VALUE", TALKS | COMMAND_CHECK | FUZZ, AT(setting_count),
     value_setting, "defines ${NAME}; may be repeated"},

    {OPTION_TLS, "tls", NULL, ONE, AT(tls), value_flag,
     "the reference server speaks TLS from the first octet, as smtps does"},
    {OPTION_TLS, "tls", NULL, SERVE, AT(tls), value_flag,
     "the server speaks TLS from the first octet, as smtps does"},
    {OPTION_TLS, "starttls", NULL, FUZZ, AT(leads_into_tls), value_flag,
     "say EHLO and STARTTLS before each dialogue, which goes under TLS then. Without it, dialogues "
     "try what is said around STARTTLS. No certificate is verified"},
    {OPTION_TLS, "ca", "FILE", ONE | PROXY, AT(ca), value_text,
     "PEM file of a CA to trust besides the system's"},
    {OPTION_TLS, "verify", "HOW", ONE | PROXY, 0, value_verify,
     "host (chain and name, the default), ca (chain) or none"},
    {OPTION_TLS, "insecure", NULL, ONE | PROXY, 0, value_insecure, "the same as --verify none"},
    {OPTION_TLS, "pin", "HEX", ONE | PROXY, AT(pin), value_text,
     "SHA-256 of the public key that the server's certificate must have (TLSA 3 1 1)"},
    {OPTION_TLS, "cert", "FILE", ONE, AT(client_cert), value_text,
     "PEM chain of a client certificate, for servers that ask for one"},
    {OPTION_TLS, "key", "FILE", ONE, AT(client_key), value_text,
     "PEM private key of --cert (default: in the same file)"},
    {OPTION_TLS, "cert", "FILE", SERVE | PROXY, AT(cert), value_text,
     "PEM certificate chain (default: a self-made certificate)"},
    {OPTION_TLS, "key", "FILE", SERVE | PROXY, AT(key), value_text, "PEM private key of --cert"},
    {OPTION_TLS, "ca-out", "FILE", SERVE | PROXY, AT(ca_out), value_text,
     "writes the self-made certificate there, for a client's --ca"},
    {OPTION_TLS, "decrypt", NULL, PROXY, AT(decrypt), value_flag,
     "shakes hands with both sides after STARTTLS, so that what follows is recorded, too (default: "
     "TLS is passed through)"},

    {OPTION_SELECTION, "filter", "REGEX", ONE, AT(filter), value_text,
     "only tests whose id, title or file matches"},
    {OPTION_SELECTION, "rfc", "NUMBER[#SECTION]", PLAYS, AT(rfc), value_rfc,
     "only tests of that RFC, or of that section and those below it: 5321#4.1"},
    {OPTION_SELECTION, "level", "LEVEL,...", PLAYS, 0, value_levels,
     "only MUST, SHOULD, MAY, SECURITY or INTEROP tests"},
    {OPTION_SELECTION, "tag", "WORD", PLAYS, AT(tag_count), value_tag,
     "only tests with tags=WORD; may be repeated: any of them"},
    {OPTION_SELECTION, "slow", NULL, ONE, AT(slow), value_flag, "plays tests that wait long, too"},
    {OPTION_SELECTION, "shard", "I/N", PLAYS, 0, value_shard,
     "only the I-th of N parts of the tests, for N machines"},
    {OPTION_SELECTION, "scenarios", "DIR", COMMAND_CONFORM, AT(scenarios), value_text,
     "the folder whose conformance/ and security/ are played (default: what was installed with "
     "maildrill)"},
    {OPTION_SELECTION, "list", NULL, PLAYS, AT(list), value_flag,
     "lists the tests that would be played"},

    {OPTION_PLAYING, "match", "LEVEL", TALKS & ~COMMAND_REPLAY, 0, value_match,
     "how replies are compared: class, code, enhanced (the default), text or exact"},
    {OPTION_PLAYING, "match", "LEVEL", COMMAND_REPLAY, 0, value_match,
     "how replies are compared: class, code (the default), enhanced, text or exact"},
    {OPTION_PLAYING, "jobs", "N", TESTS, AT(jobs), value_amount,
     "plays N tests at once, each on a connection of its own (-j N; default: the processor's "
     "cores); the report keeps the order of the files"},
    {OPTION_PLAYING, "repeat", "N", TESTS, AT(repeat), value_amount, "plays each test N times"},
    {OPTION_PLAYING, "retry", "N", TESTS, AT(retry), value_count,
     "plays a test that failed up to N times more; one that passes then is flaky, not passed "
     "(--strict: a failure)"},
    {OPTION_PLAYING, "fail-fast", NULL, PLAYS, AT(fail_fast), value_flag,
     "ends at the first failure"},
    {OPTION_PLAYING, "timing-scale", "F", PLAYS, 0, value_scale,
     "multiplies every bound and pause of scripts, and --timeout: 2, 0.5"},
    {OPTION_PLAYING, "sanity", "WHEN", TESTS, 0, value_sanity,
     "asks before and after the tests whether the target lives (greeting, EHLO, QUIT): auto (more "
     "than one test; the default), always, never"},
    {OPTION_PLAYING, "segment", "MODE", TESTS, 0, value_segment,
     "plays each test again with its writes cut: 1 (an octet a write; beyond 64 KiB only the last "
     "512 octets of a write), all (a write cut in two, at each of the first 4096 octets in turn; "
     "at fewer where a test sends more than 64 KiB), coalesced (C!: and %flush each joined); the "
     "first cut that goes wrong is reported"},
    {OPTION_PLAYING, "dry-run", NULL, PLAYS, AT(dry_run), value_flag,
     "shows what would be sent: plays each test against itself, without a network"},
    {OPTION_PLAYING, "update", NULL, PLAYS, AT(update), value_flag,
     "rewrites the expectations in the script files to what was received; all else stays as it "
     "is. Ends with 1 where one could not be rewritten, else with 0"},
    {OPTION_PLAYING, "maildir", "DIR", ONE & ~COMMAND_COMPARE, AT(maildir), value_text,
     "%message: a Maildir in which delivered messages are found"},
    {OPTION_PLAYING, "maildir", "SERVER=DIR", COMMAND_COMPARE, AT(maildirs), value_own,
     "%message: where what the server of that name delivers is found; may be repeated"},
    {OPTION_PLAYING, "pop3", "URL", ONE, AT(pop3), value_pop3,
     "%message: a mailbox, pop3://USER:PASSWORD@HOST[:PORT] or pop3s://; without USER: --user and "
     "--pass"},

    {OPTION_CAMPAIGN, "seeds", "PATH", FUZZ, AT(seed_count), value_seeds,
     "what to begin with: scripts and transcripts (*.smtp, *.txt), folders of them, and files of "
     "what a client says, octet by octet; may be repeated (default: a few plain dialogues, and "
     "what goes around STARTTLS)"},
    {OPTION_CAMPAIGN, "out", "DIR", FUZZ, AT(out), value_text,
     "a folder for the findings, a file each; of a server: for the whole campaign, which a later "
     "run goes on with (default fuzz-out)"},
    {OPTION_CAMPAIGN, "minutes", "N", FUZZ, AT(minutes), value_minutes,
     "ends after N minutes, 0.5 for half of one (default 10)"},
    {OPTION_CAMPAIGN, "runs", "N", FUZZ, AT(runs), value_count,
     "ends after N dialogues (default: no bound)"},
    {OPTION_CAMPAIGN, "rate", "N", FUZZ, AT(rate), value_count,
     "at most N dialogues a second (default: no bound)"},
    {OPTION_CAMPAIGN, "jobs", "N", FUZZ, AT(jobs), value_amount,
     "runs N clients at once, or talks to the server from N processes (-j N; default: the "
     "processor's cores)"},
    {OPTION_CAMPAIGN, "seed", "N", FUZZ, AT(seed), value_count,
     "of the chance that makes dialogues: the same one makes the same first ones (default 1)"},
    {OPTION_CAMPAIGN, "blind", NULL, FUZZ, AT(blind), value_flag,
     "takes no notice of replies when it chooses what to go on with: shows what that is worth"},

    {OPTION_CLIENT, "client", NULL, FUZZ, AT(fuzz_client), value_flag,
     "the client that --exec names is tested, by a server that answers as no server should"},
    {OPTION_CLIENT, "deviant", "NAME[@REPLY]", FUZZ, AT(deviant), value_text,
     "only this way for a reply (0 is the greeting) to go wrong; \"list\" lists them"},
    {OPTION_CLIENT, "require-tls", NULL, FUZZ, AT(require_tls), value_flag,
     "the client is set up never to speak without TLS, and is held to it"},
    {OPTION_CLIENT, "no-starttls", NULL, FUZZ, AT(no_starttls), value_flag,
     "the server does not offer STARTTLS"},
    {OPTION_CLIENT, "tls", NULL, FUZZ, AT(tls), value_flag,
     "the server speaks TLS from the first octet, as smtps does"},

    {OPTION_REFERENCE, "mode", "NAME", SERVE, 0, value_mode,
     "mx (the default), submission, lmtp, rejecting (greets with 554) or refusing (521)"},
    {OPTION_REFERENCE, "fault", "NAME", TALKS, AT(fault_count), value_fault,
     "breaks one clause on purpose; may be repeated; \"list\" lists them"},
    {OPTION_REFERENCE, "deviant", "NAME[@REPLY]", SERVE, AT(deviant), value_text,
     "instead, a server that says yes to everything, but for one reply (0 is the greeting) which "
     "goes wrong in this way; \"list\" lists the ways"},
    {OPTION_REFERENCE, "without", "KEYWORD", TALKS, 0, value_without,
     "an extension that it does not offer; may be repeated"},
    {OPTION_REFERENCE, "proxy-protocol", NULL, SERVE, AT(proxy_protocol), value_flag,
     "awaits a header of the PROXY protocol before it greets, and before TLS"},
    {OPTION_REFERENCE, "require-tls", NULL, TALKS, AT(require_tls), value_flag,
     "answers 530 before TLS"},
    {OPTION_REFERENCE, "no-starttls", NULL, TALKS, AT(no_starttls), value_flag,
     "offers no STARTTLS"},
    {OPTION_REFERENCE, "tls-unavailable", NULL, TALKS, AT(tls_unavailable), value_flag,
     "answers STARTTLS with 454"},
    {OPTION_REFERENCE, "clear-auth", NULL, TALKS, AT(clear_auth), value_flag,
     "offers CRAM-MD5 and SCRAM before TLS, too"},
    {OPTION_REFERENCE, "discloses", NULL, TALKS, AT(discloses), value_flag,
     "answers VRFY and EXPN to anybody"},
    {OPTION_REFERENCE, "xclient", NULL, TALKS, AT(xclient), value_flag,
     "takes from its client with XCLIENT for whom it speaks"},
    {OPTION_REFERENCE, "client-ca", "FILE", TALKS, AT(client_ca), value_text,
     "PEM file of a CA: clients are asked for a certificate, and EXTERNAL is offered to whom a "
     "valid "
     "one names (its common name)"},
    {OPTION_REFERENCE, "bearer", "TOKEN", TALKS, AT(bearer), value_text,
     "the token of OAUTHBEARER and XOAUTH2 that it takes (default token)"},
    {OPTION_REFERENCE, "maildir", "DIR", SERVE, AT(maildir), value_text,
     "delivers what it takes there, a file for each recipient"},

    {OPTION_RESULT, "report", "KIND[=FILE]", PLAYS, AT(report_count), value_report,
     "pretty, matrix, sections, tap, tap13, junit, json, annotations or html, into FILE or on "
     "standard output; may be repeated; what goes into files leaves the terminal's own report as "
     "it is"},
    {OPTION_RESULT, "baseline", "FILE", COMMAND_RUN | COMMAND_CONFORM, AT(baseline), value_text,
     "deviations that are expected: a line for each, \"id | verdict | reason\"; an unexpected pass "
     "fails"},
    {OPTION_RESULT, "strict", NULL, PLAYS | SERVE, AT(strict), value_flag,
     "a warning is a failure"},
    {OPTION_RESULT, "strict", NULL, COMMAND_CHECK, AT(strict), value_flag,
     "a warning is a mistake, too"},
    {OPTION_RESULT, "strict", NULL, COMMAND_PARSE, AT(strict), value_flag, "a quirk is an error"},
    {OPTION_RESULT, "min-tests", "N", PLAYS, AT(min_tests), value_count,
     "ends with 5 where fewer tests were played than that"},
    {OPTION_RESULT, "trace", NULL, PLAYS | SERVE, AT(trace), value_flag,
     "every line that went or came, with its time"},
    {OPTION_RESULT, "quiet", NULL, PLAYS | SERVE, AT(quiet), value_flag,
     "only what did not pass, and the summary"},
    {OPTION_RESULT, "quiet", NULL, FUZZ, AT(quiet), value_flag,
     "no progress, only findings and the summary"},
    {OPTION_RESULT, "no-color", NULL, PLAYS | SERVE, AT(no_color), value_flag,
     "no colours (NO_COLOR in the environment does the same)"},
    {OPTION_RESULT, "out", "FILE", COMMAND_SHRINK, AT(out), value_text,
     "writes the small script there (default: standard output)"},
    {OPTION_RESULT, "keep-secrets", NULL, COMMAND_IMPORT | PROXY, AT(keep_secrets), value_flag,
     "the credentials of AUTH stay in the script (default: %auth, or a variable, stands for them)"},
    {OPTION_RESULT, "json", NULL, COMMAND_CHECK, AT(json), value_flag,
     "prints mistakes on standard output, a JSON object on a line for each"},
    {OPTION_RESULT, "check", NULL, COMMAND_FMT, AT(check), value_flag,
     "writes nothing: names the files that are laid out otherwise, and ends with 1 if there are "
     "any"},
    {OPTION_RESULT, "each-line", NULL, COMMAND_PARSE, AT(each_line), value_flag,
     "parses every input line on its own"},

    {OPTION_OTHER, "config", "FILE", TALKS, AT(config), value_text,
     "options from FILE, a line each: option = value (default: maildrill.conf, where there is "
     "one)"},
    {OPTION_OTHER, "help", NULL, ~0u, AT(help), value_flag, "this text"},
};

const size_t option_row_count = sizeof option_rows / sizeof *option_rows;
_Static_assert(sizeof option_rows / sizeof *option_rows <= OPTION_ROWS_MAX, "OPTION_ROWS_MAX");
