#include "script/credential.h"

#include "base/octet.h"
#include "script/transcript_scan.h"
#include "smtp/command.h"

static bool is_word(uint8_t octet)
{
    return octet_is(octet, OCTET_ALPHA | OCTET_DIGIT) || octet == '-' || octet == '_';
}

static size_t word_length(struct slice s)
{
    size_t len = 0;
    while (len < s.len && is_word(s.ptr[len]))
        len++;
    return len;
}

static size_t blank_length(struct slice s, bool equals)
{
    size_t len = 0;
    while (len < s.len && (octet_is(s.ptr[len], OCTET_WSP) || (equals && s.ptr[len] == '=')))
        len++;
    return len;
}

/* Octets of `AUTH mechanism ` at the beginning, or 0 where nothing follows them. */
static size_t command_length(struct slice s)
{
    size_t at = 4, len = blank_length(slice_from(s, at), true);
    if (len == 0)
        return 0;
    at += len;
    len = word_length(slice_from(s, at));
    if (len == 0)
        return 0;
    at += len;
    len = blank_length(slice_from(s, at), false);
    return len > 0 && at + len < s.len ? at + len : 0;
}

size_t credential_of_line(struct slice line)
{
    if (transcript_is_reply(line))
        return line.len;
    for (size_t at = 0; at + 4 < line.len; at++) {
        if (!slice_starts_nocase(slice_from(line, at), SLICE("AUTH")) ||
            (at > 0 && is_word(line.ptr[at - 1])))
            continue;
        size_t len = command_length(slice_from(line, at));
        if (len > 0)
            return at + len;
    }
    return line.len;
}

/* A command that SMTP knows ends an exchange of AUTH. */
static enum smtp_verb verb_of(struct slice line)
{
    return smtp_verb_of(slice_sub(line, 0, word_length(line)));
}

size_t credential_client(struct credential_watch *watch, struct slice line)
{
    watch->answered = watch->answers;
    watch->answers = false;
    if (watch->answered)
        return 0;
    size_t response = credential_of_line(line);
    enum smtp_verb verb = verb_of(line);
    if (response == line.len && verb == SMTP_VERB_UNKNOWN)
        return watch->open ? 0 : line.len;
    watch->open = response < line.len || verb == SMTP_VERB_AUTH;
    return response;
}

size_t credential_server(struct credential_watch *watch, struct slice line)
{
    watch->answers = slice_starts(line, SLICE("334"));
    watch->open = watch->open && (watch->answers || !watch->answered);
    watch->answered = false;
    return watch->answers && line.len > 4 ? 4 : line.len;
}
