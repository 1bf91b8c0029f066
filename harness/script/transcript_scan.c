#include "script/transcript_scan.h"

#include "base/octet.h"
#include "script/transcript_clean.h"
#include "script/transcript_text.h"
#include "smtp/command.h"

/* ---- kinds of lines ---- */

bool transcript_is_reply(struct slice body)
{
    if (body.len < 3 || body.ptr[0] < '2' || body.ptr[0] > '5' ||
        !octet_is(body.ptr[1], OCTET_DIGIT) || !octet_is(body.ptr[2], OCTET_DIGIT))
        return false;
    return body.len == 3 || body.ptr[3] == ' ' || body.ptr[3] == '-' || body.ptr[3] == '\t';
}

static bool is_command(struct slice body)
{
    static const struct slice others[] = {
        SLICE_INIT("ETRN"), SLICE_INIT("TURN"),    SLICE_INIT("ATRN"),    SLICE_INIT("SEND"),
        SLICE_INIT("SOML"), SLICE_INIT("SAML"),    SLICE_INIT("XCLIENT"), SLICE_INIT("XFORWARD"),
        SLICE_INIT("BURL"), SLICE_INIT("XEXCH50"), SLICE_INIT("WIZ"),
    };
    size_t end = 0;
    while (end < body.len && octet_is(body.ptr[end], OCTET_ALPHA | OCTET_DIGIT))
        end++;
    struct slice word = slice_sub(body, 0, end);
    if (end < body.len && body.ptr[end] != ' ' && body.ptr[end] != '\t')
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (slice_equal_nocase(word, others[i]))
            return true;
    if (slice_equal_nocase(body, SLICE("DEBUG"))) /* more is a log's */
        return true;
    return smtp_verb_of(word) != SMTP_VERB_UNKNOWN;
}

enum transcript_class transcript_class_of(struct slice body)
{
    struct transcript_launch launch;
    if (transcript_is_reply(body))
        return TRANSCRIPT_REPLY;
    if (transcript_launch_parse(body, &launch))
        return TRANSCRIPT_LAUNCH;
    return is_command(body) ? TRANSCRIPT_COMMAND : transcript_noise_class(body);
}

/* ---- what stands before a line ---- */

/* Marks that documents put before each side's lines; longer ones first. */
static const struct {
    struct slice client, server;
} marks[] = {
    {SLICE_INIT("CLIENT:"), SLICE_INIT("SERVER:")},
    {SLICE_INIT("Client:"), SLICE_INIT("Server:")},
    {SLICE_INIT("client:"), SLICE_INIT("server:")},
    {SLICE_INIT(">>>"), SLICE_INIT("<<<")},
    {SLICE_INIT("-->"), SLICE_INIT("<--")},
    {SLICE_INIT("->"), SLICE_INIT("<-")},
    {SLICE_INIT("=>"), SLICE_INIT("<=")},
    {SLICE_INIT("C>"), SLICE_INIT("S>")},
    {SLICE_INIT("C>"), SLICE_INIT("S<")},
    {SLICE_INIT(">>"), SLICE_INIT("<<")},
    {SLICE_INIT("> "), SLICE_INIT("< ")},
    /* the other way round, where the replies are there */
    {SLICE_INIT("<<<"), SLICE_INIT(">>>")},
    {SLICE_INIT("<--"), SLICE_INIT("-->")},
    {SLICE_INIT("<-"), SLICE_INIT("->")},
    {SLICE_INIT("<="), SLICE_INIT("=>")},
    {SLICE_INIT("<<"), SLICE_INIT(">>")},
    {SLICE_INIT("< "), SLICE_INIT("> ")},
};

#define MARK_COUNT (sizeof marks / sizeof *marks)

static struct slice trim(struct slice text)
{
    for (size_t n; (n = transcript_blank_length(text)) > 0;)
        text = slice_from(text, n);
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t' ||
                            text.ptr[text.len - 1] == '\r'))
        text.len--;
    return text;
}

/* The pair of marks that both sides of the document use, or MARK_COUNT. */
static size_t find_marks(struct slice source)
{
    size_t client[MARK_COUNT] = {0}, server[MARK_COUNT] = {0};
    for (struct slice rest = source; rest.len > 0;) {
        struct slice line = trim(transcript_next_line(&rest));
        for (size_t i = 0; i < MARK_COUNT; i++) {
            client[i] += slice_starts(line, marks[i].client);
            server[i] += slice_starts(line, marks[i].server) &&
                         transcript_is_reply(trim(slice_from(line, marks[i].server.len)));
        }
    }
    size_t best = MARK_COUNT;
    for (size_t i = 0; i < MARK_COUNT; i++)
        if (client[i] > 0 && server[i] > 0 && (best == MARK_COUNT || server[i] > server[best]))
            best = i;
    return best;
}

/* Octets of the mark that the line begins with, or 0. One that ends with a blank has lost it where
 * nothing follows: a message's blank line. */
static size_t mark_length(struct slice text, struct slice mark)
{
    if (slice_starts(text, mark))
        return mark.len;
    bool blank = mark.ptr[mark.len - 1] == ' ';
    return blank && slice_equal(text, slice_sub(mark, 0, mark.len - 1)) ? text.len : 0;
}

static struct slice strip_mark(struct slice line, size_t pair, enum transcript_speaker *ret_speaker)
{
    struct slice text = trim(line);
    *ret_speaker = TRANSCRIPT_ANYBODY;
    if (pair == MARK_COUNT)
        return line;
    size_t octets = mark_length(text, marks[pair].client);
    *ret_speaker = octets > 0 ? TRANSCRIPT_CLIENT : TRANSCRIPT_SERVER;
    if (octets == 0)
        octets = mark_length(text, marks[pair].server);
    if (octets == 0) { /* a line that goes on below the one with the mark */
        size_t blanks = (size_t)(text.ptr - line.ptr);
        size_t column = marks[pair].client.len + 1;
        *ret_speaker = TRANSCRIPT_ANYBODY;
        return text.len > 0 && blanks >= column ? slice_from(line, column) : line;
    }
    text = slice_from(slice_from(line, (size_t)(text.ptr - line.ptr)), octets);
    return text.len > 0 && text.ptr[0] == ' ' ? slice_from(text, 1) : text;
}

/* "550 5.1.1 <me@mx.example>... User unknown" among marked lines: sendmail says so itself of what
 * was answered, in a bounce. */
static bool is_of_sendmail(struct slice text, size_t pair, enum transcript_speaker speaker)
{
    return pair != MARK_COUNT && speaker == TRANSCRIPT_ANYBODY && slice_holds(text, SLICE(">... "));
}

/* ---- indentation ---- */

static size_t blanks_before(struct slice line)
{
    size_t len = 0;
    while (len < line.len && octet_is(line.ptr[len], OCTET_WSP))
        len++;
    return len;
}

/* The blanks that every reply of the document stands behind, and so a message does, too. */
static struct slice find_indentation(struct slice source)
{
    struct slice indentation = SLICE("");
    bool any = false;
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source);
        if (!transcript_is_reply(trim(line)))
            continue;
        struct slice blanks = slice_sub(line, 0, blanks_before(line));
        size_t same = 0;
        while (same < blanks.len && same < indentation.len &&
               blanks.ptr[same] == indentation.ptr[same])
            same++;
        indentation = any ? slice_sub(blanks, 0, same) : blanks;
        any = true;
    }
    return indentation;
}

/* ---- the document ---- */

/* A 354 answers DATA: other replies may stand between them, where both were sent at once, but no
 * line of a message. */
static bool answers_data(const struct transcript_line *line, bool data)
{
    return slice_starts(line->body, SLICE("354")) && (data || line->speaker == TRANSCRIPT_SERVER);
}

/* Sets is_354 of each line. */
static void find_354(struct transcript_lines *lines)
{
    bool data = false; /* the last line that is no reply is that command */
    for (size_t i = 0; i < lines->count; i++) {
        struct transcript_line *line = &lines->items[i];
        bool reply = line->class == TRANSCRIPT_REPLY;
        line->is_354 = reply && answers_data(line, data);
        if (!reply || line->is_354)
            data = slice_equal_nocase(line->body, SLICE("DATA"));
    }
}

void transcript_look_ahead(struct transcript_lines *lines)
{
    find_354(lines);
    size_t dot = lines->count, data = lines->count, reply = lines->count, octets = 0;
    for (size_t i = 0; i < lines->count; i++) {
        octets += lines->items[i].text.len + 2 + 2 * lines->items[i].blanks;
        lines->items[i].octets = octets;
    }
    for (size_t i = lines->count; i-- > 0;) {
        struct transcript_line *line = &lines->items[i];
        line->next_reply = reply;
        if (slice_equal(line->body, SLICE(".")))
            dot = i;
        if (line->class == TRANSCRIPT_REPLY) {
            reply = i;
            if (line->is_354)
                data = i;
        }
        line->next_dot = dot;
        line->next_354 = data;
    }
}

static bool is_double_spaced(const struct transcript_lines *lines)
{
    size_t close = 0;
    for (size_t i = 1; i < lines->count; i++)
        close += lines->items[i].blanks == 0;
    return lines->count > 3 && close == 0;
}

/* Takes what transcript_learn found off the line; says whose line it is. */
static struct slice strip_marked(struct slice line, const struct transcript_marked *marked,
                                 enum transcript_speaker *ret_speaker)
{
    struct slice none;
    *ret_speaker = TRANSCRIPT_ANYBODY;
    size_t server =
        marked->server == NULL ? 0 : transcript_shape_match(marked->server, line, SIZE_MAX, &none);
    size_t client =
        marked->client == NULL ? 0 : transcript_shape_match(marked->client, line, SIZE_MAX, &none);
    if (server == 0 && client > 0)
        *ret_speaker = TRANSCRIPT_CLIENT;
    if (server > 0 && client == 0)
        *ret_speaker = TRANSCRIPT_SERVER;
    return slice_from(line, server > 0 ? server : client);
}

size_t transcript_scan_replies(struct slice source)
{
    size_t pair = find_marks(source), count = 0;
    while (source.len > 0) {
        struct slice line = transcript_next_line(&source);
        enum transcript_speaker speaker;
        line = strip_mark(line, pair, &speaker);
        count += transcript_is_reply(trim(line));
    }
    return count;
}

struct transcript_lines transcript_scan(struct script_arena *arena, struct slice source)
{
    static const struct transcript_marked none = {NULL, NULL};
    return transcript_scan_marked(arena, source, &none);
}

struct transcript_lines transcript_scan_marked(struct script_arena *arena, struct slice source,
                                               const struct transcript_marked *marked)
{
    struct script_array items = {.arena = arena};
    if (slice_starts(source, SLICE("\xEF\xBB\xBF")))
        source = slice_from(source, 3);
    bool learned = marked->server != NULL || marked->client != NULL;
    size_t pair = find_marks(source), number = 0, blanks = 0;
    bool indented = false;
    struct slice indentation = SLICE("");
    if (!learned && pair == MARK_COUNT)
        indentation = find_indentation(source);
    for (struct slice rest = source; rest.len > 0;) {
        struct slice whole = transcript_next_line(&rest);
        struct transcript_line line = {.number = ++number};
        struct slice cleaned;
        line.text = learned ? strip_marked(whole, marked, &line.speaker)
                            : strip_mark(whole, pair, &line.speaker);
        if (indentation.len > 0 && slice_starts(line.text, indentation)) {
            line.text = slice_from(line.text, indentation.len);
            indented = true;
        }
        line.indent = (size_t)(trim(line.text).ptr - whole.ptr);
        line.typing_undone = transcript_clean_typing(arena, line.text, &cleaned);
        if (line.typing_undone)
            line.text = cleaned;
        line.body = trim(line.text);
        if (transcript_clean_web(arena, line.body, &cleaned))
            line.body = trim(cleaned);
        if (line.body.len == 0) {
            blanks++;
            continue;
        }
        line.blanks = blanks;
        blanks = 0;
        bool fence = slice_starts(line.body, SLICE("```"));
        line.class = fence || (!learned && is_of_sendmail(line.body, pair, line.speaker))
                         ? TRANSCRIPT_NOISE
                         : transcript_class_of(line.body);
        bool message = line.speaker == TRANSCRIPT_CLIENT && line.class == TRANSCRIPT_REPLY;
        bool unmarked = marked->client != NULL && marked->server == NULL &&
                        line.speaker != TRANSCRIPT_CLIENT && line.class == TRANSCRIPT_COMMAND;
        if (message || unmarked) /* what the client says has its mark */
            line.class = TRANSCRIPT_OTHER;
        *(struct transcript_line *)script_array_push(&items, sizeof line) = line;
    }
    struct transcript_lines lines = {
        .items = items.items, .count = items.count, .indented = indented};
    lines.double_spaced = is_double_spaced(&lines);
    transcript_look_ahead(&lines);
    return lines;
}
