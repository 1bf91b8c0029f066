#define _POSIX_C_SOURCE 200809L

#include "cli/fuzz/seed.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/play/conceal.h"
#include "cli/play/dry.h"
#include "cli/play/load.h"

/* Where none are given: each kind of transaction once, and the small commands. */
#define HELLO "S: 220\nC: EHLO ${client}\nS: 250\n"
#define MAIL  "C: MAIL FROM:<${from}>\nS: 250\nC: RCPT TO:<${rcpt:-postmaster}>\nS: 250\n"
#define QUIT  "C: QUIT\nS: 221\n"
static const char *const plain[] = {
    (HELLO MAIL "C: DATA\nS: 354\nC: Subject: hello\nC:\nC: hello\nC: .\nS: 250\n" QUIT),
    (HELLO MAIL "C!: BDAT 7\\r\\nhello\\r\\n\nS: 250\nC: BDAT 0 LAST\nS: 250\n" QUIT),
    (HELLO "C: NOOP\nS: 250\nC: VRFY ${rcpt:-postmaster}\nS: *\nC: HELP\nS: *\n"
           "C: MAIL FROM:<>\nS: 250\nC: RSET\nS: 250\n" QUIT),
    /* RFC 3207 4.2: what goes along with STARTTLS (dialogue.h), and what was there before it */
    (HELLO "C!: STARTTLS\\r\\nNOOP\\r\\n\\x16\nS: 220\n"),
    (HELLO "C: MAIL FROM:<${from}>\nS: 250\nC: STARTTLS\nS: 220\n"
           "C: RCPT TO:<${rcpt:-postmaster}>\nS: 503\n"),
    (HELLO "C: STARTTLS\nS: 220\nC: EHLO ${client}\nS: 250\n"),
};

/* What no server may take (RFC 4954 4): nobody's credentials, and none. */
#define NOBODY                                                                                     \
    "C: AUTH PLAIN " ACCOUNT_NO_PLAIN_TEXT "\nS: 535\nC: AUTH PLAIN " ACCOUNT_NO_EMPTY_TEXT        \
    "\nS: 535\nC: AUTH LOGIN\nS: 334\nC: " ACCOUNT_NO_USER_TEXT                                    \
    "\nS: 334\nC: " ACCOUNT_NO_PASS_TEXT "\nS: 535\n"
#define DIGEST(text) "C: AUTH CRAM-MD5\nS: 334\nC: " text "\nS: 535\n"
/* RFC 4954 6: what wants AUTH wants it behind one that fails. */
#define FAILED                                                                                     \
    "C: MAIL FROM:<${from}>\nS: 530\nC: AUTH PLAIN " ACCOUNT_NO_PLAIN_TEXT                         \
    "\nS: 535\nC: MAIL FROM:<${from}>\nS: 530\nC: AUTH PLAIN\nS: 334\nC: *\nS: 501\n"              \
    "C: MAIL FROM:<${from}>\nS: 530\nC: RSET\nS: 250\nC: MAIL FROM:<${from}>\nS: 530\n"
static const char *const nobodys[] = {
    (HELLO NOBODY),
    (HELLO FAILED),
    (HELLO "C: STARTTLS\nS: 220\nC: EHLO ${client}\nS: 250\n" FAILED),
    (HELLO DIGEST(ACCOUNT_NO_CRAM_TEXT) "C: AUTH PLAIN =\nS: 501\n"),
    (HELLO "C: STARTTLS\nS: 220\nC: EHLO ${client}\nS: 250\n" NOBODY),
};

/* And with an account: what is behind AUTH (RFC 4954 4). */
#define MESSAGE "C: ${b64:\\0${user}\\0${pass}}\nS: 235\n"
#define PLAIN   "C: AUTH PLAIN ${b64:\\0${user}\\0${pass}}\nS: 235\n"
#define LOGIN   "C: AUTH LOGIN\nS: 334\nC: ${b64:${user}}\nS: 334\nC: ${b64:${pass}}\nS: 235\n"
#define WRONG                                                                                      \
    "C: AUTH PLAIN " ACCOUNT_WRONG_TEXT "\nS: 535\nC: AUTH PLAIN " ACCOUNT_EMPTY_TEXT              \
    "\nS: 535\nC: AUTH LOGIN\nS: 334\nC: ${b64:${user}}\nS: 334\nC: " ACCOUNT_NO_PASS_TEXT         \
    "\nS: 535\nC: AUTH LOGIN\nS: 334\nC: ${b64:${user}}\nS: 334\nC:\nS: 535\n"
static const char *const authenticated[] = {
    (HELLO PLAIN MAIL "C: DATA\nS: 354\nC: Subject: hello\nC:\nC: hello\nC: .\nS: 250\n" QUIT),
    (HELLO LOGIN MAIL "C!: BDAT 7\\r\\nhello\\r\\n\nS: 250\nC: BDAT 0 LAST\nS: 250\n" QUIT),
    (HELLO "C: AUTH PLAIN\nS: 334\n" MESSAGE
           "C: NOOP\nS: 250\nC: VRFY ${rcpt:-postmaster}\nS: *\nC: EXPN list\nS: *\n"
           "C: HELP\nS: *\n" MAIL "C: RSET\nS: 250\n" QUIT),
    (HELLO "C: STARTTLS\nS: 220\n" /* most take a password under TLS only */
           "C: EHLO ${client}\nS: 250\n" PLAIN MAIL "C: RSET\nS: 250\n" QUIT),
    (HELLO PLAIN "C: STARTTLS\nS: 220\n" /* TLS forgets it (RFC 3207 4.2) */
                 "C: EHLO ${client}\nS: 250\n" PLAIN MAIL QUIT),
    (HELLO WRONG),
    (HELLO DIGEST(ACCOUNT_CRAM_TEXT)),
    (HELLO "C: STARTTLS\nS: 220\nC: EHLO ${client}\nS: 250\n" WRONG),
};

/* The password is in none of them: where no stand-in fits, nothing is left of it. */
static size_t put_seed(const struct campaign *c, struct slice octets, size_t number)
{
    uint8_t room[CAMPAIGN_INPUT_OCTETS];
    struct buffer safe = {.ptr = NULL};
    struct writer w = writer_of(room, sizeof room);
    char name[64], path[4200];
    if (octets.len == 0)
        return 0;
    if (octets.len > CAMPAIGN_INPUT_OCTETS)
        octets.len = CAMPAIGN_INPUT_OCTETS;
    account_hide(&c->account, octets, &w);
    conceal(&safe, writer_slice(&w), c->options->pass);
    snprintf(name, sizeof name, "corpus/seed-%zu", number);
    bool written = campaign_write(campaign_path(c, name, path, sizeof path), buffer_slice(&safe));
    buffer_free(&safe);
    return written;
}

static size_t put_script(const struct campaign *c, const struct script *script,
                         const struct variables *variables, size_t number)
{
    size_t count = 0;
    for (size_t i = 0; i < script->test_count; i++) {
        struct buffer octets = {.ptr = NULL};
        dry_octets(c->options, &script->tests[i], variables, c->tls.begins == TALK_STARTTLS,
                   &octets);
        count += put_seed(c, buffer_slice(&octets), number + count);
        buffer_free(&octets);
    }
    return count;
}

/* What opening.h begins its dialogues with. */
static void put_greeting(struct campaign *c, const struct variables *variables)
{
    struct slice text = c->submits ? SLICE(HELLO PLAIN MAIL) : SLICE(HELLO MAIL);
    struct script *script = load_octets(text, "greeting", c->options);
    struct buffer octets = {.ptr = NULL};
    dry_octets(c->options, &script->tests[0], variables, false, &octets);
    struct writer w = writer_of(c->greeting, sizeof c->greeting);
    account_hide(&c->account, buffer_slice(&octets), &w);
    c->opens = !w.overflow && !c->options->blind;
    c->greeting_octets = w.len;
    buffer_free(&octets);
    script_free(script);
}

static size_t put_texts(const struct campaign *c, const char *const *texts, size_t text_count,
                        const struct variables *variables, size_t number)
{
    size_t count = 0;
    for (size_t i = 0; i < text_count; i++) {
        struct script *script = load_octets(slice_of_cstr(texts[i]), "seed", c->options);
        count += put_script(c, script, variables, number + count);
        script_free(script);
    }
    return count;
}

#define PUT(texts) put_texts(c, texts, sizeof(texts) / sizeof *(texts), variables, count)

static size_t put_plain(const struct campaign *c, const struct variables *variables)
{
    size_t count = 0;
    count += PUT(plain);
    count += PUT(nobodys);
    if (account_given(&c->account))
        count += PUT(authenticated);
    return count;
}

static bool is_script(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcmp(dot, ".smtp") == 0 || strcmp(dot, ".txt") == 0);
}

static size_t put_file(const struct campaign *c, const char *path, size_t number)
{
    struct slice octets;
    if (!load_read(path, &octets)) {
        fprintf(stderr, "maildrill fuzz: %s: %s\n", path, strerror(errno));
        return 0;
    }
    size_t count = put_seed(c, octets, number);
    free((void *)(uintptr_t)octets.ptr);
    return count;
}

/* The files of a folder that are no scripts: those of corpus/server, say. Their names have no dot.
 */
static size_t put_folder(const struct campaign *c, const char *path, size_t number)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    if (folder == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char file[4500];
        struct stat info;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (strchr(entry->d_name, '.') == NULL && stat(file, &info) == 0 && S_ISREG(info.st_mode))
            count += put_file(c, file, number + count);
    }
    closedir(folder);
    return count;
}

static size_t put_scripts(const struct campaign *c, char *path, const struct variables *variables,
                          size_t number)
{
    struct options options = *c->options;
    struct load load;
    size_t count = 0;
    options.operands = &path;
    options.operand_count = 1;
    if (load_all(&load, &options, false) && load.errors == 0)
        for (size_t i = 0; i < load.count; i++)
            count += put_script(c, load.scripts[i], variables, number + count);
    load_free(&load);
    return count;
}

size_t seed_corpus(struct campaign *c)
{
    static struct variables variables;
    size_t count = 0;
    variables_define(&variables, c->options, &c->target, false);
    if (c->options->seed_count == 0) {
        count = put_plain(c, &variables);
        put_greeting(c, &variables);
    }
    for (size_t i = 0; i < c->options->seed_count; i++) {
        char path[4200];
        struct stat info;
        snprintf(path, sizeof path, "%s", c->options->seeds[i]);
        bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
        if (folder)
            count += put_folder(c, path, count);
        count += folder || is_script(path) ? put_scripts(c, path, &variables, count)
                                           : put_file(c, path, count);
    }
    if (count == 0)
        fprintf(stderr, "maildrill fuzz: there is nothing to begin with\n");
    return count;
}
