/*
 * received: what each server that took a message over says about that.
 *
 *   received        = *received-token ";" date-time                 ; RFC 5322 3.6.7
 *   Stamp           = From-domain By-domain Opt-info [CFWS] ";" FWS date-time ; RFC 5321 4.4
 *   From-domain     = "FROM" FWS Extended-Domain
 *   By-domain       = CFWS "BY" FWS Extended-Domain
 *   Extended-Domain = Domain / ( ( Domain / address-literal ) FWS "(" TCP-info ")" )
 *   TCP-info        = address-literal / ( Domain FWS address-literal )
 *   Opt-info        = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
 *   With            = CFWS "WITH" FWS Protocol                      ; RFC 3848, RFC 6531 4.3
 *
 * Further clauses are registered: "tls" and "group" (RFC 8314 7.4), "state" (RFC 6729),
 * "priority" (RFC 6710). Servers write what they like; so a clause takes all to the next clause's
 * name or ";", and comments stand anywhere. Lossless: the raw slices of all clauses, ";" and what
 * follows it are the input.
 */
#ifndef MAILDRILL_IMF_RECEIVED_H
#define MAILDRILL_IMF_RECEIVED_H

#include "base/parse.h"
#include "imf/date.h"

enum imf_received_error {
    IMF_RECEIVED_EMPTY = 1, /* nothing but white space; its length */
};

/* The clauses of the grammar in their order, then the registered ones. */
enum imf_clause_kind {
    IMF_CLAUSE_NONE, /* what stands before the first clause's name */
    IMF_CLAUSE_FROM,
    IMF_CLAUSE_BY,
    IMF_CLAUSE_VIA,
    IMF_CLAUSE_WITH,
    IMF_CLAUSE_ID,
    IMF_CLAUSE_FOR,
    IMF_CLAUSE_TLS,
    IMF_CLAUSE_GROUP,
    IMF_CLAUSE_STATE,
    IMF_CLAUSE_PRIORITY,
    IMF_CLAUSE_COUNT,
};

struct imf_clause {
    enum imf_clause_kind kind;
    struct slice raw;     /* all of it, with what separates it from the clause behind */
    struct slice name;    /* as written; empty for what stands before the first name */
    struct slice value;   /* from the first word behind the name to the last, comments between them
                             included; may be empty */
    struct slice word;    /* the first word of the value */
    struct slice comment; /* the first comment, without its parentheses */
    uint64_t quirks;      /* INVALID_CLAUSE: no name, no value, several words */
};

struct imf_received {
    struct slice clauses; /* all before ";": for imf_received_next */
    struct imf_clause
        clause[IMF_CLAUSE_COUNT]; /* the first of each kind; name empty: there is none */
    struct slice tcp_info;        /* of FROM: the comment with the client's address, else empty */
    struct slice tcp_domain;      /* the name before the address there, else empty */
    struct slice tcp_address;     /* the address, without brackets and "IPv6:"; where no comment has
                                     one,     the literal among FROM's words */
    bool registered_protocol;     /* the value of WITH is a registered protocol type */
    bool has_date;
    struct imf_date date;
    uint64_t quirks; /* of the clauses and of the date */
};

/**
 * Reads the body of a Received field. It is whole, so that the answer is never MORE, and all of it
 * is consumed. Quirks: INVALID_CLAUSE also where a clause stands twice or out of order; NO_DATE
 * where no date can be read behind ";".
 */
struct parse_result imf_received_parse(struct slice in, struct imf_received *ret_received);

/** Takes the next clause from the front of *rest (begin with received->clauses); false where there
 * is none. */
bool imf_received_next(struct slice *rest, struct imf_clause *ret_clause);

/** Whether a "with" protocol type is registered (RFC 5321, RFC 3848, RFC 6531, RFC 4356). */
bool imf_received_protocol_is_registered(struct slice protocol);

/** One sentence for an error of this parser, without its full stop; NULL for any other number. */
const char *imf_received_error_text(int error);

#endif
