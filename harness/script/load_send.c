#include "script/loader.h"

static struct script_step *add_send(struct loader *l, struct slice at, struct script_text text)
{
    struct script_step *step = loader_step(l, SCRIPT_SEND, at.ptr);
    step->as.send.text = text;
    step->as.send.alone = l->scope.flush_each;
    return step;
}

void loader_send_line(struct loader *l, struct slice text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        bool escape = text.ptr[i] == '\\' &&
                      (text.ptr[i + 1] == 'r' || text.ptr[i + 1] == 'n' || text.ptr[i + 1] == 'x');
        if (escape) {
            loader_warning(l, slice_sub(text, i, i + 2),
                           "this goes out as it stands; C!: has escapes");
            break;
        }
    }
    add_send(l, text, loader_text(l, text, LOADER_CRLF));
}

void loader_send_octets(struct loader *l, struct slice text)
{
    struct script_step *step = add_send(l, text, loader_text(l, text, LOADER_ESCAPES));
    step->as.send.role = SCRIPT_SEND_RAW;
    step->as.send.alone = true;
}

/* %data <<WORD: the lines up to WORD, dots stuffed, and the end of data. */
void loader_send_data(struct loader *l, struct slice at, struct slice args)
{
    struct slice rest = args;
    struct slice word = loader_word(&rest);
    loader_no_more(l, rest);
    if (!slice_starts(word, SLICE("<<")) || word.len == 2) {
        loader_error(l, word.len > 0 ? word : at,
                     "write %data <<EOT, the message, and EOT on a line");
        return;
    }
    word = slice_from(word, 2);
    for (; l->next_line < l->text.line_count; l->next_line++) {
        struct slice line = loader_line(l, l->next_line);
        if (slice_equal(slice_trim(line), word)) {
            l->next_line++;
            add_send(l, line, loader_text(l, SLICE("."), LOADER_CRLF));
            return;
        }
        add_send(l, line, loader_text(l, line, LOADER_CRLF | LOADER_STUFF));
    }
    loader_error(l, at, "the word that ends this message does not come");
}
