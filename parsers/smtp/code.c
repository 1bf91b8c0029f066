#include "smtp/code.h"

/* clang-format off */
static const struct smtp_code codes[] = {
    {211, "system status, or help",                         "RFC 5321 4.2.3"},
    {214, "help message",                                   "RFC 5321 4.2.3"},
    {220, "service ready",                                  "RFC 5321 4.2.3"},
    {221, "closing the connection",                         "RFC 5321 4.2.3"},
    {235, "authentication succeeded",                       "RFC 4954 6"},
    {250, "done",                                           "RFC 5321 4.2.3"},
    {251, "user not local, will forward",                   "RFC 5321 4.2.3"},
    {252, "user not verified, will try to deliver",         "RFC 5321 4.2.3"},
    {253, "pending messages for the node queued",           "RFC 1985 5.1"},
    {334, "server challenge",                               "RFC 4954 4"},
    {354, "send the message, end it with CRLF.CRLF",        "RFC 5321 4.2.3"},
    {421, "service not available, closing the connection",  "RFC 5321 4.2.3"},
    {422, "password change needed",                         "RFC 5248 2.4"},
    {430, "command refused for now",                        "RFC 5248 2.4"},
    {432, "password change needed",                         "RFC 4954 6"},
    {450, "mailbox unavailable for now",                    "RFC 5321 4.2.3"},
    {451, "local error",                                    "RFC 5321 4.2.3"},
    {452, "not enough storage",                             "RFC 5321 4.2.3"},
    {453, "no mail, or not taking mail for now",            "RFC 2645 5.2.1"},
    {454, "TLS or authentication not available for now",    "RFC 3207 4"},
    {455, "cannot take the parameters for now",             "RFC 5321 4.2.3"},
    {458, "cannot queue messages for the node",             "RFC 1985 5.1"},
    {459, "node not allowed",                               "RFC 1985 5.1"},
    {500, "command not recognized",                         "RFC 5321 4.2.3"},
    {501, "syntax error in parameters or arguments",        "RFC 5321 4.2.3"},
    {502, "command not implemented",                        "RFC 5321 4.2.3"},
    {503, "bad sequence of commands",                       "RFC 5321 4.2.3"},
    {504, "command parameter not implemented",              "RFC 5321 4.2.3"},
    {521, "host does not accept mail",                      "RFC 7504 3"},
    {523, "encryption needed",                              "RFC 5248 2.4"},
    {524, "encryption needed for this mechanism",           "RFC 5248 2.4"},
    {525, "account disabled",                               "RFC 5248 2.4"},
    {530, "TLS or authentication needed first",             "RFC 3207 4"},
    {533, "delivery not authorized",                        "RFC 5248 2.4"},
    {534, "authentication mechanism too weak",              "RFC 4954 6"},
    {535, "authentication credentials invalid",             "RFC 4954 6"},
    {538, "encryption needed for this mechanism",           "RFC 4954 6"},
    {550, "mailbox unavailable, or refused by policy",      "RFC 5321 4.2.3"},
    {551, "user not local, try another path",               "RFC 5321 4.2.3"},
    {552, "storage allocation exceeded",                    "RFC 5321 4.2.3"},
    {553, "mailbox name not allowed",                       "RFC 5321 4.2.3"},
    {554, "transaction failed, or no service",              "RFC 5321 4.2.3"},
    {555, "parameters not recognized or not implemented",   "RFC 5321 4.2.3"},
    {556, "domain does not accept mail",                    "RFC 7504 4"},
};

#define AT(context) (UINT32_C(1) << SMTP_CODE_##context)
#define ANYTHING    ((UINT32_C(1) << SMTP_CODE_CONTEXTS) - 1)
#define COMMANDS    (ANYTHING & ~(AT(GREETING) | AT(END_OF_DATA)))
#define MAX_CODES   13

/* What RFC 5321 4.3.2 and the extensions foresee; a row is one of their lists, and those for single
 * commands come first, so that the closest section is found. */
static const struct sequence {
    uint32_t contexts; /* set of AT(...) */
    const char *section;
    uint16_t codes[MAX_CODES + 1]; /* 0 behind the last */
} sequences[] = {
    {AT(GREETING),             "RFC 5321 4.3.2",    {220, 554}},
    {AT(GREETING),             "RFC 7504 3",        {521}},
    {AT(EHLO) | AT(HELO),      "RFC 5321 4.3.2",    {250, 504, 550, 502}},
    {AT(LHLO),                 "RFC 2033 4.1",      {250, 504, 550, 502}},
    {AT(MAIL),                 "RFC 5321 4.3.2",    {250, 552, 451, 452, 550, 553, 503, 455, 555}},
    {AT(MAIL),                 "RFC 6710 4.1",      {450}},
    {AT(RCPT),                 "RFC 5321 4.3.2",    {250, 251, 550, 551, 552, 553, 450, 451, 452,
                                                     503, 455, 555}},
    {AT(RCPT),                 "RFC 7504 4",        {556}},
    {AT(MAIL) | AT(RCPT),      "RFC 6409 4.1",      {554}},
    {AT(DATA),                 "RFC 5321 4.3.2",    {354, 503, 554}},
    {AT(DATA),                 "RFC 821 4.3",       {451}},
    {AT(END_OF_DATA),          "RFC 5321 4.3.2",    {250, 552, 554, 451, 452, 450, 550}},
    {AT(BDAT),                 "RFC 3030 2",        {250, 503, 552, 554, 451, 452, 450, 550}},
    {AT(BURL),                 "RFC 4468 3",        {250, 503, 552, 554, 451}},
    {AT(RSET) | AT(NOOP),      "RFC 5321 4.3.2",    {250}},
    {AT(VRFY),                 "RFC 5321 4.3.2",    {250, 251, 252, 550, 551, 553, 502, 504}},
    {AT(EXPN),                 "RFC 5321 4.3.2",    {250, 252, 550, 500, 502, 504}},
    {AT(HELP),                 "RFC 5321 4.3.2",    {211, 214, 502, 504}},
    {AT(QUIT),                 "RFC 5321 4.3.2",    {221}},
    {AT(STARTTLS),             "RFC 3207 4",        {220, 501, 454}},
    {AT(AUTH),                 "RFC 4954 4",        {235, 334, 501, 503, 504}},
    {AT(AUTH),                 "RFC 4954 6",        {432, 454, 500, 534, 535, 538}},
    {AT(AUTH),                 "RFC 5248 2.4",      {422, 523, 524, 525}},
    {AT(ETRN),                 "RFC 1985 5.1",      {250, 251, 252, 253, 458, 459, 500, 501}},
    {AT(ATRN),                 "RFC 2645 5.2.1",    {250, 450, 451, 453, 502, 530}},
    {AT(TURN),                 "RFC 821 4.3",       {250, 502, 500, 503}},
    {AT(SEND),                 "RFC 821 4.3",       {250, 552, 451, 452, 500, 501, 502}},
    {AT(XCLIENT),              "XCLIENT_README",    {220, 421, 501, 503, 550}},
    {AT(XFORWARD),             "XFORWARD_README",   {250, 421, 501, 503, 550}},
    /* any command */
    {COMMANDS,                 "RFC 5321 4.3.2",    {500, 501, 421}},
    {ANYTHING,                 "RFC 5321 3.8",      {421}},
    {COMMANDS,                 "RFC 5321 4.2.4",    {502}},
    {COMMANDS,                 "RFC 5321 4.1.4",    {503}},
    {COMMANDS & ~(AT(EHLO) | AT(LHLO) | AT(NOOP) | AT(STARTTLS) | AT(QUIT)),
                               "RFC 3207 4",        {530}},
    {COMMANDS & ~(AT(AUTH) | AT(EHLO) | AT(HELO) | AT(LHLO) | AT(NOOP) | AT(RSET) | AT(QUIT)),
                               "RFC 4954 6",        {530}},
    {COMMANDS & ~AT(QUIT),     "RFC 3207 4.1",      {554}},
};
/* clang-format on */

const struct smtp_code *smtp_code_find(unsigned code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code)
            return &codes[i];
    return NULL;
}

static bool holds(const struct sequence *sequence, unsigned code)
{
    for (size_t i = 0; sequence->codes[i] != 0; i++)
        if (sequence->codes[i] == code)
            return true;
    return false;
}

const char *smtp_code_allowed_by(unsigned code, enum smtp_code_context context)
{
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (sequences[i].contexts >> context & 1 && holds(&sequences[i], code))
            return sequences[i].section;
    return NULL;
}
