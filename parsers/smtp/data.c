#include "smtp/data.h"

#include "smtp/quirk.h"

#define TEXT_LINE_OCTETS 1000 /* RFC 5321 4.5.3.1.6: CRLF included, the stuffed dot not */

enum octet_kind {
    CR,
    LF,
    DOT,
    OTHER,
    OCTET_KINDS,
};

static enum octet_kind kind_of(uint8_t octet)
{
    switch (octet) {
    case '\r':
        return CR;
    case '\n':
        return LF;
    case '.':
        return DOT;
    default:
        return OTHER;
    }
}

/* Where an octet stands. Encoder and decoder alike begin at the start of a line. */
enum state {
    LINE_START,   /* behind CRLF, or at the start of the message */
    IN_LINE,      /* behind text */
    AFTER_CR,     /* behind a CR, which LF may follow */
    AFTER_LF,     /* behind a bare LF */
    LONE_DOT,     /* behind a dot that a bare LF or CR precedes */
    FIRST_DOT,    /* behind a dot at the start of a line, which is not text */
    FIRST_DOT_CR, /* and behind a CR after it, held back */
    DECODER_STATES,
};

enum output {
    KEEP,    /* the octet is text */
    DROP,    /* it is not, or not yet known to be */
    RELEASE, /* the CR held back is text, and so is the octet */
    END,     /* the octet ends the message */
};

struct step {
    uint8_t next; /* enum state */
    uint8_t output;
    uint64_t quirks;
};

#define BARE_LF QUIRK_BARE_LF
#define BARE_CR QUIRK_BARE_CR
#define LF_DOT  SMTP_QUIRK_LF_DOT

/*
 * RFC 5321 4.5.2: a line of a single dot ends the message; of any other line that begins with a
 * dot, that dot is deleted. Line endings are those of RFC 5321 2.3.8: CRLF, nothing else.
 */
/* clang-format off */
static const struct step steps[DECODER_STATES][OCTET_KINDS] = {
    [LINE_START] = {
        [CR]    = {AFTER_CR, KEEP, 0},
        [LF]    = {AFTER_LF, KEEP, BARE_LF},
        [DOT]   = {FIRST_DOT, DROP, 0},
        [OTHER] = {IN_LINE, KEEP, 0},
    },
    [IN_LINE] = {
        [CR]    = {AFTER_CR, KEEP, 0},
        [LF]    = {AFTER_LF, KEEP, BARE_LF},
        [DOT]   = {IN_LINE, KEEP, 0},
        [OTHER] = {IN_LINE, KEEP, 0},
    },
    [AFTER_CR] = {
        [CR]    = {AFTER_CR, KEEP, BARE_CR},
        [LF]    = {LINE_START, KEEP, 0},
        [DOT]   = {LONE_DOT, KEEP, BARE_CR},
        [OTHER] = {IN_LINE, KEEP, BARE_CR},
    },
    [AFTER_LF] = {
        [CR]    = {AFTER_CR, KEEP, 0},
        [LF]    = {AFTER_LF, KEEP, BARE_LF},
        [DOT]   = {LONE_DOT, KEEP, 0},
        [OTHER] = {IN_LINE, KEEP, 0},
    },
    [LONE_DOT] = {
        [CR]    = {AFTER_CR, KEEP, LF_DOT},
        [LF]    = {AFTER_LF, KEEP, LF_DOT | BARE_LF},
        [DOT]   = {IN_LINE, KEEP, 0},
        [OTHER] = {IN_LINE, KEEP, 0},
    },
    [FIRST_DOT] = {
        [CR]    = {FIRST_DOT_CR, DROP, 0},
        [LF]    = {AFTER_LF, KEEP, LF_DOT | BARE_LF},
        [DOT]   = {IN_LINE, KEEP, 0},
        [OTHER] = {IN_LINE, KEEP, SMTP_QUIRK_UNSTUFFED_DOT},
    },
    [FIRST_DOT_CR] = {
        [CR]    = {AFTER_CR, RELEASE, LF_DOT | BARE_CR},
        [LF]    = {LINE_START, END, 0},
        [DOT]   = {LONE_DOT, RELEASE, LF_DOT | BARE_CR},
        [OTHER] = {IN_LINE, RELEASE, LF_DOT | BARE_CR},
    },
};
/* clang-format on */

/* `octets` of the input were stepped over. */
static void count_octets(struct smtp_data_decoder *decoder, const struct step *step, size_t octets)
{
    decoder->line_octets += step->output == RELEASE ? octets + 1
                            : step->output == KEEP  ? octets
                                                    : 0;
    if (decoder->line_octets > TEXT_LINE_OCTETS)
        decoder->quirks |= QUIRK_LONG_LINE;
    if (step->next == LINE_START)
        decoder->line_octets = 0;
}

/*
 * Where text that goes on at `at` meets CR, LF or the end of the input: up to there no octet
 * changes the state, so that long lines are read as fast as memchr reads them. `lf` is the first LF
 * at or behind `at` as far as is known: each is looked for once, however many CRs stand before it.
 */
static size_t run_end(struct slice in, size_t at, size_t *lf)
{
    if (*lf < at)
        *lf = at + slice_find(slice_from(in, at), '\n');
    return at + slice_find(slice_sub(in, at, *lf), '\r');
}

struct parse_result smtp_data_decode(struct smtp_data_decoder *decoder, struct slice in,
                                     struct writer *out)
{
    size_t lf = 0;   /* see run_end */
    size_t from = 0; /* text from here on is not yet written */
    for (size_t at = 0, next; at < in.len; at = next) {
        const struct step *step = &steps[decoder->state][kind_of(in.ptr[at])];
        decoder->state = step->next;
        decoder->quirks |= step->quirks;
        next = at + 1;
        if (step->next == IN_LINE) {
            next = run_end(in, next, &lf);
            decoder->quirks |= base_quirks_of_text(slice_sub(in, at, next));
        }
        count_octets(decoder, step, next - at);
        if (step->output == KEEP)
            continue;
        writer_put(out, slice_sub(in, from, at));
        if (step->output == END)
            return parse_ok(next);
        if (step->output == RELEASE)
            writer_put_octet(out, '\r');
        from = step->output == RELEASE ? at : next;
    }
    writer_put(out, slice_from(in, from));
    return parse_more();
}

/* Where an octet behind `line` stands, which has no LF but as its last octet. */
static enum state state_behind(struct slice line, enum state before)
{
    uint8_t last = line.ptr[line.len - 1];
    if (last != '\n')
        return last == '\r' ? AFTER_CR : IN_LINE;
    bool crlf = line.len > 1 ? line.ptr[line.len - 2] == '\r' : before == AFTER_CR;
    return crlf ? LINE_START : IN_LINE;
}

void smtp_data_encode(struct smtp_data_encoder *encoder, struct slice in, struct writer *out)
{
    size_t from = 0; /* octets from here on are not yet written */
    for (size_t at = 0, next; at < in.len; at = next) {
        if (encoder->state == LINE_START && in.ptr[at] == '.') {
            writer_put(out, slice_sub(in, from, at));
            writer_put_octet(out, '.');
            from = at;
        }
        size_t lf = at + slice_find(slice_from(in, at), '\n');
        next = lf < in.len ? lf + 1 : lf;
        encoder->state = (uint8_t)state_behind(slice_sub(in, at, next), encoder->state);
    }
    writer_put(out, slice_from(in, from));
}

void smtp_data_finish(struct smtp_data_encoder *encoder, struct writer *out)
{
    if (encoder->state != LINE_START)
        writer_put(out, SLICE("\r\n"));
    writer_put(out, SLICE(".\r\n"));
    encoder->state = LINE_START;
}
