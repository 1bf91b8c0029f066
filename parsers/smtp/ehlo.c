#include "smtp/ehlo.h"

#include "base/octet.h"
#include "smtp/quirk.h"
#include "smtp/word.h"

static const struct {
    struct slice keyword;
    enum smtp_extension extension;
} extensions[] = {
    {SLICE_INIT("8BITMIME"), SMTP_EXTENSION_8BITMIME},
    {SLICE_INIT("AUTH"), SMTP_EXTENSION_AUTH},
    {SLICE_INIT("BINARYMIME"), SMTP_EXTENSION_BINARYMIME},
    {SLICE_INIT("CHUNKING"), SMTP_EXTENSION_CHUNKING},
    {SLICE_INIT("DSN"), SMTP_EXTENSION_DSN},
    {SLICE_INIT("ENHANCEDSTATUSCODES"), SMTP_EXTENSION_ENHANCEDSTATUSCODES},
    {SLICE_INIT("ETRN"), SMTP_EXTENSION_ETRN},
    {SLICE_INIT("EXPN"), SMTP_EXTENSION_EXPN},
    {SLICE_INIT("HELP"), SMTP_EXTENSION_HELP},
    {SLICE_INIT("PIPELINING"), SMTP_EXTENSION_PIPELINING},
    {SLICE_INIT("SIZE"), SMTP_EXTENSION_SIZE},
    {SLICE_INIT("SMTPUTF8"), SMTP_EXTENSION_SMTPUTF8},
    {SLICE_INIT("STARTTLS"), SMTP_EXTENSION_STARTTLS},
    {SLICE_INIT("VRFY"), SMTP_EXTENSION_VRFY},
};

static enum smtp_extension extension_of(struct slice keyword)
{
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (slice_equal_nocase(keyword, extensions[i].keyword))
            return extensions[i].extension;
    return SMTP_EXTENSION_UNKNOWN;
}

/* ehlo-keyword = ( ALPHA / DIGIT ) *( ALPHA / DIGIT / "-" )         ; RFC 5321 4.1.1.1 */
static bool valid_keyword(struct slice keyword)
{
    for (size_t i = 0; i < keyword.len; i++)
        if (!octet_is(keyword.ptr[i], OCTET_ALPHA | OCTET_DIGIT) &&
            (i == 0 || keyword.ptr[i] != '-'))
            return false;
    return keyword.len > 0;
}

/* ehlo-param *( SP ehlo-param ), ehlo-param = 1*( %d33-126 )        ; RFC 5321 4.1.1.1 */
static bool valid_params(struct slice params)
{
    bool in_word = false;
    for (size_t i = 0; i < params.len; i++) {
        bool graphic = octet_is(params.ptr[i], OCTET_GRAPHIC);
        if (!graphic && !(in_word && params.ptr[i] == ' '))
            return false;
        in_word = graphic;
    }
    return in_word;
}

/* size-param = [1*20DIGIT]                                          ; RFC 1870 3 */
static bool read_size(struct slice params, uint64_t *ret_size)
{
    uint64_t size = 0;
    for (size_t i = 0; i < params.len; i++) {
        if (!octet_is(params.ptr[i], OCTET_DIGIT))
            return false;
        unsigned digit = (unsigned)(params.ptr[i] - '0');
        size = size > (UINT64_MAX - digit) / 10 ? UINT64_MAX : size * 10 + digit;
    }
    *ret_size = size;
    return params.len <= 20;
}

static size_t separator_in(struct slice text)
{
    size_t at = 0;
    while (at < text.len && text.ptr[at] != '=' && !octet_is(text.ptr[at], OCTET_WSP))
        at++;
    return at;
}

/* Splits an ehlo-line; its quirks are those of the line by itself. */
static struct smtp_ehlo_keyword read_keyword(struct slice text)
{
    struct slice line = slice_trim(text);
    size_t at = separator_in(line);
    struct smtp_ehlo_keyword keyword = {.keyword = slice_sub(line, 0, at)};
    keyword.extension = extension_of(keyword.keyword);

    bool valid = line.len == text.len && valid_keyword(keyword.keyword);
    if (at < line.len) {
        struct slice params = slice_from(line, at + 1);
        bool old_auth = keyword.extension == SMTP_EXTENSION_AUTH && line.ptr[at] == '=';
        keyword.params = slice_trim(params);
        keyword.quirks = old_auth ? SMTP_QUIRK_AUTH_EQUALS : 0;
        valid = valid && (old_auth || line.ptr[at] == ' ') && valid_params(params);
    }
    if (keyword.extension == SMTP_EXTENSION_SIZE)
        valid = read_size(keyword.params, &keyword.size) && valid;
    keyword.quirks |= valid ? 0 : SMTP_QUIRK_INVALID_KEYWORD;
    return keyword;
}

bool smtp_ehlo_begin(const struct smtp_reply *reply, struct smtp_ehlo *ret_ehlo)
{
    struct smtp_ehlo ehlo = {.rest = reply->raw};
    struct smtp_reply_line first;
    if (!smtp_reply_line_next(&ehlo.rest, &first))
        return false;
    size_t end = slice_find(first.text, ' ');
    if (end == 0)
        return false;
    ehlo.domain = slice_sub(first.text, 0, end);
    ehlo.greet = slice_from(first.text, end < first.text.len ? end + 1 : end);
    *ret_ehlo = ehlo;
    return true;
}

bool smtp_ehlo_next(struct smtp_ehlo *ehlo, struct smtp_ehlo_keyword *ret_keyword)
{
    struct smtp_reply_line line;
    if (!smtp_reply_line_next(&ehlo->rest, &line))
        return false;
    struct smtp_ehlo_keyword keyword = read_keyword(line.text);
    if (keyword.extension != SMTP_EXTENSION_UNKNOWN) {
        /* The bit of UNKNOWN is free, and stands for the old form of AUTH. */
        bool old_auth = (keyword.quirks & SMTP_QUIRK_AUTH_EQUALS) != 0;
        uint32_t bit = UINT32_C(1) << (old_auth ? SMTP_EXTENSION_UNKNOWN : keyword.extension);
        keyword.quirks |= ehlo->seen & bit ? SMTP_QUIRK_DUPLICATE_KEYWORD : 0;
        ehlo->seen |= bit;
    }
    *ret_keyword = keyword;
    return true;
}

bool smtp_ehlo_find(const struct smtp_reply *reply, struct slice keyword,
                    struct smtp_ehlo_keyword *ret_keyword)
{
    struct smtp_ehlo ehlo;
    if (!smtp_ehlo_begin(reply, &ehlo))
        return false;
    struct smtp_ehlo_keyword found;
    while (smtp_ehlo_next(&ehlo, &found)) {
        if (slice_equal_nocase(found.keyword, keyword)) {
            *ret_keyword = found;
            return true;
        }
    }
    return false;
}

bool smtp_ehlo_has_param(const struct smtp_ehlo_keyword *keyword, struct slice word)
{
    struct slice rest = slice_trim(keyword->params);
    while (rest.len > 0) {
        if (slice_equal_nocase(smtp_word_take(&rest), word))
            return true;
        rest = slice_trim(rest);
    }
    return false;
}
