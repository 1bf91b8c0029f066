#include "engine/need.h"

#include "engine/exchange.h"
#include "engine/judge.h"
#include "engine/message.h"
#include "engine/secure.h"
#include "engine/text.h"

static const struct {
    struct slice name; /* of a variable, or a word of %require */
    struct slice option;
} options[] = {
    {SLICE_INIT("creds"), SLICE_INIT("--user and --pass")},
    {SLICE_INIT("user"), SLICE_INIT("--user")},
    {SLICE_INIT("pass"), SLICE_INIT("--pass")},
    {SLICE_INIT("rcpt"), SLICE_INIT("--rcpt")},
    {SLICE_INIT("rcpt2"), SLICE_INIT("--rcpt2")},
    {SLICE_INIT("norcpt"), SLICE_INIT("--norcpt")},
    {SLICE_INIT("remote"), SLICE_INIT("--remote")},
    {SLICE_INIT("slow"), SLICE_INIT("--slow")},
    {SLICE_INIT("proxy"), SLICE_INIT("--proxy-protocol")},
    {SLICE_INIT("oracle"), SLICE_INIT("--maildir or --pop3")},
    {SLICE_INIT("client-cert"), SLICE_INIT("--cert")},
    {SLICE_INIT("implicit-tls"), SLICE_INIT("--server smtps://, or --tls without --server")},
    {SLICE_INIT("lmtp"), SLICE_INIT("--server lmtp://, or --mode lmtp")},
};

static void finish(struct engine *e, enum engine_fault fault, struct slice what, struct slice name)
{
    uint8_t text[ENGINE_NEED_OCTETS];
    struct writer w = writer_of(text, sizeof text);
    writer_put(&w, what);
    writer_put(&w, slice_sub(name, 0, name.len < 64 ? name.len : 64));
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (slice_equal_nocase(options[i].name, name)) {
            writer_put(&w, SLICE(" ("));
            writer_put(&w, options[i].option);
            writer_put(&w, SLICE(")"));
        }
    if (slice_starts(name, SLICE("fixture:")) && name.len < 40) {
        writer_put(&w, SLICE(" (--set "));
        writer_put(&w, slice_from(name, 8));
        writer_put(&w, SLICE("=VALUE)"));
    }
    judge_finish(e, ENGINE_SKIP, fault, writer_slice(&w));
}

void need_feature(struct engine *e, struct slice token)
{
    finish(e, ENGINE_FAULT_NONE, SLICE("needs "), token);
}

void need_value(struct engine *e, struct slice name)
{
    finish(e, ENGINE_FAULT_NO_VALUE, SLICE("no value for the variable "), name);
}

/* ---- before the first step ---- */

/* "mx|submission": the driver names what the server is */
static bool has_port(const struct engine *e, struct slice kinds)
{
    bool more = true;
    while (more) {
        size_t bar = slice_find(kinds, '|');
        struct slice kind = slice_sub(kinds, 0, bar);
        for (size_t i = 0; i < e->config.feature_count; i++)
            if (slice_starts(e->config.features[i], SLICE("port:")) &&
                slice_equal_nocase(slice_from(e->config.features[i], 5), kind))
                return true;
        more = bar < kinds.len;
        kinds = slice_from(kinds, bar + more);
    }
    return false;
}

bool engine_has_feature(const struct engine *e, struct slice token)
{
    for (size_t i = 0; i < e->config.feature_count; i++)
        if (slice_equal_nocase(e->config.features[i], token))
            return true;
    if (slice_starts(token, SLICE("fixture:")))
        return engine_has_variable(e, slice_from(token, 8));
    if (slice_starts(token, SLICE("port:")))
        return has_port(e, slice_from(token, 5));
    return slice_starts(token, SLICE("ehlo:")); /* the server's own word decides, when it comes */
}

static bool defined_later(const struct engine *e, struct slice name)
{
    if (slice_starts(name, SLICE("ehlo.")))
        return true;
    for (size_t i = 0; i < e->test->step_count; i++)
        if (e->test->steps[i].kind == SCRIPT_CAPTURE &&
            slice_equal(e->test->steps[i].as.capture.name, name))
            return true;
    return false;
}

void need_check(struct engine *e)
{
    for (size_t i = 0; i < e->test->require_count && !engine_over(e); i++)
        if (!engine_has_feature(e, e->test->requires[i].token))
            need_feature(e, e->test->requires[i].token);
    if (!engine_over(e) && message_needed(e->test) && !engine_has_feature(e, SLICE("oracle")))
        need_feature(e, SLICE("oracle"));
    for (size_t i = 0; i < e->test->step_count && !engine_over(e); i++) {
        const struct script_step *step = &e->test->steps[i];
        struct slice name;
        if (step->kind == SCRIPT_IF) /* what is played is not known yet */
            break;
        bool missing = step->kind == SCRIPT_SEND ? engine_text_missing(e, step->as.send.text, &name)
                       : step->kind == SCRIPT_AUTH ? exchange_missing(e, &step->as.auth, &name)
                       : step->kind == SCRIPT_TLS  ? secure_missing(e, &step->as.tls, &name)
                                                   : false;
        if (missing && !defined_later(e, name))
            need_value(e, name);
    }
}
