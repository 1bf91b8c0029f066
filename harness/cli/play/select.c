#include "cli/play/select.h"

#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "report/buffer.h"

/* ---- names ---- */

static size_t put_name(char *out, const struct script *script, const struct script_test *test)
{
    struct slice file = script->name, title = test->title;
    size_t len = file.len;
    memcpy(out, file.ptr, file.len);
    if (script->test_count > 1 && title.len > 0) {
        out[len++] = '#';
        memcpy(out + len, title.ptr, title.len);
        len += title.len;
    }
    return len;
}

static void name_all(struct selection *s, const struct load *load)
{
    size_t tests = 0, octets = 1;
    for (size_t i = 0; i < load->count; i++) {
        const struct script *script = load->scripts[i];
        tests += script->test_count;
        for (size_t k = 0; k < script->test_count; k++)
            octets += script->name.len + 1 + script->tests[k].title.len;
    }
    s->all = report_grown(NULL, (tests + 1) * sizeof *s->all);
    s->tests = report_grown(NULL, (tests + 1) * sizeof *s->tests);
    s->names = report_grown(NULL, octets);
    char *name = s->names;
    for (size_t i = 0; i < load->count; i++) {
        const struct script *script = load->scripts[i];
        for (size_t k = 0; k < script->test_count; k++) {
            struct selected *at = &s->all[s->all_count++];
            *at = (struct selected){script, &script->tests[k], script->tests[k].id};
            if (at->id.len == 0) {
                at->id = slice_of(name, put_name(name, script, at->test));
                name += at->id.len;
            }
        }
    }
}

/* ---- what is asked for ---- */

struct filter {
    const struct options *options;
    pcre2_code *pattern;
    pcre2_match_data *match;
    struct slice rfc;
};

static bool compile(struct filter *f)
{
    int error;
    PCRE2_SIZE offset;
    const char *text = f->options->filter;
    if (text == NULL)
        return true;
    f->pattern = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, &error, &offset, NULL);
    if (f->pattern == NULL) {
        PCRE2_UCHAR message[128];
        pcre2_get_error_message(error, message, sizeof message);
        fprintf(stderr, "maildrill: --filter %s: %s at offset %zu\n", text, (char *)message,
                (size_t)offset);
        return false;
    }
    f->match = pcre2_match_data_create_from_pattern(f->pattern, NULL);
    return true;
}

static bool matches(const struct filter *f, struct slice text)
{
    return pcre2_match(f->pattern, text.ptr == NULL ? (PCRE2_SPTR) "" : text.ptr, text.len, 0, 0,
                       f->match, NULL) >= 0;
}

static bool has_tag(const struct options *o, struct slice tags)
{
    while (tags.len > 0) {
        size_t comma = slice_find(tags, ',');
        for (size_t i = 0; i < o->tag_count; i++)
            if (slice_equal_nocase(slice_sub(tags, 0, comma), slice_of_cstr(o->tags[i])))
                return true;
        tags = slice_from(tags, comma < tags.len ? comma + 1 : comma);
    }
    return false;
}

/* "5321#4.1" stands for itself and "5321#4.1.4", not for "5321#4.10". */
static bool within(struct slice rfc, struct slice asked)
{
    if (!slice_starts(rfc, asked))
        return false;
    return rfc.len == asked.len || rfc.ptr[asked.len] == '#' || rfc.ptr[asked.len] == '.';
}

static bool wanted(const struct filter *f, const struct selected *at)
{
    const struct options *o = f->options;
    if (f->pattern != NULL && !matches(f, at->id) && !matches(f, at->test->title) &&
        !matches(f, at->script->name))
        return false;
    if (o->tag_count > 0 && !has_tag(o, at->test->tags))
        return false;
    if (o->levels != 0 && (o->levels & 1u << at->test->level) == 0)
        return false;
    return f->rfc.len == 0 || within(at->test->rfc, f->rfc);
}

bool select_tests(struct selection *s, const struct load *load, const struct options *o)
{
    struct filter f = {.options = o, .rfc = slice_of_cstr(o->rfc == NULL ? "" : o->rfc)};
    *s = (struct selection){.count = 0};
    if (!compile(&f))
        return false;
    name_all(s, load);
    size_t number = 0;
    for (size_t i = 0; i < s->all_count; i++) {
        if (!wanted(&f, &s->all[i]))
            continue;
        if (o->shards == 0 || number % o->shards + 1 == o->shard)
            s->tests[s->count++] = s->all[i];
        number++;
    }
    pcre2_match_data_free(f.match);
    pcre2_code_free(f.pattern);
    return true;
}

void select_free(struct selection *s)
{
    free(s->tests);
    free(s->all);
    free(s->names);
}

void select_list(const struct selection *s)
{
    struct sink out = {load_put, stdout};
    for (size_t i = 0; i < s->count; i++) {
        const struct selected *at = &s->tests[i];
        sink_visible(out, at->script->name, 0);
        printf(":%zu\t%s\t", at->test->line == 0 ? 1 : at->test->line,
               script_level_name(at->test->level));
        sink_visible(out, at->test->rfc.len > 0 ? at->test->rfc : SLICE("-"), 0);
        printf("\t");
        sink_visible(out, at->id, 0);
        printf("\t");
        sink_visible(out, at->test->title, 0);
        printf("\n");
    }
}
