#include "law.h"
#include "smtp/command.h"
#include "smtp/plain.h"
#include "smtp/quirk.h"
#include "smtp/value.h"

#include <stdio.h>
#include <stdlib.h>

/* The quirks that writing takes away. */
#define SPELLING                                                                                   \
    (QUIRK_BARE_LF | SMTP_QUIRK_SPACE_BEFORE_PATH | SMTP_QUIRK_NO_BRACKETS |                       \
     SMTP_QUIRK_TRAILING_SPACE | SMTP_QUIRK_EXTRA_SPACE | SMTP_QUIRK_LEADING_SPACE)

/* A member left out is zero or empty, and of `written`, `in` itself: then it is canonical. */
struct row {
    const char *title;
    struct slice in;
    size_t max_octets; /* 0: 1000 */
    int error;         /* 0: read, and all of `in` consumed */
    size_t at;
    enum smtp_verb verb;
    struct slice name; /* empty: the verb's name in upper case */
    struct slice argument;
    struct slice path; /* raw */
    struct slice route, local_part, domain;
    enum smtp_domain_kind kind;
    bool null;
    uint64_t path_quirks;
    struct slice params;
    struct slice mechanism, initial_response, uri;
    uint64_t chunk_octets;
    bool last;
    uint64_t quirks; /* but those of the path */
    struct slice written;
};

#define S(text)    SLICE_INIT(text)
#define LINE(text) SLICE_INIT(text "\r\n")
#define VERB(v)    .verb = SMTP_VERB_##v
#define MAILBOX(raw, local, host)                                                                  \
    .path = S(raw), .local_part = S(local), .domain = S(host), .kind = SMTP_DOMAIN_NAME
#define ERROR(text, e, offset)                                                                     \
    {                                                                                              \
        text, LINE(text), .error = SMTP_COMMAND_##e, .at = offset                                  \
    }
#define PATH_ERROR(text, e, offset)                                                                \
    {                                                                                              \
        text, LINE(text), .error = SMTP_COMMAND_PATH_ERROR(SMTP_PATH_##e), .at = offset            \
    }

#define LEADING     SMTP_QUIRK_LEADING_SPACE
#define TRAILING    SMTP_QUIRK_TRAILING_SPACE
#define EXTRA       SMTP_QUIRK_EXTRA_SPACE
#define UNWANTED    SMTP_QUIRK_UNWANTED_ARGUMENT
#define MISSING     SMTP_QUIRK_MISSING_ARGUMENT
#define ODD_DOMAIN  SMTP_QUIRK_INVALID_DOMAIN
#define NO_BRACKETS SMTP_QUIRK_NO_BRACKETS
#define BEFORE_PATH SMTP_QUIRK_SPACE_BEFORE_PATH
#define ODD_PARAM   SMTP_QUIRK_INVALID_PARAMETER
#define DUPLICATE   SMTP_QUIRK_DUPLICATE_PARAMETER
#define ODD_BASE64  SMTP_QUIRK_INVALID_BASE64

/* clang-format off */
static const struct row lines[] = {
    /* RFC 5321 2.3.8, 2.4, 4.1.1: verb [ SP argument ] CRLF */
    {"a verb", LINE("NOOP"), VERB(NOOP)},
    {"a verb in any case", LINE("nOoP"), VERB(NOOP), .name = S("nOoP"), .written = LINE("NOOP")},
    {"argument", LINE("NOOP a  b"), VERB(NOOP), .argument = S("a  b")},
    {"unknown verb", LINE("XyZ  a\tb"), VERB(UNKNOWN), .name = S("XyZ"), .argument = S("a\tb"), .quirks = EXTRA, .written = LINE("XyZ a\tb")},
    {"verb cut short", LINE("NOO"), VERB(UNKNOWN), .name = S("NOO")},
    {"verb and more", LINE("NOOPS"), VERB(UNKNOWN), .name = S("NOOPS")},
    {"no space after the verb", LINE("EHLO:a"), VERB(UNKNOWN), .name = S("EHLO:a")},
    {"empty line", LINE(""), VERB(UNKNOWN), .quirks = SMTP_QUIRK_NO_VERB},
    {"white space only", LINE(" \t"), VERB(UNKNOWN), .quirks = LEADING | SMTP_QUIRK_NO_VERB, .written = LINE("")},
    {"leading SP", LINE(" NOOP"), VERB(NOOP), .quirks = LEADING, .written = LINE("NOOP")},
    {"leading HTAB", LINE("\tNOOP"), VERB(NOOP), .quirks = LEADING, .written = LINE("NOOP")},
    {"trailing SP", LINE("NOOP "), VERB(NOOP), .quirks = TRAILING, .written = LINE("NOOP")},
    {"trailing HTAB after the argument", LINE("NOOP a \t"), VERB(NOOP), .argument = S("a"), .quirks = TRAILING, .written = LINE("NOOP a")},
    {"two SP", LINE("NOOP  a"), VERB(NOOP), .argument = S("a"), .quirks = EXTRA, .written = LINE("NOOP a")},
    {"HTAB", LINE("NOOP\ta"), VERB(NOOP), .argument = S("a"), .quirks = EXTRA, .written = LINE("NOOP a")},
    {"all white space", S("\t NOOP\t a \n"), VERB(NOOP), .argument = S("a"), .quirks = LEADING | TRAILING | EXTRA | QUIRK_BARE_LF, .written = LINE("NOOP a")},
    {"bare LF", S("NOOP\n"), VERB(NOOP), .quirks = QUIRK_BARE_LF, .written = LINE("NOOP")},
    {"empty bare LF", S("\n"), VERB(UNKNOWN), .quirks = QUIRK_BARE_LF | SMTP_QUIRK_NO_VERB, .written = LINE("")},
    {"bare CR after the verb", LINE("NOOP\r"), VERB(UNKNOWN), .name = S("NOOP\r"), .quirks = QUIRK_BARE_CR},
    {"bare CR between commands", LINE("NOOP\rRSET"), VERB(UNKNOWN), .name = S("NOOP\rRSET"), .quirks = QUIRK_BARE_CR},
    {"bare CR in the argument", LINE("NOOP \r"), VERB(NOOP), .argument = S("\r"), .quirks = QUIRK_BARE_CR},
    {"NUL after the verb", LINE("NOOP\0 a"), VERB(UNKNOWN), .name = S("NOOP\0"), .argument = S("a"), .quirks = QUIRK_NUL},
    {"NUL in the argument", LINE("HELP a\0b"), VERB(HELP), .argument = S("a\0b"), .quirks = QUIRK_NUL},
    {"control octet", LINE("NOOP \x1b"), VERB(NOOP), .argument = S("\x1b"), .quirks = QUIRK_CONTROL},
    {"eight bit", LINE("VRFY \xe9"), VERB(VRFY), .argument = S("\xe9"), .quirks = QUIRK_EIGHT_BIT},
    {"no line yet", S("NOOP\r"), .error = -1},
    {"nothing yet", S(""), .error = -1},
    {"just fits", LINE("NOOP"), .max_octets = 6, VERB(NOOP)},
    {"one too long", LINE("NOOP"), .max_octets = 5, .error = SMTP_COMMAND_TOO_LONG, .at = 5},
    {"no end within the limit", S("NOOP"), .max_octets = 4, .error = SMTP_COMMAND_TOO_LONG, .at = 4},

    /* RFC 5321 4.1.1.1, RFC 2033 4.1: a domain, and but for HELO an address literal */
    {"appendix D.1 EHLO", LINE("EHLO bar.com"), VERB(EHLO), .argument = S("bar.com")},
    {"EHLO IPv4", LINE("EHLO [192.0.2.1]"), VERB(EHLO), .argument = S("[192.0.2.1]")},
    {"EHLO IPv6", LINE("EHLO [IPv6:2001:db8::1]"), VERB(EHLO), .argument = S("[IPv6:2001:db8::1]")},
    {"EHLO invalid literal", LINE("EHLO [300.1.2.999]"), VERB(EHLO), .argument = S("[300.1.2.999]"), .quirks = ODD_DOMAIN},
    {"EHLO underscore", LINE("EHLO a_b"), VERB(EHLO), .argument = S("a_b"), .quirks = ODD_DOMAIN},
    {"EHLO one odd octet", LINE("EHLO _"), VERB(EHLO), .argument = S("_"), .quirks = ODD_DOMAIN},
    {"EHLO two words", LINE("EHLO a b"), VERB(EHLO), .argument = S("a b"), .quirks = ODD_DOMAIN},
    {"EHLO NUL", LINE("EHLO a\0b"), VERB(EHLO), .argument = S("a\0b"), .quirks = ODD_DOMAIN | QUIRK_NUL},
    {"EHLO UTF-8", LINE("EHLO \xc3\xa9"), VERB(EHLO), .argument = S("\xc3\xa9"), .quirks = QUIRK_EIGHT_BIT},
    {"EHLO nothing", LINE("EHLO"), VERB(EHLO), .quirks = MISSING},
    {"EHLO space", LINE("EHLO "), VERB(EHLO), .quirks = MISSING | TRAILING, .written = LINE("EHLO")},
    {"HELO domain", LINE("HELO bar.com"), VERB(HELO), .argument = S("bar.com")},
    {"HELO literal", LINE("HELO [192.0.2.1]"), VERB(HELO), .argument = S("[192.0.2.1]"), .quirks = ODD_DOMAIN},
    {"HELO invalid", LINE("HELO bad..domain.."), VERB(HELO), .argument = S("bad..domain.."), .quirks = ODD_DOMAIN},
    {"HELO nothing", LINE("HELO"), VERB(HELO), .quirks = MISSING},
    {"LHLO domain", LINE("LHLO foo.edu"), VERB(LHLO), .argument = S("foo.edu")},
    {"LHLO literal", LINE("LHLO [192.0.2.1]"), VERB(LHLO), .argument = S("[192.0.2.1]")},
    {"LHLO nothing", LINE("LHLO"), VERB(LHLO), .quirks = MISSING},

    /* RFC 5321 4.1.1.4, 4.1.1.5, 4.1.1.10, RFC 3207 4: no argument */
    {"DATA", LINE("DATA"), VERB(DATA)},
    {"DATA argument", LINE("DATA x"), VERB(DATA), .argument = S("x"), .quirks = UNWANTED},
    {"DATA space", LINE("DATA "), VERB(DATA), .quirks = TRAILING, .written = LINE("DATA")},
    {"RSET", LINE("RSET"), VERB(RSET)},
    {"RSET argument", LINE("RSET x"), VERB(RSET), .argument = S("x"), .quirks = UNWANTED},
    {"QUIT", LINE("QUIT"), VERB(QUIT)},
    {"QUIT argument", LINE("QUIT x y"), VERB(QUIT), .argument = S("x y"), .quirks = UNWANTED},
    {"STARTTLS", LINE("STARTTLS"), VERB(STARTTLS)},
    {"STARTTLS argument", LINE("STARTTLS x"), VERB(STARTTLS), .argument = S("x"), .quirks = UNWANTED},

    /* RFC 5321 4.1.1.6 to 4.1.1.9 */
    {"VRFY", LINE("VRFY Crispin"), VERB(VRFY), .argument = S("Crispin")},
    {"VRFY nothing", LINE("VRFY"), VERB(VRFY), .quirks = MISSING},
    {"EXPN", LINE("EXPN Example-People"), VERB(EXPN), .argument = S("Example-People")},
    {"EXPN nothing", LINE("EXPN"), VERB(EXPN), .quirks = MISSING},
    {"HELP", LINE("HELP"), VERB(HELP)},
    {"HELP argument", LINE("HELP MAIL"), VERB(HELP), .argument = S("MAIL")},
};

static const struct row mail[] = {
    /* RFC 5321 4.1.1.2, and the lines of appendix D */
    {"appendix D.1 MAIL", LINE("MAIL FROM:<Smith@bar.com>"), VERB(MAIL), .argument = S("FROM:<Smith@bar.com>"), MAILBOX("<Smith@bar.com>", "Smith", "bar.com")},
    {"null path", LINE("MAIL FROM:<>"), VERB(MAIL), .argument = S("FROM:<>"), .path = S("<>"), .null = true},
    {"lower case", LINE("mail from:<>"), VERB(MAIL), .name = S("mail"), .argument = S("from:<>"), .path = S("<>"), .null = true, .written = LINE("MAIL FROM:<>")},
    {"one parameter", LINE("MAIL FROM:<a@b> SIZE=1"), VERB(MAIL), .argument = S("FROM:<a@b> SIZE=1"), MAILBOX("<a@b>", "a", "b"), .params = S("SIZE=1")},
    {"null path and parameter", LINE("MAIL FROM:<> SIZE=1"), VERB(MAIL), .argument = S("FROM:<> SIZE=1"), .path = S("<>"), .null = true, .params = S("SIZE=1")},
    {"no brackets", LINE("MAIL FROM:a@b"), VERB(MAIL), .argument = S("FROM:a@b"), MAILBOX("a@b", "a", "b"), .path_quirks = NO_BRACKETS, .written = LINE("MAIL FROM:<a@b>")},
    {"no brackets, parameter", LINE("MAIL FROM:a@b SIZE=1"), VERB(MAIL), .argument = S("FROM:a@b SIZE=1"), MAILBOX("a@b", "a", "b"), .path_quirks = NO_BRACKETS, .params = S("SIZE=1"), .written = LINE("MAIL FROM:<a@b> SIZE=1")},
    {"space before the path", LINE("MAIL FROM: <a@b>"), VERB(MAIL), .argument = S("FROM: <a@b>"), MAILBOX("<a@b>", "a", "b"), .quirks = BEFORE_PATH, .written = LINE("MAIL FROM:<a@b>")},
    {"tab before the path", LINE("MAIL FROM:\t<a@b>"), VERB(MAIL), .argument = S("FROM:\t<a@b>"), MAILBOX("<a@b>", "a", "b"), .quirks = BEFORE_PATH, .written = LINE("MAIL FROM:<a@b>")},
    {"many spaces before the path", LINE("MAIL FROM:  <a@b>"), VERB(MAIL), .argument = S("FROM:  <a@b>"), MAILBOX("<a@b>", "a", "b"), .quirks = BEFORE_PATH, .written = LINE("MAIL FROM:<a@b>")},
    {"typed by hand", LINE("MAIL FROM: pl@mailstreets.com"), VERB(MAIL), .argument = S("FROM: pl@mailstreets.com"), MAILBOX("pl@mailstreets.com", "pl", "mailstreets.com"), .quirks = BEFORE_PATH, .path_quirks = NO_BRACKETS, .written = LINE("MAIL FROM:<pl@mailstreets.com>")},
    {"space after the verb", LINE("MAIL  FROM:<a@b>"), VERB(MAIL), .argument = S("FROM:<a@b>"), MAILBOX("<a@b>", "a", "b"), .quirks = EXTRA, .written = LINE("MAIL FROM:<a@b>")},
    {"trailing space", LINE("MAIL FROM:<a@b> "), VERB(MAIL), .argument = S("FROM:<a@b>"), MAILBOX("<a@b>", "a", "b"), .quirks = TRAILING, .written = LINE("MAIL FROM:<a@b>")},
    {"two spaces after the path", LINE("MAIL FROM:<a@b>  SIZE=1"), VERB(MAIL), .argument = S("FROM:<a@b>  SIZE=1"), MAILBOX("<a@b>", "a", "b"), .params = S("SIZE=1"), .quirks = EXTRA, .written = LINE("MAIL FROM:<a@b> SIZE=1")},
    {"tab after the path", LINE("MAIL FROM:<a@b>\tSIZE=1"), VERB(MAIL), .argument = S("FROM:<a@b>\tSIZE=1"), MAILBOX("<a@b>", "a", "b"), .params = S("SIZE=1"), .quirks = EXTRA, .written = LINE("MAIL FROM:<a@b> SIZE=1")},
    {"spaces between parameters", LINE("MAIL FROM:<a@b> A  B\tC"), VERB(MAIL), .argument = S("FROM:<a@b> A  B\tC"), MAILBOX("<a@b>", "a", "b"), .params = S("A  B\tC"), .quirks = EXTRA, .written = LINE("MAIL FROM:<a@b> A B C")},
    {"invalid parameter", LINE("MAIL FROM:<a@b> =x"), VERB(MAIL), .argument = S("FROM:<a@b> =x"), MAILBOX("<a@b>", "a", "b"), .params = S("=x"), .quirks = ODD_PARAM},
    {"two holds", LINE("MAIL FROM:<a@b> HOLDFOR=1 HOLDUNTIL=2026-01-01T00:00:00Z"), VERB(MAIL), .argument = S("FROM:<a@b> HOLDFOR=1 HOLDUNTIL=2026-01-01T00:00:00Z"), MAILBOX("<a@b>", "a", "b"), .params = S("HOLDFOR=1 HOLDUNTIL=2026-01-01T00:00:00Z"), .quirks = SMTP_QUIRK_TWO_HOLDS},
    {"duplicate parameter", LINE("MAIL FROM:<a@b> SIZE=1 size=2"), VERB(MAIL), .argument = S("FROM:<a@b> SIZE=1 size=2"), MAILBOX("<a@b>", "a", "b"), .params = S("SIZE=1 size=2"), .quirks = DUPLICATE},
    {"NUL in a parameter", LINE("MAIL FROM:<a@b> A=\0 B"), VERB(MAIL), .argument = S("FROM:<a@b> A=\0 B"), MAILBOX("<a@b>", "a", "b"), .params = S("A=\0 B"), .quirks = ODD_PARAM | QUIRK_NUL},
    {"route", LINE("MAIL FROM:<@a,@b:c@d>"), VERB(MAIL), .argument = S("FROM:<@a,@b:c@d>"), MAILBOX("<@a,@b:c@d>", "c", "d"), .route = S("@a,@b"), .path_quirks = SMTP_QUIRK_SOURCE_ROUTE},
    {"bracket and space in quotes", LINE("MAIL FROM:<\"a> \\\"b\"@c> A"), VERB(MAIL), .argument = S("FROM:<\"a> \\\"b\"@c> A"), MAILBOX("<\"a> \\\"b\"@c>", "\"a> \\\"b\"", "c"), .params = S("A")},
    {"UTF-8 mailbox", LINE("MAIL FROM:<\xc3\xa9@b> SMTPUTF8"), VERB(MAIL), .argument = S("FROM:<\xc3\xa9@b> SMTPUTF8"), MAILBOX("<\xc3\xa9@b>", "\xc3\xa9", "b"), .params = S("SMTPUTF8"), .quirks = QUIRK_EIGHT_BIT, .path_quirks = QUIRK_EIGHT_BIT},
    {"invalid domain", LINE("MAIL FROM:<a@[192.0.2.256]>"), VERB(MAIL), .argument = S("FROM:<a@[192.0.2.256]>"), .path = S("<a@[192.0.2.256]>"), .local_part = S("a"), .domain = S("[192.0.2.256]"), .kind = SMTP_DOMAIN_INVALID, .path_quirks = ODD_DOMAIN},
    {"IPv6", LINE("MAIL FROM:<a@[IPv6:::1]>"), VERB(MAIL), .argument = S("FROM:<a@[IPv6:::1]>"), .path = S("<a@[IPv6:::1]>"), .local_part = S("a"), .domain = S("[IPv6:::1]"), .kind = SMTP_DOMAIN_IPV6},
    {"postmaster sends", LINE("MAIL FROM:<postmaster>"), VERB(MAIL), .argument = S("FROM:<postmaster>"), .path = S("<postmaster>"), .local_part = S("postmaster"), .path_quirks = SMTP_QUIRK_NO_DOMAIN},
    {"FROM: before a parameter", LINE("MAIL FROM: SIZE=1"), VERB(MAIL), .argument = S("FROM: SIZE=1"), .path = S("SIZE=1"), .local_part = S("SIZE=1"), .quirks = BEFORE_PATH, .path_quirks = NO_BRACKETS | SMTP_QUIRK_NO_DOMAIN, .written = LINE("MAIL FROM:<SIZE=1>")},
    ERROR("MAIL", NO_FROM, 4),
    ERROR("MAIL ", NO_FROM, 4),
    ERROR("  MAIL  <a@b>", NO_FROM, 8),
    ERROR("MAIL <a@b>", NO_FROM, 5),
    ERROR("MAIL FROM", NO_FROM, 9),
    ERROR("MAIL FROM <a@b>", NO_FROM, 9),
    ERROR("MAIL FROM :<a@b>", NO_FROM, 9),
    ERROR("MAIL FROM\0:<a@b>", NO_FROM, 9),
    ERROR("MAIL TO:<a@b>", NO_FROM, 5),
    PATH_ERROR("MAIL FROM:", EMPTY, 10),
    PATH_ERROR("MAIL FROM:  ", EMPTY, 10),
    PATH_ERROR("MAIL FROM:<a@b", UNCLOSED, 10),
    PATH_ERROR("MAIL FROM: <a@b SIZE=1", UNCLOSED, 11),
    PATH_ERROR("MAIL FROM:<\"a@b>", UNCLOSED_QUOTE, 11),
    PATH_ERROR("MAIL FROM:<a@[b>", UNCLOSED_LITERAL, 13),
    PATH_ERROR("MAIL FROM:<@a,b:c@d>", BAD_ROUTE, 14),
    PATH_ERROR("MAIL FROM:<a b@c>", BAD_LOCAL_PART, 12),
    PATH_ERROR("\t MAIL \t FROM: \t<a b@c>", BAD_LOCAL_PART, 18),
    PATH_ERROR("MAIL FROM:\0<a@b>", BAD_LOCAL_PART, 10),
    PATH_ERROR("MAIL FROM:<a\0b@c>", BAD_LOCAL_PART, 12),
    PATH_ERROR("MAIL FROM:<a\rb@c>", BAD_LOCAL_PART, 12),
    PATH_ERROR("MAIL FROM:<@b>", EMPTY_LOCAL_PART, 11),
    PATH_ERROR("MAIL FROM:<a@>", BAD_DOMAIN, 13),
    PATH_ERROR("MAIL FROM:<a@b c>", TRAILING, 14),
    PATH_ERROR("MAIL FROM:<a@b>SIZE=1", TRAILING, 15),
    PATH_ERROR("MAIL FROM:<a@b>\0", TRAILING, 15),
    PATH_ERROR("MAIL FROM:<a@b>\r", TRAILING, 15),
    PATH_ERROR("MAIL FROM:<>>", TRAILING, 12),
    {"path error, bare LF", S("MAIL FROM:<a@b\n"), .error = SMTP_COMMAND_PATH_ERROR(SMTP_PATH_UNCLOSED), .at = 10},

    /* RFC 5321 4.1.1.3 */
    {"appendix D.1 RCPT", LINE("RCPT TO:<Jones@foo.com>"), VERB(RCPT), .argument = S("TO:<Jones@foo.com>"), MAILBOX("<Jones@foo.com>", "Jones", "foo.com")},
    {"appendix D.3 route", LINE("RCPT TO:<@foo.com:Jones@XYZ.COM>"), VERB(RCPT), .argument = S("TO:<@foo.com:Jones@XYZ.COM>"), MAILBOX("<@foo.com:Jones@XYZ.COM>", "Jones", "XYZ.COM"), .route = S("@foo.com"), .path_quirks = SMTP_QUIRK_SOURCE_ROUTE},
    {"RCPT parameters", LINE("rcpt to:<a@b> NOTIFY=NEVER ORCPT=rfc822;a@b"), VERB(RCPT), .name = S("rcpt"), .argument = S("to:<a@b> NOTIFY=NEVER ORCPT=rfc822;a@b"), MAILBOX("<a@b>", "a", "b"), .params = S("NOTIFY=NEVER ORCPT=rfc822;a@b"), .written = LINE("RCPT TO:<a@b> NOTIFY=NEVER ORCPT=rfc822;a@b")},
    {"postmaster", LINE("RCPT TO:<pOSTmaster>"), VERB(RCPT), .argument = S("TO:<pOSTmaster>"), .path = S("<pOSTmaster>"), .local_part = S("pOSTmaster")},
    {"postmaster, no brackets", LINE("RCPT TO: postmaster A"), VERB(RCPT), .argument = S("TO: postmaster A"), .path = S("postmaster"), .local_part = S("postmaster"), .params = S("A"), .quirks = BEFORE_PATH, .path_quirks = NO_BRACKETS, .written = LINE("RCPT TO:<postmaster> A")},
    {"quoted postmaster", LINE("RCPT TO:<\"postmaster\">"), VERB(RCPT), .argument = S("TO:<\"postmaster\">"), .path = S("<\"postmaster\">"), .local_part = S("\"postmaster\""), .path_quirks = SMTP_QUIRK_NO_DOMAIN},
    {"routed postmaster", LINE("RCPT TO:<@a:postmaster>"), VERB(RCPT), .argument = S("TO:<@a:postmaster>"), .path = S("<@a:postmaster>"), .route = S("@a"), .local_part = S("postmaster"), .path_quirks = SMTP_QUIRK_NO_DOMAIN | SMTP_QUIRK_SOURCE_ROUTE},
    {"no domain", LINE("RCPT TO:<bob>"), VERB(RCPT), .argument = S("TO:<bob>"), .path = S("<bob>"), .local_part = S("bob"), .path_quirks = SMTP_QUIRK_NO_DOMAIN},
    {"null forward-path", LINE("RCPT TO:<>"), VERB(RCPT), .argument = S("TO:<>"), .path = S("<>"), .null = true, .path_quirks = SMTP_QUIRK_NULL_FORWARD_PATH},
    ERROR("RCPT", NO_TO, 4),
    ERROR("RCPT TO", NO_TO, 7),
    ERROR("RCPT TO <a@b>", NO_TO, 7),
    ERROR("RCPT FROM:<a@b>", NO_TO, 5),
    PATH_ERROR("RCPT TO:", EMPTY, 8),
    PATH_ERROR("RCPT TO:<a@b", UNCLOSED, 8),
    PATH_ERROR("RCPT TO:<a@b>A", TRAILING, 13),
    PATH_ERROR("RCPT TO:<postmaster x>", BAD_LOCAL_PART, 19),
};

static const struct row bdat[] = {
    /* RFC 3030 2 */
    {"BDAT", LINE("BDAT 1000"), VERB(BDAT), .argument = S("1000"), .chunk_octets = 1000},
    {"BDAT LAST", LINE("BDAT 324 LAST"), VERB(BDAT), .argument = S("324 LAST"), .chunk_octets = 324, .last = true},
    {"BDAT 0 last", LINE("bdat 0 last"), VERB(BDAT), .name = S("bdat"), .argument = S("0 last"), .last = true, .written = LINE("BDAT 0 LAST")},
    {"leading zeros", LINE("BDAT 00012"), VERB(BDAT), .argument = S("00012"), .chunk_octets = 12, .written = LINE("BDAT 12")},
    {"twenty digits", LINE("BDAT 00000000000000000019"), VERB(BDAT), .argument = S("00000000000000000019"), .chunk_octets = 19, .written = LINE("BDAT 19")},
    {"the largest", LINE("BDAT 18446744073709551615"), VERB(BDAT), .argument = S("18446744073709551615"), .chunk_octets = UINT64_MAX},
    {"white space in BDAT", LINE("BDAT \t1  LAST "), VERB(BDAT), .argument = S("1  LAST"), .chunk_octets = 1, .last = true, .quirks = EXTRA | TRAILING, .written = LINE("BDAT 1 LAST")},
    {"two spaces before LAST", LINE("BDAT 1  LAST"), VERB(BDAT), .argument = S("1  LAST"), .chunk_octets = 1, .last = true, .quirks = EXTRA, .written = LINE("BDAT 1 LAST")},
    ERROR("BDAT", BAD_SIZE, 4),
    ERROR("BDAT LAST", BAD_SIZE, 5),
    ERROR("BDAT -1", BAD_SIZE, 5),
    ERROR("BDAT +1", BAD_SIZE, 5),
    ERROR("BDAT 1/", BAD_SIZE, 6),
    ERROR("BDAT 1:", BAD_SIZE, 6),
    ERROR("BDAT 0x10", BAD_SIZE, 6),
    ERROR("BDAT 1\0", BAD_SIZE, 6),
    ERROR("BDAT 18446744073709551616", BAD_SIZE, 24),
    ERROR("BDAT 18446744073709551620", BAD_SIZE, 24),
    ERROR("BDAT 99999999999999999999", BAD_SIZE, 24),
    ERROR("BDAT 000000000000000000001", BAD_SIZE, 25),
    ERROR("BDAT 184467440737095516150", BAD_SIZE, 25),
    ERROR("BDAT 1 2", BAD_LAST, 7),
    ERROR("BDAT 1 LAS", BAD_LAST, 10),
    ERROR("BDAT 1 LASX", BAD_LAST, 10),
    ERROR("BDAT 1 LASTX", BAD_LAST, 11),
    ERROR("BDAT 1 LAST\0", BAD_LAST, 11),
    ERROR("BDAT  1 \tLAST x", BAD_LAST, 13),
};

static const struct row auth[] = {
    /* RFC 4954 4 */
    {"AUTH", LINE("AUTH CRAM-MD5"), VERB(AUTH), .argument = S("CRAM-MD5"), .mechanism = S("CRAM-MD5")},
    {"AUTH with response", LINE("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ="), VERB(AUTH), .argument = S("PLAIN dGVzdAB0ZXN0ADEyMzQ="), .mechanism = S("PLAIN"), .initial_response = S("dGVzdAB0ZXN0ADEyMzQ=")},
    {"AUTH with empty response", LINE("AUTH EXTERNAL ="), VERB(AUTH), .argument = S("EXTERNAL ="), .mechanism = S("EXTERNAL"), .initial_response = S("=")},
    {"AUTH lower case", LINE("auth login"), VERB(AUTH), .name = S("auth"), .argument = S("login"), .mechanism = S("login"), .written = LINE("AUTH login")},
    {"AUTH white space", LINE("AUTH\tA  AA== "), VERB(AUTH), .argument = S("A  AA=="), .mechanism = S("A"), .initial_response = S("AA=="), .quirks = EXTRA | TRAILING, .written = LINE("AUTH A AA==")},
    {"two spaces before the response", LINE("AUTH A  AA=="), VERB(AUTH), .argument = S("A  AA=="), .mechanism = S("A"), .initial_response = S("AA=="), .quirks = EXTRA, .written = LINE("AUTH A AA==")},
    {"every kind of octet in a mechanism", LINE("AUTH A_b-9"), VERB(AUTH), .argument = S("A_b-9"), .mechanism = S("A_b-9")},
    {"mechanism of exactly 20 octets", LINE("AUTH ABCDEFGHIJKLMNOPQRST"), VERB(AUTH), .argument = S("ABCDEFGHIJKLMNOPQRST"), .mechanism = S("ABCDEFGHIJKLMNOPQRST")},
    ERROR("AUTH ABCDEFGHIJKLMNOPQRSTU", NO_MECHANISM, 25),
    ERROR("AUTH", NO_MECHANISM, 4),
    ERROR("AUTH =", NO_MECHANISM, 5),
    ERROR("AUTH PLA+N AA==", NO_MECHANISM, 8),
    ERROR("AUTH A\0", NO_MECHANISM, 6),
    ERROR("  AUTH  A.B", NO_MECHANISM, 9),
#define RESPONSE(text, q) {"AUTH A " text, LINE("AUTH A " text), VERB(AUTH), .argument = S("A " text), .mechanism = S("A"), .initial_response = S(text), .quirks = q}
    RESPONSE("AZaz", 0),
    RESPONSE("09+/", 0),
    RESPONSE("AAAAAA==", 0),
    RESPONSE("AAA=", 0),
    RESPONSE("A", ODD_BASE64),
    RESPONSE("AA", ODD_BASE64),
    RESPONSE("AAA", ODD_BASE64),
    RESPONSE("AAAAA", ODD_BASE64),
    RESPONSE("AA=", ODD_BASE64),
    RESPONSE("==", ODD_BASE64),
    RESPONSE("A===", ODD_BASE64),
    RESPONSE("====", ODD_BASE64),
    RESPONSE("AAAA=", ODD_BASE64),
    RESPONSE("AAAA====", ODD_BASE64),
    RESPONSE("AA=A", ODD_BASE64),
    RESPONSE("=AAA", ODD_BASE64),
    RESPONSE("AA-_", ODD_BASE64),
    RESPONSE("AA.A", ODD_BASE64),
    RESPONSE("AA*A", ODD_BASE64),
    RESPONSE("AAAA AAAA", ODD_BASE64),
    RESPONSE("AAA\0", ODD_BASE64 | QUIRK_NUL),
    RESPONSE("*", ODD_BASE64),
    /* RFC 4648 3.5: pad bits are zero */
    RESPONSE("AAg=", 0),
    RESPONSE("AAE=", 0),
    RESPONSE("AAB=", ODD_BASE64),
    RESPONSE("AAC=", ODD_BASE64),
    RESPONSE("AQ==", 0),
    RESPONSE("AB==", ODD_BASE64),
    RESPONSE("AI==", ODD_BASE64),
    RESPONSE("AAAB", 0),
};

#define MISPLACED SMTP_QUIRK_MISPLACED_PARAMETER
#define ODD_VALUE SMTP_QUIRK_INVALID_VALUE

/* The values of known parameters, and the commands that take them: see test_value. */
static const struct row values[] = {
    {"of MAIL", LINE("MAIL FROM:<a@b> SIZE=1 RET=FULL"), VERB(MAIL), .argument = S("FROM:<a@b> SIZE=1 RET=FULL"), MAILBOX("<a@b>", "a", "b"), .params = S("SIZE=1 RET=FULL")},
    {"of RCPT", LINE("RCPT TO:<a@b> NOTIFY=NEVER"), VERB(RCPT), .argument = S("TO:<a@b> NOTIFY=NEVER"), MAILBOX("<a@b>", "a", "b"), .params = S("NOTIFY=NEVER")},
    {"RET on RCPT", LINE("RCPT TO:<a@b> RET=FULL"), VERB(RCPT), .argument = S("TO:<a@b> RET=FULL"), MAILBOX("<a@b>", "a", "b"), .params = S("RET=FULL"), .quirks = MISPLACED},
    {"NOTIFY on MAIL", LINE("MAIL FROM:<a@b> NOTIFY=NEVER"), VERB(MAIL), .argument = S("FROM:<a@b> NOTIFY=NEVER"), MAILBOX("<a@b>", "a", "b"), .params = S("NOTIFY=NEVER"), .quirks = MISPLACED},
    {"size in words", LINE("MAIL FROM:<a@b> SIZE=big"), VERB(MAIL), .argument = S("FROM:<a@b> SIZE=big"), MAILBOX("<a@b>", "a", "b"), .params = S("SIZE=big"), .quirks = ODD_VALUE},
    {"xtext in lower case", LINE("MAIL FROM:<a@b> ENVID=a+2b"), VERB(MAIL), .argument = S("FROM:<a@b> ENVID=a+2b"), MAILBOX("<a@b>", "a", "b"), .params = S("ENVID=a+2b"), .quirks = SMTP_QUIRK_LOWER_CASE_XTEXT},
};

static const struct row extended[] = {
    /* RFC 5321 F.6 */
    {"send", LINE("SEND FROM:<a@b>"), VERB(SEND), .argument = S("FROM:<a@b>"), MAILBOX("<a@b>", "a", "b")},
    {"soml", LINE("SOML FROM:<a@b> SIZE=1"), VERB(SOML), .argument = S("FROM:<a@b> SIZE=1"), MAILBOX("<a@b>", "a", "b"), .params = S("SIZE=1")},
    {"saml of nobody", LINE("SAML FROM:<>"), VERB(SAML), .argument = S("FROM:<>"), .path = S("<>"), .null = true},
    ERROR("SEND TO:<a@b>", NO_FROM, 5),
    {"turn", LINE("TURN"), VERB(TURN)},
    {"turn with more", LINE("TURN a"), VERB(TURN), .argument = S("a"), .quirks = UNWANTED},
    /* RFC 1985 5 */
    {"etrn", LINE("ETRN example.org"), VERB(ETRN), .argument = S("example.org")},
    {"etrn of subdomains", LINE("ETRN @example.org"), VERB(ETRN), .argument = S("@example.org")},
    {"etrn of a queue", LINE("ETRN #q_1"), VERB(ETRN), .argument = S("#q_1")},
    {"etrn without a name", LINE("ETRN"), VERB(ETRN), .quirks = MISSING},
    {"etrn of nothing", LINE("ETRN @"), VERB(ETRN), .argument = S("@"), .quirks = MISSING},
    {"etrn of no queue", LINE("ETRN #"), VERB(ETRN), .argument = S("#"), .quirks = MISSING},
    {"etrn of no domain", LINE("ETRN q_1"), VERB(ETRN), .argument = S("q_1"), .quirks = ODD_DOMAIN},
    {"etrn of a literal", LINE("ETRN [192.0.2.1]"), VERB(ETRN), .argument = S("[192.0.2.1]"), .quirks = ODD_DOMAIN},
    /* RFC 2645 5.2.1 */
    {"atrn", LINE("ATRN"), VERB(ATRN)},
    {"atrn of two", LINE("ATRN a.example,b.example"), VERB(ATRN), .argument = S("a.example,b.example")},
    {"atrn, a comma too many", LINE("ATRN a.example,"), VERB(ATRN), .argument = S("a.example,"), .quirks = ODD_DOMAIN},
    {"atrn, second wrong", LINE("ATRN a,_b"), VERB(ATRN), .argument = S("a,_b"), .quirks = ODD_DOMAIN},
    /* RFC 4468 3 */
    {"burl", LINE("BURL imap://h/a;uid=1"), VERB(BURL), .argument = S("imap://h/a;uid=1"), .uri = S("imap://h/a;uid=1")},
    {"burl last", LINE("BURL a+b-c.1:x last"), VERB(BURL), .argument = S("a+b-c.1:x last"), .uri = S("a+b-c.1:x"), .last = true, .written = LINE("BURL a+b-c.1:x LAST")},
    ERROR("BURL", NO_URI, 4),
    ERROR("BURL LAST", NO_URI, 9),
    ERROR("BURL :x", NO_URI, 5),
    ERROR("BURL 1a:x", NO_URI, 5),
    ERROR("BURL a_b:x", NO_URI, 6),
    ERROR("BURL imap:", NO_URI, 10),
    ERROR("BURL a:\xc3\xa9", NO_URI, 7),
    ERROR("BURL a:x FIRST", BAD_LAST, 9),
    ERROR("BURL a:x LASTS", BAD_LAST, 13),
    /* Postfix: XCLIENT_README, XFORWARD_README */
    {"xclient", LINE("XCLIENT NAME=a ADDR=192.0.2.1"), VERB(XCLIENT), .argument = S("NAME=a ADDR=192.0.2.1"), .params = S("NAME=a ADDR=192.0.2.1")},
    {"xclient of nothing", LINE("XCLIENT"), VERB(XCLIENT), .quirks = MISSING},
    {"xclient, not xtext", LINE("XCLIENT NAME=a+b"), VERB(XCLIENT), .argument = S("NAME=a+b"), .params = S("NAME=a+b"), .quirks = ODD_VALUE},
    {"xclient with a source", LINE("XCLIENT SOURCE=LOCAL"), VERB(XCLIENT), .argument = S("SOURCE=LOCAL"), .params = S("SOURCE=LOCAL"), .quirks = MISPLACED},
    {"xforward", LINE("XFORWARD SOURCE=LOCAL IDENT=1"), VERB(XFORWARD), .argument = S("SOURCE=LOCAL IDENT=1"), .params = S("SOURCE=LOCAL IDENT=1")},
    {"xforward twice", LINE("XFORWARD NAME=a  name=b"), VERB(XFORWARD), .argument = S("NAME=a  name=b"), .params = S("NAME=a  name=b"), .quirks = DUPLICATE | EXTRA, .written = LINE("XFORWARD NAME=a name=b")},
};
/* clang-format on */

static void assert_same_command(const struct smtp_command *command, const struct row *row)
{
    assert_int_equal(command->verb, row->verb);
    assert_slice_equal(command->path.route, row->route);
    assert_slice_equal(command->path.local_part, row->local_part);
    assert_slice_equal(command->path.domain, row->domain);
    assert_int_equal(command->path.mailbox.len,
                     row->local_part.len + row->domain.len + (row->domain.len > 0));
    assert_int_equal(command->path.domain_kind, row->kind);
    assert_int_equal(command->path.null, row->null);
    assert_slice_equal(command->mechanism, row->mechanism);
    assert_slice_equal(command->initial_response, row->initial_response);
    assert_slice_equal(command->uri, row->uri);
    assert_int_equal(command->chunk_octets, row->chunk_octets);
    assert_int_equal(command->last, row->last);
}

/* Law 4: written, it is canonical, and parses to the same. */
static void assert_round_trip(const struct smtp_command *command, const struct row *row)
{
    uint8_t buffer[1024];
    struct writer out = writer_of(buffer, sizeof buffer);
    smtp_command_write(command, &out);
    assert_false(out.overflow);
    struct slice written = writer_slice(&out);
    assert_slice_equal(written, row->written.len > 0 ? row->written : row->in);

    struct smtp_command again;
    struct parse_result result = smtp_command_parse(written, sizeof buffer, &again);
    assert_int_equal(result.status, PARSE_OK);
    assert_int_equal(result.offset, written.len);
    assert_same_command(&again, row);
    assert_int_equal(again.quirks, (row->quirks | row->path_quirks) & ~SPELLING);
}

static void assert_same_place(struct slice a, struct slice b)
{
    assert_ptr_equal(a.ptr, b.ptr);
    assert_int_equal(a.len, b.len);
}

/* The glance at plain lines and the grammar behind it give the same. */
static void assert_grammar_agrees(struct slice in, size_t max_octets, struct parse_result result,
                                  const struct smtp_command *command)
{
    struct smtp_command any = {.quirks = UINT64_MAX};
    struct parse_result again = smtp_command_parse_any(in, max_octets, &any);
    assert_int_equal(again.status, result.status);
    assert_int_equal(again.offset, result.offset);
    assert_int_equal(again.error, result.error);
    assert_int_equal(any.quirks, command->quirks);
    if (result.status != PARSE_OK)
        return;
    assert_int_equal(any.verb, command->verb);
    assert_same_place(any.name, command->name);
    assert_same_place(any.argument, command->argument);
    assert_same_place(any.path.raw, command->path.raw);
    assert_same_place(any.path.route, command->path.route);
    assert_same_place(any.path.mailbox, command->path.mailbox);
    assert_same_place(any.path.local_part, command->path.local_part);
    assert_same_place(any.path.domain, command->path.domain);
    assert_int_equal(any.path.domain_kind, command->path.domain_kind);
    assert_int_equal(any.path.null, command->path.null);
    assert_int_equal(any.path.quirks, command->path.quirks);
    assert_same_place(any.params, command->params);
    assert_same_place(any.mechanism, command->mechanism);
    assert_same_place(any.initial_response, command->initial_response);
    assert_int_equal(any.chunk_octets, command->chunk_octets);
    assert_same_place(any.uri, command->uri);
    assert_int_equal(any.last, command->last);
}

static struct parse_result parse(struct slice in, void *context)
{
    const struct row *row = context;
    struct smtp_command command = {.quirks = UINT64_MAX};
    size_t max_octets = row->max_octets == 0 ? 1000 : row->max_octets;
    struct parse_result result = smtp_command_parse(in, max_octets, &command);
    assert_grammar_agrees(in, max_octets, result, &command);
    if (result.status != PARSE_OK) {
        assert_int_equal(command.quirks, UINT64_MAX); /* only success writes */
        return result;
    }
    assert_same_command(&command, row);
    assert_slice_equal(command.name, row->name.len > 0 ? row->name : smtp_verb_name(row->verb));
    assert_slice_equal(command.argument, row->argument);
    assert_slice_equal(command.path.raw, row->path);
    assert_slice_equal(command.params, row->params);
    assert_int_equal(command.path.quirks, row->path_quirks);
    assert_int_equal(command.quirks, row->quirks | row->path_quirks);
    assert_round_trip(&command, row);
    return result;
}

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        print_message("%s\n", row->title);
        struct parse_result expected = row->error == 0  ? parse_ok(row->in.len)
                                       : row->error < 0 ? parse_more()
                                                        : parse_error(row->error, row->at);
        law_check(row->title, parse, (void *)(uintptr_t)row, row->in, expected);
    }
}

#define TABLE(rows)                                                                                \
    static void table_##rows(void **state)                                                         \
    {                                                                                              \
        (void)state;                                                                               \
        check(rows, sizeof rows / sizeof *rows);                                                   \
    }
TABLE(lines)
TABLE(mail)
TABLE(bdat)
TABLE(auth)
TABLE(values)
TABLE(extended)

/** A command line of exactly that many octets, its ending included; freed with law_free. */
static struct slice long_line(const char *first, const char *unit, size_t octets)
{
    uint8_t *text = malloc(octets);
    assert_non_null(text);
    size_t len = strlen(first);
    memcpy(text, first, len);
    for (size_t at = len; at < octets - 2; at++)
        text[at] = (uint8_t)unit[(at - len) % strlen(unit)];
    memcpy(text + octets - 2, "\r\n", 2);
    return slice_of(text, octets);
}

static uint64_t quirks_of(struct slice line)
{
    struct smtp_command command;
    struct parse_result result = smtp_command_parse(line, line.len, &command);
    assert_int_equal(result.status, PARSE_OK);
    assert_int_equal(result.offset, line.len);
    law_free(line);
    return command.quirks;
}

/* RFC 5321 4.5.3.1.2, 4.5.3.1.3, 4.5.3.1.4: 255, 256 and 512 octets fit. */
static void limits(void **state)
{
    (void)state;
    assert_int_equal(quirks_of(long_line("NOOP ", "x", 512)), 0);
    assert_int_equal(quirks_of(long_line("NOOP ", "x", 513)), QUIRK_LONG_LINE);
    assert_int_equal(quirks_of(long_line("EHLO ", "x", 7 + 255)), 0);
    assert_int_equal(quirks_of(long_line("EHLO ", "x", 7 + 256)), SMTP_QUIRK_LONG_DOMAIN);
    assert_int_equal(quirks_of(long_line("HELO ", "x", 7 + 256)), SMTP_QUIRK_LONG_DOMAIN);
    assert_int_equal(quirks_of(long_line("MAIL FROM:a@", "b", 14 + 252)), NO_BRACKETS);
    assert_int_equal(quirks_of(long_line("MAIL FROM:a@", "b", 14 + 253)),
                     NO_BRACKETS | SMTP_QUIRK_LONG_PATH);
}

/* Each octet at each place of a plain line, alone and with other lines behind it: whatever that
 * makes of it, the glance agrees with the grammar. */
static void glances(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const samples[] = {
        "MAIL FROM:<a.b@c-d.e> SIZE=12 BODY=8BITMIME\r\n",
        "rcpt to:<first.last+tag@a.host-name.test> NOTIFY=DELAY ORCPT=rfc822;a.b@c.example.org\r\n",
        "MAIL FROM:<> RET=HDRS ENVID=x SMTPUTF8\r\n",
        "EHLO a.b-c.d\r\n",
        "BDAT 1000 LAST\r\n",
        "NOOP xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx a\r\n",
        "QUIT\r\n",
    };
    /* clang-format on */
    static const char behind[] =
        "RCPT TO:<a@b>\r\nMAIL FROM:<c@d> SIZE=1 SMTPUTF8\r\nNOOP a.b=c-d@e\r\nDATA\r\n";
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        size_t len = strlen(samples[i]);
        uint8_t text[256];
        memcpy(text, samples[i], len);
        memcpy(text + len, behind, sizeof behind - 1);
        for (size_t at = 0; at < len; at++) {
            for (unsigned octet = 0; octet < 256; octet++) {
                text[at] = (uint8_t)octet;
                for (size_t more = 0; more < sizeof behind; more += sizeof behind - 1) {
                    struct slice copy = law_copy(slice_of(text, len + more));
                    struct smtp_command command = {.quirks = UINT64_MAX};
                    assert_grammar_agrees(copy, 1000, smtp_command_parse(copy, 1000, &command),
                                          &command);
                    law_free(copy);
                }
            }
            text[at] = (uint8_t)samples[i][at];
        }
    }
}

/* Lines of every length around those that one or two scans see, whole and cut short, with their
 * parameters at every place: the glance agrees with the grammar. */
static void glances_of_lengths(void **state)
{
    (void)state;
    static const char *const samples[][2] = {
        {"NOOP ", ""},
        {"MAIL FROM:<a.b@", "c.de> SIZE=1 RET=FULL"},
        {"MAIL FROM:<a@b.c> ENVID=", " SIZE=1234 BODY=7BIT"},
        {"RCPT TO:<a@b.c> NOTIFY=DELAY ORCPT=rfc822;", ""},
        {"MAIL FROM:<a@b.c> SIZE=1 AUTH=", "@b SMTPUTF8"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        for (size_t octets = 50; octets <= 530; octets += octets < 270 ? 1 : 13) {
            char text[600];
            size_t first = strlen(samples[i][0]), last = strlen(samples[i][1]);
            memset(text, 'x', sizeof text);
            memcpy(text, samples[i][0], first);
            memcpy(text + octets - last - 2, samples[i][1], last);
            memcpy(text + octets - 2, "\r\nQUIT\r\n", 8);
            for (size_t len = octets - 3; len <= octets + 6; len++) {
                struct slice copy = law_copy(slice_of(text, len));
                for (size_t max = octets - 1; max <= octets + 1; max++) {
                    struct smtp_command command = {.quirks = UINT64_MAX};
                    assert_grammar_agrees(copy, max, smtp_command_parse(copy, max, &command),
                                          &command);
                }
                law_free(copy);
            }
        }
}

/* Parameters of fewer octets than a scan sees are plain wherever they lie. */
static void plain_params(void **state)
{
    (void)state;
    for (size_t octets = 1; octets < SCAN_TEXT_OCTETS - 6; octets++) {
        char line[256];
        int len = snprintf(line, sizeof line, "MAIL FROM:<a@b.c> ENVID=%0*d BODY=7BIT SIZE=12\r\n",
                           (int)octets, 0);
        struct slice copy = law_copy(slice_of(line, (size_t)len));
        struct smtp_plain_text text;
        struct smtp_plain plain;
        assert_true(smtp_plain_begin(copy, 512, &text, &plain));
        assert_int_equal(plain.line.len, len - 2);
        assert_true(smtp_plain_are_params(copy, plain.line, &text, 18, SMTP_ON_MAIL));
        assert_false(smtp_plain_are_params(copy, plain.line, &text, 18, SMTP_ON_RCPT));
        law_free(copy);
    }
}

/* Hostile input of 1 MiB: work that grows faster than the input would not end in a minute. */
static void hostile(void **state)
{
    (void)state;
    enum { OCTETS = 1 << 20 };
    static const struct {
        const char *first, *unit;
        int error;
        size_t at;
    } cases[] = {
        {"MAIL FROM:<a@b> ", "x=y ", 0, 0},
        {"MAIL FROM:<a@b>", " ", 0, 0},
        {"MAIL", " ", SMTP_COMMAND_NO_FROM, 4},
        {"MAIL FROM:<", "@a,", SMTP_COMMAND_PATH_ERROR(SMTP_PATH_UNCLOSED), 10},
        {"MAIL FROM:<\"", "\\\"", SMTP_COMMAND_PATH_ERROR(SMTP_PATH_UNCLOSED_QUOTE), 11},
        {"BDAT ", "9", SMTP_COMMAND_BAD_SIZE, 24},
        {"BDAT ", "0", SMTP_COMMAND_BAD_SIZE, 25},
        {"AUTH ", "A", SMTP_COMMAND_NO_MECHANISM, 25},
        {"AUTH A ", "A", 0, 0},
        {"EHLO [IPv6:", "1:", 0, 0},
        {"EHLO a", ".a", 0, 0},
        {"", " ", 0, 0},
        {"", "x", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice line = long_line(cases[i].first, cases[i].unit, OCTETS);
        struct smtp_command command;
        struct parse_result result = smtp_command_parse(line, OCTETS, &command);
        law_free(line);
        if (result.error != cases[i].error ||
            result.offset != (cases[i].error == 0 ? OCTETS : cases[i].at))
            fail_msg("%s%s...: error %d offset %zu", cases[i].first, cases[i].unit, result.error,
                     result.offset);
    }
}

static void overflow_is_sticky(void **state)
{
    (void)state;
    struct smtp_command command;
    struct slice line = SLICE("RCPT TO:<a@b> A=1 B\r\n");
    assert_int_equal(smtp_command_parse(line, line.len, &command).status, PARSE_OK);
    for (size_t capacity = 0; capacity <= line.len; capacity++) {
        uint8_t buffer[32];
        struct writer out = writer_of(buffer, capacity);
        smtp_command_write(&command, &out);
        assert_int_equal(out.overflow, capacity < line.len);
    }
}

static void verbs(void **state)
{
    (void)state;
    for (int verb = SMTP_VERB_EHLO; verb <= SMTP_VERB_XFORWARD; verb++) {
        struct slice name = smtp_verb_name((enum smtp_verb)verb);
        assert_true(name.len >= 4);
        assert_int_equal(smtp_verb_of(name), verb);
        assert_int_equal(smtp_verb_of(slice_sub(name, 0, name.len - 1)), SMTP_VERB_UNKNOWN);
    }
    assert_slice_equal(smtp_verb_name(SMTP_VERB_STARTTLS), SLICE("STARTTLS"));
    assert_slice_equal(smtp_verb_name(SMTP_VERB_UNKNOWN), SLICE(""));
    assert_int_equal(smtp_verb_of(SLICE("rcpT")), SMTP_VERB_RCPT);
    assert_int_equal(smtp_verb_of(SLICE("")), SMTP_VERB_UNKNOWN);
    assert_int_equal(smtp_verb_of((struct slice){.len = 0}), SMTP_VERB_UNKNOWN);
    assert_int_equal(smtp_verb_of(SLICE("MAIL ")), SMTP_VERB_UNKNOWN);
}

static void error_texts(void **state)
{
    (void)state;
    const char *other = smtp_command_error_text(0);
    assert_string_equal(smtp_command_error_text(SMTP_COMMAND_BAD_PATH), other);
    assert_string_equal(smtp_command_error_text(SMTP_COMMAND_NO_URI + 1), other);
    for (int error = SMTP_COMMAND_TOO_LONG; error <= SMTP_COMMAND_NO_URI; error++) {
        assert_string_not_equal(smtp_command_error_text(error), other);
        for (int earlier = SMTP_COMMAND_TOO_LONG; earlier < error; earlier++)
            assert_string_not_equal(smtp_command_error_text(error),
                                    smtp_command_error_text(earlier));
    }
    assert_string_equal(smtp_command_error_text(SMTP_COMMAND_PATH_ERROR(SMTP_PATH_UNCLOSED)),
                        smtp_path_error_text(SMTP_PATH_UNCLOSED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_lines),
        cmocka_unit_test(table_mail),
        cmocka_unit_test(table_bdat),
        cmocka_unit_test(table_auth),
        cmocka_unit_test(table_values),
        cmocka_unit_test(table_extended),
        cmocka_unit_test(limits),
        cmocka_unit_test(glances),
        cmocka_unit_test(glances_of_lengths),
        cmocka_unit_test(plain_params),
        cmocka_unit_test(hostile),
        cmocka_unit_test(overflow_is_sticky),
        cmocka_unit_test(verbs),
        cmocka_unit_test(error_texts),
    };
    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
