/* run: scripts as tests. The first difference ends a test. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/play/play.h"

enum exit_code command_run(const struct options *options)
{
    if (options->server_count > 1) {
        fprintf(stderr, "maildrill run: one --server; maildrill compare takes several\n");
        return EXIT_USAGE;
    }
    return play_files(options, PLAY_RUN, "run");
}
