#include "cli/fuzz/death.h"

#include <stdio.h>
#include <string.h>

void death_found(struct deaths *d, const struct campaign_said *said, const char *verified)
{
    if (strcmp(said->ended, verified) != 0 || d->known_count == DEATH_KEYS)
        return;
    for (size_t i = 0; i < d->known_count; i++)
        if (strcmp(d->known[i].key, verified) == 0)
            return;
    snprintf(d->known[d->known_count].key, CAMPAIGN_KEY, "%s", verified);
    d->known[d->known_count++].count = 1;
}

static bool is_one_more(struct deaths *d, const char *ended, bool *ret_worth)
{
    for (size_t i = 0; i < d->known_count; i++) {
        if (strcmp(d->known[i].key, ended) != 0)
            continue;
        size_t count = ++d->known[i].count;
        *ret_worth = (count & (count - 1)) == 0;
        return true;
    }
    return false;
}

/* The last ones said may have found no server any more. Each stands for one death. */
bool death_known(struct deaths *d, const struct campaign *campaign)
{
    bool worth = true;
    for (size_t i = 0; i < campaign->jobs; i++) {
        struct campaign_worker *worker = &campaign->shared->workers[i];
        uint64_t said = atomic_load(&worker->said);
        for (uint64_t back = 1; back <= CAMPAIGN_LAST && back <= said; back++) {
            char *ended = worker->last[(said - back) % CAMPAIGN_LAST].ended;
            if (!is_one_more(d, ended, &worth))
                continue;
            ended[0] = worth ? ended[0] : '\0';
            return !worth;
        }
    }
    return false;
}
