#define _DEFAULT_SOURCE

#include "cli/fuzz/client_finding.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/play/load.h"
#include "report/buffer.h"

#define SILENCE_LINES 10

static const struct {
    const char *name, *severity, *section, *summary;
} oracles[] = {
    [CRASH] = {"crash", "high", "RFC 5321 7.8", "a signal ended the client"},
    [SANITIZER] = {"sanitizer", "high", "RFC 5321 7.8",
                   "a sanitizer in the client reports an error"},
    [HANG] = {"hang", "medium", "RFC 5321 4.5.3.2",
              "the client still ran long after its connection was closed"},
    [IN_CLEAR] = {"in-clear", "high", "RFC 3207 6", "the client went on without TLS"},
    [TOOK_INJECTION] = {"took-injection", "high", "RFC 3207 5",
                        "what came before TLS answers what the client asks under TLS"},
    [SAYS_SENT] = {"says-sent", "high", "RFC 5321 4.2.5",
                   "the client ended with 0, but no message was taken"},
};

/* ---- the dialogue ---- */

void dialogue_begin(struct dialogue *d)
{
    d->len = d->count = 0;
    d->decisive = SIZE_MAX;
}

void dialogue_keep(struct dialogue *d, bool by_server, struct slice octets, bool deviates)
{
    size_t room = sizeof d->octets - d->len, take = octets.len < room ? octets.len : room;
    bool goes_on = !deviates && d->count > 0 && d->turns[d->count - 1].by_server == by_server;
    if (take == 0 || (!goes_on && d->count == MAX_TURNS))
        return;
    memcpy(d->octets + d->len, octets.ptr, take);
    d->len += take;
    if (deviates)
        d->decisive = d->count;
    if (!goes_on)
        d->turns[d->count++].by_server = by_server;
    d->turns[d->count - 1].end = d->len;
}

/* A line as it is shown, and whose it is. */
typedef void line_fn(void *context, bool by_server, struct slice shown, bool decisive);

struct showing {
    line_fn *put;
    void *context;
    bool asked; /* the server's last line is a challenge of AUTH: the answer is not shown */
};

/* Of AUTH, what may be a password is not shown. */
static struct slice open_part(const struct showing *s, bool by_server, struct slice line)
{
    struct slice auth = SLICE("AUTH ");
    if (by_server)
        return line;
    if (s->asked && !slice_equal(line, SLICE("*")))
        return SLICE("");
    if (!slice_starts_nocase(line, auth))
        return line;
    size_t mechanism = auth.len + slice_find(slice_from(line, auth.len), ' ');
    return slice_sub(line, 0, mechanism < line.len ? mechanism + 1 : mechanism);
}

static void show_line(struct showing *s, bool by_server, struct slice line, size_t times,
                      bool decisive)
{
    struct buffer shown = {.ptr = NULL};
    struct sink out = buffer_sink(&shown);
    size_t cut = line.len;
    while (cut > 0 && (line.ptr[cut - 1] == '\n' || (cut < line.len && line.ptr[cut - 1] == '\r')))
        cut--;
    struct slice text = slice_sub(line, 0, cut), part = open_part(s, by_server, text);
    sink_visible(out, part, 100);
    sink_text(out, part.len < text.len ? "****" : "");
    sink_text(out, line.len - cut == 2 ? "" : line.len > cut ? "\\n" : " (no line end)");
    if (times > 1) {
        sink_text(out, " (");
        sink_number(out, times, 0);
        sink_text(out, " times)");
    }
    s->put(s->context, by_server, buffer_slice(&shown), decisive);
    s->asked = by_server && slice_starts(line, SLICE("334"));
    buffer_free(&shown);
}

/* Line by line; one that comes again and again once. */
static void show_turn(struct showing *s, bool by_server, struct slice octets, bool decisive)
{
    struct slice last = SLICE("");
    size_t times = 0;
    while (octets.len > 0) {
        size_t end = slice_find(octets, '\n');
        struct slice line = slice_sub(octets, 0, end < octets.len ? end + 1 : end);
        octets = slice_from(octets, line.len);
        if (times > 0 && !slice_equal(line, last)) {
            show_line(s, by_server, last, times, decisive);
            times = 0;
        }
        last = line;
        times++;
    }
    if (times > 0)
        show_line(s, by_server, last, times, decisive);
}

static void show_dialogue(const struct dialogue *d, line_fn *put, void *context)
{
    struct showing s = {.put = put, .context = context};
    size_t from = 0;
    for (size_t i = 0; i < d->count; i++) {
        struct slice octets = slice_of(d->octets + from, d->turns[i].end - from);
        show_turn(&s, d->turns[i].by_server, octets, i == d->decisive);
        from = d->turns[i].end;
    }
}

/* ---- what it printed ---- */

static bool says(const struct net_process *process, const char *words)
{
    size_t octets, len = strlen(words);
    const uint8_t *said = net_process_said(process, &octets);
    for (size_t i = 0; i + len <= octets; i++)
        if (memcmp(said + i, words, len) == 0)
            return true;
    return false;
}

bool client_sanitized(const struct net_process *process)
{
    static const char *const words[] = {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
                                        "WARNING: MemorySanitizer", "WARNING: ThreadSanitizer",
                                        ": runtime error: "};
    bool spoke = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        spoke = spoke || says(process, words[i]);
    return spoke;
}

/* ---- findings ---- */

static void print_line(void *file, bool by_server, struct slice shown, bool decisive)
{
    fprintf(file, decisive ? "  > %c: " : "    %c: ", by_server ? 'S' : 'C');
    load_put(file, shown);
    fputc('\n', file);
}

/* Where the last `most` lines begin. */
static size_t last_lines(struct slice text, size_t most)
{
    size_t at = text.len;
    while (at > 0 && (at == text.len || text.ptr[at - 1] != '\n' || --most > 0))
        at--;
    return at;
}

/* Line by line. */
static void print_said(FILE *out, const struct net_process *process, size_t most)
{
    size_t octets;
    const uint8_t *said = net_process_said(process, &octets);
    struct slice text = slice_of(said, octets);
    if (octets == 0)
        return;
    fputs("  the client said:\n", out);
    for (size_t at = last_lines(text, most); at < octets;) {
        size_t end = at + slice_find(slice_from(text, at), '\n');
        fputs("    ", out);
        sink_visible((struct sink){load_put, out}, slice_sub(text, at, end), 200);
        fputc('\n', out);
        at = end + 1;
    }
}

void client_print(void *file, const struct client_story *story, bool whole)
{
    FILE *out = file;
    const struct fuzz_case *c = story->played;
    const struct outcome *o = story->outcome;
    fprintf(out, "%s: %s (%s severity, %s)\n", oracles[c->oracle].name, oracles[c->oracle].summary,
            oracles[c->oracle].severity, oracles[c->oracle].section);
    if (o->signal != 0 && !o->hung)
        fprintf(out, "  signal %d (%s)\n", o->signal, strsignal(o->signal));
    fprintf(out, "  the server %s, to %s\n", c->row->summary, deviant_place_name(c->place));
    fprintf(out, "  once more: --deviant %s@%zu, here or with `maildrill serve`\n", c->row->name,
            c->reply);
    if (!whole)
        return;
    show_dialogue(story->dialogue, print_line, out);
    print_said(out, story->process, SIZE_MAX);
}

static void describe_end(const struct outcome *o, char *out, size_t size)
{
    if (o->hung)
        snprintf(out, size, "it did not end, and was ended");
    else if (o->signal != 0)
        snprintf(out, size, "signal %d (%s) ends it", o->signal, strsignal(o->signal));
    else
        snprintf(out, size, "it ends with %d", o->exit_code);
}

void client_print_silence(void *file, const struct client_story *story)
{
    FILE *out = file;
    char end[120];
    describe_end(story->outcome, end, sizeof end);
    fprintf(out, "maildrill fuzz: the client did not talk to {host}, port {port}, and %s: %s\n",
            end, story->command);
    print_said(out, story->process, SILENCE_LINES);
}

/* ---- in the record ---- */

struct recording {
    struct chronicle *chronicle;
    json_t *finding;
    const char *note; /* under the first line that is marked */
};

static void record_line(void *context, bool by_server, struct slice shown, bool decisive)
{
    struct recording *r = context;
    chronicle_say(r->chronicle, r->finding, by_server ? "S" : "C", shown, decisive,
                  decisive ? r->note : NULL);
    r->note = decisive ? NULL : r->note;
}

static void record_said(struct recording *r, const struct client_story *story)
{
    size_t octets;
    const uint8_t *said = net_process_said(story->process, &octets);
    char end[120];
    if (octets > 0)
        chronicle_say(r->chronicle, r->finding, "the client says", slice_of(said, octets), false,
                      NULL);
    describe_end(story->outcome, end, sizeof end);
    chronicle_say(r->chronicle, r->finding, "", slice_of_cstr(end), true,
                  oracles[story->played->oracle].summary);
}

static void record(struct chronicle *chronicle, const struct client_story *story, const char *file)
{
    const struct fuzz_case *c = story->played;
    char title[300], note[200];
    snprintf(title, sizeof title, "%s: the server %s, to %s", oracles[c->oracle].summary,
             c->row->summary, deviant_place_name(c->place));
    snprintf(note, sizeof note, "the server %s", c->row->summary);
    json_t *f =
        chronicle_new_finding(chronicle, oracles[c->oracle].name, oracles[c->oracle].severity,
                              oracles[c->oracle].section, slice_of_cstr(title), file);
    struct recording r = {.chronicle = chronicle, .finding = f, .note = note};
    show_dialogue(story->dialogue, record_line, &r);
    if (r.note != NULL) /* it had no octets */
        chronicle_say(chronicle, f, "", slice_of_cstr(note), true, NULL);
    record_said(&r, story);
    chronicle_finding(chronicle, f);
}

void client_write(const char *folder, struct chronicle *chronicle, const struct client_story *story)
{
    const struct fuzz_case *c = story->played;
    char path[600], name[200];
    snprintf(name, sizeof name, "%s-%s-%zu.txt", oracles[c->oracle].name, c->row->name, c->reply);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        return;
    }
    fprintf(file, "command: %s\n", story->command);
    client_print(file, story, true);
    if (fclose(file) != 0)
        perror(path);
    record(chronicle, story, name);
}
