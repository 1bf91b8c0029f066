/*
 * Directives: "%" word arguments.
 *
 *   duration = 1*DIGIT ( "ms" / "s" / "m" )
 *   quiet    = "%quiet" duration ( *( "|" ( "warn" / "unclear" ) outcomes ) / weight )
 */
#include "base/octet.h"
#include "script/loader.h"

#define MAX_DURATION_MS ((uint64_t)24 * 60 * 60 * 1000)

/* ---- waiting ---- */

bool loader_duration(struct slice text, uint32_t *ret_ms)
{
    static const struct {
        struct slice name;
        uint64_t ms;
    } units[] = {{SLICE_INIT("ms"), 1}, {SLICE_INIT("s"), 1000}, {SLICE_INIT("m"), 60000}};
    uint64_t number = 0;
    size_t digits = 0;
    for (; digits < text.len && digits < 9 && octet_is(text.ptr[digits], OCTET_DIGIT); digits++)
        number = number * 10 + text.ptr[digits] - '0';
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t ms = number * units[i].ms;
        if (slice_equal(slice_from(text, digits), units[i].name) && ms > 0 &&
            ms <= MAX_DURATION_MS) {
            *ret_ms = (uint32_t)ms;
            return true;
        }
    }
    return false;
}

/* 0, with the error listed, where the arguments are no duration. */
static uint32_t read_duration(struct loader *l, struct slice at, struct slice args)
{
    struct slice word = loader_word(&args);
    uint32_t ms = 0;
    if (!loader_duration(word, &ms))
        loader_error(l, word.len > 0 ? word : at, "no duration: 500ms, 2s or 1m, a day at most");
    loader_no_more(l, args);
    return ms;
}

static void read_within(struct loader *l, struct slice at, struct slice args)
{
    if (l->within_ms > 0)
        loader_error(l, l->within_text, "no reply follows that it could bound");
    l->within_ms = read_duration(l, at, args);
    l->within_text = at;
}

static void read_quiet(struct loader *l, struct slice at, struct slice args)
{
    struct script_expectation reply = {.pass = {NULL, 0}};
    if (!loader_has_weight(args))
        loader_verdicts(l, &args, &reply);
    enum script_weight weight = reply.decisive ? SCRIPT_WEIGHT_FAIL : loader_weight(l, &args);
    uint32_t ms = read_duration(l, at, args);
    if (reply.pass.count > 0)
        loader_error(l, at, "what passes is that nothing arrives; warn or unclear may follow");
    struct script_step *step = loader_step(l, SCRIPT_QUIET, at.ptr);
    step->weight = weight;
    step->as.wait.ms = ms;
    step->as.wait.warn = reply.warn;
    step->as.wait.unclear = reply.unclear;
}

static void read_sleep(struct loader *l, struct slice at, struct slice args)
{
    uint32_t ms = read_duration(l, at, args);
    loader_step(l, SCRIPT_SLEEP, at.ptr)->as.wait.ms = ms;
}

/* ---- the last reply ---- */

/* %capture name [message] /regex/: the pattern goes to the last "/" of the line */
static void read_capture(struct loader *l, struct slice at, struct slice args)
{
    struct slice name = loader_word(&args), pattern = slice_trim(args);
    struct loader_name *own;
    bool message = slice_starts(pattern, SLICE("message "));
    if (message)
        pattern = slice_trim(slice_from(pattern, 8));
    bool closed = pattern.len > 1 && pattern.ptr[0] == '/' && pattern.ptr[pattern.len - 1] == '/';
    if (name.len == 0 || !closed || pattern.len == 2) {
        loader_error(l, at, "a name and a pattern follow: %capture name /pattern/");
        return;
    }
    if (!loader_define(l, name, &own))
        return;
    if (message)
        loader_needs_message(l, at);
    struct script_capture capture = {.name = name, .message = message};
    capture.pattern = loader_pattern(l, slice_sub(pattern, 1, pattern.len - 1));
    loader_step(l, SCRIPT_CAPTURE, at.ptr)->as.capture = capture;
}

/* ---- how lines are read ---- */

/* Index of the only argument among two words; 2, with the error listed, where it is neither. */
static size_t read_choice(struct loader *l, struct slice at, struct slice args,
                          const struct slice words[2], const char *message)
{
    struct slice word = loader_word(&args);
    size_t index = loader_word_index(word, words, 2);
    if (index == 2)
        loader_error(l, word.len > 0 ? word : at, message);
    loader_no_more(l, args);
    return index;
}

static void read_lax(struct loader *l, struct slice at, struct slice args)
{
    static const struct slice words[] = {SLICE_INIT("on"), SLICE_INIT("off")};
    l->scope.lax = slice_trim(args).len == 0 || read_choice(l, at, args, words, "on or off") == 0;
}

static void read_flush(struct loader *l, struct slice at, struct slice args)
{
    static const struct slice words[] = {SLICE_INIT("each"), SLICE_INIT("group")};
    l->scope.flush_each = read_choice(l, at, args, words, "each or group") == 0;
}

static void read_format(struct loader *l, struct slice at, struct slice args)
{
    static const struct slice words[] = {SLICE_INIT("script"), SLICE_INIT("telnet")};
    if (read_choice(l, at, args, words, "script or telnet") == 1)
        loader_error(l, at, "%format telnet stands in the first line");
}

/* ---- the table ---- */

static const struct directive {
    struct slice name;
    void (*read)(struct loader *l, struct slice at, struct slice args);
    bool words; /* blanks between its arguments mean nothing */
    const char *topic;
} directives[] = {
    {SLICE_INIT("test"), loader_test, true, "directives"},
    {SLICE_INIT("require"), loader_require, true, "directives"},
    {SLICE_INIT("secret"), loader_secret, true, "directives"},
    {SLICE_INIT("set"), loader_set, false, "directives"},
    {SLICE_INIT("data"), loader_send_data, true, "directives"},
    {SLICE_INIT("tls"), loader_tls, true, "directives"},
    {SLICE_INIT("ehlo"), loader_ehlo, true, "assertions"},
    {SLICE_INIT("capture"), read_capture, false, "directives"},
    {SLICE_INIT("within"), read_within, true, "directives"},
    {SLICE_INIT("quiet"), read_quiet, true, "directives"},
    {SLICE_INIT("sleep"), read_sleep, true, "directives"},
    {SLICE_INIT("lax"), read_lax, true, "directives"},
    {SLICE_INIT("flush"), read_flush, true, "directives"},
    {SLICE_INIT("close"), loader_close, true, "connections"},
    {SLICE_INIT("shutdown"), loader_shutdown, true, "connections"},
    {SLICE_INIT("format"), read_format, true, "transcripts"},
    {SLICE_INIT("use"), loader_use, false, "other-files"},
    {SLICE_INIT("bdat"), loader_send_bdat, true, "directives"},
    {SLICE_INIT("if"), loader_if, false, "branches-and-loops"},
    {SLICE_INIT("else"), loader_else, true, "branches-and-loops"},
    {SLICE_INIT("reply"), loader_assert_reply, false, "assertions"},
    {SLICE_INIT("replies"), loader_assert_replies, false, "assertions"},
    {SLICE_INIT("assert"), loader_assert, false, "assertions"},
    {SLICE_INIT("connect"), loader_connect, true, "connections"},
    {SLICE_INIT("reset"), loader_reset, true, "connections"},
    {SLICE_INIT("proxy"), loader_proxy, true, "connections"},
    {SLICE_INIT("segment"), loader_segment, true, "writes"},
    {SLICE_INIT("barrier"), loader_barrier, true, "connections"},
    {SLICE_INIT("message"), loader_message, false, "delivered-messages"},
    {SLICE_INIT("repeat"), loader_repeat, false, "branches-and-loops"},
    {SLICE_INIT("end"), loader_end, true, "branches-and-loops"},
    {SLICE_INIT("auth"), loader_auth, true, "directives"},
    {SLICE_INIT("secured"), loader_secured, false, "directives"},
};
#define DIRECTIVES (sizeof directives / sizeof *directives)

bool loader_directive_is_words(struct slice name)
{
    for (size_t i = 0; i < DIRECTIVES; i++)
        if (slice_equal(name, directives[i].name))
            return directives[i].words;
    return false;
}

struct slice script_directive_name(size_t index)
{
    return index < DIRECTIVES ? directives[index].name : SLICE("");
}

void loader_directive(struct loader *l, struct slice line)
{
    struct slice args = line, at = loader_word(&args);
    size_t bracket = slice_find(at, '[');
    struct slice name = slice_sub(at, 1, bracket < 1 ? 1 : bracket),
                 connection = slice_from(at, bracket);
    l->topic = "directives";
    if (!loader_take_connection(l, &connection, slice_equal(name, SLICE("connect"))))
        return;
    loader_no_more(l, connection);
    at.len = bracket;
    for (size_t i = 0; i < DIRECTIVES; i++)
        if (slice_equal(name, directives[i].name)) {
            l->topic = directives[i].topic;
            directives[i].read(l, at, args);
            return;
        }
    loader_unknown_directive(l, at,
                             loader_closest(name, directives, DIRECTIVES, sizeof *directives));
}
