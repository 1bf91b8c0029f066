/*
 * command: one line from an SMTP client.
 *
 *   command = verb [ SP argument ] CRLF          ; RFC 5321 4.1.1, 2.4: the verb in any case
 *
 *   ehlo = "EHLO" SP ( Domain / address-literal ) CRLF              ; RFC 5321 4.1.1.1
 *   helo = "HELO" SP Domain CRLF
 *   lhlo = "LHLO" SP ( Domain / address-literal ) CRLF              ; RFC 2033 4.1
 *   mail = "MAIL FROM:" Reverse-path [ SP Mail-parameters ] CRLF    ; RFC 5321 4.1.1.2
 *   rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" /
 *          Forward-path ) [ SP Rcpt-parameters ] CRLF               ; RFC 5321 4.1.1.3
 *   vrfy = "VRFY" SP String CRLF, EXPN likewise                     ; RFC 5321 4.1.1.6
 *   help = "HELP" [ SP String ] CRLF, NOOP likewise                 ; RFC 5321 4.1.1.8
 *   data = "DATA" CRLF, RSET, QUIT, STARTTLS, TURN likewise         ; RFC 5321 4.1.1.4, RFC 3207 4
 *   send = "SEND FROM:" Reverse-path [ SP Mail-parameters ] CRLF,
 *          SOML, SAML likewise                                      ; RFC 5321 F.6
 *   bdat = "BDAT" SP chunk-size [ SP "LAST" ] CRLF                  ; RFC 3030 2
 *   auth = "AUTH" SP sasl-mech [ SP ( base64 / "=" ) ] CRLF         ; RFC 4954 4
 *   burl = "BURL" SP absolute-URI [ SP "LAST" ] CRLF                ; RFC 4468 3
 *   etrn = "ETRN" SP [ "@" / "#" ] node-name CRLF                   ; RFC 1985 5
 *   atrn = "ATRN" [ SP Domain *( "," Domain ) ] CRLF                ; RFC 2645 5.2.1
 *   xclient = "XCLIENT" 1*( SP attribute-name "=" xtext ) CRLF,
 *          XFORWARD likewise                      ; Postfix, XCLIENT_README and XFORWARD_README
 *
 * The String of VRFY, EXPN, HELP and NOOP is not looked into. An unknown verb is no error: the line
 * is read, and the server answers 500.
 */
#ifndef MAILDRILL_SMTP_COMMAND_H
#define MAILDRILL_SMTP_COMMAND_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"
#include "smtp/path.h"

#define SMTP_COMMAND_LINE_MAX_OCTETS                                                               \
    512 /* RFC 5321 4.5.3.1.4, ending included; what extensions add to it is not counted */

enum smtp_verb {
    SMTP_VERB_UNKNOWN,
    SMTP_VERB_EHLO,
    SMTP_VERB_HELO,
    SMTP_VERB_LHLO,
    SMTP_VERB_MAIL,
    SMTP_VERB_RCPT,
    SMTP_VERB_DATA,
    SMTP_VERB_BDAT,
    SMTP_VERB_RSET,
    SMTP_VERB_VRFY,
    SMTP_VERB_EXPN,
    SMTP_VERB_HELP,
    SMTP_VERB_NOOP,
    SMTP_VERB_QUIT,
    SMTP_VERB_STARTTLS,
    SMTP_VERB_AUTH,
    SMTP_VERB_SEND,
    SMTP_VERB_SOML,
    SMTP_VERB_SAML,
    SMTP_VERB_TURN,
    SMTP_VERB_ETRN,
    SMTP_VERB_ATRN,
    SMTP_VERB_BURL,
    SMTP_VERB_XCLIENT,
    SMTP_VERB_XFORWARD, /* the last */
};

/* Offsets are those of the first octet that does not fit, which may be the line ending. */
enum smtp_command_error {
    SMTP_COMMAND_TOO_LONG = 1,  /* no line ending within max_octets; offset max_octets */
    SMTP_COMMAND_NO_FROM,       /* MAIL, SEND, SOML or SAML without "FROM:" */
    SMTP_COMMAND_NO_TO,         /* RCPT without "TO:" */
    SMTP_COMMAND_BAD_SIZE,      /* BDAT without a chunk-size of 1*20DIGIT that fits 64 bits */
    SMTP_COMMAND_BAD_LAST,      /* BDAT or BURL with more after it than LAST, in any case */
    SMTP_COMMAND_NO_MECHANISM,  /* AUTH without sasl-mech = 1*20( ALPHA / DIGIT / "-" / "_" ), here
                                   in any case (RFC 4422 3.1) */
    SMTP_COMMAND_NO_URI,        /* BURL without scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ),
                                   colon and what the scheme names (RFC 3986 4.3) */
    SMTP_COMMAND_BAD_PATH = 16, /* plus an smtp_path_error: see SMTP_COMMAND_PATH_ERROR */
};

/** A path's error as a command's: SMTP_COMMAND_PATH_ERROR(SMTP_PATH_UNCLOSED). */
#define SMTP_COMMAND_PATH_ERROR(e) (SMTP_COMMAND_BAD_PATH + (e))

struct smtp_command {
    enum smtp_verb verb;
    struct slice name;      /* the verb as written; empty for an empty line (NO_VERB) */
    struct slice argument;  /* from the first octet after the verb and white space up to the line
                               ending, trailing white space cut */
    struct smtp_path path;  /* MAIL, RCPT, SEND, SOML, SAML */
    struct slice params;    /* of those, what follows the path and white space; of XCLIENT and
                               XFORWARD,    the argument; see smtp/param.h and smtp/value.h */
    struct slice mechanism; /* AUTH */
    struct slice initial_response; /* AUTH: base64, "=" for an empty one; empty where there is none
                                    */
    uint64_t chunk_octets;         /* BDAT */
    struct slice uri;              /* BURL */
    bool last;                     /* BDAT ... LAST, BURL ... LAST */
    uint64_t quirks;               /* of the line, the path and all parameters */
};

/**
 * Reads one command line, with its ending, from the start of `in`.
 *
 * max_octets  the longest line read, ending included (RFC 5321 4.5.3.1.4: 512, more with
 * extensions). A syntax error other than TOO_LONG is answered once the whole line is in sight, and
 * its offset lies inside the line; base_line_parse gives the octets to skip.
 */
struct parse_result smtp_command_parse(struct slice in, size_t max_octets,
                                       struct smtp_command *ret_command);

/** Verb of one word, in any case; SMTP_VERB_UNKNOWN where it is none. */
enum smtp_verb smtp_verb_of(struct slice word);

/** The verb in upper case: "EHLO". Empty for SMTP_VERB_UNKNOWN. */
struct slice smtp_verb_name(enum smtp_verb verb);

/**
 * Writes the command in canonical form with CRLF. Parses to the same command without the quirks of
 * spelling: BARE_LF, and the SPACE quirks and NO_BRACKETS of smtp/quirk.h.
 */
void smtp_command_write(const struct smtp_command *command, struct writer *out);

/** One sentence for an error of this parser, without its full stop. */
const char *smtp_command_error_text(int error);

#endif
