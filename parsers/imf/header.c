#include "imf/header.h"

void imf_header_begin(struct slice in, struct imf_field_limits limits,
                      struct imf_header *ret_header)
{
    ret_header->in = in;
    ret_header->limits = limits;
    ret_header->at = ret_header->next = 0;
    ret_header->marks.count = ret_header->marks.mark[0].colon = 0;
}

/* Leaves fields that are too long to imf_field_parse, which says so. */
static void limit(struct scan_marks *marks, size_t max_octets)
{
    for (size_t i = 0; i < marks->count; i++)
        if ((size_t)marks->mark[i + 1].start - marks->mark[i].start > max_octets)
            marks->mark[i].colon = 0;
}

struct parse_result imf_header_look(struct imf_header *header, struct imf_field *ret_field)
{
    struct slice rest = slice_from(header->in, header->at);
    if (header->next == header->marks.count) {
        scan_fields(rest, &header->marks);
        header->next = 0;
        if (header->limits.max_octets < SCAN_WINDOW_OCTETS)
            limit(&header->marks, header->limits.max_octets);
        if (header->marks.count > 0)
            return imf_header_next(header, ret_field);
    }
    struct parse_result result = imf_field_parse(rest, header->limits, ret_field);
    if (result.status == PARSE_OK) {
        if (header->next < header->marks.count)
            header->next++;
        header->at += result.offset;
    }
    return result;
}
