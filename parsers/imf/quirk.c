#include "imf/quirk.h"

#include "base/octet.h"
#include "base/scan.h"
#include "base/utf8.h"

/* clang-format off */
static const struct quirk quirks[] = {
    {IMF_QUIRK_SPACE_BEFORE_COLON, "space-before-colon", "RFC 5322 4.5",
     "white space stands between a field's name and its colon"},
    {IMF_QUIRK_EMPTY_FOLD, "empty-fold", "RFC 5322 3.2.2",
     "a folded line holds nothing but white space"},
    {IMF_QUIRK_NO_BLANK_LINE, "no-blank-line", "RFC 5322 2.1",
     "the header ends without an empty line"},
    {IMF_QUIRK_FOLD_AT_START, "fold-at-start", "RFC 5322 2.2.3",
     "a folded line has no field before it"},
    {IMF_QUIRK_UNCLOSED_COMMENT, "unclosed-comment", "RFC 5322 3.2.2",
     "a comment has no closing parenthesis"},
    {IMF_QUIRK_UNCLOSED_QUOTE, "unclosed-quote", "RFC 5322 3.2.4",
     "a quoted string has no closing quote"},
    {IMF_QUIRK_UNCLOSED_LITERAL, "unclosed-literal", "RFC 5322 3.4.1",
     "a domain literal has no closing square bracket"},
    {IMF_QUIRK_OBS_TEXT, "obs-text", "RFC 5322 4.1",
     "a control octet in a comment, a quoted string or a domain literal, or a backslash in the last"},
    {IMF_QUIRK_OBS_CFWS, "obs-cfws", "RFC 5322 4.4",
     "white space or a comment where only the obsolete syntax has it"},
    {IMF_QUIRK_BARE_FOLD, "bare-fold", "RFC 5322 2.2.3",
     "a line ending that no white space follows"},
    {IMF_QUIRK_TRAILING_TEXT, "trailing-text", "RFC 5322 3.6",
     "text follows what the field's syntax takes"},
    {IMF_QUIRK_OBS_LOCAL_PART, "obs-local-part", "RFC 5322 4.4",
     "a local part of several words that are not all atoms"},
    {IMF_QUIRK_OBS_DOMAIN, "obs-domain", "RFC 5322 4.4",
     "white space or a comment stands inside a domain"},
    {IMF_QUIRK_OBS_ROUTE, "obs-route", "RFC 5322 4.4",
     "an address has a source route"},
    {IMF_QUIRK_OBS_PHRASE, "obs-phrase", "RFC 5322 4.1",
     "a phrase holds a period"},
    {IMF_QUIRK_EMPTY_ELEMENT, "empty-element", "RFC 5322 4.4",
     "a list has an empty element"},
    {IMF_QUIRK_INVALID_LOCAL_PART, "invalid-local-part", "RFC 5322 3.4.1",
     "a local part is neither a dot-atom nor a quoted string"},
    {IMF_QUIRK_INVALID_DOMAIN, "invalid-domain", "RFC 5322 3.4.1",
     "a domain is neither a dot-atom nor a domain literal"},
    {IMF_QUIRK_NO_LOCAL_PART, "no-local-part", "RFC 5322 3.4.1",
     "an address has no local part"},
    {IMF_QUIRK_NO_DOMAIN, "no-domain", "RFC 5322 3.4.1",
     "an address has no domain"},
    {IMF_QUIRK_NULL_ADDRESS, "null-address", "RFC 5322 3.4",
     "angle brackets with nothing between them"},
    {IMF_QUIRK_UNPAIRED_ANGLE, "unpaired-angle", "RFC 5322 3.4",
     "an angle bracket is missing, or is one too many"},
    {IMF_QUIRK_UNCLOSED_GROUP, "unclosed-group", "RFC 5322 3.4",
     "a group has no closing semicolon"},
    {IMF_QUIRK_UNQUOTED_SPECIAL, "unquoted-special", "RFC 5322 3.2.5",
     "a phrase holds a special that needs quotes"},
    {IMF_QUIRK_STRAY_SEPARATOR, "stray-separator", "RFC 5322 3.4",
     "a semicolon outside of a group, a group inside a group, or one without a name"},
    {IMF_QUIRK_NO_ANGLE, "no-angle", "RFC 5322 3.4",
     "an address stands in quotes, or behind a display name, without angle brackets"},
    {IMF_QUIRK_LONG_LOCAL_PART, "long-local-part", "RFC 5321 4.5.3.1.1",
     "a local part of more than 64 octets"},
    {IMF_QUIRK_LONG_DOMAIN, "long-domain", "RFC 5321 4.5.3.1.2",
     "a domain of more than 255 octets"},
    {IMF_QUIRK_MISSING_SEPARATOR, "missing-separator", "RFC 5322 3.4",
     "an address follows another without a comma"},
    {IMF_QUIRK_OBS_YEAR, "obs-year", "RFC 5322 4.3",
     "a year of two or three digits"},
    {IMF_QUIRK_OBS_ZONE, "obs-zone", "RFC 5322 4.3",
     "a time zone given by its name"},
    {IMF_QUIRK_INVALID_WEEKDAY, "invalid-weekday", "RFC 5322 3.3",
     "the day of the week is no day's name, or not the date's"},
    {IMF_QUIRK_INVALID_ZONE, "invalid-zone", "RFC 5322 3.3",
     "the time zone is missing, unknown, out of its range or not written as +HHMM"},
    {IMF_QUIRK_TIME_SYNTAX, "time-syntax", "RFC 5322 3.3",
     "the time of day is missing, or not written as 2DIGIT \":\" 2DIGIT [ \":\" 2DIGIT ]"},
    {IMF_QUIRK_DATE_SYNTAX, "date-syntax", "RFC 5322 3.3",
     "the date is not written as [day-of-week \",\"] day month year"},
    {IMF_QUIRK_DATE_RANGE, "date-range", "RFC 5322 3.3",
     "a day, a year or a time that does not exist"},
    {IMF_QUIRK_OBS_ID, "obs-id", "RFC 5322 4.5.4",
     "a msg-id holds a quoted string, a comment or white space, or words stand beside it"},
    {IMF_QUIRK_INVALID_ID, "invalid-id", "RFC 5322 3.6.4",
     "a msg-id is not id-left \"@\" id-right"},
    {IMF_QUIRK_NO_ID_BRACKETS, "no-id-brackets", "RFC 5322 3.6.4",
     "a msg-id has no angle brackets"},
    {IMF_QUIRK_NO_DATE, "no-date", "RFC 5322 3.6.7",
     "a Received field has no date and time"},
    {IMF_QUIRK_INVALID_CLAUSE, "invalid-clause", "RFC 5321 4.4",
     "a clause of a Received field is unknown, repeated or out of order"},
    {IMF_QUIRK_INVALID_ENCODING, "invalid-encoding", "RFC 2047 4",
     "an encoded word holds what its encoding does not have"},
    {IMF_QUIRK_LONG_ENCODED_WORD, "long-encoded-word", "RFC 2047 2",
     "an encoded word of more than 75 octets"},
    {IMF_QUIRK_GLUED_ENCODED_WORD, "glued-encoded-word", "RFC 2047 5",
     "an encoded word has no white space beside it"},
    {IMF_QUIRK_SPACE_IN_ENCODED, "space-in-encoded", "RFC 2047 2",
     "white space stands inside an encoded word"},
    {IMF_QUIRK_UNKNOWN_ENCODING, "unknown-encoding", "RFC 2047 4",
     "the encoding of an encoded word is neither Q nor B"},
    {IMF_QUIRK_UNCLOSED_ENCODED_WORD, "unclosed-encoded-word", "RFC 2047 2",
     "an encoded word has no \"?=\" at its end"},
    {IMF_QUIRK_EMPTY_ENCODED_WORD, "empty-encoded-word", "RFC 2047 2",
     "an encoded word has no text"},
    {IMF_QUIRK_INVALID_CHARSET, "invalid-charset", "RFC 2047 2, 5",
     "the charset or the language of an encoded word is no token, or its octets are no whole characters of it"},
    {IMF_QUIRK_DUPLICATE_PARAMETER, "duplicate-parameter", "RFC 2045 5.1",
     "a parameter stands twice"},
    {IMF_QUIRK_PARAMETER_SECTIONS, "parameter-sections", "RFC 2231 3",
     "sections of a parameter are missing, stand twice or have a zero before their number"},
    {IMF_QUIRK_INVALID_PARAMETER, "invalid-parameter", "RFC 2045 5.1",
     "a parameter lacks its semicolon, its attribute, its equals sign or its value"},
    {IMF_QUIRK_UNQUOTED_VALUE, "unquoted-value", "RFC 2045 5.1",
     "a parameter's value needs quotes and has none"},
    {IMF_QUIRK_INVALID_EXTENDED, "invalid-extended", "RFC 2231 4",
     "an extended value is not charset, language and percent-encoded octets of that charset"},
    {IMF_QUIRK_MISPLACED_ENCODED_WORD, "misplaced-encoded-word", "RFC 2047 5",
     "an encoded word stands in a parameter's value or in a quoted string"},
    {IMF_QUIRK_NO_SUBTYPE, "no-subtype", "RFC 2045 5.1",
     "a media type has no subtype"},
};
/* clang-format on */

const struct quirk *imf_quirk(unsigned n)
{
    for (size_t i = 0; i < sizeof quirks / sizeof *quirks; i++)
        if (n < 64 && quirks[i].bit == UINT64_C(1) << n)
            return &quirks[i];
    return base_quirk(n);
}

/* A field of UTF-8 is one of RFC 6532, which a message may ask for; other octets above 127 are of
 * no charset that anybody named. */
uint64_t imf_quirks_tell_utf8(uint64_t seen, struct slice text)
{
    if (!(seen & QUIRK_EIGHT_BIT))
        return seen;
    while (text.len > 0) {
        size_t octets = base_utf8_sequence(text);
        if (octets == 0)
            return seen;
        text = slice_from(text, octets);
    }
    return (seen & ~QUIRK_EIGHT_BIT) | QUIRK_UTF8;
}

uint64_t imf_quirks_of_octets(struct slice text)
{
    uint64_t seen = 0;
    if (scan_is_printable(text))
        return 0;
    for (struct slice rest = text; rest.len > 0;) {
        size_t lf = slice_find(rest, '\n'), end = lf;
        bool ended = lf < rest.len;
        if (ended && lf > 0 && rest.ptr[lf - 1] == '\r')
            end--;
        else if (ended)
            seen |= QUIRK_BARE_LF;
        seen |= base_quirks_of_text(slice_trim(slice_sub(rest, 0, end)));
        rest = slice_from(rest, lf + ended);
        if (end < lf && rest.len > 0 && !octet_is(rest.ptr[0], OCTET_WSP))
            seen |= IMF_QUIRK_BARE_FOLD;
    }
    return imf_quirks_tell_utf8(seen, text);
}
