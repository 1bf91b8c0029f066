/*
 * transcript_log: logs of mail programs, in which each line says who speaks. Private to
 * harness/script.
 *
 *   swaks          "<-  220 mail", " -> EHLO me"; "~" under TLS
 *   curl -v        "< 220 mail", "> EHLO me", "* Connected to"
 *   msmtp -d       "<-- 220 mail", "--> EHLO me"; CheckTLS, with "~" under TLS
 *   Exim -v, -d    "SMTP<< 220 mail", "SMTP>> EHLO me"; the other way round where it is the server
 *   Postfix        "In:  EHLO me", "Out: 220 mail" of its notices;
 *                  "postfix/smtpd[1]: < host[ip]: EHLO me", "> host[ip]: 220 mail" of
 * debug_peer_list smtplib        "send: 'ehlo me\r\n'", "reply: b'220 mail\r\n'" of set_debuglevel
 *   nodemailer     "[time] DEBUG [id] C: EHLO me", "[time] DEBUG [id] S: 220 mail"
 *   Haraka         "[PROTOCOL] [id] [core] C: EHLO me state=1"
 *   PHPMailer      "time CLIENT -> SERVER: EHLO me", "time SERVER -> CLIENT: 220 mail"
 *   an RFC         "C: EHLO me", "S: 220 mail" (RFC 821: "S: HELO me", "R: 220 mail") between page
 *                  breaks
 *
 * Whatever else such a program prints is no part of the dialogue. The process of Postfix and the
 * ids of nodemailer and Haraka tell sessions apart that interleave. Other programs:
 * transcript_learn.h.
 */
#ifndef MAILDRILL_SCRIPT_TRANSCRIPT_LOG_H
#define MAILDRILL_SCRIPT_TRANSCRIPT_LOG_H

#include "script/transcript_scan.h"

struct transcript_log {
    const char *name; /* "swaks" */
    struct transcript_lines lines;
    bool implicit_tls;   /* TLS began before the greeting */
    const char *mistake; /* why it cannot be read, or NULL; then where: */
    size_t line;         /* from 1 */
    size_t column, width;
};

/** Whether `source` is such a log; then what it says. Linear. */
bool transcript_log_scan(struct script_arena *arena, struct slice source,
                         struct transcript_log *ret_log);

/** Whether `source` is a document with examples: no line of a script is in column 1, and it has the
 * page breaks of an RFC, or sentences between indented lines of C: and S:. */
bool transcript_log_is_document(struct slice source);

#endif
