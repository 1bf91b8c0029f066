/*
 * peers: how GMime and libetpan read a value of a header. peers.py compares it with maildrill's
 * way.
 *
 * Lines of "KIND HEX" on standard input; for each a line {"gmime": ..., "libetpan": ...} on
 * standard output, null where the peer reads nothing:
 *
 *   address        [[group or null, name or null, addr-spec], ...]
 *   date           seconds since 1970
 *   msgid          ["a@b", ...]
 *   encoded-word   text
 *   content-type   [type/subtype, {attribute: value}]; libetpan: [subtype, ...]
 */
#include <gmime/gmime.h>
#include <jansson.h>
#include <libetpan/libetpan.h>
#include <stdlib.h>
#include <string.h>

/* Empty text says as little as none. */
static json_t *text_or_null(const char *text)
{
    json_t *string = text != NULL && *text != '\0' ? json_string(text) : NULL;
    return string != NULL ? string : json_null();
}

/* ---- GMime ---- */

static void gmime_addresses(InternetAddressList *list, const char *group, json_t *out)
{
    for (int i = 0; i < internet_address_list_length(list); i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);
        const char *name = internet_address_get_name(address);
        if (INTERNET_ADDRESS_IS_GROUP(address)) {
            gmime_addresses(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)),
                            name, out);
            continue;
        }
        const char *spec = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
        json_array_append_new(out, json_pack("[o, o, o]", text_or_null(group), text_or_null(name),
                                             text_or_null(spec)));
    }
}

static json_t *gmime_address(const char *text)
{
    InternetAddressList *list = internet_address_list_parse(NULL, text);
    json_t *out = json_array();
    if (list == NULL)
        return out;
    gmime_addresses(list, NULL, out);
    g_object_unref(list);
    return out;
}

static json_t *gmime_date(const char *text)
{
    GDateTime *date = g_mime_utils_header_decode_date(text);
    if (date == NULL)
        return json_null();
    json_t *seconds = json_integer(g_date_time_to_unix(date));
    g_date_time_unref(date);
    return seconds;
}

static json_t *gmime_msgid(const char *text)
{
    GMimeReferences *ids = g_mime_references_parse(NULL, text);
    json_t *out = json_array();
    for (int i = 0; i < g_mime_references_length(ids); i++)
        json_array_append_new(out, text_or_null(g_mime_references_get_message_id(ids, i)));
    g_mime_references_free(ids);
    return out;
}

static json_t *gmime_encoded_word(const char *text)
{
    char *decoded = g_mime_utils_header_decode_text(NULL, text);
    json_t *out = text_or_null(decoded);
    g_free(decoded);
    return out;
}

static json_t *gmime_content_type(const char *text)
{
    GMimeContentType *type = g_mime_content_type_parse(NULL, text);
    if (type == NULL)
        return json_null();
    GMimeParamList *list = g_mime_content_type_get_parameters(type);
    json_t *params = json_object();
    for (int i = 0; i < g_mime_param_list_length(list); i++) {
        GMimeParam *param = g_mime_param_list_get_parameter_at(list, i);
        char *name = g_ascii_strdown(g_mime_param_get_name(param), -1);
        json_object_set_new(params, name, text_or_null(g_mime_param_get_value(param)));
        g_free(name);
    }
    char *whole = g_mime_content_type_get_mime_type(type);
    json_t *out = json_pack("[o, o]", text_or_null(whole), params);
    g_free(whole);
    g_object_unref(type);
    return out;
}

/* ---- libetpan ---- */

/* Encoded words in a name or a text, as UTF-8. */
static json_t *etpan_text(const char *text)
{
    size_t at = 0;
    char *decoded = NULL;
    if (text == NULL || mailmime_encoded_phrase_parse("utf-8", text, strlen(text), &at, "utf-8",
                                                      &decoded) != MAILIMF_NO_ERROR)
        return text_or_null(text);
    json_t *out = text_or_null(decoded);
    free(decoded);
    return out;
}

static void etpan_mailbox(const struct mailimf_mailbox *box, const char *group, json_t *out)
{
    json_array_append_new(out, json_pack("[o, o, o]", etpan_text(group),
                                         etpan_text(box->mb_display_name),
                                         text_or_null(box->mb_addr_spec)));
}

static void etpan_group(const struct mailimf_group *group, json_t *out)
{
    if (group->grp_mb_list == NULL)
        return;
    for (clistiter *i = clist_begin(group->grp_mb_list->mb_list); i != NULL; i = clist_next(i))
        etpan_mailbox(clist_content(i), group->grp_display_name, out);
}

static json_t *etpan_address(const char *text, size_t len)
{
    size_t at = 0;
    struct mailimf_address_list *list;
    if (mailimf_address_list_parse(text, len, &at, &list) != MAILIMF_NO_ERROR)
        return json_array();
    json_t *out = json_array();
    for (clistiter *i = clist_begin(list->ad_list); i != NULL; i = clist_next(i)) {
        const struct mailimf_address *address = clist_content(i);
        if (address->ad_type == MAILIMF_ADDRESS_GROUP)
            etpan_group(address->ad_data.ad_group, out);
        else
            etpan_mailbox(address->ad_data.ad_mailbox, NULL, out);
    }
    mailimf_address_list_free(list);
    return out;
}

static json_t *etpan_date(const char *text, size_t len)
{
    size_t at = 0;
    struct mailimf_date_time *date;
    if (mailimf_date_time_parse(text, len, &at, &date) != MAILIMF_NO_ERROR)
        return json_null();
    GDateTime *time = g_date_time_new_utc(date->dt_year, date->dt_month, date->dt_day,
                                          date->dt_hour, date->dt_min, 0);
    int zone = (date->dt_zone / 100 * 60 + date->dt_zone % 100) * 60;
    json_t *out =
        time == NULL ? json_null() : json_integer(g_date_time_to_unix(time) + date->dt_sec - zone);
    if (time != NULL)
        g_date_time_unref(time);
    mailimf_date_time_free(date);
    return out;
}

static json_t *etpan_msgid(const char *text, size_t len)
{
    size_t at = 0;
    clist *ids;
    json_t *out = json_array();
    if (mailimf_msg_id_list_parse(text, len, &at, &ids) != MAILIMF_NO_ERROR)
        return out;
    for (clistiter *i = clist_begin(ids); i != NULL; i = clist_next(i)) {
        json_array_append_new(out, text_or_null(clist_content(i)));
        free(clist_content(i));
    }
    clist_free(ids);
    return out;
}

static json_t *etpan_content_type(const char *text, size_t len)
{
    size_t at = 0;
    struct mailmime_content *content;
    if (mailmime_content_parse(text, len, &at, &content) != MAILIMF_NO_ERROR)
        return json_null();
    json_t *params = json_object();
    for (clistiter *i = clist_begin(content->ct_parameters); i != NULL; i = clist_next(i)) {
        const struct mailmime_parameter *param = clist_content(i);
        char *name = g_ascii_strdown(param->pa_name, -1);
        json_object_set_new(params, name, text_or_null(param->pa_value));
        g_free(name);
    }
    json_t *out = json_pack("[o, o]", text_or_null(content->ct_subtype), params);
    mailmime_content_free(content);
    return out;
}

/* ---- both ---- */

static json_t *read_both(const char *kind, const char *text, size_t len)
{
    json_t *gmime = NULL, *etpan = NULL;
    if (strcmp(kind, "address") == 0) {
        gmime = gmime_address(text);
        etpan = etpan_address(text, len);
    } else if (strcmp(kind, "date") == 0) {
        gmime = gmime_date(text);
        etpan = etpan_date(text, len);
    } else if (strcmp(kind, "msgid") == 0) {
        gmime = gmime_msgid(text);
        etpan = etpan_msgid(text, len);
    } else if (strcmp(kind, "encoded-word") == 0) {
        gmime = gmime_encoded_word(text);
        etpan = etpan_text(text);
    } else if (strcmp(kind, "content-type") == 0) {
        gmime = gmime_content_type(text);
        etpan = etpan_content_type(text, len);
    } else {
        fprintf(stderr, "peers: there is no kind %s\n", kind);
        exit(2);
    }
    return json_pack("{s:o, s:o}", "gmime", gmime, "libetpan", etpan);
}

int main(void)
{
    char kind[32], *line = NULL;
    size_t room = 0;
    g_mime_init();
    while (getline(&line, &room, stdin) > 0) {
        int hex = 0;
        if (sscanf(line, "%31s %n", kind, &hex) != 1)
            return 2;
        size_t len = strspn(line + hex, "0123456789abcdef") / 2;
        char *text = malloc(len + 1);
        if (text == NULL)
            return 2;
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(g_ascii_xdigit_value(line[hex + 2 * (int)i]) << 4 |
                             g_ascii_xdigit_value(line[hex + 2 * (int)i + 1]));
        text[len] = '\0';
        json_t *both = read_both(kind, text, len);
        json_dumpf(both, stdout, JSON_COMPACT);
        printf("\n");
        json_decref(both);
        free(text);
    }
    free(line);
    return 0;
}
