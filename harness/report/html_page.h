/*
 * html_page: the parts of the HTML report that are the same on every page: style, filter, search.
 */
#ifndef MAILDRILL_REPORT_HTML_PAGE_H
#define MAILDRILL_REPORT_HTML_PAGE_H

extern const char html_page_head[];   /* up to the title's text */
extern const char html_page_style[];  /* from there to the text of the heading */
extern const char html_page_filter[]; /* which outcomes to show: works without JavaScript */
extern const char html_page_foot[];   /* the search, and the end */

#endif
