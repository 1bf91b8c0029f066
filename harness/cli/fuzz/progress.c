#define _DEFAULT_SOURCE

#include "cli/fuzz/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TERMINAL_US UINT64_C(250000)
#define PLAIN_US    UINT64_C(10000000)
#define LINE_OCTETS 400
#define SLOWEST     3
#define NOTABLE     2 /* a verb is slow that takes so many times as long as all do */

static struct {
    bool on;                                /* a line stands on the terminal */
    uint64_t shown_us, rated_us, dialogues; /* when, and how many there were */
    double rate;
} state;

static void put_line(const struct survey *v, const struct survey_sample *now, double rate,
                     char *line)
{
    struct survey_verb verbs[SLOWEST];
    size_t count = survey_verbs(v, verbs, SLOWEST);
    int at = snprintf(line, LINE_OCTETS,
                      "%.0f s: %" PRIu64 " dialogues, %.0f/s; %zu findings; %" PRIu64
                      " states, %" PRIu64 " transitions, %" PRIu64 " features, %" PRIu64 " inputs",
                      now->at_s - v->before.at_s, now->dialogues - v->before.dialogues, rate,
                      v->findings, now->states, now->transitions, now->features, now->inputs);
    uint64_t dialogues = now->dialogues - v->before.dialogues;
    double mean_ms = dialogues == 0 ? 0
                                    : (now->at_s - v->before.at_s) * 1000 *
                                          (double)v->campaign->jobs / (double)dialogues;
    for (size_t i = 0; i < count && at < LINE_OCTETS - 40; i++) {
        struct slice name = smtp_verb_name(verbs[i].verb);
        if (verbs[i].mean_ms < NOTABLE * mean_ms)
            break;
        at += snprintf(line + at, LINE_OCTETS - (size_t)at, "%s %.*s %.*f ms",
                       i == 0 ? "; slowest" : ",", (int)name.len, (const char *)name.ptr,
                       verbs[i].mean_ms < 10 ? 1 : 0, verbs[i].mean_ms);
    }
}

static int columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

/* Dialogues a second, of the last second or so. */
static void take_rate(const struct survey_sample *now, uint64_t now_us)
{
    uint64_t gone = now_us - state.rated_us;
    if (state.rated_us != 0 && gone < 1000000)
        return;
    if (state.rated_us != 0)
        state.rate = (double)(now->dialogues - state.dialogues) * 1e6 / (double)gone;
    state.rated_us = now_us;
    state.dialogues = now->dialogues;
}

void progress_show(struct survey *v)
{
    char line[LINE_OCTETS];
    bool terminal = isatty(STDERR_FILENO);
    uint64_t now_us = wire_now_us();
    struct survey_sample now = survey_look(v);
    if (state.shown_us == 0) { /* the first plain line comes after its time, not before */
        state.shown_us = now_us;
        take_rate(&now, now_us);
    }
    if (v->campaign->options->quiet ||
        now_us - state.shown_us < (terminal ? TERMINAL_US : PLAIN_US))
        return;
    state.shown_us = now_us;
    take_rate(&now, now_us);
    put_line(v, &now, state.rate, line);
    if (terminal)
        fprintf(stderr, "\r%.*s\x1b[K", columns(), line);
    else
        printf("%s\n", line);
    fflush(terminal ? stderr : stdout);
    state.on = terminal;
}

void progress_meanwhile(struct survey *v)
{
    static uint64_t looked_us;
    if (wire_now_us() - looked_us < TERMINAL_US)
        return;
    looked_us = wire_now_us();
    progress_show(v);
}

void progress_hide(void)
{
    if (state.on)
        fputs("\r\x1b[K", stderr);
    state.on = false;
}

void progress_end(struct survey *v)
{
    char line[LINE_OCTETS];
    struct survey_sample now = survey_look(v);
    double seconds = now.at_s - v->before.at_s;
    progress_hide();
    put_line(v, &now, seconds > 0 ? (double)(now.dialogues - v->before.dialogues) / seconds : 0,
             line);
    printf("%s\n", line);
}
