#include "imf/diagnosis.h"

#include "base/ip.h"
#include "base/octet.h"
#include "base/utf8.h"
#include "base/writer.h"

#define FIRST_ERROR           IMF_EXPECTING_DTEXT
#define LOCAL_PART_MAX_OCTETS 64  /* RFC 5321 4.5.3.1.1 */
#define DOMAIN_MAX_OCTETS     255 /* RFC 5321 4.5.3.1.2 */
#define MAILBOX_MAX_OCTETS    254 /* RFC 5321 4.5.3.1.3: a path of 256 without its brackets */
#define LABEL_MAX_OCTETS      63  /* RFC 1035 2.3.4 */
#define IPV6_GROUPS           8

enum place { PLACE_TEXT, PLACE_CFWS, PLACE_QUOTED_STRING, PLACE_LITERAL };

struct probe {
    struct slice in;
    size_t at;
    bool utf8;
    struct imf_diagnosis found;
    /* the part that is read: local part or domain */
    size_t element_count;  /* dots passed */
    size_t element_octets; /* since the last dot; comments and white space do not count */
    size_t part_octets;    /* of the part, likewise */
    bool element_closed;   /* only a dot may follow */
    bool after_hyphen;
    bool has_literal;
    enum place last; /* what was read last */
};

/* The worst finding counts, and of two alike the first. */
static void find(struct probe *p, enum imf_finding finding, size_t offset)
{
    if (finding > p->found.worst)
        p->found = (struct imf_diagnosis){finding, offset};
}

static bool failed(const struct probe *p)
{
    return p->found.worst >= FIRST_ERROR;
}

static int peek(const struct probe *p)
{
    return p->at < p->in.len ? p->in.ptr[p->at] : -1;
}

static bool at_class(const struct probe *p, unsigned classes)
{
    return p->at < p->in.len && octet_is(p->in.ptr[p->at], classes);
}

/* Octets of the character at the cursor that only RFC 6532 allows; 0 where there is none. */
static size_t at_utf8(const struct probe *p)
{
    return p->utf8 && at_class(p, OCTET_EIGHT_BIT) ? base_utf8_sequence(slice_from(p->in, p->at))
                                                   : 0;
}

static void count(struct probe *p, size_t octets)
{
    p->at += octets;
    p->element_octets += octets;
    p->part_octets += octets;
}

/*
 * FWS     = ([*WSP CRLF] 1*WSP) / obs-FWS                            ; RFC 5322 3.2.2
 * obs-FWS = 1*WSP *(CRLF 1*WSP)                                      ; RFC 5322 4.2
 */
static void read_fws(struct probe *p)
{
    for (unsigned folds = 0; at_class(p, OCTET_WSP | OCTET_CR) && !failed(p);) {
        if (at_class(p, OCTET_WSP)) {
            p->at++;
            continue;
        }
        if (p->at + 1 == p->in.len || p->in.ptr[p->at + 1] != '\n') {
            find(p, IMF_CR_WITHOUT_LF, p->at);
            return;
        }
        p->at += 2;
        if (peek(p) == '\r')
            find(p, IMF_CRLF_TWICE, p->at);
        else if (!at_class(p, OCTET_WSP))
            find(p, IMF_CRLF_AT_END, p->at);
        else if (++folds > 1)
            find(p, IMF_DEPRECATED_FWS, p->at);
    }
}

/* quoted-pair = ("\" (VCHAR / WSP)) / obs-qp                         ; RFC 5322 3.2.1, 4.1 */
static size_t read_quoted_pair(struct probe *p)
{
    size_t from = p->at++;
    size_t utf8 = at_utf8(p);
    if (peek(p) < 0)
        find(p, IMF_BACKSLASH_AT_END, from);
    else if (at_class(p, OCTET_EIGHT_BIT) && utf8 == 0)
        find(p, IMF_EXPECTING_QUOTED_PAIR, p->at);
    else if (!at_class(p, OCTET_GRAPHIC | OCTET_WSP | OCTET_EIGHT_BIT))
        find(p, IMF_DEPRECATED_QUOTED_PAIR, p->at);
    p->at += failed(p) ? 0 : utf8 > 0 ? utf8 : 1;
    return p->at - from;
}

/* Text between delimiters: what it may hold, what only obs-NO-WS-CTL allows, and what not at all.
 */
static size_t read_text(struct probe *p, enum imf_finding obsolete, enum imf_finding wrong)
{
    size_t utf8 = at_utf8(p);
    if (utf8 == 0 && at_class(p, OCTET_EIGHT_BIT | OCTET_NUL | OCTET_LF))
        find(p, wrong, p->at);
    else if (at_class(p, OCTET_CONTROL))
        find(p, obsolete, p->at);
    return utf8 > 0 ? utf8 : 1;
}

/* comment = "(" *([FWS] ccontent) [FWS] ")"                          ; RFC 5322 3.2.2 */
static void read_comment(struct probe *p)
{
    size_t depth = 0;
    do {
        int octet = peek(p);
        if (octet < 0) {
            find(p, IMF_UNCLOSED_COMMENT, p->at);
        } else if (octet == '\\') {
            read_quoted_pair(p);
        } else if (at_class(p, OCTET_WSP | OCTET_CR)) {
            find(p, IMF_CFWS_FWS, p->at);
            read_fws(p);
        } else {
            depth += octet == '(';
            depth -= octet == ')';
            p->at += read_text(p, IMF_DEPRECATED_CTEXT, IMF_EXPECTING_CTEXT);
        }
    } while (depth > 0 && !failed(p));
    p->last = PLACE_CFWS;
}

/* quoted-string = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS] ; RFC 5322 3.2.4 */
static void read_quoted_string(struct probe *p)
{
    count(p, 1);
    while (peek(p) != '"' && !failed(p)) {
        if (peek(p) < 0) {
            find(p, IMF_UNCLOSED_QUOTED_STRING, p->at);
        } else if (peek(p) == '\\') {
            size_t octets = read_quoted_pair(p);
            p->at -= octets;
            count(p, octets);
        } else if (peek(p) == '\t' || peek(p) == '\r') {
            size_t from = p->at;
            find(p, IMF_CFWS_FWS, from);
            read_fws(p);
            for (size_t i = from; i < p->at; i++)
                p->part_octets += octet_is(p->in.ptr[i], OCTET_WSP);
        } else {
            count(p, read_text(p, IMF_DEPRECATED_QTEXT, IMF_EXPECTING_QTEXT));
        }
    }
    if (!failed(p))
        count(p, 1);
    p->element_closed = true;
    p->last = PLACE_QUOTED_STRING;
}

/* ---- domain literals ---- */

/* Groups between colons that are not 1*4HEXDIG; "" is one of "::", or at an end. */
static bool has_bad_group(struct slice groups)
{
    size_t octets = 0;
    for (size_t i = 0; i < groups.len; i++) {
        octets = groups.ptr[i] == ':' ? 0 : octets + 1;
        if (octets > 4 || (octets > 0 && !octet_is(slice_upper(groups.ptr[i]), OCTET_HEX_UPPER)))
            return true;
    }
    return false;
}

/*
 * IPv6-addr = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp      ; RFC 5321 4.1.3
 * Where "::" stands at an end, seven groups beside it are allowed    ; RFC 4291 2.2
 * but "::" for one group alone is not to be written                  ; RFC 5952 4.2.2
 */
static void judge_ipv6(struct probe *p, struct slice in, size_t offset)
{
    size_t last_colon = in.len, colons = 0, doubles = 0, max = IPV6_GROUPS, first_double = 0;
    for (size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] != ':')
            continue;
        last_colon = i;
        colons++;
        if (i + 1 < in.len && in.ptr[i + 1] == ':' && doubles++ == 0)
            first_double = i;
    }
    size_t last_group = last_colon < in.len ? last_colon + 1 : 0;
    bool ipv4 = base_is_ipv4(slice_from(in, last_group));
    struct slice hex = ipv4 ? slice_sub(in, 0, last_group) : in;
    size_t groups = colons + 1 + ipv4;
    bool end_double = in.len >= 2 && first_double == in.len - 2;

    max += doubles == 1 && (first_double == 0 || end_double);
    if (doubles == 0 && groups != IPV6_GROUPS)
        find(p, IMF_IPV6_GROUP_COUNT, offset);
    if (doubles > 1)
        find(p, IMF_IPV6_TWO_DOUBLE_COLONS, offset);
    if (doubles == 1 && groups > max)
        find(p, IMF_IPV6_TOO_MANY_GROUPS, offset);
    if (doubles == 1 && groups == max)
        find(p, IMF_IPV6_DEPRECATED, offset);

    bool starts = in.len > 0 && in.ptr[0] == ':' && (in.len == 1 || in.ptr[1] != ':');
    bool ends =
        in.len > 0 && in.ptr[in.len - 1] == ':' && (in.len == 1 || in.ptr[in.len - 2] != ':');
    if (starts)
        find(p, IMF_IPV6_COLON_AT_START, offset);
    else if (ends)
        find(p, IMF_IPV6_COLON_AT_END, offset);
    else if (has_bad_group(hex))
        find(p, IMF_IPV6_BAD_GROUP, offset);
    else
        find(p, IMF_ADDRESS_LITERAL, offset);
}

/* address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / ... ) "]"
 * ; RFC 5321 4.1.3. No Standardized-tag but IPv6 is registered, so every other one is none. */
static void judge_literal(struct probe *p, struct slice inside, size_t offset)
{
    if (p->found.worst >= IMF_DOMAIN_NOT_RFC5321)
        find(p, IMF_DOMAIN_LITERAL, offset);
    else if (base_is_ipv4(inside))
        find(p, IMF_ADDRESS_LITERAL, offset);
    else if (slice_starts_nocase(inside, SLICE("IPv6:")))
        judge_ipv6(p, slice_from(inside, 5), offset);
    else
        find(p, IMF_DOMAIN_LITERAL, offset);
}

/* domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]        ; RFC 5322 3.4.1 */
static void read_literal(struct probe *p)
{
    uint8_t text[DOMAIN_MAX_OCTETS]; /* without white space; a longer one is no address */
    struct writer inside = writer_of(text, sizeof text);
    size_t from = p->at;
    count(p, 1);
    while (peek(p) != ']' && !failed(p)) {
        if (peek(p) < 0) {
            find(p, IMF_UNCLOSED_DOMAIN_LITERAL, p->at);
        } else if (peek(p) == '\\') {
            find(p, IMF_OBS_DTEXT, p->at);
            size_t octets = read_quoted_pair(p);
            p->at -= octets;
            count(p, octets);
        } else if (at_class(p, OCTET_WSP | OCTET_CR)) {
            find(p, IMF_CFWS_FWS, p->at);
            read_fws(p);
        } else if (peek(p) == '[') {
            find(p, IMF_EXPECTING_DTEXT, p->at);
        } else {
            writer_put_octet(&inside, (uint8_t)peek(p));
            count(p, read_text(p, IMF_OBS_DTEXT, IMF_EXPECTING_DTEXT));
        }
    }
    if (failed(p))
        return;
    if (inside.overflow)
        find(p, IMF_DOMAIN_LITERAL, from);
    else
        judge_literal(p, writer_slice(&inside), from);
    count(p, 1);
    p->element_closed = p->has_literal = true;
    p->last = PLACE_LITERAL;
}

/* ---- local part and domain ---- */

static void begin_part(struct probe *p)
{
    p->element_count = p->element_octets = p->part_octets = 0;
    p->element_closed = p->after_hyphen = p->has_literal = false;
    p->last = PLACE_TEXT;
}

/* White space or a comment: fine at the ends of a part, `first` or `later` before an element. */
static void read_cfws(struct probe *p, enum imf_finding first, enum imf_finding later,
                      enum imf_finding behind)
{
    if (p->element_octets == 0)
        find(p, p->element_count == 0 ? first : later, p->at);
    else
        find(p, behind, p->at);
    p->element_closed = p->element_octets > 0;
    if (peek(p) == '(')
        read_comment(p);
    else
        read_fws(p);
    p->last = PLACE_CFWS;
}

/* The dot between two elements. */
static void read_dot(struct probe *p)
{
    if (p->element_octets == 0)
        find(p, p->element_count == 0 ? IMF_DOT_AT_START : IMF_CONSECUTIVE_DOTS, p->at);
    p->at++;
    p->part_octets++;
    p->element_count++;
    p->element_octets = 0;
    p->element_closed = false;
    p->last = PLACE_TEXT;
}

/* Text where only a dot or the part's end may stand. */
static void find_text_after(struct probe *p)
{
    static const enum imf_finding findings[] = {
        [PLACE_TEXT] = IMF_EXPECTING_ATEXT,
        [PLACE_CFWS] = IMF_ATEXT_AFTER_CFWS,
        [PLACE_QUOTED_STRING] = IMF_ATEXT_AFTER_QUOTED_STRING,
        [PLACE_LITERAL] = IMF_ATEXT_AFTER_DOMAIN_LITERAL,
    };
    find(p, findings[p->last], p->at);
}

static size_t atext_octets(const struct probe *p)
{
    return at_class(p, OCTET_ATEXT) ? 1 : at_utf8(p);
}

/* local-part = dot-atom / quoted-string / obs-local-part             ; RFC 5322 3.4.1
 * obs-local-part = word *("." word)                                  ; RFC 5322 4.4 */
static void read_local_part(struct probe *p)
{
    begin_part(p);
    while (peek(p) >= 0 && peek(p) != '@' && !failed(p)) {
        size_t octets = atext_octets(p);
        if (peek(p) == '(') {
            read_cfws(p, IMF_CFWS_COMMENT, IMF_DEPRECATED_COMMENT, IMF_CFWS_COMMENT);
        } else if (at_class(p, OCTET_WSP | OCTET_CR)) {
            read_cfws(p, IMF_CFWS_FWS, IMF_DEPRECATED_FWS, IMF_VALID);
        } else if (peek(p) == '.') {
            if (p->element_closed)
                find(p, IMF_DEPRECATED_LOCAL_PART, p->at);
            read_dot(p);
        } else if (peek(p) == '"' && p->element_octets == 0) {
            find(p, p->element_count == 0 ? IMF_QUOTED_STRING : IMF_DEPRECATED_LOCAL_PART, p->at);
            read_quoted_string(p);
        } else if (peek(p) == '"' || (octets == 0 && !p->element_closed)) {
            find(p, IMF_EXPECTING_ATEXT, p->at);
        } else if (p->element_closed) {
            find_text_after(p);
        } else {
            count(p, octets);
            p->last = PLACE_TEXT;
        }
    }
}

/* sub-domain = Let-dig [Ldh-str]                                     ; RFC 5321 4.1.2 */
static void read_label_octet(struct probe *p, size_t octets)
{
    bool hyphen = peek(p) == '-';
    if (p->element_closed)
        find_text_after(p);
    if (hyphen && p->element_octets == 0)
        find(p, IMF_HYPHEN_AT_START, p->at);
    if (!hyphen && !at_class(p, OCTET_ALPHA | OCTET_DIGIT | OCTET_EIGHT_BIT))
        find(p, IMF_DOMAIN_NOT_RFC5321, p->at);
    p->after_hyphen = hyphen;
    count(p, octets);
    p->last = PLACE_TEXT;
}

/* domain = dot-atom / domain-literal / obs-domain                    ; RFC 5322 3.4.1
 * obs-domain = atom *("." atom)                                      ; RFC 5322 4.4 */
static void read_domain(struct probe *p)
{
    begin_part(p);
    while (peek(p) >= 0 && !failed(p)) {
        size_t octets = atext_octets(p);
        if (peek(p) == '(') {
            read_cfws(p, IMF_CFWS_NEAR_AT, IMF_DEPRECATED_COMMENT, IMF_CFWS_COMMENT);
        } else if (at_class(p, OCTET_WSP | OCTET_CR)) {
            read_cfws(p, IMF_CFWS_NEAR_AT, IMF_DEPRECATED_FWS, IMF_CFWS_FWS);
        } else if (peek(p) == '.') {
            if (p->after_hyphen && p->element_octets > 0)
                find(p, IMF_HYPHEN_AT_END, p->at - 1);
            if (p->element_octets > LABEL_MAX_OCTETS)
                find(p, IMF_LABEL_TOO_LONG, p->at);
            if (p->has_literal)
                find(p, IMF_ATEXT_AFTER_DOMAIN_LITERAL, p->at);
            read_dot(p);
        } else if (peek(p) == '[' && p->part_octets == 0) {
            read_literal(p);
        } else if (octets == 0) {
            find(p, IMF_EXPECTING_ATEXT, p->at);
        } else {
            read_label_octet(p, octets);
        }
    }
}

static void judge_local_part(struct probe *p)
{
    if (peek(p) < 0)
        find(p, IMF_MISSING_DOMAIN, p->at);
    else if (p->part_octets == 0)
        find(p, IMF_MISSING_LOCAL_PART, p->at);
    else if (p->element_octets == 0)
        find(p, IMF_DOT_AT_END, p->at);
    else if (p->part_octets > LOCAL_PART_MAX_OCTETS)
        find(p, IMF_LOCAL_PART_TOO_LONG, p->at);
    else if (p->last == PLACE_CFWS)
        find(p, IMF_CFWS_NEAR_AT, p->at);
}

static void judge_domain(struct probe *p, size_t local_octets, size_t start)
{
    if (p->part_octets == 0)
        find(p, IMF_MISSING_DOMAIN, p->at);
    else if (p->element_octets == 0)
        find(p, IMF_DOT_AT_END, p->at);
    else if (p->after_hyphen)
        find(p, IMF_HYPHEN_AT_END, p->at);
    else if (p->part_octets > DOMAIN_MAX_OCTETS)
        find(p, IMF_DOMAIN_TOO_LONG, start);
    else if (local_octets + 1 + p->part_octets > MAILBOX_MAX_OCTETS)
        find(p, IMF_TOO_LONG, p->at);
    else if (p->element_octets > LABEL_MAX_OCTETS && !p->has_literal)
        find(p, IMF_LABEL_TOO_LONG, p->at);
    if (p->found.worst != IMF_VALID)
        return;
    size_t label = p->in.len - p->element_octets;
    if (p->element_count == 0)
        find(p, IMF_SINGLE_LABEL, label);
    if (octet_is(p->in.ptr[label], OCTET_DIGIT))
        find(p, IMF_NUMERIC_TLD, label);
}

struct imf_diagnosis imf_diagnose(struct slice addr_spec, bool utf8)
{
    struct probe p = {.in = addr_spec, .utf8 = utf8, .found = {IMF_VALID, 0}};
    read_local_part(&p);
    if (!failed(&p))
        judge_local_part(&p);
    if (failed(&p))
        return p.found;
    size_t local_octets = p.part_octets, start = ++p.at;
    read_domain(&p);
    if (!failed(&p))
        judge_domain(&p, local_octets, start);
    return p.found;
}

#define RFC5321    "rfc5321"
#define CFWS       "cfws"
#define DEPRECATED "deprecated"
#define RFC5322    "rfc5322"
#define ERROR      "error"

/* clang-format off */
static const struct imf_finding_entry entries[] = {
    [IMF_VALID] = {"valid", "ISEMAIL_VALID", "valid", "RFC 5321 4.1.2", "the address is valid"},
    [IMF_SINGLE_LABEL] = {"single-label", "ISEMAIL_RFC5321_TLD", RFC5321, "RFC 5321 2.3.5", "the domain has one label only"},
    [IMF_NUMERIC_TLD] = {"numeric-tld", "ISEMAIL_RFC5321_TLDNUMERIC", RFC5321, "RFC 1123 2.1", "the last label of the domain begins with a digit"},
    [IMF_QUOTED_STRING] = {"quoted-string", "ISEMAIL_RFC5321_QUOTEDSTRING", RFC5321, "RFC 5321 4.1.2", "the local part is a quoted string"},
    [IMF_ADDRESS_LITERAL] = {"address-literal", "ISEMAIL_RFC5321_ADDRESSLITERAL", RFC5321, "RFC 5321 4.1.3", "an IP address stands for the domain"},
    [IMF_CFWS_COMMENT] = {"cfws-comment", "ISEMAIL_CFWS_COMMENT", CFWS, "RFC 5322 3.2.2", "the address has a comment"},
    [IMF_CFWS_FWS] = {"cfws-fws", "ISEMAIL_CFWS_FWS", CFWS, "RFC 5322 3.2.2", "the address has white space"},
    [IMF_DEPRECATED_LOCAL_PART] = {"deprecated-local-part", "ISEMAIL_DEPREC_LOCALPART", DEPRECATED, "RFC 5322 4.4", "the local part has several words that are not all atoms"},
    [IMF_DEPRECATED_FWS] = {"deprecated-fws", "ISEMAIL_DEPREC_FWS", DEPRECATED, "RFC 5322 4.2", "white space stands where only the obsolete syntax has it"},
    [IMF_DEPRECATED_QTEXT] = {"deprecated-qtext", "ISEMAIL_DEPREC_QTEXT", DEPRECATED, "RFC 5322 4.1", "a control octet in a quoted string"},
    [IMF_DEPRECATED_QUOTED_PAIR] = {"deprecated-quoted-pair", "ISEMAIL_DEPREC_QP", DEPRECATED, "RFC 5322 4.1", "a control octet behind a backslash"},
    [IMF_DEPRECATED_COMMENT] = {"deprecated-comment", "ISEMAIL_DEPREC_COMMENT", DEPRECATED, "RFC 5322 4.4", "a comment stands where only the obsolete syntax has it"},
    [IMF_DEPRECATED_CTEXT] = {"deprecated-ctext", "ISEMAIL_DEPREC_CTEXT", DEPRECATED, "RFC 5322 4.1", "a control octet in a comment"},
    [IMF_IPV6_DEPRECATED] = {"ipv6-deprecated", "ISEMAIL_RFC5321_IPV6DEPRECATED", DEPRECATED, "RFC 5952 4.2.2", "a double colon stands for one group alone"},
    [IMF_CFWS_NEAR_AT] = {"cfws-near-at", "ISEMAIL_DEPREC_CFWS_NEAR_AT", DEPRECATED, "RFC 5322 3.4.1", "white space or a comment stands beside the at sign"},
    [IMF_DOMAIN_NOT_RFC5321] = {"domain-not-rfc5321", "ISEMAIL_RFC5322_DOMAIN", RFC5322, "RFC 5321 4.1.2", "the domain has an octet that is no letter, digit or hyphen"},
    [IMF_TOO_LONG] = {"too-long", "ISEMAIL_RFC5322_TOOLONG", RFC5322, "RFC 5321 4.5.3.1.3", "the address has more than 254 octets"},
    [IMF_LOCAL_PART_TOO_LONG] = {"local-part-too-long", "ISEMAIL_RFC5322_LOCAL_TOOLONG", RFC5322, "RFC 5321 4.5.3.1.1", "the local part has more than 64 octets"},
    [IMF_DOMAIN_TOO_LONG] = {"domain-too-long", "ISEMAIL_RFC5322_DOMAIN_TOOLONG", RFC5322, "RFC 5321 4.5.3.1.2", "the domain has more than 255 octets"},
    [IMF_LABEL_TOO_LONG] = {"label-too-long", "ISEMAIL_RFC5322_LABEL_TOOLONG", RFC5322, "RFC 1035 2.3.4", "a label of the domain has more than 63 octets"},
    [IMF_DOMAIN_LITERAL] = {"domain-literal", "ISEMAIL_RFC5322_DOMAINLITERAL", RFC5322, "RFC 5321 4.1.3", "the domain literal is no address literal"},
    [IMF_OBS_DTEXT] = {"obs-dtext", "ISEMAIL_RFC5322_DOMLIT_OBSDTEXT", RFC5322, "RFC 5322 4.4", "a control octet or a quoted pair in a domain literal"},
    [IMF_IPV6_GROUP_COUNT] = {"ipv6-group-count", "ISEMAIL_RFC5322_IPV6_GRPCOUNT", RFC5322, "RFC 5321 4.1.3", "an IPv6 address without a double colon does not have eight groups"},
    [IMF_IPV6_TWO_DOUBLE_COLONS] = {"ipv6-two-double-colons", "ISEMAIL_RFC5322_IPV6_2X2XCOLON", RFC5322, "RFC 5321 4.1.3", "an IPv6 address has more than one double colon"},
    [IMF_IPV6_BAD_GROUP] = {"ipv6-bad-group", "ISEMAIL_RFC5322_IPV6_BADCHAR", RFC5322, "RFC 5321 4.1.3", "a group of an IPv6 address is not one to four hexadecimal digits"},
    [IMF_IPV6_TOO_MANY_GROUPS] = {"ipv6-too-many-groups", "ISEMAIL_RFC5322_IPV6_MAXGRPS", RFC5322, "RFC 5321 4.1.3", "an IPv6 address has too many groups beside its double colon"},
    [IMF_IPV6_COLON_AT_START] = {"ipv6-colon-at-start", "ISEMAIL_RFC5322_IPV6_COLONSTRT", RFC5322, "RFC 5321 4.1.3", "an IPv6 address starts with a single colon"},
    [IMF_IPV6_COLON_AT_END] = {"ipv6-colon-at-end", "ISEMAIL_RFC5322_IPV6_COLONEND", RFC5322, "RFC 5321 4.1.3", "an IPv6 address ends with a single colon"},
    [IMF_EXPECTING_DTEXT] = {"expecting-dtext", "ISEMAIL_ERR_EXPECTING_DTEXT", ERROR, "RFC 5322 3.4.1", "an octet that no domain literal may hold"},
    [IMF_MISSING_LOCAL_PART] = {"missing-local-part", "ISEMAIL_ERR_NOLOCALPART", ERROR, "RFC 5322 3.4.1", "there is no local part"},
    [IMF_MISSING_DOMAIN] = {"missing-domain", "ISEMAIL_ERR_NODOMAIN", ERROR, "RFC 5322 3.4.1", "there is no domain"},
    [IMF_CONSECUTIVE_DOTS] = {"consecutive-dots", "ISEMAIL_ERR_CONSECUTIVEDOTS", ERROR, "RFC 5322 3.2.3", "two dots with nothing between them"},
    [IMF_ATEXT_AFTER_CFWS] = {"atext-after-cfws", "ISEMAIL_ERR_ATEXT_AFTER_CFWS", ERROR, "RFC 5322 3.2.3", "text follows white space or a comment"},
    [IMF_ATEXT_AFTER_QUOTED_STRING] = {"atext-after-quoted-string", "ISEMAIL_ERR_ATEXT_AFTER_QS", ERROR, "RFC 5322 3.4.1", "text follows a quoted string"},
    [IMF_ATEXT_AFTER_DOMAIN_LITERAL] = {"atext-after-domain-literal", "ISEMAIL_ERR_ATEXT_AFTER_DOMLIT", ERROR, "RFC 5322 3.4.1", "text follows a domain literal"},
    [IMF_EXPECTING_QUOTED_PAIR] = {"expecting-quoted-pair", "ISEMAIL_ERR_EXPECTING_QPAIR", ERROR, "RFC 5322 3.2.1", "an octet that may not follow a backslash"},
    [IMF_EXPECTING_ATEXT] = {"expecting-atext", "ISEMAIL_ERR_EXPECTING_ATEXT", ERROR, "RFC 5322 3.2.3", "an octet that no atom may hold"},
    [IMF_EXPECTING_QTEXT] = {"expecting-qtext", "ISEMAIL_ERR_EXPECTING_QTEXT", ERROR, "RFC 5322 3.2.4", "an octet that no quoted string may hold"},
    [IMF_EXPECTING_CTEXT] = {"expecting-ctext", "ISEMAIL_ERR_EXPECTING_CTEXT", ERROR, "RFC 5322 3.2.2", "an octet that no comment may hold"},
    [IMF_BACKSLASH_AT_END] = {"backslash-at-end", "ISEMAIL_ERR_BACKSLASHEND", ERROR, "RFC 5322 3.2.1", "a backslash with nothing behind it"},
    [IMF_DOT_AT_START] = {"dot-at-start", "ISEMAIL_ERR_DOT_START", ERROR, "RFC 5322 3.2.3", "a local part or a domain starts with a dot"},
    [IMF_DOT_AT_END] = {"dot-at-end", "ISEMAIL_ERR_DOT_END", ERROR, "RFC 5322 3.2.3", "a local part or a domain ends with a dot"},
    [IMF_HYPHEN_AT_START] = {"hyphen-at-start", "ISEMAIL_ERR_DOMAINHYPHENSTART", ERROR, "RFC 5321 4.1.2", "a label of the domain starts with a hyphen"},
    [IMF_HYPHEN_AT_END] = {"hyphen-at-end", "ISEMAIL_ERR_DOMAINHYPHENEND", ERROR, "RFC 5321 4.1.2", "a label of the domain ends with a hyphen"},
    [IMF_UNCLOSED_QUOTED_STRING] = {"unclosed-quoted-string", "ISEMAIL_ERR_UNCLOSEDQUOTEDSTR", ERROR, "RFC 5322 3.2.4", "a quoted string has no closing quote"},
    [IMF_UNCLOSED_COMMENT] = {"unclosed-comment", "ISEMAIL_ERR_UNCLOSEDCOMMENT", ERROR, "RFC 5322 3.2.2", "a comment has no closing parenthesis"},
    [IMF_UNCLOSED_DOMAIN_LITERAL] = {"unclosed-domain-literal", "ISEMAIL_ERR_UNCLOSEDDOMLIT", ERROR, "RFC 5322 3.4.1", "a domain literal has no closing square bracket"},
    [IMF_CRLF_TWICE] = {"crlf-twice", "ISEMAIL_ERR_FWS_CRLF_X2", ERROR, "RFC 5322 3.2.2", "a line ending with no white space before the next one"},
    [IMF_CRLF_AT_END] = {"crlf-at-end", "ISEMAIL_ERR_FWS_CRLF_END", ERROR, "RFC 5322 3.2.2", "a line ending with no white space behind it"},
    [IMF_CR_WITHOUT_LF] = {"cr-without-lf", "ISEMAIL_ERR_CR_NO_LF", ERROR, "RFC 5322 2.2", "a CR is not followed by LF"},
};
/* clang-format on */

const struct imf_finding_entry *imf_finding_entry(enum imf_finding finding)
{
    return &entries[finding];
}
