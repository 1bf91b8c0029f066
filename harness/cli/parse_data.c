/* parse_data: messages as they go over the wire after DATA. */
#include <stdlib.h>

#include "cli/parse.h"
#include "smtp/data.h"

struct parse_outcome parse_data(struct slice window, bool whole, json_t *object)
{
    struct smtp_data_decoder decoder = {.quirks = 0};
    uint8_t *content = malloc(window.len + 1);
    if (content == NULL)
        abort();
    struct writer w = writer_of(content, window.len + 1);
    (void)whole;
    struct parse_outcome out = {.result = smtp_data_decode(&decoder, window, &w)};
    out.quirks = decoder.quirks;
    if (out.result.status == PARSE_OK)
        put_text(object, "content", writer_slice(&w));
    free(content);
    return out;
}
