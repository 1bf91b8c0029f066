/* conform: the suites that come with maildrill, and a summary by RFC section. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/play/play.h"
#include "cli/play/shipped.h"

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
        given->scenarios != NULL ? given->scenarios : shipped_scenarios(found, sizeof found);
    options.operand_count = 0;
    options.operands = operands;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", folder, suites[i]);
        if (shipped_is_folder(paths[i]))
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
