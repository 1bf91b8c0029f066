/* Laws of smtp_enhanced_parse and smtp_enhanced_write. */
#include "fuzz.h"
#include "grammar.h"
#include "smtp/enhanced.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_copy(slice_of(data, size));
    struct smtp_enhanced code;
    size_t octets = smtp_enhanced_parse(text, &code);
    if (octets > 0) {
        FUZZ_LAW(octets <= text.len, "the code lies in the text");
        FUZZ_LAW(octets == text.len || text.ptr[octets] == ' ', "SP or the end is behind a code");
        FUZZ_LAW(code.status_class == 2 || code.status_class == 4 || code.status_class == 5,
                 "class is 2, 4 or 5");
        FUZZ_LAW(code.subject <= 999 && code.detail <= 999, "a number has at most three digits");
        uint8_t written[16];
        struct writer out = writer_of(written, sizeof written);
        smtp_enhanced_write(code, &out);
        FUZZ_LAW(slice_equal(writer_slice(&out), slice_sub(text, 0, octets)),
                 "what was parsed is written octet by octet");
    }
    struct slice word = slice_sub(text, 0, slice_find(text, ' '));
    FUZZ_LAW((octets > 0) == (word.len <= 16 && grammar_has("enhanced-status", word)),
             "a code is read where the grammar has one");
    FUZZ_LAW(octets == 0 || octets == word.len, "a code is a word");
    /* RFC 5248's registry: details from 0 on, of each subject. */
    static const uint8_t details[] = {1, 11, 5, 7, 8, 7, 11, 31};
    if (octets > 0)
        FUZZ_LAW((smtp_enhanced_find(code) != NULL) ==
                     (code.subject < sizeof details && code.detail < details[code.subject]),
                 "the registry has as many details of each subject");
    fuzz_free(text);
    return 0;
}
