/* Laws of transcript_import: total; what it writes loads; every line of it came from a line. */
#include "custom.h"
#include "fuzz.h"
#include "script/transcript.h"

static size_t count_lines(struct slice text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    return lines + (text.len > 0 && text.ptr[text.len - 1] != '\n');
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct transcript *t = transcript_import(in, SLICE("fuzz.txt"));
    size_t lines = count_lines(in);
    FUZZ_LAW(count_lines(t->text) == t->line_count, "each line of the script has an origin");
    for (size_t i = 0; i < t->line_count; i++)
        FUZZ_LAW(t->origins[i].line >= 1 && t->origins[i].line <= lines, "inside the transcript");
    for (size_t i = 0; i < t->note_count; i++)
        FUZZ_LAW(t->notes[i].line >= 1 && (t->notes[i].line == 1 || t->notes[i].line <= lines),
                 "a repair has a place in the transcript");
    if (t->error_count == 0) {
        struct script_options options = {.name = SLICE("imported.smtp")};
        struct script *script = script_load(t->text, &options);
        for (size_t i = 0; i < script->diagnostic_count; i++)
            if (script->diagnostics[i].severity == SCRIPT_ERROR)
                fprintf(stderr, "%zu: %.*s\n", script->diagnostics[i].line,
                        (int)script->diagnostics[i].message.len,
                        (const char *)script->diagnostics[i].message.ptr);
        FUZZ_LAW(script->error_count == 0, "what an import writes loads");
        script_free(script);
    }
    transcript_free(t);
    fuzz_free(in);
    return 0;
}
