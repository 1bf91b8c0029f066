/* conform: the suites that come with maildrill, and a summary by RFC section. */
#define _XOPEN_SOURCE 700

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/play/play.h"

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Beside the program where it is installed, wherever that was moved to; else in the sources that it
 * was built from. */
static const char *find_scenarios(char *out, size_t size)
{
    char program[3000];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len > 0) {
        program[len] = '\0';
        char *slash = strrchr(program, '/');
        *slash = '\0';
        snprintf(out, size, "%s/" MAILDRILL_SHARE "/scenarios", program);
        char *plain = realpath(out, NULL);
        if (plain != NULL && is_folder(plain)) {
            snprintf(out, size, "%s", plain);
            free(plain);
            return out;
        }
        free(plain);
    }
    return MAILDRILL_SOURCE "/scenarios";
}

enum exit_code command_conform(const struct options *given)
{
    static const char *const suites[] = {"conformance", "security"};
    char found[4000], paths[2][4100];
    char *operands[2];
    struct options options = *given;
    if (given->operand_count > 0 || given->server_count > 1) {
        fprintf(stderr, "maildrill conform: %s\n",
                given->operand_count > 0
                    ? "takes no files: --scenarios DIR names the suites, maildrill run plays files"
                    : "one --server; maildrill compare takes several");
        return EXIT_USAGE;
    }
    const char *folder =
        given->scenarios != NULL ? given->scenarios : find_scenarios(found, sizeof found);
    options.operand_count = 0;
    options.operands = operands;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", folder, suites[i]);
        if (is_folder(paths[i]))
            operands[options.operand_count++] = paths[i];
    }
    if (options.operand_count == 0) {
        fprintf(stderr,
                "maildrill conform: %s has no folder conformance/ or security/: --scenarios DIR "
                "says where they are\n",
                folder);
        return EXIT_USAGE;
    }
    return play_files(&options, PLAY_CONFORM, "conform");
}
