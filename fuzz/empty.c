/* The target that does nothing: what the engine and the sanitizers cost (harness/dev bench fuzz).
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    return 0;
}
