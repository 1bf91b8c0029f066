#include "smtp/plain.h"

#include "smtp/value.h"

size_t smtp_plain_long_octets(struct slice in, struct smtp_plain_text *text)
{
    const size_t seen = SCAN_TEXT_OCTETS, last = seen - 1;
    size_t end = in.len < SMTP_COMMAND_LINE_MAX_OCTETS ? in.len : SMTP_COMMAND_LINE_MAX_OCTETS;
    uint64_t odd = text->first.odd; /* the last octet may be the CR */
    if ((odd & bits_below(last)) != 0 || end <= seen)
        return 0;
    struct scan_text next;
    scan_text(slice_from(in, seen), &next);
    text->space = next.space;
    text->equals = next.equals;

    struct scan_line line;
    if (next.lf != 0) {
        size_t lf = bits_first(next.lf);
        uint64_t before = (next.odd & bits_below(lf)) << 1 | odd >> last;
        line = (struct scan_line){1 + lf, before == bits_at(lf)};
    } else
        line = scan_line(slice_sub(in, last, end));
    size_t lf = last + line.lf;
    return line.printable && lf < end && in.ptr[lf - 1] == '\r' ? lf - 1 : 0;
}

/* The bits of SCAN_TEXT_OCTETS octets of a line, from one of them on: where its words end, and the
 * "=" in them. */
struct words {
    uint64_t ends, equals;
};

static inline struct words words_at(struct slice in, struct slice line,
                                    const struct smtp_plain_text *text, size_t at)
{
    const size_t seen = SCAN_TEXT_OCTETS;
    uint64_t end = line.len - at < seen ? bits_at(line.len - at) : 0;
    if (at > 0 && at < seen) {
        uint64_t space = text->first.space >> at | text->space << (seen - at);
        return (struct words){space | end, text->first.equals >> at | text->equals << (seen - at)};
    }
    struct scan_text more;
    scan_text(slice_from(in, at), &more);
    return (struct words){more.space | end, more.equals};
}

/*
 * Mail-parameters = esmtp-param *( SP esmtp-param )                 ; RFC 5321 4.1.2
 * esmtp-param     = esmtp-keyword [ "=" esmtp-value ]
 */
bool smtp_plain_are_params(struct slice in, struct slice line, const struct smtp_plain_text *text,
                           size_t at, unsigned commands)
{
    uint64_t seen = 0;
    while (at < line.len) {
        struct words words = words_at(in, line, text, at);
        if (words.ends == 0)
            return false;
        size_t octets = bits_first(words.ends);
        uint64_t equals = words.equals & bits_below(octets);
        size_t keyword = equals != 0 ? bits_first(equals) : octets;
        struct slice param = slice_sub(line, at, at + octets);
        if ((equals & (equals - 1)) != 0 ||
            !smtp_value_is_plain(in, param, keyword, commands, &seen))
            return false;
        at += octets + 1;
    }
    return true;
}
