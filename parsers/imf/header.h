/*
 * header: the fields of a header section, one after another.
 *
 *   fields = *( field-name ":" unstructured CRLF )                  ; RFC 5322 2.2, 3.6.8
 *
 * The answers are those of imf_field_parse, field by field; what is ordinary (CRLF, no octet but
 * HTAB and %d32-126) is read out of one scan over many fields, and only the rest by the grammar.
 *
 *   struct imf_header header;
 *   struct imf_field field;
 *   imf_header_begin(in, limits, &header);
 *   while (imf_header_next(&header, &field).status == PARSE_OK && field.kind == IMF_FIELD)
 *       ...
 */
#ifndef MAILDRILL_IMF_HEADER_H
#define MAILDRILL_IMF_HEADER_H

#include "base/scan.h"
#include "imf/field.h"

struct imf_header {
    struct slice in;
    struct imf_field_limits limits;
    size_t at; /* offset of the next field, or of what could not be read */
    /* private */
    size_t next; /* the mark of the next field */
    struct scan_marks marks;
};

/** Begins at the first octet of a header section; `limits` are those of each field. */
void imf_header_begin(struct slice in, struct imf_field_limits limits,
                      struct imf_header *ret_header);

/* What the marks do not tell: imf_header_next's way for that. */
struct parse_result imf_header_look(struct imf_header *header, struct imf_field *ret_field);

/**
 * Reads the field at header->at, and moves behind it when the answer is OK. Offsets in the answer
 * count from header->at. After IMF_HEADER_END, header->at is where the body begins.
 */
static inline struct parse_result imf_header_next(struct imf_header *header,
                                                  struct imf_field *ret_field)
{
    const struct scan_mark *mark = &header->marks.mark[header->next];
    if (mark->colon == 0)
        return imf_header_look(header, ret_field);

    /* What the scan calls plain is a field without quirks. */
    const uint8_t *raw = header->in.ptr + header->at;
    size_t octets = (size_t)mark[1].start - mark->start;
    size_t colon = (size_t)mark->colon - mark->start;
    ret_field->kind = IMF_FIELD;
    ret_field->name = (struct slice){raw, colon};
    ret_field->body = (struct slice){raw + colon + 1, octets - colon - 1 - 2};
    ret_field->raw = (struct slice){raw, octets};
    ret_field->quirks = 0;
    header->at += octets;
    header->next++;
    return parse_ok(octets);
}

#endif
