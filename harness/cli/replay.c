/* replay: a dialogue as it was recorded, compared reply by reply, past differences where that can
 * be. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/play/play.h"

enum exit_code command_replay(const struct options *options)
{
    if (options->recorded && options->server_count > 0) {
        fprintf(stderr, "maildrill replay: --recorded starts a server of its own: "
                        "leave out --server\n");
        return EXIT_USAGE;
    }
    if (options->server_count > 1) {
        fprintf(stderr, "maildrill replay: one --server; maildrill compare takes several\n");
        return EXIT_USAGE;
    }
    struct options pasted = *options;
    pasted.pasted = true;
    return play_files(&pasted, PLAY_REPLAY, "replay");
}
