#include "smtp/reply.h"

#include "base/line.h"
#include "base/octet.h"
#include "smtp/quirk.h"

#define CODE_DIGITS 3
#define LINE_OCTETS 512 /* RFC 5321 4.5.3.1.5: of a reply line, CRLF included */

/* Reply-code = %x32-35 %x30-35 %x30-39                              ; RFC 5321 4.2 */
static bool code_in_range(struct slice line)
{
    return line.ptr[0] >= '2' && line.ptr[0] <= '5' && line.ptr[1] <= '5';
}

static unsigned code_of(struct slice line)
{
    unsigned code = 0;
    for (size_t i = 0; i < CODE_DIGITS; i++)
        code = code * 10 + (unsigned)(line.ptr[i] - '0');
    return code;
}

/* Whether the whole head stands there and is right: what nearly every line has. */
static inline bool is_ordinary_head(struct slice line, const struct smtp_reply *reply)
{
    const uint8_t *code = line.ptr;
    return line.len > CODE_DIGITS && (code[3] == ' ' || code[3] == '-') &&
           (reply->lines == 0 ? (unsigned)(code[0] - '0') <= 9 && (unsigned)(code[1] - '0') <= 9 &&
                                    (unsigned)(code[2] - '0') <= 9
                              : memcmp(code, reply->raw.ptr, CODE_DIGITS) == 0);
}

/* Reply-code ( "-" / SP / CRLF ), as far as it is in sight; MORE where nothing is wrong with it.
 * A code other than `code` is wrong in all lines but the first. */
static struct parse_result check_head(struct slice line, bool first, unsigned code)
{
    for (size_t i = 0; i < CODE_DIGITS; i++) {
        if (i == line.len)
            return parse_more();
        if (!octet_is(line.ptr[i], OCTET_DIGIT))
            return parse_error(SMTP_REPLY_NO_CODE, i);
    }
    if (!first && code_of(line) != code)
        return parse_error(SMTP_REPLY_MIXED_CODES, 0);

    struct slice tail = slice_from(line, CODE_DIGITS);
    if (tail.len == 0 || tail.ptr[0] == ' ' || tail.ptr[0] == '-' || tail.ptr[0] == '\n')
        return parse_more();
    if (tail.ptr[0] == '\r' && (tail.len == 1 || tail.ptr[1] == '\n'))
        return parse_more();
    return parse_error(SMTP_REPLY_BAD_SEPARATOR, CODE_DIGITS);
}

static inline struct smtp_reply_line reply_line_of(const struct base_line *line)
{
    bool separated = line->text.len > CODE_DIGITS;
    return (struct smtp_reply_line){
        .raw = line->raw,
        .line = line->text,
        .text = slice_from(line->text, separated ? CODE_DIGITS + 1 : line->text.len),
        .last = !separated || line->text.ptr[CODE_DIGITS] != '-',
    };
}

/* Most codes have one digit in each part: "5.7.1 ". */
static inline bool read_enhanced(struct slice text, struct smtp_enhanced *ret_enhanced)
{
    if (text.len < 2 || !octet_is(text.ptr[0], OCTET_DIGIT) || text.ptr[1] != '.')
        return false;
    bool ordinary = text.len > 5 &&
                    (text.ptr[0] == '2' || text.ptr[0] == '4' || text.ptr[0] == '5') &&
                    octet_is(text.ptr[2], OCTET_DIGIT) && text.ptr[3] == '.' &&
                    octet_is(text.ptr[4], OCTET_DIGIT) && text.ptr[5] == ' ';
    struct smtp_enhanced any;
    if (!ordinary && smtp_enhanced_parse(text, &any) == 0)
        return false;
    ret_enhanced->class = ordinary ? (uint16_t)(text.ptr[0] - '0') : any.class;
    ret_enhanced->subject = ordinary ? (uint16_t)(text.ptr[2] - '0') : any.subject;
    ret_enhanced->detail = ordinary ? (uint16_t)(text.ptr[4] - '0') : any.detail;
    return true;
}

/* RFC 2034 4: the code is in the class of the reply code, and stands on each line, the same. */
static inline void add_enhanced(struct smtp_reply *reply, struct slice text)
{
    struct smtp_enhanced enhanced;
    bool found = read_enhanced(text, &enhanced);
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
static inline bool add_line(struct smtp_reply *reply, const struct base_line *line)
{
    struct smtp_reply_line parts = reply_line_of(line);
    if (reply->lines == 0) {
        reply->code = code_of(parts.line);
        reply->quirks |= code_in_range(parts.line) ? 0 : SMTP_QUIRK_CODE_RANGE;
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

/* Takes the next line, which begins at parser->complete as `lines` does. */
__attribute__((noinline)) static struct parse_result
take_line(struct smtp_reply_parser *parser, struct base_lines *lines, struct base_line *ret_line)
{
    const struct smtp_reply_limits *limits = &parser->limits;
    size_t left = limits->max_octets - parser->complete;
    size_t max = limits->max_line_octets < left ? limits->max_line_octets : left;
    size_t end = lines->in.len - parser->complete < max ? lines->in.len : parser->complete + max;
    struct slice line = slice_sub(lines->in, parser->complete, end);

    /* An ending is looked for once only in what arrives in pieces. */
    struct slice unseen = slice_from(line, parser->scanned - parser->complete);
    struct parse_result framed = parse_more();
    if (unseen.len == line.len || slice_find(unseen, '\n') < unseen.len)
        framed = base_lines_next(lines, max, ret_line);
    const struct smtp_reply *reply = &parser->reply;
    if (!is_ordinary_head(line, reply)) {
        struct parse_result head = check_head(line, reply->lines == 0, reply->code);
        if (head.status == PARSE_ERROR)
            return parse_error(head.error, parser->complete + head.offset);
    }
    if (framed.status == PARSE_OK)
        return framed;
    parser->scanned = end;
    if (line.len < max)
        return parse_more();
    return parse_error(max == left ? SMTP_REPLY_TOO_LONG : SMTP_REPLY_LINE_TOO_LONG,
                       parser->complete + max);
}

/* take_line, of a line that was not scanned before, has no quirk and is far from all limits. */
static inline bool take_ordinary_line(const struct smtp_reply_parser *parser,
                                      struct base_lines *lines, struct base_line *ret_line)
{
    const struct smtp_reply_limits *limits = &parser->limits;
    size_t left = limits->max_octets - parser->complete;
    if (parser->scanned != parser->complete || left < LINE_OCTETS ||
        limits->max_line_octets < LINE_OCTETS || !base_lines_take(lines, LINE_OCTETS, ret_line))
        return false;
    if (is_ordinary_head(ret_line->text, &parser->reply))
        return true;
    lines->at = parser->complete;
    return false;
}

struct parse_result smtp_reply_parse(struct smtp_reply_parser *parser, struct slice in,
                                     struct smtp_reply *ret_reply)
{
    struct smtp_reply_parser read = *parser; /* a copy, which the compiler keeps in registers */
    struct base_lines lines = {.in = in, .at = read.complete};
    struct base_line line;
    read.reply.raw.ptr = in.ptr;
    do {
        if (!take_ordinary_line(&read, &lines, &line)) {
            struct parse_result result = take_line(&read, &lines, &line);
            if (result.status != PARSE_OK) {
                *parser = read;
                return result;
            }
        }
        read.complete = read.scanned = lines.at;
    } while (!add_line(&read.reply, &line));
    *ret_reply = (struct smtp_reply){
        .code = read.reply.code,
        .has_enhanced = read.reply.has_enhanced,
        .enhanced.class = read.reply.enhanced.class,
        .enhanced.subject = read.reply.enhanced.subject,
        .enhanced.detail = read.reply.enhanced.detail,
        .lines = read.reply.lines,
        .raw = slice_sub(in, 0, read.complete),
        .quirks = read.reply.quirks,
    };
    return parse_ok(read.complete);
}

bool smtp_reply_line_next(struct slice *rest, struct smtp_reply_line *ret_line)
{
    struct base_lines lines = {.in = *rest};
    if (!smtp_reply_lines_next(&lines, ret_line))
        return false;
    *rest = slice_from(*rest, lines.at);
    return true;
}

bool smtp_reply_lines_next(struct base_lines *lines, struct smtp_reply_line *ret_line)
{
    struct base_line line;
    if (!base_lines_take(lines, SIZE_MAX, &line))
        return false;
    *ret_line = reply_line_of(&line);
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
