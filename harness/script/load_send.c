/*
 * Lines of the client.
 *
 *   line   = "C:" text                 ; text CRLF goes out, no escapes
 *   octets = "C!:" bytes               ; in a write of their own; escapes, nothing is appended
 *   data   = "%data" "<<" word         ; the lines up to `word`, dots stuffed, and the lone dot
 */
#include "script/loader.h"

static void add_send(struct loader *l, struct slice at, enum script_send_role role,
                     struct script_text text)
{
    bool alone = role == SCRIPT_SEND_RAW || l->scope.flush_each;
    loader_step(l, SCRIPT_SEND, at.ptr)->as.send =
        (struct script_send){.text = text, .role = role, .alone = alone};
}

void loader_send_line(struct loader *l, struct slice text)
{
    bool transcript = l->text.origins != NULL; /* it is known to hold what was sent */
    unsigned flags = LOADER_CRLF | (transcript ? 0 : LOADER_WARN);
    add_send(l, text, SCRIPT_SEND_COMMAND, loader_text(l, text, flags));
}

void loader_send_octets(struct loader *l, struct slice text)
{
    if (text.len == 0)
        loader_error(l, text, "octets are missing: C!: NOOP\\r\\n");
    else
        add_send(l, text, SCRIPT_SEND_RAW, loader_text(l, text, LOADER_ESCAPES));
}

void loader_send_data(struct loader *l, struct slice at, struct slice args)
{
    struct slice word = loader_word(&args);
    loader_no_more(l, args);
    if (!slice_starts(word, SLICE("<<")) || !loader_is_name(slice_from(word, 2))) {
        loader_error(l, word.len > 0 ? word : at, "a word that ends the text: %data <<EOT");
        return;
    }
    struct slice line, end = slice_from(word, 2);
    while (loader_next_line(l, &line)) {
        bool last = slice_equal(slice_trim(line), end);
        struct script_text text = last ? loader_text(l, SLICE("."), LOADER_CRLF)
                                       : loader_text(l, line, LOADER_CRLF | LOADER_STUFF);
        add_send(l, line, SCRIPT_SEND_MESSAGE, text);
        if (last)
            return;
    }
    loader_error(l, word, "no line with this word ends the text");
}
