/*
 * example: a target for somebody else's parser (fuzz/README.md). What stands between the lines is
 * theirs; the rest is all that a target needs: a law, the grammar that it asks, and a mutator.
 */
#include <string.h>

#include "custom.h"
#include "fuzz.h"
#include "grammar.h"

/* ---- their parser: whether a line is "RCPT TO:<mailbox>", and where its mailbox stands ---- */

static int their_rcpt(const char *line, size_t len, const char **mailbox, size_t *mailbox_len)
{
    static const char head[] = "RCPT TO:<";
    size_t skip = sizeof head - 1;
    if (len < skip + 3 || memcmp(line, head, skip) != 0 || memcmp(line + len - 3, ">\r\n", 3) != 0)
        return -1;
    *mailbox = line + skip;
    *mailbox_len = len - skip - 3;
    return memchr(*mailbox, '@', *mailbox_len) == NULL ? -1 : 0;
}

/* ---- the target ---- */

FUZZ_MUTATOR(mutate_dialogue) /* or mutate_message: of headers */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size)); /* of exactly that size: over-reads show */
    const char *mailbox;
    size_t len;
    if (their_rcpt((const char *)in.ptr, in.len, &mailbox, &len) == 0) {
        struct slice text = slice_of(mailbox, len);
        FUZZ_LAW(fuzz_inside(text, in), "a mailbox lies in its line");
        FUZZ_LAW(!grammar_takes(text) || grammar_has("Mailbox", text),
                 "a mailbox that is taken is one of RFC 5321 4.1.2");
    }
    fuzz_free(in);
    return 0;
}
