/*
 * Laws of record. The input is what both sides say: lines that begin with "<" are the server's
 * octets, all others the client's; the knob cuts them. What was recorded loads, and says octet by
 * octet what the client said, and line by line what the server replied; the cuts change nothing.
 */
#include "custom.h"
#include "fuzz.h"
#include "script/mask.h"
#include "script/record.h"
#include "script/script.h"

#define MOST_OCTETS 16384 /* of an input: no line reaches the limit of those that are recorded */

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

/* ---- a second reading ---- */

/* All that one side said, in one piece. */
static struct slice side_of(struct slice in, bool server)
{
    struct writer out = fuzz_writer(in.len + 1);
    while (in.len > 0) {
        size_t end = slice_find(in, '\n');
        end += end < in.len;
        bool marked = in.ptr[0] == '<';
        if (marked == server)
            writer_put(&out, slice_sub(in, marked, end));
        in = slice_from(in, end);
    }
    struct slice said = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    return said;
}

/* Octets of a text, whose variables are no more than their defaults. */
static void put(struct writer *out, struct script_text text)
{
    for (size_t i = 0; i < text.count; i++)
        writer_put(out, text.parts[i].kind == SCRIPT_PART_LITERAL ? text.parts[i].text
                                                                  : text.parts[i].fallback);
}

/* The next line that is a reply's, its CR off. */
static bool take_reply_line(struct slice *rest, struct slice *ret_line)
{
    for (size_t end; (end = slice_find(*rest, '\n')) < rest->len;) {
        struct slice line = slice_sub(*rest, 0, end);
        *rest = slice_from(*rest, end + 1);
        line.len -= line.len > 0 && line.ptr[line.len - 1] == '\r';
        bool reply = line.len >= 3 && line.ptr[0] >= '2' && line.ptr[0] <= '5';
        for (size_t i = 1; i < 3 && reply; i++)
            reply = line.ptr[i] >= '0' && line.ptr[i] <= '9';
        *ret_line = line;
        if (reply && (line.len == 3 || line.ptr[3] == ' ' || line.ptr[3] == '-'))
            return true;
    }
    return false;
}

/* The server's lines that are replies, each with an LF; no control octet stands in them, and "-"
 * where the next one is of the same reply, whatever stands between them. Returns how many replies
 * end. */
static size_t put_replies(struct writer *out, struct slice said)
{
    size_t ended = 0;
    struct slice line, next;
    for (bool more = take_reply_line(&said, &line); more; line = next) {
        bool goes_on = line.len > 3 && line.ptr[3] == '-';
        more = take_reply_line(&said, &next);
        ended += !goes_on;
        for (size_t i = 0; i < line.len; i++)
            if (i != 3)
                writer_put_octet(out, line.ptr[i] == 127 || (line.ptr[i] < 32 && line.ptr[i] != 9)
                                          ? '?'
                                          : line.ptr[i]);
        goes_on = goes_on && more && memcmp(line.ptr, next.ptr, 3) == 0;
        writer_put(out, goes_on ? SLICE("-\n") : SLICE("\n"));
    }
    return ended;
}

/* The same of the script. */
static void put_expected(struct writer *out, const struct script_expectation *expect)
{
    for (size_t i = 0; i < expect->line_count; i++) {
        for (size_t k = 0; k < 3; k++)
            writer_put_octet(out, (uint8_t)('0' + expect->pass.items[0].digit[k]));
        put(out, expect->lines[i].text);
        writer_put(out, i + 1 < expect->line_count ? SLICE("-\n") : SLICE("\n"));
    }
}

/* The server's lines that are no replies, and of the one that broke off as it closed. */
static size_t count_others(struct slice said, bool closes)
{
    size_t lines = 0, replies = 0;
    struct slice line, rest = said;
    for (size_t i = 0; i < said.len; i++)
        lines += said.ptr[i] == '\n';
    while (take_reply_line(&rest, &line))
        replies++;
    return lines - replies + (closes && said.len > 0 && said.ptr[said.len - 1] != '\n');
}

static size_t count_remarks(struct slice text)
{
    static const struct slice remark = SLICE_INIT("# the server said, and it is no reply: ");
    size_t remarks = 0;
    for (size_t end; text.len > 0; text = slice_from(text, end < text.len ? end + 1 : end)) {
        end = slice_find(text, '\n');
        remarks += slice_starts(text, remark);
    }
    return remarks;
}

static bool is_starttls(struct script_text text)
{
    return text.count == 1 &&
           slice_equal_nocase(
               slice_trim(slice_sub(text.parts[0].text, 0, slice_find(text.parts[0].text, '\r'))),
               SLICE("STARTTLS"));
}

static void check_script(const struct script *script, struct slice text, struct slice in)
{
    struct slice client = side_of(in, false), server = side_of(in, true);
    struct writer sent = fuzz_writer(client.len + 1), expected = fuzz_writer(3 * server.len + 1),
                  replied = fuzz_writer(3 * server.len + 1);
    bool asked = false, agreed = true, alright = true; /* TLS */
    size_t replies = 0;
    for (size_t i = 0; i < script->test_count; i++)
        for (size_t k = 0; k < script->tests[i].step_count; k++) {
            const struct script_step *step = &script->tests[i].steps[k];
            bool reply = step->kind == SCRIPT_EXPECT && step->as.expect.line_count > 0;
            replies += reply;
            alright = alright && (step->kind != SCRIPT_TLS || agreed);
            if (reply)
                agreed = asked && step->as.expect.pass.items[0].digit[0] == 2;
            asked = step->kind == SCRIPT_SEND ? is_starttls(step->as.send.text) : asked && !reply;
            if (step->kind == SCRIPT_SEND)
                put(&sent, step->as.send.text);
            if (reply)
                put_expected(&expected, &step->as.expect);
        }
    bool whole = put_replies(&replied, server) == replies; /* none that broke off */
    FUZZ_LAW(alright || !whole, "TLS begins where STARTTLS is agreed to");
    FUZZ_LAW(slice_equal(writer_slice(&sent), client), "the script says what the client said");
    FUZZ_LAW(!expected.overflow && slice_equal(writer_slice(&expected), writer_slice(&replied)),
             "the script expects what the server replied");
    FUZZ_LAW(count_remarks(text) == count_others(server, in.len % 2 == 1),
             "what is no reply is remarked on, once");
    fuzz_free_writer(&replied);
    fuzz_free_writer(&expected);
    fuzz_free_writer(&sent);
    fuzz_free(server);
    fuzz_free(client);
}

/* Without credentials it loads, too. */
static void check_masked(struct script_arena *arena, struct slice text)
{
    struct script_buffer rest = {.arena = arena};
    struct mask masked = mask_script(arena, text);
    for (size_t i = 0; i < masked.count; i++) {
        script_buffer_put(&rest, masked.lines[i].text);
        script_buffer_put_octet(&rest, '\n');
    }
    struct script_options options = {.name = SLICE("masked.smtp")};
    struct script *script = script_load(script_buffer_slice(&rest), &options);
    FUZZ_LAW(script->error_count == 0, "a script loads without its credentials");
    script_free(script);
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MOST_OCTETS)
        return 0;
    struct slice in = slice_of(data, size);
    struct script_arena *arena = script_arena_new();
    struct slice text = record(arena, in, SIZE_MAX);
    FUZZ_LAW(slice_equal(text, record(arena, in, 1 + fuzz_knob(in, 0, 9))), "cuts change nothing");
    if (text.len > 0) {
        struct script_options options = {.name = SLICE("recorded.smtp")};
        struct script *script = script_load(text, &options);
        FUZZ_LAW(script->error_count == 0, "what was recorded loads");
        check_script(script, text, in);
        script_free(script);
        check_masked(arena, text);
    }
    script_arena_free(arena);
    return 0;
}
