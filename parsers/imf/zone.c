#include "imf/zone.h"

/* IST (India, Ireland, Israel) and others of several meanings are left out. */
/* clang-format off */
static const struct imf_zone zones[] = {
    /* RFC 5322 4.3: obs-zone */
    {SLICE_INIT("GMT"), 0, true},     {SLICE_INIT("UT"), 0, true},
    {SLICE_INIT("EST"), -300, true},  {SLICE_INIT("EDT"), -240, true},
    {SLICE_INIT("CST"), -360, true},  {SLICE_INIT("CDT"), -300, true},
    {SLICE_INIT("MST"), -420, true},  {SLICE_INIT("MDT"), -360, true},
    {SLICE_INIT("PST"), -480, true},  {SLICE_INIT("PDT"), -420, true},
    /* Europe and Africa */
    {SLICE_INIT("UTC"), 0, false},    {SLICE_INIT("WET"), 0, false},
    {SLICE_INIT("WEST"), 60, false},  {SLICE_INIT("BST"), 60, false},
    {SLICE_INIT("CET"), 60, false},   {SLICE_INIT("CEST"), 120, false},
    {SLICE_INIT("MET"), 60, false},   {SLICE_INIT("MEST"), 120, false},
    {SLICE_INIT("MEZ"), 60, false},   {SLICE_INIT("MESZ"), 120, false},
    {SLICE_INIT("MEWT"), 60, false},  {SLICE_INIT("METDST"), 120, false},
    {SLICE_INIT("EET"), 120, false},  {SLICE_INIT("EEST"), 180, false},
    {SLICE_INIT("MSK"), 180, false},  {SLICE_INIT("MSD"), 240, false},
    {SLICE_INIT("SAST"), 120, false}, {SLICE_INIT("IDT"), 180, false},
    /* Asia and Oceania */
    {SLICE_INIT("PKT"), 300, false},  {SLICE_INIT("NPT"), 345, false},
    {SLICE_INIT("ICT"), 420, false},  {SLICE_INIT("WIB"), 420, false},
    {SLICE_INIT("HKT"), 480, false},  {SLICE_INIT("SGT"), 480, false},
    {SLICE_INIT("AWST"), 480, false}, {SLICE_INIT("JST"), 540, false},
    {SLICE_INIT("KST"), 540, false},  {SLICE_INIT("ACST"), 570, false},
    {SLICE_INIT("AEST"), 600, false}, {SLICE_INIT("ACDT"), 630, false},
    {SLICE_INIT("AEDT"), 660, false}, {SLICE_INIT("NZT"), 720, false},
    {SLICE_INIT("NZST"), 720, false}, {SLICE_INIT("NZDT"), 780, false},
    /* America and the Pacific */
    {SLICE_INIT("NST"), -210, false}, {SLICE_INIT("NDT"), -150, false},
    {SLICE_INIT("AST"), -240, false}, {SLICE_INIT("ADT"), -180, false},
    {SLICE_INIT("BRT"), -180, false}, {SLICE_INIT("BRST"), -120, false},
    {SLICE_INIT("ART"), -180, false}, {SLICE_INIT("AKST"), -540, false},
    {SLICE_INIT("AKDT"), -480, false},{SLICE_INIT("HST"), -600, false},
};
/* clang-format on */

const struct imf_zone *imf_zone_find(struct slice name)
{
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (slice_equal_nocase(zones[i].name, name))
            return &zones[i];
    return NULL;
}
