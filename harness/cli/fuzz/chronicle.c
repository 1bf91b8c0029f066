#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/chronicle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/play/conceal.h"
#include "cli/play/load.h"
#include "report/campaign.h"

#define SCHEMA "maildrill-campaign-1"

static json_t *needed(json_t *value)
{
    if (value == NULL)
        abort(); /* no memory */
    return value;
}

void chronicle_set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, needed(value));
}

json_t *chronicle_text(const struct chronicle *r, struct slice octets)
{
    struct buffer hidden = {.ptr = NULL}, visible = {.ptr = NULL};
    conceal(&hidden, octets, r->options->pass);
    sink_visible(buffer_sink(&visible), buffer_slice(&hidden), 0);
    json_t *text =
        needed(json_stringn(visible.len == 0 ? "" : (const char *)visible.ptr, visible.len));
    buffer_free(&hidden);
    buffer_free(&visible);
    return text;
}

json_t *chronicle_lines(const struct chronicle *r, struct slice octets)
{
    struct buffer hidden = {.ptr = NULL}, visible = {.ptr = NULL};
    conceal(&hidden, octets, r->options->pass);
    for (struct slice rest = buffer_slice(&hidden); rest.len > 0;) {
        size_t end = slice_find(rest, '\n');
        sink_visible(buffer_sink(&visible), slice_sub(rest, 0, end), 0);
        buffer_put(&visible, slice_sub(rest, end, end < rest.len ? end + 1 : end));
        rest = slice_from(rest, end < rest.len ? end + 1 : end);
    }
    json_t *text =
        needed(json_stringn(visible.len == 0 ? "" : (const char *)visible.ptr, visible.len));
    buffer_free(&hidden);
    buffer_free(&visible);
    return text;
}

/* ---- its beginning ---- */

static bool hides_value(const char *word)
{
    return strcmp(word, "--pass") == 0 || strcmp(word, "--set") == 0;
}

/* The words of the command line: what --set defines is between the user and the server, too. */
static json_t *command_of(const struct chronicle *r)
{
    json_t *words = needed(json_array());
    json_array_append_new(words, needed(json_string("maildrill")));
    for (int i = 0; i < r->options->argc; i++) {
        const char *word = r->options->argv[i];
        struct slice text = slice_of_cstr(word);
        bool value = i > 0 && hides_value(r->options->argv[i - 1]);
        bool joined = strncmp(word, "--pass=", 7) == 0 || strncmp(word, "--set=", 6) == 0;
        size_t shown = !value && !joined              ? text.len
                       : strncmp(word, "--p", 3) == 0 ? 7
                       : joined                       ? 6 + slice_find(slice_from(text, 6), '=') + 1
                       : strcmp(r->options->argv[i - 1], "--set") == 0 ? slice_find(text, '=') + 1
                                                                       : 0;
        struct buffer safe = {.ptr = NULL};
        buffer_put(&safe, slice_sub(text, 0, shown < text.len ? shown : text.len));
        if (value || joined)
            buffer_put(&safe, SLICE("****"));
        json_array_append_new(words, chronicle_text(r, buffer_slice(&safe)));
        buffer_free(&safe);
    }
    return words;
}

static const char *path_in(const struct chronicle *r, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", r->out, name);
    return path;
}

/* Of a kind and version that this program knows, or none. */
static json_t *read_earlier(const struct chronicle *r, const char *kind)
{
    char path[4200];
    json_t *found = json_load_file(path_in(r, "campaign.json", path, sizeof path), 0, NULL);
    const char *schema = json_string_value(json_object_get(found, "schema"));
    const char *its = json_string_value(json_object_get(found, "kind"));
    if (schema != NULL && strcmp(schema, SCHEMA) == 0 && its != NULL && strcmp(its, kind) == 0)
        return found;
    json_decref(found);
    return needed(json_object());
}

static json_t *time_now(void)
{
    char text[32];
    time_t seconds = time(NULL);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    return needed(json_string(text));
}

/* What earlier runs found stays, and so does when the first one began. */
static void keep_earlier(struct chronicle *r, const char *name, json_t *otherwise)
{
    json_t *earlier = json_object_get(r->earlier, name);
    bool usable = earlier != NULL && json_typeof(earlier) == json_typeof(otherwise);
    chronicle_set(r->root, name, usable ? json_deep_copy(earlier) : json_incref(otherwise));
    json_decref(otherwise);
}

void chronicle_begin(struct chronicle *r, const struct options *options, const char *out,
                     const char *kind, const char *target, bool goes_on)
{
    *r = (struct chronicle){.options = options, .out = out, .root = needed(json_object())};
    r->earlier = goes_on ? read_earlier(r, kind) : needed(json_object());
    chronicle_set(r->root, "schema", json_string(SCHEMA));
    chronicle_set(r->root, "maildrill", json_string(MAILDRILL_VERSION));
    chronicle_set(r->root, "kind", json_string(kind));
    keep_earlier(r, "started", time_now());
    chronicle_set(r->root, "target", chronicle_text(r, slice_of_cstr(target)));
    json_int_t runs = json_integer_value(json_object_get(r->earlier, "runs"));
    chronicle_set(r->root, "runs", json_integer(runs + 1));
    chronicle_set(r->root, "command", command_of(r));
    keep_earlier(r, "findings", needed(json_array()));
    chronicle_set(r->root, "settings", json_array());
    chronicle_set(r->root, "not_tried", json_array());
}

/* ---- what is found ---- */

void chronicle_pair(struct chronicle *r, const char *array, const char *left, struct slice name,
                    const char *right, struct slice value)
{
    json_t *row = needed(json_object()), *rows = json_object_get(r->root, array);
    chronicle_set(row, left, chronicle_text(r, name));
    chronicle_set(row, right, chronicle_text(r, value));
    if (rows == NULL)
        chronicle_set(r->root, array, rows = needed(json_array()));
    json_array_append_new(rows, row);
}

json_t *chronicle_new_finding(const struct chronicle *r, const char *oracle, const char *severity,
                              const char *section, struct slice title, const char *file)
{
    json_t *finding = needed(json_object());
    chronicle_set(finding, "oracle", json_string(oracle));
    chronicle_set(finding, "severity", json_string(severity));
    chronicle_set(finding, "section", json_string(section));
    chronicle_set(finding, "title", chronicle_text(r, title));
    chronicle_set(finding, "file", json_string(file));
    chronicle_set(finding, "dialogue", json_array());
    return finding;
}

void chronicle_say(const struct chronicle *r, json_t *finding, const char *by, struct slice octets,
                   bool decisive, const char *note)
{
    json_t *dialogue = json_object_get(finding, "dialogue"), *line = NULL;
    bool any = false;
    while (octets.len > 0 || !any) {
        size_t end = slice_find(octets, '\n'), cut = end;
        cut -= end < octets.len && end > 0 && octets.ptr[end - 1] == '\r';
        struct slice shown = slice_sub(octets, 0, cut);
        line = needed(json_object());
        chronicle_set(line, "by", json_string(by));
        /* What ends a line is not shown where it is CRLF, and else is. */
        struct buffer text = {.ptr = NULL};
        buffer_put(&text, shown);
        if (end < octets.len && cut == end)
            buffer_put(&text, SLICE("\n"));
        chronicle_set(line, "text", chronicle_text(r, buffer_slice(&text)));
        buffer_free(&text);
        if (decisive)
            chronicle_set(line, "decisive", json_true());
        json_array_append_new(dialogue, line);
        octets = slice_from(octets, end < octets.len ? end + 1 : end);
        any = true;
    }
    if (note != NULL)
        chronicle_set(line, "note", json_string(note));
}

void chronicle_finding(struct chronicle *r, json_t *finding)
{
    json_t *findings = json_object_get(r->root, "findings");
    const char *file = json_string_value(json_object_get(finding, "file"));
    for (size_t i = json_array_size(findings); i-- > 0;) {
        const char *other = json_string_value(json_object_get(json_array_get(findings, i), "file"));
        if (other != NULL && file != NULL && strcmp(other, file) == 0)
            json_array_remove(findings, i);
    }
    json_array_append_new(findings, finding);
}

/* ---- the files ---- */

static void write_file(struct chronicle *r, const char *name,
                       void (*put)(struct sink sink, const json_t *campaign))
{
    char path[4200], whole[4200];
    FILE *file = fopen(path_in(r, ".campaign", path, sizeof path), "wb");
    if (file != NULL)
        put((struct sink){load_put, file}, r->root);
    bool written = file != NULL && !ferror(file);
    if ((file != NULL && fclose(file) != 0) || !written ||
        rename(path, path_in(r, name, whole, sizeof whole)) != 0)
        fprintf(stderr, "maildrill fuzz: %s/%s: %s\n", r->out, name, strerror(errno));
}

static int put_octets(const char *octets, size_t count, void *context)
{
    sink_put(*(struct sink *)context, slice_of(octets, count));
    return 0;
}

static void put_json(struct sink sink, const json_t *campaign)
{
    json_dump_callback(campaign, put_octets, &sink, JSON_INDENT(1));
    sink_text(sink, "\n");
}

void chronicle_write(struct chronicle *r)
{
    chronicle_set(r->root, "ended", time_now());
    write_file(r, "campaign.json", put_json);
    write_file(r, "campaign.html", campaign_page);
    if (json_array_size(json_object_get(r->root, "states")) > 0)
        write_file(r, "states.svg", campaign_states);
}

void chronicle_free(struct chronicle *r)
{
    json_decref(r->root);
    json_decref(r->earlier);
}
