/*
 * ip: IP addresses as text.
 *
 *   IPv4-address-literal = Snum 3("." Snum)                          ; RFC 5321 4.1.3
 *   Snum                 = 1*3DIGIT           ; 0 through 255
 *   IPv6-addr            = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp
 */
#ifndef MAILDRILL_BASE_IP_H
#define MAILDRILL_BASE_IP_H

#include "base/slice.h"

/** Whether all of `text` is an IPv4-address-literal, without brackets. */
bool base_is_ipv4(struct slice text);

/** Whether all of `text` is an IPv6-addr, without "IPv6:" before it. */
bool base_is_ipv6(struct slice text);

#endif
