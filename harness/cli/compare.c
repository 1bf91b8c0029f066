/* compare: the same scripts against several servers, and where they differ. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/play.h"

enum exit_code command_compare(const struct options *options)
{
    struct load load;
    enum exit_code code = EXIT_SCRIPT;
    if (options->server_count < 2) {
        fprintf(stderr, "maildrill compare: --server [NAME=]URL at least twice\n");
        return EXIT_USAGE;
    }
    if (load_all(&load, options, false) && load.errors == 0) {
        code = EXIT_NOTHING;
        if (load.count == 0)
            fprintf(stderr, "maildrill compare: no script (*.smtp, *.txt) found\n");
        else
            code = play_all(options, &load, PLAY_COMPARE);
    }
    load_free(&load);
    return code;
}
