#define _POSIX_C_SOURCE 200809L

#include "cli/play/load.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "report/diagnostic.h"
#include "report/place.h"
#include "script/transcript.h"

#define MAX_OCTETS ((size_t)64 << 20) /* largest file read */

void load_put(void *file, struct slice octets)
{
    fwrite(octets.ptr, 1, octets.len, file);
}

static void *grown(void *array, size_t octets)
{
    void *larger = realloc(array, octets);
    if (larger == NULL)
        abort();
    return larger;
}

static char *text_of(const char *a, const char *b, const char *c)
{
    size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = grown(NULL, size);
    snprintf(text, size, "%s%s%s", a, b, c);
    return text;
}

static bool cannot(const char *path, const char *what)
{
    fprintf(stderr, "maildrill: %s: %s\n", path, what);
    return false;
}

/* ---- which files ---- */

static void add_path(struct load *load, char *path)
{
    load->paths = grown(load->paths, (load->count + 1) * sizeof *load->paths);
    load->paths[load->count++] = path;
}

static bool is_script(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcmp(dot, ".smtp") == 0 || strcmp(dot, ".txt") == 0);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool find(struct load *load, const char *path, bool named);

static bool find_below(struct load *load, const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return cannot(path, strerror(errno));
    char **names = NULL;
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        names = grown(names, (count + 1) * sizeof *names);
        names[count++] = text_of(path, path[strlen(path) - 1] == '/' ? "" : "/", entry->d_name);
    }
    closedir(folder);
    if (count > 0)
        qsort(names, count, sizeof *names, compare_names);
    bool found = true;
    for (size_t i = 0; i < count; i++) {
        found = found && find(load, names[i], false);
        free(names[i]);
    }
    free(names);
    return found;
}

/* `named`: the command line names it, so that it is read whatever its name ends with. */
static bool find(struct load *load, const char *path, bool named)
{
    struct stat info;
    if (strcmp(path, "-") == 0 && named) {
        add_path(load, text_of(path, "", ""));
        return true;
    }
    if (stat(path, &info) != 0)
        return cannot(path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return find_below(load, path);
    if (named || is_script(path))
        add_path(load, text_of(path, "", ""));
    return true;
}

/* ---- what stands in them ---- */

bool load_read(const char *path, struct slice *ret_octets)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    uint8_t *octets = NULL;
    size_t len = 0, capacity = 0;
    if (file == NULL)
        return false;
    for (size_t got = 1; got > 0 && len <= MAX_OCTETS; len += got) {
        if (capacity - len < 4096)
            octets = grown(octets, capacity = 2 * capacity + 16384);
        got = fread(octets + len, 1, capacity - len, file);
    }
    bool whole = !ferror(file) && len <= MAX_OCTETS;
    int reason = len > MAX_OCTETS ? EFBIG : errno;
    if (file != stdin)
        fclose(file);
    if (!whole)
        free(octets);
    else
        *ret_octets = slice_of(octets, len);
    errno = reason;
    return whole;
}

/* %use and @file */
static bool read_other(void *context, struct slice path, struct slice *ret_octets)
{
    char name[4097];
    (void)context;
    if (path.len >= sizeof name || slice_find(path, '\0') < path.len)
        return false;
    memcpy(name, path.ptr, path.len);
    name[path.len] = '\0';
    return strcmp(name, "-") != 0 && load_read(name, ret_octets);
}

static void release_other(void *context, struct slice octets)
{
    (void)context;
    free((void *)(uintptr_t)octets.ptr);
}

static void report(struct load *load, const struct script *script, bool notes, bool json)
{
    struct sink out = {.put = load_put, .context = json ? stdout : stderr};
    load->errors += script->error_count;
    for (size_t i = 0; i < script->diagnostic_count; i++) {
        const struct script_diagnostic *diagnostic = &script->diagnostics[i];
        load->warnings += diagnostic->severity == SCRIPT_WARNING;
        if (json)
            diagnostic_json(out, script, diagnostic);
        else if (notes || diagnostic->severity != SCRIPT_NOTE)
            place_diagnostic(out, script, diagnostic);
    }
}

struct script *load_octets(struct slice octets, const char *path, const struct options *options)
{
    struct slice known[OPTIONS_MAX_SETTINGS];
    for (size_t i = 0; i < options->setting_count; i++)
        known[i] = options->settings[i].name;
    struct script_options how = {.name = slice_of_cstr(path),
                                 .reader = {read_other, release_other, NULL},
                                 .known = known,
                                 .known_count = options->setting_count};
    struct script *script = script_load(octets, &how);
    if (!options->pasted || script->error_count == 0 || !transcript_may_be(octets))
        return script;
    script_free(script);
    how.pasted = true;
    return script_load(octets, &how);
}

bool load_find(struct load *load, const struct options *options)
{
    *load = (struct load){.count = 0};
    for (int i = 0; i < options->operand_count; i++)
        if (!find(load, options->operands[i], true))
            return false;
    return true;
}

static bool load_one(struct load *load, size_t index, const struct options *options, bool notes)
{
    struct slice octets;
    if (!load_read(load->paths[index], &octets))
        return cannot(load->paths[index], strerror(errno));
    load->scripts[index] = load_octets(octets, load->paths[index], options);
    free((void *)(uintptr_t)octets.ptr);
    report(load, load->scripts[index], notes, options->json);
    return true;
}

static bool make_room(struct load *load, const struct options *options)
{
    if (!load_find(load, options))
        return false;
    load->scripts = grown(NULL, (load->count + 1) * sizeof(struct script *));
    memset(load->scripts, 0, (load->count + 1) * sizeof(struct script *));
    return true;
}

bool load_all(struct load *load, const struct options *options, bool notes)
{
    bool right = make_room(load, options);
    for (size_t i = 0; right && i < load->count; i++)
        right = load_one(load, i, options, notes);
    return right;
}

bool load_check(struct load *load, const struct options *options, size_t *ret_tests)
{
    bool right = make_room(load, options);
    *ret_tests = 0;
    for (size_t i = 0; right && i < load->count; i++) {
        right = load_one(load, i, options, true);
        if (right)
            *ret_tests += load->scripts[i]->test_count;
        script_free(load->scripts[i]);
        load->scripts[i] = NULL;
    }
    return right;
}

void load_free(struct load *load)
{
    for (size_t i = 0; i < load->count; i++) {
        if (load->scripts != NULL && load->scripts[i] != NULL)
            script_free(load->scripts[i]);
        free(load->paths[i]);
    }
    free(load->scripts);
    free(load->paths);
}
