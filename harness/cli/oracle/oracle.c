#include "cli/oracle/oracle.h"

#include <stdlib.h>

#include "cli/oracle/mailbox.h"
#include "cli/oracle/pop3.h"

struct oracle {
    struct oracle_config config;
    struct pop3 *pop3; /* a session that looks, or NULL */
    /* of a look in a Maildir */
    struct net_timer *timer;
    struct engine_query query; /* valid as long as the engine waits for its answer */
    uint64_t asked_ms;
    size_t next; /* of the messages that were not read for that query */
};

static void look_in_maildir(void *context);

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
    oracle->timer = net_timer_new(config->loop, look_in_maildir, oracle);
    return oracle;
}

void oracle_free(struct oracle *oracle)
{
    if (oracle == NULL)
        return;
    pop3_cancel(oracle->pop3);
    net_timer_free(oracle->timer);
    free(oracle);
}

static void answer(struct oracle *oracle, const struct slice *found, const char *trouble)
{
    oracle->config.looked(oracle->config.context, found, trouble);
}

/* ---- Maildir ---- */

/* One scan serves all who asked before it began. */
static void look_in_maildir(void *context)
{
    struct oracle *oracle = context;
    struct folder *folder = oracle->config.folder;
    const struct engine_query *query = &oracle->query;
    uint64_t now_ms = net_now(oracle->config.loop);
    const char *trouble = folder_scan(folder, oracle->asked_ms, now_ms);
    bool found = false;
    for (size_t i = oracle->next; !found && i < folder_count(folder); i++) {
        bool final;
        struct slice content = folder_read(folder, i, now_ms, &final);
        found = mailbox_holds(content, query);
        if (found)
            answer(oracle, &content, "");
        else if (final && i == oracle->next)
            oracle->next++;
        free((void *)(uintptr_t)content.ptr);
    }
    if (!found)
        answer(oracle, NULL, trouble);
}

static void ask_maildir(struct oracle *oracle, const struct engine_query *query)
{
    uint64_t now_ms = net_now(oracle->config.loop), due_ms = folder_due_ms(oracle->config.folder);
    if (oracle->query.number != query->number)
        oracle->next = query->own ? oracle->config.since : 0;
    oracle->query = *query;
    oracle->asked_ms = now_ms;
    if (due_ms <= now_ms)
        look_in_maildir(oracle);
    else
        net_timer_set(oracle->timer, due_ms);
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
    if (oracle->config.folder != NULL) {
        ask_maildir(oracle, query);
    } else if (o->pop3 != NULL) {
        look_by_pop3(oracle, query);
    } else {
        const struct store_message *message =
            store_find(oracle->config.store, query->token, query->mailbox);
        answer(oracle, message == NULL ? NULL : &message->message.content, "");
    }
}
