#include "script/mask.h"

#include "base/octet.h"
#include "script/credential.h"

#define MOST_SECRETS 32 /* that are looked for in other lines */
#define MOST_NEEDLE  64 /* octets of one that are compared before it counts as found */
#define MIN_SECRET   4  /* octets: a shorter one is part of other words */
#define MIN_SAID     6  /* likewise in what the client says, where it is no mere comment */
#define MOST_ROUNDS  4  /* responses of an exchange that %auth computes */
#define MOST_NAMES   64 /* variables; any further response has the last one's name */

enum who { NOBODY, CLIENT, CLIENT_OCTETS, SERVER, REMARK };

struct read_line {
    struct slice text, body; /* body: behind the tag and its blank */
    enum who who;
    bool plain; /* the tag is "C:" or "S:" as it stands: of no other connection */
};

struct masking {
    struct script_arena *arena;
    struct read_line *lines;
    size_t line_count;
    struct script_array out; /* of struct mask_line */
    struct slice secrets[MOST_SECRETS];
    size_t secret_count;
    struct credential_watch watch;
    struct slice until; /* the word that ends a here-document; empty: none is open */
    uint64_t chunk;     /* octets of BDAT that follow */
    bool message;       /* 354 was said, and no lone dot since */
    bool noted;         /* that credentials are left out */
    bool last_said;     /* the test requires the last variable */
    size_t responses;   /* that became variables */
    size_t round;       /* responses of the exchange that is open */
};

/* ---- lines ---- */

/* "C: ", "C!: ", "C[b]: ", "S=: " ...: how long the tag is; 0 where there is none. */
static size_t tag_length(struct slice text, enum who *ret_who, bool *ret_plain)
{
    size_t at = 1;
    bool client = text.len > 1 && text.ptr[0] == 'C', octets = false;
    if (!client && (text.len < 2 || text.ptr[0] != 'S'))
        return 0;
    while (at < text.len && text.ptr[at] != ':') {
        if (text.ptr[at] == '[')
            at += slice_find(slice_from(text, at), ']');
        else if (client ? text.ptr[at] != '!' : text.ptr[at] != '=')
            return 0;
        else
            octets = client;
        at++;
    }
    if (at >= text.len)
        return 0;
    *ret_who = !client ? SERVER : octets ? CLIENT_OCTETS : CLIENT;
    *ret_plain = at == 1;
    return at + 1;
}

static struct read_line read_line(struct slice text)
{
    struct read_line line = {.text = text, .who = NOBODY};
    size_t blank = 0;
    while (blank < text.len && octet_is(text.ptr[blank], OCTET_WSP))
        blank++;
    if (text.len > 0 && text.ptr[0] == '#') {
        line.who = REMARK;
        line.body = slice_from(text, 1);
        return line;
    }
    struct slice rest = slice_from(text, blank);
    size_t tag = tag_length(rest, &line.who, &line.plain);
    if (tag == 0)
        return line;
    line.body = slice_from(rest, tag);
    if (line.body.len > 0 && line.body.ptr[0] == ' ')
        line.body = slice_from(line.body, 1);
    return line;
}

static void read_lines(struct masking *m, struct slice script)
{
    struct script_array lines = {.arena = m->arena};
    while (script.len > 0) {
        size_t end = slice_find(script, '\n');
        struct slice text = slice_sub(script, 0, end);
        text.len -= text.len > 0 && text.ptr[text.len - 1] == '\r';
        *(struct read_line *)script_array_push(&lines, sizeof(struct read_line)) = read_line(text);
        script = slice_from(script, end < script.len ? end + 1 : end);
    }
    m->lines = lines.items;
    m->line_count = lines.count;
}

static struct mask_line *put(struct masking *m, struct slice text, size_t from)
{
    struct mask_line *line = script_array_push(&m->out, sizeof *line);
    *line = (struct mask_line){.text = text, .from = from};
    return line;
}

static void put_note(struct masking *m, struct slice text, size_t from)
{
    put(m, text, from)->note = true;
}

/* ---- octets of a line ---- */

/* What goes out, and where in the line each octet is written; one more for the end. */
struct wire {
    uint8_t *ptr;
    size_t *at;
    size_t len;
};

/* Of an escape at the beginning of `text`: its length, and the octet. */
static size_t escape(struct slice text, uint8_t *ret_octet)
{
    static const char names[] = "rnt0\\", octets[] = "\r\n\t\0\\";
    if (text.len < 2 || text.ptr[0] != '\\')
        return 0;
    for (size_t i = 0; i < sizeof names - 1; i++)
        if (text.ptr[1] == (uint8_t)names[i]) {
            *ret_octet = (uint8_t)octets[i];
            return 2;
        }
    if (text.len < 4 || text.ptr[1] != 'x' || octet_hex_value(text.ptr[2]) < 0 ||
        octet_hex_value(text.ptr[3]) < 0)
        return 0;
    *ret_octet = (uint8_t)(octet_hex_value(text.ptr[2]) * 16 + octet_hex_value(text.ptr[3]));
    return 4;
}

static struct wire wire_of(struct masking *m, const struct read_line *line)
{
    struct slice body = line->body;
    struct wire wire = {.ptr = script_arena_alloc(m->arena, body.len + 2),
                        .at = script_arena_alloc(m->arena, (body.len + 3) * sizeof *wire.at)};
    for (size_t at = 0; at < body.len;) {
        struct slice rest = slice_from(body, at);
        uint8_t octet = rest.ptr[0];
        size_t len = line->who == CLIENT_OCTETS ? escape(rest, &octet) : 0;
        if (len == 0)
            len = slice_starts(rest, SLICE("$${")) ? 2 : 1;
        wire.at[wire.len] = at;
        wire.ptr[wire.len++] = octet;
        at += len;
    }
    wire.at[wire.len] = body.len;
    if (line->who == CLIENT) {
        memcpy(wire.ptr + wire.len, "\r\n", 2);
        wire.at[wire.len + 1] = wire.at[wire.len + 2] = body.len;
        wire.len += 2;
    }
    return wire;
}

/* ---- base64 (RFC 4648 4) ---- */

static int sextet(uint8_t octet)
{
    static const struct slice alphabet =
        SLICE_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    size_t at = slice_find(alphabet, octet);
    return at == alphabet.len ? -1 : (int)at;
}

static bool decode(struct masking *m, struct slice text, struct slice *ret_octets)
{
    size_t pad = 0;
    if (text.len % 4 != 0)
        return false;
    while (pad < 2 && pad < text.len && text.ptr[text.len - 1 - pad] == '=')
        pad++;
    uint8_t *out = script_arena_alloc(m->arena, text.len + 1);
    uint32_t bits = 0;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = i + pad >= text.len ? 0 : sextet(text.ptr[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 == 3)
            for (int shift = 16; shift >= 0; shift -= 8)
                out[len++] = (uint8_t)(bits >> shift);
    }
    *ret_octets = slice_of(out, len - pad);
    return true;
}

/* ---- what is secret ---- */

static void keep(struct masking *m, struct slice secret)
{
    if (secret.len < MIN_SECRET || m->secret_count == MOST_SECRETS)
        return;
    for (size_t i = 0; i < m->secret_count; i++)
        if (slice_equal(m->secrets[i], secret))
            return;
    m->secrets[m->secret_count++] = secret;
}

/* "auth=Bearer TOKEN\1" ; RFC 7628 3.1, and XOAUTH2 likewise */
static bool keep_token(struct masking *m, struct slice message)
{
    for (size_t at = 0; at < message.len; at++) {
        struct slice rest = slice_from(message, at);
        if (!slice_starts_nocase(rest, SLICE("auth=bearer ")))
            continue;
        rest = slice_from(rest, 12);
        keep(m, slice_sub(rest, 0, slice_find(rest, 1)));
        return true;
    }
    return false;
}

/* [authzid] NUL authcid NUL passwd ; RFC 4616 2 */
static bool keep_plain(struct masking *m, struct slice message, bool *ret_own)
{
    size_t first = slice_find(message, 0);
    struct slice rest = slice_from(message, first + (first < message.len));
    size_t second = slice_find(rest, 0);
    if (first == message.len || second == rest.len)
        return false;
    keep(m, slice_from(rest, second + 1));
    *ret_own = first == 0 || slice_equal(slice_sub(message, 0, first), slice_sub(rest, 0, second));
    return true;
}

/* Remembers what a response says. The first one of LOGIN is a name, which is said elsewhere, too.
 */
static void keep_response(struct masking *m, struct slice response, size_t round)
{
    struct slice message;
    bool own;
    keep(m, response);
    if (decode(m, response, &message) && !keep_plain(m, message, &own) && !keep_token(m, message) &&
        round > 0)
        keep(m, message);
}

/* ---- an exchange that %auth computes ---- */

struct exchange {
    struct slice mechanism;
    struct slice responses[MOST_ROUNDS];
    size_t count;
    bool initial;
    size_t end; /* the line of the reply that ends it */
};

enum first { SAYS_ANYTHING, SAYS_PASSWORD, SAYS_TOKEN }; /* the client's first response */
static const struct {
    struct slice name;
    size_t most;  /* responses */
    bool initial; /* the first is the client's word, and may stand in the command (RFC 4954 4) */
    enum first first;
} computed[] = {
    {SLICE_INIT("PLAIN"), 1, true, SAYS_PASSWORD},
    {SLICE_INIT("LOGIN"), 2, false, SAYS_ANYTHING},
    {SLICE_INIT("CRAM-MD5"), 1, false, SAYS_ANYTHING},
    {SLICE_INIT("DIGEST-MD5"), 2, false, SAYS_ANYTHING},
    {SLICE_INIT("SCRAM-SHA-1"), 3, true, SAYS_ANYTHING},
    {SLICE_INIT("SCRAM-SHA-1-PLUS"), 3, true, SAYS_ANYTHING},
    {SLICE_INIT("SCRAM-SHA-256"), 3, true, SAYS_ANYTHING},
    {SLICE_INIT("SCRAM-SHA-256-PLUS"), 3, true, SAYS_ANYTHING},
    {SLICE_INIT("XOAUTH2"), 2, true, SAYS_TOKEN},
    {SLICE_INIT("OAUTHBEARER"), 2, true, SAYS_TOKEN},
};
#define COMPUTED (sizeof computed / sizeof *computed)

static bool is_client(enum who who)
{
    return who == CLIENT || who == CLIENT_OCTETS;
}

static const struct read_line *line_at(const struct masking *m, size_t index)
{
    static const struct read_line none = {.who = NOBODY};
    return index < m->line_count ? &m->lines[index] : &none;
}

/* "334 text", one line. */
static bool is_challenge(const struct read_line *line)
{
    return slice_starts(line->body, SLICE("334")) &&
           (line->body.len == 3 || line->body.ptr[3] == ' ');
}

/* The lines of an exchange in which each side waits for the other. */
static bool read_exchange(const struct masking *m, size_t at, struct exchange *ret)
{
    struct exchange x = {.end = at + 1};
    struct slice rest = m->lines[at].body;
    if (!m->lines[at].plain || !slice_starts_nocase(rest, SLICE("AUTH ")) ||
        (at > 0 && is_client(m->lines[at - 1].who)))
        return false;
    rest = slice_from(rest, 5);
    size_t blank = slice_find(rest, ' ');
    x.mechanism = slice_sub(rest, 0, blank);
    x.initial = blank < rest.len;
    if (x.initial)
        x.responses[x.count++] = slice_from(rest, blank + 1);
    for (;; x.end += 2) {
        const struct read_line *reply = line_at(m, x.end), *answer = line_at(m, x.end + 1);
        if (reply->who != SERVER || !reply->plain)
            return false;
        if (!is_challenge(reply))
            break;
        if (x.count == MOST_ROUNDS || answer->who != CLIENT || !answer->plain)
            return false;
        x.responses[x.count++] = answer->body;
    }
    *ret = x;
    return x.count > 0;
}

/* Whether what was said is what %auth would say, with some name and password. */
static bool is_computed(struct masking *m, const struct exchange *x, bool *ret_late)
{
    size_t row = 0;
    bool own = true, is = true;
    while (row < COMPUTED && !slice_equal_nocase(computed[row].name, x->mechanism))
        row++;
    if (row == COMPUTED || x->count > computed[row].most)
        return false;
    for (size_t i = 0; i < x->count && is; i++) {
        struct slice message;
        is = decode(m, x->responses[i], &message);
        if (is && i == 0 && computed[row].first == SAYS_PASSWORD)
            is = keep_plain(m, message, &own) && own;
        else if (is && i == 0 && computed[row].first == SAYS_TOKEN)
            is = keep_token(m, message);
    }
    *ret_late = !x->initial && computed[row].initial;
    return is;
}

static struct slice joined(struct masking *m, const struct slice *parts, size_t count)
{
    struct script_buffer text = {.arena = m->arena};
    for (size_t i = 0; i < count; i++)
        script_buffer_put(&text, parts[i]);
    return script_buffer_slice(&text);
}

/* The lines that were read, or 0. */
static size_t put_exchange(struct masking *m, size_t at)
{
    struct exchange x;
    bool late;
    if (!read_exchange(m, at, &x) || !is_computed(m, &x, &late))
        return 0;
    for (size_t i = 0; i < x.count; i++)
        keep_response(m, x.responses[i], i);
    const struct slice parts[] = {SLICE("%auth "), x.mechanism,
                                  late ? SLICE(" initial=no") : SLICE("")};
    if (!m->noted)
        put_note(m, SLICE("# The credentials are left out: --user and --pass give them."), at);
    m->noted = true;
    put(m, joined(m, parts, 3), at);
    m->watch = (struct credential_watch){.open = false};
    return x.end - at;
}

/* ---- responses of any other exchange ---- */

/* An empty response, "=" and "*" (RFC 4954 4: the client cancels) tell nothing. A variable is no
 * credential either: it says where one comes from. */
static bool tells(struct slice written, struct slice said)
{
    if (said.len == 0 || slice_equal(said, SLICE("=")) || slice_equal(said, SLICE("*")))
        return false;
    for (size_t i = 0; i + 1 < written.len; i++)
        if (written.ptr[i] == '$' && written.ptr[i + 1] == '{' &&
            (i == 0 || written.ptr[i - 1] != '$'))
            return false;
    return true;
}

static void put_response(struct masking *m, struct script_buffer *line, size_t from)
{
    struct script_buffer name = {.arena = m->arena};
    bool last = m->responses == MOST_NAMES, known = last && m->last_said;
    m->responses += !last;
    m->last_said = last;
    script_buffer_put(&name, SLICE("response"));
    script_buffer_put_number(&name, m->responses);
    struct slice word = script_buffer_slice(&name);
    const struct slice note[] = {SLICE("# A response of AUTH is left out: --set "), word,
                                 SLICE("=BASE64 gives it.")};
    const struct slice require[] = {SLICE("%require fixture:"), word};
    const struct slice secret[] = {SLICE("%secret "), word};
    const struct slice variable[] = {SLICE("${"), word, SLICE("}")};
    if (!known) {
        put_note(m, joined(m, note, 3), from);
        put_note(m, joined(m, require, 2), from);
        put_note(m, joined(m, secret, 2), from);
    }
    script_buffer_put(line, joined(m, variable, 3));
}

/* BDAT n [LAST] ; RFC 3030 2 */
static void begin_chunk(struct masking *m, struct slice said)
{
    if (!slice_starts_nocase(said, SLICE("BDAT ")))
        return;
    for (size_t i = 5; i < said.len && octet_is(said.ptr[i], OCTET_DIGIT); i++)
        m->chunk = m->chunk < UINT32_MAX ? m->chunk * 10 + (uint64_t)(said.ptr[i] - '0') : m->chunk;
}

/* A line of what goes out, [from, to) with its ending; what of it is written is put. */
static void put_said(struct masking *m, struct script_buffer *line, const struct wire *wire,
                     size_t from, size_t to, size_t index)
{
    struct slice body = m->lines[index].body;
    size_t end = to;
    while (end > from && (wire->ptr[end - 1] == '\n' || wire->ptr[end - 1] == '\r'))
        end--;
    struct slice said = slice_of(wire->ptr + from, end - from);
    size_t shown = m->message ? said.len : credential_client(&m->watch, said);
    if (!m->message)
        begin_chunk(m, said);
    m->message = m->message && !slice_equal(said, SLICE("."));
    size_t hidden = wire->at[from + shown];
    m->round = shown == 0 ? m->round + 1 : shown < said.len; /* one in the command is one */
    if (shown < said.len &&
        tells(slice_sub(body, hidden, wire->at[end]), slice_from(said, shown))) {
        keep_response(m, slice_from(said, shown), shown == 0 ? m->round - 1 : 0);
        script_buffer_put(line, slice_sub(body, wire->at[from], hidden));
        put_response(m, line, index);
        hidden = wire->at[end];
    } else {
        hidden = wire->at[from];
    }
    script_buffer_put(line, slice_sub(body, hidden, wire->at[to]));
}

static void put_client(struct masking *m, size_t index)
{
    const struct read_line *line = &m->lines[index];
    struct wire wire = wire_of(m, line);
    struct script_buffer text = {.arena = m->arena};
    script_buffer_put(&text, slice_sub(line->text, 0, line->text.len - line->body.len));
    for (size_t at = 0; at < wire.len;) {
        size_t take = m->chunk < wire.len - at ? (size_t)m->chunk : wire.len - at;
        if (take > 0) {
            script_buffer_put(&text, slice_sub(line->body, wire.at[at], wire.at[at + take]));
            m->chunk -= take;
        } else {
            take = slice_find(slice_of(wire.ptr + at, wire.len - at), '\n');
            take += take < wire.len - at;
            put_said(m, &text, &wire, at, at + take, index);
        }
        at += take;
    }
    put(m, script_buffer_slice(&text), index);
}

/* ---- the server, and the rest ---- */

static void put_server(struct masking *m, size_t index)
{
    const struct read_line *line = &m->lines[index];
    size_t shown = credential_server(&m->watch, line->body);
    m->message = slice_starts(line->body, SLICE("354"));
    m->chunk = 0; /* and what a reply interrupts is looked at as commands are */
    size_t bar = line->body.len;
    for (size_t i = 3; i + 2 < line->body.len && bar == line->body.len; i++)
        if (line->body.ptr[i] == ' ' && line->body.ptr[i + 1] == '|')
            bar = i;
    if (shown == line->body.len || bar <= shown) {
        put(m, line->text, index);
        return;
    }
    size_t tag = slice_find(line->text, ':');
    bool exact = tag > 0 && line->text.ptr[tag - 1] == '=';
    const struct slice parts[] = {slice_sub(line->text, 0, tag - exact), SLICE(": 334"),
                                  slice_from(line->body, bar)};
    put(m, joined(m, parts, 3), index);
}

/* A test has a connection of its own; the lines of a here-document are nobody's. */
static void read_directive(struct masking *m, struct slice text)
{
    text = slice_trim(text);
    if (slice_starts(text, SLICE("%test"))) {
        m->watch = (struct credential_watch){.open = false};
        m->message = m->last_said = false;
        m->chunk = 0;
    }
    bool sends = slice_starts(text, SLICE("%data")) || slice_starts(text, SLICE("%bdat"));
    for (size_t at = 0; sends && at + 2 < text.len; at++)
        if (text.ptr[at] == '<' && text.ptr[at + 1] == '<') {
            struct slice word = slice_from(text, at + 2);
            m->until = slice_sub(word, 0, slice_find(word, ' '));
            return;
        }
}

/* Returns how many lines it has read. */
static size_t put_line(struct masking *m, size_t index)
{
    const struct read_line *line = &m->lines[index];
    if (m->until.len > 0) {
        if (slice_equal(line->text, m->until))
            m->until.len = 0;
    } else if (line->who == SERVER) {
        put_server(m, index);
        return 1;
    } else if (is_client(line->who)) {
        bool outside = m->chunk == 0 && !m->message && line->who == CLIENT;
        size_t read = outside ? put_exchange(m, index) : 0;
        if (read == 0)
            put_client(m, index);
        return read > 0 ? read : 1;
    } else {
        read_directive(m, line->text);
    }
    put(m, line->text, index);
    return 1;
}

/* ---- where a secret was said again ---- */

/* Octets of a secret at the beginning of `text`, or 0. */
static size_t secret_length(const struct masking *m, struct slice text, size_t least)
{
    for (size_t i = 0; i < m->secret_count; i++) {
        struct slice secret = m->secrets[i];
        size_t len = secret.len < MOST_NEEDLE ? secret.len : MOST_NEEDLE;
        if (secret.len < least || !slice_starts(text, slice_sub(secret, 0, len)))
            continue;
        while (len < secret.len && len < text.len && secret.ptr[len] == text.ptr[len])
            len++;
        return len;
    }
    return 0;
}

/* Octets of a variable at the beginning of `text`, of which nothing was said, or 0. */
static size_t variable_length(struct slice text)
{
    size_t end = slice_starts(text, SLICE("${")) ? slice_find(text, '}') : text.len;
    return end < text.len ? end + 1 : 0;
}

/* They are looked for in what goes out, so that what stands for one octet is hidden whole or not.
 */
static struct slice without_secrets(struct masking *m, struct slice text)
{
    struct read_line line = read_line(text);
    if (line.who == NOBODY)
        return text;
    struct wire wire = wire_of(m, &line);
    size_t head = text.len - line.body.len, from = 0, variable = 0; /* where it ends */
    size_t least = is_client(line.who) ? MIN_SAID : MIN_SECRET;
    struct script_buffer out = {.arena = m->arena};
    for (size_t i = line.who == SERVER ? 4 : 0; i < wire.len;) { /* 4: behind the code */
        if (wire.at[i] >= variable)
            variable = wire.at[i] + variable_length(slice_from(line.body, wire.at[i]));
        size_t len = wire.at[i] < variable
                         ? 0
                         : secret_length(m, slice_of(wire.ptr + i, wire.len - i), least);
        if (len > 0) {
            script_buffer_put(&out, slice_sub(text, from, head + wire.at[i]));
            script_buffer_put(&out, SLICE("****"));
            from = head + wire.at[i + len];
        }
        i += len > 0 ? len : 1;
    }
    script_buffer_put(&out, slice_from(text, from));
    return from == 0 ? text : script_buffer_slice(&out);
}

struct mask mask_script(struct script_arena *arena, struct slice script)
{
    struct masking m = {.arena = arena, .out.arena = arena};
    read_lines(&m, script);
    for (size_t i = 0; i < m.line_count;)
        i += put_line(&m, i);
    struct mask_line *lines = m.out.items;
    for (size_t i = 0; i < m.out.count && m.secret_count > 0; i++)
        if (!lines[i].note)
            lines[i].text = without_secrets(&m, lines[i].text);
    return (struct mask){lines, m.out.count};
}

struct mask mask_nothing(struct script_arena *arena, struct slice script)
{
    struct masking m = {.arena = arena, .out.arena = arena};
    read_lines(&m, script);
    for (size_t i = 0; i < m.line_count; i++)
        put(&m, m.lines[i].text, i);
    return (struct mask){m.out.items, m.out.count};
}
