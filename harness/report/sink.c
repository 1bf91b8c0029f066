#include "report/sink.h"

#include "base/octet.h"
#include "base/utf8.h"
#include "base/writer.h"

void sink_repeat(struct sink s, char octet, size_t count)
{
    while (count-- > 0)
        sink_put(s, slice_of(&octet, 1));
}

void sink_number(struct sink s, uint64_t number, size_t width)
{
    uint8_t digits[20];
    struct writer w = writer_of(digits, sizeof digits);
    writer_put_number(&w, number);
    if (w.len < width)
        sink_repeat(s, ' ', width - w.len);
    sink_put(s, writer_slice(&w));
}

/* One visible unit at the front of `in`: its octets, written form and columns. */
struct unit {
    size_t octets;
    size_t columns;
    uint8_t text[4];
    size_t len;
};

static struct unit unit_of(struct slice in)
{
    static const char hex[] = "0123456789abcdef";
    struct unit u = {.octets = base_utf8_sequence(in)};
    bool c1_control = u.octets == 2 && in.ptr[0] == 0xC2 && in.ptr[1] < 0xA0;
    bool shown = u.octets == 1 ? octet_is(in.ptr[0], OCTET_GRAPHIC) || in.ptr[0] == ' '
                               : u.octets > 1 && !c1_control;
    if (shown) {
        memcpy(u.text, in.ptr, u.octets);
        u.len = u.octets;
        u.columns = 1;
    } else {
        u.octets = 1;
        u.text[0] = '\\';
        u.text[1] = 'x';
        u.text[2] = (uint8_t)hex[in.ptr[0] >> 4];
        u.text[3] = (uint8_t)hex[in.ptr[0] & 15];
        u.len = u.columns = 4;
    }
    return u;
}

static size_t columns_of(struct slice octets, size_t enough)
{
    size_t columns = 0;
    for (struct slice rest = octets; rest.len > 0 && columns <= enough;) {
        struct unit u = unit_of(rest);
        columns += u.columns;
        rest = slice_from(rest, u.octets);
    }
    return columns;
}

size_t sink_visible(struct sink s, struct slice octets, size_t max_columns)
{
    bool cut = max_columns > 3 && columns_of(octets, max_columns) > max_columns;
    size_t room = cut ? max_columns - 3 : SIZE_MAX;
    size_t columns = 0;
    for (struct slice rest = octets; rest.len > 0;) {
        struct unit u = unit_of(rest);
        if (u.columns > room - columns)
            break;
        sink_put(s, slice_of(u.text, u.len));
        columns += u.columns;
        rest = slice_from(rest, u.octets);
    }
    if (cut)
        sink_text(s, "...");
    return columns + (cut ? 3 : 0);
}
