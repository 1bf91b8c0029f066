/* Laws of smtp_xtext_quirks, smtp_xtext_decode, smtp_xtext_encode and smtp_xtext_is_plain. */
#include "base/octet.h"
#include "fuzz.h"
#include "grammar.h"
#include "smtp/quirk.h"
#include "smtp/xtext.h"

static struct slice encode(struct slice octets)
{
    struct writer out = fuzz_writer(3 * octets.len);
    FUZZ_LINEAR(octets.len, smtp_xtext_encode(octets, &out));
    FUZZ_LAW(!out.overflow, "an octet is written with three at most");
    struct slice text = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    return text;
}

static struct slice decode(struct slice text, bool *ret_whole)
{
    struct writer out = fuzz_writer(text.len);
    FUZZ_LINEAR(text.len, *ret_whole = smtp_xtext_decode(text, &out));
    FUZZ_LAW(!out.overflow, "what xtext stands for is never longer");
    struct slice octets = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    return octets;
}

/* Any octets can be written, and are read again. */
static void check_encode(struct slice octets)
{
    struct slice text = encode(octets);
    FUZZ_LAW(smtp_xtext_quirks(text) == 0, "what is written is xtext without quirks");
    for (size_t i = 0; i < text.len; i++)
        FUZZ_LAW(octet_is(text.ptr[i], OCTET_GRAPHIC) && text.ptr[i] != '=',
                 "xtext is an esmtp-value");
    bool whole;
    struct slice again = decode(text, &whole);
    FUZZ_LAW(whole && slice_equal(again, octets), "decode(encode(x)) = x");
    fuzz_free(again);
    fuzz_free(text);
}

/* Any xtext that is read can be written, if not in the same spelling. */
static void check_decode(struct slice text)
{
    bool whole;
    struct slice octets = decode(text, &whole);
    uint64_t quirks;
    FUZZ_LINEAR(text.len, quirks = smtp_xtext_quirks(text));
    FUZZ_LAW(whole == ((quirks & SMTP_QUIRK_INVALID_VALUE) == 0), "what is valid decodes");
    struct slice canonical = encode(octets);
    FUZZ_LAW(!whole || canonical.len <= text.len, "the canonical form is the shortest");
    fuzz_free(canonical);
    fuzz_free(octets);
}

static unsigned hex(uint8_t digit)
{
    return digit <= '9' ? digit - 48u : (digit | 32u) - 87u;
}

/* The grammar has it, and what it stands for is read octet by octet. */
static void check_model(struct slice text)
{
    if (!grammar_takes(text))
        return;
    bool valid = grammar_has("xtext", text), upper = grammar_has("xtext-upper", text), whole;
    uint64_t expected = !valid ? SMTP_QUIRK_INVALID_VALUE : upper ? 0 : SMTP_QUIRK_LOWER_CASE_XTEXT;
    FUZZ_LAW(smtp_xtext_quirks(text) == expected, "xtext is what its grammar says");
    struct slice octets = decode(text, &whole);
    size_t at = 0;
    for (size_t i = 0; i < text.len && at < octets.len; i++, at++) {
        uint8_t octet = text.ptr[i];
        if (octet == '+' && i + 2 < text.len) {
            octet = (uint8_t)(hex(text.ptr[i + 1]) * 16 + hex(text.ptr[i + 2]));
            i += 2;
        }
        FUZZ_LAW(octets.ptr[at] == octet, "an octet is what its digits say");
    }
    FUZZ_LAW(whole == valid, "what the grammar has is decoded");
    fuzz_free(octets);
}

/* What is plain is so octet by octet. */
static void check_plain(struct slice text)
{
    bool plain = true;
    for (size_t i = 0; i < text.len; i++)
        plain = plain && text.ptr[i] > 32 && text.ptr[i] < 127 && text.ptr[i] != '+' &&
                text.ptr[i] != '=';
    FUZZ_LAW(smtp_xtext_is_plain(text) == plain, "plain text has no octet that xtext writes anew");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    check_plain(in);
    check_encode(in);
    check_decode(in);
    check_model(in);
    fuzz_free(in);
    return 0;
}
