#include "imf/content.h"

#include <stdio.h>
#include <stdlib.h>

#include "imf/quirk.h"
#include "law.h"

#define TYPE IMF_CONTENT_TYPE
#define DISP IMF_CONTENT_DISPOSITION

#define DUP      IMF_QUIRK_DUPLICATE_PARAMETER
#define SECTIONS IMF_QUIRK_PARAMETER_SECTIONS
#define BAD      IMF_QUIRK_INVALID_PARAMETER
#define UNQUOTED IMF_QUIRK_UNQUOTED_VALUE
#define EXTENDED IMF_QUIRK_INVALID_EXTENDED
#define EMPTY    IMF_QUIRK_EMPTY_ELEMENT
#define TRAILING IMF_QUIRK_TRAILING_TEXT
#define WORD     IMF_QUIRK_MISPLACED_ENCODED_WORD

struct row {
    struct slice in;
    enum imf_content_kind kind;
    uint64_t quirks;    /* of all */
    struct slice shown; /* type/subtype and each parameter as {attribute=value}, with
                           charset*language: before the value where it is extended */
};

#define ROW(in, kind, quirks, shown)                                                               \
    {                                                                                              \
        SLICE_INIT(in), kind, quirks, SLICE_INIT(shown)                                            \
    }

/* clang-format off */
static const struct row rows[] = {
    ROW("text/plain", TYPE, 0, "text/plain"),
    ROW("a/b; c d=e", TYPE, IMF_QUIRK_INVALID_PARAMETER, "a/b{c}{d=e}"),
    ROW(" text/plain; charset=us-ascii (Plain text)", TYPE, 0, "text/plain{charset=us-ascii}"),
    ROW(" text/plain; charset=\"us-ascii\"", TYPE, 0, "text/plain{charset=us-ascii}"),
    ROW("(a) text (b) / (c) plain (d) ; (e) charset (f) = (g) utf-8 (h)", TYPE, 0, "text/plain{charset=utf-8}"),
    ROW("multipart/mixed;\r\n\tboundary=\"a;b=\\\"c\"", TYPE, 0, "multipart/mixed{boundary=a;b=\"c}"),
    ROW("a/b;c=\"d\r\n e\"", TYPE, 0, "a/b{c=d e}"),
    ROW("a/b; c=\"\"", TYPE, 0, "a/b{c=}"),
    ROW("application/vnd.x+json;v=1.0;Q=2", TYPE, 0, "application/vnd.x+json{v=1.0}{Q=2}"),
    ROW("attachment", DISP, 0, "attachment/"),
    ROW(" attachment; filename=genome.jpeg;\r\n modification-date=\"Wed, 12 Feb 1997 16:29:51 -0500\"", DISP, 0,
        "attachment/{filename=genome.jpeg}{modification-date=Wed, 12 Feb 1997 16:29:51 -0500}"),
    /* RFC 2231 3, 4, 4.1 */
    ROW("message/external-body; access-type=URL;\r\n URL*0=\"ftp://\";\r\n URL*1=\"cs.utk.edu/pub/x.tar\"", TYPE, 0,
        "message/external-body{access-type=URL}{URL=ftp://cs.utk.edu/pub/x.tar}"),
    ROW("application/x-stuff;\r\n title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", TYPE, 0,
        "application/x-stuff{title=us-ascii*en-us:This is ***fun***}"),
    ROW("application/x-stuff\r\n ;title*0*=us-ascii'en'This%20is%20even%20more%20\r\n ;title*1*=%2A%2A%2Afun%2A%2A%2A%20\r\n ;title*2=\"isn't it!\"", TYPE, 0,
        "application/x-stuff{title=us-ascii*en:This is even more ***fun*** isn't it!}"),
    ROW("a/b; c*=''d", TYPE, 0, "a/b{c=*:d}"),
    ROW("a/b; c*=utf-8''%c3%BC", TYPE, 0, "a/b{c=utf-8*:\xC3\xBC}"),
    ROW("a/b; c*=utf-8''", TYPE, 0, "a/b{c=utf-8*:}"),
    ROW("a/b; c*0=1; d=2; C*1=3; e=4", TYPE, 0, "a/b{c=13}{d=2}{e=4}"),
    /* sections: out of order, which RFC 2231 3 (2) allows, missing, twice, without a beginning, with leading zeros */
    ROW("a/b; c*1=y; c*0=x", TYPE, 0, "a/b{c=xy}"),
    ROW("a/b; c*2=z; c*1=y; c*0=x", TYPE, 0, "a/b{c=xyz}"),
    ROW("a/b; c*1*=%7a; c*0*=utf-8'en'x", TYPE, 0, "a/b{c=utf-8*en:xz}"),
    ROW("a/b; c*0=x; c*2=z", TYPE, SECTIONS, "a/b{c=x}"),
    ROW("a/b; c*0=x; c*0=y; c*1=z", TYPE, SECTIONS, "a/b{c=xz}"),
    ROW("a/b; c*1=x; c*2=y", TYPE, SECTIONS, "a/b{c=xy}"),
    ROW("a/b; c*00=x; c*01=y", TYPE, SECTIONS, "a/b{c=xy}"),
    ROW("a/b; c*0*=utf-8''x; c*1*=y; c*2=%7a", TYPE, 0, "a/b{c=utf-8*:xy%7a}"),
    ROW("a/b; c*0=x; c*1*=%7a", TYPE, EXTENDED, "a/b{c=xz}"),
    ROW("a/b; c*1234567890=x", TYPE, BAD, "a/b{c*1234567890=x}"),
    ROW("a/b; c**=x", TYPE, BAD | EXTENDED, "a/b{c*=*:x}"),
    ROW("a/b; *0=x", TYPE, BAD, "a/b{*0=x}"),
    ROW("a/b; *=x", TYPE, BAD, "a/b{*=x}"),
    /* twice, and in two forms */
    ROW("a/b; c=1; C=2", TYPE, DUP, "a/b{c=1}{C=2}"),
    ROW("a/b; c=1; c*=utf-8''2", TYPE, DUP, "a/b{c=1}{c=utf-8*:2}"),
    ROW("a/b; c=1; c*0=2; c*1=3", TYPE, DUP, "a/b{c=1}{c=23}"),
    ROW("a/b; c*0=2; c=1; c*1=3", TYPE, DUP, "a/b{c=23}{c=1}"),
    /* extended values that are none */
    ROW("a/b; c*=x", TYPE, EXTENDED, "a/b{c=*:x}"),
    ROW("a/b; c*=utf-8'x", TYPE, EXTENDED, "a/b{c=*:utf-8'x}"),
    ROW("a/b; c*=utf-8''a%2", TYPE, EXTENDED, "a/b{c=utf-8*:a%2}"),
    ROW("a/b; c*=utf-8''a%2g%", TYPE, EXTENDED, "a/b{c=utf-8*:a%2g%}"),
    ROW("a/b; c*=utf-8''a b", TYPE, EXTENDED, "a/b{c=utf-8*:a b}"),
    ROW("a/b; c*=utf-8''a'b", TYPE, EXTENDED, "a/b{c=utf-8*:a'b}"),
    ROW("a/b; c*=\"utf-8'en'a%20b\"", TYPE, EXTENDED, "a/b{c=utf-8*en:a b}"),
    ROW("a/b; c*=ut(f)'en'a", TYPE, EXTENDED, "a/b{c=ut(f)*en:a}"),
    /* values that need quotes */
    ROW("a/b; c=d e.txt; f=g", TYPE, UNQUOTED, "a/b{c=d e.txt}{f=g}"),
    ROW("a/b; c=d (1).txt", TYPE, UNQUOTED, "a/b{c=d (1).txt}"),
    ROW("a/b; c=C:\\d\\e.txt ", TYPE, UNQUOTED, "a/b{c=C:\\d\\e.txt}"),
    ROW("a/b; c=----=_Part/1?", TYPE, UNQUOTED, "a/b{c=----=_Part/1?}"),
    ROW("a/b; c=\xC3\xBC", TYPE, UNQUOTED | QUIRK_UTF8, "a/b{c=\xC3\xBC}"),
    ROW("a/b; c=d\"e;f\"", TYPE, UNQUOTED | BAD, "a/b{c=d\"e}{f}"),
    ROW("a/b; c='d e'", TYPE, UNQUOTED, "a/b{c='d e'}"),
    ROW("a/b; c=d\r\n e", TYPE, UNQUOTED, "a/b{c=d e}"),
    /* encoded words */
    ROW("a/b; c=\"=?utf-8?Q?d?=\"", TYPE, WORD, "a/b{c==?utf-8?Q?d?=}"),
    ROW("a/b; c==?utf-8?Q?d?=", TYPE, WORD | UNQUOTED, "a/b{c==?utf-8?Q?d?=}"),
    /* semicolons, attributes, "=", values that are missing or too many */
    ROW("a/b;", TYPE, EMPTY, "a/b"),
    ROW("a/b; ;c=d;;e=f;", TYPE, EMPTY, "a/b{c=d}{e=f}"),
    ROW("a/b c=d", TYPE, BAD, "a/b{c=d}"),
    ROW("a/b; c=d e=f", TYPE, BAD, "a/b{c=d}{e=f}"),
    ROW("a/b; c=\"d\" e=f", TYPE, BAD, "a/b{c=d}{e=f}"),
    ROW("a/b; c", TYPE, BAD, "a/b{c}"),
    ROW("a/b; c; d=e", TYPE, BAD, "a/b{c}{d=e}"),
    ROW("a/b; =c", TYPE, BAD, "a/b{=c}"),
    ROW("a/b; c=", TYPE, BAD, "a/b{c=}"),
    ROW("a/b; c=;d=e", TYPE, BAD, "a/b{c=}{d=e}"),
    ROW("a/b; \"c\"=d; e=f", TYPE, BAD, "a/b{}{e=f}"),
    ROW("a/b; c\xC3\xBC=d", TYPE, BAD | QUIRK_UTF8, "a/b{c\xC3\xBC=d}"),
    ROW("a/b; c=\"d\"e; f=g", TYPE, TRAILING, "a/b{c=d}{f=g}"),
    /* what is not closed */
    ROW("a/b; c=\"d; e=f", TYPE, IMF_QUIRK_UNCLOSED_QUOTE, "a/b{c=d; e=f}"),
    ROW("a/b; c=\"d\\\"", TYPE, IMF_QUIRK_UNCLOSED_QUOTE, "a/b{c=d\"}"),
    ROW("a/b; c=\"", TYPE, IMF_QUIRK_UNCLOSED_QUOTE, "a/b{c=}"),
    ROW("a/b; c=d (e; f=g", TYPE, IMF_QUIRK_UNCLOSED_COMMENT, "a/b{c=d}"),
    ROW("a/b (c", TYPE, IMF_QUIRK_UNCLOSED_COMMENT, "a/b"),
    /* types */
    ROW("text", TYPE, IMF_QUIRK_NO_SUBTYPE, "text/"),
    ROW("text/; c=d", TYPE, IMF_QUIRK_NO_SUBTYPE, "text/{c=d}"),
    ROW("text/a/b; c=d", TYPE, TRAILING, "text/a{c=d}"),
    ROW("text/a, text/b", TYPE, TRAILING, "text/a"),
    ROW("text/plain charset", TYPE, TRAILING, "text/plain"),
    ROW("a/b (\xFC); c=\"\xC3\xBC\"", TYPE, QUIRK_EIGHT_BIT | QUIRK_UTF8, "a/b{c=\xC3\xBC}"),
    ROW("a/b;\n c=d;\r e=f ;\x01", TYPE, QUIRK_BARE_LF | QUIRK_BARE_CR | QUIRK_CONTROL | BAD, "a/b{c=d}{e=f}{}"),
    ROW("attachment/x; c=d", DISP, TRAILING, "attachment/{c=d}"),
};
/* clang-format on */

static void show(const struct imf_content_params *params, const struct imf_content_param *param,
                 struct writer *out)
{
    writer_put_octet(out, '{');
    writer_put(out, param->attribute);
    writer_put(out, param->has_value ? SLICE("=") : SLICE(""));
    if (param->extended) {
        writer_put(out, param->charset);
        writer_put_octet(out, '*');
        writer_put(out, param->language);
        writer_put_octet(out, ':');
    }
    imf_content_param_value(params, param, out);
    writer_put_octet(out, '}');
}

static struct parse_result read_all(struct slice in, const struct row *row, uint64_t *quirks,
                                    struct writer *shown)
{
    struct imf_content content;
    struct imf_content_params params;
    struct parse_result result = imf_content_parse(in, row->kind, &content);
    if (result.status != PARSE_OK)
        return result;
    writer_put(shown, content.type);
    writer_put_octet(shown, '/');
    writer_put(shown, content.subtype);
    *quirks = content.quirks;
    imf_content_params_begin(content.params, &params);
    for (struct imf_content_param param; imf_content_param_next(&params, &param);) {
        *quirks |= param.quirks;
        show(&params, &param, shown);
    }
    *quirks |= params.quirks;
    return result;
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t room[1024];
        struct slice expected = rows[i].shown;
        struct writer shown = writer_of(room, sizeof room);
        struct slice copy = law_copy(rows[i].in);
        uint64_t quirks = 0;
        assert_int_equal(read_all(copy, &rows[i], &quirks, &shown).status, PARSE_OK);
        if (rows[i].kind == DISP && expected.len > 0)
            assert_int_equal(quirks & IMF_QUIRK_NO_SUBTYPE, 0);
        if (quirks != rows[i].quirks)
            fail_msg("%.*s: quirks %#llx, not %#llx", (int)copy.len, (const char *)copy.ptr,
                     (unsigned long long)quirks, (unsigned long long)rows[i].quirks);
        assert_slice_equal(writer_slice(&shown), expected);
        law_free(copy);
        for (size_t len = 0; len < rows[i].in.len; len++) { /* must not over-read */
            copy = law_copy(slice_sub(rows[i].in, 0, len));
            shown = writer_of(room, sizeof room);
            read_all(copy, &rows[i], &quirks, &shown);
            law_free(copy);
        }
    }
}

static void no_type(void **state)
{
    (void)state;
    static const struct {
        struct slice in;
        size_t offset;
    } cases[] = {{SLICE_INIT(""), 0}, {SLICE_INIT(" (a) ;b=c"), 5}, {SLICE_INIT("/plain"), 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct imf_content content;
        struct parse_result result = imf_content_parse(cases[i].in, TYPE, &content);
        assert_int_equal(result.status, PARSE_ERROR);
        assert_int_equal(result.error, IMF_CONTENT_NO_TYPE);
        assert_int_equal(result.offset, cases[i].offset);
    }
    assert_non_null(imf_content_error_text(IMF_CONTENT_NO_TYPE));
    assert_null(imf_content_error_text(0));
}

static void found(void **state)
{
    (void)state;
    struct imf_content_param param;
    struct slice params = SLICE("; a=1; b=2; A*=utf-8''3; a*0=4");
    assert_true(imf_content_param_find(params, SLICE("a"), &param));
    assert_slice_equal(param.raw_value, SLICE("utf-8''3"));
    assert_true(imf_content_param_find(params, SLICE("B"), &param));
    assert_slice_equal(param.raw_value, SLICE("2"));
    assert_false(imf_content_param_find(params, SLICE("c"), &param));
    assert_true(imf_content_param_find(SLICE("c=d"), SLICE("c"), &param));
    assert_int_equal(param.quirks, 0);
}

/* A hundred thousand sections, attributes, and sections backwards: bounded work, whole where in
 * order. */
static void floods(void **state)
{
    (void)state;
    static const size_t count = 100000;
    char *text = malloc(count * 24);
    uint8_t *value = malloc(count * 24);
    for (int form = 0; form < 3; form++) {
        size_t len = 0, params_read = 0, octets = 0;
        for (size_t i = 0; i < count; i++)
            len += (size_t)sprintf(text + len, form == 1 ? ";a%zu=b" : ";a*%zu=b",
                                   form == 2 ? count - 1 - i : i);
        struct imf_content_params params;
        imf_content_params_begin(slice_of(text, len), &params);
        for (struct imf_content_param param; imf_content_param_next(&params, &param);) {
            struct writer out = writer_of(value, count);
            imf_content_param_value(&params, &param, &out);
            octets += out.len;
            params_read++;
            assert_int_equal((param.quirks & SECTIONS) != 0, form == 2);
        }
        assert_int_equal(params_read, form == 1 ? count : 1);
        assert_int_equal(octets, form == 2 ? IMF_CONTENT_MAX_PASSES : count);
    }
    free(text);
    free(value);
}

/* Beyond 32 attributes sections stay by themselves, and say so. */
static void too_many_attributes(void **state)
{
    (void)state;
    char text[1024];
    size_t len = 0, read = 0, marked = 0;
    for (int i = 0; i < IMF_CONTENT_MAX_ATTRIBUTES; i++)
        len += (size_t)sprintf(text + len, ";a%d=b", i);
    len += (size_t)sprintf(text + len, ";z*0=b;z*1=c;a0=d");
    struct imf_content_params params;
    imf_content_params_begin(slice_of(text, len), &params);
    for (struct imf_content_param param; imf_content_param_next(&params, &param); read++)
        marked += param.quirks == SECTIONS;
    assert_int_equal(read, IMF_CONTENT_MAX_ATTRIBUTES + 3);
    assert_int_equal(marked, 2);
}

static void check_round_trip(struct slice value, struct slice charset, struct slice language)
{
    static uint8_t room[IMF_CONTENT_WRITTEN_MAX(600, 20)];
    uint8_t again[600];
    struct writer out = writer_of(room, IMF_CONTENT_WRITTEN_MAX(value.len, 16));
    assert_true(imf_content_param_write(SLICE("name"), value, charset, language, &out));
    assert_false(out.overflow);
    struct imf_content_params params;
    struct imf_content_param param;
    imf_content_params_begin(writer_slice(&out), &params);
    assert_true(imf_content_param_next(&params, &param));
    assert_int_equal(param.quirks, 0);
    assert_slice_equal(param.attribute, SLICE("name"));
    assert_slice_equal(param.charset, charset);
    assert_slice_equal(param.language, language);
    struct writer back = writer_of(again, sizeof again);
    imf_content_param_value(&params, &param, &back);
    assert_slice_equal(writer_slice(&back), value);
    assert_false(imf_content_param_next(&params, &param));
    assert_int_equal(params.quirks, 0);
}

static void round_trip(void **state)
{
    (void)state;
    uint8_t octets[600];
    for (unsigned value = 0; value < 256; value++) {
        octets[0] = (uint8_t)value;
        check_round_trip(slice_of(octets, 1), SLICE(""), SLICE(""));
        check_round_trip(slice_of(octets, 1), SLICE("utf-8"), SLICE("en"));
    }
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(' ' + i * 5 % 95);
    for (size_t len = 0; len <= sizeof octets; len += 7) {
        check_round_trip(slice_of(octets, len), SLICE(""), SLICE(""));
        check_round_trip(slice_of(octets, len), SLICE("x"), SLICE(""));
    }
    check_round_trip(SLICE("=?utf-8?Q?a?="), SLICE(""), SLICE(""));
}

static void written(void **state)
{
    (void)state;
    static const struct {
        struct slice attribute, value, charset, written;
        bool ok;
    } cases[] = {
        {SLICE_INIT("a"), SLICE_INIT("b"), SLICE_INIT(""), SLICE_INIT("; a=b"), true},
        {SLICE_INIT("a"), SLICE_INIT(""), SLICE_INIT(""), SLICE_INIT("; a=\"\""), true},
        {SLICE_INIT("a"), SLICE_INIT("b \"c\\"), SLICE_INIT(""), SLICE_INIT("; a=\"b \\\"c\\\\\""),
         true},
        {SLICE_INIT("a"), SLICE_INIT("\xC3\xBC"), SLICE_INIT("utf-8"),
         SLICE_INIT("; a*=utf-8''%C3%BC"), true},
        {SLICE_INIT("a"),
         SLICE_INIT("0123456789012345678901234567890123456789012345678901234567890"),
         SLICE_INIT(""),
         SLICE_INIT(";\r\n a*0=012345678901234567890123456789012345678901234567;\r\n "
                    "a*1=8901234567890"),
         true},
        {SLICE_INIT(""), SLICE_INIT("b"), SLICE_INIT(""), SLICE_INIT(""), false},
        {SLICE_INIT("a*"), SLICE_INIT("b"), SLICE_INIT(""), SLICE_INIT(""), false},
        {SLICE_INIT("a"), SLICE_INIT("b"), SLICE_INIT("c d"), SLICE_INIT(""), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t room[256];
        struct writer out = writer_of(room, sizeof room);
        assert_int_equal(imf_content_param_write(cases[i].attribute, cases[i].value,
                                                 cases[i].charset, SLICE(""), &out),
                         cases[i].ok);
        assert_slice_equal(writer_slice(&out), cases[i].written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),      cmocka_unit_test(no_type),
        cmocka_unit_test(found),      cmocka_unit_test(floods),
        cmocka_unit_test(written),    cmocka_unit_test(too_many_attributes),
        cmocka_unit_test(round_trip),
    };
    return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
