#include "engine/need.h"

#include "engine/judge.h"

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
    {SLICE_INIT("client-cert"), SLICE_INIT("--client-cert")},
    {SLICE_INIT("implicit-tls"), SLICE_INIT("--server smtps://")},
    {SLICE_INIT("lmtp"), SLICE_INIT("--server lmtp://")},
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
