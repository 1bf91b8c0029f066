/*
 * What holds of a message that the server delivered.
 *
 *   message = "%message" [ "absent" ] [ "within" duration ] [ "to=" word ] "contains" text [ weight
 * ] / "%message" [ "no" / "one" / "first" ] "header" field-name [ "/" regex "/" ] [ weight ] /
 * "%message" [ "no" / "one" / "first" ] "line" "/" regex "/" [ weight ] / "%message" [ "no" ] "raw"
 * "/" regex "/" [ weight ]
 */
#include "base/octet.h"
#include "script/loader.h"

static const char usage[] = "contains TEXT, header NAME, line /pattern/ or raw /pattern/ follows: "
                            "%message contains ${token}";

/* ---- %message ... contains ---- */

static void read_awaited(struct loader *l, struct slice at, struct slice word, struct slice args,
                         struct script_message *message)
{
    message->kind = SCRIPT_MESSAGE_ARRIVES;
    if (slice_equal(word, SLICE("absent"))) {
        message->kind = SCRIPT_MESSAGE_ABSENT;
        word = loader_word(&args);
    }
    if (slice_equal(word, SLICE("within"))) {
        struct slice duration = loader_word(&args);
        if (!loader_duration(duration, &message->within_ms))
            loader_error(l, duration.len > 0 ? duration : word,
                         "no duration: 500ms, 2s or 1m, a day at most");
        word = loader_word(&args);
    }
    if (slice_starts(word, SLICE("to=")) && word.len > 3) {
        message->to = loader_text(l, slice_from(word, 3), 0);
        word = loader_word(&args);
    }
    args = slice_trim(args);
    if (!slice_equal(word, SLICE("contains")) || args.len == 0) {
        loader_error(l, word.len > 0 ? word : at, usage);
        return;
    }
    message->token = loader_text(l, args, 0);
}

/* ---- %message header, line, raw ---- */

/* RFC 5322 3.6.8: field-name = 1*ftext, ftext = %d33-57 / %d59-126 */
static bool is_field_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] < 33 || name.ptr[i] > 126 || name.ptr[i] == ':')
            return false;
    return name.len > 0 && name.ptr[0] != '/' && loader_find_variable(name).len == 0;
}

static bool read_part(struct loader *l, struct slice at, struct slice word, struct slice args,
                      struct script_message *message)
{
    static const struct slice amounts[] = {SLICE_INIT("no"), SLICE_INIT("one"),
                                           SLICE_INIT("first")};
    static const struct slice parts[] = {SLICE_INIT("header"), SLICE_INIT("line"),
                                         SLICE_INIT("raw")};
    size_t amount = loader_word_index(word, amounts, 3);
    struct slice name = amount < 3 ? loader_word(&args) : word;
    size_t part = loader_word_index(name, parts, 3);
    if (part == 3)
        return false;
    message->kind = (enum script_message_kind)(SCRIPT_MESSAGE_HEADER + part);
    message->amount =
        amount == 3 ? SCRIPT_AMOUNT_SOME : (enum script_amount)(SCRIPT_AMOUNT_NONE + amount);
    if (message->kind == SCRIPT_MESSAGE_RAW && message->amount > SCRIPT_AMOUNT_NONE)
        loader_error(l, word, "raw is about all octets: nothing or \"no\" stands before it");
    if (message->kind == SCRIPT_MESSAGE_HEADER) {
        message->field = loader_word(&args);
        if (!is_field_name(message->field))
            loader_error(l, message->field.len > 0 ? message->field : name,
                         "the name of a field follows: %message header Subject");
        if (slice_trim(args).len == 0)
            return true;
    }
    message->pattern = loader_take_pattern(l, at, &args);
    if (message->pattern != NULL)
        loader_no_more(l, args);
    return true;
}

void loader_needs_message(struct loader *l, struct slice at)
{
    if (!l->scope.message)
        loader_error(l, at, "about which message? %message contains TEXT stands before it");
}

void loader_message(struct loader *l, struct slice at, struct slice args)
{
    struct script_message message = {.kind = SCRIPT_MESSAGE_ARRIVES};
    enum script_weight weight = loader_weight(l, &args);
    struct slice word = loader_word(&args);
    if (!read_part(l, at, word, args, &message))
        read_awaited(l, at, word, args, &message);
    if (message.kind == SCRIPT_MESSAGE_ARRIVES)
        l->scope.message = true;
    else if (message.kind != SCRIPT_MESSAGE_ABSENT)
        loader_needs_message(l, at);
    struct script_step *step = loader_step(l, SCRIPT_MESSAGE, at.ptr);
    step->weight = weight;
    step->as.message = message;
}
