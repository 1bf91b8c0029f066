#include "report/agreement.h"

bool agreement_add(struct agreement *a, const struct report_result *r)
{
    const char *outcome = report_outcome(r);
    bool first = a->test != r->test || a->repeat != r->repeat, broken = !first && a->broken;
    struct buffer codes = {.ptr = NULL};
    report_codes(buffer_sink(&codes), r);
    bool same = first || (a->outcome == outcome &&
                          slice_equal(buffer_slice(&a->codes), buffer_slice(&codes)));
    buffer_free(&a->codes);
    *a = (struct agreement){.test = r->test,
                            .repeat = r->repeat,
                            .outcome = outcome,
                            .codes = codes,
                            .broken = broken || !same};
    return !broken && !same;
}

void agreement_free(struct agreement *a)
{
    buffer_free(&a->codes);
}
