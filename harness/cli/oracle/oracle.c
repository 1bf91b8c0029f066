#define _POSIX_C_SOURCE 200809L

#include "cli/oracle/oracle.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/oracle/mailbox.h"
#include "cli/oracle/pop3.h"

#define MOST_FILES     4096u              /* of a Maildir, that are looked at */
#define MESSAGE_OCTETS (8u * 1024 * 1024) /* longer files are passed over */

struct oracle {
    struct oracle_config config;
    struct pop3 *pop3; /* a session that looks, or NULL */
};

bool oracle_given(const struct options *options, bool embedded)
{
    return embedded || options->maildir != NULL || options->pop3 != NULL;
}

struct oracle *oracle_new(const struct oracle_config *config)
{
    struct oracle *oracle = calloc(1, sizeof *oracle);
    if (oracle == NULL)
        abort();
    oracle->config = *config;
    return oracle;
}

void oracle_free(struct oracle *oracle)
{
    if (oracle == NULL)
        return;
    pop3_cancel(oracle->pop3);
    free(oracle);
}

static void answer(struct oracle *oracle, const struct slice *found, const char *trouble)
{
    oracle->config.looked(oracle->config.context, found, trouble);
}

/* ---- Maildir ---- */

/* The octets of a file; free them. A file that is gone, or too long, holds none. */
static struct slice read_file(const char *path)
{
    struct stat about;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return SLICE("");
    uint8_t *octets = NULL;
    size_t len = 0;
    if (fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
        about.st_size <= (off_t)MESSAGE_OCTETS && (octets = malloc((size_t)about.st_size)) != NULL)
        len = fread(octets, 1, (size_t)about.st_size, file);
    fclose(file);
    return slice_of(octets, len);
}

static bool look_in_folder(struct oracle *oracle, const char *folder,
                           const struct engine_query *query)
{
    char path[4096];
    bool found = false;
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return false;
    struct dirent *entry;
    for (size_t i = 0; !found && i < MOST_FILES && (entry = readdir(directory)) != NULL; i++) {
        int len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || len < 0 || (size_t)len >= sizeof path)
            continue;
        struct slice content = read_file(path);
        found = mailbox_holds(content, query);
        if (found)
            answer(oracle, &content, "");
        free((void *)(uintptr_t)content.ptr);
    }
    closedir(directory);
    return found;
}

/* Many servers make a Maildir with the first message, so that one that is missing may be empty;
 * what cannot be read may not, nor what nobody could make: in a folder that is missing. */
static bool may_be_empty(const char *maildir, const char *folder)
{
    char parent[4096];
    if (access(folder, R_OK | X_OK) == 0)
        return true;
    if (errno != ENOENT)
        return false;
    snprintf(parent, sizeof parent, "%s", maildir);
    size_t len = strlen(parent);
    while (len > 1 && parent[len - 1] == '/')
        len--;
    while (len > 0 && parent[len - 1] != '/')
        len--;
    parent[len] = '\0';
    return access(len == 0 ? "." : parent, R_OK | X_OK) == 0;
}

static void look_in_maildir(struct oracle *oracle, const struct engine_query *query)
{
    static const char *const folders[] = {"new", "cur"}; /* as they move: new first */
    char trouble[256] = "";
    for (size_t i = 0; i < 2; i++) {
        char path[4096];
        int len = snprintf(path, sizeof path, "%s/%s", oracle->config.options->maildir, folders[i]);
        if (len > 0 && (size_t)len < sizeof path && look_in_folder(oracle, path, query))
            return;
        if (!may_be_empty(oracle->config.options->maildir, path))
            snprintf(trouble, sizeof trouble, "%.200s: %s", path, strerror(errno));
    }
    answer(oracle, NULL, trouble);
}

/* ---- POP3 ---- */

static void pop3_looked(void *context, const struct slice *found, const char *trouble)
{
    struct oracle *oracle = context;
    oracle->pop3 = NULL;
    answer(oracle, found, trouble);
}

static void look_by_pop3(struct oracle *oracle, const struct engine_query *query)
{
    const struct options *o = oracle->config.options;
    struct pop3_config config = {
        .loop = oracle->config.loop,
        .url = o->pop3,
        .user = o->user,
        .pass = o->pass,
        .timeout_ms = o->timeout_ms,
        .tls = oracle->config.tls,
        .looked = pop3_looked,
        .tls_context = oracle->config.context,
        .context = oracle,
    };
    oracle->pop3 = pop3_look(&config, query);
}

/* ---- which place ---- */

void oracle_look(struct oracle *oracle, const struct engine_query *query)
{
    const struct options *o = oracle->config.options;
    if (o->maildir != NULL) {
        look_in_maildir(oracle, query);
    } else if (o->pop3 != NULL) {
        look_by_pop3(oracle, query);
    } else {
        const struct store_message *message =
            store_find(oracle->config.store, query->token, query->mailbox);
        answer(oracle, message == NULL ? NULL : &message->message.content, "");
    }
}
