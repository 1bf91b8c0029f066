/*
 * fault: the fault switches, each of which breaks one clause. Private to harness/server.
 */
#ifndef MAILDRILL_SERVER_FAULT_H
#define MAILDRILL_SERVER_FAULT_H

#include "server/server.h"

/* X(constant, name, section, what it does wrong) */
#define SERVER_FAULTS(X)                                                                           \
    X(GREETING_CODE, "greeting-code", "RFC 5321 3.1", "greets with 250 instead of 220")            \
    X(GREETING_DOMAIN, "greeting-domain", "RFC 5321 4.3.1", "greets without its domain")           \
    X(EHLO_NO_ARGUMENT, "ehlo-no-argument", "RFC 5321 4.1.1.1", "takes EHLO without a domain")     \
    X(EHLO_REFUSED, "ehlo-refused", "RFC 5321 4.1.1.1", "answers EHLO with 500")                   \
    X(HELO_REFUSED, "helo-refused", "RFC 5321 4.5.1", "answers HELO with 502")                     \
    X(EHLO_MIXED_CODES, "ehlo-mixed-codes", "RFC 5321 4.2.1", "ends the EHLO reply with code 251") \
    X(EHLO_KEEPS, "ehlo-keeps", "RFC 5321 4.1.4", "keeps the transaction after EHLO")              \
    X(MAIL_BEFORE_EHLO, "mail-before-ehlo", "RFC 5321 4.1.4", "takes MAIL without EHLO")           \
    X(RCPT_BEFORE_MAIL, "rcpt-before-mail", "RFC 5321 4.1.4", "takes RCPT without MAIL")           \
    X(DATA_BEFORE_MAIL, "data-before-mail", "RFC 5321 4.1.4", "takes DATA without MAIL")           \
    X(DATA_BEFORE_RCPT, "data-before-rcpt", "RFC 5321 3.3", "takes a message for nobody")          \
    X(NESTED_MAIL, "nested-mail", "RFC 5321 4.1.4", "takes MAIL inside a transaction")             \
    X(MAIL_SYNTAX, "mail-syntax", "RFC 5321 4.1.1.2", "takes MAIL without FROM:")                  \
    X(RCPT_SYNTAX, "rcpt-syntax", "RFC 5321 4.1.1.3", "takes RCPT without TO:")                    \
    X(UNCLOSED_PATH, "unclosed-path", "RFC 5321 4.1.2", "takes a path without its bracket")        \
    X(NULL_PATH, "null-path", "RFC 5321 4.5.5", "refuses the null reverse-path")                   \
    X(NULL_RECIPIENT, "null-recipient", "RFC 5321 4.1.1.3", "takes the null path in RCPT")         \
    X(POSTMASTER, "postmaster", "RFC 5321 4.5.1", "does not know postmaster")                      \
    X(QUOTED_LOCAL, "quoted-local", "RFC 5321 4.1.2", "refuses a quoted local part")               \
    X(SOURCE_ROUTE, "source-route", "RFC 5321 3.6.1", "refuses a source route")                    \
    X(VERB_CASE, "verb-case", "RFC 5321 2.4", "knows verbs in upper case only")                    \
    X(UNKNOWN_VERB, "unknown-verb", "RFC 5321 4.2.4", "answers an unknown verb with 250")          \
    X(UNKNOWN_PARAMETER, "unknown-parameter", "RFC 5321 4.1.1.11", "takes any parameter")          \
    X(DATA_250, "data-250", "RFC 5321 4.1.1.4", "answers DATA with 250")                           \
    X(END_OF_DATA_NONE, "end-of-data-none", "RFC 5321 4.1.1.4", "does not answer the message")     \
    X(END_OF_DATA_TWICE, "end-of-data-twice", "RFC 5321 4.2", "answers the message twice")         \
    X(DATA_KEEPS, "data-keeps", "RFC 5321 4.1.1.4", "keeps the recipients after the message")      \
    X(RSET_KEEPS, "rset-keeps", "RFC 5321 4.1.1.5", "keeps the transaction after RSET")            \
    X(RSET_REFUSED, "rset-refused", "RFC 5321 4.1.1.5", "answers RSET with 503 outside mail")      \
    X(NOOP_REFUSED, "noop-refused", "RFC 5321 4.1.1.9", "answers NOOP with 502")                   \
    X(NOOP_RESETS, "noop-resets", "RFC 5321 4.1.1.9", "forgets the transaction at NOOP")           \
    X(VRFY_UNKNOWN, "vrfy-unknown", "RFC 5321 4.5.1", "does not know VRFY")                        \
    X(VRFY_RESETS, "vrfy-resets", "RFC 5321 4.1.4", "forgets the transaction at VRFY")             \
    X(HELP_SILENT, "help-silent", "RFC 5321 4.2", "does not answer HELP")                          \
    X(QUIT_CODE, "quit-code", "RFC 5321 4.1.1.10", "answers QUIT with 250")                        \
    X(QUIT_STAYS, "quit-stays", "RFC 5321 4.1.1.10", "does not close after QUIT")                  \
    X(LONG_LINE_SPLIT, "long-line-split", "RFC 5321 4.5.3.1.4", "runs the rest of a long line")    \
    X(SHORT_COMMAND_LINE, "short-command-line", "RFC 5321 4.5.3.1.4", "refuses over 100 octets")   \
    X(BARE_LF_COMMAND, "bare-lf-command", "RFC 5321 2.3.8", "ends a command line at a bare LF")    \
    X(LF_DOT_LF, "lf-dot-lf", "RFC 5321 4.1.1.4", "ends a message at LF . LF")                     \
    X(LF_DOT_CRLF, "lf-dot-crlf", "RFC 5321 4.1.1.4", "ends a message at LF . CRLF")               \
    X(CRLF_DOT_LF, "crlf-dot-lf", "RFC 5321 4.1.1.4", "ends a message at CRLF . LF")               \
    X(CR_DOT_CR, "cr-dot-cr", "RFC 5321 4.1.1.4", "ends a message at CR . CR")                     \
    X(PIPELINING_LOSES, "pipelining-loses", "RFC 2920 3.2", "drops commands that came together")   \
    X(SIZE_IGNORED, "size-ignored", "RFC 1870 6.1", "takes a SIZE over its limit")                 \
    X(TLS_KEEPS_INPUT, "tls-keeps-input", "RFC 3207 4.2",                                          \
      "runs plain text behind STARTTLS in TLS")                                                    \
    X(TLS_KEEPS_STATE, "tls-keeps-state", "RFC 3207 4.2", "keeps EHLO and mail from before TLS")   \
    X(TLS_OFFERED_TWICE, "tls-offered-twice", "RFC 3207 4.2", "announces STARTTLS under TLS")      \
    X(TLS_ARGUMENT, "tls-argument", "RFC 3207 4", "takes STARTTLS with an argument")               \
    X(TLS_CODE, "tls-code", "RFC 3207 4", "answers STARTTLS with 250")                             \
    X(AUTH_ANY, "auth-any", "RFC 4954 4", "takes any password")                                    \
    X(AUTH_TWICE, "auth-twice", "RFC 4954 4", "takes AUTH again")                                  \
    X(AUTH_IN_MAIL, "auth-in-mail", "RFC 4954 4", "takes AUTH inside a transaction")               \
    X(AUTH_CANCEL, "auth-cancel", "RFC 4954 4", "answers a cancelled AUTH with 535")               \
    X(AUTH_BASE64, "auth-base64", "RFC 4954 4", "answers bad base64 with 535")                     \
    X(AUTH_MECHANISM, "auth-mechanism", "RFC 4954 4", "answers an unknown mechanism with 535")     \
    X(RELAY, "relay", "RFC 5321 7.9", "relays for anybody")                                        \
    X(BDAT_WITHOUT_RCPT, "bdat-without-rcpt", "RFC 3030 2", "takes BDAT without RCPT")             \
    X(BDAT_LEAVES_CHUNK, "bdat-leaves-chunk", "RFC 3030 2", "runs a refused chunk as commands")    \
    X(NO_ENHANCED, "no-enhanced", "RFC 2034 4", "leaves out announced enhanced status codes")

enum fault {
#define X(constant, name, section, summary) FAULT_##constant,
    SERVER_FAULTS(X)
#undef X
        FAULT_COUNT
};

#endif
