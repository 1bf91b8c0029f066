/*
 * poison: octets that nobody may touch, which AddressSanitizer sees to; without it nothing does.
 * ASAN_POISON_MEMORY_REGION(octets, size) and ASAN_UNPOISON_MEMORY_REGION(octets, size).
 */
#ifndef MAILDRILL_BASE_POISON_H
#define MAILDRILL_BASE_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#define POISON_IS_SEEN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_IS_SEEN 1
#endif
#endif

#ifdef POISON_IS_SEEN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(octets, size)   ((void)(octets), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(octets, size) ((void)(octets), (void)(size))
#endif

#endif
