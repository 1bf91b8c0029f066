/* A target with two laws that are easily broken, for fuzz/test_campaign.py. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    size_t at = slice_find(in, '@');
    if (at < size)
        FUZZ_LAW(at + 1 < size && data[at + 1] == '@', "an at sign has another behind it");
    FUZZ_LAW(slice_find(in, '%') == size, "no percent sign");
    return 0;
}
