/*
 * html_text: text of scripts and peers as HTML, and the words that each part of the page uses.
 */
#ifndef MAILDRILL_REPORT_HTML_TEXT_H
#define MAILDRILL_REPORT_HTML_TEXT_H

#include "report/result.h"
#include "report/sink.h"

/** Octets of anybody, as sink_markup writes them, between two pieces of the page's own markup. */
void html_cell(struct sink sink, const char *before, struct slice text, const char *after);
/** The same of a string of ours or of a record. */
void html_string(struct sink sink, const char *before, const char *text, const char *after);
/** `<b class="fail">2 fail</b>`: a count with the class that gives it its colour; `word` may be "".
 */
void html_count(struct sink sink, size_t count, const char *class, const char *word);
/** "RFC 5321 section 4.1.4", linked: a link is no request until somebody follows it. */
void html_reference(struct sink sink, struct slice rfc, struct slice section);
/** The same, but only "4.1.4" is shown. */
void html_section(struct sink sink, struct slice rfc, struct slice section);

#endif
