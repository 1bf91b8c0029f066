/*
 * proxy: the header that a proxy sends before the first octet of a connection, to say between which
 * addresses the connection is (HAProxy, "The PROXY protocol", versions 1 and 2).
 *
 *   v1     = "PROXY " ( "UNKNOWN" *( any octet but CR ) / "TCP4" / "TCP6" ) ...     ; 2.1
 *            "PROXY TCP4 " IPv4 " " IPv4 " " port " " port CRLF                     ; at most 107
 *            "PROXY TCP6 " IPv6 " " IPv6 " " port " " port CRLF                     ; octets in all
 *   port   = "0" / %x31-39 *4DIGIT                                                  ; 0 through
 * 65535 v2     = %x0D.0A.0D.0A.00.0D.0A.51.55.49.54.0A                                  ; 2.2 (
 * %x20 / %x21 )          ; version 2; LOCAL or PROXY family                   ; %x11 TCP4, %x12
 * UDP4, %x21 TCP6, %x22 UDP6, %x31 UNIX, ... 2OCTET                   ; how many octets follow [
 * addresses ] *( TLV )
 */
#ifndef MAILDRILL_SMTP_PROXY_H
#define MAILDRILL_SMTP_PROXY_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"

#define SMTP_PROXY_V1_OCTETS 107 /* the longest header of version 1, CRLF included */
#define SMTP_PROXY_OCTETS    536 /* what a server has room for: all addresses, 256 octets of TLVs */

enum smtp_proxy_family {
    SMTP_PROXY_UNKNOWN, /* UNKNOWN, LOCAL, or a family that is not known: the addresses of the
                           connection itself count */
    SMTP_PROXY_TCP4,
    SMTP_PROXY_TCP6,
    SMTP_PROXY_UNIX,
};

enum smtp_proxy_error {
    SMTP_PROXY_ERROR_SIGNATURE = 1, /* neither "PROXY " nor the signature of version 2 */
    SMTP_PROXY_ERROR_PROTOCOL,      /* neither TCP4, TCP6 nor UNKNOWN */
    SMTP_PROXY_ERROR_ADDRESS,       /* no address of that family, or not one SP before it */
    SMTP_PROXY_ERROR_PORT,          /* no port */
    SMTP_PROXY_ERROR_ENDING,        /* no CRLF in the first 107 octets, or not where it belongs */
    SMTP_PROXY_ERROR_VERSION,       /* not version 2, or neither LOCAL nor PROXY */
    SMTP_PROXY_ERROR_LENGTH,        /* too short for the addresses, or over max_octets */
};

/** "no port"; "" for 0. */
const char *smtp_proxy_error_text(int error);

struct smtp_proxy {
    unsigned version; /* 1 or 2 */
    bool local;       /* version 2: the proxy speaks for itself */
    enum smtp_proxy_family family;
    uint8_t source[16], destination[16]; /* TCP4: the first 4; in network order */
    uint16_t source_port, destination_port;
    struct slice tail; /* version 1: what stands behind UNKNOWN; version 2: TLVs, and the addresses
                          of UNIX and of families that are not known */
};

/** Reads a header; `max_octets` bounds version 2 (at least 16; a server's bound is
 * SMTP_PROXY_OCTETS). Linear. */
struct parse_result smtp_proxy_parse(struct slice in, size_t max_octets,
                                     struct smtp_proxy *ret_proxy);

/** Writes a header, the tail included; parses to the same. A source of UNIX is in the tail. */
void smtp_proxy_write(const struct smtp_proxy *proxy, struct writer *out);

/** Reads "192.0.2.1" or "2001:db8::1"; the family is TCP4 or TCP6, or UNKNOWN where it is neither.
 */
enum smtp_proxy_family smtp_proxy_address(struct slice text, uint8_t ret_octets[16]);

/** Reads an address with its port: "192.0.2.1", "192.0.2.1:1234", "2001:db8::1",
 * "[2001:db8::1]:1234". The port is 0 where none is written. */
enum smtp_proxy_family smtp_proxy_endpoint(struct slice text, uint8_t ret_octets[16],
                                           uint16_t *ret_port);

/** Writes an address as text: IPv6 in groups without leading zeros, the longest run of zeros as
 * "::" (RFC 5952). */
void smtp_proxy_address_write(enum smtp_proxy_family family, const uint8_t octets[16],
                              struct writer *out);

#endif
