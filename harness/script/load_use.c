/*
 * Other files of a script.
 *
 *   use  = "%use" file                   ; its lines stand in the place of this one
 *   file = path                          ; relative to the file that names it
 *
 * The lines of a file are counted on after those of the files before it, so that a line number says
 * where a step stands, whichever file that is in. A file that is used twice is read once.
 */
#include "script/loader.h"

#define MAX_PATH_OCTETS 4096

/* ---- paths ---- */

static size_t last_slash(struct slice path)
{
    size_t end = path.len;
    while (end > 0 && path.ptr[end - 1] != '/')
        end--;
    return end; /* of the octets up to the last "/", itself included */
}

/* Takes "dir/" off the end; false where there is none that ".." could take back. */
static bool leave_folder(struct script_buffer *path)
{
    struct slice before = slice_of(path->ptr, path->len == 0 ? 0 : path->len - 1);
    size_t from = last_slash(before);
    struct slice folder = slice_from(before, from);
    if (folder.len == 0 || slice_equal(folder, SLICE("..")))
        return false;
    path->len = from;
    return true;
}

/* `name` as seen from the file `from`, without "./" and "dir/../". */
static struct slice path_of(struct loader *l, struct slice from, struct slice name)
{
    struct script_buffer path = {.arena = l->arena};
    if (!slice_starts(name, SLICE("/")))
        script_buffer_put(&path, slice_sub(from, 0, last_slash(from)));
    while (name.len > 0) {
        size_t slash = slice_find(name, '/');
        struct slice part = slice_sub(name, 0, slash);
        bool more = slash < name.len;
        name = slice_from(name, slash + more);
        if (slice_equal(part, SLICE(".")) && more)
            continue;
        if (slice_equal(part, SLICE("..")) && more && leave_folder(&path))
            continue;
        script_buffer_put(&path, part);
        if (more)
            script_buffer_put_octet(&path, '/');
    }
    return script_buffer_slice(&path);
}

/* ---- files ---- */

void loader_add_file(struct loader *l, struct slice name, struct slice text)
{
    const struct script_file *last = l->files.items;
    size_t before = 0;
    if (l->files.count > 0) {
        last += l->files.count - 1;
        before = last->lines_before + last->line_count;
    }
    l->text = (struct loader_text){.octets = text, .lines_before = before};
    l->text.line_starts = loader_index_lines(l->arena, text, &l->text.line_count);
    l->next_line = 0;
    *(struct loader_text *)script_array_push(&l->texts, sizeof l->text) = l->text;
    struct script_file *file = script_array_push(&l->files, sizeof *file);
    *file = (struct script_file){name, text, l->text.line_starts, l->text.line_count, before};
    l->script->files = l->files.items;
    l->script->file_count = l->files.count;
}

static void cannot_read(struct loader *l, struct slice at, const char *why, struct slice path)
{
    struct script_buffer text = {.arena = l->arena};
    script_buffer_put(&text, slice_of_cstr(why));
    script_buffer_put(&text, path);
    loader_report(l, SCRIPT_ERROR, loader_place(l, at.ptr), at.len, script_buffer_slice(&text));
}

/* The name of the file that is read. */
static struct slice current_name(const struct loader *l)
{
    return script_place_of(l->script, l->text.lines_before + 1).name;
}

bool loader_read_file(struct loader *l, struct slice name, struct slice *ret_path,
                      struct slice *ret_octets)
{
    const struct script_reader *reader = &l->options.reader;
    struct slice path = path_of(l, current_name(l), name), octets;
    size_t max = l->options.max_octets > 0 ? l->options.max_octets : LOADER_MAX_OCTETS;
    *ret_path = path;
    if (reader->read == NULL) {
        loader_error(l, name, "no other file can be read from here");
        return false;
    }
    if (path.len > MAX_PATH_OCTETS || !reader->read(reader->context, path, &octets)) {
        cannot_read(l, name, "cannot read ", path);
        return false;
    }
    bool fits = octets.len <= max && l->used_octets + octets.len <= LOADER_MAX_USED;
    if (fits)
        *ret_octets = script_arena_copy(l->arena, octets);
    else
        loader_error(l, name, "the file is too large");
    l->used_octets += fits ? octets.len : 0;
    reader->release(reader->context, octets);
    return fits;
}

/* ---- %use ---- */

/* Whether a %use in the file of that name is being played. */
static bool is_user(const struct loader *l, struct slice path)
{
    for (size_t i = 0; i <= l->use_depth; i++)
        if (slice_equal(l->users[i], path))
            return true;
    return false;
}

/* Makes the file the one that is read, from its first line. */
static bool open_file(struct loader *l, struct slice name)
{
    struct slice path = path_of(l, current_name(l), name), octets;
    l->users[l->use_depth] = current_name(l);
    if (is_user(l, path)) {
        loader_error(l, name, "the file would use itself");
        return false;
    }
    for (size_t i = 1; i < l->files.count; i++) {
        const struct script_file *file = (const struct script_file *)l->files.items + i;
        if (!slice_equal(file->name, path))
            continue;
        l->used_octets += file->text.len + 1;
        if (l->used_octets > LOADER_MAX_USED) {
            loader_error(l, name, "%use plays more than 64 MiB");
            return false;
        }
        l->text = ((const struct loader_text *)l->texts.items)[i];
        l->next_line = 0;
        return true;
    }
    if (l->files.count == LOADER_MAX_FILES) {
        loader_error(l, name, "too many files: a script may name 256");
        return false;
    }
    if (!loader_read_file(l, name, &path, &octets))
        return false;
    loader_add_file(l, path, octets);
    return true;
}

void loader_use(struct loader *l, struct slice at, struct slice args)
{
    struct slice name = slice_trim(args), use_at = l->use_at;
    struct loader_text text = l->text;
    size_t next_line = l->next_line, base = l->block_base;
    if (name.len == 0 || l->text.origins != NULL) {
        loader_error(l, at,
                     name.len == 0 ? "a file follows: %use prelude.smtp"
                                   : "a transcript uses no other file");
        return;
    }
    if (l->use_depth == LOADER_MAX_USE_DEPTH) {
        loader_error(l, name, "%use goes deeper than 8 files");
        return;
    }
    if (!open_file(l, name))
        return;
    l->use_depth++;
    l->use_at = at;
    l->block_base = l->block_count;
    loader_read_lines(l);
    loader_reply_end(l);
    loader_blocks_end(l, l->block_base);
    l->block_base = base;
    l->use_depth--;
    l->use_at = use_at;
    l->text = text;
    l->next_line = next_line;
}
