#include "script/transcript_json.h"

#include "script/transcript_scan.h"
#include "script/transcript_text.h"

#define MAX_KEYS 16

struct key {
    struct slice name;
    size_t replies, commands; /* strings of it */
};

struct string {
    struct slice key, text; /* without the quotes */
};

static bool is_object(struct slice line)
{
    return line.len > 1 && line.ptr[0] == '{' && line.ptr[line.len - 1] == '}';
}

/* RFC 8259 7: string = quotation-mark *char quotation-mark. Takes the next one; false where there
 * is none, or it has no end. */
static bool take_string(struct slice *rest, struct slice *ret_text)
{
    struct slice text = slice_from(*rest, slice_find(*rest, '"'));
    size_t end = 1;
    while (end < text.len && text.ptr[end] != '"')
        end += text.ptr[end] == '\\' ? 2 : 1;
    if (end >= text.len)
        return false;
    *ret_text = slice_sub(text, 1, end);
    *rest = slice_from(text, end + 1);
    return true;
}

/* The next string that is a member's value. */
static bool take_member(struct slice *rest, struct string *ret_string)
{
    struct slice text, key = SLICE("");
    while (take_string(rest, &text)) {
        *rest = slice_trim(*rest);
        bool colon = rest->len > 0 && rest->ptr[0] == ':';
        if (!colon && key.len > 0) {
            *ret_string = (struct string){key, text};
            return true;
        }
        struct slice value = colon ? slice_trim(slice_from(*rest, 1)) : *rest;
        key = value.len > 0 && value.ptr[0] == '"' ? text : SLICE("");
    }
    return false;
}

/* "S: " of nodemailer */
static size_t speaker_length(struct slice text)
{
    bool speaker = slice_starts(text, SLICE("S: ")) || slice_starts(text, SLICE("C: "));
    return speaker ? 3 : 0;
}

/* What the string is, or the first line of several in it. */
static enum transcript_class class_of(struct slice text)
{
    text = slice_from(text, speaker_length(text));
    return transcript_class_of(slice_sub(text, 0, slice_find(text, '\\')));
}

/* Counts a string of `key`: another key that some have may be a verb, as {"level":"DEBUG"}. */
static void count_string(struct key *key, enum transcript_class class)
{
    key->replies += class == TRANSCRIPT_REPLY;
    key->commands += class == TRANSCRIPT_COMMAND;
}

/* The key whose strings are what was said; empty where there is none. */
static struct slice find_key(struct slice source)
{
    struct key keys[MAX_KEYS];
    size_t count = 0, objects = 0, others = 0, best = 0;
    while (source.len > 0) {
        struct slice line = slice_trim(transcript_next_line(&source));
        struct string string;
        bool object = is_object(line);
        objects += object;
        others += line.len > 0 && !object;
        while (object && take_member(&line, &string)) {
            size_t i = 0;
            while (i < count && !slice_equal(keys[i].name, string.key))
                i++;
            if (i == MAX_KEYS)
                continue;
            if (i == count)
                keys[count++] = (struct key){.name = string.key};
            count_string(&keys[i], class_of(string.text));
            best = keys[i].replies > keys[best].replies ? i : best;
        }
    }
    bool said = count > 0 && keys[best].replies > 0 && keys[best].replies + keys[best].commands > 1;
    return said && objects > others ? keys[best].name : SLICE("");
}

/* "\/" and "\u003c", as Python writes them. */
static void put_text(struct script_buffer *out, struct slice text)
{
    for (size_t at = 0; at < text.len; at++) {
        struct slice rest = slice_from(text, at);
        if (slice_starts(rest, SLICE("\\/"))) {
            script_buffer_put_octet(out, '/');
            at++;
        } else if (slice_starts(rest, SLICE("\\u00")) && rest.len > 5) {
            script_buffer_put(out, SLICE("\\x"));
            script_buffer_put(out, slice_sub(rest, 4, 6));
            at += 5;
        } else if (rest.ptr[0] == '\\' && rest.len > 1) {
            script_buffer_put(out, slice_sub(rest, 0, 2));
            at++;
        } else {
            script_buffer_put_octet(out, rest.ptr[0]);
        }
    }
}

static void put_line(struct script_buffer *out, struct slice line, struct slice key)
{
    struct string string = {.key = SLICE("")};
    struct slice rest = line;
    bool found = false;
    while (is_object(line) && !found && take_member(&rest, &string))
        found = slice_equal(string.key, key);
    if (!found) {
        script_buffer_put(out, line);
        return;
    }
    size_t speaker = speaker_length(string.text);
    size_t from = (size_t)(string.text.ptr - line.ptr);
    script_buffer_put(out, slice_sub(line, 0, from));
    script_buffer_put(out, slice_from(line, from + string.text.len));
    script_buffer_put_octet(out, ' ');
    script_buffer_put(out, slice_sub(string.text, 0, speaker));
    script_buffer_put_octet(out, '"');
    put_text(out, slice_from(string.text, speaker));
    script_buffer_put_octet(out, '"');
}

bool transcript_json_read(struct script_arena *arena, struct slice source, struct slice *ret_text)
{
    struct script_buffer out = {.arena = arena};
    struct slice key = find_key(source);
    if (key.len == 0)
        return false;
    while (source.len > 0) {
        put_line(&out, slice_trim(transcript_next_line(&source)), key);
        script_buffer_put_octet(&out, '\n');
    }
    *ret_text = script_buffer_slice(&out);
    return true;
}
