#include "script/transcript_noise.h"

#include "base/octet.h"

enum noise_match {
    IS,     /* the whole line, but for blanks and brackets around it */
    BEGINS, /* its beginning */
    ENDS,   /* its end */
};

struct noise {
    enum noise_match match;
    enum transcript_class class;
    struct slice text;
};

/* clang-format off */
static const struct noise noises[] = {
    /* telnet */
    {BEGINS, TRANSCRIPT_OPENED, SLICE_INIT("Connected to ")},
    {BEGINS, TRANSCRIPT_OPENED, SLICE_INIT("Connection from ")},
    {BEGINS, TRANSCRIPT_OPENED, SLICE_INIT("Verbunden mit ")},
    {BEGINS, TRANSCRIPT_OPENED, SLICE_INIT("Connecting to ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Escape character is")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Escape-Zeichen ist")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Welcome to Microsoft Telnet")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Press any key")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("telnet: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Could not open connection to the host")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Connection closed by ")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Connection closed to ")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Connection to host lost")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Connection reset by peer")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Connection lost")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Perte de la connexion")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Connexion ferm")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Verbindung zu Host verloren")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Verbindung vom Zielhost")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Se ha perdido la conexi")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Connessione all'host perduta")},
    {IS, TRANSCRIPT_CLOSED, SLICE_INIT("Connection closed")},
    {IS, TRANSCRIPT_CLOSED, SLICE_INIT("Connection closed.")},
    {IS, TRANSCRIPT_CLOSED, SLICE_INIT("Server closes connection")},
    {IS, TRANSCRIPT_CLOSED, SLICE_INIT("Server closed connection")},
    {IS, TRANSCRIPT_CLOSED, SLICE_INIT("EOF")},
    {BEGINS, TRANSCRIPT_LEFT, SLICE_INIT("telnet>")},
    {BEGINS, TRANSCRIPT_LEFT, SLICE_INIT("Microsoft Telnet>")},
    {BEGINS, TRANSCRIPT_LEFT, SLICE_INIT("^]")},
    {BEGINS, TRANSCRIPT_LEFT, SLICE_INIT("^C")},
    {BEGINS, TRANSCRIPT_LEFT, SLICE_INIT("^D")},
    {BEGINS, TRANSCRIPT_LEFT, SLICE_INIT("^Z")},
    /* nc, ncat */
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Ncat: Connection reset")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("Ncat: Broken pipe")},
    {BEGINS, TRANSCRIPT_OPENED, SLICE_INIT("Ncat: Connected to ")},
    {BEGINS, TRANSCRIPT_OPENED, SLICE_INIT("(UNKNOWN) [")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Ncat: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("libnsock ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("NCAT DEBUG:")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("DNS fwd/rev mismatch")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Warning: inverse host lookup failed")},
    {ENDS, TRANSCRIPT_OPENED, SLICE_INIT("] succeeded!")},
    {ENDS, TRANSCRIPT_OPENED, SLICE_INIT("(smtp) open")},
    {ENDS, TRANSCRIPT_OPENED, SLICE_INIT("(submission) open")},
    {ENDS, TRANSCRIPT_OPENED, SLICE_INIT("inverse host lookup failed: Unknown host")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Total received bytes: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Total sent bytes: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("=~=~=~=~")},
    /* openssl s_client, gnutls-cli */
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("CONNECTED(")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("CONNECTION ESTABLISHED")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("depth=")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("verify error:")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("verify return:")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("Certificate chain")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("Server certificate")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("-----BEGIN ")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("No client certificate CA names")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("SSL handshake has read")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("SSL-Session:")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("Post-Handshake New Session Ticket")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("New, TLSv")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("RENEGOTIATING")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("Processed ")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("Resolving '")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("*** Starting TLS handshake")},
    {BEGINS, TRANSCRIPT_TLS, SLICE_INIT("- Certificate type:")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("- Simple Client Mode")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Verify return code:")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("read R BLOCK")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("write W BLOCK")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("---")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("read:errno=")},
    {BEGINS, TRANSCRIPT_CLOSED, SLICE_INIT("- Peer has closed the GnuTLS connection")},
    {IS, TRANSCRIPT_CLOSED, SLICE_INIT("closed")},
    {IS, TRANSCRIPT_LEFT, SLICE_INIT("DONE")},
    /* JavaMail, Swift Mailer, sendmail -v and its bounces, exim -bh */
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("DEBUG: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("DEBUG SMTP: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("DEBUG SMTPS: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("DEBUG TLS: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("++ Starting ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("++ Stopping ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("++ Swift_")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("!! ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("Closing connection to ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("... while talking to ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("----- Transcript of session")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("**** SMTP testing session")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("**** but without any ident")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("**** This is not for real")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT(">>> ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("LOG: ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("??? ")}, /* Exim's test client */
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("+++ ")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("End of script")},
    /* curl --trace-ascii */
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("=> Send ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("<= Recv ")},
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("== Info: ")},
    /* the document around a session: fences, and what its author cut */
    {BEGINS, TRANSCRIPT_NOISE, SLICE_INIT("```")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("pre")}, /* in brackets */
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("/pre")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("code")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("/code")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("pre><code")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("/code></pre")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("...")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("\xe2\x80\xa6")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("snip")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("snipped")},
    {IS, TRANSCRIPT_NOISE, SLICE_INIT("cut")},
};
/* clang-format on */

/* "(connection closed)", "[...]", "*** Connection closed ***" */
static struct slice without_brackets(struct slice text)
{
    static const struct slice around = SLICE_INIT(" \t*()[]<>");
    size_t from = 0, to = text.len;
    while (from < to && slice_find(around, text.ptr[from]) < around.len)
        from++;
    while (to > from && slice_find(around, text.ptr[to - 1]) < around.len)
        to--;
    return slice_sub(text, from, to);
}

static bool ends_nocase(struct slice s, struct slice suffix)
{
    return s.len >= suffix.len && slice_equal_nocase(slice_from(s, s.len - suffix.len), suffix);
}

/* "Trying 192.0.2.1...", "Trying 2001:db8::1..." and nothing that only begins so */
static bool is_trying(struct slice text)
{
    static const struct slice word = SLICE_INIT("Trying ");
    if (!slice_starts_nocase(text, word))
        return false;
    struct slice address = slice_trim(slice_from(text, word.len));
    return slice_find(address, ' ') == address.len && ends_nocase(address, SLICE("..."));
}

/* "you@mx.example... Connecting to mx.example via esmtp...", "you@mx.example... Sent (ok)" */
static bool is_delivery_state(struct slice text)
{
    static const struct slice states[] = {SLICE_INIT("... Connecting to "), SLICE_INIT("... Sent"),
                                          SLICE_INIT("... Deferred"),
                                          SLICE_INIT("... Using cached ")};
    size_t space = slice_find(text, ' ');
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (space >= 3 && space < text.len && slice_starts(slice_from(text, space - 3), states[i]))
            return true;
    return false;
}

/* "sent 75, rcvd 312" of nc -v */
static bool is_count(struct slice text)
{
    static const struct slice sent = SLICE_INIT("sent "), received = SLICE_INIT(", rcvd ");
    size_t at = sent.len;
    while (at < text.len && octet_is(text.ptr[at], OCTET_DIGIT))
        at++;
    return slice_starts(text, sent) && slice_starts(slice_from(text, at), received);
}

enum transcript_class transcript_noise_class(struct slice text)
{
    if (is_trying(text))
        return TRANSCRIPT_OPENED;
    if (is_delivery_state(text) || is_count(text))
        return TRANSCRIPT_NOISE;
    struct slice bare = without_brackets(text);
    for (size_t i = 0; i < sizeof noises / sizeof *noises; i++) {
        const struct noise *noise = &noises[i];
        bool holds = noise->match == IS       ? slice_equal_nocase(bare, noise->text)
                     : noise->match == BEGINS ? slice_starts_nocase(text, noise->text)
                                              : ends_nocase(text, noise->text);
        if (holds)
            return noise->class;
    }
    return transcript_prompt_length(text) > 0 ? TRANSCRIPT_PROMPT : TRANSCRIPT_OTHER;
}

/* ---- prompts ---- */

#define MAX_PROMPT_OCTETS 80

/* Whether text before a "$", "#", "%" or ">" is what shells print there. */
static bool is_prompt_text(struct slice before, uint8_t sign)
{
    if (before.len == 0)
        return true;
    if (slice_find(before, '<') < before.len)
        return false;
    struct slice drive = slice_starts(before, SLICE("PS ")) ? slice_from(before, 3) : before;
    if (sign == '>') /* C:\> and PS C:\>; fish: me@mx ~> */
        return (drive.len > 2 && octet_is(drive.ptr[0], OCTET_ALPHA) && drive.ptr[1] == ':' &&
                drive.ptr[2] == '\\') ||
               before.ptr[before.len - 1] == '~';
    if (before.ptr[0] == '[') /* [root@mx ~]# */
        return before.ptr[before.len - 1] == ']';
    size_t at = slice_find(before, '@');
    if (at < before.len) /* me@mx:~$, me@mx ~ % */
        return slice_find(before, ' ') > at;
    return slice_starts(before, SLICE("bash-")) || slice_starts(before, SLICE("sh-")) ||
           slice_find(before, '~') < before.len || slice_holds(before, SLICE(":/"));
}

size_t transcript_prompt_length(struct slice text)
{
    static const struct slice signs = SLICE_INIT("$#%>");
    size_t end = text.len < MAX_PROMPT_OCTETS ? text.len : MAX_PROMPT_OCTETS;
    for (size_t i = 0; i < end; i++) {
        if (slice_find(signs, text.ptr[i]) == signs.len)
            continue;
        if (i + 1 < text.len && text.ptr[i + 1] != ' ')
            continue;
        if (is_prompt_text(slice_sub(text, 0, i), text.ptr[i]))
            return i + 1 < text.len ? i + 2 : i + 1;
    }
    return 0;
}

/* ---- the command that started the client ---- */

#define MAX_LAUNCH_OCTETS 1024

enum launch_syntax {
    TELNET,  /* [options] host [port] */
    NETCAT,  /* the same; --ssl */
    OPENSSL, /* s_client -connect host:port [-starttls smtp] */
    GNUTLS,  /* [-p port] host */
};

struct tool {
    struct slice name;
    enum launch_syntax syntax;
    struct slice with_value; /* one-letter options that take the next word */
};

static const struct tool tools[] = {
    {SLICE_INIT("telnet"), TELNET, SLICE_INIT("lbenXkSft")},
    {SLICE_INIT("telnet.exe"), TELNET, SLICE_INIT("lbenXkSft")},
    {SLICE_INIT("nc"), NETCAT, SLICE_INIT("wpsiqxXegGo")},
    {SLICE_INIT("ncat"), NETCAT, SLICE_INIT("wpsiegGo")},
    {SLICE_INIT("netcat"), NETCAT, SLICE_INIT("wpsiqxXegGo")},
    {SLICE_INIT("openssl"), OPENSSL, SLICE_INIT("")},
    {SLICE_INIT("openssl.exe"), OPENSSL, SLICE_INIT("")},
    {SLICE_INIT("gnutls-cli"), GNUTLS, SLICE_INIT("p")},
};

static const struct {
    struct slice name;
    uint16_t port;
} services[] = {{SLICE_INIT("smtp"), 25},        {SLICE_INIT("mail"), 25},
                {SLICE_INIT("lmtp"), 24},        {SLICE_INIT("submission"), 587},
                {SLICE_INIT("smtps"), 465},      {SLICE_INIT("ssmtp"), 465},
                {SLICE_INIT("submissions"), 465}};

/* Words that may stand before the client's name without a prompt. */
static const struct slice wrappers[] = {
    SLICE_INIT("sudo"),   SLICE_INIT("time"),     SLICE_INIT("rlwrap"),      SLICE_INIT("winpty"),
    SLICE_INIT("torify"), SLICE_INIT("torsocks"), SLICE_INIT("proxychains"), SLICE_INIT("busybox")};

static struct slice next_word(struct slice *rest)
{
    *rest = slice_trim(*rest);
    size_t end = 0;
    while (end < rest->len && !octet_is(rest->ptr[end], OCTET_WSP))
        end++;
    struct slice word = slice_sub(*rest, 0, end);
    *rest = slice_from(*rest, end);
    return word;
}

/* port = 1*5DIGIT / service name */
static uint16_t port_of(struct slice word)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (slice_equal_nocase(word, services[i].name))
            return services[i].port;
    uint32_t port = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (!octet_is(word.ptr[i], OCTET_DIGIT) || port > UINT16_MAX)
            return 0;
        port = port * 10 + (uint32_t)(word.ptr[i] - '0');
    }
    return port > UINT16_MAX ? 0 : (uint16_t)port;
}

/* "host", "host:port", "[::1]:port"; an IPv6 address without brackets has no port */
static void take_host(struct slice word, struct transcript_launch *launch)
{
    size_t colon = word.len;
    while (colon > 0 && word.ptr[colon - 1] != ':' && word.ptr[colon - 1] != ']')
        colon--;
    bool has_port =
        colon > 0 && word.ptr[colon - 1] == ':' &&
        (slice_find(word, ':') == colon - 1 || (colon > 1 && word.ptr[colon - 2] == ']'));
    launch->host = has_port ? slice_sub(word, 0, colon - 1) : word;
    if (has_port)
        launch->port = port_of(slice_from(word, colon));
    if (launch->host.len > 1 && launch->host.ptr[0] == '[' &&
        launch->host.ptr[launch->host.len - 1] == ']')
        launch->host = slice_sub(launch->host, 1, launch->host.len - 1);
}

static struct slice option_name(struct slice word)
{
    size_t dashes = slice_starts(word, SLICE("--")) ? 2 : 1;
    return slice_from(word, dashes);
}

static void take_tls_option(struct slice word, struct slice *rest, struct transcript_launch *launch)
{
    struct slice name = option_name(word);
    if (slice_equal(name, SLICE("connect")) || slice_equal(name, SLICE("host")))
        take_host(next_word(rest), launch);
    else if (slice_equal(name, SLICE("port")) || slice_equal(name, SLICE("p")))
        launch->port = port_of(next_word(rest));
    else if (slice_starts(name, SLICE("port=")))
        launch->port = port_of(slice_from(name, 5));
    else if (slice_equal(name, SLICE("starttls")) || slice_equal(name, SLICE("s")))
        launch->tls = false; /* gnutls-cli: the person types STARTTLS */
    else if (slice_starts(name, SLICE("starttls-proto"))) {
        launch->starttls = true;
        launch->tls = false;
    }
}

static void take_option(const struct tool *tool, struct slice word, struct slice *rest,
                        struct transcript_launch *launch)
{
    if (tool->syntax == OPENSSL && slice_equal(option_name(word), SLICE("starttls"))) {
        next_word(rest);
        launch->starttls = true;
        launch->tls = false;
    } else if (tool->syntax == OPENSSL || tool->syntax == GNUTLS) {
        take_tls_option(word, rest, launch);
    } else if (slice_equal(word, SLICE("--ssl"))) {
        launch->tls = true;
    } else if (!slice_starts(word, SLICE("--")) &&
               slice_find(tool->with_value, word.ptr[word.len - 1]) < tool->with_value.len) {
        next_word(rest);
    }
}

/* Reads the words after the client's name; answers how many stand free of options. */
static size_t take_arguments(const struct tool *tool, struct slice rest,
                             struct transcript_launch *launch)
{
    static const struct slice shell = SLICE_INIT("|<>&;#(");
    size_t free_words = 0;
    for (struct slice word; (word = next_word(&rest)).len > 0;) {
        if (slice_find(shell, word.ptr[0]) < shell.len)
            break;
        if (word.ptr[0] == '-' && word.len > 1) {
            take_option(tool, word, &rest, launch);
            continue;
        }
        free_words++;
        if (tool->syntax == OPENSSL) { /* the values of options that mean nothing here, too */
            if (launch->host.len == 0 && slice_find(word, ':') < word.len)
                take_host(word, launch);
        } else if (launch->host.len == 0) {
            take_host(word, launch);
        } else if (launch->port == 0) {
            launch->port = port_of(word);
        }
    }
    return free_words;
}

static bool looks_like_host(struct slice host)
{
    return slice_find(host, '.') < host.len || slice_find(host, ':') < host.len ||
           slice_equal_nocase(host, SLICE("localhost"));
}

static bool is_wrapper(struct slice word)
{
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
        if (slice_equal(word, wrappers[i]))
            return true;
    return false;
}

/* Whether what stands before the client's name can: nothing, a prompt, "sudo", "printf ... |". */
static bool may_precede(struct slice before)
{
    static const struct slice signs = SLICE_INIT("$#%>|;&(~");
    before = slice_trim(before);
    if (before.len == 0 || slice_find(signs, before.ptr[before.len - 1]) < signs.len)
        return true;
    if (octet_is(before.ptr[before.len - 1], OCTET_EIGHT_BIT)) /* a prompt drawn with symbols */
        return true;
    size_t word = before.len;
    while (word > 0 && !octet_is(before.ptr[word - 1], OCTET_WSP))
        word--;
    return is_wrapper(slice_from(before, word));
}

/* "telnet> open host 25" */
static bool parse_open(struct slice text, struct transcript_launch *ret_launch)
{
    static const struct slice prompts[] = {SLICE_INIT("telnet>"), SLICE_INIT("Microsoft Telnet>")};
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        if (!slice_starts_nocase(text, prompts[i]))
            continue;
        struct slice rest = slice_from(text, prompts[i].len);
        struct slice word = next_word(&rest);
        struct transcript_launch launch = {.port = 0};
        if (!slice_equal_nocase(word, SLICE("open")) && !slice_equal_nocase(word, SLICE("o")))
            return false;
        take_arguments(&tools[0], rest, &launch);
        *ret_launch = launch;
        return true;
    }
    return false;
}

/* The client's name at `at`: its path and the sign of a prompt stuck to it are no part of it. */
static const struct tool *tool_at(struct slice text, size_t at, size_t *ret_end)
{
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        size_t end = at + tools[i].name.len;
        if (slice_starts_nocase(slice_from(text, at), tools[i].name) && end < text.len &&
            octet_is(text.ptr[end], OCTET_WSP)) {
            *ret_end = end;
            return &tools[i];
        }
    }
    return NULL;
}

/* Whether the words after the name are arguments and not the rest of a sentence. */
static bool parse_tool(const struct tool *tool, struct slice before, struct slice rest,
                       struct transcript_launch *ret_launch)
{
    struct transcript_launch launch = {.tls = tool->syntax == OPENSSL || tool->syntax == GNUTLS};
    if (tool->syntax == OPENSSL && !slice_equal(next_word(&rest), SLICE("s_client")))
        return false;
    size_t free_words = take_arguments(tool, rest, &launch);
    if (tool->syntax != OPENSSL &&
        (free_words == 0 || free_words > 2 || (free_words == 2 && launch.port == 0) ||
         (slice_trim(before).len == 0 && launch.port == 0 && !looks_like_host(launch.host))))
        return false;
    *ret_launch = launch;
    return true;
}

/* "Connected to smtps://mail.example:465/?starttls=..." of MailKit */
static bool parse_url(struct slice text, struct transcript_launch *ret_launch)
{
    static const struct slice connected = SLICE_INIT("Connected to ");
    if (!slice_starts(text, connected))
        return false;
    text = slice_from(text, connected.len);
    bool tls = slice_starts(text, SLICE("smtps://"));
    if (!tls && !slice_starts(text, SLICE("smtp://")))
        return false;
    text = slice_from(text, tls ? 8 : 7);
    struct transcript_launch launch = {.tls = tls};
    take_host(slice_sub(text, 0, slice_find(text, '/')), &launch);
    *ret_launch = launch;
    return true;
}

bool transcript_launch_parse(struct slice text, struct transcript_launch *ret_launch)
{
    if (text.len > MAX_LAUNCH_OCTETS)
        return false;
    if (parse_open(text, ret_launch) || parse_url(text, ret_launch))
        return true;
    for (size_t at = 0; at < text.len; at++) {
        if (at > 0 && octet_is(text.ptr[at - 1], OCTET_ALPHA | OCTET_DIGIT))
            continue;
        size_t end;
        const struct tool *tool = tool_at(text, at, &end);
        if (tool == NULL)
            continue;
        size_t name = at; /* "/usr/bin/telnet" */
        while (name > 0 && !octet_is(text.ptr[name - 1], OCTET_WSP) && text.ptr[at - 1] == '/')
            name--;
        struct slice before = slice_sub(text, 0, name);
        if (may_precede(before) && parse_tool(tool, before, slice_from(text, end), ret_launch))
            return true;
    }
    return false;
}
