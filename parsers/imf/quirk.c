#include "imf/quirk.h"

/* clang-format off */
static const struct quirk quirks[] = {
    {IMF_QUIRK_SPACE_BEFORE_COLON, "space-before-colon", "RFC 5322 4.5",
     "white space stands between a field's name and its colon"},
    {IMF_QUIRK_EMPTY_FOLD, "empty-fold", "RFC 5322 3.2.2",
     "a folded line holds nothing but white space"},
    {IMF_QUIRK_NO_BLANK_LINE, "no-blank-line", "RFC 5322 2.1",
     "the header ends without an empty line"},
    {IMF_QUIRK_FOLD_AT_START, "fold-at-start", "RFC 5322 2.2.3",
     "a folded line has no field before it"},
};
/* clang-format on */

const struct quirk *imf_quirk(unsigned n)
{
    for (size_t i = 0; i < sizeof quirks / sizeof *quirks; i++)
        if (n < 64 && quirks[i].bit == UINT64_C(1) << n)
            return &quirks[i];
    return base_quirk(n);
}
