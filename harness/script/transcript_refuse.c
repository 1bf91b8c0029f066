#include "script/transcript_refuse.h"

/* Octets that a program shows in its own way, or packets. */
static const char *wrong_form(struct slice source)
{
    static const struct {
        struct slice in, end; /* of two lines or more */
        const char *message;
    } signs[] = {
        {SLICE_INIT("Data from "), SLICE_INIT("::Receive"),
         "a trace of .NET's sockets, in hexadecimal: no dialogue is read from it"},
        {SLICE_INIT("IP "), SLICE_INIT(": Flags ["),
         "packets of tcpdump: no dialogue is read from them; Wireshark's \"Follow TCP Stream\" "
         "shows it"},
    };
    size_t found[sizeof signs / sizeof *signs] = {0};
    for (; source.len > 0;) {
        size_t lf = slice_find(source, '\n');
        struct slice line = slice_sub(source, 0, lf);
        for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
            found[i] += slice_holds(line, signs[i].in) && slice_holds(line, signs[i].end);
        source = slice_from(source, lf < source.len ? lf + 1 : lf);
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (found[i] > 1)
            return signs[i].message;
    return NULL;
}

/* RFC 5321 4.3.2: a server says 220, 221 (and 4yz, 5yz) without a command; 250, 334, 354 answer. */
static bool answers(struct slice reply)
{
    return (reply.ptr[0] == '2' && !slice_starts(reply, SLICE("220")) &&
            !slice_starts(reply, SLICE("221"))) ||
           reply.ptr[0] == '3';
}

/* Why it is none; or NULL. */
static const char *no_dialogue(const struct transcript_lines *lines)
{
    size_t replies = 0, commands = 0, answered = 0;
    for (size_t i = 0; i < lines->count; i++) {
        bool reply = lines->items[i].class == TRANSCRIPT_REPLY;
        replies += reply;
        answered += reply && answers(lines->items[i].body);
        commands += lines->items[i].class == TRANSCRIPT_COMMAND ||
                    lines->items[i].speaker == TRANSCRIPT_CLIENT;
    }
    if (replies == 0 && commands < 2)
        return "no SMTP dialogue found: neither replies nor commands";
    return commands == 0 && answered > 0
               ? "no SMTP dialogue found: replies, but not what they answer"
               : NULL;
}

const char *transcript_refuse(struct slice source, const struct transcript_lines *lines)
{
    const char *message = wrong_form(source);
    return message != NULL ? message : no_dialogue(lines);
}
