/* fuzz: looks for faults of a mail client. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/fuzz/client.h"

enum exit_code command_fuzz(const struct options *options)
{
    if (options->fuzz_client)
        return fuzz_client(options);
    fprintf(stderr, "maildrill fuzz: give --client and --exec \"COMMAND\"\n");
    return EXIT_USAGE;
}
