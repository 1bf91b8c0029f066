/* help TOPIC: a section of the manual of the script language, as its links name it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/octet.h"
#include "cli/commands.h"
#include "cli/play/load.h"
#include "cli/play/shipped.h"

/* "## Other files": how deep, and "other-files"; 0 where the line is no heading. */
static size_t heading(struct slice line, char *ret_topic, size_t size)
{
    size_t depth = 0, len = 0;
    while (depth < line.len && line.ptr[depth] == '#')
        depth++;
    if (depth < 2 || depth == line.len || line.ptr[depth] != ' ')
        return 0;
    for (size_t i = depth + 1; i < line.len && len + 1 < size; i++)
        ret_topic[len++] = line.ptr[i] == ' ' ? '-' : (char)slice_lower(line.ptr[i]);
    ret_topic[len] = '\0';
    return depth;
}

static struct slice take_line(struct slice *rest)
{
    size_t len = slice_find(*rest, '\n');
    struct slice line = slice_sub(*rest, 0, len);
    *rest = slice_from(*rest, len + (len < rest->len));
    return line;
}

/* The section from its heading to the next one that stands as high. */
static bool put_section(struct slice manual, const char *topic)
{
    char name[80];
    bool fenced = false;
    size_t within = 0;
    while (manual.len > 0) {
        struct slice line = take_line(&manual);
        fenced = fenced != slice_starts(line, SLICE("```"));
        size_t depth = fenced ? 0 : heading(line, name, sizeof name);
        if (within > 0 && depth > 0 && depth <= within)
            return true;
        if (within == 0 && depth > 0 && strcmp(name, topic) == 0)
            within = depth;
        if (within > 0) {
            load_put(stdout, line);
            printf("\n");
        }
    }
    return within > 0;
}

static void list_topics(struct slice manual)
{
    char name[80];
    bool fenced = false;
    fprintf(stderr, "Topics:");
    while (manual.len > 0) {
        struct slice line = take_line(&manual);
        fenced = fenced != slice_starts(line, SLICE("```"));
        if (!fenced && heading(line, name, sizeof name) > 0)
            fprintf(stderr, " %s", name);
    }
    fprintf(stderr, "\n");
}

enum exit_code command_help(const struct options *options)
{
    char folder[4000], path[4100];
    struct slice manual;
    const char *topic = options->operands[0];
    snprintf(path, sizeof path, "%s/README.md", shipped_scenarios(folder, sizeof folder));
    if (!load_read(path, &manual)) {
        fprintf(stderr, "maildrill help: %s: %s\n", path, strerror(errno));
        return EXIT_USAGE;
    }
    bool found = options->operand_count == 1 && put_section(manual, topic);
    if (!found) {
        fprintf(stderr, "maildrill help: no topic \"%s\"\n", topic);
        list_topics(manual);
    }
    free((void *)(uintptr_t)manual.ptr);
    return found ? EXIT_PASS : EXIT_USAGE;
}
