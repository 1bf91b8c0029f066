/* parse_command: command lines, and the paths and parameters in them. */
#include "cli/parse.h"
#include "smtp/command.h"
#include "smtp/param.h"
#include "smtp/path.h"

static void put_path(json_t *object, const struct smtp_path *path)
{
    static const char *const kinds[] = {
        [SMTP_DOMAIN_NONE] = "none",       [SMTP_DOMAIN_NAME] = "name",
        [SMTP_DOMAIN_IPV4] = "ipv4",       [SMTP_DOMAIN_IPV6] = "ipv6",
        [SMTP_DOMAIN_GENERAL] = "general", [SMTP_DOMAIN_INVALID] = "invalid",
    };
    put_bool(object, "null", path->null);
    put_text(object, "route", path->route);
    put_text(object, "mailbox", path->mailbox);
    put_text(object, "local_part", path->local_part);
    put_text(object, "domain", path->domain);
    put_word(object, "domain_kind", kinds[path->domain_kind]);
}

static json_t *params_of(struct slice rest)
{
    json_t *params = json_array();
    for (struct smtp_param param; smtp_param_next(&rest, &param);) {
        json_t *entry = json_object();
        put_text(entry, "keyword", param.keyword);
        put(entry, "value", param.has_value ? text_of(param.value) : json_null());
        put_entry(params, entry);
    }
    return params;
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
    if (command.verb == SMTP_VERB_MAIL || command.verb == SMTP_VERB_RCPT) {
        json_t *path = json_object();
        put_path(path, &command.path);
        put(object, command.verb == SMTP_VERB_MAIL ? "reverse_path" : "forward_path", path);
        put(object, "parameters", params_of(command.params));
    }
    if (command.verb == SMTP_VERB_BDAT) {
        put_number(object, "chunk_octets", command.chunk_octets);
        put_bool(object, "last", command.last);
    }
    if (command.verb == SMTP_VERB_AUTH) {
        put_text(object, "mechanism", command.mechanism);
        put_text(object, "initial_response", command.initial_response);
    }
    return out;
}

struct parse_outcome parse_path(struct slice window, bool whole, json_t *object)
{
    struct smtp_path path;
    (void)whole;
    struct parse_outcome out = {.result = smtp_path_parse(window, &path)};
    if (out.result.status == PARSE_ERROR)
        out.error = smtp_command_error_text(SMTP_COMMAND_PATH_ERROR(out.result.error));
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = path.quirks;
    put_path(object, &path);
    return out;
}

struct parse_outcome parse_params(struct slice window, bool whole, json_t *object)
{
    (void)whole;
    struct parse_outcome out = {.result = parse_ok(window.len)};
    struct slice rest = window;
    for (struct smtp_param param; smtp_param_next(&rest, &param);)
        out.quirks |= param.quirks;
    put(object, "parameters", params_of(window));
    return out;
}
