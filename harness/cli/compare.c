/* compare: the same scripts against several servers, and where they differ. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/play/play.h"

enum exit_code command_compare(const struct options *options)
{
    if (options->server_count < 2) {
        fprintf(stderr, "maildrill compare: --server [NAME=]URL at least twice\n");
        return EXIT_USAGE;
    }
    return play_files(options, PLAY_COMPARE, "compare");
}
