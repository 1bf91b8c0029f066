/* text: octets of a character set as people's text. */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/parse/parse.h"

#define CHARSET_OCTETS 64

/* Converts with an open descriptor; NULL where an octet is none of its charset's. */
static json_t *convert(iconv_t from, struct slice octets)
{
    size_t room = 4 * octets.len + 16, left = octets.len, free_octets = room;
    char *utf8 = malloc(room), *out = utf8, *in = (char *)(uintptr_t)octets.ptr;
    if (utf8 == NULL)
        abort();
    bool whole = octets.len == 0 || (iconv(from, &in, &left, &out, &free_octets) != (size_t)-1 &&
                                     iconv(from, NULL, NULL, &out, &free_octets) != (size_t)-1);
    json_t *value = whole ? json_stringn(utf8, room - free_octets) : NULL;
    free(utf8);
    return value;
}

json_t *text_in_charset(struct slice octets, struct slice charset)
{
    char name[CHARSET_OCTETS + 1];
    bool plain = charset.len == 0 || slice_equal_nocase(charset, SLICE("utf-8")) ||
                 slice_equal_nocase(charset, SLICE("us-ascii"));
    for (size_t i = 0; i < charset.len; i++) /* "//TRANSLIT" and the like are not names */
        plain = plain || charset.ptr[i] == '/' || charset.ptr[i] == '\0';
    if (plain || charset.len > CHARSET_OCTETS)
        return text_of(octets);
    snprintf(name, sizeof name, "%.*s", (int)charset.len, (const char *)charset.ptr);
    iconv_t from = iconv_open("UTF-8", name);
    if (from == (iconv_t)-1)
        return text_of(octets);
    json_t *value = convert(from, octets);
    iconv_close(from);
    return value != NULL ? value : text_of(octets);
}
