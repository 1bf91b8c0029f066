/* json: octets and quirks as JSON values. */
#include <stdlib.h>

#include "cli/parse/parse.h"

/* Memory for a few values is there, or the program ends. */
static void *room_for(size_t octets)
{
    void *room = malloc(octets + 1);
    if (room == NULL)
        abort();
    return room;
}

void put(json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0)
        abort();
}

void put_entry(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        abort();
}

json_t *text_of(struct slice octets)
{
    static const char digits[] = "0123456789abcdef";
    json_t *string = json_stringn(octets.len == 0 ? "" : (const char *)octets.ptr, octets.len);
    if (string != NULL) /* jansson takes nothing but UTF-8 */
        return string;
    char *hex = room_for(2 * octets.len);
    for (size_t i = 0; i < octets.len; i++) {
        hex[2 * i] = digits[octets.ptr[i] >> 4];
        hex[2 * i + 1] = digits[octets.ptr[i] & 15];
    }
    json_t *object = json_object();
    put(object, "hex", json_stringn(hex, 2 * octets.len));
    free(hex);
    return object;
}

json_t *text_written(struct slice octets, void (*write)(struct slice octets, struct writer *out))
{
    struct writer out = writer_of(room_for(octets.len), octets.len);
    write(octets, &out);
    json_t *value = text_of(writer_slice(&out));
    free(out.ptr);
    return value;
}

void put_text(json_t *object, const char *name, struct slice value)
{
    put(object, name, text_of(value));
}

json_t *number_of(uint64_t value)
{
    return value <= INT64_MAX ? json_integer((json_int_t)value) : json_real((double)value);
}

void put_number(json_t *object, const char *name, uint64_t value)
{
    put(object, name, number_of(value));
}

void put_bool(json_t *object, const char *name, bool value)
{
    put(object, name, json_boolean(value));
}

void put_word(json_t *object, const char *name, const char *word)
{
    put(object, name, word == NULL ? json_null() : json_string(word));
}

void put_quirks(json_t *object, uint64_t quirks, const struct quirk *(*quirk_of)(unsigned))
{
    json_t *names = json_array();
    for (unsigned n = 0; quirks >> n != 0; n++) {
        const struct quirk *quirk = (quirks >> n & 1) != 0 ? quirk_of(n) : NULL;
        if (quirk != NULL)
            put_entry(names, json_string(quirk->name));
        if (n == 63)
            break;
    }
    put(object, "quirks", names);
}
