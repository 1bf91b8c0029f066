#include "base/line.h"

/* The end of the line at lines->at, where it lies in what was scanned last. */
static inline bool find_seen(const struct base_lines *lines, struct scan_line *ret_line)
{
    size_t from = lines->at - lines->seen_at;
    if (from >= SCAN_TEXT_OCTETS)
        return false;
    uint64_t ends = lines->seen.lf & UINT64_MAX << from;
    uint64_t lf = ends & -ends, odd = lines->seen.odd & (lf - 1) & UINT64_MAX << from;
    if (lf == 0)
        return false;
    ret_line->lf = (size_t)__builtin_ctzll(lf) - from;
    bool cr = ret_line->lf > 0 && lines->in.ptr[lines->at + ret_line->lf - 1] == '\r';
    ret_line->printable = odd == (cr ? lf >> 1 : 0);
    return true;
}

static inline struct scan_line find_end(struct base_lines *lines, size_t max_octets)
{
    struct scan_line line;
    if (find_seen(lines, &line))
        return line;
    struct slice rest = slice_from(lines->in, lines->at);
    lines->seen_at = lines->at;
    lines->seen = scan_ends(rest);
    if (find_seen(lines, &line))
        return line;
    return scan_line(rest.len > max_octets ? slice_sub(rest, 0, max_octets) : rest);
}

struct parse_result base_lines_next(struct base_lines *lines, size_t max_octets,
                                    struct base_line *ret_line)
{
    struct scan_line line = find_end(lines, max_octets);
    struct slice rest = slice_from(lines->in, lines->at);
    size_t lf = line.lf;
    if (lf >= max_octets || lf == rest.len)
        return rest.len < max_octets ? parse_more() : parse_error(BASE_LINE_TOO_LONG, max_octets);

    bool crlf = lf > 0 && rest.ptr[lf - 1] == '\r';
    struct slice text = slice_sub(rest, 0, crlf ? lf - 1 : lf);
    *ret_line = (struct base_line){
        .text = text,
        .raw = slice_sub(rest, 0, lf + 1),
        .quirks = (line.printable ? 0 : base_quirks_of_text(text)) | (crlf ? 0 : QUIRK_BARE_LF),
    };
    lines->at += lf + 1;
    return parse_ok(lf + 1);
}

struct parse_result base_line_parse(struct slice in, size_t max_octets, struct base_line *ret_line)
{
    struct base_lines lines = {.in = in};
    return base_lines_next(&lines, max_octets, ret_line);
}
