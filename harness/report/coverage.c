#include "report/coverage.h"

#include <stdlib.h>

#include "report/buffer.h"

static uint64_t number_at(struct slice text, size_t *at)
{
    uint64_t number = 0;
    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; *at += 1)
        number = (number * 10 + (uint64_t)(text.ptr[*at] - '0')) % 1000000007;
    return number;
}

int coverage_compare(struct slice a, struct slice b)
{
    size_t i = 0, k = 0;
    while (i < a.len && k < b.len) {
        size_t of_a = i, of_b = k;
        uint64_t x = number_at(a, &i), y = number_at(b, &k);
        bool is_number = i > of_a;
        if (is_number != (k > of_b))
            return is_number ? -1 : 1;
        if (x != y)
            return x < y ? -1 : 1;
        if (is_number)
            continue;
        if (a.ptr[i] != b.ptr[k])
            return a.ptr[i] < b.ptr[k] ? -1 : 1;
        i++;
        k++;
    }
    return a.len - i == b.len - k ? 0 : a.len - i < b.len - k ? -1 : 1;
}

static int compare(const struct coverage_section *s, struct slice rfc, struct slice section)
{
    if ((s->rfc.len == 0) != (rfc.len == 0))
        return s->rfc.len == 0 ? 1 : -1;
    int order = coverage_compare(s->rfc, rfc);
    return order != 0 ? order : coverage_compare(s->section, section);
}

enum engine_verdict coverage_verdict(const struct report_result *result)
{
    if (result->baseline == REPORT_UNEXPECTED_PASS)
        return ENGINE_FAIL;
    return result->flaky || result->baseline == REPORT_EXPECTED ? ENGINE_WARN : result->verdict;
}

/* Where it stands, or would. */
static size_t place_of(const struct coverage *c, struct slice rfc, struct slice section)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&c->sections[middle], rfc, section) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct coverage_section *coverage_find(const struct coverage *c, struct slice rfc,
                                             struct slice section)
{
    size_t at = place_of(c, rfc, section);
    return at < c->count && compare(&c->sections[at], rfc, section) == 0 ? &c->sections[at] : NULL;
}

size_t coverage_add(struct coverage *c, const struct report_result *result)
{
    struct slice rfc = report_rfc(result->test), section = report_section(result->test);
    size_t at = place_of(c, rfc, section);
    if (at == c->count || compare(&c->sections[at], rfc, section) != 0) {
        c->sections = report_grown(c->sections, (c->count + 1) * sizeof *c->sections);
        memmove(&c->sections[at + 1], &c->sections[at], (c->count - at) * sizeof *c->sections);
        c->sections[at] = (struct coverage_section){.rfc = rfc, .section = section};
        c->count++;
    }
    c->sections[at].counts[coverage_verdict(result)]++;
    return at;
}

void coverage_free(struct coverage *c)
{
    free(c->sections);
}
