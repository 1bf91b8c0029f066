#include "cli/options/rows.h"

#include <stdlib.h>

#include "cli/oracle/pop3.h"

bool value_text(struct options *options, const struct row *row, const char *value)
{
    *(const char **)(void *)((char *)options + row->offset) = value;
    return true;
}

bool value_flag(struct options *options, const struct row *row, const char *value)
{
    (void)value;
    *(bool *)((char *)options + row->offset) = true;
    return true;
}

bool value_server(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    if (options->server_count == OPTIONS_MAX_SERVERS)
        return false;
    options->servers[options->server_count++] = value;
    return true;
}

bool value_seeds(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    if (options->seed_count == OPTIONS_MAX_REPORTS)
        return false;
    options->seeds[options->seed_count++] = value;
    return true;
}

bool value_tag(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    if (options->tag_count == OPTIONS_MAX_TAGS)
        return false;
    options->tags[options->tag_count++] = value;
    return true;
}

static bool read_number(const char *value, const char *end, size_t *ret_number)
{
    size_t number = 0;
    const char *at = value;
    for (; at < end && *at >= '0' && *at <= '9' && number < 100000000; at++)
        number = number * 10 + (size_t)(*at - '0');
    *ret_number = number;
    return at == end && at > value;
}

bool value_count(struct options *options, const struct row *row, const char *value)
{
    return read_number(value, value + strlen(value),
                       (size_t *)(void *)((char *)options + row->offset));
}

/* One at least. */
bool value_amount(struct options *options, const struct row *row, const char *value)
{
    const size_t *number = (const size_t *)(void *)((char *)options + row->offset);
    return value_count(options, row, value) && *number > 0;
}

/* 5321 or 5321#4.1.4; what people write before it is no part of it. */
bool value_rfc(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    value += slice_starts_nocase(slice_of_cstr(value), SLICE("RFC")) ? 3 : 0;
    size_t digits = strspn(value, "0123456789");
    options->rfc = value;
    return digits > 0 &&
           (value[digits] == '\0' || (value[digits] == '#' && value[digits + 1] != '\0'));
}

/* I/N, as in 2/4. */
bool value_shard(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    const char *slash = strchr(value, '/');
    return slash != NULL && read_number(value, slash, &options->shard) &&
           read_number(slash + 1, value + strlen(value), &options->shards) && options->shard >= 1 &&
           options->shard <= options->shards;
}

/* 10, 0.5; ten weeks at most. */
bool value_minutes(struct options *options, const struct row *row, const char *value)
{
    char *end;
    (void)row;
    options->minutes = strtod(value, &end);
    return end != value && *end == '\0' && options->minutes > 0 && options->minutes <= 100000;
}

/* 2, 0.5, 1.25: kept in percent. */
bool value_scale(struct options *options, const struct row *row, const char *value)
{
    char *end;
    (void)row;
    double scale = strtod(value, &end);
    if (end == value || *end != '\0' || !(scale >= 0.01 && scale <= 1000))
        return false;
    options->time_percent = (unsigned)(scale * 100 + 0.5);
    return true;
}

bool value_report(struct options *options, const struct row *row, const char *value)
{
    const char *equals = strchr(value, '=');
    size_t len = equals == NULL ? strlen(value) : (size_t)(equals - value);
    const char *file = equals == NULL || strcmp(equals + 1, "-") == 0 ? NULL : equals + 1;
    (void)row;
    if (options->report_count == OPTIONS_MAX_REPORTS || (file != NULL && *file == '\0'))
        return false;
    for (size_t i = 0; i < report_kind_count; i++) {
        const struct report_kind *kind = &report_kinds[i];
        if (strlen(kind->name) != len || memcmp(kind->name, value, len) != 0)
            continue;
        options->reports[options->report_count++] = (struct report_option){kind, file};
        return true;
    }
    return false;
}

/* MUST,SHOULD */
bool value_levels(struct options *options, const struct row *row, const char *value)
{
    struct slice rest = slice_of_cstr(value);
    (void)row;
    options->levels = 0;
    for (bool more = true; more;) {
        size_t comma = slice_find(rest, ',');
        struct slice word = slice_sub(rest, 0, comma);
        more = comma < rest.len;
        rest = more ? slice_from(rest, comma + 1) : rest;
        enum script_level level = 0;
        while (level <= SCRIPT_LEVEL_INTEROP &&
               !slice_equal_nocase(word, slice_of_cstr(script_level_name(level))))
            level++;
        if (level > SCRIPT_LEVEL_INTEROP)
            return false;
        options->levels |= 1u << level;
    }
    return true;
}

/* 500ms, 2s, 1m; a bare number is seconds. */
bool value_timeout(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    char *unit;
    unsigned long number = strtoul(value, &unit, 10);
    uint64_t scale = strcmp(unit, "ms") == 0                     ? 1
                     : strcmp(unit, "s") == 0 || (*unit == '\0') ? 1000
                     : strcmp(unit, "m") == 0                    ? 60000
                                                                 : 0;
    options->timeout_ms = number * scale;
    options->timeout_given = true;
    return value[0] >= '0' && value[0] <= '9' && scale > 0 && number > 0 && number <= 86400;
}

bool value_setting(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value || options->setting_count == OPTIONS_MAX_SETTINGS)
        return false;
    options->settings[options->setting_count++] = (struct setting){
        .name = slice_of(value, (size_t)(equals - value)),
        .value = slice_of_cstr(equals + 1),
    };
    return true;
}

/* NAME=VALUE, into the struct server_options at the row's offset. */
bool value_own(struct options *options, const struct row *row, const char *value)
{
    struct server_options *own = (void *)((char *)options + row->offset);
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value || equals[1] == '\0' || own->count == OPTIONS_MAX_SERVERS)
        return false;
    own->items[own->count++] =
        (struct setting){slice_of(value, (size_t)(equals - value)), slice_of_cstr(equals + 1)};
    return true;
}

bool value_fault(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    if (options->fault_count == OPTIONS_MAX_FAULTS)
        return false;
    options->faults[options->fault_count++] = value;
    return true;
}

bool value_mode(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    for (unsigned mode = 0; mode < SERVER_MODES; mode++) {
        if (strcmp(value, server_mode_name(mode)) == 0) {
            options->mode = mode;
            options->mode_given = true;
            return true;
        }
    }
    return false;
}

bool value_without(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    for (unsigned i = 0; i < SERVER_EXTENSIONS; i++) {
        if (slice_equal_nocase(slice_of_cstr(value), slice_of_cstr(server_extension_name(i)))) {
            options->without |= UINT64_C(1) << i;
            return true;
        }
    }
    return false;
}

static bool read_word(const char *value, const char *const *words, size_t count, size_t *ret_index)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(value, words[i]) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

bool value_match(struct options *options, const struct row *row, const char *value)
{
    static const char *const words[] = {
        [ENGINE_MATCH_CLASS] = "class",       [ENGINE_MATCH_CODE] = "code",
        [ENGINE_MATCH_ENHANCED] = "enhanced", [ENGINE_MATCH_TEXT] = "text",
        [ENGINE_MATCH_EXACT] = "exact",
    };
    (void)row;
    size_t index;
    if (!read_word(value, words, sizeof words / sizeof *words, &index))
        return false;
    options->match = (enum engine_match)index;
    options->match_given = true;
    return true;
}

bool value_segment(struct options *options, const struct row *row, const char *value)
{
    static const char *const words[] = {[SEGMENT_NONE] = "none",
                                        [SEGMENT_ONE] = "1",
                                        [SEGMENT_ALL] = "all",
                                        [SEGMENT_COALESCED] = "coalesced"};
    (void)row;
    size_t index;
    if (!read_word(value, words, sizeof words / sizeof *words, &index))
        return false;
    options->segment = (enum segment)index;
    return true;
}

bool value_sanity(struct options *options, const struct row *row, const char *value)
{
    static const char *const words[] = {
        [SANITY_AUTO] = "auto", [SANITY_ALWAYS] = "always", [SANITY_NEVER] = "never"};
    (void)row;
    size_t index;
    if (!read_word(value, words, sizeof words / sizeof *words, &index))
        return false;
    options->sanity = (enum sanity)index;
    return true;
}

bool value_verify(struct options *options, const struct row *row, const char *value)
{
    static const char *const words[] = {
        [NET_VERIFY_HOST] = "host", [NET_VERIFY_CA] = "ca", [NET_VERIFY_NONE] = "none"};
    (void)row;
    size_t index;
    if (!read_word(value, words, sizeof words / sizeof *words, &index))
        return false;
    options->verify = (enum net_verify)index;
    return true;
}

bool value_insecure(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    (void)value;
    options->verify = NET_VERIFY_NONE;
    return true;
}

bool value_pop3(struct options *options, const struct row *row, const char *value)
{
    (void)row;
    options->pop3 = value;
    return pop3_is_url(value);
}
