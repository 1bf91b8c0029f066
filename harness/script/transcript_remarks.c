#include "script/transcript_remarks.h"

#include "base/octet.h"

/* Whether a remark begins with `text`: no argument of a command does. */
static bool begins_remark(struct slice text)
{
    static const struct slice signs[] = {SLICE_INIT("#"),  SLICE_INIT("//"), SLICE_INIT("<-"),
                                         SLICE_INIT("<="), SLICE_INIT("/*"), SLICE_INIT("--"),
                                         SLICE_INIT(";")};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (slice_starts(text, signs[i]))
            return true;
    uint8_t last = text.len > 1 ? text.ptr[text.len - 1] : 0;
    return (text.ptr[0] == '(' && last == ')') || (text.ptr[0] == '[' && last == ']');
}

/* Offset of the remark, which two blanks stand before at least, or the length. */
static size_t find_remark(struct slice text)
{
    size_t blanks = 0;
    for (size_t at = 0; at < text.len; at++) {
        bool blank = octet_is(text.ptr[at], OCTET_WSP);
        if (!blank && blanks > 1 && begins_remark(slice_from(text, at)))
            return at;
        blanks = blank ? blanks + 1 : 0;
    }
    return text.len;
}

static bool may_have_one(const struct transcript_line *line, bool in_message)
{
    bool dot = line->body.len > 1 && line->body.ptr[0] == '.' &&
               octet_is(line->body.ptr[1], OCTET_WSP) &&
               slice_trim(slice_sub(line->body, 1, find_remark(line->body))).len == 0;
    return in_message ? dot : line->class == TRANSCRIPT_COMMAND || line->class == TRANSCRIPT_REPLY;
}

static void take_off(struct transcript_line *line)
{
    size_t at = find_remark(line->body);
    if (at == line->body.len)
        return;
    line->remark = slice_from(line->body, at);
    line->remark_at = at;
    line->body = line->text = slice_trim(slice_sub(line->body, 0, at));
}

/* What counts as a remark where no other command has one: an arrow counts twice. */
static size_t weight(struct slice text)
{
    struct slice remark = slice_from(text, find_remark(text));
    bool arrow = slice_starts(remark, SLICE("<-")) || slice_starts(remark, SLICE("<="));
    return arrow ? 2 : remark.len > 0;
}

/* A line right before a reply that says who speaks: "SMTP -> FROM SERVER:" */
static bool is_label(const struct transcript_lines *lines, size_t i)
{
    const struct transcript_line *line = &lines->items[i];
    return line->class == TRANSCRIPT_OTHER && line->body.len > 0 &&
           line->body.ptr[line->body.len - 1] == ':' && i + 1 < lines->count &&
           lines->items[i + 1].class == TRANSCRIPT_REPLY;
}

bool transcript_labels(struct transcript_lines *lines)
{
    struct slice label = SLICE(""), last = SLICE("");
    for (size_t i = 0; i < lines->count && label.len == 0; i++)
        if (is_label(lines, i)) {
            label = slice_equal(lines->items[i].body, last) ? last : label;
            last = lines->items[i].body;
        }
    size_t kept = 0;
    for (size_t i = 0; i < lines->count && label.len > 0; i++)
        if (!is_label(lines, i) || !slice_equal(lines->items[i].body, label))
            lines->items[kept++] = lines->items[i];
    if (label.len == 0)
        return false;
    lines->count = kept;
    transcript_look_ahead(lines);
    return true;
}

void transcript_remarks(struct transcript_lines *lines)
{
    size_t remarked = 0;
    for (int pass = 0; pass < 2; pass++) {
        bool in_message = false;
        for (size_t i = 0; i < lines->count; i++) {
            struct transcript_line *line = &lines->items[i];
            bool may = may_have_one(line, in_message);
            if (may && pass == 0)
                remarked += line->class == TRANSCRIPT_COMMAND ? weight(line->body) : 0;
            else if (may)
                take_off(line);
            if (in_message ? may || slice_equal(line->body, SLICE("."))
                           : line->class == TRANSCRIPT_REPLY)
                in_message = !in_message && slice_starts(line->body, SLICE("354"));
        }
        if (remarked < 2)
            return;
    }
    transcript_look_ahead(lines);
}
