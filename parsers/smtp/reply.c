#include "smtp/reply.h"

#include "base/line.h"
#include "base/octet.h"
#include "smtp/quirk.h"

#define CODE_DIGITS 3
#define LINE_OCTETS 512 /* RFC 5321 4.5.3.1.5: of a reply line, CRLF included */

/* Reply-code = %x32-35 %x30-35 %x30-39                              ; RFC 5321 4.2 */
static bool code_in_range(unsigned code)
{
    return code >= 200 && code <= 559 && code / 10 % 10 <= 5;
}

static unsigned code_of(struct slice line)
{
    unsigned code = 0;
    for (size_t i = 0; i < CODE_DIGITS; i++)
        code = code * 10 + (unsigned)(line.ptr[i] - '0');
    return code;
}

/* Reply-code ( "-" / SP / CRLF ), as far as it is in sight; MORE where nothing is wrong with it. */
static struct parse_result check_head(const struct smtp_reply_parser *parser, struct slice line)
{
    for (size_t i = 0; i < CODE_DIGITS; i++) {
        if (i == line.len)
            return parse_more();
        if (!octet_is(line.ptr[i], OCTET_DIGIT))
            return parse_error(SMTP_REPLY_NO_CODE, parser->complete + i);
    }
    if (parser->reply.lines > 0 && code_of(line) != parser->reply.code)
        return parse_error(SMTP_REPLY_MIXED_CODES, parser->complete);

    struct slice tail = slice_from(line, CODE_DIGITS);
    if (tail.len == 0 || tail.ptr[0] == ' ' || tail.ptr[0] == '-' || tail.ptr[0] == '\n')
        return parse_more();
    if (tail.ptr[0] == '\r' && (tail.len == 1 || tail.ptr[1] == '\n'))
        return parse_more();
    return parse_error(SMTP_REPLY_BAD_SEPARATOR, parser->complete + CODE_DIGITS);
}

static struct smtp_reply_line reply_line_of(const struct base_line *line)
{
    bool separated = line->text.len > CODE_DIGITS;
    return (struct smtp_reply_line){
        .raw = line->raw,
        .line = line->text,
        .text = slice_from(line->text, separated ? CODE_DIGITS + 1 : line->text.len),
        .last = !separated || line->text.ptr[CODE_DIGITS] != '-',
    };
}

/* RFC 2034 4: the code is in the class of the reply code, and stands on each line, the same. */
static void add_enhanced(struct smtp_reply *reply, struct slice text)
{
    struct smtp_enhanced enhanced;
    bool found = smtp_enhanced_parse(text, &enhanced) != 0;
    if (reply->lines > 1 && found != reply->has_enhanced)
        reply->quirks |= SMTP_QUIRK_ENHANCED_PARTIAL;
    if (!found)
        return;
    if (enhanced.class != reply->code / 100)
        reply->quirks |= SMTP_QUIRK_ENHANCED_CLASS;
    if (!reply->has_enhanced)
        reply->enhanced = enhanced;
    else if (!smtp_enhanced_equal(reply->enhanced, enhanced))
        reply->quirks |= SMTP_QUIRK_ENHANCED_MIXED;
    reply->has_enhanced = true;
}

/* Adds a line whose head is known to be good; returns whether it is the last. */
static bool add_line(struct smtp_reply *reply, const struct base_line *line)
{
    struct smtp_reply_line parts = reply_line_of(line);
    if (reply->lines == 0) {
        reply->code = code_of(parts.line);
        reply->quirks |= code_in_range(reply->code) ? 0 : SMTP_QUIRK_CODE_RANGE;
    }
    reply->lines++;
    reply->quirks |= line->quirks;
    if (line->raw.len > LINE_OCTETS)
        reply->quirks |= QUIRK_LONG_LINE;
    if (parts.line.len == CODE_DIGITS)
        reply->quirks |= SMTP_QUIRK_NO_TEXT;
    add_enhanced(reply, parts.text);
    return parts.last;
}

/* Takes the next line, which begins at parser->complete, out of `in`. */
static struct parse_result take_line(struct smtp_reply_parser *parser, struct slice in,
                                     struct base_line *ret_line)
{
    const struct smtp_reply_limits *limits = &parser->limits;
    size_t left = limits->max_octets - parser->complete;
    size_t max = limits->max_line_octets < left ? limits->max_line_octets : left;
    size_t sight = in.len - parser->complete < max ? in.len - parser->complete : max;
    struct slice line = slice_sub(in, parser->complete, parser->complete + sight);

    struct parse_result head = check_head(parser, line);
    if (head.status == PARSE_ERROR)
        return head;

    size_t scanned = parser->scanned - parser->complete;
    size_t lf = scanned + slice_find(slice_from(line, scanned), '\n');
    if (lf < line.len)
        return base_line_parse(slice_sub(line, 0, lf + 1), max, ret_line);
    parser->scanned = parser->complete + line.len;
    if (line.len < max)
        return parse_more();
    return parse_error(max == left ? SMTP_REPLY_TOO_LONG : SMTP_REPLY_LINE_TOO_LONG,
                       parser->complete + max);
}

struct parse_result smtp_reply_parse(struct smtp_reply_parser *parser, struct slice in,
                                     struct smtp_reply *ret_reply)
{
    for (;;) {
        struct base_line line;
        struct parse_result result = take_line(parser, in, &line);
        if (result.status != PARSE_OK)
            return result;
        parser->complete += line.raw.len;
        parser->scanned = parser->complete;
        if (add_line(&parser->reply, &line))
            break;
    }
    parser->reply.raw = slice_sub(in, 0, parser->complete);
    *ret_reply = parser->reply;
    return parse_ok(parser->complete);
}

bool smtp_reply_line_next(struct slice *rest, struct smtp_reply_line *ret_line)
{
    struct base_line line;
    if (base_line_parse(*rest, SIZE_MAX, &line).status != PARSE_OK)
        return false;
    *ret_line = reply_line_of(&line);
    *rest = slice_from(*rest, line.raw.len);
    return true;
}

/* clang-format off */
static const char *const error_texts[] = {
    [SMTP_REPLY_NO_CODE] = "a reply line does not begin with three digits",
    [SMTP_REPLY_BAD_SEPARATOR] = "a reply code is followed by neither SP, \"-\" nor a line ending",
    [SMTP_REPLY_MIXED_CODES] = "the lines of a reply differ in their code",
    [SMTP_REPLY_LINE_TOO_LONG] = "a reply line is longer than the limit",
    [SMTP_REPLY_TOO_LONG] = "a reply is longer than the limit",
};
/* clang-format on */

const char *smtp_reply_error_text(int error)
{
    bool known = error > 0 && (size_t)error < sizeof error_texts / sizeof *error_texts;
    return known ? error_texts[error] : NULL;
}
