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
    size_t scanned; /* offset of the marks */
    size_t next;    /* the mark of the next field */
    struct scan_marks marks;
};

/** Begins at the first octet of a header section; `limits` are those of each field. */
void imf_header_begin(struct slice in, struct imf_field_limits limits,
                      struct imf_header *ret_header);

/**
 * Reads the field at header->at, and moves behind it when the answer is OK. Offsets in the answer
 * count from header->at. After IMF_HEADER_END, header->at is where the body begins.
 */
struct parse_result imf_header_next(struct imf_header *header, struct imf_field *ret_field);

#endif
