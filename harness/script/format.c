#include "script/format.h"

#include "base/octet.h"
#include "script/loader.h"

struct formatter {
    struct script_arena *arena;
    struct script_buffer out;
    struct script_buffer comments; /* lines right before the next one, not written yet */
    bool blank;                    /* a blank line stands before them */
    struct slice end;              /* of the text of %data or %bdat; empty outside of one */
};

/* ---- lines ---- */

/* What a loader reads as the line's last octet stays that: a CR right before the LF is none of it.
 */
static void end_line(struct script_buffer *out)
{
    bool cr = out->len > 0 && out->ptr[out->len - 1] == '\r';
    script_buffer_put(out, cr ? SLICE("\r\n") : SLICE("\n"));
}

static void put_line(struct script_buffer *out, struct slice line)
{
    script_buffer_put(out, line);
    end_line(out);
}

/* Writes the comments that were held back, and the blank line before them. */
static void put_held(struct formatter *f, bool begins_test)
{
    bool first = f->out.len == 0;
    if ((f->blank || begins_test) && !first)
        script_buffer_put_octet(&f->out, '\n');
    script_buffer_put(&f->out, script_buffer_slice(&f->comments));
    f->comments.len = 0;
    f->blank = false;
}

static struct slice without_blanks_after(struct slice text)
{
    while (text.len > 0 && octet_is(text.ptr[text.len - 1], OCTET_WSP))
        text.len--;
    return text;
}

/* ---- C: and S: ---- */

/* Verdicts are taken off the end, so that the first of them is found last. */
static void put_verdicts(struct script_buffer *out, struct slice text)
{
    struct slice before, word, outcomes;
    if (!loader_verdict_split(text, &before, &word, &outcomes)) {
        script_buffer_put(out, text);
        return;
    }
    size_t verdicts = 0;
    for (struct slice rest = text; loader_verdict_split(rest, &rest, &word, &outcomes);)
        verdicts++;
    struct slice *parts = script_arena_alloc(out->arena, 2 * verdicts * sizeof *parts);
    for (size_t i = verdicts; i-- > 0;)
        loader_verdict_split(text, &text, &parts[2 * i], &parts[2 * i + 1]);
    script_buffer_put(out, text);
    for (size_t i = 0; i < verdicts; i++) {
        script_buffer_put(out, SLICE(" | "));
        script_buffer_put(out, parts[2 * i]);
        script_buffer_put_octet(out, ' ');
        script_buffer_put(out, parts[2 * i + 1]);
    }
}

static void put_tagged(struct formatter *f, struct slice line, size_t tag)
{
    struct slice text = slice_from(line, tag);
    text = slice_from(text, slice_starts(text, SLICE(" ")));
    bool verdicts = slice_starts(line, SLICE("S")) && !slice_starts(line, SLICE("S="));
    /* "C:!" is warned of, for C!: is meant; a space would turn it into text */
    bool marked = slice_starts(line, SLICE("C")) && slice_starts(slice_from(line, tag), SLICE("!"));
    script_buffer_put(&f->out, slice_sub(line, 0, tag));
    if (text.len > 0 && !marked)
        script_buffer_put_octet(&f->out, ' ');
    if (verdicts)
        put_verdicts(&f->out, text);
    else
        script_buffer_put(&f->out, text);
    end_line(&f->out);
}

/* ---- directives ---- */

/* One space before each word; a title in quotes is one of them. */
static void put_words(struct script_buffer *out, struct slice args)
{
    for (struct slice word; (word = loader_word(&args)).len > 0;) {
        script_buffer_put_octet(out, ' ');
        if (word.ptr[0] == '"') {
            struct slice title = slice_of(word.ptr, word.len + args.len);
            size_t quote = slice_find(slice_from(title, 1), '"');
            word = slice_sub(title, 0, quote + 2 < title.len ? quote + 2 : title.len);
            args = slice_from(title, word.len);
            script_buffer_put(out, word);
            if (args.len == 0 || octet_is(args.ptr[0], OCTET_WSP))
                continue;
            word = loader_word(&args); /* right behind the quote: it stays there */
        }
        script_buffer_put(out, word);
    }
}

/* The word that ends a text which begins behind "%data <<WORD"; empty where none does. */
static struct slice text_end(struct slice name, struct slice args)
{
    struct slice word = loader_word(&args);
    bool has_text = slice_equal(name, SLICE("data")) || slice_equal(name, SLICE("bdat"));
    if (!has_text || !slice_starts(word, SLICE("<<")) || !loader_is_name(slice_from(word, 2)))
        return SLICE("");
    return slice_from(word, 2);
}

static void put_directive(struct formatter *f, struct slice line)
{
    struct slice args = line, at = loader_word(&args);
    struct slice name = slice_sub(at, 1, slice_find(at, '['));
    put_held(f, slice_equal(name, SLICE("test")));
    script_buffer_put(&f->out, at);
    if (loader_directive_is_words(name)) {
        put_words(&f->out, args);
    } else if (slice_trim(args).len > 0) {
        while (octet_is(args.ptr[0], OCTET_WSP))
            args = slice_from(args, 1);
        script_buffer_put_octet(&f->out, ' ');
        script_buffer_put(&f->out, args);
    }
    end_line(&f->out);
    f->end = text_end(name, args);
}

/* ---- the script ---- */

static void read_text_line(struct formatter *f, struct slice line)
{
    bool last = slice_equal(slice_trim(line), f->end);
    put_line(&f->out, last ? f->end : line);
    if (last)
        f->end = SLICE("");
}

/* A line that is no line of a script. A byte order mark in it would vanish in the first one. */
static void put_unknown(struct formatter *f, struct slice line)
{
    if (f->out.len == 0 && slice_starts(line, SLICE("\xEF\xBB\xBF")))
        script_buffer_put_octet(&f->out, '\n');
    put_line(&f->out, line);
}

static void read_line(struct formatter *f, struct slice whole)
{
    struct slice line = whole;
    while (line.len > 0 && octet_is(line.ptr[0], OCTET_WSP))
        line = slice_from(line, 1);
    size_t tag = loader_tag_octets(line);
    if (slice_starts(whole, SLICE("#"))) {
        put_line(&f->comments, without_blanks_after(whole));
    } else if (line.len == 0) {
        if (f->comments.len > 0)
            put_held(f, false);
        f->blank = true;
    } else if (line.ptr[0] == '%') {
        put_directive(f, line);
    } else {
        put_held(f, false);
        if (tag > 0)
            put_tagged(f, line, tag);
        else
            put_unknown(f, whole);
    }
}

struct slice script_format(struct script_arena *arena, struct slice source)
{
    struct formatter f = {.arena = arena, .out.arena = arena, .comments.arena = arena};
    struct loader_text text = {.octets = source};
    text.line_starts = loader_index_lines(arena, source, &text.line_count);
    for (size_t i = 0; i < text.line_count; i++) {
        struct slice line = loader_line(&text, i);
        if (f.end.len > 0)
            read_text_line(&f, line);
        else
            read_line(&f, line);
    }
    f.blank = f.blank && f.comments.len > 0;
    put_held(&f, false);
    return script_buffer_slice(&f.out);
}
