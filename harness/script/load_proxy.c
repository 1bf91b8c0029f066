/*
 * %proxy: the header of the PROXY protocol, before all else that is sent on a connection.
 *
 *   proxy = "%proxy" [ name ] ( "v1" / "v2" ) [ "unknown" / "local" / *( "from=" end / "to=" end )
 * ] end   = address [ ":" port ]       ; "192.0.2.1:1234", "[2001:db8::1]:1234"
 */
#include "script/loader.h"
#include "smtp/proxy.h"

/* Whether nothing was sent or awaited on the connection; marks the step that opens it. */
static bool is_first(const struct loader *l)
{
    struct script_step *steps = l->steps.items;
    for (size_t i = l->steps.count; i-- > 0;) {
        enum script_step_kind kind = steps[i].kind;
        bool branch = kind == SCRIPT_IF || kind == SCRIPT_ELSE || kind == SCRIPT_END;
        if (steps[i].connection == l->connection && !branch) {
            steps[i].proxied = kind == SCRIPT_CONNECT;
            return kind == SCRIPT_CONNECT;
        }
    }
    return true;
}

static void put_part(struct script_array *parts, struct script_part part)
{
    *(struct script_part *)script_array_push(parts, sizeof part) = part;
}

static void put_literal(struct script_array *parts, struct slice text)
{
    put_part(parts, (struct script_part){.kind = SCRIPT_PART_LITERAL, .text = text});
}

/* What is written, or the connection's own. */
static void put_end(struct loader *l, struct script_array *parts, struct slice value,
                    struct slice own)
{
    if (value.ptr == NULL) {
        put_part(parts, (struct script_part){.kind = SCRIPT_PART_VARIABLE,
                                             .text = own,
                                             .fallback = SLICE("unknown"),
                                             .has_fallback = true});
        return;
    }
    struct script_text text = loader_text(l, value, 0);
    uint8_t octets[16];
    uint16_t port;
    bool literal = text.count == 1 && text.parts[0].kind == SCRIPT_PART_LITERAL;
    if (text.count == 0 ||
        (literal && smtp_proxy_endpoint(text.parts[0].text, octets, &port) == SMTP_PROXY_UNKNOWN))
        loader_error(l, value,
                     "no address: 192.0.2.1:1234, [2001:db8::1]:1234; the port may be "
                     "left out");
    for (size_t i = 0; i < text.count; i++)
        put_part(parts, text.parts[i]);
}

static void put_ends(struct loader *l, struct script_array *parts, struct slice args)
{
    static const struct slice names[] = {SLICE_INIT("from"), SLICE_INIT("to")};
    struct loader_attributes attributes = {.names = names, .count = 2};
    struct slice values[2] = {{NULL, 0}, {NULL, 0}}, value;
    for (size_t index; loader_attribute(l, &attributes, &args, &index, &value);)
        values[index] = value;
    put_end(l, parts, values[0], SLICE("connection client"));
    put_literal(parts, SLICE(" "));
    put_end(l, parts, values[1], SLICE("connection server"));
}

void loader_proxy(struct loader *l, struct slice at, struct slice args)
{
    static const struct slice versions[] = {SLICE_INIT("v1"), SLICE_INIT("v2")};
    static const struct slice words[] = {SLICE_INIT("unknown"), SLICE_INIT("local")};
    struct script_array inside = {.arena = l->arena};
    struct slice word = loader_word(&args), rest = args, next = loader_word(&rest);
    size_t version = loader_word_index(word, versions, 2), kind = loader_word_index(next, words, 2);
    if (version == 2) {
        loader_error(l, word.len > 0 ? word : at, "a version follows: %proxy v1, %proxy v2");
        return;
    }
    if (!is_first(l))
        loader_error(l, at, "%proxy stands before all else of its connection");
    put_literal(&inside, version == 0 ? SLICE("1 ") : SLICE("2 "));
    if (kind == 1 && version == 0)
        loader_error(l, next, "version 1 has no local; unknown says as much");
    if (kind < 2) {
        put_literal(&inside, words[kind]);
        loader_no_more(l, rest);
    } else {
        put_ends(l, &inside, args);
    }
    struct script_text *of = script_arena_alloc(l->arena, sizeof *of);
    *of = (struct script_text){.parts = inside.items, .count = inside.count};
    struct script_part *part = script_arena_alloc(l->arena, sizeof *part);
    *part = (struct script_part){
        .kind = SCRIPT_PART_FUNCTION, .function = SCRIPT_FUNCTION_PROXY, .of = of};
    loader_step(l, SCRIPT_SEND, at.ptr)->as.send = (struct script_send){
        .text = {.parts = part, .count = 1}, .role = SCRIPT_SEND_PROXY, .alone = true};
}

bool script_begins_with_proxy(const struct script_test *test)
{
    for (size_t i = 0; i < test->step_count; i++) {
        const struct script_step *step = &test->steps[i];
        bool branch =
            step->kind == SCRIPT_IF || step->kind == SCRIPT_ELSE || step->kind == SCRIPT_END;
        if (step->connection == 0 && !branch)
            return step->kind == SCRIPT_SEND && step->as.send.role == SCRIPT_SEND_PROXY;
    }
    return false;
}
