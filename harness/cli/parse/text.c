/* text: octets of a character set as people's text. */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/parse/parse.h"

#define CHARSET_OCTETS 64

/* Names met in mail that iconv does not know, or that stand for less than mail means by them: the
 * labels of the Encoding Standard (WHATWG) 4.2, and those of Windows and Python. */
static const struct {
    const char *label, *name;
} labels[] = {
    {"cp-850", "CP850"},
    {"dos-874", "CP874"},
    {"gb2312", "GBK"},
    {"gb_2312-80", "GBK"},
    {"iso-8859-6-e", "ISO-8859-6"},
    {"iso-8859-6-i", "ISO-8859-6"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"korean", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"ks_c_5601-1989", "CP949"},
    {"latin-1", "ISO-8859-1"},
    {"mac-iceland", "MAC-IS"},
    {"x-big5", "BIG5"},
    {"x-cp1250", "CP1250"},
    {"x-cp1251", "CP1251"},
    {"x-cp1252", "CP1252"},
    {"x-euc-jp", "EUC-JP"},
    {"x-gbk", "GBK"},
    {"x-mac-roman", "MACINTOSH"},
    {"x-sjis", "SHIFT_JIS"},
};

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

json_t *text_in_charset(struct slice octets, struct slice charset, bool *ret_foreign)
{
    char name[CHARSET_OCTETS + 1];
    bool no_name = charset.len == 0 || charset.len > CHARSET_OCTETS;
    *ret_foreign = false;
    for (size_t i = 0; i < charset.len; i++) /* "//TRANSLIT" and the like are not names */
        no_name = no_name || charset.ptr[i] == '/' || charset.ptr[i] == '\0';
    if (no_name)
        return text_of(octets);
    snprintf(name, sizeof name, "%.*s", (int)charset.len, (const char *)charset.ptr);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (slice_equal_nocase(charset, slice_of(labels[i].label, strlen(labels[i].label))))
            snprintf(name, sizeof name, "%s", labels[i].name);
    iconv_t from = iconv_open("UTF-8", name);
    if (from == (iconv_t)-1)
        return text_of(octets);
    json_t *value = convert(from, octets);
    iconv_close(from);
    *ret_foreign = value == NULL;
    return value != NULL ? value : text_of(octets);
}
