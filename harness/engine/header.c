#include "engine/header.h"

#include "engine/text.h"

static bool sees_to_header(const struct script_test *test)
{
    for (size_t i = 0; i < test->require_count; i++)
        if (slice_equal_nocase(test->requires[i].token, SLICE("proxy")))
            return true;
    return false;
}

bool engine_begins_with_header(const struct script_test *test, bool proxied)
{
    return (proxied && !sees_to_header(test)) || script_begins_with_proxy(test);
}

bool engine_reads_header(const struct engine *e)
{
    return e->config.role == ENGINE_SERVER && e->config.proxied &&
           script_begins_with_proxy(e->test);
}

void header_send(struct engine *e)
{
    static const struct script_part ends[] = {
        {.kind = SCRIPT_PART_LITERAL, .text = SLICE_INIT("1 ")},
        {.kind = SCRIPT_PART_VARIABLE,
         .text = SLICE_INIT("connection client"),
         .fallback = SLICE_INIT("unknown"),
         .has_fallback = true},
        {.kind = SCRIPT_PART_LITERAL, .text = SLICE_INIT(" ")},
        {.kind = SCRIPT_PART_VARIABLE,
         .text = SLICE_INIT("connection server"),
         .fallback = SLICE_INIT("unknown"),
         .has_fallback = true},
    };
    static const struct script_text inside = {ends, sizeof ends / sizeof *ends};
    static const struct script_part header = {
        .kind = SCRIPT_PART_FUNCTION, .function = SCRIPT_FUNCTION_PROXY, .of = &inside};
    struct text_window window = {.ptr = e->output, .room = e->config.max_output_octets};
    engine_text_put(e, (struct script_text){&header, 1}, &window);
    e->output_len = window.len;
    e->lanes[e->connection].owes_header = false;
    engine_wait_for(e, WAIT_SENT, e->config.timeout_ms);
}

bool header_needed(const struct engine *e, bool written, bool *ret_owed)
{
    *ret_owed = e->config.role == ENGINE_CLIENT && e->config.proxied && !written &&
                !sees_to_header(e->test);
    return *ret_owed || (written && (e->config.role == ENGINE_CLIENT || e->config.proxied));
}

bool header_tls_is_due(const struct engine *e)
{
    const struct script_step *step = engine_step(e);
    bool header = step->kind == SCRIPT_SEND && step->as.send.role == SCRIPT_SEND_PROXY;
    return e->lanes[e->connection].owes_tls && !header;
}

void header_begin_tls(struct engine *e)
{
    e->lanes[e->connection].owes_tls = false;
    e->tls_as = NULL;
    engine_wait_for(e, WAIT_TLS, e->config.timeout_ms);
}
