#include "campaign/account.h"

static const struct {
    struct slice text, variable;
} stand_ins[ACCOUNT_PARTS] = {
    [ACCOUNT_USER] = {SLICE_INIT(ACCOUNT_USER_TEXT), SLICE_INIT("${b64:${user}}")},
    [ACCOUNT_PASS] = {SLICE_INIT(ACCOUNT_PASS_TEXT), SLICE_INIT("${b64:${pass}}")},
    [ACCOUNT_PLAIN] = {SLICE_INIT(ACCOUNT_PLAIN_TEXT), SLICE_INIT("${b64:\\0${user}\\0${pass}}")},
    [ACCOUNT_EMPTY] = {SLICE_INIT(ACCOUNT_EMPTY_TEXT), SLICE_INIT("${b64:\\0${user}\\0}")},
    [ACCOUNT_WRONG] = {SLICE_INIT(ACCOUNT_WRONG_TEXT),
                       SLICE_INIT("${b64:\\0${user}\\0" ACCOUNT_WRONG_PASS "}")},
    [ACCOUNT_CRAM] = {SLICE_INIT(ACCOUNT_CRAM_TEXT),
                      SLICE_INIT("${b64:${user} " ACCOUNT_DIGEST "}")},
};

/* The longest: one may begin as another does. */
static size_t part_at(const struct slice *texts, struct slice octets)
{
    size_t found = ACCOUNT_PARTS;
    for (size_t i = 0; i < ACCOUNT_PARTS; i++)
        if (texts[i].len > 0 && slice_starts(octets, texts[i]) &&
            (found == ACCOUNT_PARTS || texts[i].len > texts[found].len))
            found = i;
    return found;
}

static void replace(const struct slice *from, const struct slice *to, struct slice octets,
                    struct writer *out)
{
    while (octets.len > 0) {
        size_t part = part_at(from, octets);
        if (part == ACCOUNT_PARTS)
            writer_put_octet(out, octets.ptr[0]);
        else
            writer_put(out, to[part]);
        octets = slice_from(octets, part == ACCOUNT_PARTS ? 1 : from[part].len);
    }
}

static void texts_of(const struct account *account, struct slice texts[ACCOUNT_PARTS])
{
    for (size_t i = 0; i < ACCOUNT_PARTS; i++)
        texts[i] = account->parts[i].len > 0 ? stand_ins[i].text : account->parts[i];
}

void account_fill(const struct account *account, struct slice octets, struct writer *out)
{
    struct slice texts[ACCOUNT_PARTS];
    texts_of(account, texts);
    replace(texts, account->parts, octets, out);
}

void account_hide(const struct account *account, struct slice octets, struct writer *out)
{
    struct slice texts[ACCOUNT_PARTS];
    texts_of(account, texts);
    replace(account->parts, texts, octets, out);
}

struct slice account_variable(struct slice octets, size_t *ret_octets)
{
    struct slice texts[ACCOUNT_PARTS];
    for (size_t i = 0; i < ACCOUNT_PARTS; i++)
        texts[i] = stand_ins[i].text;
    size_t part = part_at(texts, octets);
    *ret_octets = part == ACCOUNT_PARTS ? 0 : texts[part].len;
    return part == ACCOUNT_PARTS ? slice_of(NULL, 0) : stand_ins[part].variable;
}

enum account_proof account_proof(struct slice response)
{
    static const struct {
        struct slice text;
        enum account_proof proof;
    } rows[] = {
        {SLICE_INIT(ACCOUNT_EMPTY_TEXT), ACCOUNT_NOTHING},
        {SLICE_INIT(ACCOUNT_NO_EMPTY_TEXT), ACCOUNT_NOTHING},
        {SLICE_INIT(ACCOUNT_WRONG_TEXT), ACCOUNT_FALSE},
        {SLICE_INIT(ACCOUNT_CRAM_TEXT), ACCOUNT_FALSE},
        {SLICE_INIT(ACCOUNT_NO_USER_TEXT), ACCOUNT_FALSE},
        {SLICE_INIT(ACCOUNT_NO_PASS_TEXT), ACCOUNT_FALSE},
        {SLICE_INIT(ACCOUNT_NO_PLAIN_TEXT), ACCOUNT_FALSE},
        {SLICE_INIT(ACCOUNT_NO_CRAM_TEXT), ACCOUNT_FALSE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (slice_equal(response, rows[i].text))
            return rows[i].proof;
    return ACCOUNT_MAYBE;
}
