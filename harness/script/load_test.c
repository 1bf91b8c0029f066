/*
 * Tests, and what is said about them.
 *
 *   test      = "%test" DQUOTE title DQUOTE *( attribute "=" value )
 *   attribute = "rfc" / "level" / "id" / "fault" / "tags"
 *   rfc       = 1*DIGIT [ "#" section ]                ; "5321#4.1.4"
 *   require   = "%require" 1*( feature / "ehlo:" claim / "fixture:" name / "port:" kinds )
 *   kinds     = kind *( "|" kind )                     ; mx, submission, submissions, lmtp
 *
 * Lines before the first %test are a test of their own, named as the file; where they play nothing,
 * what they say holds for every test of the file.
 */
#include "base/octet.h"
#include "script/loader.h"

/* Appends to a list of the test's scope; NULL, with the error listed, where it is full. */
static void *push_scoped(struct loader *l, struct script_array *array, size_t *count, size_t octets,
                         struct slice at)
{
    if (*count == LOADER_MAX_NAMES) {
        loader_error(l, at, "too many: 256 at most");
        return NULL;
    }
    array->count = (*count)++;
    return script_array_push(array, octets);
}

/* ---- %require, %secret, %set ---- */

/* Reads one word of %require; false where it is none. */
static bool read_token(struct slice word, struct script_require *ret_item)
{
    struct slice feature = loader_feature(word);
    ret_item->token = feature.len > 0 ? feature : word;
    if (feature.len > 0)
        return true;
    return slice_starts(word, SLICE("ehlo:")) &&
           loader_claim(slice_from(word, 5), &ret_item->claim);
}

void loader_require(struct loader *l, struct slice at, struct slice args)
{
    if (slice_trim(args).len == 0)
        loader_error(l, at, "what is required follows: %require tls ehlo:SIZE");
    for (struct slice word; (word = loader_word(&args)).len > 0;) {
        bool keyword = slice_starts(word, SLICE("ehlo:"));
        struct script_require read = {.claim.present = true};
        if (!read_token(word, &read)) {
            bool bare = loader_seems_keyword(word);
            loader_error_hint(l, word, keyword ? "no EHLO keyword" : "unknown requirement",
                              bare ? "ehlo:" : "", bare ? word : loader_closest_feature(word), "");
            continue;
        }
        struct script_require *item =
            push_scoped(l, &l->requires, &l->scope.requires, sizeof *item, word);
        struct loader_place place = loader_place(l, word.ptr);
        read.line = place.line;
        read.column = place.column;
        if (item != NULL)
            *item = read;
    }
}

void loader_secret(struct loader *l, struct slice at, struct slice args)
{
    struct slice name = loader_word(&args);
    loader_no_more(l, args);
    if (!loader_is_name(name)) {
        loader_error(l, name.len > 0 ? name : at, "the name of a variable follows: %secret name");
        return;
    }
    struct slice *item = push_scoped(l, &l->secrets, &l->scope.secrets, sizeof *item, name);
    if (item == NULL)
        return;
    *item = name;
    if (l->secret_names.count < LOADER_MAX_LISTED)
        *(struct slice *)script_array_push(&l->secret_names, sizeof name) = name;
    loader_check_secret(l, name);
}

void loader_set(struct loader *l, struct slice at, struct slice args)
{
    args = slice_trim(args);
    size_t equals = slice_find(args, '=');
    struct loader_name *own;
    struct script_text value;
    if (equals == args.len) {
        loader_error(l, at, "a name and its value follow: %set name=value");
        return;
    }
    unsigned nesting = 0;
    value = loader_value(l, slice_from(args, equals + 1), &nesting);
    if (!loader_define(l, slice_sub(args, 0, equals), &own))
        return;
    own->is_set = true;
    own->value = value;
    own->nesting = nesting;
}

/* ---- %test ---- */

static enum script_level read_level(struct loader *l, struct slice value)
{
    for (enum script_level level = 0; level <= SCRIPT_LEVEL_INTEROP; level++)
        if (slice_equal_nocase(value, slice_of_cstr(script_level_name(level))))
            return level;
    loader_error(l, value, "level= is MUST, SHOULD, MAY, SECURITY or INTEROP");
    return SCRIPT_LEVEL_MUST;
}

static struct slice read_rfc(struct loader *l, struct slice value)
{
    struct slice number = slice_sub(value, 0, slice_find(value, '#'));
    bool right = number.len > 0 && number.len + 1 != value.len;
    for (size_t i = 0; i < number.len; i++)
        right = right && octet_is(number.ptr[i], OCTET_DIGIT);
    if (!right)
        loader_error(l, value, "rfc= is a number and a section: 5321#4.1.4");
    return value;
}

static void read_attributes(struct loader *l, struct slice args)
{
    enum { RFC, LEVEL, ID, FAULT, TAGS, COUNT };
    static const struct slice names[COUNT] = {SLICE_INIT("rfc"), SLICE_INIT("level"),
                                              SLICE_INIT("id"), SLICE_INIT("fault"),
                                              SLICE_INIT("tags")};
    struct loader_attributes attributes = {.names = names, .count = COUNT};
    struct slice value;
    for (size_t index; loader_attribute(l, &attributes, &args, &index, &value);) {
        if (index == RFC)
            l->test.rfc = read_rfc(l, value);
        else if (index == LEVEL)
            l->test.level = read_level(l, value);
        else if (index == ID)
            l->test.id = value;
        else if (index == FAULT)
            l->test.fault = value;
        else
            l->test.tags = value;
    }
}

/* Reports name a test before it is played: nothing has a value yet. */
static void refuse_variables(struct loader *l, struct slice title)
{
    for (size_t at = 0; at < title.len; at++) {
        struct slice rest = slice_from(title, at);
        if (!slice_starts(rest, SLICE("${")) || (at > 0 && title.ptr[at - 1] == '$'))
            continue;
        size_t end = slice_find(rest, '}');
        loader_error(l, slice_sub(rest, 0, end < rest.len ? end + 1 : end),
                     "no variables in a title: it names the test in reports and baselines");
        return;
    }
}

void loader_test(struct loader *l, struct slice at, struct slice args)
{
    bool prelude = l->test_at.len == 0 && l->steps.count == 0;
    if (l->use_depth > 0) {
        loader_error(l, at, "a test begins in the script itself, not in a file that %use plays");
        return;
    }
    loader_test_end(l);
    if (prelude)
        l->head = l->scope;
    l->scope = l->head;
    l->steps.count = 0;
    l->connection_count = 1;
    l->test_at = at;
    l->errors_before = l->errors;
    l->test = (struct script_test){.line = loader_place(l, at.ptr).line};

    args = slice_trim(args);
    if (!slice_starts(args, SLICE("\""))) {
        loader_error(l, args.len > 0 ? args : at, "a title in quotes follows: %test \"title\"");
        return;
    }
    struct slice title = slice_from(args, 1);
    title = slice_sub(title, 0, slice_find(title, '"'));
    if (title.len + 1 == args.len) {
        loader_error(l, slice_sub(args, 0, 1), "no quote ends the title");
        return;
    }
    refuse_variables(l, title);
    l->test.title = title;
    read_attributes(l, slice_from(args, title.len + 2));
}

/* ---- its end ---- */

/* Where no line carries verdicts, each expectation decides. */
static void decide(struct loader *l)
{
    struct script_step *steps = l->steps.items;
    for (size_t i = 0; i < l->steps.count; i++)
        if ((steps[i].kind == SCRIPT_EXPECT && steps[i].as.expect.decisive) ||
            steps[i].weight == SCRIPT_WEIGHT_FAIL || steps[i].weight == SCRIPT_WEIGHT_WARN)
            l->test.has_decisive = true;
    for (size_t i = 0; i < l->steps.count; i++)
        if (steps[i].kind == SCRIPT_EXPECT && !l->test.has_decisive)
            steps[i].as.expect.decisive = true;
}

static void keep_secret_texts(struct loader *l, struct script_test *test)
{
    const struct loader_name *names = l->names.items;
    struct script_text *texts =
        script_arena_alloc(l->arena, (l->scope.names + test->step_count) * sizeof *texts);
    size_t count = 0;
    for (size_t i = 0; i < l->scope.names; i++) {
        bool secret = false; /* once, however often %secret says so */
        for (size_t k = 0; k < test->secret_count && !secret; k++)
            secret = slice_equal(names[i].name, test->secrets[k]);
        if (secret && names[i].is_set)
            texts[count++] = names[i].value;
    }
    for (size_t i = 0; i < test->step_count; i++)
        if (test->steps[i].kind == SCRIPT_AUTH)
            texts[count++] = test->steps[i].as.auth.pass;
    test->secret_texts = texts;
    test->secret_text_count = count;
}

static void keep_test(struct loader *l)
{
    struct script_test *test = script_array_push(&l->tests, sizeof *test);
    l->requires.count = l->scope.requires;
    l->secrets.count = l->scope.secrets;
    *test = l->test;
    test->requires = loader_kept(l, &l->requires, 0, sizeof *test->requires);
    test->require_count = l->scope.requires;
    test->secrets = loader_kept(l, &l->secrets, 0, sizeof *test->secrets);
    test->secret_count = l->scope.secrets;
    test->steps = loader_kept(l, &l->steps, 0, sizeof *test->steps);
    test->step_count = l->steps.count;
    keep_secret_texts(l, test);
    test->script = l->script;
    struct slice *names = script_arena_alloc(l->arena, l->connection_count * sizeof *names);
    for (size_t i = 1; i < l->connection_count; i++)
        names[i - 1] = l->connections[i];
    test->connections = names;
    test->connection_count = l->connection_count - 1;
}

/* A server's keywords stand in its reply to EHLO: without that, nothing is asked. */
static void warn_of_keywords(struct loader *l)
{
    const struct script_require *requires = l->requires.items;
    for (size_t i = 0; i < l->scope.requires; i++)
        if (slice_starts(requires[i].token, SLICE("ehlo:"))) {
            l->topic = "directives";
            loader_report(l, SCRIPT_WARNING, (struct loader_place){l->test.line, 1}, 5,
                          SLICE("%require ehlo: has no effect: the test sends no EHLO"));
            return;
        }
}

void loader_test_end(struct loader *l)
{
    loader_reply_end(l);
    loader_blocks_end(l, 0);
    if (l->within_ms > 0)
        loader_error(l, l->within_text, "no reply follows that it could bound");
    l->within_ms = 0;
    if (l->steps.count == 0 && l->test_at.len > 0 && l->errors == l->errors_before)
        loader_error(l, l->test_at, "the test has no steps");
    if (l->steps.count == 0 || l->errors != l->errors_before)
        return;
    decide(l);
    loader_roles(l);
    if (!l->scope.ehlo)
        warn_of_keywords(l);
    keep_test(l);
    l->earlier_steps += l->steps.count;
}
