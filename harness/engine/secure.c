#include "engine/secure.h"

#include "engine/judge.h"
#include "engine/need.h"
#include "engine/text.h"

bool secure_missing(const struct engine *e, const struct script_tls *tls, struct slice *ret_name)
{
    for (size_t i = 0; i < tls->later_count; i++)
        if (engine_text_missing(e, tls->later[i].text, ret_name))
            return true;
    return false;
}

/* "min=1.9: no TLS version: ...", at the line of %tls */
static void finish(struct engine *e, struct slice name, struct slice value, size_t offset,
                   const char *mistake)
{
    uint8_t text[256];
    struct writer w = writer_of(text, sizeof text);
    if (name.len > 0) {
        writer_put(&w, name);
        writer_put_octet(&w, '=');
        writer_put(&w, slice_sub(value, 0, value.len < 100 ? value.len : 100));
        writer_put(&w, SLICE(": "));
    }
    writer_put(&w, slice_of_cstr(mistake));
    e->wait = WAIT_TLS;
    e->value_offset = offset;
    judge_finish(e, ENGINE_ERROR, ENGINE_FAULT_VALUE, writer_slice(&w));
}

const struct script_tls *secure_settings(struct engine *e, const struct script_tls *tls)
{
    struct slice missing;
    size_t used = 0;
    if (tls->later_count == 0)
        return tls;
    if (secure_missing(e, tls, &missing)) {
        need_value(e, missing);
        return NULL;
    }
    e->tls_made = *tls;
    for (size_t i = 0; i < tls->later_count; i++) {
        const struct script_tls_value *later = &tls->later[i];
        struct text_window window = {.ptr = e->tls_octets + used, .room = SCRIPT_TLS_OCTETS + 1};
        engine_text_put(e, later->text, &window); /* what does not fit is one octet too long */
        struct slice value = slice_of(window.ptr, window.len);
        const char *mistake = script_tls_take(&e->tls_made, later->name, value);
        if (mistake != NULL) {
            finish(e, script_tls_names[later->name], value, later->offset, mistake);
            return NULL;
        }
        used += window.len;
    }
    const char *mistake = script_tls_mistake(&e->tls_made);
    if (mistake == NULL)
        return &e->tls_made;
    finish(e, SLICE(""), SLICE(""), 0, mistake);
    return NULL;
}
