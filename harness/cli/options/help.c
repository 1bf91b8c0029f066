/* help: what --help says of the options, in lines that fit a terminal of 80 columns. */
#include <stdio.h>
#include <string.h>

#include "cli/options/rows.h"

#define LEFT_COLUMNS 26 /* before an option's text */
#define COLUMNS      79
#define FEW_OPTIONS  13 /* these need no headings */

static const char *const titles[OPTION_GROUPS] = {
    [OPTION_TARGET] = "Who is talked to",
    [OPTION_NAMES] = "What scripts may use",
    [OPTION_TLS] = "TLS",
    [OPTION_SELECTION] = "Which tests",
    [OPTION_PLAYING] = "How they are played",
    [OPTION_CAMPAIGN] = "The campaign",
    [OPTION_CLIENT] = "A client under test",
    [OPTION_REFERENCE] = "The reference server",
    [OPTION_RESULT] = "Verdicts and output",
    [OPTION_OTHER] = "More",
};

/* Words, from a column on; each further line begins at that column, too. */
static void put_words(FILE *out, const char *text, int column)
{
    int at = column;
    while (*text != '\0') {
        int len = (int)strcspn(text, " ");
        bool fits = at + (at > column) + len <= COLUMNS;
        if (!fits && at > column)
            fprintf(out, "\n%*s", column, "");
        else if (at > column)
            putc(' ', out);
        at = (fits ? at + (at > column) : column) + len;
        fprintf(out, "%.*s", len, text);
        text += len;
        text += strspn(text, " ");
    }
    putc('\n', out);
}

void options_paragraph(FILE *out, const char *word, const char *text)
{
    fprintf(out, "%s", word);
    put_words(out, text, (int)strlen(word));
}

static void put_row(const struct row *row)
{
    char left[LEFT_COLUMNS];
    snprintf(left, sizeof left, "--%s%s%s", row->name, row->metavar == NULL ? "" : " ",
             row->metavar == NULL ? "" : row->metavar);
    printf("  %-*s ", LEFT_COLUMNS - 3, left);
    put_words(stdout, row->help, LEFT_COLUMNS);
}

static size_t count_rows(enum command command)
{
    size_t count = 0;
    for (size_t i = 0; i < option_row_count; i++)
        count += (option_rows[i].commands & command) != 0;
    return count;
}

void options_help(enum command command)
{
    bool headings = count_rows(command) > FEW_OPTIONS;
    for (enum option_group group = 0; group < OPTION_GROUPS; group++) {
        bool begun = !headings;
        for (size_t i = 0; i < option_row_count; i++) {
            if ((option_rows[i].commands & command) == 0 || option_rows[i].group != group)
                continue;
            if (!begun)
                printf("%s\n", titles[group]);
            begun = true;
            put_row(&option_rows[i]);
        }
        if (headings && begun)
            putchar('\n');
    }
    if (!headings)
        putchar('\n');
    if ((command & OPTION_TALKS) == 0)
        return;
    options_paragraph(
        stdout, "",
        "Each option may also stand in maildrill.conf (or --config FILE), as \"option = "
        "value\" on a line of its own, and in the environment, as MAILDRILL_OPTION. The "
        "command line outranks the environment, and that the file. An option that may "
        "be repeated is replaced as a whole.");
    putchar('\n');
}
