/* The parameters of MAIL and RCPT (RFC 5321 4.1.1.11): smtp/value.h says what they may be, this
 * what they ask of the server. Each is checked before anything changes. */
#include "server/session.h"
#include "smtp/param.h"
#include "smtp/quirk.h"
#include "smtp/value.h"

static const struct refusal fine = {0, "", ""};
static const struct refusal not_known = {555, "5.5.4", "Parameter not known or not offered"};
static const struct refusal not_valid = {501, "5.5.4", "Not a value for this parameter"};

/* ---- what each asks for ---- */

/* RFC 1870 6.1 */
static struct refusal check_size(struct server *s, const struct smtp_value *value,
                                 struct transaction *mail)
{
    uint64_t max = s->config.max_message_octets;
    mail->size = value->octets;
    /* What a 32-bit number makes of it; what does not fit 64 bits is read as the most that does. */
    uint32_t wrapped = value->octets == UINT64_MAX ? 1 : (uint32_t)value->octets;
    if (fault(s, FAULT_SIZE_WRAPS))
        return wrapped > max ? (struct refusal){552, "5.3.4", "Too large"} : fine;
    if (value->octets == max && fault(s, FAULT_SIZE_AT_LIMIT))
        return (struct refusal){552, "5.3.4", "Larger than the limit"};
    if (value->octets > max && !fault(s, FAULT_SIZE_IGNORED))
        return (struct refusal){fault(s, FAULT_SIZE_CODE) ? 550 : 552, "5.3.4",
                                "Larger than the limit"};
    return fine;
}

/* RFC 6152 2, RFC 3030 3 */
static struct refusal check_body(struct server *s, const struct smtp_value *value,
                                 struct transaction *mail)
{
    mail->binary = value->body == SMTP_BODY_BINARYMIME;
    if (mail->binary && !extension_offered(s, SERVER_BINARYMIME))
        return not_valid;
    if ((value->body == SMTP_BODY_7BIT && fault(s, FAULT_BODY_7BIT)) ||
        (value->body == SMTP_BODY_8BITMIME && fault(s, FAULT_BODY_8BITMIME)) ||
        (mail->binary && fault(s, FAULT_BODY_BINARYMIME)))
        return not_valid;
    return fine;
}

static struct refusal check_utf8(struct server *s, const struct smtp_value *value,
                                 struct transaction *mail)
{
    (void)s;
    (void)value;
    mail->utf8 = true;
    return fine;
}

/* RFC 2852 3, 4: with R the time is above 0 (smtp/value.h) and not below the least one */
static struct refusal check_by(struct server *s, const struct smtp_value *value,
                               struct transaction *mail)
{
    (void)mail;
    if (value->by.trace && fault(s, FAULT_BY_TRACE))
        return not_valid;
    if (!value->by.returned && value->by.seconds < 0 && fault(s, FAULT_BY_NEGATIVE))
        return not_valid;
    if (value->by.returned && value->by.seconds < EXTENSION_MIN_BY && !fault(s, FAULT_BY_BELOW))
        return (struct refusal){555, "5.5.4", "Below the least by-time"};
    return fine;
}

/* RFC 4865 4.2: one of the two, and no longer than announced */
static struct refusal check_hold_until(struct server *s, int64_t seconds, struct transaction *mail)
{
    bool twice = mail->held && !fault(s, FAULT_HOLD_TWICE);
    bool over = seconds > EXTENSION_HOLD_SECONDS && !fault(s, FAULT_HOLD_OVER);
    bool past = seconds < 0 && !fault(s, FAULT_HOLD_PAST);
    mail->held = true;
    if (twice || over || past)
        return (struct refusal){501, "5.5.4", "No such hold"};
    return fine;
}

static struct refusal check_holdfor(struct server *s, const struct smtp_value *value,
                                    struct transaction *mail)
{
    return check_hold_until(s, value->seconds, mail);
}

static struct refusal check_holduntil(struct server *s, const struct smtp_value *value,
                                      struct transaction *mail)
{
    int64_t until = trace_read_timestamp(value->time.date_time);
    return check_hold_until(s, until - session_time(s) / 1000, mail);
}

/* RFC 6710 4.1: what a stranger asks above 0 is lowered, and the reply says so */
static struct refusal check_priority(struct server *s, const struct smtp_value *value,
                                     struct transaction *mail)
{
    mail->lowered = value->priority > 0 && !s->authenticated && !fault(s, FAULT_PRIORITY_UNTRUSTED);
    return value->priority < 0 && fault(s, FAULT_PRIORITY_NEGATIVE) ? not_valid : fine;
}

/* RFC 4954 5 */
static struct refusal check_auth(struct server *s, const struct smtp_value *value,
                                 struct transaction *mail)
{
    (void)mail;
    bool null = slice_equal(value->text, SLICE("<>"));
    return fault(s, null ? FAULT_AUTH_PARAMETER_NULL : FAULT_AUTH_PARAMETER_XTEXT) ? not_valid
                                                                                   : fine;
}

/* RFC 3461 4.3, 4.4 */
static struct refusal check_ret(struct server *s, const struct smtp_value *value,
                                struct transaction *mail)
{
    (void)mail;
    return value->ret == SMTP_RET_HDRS && fault(s, FAULT_RET_HDRS) ? not_valid : fine;
}

static struct refusal check_envid(struct server *s, const struct smtp_value *value,
                                  struct transaction *mail)
{
    (void)mail;
    return value->text.len > 40 && fault(s, FAULT_ENVID_SHORT) ? not_valid : fine;
}

/* RFC 3461 4.1, 4.2 */
static struct refusal check_notify(struct server *s, const struct smtp_value *value,
                                   struct transaction *mail)
{
    (void)mail;
    return value->notify != SMTP_NOTIFY_NEVER && fault(s, FAULT_NOTIFY_LIST) ? not_valid : fine;
}

static struct refusal check_orcpt(struct server *s, const struct smtp_value *value,
                                  struct transaction *mail)
{
    (void)mail;
    bool utf8 = slice_equal_nocase(value->address.type, SLICE("utf-8"));
    if (value->address.encoded.len > 100 && fault(s, FAULT_ORCPT_SHORT))
        return not_valid;
    return utf8 && fault(s, FAULT_ORCPT_UTF8) ? not_valid : fine;
}

/* RFC 7293 3.1, 5.1: every mailbox of this server is of 2000, and role accounts have no owner.
 * date-time is without fractions there. */
static struct refusal check_rrvs(struct server *s, const struct smtp_value *value,
                                 struct transaction *mail)
{
    static const int64_t since = 946684800;
    (void)mail;
    struct slice time = value->time.date_time;
    if (slice_find(time, '.') < time.len && !fault(s, FAULT_RRVS_FRACTION))
        return not_valid;
    if (value->time.action != 0 && fault(s, FAULT_RRVS_ACTION))
        return not_valid;
    if (trace_read_timestamp(time) < since && !fault(s, FAULT_RRVS_IGNORED))
        return (struct refusal){550, "5.7.17", "The mailbox has changed hands"};
    return fault(s, FAULT_RRVS_REFUSED)
               ? (struct refusal){550, "5.7.17", "The mailbox has changed hands"}
               : fine;
}

static struct refusal check_nothing(struct server *s, const struct smtp_value *value,
                                    struct transaction *mail)
{
    (void)s;
    (void)value;
    (void)mail;
    return fine;
}

/* ---- the table ---- */

/* `any` takes a value outside the syntax; `refused` does not take the parameter at all, though its
 * extension is announced. */
static const struct row {
    const char *keyword;
    enum server_extension extension;
    struct refusal (*check)(struct server *s, const struct smtp_value *value,
                            struct transaction *mail);
    enum fault any, refused;
} rows[] = {
    {"SIZE", SERVER_SIZE, check_size, FAULT_SIZE_ANY, FAULT_SIZE_REFUSED},
    {"BODY", SERVER_8BITMIME, check_body, FAULT_BODY_ANY, FAULT_COUNT},
    {"SMTPUTF8", SERVER_SMTPUTF8, check_utf8, FAULT_SMTPUTF8_VALUE, FAULT_SMTPUTF8_REFUSED},
    {"AUTH", SERVER_AUTH, check_auth, FAULT_AUTH_PARAMETER_ANY, FAULT_COUNT},
    {"RET", SERVER_DSN, check_ret, FAULT_RET_ANY, FAULT_RET_REFUSED},
    {"ENVID", SERVER_DSN, check_envid, FAULT_ENVID_ANY, FAULT_ENVID_REFUSED},
    {"NOTIFY", SERVER_DSN, check_notify, FAULT_NOTIFY_ANY, FAULT_NOTIFY_REFUSED},
    {"ORCPT", SERVER_DSN, check_orcpt, FAULT_ORCPT_ANY, FAULT_ORCPT_REFUSED},
    {"BY", SERVER_DELIVERBY, check_by, FAULT_BY_ANY, FAULT_BY_REFUSED},
    {"HOLDFOR", SERVER_FUTURERELEASE, check_holdfor, FAULT_HOLDFOR_ANY, FAULT_HOLDFOR_REFUSED},
    {"HOLDUNTIL", SERVER_FUTURERELEASE, check_holduntil, FAULT_HOLDUNTIL_ANY,
     FAULT_HOLDUNTIL_REFUSED},
    {"MT-PRIORITY", SERVER_MT_PRIORITY, check_priority, FAULT_PRIORITY_ANY, FAULT_PRIORITY_REFUSED},
    {"RRVS", SERVER_RRVS, check_rrvs, FAULT_RRVS_ANY, FAULT_COUNT},
    {"REQUIRETLS", SERVER_REQUIRETLS, check_nothing, FAULT_REQUIRETLS_VALUE,
     FAULT_REQUIRETLS_REFUSED},
};

static const struct row *row_of(const struct server *s, struct slice keyword)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice name = slice_of_cstr(rows[i].keyword);
        if (fault(s, FAULT_PARAMETER_CASE) ? slice_equal(name, keyword)
                                           : slice_equal_nocase(name, keyword))
            return &rows[i];
    }
    return NULL;
}

/* Words that RFC 6152 2 and RFC 3461 4.1, 4.3 read in any case. */
static bool is_lower_case_word(const struct server *s, const struct smtp_param *param)
{
    bool word = slice_equal_nocase(param->keyword, SLICE("BODY"))     ? fault(s, FAULT_BODY_CASE)
                : slice_equal_nocase(param->keyword, SLICE("NOTIFY")) ? fault(s, FAULT_NOTIFY_CASE)
                : slice_equal_nocase(param->keyword, SLICE("RET"))    ? fault(s, FAULT_RET_CASE)
                                                                      : false;
    for (size_t i = 0; word && i < param->value.len; i++)
        if (slice_upper(param->value.ptr[i]) != param->value.ptr[i])
            return true;
    return false;
}

static struct refusal check_value(struct server *s, const struct row *row,
                                  const struct smtp_param *param, struct transaction *mail)
{
    struct smtp_value value = {.type = SMTP_VALUE_NONE};
    const struct smtp_value_rule *rule = smtp_value_rule(param->keyword);
    if (fault(s, row->refused))
        return not_known;
    if (!smtp_value_read(rule, param->value, param->has_value, &value))
        return fault(s, row->any) ? fine : not_valid;
    if (is_lower_case_word(s, param) ||
        (fault(s, FAULT_XTEXT_CASE) && value.quirks & SMTP_QUIRK_LOWER_CASE_XTEXT))
        return not_valid;
    return row->check(s, &value, mail);
}

/* RFC 7293 5.1: role accounts are exempt. */
static bool is_exempt(const struct server *s, const struct row *row,
                      const struct smtp_command *command)
{
    return row->extension == SERVER_RRVS && mail_is_postmaster(command->path.local_part) &&
           !fault(s, FAULT_RRVS_ROLE);
}

static struct refusal check_one(struct server *s, const struct smtp_command *command,
                                const struct smtp_param *param, struct transaction *mail)
{
    unsigned on = command->verb == SMTP_VERB_MAIL ? SMTP_ON_MAIL : SMTP_ON_RCPT;
    const struct row *row = row_of(s, param->keyword);
    const struct smtp_value_rule *rule = smtp_value_rule(param->keyword);
    bool used = row != NULL && row->extension == SERVER_AUTH && s->authenticated;
    bool offered =
        row != NULL && ((s->extended && (used || extension_offered(s, row->extension))) ||
                        fault(s, FAULT_UNANNOUNCED_PARAMETER));
    bool placed = rule != NULL && (rule->commands & on) != 0;
    if (param->quirks & SMTP_QUIRK_INVALID_PARAMETER)
        return fault(s, FAULT_BAD_PARAMETER) ? fine : not_valid;
    if (!offered || !placed) {
        enum fault any =
            on == SMTP_ON_MAIL ? FAULT_UNKNOWN_PARAMETER : FAULT_UNKNOWN_RCPT_PARAMETER;
        struct refusal refusal = not_known;
        refusal.code = fault(s, FAULT_PARAMETER_CODE) ? 550 : 555;
        return fault(s, any) ? fine : refusal;
    }
    return is_exempt(s, row, command) ? fine : check_value(s, row, param, mail);
}

struct refusal parameter_check(struct server *s, const struct smtp_command *command,
                               struct transaction *mail)
{
    struct slice rest = command->params;
    if (command->quirks & SMTP_QUIRK_DUPLICATE_PARAMETER && !fault(s, FAULT_DUPLICATE_PARAMETER))
        return (struct refusal){501, "5.5.4", "The same parameter twice"};
    for (struct smtp_param param; smtp_param_next(&rest, &param);) {
        struct refusal refusal = check_one(s, command, &param, mail);
        if (refusal.code != 0)
            return refusal;
    }
    return fine;
}
