#include "base/octet.h"
#include "script/loader.h"

typedef void read_directive(struct loader *l, struct slice at, struct slice args);

/* ---- values
 * --------------------------------------------------------------------------------------------- */

/* "500ms", "2s", "1m"; 0, with the error listed, where it is none. */
static uint32_t read_time(struct loader *l, struct slice at, struct slice *args)
{
    static const struct {
        struct slice unit;
        uint32_t ms;
    } units[] = {{SLICE_INIT("ms"), 1}, {SLICE_INIT("s"), 1000}, {SLICE_INIT("m"), 60000}};
    struct slice word = loader_word(args);
    uint64_t number = 0;
    size_t digits = 0;
    for (; digits < word.len && digits < 7 && octet_is(word.ptr[digits], OCTET_DIGIT); digits++)
        number = number * 10 + (uint64_t)(word.ptr[digits] - '0');
    for (size_t i = 0; digits > 0 && number > 0 && i < sizeof units / sizeof *units; i++)
        if (slice_equal(slice_from(word, digits), units[i].unit) &&
            number * units[i].ms <= 86400000)
            return (uint32_t)(number * units[i].ms);
    loader_error(l, word.len > 0 ? word : at, "a time is needed: 500ms, 2s, 1m; at most a day");
    return 0;
}

/* "/pattern/"; empty, with the error listed, where it is none. */
static struct slice read_pattern(struct loader *l, struct slice at, struct slice args)
{
    args = slice_trim(args);
    if (args.len >= 2 && args.ptr[0] == '/' && args.ptr[args.len - 1] == '/')
        return slice_sub(args, 1, args.len - 1);
    loader_error(l, args.len > 0 ? args : at, "a pattern is needed: /regex/");
    return (struct slice){NULL, 0};
}

/* ---- steps
 * ------------------------------------------------------------------------------------------------
 */

static bool read_version(struct slice value, uint16_t *ret_version)
{
    static const struct {
        struct slice name;
        uint16_t version;
    } versions[] = {{SLICE_INIT("1.2"), 0x0303}, {SLICE_INIT("1.3"), 0x0304}};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (slice_equal(value, versions[i].name)) {
            *ret_version = versions[i].version;
            return true;
        }
    }
    return false;
}

static bool read_tls_setting(struct loader *l, struct slice key, struct slice value,
                             struct script_tls *tls)
{
    static const struct slice ways[] = {SLICE_INIT("host"), SLICE_INIT("ca"), SLICE_INIT("none")};
    static const enum script_verify verifies[] = {SCRIPT_VERIFY_HOST, SCRIPT_VERIFY_CA,
                                                  SCRIPT_VERIFY_NONE};
    if (slice_equal(key, SLICE("verify"))) {
        size_t way = loader_word_index(value, ways, 3);
        tls->verify = way < 3 ? verifies[way] : tls->verify;
        return way < 3;
    }
    if (slice_equal(key, SLICE("min")))
        return read_version(value, &tls->min_version);
    if (slice_equal(key, SLICE("max")))
        return read_version(value, &tls->max_version);
    if (slice_equal(key, SLICE("sni")) && value.len > 0 && value.len < 256) {
        tls->sni = script_arena_copy(l->arena, value);
        return true;
    }
    return false;
}

static void read_tls(struct loader *l, struct slice at, struct slice args)
{
    struct script_tls tls = {.verify = SCRIPT_VERIFY_DEFAULT};
    for (struct slice word; (word = loader_word(&args)).len > 0;) {
        size_t equals = slice_find(word, '=');
        struct slice value = slice_from(word, equals < word.len ? equals + 1 : equals);
        if (!read_tls_setting(l, slice_sub(word, 0, equals), value, &tls))
            loader_error(l, word,
                         "not a setting: verify=host|ca|none, min=1.2|1.3, max=1.2|1.3, sni=NAME");
    }
    loader_step(l, SCRIPT_TLS, at.ptr)->as.tls = tls;
}

static void read_ehlo(struct loader *l, struct slice at, struct slice args)
{
    struct script_array claims = {.arena = l->arena};
    for (struct slice word; (word = loader_word(&args)).len > 0;) {
        size_t equals = slice_find(word, '=');
        if ((word.ptr[0] != '+' && word.ptr[0] != '-') || equals < 2) {
            loader_error(l, word, "write +KEYWORD, -KEYWORD or +KEYWORD=PARAMETER");
            continue;
        }
        struct script_ehlo_claim *claim = script_array_push(&claims, sizeof *claim);
        claim->present = word.ptr[0] == '+';
        claim->keyword = script_arena_copy(l->arena, slice_sub(word, 1, equals));
        if (equals < word.len)
            claim->param = script_arena_copy(l->arena, slice_from(word, equals + 1));
    }
    if (claims.count == 0)
        loader_error(l, at, "what is claimed? %ehlo +SIZE -CHUNKING +AUTH=PLAIN");
    struct script_step *step = loader_step(l, SCRIPT_EHLO, at.ptr);
    step->as.ehlo.items = claims.items;
    step->as.ehlo.count = claims.count;
}

static void read_capture(struct loader *l, struct slice at, struct slice args)
{
    struct slice name = loader_word(&args);
    struct slice pattern = read_pattern(l, at, args);
    struct loader_name *defined;
    if (pattern.ptr == NULL || !loader_define(l, name, &defined))
        return;
    void *code = loader_pattern(l, pattern);
    struct script_step *step = loader_step(l, SCRIPT_CAPTURE, at.ptr);
    step->as.capture.name = script_arena_copy(l->arena, name);
    step->as.capture.pattern = code;
}

static void read_quiet(struct loader *l, struct slice at, struct slice args)
{
    uint32_t ms = read_time(l, at, &args);
    loader_no_more(l, args);
    loader_step(l, SCRIPT_QUIET, at.ptr)->as.ms = ms;
}

static void read_sleep(struct loader *l, struct slice at, struct slice args)
{
    uint32_t ms = read_time(l, at, &args);
    loader_no_more(l, args);
    loader_step(l, SCRIPT_SLEEP, at.ptr)->as.ms = ms;
}

static void read_close(struct loader *l, struct slice at, struct slice args)
{
    loader_no_more(l, args);
    loader_step(l, SCRIPT_CLOSE, at.ptr);
}

static void read_shutdown(struct loader *l, struct slice at, struct slice args)
{
    loader_no_more(l, args);
    loader_step(l, SCRIPT_SHUTDOWN, at.ptr);
}

/* ---- how other lines are read
 * ----------------------------------------------------------------------------- */

static void read_within(struct loader *l, struct slice at, struct slice args)
{
    l->within_ms = read_time(l, at, &args);
    l->within_text = at;
    loader_no_more(l, args);
}

/* One of two words; `first` where none is written. */
static bool read_switch(struct loader *l, struct slice args, const char *first, const char *second)
{
    struct slice word = loader_word(&args);
    loader_no_more(l, args);
    if (word.len == 0 || slice_equal(word, slice_of_cstr(first)))
        return true;
    if (!slice_equal(word, slice_of_cstr(second)))
        loader_error_hint(l, word, "not one of this directive's words", "", slice_of_cstr(first),
                          "");
    return false;
}

static void read_lax(struct loader *l, struct slice at, struct slice args)
{
    (void)at;
    l->scope.lax = read_switch(l, args, "on", "off");
}

static void read_flush(struct loader *l, struct slice at, struct slice args)
{
    (void)at;
    l->scope.flush_each = read_switch(l, args, "each", "group");
}

static void read_format(struct loader *l, struct slice at, struct slice args)
{
    struct slice word = loader_word(&args);
    if (!slice_equal(word, SLICE("script")) && !slice_equal(word, SLICE("telnet")))
        loader_error(l, word.len > 0 ? word : at, "a format is script or telnet");
    loader_no_more(l, args);
}

/* ---- the table
 * --------------------------------------------------------------------------------------------- */

static const struct directive {
    struct slice name;
    read_directive *read;
} directives[] = {
    {SLICE_INIT("test"), loader_test},      {SLICE_INIT("require"), loader_require},
    {SLICE_INIT("secret"), loader_secret},  {SLICE_INIT("set"), loader_set},
    {SLICE_INIT("tls"), read_tls},          {SLICE_INIT("ehlo"), read_ehlo},
    {SLICE_INIT("capture"), read_capture},  {SLICE_INIT("within"), read_within},
    {SLICE_INIT("quiet"), read_quiet},      {SLICE_INIT("sleep"), read_sleep},
    {SLICE_INIT("close"), read_close},      {SLICE_INIT("shutdown"), read_shutdown},
    {SLICE_INIT("lax"), read_lax},          {SLICE_INIT("flush"), read_flush},
    {SLICE_INIT("data"), loader_send_data}, {SLICE_INIT("format"), read_format},
};

void loader_directive(struct loader *l, struct slice line)
{
    struct slice rest = line;
    struct slice at = loader_word(&rest);
    struct slice name = slice_from(at, 1);
    loader_reply_end(l);
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        if (slice_equal(name, directives[i].name)) {
            directives[i].read(l, at, rest);
            return;
        }
    }
    loader_error_hint(l, at, "unknown directive", "%",
                      loader_closest(name, directives, sizeof directives / sizeof *directives,
                                     sizeof *directives),
                      "");
}
