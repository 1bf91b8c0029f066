/* Whether a file is a transcript: transcript_detect of transcript.h. */
#include "script/transcript.h"
#include "script/transcript_log.h"
#include "script/transcript_patterns.h"
#include "script/transcript_text.h"

enum tag { TAG_NONE, TAG_CLIENT, TAG_SERVER, TAG_SCRIPT };

/* "C:" and "S:", which some programs write too; or what only scripts have. */
static enum tag tag_of(struct slice line)
{
    if (slice_starts(line, SLICE("C:\\"))) /* a prompt of Windows */
        return TAG_NONE;
    if (slice_starts(line, SLICE("C:")) || slice_starts(line, SLICE("S:")))
        return line.ptr[0] == 'C' ? TAG_CLIENT : TAG_SERVER;
    return transcript_is_of_script(line) ? TAG_SCRIPT : TAG_NONE;
}

/* A line without a tag among such lines: what a program says of its connection, or the lines of a
 * reply behind its first one. */
static bool belongs_to_log(struct slice line, enum tag before)
{
    enum transcript_class class = transcript_class_of(line);
    return class == TRANSCRIPT_LAUNCH || class == TRANSCRIPT_OPENED || class == TRANSCRIPT_CLOSED ||
           (class == TRANSCRIPT_REPLY && before == TAG_SERVER);
}

/* A message that untagged lines hold: what it quotes is no script's. */
struct message {
    bool data; /* the last line that is no reply is that command */
    bool in;
};

static bool follow_message(struct message *m, struct slice line)
{
    size_t cr = line.len > 0 && line.ptr[line.len - 1] == '\r';
    struct slice body = slice_sub(line, 0, line.len - cr);
    bool was_in = m->in;
    m->in = m->in ? !slice_equal(body, SLICE(".")) : m->data && slice_starts(body, SLICE("354"));
    m->data = slice_equal_nocase(body, SLICE("DATA")) || (m->data && transcript_is_reply(body));
    return was_in;
}

bool transcript_detect(struct slice source)
{
    size_t tagged = 0, clients = 0, shown = 0, logged = 0, others = 0;
    enum tag before = TAG_NONE;
    struct message message = {.in = false};
    if (slice_starts(source, SLICE("\xEF\xBB\xBF"))) /* as a script's does, it says nothing */
        source = slice_from(source, 3);
    if (transcript_log_is_document(source) || transcript_patterns_detect(source))
        return true; /* its tags are a document's, or a test suite's */
    for (struct slice rest = source; rest.len > 0;) {
        size_t lf = slice_find(rest, '\n');
        bool comment = rest.ptr[0] == '#';
        struct slice line = slice_trim(slice_sub(rest, 0, lf));
        rest = slice_from(rest, lf < rest.len ? lf + 1 : lf);
        if (slice_starts(line, SLICE("%format telnet")))
            return true;
        enum tag tag = tagged == 0 && follow_message(&message, line) ? TAG_NONE : tag_of(line);
        if (tag == TAG_SCRIPT)
            return false;
        if (line.len == 0 || line.ptr[0] == '\r' || comment)
            continue;
        bool log = tag == TAG_NONE && belongs_to_log(line, before);
        tagged += tag != TAG_NONE;
        clients += tag == TAG_CLIENT;
        shown += tag != TAG_NONE && transcript_text_shows_end(line);
        logged += log;
        others += tag == TAG_NONE && !log;
        before = log ? before : tag;
    }
    bool both = clients > 0 && clients < tagged;
    if (tagged == 0 || (both && shown == tagged))
        return logged + others + shown > 0;
    return logged > 0 && others == 0;
}

bool transcript_may_be(struct slice source)
{
    for (struct slice rest = source; rest.len > 0;) {
        size_t lf = slice_find(rest, '\n');
        if (tag_of(slice_trim(slice_sub(rest, 0, lf))) == TAG_SCRIPT)
            return false;
        rest = slice_from(rest, lf < rest.len ? lf + 1 : lf);
    }
    return true;
}
