/*
 * content: the bodies of Content-Type and Content-Disposition, and their parameters.
 *
 *   content     = type "/" subtype *( ";" parameter )               ; RFC 2045 5.1
 *   disposition = disposition-type *( ";" parameter )               ; RFC 2183 2
 *   parameter   = attribute [ section ] [ "*" ] "=" value           ; RFC 2231 7
 *   section     = "*" ( "0" / %d49-57 *DIGIT )
 *   value       = token / quoted-string / extended-value
 *   token       = 1*<any (US-ASCII) CHAR except SPACE, CTLs, or tspecials>
 *   tspecials   = "(" / ")" / "<" / ">" / "@" / "," / ";" / ":" / "\" / DQUOTE / "/" / "[" / "]" /
 *                 "?" / "="
 *   extended-value = [ [ charset ] "'" [ language ] "'" ] *( "%" 2HEXDIG / attribute-char )
 *                                    ; behind "*"; charset and language in the first section only
 * White space and comments may stand between all of these (RFC 822 3.1.4).
 *
 * Sections (name*0=a; name*1=b) are one parameter. What is read beside the grammar, and named:
 * values that need quotes, missing semicolons, attributes, "=" or values, parameters and sections
 * that stand twice or are missing, extended values that are none, encoded words.
 *
 *   struct imf_content content;
 *   struct imf_content_params params;
 *   struct imf_content_param param;
 *   if (imf_content_parse(body, IMF_CONTENT_TYPE, &content).status == PARSE_OK) {
 *       imf_content_params_begin(content.params, &params);
 *       while (imf_content_param_next(&params, &param))
 *           imf_content_param_value(&params, &param, &out);
 *   }
 */
#ifndef MAILDRILL_IMF_CONTENT_H
#define MAILDRILL_IMF_CONTENT_H

#include "base/parse.h"
#include "base/slice.h"
#include "base/writer.h"

enum imf_content_kind {
    IMF_CONTENT_TYPE,
    IMF_CONTENT_DISPOSITION, /* has no subtype */
};

enum imf_content_error {
    IMF_CONTENT_NO_TYPE = 1, /* no token where the type must stand; its offset */
};

struct imf_content {
    struct slice type;    /* "text", "attachment" */
    struct slice subtype; /* "plain"; may be empty */
    struct slice params;  /* what follows; begin imf_content_params with it */
    uint64_t quirks; /* NO_SUBTYPE, TRAILING_TEXT, UNCLOSED_COMMENT ... of what precedes params */
};

/** Reads a field's body, folds and all; the input is whole, so that the answer is never MORE, and
 * all of it is consumed. */
struct parse_result imf_content_parse(struct slice body, enum imf_content_kind kind,
                                      struct imf_content *ret_content);

struct imf_content_param {
    struct slice attribute; /* as written, without section and "*"; empty where it is missing */
    struct slice raw_value; /* as written, of the first section; empty where it is missing */
    bool has_value;         /* "=" stood there */
    bool extended;          /* "*" stood there: of the first section */
    bool has_sections;
    size_t sections;       /* that the value is made of; 1 where has_sections is false */
    struct slice charset;  /* of an extended value; empty where it names none */
    struct slice language; /* likewise */
    uint64_t quirks;
    /* private */
    size_t at;         /* of the first section */
    bool put_together; /* from sections */
};

/* Bounds that keep the work linear on hostile input: beyond them sections are not put together, and
 * what stands twice is not known to. */
#define IMF_CONTENT_MAX_ATTRIBUTES 32 /* different ones */
#define IMF_CONTENT_MAX_PASSES     8  /* over sections out of order, for one attribute */

struct imf_content_params {
    struct slice in;
    uint64_t quirks; /* of what stands between parameters: EMPTY_ELEMENT, UNCLOSED_COMMENT; complete
                        when imf_content_param_next answered false */
    /* private */
    size_t at;
    size_t seen_count;
    struct {
        struct slice attribute;
        bool sections; /* were put together already */
    } seen[IMF_CONTENT_MAX_ATTRIBUTES];
};

/** Begins behind the type: content.params, or any row of parameters, whose first needs no ";". */
void imf_content_params_begin(struct slice in, struct imf_content_params *ret_params);

/** Reads the next parameter, where its first section stands; false where none is left. */
bool imf_content_param_next(struct imf_content_params *params, struct imf_content_param *ret_param);

/** Finds a parameter without regard to case: the first with an extended value or sections, else the
 * first. */
bool imf_content_param_find(struct slice in, struct slice attribute,
                            struct imf_content_param *ret_param);

/** Writes a parameter's value, sections put together: without quotes and folds, extended ones as
 * the octets of their charset. Never more octets than `params->in` has. */
void imf_content_param_value(const struct imf_content_params *params,
                             const struct imf_content_param *param, struct writer *out);

/** Most octets that imf_content_param_write makes of a value of that many octets. */
#define IMF_CONTENT_WRITTEN_MAX(octets, names) (4 * (octets) + ((octets) / 8 + 2) * ((names) + 20))

/**
 * Writes "; attribute=value": as a token or a quoted string; as an extended value where it needs
 * one or `charset` is not empty; in sections on lines of their own where it is long. Reads back as
 * the same, without quirks. False, and nothing written, where attribute, charset or language may
 * not stand there, or have more than 40 octets.
 * `names` of IMF_CONTENT_WRITTEN_MAX are the octets of attribute, charset and language.
 */
bool imf_content_param_write(struct slice attribute, struct slice value, struct slice charset,
                             struct slice language, struct writer *out);

/** One sentence for an error of this parser, without its full stop; NULL for any other number. */
const char *imf_content_error_text(int error);

#endif
