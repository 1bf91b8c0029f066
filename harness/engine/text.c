#include "engine/text.h"

#include "base/octet.h"
#include "smtp/ehlo.h"

#define MAX_DEPTH                                                                                  \
    12 /* texts in each other: the loader allows 8, and a value or a chunk around it */
#define MAX_OCTETS ((size_t)64 << 20) /* that ${n*text} makes */

/* ---- variables ---- */

bool engine_ehlo_find(const struct engine *e, struct slice keyword,
                      struct smtp_ehlo_keyword *ret_keyword)
{
    struct smtp_reply_parser parser = {.limits = {ENGINE_EHLO_OCTETS, ENGINE_EHLO_OCTETS}};
    struct smtp_reply reply;
    struct slice kept = slice_of(e->ehlo, e->ehlo_len);
    return kept.len > 0 && smtp_reply_parse(&parser, kept, &reply).status == PARSE_OK &&
           smtp_ehlo_find(&reply, keyword, ret_keyword);
}

static struct slice take_word(struct slice *rest)
{
    while (rest->len > 0 && octet_is(rest->ptr[0], OCTET_WSP))
        *rest = slice_from(*rest, 1);
    struct slice word = slice_sub(*rest, 0, slice_find(*rest, ' '));
    *rest = slice_from(*rest, word.len);
    return word;
}

/* "1": the first parameter; "RCPTMAX": what follows "RCPTMAX=" in one of them (RFC 9422 3). */
static bool find_param(struct slice params, struct slice which, struct slice *ret_value)
{
    uint64_t wanted = 0;
    bool by_number = engine_number_of(which, &wanted);
    uint64_t number = 1;
    for (struct slice word; (word = take_word(&params)).len > 0; number++) {
        struct slice name = slice_sub(word, 0, slice_find(word, '='));
        bool found =
            by_number ? number == wanted : name.len < word.len && slice_equal_nocase(name, which);
        if (!found)
            continue;
        *ret_value = by_number ? word : slice_from(word, name.len + 1);
        return true;
    }
    return false;
}

static bool find_announced(const struct engine *e, struct slice name, struct slice *ret_value)
{
    struct smtp_ehlo_keyword keyword;
    size_t dot = slice_find(name, '.');
    if (!engine_ehlo_find(e, slice_sub(name, 0, dot), &keyword))
        return false;
    if (dot < name.len)
        return find_param(keyword.params, slice_from(name, dot + 1), ret_value);
    *ret_value = keyword.params;
    return true;
}

static bool find_variable(const struct engine *e, struct slice name, struct slice *ret_value)
{
    for (size_t i = e->capture_count; i-- > 0;) {
        if (slice_equal(e->captures[i].name, name)) {
            *ret_value = e->captures[i].value;
            return true;
        }
    }
    for (size_t i = 0; i < 2; i++) /* of %proxy: no script can name them so */
        if (slice_equal(name, i == 0 ? SLICE("connection client") : SLICE("connection server"))) {
            *ret_value = slice_of(e->ends[i].text, e->ends[i].len);
            return e->ends[i].len > 0;
        }
    if (e->token_len > 0 && slice_equal(name, SLICE("token"))) {
        *ret_value = slice_of(e->token, e->token_len);
        return true;
    }
    for (size_t i = e->config.variable_count; i-- > 0;) {
        if (slice_equal(e->config.variables[i].name, name)) {
            *ret_value = e->config.variables[i].value;
            return true;
        }
    }
    return slice_starts(name, SLICE("ehlo.")) && find_announced(e, slice_from(name, 5), ret_value);
}

/* The run's value of it; none where --set gave it another. */
static struct slice run_token(const struct engine *e)
{
    struct slice token = SLICE("");
    size_t count = 0;
    for (size_t i = 0; i < e->config.variable_count; i++) {
        if (slice_equal(e->config.variables[i].name, SLICE("token"))) {
            token = e->config.variables[i].value;
            count++;
        }
    }
    return count == 1 ? token : SLICE("");
}

void engine_token_make(struct engine *e)
{
    struct slice token = run_token(e);
    struct writer w = writer_of(e->token, sizeof e->token);
    uint8_t octets[41];
    struct writer place = writer_of(octets, sizeof octets);
    writer_put_number(&place, e->test->line);
    writer_put_octet(&place, '.');
    writer_put_number(&place, e->config.attempt);
    if (token.len == 0 || token.len + 17 > sizeof e->token)
        return;
    uint64_t value =
        slice_hash(slice_hash(SLICE_HASH, e->test->script->name), writer_slice(&place));
    writer_put(&w, token);
    writer_put_octet(&w, 'x');
    for (unsigned shift = 64; shift > 0; shift -= 4)
        writer_put_octet(&w, (uint8_t) "0123456789abcdef"[value >> (shift - 4) & 15]);
    e->token_len = w.len;
}

bool engine_token_in(const struct engine *e, struct slice text)
{
    struct slice token = slice_of(e->token, e->token_len);
    return token.len > 0 && slice_holds(text, token);
}

bool engine_has_variable(const struct engine *e, struct slice name)
{
    struct slice value;
    return find_variable(e, name, &value);
}

bool engine_claim_holds(const struct engine *e, const struct script_ehlo_claim *claim)
{
    struct smtp_ehlo_keyword keyword;
    struct slice first;
    uint64_t number = 0;
    bool there = engine_ehlo_find(e, claim->keyword, &keyword) &&
                 (claim->param.len == 0 || smtp_ehlo_has_param(&keyword, claim->param));
    if (there && claim->has_above)
        there = find_param(keyword.params, SLICE("1"), &first) &&
                engine_number_of(first, &number) && number > claim->above;
    return there == claim->present;
}

/* ---- windows ---- */

static size_t skipped_by(const struct text_window *out)
{
    return out->skip > out->total ? out->skip - out->total : 0;
}

static void put(struct text_window *out, struct slice octets)
{
    size_t skipped = skipped_by(out);
    out->total += octets.len;
    if (skipped >= octets.len)
        return;
    octets = slice_from(octets, skipped);
    size_t take = octets.len < out->room - out->len ? octets.len : out->room - out->len;
    if (take > 0)
        memcpy(out->ptr + out->len, octets.ptr, take);
    out->len += take;
}

/* The same octets again and again; what the window does not show costs nothing. */
static bool put_times(struct text_window *out, struct slice unit, uint64_t count)
{
    if (unit.len == 0 || count == 0)
        return true;
    if (count > MAX_OCTETS / unit.len)
        return false;
    size_t total = unit.len * (size_t)count, from = skipped_by(out);
    out->total += total;
    if (from >= total)
        return true;
    size_t room = out->room - out->len;
    size_t take = total - from < room ? total - from : room;
    if (take == 0)
        return true;
    uint8_t *to = out->ptr + out->len;
    size_t made = unit.len < take ? unit.len : take;
    for (size_t i = 0; i < made; i++)
        to[i] = unit.ptr[(from + i) % unit.len];
    for (size_t more; made < take; made += more) { /* what is there once more, as whole units */
        more = made < take - made ? made : take - made;
        memcpy(to + made, to, more);
    }
    out->len += take;
    return true;
}

/* ---- parts ---- */

static bool put_text(const struct engine *e, struct script_text text, struct text_window *out,
                     unsigned depth);

static size_t length_of(const struct engine *e, struct script_text text, unsigned depth)
{
    struct text_window window = {.skip = SIZE_MAX};
    put_text(e, text, &window, depth);
    return window.total;
}

/* A text that fits a buffer. */
static bool put_inside(const struct engine *e, const struct script_part *part, uint8_t *octets,
                       struct slice *ret_text, unsigned depth)
{
    struct text_window inner = {.ptr = octets, .room = TEXT_VALUE_OCTETS};
    bool fits = put_text(e, *part->of, &inner, depth) && inner.total <= TEXT_VALUE_OCTETS;
    *ret_text = slice_of(octets, inner.len);
    return fits;
}

static void put_number(struct text_window *out, uint64_t number)
{
    uint8_t digits[24];
    struct writer w = writer_of(digits, sizeof digits);
    writer_put_number(&w, number);
    put(out, writer_slice(&w));
}

static bool put_made(const struct engine *e, const struct script_part *part,
                     struct text_window *out, unsigned depth)
{
    uint8_t octets[TEXT_VALUE_OCTETS], made[TEXT_MADE_OCTETS];
    struct writer w = writer_of(made, sizeof made);
    struct slice text;
    uint64_t number;
    if (!put_inside(e, part, octets, &text, depth))
        return false;
    if (part->kind == SCRIPT_PART_TIMES)
        return put_times(out, text, part->count);
    bool right = part->kind == SCRIPT_PART_NUMBER
                     ? engine_number_of(text, &number) && value_of_number(part, number, &w)
                     : value_of_function(part->function, text, &w);
    put(out, writer_slice(&w));
    return right;
}

static bool put_variable(const struct engine *e, const struct script_part *part,
                         struct text_window *out)
{
    struct slice value = part->fallback;
    if (!find_variable(e, part->text, &value) && !part->has_fallback)
        return false;
    put(out, value);
    return true;
}

static void put_date(const struct engine *e, const struct script_part *part,
                     struct text_window *out)
{
    uint8_t octets[64];
    struct writer w = writer_of(octets, sizeof octets);
    value_of_date((int64_t)e->config.wall_s + part->offset_s, part->rfc3339, &w);
    put(out, writer_slice(&w));
}

/* How many chunks a text leaves in; one where it is empty. */
static uint64_t chunks_of(const struct script_part *part, size_t total)
{
    return part->count == 0 || total == 0 ? 1 : (total - 1) / part->count + 1;
}

/* RFC 3030 2: bdat-cmd = "BDAT" SP chunk-size [ SP "LAST" ] CRLF, then that many octets */
static bool put_chunk(const struct engine *e, const struct script_part *part,
                      struct text_window *out, unsigned depth)
{
    size_t total = length_of(e, *part->of, depth);
    uint64_t index = part->last ? chunks_of(part, total) - 1 : e->loops[part->depth].round - 1;
    size_t from = (size_t)(index * part->count);
    from = from < total ? from : total;
    size_t len = part->last || total - from < part->count ? total - from : (size_t)part->count;
    put(out, SLICE("BDAT "));
    put_number(out, len);
    put(out, part->ends ? SLICE(" LAST\r\n") : SLICE("\r\n"));
    size_t skipped = skipped_by(out), room = out->room - out->len;
    out->total += len;
    if (skipped >= len || room == 0)
        return true;
    struct text_window inner = {.skip = from + skipped,
                                .ptr = out->ptr + out->len,
                                .room = len - skipped < room ? len - skipped : room};
    bool right = put_text(e, *part->of, &inner, depth);
    out->len += inner.len;
    return right;
}

static bool put_part(const struct engine *e, const struct script_part *part,
                     struct text_window *out, unsigned depth)
{
    switch (part->kind) {
    case SCRIPT_PART_LITERAL:
        put(out, part->text);
        return true;
    case SCRIPT_PART_VARIABLE:
        return put_variable(e, part, out);
    case SCRIPT_PART_FUNCTION:
        if (part->function != SCRIPT_FUNCTION_LENGTH)
            return put_made(e, part, out, depth);
        put_number(out, length_of(e, *part->of, depth));
        return true;
    case SCRIPT_PART_TIMES:
    case SCRIPT_PART_NUMBER:
        return put_made(e, part, out, depth);
    case SCRIPT_PART_DATE:
        put_date(e, part, out);
        return true;
    case SCRIPT_PART_ROUND:
        put_number(out, e->loops[part->depth].round);
        return true;
    case SCRIPT_PART_CHUNK:
        return put_chunk(e, part, out, depth);
    case SCRIPT_PART_CHUNKS:
        put_number(out, chunks_of(part, length_of(e, *part->of, depth)) - 1);
        return true;
    }
    return false;
}

static bool put_text(const struct engine *e, struct script_text text, struct text_window *out,
                     unsigned depth)
{
    bool right = depth < MAX_DEPTH;
    for (size_t i = 0; right && i < text.count; i++)
        right = put_part(e, &text.parts[i], out, depth + 1);
    return right;
}

bool engine_text_put(const struct engine *e, struct script_text text, struct text_window *out)
{
    return put_text(e, text, out, 0);
}

/* ---- what is missing ---- */

static bool part_missing(const struct engine *e, const struct script_part *part,
                         struct slice *ret_name)
{
    struct text_window nothing = {.skip = SIZE_MAX};
    if (part->of != NULL && engine_text_missing(e, *part->of, ret_name))
        return true;
    if (put_part(e, part, &nothing, 0))
        return false;
    *ret_name = part->text.len > 0                        ? part->text
                : part->kind == SCRIPT_PART_NUMBER        ? SLICE("of a reckoning: no number")
                : part->function == SCRIPT_FUNCTION_PROXY ? SLICE("of %proxy: no address")
                                                          : SLICE("inside a function");
    return true;
}

bool engine_text_missing(const struct engine *e, struct script_text text, struct slice *ret_name)
{
    for (size_t i = 0; i < text.count; i++)
        if (text.parts[i].kind != SCRIPT_PART_LITERAL && part_missing(e, &text.parts[i], ret_name))
            return true;
    return false;
}
