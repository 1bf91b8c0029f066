/*
 * zone: names of time zones and what they mean, where that is one thing.
 */
#ifndef MAILDRILL_IMF_ZONE_H
#define MAILDRILL_IMF_ZONE_H

#include "base/slice.h"

struct imf_zone {
    struct slice name;
    int16_t minutes; /* east of UTC */
    bool obsolete;   /* one of RFC 5322's obs-zone; the others stand in no grammar */
};

/** The zone of that name, in any case; NULL where it is unknown or means several things. Military
 * zones (one letter) are not here: RFC 5322 4.3 takes them for -0000. */
const struct imf_zone *imf_zone_find(struct slice name);

#endif
