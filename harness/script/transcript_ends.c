#include "script/transcript_ends.h"

#include "script/transcript_text.h"

/* Longer ones first. The first is what commands that stand in one line have between them. */
static const struct slice ends[] = {
    SLICE_INIT("\\r\\n"),
    SLICE_INIT("\\r"),
    SLICE_INIT("\\n"),
    SLICE_INIT("<CR><LF>"),
    SLICE_INIT("<CRLF>"),
    SLICE_INIT("[CR][LF]"),
    SLICE_INIT("[CRLF]"),
    SLICE_INIT("<EOL>"),
    SLICE_INIT("^M$"),
    SLICE_INIT("^M"),
    SLICE_INIT("$"),                        /* cat -A and cat -v; vi's "set list" */
    SLICE_INIT("\xE2\x90\x8D\xE2\x90\x8A"), /* U+240D U+240A, pictures of them */
};

static bool has(struct slice text, struct slice end)
{
    return text.len >= end.len && slice_equal(slice_from(text, text.len - end.len), end);
}

/* A reply, or a command of a client's line, whatever it ends with. */
static bool counts(const struct transcript_line *line)
{
    struct slice text = line->body;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (has(text, ends[i])) {
            text.len -= ends[i].len;
            break;
        }
    return transcript_class_of(text) ==
           (line->speaker == TRANSCRIPT_CLIENT ? TRANSCRIPT_COMMAND : TRANSCRIPT_REPLY);
}

/* What all replies or all commands end with; empty where that differs. Of one line it has to be
 * what no program says by itself. */
static struct slice end_of(const struct transcript_lines *lines, enum transcript_speaker speaker)
{
    size_t all = 0, with[sizeof ends / sizeof *ends] = {0};
    for (size_t i = 0; i < lines->count; i++) {
        const struct transcript_line *line = &lines->items[i];
        if (line->speaker != speaker || !counts(line))
            continue;
        all++;
        for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
            with[e] += has(line->body, ends[e]);
    }
    for (size_t e = 0; all > 0 && e < sizeof ends / sizeof *ends; e++)
        if (with[e] == all && (all > 1 || transcript_text_shows_end(ends[e])))
            return ends[e];
    return SLICE("");
}

static void take_off(struct transcript_line *line, struct slice end)
{
    if (has(line->text, end))
        line->text.len -= end.len;
    if (has(line->body, end))
        line->body.len -= end.len;
    enum transcript_class class = transcript_class_of(line->body);
    bool message = line->speaker == TRANSCRIPT_CLIENT && class == TRANSCRIPT_REPLY;
    line->class = message ? TRANSCRIPT_OTHER : class;
}

/* Octets of the text before " smtp.c:123" or " Smtp.jsm:391:17", the place in the program that said
 * it, or all. */
static size_t before_place(struct slice text)
{
    size_t word = text.len, numbers = 0;
    while (word > 0 && text.ptr[word - 1] != ' ')
        word--;
    struct slice rest = slice_from(text, word);
    size_t name = slice_find(rest, ':');
    bool file = slice_find(slice_sub(rest, 0, name), '.') < name;
    for (size_t i = name; i < rest.len; i++) {
        bool digit = rest.ptr[i] >= '0' && rest.ptr[i] <= '9';
        if (!digit && (rest.ptr[i] != ':' || i + 1 == rest.len || rest.ptr[i + 1] == ':'))
            return text.len;
        numbers += !digit;
    }
    return word > 0 && file && numbers > 0 ? word - 1 : text.len;
}

/* Consoles of browsers and loggers put it behind each line. */
static void take_places_off(struct transcript_lines *lines)
{
    size_t commands = 0, places = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < lines->count; i++) {
            struct transcript_line *line = &lines->items[i];
            size_t octets = before_place(line->body);
            if (pass == 0 && line->class == TRANSCRIPT_COMMAND) {
                commands++;
                places += octets < line->body.len;
            } else if (pass == 1 && octets < line->body.len) {
                take_off(line, slice_from(line->body, octets));
            }
        }
        if (places < 2 || places < commands)
            return;
    }
}

static size_t find_crlf(struct slice text)
{
    for (size_t at = 0; at < text.len; at++) {
        at += slice_find(slice_from(text, at), '\\');
        if (slice_starts(slice_from(text, at), ends[0]))
            return at;
    }
    return text.len;
}

/* Whether the line is commands, two or more. */
static bool is_commands(const struct transcript_line *line)
{
    size_t commands = 0;
    if (line->speaker != TRANSCRIPT_CLIENT || line->partial ||
        find_crlf(line->body) == line->body.len)
        return false;
    for (struct slice rest = line->body; rest.len > 0; commands++) {
        size_t end = find_crlf(rest);
        if (transcript_class_of(slice_sub(rest, 0, end)) != TRANSCRIPT_COMMAND)
            return false;
        rest = slice_from(rest, end < rest.len ? end + ends[0].len : end);
    }
    return commands > 1;
}

static void push_commands(struct script_array *items, const struct transcript_line *line)
{
    bool first = true;
    for (struct slice rest = line->body; rest.len > 0; first = false) {
        size_t end = find_crlf(rest);
        struct transcript_line *part = script_array_push(items, sizeof *part);
        *part = *line;
        part->text = part->body = slice_sub(rest, 0, end);
        part->indent += (size_t)(rest.ptr - line->body.ptr);
        part->class = TRANSCRIPT_COMMAND;
        part->taken_apart = first;
        part->begins = line->begins && first;
        part->blanks = first ? line->blanks : 0;
        rest = slice_from(rest, end < rest.len ? end + ends[0].len : end);
    }
}

/* What a message holds stays as it is. */
static void take_apart(struct script_arena *arena, struct transcript_lines *lines)
{
    struct script_array items = {.arena = arena};
    bool in_message = false;
    for (size_t i = 0; i < lines->count; i++) {
        const struct transcript_line *line = &lines->items[i];
        if (line->speaker == TRANSCRIPT_SERVER)
            in_message = slice_starts(line->body, SLICE("354"));
        else if (slice_equal(line->body, SLICE(".")))
            in_message = false;
        if (!in_message && is_commands(line))
            push_commands(&items, line);
        else
            *(struct transcript_line *)script_array_push(&items, sizeof *line) = *line;
    }
    lines->items = items.items;
    lines->count = items.count;
}

void transcript_ends(struct script_arena *arena, struct transcript_lines *lines)
{
    static const enum transcript_speaker speakers[] = {TRANSCRIPT_ANYBODY, TRANSCRIPT_CLIENT,
                                                       TRANSCRIPT_SERVER};
    for (size_t s = 0; s < sizeof speakers / sizeof *speakers; s++) {
        struct slice end = end_of(lines, speakers[s]);
        for (size_t i = 0; i < lines->count && end.len > 0; i++)
            if (lines->items[i].speaker == speakers[s] && has(lines->items[i].body, end))
                take_off(&lines->items[i], end);
    }
    take_places_off(lines);
    take_apart(arena, lines);
    transcript_look_ahead(lines);
}
