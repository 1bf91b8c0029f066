/* parse address: the body of a From, To or Cc field. */
#include <stdlib.h>

#include "cli/parse/parse.h"
#include "imf/address.h"
#include "imf/diagnosis.h"
#include "imf/encoded_word.h"
#include "imf/quirk.h"

typedef void write_address(const struct imf_address *address, struct writer *out);

/* What `write` writes of an address, and never more than it has octets. */
static struct slice written_by(write_address *write, const struct imf_address *address)
{
    uint8_t *octets = malloc(address->raw.len + 1);
    if (octets == NULL)
        abort();
    struct writer out = writer_of(octets, address->raw.len + 1);
    write(address, &out);
    return writer_slice(&out);
}

static void free_written(struct slice written)
{
    free((void *)(uintptr_t)written.ptr);
}

static void put_part(json_t *object, const char *name, struct slice part,
                     void (*write)(struct slice part, struct writer *out))
{
    put(object, name, part.len > 0 ? text_written(part, write) : json_null());
}

static void put_diagnosis(json_t *object, struct slice addr_spec)
{
    struct imf_diagnosis diagnosis = imf_diagnose(addr_spec, false);
    const struct imf_finding_entry *entry = imf_finding_entry(diagnosis.worst);
    json_t *members = json_object();
    put_word(members, "name", entry->name);
    put_word(members, "is_email", entry->is_email);
    put_word(members, "category", entry->category);
    put_word(members, "section", entry->section);
    put_number(members, "offset", diagnosis.offset);
    put(object, "diagnosis", members);
}

static json_t *addr_spec_of(const struct imf_address *address)
{
    struct slice written = written_by(imf_address_write_addr_spec, address);
    json_t *text = written.len > 0 ? text_of(written) : json_null();
    free_written(written);
    return text;
}

/* As people read it. */
static json_t *name_of(const struct imf_address *address, uint64_t *quirks)
{
    bool named = address->display_name.len > 0;
    struct slice written = written_by(imf_address_write_name, address);
    json_t *text = text_with_encoded_words(
        written, named ? IMF_ENCODED_IN_PHRASE : IMF_ENCODED_IN_COMMENT, NULL, quirks);
    if (imf_address_quotes_encoded_word(address, written))
        *quirks |= IMF_QUIRK_MISPLACED_ENCODED_WORD;
    free_written(written);
    return text;
}

static json_t *comment_of(const struct imf_address *address, uint64_t *quirks)
{
    if (address->comment.ptr == NULL)
        return json_null();
    struct slice written = written_by(imf_address_write_comments, address);
    json_t *text = text_with_encoded_words(written, IMF_ENCODED_IN_COMMENT, NULL, quirks);
    free_written(written);
    return text;
}

static json_t *entry_of(const struct imf_address *address, json_t *group, uint64_t *quirks)
{
    json_t *entry = json_object();
    bool named = address->display_name.len > 0 || address->comment.ptr != NULL;
    uint64_t own = address->quirks;
    put(entry, "group", json_incref(group));
    put(entry, "display_name", named ? name_of(address, &own) : json_null());
    put_part(entry, "local_part", address->local_part, imf_address_write_part);
    put_part(entry, "local_part_unquoted", address->local_part, imf_address_write_unquoted);
    put_part(entry, "domain", address->domain, imf_address_write_part);
    put(entry, "addr_spec", addr_spec_of(address));
    put_part(entry, "route", address->route, imf_address_write_part);
    put(entry, "comment", comment_of(address, &own));
    put_text(entry, "raw", address->raw);
    if (address->kind == IMF_ADDRESS_MAILBOX)
        put_diagnosis(entry, address->addr_spec);
    else
        put_word(entry, "diagnosis", NULL);
    put_quirks(entry, own, imf_quirk);
    *quirks |= own;
    return entry;
}

struct parse_outcome parse_address(struct slice window, bool whole, json_t *object)
{
    struct parse_outcome out = {.result = parse_ok(window.len)};
    struct imf_address_list list;
    struct imf_address address;
    json_t *groups = json_array(), *addresses = json_array(), *group = json_null();
    (void)whole;
    imf_address_begin(window, &list);
    while (imf_address_next(&list, &address)) {
        if (address.kind == IMF_ADDRESS_GROUP) {
            group = name_of(&address, &out.quirks);
            put_entry(groups, json_incref(group));
        } else if (address.kind == IMF_ADDRESS_GROUP_END) {
            json_decref(group);
            group = json_null();
        } else {
            put_entry(addresses, entry_of(&address, group, &out.quirks));
        }
    }
    json_decref(group);
    put(object, "groups", groups);
    put(object, "addresses", addresses);
    put_diagnosis(object, window);
    out.quirks |= list.quirks;
    return out;
}
