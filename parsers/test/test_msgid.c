#include "law.h"

#include <stdio.h>
#include <stdlib.h>

#include "imf/msgid.h"
#include "imf/quirk.h"

/* What is read, as text: left, "@", right, and the names of quirks; "; " between two ids. After " |
 * " the quirks of what stands between them. */
static const struct {
    const char *name;
    struct slice in;
    const char *ids;
} rows[] = {
    /* RFC 5322 3.6.4 and appendix A */
    {"one", SLICE_INIT("<1234@local.machine.example>"), "1234@local.machine.example"},
    {"white space around", SLICE_INIT(" <a@b>\r\n\t"), "a@b"},
    {"several, folded", SLICE_INIT(" <3456@example.net>\r\n <1234@local.machine.example>"),
     "3456@example.net; 1234@local.machine.example"},
    {"comments around", SLICE_INIT("(a) <a@b> (c (d)) <c@d>(e)"), "a@b; c@d"},
    {"atext", SLICE_INIT("<!#$%&'*+-/=?^_`{|}~.0@-.z>"), "!#$%&'*+-/=?^_`{|}~.0@-.z"},
    {"no-fold-literal", SLICE_INIT("<a@[192.0.2.1]>"), "a@[192.0.2.1]"},
    {"no space between", SLICE_INIT("<a@b><c@d>"), "a@b; c@d"},
    {"UTF-8 (RFC 6532)", SLICE_INIT("<\xC3\xA4@\xC3\xB6>"), "\\xc3\\xa4@\\xc3\\xb6 utf8"},
    {"longer than a scan",
     SLICE_INIT("<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.example>"),
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.example"},
    {"a line of white space, a control octet", SLICE_INIT("<a@b>\r\n \r\n (\x01) <c@d>"),
     "a@b; c@d | control empty-fold obs-text"},
    {"folded by LF, a bare CR", SLICE_INIT("<a@b>\n <c@d>\r"), "a@b; c@d | bare-lf bare-cr"},
    {"nothing", SLICE_INIT(" \r\n (a) "), ""},
    {"no octets", {NULL, 0}, ""},
    /* RFC 5322 4.5.4 */
    {"a quoted left side", SLICE_INIT("<\"a b\"@c>"), "\"a b\"@c obs-id"},
    {"a quoted at sign and bracket", SLICE_INIT("<\"a@>\"@c>"), "\"a@>\"@c obs-id"},
    {"comments and white space inside", SLICE_INIT("< a (b) . c @ d (e) >"),
     " a (b) . c @ d obs-id"},
    {"words before it", SLICE_INIT("Your message of \"12 May\" <a@b>"), "a@b | obs-id"},
    {"a phrase with an address", SLICE_INIT("bob@example.com of Tue <a@b>"), "a@b | obs-id"},
    {"a literal among words", SLICE_INIT("[<a@b>] <c@d>"), "c@d | obs-id"},
    {"white space in a literal", SLICE_INIT("<a@[1 2]>"), "a@[1 2] obs-id"},
    /* what is none */
    {"no at sign", SLICE_INIT("<abc>"), "abc@ invalid-id"},
    {"empty", SLICE_INIT("<>"), "@ invalid-id"},
    {"no left side", SLICE_INIT("<@b>"), "@b invalid-id"},
    {"no right side", SLICE_INIT("<a@>"), "a@ invalid-id"},
    {"two at signs", SLICE_INIT("<a@b@c>"), "a@b@c invalid-id"},
    {"dots", SLICE_INIT("<.a@b><a.@b><a..b@c><a@.b><a@b.><a@b..c>"),
     ".a@b invalid-id; a.@b invalid-id; a..b@c invalid-id; a@.b invalid-id; a@b. invalid-id; "
     "a@b..c invalid-id"},
    {"quotes on the right", SLICE_INIT("<a@\"b\">"), "a@\"b\" invalid-id"},
    {"a literal on the left", SLICE_INIT("<[a]@b>"), "[a]@b invalid-id"},
    {"a bracket in a literal", SLICE_INIT("<a@[[]>"), "a@[[] invalid-id"},
    {"a quoted-pair of it", SLICE_INIT("<a@[\\[]>"), "a@[\\[] obs-text"},
    {"a literal and more", SLICE_INIT("<a@[b]c>"), "a@[b]c invalid-id"},
    {"two words", SLICE_INIT("<a b@c>"), "a b@c invalid-id"},
    {"specials", SLICE_INIT("<a:b,c@d>"), "a:b,c@d invalid-id"},
    {"NUL and a control octet", SLICE_INIT("<a\0@b\x01>"), "a\\x00@b\\x01 nul control invalid-id"},
    /* brackets */
    {"no brackets", SLICE_INIT("a@b"), "a@b no-id-brackets"},
    {"no brackets, twice", SLICE_INIT("a@b, c@d.e"),
     "a@b no-id-brackets; c@d.e no-id-brackets | "
     "stray-separator"},
    {"words without an at sign", SLICE_INIT("hello world"), " | obs-id"},
    {"not closed", SLICE_INIT("<a@b"), "a@b unpaired-angle"},
    {"not closed, another follows", SLICE_INIT("<a@b <c@d>"), "a@b unpaired-angle; c@d"},
    {"not closed, words follow", SLICE_INIT("<a@b c d"), "a@b unpaired-angle | obs-id"},
    {"closed twice", SLICE_INIT("<a@b>>"), "a@b | obs-id"},
    {"in brackets twice", SLICE_INIT("<<a@b>> <<<c@d>"),
     "a@b unpaired-angle; c@d unpaired-angle | obs-id"},
    {"opened twice", SLICE_INIT("<<a@b>"), "a@b unpaired-angle"},
    {"commas", SLICE_INIT("<a@b>,<c@d>;"), "a@b; c@d | stray-separator"},
    {"a comment without end", SLICE_INIT("<a(b@c> <d@e>"),
     "a(b@c unclosed-comment invalid-id; d@e"},
    {"a quote without end", SLICE_INIT("<\"a@b> <c@d>"), "\"a@b unclosed-quote invalid-id; c@d"},
    {"a literal without end", SLICE_INIT("<a@[b> <c@d>"), "a@[b unclosed-literal invalid-id; c@d"},
};

static void put_octets(struct writer *out, struct slice octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        char hex[8];
        uint8_t octet = octets.ptr[i];
        bool plain = octet >= 32 && octet < 127;
        snprintf(hex, sizeof hex, plain ? "%c" : "\\x%02x", octet);
        writer_put(out, slice_of_cstr(hex));
    }
}

static void put_quirks(struct writer *out, uint64_t quirks)
{
    for (unsigned n = 0; n < 64; n++) {
        if ((quirks >> n & 1) == 0)
            continue;
        assert_non_null(imf_quirk(n));
        writer_put_octet(out, ' ');
        writer_put(out, slice_of_cstr(imf_quirk(n)->name));
    }
}

typedef bool next_id(struct imf_msgid_list *list, struct imf_msgid *ret_id);

static struct slice read_as_text(struct slice in, next_id *next, uint8_t *buffer, size_t size)
{
    struct writer out = writer_of(buffer, size);
    struct imf_msgid_list list;
    struct imf_msgid id;
    uint64_t quirks = 0;
    imf_msgid_begin(in, &list);
    for (size_t count = 0; next(&list, &id); count++) {
        writer_put(&out, count > 0 ? SLICE("; ") : SLICE(""));
        put_octets(&out, id.left);
        writer_put_octet(&out, '@');
        put_octets(&out, id.right);
        put_quirks(&out, id.quirks);
        quirks |= id.quirks;
        assert_true(id.raw.ptr >= in.ptr && id.raw.ptr + id.raw.len <= in.ptr + in.len);
    }
    assert_int_equal(list.quirks & quirks, quirks);
    if ((list.quirks & ~quirks) != 0) {
        writer_put(&out, SLICE(" |"));
        put_quirks(&out, list.quirks & ~quirks);
    }
    assert_false(out.overflow);
    return writer_slice(&out);
}

/* The short way reads what the grammar reads, at every prefix too. */
static struct parse_result read_both(struct slice in, void *context)
{
    static uint8_t buffers[2][1024];
    (void)context;
    assert_slice_equal(read_as_text(in, imf_msgid_next, buffers[0], sizeof buffers[0]),
                       read_as_text(in, imf_msgid_next_by_grammar, buffers[1], sizeof buffers[1]));
    return parse_ok(in.len);
}

static void test_rows(void **state)
{
    uint8_t buffer[1024];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice got = read_as_text(rows[i].in, imf_msgid_next, buffer, sizeof buffer);
        if (!slice_equal(got, slice_of_cstr(rows[i].ids)))
            fail_msg("%s: %.*s\nexpected: %s", rows[i].name, (int)got.len, (const char *)got.ptr,
                     rows[i].ids);
        law_check_whole(rows[i].name, read_both, NULL, rows[i].in, parse_ok(rows[i].in.len));
    }
}

static void test_write(void **state)
{
    static const struct {
        struct slice in;
        const char *written;
    } ids[] = {
        {SLICE_INIT("<a@b>"), "<a@b>"},
        {SLICE_INIT("< \"a b\" (c) @ d . e >"), "<\"a b\"@d.e>"},
        {SLICE_INIT("a@b"), "<a@b>"},
        {SLICE_INIT("<a@[1 2]"), "<a@[1 2]>"},
    };
    uint8_t buffer[64];
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct imf_msgid_list list;
        struct imf_msgid id;
        struct writer out = writer_of(buffer, sizeof buffer);
        imf_msgid_begin(ids[i].in, &list);
        assert_true(imf_msgid_next(&list, &id));
        imf_msgid_write(&id, &out);
        assert_slice_equal(writer_slice(&out), slice_of_cstr(ids[i].written));
    }
}

/* Hostile shapes ask for no more than a few looks at each octet. */
static void test_steps(void **state)
{
    static const char *const shapes[] = {
        "<",  ">",   "<a@b",    "<a(",    "<a\"",    "<a[", "<a [ ", "(",      "\"",
        "[",  "[<",  "<\"<\" ", "<a@b>(", "<a (<) ", "@",   "a@b,",  ".",      "<.",
        "\\", "<\\", "] <a [",  "<[x ",   "<[x ]",   "<a ", "<(a) ", "\r\n <",
    };
    enum { OCTETS = 200000 };
    uint8_t *octets = malloc(OCTETS);
    (void)state;
    assert_non_null(octets);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct imf_msgid_list list;
        struct imf_msgid id;
        size_t len = strlen(shapes[i]);
        for (size_t k = 0; k < OCTETS; k++)
            octets[k] = (uint8_t)shapes[i][k % len];
        imf_msgid_begin(slice_of(octets, OCTETS), &list);
        while (imf_msgid_next(&list, &id))
            ;
        if (list.steps > 6 * (size_t)OCTETS)
            fail_msg("\"%s\" again and again: %zu steps for %d octets", shapes[i], list.steps,
                     OCTETS);
    }
    free(octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_write),
                                       cmocka_unit_test(test_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
