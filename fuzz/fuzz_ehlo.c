/* Laws of the EHLO reply: nothing is lost, keywords are found whatever their case and order. */
#include "fuzz.h"
#include "smtp/ehlo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct smtp_reply_parser parser = {.limits = {4096, 65536}};
    struct smtp_reply reply;
    struct smtp_ehlo ehlo;
    if (smtp_reply_parse(&parser, in, &reply).status == PARSE_OK &&
        smtp_ehlo_begin(&reply, &ehlo)) {
        struct smtp_ehlo_keyword keyword, found;
        size_t keywords = 0;
        FUZZ_LAW(fuzz_inside(ehlo.domain, reply.raw) && fuzz_inside(ehlo.greet, reply.raw),
                 "the greeting lies in the reply");
        while (smtp_ehlo_next(&ehlo, &keyword)) {
            FUZZ_LAW(fuzz_inside(keyword.keyword, reply.raw) &&
                         fuzz_inside(keyword.params, reply.raw),
                     "a keyword lies in the reply");
            FUZZ_LAW(keyword.keyword.len == 0 || smtp_ehlo_find(&reply, keyword.keyword, &found),
                     "what is listed is found");
            FUZZ_LAW(keyword.size == 0 || keyword.extension == SMTP_EXTENSION_SIZE,
                     "only SIZE has a size");
            keywords++;
        }
        FUZZ_LAW(keywords < reply.lines, "no line is read twice");
    }
    fuzz_free(in);
    return 0;
}
