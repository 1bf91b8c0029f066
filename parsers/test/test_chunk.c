#include "smtp/chunk.h"

#include "law.h"

#define LIMIT 512

struct row {
    struct slice in;
    struct slice shown; /* each command as [size] or [size!] for LAST, then the octets; "$": end */
    size_t consumed;    /* before what is not read any more */
    int error;
};

#define ROW(in, shown, consumed, error)                                                            \
    {                                                                                              \
        SLICE_INIT(in), SLICE_INIT(shown), consumed, error                                         \
    }

/* clang-format off */
static const struct row rows[] = {
    /* RFC 3030 4.2 in short */
    ROW("BDAT 3 LAST\r\nabcNOOP\r\n", "[3!]abc$", 16, 0),
    ROW("BDAT 2\r\nabBDAT 4\r\ncdefBDAT 1 LAST\r\ng", "[2]ab[4]cdef[1!]g$", 36, 0),
    ROW("BDAT 0\r\nBDAT 0 LAST\r\nx", "[0][0!]$", 21, 0),
    ROW("bdat 7 last\r\n\r\n.\r\n\0\xff", "[7!]\r\n.\r\n\0\xff$", 20, 0),
    ROW("BDAT 5\r\nabc", "[5]abc", 11, 0),
    ROW("BDAT 5", "", 0, 0),
    ROW("BDAT 1\r\naBDAT x\r\n", "[1]a", 9, SMTP_COMMAND_BAD_SIZE),
    ROW("BDAT 18446744073709551615\r\nabc", "[18446744073709551615]abc", 30, 0),
    ROW("BDAT 18446744073709551616\r\n", "", 0, SMTP_COMMAND_BAD_SIZE),
    ROW("BDAT 1\r\naRSET\r\n", "[1]a", 9, SMTP_CHUNK_NOT_BDAT),
    ROW("DATA\r\n", "", 0, SMTP_CHUNK_NOT_BDAT),
};
/* clang-format on */

static void show(const struct smtp_chunk_piece *piece, struct writer *out)
{
    if (piece->kind == SMTP_CHUNK_COMMAND) {
        writer_put_octet(out, '[');
        writer_put_number(out, piece->command.chunk_octets);
        writer_put(out, piece->command.last ? SLICE("!]") : SLICE("]"));
    }
    writer_put(out, piece->octets);
    writer_put(out, piece->kind == SMTP_CHUNK_END ? SLICE("$") : SLICE(""));
}

/* Reads `in` of which `cut` octets come first, up to the end of the message. */
static size_t read_in_two(struct slice in, size_t cut, int *ret_error, struct writer *out)
{
    struct smtp_chunk_framer framer = {.left = 0};
    size_t at = 0, seen = cut;
    *ret_error = 0;
    for (;;) {
        struct smtp_chunk_piece piece;
        struct slice copy = law_copy(slice_sub(in, at, seen));
        struct parse_result result = smtp_chunk_next(&framer, copy, LIMIT, &piece);
        if (result.status == PARSE_OK)
            show(&piece, out);
        law_free(copy);
        *ret_error = result.error;
        at += result.status == PARSE_OK ? result.offset : 0;
        if (result.status == PARSE_MORE && seen < in.len)
            seen = in.len;
        else if (result.status != PARSE_OK || piece.kind == SMTP_CHUNK_END)
            return at;
    }
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t cut = 0; cut <= rows[i].in.len; cut++) {
            uint8_t room[256];
            struct writer shown = writer_of(room, sizeof room);
            int error;
            size_t consumed = read_in_two(rows[i].in, cut, &error, &shown);
            assert_slice_equal(writer_slice(&shown), rows[i].shown);
            assert_int_equal(consumed, rows[i].consumed);
            assert_int_equal(error, rows[i].error);
            assert_true(error == 0 || smtp_chunk_error_text(error) != NULL);
        }
    }
}

/* A second message begins as the first did. */
static void ready_again(void **state)
{
    (void)state;
    struct smtp_chunk_framer framer = {.left = 0};
    struct slice rest = SLICE("BDAT 1 LAST\r\naBDAT 2 LAST\r\nbc");
    size_t ends = 0;
    for (struct smtp_chunk_piece piece;;) {
        struct parse_result result = smtp_chunk_next(&framer, rest, LIMIT, &piece);
        if (result.status != PARSE_OK)
            break;
        ends += piece.kind == SMTP_CHUNK_END;
        rest = slice_from(rest, result.offset);
    }
    assert_int_equal(ends, 2);
    assert_int_equal(rest.len, 0);
    assert_int_equal(framer.octets, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(ready_again)};
    return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
