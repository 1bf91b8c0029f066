#include "smtp/plain.h"

#include "smtp/command.h"
#include "smtp/value.h"

static inline uint64_t bit(size_t n)
{
    return UINT64_C(1) << n;
}

/* The bits of octets 0 to n - 1, of which there are SCAN_TEXT_OCTETS. */
static inline uint64_t below(size_t n)
{
    return n < SCAN_TEXT_OCTETS ? bit(n) - 1 : UINT64_MAX;
}

static inline size_t first(uint64_t bits)
{
    return (size_t)__builtin_ctzll(bits);
}

/* Octets before the CRLF of a printable line; 0 where that is not what stands there. */
static size_t printable_line(struct slice in, const struct scan_text *text)
{
    if (text->lf != 0) {
        size_t lf = first(text->lf);
        bool crlf_alone = (text->odd & below(lf)) << 1 == bit(lf);
        return crlf_alone && in.ptr[lf - 1] == '\r' ? lf - 1 : 0;
    }
    if (text->odd != 0 || in.len <= SCAN_TEXT_OCTETS)
        return 0;
    struct scan_line rest = scan_line(slice_from(in, SCAN_TEXT_OCTETS));
    size_t lf = SCAN_TEXT_OCTETS + rest.lf;
    return lf < in.len && rest.printable && in.ptr[lf - 1] == '\r' ? lf - 1 : 0;
}

/* Octets of the verb; 0 where its end is not in sight. Most have four letters: what is done with
 * these does not wait for the scan. */
static size_t name_of(const struct smtp_plain *plain)
{
    const uint8_t *octets = plain->line.ptr;
    size_t len = plain->line.len;
    if (len >= 4 && (octets[4] == ' ' || octets[4] == '\r') && octets[0] != ' ' &&
        octets[1] != ' ' && octets[2] != ' ' && octets[3] != ' ')
        return 4;
    uint64_t spaces = plain->text.space & below(len);
    if (spaces == 0)
        return len <= SCAN_TEXT_OCTETS ? len : 0;
    return first(spaces);
}

/* command = verb [ SP argument ] CRLF                               ; RFC 5321 4.1.1 */
bool smtp_plain_begin(struct slice in, size_t max_octets, struct smtp_plain *ret_plain)
{
    struct smtp_plain *plain = ret_plain;
    scan_text(in, &plain->text);
    size_t len = printable_line(in, &plain->text);
    if (len == 0 || len + 2 > max_octets || len + 2 > SMTP_COMMAND_LINE_MAX_OCTETS)
        return false;
    plain->in = in;
    plain->line = slice_sub(in, 0, len);
    plain->name = name_of(plain);
    plain->argument = plain->name < len ? plain->name + 1 : len;
    return plain->name > 0 && in.ptr[len - 1] != ' ' && in.ptr[plain->argument] != ' ';
}

/*
 * RFC 5321 4.1.2
 *   Domain     = sub-domain *( "." sub-domain )
 *   sub-domain = Let-dig [ Ldh-str ]; Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig
 */
bool smtp_plain_is_domain(const struct smtp_plain *plain, size_t from, size_t to)
{
    if (to >= SCAN_TEXT_OCTETS)
        return false;
    const struct scan_text *text = &plain->text;
    uint64_t inside = below(to) & ~below(from);
    uint64_t ends = text->dot | bit(from - 1) | bit(to); /* what stands around a sub-domain */
    uint64_t beside = ends << 1 | ends >> 1;
    return (inside & ~(text->alnum | text->dot | text->hyphen)) == 0 &&
           (inside & beside & ~text->alnum) == 0 && from < to;
}

/* Dot-string = Atom *( "." Atom ), of [from, to) that holds atext and dots alone. */
static inline bool is_dot_string(const struct scan_text *text, size_t from, size_t to)
{
    uint64_t ends = text->dot | bit(from - 1) | bit(to);
    uint64_t inside = (below(to) << 1 | 1) & ~below(from); /* and what stands behind it */
    return (inside & ends & ends << 1) == 0;
}

/* Reverse-path = Path / "<>"; Path = "<" Mailbox ">"; Mailbox = Local-part "@" Domain */
bool smtp_plain_path(const struct smtp_plain *plain, size_t at, struct smtp_plain_path *ret_path)
{
    const struct scan_text *text = &plain->text;
    const uint8_t *octets = plain->line.ptr;
    if (at + 1 >= plain->line.len || at + 1 >= SCAN_TEXT_OCTETS || octets[at] != '<')
        return false;
    if (octets[at + 1] == '>') {
        *ret_path = (struct smtp_plain_path){at, at, at + 1};
        return true;
    }
    uint64_t stops = text->boundary & ~below(at + 1), closing = stops & (stops - 1);
    if (closing == 0)
        return false;
    size_t sign = first(stops), close = first(closing);
    *ret_path = (struct smtp_plain_path){at, sign, close};
    return octets[sign] == '@' && octets[close] == '>' && is_dot_string(text, at + 1, sign) &&
           smtp_plain_is_domain(plain, sign + 1, close);
}

/* The bits of the line from octet `base` on: where words end, and the "=" in them. */
struct window {
    size_t base;
    uint64_t ends, equals;
};

static struct window window_at(const struct smtp_plain *plain, size_t at)
{
    struct window window = {.base = 0};
    struct scan_text text = plain->text;
    if (plain->line.len >= SCAN_TEXT_OCTETS) {
        window.base = at;
        scan_text(slice_from(plain->in, at), &text);
    }
    window.ends = text.space;
    window.equals = text.equals;
    if (plain->line.len - window.base < SCAN_TEXT_OCTETS)
        window.ends |= bit(plain->line.len - window.base);
    return window;
}

/* esmtp-param = esmtp-keyword [ "=" esmtp-value ], the keyword known. Adds its bit to *seen. */
static bool is_param(struct slice in, struct slice param, size_t keyword, unsigned commands,
                     uint64_t *seen)
{
    const struct smtp_value_rule *rule = smtp_value_rule_in(in, slice_sub(param, 0, keyword));
    if (rule == NULL || (rule->commands & commands) == 0)
        return false;
    uint64_t mark = bit((size_t)(rule - smtp_value_rule_at(0)));
    if ((*seen & mark) != 0)
        return false;
    *seen |= mark;
    struct smtp_value value;
    bool has_value = keyword < param.len;
    struct slice text = slice_from(param, has_value ? keyword + 1 : keyword);
    return !(has_value && text.len == 0) && smtp_value_read(rule, text, has_value, &value) &&
           value.quirks == 0;
}

/* Mail-parameters = esmtp-param *( SP esmtp-param )                 ; RFC 5321 4.1.2 */
bool smtp_plain_are_params(const struct smtp_plain *plain, size_t at, unsigned commands)
{
    struct window window = window_at(plain, at);
    uint64_t seen = 0;
    while (at < plain->line.len) {
        size_t from = at - window.base;
        uint64_t ends = window.ends & ~below(from);
        if (ends == 0) {
            if (from == 0)
                return false;
            window = window_at(plain, at);
            if (window.base == 0)
                return false;
            continue;
        }
        size_t to = first(ends);
        uint64_t equals = window.equals & below(to) & ~below(from);
        size_t keyword = (equals != 0 ? first(equals) : to) - from;
        struct slice param = slice_sub(plain->line, at, window.base + to);
        if ((equals & (equals - 1)) != 0 || !is_param(plain->in, param, keyword, commands, &seen))
            return false;
        at += param.len + 1;
    }
    return true;
}
