/*
 * transcript_refuse: documents in which no dialogue stands, or one that would be misread. Private
 * to harness/script.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_REFUSE_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_REFUSE_H

#include "script/transcript_scan.h"

/** Why nothing is imported of the document, whose lines were read; or NULL. Linear. */
const char *transcript_refuse(struct slice source, const struct transcript_lines *lines);

#endif
