/* Laws of smtp_command_parse: no answer but MORE changes, what is written parses to the same, no
 * octet hides. */
#include "base/quirk.h"
#include "fuzz.h"
#include "smtp/command.h"
#include "smtp/param.h"

#define MAX_OCTETS 2048

static void check_inside(const struct smtp_command *c, struct slice in)
{
    FUZZ_LAW(fuzz_inside(c->name, in) && fuzz_inside(c->argument, in) &&
                 fuzz_inside(c->params, in) && fuzz_inside(c->mechanism, in) &&
                 fuzz_inside(c->initial_response, in) && fuzz_inside(c->path.mailbox, in) &&
                 fuzz_inside(c->path.route, in) && fuzz_inside(c->path.domain, in),
             "every slice lies in the input");
    FUZZ_LAW(slice_find(c->argument, '\n') == c->argument.len, "no argument holds LF");
    FUZZ_LAW((c->quirks & QUIRK_BARE_CR) != 0 || slice_find(c->argument, '\r') == c->argument.len,
             "a CR inside is a quirk");
    FUZZ_LAW((c->quirks & QUIRK_NUL) != 0 || slice_find(c->argument, 0) == c->argument.len,
             "a NUL inside is a quirk");
}

static void check_params(const struct smtp_command *c)
{
    struct slice rest = c->params;
    size_t count = 0;
    for (struct smtp_param param; smtp_param_next(&rest, &param); count++) {
        FUZZ_LAW(fuzz_inside(param.keyword, c->params) && fuzz_inside(param.value, c->params),
                 "a parameter lies in the parameters");
        FUZZ_LAW(count <= c->params.len, "each parameter takes an octet");
    }
}

static void check_round_trip(const struct smtp_command *c)
{
    uint8_t octets[2 * MAX_OCTETS];
    struct writer out = writer_of(octets, sizeof octets);
    struct smtp_command back;
    smtp_command_write(c, &out);
    FUZZ_LAW(!out.overflow, "a command is written in about its size");
    struct parse_result result = smtp_command_parse(writer_slice(&out), sizeof octets, &back);
    FUZZ_LAW(result.status == PARSE_OK && result.offset == out.len, "what is written parses");
    FUZZ_LAW(back.verb == c->verb && slice_equal(back.path.mailbox, c->path.mailbox) &&
                 back.path.null == c->path.null && back.chunk_octets == c->chunk_octets &&
                 back.last == c->last && slice_equal(back.mechanism, c->mechanism) &&
                 slice_equal(back.initial_response, c->initial_response),
             "and parses to the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = fuzz_copy(slice_of(data, size));
    struct smtp_command command;
    struct parse_result result = smtp_command_parse(in, MAX_OCTETS, &command);
    size_t cut = fuzz_knob(in, 0, in.len + 1);
    struct slice part = fuzz_copy(slice_sub(in, 0, cut));
    struct smtp_command early;
    struct parse_result before = smtp_command_parse(part, MAX_OCTETS, &early);
    FUZZ_LAW(before.status == PARSE_MORE ||
                 (before.status == result.status && before.offset == result.offset &&
                  before.error == result.error),
             "an answer other than MORE never changes when octets are appended");
    fuzz_free(part);
    if (result.status == PARSE_OK) {
        check_inside(&command, in);
        check_params(&command);
        check_round_trip(&command);
    } else if (result.status == PARSE_ERROR) {
        FUZZ_LAW(result.error != 0 && result.offset <= in.len, "an error has a place");
        FUZZ_LAW(smtp_command_error_text(result.error) != NULL, "and a text");
    }
    fuzz_free(in);
    return 0;
}
