/* What a person meant who wrote a line that is none of a script. */
#include "base/octet.h"
#include "script/loader.h"
#include "script/transcript_scan.h"
#include "smtp/command.h"

#define NO_LINE "no line of a script: C:, C!:, S:, S~:, S=:, %directive or #"

/* Other ways to say who speaks: of RFC 821, of tools, of documents. */
static const struct {
    struct slice written, meant;
} speakers[] = {
    {SLICE_INIT("CLIENT"), SLICE_INIT("C:")}, {SLICE_INIT("SERVER"), SLICE_INIT("S:")},
    {SLICE_INIT("SENDER"), SLICE_INIT("C:")}, {SLICE_INIT("RECEIVER"), SLICE_INIT("S:")},
    {SLICE_INIT("R"), SLICE_INIT("S:")},      {SLICE_INIT(">"), SLICE_INIT("C:")},
    {SLICE_INIT("<"), SLICE_INIT("S:")},      {SLICE_INIT("->"), SLICE_INIT("C:")},
    {SLICE_INIT("<-"), SLICE_INIT("S:")},     {SLICE_INIT(">>"), SLICE_INIT("C:")},
    {SLICE_INIT("<<"), SLICE_INIT("S:")},     {SLICE_INIT(">>>"), SLICE_INIT("C:")},
    {SLICE_INIT("<<<"), SLICE_INIT("S:")},    {SLICE_INIT("C"), SLICE_INIT("C:")},
    {SLICE_INIT("S"), SLICE_INIT("S:")},      {SLICE_INIT("C!"), SLICE_INIT("C!:")},
    {SLICE_INIT("S="), SLICE_INIT("S=:")},    {SLICE_INIT("S~"), SLICE_INIT("S~:")},
    {SLICE_INIT("C:!"), SLICE_INIT("C!:")},   {SLICE_INIT("S:="), SLICE_INIT("S=:")},
    {SLICE_INIT("S:~"), SLICE_INIT("S~:")},
};

/* What the word before a colon, a semicolon or a blank was meant for; empty where that is unknown.
 */
static struct slice meant_tag(struct slice word)
{
    for (size_t i = 0; i < sizeof speakers / sizeof *speakers; i++)
        if (slice_equal_nocase(word, speakers[i].written))
            return speakers[i].meant;
    return SLICE("");
}

/* Octets that end the word of a speaker: ":" and what is taken for it. */
static size_t colon_octets(struct slice text)
{
    static const struct slice colons[] = {SLICE_INIT(":"), SLICE_INIT(";"),
                                          SLICE_INIT("\xEF\xBC\x9A")}; /* a full-width colon */
    for (size_t i = 0; i < sizeof colons / sizeof *colons; i++)
        if (slice_starts(text, colons[i]))
            return colons[i].len;
    return 0;
}

static bool is_comment(struct slice line)
{
    static const struct slice marks[] = {SLICE_INIT("#"),  SLICE_INIT("//"), SLICE_INIT(";"),
                                         SLICE_INIT("--"), SLICE_INIT("/*"), SLICE_INIT("'")};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (slice_starts(line, marks[i]))
            return true;
    return false;
}

/* "C[b]!:", whose connection stands in the wrong place; then what stands before and in it. */
static bool is_turned_round(struct slice word, const char **ret_before, struct slice *ret_name)
{
    static const struct {
        struct slice speaker, sign;
        const char *before;
    } tags[] = {{SLICE_INIT("C["), SLICE_INIT("]!"), "C!"},
                {SLICE_INIT("S["), SLICE_INIT("]="), "S="},
                {SLICE_INIT("S["), SLICE_INIT("]~"), "S~"}};
    size_t end = slice_find(word, ']');
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (slice_starts(word, tags[i].speaker) &&
            slice_starts(slice_from(word, end), tags[i].sign)) {
            *ret_before = tags[i].before;
            *ret_name = slice_sub(word, 1, end + 1);
            return true;
        }
    return false;
}

void loader_unknown_line(struct loader *l, struct slice line)
{
    struct slice rest = line, word = loader_word(&rest);
    if (is_comment(line)) {
        loader_error(l, word, "no line of a script: a comment begins with # in column 1");
        return;
    }
    const char *before;
    struct slice name;
    if (is_turned_round(word, &before, &name)) {
        size_t colon_at = slice_find(word, ':');
        struct slice tag = slice_sub(word, 0, colon_at < word.len ? colon_at + 1 : colon_at);
        loader_error_hint(l, tag, NO_LINE, before, name, ":");
        return;
    }
    size_t end = 0, colon = 0;
    while (end < word.len && (colon = colon_octets(slice_from(word, end))) == 0)
        end++;
    struct slice meant = meant_tag(slice_sub(word, 0, end));
    if (colon == 0 && transcript_is_reply(word) && meant.len == 0)
        meant = SLICE("S:");
    if (colon == 0 && meant.len == 0 && smtp_verb_of(word) != SMTP_VERB_UNKNOWN)
        meant = SLICE("C:");
    struct slice more = slice_from(word, end + colon); /* "C:!" */
    if (meant.len == 0 && more.len > 0)
        meant = meant_tag(slice_sub(word, 0, end + colon + 1));
    loader_error_hint(l, slice_sub(word, 0, end + colon), NO_LINE, "", meant, "");
}

/* What other tools call it. */
static struct slice meant_directive(struct slice name)
{
    static const struct {
        struct slice written, meant;
    } others[] = {
        {SLICE_INIT("wait"), SLICE_INIT("sleep")},
        {SLICE_INIT("pause"), SLICE_INIT("sleep")},
        {SLICE_INIT("delay"), SLICE_INIT("sleep")},
        {SLICE_INIT("timeout"), SLICE_INIT("within")},
        {SLICE_INIT("starttls"), SLICE_INIT("tls")},
        {SLICE_INIT("ssl"), SLICE_INIT("tls")},
        {SLICE_INIT("include"), SLICE_INIT("use")},
        {SLICE_INIT("import"), SLICE_INIT("use")},
        {SLICE_INIT("source"), SLICE_INIT("use")},
        {SLICE_INIT("loop"), SLICE_INIT("repeat")},
        {SLICE_INIT("for"), SLICE_INIT("repeat")},
        {SLICE_INIT("while"), SLICE_INIT("repeat")},
        {SLICE_INIT("fi"), SLICE_INIT("end")},
        {SLICE_INIT("done"), SLICE_INIT("end")},
        {SLICE_INIT("endrepeat"), SLICE_INIT("end")},
        {SLICE_INIT("var"), SLICE_INIT("set")},
        {SLICE_INIT("let"), SLICE_INIT("set")},
        {SLICE_INIT("define"), SLICE_INIT("set")},
        {SLICE_INIT("expect"), SLICE_INIT("reply")},
        {SLICE_INIT("check"), SLICE_INIT("assert")},
        {SLICE_INIT("skip"), SLICE_INIT("require")},
        {SLICE_INIT("need"), SLICE_INIT("require")},
        {SLICE_INIT("disconnect"), SLICE_INIT("close")},
        {SLICE_INIT("login"), SLICE_INIT("auth")},
        {SLICE_INIT("name"), SLICE_INIT("test")},
        {SLICE_INIT("title"), SLICE_INIT("test")},
        {SLICE_INIT("save"), SLICE_INIT("capture")},
        {SLICE_INIT("body"), SLICE_INIT("data")},
        {SLICE_INIT("silence"), SLICE_INIT("quiet")},
        {SLICE_INIT("chunk"), SLICE_INIT("bdat")},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (slice_equal_nocase(name, others[i].written))
            return others[i].meant;
    return SLICE("");
}

void loader_unknown_directive(struct loader *l, struct slice at, struct slice closest)
{
    if (at.len == 1)
        loader_error(l, at, "a directive's name stands right behind the %: %test, %data");
    else
        loader_error_hint(l, at, "unknown directive", "%",
                          closest.len > 0 ? closest : meant_directive(slice_from(at, 1)), "");
}

bool loader_seems_keyword(struct slice word)
{
    static const struct slice keywords[] = {SLICE_INIT("8BITMIME"),
                                            SLICE_INIT("AUTH"),
                                            SLICE_INIT("BINARYMIME"),
                                            SLICE_INIT("CHUNKING"),
                                            SLICE_INIT("DELIVERBY"),
                                            SLICE_INIT("DSN"),
                                            SLICE_INIT("ENHANCEDSTATUSCODES"),
                                            SLICE_INIT("ETRN"),
                                            SLICE_INIT("EXPN"),
                                            SLICE_INIT("FUTURERELEASE"),
                                            SLICE_INIT("HELP"),
                                            SLICE_INIT("LIMITS"),
                                            SLICE_INIT("MT-PRIORITY"),
                                            SLICE_INIT("MTRK"),
                                            SLICE_INIT("PIPELINING"),
                                            SLICE_INIT("REQUIRETLS"),
                                            SLICE_INIT("RRVS"),
                                            SLICE_INIT("SIZE"),
                                            SLICE_INIT("SMTPUTF8"),
                                            SLICE_INIT("STARTTLS"),
                                            SLICE_INIT("VRFY"),
                                            SLICE_INIT("XCLIENT"),
                                            SLICE_INIT("XFORWARD")};
    struct slice name = slice_sub(word, 0, slice_find(word, '='));
    return loader_word_index(name, keywords, sizeof keywords / sizeof *keywords) <
           sizeof keywords / sizeof *keywords;
}
