/*
 * maildrill: replays dialogues against mail servers and checks the replies.
 */
#include <stdio.h>

#include "campaign/deviant.h"
#include "cli/commands.h"
#include "server/server.h"

#define EXITS                                                                                      \
    "0 pass, 1 fail, 2 usage, 3 script error, 4 no connection, TLS or time-out, 5 nothing ran or " \
    "all was skipped, 130 interrupted."

static const struct {
    const char *name;
    enum command command;
    enum exit_code (*run)(const struct options *options);
    const char *operands;
    const char *summary;
    const char *example;
    const char *exits; /* what it ends with; NULL: as most do */
    bool needs_operand;
    void (*help)(FILE *out); /* NULL: its options are all that --help lists */
} commands[] = {
    {"run", COMMAND_RUN, command_run, "PATH...", "plays scripts as tests and checks the replies",
     "maildrill run tests/ --server smtp://127.0.0.1:25 --rcpt you@your.domain", NULL, true, NULL},
    {"compare", COMMAND_COMPARE, command_compare, "PATH...",
     "plays scripts against several servers and shows where they differ",
     "maildrill compare tests/ --server old=127.0.0.1:25 --server new=127.0.0.1:26",
     "0 they agree, 1 they differ, 2 usage, 3 script error, 4 no connection, TLS or time-out, 5 "
     "nothing ran or all was skipped, 130 interrupted.",
     true, NULL},
    {"conform", COMMAND_CONFORM, command_conform, "",
     "plays the suites that come with maildrill, and shows how a server does in each RFC section",
     "maildrill conform --server smtp://127.0.0.1:25 --rcpt you@your.domain", NULL, false, NULL},
    {"replay", COMMAND_REPLAY, command_replay, "PATH...",
     "plays transcripts and compares every reply with the recorded one",
     "maildrill replay session.txt --server smtp://127.0.0.1:25", NULL, true, NULL},
    {"shrink", COMMAND_SHRINK, command_shrink, "SCRIPT",
     "plays a script that fails with less and less in it, and prints what is left",
     "maildrill shrink long.smtp --server smtp://127.0.0.1:25 --out short.smtp",
     "0 it is as small as it gets, 1 it does not fail every time, 2 usage, 3 script error, 4 no "
     "connection, TLS or time-out, 5 no test of it fails, 130 interrupted.",
     true, NULL},
    {"fuzz", COMMAND_FUZZ, command_fuzz, "",
     "looks for faults of a running server, or of a mail client (--client)",
     "maildrill fuzz --server 127.0.0.1:2525 --rcpt you@your.domain --minutes 10",
     "0 nothing is wrong, 1 something is, 2 usage, 3 the seeds cannot be read, 4 no connection, "
     "130 interrupted.",
     false, fuzz_help},
    {"import", COMMAND_IMPORT, command_import, "FILE",
     "prints the script that a pasted session was understood as", "maildrill import session.txt",
     "0 it was understood, 2 usage, 3 it was not.", true, NULL},
    {"check", COMMAND_CHECK, command_check, "PATH...",
     "lists every mistake of scripts; sends nothing", "maildrill check tests/",
     "0 no mistake, 2 usage, 3 mistakes, 5 no script is there.", true, NULL},
    {"fmt", COMMAND_FMT, command_fmt, "PATH...",
     "lays scripts out in one way, in place; - formats standard input", "maildrill fmt tests/",
     "0 done, 1 with --check: some are laid out otherwise, 2 usage, 3 one cannot be read, 5 no "
     "script is there.",
     true, NULL},
    {"serve", COMMAND_SERVE, command_serve, "[PATH...]",
     "plays the server's side of a script; without one, the reference server",
     "maildrill serve --listen 127.0.0.1:2525 --fault rcpt-before-mail", NULL, false, NULL},
    {"proxy", COMMAND_PROXY, command_proxy, "",
     "stands between a client and --server, and prints a script of each connection",
     "maildrill proxy --listen 127.0.0.1:2525 --server mail.example:25",
     "0 ended, 2 usage, 4 no connection or TLS, 130 interrupted.", false, NULL},
    {"parse", COMMAND_PARSE, command_parse, "KIND",
     "parses standard input and prints JSON, one object a line",
     "echo 'MAIL FROM:<a@b.example> SIZE=1' | maildrill parse command",
     "0 whatever it reads, 2 usage.", true, parse_help},
    {"help", COMMAND_HELP, command_help, "TOPIC",
     "prints a section of the manual of scripts: lines, codes, directives and so on",
     "maildrill help directives", "0 printed, 2 there is no such topic.", true, NULL},
};

#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static int help(FILE *out)
{
    fprintf(out, "maildrill tests mail servers by talking to them.\n\n"
                 "usage: maildrill COMMAND [OPTION...] [PATH...]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char left[40];
        snprintf(left, sizeof left, "  %-7s %-10s ", commands[i].name, commands[i].operands);
        options_paragraph(out, left, commands[i].summary);
    }
    fprintf(out, "\nmaildrill COMMAND --help lists a command's options.\n");
    options_paragraph(out, "Exit: ", EXITS);
    return out == stdout ? EXIT_PASS : EXIT_USAGE;
}

static int list_faults(void)
{
    for (size_t i = 0; i < server_fault_count; i++)
        printf("%-28s %-18s %s\n", server_faults[i].name, server_faults[i].section,
               server_faults[i].summary);
    return EXIT_PASS;
}

static int list_deviations(void)
{
    for (size_t i = 0; i < deviant_row_count; i++)
        printf("%-24s %-20s %s\n", deviant_rows[i].name, deviant_rows[i].section,
               deviant_rows[i].summary);
    return EXIT_PASS;
}

static int help_command(size_t index)
{
    char summary[200];
    const char *operands = commands[index].operands;
    printf("usage: maildrill %s [OPTION...]%s%s\n\n", commands[index].name,
           *operands == '\0' ? "" : " ", operands);
    snprintf(summary, sizeof summary, "%s %s.", commands[index].name, commands[index].summary);
    options_paragraph(stdout, "", summary);
    printf("\n  %s\n\n", commands[index].example);
    if (commands[index].help != NULL)
        commands[index].help(stdout);
    options_help(commands[index].command);
    options_paragraph(stdout,
                      "Exit: ", commands[index].exits == NULL ? EXITS : commands[index].exits);
    return EXIT_PASS;
}

static int run_command(size_t index, int argc, char **argv)
{
    static struct options options; /* large, and one a process */
    const char *name = commands[index].name;
    if (!options_read(&options, commands[index].command, name, argc, argv))
        return EXIT_USAGE;
    options.argc = argc + 1;
    options.argv = argv - 1;
    if (options.help)
        return help_command(index);
    for (size_t i = 0; i < options.fault_count; i++)
        if (strcmp(options.faults[i], "list") == 0)
            return list_faults();
    if (options.deviant != NULL && strcmp(options.deviant, "list") == 0)
        return list_deviations();
    if (commands[index].needs_operand && options.operand_count == 0) {
        fprintf(stderr, "usage: maildrill %s [OPTION...] %s\nTry: maildrill %s --help\n", name,
                commands[index].operands, name);
        return EXIT_USAGE;
    }
    return (int)commands[index].run(&options);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        (strcmp(argv[1], "help") == 0 && argc == 2))
        return help(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        printf("maildrill " MAILDRILL_VERSION "\n");
        return EXIT_PASS;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return run_command(i, argc - 2, argv + 2);
    fprintf(stderr, "maildrill: no command \"%s\"\n\n", argv[1]);
    return help(stderr);
}
