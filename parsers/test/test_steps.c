/*
 * The work of every parser is linear in its input, on hostile input too: one piece again and again,
 * eight times as long, takes no more than eight times the steps (steps.h), and a little.
 */
#define STEPS_COUNTED_BY_HAND
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ip.h"
#include "base/scan_way.h"
#include "imf/address.h"
#include "imf/content.h"
#include "imf/date.h"
#include "imf/diagnosis.h"
#include "imf/encoded_word.h"
#include "imf/header.h"
#include "imf/msgid.h"
#include "imf/received.h"
#include "law.h"
#include "smtp/chunk.h"
#include "smtp/data.h"
#include "smtp/ehlo.h"
#include "smtp/ending.h"
#include "smtp/param.h"
#include "smtp/plain.h"
#include "smtp/value.h"
#include "smtp/xtext.h"

uint64_t steps_taken;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    steps_taken++;
}

enum {
    SHORT = 1 << 11,
    TIMES = 8,
    LONG = TIMES * SHORT,
    FEW = 64, /* steps an octet; where a long input takes a way that a short one does not */
};

static uint8_t room[16 * LONG + 80]; /* for what is written */

static struct writer writer_of_room(void)
{
    return writer_of(room, sizeof room);
}

/* ---- the parsers ---- */

static void lines(struct slice in)
{
    struct base_lines all = {.in = in};
    struct base_line line;
    while (base_lines_take(&all, SIZE_MAX, &line) ||
           base_lines_next(&all, SIZE_MAX, &line).status == PARSE_OK)
        ;
}

static void commands_with(struct parse_result (*parse)(struct slice, size_t, struct smtp_command *),
                          struct slice in)
{
    struct smtp_command command;
    struct base_line line;
    for (; base_line_parse(in, SIZE_MAX, &line).status == PARSE_OK;
         in = slice_from(in, line.raw.len))
        parse(in, SIZE_MAX, &command);
    parse(in, SIZE_MAX, &command);
}

static void commands(struct slice in)
{
    commands_with(smtp_command_parse, in);
}

static void commands_by_grammar(struct slice in)
{
    commands_with(smtp_command_parse_any, in);
}

static void chunks(struct slice in)
{
    struct smtp_chunk_framer framer = {.octets = 0};
    struct smtp_chunk_piece piece;
    struct parse_result result;
    while ((result = smtp_chunk_next(&framer, in, SIZE_MAX, &piece)).status == PARSE_OK &&
           (result.offset > 0 || piece.kind == SMTP_CHUNK_END))
        in = slice_from(in, result.offset);
}

static void path(struct slice in)
{
    struct smtp_path read;
    struct writer out = writer_of_room();
    smtp_path_parse(in, &read);
    smtp_path_unquote(in, &out);
    smtp_domain_classify(in);
    base_is_ipv4(in);
}

static void params(struct slice in)
{
    struct writer out = writer_of_room();
    smtp_param_quirks(in, SMTP_ON_MAIL | SMTP_ON_RCPT | SMTP_ON_XCLIENT);
    smtp_param_write(in, &out);
}

static void values(struct slice in)
{
    const struct smtp_value_rule *rule;
    struct smtp_value value;
    for (size_t n = 0; (rule = smtp_value_rule_at(n)) != NULL; n++)
        smtp_value_read(rule, in, true, &value);
    struct writer out = writer_of_room();
    smtp_xtext_decode(in, &out);
}

static void replies(struct slice in)
{
    static const struct smtp_reply_limits limits = {SIZE_MAX, SIZE_MAX};
    for (;;) {
        struct smtp_reply_parser parser = {.limits = limits};
        struct smtp_reply reply;
        struct smtp_ehlo ehlo;
        struct smtp_ehlo_keyword keyword;
        struct parse_result result = smtp_reply_parse(&parser, in, &reply);
        if (result.status != PARSE_OK)
            return;
        smtp_ehlo_begin(&reply, &ehlo);
        while (smtp_ehlo_next(&ehlo, &keyword))
            smtp_ehlo_has_param(&keyword, SLICE("x"));
        in = slice_from(in, result.offset);
    }
}

static void enhanced(struct slice in)
{
    struct smtp_enhanced code;
    if (smtp_enhanced_parse(in, &code) > 0)
        smtp_enhanced_find(code);
}

/* One that comes octet by octet. */
static void reply_in_pieces(struct slice in)
{
    struct smtp_reply_parser parser = {.limits = {SIZE_MAX, SIZE_MAX}};
    struct smtp_reply reply;
    for (size_t len = 0; len <= in.len; len++)
        if (smtp_reply_parse(&parser, slice_sub(in, 0, len), &reply).status != PARSE_MORE)
            return;
}

static void data(struct slice in)
{
    struct smtp_data_decoder decoder = {.quirks = 0};
    struct smtp_data_encoder encoder = {.state = 0};
    struct writer out = writer_of_room();
    smtp_data_decode(&decoder, in, &out);
    out.len = 0;
    smtp_data_encode(&encoder, in, &out);
}

static void endings(struct slice in)
{
    struct smtp_ending_detector detector;
    struct smtp_ending ending;
    struct parse_result result;
    smtp_ending_begin(&detector);
    while ((result = smtp_ending_next(&detector, in, &ending)).status == PARSE_OK &&
           (ending.ends_for & 1u << SMTP_ENDING_STRICT) == 0)
        in = slice_from(in, result.offset);
}

static void header(struct slice in)
{
    struct imf_header fields;
    struct imf_field field;
    imf_header_begin(in, (struct imf_field_limits){SIZE_MAX, true}, &fields);
    while (imf_header_next(&fields, &field).status == PARSE_OK && field.kind == IMF_FIELD) {
        struct writer out = writer_of_room();
        imf_field_unfold(field.body, &out);
    }
}

static void addresses(struct slice in)
{
    struct imf_address_list list;
    struct imf_address address;
    struct writer out = writer_of_room();
    imf_address_begin(in, &list);
    while (imf_address_next(&list, &address)) {
        out.len = 0;
        imf_address_write_name(&address, &out);
        imf_address_write_comments(&address, &out);
        imf_address_write_addr_spec(&address, &out);
    }
}

static void addresses_by_grammar(struct slice in)
{
    struct imf_address_list list;
    struct imf_address address;
    imf_address_begin(in, &list);
    while (imf_address_next_by_grammar(&list, &address))
        ;
}

static void diagnosis(struct slice in)
{
    imf_diagnose(in, false);
    imf_diagnose(in, true);
}

static void msgids(struct slice in)
{
    struct imf_msgid_list list;
    struct imf_msgid id;
    imf_msgid_begin(in, &list);
    while (imf_msgid_next(&list, &id)) {
        struct writer out = writer_of_room();
        imf_msgid_write(&id, &out);
    }
}

static void date(struct slice in)
{
    struct imf_date read;
    imf_date_parse(in, &read);
}

static void received(struct slice in)
{
    struct imf_received read;
    struct imf_clause clause;
    if (imf_received_parse(in, &read).status == PARSE_OK)
        for (struct slice rest = read.clauses; imf_received_next(&rest, &clause);)
            ;
}

static void content(struct slice in)
{
    struct imf_content read;
    struct imf_content_params list;
    struct imf_content_param param;
    imf_content_parse(in, IMF_CONTENT_TYPE, &read);
    imf_content_parse(in, IMF_CONTENT_DISPOSITION, &read);
    imf_content_params_begin(in, &list);
    while (imf_content_param_next(&list, &param)) {
        struct writer out = writer_of_room();
        imf_content_param_value(&list, &param, &out);
    }
    imf_content_param_find(in, SLICE("x"), &param);
}

static void content_written(struct slice in)
{
    struct writer out = writer_of_room();
    imf_content_param_write(SLICE("x"), in, SLICE(""), SLICE(""), &out);
    out.len = 0;
    imf_content_param_write(SLICE("x"), in, SLICE("utf-8"), SLICE("en"), &out);
}

static void encoded_words(struct slice in)
{
    struct imf_encoded_text text;
    struct imf_encoded_piece piece;
    imf_encoded_text_begin(in, IMF_ENCODED_IN_TEXT, &text);
    while (imf_encoded_text_next(&text, &piece)) {
        struct writer out = writer_of_room();
        imf_encoded_word_decode(&piece, &out);
    }
    struct writer out = writer_of_room();
    imf_encoded_word_write(in, SLICE("utf-8"), 0, &out);
}

/* ---- what they are given ---- */

#define MAX_FRAMES 7

static const struct job {
    const char *name;
    void (*run)(struct slice in);
    struct {
        const char *before, *behind; /* both NULL: none */
    } frames[MAX_FRAMES];            /* what stands around the pieces */
} jobs[] = {
    {"lines", lines, {{"", ""}, {"", "\r\n"}}},
    {"commands",
     commands,
     {{"", ""},
      {"", "\r\n"},
      {"MAIL FROM:<", ">\r\n"},
      {"RCPT TO:<a@b> ", "\r\n"},
      {"EHLO ", "\r\n"},
      {"AUTH PLAIN ", "\r\n"},
      {"ATRN ", "\r\n"}}},
    {"commands by grammar",
     commands_by_grammar,
     {{"", ""}, {"", "\r\n"}, {"MAIL FROM:<", ">\r\n"}, {"RCPT TO:<a@b> ", "\r\n"}}},
    {"chunks", chunks, {{"", ""}, {"BDAT 9999\r\n", ""}}},
    {"path", path, {{"", ""}, {"<", ">"}, {"<\"", "\"@b>"}, {"<a@[", "]>"}, {"<a@[IPv6:", "]>"}}},
    {"params", params, {{"", ""}, {"SIZE=", ""}}},
    {"values", values, {{"", ""}, {"utf-8;", ""}, {"rfc822;", ""}}},
    {"replies",
     replies,
     {{"", ""},
      {"250-", "\r\n250 a\r\n"},
      {"250-a\r\n250 ", "\r\n"},
      {"250-a\r\n250 AUTH ", "\r\n"}}},
    {"enhanced", enhanced, {{"", ""}, {"2.", ""}, {"5.7.", ""}, {"5.7.1", ""}, {"5.7.1 ", ""}}},
    {"a reply in pieces", reply_in_pieces, {{"", ""}, {"250-", "\r\n250 a\r\n"}}},
    {"data", data, {{"", ""}}},
    {"endings", endings, {{"", ""}}},
    {"header", header, {{"", ""}, {"A: ", "\r\n\r\n"}, {"", "\r\n\r\n"}}},
    {"addresses",
     addresses,
     {{"", ""}, {"\"", "\" <a@b>"}, {"<", ">"}, {"(", ") a@b"}, {"g:", ";"}}},
    {"addresses by grammar", addresses_by_grammar, {{"", ""}, {"a@b ", ""}, {"<", ">"}}},
    {"diagnosis", diagnosis, {{"", ""}, {"a@", ""}, {"\"", "\"@b"}, {"a@[", "]"}}},
    {"msg-ids", msgids, {{"", ""}, {"<", ">"}, {"<a@", ">"}}},
    {"date", date, {{"", ""}, {"Mon, 18 Dec 2017 14:36:00 +0100", ""}, {"", "1 Jan 2000"}}},
    {"received", received, {{"", ""}, {"from a (", ") by b; 1 Jan 2000"}, {"", "; 1 Jan 2000"}}},
    {"content",
     content,
     {{"", ""},
      {"text/plain; ", ""},
      {"a/b; x=\"", "\""},
      {"a/b; x*=", ""},
      {"a/b; x*0*='", "'a; x*1=b"},
      {"a/b (", ") ; x=y"}}},
    {"content written", content_written, {{"", ""}}},
    {"encoded words", encoded_words, {{"", ""}, {"=?utf-8?q?", "?="}, {"=?a?b?", "?="}}},
};

#define PIECE(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)"" text, sizeof(text) - 1                                                 \
    }

/* "#" stands for the digits of a number that counts the pieces up, "^" down. */
static const struct slice pieces[] = {
    PIECE("\0"),
    PIECE(" "),
    PIECE("\t"),
    PIECE("\r"),
    PIECE("\n"),
    PIECE("\r\n"),
    PIECE("\r\n "),
    PIECE(" \r\n"),
    PIECE("\r\n."),
    PIECE(".\r\n"),
    PIECE("\n.\n"),
    PIECE("a"),
    PIECE("1"),
    PIECE("."),
    PIECE("-"),
    PIECE("="),
    PIECE("+"),
    PIECE("%"),
    PIECE("*"),
    PIECE(","),
    PIECE(";"),
    PIECE(":"),
    PIECE("::"),
    PIECE("@"),
    PIECE("<"),
    PIECE(">"),
    PIECE("("),
    PIECE("((a)"),
    PIECE("(a) "),
    PIECE(")"),
    PIECE("["),
    PIECE("]"),
    PIECE("\""),
    PIECE("\"a\" "),
    PIECE("\\"),
    PIECE("\\\""),
    PIECE("\\("),
    PIECE("(\""),
    PIECE("<("),
    PIECE("<\""),
    PIECE("a "),
    PIECE("a b. "),
    PIECE("a.b"),
    PIECE("a@b"),
    PIECE("a@b "),
    PIECE("a@b,"),
    PIECE("<a@b"),
    PIECE("<a@b>"),
    PIECE("<@a,"),
    PIECE("@a,"),
    PIECE("g:a;"),
    PIECE("x: y\r\n"),
    PIECE("x: y\n"),
    PIECE("a=b "),
    PIECE("A=;"),
    PIECE("SIZE=1 "),
    PIECE("X#####=1 "),
    PIECE("x*0=a;"),
    PIECE("x*9=a;"),
    PIECE("x=y; "),
    PIECE("x#####=y;"),
    PIECE("x#####*0=y;"),
    PIECE("x*#####=y;"),
    PIECE("x*^^^^^=y;"),
    PIECE("x*^^^^^*='a'%41;"),
    PIECE("x*=''%41;"),
    PIECE("x=\"y;"),
    PIECE("x(=y;"),
    PIECE("x=y a(;"),
    PIECE("x==?a?q?b?=;"),
    PIECE("%4"),
    PIECE("a/b "),
    PIECE("=?"),
    PIECE("?="),
    PIECE("=?a?q?"),
    PIECE("=?a?q?b?= "),
    PIECE("=?a?b?YQ==?="),
    PIECE("+41"),
    PIECE("\\x{41}"),
    PIECE("250-a\r\n"),
    PIECE("250 a\r\n"),
    PIECE("250-AUTH a\r\n"),
    PIECE("250-X##### a\r\n"),
    PIECE("Mon, "),
    PIECE("1 Jan "),
    PIECE("12:00 "),
    PIECE("from a "),
    PIECE("by (b) "),
    PIECE("BDAT 1\r\na"),
    PIECE("NOOP\r\n"),
    PIECE("\xc3"),
    PIECE("\xc3\xbc"),
    PIECE("=?a?q?b "),
    PIECE("<a("),
    PIECE("<a\""),
    PIECE("<a[ "),
    PIECE("[<"),
    PIECE("<a (<) "),
    PIECE("a\r"),
    PIECE("\xe2\x80\xa8"),
    PIECE("a@b (c), "),
    PIECE("\"a, b\" <c@d>, "),
};

/* ---- the test ---- */

static uint8_t octet_of(struct slice piece, size_t at)
{
    size_t count = at / piece.len, digit = at % piece.len;
    uint8_t octet = piece.ptr[digit];
    if (octet != '#' && octet != '^')
        return octet;
    size_t number = octet == '#' ? count : 99999 - count;
    while (++digit < piece.len && piece.ptr[digit] == octet)
        number /= 10;
    return (uint8_t)('0' + number % 10);
}

static uint64_t steps_of(const struct job *job, size_t frame, struct slice piece, size_t octets)
{
    const char *before = job->frames[frame].before, *behind = job->frames[frame].behind;
    size_t len = strlen(before), end = strlen(behind);
    octets -= octets % piece.len; /* what half a piece asks for is no matter of length */
    uint8_t *text = malloc(octets + len + end);
    assert_non_null(text);
    memcpy(text, before, len);
    for (size_t i = 0; i < octets; i++)
        text[len + i] = octet_of(piece, i);
    memcpy(text + len + octets, behind, end);
    uint64_t from = steps_taken;
    job->run(slice_of(text, len + octets + end));
    free(text);
    return steps_taken - from;
}

static void work_is_linear(void **state)
{
    uint64_t all = 0;
    (void)state;
    for (size_t j = 0; j < sizeof jobs / sizeof *jobs; j++)
        for (size_t f = 0; f < MAX_FRAMES && jobs[j].frames[f].before != NULL; f++)
            for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
                uint64_t few = steps_of(&jobs[j], f, pieces[p], SHORT);
                uint64_t many = steps_of(&jobs[j], f, pieces[p], LONG);
                all += many;
                if (many > (TIMES + 1) * few && many > (uint64_t)FEW * LONG)
                    fail_msg("%s: \"%s%.*s ...%s\": %llu steps for %d octets, %llu for %d",
                             jobs[j].name, jobs[j].frames[f].before, (int)pieces[p].len,
                             (const char *)pieces[p].ptr, jobs[j].frames[f].behind,
                             (unsigned long long)few, SHORT, (unsigned long long)many, LONG);
            }
    assert_true(all > LONG); /* they are counted at all */
}

/* What is plain is not read octet by octet, nor again in plain C, which takes a step for eight. */
static void plain_headers_are_read_in_blocks(void **state)
{
    (void)state;
    static const char field[] = "Received: from a.example by b.example (c)\r\n"
                                "\twith ESMTP ~ id 1\r\n for <d@e.example>; Mon, 1 Jan 2001\r\n"
                                "Content-Transfer-Encoding: quoted-printable and !\r\n";
    uint8_t text[20 * (sizeof field - 1)];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)field[i % (sizeof field - 1)];
    const struct scan_way *way;
    for (unsigned n = 0; (way = scan_way(n)) != NULL && way != &scan_portable; n++) {
        struct scan_marks marks;
        uint64_t from = steps_taken;
        way->fields(slice_of(text, sizeof text), &marks);
        assert_int_equal(marks.count, 2 * 20 - 1);
        if (steps_taken - from > sizeof text / 2)
            fail_msg("%s: %llu steps for %zu octets", way->name,
                     (unsigned long long)(steps_taken - from), sizeof text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(work_is_linear),
                                       cmocka_unit_test(plain_headers_are_read_in_blocks)};
    return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
