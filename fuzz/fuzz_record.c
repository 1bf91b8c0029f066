/*
 * Laws of record. The input is what both sides say: lines that begin with "<" are the server's
 * octets, all others the client's; the knob cuts them. What was recorded loads; the cuts change
 * nothing.
 */
#include "custom.h"
#include "fuzz.h"
#include "script/record.h"
#include "script/script.h"

static void say(struct record *r, struct slice octets, bool server, size_t piece)
{
    while (octets.len > 0) {
        size_t take = octets.len < piece ? octets.len : piece;
        struct slice copy = fuzz_copy(slice_sub(octets, 0, take));
        bool tls = false;
        if (server) {
            take = record_server(r, copy, &tls);
            FUZZ_LAW(take > 0 && take <= copy.len, "octets are read");
            if (tls)
                record_tls(r, true);
        } else {
            record_client(r, copy);
        }
        fuzz_free(copy);
        octets = slice_from(octets, take);
    }
}

static struct slice record(struct script_arena *arena, struct slice in, size_t piece)
{
    struct record r;
    record_begin(&r, arena);
    bool closes = in.len % 2 == 1;
    while (in.len > 0) {
        size_t end = slice_find(in, '\n');
        end += end < in.len;
        struct slice line = slice_sub(in, 0, end);
        bool server = line.ptr[0] == '<';
        say(&r, slice_from(line, server), server, piece);
        in = slice_from(in, end);
    }
    if (closes)
        record_closed(&r);
    return record_end(&r);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    struct script_arena *arena = script_arena_new();
    struct slice text = record(arena, in, SIZE_MAX);
    FUZZ_LAW(slice_equal(text, record(arena, in, 1 + fuzz_knob(in, 0, 9))), "cuts change nothing");
    if (text.len > 0) {
        struct script_options options = {.name = SLICE("recorded.smtp")};
        struct script *script = script_load(text, &options);
        FUZZ_LAW(script->error_count == 0, "what was recorded loads");
        script_free(script);
    }
    script_arena_free(arena);
    return 0;
}
