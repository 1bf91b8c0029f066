/* fmt: lays scripts out in one way, in place; --check only says which are not. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/play/load.h"
#include "cli/play/save.h"
#include "script/format.h"
#include "script/transcript.h"

struct formatting {
    const struct options *options;
    size_t files, changed;
    bool failed;
};

static void complain(struct formatting *f, const char *path, const char *what)
{
    fprintf(stderr, "maildrill fmt: %s: %s\n", path, what);
    f->failed = true;
}

static void put_formatted(struct formatting *f, const char *path, struct slice source,
                          struct slice text)
{
    bool changed = !slice_equal(source, text);
    f->changed += changed;
    if (strcmp(path, "-") == 0 && !f->options->check)
        load_put(stdout, text);
    else if (changed && !f->options->check && !save_file(path, text))
        complain(f, path, strerror(errno));
    else if (changed)
        printf("%s\n", path);
}

/* A pasted session stays as it was pasted; that is said where it was asked for by name. */
static void leave_alone(struct formatting *f, const char *path, struct slice source)
{
    if (strcmp(path, "-") == 0 && !f->options->check)
        load_put(stdout, source);
    for (int i = 0; i < f->options->operand_count; i++)
        if (strcmp(f->options->operands[i], path) == 0)
            fprintf(stderr,
                    "maildrill fmt: %s: a transcript, left as it is; maildrill import "
                    "makes a script of it\n",
                    path);
}

static void format_file(struct formatting *f, const char *path)
{
    struct slice source;
    if (!load_read(path, &source)) {
        complain(f, path, strerror(errno));
        return;
    }
    f->files++;
    if (!transcript_detect(source)) {
        struct script_arena *arena = script_arena_new();
        put_formatted(f, path, source, script_format(arena, source));
        script_arena_free(arena);
    } else {
        leave_alone(f, path, source);
    }
    free((void *)(uintptr_t)source.ptr);
}

enum exit_code command_fmt(const struct options *options)
{
    struct formatting f = {.options = options};
    struct load found;
    if (!load_find(&found, options)) {
        load_free(&found);
        return EXIT_SCRIPT;
    }
    for (size_t i = 0; i < found.count; i++)
        format_file(&f, found.paths[i]);
    load_free(&found);
    if (f.failed)
        return EXIT_SCRIPT;
    return options->check && f.changed > 0 ? EXIT_FAIL : f.files == 0 ? EXIT_NOTHING : EXIT_PASS;
}
