/* The peers: GMime and libetpan, as Debian packages them. */
#include "bench.h"

#include <gmime/gmime.h>
#include <libetpan/libetpan.h>

void bench_peers_begin(void)
{
    g_mime_init();
}

/* ---- GMime ---- */

size_t bench_gmime_header(const struct bench_input *input)
{
    size_t fields = 0;
    for (size_t i = 0; i < input->count; i++) {
        GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)input->values[i].ptr,
                                                                input->values[i].len);
        GMimeParser *parser = g_mime_parser_new_with_stream(stream);
        GMimeObject *part = g_mime_parser_construct_part(parser, NULL);
        fields += (size_t)g_mime_header_list_get_count(g_mime_object_get_header_list(part));
        g_object_unref(part);
        g_object_unref(parser);
        g_object_unref(stream);
    }
    return fields;
}

size_t bench_gmime_message(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++) {
        GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)input->values[i].ptr,
                                                                input->values[i].len);
        GMimeParser *parser = g_mime_parser_new_with_stream(stream);
        GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
        found += (size_t)internet_address_list_length(g_mime_message_get_from(message));
        found += (size_t)internet_address_list_length(g_mime_message_get_to(message));
        found += g_mime_message_get_date(message) != NULL;
        found += g_mime_message_get_message_id(message) != NULL;
        g_object_unref(message);
        g_object_unref(parser);
        g_object_unref(stream);
    }
    return found;
}

/* GMime takes C strings: the copy is not what is measured, but what its caller pays. */
static const char *c_string(struct slice value)
{
    static char text[65536];
    size_t len = value.len < sizeof text ? value.len : sizeof text - 1;
    memcpy(text, value.ptr, len);
    text[len] = '\0';
    return text;
}

size_t bench_gmime_address(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++) {
        InternetAddressList *list = internet_address_list_parse(NULL, c_string(input->values[i]));
        if (list == NULL)
            continue;
        found += (size_t)internet_address_list_length(list);
        g_object_unref(list);
    }
    return found;
}

size_t bench_gmime_date(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++) {
        GDateTime *date = g_mime_utils_header_decode_date(c_string(input->values[i]));
        if (date == NULL)
            continue;
        found++;
        g_date_time_unref(date);
    }
    return found;
}

size_t bench_gmime_msgid(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++) {
        char *id = g_mime_utils_decode_message_id(c_string(input->values[i]));
        found += id != NULL;
        g_free(id);
    }
    return found;
}

/* ---- libetpan ---- */

size_t bench_etpan_header(const struct bench_input *input)
{
    size_t fields = 0;
    for (size_t i = 0; i < input->count; i++) {
        size_t at = 0;
        struct mailimf_fields *list;
        if (mailimf_optional_fields_parse((const char *)input->values[i].ptr, input->values[i].len,
                                          &at, &list) != MAILIMF_NO_ERROR)
            continue;
        fields += (size_t)clist_count(list->fld_list);
        mailimf_fields_free(list);
    }
    return fields;
}

size_t bench_etpan_message(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++) {
        size_t at = 0;
        struct mailimf_fields *list;
        if (mailimf_fields_parse((const char *)input->values[i].ptr, input->values[i].len, &at,
                                 &list) != MAILIMF_NO_ERROR)
            continue;
        found += (size_t)clist_count(list->fld_list);
        mailimf_fields_free(list);
    }
    return found;
}

size_t bench_etpan_address(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++) {
        size_t at = 0;
        struct mailimf_address_list *list;
        if (mailimf_address_list_parse((const char *)input->values[i].ptr, input->values[i].len,
                                       &at, &list) != MAILIMF_NO_ERROR)
            continue;
        found += (size_t)clist_count(list->ad_list);
        mailimf_address_list_free(list);
    }
    return found;
}

size_t bench_etpan_date(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++) {
        size_t at = 0;
        struct mailimf_date_time *date;
        if (mailimf_date_time_parse((const char *)input->values[i].ptr, input->values[i].len, &at,
                                    &date) != MAILIMF_NO_ERROR)
            continue;
        found++;
        mailimf_date_time_free(date);
    }
    return found;
}

size_t bench_etpan_msgid(const struct bench_input *input)
{
    size_t found = 0;
    for (size_t i = 0; i < input->count; i++) {
        size_t at = 0;
        char *id;
        if (mailimf_msg_id_parse((const char *)input->values[i].ptr, input->values[i].len, &at,
                                 &id) != MAILIMF_NO_ERROR)
            continue;
        found++;
        mailimf_msg_id_free(id);
    }
    return found;
}
