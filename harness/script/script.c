#include "script/script.h"

/* clang-format off */
const struct slice script_builtins[] = {
    SLICE_INIT("host"),   SLICE_INIT("client"), SLICE_INIT("from"), SLICE_INIT("rcpt"),
    SLICE_INIT("rcpt2"), SLICE_INIT("norcpt"),  SLICE_INIT("remote"), SLICE_INIT("user"), SLICE_INIT("pass"),
    SLICE_INIT("token"),  SLICE_INIT("now"),
};
/* clang-format on */
const size_t script_builtin_count = sizeof script_builtins / sizeof *script_builtins;

const char *script_level_name(enum script_level level)
{
    static const char *const names[] = {
        [SCRIPT_LEVEL_MUST] = "MUST",       [SCRIPT_LEVEL_SHOULD] = "SHOULD",
        [SCRIPT_LEVEL_MAY] = "MAY",         [SCRIPT_LEVEL_SECURITY] = "SECURITY",
        [SCRIPT_LEVEL_INTEROP] = "INTEROP",
    };
    return names[level];
}

static bool digits_match(const uint8_t digit[3], unsigned code)
{
    const unsigned of_code[3] = {code / 100, code / 10 % 10, code % 10};
    for (size_t i = 0; i < 3; i++)
        if (digit[i] != SCRIPT_ANY_DIGIT && digit[i] != of_code[i])
            return false;
    return true;
}

bool script_outcomes_match(struct script_outcomes set, unsigned code)
{
    for (size_t i = 0; i < set.count; i++) {
        const struct script_outcome *item = &set.items[i];
        if (item->kind == SCRIPT_OUTCOME_ANY ||
            (item->kind == SCRIPT_OUTCOME_CODE && digits_match(item->digit, code)))
            return !item->negated;
    }
    return set.count > 0 && set.items[0].negated;
}

unsigned script_outcomes_exactness(struct script_outcomes set, unsigned code)
{
    unsigned most = script_outcomes_match(set, code);
    for (size_t i = 0; i < set.count && most > 0; i++) {
        const struct script_outcome *item = &set.items[i];
        if (item->kind != SCRIPT_OUTCOME_CODE || item->negated || !digits_match(item->digit, code))
            continue;
        unsigned exactness = 1;
        for (size_t k = 0; k < 3; k++)
            exactness += item->digit[k] != SCRIPT_ANY_DIGIT;
        most = exactness > most ? exactness : most;
    }
    return most;
}

bool script_outcomes_hold(struct script_outcomes set, enum script_outcome_kind kind)
{
    for (size_t i = 0; i < set.count; i++)
        if (set.items[i].kind == kind && !set.items[i].negated)
            return true;
    return false;
}

/* ---- places ---- */

static const struct script_file *file_of(const struct script *script, size_t number)
{
    size_t index = script->file_count;
    while (index > 1 && script->files[index - 1].lines_before >= number)
        index--;
    return &script->files[index - 1];
}

struct script_place script_place_of(const struct script *script, size_t number)
{
    const struct script_file *file = file_of(script, number);
    return (struct script_place){file->name, number - file->lines_before};
}

struct slice script_text_of(const struct script *script, size_t number)
{
    return file_of(script, number)->text;
}

struct slice script_source_line(const struct script *script, size_t number)
{
    const struct script_file *file = file_of(script, number);
    size_t index = number - file->lines_before;
    if (number < 1 || index > file->line_count)
        return SLICE("");
    struct slice rest = slice_from(file->text, file->line_starts[index - 1]);
    struct slice line = slice_sub(rest, 0, slice_find(rest, '\n'));
    bool crlf = line.len < rest.len && line.len > 0 && line.ptr[line.len - 1] == '\r';
    return slice_sub(line, 0, line.len - crlf);
}
