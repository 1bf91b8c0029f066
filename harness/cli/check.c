/* check: loads scripts and lists every mistake; plays nothing. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/play/load.h"

enum exit_code command_check(const struct options *options)
{
    struct load load;
    size_t tests;
    if (!load_check(&load, options, &tests)) {
        load_free(&load);
        return EXIT_SCRIPT;
    }
    size_t files = load.count;
    if (!options->json)
        printf("%zu file%s, %zu test%s, %zu error%s, %zu warning%s\n", files, files == 1 ? "" : "s",
               tests, tests == 1 ? "" : "s", load.errors, load.errors == 1 ? "" : "s",
               load.warnings, load.warnings == 1 ? "" : "s");
    bool wrong = load.errors > 0 || (options->strict && load.warnings > 0);
    load_free(&load);
    return wrong ? EXIT_SCRIPT : files == 0 ? EXIT_NOTHING : EXIT_PASS;
}
