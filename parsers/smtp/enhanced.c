#include "smtp/enhanced.h"

#include "base/octet.h"

/* RFC 3463 2: 1*3DIGIT, "expressed without leading zero digits". Returns the octets read, or 0. */
static size_t read_number(struct slice in, uint16_t *ret_number)
{
    unsigned number = 0;
    size_t len = 0;
    for (; len < in.len && octet_is(in.ptr[len], OCTET_DIGIT); len++) {
        if (len == 3 || (len == 1 && number == 0))
            return 0;
        number = number * 10 + (unsigned)(in.ptr[len] - '0');
    }
    *ret_number = (uint16_t)number;
    return len;
}

size_t smtp_enhanced_parse(struct slice text, struct smtp_enhanced *ret_code)
{
    uint16_t parts[3];
    size_t at = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i > 0 && (at == text.len || text.ptr[at++] != '.'))
            return 0;
        size_t len = read_number(slice_from(text, at), &parts[i]);
        if (len == 0)
            return 0;
        at += len;
    }
    if (at < text.len && text.ptr[at] != ' ')
        return 0;
    if (parts[0] != 2 && parts[0] != 4 && parts[0] != 5)
        return 0;
    *ret_code = (struct smtp_enhanced){parts[0], parts[1], parts[2]};
    return at;
}

void smtp_enhanced_write(struct smtp_enhanced code, struct writer *out)
{
    writer_put_number(out, code.class);
    writer_put_octet(out, '.');
    writer_put_number(out, code.subject);
    writer_put_octet(out, '.');
    writer_put_number(out, code.detail);
}
