/*
 * diagnostic: a mistake in a script as one JSON object on one line, for editors.
 *
 *   {"file": "auth.smtp", "line": 4, "column": 1, "end": 5, "severity": "error",
 *    "message": "unknown directive; did you mean %tls?", "rfc": null, "topic": "directives"}
 *
 * line and column count from 1, columns in octets; end is the column behind the last octet that is
 * meant, on the same line. severity: error, warning, note. rfc: "5321#4.2.1", or null. topic: the
 * section of the manual to read on (maildrill help codes). Octets that are no UTF-8 stand as \xNN.
 */
#ifndef MAILDRILL_REPORT_DIAGNOSTIC_H
#define MAILDRILL_REPORT_DIAGNOSTIC_H

#include "report/sink.h"
#include "script/script.h"

void diagnostic_json(struct sink s, const struct script *script,
                     const struct script_diagnostic *diagnostic);

#endif
