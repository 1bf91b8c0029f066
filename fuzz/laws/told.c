#include "laws/told.h"

#include <jansson.h>
#include <libxml/parser.h>

#include "base/octet.h"
#include "base/utf8.h"
#include "laws/seen.h"

/* ---- memory of those who write and read JSON and XML ---- */

static char *lend_text(const char *text)
{
    size_t octets = strlen(text) + 1;
    return memcpy(fuzz_take(octets), text, octets);
}

/* Each name and value is a piece of its own to them, and so many of a sanitizer's allocator took
 * half of the time. */
void told_begin(void)
{
    static bool lent;
    if (!lent) {
        xmlInitParser(); /* what it takes now it keeps */
        xmlMemSetup(fuzz_give, fuzz_take, fuzz_take_more, lend_text);
        json_set_alloc_funcs(fuzz_take, fuzz_give);
    }
    lent = true;
}

/* ---- the octets of any report ---- */

/* It looks for an octet of the word that is rare in reports, because a sanitizer sees to each
 * search; the word is not empty. */
bool told_holds(struct slice text, struct slice word)
{
    size_t rare = 0;
    while (rare < word.len && word.ptr[rare] >= 'a' && word.ptr[rare] <= 'z')
        rare++;
    rare %= word.len;
    if (text.len < word.len)
        return false;
    struct slice rest = slice_sub(text, rare, text.len - word.len + rare + 1);
    for (size_t at; (at = slice_find(rest, word.ptr[rare])) < rest.len;
         rest = slice_from(rest, at + 1))
        if (memcmp(rest.ptr + at - rare, word.ptr, word.len) == 0)
            return true;
    return false;
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: what follows is read as what it is not. */
static bool turns_text(struct slice c)
{
    return c.len == 3 && c.ptr[0] == 0xE2 &&
           ((c.ptr[1] == 0x80 &&
             (c.ptr[2] == 0x8E || c.ptr[2] == 0x8F || (c.ptr[2] >= 0xAA && c.ptr[2] <= 0xAE))) ||
            (c.ptr[1] == 0x81 && c.ptr[2] >= 0xA6 && c.ptr[2] <= 0xA9));
}

/* RFC 8259 7 leaves DEL and what is beyond ASCII as it is in JSON, which is no text for people. */
static void check_octets(struct slice text, bool json)
{
    for (struct slice rest = text; rest.len > 0;) {
        size_t graphic = 0; /* as most are */
        while (graphic < rest.len && rest.ptr[graphic] >= ' ' && rest.ptr[graphic] < 127)
            graphic++;
        rest = slice_from(rest, graphic);
        if (rest.len == 0)
            break;
        size_t len = base_utf8_sequence(rest);
        bool del = rest.ptr[0] == 127;
        FUZZ_LAW(len > 0, "a report is UTF-8");
        FUZZ_LAW(len > 1 || rest.ptr[0] == '\n' || (json && del) ||
                     !octet_is(rest.ptr[0], OCTET_CONTROL | OCTET_NUL),
                 "a report holds no control octet but LF");
        FUZZ_LAW(json || len != 2 || rest.ptr[0] != 0xC2 || rest.ptr[1] >= 0xA0,
                 "a report holds no C1 control character");
        FUZZ_LAW(json || !turns_text(slice_sub(rest, 0, len)),
                 "a report holds nothing that turns the direction of text");
        rest = slice_from(rest, len);
    }
}

/* The octets that a text stands for whose unseen ones are written "\xHH"; who writes that stands
 * for such an octet, too. */
static struct slice plain(struct slice text)
{
    static const char digits[] = "0123456789abcdef";
    struct writer out = fuzz_writer(text.len);
    for (size_t run; text.len > 0; text = slice_from(text, run)) {
        const char *high = text.len > 3 ? memchr(digits, text.ptr[2], 16) : NULL;
        const char *low = text.len > 3 ? memchr(digits, text.ptr[3], 16) : NULL;
        if (slice_starts(text, SLICE("\\x")) && high != NULL && low != NULL) {
            writer_put_octet(&out, (uint8_t)(16 * (high - digits) + (low - digits)));
            run = 4;
        } else {
            run = 1 + slice_find(slice_from(text, 1), '\\');
            writer_put(&out, slice_sub(text, 0, run));
        }
    }
    struct slice copy = fuzz_copy(writer_slice(&out));
    fuzz_free_writer(&out);
    return copy;
}

/* Whether what a report shows, made plain, begins with or holds this text of a result's. */
static bool shows(struct slice shown, struct slice text, bool begins)
{
    struct slice word = plain(text);
    bool same = word.len == 0 || (begins ? slice_starts(shown, word) : told_holds(shown, word));
    fuzz_free(word);
    return same;
}

static bool shows_once(struct slice written, struct slice text, bool begins)
{
    struct slice shown = plain(written);
    bool same = shows(shown, text, begins);
    fuzz_free(shown);
    return same;
}

static struct slice next_line(struct slice *rest)
{
    size_t end = slice_find(*rest, '\n');
    FUZZ_LAW(end < rest->len, "each line of the report is ended");
    struct slice line = slice_sub(*rest, 0, end);
    *rest = slice_from(*rest, end + 1);
    return line;
}

static bool take(struct slice *text, struct slice word)
{
    bool there = text->len > 0 && text->ptr[0] == word.ptr[0] && slice_starts(*text, word);
    *text = slice_from(*text, there ? word.len : 0);
    return there;
}

static size_t take_number(struct slice *text)
{
    size_t number = 0, at = 0;
    while (at < text->len && octet_is(text->ptr[at], OCTET_DIGIT))
        number = number * 10 + text->ptr[at++] - '0';
    FUZZ_LAW(at > 0, "a number has digits");
    *text = slice_from(*text, at);
    return number;
}

/* ---- TAP 14 ---- */

/* A description that begins with `text`, and " # SKIP" or " # TODO" with its reason, behind it. */
static void check_description(struct slice text, struct slice begin)
{
    size_t directives = 0;
    struct writer out = fuzz_writer(text.len);
    for (size_t i = 0; i < text.len; i++) {
        i += text.ptr[i] == '\\' && i + 1 < text.len;
        writer_put_octet(&out, text.ptr[i]);
    }
    FUZZ_LAW(shows_once(writer_slice(&out), begin, true), "a description is the text that is told");
    fuzz_free_writer(&out);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\') {
            i++;
            FUZZ_LAW(i < text.len, "a backslash escapes an octet");
        } else if (text.ptr[i] == '#') {
            struct slice rest = slice_from(text, i);
            FUZZ_LAW(directives++ == 0 && (slice_starts(rest, SLICE("# SKIP ")) ||
                                           slice_starts(rest, SLICE("# TODO "))),
                     "only a directive begins with a number sign");
        }
    }
}

/* YAML 1.2: "  key: 12" or "  key: "text"". */
static void check_yaml(struct slice line, const struct told *told)
{
    FUZZ_LAW(take(&line, SLICE("  ")), "details are indented");
    size_t colon = slice_find(line, ':');
    for (size_t i = 0; i < colon; i++)
        FUZZ_LAW(octet_is(line.ptr[i], OCTET_ALPHA) || line.ptr[i] == '_', "a key is a word");
    struct slice key = slice_sub(line, 0, colon);
    line = slice_from(line, colon < line.len ? colon + 1 : colon);
    FUZZ_LAW(take(&line, SLICE(" ")), "a value stands behind its key");
    if (!take(&line, SLICE("\""))) {
        size_t number = take_number(&line);
        FUZZ_LAW(number == (slice_equal(key, SLICE("line"))     ? told->where.line
                            : slice_equal(key, SLICE("column")) ? told->where.column
                                                                : told->taken_ms),
                 "details say where it was, and how long it took");
        FUZZ_LAW(line.len == 0, "a value without quotes is a number");
        return;
    }
    size_t i = 0;
    while (i < line.len && line.ptr[i] != '"')
        i += line.ptr[i] == '\\' ? 2 : 1;
    FUZZ_LAW(i + 1 == line.len, "quotes end where the line does");
}

static void check_tap(struct slice text, const struct all_told *all)
{
    size_t results = all->count;
    struct slice version = next_line(&text);
    FUZZ_LAW(slice_equal(version, SLICE("TAP version 14")) ||
                 slice_equal(version, SLICE("TAP version 13")),
             "TAP begins with its version");
    for (size_t n = 1; n <= results; n++) {
        struct slice line = next_line(&text);
        take(&line, SLICE("not "));
        FUZZ_LAW(take(&line, SLICE("ok ")) && take_number(&line) == n && take(&line, SLICE(" - ")),
                 "test points are counted");
        check_description(line, all->results[n - 1].id);
        if (!slice_starts(text, SLICE("  ---\n")))
            continue;
        next_line(&text);
        while (!slice_equal(line = next_line(&text), SLICE("  ...")))
            check_yaml(line, &all->results[n - 1]);
    }
    struct slice plan = next_line(&text);
    FUZZ_LAW(take(&plan, SLICE("1..")) && take_number(&plan) == results, "the plan is the count");
    FUZZ_LAW(text.len == 0 || take(&text, SLICE("Bail out! ")), "nothing but the end comes then");
    if (text.len > 0)
        check_description(next_line(&text), SLICE(""));
    FUZZ_LAW(text.len == 0, "and nothing behind it");
}

/* ---- workflow commands ---- */

/* A number as the value of a property. */
static void check_property(struct slice line, struct slice name, size_t number)
{
    while (line.len > 0 && !slice_starts(line, name))
        line = slice_from(line, 1 + slice_find(slice_from(line, 1), ','));
    FUZZ_LAW(take(&line, name) && take_number(&line) == number, "a property says where it is");
}

/* "%25", "%3A" and "%2C" are octets of the title's. */
static void check_title(struct slice line, struct slice title)
{
    struct writer out = fuzz_writer(line.len);
    while (line.len > 0) {
        uint8_t octet = line.ptr[0];
        if (take(&line, SLICE("%25")) || take(&line, SLICE("%3A")) || take(&line, SLICE("%2C")))
            octet = line.ptr[-1] == '5' ? '%' : line.ptr[-1] == 'A' ? ':' : ',';
        else
            line = slice_from(line, 1);
        writer_put_octet(&out, octet);
    }
    FUZZ_LAW(shows_once(writer_slice(&out), title, false), "an annotation has the test's title");
    fuzz_free_writer(&out);
}

/* The properties of a result's command. */
static void check_place(struct slice properties, const struct told *told)
{
    size_t commas = 0;
    for (size_t i = 0; i < properties.len; i++)
        commas += properties.ptr[i] == ',';
    FUZZ_LAW(commas == 3, "no value adds a property");
    check_property(properties, SLICE(",line="), told->where.line);
    check_property(properties, SLICE(",col="), told->where.column);
    check_title(properties, told->title);
}

static void check_annotations(struct slice text, const struct all_told *all)
{
    const struct told *told = all->results, *end = told + all->count;
    while (text.len > 0) {
        struct slice line = next_line(&text);
        bool command = take(&line, SLICE("::")), error = take(&line, SLICE("error"));
        FUZZ_LAW(command &&
                     (error || take(&line, SLICE("warning")) || take(&line, SLICE("notice"))),
                 "each line is a command");
        size_t colon = slice_find(line, ':');
        FUZZ_LAW(slice_starts(slice_from(line, colon), SLICE("::")),
                 "properties end with two colons");
        while (told < end && !told->annotated)
            told++;
        FUZZ_LAW(colon > 0 ? told < end : told == end && text.len == 0,
                 "a result has one annotation at most, and what stopped the run is the last");
        if (colon > 0)
            FUZZ_LAW(error == told->wrong, "what makes a run fail is an error");
        if (colon > 0)
            check_place(slice_sub(line, 0, colon), told++);
        for (; line.len > 0; line = slice_from(line, 1))
            FUZZ_LAW(line.ptr[0] != '%' || slice_starts(line, SLICE("%25")) ||
                         slice_starts(line, SLICE("%3A")) || slice_starts(line, SLICE("%2C")),
                     "a percent sign begins an escape of the report's");
    }
    for (; told < end; told++)
        FUZZ_LAW(!told->annotated, "what did not pass has an annotation");
}

/* ---- HTML ---- */

#define MAX_DEPTH 32

static bool is_one_of(struct slice name, const char *names)
{
    for (const char *at = names; *at != '\0'; at += *at == ' ') {
        size_t same = 0;
        while (same < name.len && at[same] != '\0' && at[same] == (char)name.ptr[same])
            same++;
        at += same;
        if (same == name.len && (*at == ' ' || *at == '\0'))
            return true;
        while (*at != ' ' && *at != '\0')
            at++;
    }
    return false;
}

/* A section of an RFC: the name of an appendix begins with a letter (A to Z). */
static void check_link(struct slice value)
{
    struct slice anchor = slice_from(value, slice_find(value, '#'));
    bool capital = false, appendix = take(&anchor, SLICE("#appendix-"));
    if (!slice_starts(value, SLICE("https://www.rfc-editor.org/rfc/")) || anchor.len == 0 ||
        (!appendix && !take(&anchor, SLICE("#section-"))))
        return;
    capital = anchor.len > 0 && anchor.ptr[0] >= 'A' && anchor.ptr[0] <= 'Z';
    FUZZ_LAW(capital == appendix, "a link leads to a section, or to an appendix");
}

/* A tag, behind its "<"; takes it and returns its name. */
static struct slice take_tag(struct slice *text)
{
    size_t len = 0;
    while (len < text->len && octet_is(text->ptr[len], OCTET_ALPHA | OCTET_DIGIT))
        len++;
    struct slice name = slice_sub(*text, 0, len);
    *text = slice_from(*text, len);
    while (take(text, SLICE(" "))) {
        size_t at = 0;
        while (at < text->len && (octet_is(text->ptr[at], OCTET_ALPHA) || text->ptr[at] == '-'))
            at++;
        FUZZ_LAW(at > 0 && is_one_of(slice_sub(*text, 0, at),
                                     "aria-label charset class colspan content data-outcome href "
                                     "http-equiv id lang name open placeholder type checked hidden "
                                     "for role value"),
                 "a tag has attributes of the page only");
        *text = slice_from(*text, at);
        if (!take(text, SLICE("=\"")))
            continue;
        at = slice_find(*text, '"');
        FUZZ_LAW(slice_find(slice_sub(*text, 0, at), '<') == at, "a value holds no tag");
        check_link(slice_sub(*text, 0, at));
        *text = slice_from(*text, at < text->len ? at + 1 : at);
    }
    FUZZ_LAW(take(text, SLICE(">")), "a tag ends");
    return name;
}

/* Behind "&": a reference that the page writes; takes it. */
static uint8_t take_reference(struct slice *text)
{
    static const struct {
        const char *name;
        uint8_t octet;
    } references[] = {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"#39;", '\''}};
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (take(text, slice_of_cstr(references[i].name)))
            return references[i].octet;
    size_t end = slice_find(*text, ';');
    FUZZ_LAW(is_one_of(slice_sub(*text, 0, end), "middot ndash mdash nbsp"),
             "an ampersand begins a reference");
    *text = slice_from(*text, end);
    return ' ';
}

static void check_shown(struct slice page, const struct all_told *all)
{
    struct slice shown = plain(page);
    for (size_t i = 0; i < all->count; i++)
        FUZZ_LAW(!all->results[i].detailed || (shows(shown, all->results[i].title, false) &&
                                               shows(shown, all->results[i].id, false)),
                 "a page has the texts of what did not pass");
    fuzz_free(shown);
}

static void check_html(struct slice text, const struct all_told *all)
{
    size_t results = all->count;
    struct writer page = fuzz_writer(text.len); /* as it is seen */
    struct slice open[MAX_DEPTH];
    size_t depth = 0, rows = 0;
    seen_check_page(text, all);
    FUZZ_LAW(take(&text, SLICE("<!DOCTYPE html>")) || take(&text, SLICE("<!doctype html>")),
             "a page says what it is");
    while (text.len > 0) {
        size_t run = 0;
        for (; run < text.len && text.ptr[run] != '<' && text.ptr[run] != '&'; run++)
            FUZZ_LAW(text.ptr[run] != '>', "no tag ends in text");
        writer_put(&page, slice_sub(text, 0, run));
        if (run == text.len)
            break;
        uint8_t octet = text.ptr[run];
        text = slice_from(text, run + 1);
        if (octet == '&') {
            writer_put_octet(&page, take_reference(&text));
            continue;
        }
        bool closing = take(&text, SLICE("/"));
        struct slice name = take_tag(&text);
        if (closing) {
            FUZZ_LAW(depth > 0 && slice_equal(open[depth - 1], name), "tags are closed in order");
            depth--;
        } else if (!is_one_of(name, "meta input br")) {
            FUZZ_LAW(depth < MAX_DEPTH, "no page is that deep");
            open[depth++] = name;
            rows += slice_equal(name, SLICE("pre"));
        }
        while (!closing && is_one_of(name, "script style") && text.len > 0 &&
               !slice_starts(text, SLICE("</")))
            text = slice_from(text, 1 + slice_find(slice_from(text, 1), '<'));
    }
    FUZZ_LAW(depth == 0, "each tag is closed");
    FUZZ_LAW(rows <= results, "a result has one dialogue at most");
    check_shown(writer_slice(&page), all);
    fuzz_free_writer(&page);
}

void told_check(const struct report_kind *kind, struct slice text, const struct all_told *all,
                bool secret)
{
    static const struct {
        const char *kind;
        void (*check)(struct slice text, const struct all_told *all);
    } checks[] = {{"pretty", seen_check_pretty},
                  {"matrix", seen_check_matrix},
                  {"sections", seen_check_sections},
                  {"tap", check_tap},
                  {"tap13", check_tap},
                  {"junit", told_check_junit},
                  {"json", told_check_json},
                  {"annotations", check_annotations},
                  {"html", check_html}};
    check_octets(text, strcmp(kind->name, "json") == 0);
    FUZZ_LAW(!secret || (!told_holds(text, SLICE(TOLD_SECRET)) &&
                         !told_holds(text, SLICE(TOLD_SECRET_64))),
             "no report holds a secret");
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strcmp(checks[i].kind, kind->name) == 0)
            checks[i].check(text, all);
}
