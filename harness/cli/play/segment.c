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

size_t segment_count(enum segment mode, const struct script_test *test, size_t octets)
{
    switch (mode) {
    case SEGMENT_NONE:
        break;
    case SEGMENT_ONE:
        return octets > 0;
    case SEGMENT_ALL:
        return octets < 2 ? 0 : octets - 1 < SEGMENT_MAX_CUTS ? octets - 1 : SEGMENT_MAX_CUTS;
    case SEGMENT_COALESCED:
        return has_lone_send(test);
    }
    return 0;
}

struct drive_cut segment_cut(enum segment mode, size_t number)
{
    return (struct drive_cut){.each = mode == SEGMENT_ONE && number > 0,
                              .after = mode == SEGMENT_ALL ? number : 0};
}

void segment_name(enum segment mode, size_t number, char *out, size_t size)
{
    if (mode == SEGMENT_ALL)
        snprintf(out, size, "with a write cut after octet %zu", number);
    else
        snprintf(out, size, "%s",
                 mode == SEGMENT_ONE ? "with an octet a write" : "with its writes joined");
}
