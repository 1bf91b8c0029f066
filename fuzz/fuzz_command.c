/* Laws of smtp_command_parse and smtp_command_write. Knob: a last octet above 127 sets max_octets.
 */
#include <inttypes.h>

#include "base/octet.h"
#include "custom.h"
#include "fuzz.h"
#include "grammar.h"
#include "smtp/command.h"
#include "smtp/param.h"
#include "smtp/plain.h"
#include "smtp/quirk.h"
#include "smtp/value.h"

#include "base/line.h"

/* The quirks that writing takes away; the length of a line may change with them. */
#define SPELLING                                                                                   \
    (QUIRK_BARE_LF | QUIRK_LONG_LINE | SMTP_QUIRK_SPACE_BEFORE_PATH | SMTP_QUIRK_NO_BRACKETS |     \
     SMTP_QUIRK_TRAILING_SPACE | SMTP_QUIRK_EXTRA_SPACE | SMTP_QUIRK_LEADING_SPACE)

static bool same_place(struct slice a, struct slice b)
{
    return a.ptr == b.ptr && a.len == b.len;
}

static bool same_reading(const struct smtp_command *a, const struct smtp_command *b)
{
    return a->verb == b->verb && same_place(a->name, b->name) &&
           same_place(a->argument, b->argument) && same_place(a->params, b->params) &&
           same_place(a->mechanism, b->mechanism) &&
           same_place(a->initial_response, b->initial_response) &&
           a->chunk_octets == b->chunk_octets && same_place(a->uri, b->uri) && a->last == b->last &&
           a->quirks == b->quirks;
}

static bool same_path(const struct smtp_path *a, const struct smtp_path *b)
{
    return same_place(a->raw, b->raw) && same_place(a->route, b->route) &&
           same_place(a->mailbox, b->mailbox) && same_place(a->local_part, b->local_part) &&
           same_place(a->domain, b->domain) && a->domain_kind == b->domain_kind &&
           a->null == b->null && a->quirks == b->quirks;
}

/* The glance at plain lines and the grammar behind it, which reads any line. */
static void check_glance(struct slice in, size_t max_octets, struct parse_result result,
                         const struct smtp_command *a)
{
    struct smtp_command b = {.quirks = UINT64_MAX};
    struct parse_result any = smtp_command_parse_any(in, max_octets, &b);
    FUZZ_LAW(any.status == result.status && any.offset == result.offset &&
                 any.error == result.error,
             "a glance and the grammar answer the same");
    FUZZ_LAW(same_reading(a, &b), "a glance and the grammar read the same command");
    FUZZ_LAW(same_path(&a->path, &b.path), "a glance and the grammar read the same path");
}

/* ---- the model: the line is split at its white space, and its parts looked up in the RFCs ---- */

static bool is_space(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

/* Takes a word, and the white space behind it: EXTRA_SPACE where that is not a single SP. */
static struct slice model_word(struct slice *rest, uint64_t *quirks)
{
    size_t len = 0, space = 0;
    while (len < rest->len && !is_space(rest->ptr[len]))
        len++;
    while (len + space < rest->len && is_space(rest->ptr[len + space]))
        space++;
    struct slice word = slice_sub(*rest, 0, len);
    bool single = space == 1 && rest->ptr[len] == ' ';
    *quirks |= space == 0 || single ? 0 : SMTP_QUIRK_EXTRA_SPACE;
    *rest = slice_from(*rest, len + space);
    return word;
}

static const char *const verb_names[] = {
    [SMTP_VERB_UNKNOWN] = "",          [SMTP_VERB_EHLO] = "EHLO", [SMTP_VERB_HELO] = "HELO",
    [SMTP_VERB_LHLO] = "LHLO",         [SMTP_VERB_MAIL] = "MAIL", [SMTP_VERB_RCPT] = "RCPT",
    [SMTP_VERB_DATA] = "DATA",         [SMTP_VERB_BDAT] = "BDAT", [SMTP_VERB_RSET] = "RSET",
    [SMTP_VERB_VRFY] = "VRFY",         [SMTP_VERB_EXPN] = "EXPN", [SMTP_VERB_HELP] = "HELP",
    [SMTP_VERB_NOOP] = "NOOP",         [SMTP_VERB_QUIT] = "QUIT", [SMTP_VERB_STARTTLS] = "STARTTLS",
    [SMTP_VERB_AUTH] = "AUTH",         [SMTP_VERB_SEND] = "SEND", [SMTP_VERB_SOML] = "SOML",
    [SMTP_VERB_SAML] = "SAML",         [SMTP_VERB_TURN] = "TURN", [SMTP_VERB_ETRN] = "ETRN",
    [SMTP_VERB_ATRN] = "ATRN",         [SMTP_VERB_BURL] = "BURL", [SMTP_VERB_XCLIENT] = "XCLIENT",
    [SMTP_VERB_XFORWARD] = "XFORWARD",
};
#define VERBS (sizeof verb_names / sizeof *verb_names)

static enum smtp_verb model_verb(struct slice name)
{
    size_t verb = VERBS - 1;
    while (verb > 0 && !slice_equal_nocase(slice_of_cstr(verb_names[verb]), name))
        verb--;
    return (enum smtp_verb)verb;
}

static uint64_t model_host(struct slice host, bool literal)
{
    bool valid = grammar_has("Domain", host) || (literal && grammar_has("address-literal", host));
    uint64_t untagged = grammar_has("untagged-literal", host) ? SMTP_QUIRK_UNTAGGED_IPV6 : 0;
    return host.len == 0 ? SMTP_QUIRK_MISSING_ARGUMENT
                         : untagged | (valid ? 0 : SMTP_QUIRK_INVALID_DOMAIN);
}

static bool model_size(struct slice digits, uint64_t *ret_size)
{
    uint64_t size = 0;
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t more;
        if (__builtin_mul_overflow(size, 10, &more) ||
            __builtin_add_overflow(more, (uint64_t)(digits.ptr[i] - '0'), &size))
            return false;
    }
    *ret_size = size;
    return true;
}

/* Behind a verb that takes a path. The path's own laws are fuzz_path's, the parameters'
 * fuzz_param's. */
static bool model_path(struct slice argument, unsigned on, struct smtp_command *m)
{
    bool to = m->verb == SMTP_VERB_RCPT;
    if (!grammar_has(to ? "read-rcpt" : "read-mail", argument))
        return false;
    struct slice rest = slice_from(argument, to ? 3 : 5);
    while (rest.len > 0 && is_space(rest.ptr[0])) {
        m->quirks |= SMTP_QUIRK_SPACE_BEFORE_PATH;
        rest = slice_from(rest, 1);
    }
    smtp_path_parse(rest, &m->path);
    rest = slice_from(rest, m->path.raw.len);
    model_word(&rest, &m->quirks);
    m->params = rest;
    m->quirks |= smtp_param_quirks(rest, on);
    if (to && m->path.null)
        m->path.quirks |= SMTP_QUIRK_NULL_FORWARD_PATH;
    if (to && m->path.route.len == 0 && slice_equal_nocase(m->path.mailbox, SLICE("postmaster")))
        m->path.quirks &= ~SMTP_QUIRK_NO_DOMAIN;
    m->quirks |= m->path.quirks;
    return true;
}

static uint64_t model_domains(struct slice list)
{
    uint64_t quirks = 0;
    while (list.len > 0) {
        size_t comma = slice_find(list, ',');
        quirks |= model_host(slice_sub(list, 0, comma), false) &
                  (SMTP_QUIRK_INVALID_DOMAIN | SMTP_QUIRK_UNTAGGED_IPV6);
        quirks |= comma == 0 ? SMTP_QUIRK_INVALID_DOMAIN : 0;
        quirks |= comma + 1 == list.len ? SMTP_QUIRK_INVALID_DOMAIN : 0;
        list = slice_from(list, comma < list.len ? comma + 1 : comma);
    }
    return quirks;
}

/* What stands behind the verb; false: an error. */
static bool model_argument(struct smtp_command *m)
{
    struct slice argument = m->argument, rest = argument;
    bool missing = argument.len == 0;
    switch (m->verb) {
    case SMTP_VERB_EHLO:
    case SMTP_VERB_LHLO:
    case SMTP_VERB_HELO:
        m->quirks |= model_host(argument, m->verb != SMTP_VERB_HELO);
        return true;
    case SMTP_VERB_MAIL:
    case SMTP_VERB_SEND:
    case SMTP_VERB_SOML:
    case SMTP_VERB_SAML:
        return model_path(argument, SMTP_ON_MAIL, m);
    case SMTP_VERB_RCPT:
        return model_path(argument, SMTP_ON_RCPT, m);
    case SMTP_VERB_DATA:
    case SMTP_VERB_RSET:
    case SMTP_VERB_QUIT:
    case SMTP_VERB_STARTTLS:
    case SMTP_VERB_TURN:
        m->quirks |= missing ? 0 : SMTP_QUIRK_UNWANTED_ARGUMENT;
        return true;
    case SMTP_VERB_VRFY:
    case SMTP_VERB_EXPN:
        m->quirks |= missing ? SMTP_QUIRK_MISSING_ARGUMENT : 0;
        return true;
    case SMTP_VERB_BDAT:
        if (!grammar_has("read-bdat", argument) ||
            !model_size(model_word(&rest, &m->quirks), &m->chunk_octets))
            return false;
        m->last = rest.len > 0; /* of the grammar: it is LAST */
        return true;
    case SMTP_VERB_BURL:
        m->uri = model_word(&rest, &m->quirks);
        m->last = rest.len > 0; /* of the grammar: it is LAST */
        return grammar_has("read-burl", argument);
    case SMTP_VERB_AUTH:
        m->mechanism = model_word(&rest, &m->quirks);
        m->initial_response = rest;
        m->quirks |=
            rest.len == 0 || grammar_has("initial-response", rest) ? 0 : SMTP_QUIRK_INVALID_BASE64;
        return grammar_has("read-auth", argument);
    case SMTP_VERB_ETRN:
        if (argument.len > 0 && argument.ptr[0] == '#')
            m->quirks |= argument.len == 1 ? SMTP_QUIRK_MISSING_ARGUMENT : 0;
        else
            m->quirks |=
                model_host(slice_from(argument, !missing && argument.ptr[0] == '@'), false);
        return true;
    case SMTP_VERB_ATRN:
        m->quirks |= model_domains(argument);
        return true;
    case SMTP_VERB_XCLIENT:
    case SMTP_VERB_XFORWARD:
        m->params = argument;
        m->quirks |= smtp_param_quirks(argument, m->verb == SMTP_VERB_XCLIENT ? SMTP_ON_XCLIENT
                                                                              : SMTP_ON_XFORWARD);
        m->quirks |= missing ? SMTP_QUIRK_MISSING_ARGUMENT : 0;
        return true;
    default:
        return true;
    }
}

static void check_model(struct slice in, size_t max_octets, struct parse_result result,
                        const struct smtp_command *command)
{
    size_t lf = slice_find(in, '\n');
    if (lf + 1 > max_octets || lf == in.len || lf > GRAMMAR_MAX_OCTETS) {
        FUZZ_LAW(lf == in.len || lf + 1 <= max_octets || result.error == SMTP_COMMAND_TOO_LONG,
                 "a line beyond its limit is too long");
        return;
    }
    bool crlf = lf > 0 && in.ptr[lf - 1] == '\r';
    struct slice text = slice_sub(in, 0, lf - crlf), line = text;
    struct smtp_command m = {.quirks = fuzz_odd_octets(text) | (crlf ? 0 : QUIRK_BARE_LF)};
    while (line.len > 0 && is_space(line.ptr[0]))
        line = slice_from(line, 1);
    m.quirks |= line.ptr > text.ptr ? SMTP_QUIRK_LEADING_SPACE : 0;
    while (line.len > 0 && is_space(line.ptr[line.len - 1])) {
        line.len--;
        m.quirks |= SMTP_QUIRK_TRAILING_SPACE;
    }
    m.name = model_word(&line, &m.quirks);
    m.quirks |= m.name.len == 0 ? SMTP_QUIRK_NO_VERB : 0;
    m.argument = line;
    m.verb = model_verb(m.name);
    bool ok = model_argument(&m);
    FUZZ_LAW(ok == (result.status == PARSE_OK), "a command is read where the grammar has one");
    FUZZ_LAW(!ok || (result.offset == lf + 1 && same_reading(command, &m)),
             "the command is the model's");
    FUZZ_LAW(!ok || same_path(&command->path, &m.path), "the path is the model's");
}

static void check_prefixes(struct slice in, size_t max_octets, struct parse_result result)
{
    size_t octets = slice_find(in, '\n') + 3, knob = fuzz_knob(in, 1, 256);
    for (size_t len = 0; len < in.len && len < octets; len = fuzz_next_cut(len, octets, knob)) {
        struct slice prefix = fuzz_copy(slice_sub(in, 0, len));
        struct smtp_command command;
        struct parse_result early = smtp_command_parse(prefix, max_octets, &command);
        FUZZ_LAW(early.status == PARSE_MORE ||
                     (early.status == result.status && early.offset == result.offset &&
                      early.error == result.error),
                 "an answer other than MORE never changes when octets are appended");
        fuzz_free(prefix);
    }
}

static void check_error(struct slice in, size_t max_octets, struct parse_result result)
{
    struct base_line line;
    struct parse_result framed = base_line_parse(in, max_octets, &line);
    FUZZ_LAW(strncmp(smtp_command_error_text(result.error), "no error", 8) != 0,
             "each error has a text");
    if (result.error == SMTP_COMMAND_TOO_LONG)
        FUZZ_LAW(framed.status == PARSE_ERROR && result.offset == max_octets,
                 "a line is too long exactly at its limit");
    else
        FUZZ_LAW(framed.status == PARSE_OK && result.offset <= line.text.len,
                 "an offset lies inside the line, at its ending at most");
}

/* A size is what its digits say, leading zeros or not: nothing wraps around. */
static void check_size(const struct smtp_command *command)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, command->chunk_octets);
    struct slice word = command->argument;
    size_t zeros = 0;
    while (zeros + 1 < word.len && word.ptr[zeros] == '0' &&
           octet_is(word.ptr[zeros + 1], OCTET_DIGIT))
        zeros++;
    FUZZ_LAW(slice_starts(slice_from(word, zeros), slice_of(digits, (size_t)len)),
             "a chunk's size is what its digits say");
}

static void check_slices(struct slice line, const struct smtp_command *command)
{
    const struct slice slices[] = {
        command->name,      command->argument,         command->path.raw, command->params,
        command->mechanism, command->initial_response, command->uri,
    };
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        FUZZ_LAW(fuzz_inside(slices[i], line), "every slice lies in the line");
        FUZZ_LAW(slice_find(slices[i], '\n') == slices[i].len, "none holds LF");
        FUZZ_LAW((base_quirks_of_text(slices[i]) & ~command->quirks) == 0,
                 "no odd octet goes unnamed");
        FUZZ_LAW(slice_trim(slices[i]).len == slices[i].len, "none has white space at its ends");
    }
    FUZZ_LAW((line.len > 512) == ((command->quirks & QUIRK_LONG_LINE) != 0),
             "a line is long beyond 512 octets");
    FUZZ_LAW(command->verb == smtp_verb_of(command->name), "the verb is the name's");
    if (command->verb == SMTP_VERB_BDAT)
        check_size(command);
    if (command->verb == SMTP_VERB_EHLO || command->verb == SMTP_VERB_HELO)
        FUZZ_LAW((command->argument.len > 255) == ((command->quirks & SMTP_QUIRK_LONG_DOMAIN) != 0),
                 "a long domain is named");
    FUZZ_LAW(fuzz_nameless(command->quirks, smtp_quirk) == 64, "each quirk has a name");
    FUZZ_LAW((command->path.quirks & ~command->quirks) == 0, "the path's quirks are the line's");
    unsigned any = SMTP_ON_MAIL | SMTP_ON_RCPT | SMTP_ON_XCLIENT | SMTP_ON_XFORWARD;
    FUZZ_LAW((smtp_param_quirks(command->params, any) & ~command->quirks) == 0,
             "the parameters' quirks are the line's");
}

static struct slice write_params(struct slice params, struct writer *out)
{
    out->len = 0;
    smtp_param_write(params, out);
    return writer_slice(out);
}

static bool same_params(struct slice a, struct slice b)
{
    uint8_t *room = fuzz_take(a.len + b.len + 2);
    struct writer one = writer_of(room, a.len + 1);
    struct writer other = writer_of(room + a.len + 1, b.len + 1);
    bool same = slice_equal(write_params(a, &one), write_params(b, &other));
    fuzz_give(room);
    return same;
}

static bool same_command(const struct smtp_command *a, const struct smtp_command *b)
{
    return a->verb == b->verb && slice_equal_nocase(a->name, b->name) &&
           slice_equal(a->path.route, b->path.route) &&
           slice_equal(a->path.mailbox, b->path.mailbox) &&
           slice_equal(a->path.local_part, b->path.local_part) &&
           slice_equal(a->path.domain, b->path.domain) &&
           a->path.domain_kind == b->path.domain_kind && a->path.null == b->path.null &&
           same_params(a->params, b->params) && slice_equal(a->mechanism, b->mechanism) &&
           slice_equal(a->initial_response, b->initial_response) &&
           a->chunk_octets == b->chunk_octets && a->last == b->last && slice_equal(a->uri, b->uri);
}

static struct slice write_command(const struct smtp_command *command, size_t line_octets)
{
    struct writer out = fuzz_writer(line_octets + 3);
    smtp_command_write(command, &out);
    FUZZ_LAW(!out.overflow, "writing adds two brackets and a CR at most");
    struct slice written = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    return written;
}

static void check_round_trip(const struct smtp_command *command, size_t line_octets)
{
    struct slice written = write_command(command, line_octets);
    struct smtp_command again;
    struct parse_result result = smtp_command_parse(written, written.len, &again);
    FUZZ_LAW(result.status == PARSE_OK && result.offset == written.len, "what is written parses");
    FUZZ_LAW(same_command(command, &again), "what is written parses to the same");
    FUZZ_LAW((again.quirks & ~QUIRK_LONG_LINE) == (command->quirks & ~SPELLING),
             "writing takes away the quirks of spelling and no other");
    struct slice twice = write_command(&again, written.len);
    FUZZ_LAW(slice_equal(twice, written), "what is written is canonical");
    fuzz_free(twice);
    fuzz_free(written);
}

/* A word alone, also one of no octets. */
static void check_verb(struct slice in, size_t knob)
{
    struct slice word = fuzz_copy(slice_sub(in, 0, knob % 12 < in.len ? knob % 12 : in.len));
    FUZZ_LAW(smtp_verb_of(word) == model_verb(word), "a word is the verb of that name");
    fuzz_free(word);
    struct slice name = slice_of_cstr(verb_names[knob % VERBS]);
    FUZZ_LAW(smtp_verb_of(name) == (enum smtp_verb)(knob % VERBS) &&
                 slice_equal(smtp_verb_name((enum smtp_verb)(knob % VERBS)), name),
             "a verb has its name, whether an input has it or not");
}

FUZZ_MUTATOR(mutate_dialogue)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size)), rest = in;
    size_t knob = fuzz_knob(in, 0, 256);
    size_t max_octets = knob > 127 ? knob - 127 : 4096; /* of plain text: no limit in its way */
    check_verb(in, knob);
    for (;;) {
        struct smtp_command command = {.quirks = UINT64_MAX};
        struct parse_result result;
        FUZZ_LINEAR(result.status == PARSE_OK ? result.offset : rest.len,
                    result = smtp_command_parse(rest, max_octets, &command));
        check_prefixes(rest, max_octets, result);
        check_glance(rest, max_octets, result, &command);
        check_model(rest, max_octets, result, &command);
        if (result.status != PARSE_OK) {
            FUZZ_LAW(command.quirks == UINT64_MAX, "only success writes");
            if (result.status == PARSE_ERROR)
                check_error(rest, max_octets, result);
        } else {
            check_slices(slice_sub(rest, 0, result.offset), &command);
            check_round_trip(&command, result.offset);
        }
        struct base_line line;
        if (base_line_parse(rest, max_octets, &line).status != PARSE_OK)
            break;
        rest = slice_from(rest, line.raw.len);
    }
    fuzz_free(in);
    return 0;
}
