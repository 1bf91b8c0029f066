#include "fuzz.h"

static uint64_t steps;

uint64_t fuzz_work(void)
{
    return steps;
}

#ifdef MAILDRILL_WORK_COUNTED
/*
 * The linker puts these in the place of what they wrap (CMakeLists.txt), for what is tested and for
 * its laws alike.
 */
void __wrap___sanitizer_cov_trace_pc(void);
void __wrap___sanitizer_cov_trace_pc(void)
{
    steps++;
}

#define OCTETS_A_STEP 16

#define WRAP(type, name, parameters, arguments)                                                    \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        steps += len / OCTETS_A_STEP + 1;                                                          \
        return __real_##name arguments;                                                            \
    }

WRAP(int, memcmp, (const void *a, const void *b, size_t len), (a, b, len))
WRAP(int, bcmp, (const void *a, const void *b, size_t len), (a, b, len))
WRAP(void *, __asan_memcpy, (void *to, const void *from, size_t len), (to, from, len))
WRAP(void *, __asan_memmove, (void *to, const void *from, size_t len), (to, from, len))
WRAP(void *, __asan_memset, (void *to, int octet, size_t len), (to, octet, len))

void *__real_memchr(const void *text, int octet, size_t len);
void *__wrap_memchr(const void *text, int octet, size_t len);
void *__wrap_memchr(const void *text, int octet, size_t len)
{
    const uint8_t *at = __real_memchr(text, octet, len);
    steps += at == NULL ? len : (size_t)(at - (const uint8_t *)text) + 1;
    return (void *)(uintptr_t)at;
}
#endif
