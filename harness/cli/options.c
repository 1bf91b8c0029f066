#define _POSIX_C_SOURCE 200809L

#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/options/rows.h"

#define CONFIG_FILE       "maildrill.conf"
#define CONFIG_MAX_OCTETS ((size_t)1 << 20)

static const struct row *row_of(const char *name, size_t len, enum command command)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct row *row = &option_rows[i];
        if ((row->commands & command) != 0 && strlen(row->name) == len &&
            memcmp(row->name, name, len) == 0)
            return row;
    }
    return NULL;
}

static bool mistake(const char *command, const char *what, const char *argument)
{
    fprintf(stderr, "maildrill %s: %s: %s\nTry: maildrill %s --help\n", command, what, argument,
            command);
    return false;
}

static bool wrong_value(const char *command, const struct row *row, const char *value)
{
    fprintf(stderr,
            "maildrill %s: --%s: not a value for this option: %s\n  --%s %s  %s\n"
            "Try: maildrill %s --help\n",
            command, row->name, value, row->name, row->metavar, row->help, command);
    return false;
}

/* ---- values from one place ---- */

/* Where each option's value comes from so far, so that a higher place replaces a lower one. */
struct reading {
    struct options *options;
    enum command command;
    enum option_source source;
    enum option_source sources[OPTION_ROWS_MAX];
};

static bool is_repeatable(const struct row *row)
{
    return row->read == value_server || row->read == value_setting || row->read == value_fault ||
           row->read == value_report || row->read == value_tag || row->read == value_own;
}

static bool set_value(struct reading *r, const struct row *row, const char *value)
{
    size_t index = (size_t)(row - option_rows);
    if (is_repeatable(row) && r->sources[index] != r->source)
        *(size_t *)(void *)((char *)r->options + row->offset) = 0;
    if (row->read == value_without && r->sources[index] != r->source)
        r->options->without = 0;
    r->sources[index] = r->source;
    return row->read(r->options, row, value);
}

/* A flag in a file or in the environment: yes, true, on, 1, or nothing; no, false, off, 0. */
static bool read_switch(struct slice word, bool *ret_on)
{
    static const char *const on[] = {"", "yes", "true", "on", "1"};
    static const char *const off[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        if (slice_equal_nocase(word, slice_of_cstr(on[i])))
            return *ret_on = true;
    *ret_on = false;
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        if (slice_equal_nocase(word, slice_of_cstr(off[i])))
            return true;
    return false;
}

/* A value that stands as text beside the option's name. */
static bool set_named(struct reading *r, const struct row *row, const char *value)
{
    bool on;
    if (row->metavar != NULL)
        return set_value(r, row, value);
    if (!read_switch(slice_of_cstr(value), &on))
        return false;
    if (on)
        return set_value(r, row, NULL);
    if (row->read == value_flag)
        *(bool *)((char *)r->options + row->offset) = false;
    return true;
}

/* ---- maildrill.conf ---- */

/* The file with a NUL behind it, kept in the options: values point into it. NULL where there is
 * none, and none is needed. */
static bool read_config(struct options *options, const char *path, bool must_exist, char **ret_text)
{
    FILE *file = fopen(path, "rb");
    *ret_text = NULL;
    if (file == NULL && errno == ENOENT && !must_exist)
        return true;
    const char *wrong = file == NULL ? strerror(errno) : NULL;
    if (file != NULL) {
        char *text = options->config_text = *ret_text = calloc(1, CONFIG_MAX_OCTETS + 2);
        if (text == NULL)
            abort();
        size_t len = fread(text, 1, CONFIG_MAX_OCTETS + 1, file);
        wrong = ferror(file)                   ? strerror(errno)
                : len > CONFIG_MAX_OCTETS      ? "it is larger than 1 MiB"
                : memchr(text, 0, len) != NULL ? "it is no text: it holds a NUL octet"
                                               : NULL;
        fclose(file);
    }
    if (wrong != NULL)
        fprintf(stderr, "maildrill: %s: %s\n", path, wrong);
    return wrong == NULL;
}

static char *trimmed(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
        text[--len] = '\0';
    return text + strspn(text, " \t");
}

static bool config_mistake(const char *path, size_t line, const char *what, const char *option,
                           const char *value)
{
    fprintf(stderr, "maildrill: %s:%zu: %s%s%s%s\n", path, line, what, option,
            *value != '\0' ? ": " : "", value);
    return false;
}

static bool config_line(struct reading *r, const char *path, size_t number, char *line)
{
    char *value = strchr(line, '=');
    if (value != NULL)
        *value++ = '\0';
    char *name = trimmed(line);
    value = value == NULL ? name + strlen(name) : trimmed(value);
    const struct row *row = row_of(name, strlen(name), r->command);
    if (row == NULL && row_of(name, strlen(name), (enum command) ~0u) != NULL)
        return true; /* of another command */
    if (row == NULL || strcmp(name, "config") == 0 || strcmp(name, "help") == 0)
        return config_mistake(path, number, "unknown option: ", name, "");
    if (!set_named(r, row, value))
        return config_mistake(path, number, "not a value for ", name, value);
    return true;
}

static bool read_config_file(struct reading *r, const char *path, bool must_exist)
{
    char *line;
    if (!read_config(r->options, path, must_exist, &line))
        return false;
    r->source = OPTION_FILE;
    for (size_t number = 1; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        line = trimmed(line);
        if (*line != '\0' && *line != '#' && !config_line(r, path, number, line))
            return false;
        line = end;
    }
    return true;
}

/* ---- the environment ---- */

/* MAILDRILL_MIN_TESTS is --min-tests. */
static bool read_environment(struct reading *r)
{
    r->source = OPTION_ENVIRONMENT;
    for (const struct row *row = option_rows; row < option_rows + option_row_count; row++) {
        char name[40];
        if ((row->commands & r->command) == 0 || strcmp(row->name, "help") == 0)
            continue;
        snprintf(name, sizeof name, "MAILDRILL_%s", row->name);
        for (char *at = name; *at != '\0'; at++)
            *at = *at == '-' ? '_' : (char)slice_upper((uint8_t)*at);
        const char *value = getenv(name);
        if (value != NULL && !set_named(r, row, value)) {
            fprintf(stderr, "maildrill: %s in the environment: not a value for this option: %s\n",
                    name, strcmp(row->name, "pass") == 0 ? "****" : value);
            return false;
        }
    }
    return true;
}

/* --config of the command line, else of the environment. */
static const char *find_config(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--config=", 9) == 0)
            return argv[i] + 9;
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            return argv[i + 1];
    }
    return getenv("MAILDRILL_CONFIG");
}

static bool read_outside(struct reading *r, int argc, char **argv)
{
    const char *config = find_config(argc, argv);
    if ((r->command & (OPTION_TALKS | COMMAND_CHECK)) == 0)
        return true;
    return read_config_file(r, config == NULL ? CONFIG_FILE : config, config != NULL) &&
           read_environment(r);
}

/* ---- the command line ---- */

/* "-j4" and "-j 4" are "--jobs 4": the word, and a value that stands in the same argument. */
static const char *short_word(const char *argument, const char **ret_value)
{
    static const struct {
        char letter;
        const char *word;
    } letters[] = {{'h', "help"}, {'q', "quiet"}, {'j', "jobs"}};
    *ret_value = NULL;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (argument[1] != letters[i].letter)
            continue;
        bool takes_value = argument[1] == 'j';
        *ret_value = takes_value && argument[2] != '\0' ? argument + 2 : NULL;
        return takes_value || argument[2] == '\0' ? letters[i].word : "";
    }
    return "";
}

/* One option of argv; moves past its value. */
static bool read_argument(struct reading *r, const char *name, int argc, char **argv, int *i)
{
    char *argument = argv[*i];
    const char *value = NULL;
    const char *word = argument[1] == '-' ? argument + 2 : short_word(argument, &value);
    const char *equals = argument[1] == '-' ? strchr(word, '=') : NULL;
    size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
    const struct row *row = row_of(word, len, r->command);
    if (row == NULL)
        return mistake(name, "unknown option", argument);
    value = equals == NULL ? value : equals + 1;
    if (row->metavar == NULL && value != NULL)
        return mistake(name, "this option takes no value", argument);
    if (row->metavar != NULL && value == NULL && (value = ++*i < argc ? argv[*i] : NULL) == NULL)
        return mistake(name, "this option needs a value", argument);
    if (!set_value(r, row, value))
        return wrong_value(name, row, value);
    return true;
}

static size_t cores(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
}

bool options_read(struct options *options, enum command command, const char *name, int argc,
                  char **argv)
{
    struct reading reading = {.options = options, .command = command};
    *options = (struct options){.timeout_ms = 20000,
                                .from = "tester@example.test",
                                .client = "client.example.test",
                                .jobs = cores(),
                                .repeat = 1,
                                .time_percent = 100,
                                .minutes = 10,
                                .seed = 1,
                                .operands = argv};
    if (!read_outside(&reading, argc, argv))
        return false;
    reading.source = OPTION_COMMAND_LINE;
    bool only_operands = false;
    for (int i = 0; i < argc; i++) {
        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0')
            options->operands[options->operand_count++] = argv[i];
        else if (strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!read_argument(&reading, name, argc, argv, &i))
            return false;
    }
    return true;
}

/* ---- what holds for one server ---- */

static const char *own_value(const struct server_options *own, struct slice server)
{
    for (size_t i = 0; i < own->count; i++)
        if (slice_equal(own->items[i].name, server))
            return (const char *)own->items[i].value.ptr; /* to the end of an argument */
    return NULL;
}

bool options_of_server(struct options *options, struct slice server)
{
    const char *mode = own_value(&options->modes, server);
    options->maildir = own_value(&options->maildirs, server);
    return mode == NULL || value_mode(options, NULL, mode);
}

struct slice options_stranger(const struct options *options, const struct slice *servers,
                              size_t count)
{
    const struct server_options *all[] = {&options->modes, &options->maildirs};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        for (size_t i = 0; i < all[k]->count; i++) {
            bool known = false;
            for (size_t n = 0; n < count; n++)
                known = known || slice_equal(all[k]->items[i].name, servers[n]);
            if (!known)
                return all[k]->items[i].name;
        }
    }
    return SLICE("");
}
