#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/differ.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "campaign/feature.h"
#include "cli/fuzz/pair.h"
#include "cli/fuzz/progress.h"
#include "cli/fuzz/seed.h"
#include "cli/play/load.h"
#include "mutate_dialogue.h"
#include "report/buffer.h"

#define MAX_INPUTS 4096
#define FRESH      64 /* of the last inputs, that are changed most */
#define WRITE_US   5000000
#define SHOW_US    UINT64_C(250000)
#define PLAIN_US   UINT64_C(10000000)

struct input {
    size_t len;
    uint8_t *octets;
};

struct differ {
    struct campaign campaign;
    struct chronicle chronicle;
    struct pair pair;
    struct pair_server servers[OPTIONS_MAX_SERVERS];
    size_t server_count;
    struct input inputs[MAX_INPUTS];
    size_t input_count;
    uint8_t seen[OPTIONS_MAX_SERVERS][FEATURE_COUNT];
    struct mutate chance;
    uint64_t played, begun_us, shown_us, written_us;
    double seconds_before;
    uint64_t played_before;
    bool lost; /* a server takes no connection any more */
};

static volatile sig_atomic_t told_to_stop;

static void on_signal(int number)
{
    (void)number;
    told_to_stop = 1;
}

static bool interrupted(void)
{
    return told_to_stop != 0;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static double seconds_of(const struct differ *d)
{
    return (double)(wire_now_us() - d->begun_us) / 1e6;
}

/* ---- inputs ---- */

static void keep(struct differ *d, struct slice octets)
{
    size_t at = d->input_count;
    if (at == MAX_INPUTS)
        at = mutate_random(&d->chance, MAX_INPUTS);
    else
        d->input_count++;
    struct input *input = &d->inputs[at];
    input->octets = report_grown(input->octets, octets.len + 1);
    memcpy(input->octets, octets.ptr, octets.len);
    input->len = octets.len;
}

static void save(const struct differ *d, struct slice octets)
{
    char name[64], path[4200];
    snprintf(name, sizeof name, "corpus/input-%zu", campaign_count(&d->campaign, "corpus"));
    campaign_write(campaign_path(&d->campaign, name, path, sizeof path), octets);
}

static bool read_corpus(struct differ *d)
{
    char path[4200], file[4500];
    DIR *folder = opendir(campaign_path(&d->campaign, "corpus", path, sizeof path));
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        struct slice octets;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || !load_read(file, &octets))
            continue;
        if (octets.len > 0 && octets.len <= CAMPAIGN_INPUT_OCTETS)
            keep(d, octets);
        free((void *)(uintptr_t)octets.ptr);
    }
    if (folder != NULL)
        closedir(folder);
    return d->input_count > 0;
}

static struct slice choose(struct differ *d)
{
    size_t fresh = d->input_count < FRESH ? d->input_count : FRESH;
    size_t at = mutate_random(&d->chance, 4) > 0
                    ? d->input_count - 1 - mutate_random(&d->chance, fresh)
                    : mutate_random(&d->chance, d->input_count);
    return slice_of(d->inputs[at].octets, d->inputs[at].len);
}

/* Behind QUIT nothing is heard. */
static struct slice without_quit(struct slice text)
{
    static const struct slice quit = SLICE_INIT("QUIT\r\n");
    while (text.len >= quit.len && slice_equal_nocase(slice_from(text, text.len - quit.len), quit))
        text.len -= quit.len;
    return text;
}

static void put_command(struct differ *d, struct writer *w)
{
    static const struct slice commands[] = {
        SLICE_INIT("EHLO client.example\r\n"),
        SLICE_INIT("HELO client.example\r\n"),
        SLICE_INIT("DATA\r\n"),
        SLICE_INIT(".\r\n"),
        SLICE_INIT("RSET\r\n"),
        SLICE_INIT("NOOP\r\n"),
        SLICE_INIT("BDAT 0 LAST\r\n"),
        SLICE_INIT("BDAT 3\r\na\r\n"),
    };
    switch (mutate_random(&d->chance, 4)) {
    case 0:
        writer_put(w, slice_of_cstr(d->pair.mail));
        break;
    case 1:
        writer_put(w, slice_of_cstr(d->pair.rcpt));
        break;
    default:
        writer_put(w, mutate_word(&d->chance, MUTATE_WORDS(commands)));
    }
}

/* One time in two, what comes last asks for the state: whether there is a transaction, and whether
 * it has recipients. */
static size_t make(struct differ *d, uint8_t *out)
{
    static uint8_t room[2][CAMPAIGN_INPUT_OCTETS];
    struct slice text = without_quit(choose(d));
    size_t changes = mutate_random(&d->chance, 4);
    for (size_t i = 0; i < changes; i++)
        text = slice_of(room[i % 2],
                        mutate_dialogue(&d->chance, text, room[i % 2], CAMPAIGN_INPUT_OCTETS));
    struct writer w = writer_of(out, CAMPAIGN_INPUT_OCTETS);
    writer_put(&w, slice_sub(text, 0,
                             CAMPAIGN_INPUT_OCTETS - 1400 < text.len ? CAMPAIGN_INPUT_OCTETS - 1400
                                                                     : text.len));
    for (size_t more = changes == 0 ? 1 + mutate_random(&d->chance, 2)
                                    : mutate_random(&d->chance, 2);
         more > 0; more--)
        put_command(d, &w);
    if (mutate_random(&d->chance, 2) == 0) {
        writer_put(&w, slice_of_cstr(d->pair.rcpt));
        writer_put(&w, SLICE("DATA\r\n"));
    }
    return w.len;
}

/* ---- one dialogue ---- */

static bool is_new(struct differ *d)
{
    static uint8_t marks[FEATURE_COUNT];
    bool any = false;
    for (size_t i = 0; i < d->server_count; i++) {
        memset(marks, 0, sizeof marks);
        feature_mark(marks, &d->servers[i].talk.session, 0);
        for (size_t k = 0; k < FEATURE_COUNT; k++)
            if (marks[k] > d->seen[i][k]) {
                d->seen[i][k] = 1;
                any = true;
            }
    }
    return any;
}

static bool lives(struct differ *d)
{
    for (size_t i = 1; i < d->server_count; i++) {
        d->pair.b = &d->servers[i];
        if (!pair_talk(&d->pair, SLICE("EHLO client.example\r\nQUIT\r\n"), PAIR_STEADY) ||
            d->pair.a->talk.session.replies == 0 || d->pair.b->talk.session.replies == 0)
            return false;
    }
    return true;
}

/* All servers against the first. */
static void play(struct differ *d, struct slice octets)
{
    struct disagreement found;
    uint64_t wrong = 0;
    for (size_t i = 1; i < d->server_count; i++) {
        d->pair.b = &d->servers[i];
        if (!pair_talk(&d->pair, octets, PAIR_QUICK)) {
            d->lost = !lives(d);
            return;
        }
        if (disagree_find(&d->pair.a->talk.session, &d->pair.b->talk.session, &found))
            wrong |= UINT64_C(1) << i;
    }
    d->played++;
    if (is_new(d)) {
        keep(d, octets);
        save(d, octets);
    }
    for (size_t i = 1; i < d->server_count && !interrupted(); i++) {
        d->pair.b = &d->servers[i];
        if (wrong >> i & 1)
            pair_look(&d->pair, octets);
    }
    if (wrong != 0)
        catch_signals(); /* a play of the script took them */
}

/* ---- what people see ---- */

static void put_line(const struct differ *d, FILE *out)
{
    double s = seconds_of(d);
    fprintf(out, "%.0f s: %" PRIu64 " dialogues, %.0f/s; %zu findings; %zu inputs", s, d->played,
            s > 0 ? (double)d->played / s : 0, d->pair.findings, d->input_count);
}

static void show(struct differ *d)
{
    bool terminal = isatty(STDERR_FILENO);
    uint64_t now = wire_now_us();
    if (d->campaign.options->quiet || now - d->shown_us < (terminal ? SHOW_US : PLAIN_US))
        return;
    d->shown_us = now;
    if (terminal) {
        fputc('\r', stderr);
        put_line(d, stderr);
        fputs("\x1b[K", stderr);
    } else {
        put_line(d, stdout);
        putchar('\n');
        fflush(stdout);
    }
}

static void set(struct differ *d, const char *name, uint64_t number)
{
    chronicle_set(d->chronicle.root, name, json_integer((json_int_t)number));
}

static void setting(struct differ *d, const char *name, const char *value)
{
    chronicle_pair(&d->chronicle, "settings", "name", slice_of_cstr(name), "value",
                   slice_of_cstr(value));
}

static void untried(struct differ *d, const char *what, const char *why)
{
    chronicle_pair(&d->chronicle, "not_tried", "what", slice_of_cstr(what), "why",
                   slice_of_cstr(why));
}

static void describe(struct differ *d)
{
    chronicle_set(d->chronicle.root, "settings", json_array());
    chronicle_set(d->chronicle.root, "not_tried", json_array());
    for (size_t i = 0; i < d->server_count; i++)
        setting(d, d->servers[i].name, d->servers[i].url);
    chronicle_pair(
        &d->chronicle, "settings", "name", SLICE("all take"), "value",
        slice_sub(slice_of_cstr(d->pair.mail), 0, slice_find(slice_of_cstr(d->pair.mail), '\r')));
    chronicle_pair(
        &d->chronicle, "settings", "name", SLICE("and then"), "value",
        slice_sub(slice_of_cstr(d->pair.rcpt), 0, slice_find(slice_of_cstr(d->pair.rcpt), '\r')));
    untried(d, "several commands in one write",
            "each waits for its reply, so that it is known what a reply belongs to");
    untried(d, "what is behind STARTTLS and AUTH", "a campaign speaks plain SMTP over TCP");
    untried(d, "VRFY, EXPN, HELP, and what not both servers announce",
            "servers may differ in what they offer");
}

static void write_record(struct differ *d)
{
    d->written_us = wire_now_us();
    chronicle_set(d->chronicle.root, "seconds", json_real(d->seconds_before + seconds_of(d)));
    set(d, "dialogues", d->played_before + d->played);
    set(d, "inputs", d->input_count);
    set(d, "unconfirmed", campaign_count(&d->campaign, "unconfirmed") / 2);
    chronicle_write(&d->chronicle);
}

/* ---- the campaign ---- */

static void search(struct differ *d)
{
    static uint8_t octets[CAMPAIGN_INPUT_OCTETS];
    const struct options *o = d->campaign.options;
    uint64_t end_us = d->begun_us + (uint64_t)(o->minutes * 60e6);
    size_t seeds = d->input_count;
    for (size_t i = 0; i < seeds && !interrupted() && !d->lost; i++) {
        struct slice seed = slice_of(d->inputs[i].octets, d->inputs[i].len);
        memcpy(octets, seed.ptr, seed.len);
        play(d, slice_of(octets, seed.len));
    }
    while (!interrupted() && !d->lost && wire_now_us() < end_us &&
           (o->runs == 0 || d->played < o->runs)) {
        size_t len = make(d, octets);
        if (len > 0)
            play(d, slice_of(octets, len));
        show(d);
        if (wire_now_us() - d->written_us > WRITE_US)
            write_record(d);
    }
}

/* Whether both take MAIL and RCPT, without which there is little to compare. */
static bool find_transaction(struct differ *d)
{
    char dialogue[2048];
    const struct options *o = d->campaign.options;
    snprintf(d->pair.mail, sizeof d->pair.mail, "MAIL FROM:<%s>\r\n",
             o->from == NULL ? "tester@example.test" : o->from);
    snprintf(d->pair.rcpt, sizeof d->pair.rcpt, "RCPT TO:<%s>\r\n",
             o->rcpt == NULL ? "postmaster" : o->rcpt);
    snprintf(dialogue, sizeof dialogue, "EHLO client.example\r\n%s%sRSET\r\n", d->pair.mail,
             d->pair.rcpt);
    for (size_t i = 1; i < d->server_count; i++) {
        d->pair.b = &d->servers[i];
        if (!pair_talk(&d->pair, slice_of_cstr(dialogue), PAIR_STEADY))
            return false;
        for (unsigned k = 0; k < 2; k++) {
            const struct pair_server *server = k == 0 ? d->pair.a : d->pair.b;
            const struct session *s = &server->talk.session;
            for (size_t at = 0; at < 4; at++)
                if (at >= s->count || s->steps[at].code / 100 != 2) {
                    fprintf(stderr,
                            "maildrill fuzz: %s does not take mail from %s to %s: --from and "
                            "--rcpt say what all of them take\n",
                            server->name, o->from == NULL ? "tester@example.test" : o->from,
                            o->rcpt == NULL ? "postmaster" : o->rcpt);
                    return false;
                }
        }
    }
    return true;
}

static bool find_servers(struct differ *d)
{
    const struct options *o = d->campaign.options;
    for (size_t i = 0; i < o->server_count; i++) {
        struct pair_server *server = &d->servers[i];
        struct target target;
        server->url = o->servers[i];
        if (!campaign_server(o, server->url, &target, &server->talk.address))
            return false;
        if (target.name[0] == '\0')
            snprintf(server->name, sizeof server->name, "%.60s:%u", target.host, target.port);
        else
            snprintf(server->name, sizeof server->name, "%s", target.name);
        if (i == 0)
            d->campaign.target = target;
    }
    d->server_count = o->server_count;
    d->pair.a = &d->servers[0];
    return true;
}

static void begin_record(struct differ *d)
{
    char names[600] = "";
    size_t at = 0;
    for (size_t i = 0; i < d->server_count && at < sizeof names - 100; i++)
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", i > 0 ? ", " : "",
                               d->servers[i].name);
    chronicle_begin(&d->chronicle, d->campaign.options, d->campaign.out, "differential", names,
                    true);
    d->seconds_before = json_number_value(json_object_get(d->chronicle.earlier, "seconds"));
    d->played_before =
        (uint64_t)json_integer_value(json_object_get(d->chronicle.earlier, "dialogues"));
    d->pair.chronicle = &d->chronicle;
    describe(d);
    if (!d->campaign.options->quiet)
        printf("tells %s the same; in %s\n", names, d->campaign.out);
    fflush(stdout);
}

static enum exit_code run(struct differ *d)
{
    bool resumed = campaign_count(&d->campaign, "corpus") > 0;
    if ((!resumed || d->campaign.options->seed_count > 0) && seed_corpus(&d->campaign) == 0)
        return EXIT_SCRIPT;
    if (!read_corpus(d) || !find_transaction(d))
        return EXIT_CONNECT;
    begin_record(d);
    d->begun_us = d->shown_us = d->written_us = d->pair.begun_us = wire_now_us();
    search(d);
    if (d->lost)
        chronicle_set(d->chronicle.root, "stopped",
                      json_string("A server does not answer any more: the campaign ended early."));
    write_record(d);
    progress_hide();
    put_line(d, stdout);
    printf("\nfindings: %s/findings/*.smtp; the whole of it as a page: %s/campaign.html\n",
           d->campaign.out, d->campaign.out);
    return interrupted()                     ? EXIT_INTERRUPTED
           : d->pair.findings > 0 || d->lost ? EXIT_FAIL
                                             : EXIT_PASS;
}

static enum exit_code compare(struct differ *d, const struct options *options)
{
    d->campaign = (struct campaign){
        .options = options, .out = options->out == NULL ? "fuzz-out" : options->out, .jobs = 1};
    campaign_account(&d->campaign);
    d->pair = (struct pair){.campaign = &d->campaign, .interrupted = interrupted};
    d->chance.random = options->seed;
    catch_signals();
    if (!find_servers(d) || !campaign_folders(&d->campaign))
        return EXIT_USAGE;
    if (!lives(d)) {
        fprintf(stderr, "maildrill fuzz: not all of them answer as mail servers\n");
        return EXIT_CONNECT;
    }
    return run(d);
}

enum exit_code differ_campaign(const struct options *options)
{
    if (options->server_count < 2 || options->operand_count != 0 || options->exec != NULL) {
        fprintf(stderr, "maildrill fuzz: --differential: --server [NAME=]URL at least twice, of "
                        "servers that run\n");
        return EXIT_USAGE;
    }
    static struct differ *differ; /* one a process, and so is what it holds */
    differ = calloc(1, sizeof *differ);
    if (differ == NULL)
        abort();
    return compare(differ, options);
}
