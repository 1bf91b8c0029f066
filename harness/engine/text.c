#include "engine/text.h"

#include <openssl/evp.h>

#include "smtp/ehlo.h"

#define MAX_DEPTH 8 /* ${b64:...} inside ${b64:...}; the loader allows no more */

bool engine_ehlo_find(const struct engine *e, struct slice keyword,
                      struct smtp_ehlo_keyword *ret_keyword)
{
    struct smtp_reply_parser parser = {.limits = {ENGINE_EHLO_OCTETS, ENGINE_EHLO_OCTETS}};
    struct smtp_reply reply;
    struct slice kept = slice_of(e->ehlo, e->ehlo_len);
    return kept.len > 0 && smtp_reply_parse(&parser, kept, &reply).status == PARSE_OK &&
           smtp_ehlo_find(&reply, keyword, ret_keyword);
}

static bool find_variable(const struct engine *e, struct slice name, struct slice *ret_value)
{
    for (size_t i = e->capture_count; i-- > 0;) {
        if (slice_equal(e->captures[i].name, name)) {
            *ret_value = e->captures[i].value;
            return true;
        }
    }
    for (size_t i = e->config.variable_count; i-- > 0;) {
        if (slice_equal(e->config.variables[i].name, name)) {
            *ret_value = e->config.variables[i].value;
            return true;
        }
    }
    if (slice_starts(name, SLICE("ehlo."))) {
        struct smtp_ehlo_keyword keyword;
        if (!engine_ehlo_find(e, slice_from(name, 5), &keyword))
            return false;
        *ret_value = keyword.params;
        return true;
    }
    return false;
}

static void put(struct text_window *out, struct slice octets)
{
    size_t skipped = out->skip > out->total ? out->skip - out->total : 0;
    out->total += octets.len;
    if (skipped >= octets.len)
        return;
    octets = slice_from(octets, skipped);
    size_t take = octets.len < out->room - out->len ? octets.len : out->room - out->len;
    if (take > 0)
        memcpy(out->ptr + out->len, octets.ptr, take);
    out->len += take;
}

static bool put_text(const struct engine *e, struct script_text text, struct text_window *out,
                     unsigned depth);

/* RFC 4648 4. What is encoded is short: credentials, challenges. */
static bool put_base64(const struct engine *e, struct script_text of, struct text_window *out,
                       unsigned depth)
{
    uint8_t plain[1536], encoded[sizeof plain / 3 * 4 + 1];
    struct text_window inner = {.ptr = plain, .room = sizeof plain};
    if (depth == MAX_DEPTH || !put_text(e, of, &inner, depth + 1) || inner.total > sizeof plain)
        return false;
    int len = EVP_EncodeBlock(encoded, plain, (int)inner.len);
    put(out, slice_of(encoded, (size_t)len));
    return true;
}

static bool put_text(const struct engine *e, struct script_text text, struct text_window *out,
                     unsigned depth)
{
    for (size_t i = 0; i < text.count; i++) {
        const struct script_part *part = &text.parts[i];
        struct slice value = part->text;
        if (part->kind == SCRIPT_PART_BASE64) {
            if (!put_base64(e, *part->of, out, depth))
                return false;
            continue;
        }
        if (part->kind == SCRIPT_PART_VARIABLE && !find_variable(e, part->text, &value)) {
            if (!part->has_fallback)
                return false;
            value = part->fallback;
        }
        put(out, value);
    }
    return true;
}

bool engine_text_put(const struct engine *e, struct script_text text, struct text_window *out)
{
    return put_text(e, text, out, 0);
}

bool engine_text_missing(const struct engine *e, struct script_text text, struct slice *ret_name)
{
    for (size_t i = 0; i < text.count; i++) {
        const struct script_part *part = &text.parts[i];
        struct slice value;
        if (part->kind == SCRIPT_PART_BASE64 && engine_text_missing(e, *part->of, ret_name))
            return true;
        if (part->kind != SCRIPT_PART_VARIABLE || part->has_fallback ||
            find_variable(e, part->text, &value))
            continue;
        *ret_name = part->text;
        return true;
    }
    return false;
}
