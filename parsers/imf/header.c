#include "imf/header.h"

void imf_header_begin(struct slice in, struct imf_field_limits limits,
                      struct imf_header *ret_header)
{
    ret_header->in = in;
    ret_header->limits = limits;
    ret_header->at = ret_header->scanned = ret_header->next = 0;
    ret_header->marks.count = 0;
}

/* What the scan called plain is a field without quirks. */
static struct parse_result take_plain(struct slice raw, size_t colon, struct imf_field *ret_field)
{
    *ret_field = (struct imf_field){
        .kind = IMF_FIELD,
        .name = {raw.ptr, colon},
        .body = {raw.ptr + colon + 1, raw.len - 2 - (colon + 1)},
        .raw = raw,
    };
    return parse_ok(raw.len);
}

struct parse_result imf_header_next(struct imf_header *header, struct imf_field *ret_field)
{
    struct scan_marks *marks = &header->marks;
    struct slice rest = slice_from(header->in, header->at);
    if (header->next == marks->count) {
        scan_fields(rest, marks);
        header->scanned = header->at;
        header->next = 0;
    }
    if (header->next < marks->count) {
        struct scan_mark mark = marks->mark[header->next++];
        size_t octets = (size_t)marks->mark[header->next].start - mark.start;
        if (mark.colon != 0 && octets <= header->limits.max_octets) {
            header->at += octets;
            return take_plain((struct slice){rest.ptr, octets}, (size_t)mark.colon - mark.start,
                              ret_field);
        }
    }
    struct parse_result result = imf_field_parse(rest, header->limits, ret_field);
    if (result.status == PARSE_OK)
        header->at += result.offset;
    return result;
}
