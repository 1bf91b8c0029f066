#include "cli/play/baseline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/buffer.h"

static bool mistake(const char *path, size_t line, const char *what, struct slice word)
{
    fprintf(stderr, "maildrill: %s:%zu: %s", path, line, what);
    sink_visible((struct sink){load_put, stderr}, word, 120);
    fputc('\n', stderr);
    return false;
}

static bool read_verdict(struct slice word, enum engine_verdict *ret_verdict)
{
    for (enum engine_verdict v = ENGINE_WARN; v <= ENGINE_ERROR; v++) {
        if (slice_equal(word, slice_of_cstr(engine_verdict_name(v)))) {
            *ret_verdict = v;
            return true;
        }
    }
    return false;
}

/* An id may hold bars: the first one that a verdict follows ends it. */
static bool split(struct slice line, struct baseline_entry *ret_entry)
{
    for (size_t bar = slice_find(line, '|'); bar < line.len;) {
        struct slice rest = slice_from(line, bar + 1);
        size_t next = slice_find(rest, '|');
        struct slice id = slice_trim(slice_sub(line, 0, bar));
        if (next < rest.len && id.len > 0 &&
            read_verdict(slice_trim(slice_sub(rest, 0, next)), &ret_entry->verdict)) {
            ret_entry->id = id;
            ret_entry->reason = slice_trim(slice_from(rest, next + 1));
            return ret_entry->reason.len > 0;
        }
        bar += 1 + next;
    }
    return false;
}

static const struct baseline_entry *find(const struct baseline *b, struct slice id)
{
    for (size_t i = 0; i < b->count; i++)
        if (slice_equal(b->entries[i].id, id))
            return &b->entries[i];
    return NULL;
}

static bool is_loaded(const struct selection *s, struct slice id)
{
    for (size_t i = 0; i < s->all_count; i++)
        if (slice_equal(s->all[i].id, id))
            return true;
    return false;
}

static bool read_line(struct baseline *b, const char *path, size_t number, struct slice line,
                      const struct selection *selection)
{
    struct baseline_entry entry = {.line = number};
    line = slice_trim(line);
    if (line.len == 0 || line.ptr[0] == '#')
        return true;
    if (!split(line, &entry))
        return mistake(path, number,
                       "write \"id | fail, error, warn or skip | reason\", not: ", line);
    if (find(b, entry.id) != NULL)
        return mistake(path, number, "this id stands here twice: ", entry.id);
    if (!is_loaded(selection, entry.id))
        return mistake(path, number,
                       "no test has this id (--list shows those there are): ", entry.id);
    b->entries = report_grown(b->entries, (b->count + 1) * sizeof entry);
    b->entries[b->count++] = entry;
    return true;
}

bool baseline_read(struct baseline *b, const char *path, const struct selection *selection)
{
    *b = (struct baseline){.count = 0};
    if (!load_read(path, &b->octets)) {
        fprintf(stderr, "maildrill: %s: %s\n", path, strerror(errno));
        return false;
    }
    bool right = true;
    size_t number = 0;
    for (struct slice rest = b->octets; rest.len > 0;)
        right = read_line(b, path, ++number, report_line(&rest), selection) && right;
    return right;
}

void baseline_judge(const struct baseline *b, struct report_result *r)
{
    const struct baseline_entry *entry = find(b, r->id);
    if (entry == NULL)
        return;
    r->baseline_reason = entry->reason;
    r->baseline = r->verdict == entry->verdict ? REPORT_EXPECTED
                  : r->verdict == ENGINE_PASS  ? REPORT_UNEXPECTED_PASS
                                               : REPORT_OTHERWISE;
}

void baseline_free(struct baseline *b)
{
    free((void *)(uintptr_t)b->octets.ptr);
    free(b->entries);
}
