/* XCLIENT (Postfix, XCLIENT_README): a proxy says for whom it speaks, and the session begins anew.
 */
#include "server/session.h"
#include "smtp/param.h"
#include "smtp/quirk.h"
#include "smtp/value.h"

/* What the attributes say of the client. */
struct client {
    bool has_address, has_login;
    struct slice address; /* as written; empty: unknown */
};

bool xclient_allowed(const struct server *s)
{
    return s->config.xclient && !s->proxied;
}

/* attribute-value = xtext, or one of two words for what is not known. */
static bool is_known(struct slice value)
{
    return !slice_equal_nocase(value, SLICE("[UNAVAILABLE]")) &&
           !slice_equal_nocase(value, SLICE("[TEMPUNAVAIL]"));
}

/* False where there is no such attribute, or its value is none. */
static bool take_attribute(struct client *client, const struct smtp_param *param, bool any_value)
{
    struct smtp_value value;
    const struct smtp_value_rule *rule = smtp_value_rule(param->keyword);
    if (rule == NULL || (rule->commands & SMTP_ON_XCLIENT) == 0)
        return false;
    if (!any_value && ((param->quirks & SMTP_QUIRK_INVALID_PARAMETER) != 0 ||
                       !smtp_value_read(rule, param->value, param->has_value, &value)))
        return false;
    if (slice_equal_nocase(param->keyword, SLICE("ADDR"))) {
        client->has_address = true;
        client->address = is_known(param->value) ? param->value : SLICE("");
    }
    if (slice_equal_nocase(param->keyword, SLICE("LOGIN")))
        client->has_login = is_known(param->value);
    return true;
}

/* False where there is none, or one of them is wrong: then nothing changes. */
static bool take_attributes(const struct server *s, const struct smtp_command *command,
                            struct client *ret_client)
{
    struct client client = {false, false, SLICE_INIT("")};
    struct slice params = command->params;
    struct smtp_param param;
    size_t count = 0;
    for (; smtp_param_next(&params, &param); count++)
        if (!take_attribute(&client, &param, fault(s, FAULT_XCLIENT_ANY_VALUE)))
            return false;
    *ret_client = client;
    return count > 0 && (command->quirks & SMTP_QUIRK_DUPLICATE_PARAMETER) == 0;
}

static struct refusal check_xclient(const struct server *s, const struct smtp_command *command,
                                    struct client *ret_client)
{
    if (!xclient_allowed(s) && !fault(s, FAULT_XCLIENT_ANYONE))
        return (struct refusal){550, "5.7.0", "Not of this client"};
    if (s->mail.open && !fault(s, FAULT_XCLIENT_IN_MAIL))
        return (struct refusal){503, "5.5.1", "Not inside a transaction"};
    if (!take_attributes(s, command, ret_client))
        return (struct refusal){501, "5.5.4", "No such attributes"};
    return (struct refusal){0, "", ""};
}

/* The address literal for Received: of "192.0.2.1", or of "IPV6:2001:db8::1". */
static void take_address(struct server *s, struct slice address)
{
    struct slice ipv6 = SLICE("IPV6:");
    bool six = slice_starts_nocase(address, ipv6);
    struct writer w = writer_of(s->peer, sizeof s->peer);
    if (address.len > 0) {
        writer_put(&w, six ? SLICE("[IPv6:") : SLICE("["));
        writer_put(&w, slice_from(address, six ? ipv6.len : 0));
        writer_put(&w, SLICE("]"));
    }
    s->config.peer = writer_slice(&w);
}

void xclient_take(struct server *s, const struct smtp_command *command)
{
    struct client client;
    struct refusal refusal = check_xclient(s, command, &client);
    if (refusal.code != 0) {
        session_refuse(s, refusal);
        return;
    }
    session_reset(s);
    s->transactions = 0;
    if (!fault(s, FAULT_XCLIENT_KEEPS_EHLO))
        s->greeted = s->extended = false;
    if (!fault(s, FAULT_XCLIENT_KEEPS_AUTH))
        s->authenticated = client.has_login;
    if (client.has_address && !fault(s, FAULT_XCLIENT_IGNORED)) {
        take_address(s, client.address);
        s->proxied = true; /* who is another client has not that one's rights */
    }
    session_greet(s);
}
