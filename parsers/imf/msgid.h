/*
 * msgid: the bodies of Message-ID, In-Reply-To and References, one msg-id after another.
 *
 *   message-id  = "Message-ID:" msg-id CRLF                           ; RFC 5322 3.6.4
 *   references  = "References:" 1*msg-id CRLF, In-Reply-To likewise
 *   msg-id      = [CFWS] "<" id-left "@" id-right ">" [CFWS]
 *   id-left     = dot-atom-text / obs-id-left
 *   id-right    = dot-atom-text / no-fold-literal / obs-id-right
 *   obs-references = "References" *WSP ":" *(phrase / msg-id) CRLF    ; RFC 5322 4.5.4
 *
 * Octets above 127 are text (RFC 6532 3.3). Whatever stands in the field is read, and what departs
 * from the grammar is a quirk. An id whose bracket is not closed ends at the next "<", at white
 * space or at the end; one without any brackets is a word with an "@", in a body without any "<".
 * Other words are passed over, and are a quirk.
 *
 *   struct imf_msgid_list list;
 *   struct imf_msgid id;
 *   imf_msgid_begin(body, &list);
 *   while (imf_msgid_next(&list, &id))
 *       ...
 */
#ifndef MAILDRILL_IMF_MSGID_H
#define MAILDRILL_IMF_MSGID_H

#include "base/writer.h"
#include "imf/token.h"

/* Slices are raw: with the quotes, comments and folds that stand inside. Empty: not there. */
struct imf_msgid {
    struct slice raw;   /* all of it, its brackets included */
    struct slice left;  /* before the last "@" that is no text; all of it where there is none */
    struct slice right; /* behind it */
    uint64_t quirks;    /* OBS_ID, INVALID_ID, NO_ID_BRACKETS, UNPAIRED_ANGLE, those of tokens */
};

struct imf_msgid_list {
    struct imf_cursor c; /* at what is read next */
    uint64_t quirks;     /* of all that was read, what stands between ids included */
    /* private */
    bool looked;    /* for a "<" in the body, ... */
    bool bracketed; /* ... and there is one */
    uint64_t open;  /* quirks of what was met unclosed: from then on its first octet is text */
    size_t steps;   /* octets looked at; tests hold it to a multiple of c.in.len */
};

/** Begins at the first octet of a field's body, which may be folded. */
void imf_msgid_begin(struct slice in, struct imf_msgid_list *ret_list);

/** Reads the next msg-id, and says whether there was one; *ret_id is written only then. */
bool imf_msgid_next(struct imf_msgid_list *list, struct imf_msgid *ret_id);

/** The same by the grammar alone, without the short way for ordinary ids: for tests. */
bool imf_msgid_next_by_grammar(struct imf_msgid_list *list, struct imf_msgid *ret_id);

/**
 * Writes an id as a msg-id without comments and white space around its words: "<left@right>". What
 * is written for an id without quirks, or with no other than OBS_ID, UNPAIRED_ANGLE and
 * NO_ID_BRACKETS, is read to the same.
 */
void imf_msgid_write(const struct imf_msgid *id, struct writer *out);

#endif
