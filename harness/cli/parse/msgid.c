/* parse msgid: the body of Message-ID, In-Reply-To or References. */
#include "imf/msgid.h"
#include "cli/parse/parse.h"
#include "imf/quirk.h"

static void write_id(struct slice raw, struct writer *out)
{
    struct imf_msgid_list list;
    struct imf_msgid id;
    imf_msgid_begin(raw, &list);
    if (imf_msgid_next(&list, &id))
        imf_msgid_write(&id, out);
}

static json_t *id_of(const struct imf_msgid *id)
{
    json_t *object = json_object();
    put_text(object, "raw", id->raw);
    put_text(object, "id_left", id->left);
    put(object, "id_right", id->right.len > 0 ? text_of(id->right) : json_null());
    bool written = (id->quirks & (IMF_QUIRK_INVALID_ID | IMF_QUIRK_NO_ID_BRACKETS |
                                  IMF_QUIRK_UNPAIRED_ANGLE)) == 0;
    put(object, "canonical", written ? text_written(id->raw, write_id) : json_null());
    put_quirks(object, id->quirks, imf_quirk);
    return object;
}

struct parse_outcome parse_msgid(struct slice window, bool whole, json_t *object)
{
    struct imf_msgid_list list;
    struct imf_msgid id;
    if (!whole)
        return (struct parse_outcome){.result = parse_more()};
    json_t *ids = json_array();
    imf_msgid_begin(window, &list);
    while (imf_msgid_next(&list, &id))
        put_entry(ids, id_of(&id));
    bool none = json_array_size(ids) == 0;
    put(object, "msg_ids", ids);
    if (none)
        return (struct parse_outcome){.result = parse_error(1, window.len),
                                      .error = "no msg-id stands there"};
    return (struct parse_outcome){.result = parse_ok(window.len), .quirks = list.quirks};
}
