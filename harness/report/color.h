/*
 * color: the terminal's colours (ECMA-48 8.3.117, SGR).
 */
#ifndef MAILDRILL_REPORT_COLOR_H
#define MAILDRILL_REPORT_COLOR_H

#define RED    "\x1b[31m"
#define GREEN  "\x1b[32m"
#define YELLOW "\x1b[33m"
#define DIM    "\x1b[2m"
#define PLAIN  "\x1b[0m"

#endif
