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

/* One visible unit at the front of `in`: its octets, and the columns it is seen in. */
struct unit {
    size_t octets;
    size_t columns;
    bool shown; /* as it is; otherwise as \xNN */
};

static struct unit unit_of(struct slice in)
{
    struct unit u = {.octets = base_utf8_sequence(in)};
    u.shown = u.octets == 1 ? octet_is(in.ptr[0], OCTET_GRAPHIC) || in.ptr[0] == ' '
                            : u.octets > 1 && !deceives(code_point(in.ptr, u.octets));
    u.columns = u.shown ? 1 : 4;
    if (!u.shown)
        u.octets = 1;
    return u;
}

static void put_hex(struct sink s, uint8_t octet)
{
    static const char hex[] = "0123456789abcdef";
    const char text[] = {'\\', 'x', hex[octet >> 4], hex[octet & 15]};
    sink_put(s, slice_of(text, sizeof text));
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
    size_t columns = 0, from = 0, at = 0;
    while (at < octets.len) {
        struct unit u = unit_of(slice_from(octets, at));
        if (u.columns > room - columns)
            break;
        if (!u.shown) {
            sink_put(s, slice_sub(octets, from, at));
            put_hex(s, octets.ptr[at]);
            from = at + u.octets;
        }
        columns += u.columns;
        at += u.octets;
    }
    sink_put(s, slice_sub(octets, from, at));
    if (cut)
        sink_text(s, "...");
    return columns + (cut ? 3 : 0);
}

/* A sink's put: what goes to the sink `context`, with references for what is markup. */
static void put_markup(void *context, struct slice text)
{
    static const struct {
        uint8_t octet;
        const char *reference;
    } references[] = {
        {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    const struct sink *s = context;
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        for (size_t k = 0; k < sizeof references / sizeof *references; k++) {
            if (text.ptr[i] != references[k].octet)
                continue;
            sink_put(*s, slice_sub(text, from, i));
            sink_text(*s, references[k].reference);
            from = i + 1;
        }
    }
    sink_put(*s, slice_from(text, from));
}

void sink_markup(struct sink s, struct slice octets)
{
    sink_visible((struct sink){put_markup, &s}, octets, 0);
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
