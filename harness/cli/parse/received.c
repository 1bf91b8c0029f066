/* parse received: the body of a Received field. */
#include "imf/received.h"
#include "cli/parse/parse.h"
#include "imf/quirk.h"

static json_t *optional(struct slice text)
{
    return text.ptr != NULL && text.len > 0 ? text_of(text) : json_null();
}

static json_t *clauses_of(struct slice rest)
{
    json_t *entries = json_array();
    for (struct imf_clause clause; imf_received_next(&rest, &clause);) {
        json_t *entry = json_object();
        put(entry, "name", optional(clause.name));
        put_text(entry, "value", clause.value);
        put(entry, "comment", clause.comment.ptr != NULL ? text_of(clause.comment) : json_null());
        put_quirks(entry, clause.quirks, imf_quirk);
        put_entry(entries, entry);
    }
    return entries;
}

struct parse_outcome parse_received(struct slice window, bool whole, json_t *object)
{
    struct imf_received received;
    if (!whole)
        return (struct parse_outcome){.result = parse_more()};
    struct parse_outcome out = {.result = imf_received_parse(window, &received)};
    if (out.result.status == PARSE_ERROR)
        out.error = imf_received_error_text(out.result.error);
    if (out.result.status != PARSE_OK)
        return out;
    out.quirks = received.quirks;
    const struct imf_clause *clause = received.clause;
    json_t *date = received.has_date ? json_object() : json_null();
    if (received.has_date)
        put_date(date, &received.date);
    put(object, "clauses", clauses_of(received.clauses));
    put(object, "from_domain", optional(clause[IMF_CLAUSE_FROM].word));
    put(object, "tcp_info", optional(received.tcp_info));
    put(object, "tcp_domain", optional(received.tcp_domain));
    put(object, "tcp_address", optional(received.tcp_address));
    put(object, "by", optional(clause[IMF_CLAUSE_BY].word));
    put(object, "via", optional(clause[IMF_CLAUSE_VIA].value));
    put(object, "with", optional(clause[IMF_CLAUSE_WITH].value));
    put_bool(object, "with_registered", received.registered_protocol);
    put(object, "id", optional(clause[IMF_CLAUSE_ID].word));
    put(object, "for", optional(clause[IMF_CLAUSE_FOR].word));
    put(object, "date", date);
    return out;
}
