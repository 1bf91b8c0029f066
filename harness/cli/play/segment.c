#include "cli/play/segment.h"

#include <stdio.h>

/* Where no send stands alone there is nothing to join. */
static bool has_lone_send(const struct script_test *test)
{
    for (size_t i = 0; i < test->step_count; i++)
        if (test->steps[i].kind == SCRIPT_SEND && test->steps[i].as.send.alone)
            return true;
    return false;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The octets after which a write may be cut: behind the last one nothing is left to cut off. */
static size_t places(size_t octets)
{
    return octets < 2 ? 0 : least(octets - 1, SEGMENT_MAX_CUTS);
}

/* As many of them as the octets allow that may be sent. */
static size_t cuts(size_t octets)
{
    return octets < 2 ? 0 : least(places(octets), 1 + SEGMENT_MAX_OCTETS / octets);
}

/* Each octet in turn, or of more places than cuts the first and then some in even steps. */
static size_t place(size_t number, size_t octets)
{
    return number == 0 ? 0 : 1 + (number - 1) * places(octets) / cuts(octets);
}

size_t segment_count(enum segment mode, const struct script_test *test, size_t octets)
{
    switch (mode) {
    case SEGMENT_NONE:
        break;
    case SEGMENT_ONE:
        return octets > 0;
    case SEGMENT_ALL:
        return cuts(octets);
    case SEGMENT_COALESCED:
        return has_lone_send(test);
    }
    return 0;
}

struct drive_cut segment_cut(enum segment mode, size_t number, size_t octets)
{
    return (struct drive_cut){.each = mode == SEGMENT_ONE && number > 0,
                              .after = mode == SEGMENT_ALL ? place(number, octets) : 0};
}

void segment_name(enum segment mode, size_t number, size_t octets, char *out, size_t size)
{
    if (mode == SEGMENT_ALL)
        snprintf(out, size, "with a write cut after octet %zu", place(number, octets));
    else
        snprintf(out, size, "%s",
                 mode == SEGMENT_ONE ? "with an octet a write" : "with its writes joined");
}
