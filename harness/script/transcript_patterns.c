#include "script/transcript_patterns.h"

#include "base/octet.h"
#include "script/transcript_text.h"

enum kind {
    OTHER,   /* no line of such a dialogue */
    NOTHING, /* blank, or a comment */
    CLIENT,
    SERVER,
    WORD, /* of the suite's own language */
};

static enum kind kind_of(struct slice line)
{
    line = slice_trim(line);
    static const struct slice words[] = {
        SLICE_INIT("SUB {"), SLICE_INIT("}"),     SLICE_INIT("REINIT"), SLICE_INIT("SESSION:"),
        SLICE_INIT("LOG "),  SLICE_INIT("WAIT "), SLICE_INIT("AWAIT "), SLICE_INIT("TIMER ")};
    if (line.len == 0 || line.ptr[0] == '#')
        return NOTHING;
    if (slice_starts(line, SLICE("C:")) || slice_starts(line, SLICE("S:")))
        return line.ptr[0] == 'C' ? CLIENT : SERVER;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_starts(line, words[i]))
            return WORD;
    return OTHER;
}

/* What a server's line says. */
static struct slice said(struct slice line)
{
    return slice_trim(slice_from(slice_trim(line), 2));
}

static bool has_code(struct slice text)
{
    return text.len >= 3 && text.ptr[0] >= '2' && text.ptr[0] <= '5' &&
           octet_is(text.ptr[1], OCTET_DIGIT) && octet_is(text.ptr[2], OCTET_DIGIT);
}

/* A code, and behind it neither what a reply has there nor what a scenario may write. */
static bool is_pattern(struct slice text)
{
    static const struct slice openings[] = {SLICE_INIT(".*"), SLICE_INIT(".+"),  SLICE_INIT("[ "),
                                            SLICE_INIT("[-"), SLICE_INIT("\\s"), SLICE_INIT("(")};
    if (!has_code(text))
        return false;
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++)
        if (slice_starts(slice_from(text, 3), openings[i]))
            return true;
    return false;
}

bool transcript_patterns_detect(struct slice source)
{
    size_t clients = 0, servers = 0, signs = 0;
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source);
        enum kind kind = kind_of(line);
        if (kind == OTHER)
            return false;
        clients += kind == CLIENT;
        servers += kind == SERVER;
        signs += kind == WORD || (kind == SERVER && is_pattern(said(line)));
    }
    return clients > 0 && servers > 0 && signs > 0;
}

/* Whether the reply goes on: the next line that is the server's has the same code, and answers
 * nothing else, since one command at most awaits a reply or since it goes on itself. */
static bool goes_on(struct slice text, struct slice rest, size_t commands)
{
    while (rest.len > 0) {
        struct slice line = transcript_next_line(&rest);
        enum kind kind = kind_of(line);
        if (kind == CLIENT)
            return false;
        if (kind != SERVER)
            continue;
        struct slice next = said(line);
        bool same = has_code(next) && slice_equal(slice_sub(next, 0, 3), slice_sub(text, 0, 3));
        return same && (commands < 2 || (next.len > 3 && next.ptr[3] == '-'));
    }
    return false;
}

/* "2\.1\.0 Sender .*" is read as "2.1.0 Sender .*". */
static void put_text(struct script_buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.ptr[i] == '\\' && i + 1 < text.len &&
                      !octet_is(text.ptr[i + 1], OCTET_ALPHA | OCTET_DIGIT);
        i += escape;
        script_buffer_put_octet(out, text.ptr[i]);
    }
}

static void put_server(struct script_buffer *out, struct slice text, struct slice rest,
                       size_t commands)
{
    script_buffer_put(out, SLICE("S: "));
    if (is_pattern(text)) {
        script_buffer_put(out, slice_sub(text, 0, 3));
        script_buffer_put_octet(out, goes_on(text, rest, commands) ? '-' : ' ');
        text = slice_from(text, 3);
    }
    put_text(out, text);
}

struct slice transcript_patterns_read(struct script_arena *arena, struct slice source)
{
    struct script_buffer out = {.arena = arena};
    size_t commands = 0; /* before the replies that are read */
    bool replies = false;
    for (struct slice rest = source; rest.len > 0;) {
        struct slice line = transcript_next_line(&rest);
        enum kind kind = kind_of(line);
        if (kind == CLIENT)
            commands = replies ? 1 : commands + 1;
        replies = kind == CLIENT ? false : replies || kind == SERVER;
        if (kind == SERVER)
            put_server(&out, said(line), rest, commands);
        else
            script_buffer_put(&out, line);
        script_buffer_put_octet(&out, '\n');
    }
    return script_buffer_slice(&out);
}
