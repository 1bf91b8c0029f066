/*
 * transcript_marks: what stands before each side's lines in a log. Private to harness/script.
 *
 * Each line is looked at for a reply or a command, and how the line begins before it
 * (transcript_shape) is counted. Of all pairs of beginnings the one that most lines are of is
 * chosen; then others that have the same mark, or begin as the chosen one does, are added to it.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_MARKS_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_MARKS_H

#include "script/arena.h"
#include "script/transcript_shape.h"

/** A beginning, and how many lines with a reply and with a command it stands before. */
struct transcript_beginning {
    struct transcript_shape shape;
    size_t replies, commands;
};

#define TRANSCRIPT_MARKS 16

/** How one side's lines begin: first as most do, then otherwise. */
struct transcript_side {
    const struct transcript_shape *shapes[TRANSCRIPT_MARKS];
    size_t count;
};

struct transcript_marks {
    struct script_array beginnings; /* struct transcript_beginning; few logs have many */
    const struct transcript_beginning *server, *client; /* that most lines are of */
    struct transcript_side servers, clients;
};

/** Counts how the line begins, if it holds a reply or a command. */
void transcript_marks_count(struct transcript_marks *marks, struct slice line);

/** Sets server and client; false where there is no such pair. */
bool transcript_marks_choose(struct transcript_marks *marks);

/** Sets servers and clients: beginnings whose mark is that of the chosen ones. */
void transcript_marks_find_sides(struct transcript_marks *marks);

/** Adds to servers what begins as the chosen one does, and ends otherwise: "resp to DATA: ",
 * "resp to data-dot (<a@b>): ". False where that adds nothing. */
bool transcript_marks_widen(struct transcript_marks *marks);

/** Octets of the line that are a mark of that side, or 0; *ret_field as transcript_shape_match. */
size_t transcript_side_match(const struct transcript_side *side, struct slice line, size_t field,
                             struct slice *ret_field);

#endif
