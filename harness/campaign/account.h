/*
 * account: the user and password of a campaign's dialogues (RFC 4954 4), as stand-ins, and what is
 * said in their place that no server may take.
 *
 * What a campaign keeps (inputs, logs, findings) has a stand-in where a password would be. Octets
 * that go out have what it stands for, and scripts the variables of the language.
 */
#ifndef MAILDRILL_CAMPAIGN_ACCOUNT_H
#define MAILDRILL_CAMPAIGN_ACCOUNT_H

#include "base/writer.h"

enum account_part {
    ACCOUNT_USER,
    ACCOUNT_PASS,
    ACCOUNT_PLAIN, /* RFC 4616's message */
    ACCOUNT_EMPTY, /* the same without a password, */
    ACCOUNT_WRONG, /* with another one; */
    ACCOUNT_CRAM,  /* RFC 2195's response, its digest made up */
    ACCOUNT_PARTS
};

/* base64, and as long as is likely: a line with one is read as one with what it stands for. */
#define ACCOUNT_USER_TEXT  "bWFpbGRyaWxsLXVzZXI="
#define ACCOUNT_PASS_TEXT  "bWFpbGRyaWxsLXBhc3M="
#define ACCOUNT_PLAIN_TEXT "AG1haWxkcmlsbC11c2VyAG1haWxkcmlsbC1wYXNz"

#define ACCOUNT_EMPTY_TEXT "AG1haWxkcmlsbC11c2VyAA=="
#define ACCOUNT_WRONG_TEXT "AG1haWxkcmlsbC11c2VyAG1haWxkcmlsbC13cm9uZw=="
#define ACCOUNT_CRAM_TEXT  "bWFpbGRyaWxsLXVzZXIgMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
#define ACCOUNT_WRONG_PASS "maildrill-wrong"
#define ACCOUNT_DIGEST     "00000000000000000000000000000000"

/* The same of a user that nobody has: they stand for themselves. */
#define ACCOUNT_NO_USER_TEXT  "bWFpbGRyaWxsLW5vYm9keQ=="
#define ACCOUNT_NO_PASS_TEXT  "bWFpbGRyaWxsLXdyb25n" /* ACCOUNT_WRONG_PASS */
#define ACCOUNT_NO_PLAIN_TEXT "AG1haWxkcmlsbC1ub2JvZHkAbWFpbGRyaWxsLXdyb25n"
#define ACCOUNT_NO_EMPTY_TEXT "AG1haWxkcmlsbC1ub2JvZHkA"
#define ACCOUNT_NO_CRAM_TEXT  "bWFpbGRyaWxsLW5vYm9keSAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA=="

struct account {
    struct slice parts[ACCOUNT_PARTS]; /* in base64. Empty: none given */
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

enum account_proof {
    ACCOUNT_MAYBE,   /* it may be right */
    ACCOUNT_NOTHING, /* it holds no password */
    ACCOUNT_FALSE,   /* it holds one that is made up */
};

/** What a response of AUTH, in base64, proves. */
enum account_proof account_proof(struct slice response);

#endif
