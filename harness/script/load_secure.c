/*
 * TLS and authentication.
 *
 *   tls     = "%tls" *( name "=" value )                     ; script/tls.c has the values
 *   secured = "%secured" [ "!" ] key "/" pattern "/" [ weight ]      ; key: of harness/net's facts
 *   auth    = "%auth" sasl-mech *( name "=" value )          ; RFC 4954 8
 */
#include "base/octet.h"
#include "script/loader.h"

/* ---- %tls ---- */

static bool is_literal(struct script_text text)
{
    return text.count == 1 && text.parts[0].kind == SCRIPT_PART_LITERAL;
}

/* One with variables is read when it is played. */
static void take_value(struct loader *l, struct script_tls *tls, struct script_array *later,
                       enum script_tls_name name, struct slice at, struct slice value)
{
    struct script_text text = loader_text(l, value, 0);
    if (is_literal(text)) {
        const char *mistake = script_tls_take(tls, name, text.parts[0].text);
        if (mistake != NULL)
            loader_error(l, value, mistake);
    } else if (text.count > 0) {
        struct script_tls_value *kept = script_array_push(later, sizeof *kept);
        *kept = (struct script_tls_value){name, text, (size_t)(value.ptr - at.ptr)};
    }
}

void loader_tls(struct loader *l, struct slice at, struct slice args)
{
    struct loader_attributes attributes = {.names = script_tls_names, .count = SCRIPT_TLS_NAMES};
    struct script_tls tls = {.verify = SCRIPT_VERIFY_DEFAULT};
    struct script_array later = {.arena = l->arena};
    struct slice value;
    for (size_t index; loader_attribute(l, &attributes, &args, &index, &value);)
        take_value(l, &tls, &later, (enum script_tls_name)index, at, value);
    const char *mistake = script_tls_mistake(&tls);
    if (mistake != NULL)
        loader_error(l, at, mistake);
    tls.later = later.items;
    tls.later_count = later.count;
    loader_step(l, SCRIPT_TLS, at.ptr)->as.tls = tls;
}

/* ---- %secured ---- */

void loader_secured(struct loader *l, struct slice at, struct slice args)
{
    static const struct slice keys[] = {SLICE_INIT("version"),
                                        SLICE_INIT("cipher"),
                                        SLICE_INIT("alpn"),
                                        SLICE_INIT("subject"),
                                        SLICE_INIT("issuer"),
                                        SLICE_INIT("names"),
                                        SLICE_INIT("not-after"),
                                        SLICE_INIT("days"),
                                        SLICE_INIT("verified"),
                                        SLICE_INIT("key-sha256"),
                                        SLICE_INIT("certificate-sha256")};
    size_t count = sizeof keys / sizeof *keys;
    struct script_secured secured = {0};
    enum script_weight weight = loader_weight(l, &args);
    struct slice key = loader_word(&args), pattern = slice_trim(args);
    if (slice_starts(key, SLICE("!"))) {
        secured.negated = true;
        key = slice_from(key, 1);
    }
    size_t index = loader_word_index(key, keys, count);
    bool closed = pattern.len > 2 && pattern.ptr[0] == '/' && pattern.ptr[pattern.len - 1] == '/';
    if (index == count && key.len > 0) {
        loader_error_hint(l, key, "no such fact about TLS", "",
                          loader_closest(key, keys, count, sizeof *keys), "");
        return;
    }
    if (index == count || !closed) {
        loader_error(l, at, "a fact and a pattern follow: %secured version /TLSv1\\.3/");
        return;
    }
    secured.key = keys[index];
    secured.pattern = loader_pattern(l, slice_sub(pattern, 1, pattern.len - 1));
    struct script_step *step = loader_step(l, SCRIPT_SECURED, at.ptr);
    step->as.secured = secured;
    step->weight = weight;
}

/* ---- %auth ---- */

/* sasl-mech = 1*20mech-char, mech-char = UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE ; RFC 4422 3.1
 */
static bool is_mechanism(struct slice word)
{
    bool is = word.len > 0 && word.len <= 20;
    for (size_t i = 0; i < word.len; i++)
        is = is && (octet_is(word.ptr[i], OCTET_ALPHA | OCTET_DIGIT) || word.ptr[i] == '-' ||
                    word.ptr[i] == '_');
    return is;
}

/* Those that there is a client for; what a library may lack is said when it is needed. */
static const struct slice mechanisms[] = {
    SLICE_INIT("PLAIN"),         SLICE_INIT("LOGIN"),
    SLICE_INIT("CRAM-MD5"),      SLICE_INIT("DIGEST-MD5"),
    SLICE_INIT("SCRAM-SHA-1"),   SLICE_INIT("SCRAM-SHA-1-PLUS"),
    SLICE_INIT("SCRAM-SHA-256"), SLICE_INIT("SCRAM-SHA-256-PLUS"),
    SLICE_INIT("EXTERNAL"),      SLICE_INIT("ANONYMOUS"),
    SLICE_INIT("XOAUTH2"),       SLICE_INIT("OAUTHBEARER"),
    SLICE_INIT("NTLM"),          SLICE_INIT("GSSAPI"),
    SLICE_INIT("GS2-KRB5"),
};
#define MECHANISMS (sizeof mechanisms / sizeof *mechanisms)

static bool take_mechanism(struct loader *l, struct slice at, struct slice word)
{
    if (!is_mechanism(word)) {
        loader_error(l, word.len > 0 ? word : at,
                     "a mechanism follows: %auth PLAIN, %auth SCRAM-SHA-256");
        return false;
    }
    if (loader_word_index(word, mechanisms, MECHANISMS) == MECHANISMS)
        loader_warning_hint(l, word, "nothing here computes that mechanism: the test is skipped",
                            loader_closest(word, mechanisms, MECHANISMS, sizeof *mechanisms));
    return true;
}

void loader_auth(struct loader *l, struct slice at, struct slice args)
{
    enum { USER, PASS, AUTHZID, INITIAL, COUNT };
    static const struct slice names[COUNT] = {SLICE_INIT("user"), SLICE_INIT("pass"),
                                              SLICE_INIT("authzid"), SLICE_INIT("initial")};
    static const struct slice no_or_yes[] = {SLICE_INIT("no"), SLICE_INIT("yes")};
    struct loader_attributes attributes = {.names = names, .count = COUNT};
    struct script_auth auth = {.mechanism = loader_word(&args)};
    bool known = slice_equal_nocase(auth.mechanism, SLICE("EXTERNAL")) || /* by other means */
                 slice_equal_nocase(auth.mechanism, SLICE("ANONYMOUS"));
    struct slice values[COUNT] = {known ? SLICE("") : SLICE("${user}"),
                                  known ? SLICE("") : SLICE("${pass}"), SLICE(""), SLICE("yes")};
    struct slice value;
    if (!take_mechanism(l, at, auth.mechanism))
        return;
    for (size_t index; loader_attribute(l, &attributes, &args, &index, &value);)
        values[index] = value;
    size_t initial = loader_word_index(values[INITIAL], no_or_yes, 2);
    if (initial == 2)
        loader_error(l, values[INITIAL], "initial= is no or yes");
    auth.late = initial == 0;
    auth.user = loader_text(l, values[USER], 0);
    auth.pass = loader_text(l, values[PASS], 0);
    auth.authzid = loader_text(l, values[AUTHZID], 0);
    loader_step(l, SCRIPT_AUTH, at.ptr)->as.auth = auth;
}
