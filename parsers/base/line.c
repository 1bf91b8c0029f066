#include "base/line.h"

#include "base/scan.h"

struct parse_result base_line_parse(struct slice in, size_t max_octets, struct base_line *ret_line)
{
    struct slice window = in.len > max_octets ? slice_sub(in, 0, max_octets) : in;
    struct scan_line line = scan_line(window);
    size_t lf = line.lf;
    if (lf == window.len)
        return window.len < max_octets ? parse_more() : parse_error(BASE_LINE_TOO_LONG, max_octets);

    bool crlf = lf > 0 && in.ptr[lf - 1] == '\r';
    struct slice text = slice_sub(in, 0, crlf ? lf - 1 : lf);
    *ret_line = (struct base_line){
        .text = text,
        .raw = slice_sub(in, 0, lf + 1),
        .quirks = (line.printable ? 0 : base_quirks_of_text(text)) | (crlf ? 0 : QUIRK_BARE_LF),
    };
    return parse_ok(lf + 1);
}
