#include "base/line.h"

struct parse_result base_lines_next(struct base_lines *lines, size_t max_octets,
                                    struct base_line *ret_line)
{
    struct slice rest = slice_from(lines->in, lines->at);
    struct scan_line line =
        scan_line(rest.len > max_octets ? slice_sub(rest, 0, max_octets) : rest);
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
