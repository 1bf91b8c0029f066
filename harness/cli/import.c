/* import: prints the tagged script that a transcript was understood as, each repair as a comment,
 * and without the credentials in it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/play/load.h"
#include "report/place.h"
#include "script/mask.h"
#include "script/transcript.h"

/* Notes belong before the first tagged line that came from their line or a later one. */
static size_t put_notes(const struct transcript *t, size_t next, size_t up_to_line)
{
    struct sink out = {load_put, stdout};
    for (; next < t->note_count && t->notes[next].line <= up_to_line; next++) {
        printf("# line %zu: ", t->notes[next].line);
        sink_visible(out, t->notes[next].message, 0);
        printf("\n");
    }
    return next;
}

static void put_line(struct slice text)
{
    load_put(stdout, text);
    load_put(stdout, SLICE("\n"));
}

static void put_script(const struct transcript *t, struct script_arena *arena, bool secrets)
{
    size_t next_note = 0;
    struct mask script = secrets ? mask_nothing(arena, t->text) : mask_script(arena, t->text);
    if (t->implicit_tls)
        printf("# TLS from the first octet: play it against smtps://\n");
    for (size_t i = 0; i < script.count; i++) {
        next_note = put_notes(t, next_note, t->origins[script.lines[i].from].line);
        put_line(script.lines[i].text);
    }
    put_notes(t, next_note, SIZE_MAX);
}

/* It has tags already. */
static void put_tagged(struct slice source, struct script_arena *arena)
{
    struct mask script = mask_script(arena, source);
    for (size_t i = 0; i < script.count; i++)
        put_line(script.lines[i].text);
}

/* Errors have a place in the transcript, so that its loader reports them best. */
static enum exit_code refuse(struct slice source, const char *path, const struct options *options)
{
    struct sink out = {load_put, stderr};
    struct script *script = load_octets(source, path, options);
    for (size_t i = 0; i < script->diagnostic_count; i++)
        place_diagnostic(out, script, &script->diagnostics[i]);
    script_free(script);
    return EXIT_SCRIPT;
}

/* Whether it is a log with C: and S: in which a program or a person says other things, too. */
static bool is_log_with_tags(struct slice source, const char *path, const struct options *options)
{
    struct script *script = load_octets(source, path, options);
    bool loads = script->error_count == 0;
    script_free(script);
    return !loads && transcript_may_be(source);
}

static enum exit_code import_one(const struct options *options, const char *path)
{
    struct slice source;
    if (!load_read(path, &source)) {
        fprintf(stderr, "maildrill import: %s: %s\n", path, strerror(errno));
        return EXIT_SCRIPT;
    }
    enum exit_code code = EXIT_PASS;
    struct script_arena *arena = script_arena_new();
    if (!transcript_detect(source) && !is_log_with_tags(source, path, options)) {
        if (options->keep_secrets)
            load_put(stdout, source);
        else
            put_tagged(source, arena);
    } else {
        struct transcript *t = transcript_import(source, slice_of_cstr(path));
        if (t->error_count > 0)
            code = refuse(source, path, options);
        else
            put_script(t, arena, options->keep_secrets);
        transcript_free(t);
    }
    script_arena_free(arena);
    free((void *)(uintptr_t)source.ptr);
    return code;
}

enum exit_code command_import(const struct options *options)
{
    if (options->operand_count != 1) {
        fprintf(stderr, "maildrill import: give one transcript, or - for standard input\n");
        return EXIT_USAGE;
    }
    return import_one(options, options->operands[0]);
}
