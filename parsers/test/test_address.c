#include "imf/address.h"
#include "imf/quirk.h"
#include "law.h"

#include <stdlib.h>

/* clang-format off */
#define OBS_LOCAL      IMF_QUIRK_OBS_LOCAL_PART
#define OBS_DOMAIN     IMF_QUIRK_OBS_DOMAIN
#define OBS_ROUTE      IMF_QUIRK_OBS_ROUTE
#define OBS_PHRASE     IMF_QUIRK_OBS_PHRASE
#define OBS_TEXT       IMF_QUIRK_OBS_TEXT
#define EMPTY          IMF_QUIRK_EMPTY_ELEMENT
#define BAD_LOCAL      IMF_QUIRK_INVALID_LOCAL_PART
#define BAD_DOMAIN     IMF_QUIRK_INVALID_DOMAIN
#define NO_LOCAL       IMF_QUIRK_NO_LOCAL_PART
#define NO_DOMAIN      IMF_QUIRK_NO_DOMAIN
#define NULL_ADDRESS   IMF_QUIRK_NULL_ADDRESS
#define UNPAIRED       IMF_QUIRK_UNPAIRED_ANGLE
#define OPEN_GROUP     IMF_QUIRK_UNCLOSED_GROUP
#define SPECIAL        IMF_QUIRK_UNQUOTED_SPECIAL
#define STRAY          IMF_QUIRK_STRAY_SEPARATOR
#define TEXT_AFTER     IMF_QUIRK_TRAILING_TEXT
#define NO_COMMA       IMF_QUIRK_MISSING_SEPARATOR
#define NO_ANGLE       IMF_QUIRK_NO_ANGLE
#define OPEN_QUOTE     IMF_QUIRK_UNCLOSED_QUOTE
#define OPEN_COMMENT   IMF_QUIRK_UNCLOSED_COMMENT
#define OPEN_LITERAL   IMF_QUIRK_UNCLOSED_LITERAL
#define UTF8           QUIRK_UTF8
/* clang-format on */

struct row {
    struct slice in;
    struct slice expected;  /* one line an address: "name||route|local-part|domain|comments" */
    uint64_t quirks;        /* of the list */
    struct slice canonical; /* what is written, one line an address */
};

#define ROW(in, expected, quirks, canonical)                                                       \
    {                                                                                              \
        SLICE_INIT(in), SLICE_INIT(expected), quirks, SLICE_INIT(canonical)                        \
    }

/* clang-format off */
static const struct row rows[] = {
    /* RFC 5322 3.4: mailbox = name-addr / addr-spec */
    ROW("a@b", "|||a|b|\n", 0, "a@b\n"),
    ROW("<a@b>", "|||a|b|\n", 0, "a@b\n"),
    ROW(" a@b ", "|||a|b|\n", 0, "a@b\n"),
    ROW("Bob <a@b>", "Bob|||a|b|\n", 0, "Bob <a@b>\n"),
    ROW("Bob<a@b>", "Bob|||a|b|\n", 0, "Bob <a@b>\n"),
    ROW("Bob  Smith\r\n\t<a@b>", "Bob Smith|||a|b|\n", 0, "Bob Smith <a@b>\n"),
    ROW("\"Smith, Bob\" <a@b>", "Smith, Bob|||a|b|\n", 0, "\"Smith, Bob\" <a@b>\n"),
    ROW("\"Bob\" <a@b>", "Bob|||a|b|\n", 0, "Bob <a@b>\n"),
    ROW("\"  B\\\"o\\\\b \" X <a@b>", "  B\"o\\b  X|||a|b|\n", 0, "\"  B\\\"o\\\\b \" X <a@b>\n"),
    ROW("\"Bob\r\n Smith\" <a@b>", "Bob Smith|||a|b|\n", 0, "\"Bob Smith\" <a@b>\n"),
    ROW("a\"b\"c <a@b>", "abc|||a|b|\n", 0, "abc <a@b>\n"),
    ROW("\"B\x01\" <a@b>", "B\x01|||a|b|\n", QUIRK_CONTROL | OBS_TEXT, "\"B\x01\" <a@b>\n"),
    ROW("\"\" <a@b>", "|||a|b|\n", 0, "\"\" <a@b>\n"),
    ROW("=?utf-8?q?B=C3=B6b?= <a@b>", "=?utf-8?q?B=C3=B6b?=|||a|b|\n", 0, "=?utf-8?q?B=C3=B6b?= <a@b>\n"),
    ROW("a@b,c@d", "|||a|b|\n|||c|d|\n", 0, "a@b\nc@d\n"),
    ROW("X <a@b>,\r\n\tc@d", "X|||a|b|\n|||c|d|\n", 0, "X <a@b>\nc@d\n"),
    ROW("\"a b\"@c", "|||\"a b\"|c|\n", 0, "\"a b\"@c\n"),
    ROW("<\"<a,b>\"@c>", "|||\"<a,b>\"|c|\n", 0, "\"<a,b>\"@c\n"),
    ROW("a@[192.0.2.1], <b@[IPv6:::1]>", "|||a|[192.0.2.1]|\n|||b|[IPv6:::1]|\n", 0, "a@[192.0.2.1]\nb@[IPv6:::1]\n"),
    ROW("a@[b\\c]", "|||a|[b\\c]|\n", OBS_TEXT, "a@[b\\c]\n"), /* obs-dtext */
    ROW("a@[x:,;<>(]", "|||a|[x:,;<>(]|\n", 0, "a@[x:,;<>(]\n"),
    /* comments, RFC 5322 3.2.2; the old style of RFC 733 */
    ROW("a@b (Bob Smith)", "Bob Smith|||a|b|Bob Smith\n", 0, "Bob Smith <a@b>\n"),
    ROW("a@b (Bob (\"X\") S.)", "Bob (\"X\") S.|||a|b|Bob (\"X\") S.\n", 0, "\"Bob (\\\"X\\\") S.\" <a@b>\n"),
    ROW("(x) a@b (y)", "x y|||a|b|x y\n", 0, "x y <a@b>\n"),
    ROW("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete|||pete|silly.test|A nice ) chap his account his host\n", 0, "Pete <pete@silly.test>\n"),
    ROW("Bob (x)(y) Smith <a@b> (z)", "Bob Smith|||a|b|x y z\n", 0, "Bob Smith <a@b>\n"),
    ROW("<a@b>()", "|||a|b|\n", 0, "a@b\n"),
    ROW("(alone)", "(alone)\n", EMPTY, "(alone)\n"),
    ROW("a@b, (x), c@d", "|||a|b|\n(x)\n|||c|d|\n", EMPTY, "a@b\n(x)\nc@d\n"),
    ROW("(a\\(b)(c) ", "(a(b c)\n", EMPTY, "(a\\(b c)\n"),
    /* group = display-name ":" [group-list] ";" [CFWS] */
    ROW("Team: a@b, X <c@d>;", "Team:\n|||a|b|\nX|||c|d|\n;\n", 0, "Team:\na@b\nX <c@d>\n;\n"),
    ROW("Undisclosed recipients:;", "Undisclosed recipients:\n;\n", 0, "Undisclosed recipients:\n;\n"),
    ROW("\"a:b\": ; (end)", "a:b:\n;\n(end)\n", 0, "\"a:b\":\n;\n(end)\n"),
    ROW("g:(none);", "g:\n(none)\n;\n", 0, "g:\n(none)\n;\n"),
    ROW("g:a@b;, c@d", "g:\n|||a|b|\n;\n|||c|d|\n", 0, "g:\na@b\n;\nc@d\n"),
    ROW("g:a@b; c@d", "g:\n|||a|b|\n;\n|||c|d|\n", NO_COMMA, "g:\na@b\n;\nc@d\n"),
    ROW("g:a@b", "g:\n|||a|b|\n;\n", OPEN_GROUP, "g:\na@b\n;\n"),
    ROW("g:", "g:\n;\n", OPEN_GROUP, "g:\n;\n"),
    ROW("g: h: a@b;;", "g:\n;\nh:\n|||a|b|\n;\n", OPEN_GROUP | STRAY, "g:\n;\nh:\na@b\n;\n"),
    ROW("g: a@b, h: c@d;", "g:\n|||a|b|\n;\nh:\n|||c|d|\n;\n", OPEN_GROUP | STRAY, "g:\na@b\n;\nh:\nc@d\n;\n"),
    ROW(":a@b;", ":\n|||a|b|\n;\n", STRAY, ":\na@b\n;\n"),
    ROW("g:,a@b,;", "g:\n|||a|b|\n;\n", EMPTY, "g:\na@b\n;\n"),
    ROW("mailto:a@b", "mailto:\n|||a|b|\n;\n", OPEN_GROUP, "mailto:\na@b\n;\n"),
    ROW("g: Bob <a@b; c@d", "g:\nBob|||a|b|\n;\n|||c|d|\n", UNPAIRED | NO_COMMA, "g:\nBob <a@b>\n;\nc@d\n"),
    /* obsolete syntax, RFC 5322 4.4 */
    ROW("a . \"b\"@c", "|||a.\"b\"|c|\n", OBS_LOCAL, "a.\"b\"@c\n"),
    ROW("a.\"b c\".d@e", "|||a.\"b c\".d|e|\n", OBS_LOCAL, "a.\"b c\".d@e\n"),
    ROW("jdoe@test  . example", "|||jdoe|test.example|\n", OBS_DOMAIN, "jdoe@test.example\n"),
    ROW("<a@b.(x)c(y).d>", "x y|||a|b.c.d|x y\n", OBS_DOMAIN, "x y <a@b.c.d>\n"),
    ROW("a @ b", "|||a|b|\n", 0, "a@b\n"),
    ROW("<@a,@b.c:d@e>", "||@a,@b.c|d|e|\n", OBS_ROUTE, "<@a,@b.c:d@e>\n"),
    ROW("X < @a , @[b] : d@e >", "X||@a,@[b]|d|e|\n", OBS_ROUTE, "X <@a,@[b]:d@e>\n"),
    ROW("@a:b@c", "||@a|b|c|\n", OBS_ROUTE, "<@a:b@c>\n"),
    ROW("<@a,,@b,:c@d>", "||@a,,@b,|c|d|\n", OBS_ROUTE, "<@a,,@b,:c@d>\n"),
    ROW("<,,@a:c@d>", "||,,@a|c|d|\n", OBS_ROUTE, "<,,@a:c@d>\n"),
    ROW("X <(y) , @a,@b:c@d>", "X||,@a,@b|c|d|y\n", OBS_ROUTE, "X <,@a,@b:c@d>\n"),
    ROW("<,@d>", "|||,|d|\n", BAD_LOCAL, "\",\"@d\n"),
    ROW("<@a@b:c@d>", "||@a@b|c|d|\n", OBS_ROUTE | BAD_DOMAIN, "<@a@b:c@d>\n"),
    ROW("<@a,b:c@d>", "||@a,b|c|d|\n", OBS_ROUTE | BAD_DOMAIN, "<@a,b:c@d>\n"),
    ROW("<@:c@d>", "||@|c|d|\n", OBS_ROUTE | BAD_DOMAIN, "<@:c@d>\n"),
    ROW("<@a..b:c@d>", "||@a..b|c|d|\n", OBS_ROUTE | BAD_DOMAIN, "<@a..b:c@d>\n"),
    ROW("<@ a . b ,(x)@ [1]:c@d>", "x||@a.b,@[1]|c|d|x\n", OBS_ROUTE | OBS_DOMAIN, "x <@a.b,@[1]:c@d>\n"),
    ROW("J. R. Doe <a@b>", "J. R. Doe|||a|b|\n", OBS_PHRASE, "\"J.\" \"R.\" Doe <a@b>\n"),
    ROW(",a@b,,c@d,", "|||a|b|\n|||c|d|\n", EMPTY, "a@b\nc@d\n"),
    ROW("", "", EMPTY, ""),
    ROW(" \r\n ", "", EMPTY, ""),
    ROW("\"a\\\r\\\nb\" <a@b>", "a\r\nb|||a|b|\n", OBS_TEXT | QUIRK_BARE_CR | QUIRK_BARE_LF, "\"a\\\r\\\nb\" <a@b>\n"),
    /* brackets that are missing, or too many */
    ROW("Bob <a@b", "Bob|||a|b|\n", UNPAIRED, "Bob <a@b>\n"),
    ROW("Bob <a@b, Carol <c@d>", "Bob|||a|b|\nCarol|||c|d|\n", UNPAIRED, "Bob <a@b>\nCarol <c@d>\n"),
    ROW("Bob <a@b Carol <c@d>", "Bob|||a|b|\nCarol|||c|d|\n", UNPAIRED | NO_COMMA, "Bob <a@b>\nCarol <c@d>\n"),
    ROW("Bob <a@b x", "Bob|||a|b|\n", UNPAIRED | TEXT_AFTER, "Bob <a@b>\n"),
    ROW("<@x:a@b, c@d", "||@x|a|b|\n|||c|d|\n", UNPAIRED | OBS_ROUTE, "<@x:a@b>\nc@d\n"),
    ROW("<a@b, c@d>", "|||a|b|\n|||c|d|\n", UNPAIRED, "a@b\nc@d\n"),
    ROW("<<a@b>>", "|||a|b|\n", UNPAIRED, "a@b\n"),
    ROW("Bob < <a@b> >, c@d", "Bob|||a|b|\n|||c|d|\n", UNPAIRED, "Bob <a@b>\nc@d\n"),
    ROW("a@b>", "|||a|b|\n", UNPAIRED, "a@b\n"),
    ROW("> a@b", "|||a|b|\n", UNPAIRED, "a@b\n"),
    ROW("<a@b>>> x", "|||a|b|\n", UNPAIRED | TEXT_AFTER, "a@b\n"),
    ROW("Bob Smith a@b", "Bob Smith|||a|b|\n", NO_ANGLE, "Bob Smith <a@b>\n"),
    ROW("\"Bob\" a@b, c@d", "Bob|||a|b|\n|||c|d|\n", NO_ANGLE, "Bob <a@b>\nc@d\n"),
    ROW("a@b c@d", "|||a|b|\n|||c|d|\n", NO_COMMA, "a@b\nc@d\n"),
    ROW("<a@b> <c@d>", "|||a|b|\n|||c|d|\n", NO_COMMA, "a@b\nc@d\n"),
    ROW("<a@b> X <c@d>", "|||a|b|\nX|||c|d|\n", NO_COMMA, "a@b\nX <c@d>\n"),
    ROW("a@b;c@d;", "|||a|b|\n|||c|d|\n", STRAY, "a@b\nc@d\n"),
    ROW("<a@b> x y, c@d", "|||a|b|\n|||c|d|\n", TEXT_AFTER, "a@b\nc@d\n"),
    ROW("a@b x, c@d", "|||a|b|\n|||c|d|\n", TEXT_AFTER, "a@b\nc@d\n"),
    ROW("a@b x c@d", "|||a|b|\nx|||c|d|\n", NO_COMMA | NO_ANGLE, "a@b\nx <c@d>\n"),
    /* specials where they may not stand */
    ROW("Bob @ Home <a@b>", "Bob @ Home|||a|b|\n", SPECIAL, "Bob \"@\" Home <a@b>\n"),
    ROW("a@b <a@b>", "a@b|||a|b|\n", SPECIAL, "\"a@b\" <a@b>\n"),
    ROW("[list] Bob \\o/ <a@b>", "[list] Bob \\o/|||a|b|\n", SPECIAL, "\"[list]\" Bob \"\\\\o/\" <a@b>\n"),
    ROW("\"Bob <a@b>", "\"Bob|||a|b|\n", OPEN_QUOTE | SPECIAL, "\"\\\"Bob\" <a@b>\n"),
    ROW("Bob\" <a@b>, c@d", "Bob\"|||a|b|\n|||c|d|\n", OPEN_QUOTE | SPECIAL, "\"Bob\\\"\" <a@b>\nc@d\n"),
    ROW("\"Bob\" Sm\"ith <a@b>", "Bob Sm\"ith|||a|b|\n", OPEN_QUOTE | SPECIAL, "Bob \"Sm\\\"ith\" <a@b>\n"),
    ROW("Bob (work <a@b>, c@d", "Bob (work|||a|b|\n|||c|d|\n", OPEN_COMMENT | SPECIAL, "Bob \"(work\" <a@b>\nc@d\n"),
    ROW("a@b (x, c@d", "|||a|b|\n|||c|d|\n", OPEN_COMMENT | TEXT_AFTER, "a@b\nc@d\n"),
    ROW("Bob) <a@b>", "Bob)|||a|b|\n", SPECIAL, "\"Bob)\" <a@b>\n"),
    ROW("a@[1\\[2]", "|||a|[1\\[2]|\n", OBS_TEXT, "a@[1\\[2]\n"),
    ROW("<a@[192.0.2.1>, c@d", "|||a|[192.0.2.1|\n|||c|d|\n", OPEN_LITERAL | BAD_DOMAIN, "<a@[192.0.2.1>\nc@d\n"),
    /* no address, or half of one */
    ROW("root", "|||root||\n", NO_DOMAIN, "root\n"),
    ROW("<root>", "|||root||\n", NO_DOMAIN, "root\n"),
    ROW("X <\"root\">", "X|||\"root\"||\n", NO_DOMAIN, "X <\"root\">\n"),
    ROW("<\"root\">", "|||\"root\"||\n", NO_DOMAIN, "<\"root\">\n"),
    ROW("NO (posting)", "posting|||NO||posting\n", NO_DOMAIN, "posting <NO>\n"),
    /* encoded words with specials in them, which RFC 2047 5 (3) forbids */
    ROW("=?utf-8?Q?Doe,_J.?= <a@b>, c@d", "=?utf-8?Q?Doe,_J.?=|||a|b|\n|||c|d|\n", SPECIAL, "\"=?utf-8?Q?Doe,_J.?=\" <a@b>\nc@d\n"),
    ROW("Bob =?x?B?a;b[c]?= X <a@b>", "Bob =?x?B?a;b[c]?= X|||a|b|\n", SPECIAL, "Bob \"=?x?B?a;b[c]?=\" X <a@b>\n"),
    ROW("=?x?q?a@b?= <d@e>", "=?x?q?a@b?=|||d|e|\n", SPECIAL, "\"=?x?q?a@b?=\" <d@e>\n"),
    ROW("=?x?q?a@b?= C <d@e>", "=?x?q?a@b?= C|||d|e|\n", SPECIAL, "\"=?x?q?a@b?=\" C <d@e>\n"),
    ROW("=?x?q?a,b?=: c@d;", "=?x?q?a,b?=:\n|||c|d|\n;\n", SPECIAL, "\"=?x?q?a,b?=\":\nc@d\n;\n"),
    ROW("=?x?q?a,b?==?x?q?c,d?= <e@f>", "=?x?q?a,b?==?x?q?c,d?=|||e|f|\n", SPECIAL, "\"=?x?q?a,b?==?x?q?c,d?=\" <e@f>\n"),
    ROW("=?x?q?,?=>=?y?q?,", "|||=?x?q?,?=||\n", SPECIAL | BAD_LOCAL | NO_DOMAIN | UNPAIRED | TEXT_AFTER | EMPTY, "<\"=?x?q?,?=\">\n"),
    ROW("=?x?q?a, b?=@c", "|||=?x?q?a||\n|||b?=|c|\n", NO_DOMAIN, "=?x?q?a\nb?=@c\n"),
    ROW("=?x?q?a,?b?= <c@d>", "|||=?x?q?a||\n?b?=|||c|d|\n", NO_DOMAIN, "=?x?q?a\n?b?= <c@d>\n"),
    ROW("=?x?y?a,b?=@c", "|||=?x?y?a||\n|||b?=|c|\n", NO_DOMAIN, "=?x?y?a\nb?=@c\n"),
    ROW("=?x?q?a,b@c", "|||=?x?q?a||\n|||b|c|\n", NO_DOMAIN, "=?x?q?a\nb@c\n"),
    /* but what the grammar takes for something else is that */
    ROW("=?x?q?a.b?=@c", "|||=?x?q?a.b?=|c|\n", 0, "=?x?q?a.b?=@c\n"),
    ROW("=?x?q?a@b?==", "|||=?x?q?a|b?==|\n", 0, "=?x?q?a@b?==\n"),
    ROW("=?x?q?a@b?=, c@d", "|||=?x?q?a|b?=|\n|||c|d|\n", 0, "=?x?q?a@b?=\nc@d\n"),
    ROW("=?x?q?a@b,c?= <d@e>", "|||=?x?q?a|b|\nc?=|||d|e|\n", 0, "=?x?q?a@b\nc?= <d@e>\n"),
    ROW("=?x?q?a(b)?= <c@d>", "=?x?q?a ?=|||c|d|b\n", 0, "=?x?q?a ?= <c@d>\n"),
    ROW("=?x?q?a\"b\"?= <c@d>", "=?x?q?ab?=|||c|d|\n", 0, "=?x?q?ab?= <c@d>\n"),
    ROW("=?x?q?g:?=@b;", "=?x?q?g:\n|||?=|b|\n;\n", 0, "=?x?q?g:\n?=@b\n;\n"),
    ROW("a@=?x?q?b,c?=@d", "|||a|=?x?q?b|\n|||c?=|d|\n", 0, "a@=?x?q?b\nc?=@d\n"),
    ROW("a@b. =?x?q?c,?=@d", "|||a|b.=?x?q?c|\n|||?=|d|\n", OBS_DOMAIN, "a@b.=?x?q?c\n?=@d\n"),
    ROW("Bob Smith", "Bob Smith|||||\n", NO_LOCAL | NO_DOMAIN, "Bob Smith\n"),
    ROW("\"Bob Smith\"", "Bob Smith|||||\n", NO_LOCAL | NO_DOMAIN, "\"Bob Smith\"\n"),
    ROW("\"a@b\"", "|||a|b|\n", NO_ANGLE, "a@b\n"),
    ROW("\"a\\@b\"", "a@b|||||\n", NO_LOCAL | NO_DOMAIN, "\"a\\@b\"\n"),
    ROW("\"a@b\", \"c d\"", "|||a|b|\nc d|||||\n", NO_ANGLE | NO_LOCAL | NO_DOMAIN, "a@b\n\"c d\"\n"),
    ROW("@b", "||||b|\n", NO_LOCAL, "<@b>\n"),
    ROW("X <@b>", "X||||b|\n", NO_LOCAL, "X <@b>\n"),
    ROW("@@ [@>]@", "||||@[@>]@|\n", NO_LOCAL | BAD_DOMAIN, "<@@[@>]@>\n"),
    ROW("a@", "|||a||\n", NO_DOMAIN, "a\n"),
    ROW("<>", "|||||\n", NULL_ADDRESS, "<>\n"),
    ROW("Bob < >", "Bob|||||\n", NULL_ADDRESS, "Bob <>\n"),
    ROW("<http://x/y>", "|||http://x/y||\n", BAD_LOCAL | NO_DOMAIN, "<\"http://x/y\">\n"),
    ROW("<mailto:a@b?c=d,e>", "|||mailto:a|b?c=d,e|\n", BAD_LOCAL | BAD_DOMAIN, "<\"mailto:a\"@b?c=d,e>\n"),
    /* what no local part and no domain is */
    ROW("a..b@c", "|||a..b|c|\n", BAD_LOCAL, "\"a..b\"@c\n"),
    ROW(".a@b, c.@d", "|||.a|b|\n|||c.|d|\n", BAD_LOCAL, "\".a\"@b\n\"c.\"@d\n"),
    ROW("<a b@c>", "|||a b|c|\n", BAD_LOCAL, "\"a b\"@c\n"),
    ROW("a\"b\"@c", "|||a\"b\"|c|\n", BAD_LOCAL, "\"ab\"@c\n"),
    ROW("a@b..c, <d@e f>", "|||a|b..c|\n|||d|e f|\n", BAD_DOMAIN, "<a@b..c>\n<d@e f>\n"),
    ROW("a@b@c", "|||a|b@c|\n", BAD_DOMAIN, "<a@b@c>\n"),
    ROW("a@[x[y]", "|||a|[x[y]|\n", BAD_DOMAIN, "<a@[x[y]>\n"),
    ROW("a@[x]y", "|||a|[x]y|\n", BAD_DOMAIN, "<a@[x]y>\n"),
    ROW("a@\"b\"", "|||a|\"b\"|\n", BAD_DOMAIN, "<a@\"b\">\n"),
    /* octets: RFC 6532 3.2, RFC 5322 2.2 */
    ROW("J\xc3\xb6rg <j\xc3\xb6@b\xc3\xa9.c>", "J\xc3\xb6rg|||j\xc3\xb6|b\xc3\xa9.c|\n", UTF8, "J\xc3\xb6rg <j\xc3\xb6@b\xc3\xa9.c>\n"),
    ROW("\"\xfc, x\" <a@b>", "\xfc, x|||a|b|\n", QUIRK_EIGHT_BIT, "\"\xfc, x\" <a@b>\n"),
    ROW("B\0b <a@b>", "B\0b|||a|b|\n", QUIRK_NUL | SPECIAL, "\"B\0b\" <a@b>\n"),
    ROW("B\x01" "b <a@b>", "B\x01" "b|||a|b|\n", QUIRK_CONTROL | SPECIAL, "\"B\x01" "b\" <a@b>\n"),
    ROW("B\rb <a@b>", "B b|||a|b|\n", QUIRK_BARE_CR, "B b <a@b>\n"),
    ROW("Bob\n <a@b>", "Bob|||a|b|\n", QUIRK_BARE_LF, "Bob <a@b>\n"),
    ROW("a@b\nc@d", "|||a|b|\n|||c|d|\n", NO_COMMA | IMF_QUIRK_BARE_FOLD | QUIRK_BARE_LF, "a@b\nc@d\n"),
    ROW("a@b,\n c@d", "|||a|b|\n|||c|d|\n", QUIRK_BARE_LF, "a@b\nc@d\n"),
    ROW("a@b,\r c@d", "|||a|b|\n|||c|d|\n", QUIRK_BARE_CR, "a@b\nc@d\n"),
    ROW("a@b,\r\n \r\n c@d", "|||a|b|\n|||c|d|\n", IMF_QUIRK_EMPTY_FOLD, "a@b\nc@d\n"),
};
/* clang-format on */

static void put_line(struct writer *out, const struct imf_address *address)
{
    switch (address->kind) {
    case IMF_ADDRESS_MAILBOX:
        imf_address_write_name(address, out);
        writer_put(out, SLICE("||"));
        imf_address_write_part(address->route, out);
        writer_put_octet(out, '|');
        imf_address_write_part(address->local_part, out);
        writer_put_octet(out, '|');
        imf_address_write_part(address->domain, out);
        writer_put_octet(out, '|');
        imf_address_write_comments(address, out);
        break;
    case IMF_ADDRESS_GROUP:
        imf_address_write_name(address, out);
        writer_put_octet(out, ':');
        break;
    case IMF_ADDRESS_GROUP_END:
        writer_put_octet(out, ';');
        break;
    case IMF_ADDRESS_COMMENT:
        writer_put_octet(out, '(');
        imf_address_write_comments(address, out);
        writer_put_octet(out, ')');
        break;
    }
    writer_put_octet(out, '\n');
}

typedef bool next_address(struct imf_address_list *list, struct imf_address *ret_address);

struct reading {
    struct writer lines, canonical;
    uint64_t quirks;
    size_t steps;
};

static void read_all(struct slice in, next_address *next, struct reading *reading)
{
    struct imf_address_list list;
    struct imf_address address;
    size_t behind = 0;
    imf_address_begin(in, &list);
    while (next(&list, &address)) {
        size_t from = in.len == 0 ? 0 : (size_t)(address.raw.ptr - in.ptr);
        assert_true(from >= behind && from + address.raw.len <= list.at && list.at <= in.len);
        assert_int_equal(address.quirks & ~list.quirks, 0);
        behind = from + address.raw.len;
        put_line(&reading->lines, &address);
        imf_address_write(&address, &reading->canonical);
        writer_put_octet(&reading->canonical, '\n');
    }
    assert_int_equal(list.at, in.len);
    assert_false(next(&list, &address));
    reading->quirks = list.quirks;
    reading->steps = list.steps;
}

enum { ROOM = 4096 };

struct room {
    uint8_t lines[ROOM], canonical[ROOM];
};

static struct reading reading_in(struct room *room)
{
    return (struct reading){.lines = writer_of(room->lines, ROOM),
                            .canonical = writer_of(room->canonical, ROOM)};
}

/* Both ways read the same; that is all that is asked of a prefix. */
static struct parse_result parse(struct slice in, void *context)
{
    const struct row *row = context;
    struct room room, other_room;
    struct reading reading = reading_in(&room), other = reading_in(&other_room);
    read_all(in, imf_address_next, &reading);
    read_all(in, imf_address_next_by_grammar, &other);
    assert_slice_equal(writer_slice(&reading.lines), writer_slice(&other.lines));
    assert_slice_equal(writer_slice(&reading.canonical), writer_slice(&other.canonical));
    assert_int_equal(reading.quirks, other.quirks);
    if (in.len < row->in.len)
        return parse_ok(in.len);
    assert_slice_equal(writer_slice(&reading.lines), row->expected);
    if (reading.quirks != row->quirks)
        fail_msg("\"%.*s\": quirks %llx, not %llx", (int)in.len, (const char *)in.ptr,
                 (unsigned long long)reading.quirks, (unsigned long long)row->quirks);
    assert_slice_equal(writer_slice(&reading.canonical), row->canonical);
    return parse_ok(in.len);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        law_check_whole("address", parse, (void *)(uintptr_t)&rows[i], rows[i].in,
                        parse_ok(rows[i].in.len));
}

/* What is written of one address is read to the same, and written again the same. */
static void round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice rest = rows[i].canonical;
        while (rest.len > 0) {
            size_t end = slice_find(rest, '\n');
            while (end > 0 && rest.ptr[end - 1] == '\\') /* an escaped one in quotes */
                end += 1 + slice_find(slice_from(rest, end + 1), '\n');
            struct slice line = slice_sub(rest, 0, end);
            struct room room;
            struct reading reading = reading_in(&room);
            rest = slice_from(rest, end + 1);
            if (slice_equal(line, SLICE(";")))
                continue;
            read_all(line, imf_address_next, &reading);
            struct slice again = writer_slice(&reading.canonical);
            if (!slice_starts(again, line) || again.ptr[line.len] != '\n')
                assert_slice_equal(again, line);
        }
    }
}

/* RFC 5322 3.2.4: neither the quotes nor the backslashes of quoted pairs are part of the value. */
static void unquoted(void **state)
{
    (void)state;
    static const struct {
        struct slice in, expected;
    } local_parts[] = {
        {SLICE_INIT("bob@c"), SLICE_INIT("bob")},
        {SLICE_INIT("\"bob\"@c"), SLICE_INIT("bob")},
        {SLICE_INIT("\"\"@c"), SLICE_INIT("")},
        {SLICE_INIT("<\"a b@\\\\c\\\"\"@d>"), SLICE_INIT("a b@\\c\"")},
        {SLICE_INIT("\"a\r\n b\"@c"), SLICE_INIT("a b")},
        {SLICE_INIT("\"a\" . (x) b@c"), SLICE_INIT("a.b")},
        {SLICE_INIT("\"a\".\"b.c\"@d"), SLICE_INIT("a.b.c")},
    };
    for (size_t i = 0; i < sizeof local_parts / sizeof *local_parts; i++) {
        struct imf_address_list list;
        struct imf_address address;
        uint8_t text[16];
        struct writer out = writer_of(text, sizeof text);
        imf_address_begin(local_parts[i].in, &list);
        assert_true(imf_address_next(&list, &address));
        imf_address_write_unquoted(address.local_part, &out);
        assert_slice_equal(writer_slice(&out), local_parts[i].expected);
    }
}

/* RFC 2047 5 (3): a quoted string holds no encoded word, nor a part of one. */
static void quoted_words(void **state)
{
    (void)state;
    static const struct {
        struct slice in;
        bool expected;
    } names[] = {
        {SLICE_INIT("\"=?x?q?a?=\" <c@d>"), true},
        {SLICE_INIT("\"b =?x?q?a?= b\": c@d;"), true},
        {SLICE_INIT("=?x?q?a?= \"=?x?q?b?=\" <c@d>"), true},
        {SLICE_INIT("=?x?q?a_\"b\"?= <c@d>"), true},
        {SLICE_INIT("\"=?x?q?a?=\" (=?x?q?b?=) c <c@d>"), true},
        {SLICE_INIT("=?x?q?a?= <c@d>"), false},
        {SLICE_INIT("=?x?q?a?= \"b\" =?x?q?b?= <c@d>"), false},
        {SLICE_INIT("\"=?x?q?a\" <c@d>"), false},
        {SLICE_INIT("\"b\" <c@d>"), false},
        {SLICE_INIT("c@d (\"=?x?q?a?=\")"), false},
        {SLICE_INIT("\"=?x?q?a?=\"@d"), false},
        {SLICE_INIT("c@d"), false},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct imf_address_list list;
        struct imf_address address;
        uint8_t text[48];
        struct writer out = writer_of(text, sizeof text);
        imf_address_begin(names[i].in, &list);
        assert_true(imf_address_next(&list, &address));
        imf_address_write_name(&address, &out);
        if (imf_address_quotes_encoded_word(&address, writer_slice(&out)) != names[i].expected)
            fail_msg("%.*s", (int)names[i].in.len, (const char *)names[i].in.ptr);
    }
}

static void slices(void **state)
{
    (void)state;
    struct slice in = SLICE("(x) \"B\" (y) <@r:a . b@c (z) > (end), d@e (f), p q@r s");
    struct imf_address_list list;
    struct imf_address address;
    imf_address_begin(in, &list);
    assert_true(imf_address_next(&list, &address));
    assert_slice_equal(address.raw, SLICE("(x) \"B\" (y) <@r:a . b@c (z) > (end)"));
    assert_slice_equal(address.display_name, SLICE("\"B\""));
    assert_slice_equal(address.route, SLICE("@r"));
    assert_slice_equal(address.addr_spec, SLICE("a . b@c (z) "));
    assert_slice_equal(address.local_part, SLICE("a . b"));
    assert_slice_equal(address.domain, SLICE("c"));
    assert_slice_equal(address.comment, SLICE("end"));
    assert_true(address.bracketed);
    assert_true(imf_address_next(&list, &address));
    assert_slice_equal(address.raw, SLICE("d@e (f)"));
    assert_slice_equal(address.addr_spec, address.raw);
    assert_slice_equal(address.comment, SLICE("f"));
    assert_false(address.bracketed);
    assert_true(imf_address_next(&list, &address));
    assert_slice_equal(address.raw, SLICE("p q@r s"));
    assert_slice_equal(address.display_name, SLICE("p"));
    assert_false(imf_address_next(&list, &address));
}

static bool same_address(const struct imf_address *a, const struct imf_address *b)
{
    const struct slice of_a[] = {a->raw,   a->display_name, a->addr_spec, a->local_part,
                                 a->route, a->domain,       a->comment};
    const struct slice of_b[] = {b->raw,   b->display_name, b->addr_spec, b->local_part,
                                 b->route, b->domain,       b->comment};
    for (size_t i = 0; i < sizeof of_a / sizeof *of_a; i++)
        if (of_a[i].len != of_b[i].len || (of_a[i].len > 0 && of_a[i].ptr != of_b[i].ptr))
            return false;
    return a->kind == b->kind && a->bracketed == b->bracketed && a->quirks == b->quirks &&
           a->open_from == b->open_from;
}

/* The glance at plain addresses reads what the grammar reads. */
static void check_both(struct slice in)
{
    struct slice copy = law_copy(in);
    struct imf_address_list list, other;
    struct imf_address address, expected;
    imf_address_begin(copy, &list);
    imf_address_begin(copy, &other);
    bool more;
    do {
        more = imf_address_next(&list, &address);
        if (more != imf_address_next_by_grammar(&other, &expected) || list.at != other.at ||
            list.quirks != other.quirks || (more && !same_address(&address, &expected)))
            fail_msg("not what the grammar reads: %.*s", (int)in.len, (const char *)in.ptr);
    } while (more);
    law_free(copy);
}

/* Pieces of addresses, plain and not, put together at random from a fixed seed. */
static void mixtures(void **state)
{
    static const char *const words[] = {
        "a@b",       "<a@b>",
        ", ",        "\"B. b, b\" ",
        "Bob ",      " (c)",
        ",\r\n\t",   "x.y@z.w",
        "Smith",     " ",
        "<x.y@z-w>", ",",
        "c (d e)",   ".",
        "(",         ")",
        "\"",        "\\",
        "<",         ">",
        ";",         "g:",
        "@",         "\x01",
        "\xc3\xbc",  "[c]",
        "=?x?q?",    "?=",
        "\r\n ",     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    uint8_t text[512];
    uint32_t seed = 1;
    (void)state;
    check_both(SLICE("(, (, (, (, (, a@b (c)")); /* no comment: see imf/lexeme.h */
    /* The quote in the first comment does not go with the next. */
    check_both(SLICE("a@b (\"), <x@y> \"<c@d>"));
    check_both(SLICE("a@b (\"(x)), <x@y> \"<c@d>"));
    for (unsigned round = 0; round < 40000; round++) {
        size_t len = 0, kinds = 6 + round % (sizeof words / sizeof *words - 5), count = round % 17;
        for (size_t i = 0; i < count && len < sizeof text - 80; i++) {
            seed = seed * 1664525 + 1013904223;
            struct slice word = slice_of_cstr(words[(seed >> 16) % kinds]);
            memcpy(text + len, word.ptr, word.len);
            len += word.len;
        }
        check_both(slice_of(text, len));
    }
}

static void lengths(void **state)
{
    (void)state;
    for (size_t len = 60; len <= 70; len++) {
        uint8_t text[100];
        memset(text, 'a', sizeof text);
        text[len] = '@';
        struct imf_address_list list;
        struct imf_address address;
        imf_address_begin(slice_of(text, len + 2), &list);
        assert_true(imf_address_next(&list, &address));
        assert_int_equal(address.quirks, len > 64 ? IMF_QUIRK_LONG_LOCAL_PART : 0);
    }
    for (size_t len = 250; len <= 260; len++) {
        uint8_t text[300] = "a@";
        memset(text + 2, 'b', sizeof text - 2);
        struct imf_address_list list;
        struct imf_address address;
        imf_address_begin(slice_of(text, len + 2), &list);
        assert_true(imf_address_next(&list, &address));
        assert_int_equal(address.quirks, len > 255 ? IMF_QUIRK_LONG_DOMAIN : 0);
    }
}

/* No input makes the parser look at its octets more often than a bounded number of times. */
static void hostile(void **state)
{
    (void)state;
    enum { LEN = 1 << 17, MOST_STEPS = 24 };
    static const char *const units[] = {
        ",",          "(",          ")",       "((a)",   "\"",        "\"a",         "\\\"",
        "[",          "@[",         "a@[",     "<",      "<a",        "<a,",         "<a@b,",
        "<a@b ",      ">",          "<>",      ":",      "a:",        ";",           "a ",
        "a@b ",       "a@b",        "@",       "@a,",    "@a:",       ".",           "a . ",
        "\r\n ",      "(a) ",       "a(b)",    "a@b(c)", "<@a,",      "<@a:b",       "a@b x ",
        "x <a@b> y ", "a@b\"",      "a@b(",    "<(a@b",  "\"(",       "(\"",         "a\r\n",
        "g:a;",       "(a\\",       "a@b>",    "<\"a@b", "a@[b]",     "(a)(b),",     "( (a)",
        "a\"(@[",     "\x80<(",     "<a@b>x",  "\\",     "=?x?q?,",   "=?x?q?,?=",   "=?x?q?,?= ",
        "=?x?q?a?= ", "=?x?q?.?= ", "=?x?q? ", "=?",     "=?x?q?a@,", "=?x?q?(?=\"",
    };
    uint8_t *text = malloc(LEN);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t unit = strlen(units[i]);
        for (size_t at = 0; at < LEN; at++)
            text[at] = (uint8_t)units[i][at % unit];
        struct imf_address_list list;
        struct imf_address address;
        imf_address_begin(slice_of(text, LEN), &list);
        while (imf_address_next_by_grammar(&list, &address) &&
               list.steps <= MOST_STEPS * (size_t)LEN)
            ;
        if (list.steps > MOST_STEPS * (size_t)LEN)
            fail_msg("\"%s\" again and again: more than %d looks at an octet", units[i],
                     MOST_STEPS);
    }
    free(text);
}

static void overflow_is_sticky(void **state)
{
    (void)state;
    struct slice in = SLICE("\"a\\\"b\" . c <a..b@c>");
    struct slice expected = SLICE("\"a\\\"b\" \".\" c <\"a..b\"@c>");
    struct imf_address_list list;
    struct imf_address address;
    imf_address_begin(in, &list);
    assert_true(imf_address_next(&list, &address));
    for (size_t capacity = 0; capacity <= expected.len; capacity++) {
        uint8_t *buffer = malloc(capacity + 1);
        struct writer out = writer_of(buffer, capacity);
        imf_address_write(&address, &out);
        assert_int_equal(out.overflow, capacity < expected.len);
        if (!out.overflow)
            assert_slice_equal(writer_slice(&out), expected);
        free(buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),        cmocka_unit_test(round_trip),
        cmocka_unit_test(unquoted),     cmocka_unit_test(slices),
        cmocka_unit_test(mixtures),     cmocka_unit_test(lengths),
        cmocka_unit_test(hostile),      cmocka_unit_test(overflow_is_sticky),
        cmocka_unit_test(quoted_words),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
