/*
 * Laws of transcript_import: total; what it writes loads; every line of it came from a line; a
 * session that needs no repair is imported as it stands, in whatever notation it was written.
 */
#include "custom.h"
#include "fuzz.h"
#include "laws/hidden.h"
#include "laws/notation.h"
#include "script/mask.h"
#include "script/transcript.h"

static size_t count_lines(struct slice text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    return lines + (text.len > 0 && text.ptr[text.len - 1] != '\n');
}

/* ---- sessions that need no repair ---- */

/* A line without blanks around it, of octets that mean nothing to a script or a log; and no two
 * blanks, which a remark may follow. */
static bool is_plain(struct slice line)
{
    static const struct slice others = SLICE_INIT(" <>@.-=,");
    for (size_t i = 0; i < line.len; i++) {
        uint8_t octet = line.ptr[i], small = octet | 32;
        if (i > 0 && octet == ' ' && line.ptr[i - 1] == ' ')
            return false;
        if (!(small >= 'a' && small <= 'z') && !(octet >= '0' && octet <= '9') &&
            slice_find(others, octet) == others.len)
            return false;
    }
    bool sign = line.len > 2 && line.ptr[line.len - 2] == 'L' && line.ptr[line.len - 1] == '>';
    sign = sign || (line.len > 3 && slice_equal(slice_from(line, line.len - 3), SLICE("LF>")));
    return line.len > 0 && line.len == slice_trim(line).len && !sign; /* "<CRLF>", "<EOL>" */
}

static bool is_reply(struct slice line)
{
    bool reply = line.len > 4 && line.ptr[0] >= '2' && line.ptr[0] <= '5' && line.ptr[0] != '3';
    for (size_t i = 1; i < 3 && reply; i++)
        reply = line.ptr[i] >= '0' && line.ptr[i] <= '9';
    return reply && (line.ptr[3] == ' ' || line.ptr[3] == '-');
}

static bool is_command(struct slice line)
{
    static const struct slice begins[] = {SLICE_INIT("EHLO "),      SLICE_INIT("HELO "),
                                          SLICE_INIT("MAIL FROM:"), SLICE_INIT("RCPT TO:"),
                                          SLICE_INIT("VRFY "),      SLICE_INIT("NOOP")};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (slice_starts(line, begins[i]))
            return true;
    return slice_equal(line, SLICE("RSET"));
}

static struct slice take_line(struct slice *rest)
{
    size_t end = slice_find(*rest, '\n');
    struct slice line = slice_sub(*rest, 0, end);
    *rest = slice_from(*rest, end < rest->len ? end + 1 : end);
    line.len -= line.len > 0 && line.ptr[line.len - 1] == '\r';
    return line;
}

/* A greeting of 220, then commands, each with its reply; the script of it, or false. */
static bool put_session(struct slice in, struct writer *out)
{
    struct slice code = SLICE("220");
    bool open = true, begun = false; /* a reply has to come; and it did */
    size_t commands = 0;
    while (in.len > 0) {
        struct slice line = take_line(&in);
        bool reply = is_reply(line), goes_on = begun && open;
        if (!is_plain(line) || reply != open || (!reply && !is_command(line)) ||
            (reply && (goes_on || commands == 0) && !slice_starts(line, code)))
            return false;
        commands += !reply;
        code = reply ? slice_sub(line, 0, 3) : code;
        begun = reply && line.ptr[3] == '-';
        open = !reply || begun;
        writer_put(out, reply ? SLICE("S: ") : SLICE("C: "));
        writer_put(out, line);
        writer_put(out, SLICE("\n"));
    }
    return commands > 0 && !open;
}

static void check_session(struct slice in, const struct transcript *t)
{
    struct writer script = fuzz_writer(4 * in.len + 4);
    if (put_session(in, &script)) {
        FUZZ_LAW(slice_equal(t->text, writer_slice(&script)),
                 "a session that needs no repair is imported as it stands");
        for (size_t i = 0; i < t->line_count; i++)
            FUZZ_LAW(t->origins[i].line == i + 1, "and each line comes from its own");
    }
    fuzz_free_writer(&script);
}

/* One that the hash of one input in four makes: one import more, of a dozen lines. */
static void check_notation(struct slice in)
{
    static uint8_t script_room[NOTATION_OCTETS], room[NOTATION_OCTETS];
    struct writer script = writer_of(script_room, sizeof script_room);
    struct writer out = writer_of(room, sizeof room);
    uint64_t seed = 1;
    for (size_t i = 0; i < in.len; i++)
        seed = (seed ^ in.ptr[i]) * 1099511628211u;
    hidden_check(seed * 0xd1342543de82ef95u);
    if (seed >> 62 != 0)
        return;
    notation_make(seed, &script);
    const char *name = notation_write(seed * 0x9e3779b97f4a7c15u, &script, &out);
    struct slice shown = fuzz_copy(writer_slice(&out));
    struct transcript *t = transcript_import(shown, SLICE("notation.txt"));
    if (!slice_equal(t->text, writer_slice(&script)))
        fprintf(stderr, "%s:\n%.*s", name, (int)shown.len, (const char *)shown.ptr);
    FUZZ_LAW(slice_equal(t->text, writer_slice(&script)),
             "a session is the same script in each notation");
    transcript_free(t);
    fuzz_free(shown);
}

/* A bar in a reply is the server's own. */
static void check_verdicts(const struct script *script)
{
    for (size_t i = 0; i < script->test_count; i++)
        FUZZ_LAW(!script->tests[i].has_decisive, "what a server said is no verdict");
}

FUZZ_MUTATOR(mutate_dialogue)

/* A line of the client's of which something is left out: what it was is told no more. */
static bool is_cut(struct slice line)
{
    return slice_starts(line, SLICE("C")) && slice_holds(line, SLICE("****"));
}

/* Without credentials it loads, too; and what is left out once is out. */
static void check_masked(struct slice text)
{
    struct script_arena *arena = script_arena_new();
    struct script_buffer first = {.arena = arena}, again = {.arena = arena};
    struct mask masked = mask_script(arena, text);
    bool open =
        false; /* which lines answer an AUTH that was left in, the next reading may see otherwise */
    for (size_t i = 0; i < masked.count; i++) {
        FUZZ_LAW(masked.lines[i].from < count_lines(text), "each line came from one");
        open = open || slice_starts_nocase(masked.lines[i].text, SLICE("C: AUTH")) ||
               is_cut(masked.lines[i].text);
        script_buffer_put(&first, masked.lines[i].text);
        script_buffer_put_octet(&first, '\n');
    }
    struct script_options options = {.name = SLICE("masked.smtp")};
    struct script *script = script_load(script_buffer_slice(&first), &options);
    FUZZ_LAW(script->error_count == 0, "a script loads without its credentials");
    script_free(script);
    masked = mask_script(arena, script_buffer_slice(&first));
    for (size_t i = 0; i < masked.count; i++) {
        script_buffer_put(&again, masked.lines[i].text);
        script_buffer_put_octet(&again, '\n');
    }
    FUZZ_LAW(open || slice_equal(script_buffer_slice(&first), script_buffer_slice(&again)),
             "no credential is left");
    script_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct transcript *t = transcript_import(in, SLICE("fuzz.txt"));
    size_t lines = count_lines(t->source);
    FUZZ_LAW(count_lines(t->text) == t->line_count, "each line of the script has an origin");
    for (size_t i = 0; i < t->line_count; i++)
        FUZZ_LAW(t->origins[i].line >= 1 && t->origins[i].line <= lines, "inside the transcript");
    for (size_t i = 0; i < t->note_count; i++)
        FUZZ_LAW(t->notes[i].line >= 1 && (t->notes[i].line == 1 || t->notes[i].line <= lines),
                 "a repair has a place in the transcript");
    check_session(in, t);
    check_notation(in);
    if (t->error_count == 0) {
        struct script_options options = {.name = SLICE("imported.smtp")};
        struct script *script = script_load(t->text, &options);
        for (size_t i = 0; i < script->diagnostic_count; i++)
            if (script->diagnostics[i].severity == SCRIPT_ERROR)
                fprintf(stderr, "%zu: %.*s\n", script->diagnostics[i].line,
                        (int)script->diagnostics[i].message.len,
                        (const char *)script->diagnostics[i].message.ptr);
        FUZZ_LAW(script->error_count == 0, "what an import writes loads");
        check_verdicts(script);
        script_free(script);
        check_masked(t->text);
    }
    transcript_free(t);
    fuzz_free(in);
    return 0;
}
