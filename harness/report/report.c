#include "report/report.h"

#include "report/annotations.h"
#include "report/html.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/matrix.h"
#include "report/pretty.h"
#include "report/sections.h"
#include "report/tap.h"

const struct report_kind report_kinds[] = {
    {"pretty", "for people at a terminal; the default", pretty_begin, pretty_result, pretty_end},
    {"matrix", "a table of tests by servers; the default of compare", matrix_begin, matrix_result,
     matrix_end},
    {"sections", "a table of RFC sections; the default of conform", sections_begin, sections_result,
     sections_end},
    {"tap", "TAP version 14", tap_begin, tap_result, tap_end},
    {"tap13", "TAP version 13, for what knows no later one, as older versions of prove",
     tap13_begin, tap_result, tap_end},
    {"junit", "JUnit XML, as Jenkins and Ant read it", junit_begin, junit_result, junit_end},
    {"json", "JSON: harness/report/report-1.schema.json describes it", json_begin, json_result,
     json_end},
    {"annotations", "GitHub workflow commands, beside the pretty report", annotations_begin,
     annotations_result, annotations_end},
    {"html", "one page that needs no network and no JavaScript", html_begin, html_result, html_end},
};

const size_t report_kind_count = sizeof report_kinds / sizeof *report_kinds;

void report_count(struct report_totals *t, const struct report_result *result)
{
    size_t *const each[] = {
        [ENGINE_PASS] = &t->pass, [ENGINE_WARN] = &t->warn,   [ENGINE_SKIP] = &t->skip,
        [ENGINE_FAIL] = &t->fail, [ENGINE_ERROR] = &t->error,
    };
    size_t *count = result->baseline == REPORT_UNEXPECTED_PASS ? &t->unexpected
                    : result->baseline == REPORT_EXPECTED      ? &t->expected
                    : result->flaky                            ? &t->flaky
                                                               : each[result->verdict];
    *count += 1;
}
