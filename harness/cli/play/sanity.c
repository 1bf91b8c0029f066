#include "cli/play/sanity.h"

static void finished(struct attempt *attempt)
{
    net_stop(attempt->setting->loop);
}

bool sanity_lives(const struct attempt_setting *setting, const struct peer *peer,
                  const bool *interrupted, char *why, size_t size)
{
    static const struct slice dialogue =
        SLICE_INIT("S: *\nC: EHLO ${client}\nS: *\nC: QUIT\nS: */<EOF>\n");
    struct script_options options = {.name = SLICE("sanity")};
    struct script *script = script_load(dialogue, &options);
    struct log log = {.count = 0};
    struct report_result r = {.script = script, .test = &script->tests[0]};
    struct attempt_setting plain = *setting;
    struct attempt attempt = {
        .setting = &plain, .test = r.test, .peer = peer, .log = &log, .finished = finished};
    bool answered = false;
    plain.replay = plain.keep_going = false;
    attempt_start(&attempt);
    while (attempt.drive != NULL) {
        if (*interrupted)
            attempt_abort(&attempt);
        net_run(plain.loop);
    }
    log_result(&log, &r);
    r.verdict = attempt.verdict;
    for (size_t i = 0; i < r.event_count; i++) {
        answered = answered || r.events[i].kind == ENGINE_EVENT_MATCHED;
        if (r.events[i].kind == ENGINE_EVENT_VERDICT)
            r.reason = r.events[i].text;
    }
    const struct engine_event *difference = report_first_difference(&r);
    bool closed = difference != NULL && (difference->fault == ENGINE_FAULT_CLOSED ||
                                         difference->fault == ENGINE_FAULT_LOST);
    struct slice text = report_message(&r, (uint8_t *)why, size - 1);
    why[text.len] = '\0';
    log_free(&log);
    script_free(script);
    return attempt.verdict == ENGINE_PASS || (answered && closed);
}
