#include "grammar.h"

#include <stdio.h>
#include <stdlib.h>

/* Made from *.abnf by CMakeLists.txt. */
extern const char grammar_texts[];

/* ---- sets of places in the input: bit n is the place before octet n ---- */

#define WORDS ((GRAMMAR_MAX_OCTETS + 1) / 64)

struct places {
    uint64_t bits[WORDS];
};

static bool is_empty(const struct places *s)
{
    uint64_t any = 0;
    for (size_t i = 0; i < WORDS; i++)
        any |= s->bits[i];
    return any == 0;
}

static bool holds(const struct places *s, size_t at)
{
    return (s->bits[at / 64] >> at % 64 & 1) != 0;
}

static void add(struct places *s, size_t at)
{
    s->bits[at / 64] |= UINT64_C(1) << at % 64;
}

static void join(struct places *s, const struct places *other)
{
    for (size_t i = 0; i < WORDS; i++)
        s->bits[i] |= other->bits[i];
}

static void leave_out(struct places *s, const struct places *other)
{
    for (size_t i = 0; i < WORDS; i++)
        s->bits[i] &= ~other->bits[i];
}

/** The first of them at or behind `at`; GRAMMAR_MAX_OCTETS + 1: there is none. */
static size_t next_place(const struct places *s, size_t at)
{
    for (; at <= GRAMMAR_MAX_OCTETS; at = (at / 64 + 1) * 64) {
        uint64_t rest = s->bits[at / 64] >> at % 64;
        if (rest != 0)
            return at + (size_t)__builtin_ctzll(rest);
    }
    return GRAMMAR_MAX_OCTETS + 1;
}

/* ---- the rules, as a graph ---- */

enum kind { RULE, OCTET, SEQUENCE, CHOICE, REPEAT, NOTHING };

#define MAX_NODES 8192
#define MAX_RULES 512
#define NO_LIMIT  UINT32_MAX

static struct node {
    enum kind kind;
    uint32_t a, b;        /* SEQUENCE, CHOICE: nodes; REPEAT: node a; RULE: rule a */
    uint32_t least, most; /* REPEAT */
    uint8_t octets[32];   /* OCTET: a set of them */
} nodes[MAX_NODES];
static uint32_t node_count;

static struct rule {
    const char *name;
    size_t len;
    uint32_t node;
    bool defined;
} rules[MAX_RULES];
static uint32_t rule_count;

static void fail(const char *why, const char *at)
{
    fprintf(stderr, "grammar: %s: %.60s\n", why, at);
    abort();
}

static uint32_t new_node(enum kind kind, uint32_t a, uint32_t b)
{
    if (node_count == MAX_NODES)
        fail("too many rules", "");
    nodes[node_count] = (struct node){.kind = kind, .a = a, .b = b};
    return node_count++;
}

static uint32_t new_range(uint32_t first, uint32_t last)
{
    uint32_t node = new_node(OCTET, 0, 0);
    for (uint32_t octet = first; octet <= last && octet < 256; octet++)
        nodes[node].octets[octet / 8] |= (uint8_t)(1u << octet % 8);
    return node;
}

/* RFC 5234 2.1: rule names are case insensitive. */
static uint32_t rule_of(const char *name, size_t len)
{
    for (uint32_t i = 0; i < rule_count; i++)
        if (slice_equal_nocase(slice_of(rules[i].name, rules[i].len), slice_of(name, len)))
            return i;
    if (rule_count == MAX_RULES)
        fail("too many rules", name);
    rules[rule_count] = (struct rule){.name = name, .len = len};
    return rule_count++;
}

/* ---- reading ABNF ---- */

static bool is_alpha(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* c-wsp and comments; a line that does not begin with white space begins a rule. */
static void skip_space(const char **at)
{
    for (;;) {
        const char *p = *at;
        while (*p == ' ' || *p == '\t')
            p++;
        if (*p == ';')
            while (*p != '\0' && *p != '\n')
                p++;
        *at = p;
        if (*p != '\n')
            return;
        while (*p == '\n')
            p++;
        if (*p != ' ' && *p != '\t' && *p != ';')
            return;
        *at = p;
    }
}

static uint32_t read_choice(const char **at);

static uint32_t read_digits(const char **at, unsigned base)
{
    char *end;
    unsigned long number = strtoul(*at, &end, (int)base);
    if (end == *at)
        fail("a number is missing", *at);
    *at = end;
    return (uint32_t)number;
}

/* num-val = "%" ( "d" / "x" ) 1*DIGIT [ 1*( "." 1*DIGIT ) / ( "-" 1*DIGIT ) ] */
static uint32_t read_number(const char **at)
{
    unsigned base = (*at)[1] == 'x' ? 16 : 10;
    *at += 2;
    uint32_t first = read_digits(at, base);
    if (**at == '-') {
        (*at)++;
        return new_range(first, read_digits(at, base));
    }
    uint32_t node = new_range(first, first);
    while (**at == '.') {
        (*at)++;
        uint32_t octet = read_digits(at, base);
        node = new_node(SEQUENCE, node, new_range(octet, octet));
    }
    return node;
}

/* char-val, whose letters are of any case */
static uint32_t read_text(const char **at)
{
    uint32_t node = new_node(NOTHING, 0, 0);
    for ((*at)++; **at != '"'; (*at)++) {
        uint8_t octet = (uint8_t) * *at;
        if (octet < 32)
            fail("quotes are not closed", *at);
        uint32_t next = new_range(octet, octet);
        if (is_alpha(**at)) {
            uint8_t other = octet ^ 32;
            nodes[next].octets[other / 8] |= (uint8_t)(1u << other % 8);
        }
        node = new_node(SEQUENCE, node, next);
    }
    (*at)++;
    return node;
}

static uint32_t read_element(const char **at)
{
    char c = **at;
    if (c == '(' || c == '[') {
        (*at)++;
        uint32_t inside = read_choice(at);
        if (**at != (c == '(' ? ')' : ']'))
            fail("a group is not closed", *at);
        (*at)++;
        return c == '(' ? inside : new_node(CHOICE, inside, new_node(NOTHING, 0, 0));
    }
    if (c == '"')
        return read_text(at);
    if (c == '%')
        return read_number(at);
    const char *name = *at;
    while (is_alpha(**at) || is_digit(**at) || **at == '-')
        (*at)++;
    if (!is_alpha(c))
        fail("no element", name);
    return new_node(RULE, rule_of(name, (size_t)(*at - name)), 0);
}

/* repetition = [ 1*DIGIT / ( *DIGIT "*" *DIGIT ) ] element */
static uint32_t read_repetition(const char **at)
{
    if (!is_digit(**at) && **at != '*')
        return read_element(at);
    uint32_t least = is_digit(**at) ? read_digits(at, 10) : 0, most = least;
    if (**at == '*') {
        (*at)++;
        most = is_digit(**at) ? read_digits(at, 10) : NO_LIMIT;
    }
    uint32_t node = new_node(REPEAT, read_element(at), 0);
    nodes[node].least = least;
    nodes[node].most = most;
    return node;
}

static uint32_t read_sequence(const char **at)
{
    uint32_t node = read_repetition(at);
    for (skip_space(at); **at != '\0' && strchr(")]/\n", **at) == NULL; skip_space(at))
        node = new_node(SEQUENCE, node, read_repetition(at));
    return node;
}

static uint32_t read_choice(const char **at)
{
    skip_space(at);
    uint32_t node = read_sequence(at);
    while (**at == '/') {
        (*at)++;
        skip_space(at);
        node = new_node(CHOICE, node, read_sequence(at));
    }
    return node;
}

static void read_rules(const char *at)
{
    for (;;) {
        while (*at == '\n' || *at == ';') {
            while (*at != '\0' && *at != '\n')
                at++;
            at += *at == '\n';
        }
        if (*at == '\0')
            return;
        const char *name = at;
        while (is_alpha(*at) || is_digit(*at) || *at == '-')
            at++;
        uint32_t rule = rule_of(name, (size_t)(at - name));
        skip_space(&at);
        if (*at != '=' || rules[rule].defined)
            fail("no rule, or one that stands twice", name);
        at++;
        rules[rule].defined = true;
        rules[rule].node = read_choice(&at);
        if (*at != '\n' && *at != '\0')
            fail("something behind a rule", at);
    }
}

/* A choice of single octets is a set of them, as is a rule of these: most of the time is spent in
 * such rules. A loop of rules never comes to its end here: none has an octet of its own. */
static bool make_octets(uint32_t node)
{
    struct node *n = &nodes[node];
    if (n->kind == OCTET)
        return true;
    struct node made = {.kind = OCTET};
    if (n->kind == SEQUENCE && nodes[n->a].kind == NOTHING && nodes[n->b].kind == OCTET) {
        memcpy(made.octets, nodes[n->b].octets, sizeof made.octets);
    } else if (n->kind == RULE && nodes[rules[n->a].node].kind == OCTET) {
        memcpy(made.octets, nodes[rules[n->a].node].octets, sizeof made.octets);
    } else if (n->kind == CHOICE && nodes[n->a].kind == OCTET && nodes[n->b].kind == OCTET) {
        for (size_t i = 0; i < sizeof made.octets; i++)
            made.octets[i] = nodes[n->a].octets[i] | nodes[n->b].octets[i];
    } else {
        return false;
    }
    *n = made;
    return true;
}

void grammar_load(const char *abnf)
{
    node_count = rule_count = 0;
    read_rules(abnf == NULL ? grammar_texts : abnf);
    for (uint32_t i = 0; i < rule_count; i++)
        if (!rules[i].defined)
            fail("a rule is missing", rules[i].name);
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < node_count; i++)
            if (nodes[i].kind != OCTET)
                more = make_octets(i) || more;
    }
}

/* ---- matching ---- */

static struct slice text;
static size_t reached;
static uint32_t generation;
static struct memory {
    uint32_t generation;
    struct places ends;
} memories[MAX_RULES][GRAMMAR_MAX_OCTETS + 1];

static struct places ends_of(uint32_t node, struct places from);

static struct places ends_of_octet(const uint8_t *octets, const struct places *from)
{
    struct places ends = {{0}};
    size_t at = 0;
    for (at = next_place(from, 0); at <= text.len; at = next_place(from, at + 1)) {
        reached = at > reached ? at : reached;
        if (at < text.len && (octets[text.ptr[at] / 8] >> text.ptr[at] % 8 & 1))
            add(&ends, at + 1);
    }
    return ends;
}

/* How often matters only until it is enough: then each place is gone on from once. */
static struct places ends_of_repeat(const struct node *n, struct places from)
{
    struct places ends = {{0}};
    for (uint32_t times = 0; !is_empty(&from); times++) {
        if (times >= n->least) {
            if (n->most == NO_LIMIT)
                leave_out(&from, &ends);
            join(&ends, &from);
        }
        if (times == n->most)
            break;
        from = ends_of(n->a, from);
    }
    return ends;
}

static struct places ends_of_rule(uint32_t rule, const struct places *from)
{
    struct places ends = {{0}};
    for (size_t at = next_place(from, 0); at <= text.len; at = next_place(from, at + 1)) {
        struct memory *memory = &memories[rule][at];
        if (memory->generation != generation) {
            struct places start = {{0}};
            add(&start, at);
            struct places there = ends_of(rules[rule].node, start);
            *memory = (struct memory){generation, there};
        }
        join(&ends, &memory->ends);
    }
    return ends;
}

static struct places ends_of(uint32_t node, struct places from)
{
    const struct node *n = &nodes[node];
    if (is_empty(&from))
        return from;
    switch (n->kind) {
    case OCTET:
        return ends_of_octet(n->octets, &from);
    case SEQUENCE:
        return ends_of(n->b, ends_of(n->a, from));
    case CHOICE: {
        struct places ends = ends_of(n->a, from), others = ends_of(n->b, from);
        join(&ends, &others);
        return ends;
    }
    case REPEAT:
        return ends_of_repeat(n, from);
    case RULE:
        return ends_of_rule(n->a, &from);
    case NOTHING:
        break;
    }
    return from;
}

static struct places match(const char *rule, struct slice in)
{
    if (rule_count == 0)
        grammar_load(NULL);
    uint32_t index = rule_of(rule, strlen(rule));
    if (!rules[index].defined || !grammar_takes(in))
        fail("no such rule, or too long an input for it", rule);
    text = in;
    reached = 0;
    generation++;
    struct places start = {{1}};
    return ends_of(rules[index].node, start);
}

bool grammar_has(const char *rule, struct slice in)
{
    struct places ends = match(rule, in);
    return holds(&ends, in.len);
}

size_t grammar_reach(const char *rule, struct slice in)
{
    struct places ends = match(rule, in);
    for (size_t at = next_place(&ends, 0); at <= in.len; at = next_place(&ends, at + 1))
        reached = at > reached ? at : reached; /* an instance, and more behind it */
    return reached;
}

/* ---- making instances ---- */

#define MOST_DEPTH 96 /* of nodes one in another */

struct making {
    uint64_t random;
    size_t octets, wrong; /* made; the one that is wrong, or SIZE_MAX */
    bool more;            /* repetitions may be one more than they may */
    struct writer *out;
};

static uint32_t chance(struct making *m, uint32_t range)
{
    m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(m->random >> 33) % range;
}

static bool has_octet(const struct node *n, uint32_t octet)
{
    return (n->octets[octet / 8] >> octet % 8 & 1) != 0;
}

/* From any octet up or down to the first that is in the set, or just behind its end: so those at
 * the ends of ranges are the likely ones. */
static void make_octet(struct making *m, const struct node *n)
{
    uint32_t octet = chance(m, 256), step = chance(m, 2) == 0 ? 1 : 255;
    bool in_set = m->octets++ != m->wrong;
    for (uint32_t i = 0; i < 256 && !has_octet(n, octet); i++)
        octet = (octet + step) % 256;
    for (uint32_t i = 0; i < 256 && has_octet(n, octet) != in_set; i++)
        octet = (octet + step) % 256;
    writer_put_octet(m->out, (uint8_t)octet);
}

static bool make(struct making *m, uint32_t node, uint32_t depth);

static bool make_repeat(struct making *m, const struct node *n, uint32_t depth)
{
    uint32_t more = chance(m, 2) == 0 ? 0 : chance(m, 4) == 0 ? chance(m, 20) : chance(m, 4);
    uint32_t times = n->most - n->least < more ? n->most : n->least + more;
    if (m->more && n->most != NO_LIMIT && chance(m, 4) == 0) {
        times = n->most + 1;
        m->more = false;
    }
    for (uint32_t i = 0; i < times; i++)
        if (!make(m, n->a, depth))
            return false;
    return true;
}

/* Alternatives stand in a chain, the last one first: each is as likely as another. */
static uint32_t choose(struct making *m, uint32_t node)
{
    uint32_t count = 1;
    for (uint32_t at = node; nodes[at].kind == CHOICE; at = nodes[at].a)
        count++;
    for (uint32_t n = chance(m, count); n > 0; n--)
        node = nodes[node].a;
    return nodes[node].kind == CHOICE ? nodes[node].b : node;
}

static bool make(struct making *m, uint32_t node, uint32_t depth)
{
    const struct node *n = &nodes[node];
    if (depth == MOST_DEPTH || m->out->overflow)
        return false;
    switch (n->kind) {
    case OCTET:
        make_octet(m, n);
        return !m->out->overflow;
    case SEQUENCE:
        return make(m, n->a, depth + 1) && make(m, n->b, depth + 1);
    case CHOICE:
        return make(m, choose(m, node), depth + 1);
    case REPEAT:
        return make_repeat(m, n, depth + 1);
    case RULE:
        return make(m, rules[n->a].node, depth + 1);
    case NOTHING:
        break;
    }
    return true;
}

bool grammar_make(const char *rule, uint64_t seed, bool wrong, struct writer *out)
{
    if (rule_count == 0)
        grammar_load(NULL);
    uint32_t index = rule_of(rule, strlen(rule));
    if (!rules[index].defined)
        fail("no such rule", rule);
    struct making making = {.random = seed, .wrong = SIZE_MAX, .out = out};
    making.more = wrong && chance(&making, 2) == 0;
    if (wrong && !making.more)
        making.wrong = chance(&making, 24);
    return make(&making, rules[index].node, 0);
}

void grammar_check(const char *const *names, size_t count, struct slice in,
                   void (*check)(struct slice text))
{
    uint8_t room[GRAMMAR_MAX_OCTETS];
    struct writer made = writer_of(room, sizeof room);
    uint64_t seed = slice_hash(SLICE_HASH, in);
    check(in);
    if (seed % 4 == 0 &&
        grammar_make(names[(seed >> 40) % count], seed, (seed >> 33 & 1) != 0, &made))
        check(writer_slice(&made));
}
