#include "campaign/dialogue.h"

#include "base/octet.h"
#include "smtp/quirk.h"

#define LONGEST_VERB 10 /* octets, and one that no verb has */

/* Octets through the first CRLF; all of them where there is none. */
static size_t line_octets(struct slice in, bool *ret_whole)
{
    for (size_t at = 0; at + 1 < in.len; at++) {
        if (in.ptr[at] == '\r' && in.ptr[at + 1] == '\n') {
            *ret_whole = true;
            return at + 2;
        }
    }
    *ret_whole = false;
    return in.len;
}

/* Whether it has the octets of commands alone before its CRLF. */
static bool is_plain(struct slice line)
{
    for (size_t i = 0; i < line.len - 2; i++)
        if (!octet_is(line.ptr[i], OCTET_GRAPHIC) && line.ptr[i] != ' ')
            return false;
    return true;
}

/* Whether it ends with its first CR or LF, and begins as commands do. */
static bool is_one_line(struct slice line)
{
    return line.len >= 3 && octet_is(line.ptr[0], OCTET_ALPHA) &&
           slice_find(line, '\r') == line.len - 2 && slice_find(line, '\n') == line.len - 1;
}

/* RFC 5321 2.3.8: CR without LF ends no line. */
static bool has_bare_cr(struct slice line)
{
    size_t crs = 0;
    for (size_t i = 0; i + 2 < line.len; i++) {
        bool cr = line.ptr[i] == '\r';
        if (!cr && !octet_is(line.ptr[i], OCTET_GRAPHIC) && line.ptr[i] != ' ')
            return false;
        crs += cr;
    }
    return crs > 0 && line.len <= SMTP_COMMAND_LINE_MAX_OCTETS &&
           octet_is(line.ptr[0], OCTET_ALPHA);
}

/* RFC 3030 2: the octets behind BDAT are the chunk, whatever the answer. */
static void take_chunk(struct dialogue *dialogue, struct dialogue_unit *unit)
{
    size_t line = unit->octets.len, left = dialogue->rest.len - line;
    if (!unit->readable || unit->command.quirks != 0)
        unit->certain = false; /* how many octets follow is anybody's guess */
    else if (unit->command.chunk_octets > left)
        unit->whole = unit->certain = false;
    else
        unit->octets.len += (size_t)unit->command.chunk_octets;
    if (!unit->whole)
        unit->octets = dialogue->rest;
}

/* RFC 3207 4.2: what goes along with STARTTLS is no part of what comes under TLS. The octet that
 * stands for the handshake is not said. */
static void take_along(struct dialogue *dialogue, struct dialogue_unit *unit)
{
    struct slice behind = slice_from(dialogue->rest, unit->octets.len);
    size_t octets = slice_find(behind, DIALOGUE_HANDSHAKE);
    if (octets == behind.len)
        return;
    unit->injects = octets > 0;
    unit->octets.len += octets;
    dialogue->skip = 1;
}

static void take_command(struct dialogue *dialogue, struct dialogue_unit *unit)
{
    size_t octets = line_octets(dialogue->rest, &unit->whole);
    unit->octets = slice_sub(dialogue->rest, 0, octets);
    struct slice verb = SLICE("BDAT");
    bool one_line = unit->whole && is_one_line(unit->octets);
    unit->certain = one_line && is_plain(unit->octets) && octets <= SMTP_COMMAND_LINE_MAX_OCTETS;
    unit->bare_cr = unit->whole && has_bare_cr(unit->octets);
    unit->single = one_line && !unit->certain && !slice_starts_nocase(unit->octets, verb);
    if (!unit->certain)
        return;
    unit->readable =
        smtp_command_parse(unit->octets, SMTP_COMMAND_LINE_MAX_OCTETS, &unit->command).status ==
        PARSE_OK;
    if (slice_starts_nocase(unit->octets, verb))
        take_chunk(dialogue, unit);
    else if (unit->readable && unit->command.verb == SMTP_VERB_STARTTLS)
        take_along(dialogue, unit);
}

/* RFC 5321 4.1.1.4: the CRLF before the dot may be the one that ended the line DATA. */
static void take_message(struct dialogue *dialogue, struct dialogue_unit *unit)
{
    struct slice in = dialogue->rest, end = SLICE(".\r\n");
    unit->octets = in;
    unit->text_octets = in.len;
    unit->certain = true;
    for (size_t at = 0; at + end.len <= in.len; at++) {
        bool begins_line = at == 0 || (at >= 2 && in.ptr[at - 2] == '\r' && in.ptr[at - 1] == '\n');
        if (!begins_line || !slice_starts(slice_from(in, at), end))
            continue;
        unit->octets = slice_sub(in, 0, at + end.len);
        unit->text_octets = at;
        unit->whole = true;
        return;
    }
}

bool dialogue_next(struct dialogue *dialogue, struct dialogue_unit *ret_unit)
{
    struct dialogue_unit unit = {.kind = dialogue->greeted ? dialogue->next : DIALOGUE_GREETING};
    if (!dialogue->greeted) {
        dialogue->greeted = unit.whole = unit.certain = true;
        dialogue->next = DIALOGUE_COMMAND;
        *ret_unit = unit;
        return true;
    }
    if (dialogue->rest.len == 0)
        return false;
    if (unit.kind == DIALOGUE_MESSAGE)
        take_message(dialogue, &unit);
    else if (unit.kind == DIALOGUE_COMMAND)
        take_command(dialogue, &unit);
    else {
        size_t octets = line_octets(dialogue->rest, &unit.whole);
        unit.octets = slice_sub(dialogue->rest, 0, octets);
        bool short_enough = octets <= SMTP_COMMAND_LINE_MAX_OCTETS;
        unit.certain =
            unit.whole && (octets == 2 || slice_equal(unit.octets, SLICE("*\r\n")) ||
                           (short_enough && is_one_line(unit.octets) && is_plain(unit.octets)));
    }
    dialogue->rest = slice_from(dialogue->rest, unit.octets.len + dialogue->skip);
    dialogue->skip = 0;
    *ret_unit = unit;
    return true;
}

/* EHLO may tell that there is no pipelining, and TLS leaves nothing of what was sent before it. The
 * answers to AUTH go with it: no server may lose what comes early (RFC 2920 3.2). */
bool dialogue_waits(struct slice line)
{
    static const struct slice verbs[] = {SLICE_INIT("EHLO"), SLICE_INIT("HELO"),
                                         SLICE_INIT("LHLO"), SLICE_INIT("DATA"),
                                         SLICE_INIT("QUIT"), SLICE_INIT("STARTTLS")};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (slice_starts_nocase(line, verbs[i]))
            return true;
    return false;
}

size_t dialogue_group(struct slice rest)
{
    bool whole = true, waits = false;
    size_t octets = 0;
    while (octets < rest.len && !waits) {
        struct slice from = slice_from(rest, octets);
        waits = dialogue_waits(from);
        octets += line_octets(from, &whole);
    }
    return octets;
}

void dialogue_reply(struct dialogue *dialogue, const struct dialogue_unit *unit, unsigned code)
{
    bool data = unit->kind == DIALOGUE_COMMAND && unit->command.verb == SMTP_VERB_DATA;
    dialogue->next = code == 354 && data ? DIALOGUE_MESSAGE
                     : code == 334       ? DIALOGUE_ANSWER
                                         : DIALOGUE_COMMAND;
}

/* ---- what can be told of octets before they are said ---- */

bool dialogue_has(struct slice octets, struct slice verb)
{
    for (size_t end; octets.len > 0;
         octets = slice_from(octets, end < octets.len ? end + 1 : end)) {
        if (slice_starts_nocase(octets, verb))
            return true;
        end = slice_find(octets, '\n');
    }
    return false;
}

bool dialogue_secures(struct slice octets)
{
    return slice_holds_nocase(octets, SLICE("STARTTLS"));
}

bool dialogue_ends(struct slice octets)
{
    bool whole =
        octets.len >= 2 && octets.ptr[octets.len - 2] == '\r' && octets.ptr[octets.len - 1] == '\n';
    return !whole || dialogue_secures(octets) || dialogue_has(octets, SLICE("QUIT"));
}

struct slice dialogue_without_quit(struct slice octets)
{
    struct slice quit = SLICE("QUIT\r\n"), rest = octets;
    while (rest.len >= quit.len && slice_equal_nocase(slice_from(rest, rest.len - quit.len), quit))
        rest = slice_sub(rest, 0, rest.len - quit.len);
    return rest;
}

bool dialogue_is_text(struct slice octets)
{
    while (octets.len > 0) {
        size_t end = slice_find(octets, '\n');
        if (end == octets.len || end == 0 || octets.ptr[end - 1] != '\r')
            return false;
        for (size_t i = 0; i + 1 < end; i++)
            if (octets.ptr[i] < ' ' || octets.ptr[i] > '~')
                return false;
        octets = slice_from(octets, end + 1);
    }
    return true;
}

bool dialogue_is_plain(struct slice octets)
{
    bool plain = dialogue_is_text(octets);
    for (size_t end; octets.len > 0 && plain; octets = slice_from(octets, end + 1)) {
        end = slice_find(octets, '\n');
        plain = end <= SMTP_COMMAND_LINE_MAX_OCTETS - 2;
    }
    return plain;
}

void dialogue_put_plain(struct slice octets, struct writer *out)
{
    while (octets.len > 0 && !out->overflow) {
        size_t end = slice_find(octets, '\n'), before = out->len;
        for (size_t i = 0; i < end; i++)
            if (octets.ptr[i] >= ' ' && octets.ptr[i] <= '~')
                writer_put_octet(out, octets.ptr[i]);
        if (out->len > before)
            writer_put(out, SLICE("\r\n"));
        octets = slice_from(octets, end < octets.len ? end + 1 : end);
    }
}

uint32_t dialogue_verbs(struct slice octets)
{
    uint32_t verbs = 0;
    while (octets.len > 0) {
        size_t end = slice_find(octets, '\n'), len = 0;
        while (len < end && len < LONGEST_VERB && octets.ptr[len] > ' ')
            len++;
        verbs |= 1u << smtp_verb_of(slice_sub(octets, 0, len));
        octets = slice_from(octets, end < octets.len ? end + 1 : end);
    }
    return verbs & ~(1u << SMTP_VERB_UNKNOWN);
}
