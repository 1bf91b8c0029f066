/*
 * account: the user and password of a campaign's dialogues (RFC 4954 4), as stand-ins.
 *
 * What a campaign keeps (inputs, logs, findings) has a stand-in where a password would be. Octets
 * that go out have what it stands for, and scripts the variables of the language.
 */
#ifndef MAILDRILL_CAMPAIGN_ACCOUNT_H
#define MAILDRILL_CAMPAIGN_ACCOUNT_H

#include "base/writer.h"

enum account_part { ACCOUNT_USER, ACCOUNT_PASS, ACCOUNT_PLAIN, ACCOUNT_PARTS };

/* base64, and as long as is likely: a line with one is read as one with what it stands for. */
#define ACCOUNT_USER_TEXT  "bWFpbGRyaWxsLXVzZXI="
#define ACCOUNT_PASS_TEXT  "bWFpbGRyaWxsLXBhc3M="
#define ACCOUNT_PLAIN_TEXT "AG1haWxkcmlsbC11c2VyAG1haWxkcmlsbC1wYXNz"

struct account {
    struct slice parts[ACCOUNT_PARTS]; /* in base64; PLAIN: RFC 4616's message. Empty: none given */
};

static inline bool account_given(const struct account *account)
{
    return account->parts[ACCOUNT_PLAIN].len > 0;
}

/** Writes `octets`, each stand-in replaced by what it stands for. */
void account_fill(const struct account *account, struct slice octets, struct writer *out);

/** The other way round. */
void account_hide(const struct account *account, struct slice octets, struct writer *out);

/** What scripts say for the stand-in that `octets` begin with; empty where they begin with none.
 * `ret_octets`: of the stand-in. */
struct slice account_variable(struct slice octets, size_t *ret_octets);

#endif
