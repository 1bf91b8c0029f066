#include "laws/shown.h"

#include "fuzz.h"
#include "report/log.h"
#include "report/place.h"

/* Columns of a text that is shown: a UTF-8 sequence is seen in one. */
static size_t count_columns(struct slice text)
{
    size_t columns = 0;
    for (size_t i = 0; i < text.len; i++)
        columns += (text.ptr[i] & 0xC0) != 0x80;
    return columns;
}

/* What is shown of a text is no wider than said, and as wide as an octet's "\xHH" lets it be. */
static void check_width(struct slice text, size_t max)
{
    struct buffer cut = {.len = 0}, whole = {.len = 0};
    size_t columns = sink_visible(buffer_sink(&cut), text, max);
    sink_visible(buffer_sink(&whole), text, 0);
    struct slice shown = buffer_slice(&cut), all = buffer_slice(&whole);
    FUZZ_LAW(columns == count_columns(shown), "what is shown is counted");
    if (count_columns(all) <= max) {
        FUZZ_LAW(slice_equal(shown, all), "what there is room for is shown");
    } else {
        FUZZ_LAW(columns <= max && columns + 3 >= max, "what is cut fills its room");
        FUZZ_LAW(slice_equal(slice_from(shown, shown.len - 3), SLICE("...")) &&
                     slice_starts(all, slice_sub(shown, 0, shown.len - 3)),
                 "and is the beginning");
    }
    buffer_free(&cut);
    buffer_free(&whole);
}

static void check_widths(struct slice text, size_t knob)
{
    for (size_t i = 0; i < 4 && text.len > 0; i++) {
        struct slice line = report_line(&text);
        check_width(slice_sub(line, 0, line.len < 200 ? line.len : 200), 4 + (knob + 7 * i) % 80);
    }
}

/* The value of " pass=" in any case, in a directive: a word, or what stands in quotes. */
static struct slice pass_of(struct slice line)
{
    struct slice name = SLICE(" pass="), first = slice_trim(line);
    if (!slice_starts(first, SLICE("%")) || slice_starts(first, SLICE("%set ")))
        return SLICE("");
    while (line.len > name.len && !slice_starts_nocase(line, name))
        line = slice_from(line, 1);
    line = slice_from(line, line.len > name.len ? name.len : line.len);
    bool quoted = slice_starts(line, SLICE("\""));
    line = slice_from(line, quoted);
    return slice_sub(line, 0, slice_find(line, quoted ? '"' : ' '));
}

/* Of the first lines that have one: whether the script loads or not, no place shows it. */
static void check_passes(const struct script *script)
{
    for (size_t n = 1, seen = 0; n <= script->line_count && seen < 4; n++) {
        struct slice line = script_source_line(script, n), pass = pass_of(line);
        if (pass.len < 4)
            continue;
        seen++;
        if (slice_holds(slice_sub(line, 0, (size_t)(pass.ptr - line.ptr)), pass) ||
            slice_holds(slice_from(line, (size_t)(pass.ptr - line.ptr) + 1), pass) ||
            slice_holds(pass, SLICE("*")))
            continue;
        struct buffer out = {.len = 0};
        struct place place = {script, n, 1, line.len > 0 ? line.len : 1};
        place_put_source(buffer_sink(&out), script, n);
        place_caret(buffer_sink(&out), place);
        FUZZ_LAW(!slice_holds(buffer_slice(&out), pass), "no place shows a secret");
        buffer_free(&out);
    }
}

/* A line of graphic octets and HTABs, of which nothing is hidden, and that is short. */
static bool is_plain_line(const struct script *script, size_t number, struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((line.ptr[i] < 32 && line.ptr[i] != '\t') || line.ptr[i] > 126)
            return false;
    return line.len < 160 && !place_source(script, number).hides;
}

/* The line, and carets right under the octets that are meant. */
static void check_caret(const struct script *script, size_t number, size_t knob)
{
    struct slice line = script_source_line(script, number);
    size_t column = 1 + knob % (line.len + 1), width = 1 + knob / 7 % 5;
    if (!is_plain_line(script, number, line) || script->file_count > 1)
        return;
    struct buffer out = {.len = 0}, model = {.len = 0};
    uint8_t digits[24];
    struct writer w = writer_of(digits, sizeof digits);
    writer_put_number(&w, number);
    buffer_put(&model, writer_slice(&w));
    buffer_put(&model, SLICE(" | "));
    buffer_put(&model, line);
    buffer_put(&model, SLICE("\n"));
    for (size_t i = 0; i < w.len; i++)
        buffer_put(&model, SLICE(" "));
    buffer_put(&model, SLICE(" | "));
    for (size_t i = 0; i + 1 < column; i++)
        buffer_put(&model, line.ptr[i] == '\t' ? SLICE("\t") : SLICE(" "));
    buffer_put(&model, SLICE("^"));
    for (size_t i = 1; i < width && column - 1 + i < line.len; i++)
        buffer_put(&model, SLICE("^"));
    bool tab = slice_find(slice_from(line, column - 1), '\t') < line.len - (column - 1);
    place_caret(buffer_sink(&out), (struct place){script, number, column, width});
    FUZZ_LAW(tab || slice_equal(buffer_slice(&out), buffer_slice(&model)),
             "carets stand under what is meant");
    buffer_free(&model);
    buffer_free(&out);
}

/* A log that is full keeps what a verdict rests on, and counts the rest; by octets, or by events.
 */
static void check_log(bool by_octets)
{
    static uint8_t text[LOG_TEXT_OCTETS + 100];
    struct log log = {.count = 0};
    struct engine_event event = {.kind = ENGINE_EVENT_SENT,
                                 .text = slice_of(text, by_octets ? sizeof text : 0)};
    size_t room = by_octets ? LOG_OCTETS / LOG_TEXT_OCTETS : LOG_EVENTS;
    for (size_t i = 0; i < room + 3; i++)
        log_event(&log, &event);
    FUZZ_LAW(log.count == room && log.dropped == 3, "a log has its limits, and says so");
    event.kind = ENGINE_EVENT_DIFFERED;
    log_event(&log, &event);
    FUZZ_LAW(log.count == room + 1 && log.octets.len <= LOG_OCTETS + LOG_TEXT_OCTETS,
             "but keeps what decides");
    log_free(&log);
}

void shown_check(const struct script *script, struct slice octets, size_t knob)
{
    check_widths(octets, knob);
    check_passes(script);
    for (size_t n = 1; n <= script->line_count && n < 4; n++)
        check_caret(script, n, knob * n);
    static bool filled[2]; /* takes milliseconds, and nothing of the input: once is enough */
    bool by_octets = knob == '0';
    if ((by_octets || knob == 7) && !filled[by_octets]) {
        filled[by_octets] = true;
        check_log(by_octets);
    }
}
