#include "cli/oracle/mailbox.h"

#include "imf/header.h"

#define FIELD_OCTETS (64u * 1024)

/* Fields in which delivery agents write whom a copy is for. */
static bool names_recipient(struct slice name)
{
    static const struct slice names[] = {SLICE_INIT("Delivered-To"), SLICE_INIT("X-Original-To"),
                                         SLICE_INIT("Envelope-To"), SLICE_INIT("X-Envelope-To")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal_nocase(name, names[i]))
            return true;
    return false;
}

static bool went_to(struct slice message, struct slice mailbox)
{
    struct imf_header header;
    struct imf_field field;
    bool said = false, named = false;
    imf_header_begin(message, (struct imf_field_limits){FIELD_OCTETS, true}, &header);
    while (!named && imf_header_next(&header, &field).status == PARSE_OK &&
           field.kind == IMF_FIELD) {
        if (!names_recipient(field.name))
            continue;
        struct slice body = slice_trim(field.body);
        if (slice_starts(body, SLICE("<")) && body.ptr[body.len - 1] == '>')
            body = slice_sub(body, 1, body.len - 1);
        said = true;
        named = slice_equal_nocase(body, mailbox);
    }
    return named || !said;
}

bool mailbox_holds(struct slice message, const struct engine_query *query)
{
    return message.len > 0 && slice_holds(message, query->token) &&
           (query->mailbox.len == 0 || went_to(message, query->mailbox));
}
