#include "script/loader.h"

/* ---- the words of %test
 * -------------------------------------------------------------------------------- */

static const struct slice levels[] = {
    [SCRIPT_LEVEL_MUST] = SLICE_INIT("MUST"),
    [SCRIPT_LEVEL_SHOULD] = SLICE_INIT("SHOULD"),
    [SCRIPT_LEVEL_MAY] = SLICE_INIT("MAY"),
    [SCRIPT_LEVEL_SECURITY] = SLICE_INIT("SECURITY"),
    [SCRIPT_LEVEL_INTEROP] = SLICE_INIT("INTEROP"),
};

#define LEVEL_COUNT (sizeof levels / sizeof *levels)

static void read_attribute(struct loader *l, struct slice word)
{
    size_t equals = slice_find(word, '=');
    struct slice key = slice_sub(word, 0, equals);
    struct slice value = slice_from(word, equals < word.len ? equals + 1 : equals);
    struct script_test *test = &l->test;
    const struct {
        struct slice key;
        struct slice *value;
    } texts[] = {
        {SLICE("id"), &test->id}, {SLICE("rfc"), &test->rfc}, {SLICE("fault"), &test->fault}};
    if (value.len == 0) {
        loader_error(l, word, "write rfc=, level=, id= or fault=, each with its value");
        return;
    }
    if (slice_equal(key, SLICE("level"))) {
        size_t level = loader_word_index(value, levels, LEVEL_COUNT);
        if (level == LEVEL_COUNT)
            loader_error(l, value, "a level is MUST, SHOULD, MAY, SECURITY or INTEROP");
        else
            test->level = (enum script_level)level;
        return;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (slice_equal(key, texts[i].key)) {
            *texts[i].value = script_arena_copy(l->arena, value);
            return;
        }
    }
    loader_error(l, key, "unknown attribute: rfc=, level=, id= and fault= are known");
}

/* ---- tests begin and end
 * --------------------------------------------------------------------------------- */

static void begin(struct loader *l, struct slice title, const uint8_t *at)
{
    l->test = (struct script_test){.title = title};
    l->test.line = at == NULL ? 1 : loader_place(l, at).line;
    l->test_at = at;
    l->errors_before = l->errors;
    l->steps = (struct script_array){.arena = l->arena};
    l->scope = l->head;
    l->within_ms = 0;
}

void loader_test_first(struct loader *l)
{
    l->names.arena = l->secrets.arena = l->requires.arena = l->arena;
    begin(l, l->script->name, NULL);
}

static void keep_test(struct loader *l)
{
    struct script_test *test = &l->test;
    loader_roles(l);
    test->steps = l->steps.items;
    test->step_count = l->steps.count;
    l->secrets.count = l->scope.secrets;
    l->requires.count = l->scope.requires;
    test->secrets = loader_kept(l, &l->secrets, 0, sizeof(struct slice));
    test->secret_count = l->secrets.count;
    test->requires = loader_kept(l, &l->requires, 0, sizeof(struct script_require));
    test->require_count = l->requires.count;
    *(struct script_test *)script_array_push(&l->tests, sizeof *test) = *test;
}

void loader_test_end(struct loader *l)
{
    loader_reply_end(l);
    if (l->within_ms > 0)
        loader_error(l, l->within_text, "no reply follows that this could bound");
    if (l->steps.count > 0) {
        keep_test(l);
    } else if (l->titled) {
        struct loader_place place = loader_place(l, l->test_at);
        if (l->errors == l->errors_before)
            loader_report(l, SCRIPT_ERROR, place, 5, SLICE("a test without a step"));
    } else {
        l->head = l->scope; /* what was said before the first test holds for all */
    }
}

void loader_test(struct loader *l, struct slice at, struct slice args)
{
    loader_test_end(l);
    args = slice_trim(args);
    struct slice title = {NULL, 0};
    if (args.len > 1 && args.ptr[0] == '"') {
        size_t close = slice_find(slice_from(args, 1), '"') + 1;
        title = slice_sub(args, 1, close);
        args = slice_from(args, close < args.len ? close + 1 : close);
    }
    begin(l, script_arena_copy(l->arena, title), at.ptr);
    l->titled = true;
    if (title.len == 0)
        loader_error(l, at, "a test has a title: %test \"title\"");
    for (struct slice word; (word = loader_word(&args)).len > 0;)
        read_attribute(l, word);
}

/* ---- %require, %secret, %set
 * ------------------------------------------------------------------------------ */

static const struct slice tokens[] = {
    SLICE_INIT("tls"),   SLICE_INIT("implicit-tls"), SLICE_INIT("plain"),  SLICE_INIT("creds"),
    SLICE_INIT("rcpt"),  SLICE_INIT("rcpt2"),        SLICE_INIT("norcpt"), SLICE_INIT("remote"),
    SLICE_INIT("relay"), SLICE_INIT("raw"),          SLICE_INIT("lmtp"),   SLICE_INIT("slow"),
};

#define TOKEN_COUNT (sizeof tokens / sizeof *tokens)

void loader_require(struct loader *l, struct slice at, struct slice args)
{
    bool any = false;
    for (struct slice word; (word = loader_word(&args)).len > 0;) {
        any = true;
        bool keyword = slice_starts(word, SLICE("ehlo:")) && word.len > 5;
        if (!keyword && loader_word_index(word, tokens, TOKEN_COUNT) == TOKEN_COUNT) {
            loader_error_hint(l, word, "unknown requirement", "",
                              loader_closest(word, tokens, TOKEN_COUNT, sizeof *tokens), "");
            continue;
        }
        if (l->scope.requires == LOADER_MAX_NAMES) {
            loader_error(l, word, "too many requirements in one test");
            return;
        }
        struct loader_place place = loader_place(l, word.ptr);
        l->requires.count = l->scope.requires ++;
        *(struct script_require *)script_array_push(&l->requires, sizeof(struct script_require)) =
            (struct script_require){script_arena_copy(l->arena, word), place.line, place.column};
    }
    if (!any)
        loader_error(l, at, "what is required? %require ehlo:STARTTLS rcpt");
}

void loader_secret(struct loader *l, struct slice at, struct slice args)
{
    struct slice name = loader_word(&args);
    loader_no_more(l, args);
    if (!loader_is_name(name) || l->scope.secrets == LOADER_MAX_NAMES) {
        loader_error(l, name.len > 0 ? name : at, "the name of a variable is needed: %secret pass");
        return;
    }
    l->secrets.count = l->scope.secrets++;
    *(struct slice *)script_array_push(&l->secrets, sizeof(struct slice)) =
        script_arena_copy(l->arena, name);
}

void loader_set(struct loader *l, struct slice at, struct slice args)
{
    args = slice_trim(args);
    size_t equals = slice_find(args, '=');
    struct loader_name *defined;
    if (equals == 0 || equals == args.len)
        loader_error(l, args.len > 0 ? args : at, "write %set name=value");
    else if (loader_define(l, slice_sub(args, 0, equals), &defined))
        loader_set_value(l, defined, slice_from(args, equals + 1));
}
