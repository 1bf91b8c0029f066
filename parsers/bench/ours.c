/* What is measured of maildrill: each job is the loop that a user of the parser writes. */
#include "bench.h"

#include "base/scan.h"
#include "imf/address.h"
#include "imf/date.h"
#include "imf/header.h"
#include "imf/msgid.h"
#include "imf/received.h"
#include "smtp/command.h"
#include "smtp/ehlo.h"
#include "smtp/reply.h"

size_t bench_memchr(const struct bench_input *input)
{
    size_t lines = 0;
    const uint8_t *at = input->all.ptr, *end = at + input->all.len, *lf;
    for (; at < end && (lf = memchr(at, '\n', (size_t)(end - at))) != NULL; at = lf + 1)
        lines++;
    return lines;
}

/* ---- header sections ---- */

static size_t scan_with(const char *name, const struct bench_input *input)
{
    struct scan_marks marks;
    size_t fields = 0;
    unsigned n = 0;
    while (scan_way(n) != NULL && strcmp(scan_way(n)->name, name) != 0)
        n++;
    for (size_t at = 0; scan_way(n) != NULL && at < input->all.len;) {
        scan_way(n)->fields(slice_from(input->all, at), &marks);
        if (marks.count == 0)
            break;
        fields += marks.count;
        at += marks.mark[marks.count].start;
    }
    return fields;
}

size_t bench_avx2_scan(const struct bench_input *input)
{
    return scan_with("avx2", input);
}

size_t bench_sse2_scan(const struct bench_input *input)
{
    return scan_with("sse2", input);
}

size_t bench_portable_scan(const struct bench_input *input)
{
    return scan_with("portable", input);
}

static const struct imf_field_limits field_limits = {100000, true};

size_t bench_header(const struct bench_input *input)
{
    struct imf_header header;
    struct imf_field field;
    size_t fields = 0;
    for (size_t at = 0; at < input->all.len; at += header.at) {
        imf_header_begin(slice_from(input->all, at), field_limits, &header);
        do {
            if (imf_header_next(&header, &field).status != PARSE_OK)
                return 0;
            fields++;
        } while (field.kind == IMF_FIELD);
    }
    return fields;
}

/* ---- bodies of fields ---- */

static size_t count_addresses(struct slice body)
{
    struct imf_address_list list;
    struct imf_address address;
    size_t count = 0;
    imf_address_begin(body, &list);
    while (imf_address_next(&list, &address))
        count++;
    return count;
}

static size_t count_msgids(struct slice body)
{
    struct imf_msgid_list list;
    struct imf_msgid id;
    size_t count = 0;
    imf_msgid_begin(body, &list);
    while (imf_msgid_next(&list, &id))
        count++;
    return count;
}

static size_t count_date(struct slice body)
{
    struct imf_date date;
    return imf_date_parse(body, &date).status == PARSE_OK;
}

/* From, To, Date and Message-ID of each header, with all that split and validate do. */
size_t bench_structured(const struct bench_input *input)
{
    struct imf_header header;
    struct imf_field field;
    size_t found = 0;
    for (size_t at = 0; at < input->all.len; at += header.at) {
        imf_header_begin(slice_from(input->all, at), field_limits, &header);
        while (imf_header_next(&header, &field).status == PARSE_OK && field.kind == IMF_FIELD) {
            if (slice_equal_nocase(field.name, SLICE("From")) ||
                slice_equal_nocase(field.name, SLICE("To")))
                found += count_addresses(field.body);
            else if (slice_equal_nocase(field.name, SLICE("Date")))
                found += count_date(field.body);
            else if (slice_equal_nocase(field.name, SLICE("Message-ID")))
                found += count_msgids(field.body);
        }
    }
    return found;
}

static size_t each_value(const struct bench_input *input, size_t (*count)(struct slice body))
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++)
        found += count(input->values[i]);
    return found;
}

size_t bench_address(const struct bench_input *input)
{
    return each_value(input, count_addresses);
}

size_t bench_msgid(const struct bench_input *input)
{
    return each_value(input, count_msgids);
}

size_t bench_date(const struct bench_input *input)
{
    return each_value(input, count_date);
}

size_t bench_received(const struct bench_input *input)
{
    struct imf_received received;
    size_t dates = 0;
    for (size_t i = 0; i < input->count; i++)
        if (imf_received_parse(input->values[i], &received).status == PARSE_OK)
            dates += received.has_date;
    return dates;
}

/* ---- SMTP ---- */

size_t bench_command(const struct bench_input *input)
{
    struct smtp_command command;
    size_t lines = 0;
    for (size_t at = 0; at < input->all.len; lines++) {
        struct parse_result result = smtp_command_parse(slice_from(input->all, at), 2048, &command);
        if (result.status != PARSE_OK)
            return 0;
        at += result.offset;
    }
    return lines;
}

static const struct smtp_reply_limits reply_limits = {2048, 65536};

size_t bench_reply(const struct bench_input *input)
{
    struct smtp_reply reply;
    size_t replies = 0;
    for (size_t at = 0; at < input->all.len; replies++) {
        struct smtp_reply_parser parser = {.limits = reply_limits};
        struct parse_result result = smtp_reply_parse(&parser, slice_from(input->all, at), &reply);
        if (result.status != PARSE_OK)
            return 0;
        at += result.offset;
    }
    return replies;
}

size_t bench_ehlo(const struct bench_input *input)
{
    size_t keywords = 0;
    for (size_t at = 0; at < input->all.len;) {
        struct smtp_reply_parser parser = {.limits = reply_limits};
        struct smtp_reply reply;
        struct smtp_ehlo ehlo;
        struct smtp_ehlo_keyword keyword;
        struct parse_result result = smtp_reply_parse(&parser, slice_from(input->all, at), &reply);
        if (result.status != PARSE_OK)
            return 0;
        smtp_ehlo_begin(&reply, &ehlo);
        while (smtp_ehlo_next(&ehlo, &keyword))
            keywords += keyword.extension != SMTP_EXTENSION_UNKNOWN;
        at += result.offset;
    }
    return keywords;
}
