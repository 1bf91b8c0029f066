#include "smtp/command.h"

#include "base/fold.h"
#include "base/line.h"
#include "base/octet.h"
#include "smtp/param.h"
#include "smtp/plain.h"
#include "smtp/quirk.h"
#include "smtp/value.h"
#include "smtp/word.h"

#define MAX_SIZE_DIGITS      20 /* of BDAT: as in RFC 1870, what 64 bits hold */
#define MAX_MECHANISM_OCTETS 20 /* RFC 4422 3.1 */

/** Reads a verb's argument into `command`; the offset of an error counts from the argument. */
typedef struct parse_result read_argument(struct slice argument, struct smtp_command *command);

static read_argument read_nothing, read_anything, read_string, read_host, read_domain, read_mail,
    read_rcpt, read_bdat, read_auth, read_etrn, read_atrn, read_burl, read_attributes;

/* clang-format off */
static const struct {
    struct fold_name name;
    read_argument *read;
    unsigned params;      /* which parameters it takes: SMTP_ON_... bits, or 0 */
    struct fold_name keyword; /* before its path */
} verbs[] = {
    [SMTP_VERB_UNKNOWN]     = {FOLD_NAME(""), read_anything, 0, FOLD_NAME("")},
    [SMTP_VERB_EHLO]        = {FOLD_NAME("EHLO"), read_host, 0, FOLD_NAME("")},
    [SMTP_VERB_HELO]        = {FOLD_NAME("HELO"), read_domain, 0, FOLD_NAME("")},
    [SMTP_VERB_LHLO]        = {FOLD_NAME("LHLO"), read_host, 0, FOLD_NAME("")},
    [SMTP_VERB_MAIL]        = {FOLD_NAME("MAIL"), read_mail, SMTP_ON_MAIL, FOLD_NAME("FROM:")},
    [SMTP_VERB_RCPT]        = {FOLD_NAME("RCPT"), read_rcpt, SMTP_ON_RCPT, FOLD_NAME("TO:")},
    [SMTP_VERB_DATA]        = {FOLD_NAME("DATA"), read_nothing, 0, FOLD_NAME("")},
    [SMTP_VERB_BDAT]        = {FOLD_NAME("BDAT"), read_bdat, 0, FOLD_NAME("")},
    [SMTP_VERB_RSET]        = {FOLD_NAME("RSET"), read_nothing, 0, FOLD_NAME("")},
    [SMTP_VERB_VRFY]        = {FOLD_NAME("VRFY"), read_string, 0, FOLD_NAME("")},
    [SMTP_VERB_EXPN]        = {FOLD_NAME("EXPN"), read_string, 0, FOLD_NAME("")},
    [SMTP_VERB_HELP]        = {FOLD_NAME("HELP"), read_anything, 0, FOLD_NAME("")},
    [SMTP_VERB_NOOP]        = {FOLD_NAME("NOOP"), read_anything, 0, FOLD_NAME("")},
    [SMTP_VERB_QUIT]        = {FOLD_NAME("QUIT"), read_nothing, 0, FOLD_NAME("")},
    [SMTP_VERB_STARTTLS]    = {FOLD_NAME("STARTTLS"), read_nothing, 0, FOLD_NAME("")},
    [SMTP_VERB_AUTH]        = {FOLD_NAME("AUTH"), read_auth, 0, FOLD_NAME("")},
    [SMTP_VERB_SEND]        = {FOLD_NAME("SEND"), read_mail, SMTP_ON_MAIL, FOLD_NAME("FROM:")},
    [SMTP_VERB_SOML]        = {FOLD_NAME("SOML"), read_mail, SMTP_ON_MAIL, FOLD_NAME("FROM:")},
    [SMTP_VERB_SAML]        = {FOLD_NAME("SAML"), read_mail, SMTP_ON_MAIL, FOLD_NAME("FROM:")},
    [SMTP_VERB_TURN]        = {FOLD_NAME("TURN"), read_nothing, 0, FOLD_NAME("")},
    [SMTP_VERB_ETRN]        = {FOLD_NAME("ETRN"), read_etrn, 0, FOLD_NAME("")},
    [SMTP_VERB_ATRN]        = {FOLD_NAME("ATRN"), read_atrn, 0, FOLD_NAME("")},
    [SMTP_VERB_BURL]        = {FOLD_NAME("BURL"), read_burl, 0, FOLD_NAME("")},
    [SMTP_VERB_XCLIENT]     = {FOLD_NAME("XCLIENT"), read_attributes, SMTP_ON_XCLIENT, FOLD_NAME("")},
    [SMTP_VERB_XFORWARD]    = {FOLD_NAME("XFORWARD"), read_attributes, SMTP_ON_XFORWARD, FOLD_NAME("")},
};
/* clang-format on */

static struct parse_result read_anything(struct slice argument, struct smtp_command *command)
{
    (void)command;
    return parse_ok(argument.len);
}

static struct parse_result read_nothing(struct slice argument, struct smtp_command *command)
{
    if (argument.len > 0)
        command->quirks |= SMTP_QUIRK_UNWANTED_ARGUMENT;
    return parse_ok(argument.len);
}

static struct parse_result read_string(struct slice argument, struct smtp_command *command)
{
    if (argument.len == 0)
        command->quirks |= SMTP_QUIRK_MISSING_ARGUMENT;
    return parse_ok(argument.len);
}

static struct parse_result read_greeting(struct slice argument, bool literal_allowed,
                                         struct smtp_command *command)
{
    if (argument.len > 0)
        command->quirks |=
            smtp_domain_quirks(argument, smtp_domain_classify(argument), literal_allowed);
    return read_string(argument, command);
}

/* EHLO, LHLO: Domain / address-literal */
static struct parse_result read_host(struct slice argument, struct smtp_command *command)
{
    return read_greeting(argument, true, command);
}

/* HELO: Domain */
static struct parse_result read_domain(struct slice argument, struct smtp_command *command)
{
    return read_greeting(argument, false, command);
}

/** How many octets at the start of `text` are those of `literal`, in any case. */
static size_t common_prefix(struct slice text, struct slice literal)
{
    size_t len = 0;
    while (len < text.len && len < literal.len &&
           slice_upper(text.ptr[len]) == slice_upper(literal.ptr[len]))
        len++;
    return len;
}

/*
 * RFC 5321 4.1.1.2, 4.1.1.3: keyword path [ SP parameters ]
 * RFC 5321 3.3: no spaces are permitted on either side of the colon.
 */
static struct parse_result read_path(struct slice argument, int missing,
                                     struct smtp_command *command)
{
    struct slice keyword = fold_name_slice(&verbs[command->verb].keyword);
    size_t same = common_prefix(argument, keyword);
    if (same < keyword.len)
        return parse_error(missing, same);

    struct slice rest = slice_from(argument, same);
    smtp_word_skip_space(&rest);
    size_t at = argument.len - rest.len;
    if (at > same)
        command->quirks |= SMTP_QUIRK_SPACE_BEFORE_PATH;
    struct parse_result path = smtp_path_parse(rest, &command->path);
    at += path.offset;
    if (path.status != PARSE_OK)
        return parse_error(SMTP_COMMAND_PATH_ERROR(path.error), at);

    rest = slice_from(argument, at);
    if (rest.len > 0 && !octet_is(rest.ptr[0], OCTET_WSP))
        return parse_error(SMTP_COMMAND_PATH_ERROR(SMTP_PATH_TRAILING), at);
    command->quirks |= smtp_word_skip_space(&rest);
    command->quirks |= smtp_param_quirks(rest, verbs[command->verb].params);
    command->params = rest;
    return parse_ok(argument.len);
}

static struct parse_result read_mail(struct slice argument, struct smtp_command *command)
{
    return read_path(argument, SMTP_COMMAND_NO_FROM, command);
}

static struct parse_result read_rcpt(struct slice argument, struct smtp_command *command)
{
    struct parse_result result = read_path(argument, SMTP_COMMAND_NO_TO, command);
    struct smtp_path *path = &command->path;
    if (path->null)
        path->quirks |= SMTP_QUIRK_NULL_FORWARD_PATH;
    if (path->route.len == 0 && slice_equal_nocase(path->mailbox, SLICE("Postmaster")))
        path->quirks &= ~SMTP_QUIRK_NO_DOMAIN;
    return result;
}

/* RFC 3030 2: chunk-size = 1*DIGIT, here 1*20DIGIT */
static struct parse_result read_size(struct slice word, uint64_t *ret_size)
{
    uint64_t size = 0;
    for (size_t i = 0; i < word.len; i++) {
        uint64_t digit = (uint64_t)word.ptr[i] - '0';
        if (!octet_is(word.ptr[i], OCTET_DIGIT) || i == MAX_SIZE_DIGITS ||
            size > (UINT64_MAX - digit) / 10)
            return parse_error(SMTP_COMMAND_BAD_SIZE, i);
        size = 10 * size + digit;
    }
    if (word.len == 0)
        return parse_error(SMTP_COMMAND_BAD_SIZE, 0);
    *ret_size = size;
    return parse_ok(word.len);
}

/* [ SP "LAST" ], of which `rest` of the argument is left. */
static struct parse_result read_last(struct slice argument, struct slice rest,
                                     struct smtp_command *command)
{
    command->quirks |= smtp_word_skip_space(&rest);
    command->last = slice_equal_nocase(rest, SLICE("LAST"));
    if (rest.len > 0 && !command->last)
        return parse_error(SMTP_COMMAND_BAD_LAST,
                           argument.len - rest.len + common_prefix(rest, SLICE("LAST")));
    return parse_ok(argument.len);
}

static struct parse_result read_bdat(struct slice argument, struct smtp_command *command)
{
    struct slice rest = argument;
    struct parse_result size = read_size(smtp_word_take(&rest), &command->chunk_octets);
    if (size.status != PARSE_OK)
        return size;
    return read_last(argument, rest, command);
}

/*
 * RFC 3986 4.3, 3.1: absolute-URI = scheme ":" ..., here with an octet or more behind the colon
 *   scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
 */
static struct parse_result read_uri(struct slice word)
{
    size_t at = 0;
    while (at < word.len &&
           (octet_is(word.ptr[at], OCTET_ALPHA) ||
            (at > 0 && (octet_is(word.ptr[at], OCTET_DIGIT) || word.ptr[at] == '+' ||
                        word.ptr[at] == '-' || word.ptr[at] == '.'))))
        at++;
    if (at == 0 || at == word.len || word.ptr[at] != ':')
        return parse_error(SMTP_COMMAND_NO_URI, at);
    for (at++; at < word.len; at++)
        if (!octet_is(word.ptr[at], OCTET_GRAPHIC))
            return parse_error(SMTP_COMMAND_NO_URI, at);
    return word.ptr[at - 1] == ':' && slice_find(word, ':') == at - 1
               ? parse_error(SMTP_COMMAND_NO_URI, at)
               : parse_ok(at);
}

/* RFC 4468 3: burl-cmd = "BURL" SP absolute-URI [ SP end-marker ]; end-marker = "LAST" */
static struct parse_result read_burl(struct slice argument, struct smtp_command *command)
{
    struct slice rest = argument;
    command->uri = smtp_word_take(&rest);
    struct parse_result uri = read_uri(command->uri);
    return uri.status == PARSE_OK ? read_last(argument, rest, command) : uri;
}

/* RFC 1985 5: etrn-cmd = "ETRN" SP [ "@" / "#" ] node-name; "#" may name any queue */
static struct parse_result read_etrn(struct slice argument, struct smtp_command *command)
{
    if (slice_starts(argument, SLICE("#")))
        return read_string(slice_from(argument, 1), command);
    bool option = slice_starts(argument, SLICE("@"));
    return read_domain(slice_from(argument, option), command);
}

/* RFC 2645 5.2.1: atrn = "ATRN" [ SP Domain *( "," Domain ) ] */
static struct parse_result read_atrn(struct slice argument, struct smtp_command *command)
{
    for (struct slice rest = argument; argument.len > 0;) {
        size_t comma = slice_find(rest, ',');
        struct slice domain = slice_sub(rest, 0, comma);
        command->quirks |= smtp_domain_quirks(domain, smtp_domain_classify(domain), false);
        if (comma == rest.len)
            break;
        rest = slice_from(rest, comma + 1);
    }
    return parse_ok(argument.len);
}

/* Postfix: 1*( SP attribute-name "=" attribute-value ) */
static struct parse_result read_attributes(struct slice argument, struct smtp_command *command)
{
    command->params = argument;
    command->quirks |= smtp_param_quirks(argument, verbs[command->verb].params);
    return read_string(argument, command);
}

/** The six bits of a base64-char (RFC 4648 4), or -1. */
static int base64_value(uint8_t octet)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = memchr(alphabet, octet, sizeof alphabet - 1);
    return at == NULL ? -1 : (int)(at - alphabet);
}

/*
 * RFC 4954 4, 8
 *   initial-response = base64 / "="
 *   base64           = base64-terminal / ( 1*(4base64-char) [ base64-terminal ] )
 *   base64-terminal  = ( 2base64-char "==" ) / ( 3base64-char "=" )
 * RFC 4648 3.5: the bits of the last character that belong to no octet are zero.
 */
static bool is_initial_response(struct slice text)
{
    if (slice_equal(text, SLICE("=")))
        return true;
    unsigned pads = 0;
    while (pads < 2 && text.ptr[text.len - 1 - pads] == '=')
        pads++;
    int value = 0;
    for (size_t i = 0; i < text.len - pads; i++) {
        value = base64_value(text.ptr[i]);
        if (value < 0)
            return false;
    }
    return text.len % 4 == 0 && value % (1 << (2 * pads)) == 0;
}

/* RFC 4422 3.1: sasl-mech = 1*20mech-char; mech-char = UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE */
static struct parse_result read_mechanism(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (i == MAX_MECHANISM_OCTETS || (!octet_is(word.ptr[i], OCTET_ALPHA | OCTET_DIGIT) &&
                                          word.ptr[i] != '-' && word.ptr[i] != '_'))
            return parse_error(SMTP_COMMAND_NO_MECHANISM, i);
    return word.len == 0 ? parse_error(SMTP_COMMAND_NO_MECHANISM, 0) : parse_ok(word.len);
}

static struct parse_result read_auth(struct slice argument, struct smtp_command *command)
{
    struct slice rest = argument;
    command->mechanism = smtp_word_take(&rest);
    command->quirks |= smtp_word_skip_space(&rest);
    command->initial_response = rest;
    if (rest.len > 0 && !is_initial_response(rest))
        command->quirks |= SMTP_QUIRK_INVALID_BASE64;
    return read_mechanism(command->mechanism);
}

struct parse_result smtp_command_parse_any(struct slice in, size_t max_octets,
                                           struct smtp_command *ret_command)
{
    struct base_line line;
    struct parse_result framed = base_line_parse(in, max_octets, &line);
    if (framed.status == PARSE_ERROR)
        return parse_error(SMTP_COMMAND_TOO_LONG, framed.offset);
    if (framed.status == PARSE_MORE)
        return framed;

    struct smtp_command command = {.quirks = line.quirks};
    struct slice rest = slice_trim(line.text);
    if (rest.ptr > line.text.ptr)
        command.quirks |= SMTP_QUIRK_LEADING_SPACE;
    if (rest.ptr + rest.len < line.text.ptr + line.text.len)
        command.quirks |= SMTP_QUIRK_TRAILING_SPACE;
    if (line.raw.len > SMTP_COMMAND_LINE_MAX_OCTETS)
        command.quirks |= QUIRK_LONG_LINE;
    command.name = smtp_word_take(&rest);
    command.quirks |= command.name.len == 0 ? SMTP_QUIRK_NO_VERB : 0;
    command.quirks |= smtp_word_skip_space(&rest);
    command.argument = rest;
    command.verb = smtp_verb_of(command.name);

    struct parse_result read = verbs[command.verb].read(rest, &command);
    if (read.status != PARSE_OK)
        return parse_error(read.error, (size_t)(rest.ptr - in.ptr) + read.offset);
    command.quirks |= command.path.quirks;
    *ret_command = command;
    return framed;
}

/* The verbs by the place of their names. */
#define VERB_BITS 6
#define VERB_SEED UINT64_C(0x3d6d4c22aca9c3e1)
/* clang-format off */
static const uint8_t verb_at[1 << VERB_BITS] = {
    [0] = SMTP_VERB_RSET, [2] = SMTP_VERB_HELO, [11] = SMTP_VERB_HELP, [14] = SMTP_VERB_MAIL,
    [17] = SMTP_VERB_LHLO, [23] = SMTP_VERB_ETRN, [25] = SMTP_VERB_TURN, [26] = SMTP_VERB_ATRN,
    [28] = SMTP_VERB_RCPT, [31] = SMTP_VERB_EXPN, [33] = SMTP_VERB_VRFY, [36] = SMTP_VERB_BDAT,
    [38] = SMTP_VERB_EHLO, [39] = SMTP_VERB_AUTH, [43] = SMTP_VERB_STARTTLS, [47] = SMTP_VERB_XCLIENT,
    [49] = SMTP_VERB_NOOP, [50] = SMTP_VERB_SEND, [51] = SMTP_VERB_BURL, [52] = SMTP_VERB_QUIT,
    [53] = SMTP_VERB_SOML, [54] = SMTP_VERB_DATA, [55] = SMTP_VERB_SAML, [57] = SMTP_VERB_XFORWARD,
};
/* clang-format on */

static inline enum smtp_verb verb_of(struct slice around, struct slice word)
{
    uint64_t number = fold_word_in(around, word);
    enum smtp_verb verb = (enum smtp_verb)verb_at[fold_place(number, VERB_SEED, VERB_BITS)];
    return fold_equal(word, number, &verbs[verb].name) ? verb : SMTP_VERB_UNKNOWN;
}

enum smtp_verb smtp_verb_of(struct slice word)
{
    return verb_of(word, word);
}

/* Most verbs have four letters: these are looked up without a wait for a scan. UNKNOWN where what
 * stands at `octets`, which are five at least, is no such verb before SP or CR. */
static inline enum smtp_verb four_letter_verb(const uint8_t *octets)
{
    uint64_t number = fold_upper(load_4(octets));
    enum smtp_verb verb = (enum smtp_verb)verb_at[fold_place(number, VERB_SEED, VERB_BITS)];
    bool ends = octets[4] == ' ' || octets[4] == '\r';
    return ends && number == load_8(verbs[verb].name.octets) ? verb : SMTP_VERB_UNKNOWN;
}

/* Finds the verb of a plain line; false where it is not plain for its white space. */
static inline bool split_plain(struct smtp_plain *plain, enum smtp_verb *ret_verb)
{
    size_t name = 4;
    enum smtp_verb verb = SMTP_VERB_UNKNOWN;
    if (plain->line.len >= name) /* and a CRLF behind it */
        verb = four_letter_verb(plain->line.ptr);
    if (verb == SMTP_VERB_UNKNOWN) {
        name = smtp_plain_word(plain);
        verb = verb_of(plain->in, slice_sub(plain->line, 0, name));
    }
    *ret_verb = verb;
    return smtp_plain_split(plain, name);
}

/* No path. Member by member, as below: compilers make "rep stos" of so many zeros at once, and that
 * takes longer than all the reading. */
static inline void put_no_path(struct smtp_path *ret_path)
{
    const struct slice none = {NULL, 0};
    ret_path->raw = none;
    ret_path->route = none;
    ret_path->mailbox = none;
    ret_path->local_part = none;
    ret_path->domain = none;
    ret_path->domain_kind = SMTP_DOMAIN_NONE;
    ret_path->null = false;
    ret_path->quirks = 0;
}

/* What a plain line has whatever its verb, and no quirk. */
static inline void put_plain(enum smtp_verb verb, struct slice name, struct slice argument,
                             struct smtp_command *ret_command)
{
    const struct slice none = {NULL, 0};
    ret_command->verb = verb;
    ret_command->name = name;
    ret_command->argument = argument;
    put_no_path(&ret_command->path);
    ret_command->params = none;
    ret_command->mechanism = none;
    ret_command->initial_response = none;
    ret_command->chunk_octets = 0;
    ret_command->uri = none;
    ret_command->last = false;
    ret_command->quirks = 0;
}

/* keyword path [ SP parameters ], where nothing of it is odd */
static inline bool read_plain_path(const struct smtp_plain *plain, enum smtp_verb verb,
                                   struct smtp_command *ret_command)
{
    struct slice line = plain->line;
    const struct fold_name *keyword = &verbs[verb].keyword;
    size_t at = plain->argument + keyword->len;
    struct smtp_plain_path path;
    if (at > line.len || !fold_starts(slice_from(plain->in, plain->argument), keyword) ||
        !smtp_plain_path(plain, at, &path))
        return false;
    bool null = path.sign == path.open;
    size_t params = path.close + 1;
    if (null && verb == SMTP_VERB_RCPT)
        return false;
    if (params < line.len &&
        (line.ptr[params++] != ' ' ||
         !smtp_plain_are_params(plain->in, line, plain->text, params, verbs[verb].params)))
        return false;

    put_plain(verb, slice_sub(line, 0, plain->name), slice_from(line, plain->argument),
              ret_command);
    ret_command->path.raw = slice_sub(line, path.open, path.close + 1);
    ret_command->path.null = null;
    if (!null) {
        ret_command->path.mailbox = slice_sub(line, path.open + 1, path.close);
        ret_command->path.local_part = slice_sub(line, path.open + 1, path.sign);
        ret_command->path.domain = slice_sub(line, path.sign + 1, path.close);
        ret_command->path.domain_kind = SMTP_DOMAIN_NAME;
    }
    ret_command->params = slice_from(line, params);
    return true;
}

/* Reads a line that is plain, and without any quirk; false, and nothing written, where it is not.
 */
static inline bool read_plain(struct smtp_plain *plain, struct smtp_command *ret_command)
{
    enum smtp_verb verb;
    if (!split_plain(plain, &verb))
        return false;
    struct slice line = plain->line, argument = slice_from(line, plain->argument);
    struct slice name = slice_sub(line, 0, plain->name);
    if (verbs[verb].keyword.len > 0)
        return read_plain_path(plain, verb, ret_command);

    read_argument *read = verbs[verb].read;
    struct smtp_command command;
    if (read == read_host || read == read_domain) {
        if (!smtp_plain_is_domain(plain, plain->argument, line.len))
            return false;
    } else if (read != read_anything) {
        put_plain(verb, name, argument, &command);
        if (read(argument, &command).status != PARSE_OK || command.quirks != 0)
            return false;
        *ret_command = command;
        return true;
    }
    put_plain(verb, name, argument, ret_command);
    return true;
}

/* Reads four letters and CRLF where that is all that the verb has: DATA, RSET, QUIT and their like
 * need no scan. */
static inline bool read_verb_alone(struct slice in, size_t max_octets,
                                   struct smtp_command *ret_command)
{
    if (in.len < 6 || max_octets < 6 || in.ptr[4] != '\r' || in.ptr[5] != '\n')
        return false;
    enum smtp_verb verb = four_letter_verb(in.ptr);
    read_argument *read = verbs[verb].read;
    if (verb == SMTP_VERB_UNKNOWN || (read != read_nothing && read != read_anything))
        return false;
    put_plain(verb, slice_sub(in, 0, 4), slice_sub(in, 4, 4), ret_command);
    return true;
}

struct parse_result smtp_command_parse(struct slice in, size_t max_octets,
                                       struct smtp_command *ret_command)
{
    struct smtp_plain_text text;
    struct smtp_plain plain;
    if (read_verb_alone(in, max_octets, ret_command))
        return parse_ok(6);
    if (smtp_plain_begin(in, max_octets, &text, &plain) && read_plain(&plain, ret_command))
        return parse_ok(plain.line.len + 2);
    return smtp_command_parse_any(in, max_octets, ret_command);
}

struct slice smtp_verb_name(enum smtp_verb verb)
{
    return fold_name_slice(&verbs[verb].name);
}

/** Writes a word after its SP, or nothing where it is empty. */
static void put_word(struct writer *out, struct slice word)
{
    if (word.len > 0)
        writer_put_octet(out, ' ');
    writer_put(out, word);
}

void smtp_command_write(const struct smtp_command *command, struct writer *out)
{
    bool known = command->verb != SMTP_VERB_UNKNOWN;
    writer_put(out, known ? smtp_verb_name(command->verb) : command->name);
    if (verbs[command->verb].keyword.len > 0) {
        put_word(out, fold_name_slice(&verbs[command->verb].keyword));
        smtp_path_write(&command->path, out);
    }
    switch (command->verb) {
    case SMTP_VERB_MAIL:
    case SMTP_VERB_RCPT:
    case SMTP_VERB_SEND:
    case SMTP_VERB_SOML:
    case SMTP_VERB_SAML:
    case SMTP_VERB_XCLIENT:
    case SMTP_VERB_XFORWARD:
        smtp_param_write(command->params, out);
        break;
    case SMTP_VERB_BURL:
        put_word(out, command->uri);
        put_word(out, command->last ? SLICE("LAST") : SLICE(""));
        break;
    case SMTP_VERB_BDAT:
        writer_put_octet(out, ' ');
        writer_put_number(out, command->chunk_octets);
        put_word(out, command->last ? SLICE("LAST") : SLICE(""));
        break;
    case SMTP_VERB_AUTH:
        put_word(out, command->mechanism);
        put_word(out, command->initial_response);
        break;
    default:
        put_word(out, command->argument);
    }
    writer_put(out, SLICE("\r\n"));
}

const char *smtp_command_error_text(int error)
{
    static const char *const texts[] = {
        [SMTP_COMMAND_TOO_LONG] = "a command line is longer than the limit",
        [SMTP_COMMAND_NO_FROM] = "the verb is not followed by FROM:",
        [SMTP_COMMAND_NO_TO] = "the verb is not followed by TO:",
        [SMTP_COMMAND_BAD_SIZE] = "BDAT has no chunk size of up to 20 digits that fits 64 bits",
        [SMTP_COMMAND_BAD_LAST] =
            "BDAT's chunk size or BURL's URI is followed by something other than LAST",
        [SMTP_COMMAND_NO_MECHANISM] = "AUTH has no SASL mechanism of up to 20 letters, digits, "
                                      "hyphens and underscores",
        [SMTP_COMMAND_NO_URI] = "BURL has no URI with its scheme",
    };
    bool own = error >= SMTP_COMMAND_TOO_LONG && error <= SMTP_COMMAND_NO_URI;
    return own ? texts[error] : smtp_path_error_text(error - SMTP_COMMAND_BAD_PATH);
}
