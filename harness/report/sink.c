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

static uint32_t code_point(const uint8_t *at, size_t octets)
{
    uint32_t point = octets == 1 ? at[0] : at[0] & (0x7Fu >> octets);
    for (size_t i = 1; i < octets; i++)
        point = point << 6 | (at[i] & 0x3Fu);
    return point;
}

/* Characters that are not seen, or change the place of others: C1 controls, what has no width, line
 * separators, and what turns the direction of text, so that it reads as what it is not (Unicode
 * 2.11, 23.2; TR 36 3.1); and those that are none (23.7). */
static bool deceives(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x80, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},    {0x180E, 0x180E},
                  {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},  {0xFDD0, 0xFDEF},
                  {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB}, {0xE0000, 0xE0FFF}};
    if ((point & 0xFFFE) == 0xFFFE)
        return true;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
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
    bool shown = u.octets == 1 ? octet_is(in.ptr[0], OCTET_GRAPHIC) || in.ptr[0] == ' '
                               : u.octets > 1 && !deceives(code_point(in.ptr, u.octets));
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

void sink_escaped(struct sink s, struct slice octets)
{
    static const struct {
        uint8_t octet;
        const char *written;
    } escapes[] = {{'\r', "\\r"}, {'\n', "\\n"}, {'\t', "\\t"}, {'\0', "\\0"}, {'\\', "\\\\"}};
    size_t from = 0;
    for (size_t i = 0; i < octets.len; i++) {
        for (size_t k = 0; k < sizeof escapes / sizeof *escapes; k++) {
            if (octets.ptr[i] != escapes[k].octet)
                continue;
            sink_visible(s, slice_sub(octets, from, i), 0);
            sink_text(s, escapes[k].written);
            from = i + 1;
        }
    }
    sink_visible(s, slice_from(octets, from), 0);
}
