/*
 * The values of %tls. The loader reads those that stand in the script, the engine those with
 * variables, when the step is played.
 */
#include "base/octet.h"
#include "script/loader.h"

const struct slice script_tls_names[SCRIPT_TLS_NAMES] = {
    [SCRIPT_TLS_VERIFY] = SLICE_INIT("verify"),   [SCRIPT_TLS_SNI] = SLICE_INIT("sni"),
    [SCRIPT_TLS_MIN] = SLICE_INIT("min"),         [SCRIPT_TLS_MAX] = SLICE_INIT("max"),
    [SCRIPT_TLS_CIPHERS] = SLICE_INIT("ciphers"), [SCRIPT_TLS_ALPN] = SLICE_INIT("alpn"),
    [SCRIPT_TLS_CERT] = SLICE_INIT("cert"),       [SCRIPT_TLS_PIN] = SLICE_INIT("pin"),
    [SCRIPT_TLS_REFUSED] = SLICE_INIT("refused"),
};

/* TLS versions as they stand in the protocol (RFC 8446 4.2.1) */
static const char *take_version(struct slice value, uint16_t *ret_version)
{
    static const struct slice words[] = {SLICE_INIT("1.0"), SLICE_INIT("1.1"), SLICE_INIT("1.2"),
                                         SLICE_INIT("1.3")};
    size_t index = loader_word_index(value, words, 4);
    if (index == 4)
        return "no TLS version: 1.0, 1.1, 1.2 or 1.3";
    *ret_version = (uint16_t)(0x0301 + index);
    return NULL;
}

static const char *take_verify(struct slice value, enum script_verify *ret_verify)
{
    static const struct slice words[] = {SLICE_INIT("host"), SLICE_INIT("ca"), SLICE_INIT("none")};
    static const enum script_verify verify[] = {SCRIPT_VERIFY_HOST, SCRIPT_VERIFY_CA,
                                                SCRIPT_VERIFY_NONE};
    size_t index = loader_word_index(value, words, 3);
    if (index == 3)
        return "verify= is host, ca or none";
    *ret_verify = verify[index];
    return NULL;
}

/* sha256:HEX, or the hex digits alone */
static const char *take_pin(struct slice value, struct slice *ret_pin)
{
    if (slice_starts_nocase(value, SLICE("sha256:")))
        value = slice_from(value, 7);
    bool hex = value.len == 64;
    for (size_t i = 0; i < value.len; i++)
        hex = hex && octet_is(slice_upper(value.ptr[i]), OCTET_HEX_UPPER);
    if (!hex)
        return "pin= is sha256: and the 64 hex digits of a public key's digest";
    *ret_pin = value;
    return NULL;
}

static const char *take_refused(struct slice value, enum script_refused *ret_refused)
{
    static const struct slice words[] = {
        [SCRIPT_REFUSED_ERROR] = SLICE_INIT("error"),
        [SCRIPT_REFUSED_PASS] = SLICE_INIT("pass"),
        [SCRIPT_REFUSED_WARN] = SLICE_INIT("warn"),
        [SCRIPT_REFUSED_UNCLEAR] = SLICE_INIT("unclear"),
    };
    size_t index = loader_word_index(value, words, 4);
    if (index == 4)
        return "refused= is pass, warn, unclear or error";
    *ret_refused = (enum script_refused)index;
    return NULL;
}

static const char *take_sni(struct slice value, struct slice *ret_sni)
{
    if (value.len > SCRIPT_TLS_SNI_OCTETS)
        return "sni= has 255 octets at most";
    *ret_sni = value;
    return NULL;
}

const char *script_tls_take(struct script_tls *tls, enum script_tls_name name, struct slice value)
{
    struct slice *const texts[SCRIPT_TLS_NAMES] = {
        [SCRIPT_TLS_CIPHERS] = &tls->ciphers,
        [SCRIPT_TLS_ALPN] = &tls->alpn,
        [SCRIPT_TLS_CERT] = &tls->cert,
    };
    if (value.len == 0)
        return "a value is missing";
    if (value.len > SCRIPT_TLS_OCTETS)
        return "it is too long: 1000 octets at most";
    if (slice_find(value, '\0') < value.len)
        return "it holds a NUL";
    switch (name) {
    case SCRIPT_TLS_VERIFY:
        return take_verify(value, &tls->verify);
    case SCRIPT_TLS_SNI:
        return take_sni(value, &tls->sni);
    case SCRIPT_TLS_MIN:
        return take_version(value, &tls->min_version);
    case SCRIPT_TLS_MAX:
        return take_version(value, &tls->max_version);
    case SCRIPT_TLS_PIN:
        return take_pin(value, &tls->pin);
    case SCRIPT_TLS_REFUSED:
        return take_refused(value, &tls->refused);
    default:
        *texts[name] = value;
        return NULL;
    }
}

const char *script_tls_mistake(const struct script_tls *tls)
{
    bool none = tls->max_version != 0 && tls->max_version < tls->min_version;
    return none ? "min= is above max=" : NULL;
}
