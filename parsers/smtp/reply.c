#include "smtp/reply.h"

#include "base/line.h"
#include "base/load.h"
#include "base/octet.h"
#include "smtp/quirk.h"

#define CODE_DIGITS SMTP_REPLY_CODE_DIGITS
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
    if (line.len <= CODE_DIGITS)
        return false;
    uint64_t head = load_4(line.ptr) & 0xffffff, digits;
    bool is_code = reply->lines == 0
                       ? load_digits(head, 0x303030, UINT64_C(0x7f7f7f7f7f767676), &digits) == 0
                       : head == (load_4(reply->raw.ptr) & 0xffffff);
    return is_code && (line.ptr[CODE_DIGITS] == ' ' || line.ptr[CODE_DIGITS] == '-');
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

/* Most codes have one digit in each part: "5.7.1 ". */
static inline bool read_ordinary_enhanced(uint64_t octets, struct smtp_enhanced *ret_enhanced)
{
    uint64_t digits, text = octets & UINT64_C(0xffffffffffff); /* SWAR: "0.0.0 " */
    if (load_digits(text, UINT64_C(0x20302e302e30), UINT64_C(0x7f7f7f767f767f76), &digits) != 0)
        return false;
    ret_enhanced->status_class = (uint16_t)load_octet(digits, 0);
    ret_enhanced->subject = (uint16_t)load_octet(digits, 2);
    ret_enhanced->detail = (uint16_t)load_octet(digits, 4);
    return (1u << ret_enhanced->status_class & (1u << 2 | 1u << 4 | 1u << 5)) != 0;
}

/* Reads it from the text of a line that lies in `in`. What stands behind a line is no part of an
 * ordinary code: the line's ending comes first. */
static inline bool read_enhanced(struct slice in, struct slice text,
                                 struct smtp_enhanced *ret_enhanced)
{
    bool room = in.ptr + in.len - text.ptr >= (ptrdiff_t)sizeof(uint64_t);
    if (room && read_ordinary_enhanced(load_8(text.ptr), ret_enhanced))
        return true;
    return text.len > 1 && text.ptr[1] == '.' && smtp_enhanced_parse(text, ret_enhanced) > 0;
}

/* RFC 2034 4: the code is in the class of the reply code, and stands on each line, the same. */
static inline void add_enhanced(struct smtp_reply *reply, struct slice in, struct slice text)
{
    struct smtp_enhanced enhanced;
    bool found = read_enhanced(in, text, &enhanced);
    if (reply->lines > 1 && found != reply->has_enhanced)
        reply->quirks |= SMTP_QUIRK_ENHANCED_PARTIAL;
    if (!found)
        return;
    if (enhanced.status_class != reply->code / 100)
        reply->quirks |= SMTP_QUIRK_ENHANCED_CLASS;
    if (!reply->has_enhanced)
        reply->enhanced = enhanced;
    else if (!smtp_enhanced_equal(reply->enhanced, enhanced))
        reply->quirks |= SMTP_QUIRK_ENHANCED_MIXED;
    reply->has_enhanced = true;
}

/* Adds a line of `in` whose head is known to be good; returns whether it is the last. */
static inline bool add_line(struct smtp_reply *reply, struct slice in, const struct base_line *line)
{
    struct smtp_reply_line parts = smtp_reply_line_of(line);
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
    add_enhanced(reply, in, parts.text);
    return parts.last;
}

/* Takes the next line, whatever it is; the answer counts from the reply's start. */
__attribute__((noinline)) static struct parse_result
take_line(struct smtp_reply_parser parser, struct slice in, struct base_line *ret_line)
{
    const struct smtp_reply_limits *limits = &parser.limits;
    size_t left = limits->max_octets - parser.complete;
    size_t max = limits->max_line_octets < left ? limits->max_line_octets : left;
    struct slice line = slice_from(in, parser.complete);
    line = slice_sub(line, 0, line.len < max ? line.len : max);

    /* An ending is looked for once only in what arrives in pieces. */
    struct slice unseen = slice_from(line, parser.scanned - parser.complete);
    struct parse_result framed = parse_more();
    if (unseen.len == line.len || slice_find(unseen, '\n') < unseen.len)
        framed = base_line_parse(line, max, ret_line);
    const struct smtp_reply *reply = &parser.reply;
    if (!is_ordinary_head(line, reply)) {
        struct parse_result head = check_head(line, reply->lines == 0, reply->code);
        if (head.status == PARSE_ERROR)
            return parse_error(head.error, parser.complete + head.offset);
    }
    if (framed.status == PARSE_OK || line.len < max)
        return framed.status == PARSE_OK ? framed : parse_more();
    return parse_error(max == left ? SMTP_REPLY_TOO_LONG : SMTP_REPLY_LINE_TOO_LONG,
                       parser.complete + max);
}

/* take_line, of a line that was not scanned before, has no quirk and is far from all limits. */
static inline bool take_ordinary_line(const struct smtp_reply_limits *limits,
                                      const struct smtp_reply *reply, struct base_lines *lines,
                                      struct base_line *ret_line)
{
    return limits->max_octets - lines->at >= LINE_OCTETS &&
           limits->max_line_octets >= LINE_OCTETS &&
           base_lines_take(lines, LINE_OCTETS, ret_line) && is_ordinary_head(ret_line->text, reply);
}

/* Member by member: what is narrow was written just now, and wide loads would wait for that. */
static inline void put_reply(const struct smtp_reply *reply, struct slice raw,
                             struct smtp_reply *ret_reply)
{
    *ret_reply = (struct smtp_reply){
        .code = reply->code,
        .has_enhanced = reply->has_enhanced,
        .enhanced.status_class = reply->enhanced.status_class,
        .enhanced.subject = reply->enhanced.subject,
        .enhanced.detail = reply->enhanced.detail,
        .lines = reply->lines,
        .raw = raw,
        .quirks = reply->quirks,
    };
}

/* Reads on behind the lines that the parser knows already, and remembers in it how far. */
__attribute__((noinline)) static struct parse_result
read_lines(struct smtp_reply_parser *parser, struct slice in, struct smtp_reply *ret_reply)
{
    struct smtp_reply_parser read = *parser;
    struct base_lines lines = {.in = in, .at = read.complete};
    struct base_line line;
    read.reply.raw.ptr = in.ptr;
    do {
        if (read.scanned > read.complete ||
            !take_ordinary_line(&read.limits, &read.reply, &lines, &line)) {
            struct base_line other;
            struct parse_result result = take_line(read, in, &other);
            if (result.status != PARSE_OK) {
                *parser = read;
                parser->scanned = in.len;
                return result;
            }
            line = other;
        }
        lines.at = read.complete = read.scanned = read.complete + line.raw.len;
    } while (!add_line(&read.reply, in, &line));
    put_reply(&read.reply, slice_sub(in, 0, read.complete), ret_reply);
    return parse_ok(read.complete);
}

/* ---- plain replies ---- */

/*
 * A plain reply has no quirk, and each of its lines begins with the same octets: the code, and an
 * enhanced code of one digit in each part, or none. Nearly all replies are plain, and are read by
 * these octets, as numbers. What is plain, the lines one by one are read to the same.
 */
struct head {
    uint64_t code; /* octets: "250-" or "250 " */
    uint64_t text; /* the eight octets behind them, whether they belong to the line or not */
};

#define HEAD_OCTETS     (CODE_DIGITS + 1 + sizeof(uint64_t))
#define CODE_OCTETS     UINT64_C(0xffffff)
#define ENHANCED_OCTETS UINT64_C(0xffffffffffff) /* "5.7.1 " */

static inline bool take_head(struct base_lines *lines, size_t max_line_octets,
                             struct head *ret_head)
{
    struct base_line line;
    if (lines->in.len - lines->at < HEAD_OCTETS || !base_lines_take(lines, max_line_octets, &line))
        return false;
    const uint8_t *octets = line.raw.ptr;
    *ret_head = (struct head){load_4(octets), load_8(octets + CODE_DIGITS + 1)};
    return true;
}

/* Whether it has a code of RFC 5321 4.2; its digits as octets. */
static inline bool find_code(struct head head, uint64_t *ret_digits)
{
    uint64_t room = UINT64_C(0x7f7f7f7f7f767a76); /* %x30-39, %x30-35 and %x30-39 */
    return load_digits(head.code & CODE_OCTETS, 0x303030, room, ret_digits) == 0 &&
           load_octet(*ret_digits, 0) - 2 <= 5 - 2;
}

/* Whether it has an enhanced code of `class`; its digits, in the first, third and fifth octet. */
static inline bool find_enhanced(struct head head, unsigned class, uint64_t *ret_digits)
{
    uint64_t mask = UINT64_C(0x20302e302e30), room = UINT64_C(0x7f7f7f767f767f76); /* "0.0.0 " */
    uint64_t wrong = load_digits(head.text & ENHANCED_OCTETS, mask, room, ret_digits);
    return (wrong | (load_octet(*ret_digits, 0) ^ class)) == 0 && class != 3;
}

/* Whether it may have an enhanced code, plain or not. */
static inline bool has_dot(struct head head)
{
    return load_octet(head.text, 1) == '.';
}

static inline bool read_plain(const struct smtp_reply_limits *limits, struct slice in,
                              struct smtp_reply *ret_reply)
{
    struct base_lines lines = {.in = in};
    size_t max = limits->max_line_octets < LINE_OCTETS ? limits->max_line_octets : LINE_OCTETS;
    struct head first, next;
    uint64_t code, enhanced;
    if (!take_head(&lines, max, &first) || !find_code(first, &code))
        return false;
    unsigned class = load_octet(code, 0);
    bool found = find_enhanced(first, class, &enhanced);
    if (has_dot(first) != found)
        return false;
    uint64_t octets = found ? ENHANCED_OCTETS : 0;

    size_t count = 1;
    for (next = first; load_octet(next.code, CODE_DIGITS) == '-'; count++)
        if (!take_head(&lines, max, &next) || ((next.code ^ first.code) & CODE_OCTETS) != 0 ||
            ((next.text ^ first.text) & octets) != 0 || has_dot(next) != found)
            return false;
    if (load_octet(next.code, CODE_DIGITS) != ' ' || lines.at > limits->max_octets)
        return false;

    enhanced &= octets;
    put_reply(
        &(struct smtp_reply){
            .code = 100 * class + 10 * load_octet(code, 1) + load_octet(code, 2),
            .has_enhanced = found,
            .enhanced.status_class = (uint16_t)load_octet(enhanced, 0),
            .enhanced.subject = (uint16_t)load_octet(enhanced, 2),
            .enhanced.detail = (uint16_t)load_octet(enhanced, 4),
            .lines = count,
        },
        slice_sub(in, 0, lines.at), ret_reply);
    return true;
}

struct parse_result smtp_reply_parse(struct smtp_reply_parser *parser, struct slice in,
                                     struct smtp_reply *ret_reply)
{
    if (parser->scanned == 0 && read_plain(&parser->limits, in, ret_reply))
        return parse_ok(ret_reply->raw.len);
    return read_lines(parser, in, ret_reply);
}

bool smtp_reply_line_next(struct slice *rest, struct smtp_reply_line *ret_line)
{
    size_t lf = slice_find(*rest, '\n');
    if (lf == rest->len)
        return false;
    bool crlf = lf > 0 && rest->ptr[lf - 1] == '\r';
    struct base_line line = {
        .text = slice_sub(*rest, 0, crlf ? lf - 1 : lf),
        .raw = slice_sub(*rest, 0, lf + 1),
    };
    *rest = slice_from(*rest, lf + 1);
    *ret_line = smtp_reply_line_of(&line);
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
