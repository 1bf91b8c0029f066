/* parse command: command lines, and the paths in them. */
#include "smtp/command.h"

#include "base/octet.h"
#include "cli/parse/parse.h"
#include "smtp/path.h"

static const char *const domain_kinds[] = {
    [SMTP_DOMAIN_NONE] = "none",       [SMTP_DOMAIN_NAME] = "name",
    [SMTP_DOMAIN_IPV4] = "ipv4",       [SMTP_DOMAIN_IPV6] = "ipv6",
    [SMTP_DOMAIN_GENERAL] = "general", [SMTP_DOMAIN_INVALID] = "invalid",
};

static void put_path(json_t *object, const struct smtp_path *path)
{
    put_bool(object, "null", path->null);
    put_text(object, "route", path->route);
    put_text(object, "mailbox", path->mailbox);
    put_text(object, "local_part", path->local_part);
    put_text(object, "domain", path->domain);
    put_word(object, "domain_kind", domain_kinds[path->domain_kind]);
}

static bool has_path(enum smtp_verb verb)
{
    return verb == SMTP_VERB_MAIL || verb == SMTP_VERB_RCPT || verb == SMTP_VERB_SEND ||
           verb == SMTP_VERB_SOML || verb == SMTP_VERB_SAML;
}

/* What the command's verb makes of its argument. */
static void put_argument(json_t *object, const struct smtp_command *command)
{
    enum smtp_verb verb = command->verb;
    if (has_path(verb)) {
        json_t *path = json_object();
        put_path(path, &command->path);
        put(object, verb == SMTP_VERB_RCPT ? "forward_path" : "reverse_path", path);
        put_params(object, "parameters", command->params);
    }
    if (verb == SMTP_VERB_XCLIENT || verb == SMTP_VERB_XFORWARD)
        put_params(object, "attributes", command->params);
    if (verb == SMTP_VERB_EHLO || verb == SMTP_VERB_HELO || verb == SMTP_VERB_LHLO) {
        put_text(object, "domain", command->argument);
        put_word(object, "domain_kind", domain_kinds[smtp_domain_classify(command->argument)]);
    }
    if (verb == SMTP_VERB_BDAT)
        put_number(object, "chunk_octets", command->chunk_octets);
    if (verb == SMTP_VERB_BURL)
        put_text(object, "uri", command->uri);
    if (verb == SMTP_VERB_BDAT || verb == SMTP_VERB_BURL)
        put_bool(object, "last", command->last);
    if (verb == SMTP_VERB_AUTH) {
        put_text(object, "mechanism", command->mechanism);
        put_text(object, "initial_response", command->initial_response);
    }
}

struct parse_outcome parse_command(struct slice window, bool whole, json_t *object)
{
    struct smtp_command command;
    (void)whole;
    struct parse_outcome out = {.result =
                                    smtp_command_parse(window, PARSE_WINDOW_OCTETS / 2, &command)};
    if (out.result.status == PARSE_ERROR)
        out.error = smtp_command_error_text(out.result.error);
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = command.quirks;
    put_text(object, "verb", smtp_verb_name(command.verb));
    put_text(object, "name", command.name);
    put_text(object, "argument", command.argument);
    put_argument(object, &command);
    return out;
}

/* Whether nothing, or white space, stands at `at`: as behind the path of a command. */
static bool ends_at(struct slice window, size_t at)
{
    return at == window.len || octet_is(window.ptr[at], OCTET_WSP | OCTET_CR | OCTET_LF);
}

struct parse_outcome parse_path(struct slice window, bool whole, json_t *object)
{
    struct smtp_path path;
    (void)whole;
    struct parse_outcome out = {.result = smtp_path_parse(window, &path)};
    if (out.result.status == PARSE_OK && !ends_at(window, out.result.offset))
        out.result = parse_error(SMTP_PATH_TRAILING, out.result.offset);
    if (out.result.status == PARSE_ERROR)
        out.error = smtp_command_error_text(SMTP_COMMAND_PATH_ERROR(out.result.error));
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = path.quirks;
    put_path(object, &path);
    return out;
}
