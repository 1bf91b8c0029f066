#include "cli/play/update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/play/load.h"
#include "cli/play/save.h"
#include "report/buffer.h"

/* Octets [from, to) of a file become `text`. */
struct edit {
    struct slice file;   /* its name */
    struct slice source; /* what stands in it */
    size_t from, to;
    struct buffer text;
};

/* The file that an expectation stands in: the script, or one that it uses. */
struct place_in {
    struct slice file, source;
};

struct update {
    struct edit *edits;
    size_t count;
    size_t left; /* differences that stay */
};

struct update *update_new(void)
{
    struct update *u = report_grown(NULL, sizeof *u);
    *u = (struct update){.count = 0};
    return u;
}

void update_free(struct update *u)
{
    for (size_t i = 0; u != NULL && i < u->count; i++)
        buffer_free(&u->edits[i].text);
    if (u != NULL)
        free(u->edits);
    free(u);
}

/* ---- where an expectation stands ---- */

/* "S: 250 2.1.0 text | warn 5xx": what follows the tag, in its parts; each a piece of the source.
 */
struct written {
    struct slice code; /* "250", "5xx", "250/251", "<EOF>" */
    struct slice enhanced;
    struct slice text;
    struct slice all; /* code to text */
};

static struct slice after_tag(const struct report_result *r, const struct script_step *step,
                              size_t line)
{
    struct slice source = script_source_line(r->script, line);
    size_t from = step->column - 1;
    if (line != step->line && !r->script->transcript) {
        from = slice_find(source, ':');
        from += from < source.len;
        from += from < source.len && source.ptr[from] == ' ';
    }
    return slice_from(source, from < source.len ? from : source.len);
}

/* The verdicts begin at " | " and one of their words, as the loader reads them. */
static size_t find_verdicts(struct slice line)
{
    static const struct slice words[] = {SLICE_INIT("| pass "), SLICE_INIT("| warn "),
                                         SLICE_INIT("| unclear "), SLICE_INIT("| fail ")};
    for (size_t i = 0; i < line.len; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (slice_starts(slice_from(line, i), words[k]))
                return i;
    return line.len;
}

static bool is_enhanced(struct slice word)
{
    size_t dots = 0;
    for (size_t i = 0; i < word.len; i++) {
        bool part = (word.ptr[i] >= '0' && word.ptr[i] <= '9') || word.ptr[i] == 'x';
        if (!part && word.ptr[i] != '.')
            return false;
        dots += word.ptr[i] == '.';
    }
    return dots == 2;
}

static struct written parts_of(struct slice line)
{
    struct written w = {.code = line};
    size_t end = find_verdicts(line);
    while (end > 0 && line.ptr[end - 1] == ' ')
        end--;
    line = slice_sub(line, 0, end);
    size_t code = 0;
    while (code < line.len && line.ptr[code] != ' ' && line.ptr[code] != '-')
        code++;
    w.code = slice_sub(line, 0, code);
    w.all = line;
    struct slice rest = slice_from(line, code < line.len ? code + 1 : code);
    size_t word = slice_find(rest, ' ');
    if (is_enhanced(slice_sub(rest, 0, word))) {
        w.enhanced = slice_sub(rest, 0, word);
        rest = slice_from(rest, word < rest.len ? word + 1 : word);
    }
    w.text = rest;
    return w;
}

/* ---- edits ---- */

/* False where it was played more than once, and another text came first: that one counts. */
static bool add(struct update *u, struct place_in in, struct slice piece, struct slice text)
{
    size_t from = (size_t)(piece.ptr - in.source.ptr);
    for (size_t i = 0; i < u->count; i++)
        if (u->edits[i].from == from && slice_equal(u->edits[i].file, in.file))
            return slice_equal(buffer_slice(&u->edits[i].text), text);
    if (slice_equal(piece, text))
        return true;
    u->edits = report_grown(u->edits, (u->count + 1) * sizeof *u->edits);
    struct edit *edit = &u->edits[u->count++];
    *edit = (struct edit){in.file, in.source, from, from + piece.len, {.ptr = NULL}};
    buffer_put(&edit->text, text);
    return true;
}

/* As a script writes text: "${" would be a variable. False where it cannot stand in a line. */
static bool escape(struct slice text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.ptr[i] < 0x20 && text.ptr[i] != '\t') || text.ptr[i] == 0x7F)
            return false;
        if (text.ptr[i] == '*' && slice_starts(slice_from(text, i), SLICE("****")))
            return false; /* a secret was taken out */
        if (text.ptr[i] == '$' && slice_starts(slice_from(text, i), SLICE("${")))
            buffer_put(out, SLICE("$"));
        buffer_put(out, slice_of(text.ptr + i, 1));
    }
    return true;
}

/* One line of the expectation after one line of the reply: code, enhanced code, text. False where
 * it cannot say so; `text_counts`, as its text is compared. */
static bool rewrite_line(struct update *u, struct place_in in, struct written w, struct slice got,
                         bool with_text, bool text_counts)
{
    struct written g = parts_of(got);
    struct buffer text = {.ptr = NULL};
    struct slice line_text = slice_from(got, g.code.len < got.len ? g.code.len + 1 : got.len);
    if (g.enhanced.len > 0)
        line_text = slice_from(line_text, line_text.len > g.enhanced.len ? g.enhanced.len + 1
                                                                         : g.enhanced.len);
    bool code = add(u, in, w.code, g.code), enhanced = true, same = true;
    if (w.enhanced.len > 0 && g.enhanced.len > 0)
        enhanced = add(u, in, w.enhanced, g.enhanced);
    else if (w.enhanced.len > 0)
        enhanced = add(u, in, slice_of(w.enhanced.ptr - 1, w.enhanced.len + 1), SLICE(""));
    if (with_text && w.text.len > 0)
        same = escape(line_text, &text) && add(u, in, w.text, buffer_slice(&text));
    buffer_free(&text);
    return code && enhanced && (same || !text_counts);
}

/* S=: the line as it came. */
static bool rewrite_exact(struct update *u, struct place_in in, struct slice piece,
                          struct slice got)
{
    struct buffer text = {.ptr = NULL};
    bool said = escape(got, &text) && add(u, in, piece, buffer_slice(&text));
    buffer_free(&text);
    return said;
}

static struct place_in place_of(const struct report_result *r, const struct script_step *step)
{
    return (struct place_in){script_place_of(r->script, step->line).name,
                             script_text_of(r->script, step->line)};
}

static void left_alone(struct update *u, const struct report_result *r,
                       const struct engine_event *event, const char *why)
{
    u->left++;
    struct sink out = {load_put, stderr};
    struct report_where where = report_where(r, event->step);
    sink_visible(out, where.file, 0);
    fprintf(stderr, ":%zu: left as it is: %s\n", where.line, why);
}

static size_t count_lines(struct slice reply)
{
    size_t lines = 0;
    while (reply.len > 0) {
        report_line(&reply);
        lines++;
    }
    return lines;
}

/* Why the expectation cannot say what was received; NULL where it does now. */
static const char *rewrite_reply(struct update *u, const struct report_result *r,
                                 const struct engine_event *event, const struct script_step *step)
{
    const struct script_expectation *expect = &step->as.expect;
    struct slice rest = event->text;
    bool texts = event->fault == ENGINE_FAULT_TEXT, said = true;
    struct place_in in = place_of(r, step);
    if (texts && count_lines(rest) != expect->line_count)
        return "the reply has another number of lines";
    for (size_t i = 0; i < expect->line_count; i++) {
        const struct script_reply_line *line = &expect->lines[i];
        struct slice piece = after_tag(r, step, line->line);
        struct slice got = report_line(&rest);
        if (rest.len == 0 && got.len == 0)
            got = event->text; /* fewer lines came: only the code is taken */
        if (line->kind == SCRIPT_LINE_PATTERN)
            return "a pattern is not rewritten";
        if (line->kind == SCRIPT_LINE_EXACT)
            said = rewrite_exact(u, in, piece, got) && said;
        else
            said = rewrite_line(u, in, parts_of(piece), got, texts || expect->line_count == 1,
                                texts) &&
                   said;
    }
    if (expect->line_count == 0) /* <EOF> */
        said = rewrite_line(u, in, parts_of(after_tag(r, step, step->line)), rest, false, false);
    return said ? NULL : "its line cannot say all that came: a secret, or another reply each time";
}

/* The same of any difference. */
static const char *rewrite(struct update *u, const struct report_result *r,
                           const struct engine_event *event)
{
    const struct script_step *step =
        event->step < r->test->step_count ? &r->test->steps[event->step] : NULL;
    bool reply = step != NULL && step->kind == SCRIPT_EXPECT;
    bool says = event->fault == ENGINE_FAULT_CODE || event->fault == ENGINE_FAULT_ENHANCED ||
                event->fault == ENGINE_FAULT_TEXT || event->fault == ENGINE_FAULT_NOT_CLOSED;
    bool gone = event->fault == ENGINE_FAULT_CLOSED || event->fault == ENGINE_FAULT_LOST;
    if (reply && slice_equal(place_of(r, step).file, SLICE("-")))
        return "standard input is no file";
    if (reply && says && event->text.len >= 3)
        return rewrite_reply(u, r, event, step);
    if (!reply || !gone)
        return engine_fault_text(event->fault);
    struct slice all = parts_of(after_tag(r, step, step->line)).all;
    return add(u, place_of(r, step), all, SLICE("<EOF>")) ? NULL : "another reply each time";
}

bool update_collect(struct update *u, const struct report_result *r)
{
    size_t left = u->left, differences = 0;
    for (size_t i = 0; i < r->event_count; i++) {
        if (r->events[i].kind != ENGINE_EVENT_DIFFERED)
            continue;
        const char *why = rewrite(u, r, &r->events[i]);
        differences++;
        if (why != NULL)
            left_alone(u, r, &r->events[i], why);
    }
    return differences > 0 && u->left == left;
}

/* ---- files ---- */

static int compare_edits(const void *a, const void *b)
{
    const struct edit *x = a, *y = b;
    size_t len = x->file.len < y->file.len ? x->file.len : y->file.len;
    int order = memcmp(x->file.ptr, y->file.ptr, len);
    if (order != 0 || x->file.len != y->file.len)
        return order != 0 ? order : x->file.len < y->file.len ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

static bool write_file(const struct update *u, size_t first, size_t count)
{
    struct slice name = u->edits[first].file, source = u->edits[first].source;
    char path[4096];
    struct sink out = {load_put, stdout};
    if (name.len >= sizeof path)
        return false;
    memcpy(path, name.ptr, name.len);
    path[name.len] = '\0';
    struct buffer text = {.ptr = NULL};
    size_t at = 0;
    for (size_t i = first; i < first + count; i++) {
        const struct edit *edit = &u->edits[i];
        if (edit->from < at)
            continue;
        buffer_put(&text, slice_sub(source, at, edit->from));
        buffer_put(&text, buffer_slice(&edit->text));
        at = edit->to;
    }
    buffer_put(&text, slice_from(source, at));
    bool saved = save_file(path, buffer_slice(&text));
    buffer_free(&text);
    if (!saved) {
        fprintf(stderr, "maildrill: %s: %s\n", path, strerror(errno));
        return false;
    }
    sink_visible(out, name, 0);
    printf(": %zu place%s rewritten\n", count, count == 1 ? "" : "s");
    return true;
}

bool update_write(const struct update *u)
{
    bool written = true;
    if (u->count > 0)
        qsort(u->edits, u->count, sizeof *u->edits, compare_edits);
    for (size_t first = 0, count; first < u->count; first += count) {
        count = 1;
        while (first + count < u->count &&
               slice_equal(u->edits[first + count].file, u->edits[first].file))
            count++;
        written = write_file(u, first, count) && written;
    }
    return written;
}
