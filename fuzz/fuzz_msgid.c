/* Laws of imf_msgid_next and imf_msgid_write. */
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "imf/msgid.h"
#include "imf/quirk.h"

#include <ctype.h>

/* What a written id keeps. */
#define KEEPS (IMF_QUIRK_OBS_ID | IMF_QUIRK_UNPAIRED_ANGLE | IMF_QUIRK_NO_ID_BRACKETS)

static bool same_slice(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || a.ptr == b.ptr);
}

static void check_written(const struct imf_msgid *id)
{
    size_t room = id->raw.len + 3;
    struct writer out = fuzz_writer(room);
    imf_msgid_write(id, &out);
    FUZZ_LAW(!out.overflow, "what is written is no longer than what was read, and its brackets");
    struct slice once = fuzz_copy(writer_slice(&out));
    struct imf_msgid_list list;
    struct imf_msgid again;
    imf_msgid_begin(once, &list);
    FUZZ_LAW(imf_msgid_next(&list, &again), "what is written is an id");
    FUZZ_LAW(list.c.at == once.len && (again.quirks & ~IMF_QUIRK_OBS_ID) == 0,
             "what is written has no quirk but that of quotes");
    out.len = 0;
    imf_msgid_write(&again, &out);
    FUZZ_LAW(slice_equal(writer_slice(&out), once), "writing again gives the same");
    fuzz_free(once);
    fuzz_free_writer(&out);
}

/* An id of words and dots, without its brackets, is the same id where the field has none. */
static void check_bare(const struct imf_msgid *id)
{
    struct slice bare = slice_sub(id->raw, 1, id->raw.len - 1);
    for (size_t i = 0; i < bare.len; i++)
        if (!isalnum(bare.ptr[i]) && bare.ptr[i] != '.' && bare.ptr[i] != '@')
            return;
    struct slice in = fuzz_copy(bare);
    struct imf_msgid_list list;
    struct imf_msgid again;
    imf_msgid_begin(in, &list);
    FUZZ_LAW(imf_msgid_next(&list, &again) && again.quirks == IMF_QUIRK_NO_ID_BRACKETS &&
                 slice_equal(again.left, id->left) && slice_equal(again.right, id->right) &&
                 !imf_msgid_next(&list, &again),
             "an id without brackets is the id that it has within");
    fuzz_free(in);
}

/* Behind a list without quirks: a separator, or a word, which are named. */
static void check_behind(struct slice in, bool word)
{
    struct writer out = fuzz_writer(in.len + 2);
    struct imf_msgid_list list;
    struct imf_msgid id;
    writer_put(&out, in);
    writer_put(&out, word ? SLICE(" x") : SLICE(","));
    imf_msgid_begin(writer_slice(&out), &list);
    while (imf_msgid_next(&list, &id))
        ;
    FUZZ_LAW(list.quirks == (word ? IMF_QUIRK_OBS_ID : IMF_QUIRK_STRAY_SEPARATOR),
             "what stands behind an id is named");
    fuzz_free_writer(&out);
}

static void read_each(struct slice in, bool (*next)(struct imf_msgid_list *, struct imf_msgid *))
{
    struct imf_msgid_list list;
    struct imf_msgid id;
    imf_msgid_begin(in, &list);
    while (next(&list, &id))
        ;
}

static void check(struct slice text)
{
    struct slice in = fuzz_copy(text);
    struct imf_msgid_list list, by_grammar;
    struct imf_msgid id, other;
    size_t behind = 0;
    imf_msgid_begin(in, &list);
    imf_msgid_begin(in, &by_grammar);
    while (imf_msgid_next(&list, &id)) {
        FUZZ_LAW(imf_msgid_next_by_grammar(&by_grammar, &other),
                 "the short way finds what the grammar finds");
        FUZZ_LAW(same_slice(id.raw, other.raw) && same_slice(id.left, other.left) &&
                     same_slice(id.right, other.right) && id.quirks == other.quirks,
                 "the short way reads what the grammar reads");
        FUZZ_LAW(fuzz_inside(id.raw, in) && (size_t)(id.raw.ptr - in.ptr) >= behind,
                 "ids stand one behind another");
        FUZZ_LAW(fuzz_inside(id.left, id.raw) && fuzz_inside(id.right, id.raw),
                 "the sides of an id lie in it");
        behind = (size_t)(id.raw.ptr - in.ptr) + id.raw.len;
        if ((id.quirks & ~KEEPS) == 0)
            check_written(&id);
        if (id.quirks == 0)
            check_bare(&id);
    }
    FUZZ_LAW(!imf_msgid_next_by_grammar(&by_grammar, &other) && list.quirks == by_grammar.quirks,
             "the short way ends where the grammar ends");
    const uint64_t octets = QUIRK_UTF8 | IMF_QUIRK_EMPTY_FOLD;
    if (grammar_takes(in))
        FUZZ_LAW(grammar_has("msg-id-list", in) == (behind > 0 && (list.quirks & ~octets) == 0),
                 "ids without quirks are those of the grammar, and those of it have none");
    if (behind == in.len && behind > 0 && list.quirks == 0)
        check_behind(in, fuzz_knob(in, 1, 2) == 0);
    FUZZ_LAW(list.c.at == in.len, "all of the input is looked at");
    FUZZ_LAW(list.steps <= 6 * in.len, "work is linear");
    FUZZ_LINEAR(in.len, read_each(in, imf_msgid_next));
    FUZZ_LINEAR(in.len, read_each(in, imf_msgid_next_by_grammar));
    fuzz_free(in);
}

FUZZ_MUTATOR(mutate_message)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const rules[] = {"msg-id-list"};
    grammar_check(rules, sizeof rules / sizeof *rules, slice_of(data, size), check);
    return 0;
}
