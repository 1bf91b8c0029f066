/* run: scripts as tests. The first difference ends a test. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/play.h"

enum exit_code command_run(const struct options *options)
{
    struct load load;
    enum exit_code code = EXIT_SCRIPT;
    if (options->server_count > 1) {
        fprintf(stderr, "maildrill run: one --server; maildrill compare takes several\n");
        return EXIT_USAGE;
    }
    if (load_all(&load, options, false) && load.errors == 0) {
        code = EXIT_NOTHING;
        if (load.count == 0)
            fprintf(stderr, "maildrill run: no script (*.smtp, *.txt) found\n");
        else
            code = play_all(options, &load, PLAY_RUN);
    }
    load_free(&load);
    return code;
}
