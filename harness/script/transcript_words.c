#include "script/transcript_words.h"

#include "smtp/command.h"

struct words {
    struct transcript_lines *lines;
    bool greeted;                  /* a reply came in this session */
    struct transcript_line *reply; /* the last line of the last reply; NULL: none yet */
};

static bool is_known(const struct transcript_line *line)
{
    return line->class == TRANSCRIPT_COMMAND || line->partial || line->speaker != TRANSCRIPT_CLIENT;
}

static bool begins_verb(struct slice body, const char *verb)
{
    return slice_starts_nocase(body, slice_of_cstr(verb));
}

/* Whether the lines of the client from here on are no commands: a message, or a response. */
static bool is_answer(const struct transcript_line *reply)
{
    return reply != NULL && reply->body.ptr[0] == '3';
}

/* Replies up to the next line of the client; *ret_end is that line, or the count. */
static size_t count_replies(const struct words *w, size_t from, size_t *ret_end)
{
    const struct transcript_line *items = w->lines->items;
    size_t replies = 0;
    for (*ret_end = from; *ret_end < w->lines->count; ++*ret_end) {
        const struct transcript_line *line = &items[*ret_end];
        if (line->speaker == TRANSCRIPT_CLIENT || line->class == TRANSCRIPT_COMMAND)
            break;
        if (line->class == TRANSCRIPT_CLOSED)
            replies = SIZE_MAX; /* it answered by that */
        if (line->class == TRANSCRIPT_REPLY && replies < SIZE_MAX)
            replies += !(line->body.len > 3 && line->body.ptr[3] == '-');
    }
    return replies;
}

/* The lines of the client from `from` to `to`, and the replies behind them. */
static void judge(const struct words *w, size_t from, size_t to, size_t replies)
{
    struct transcript_line *items = w->lines->items;
    size_t words = 0;
    for (size_t i = from; i < to; i++) {
        if (begins_verb(items[i].body, "BDAT ") || begins_verb(items[i].body, "AUTH "))
            return;
        words += !is_known(&items[i]);
    }
    bool greets = !w->greeted && to < w->lines->count && slice_starts(items[to].body, SLICE("220"));
    bool fits = to - from - words + greets == replies;
    for (size_t i = from; i < to && fits && !is_answer(w->reply); i++)
        if (!is_known(&items[i]))
            items[i].left_out = "words of the program, where its client's lines stand: left out";
}

void transcript_words(struct transcript_lines *lines)
{
    struct words w = {.lines = lines};
    bool in_message = false;
    for (size_t i = 0; i < lines->count;) {
        struct transcript_line *line = &lines->items[i];
        if (line->speaker != TRANSCRIPT_CLIENT) {
            w.reply = line->class == TRANSCRIPT_REPLY ? line : w.reply;
            w.greeted = w.greeted || line->class == TRANSCRIPT_REPLY;
            in_message = w.reply == line && slice_starts(line->body, SLICE("354"));
            i++;
            continue;
        }
        size_t to = i, end;
        while (to < lines->count && lines->items[to].speaker == TRANSCRIPT_CLIENT)
            to++;
        size_t replies = count_replies(&w, to, &end);
        if (!in_message)
            judge(&w, i, to, replies);
        i = to;
    }
}
