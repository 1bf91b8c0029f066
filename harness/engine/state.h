/*
 * state: an engine's members, shared by its parts. Private to harness/engine.
 *
 *   engine.c   life cycle, what it wants, the step loop
 *   client.c   the client's side: what is sent, and waited for
 *   expect.c   the client's side: replies against expectations
 *   header.c   the PROXY protocol's header, and TLS behind it
 *   serve.c    the server's side: commands against the script, replies to send
 *   assert.c   %ehlo, %reply, %replies, %assert
 *   exchange.c the exchanges of %auth, on either side
 *   judge.c    differences -> verdict; what is passed over after one
 *   lane.c     several connections: which one is looked at, what waits on the others
 *   message.c  %message
 *   segment.c  where writes are cut
 *   need.c     what a test needs that is missing
 *   flow.c     which step is next: %if, %repeat
 *   pattern.c  regular expressions over what came
 *   text.c     ${...} -> octets
 *   value.c    functions, numbers and dates in ${...}
 *   event.c    events, with secrets taken out
 */
#ifndef MAILDRILL_ENGINE_STATE_H
#define MAILDRILL_ENGINE_STATE_H

#include "base/poison.h"
#include "base/writer.h"
#include "engine/engine.h"

#define ENGINE_MAX_CAPTURES   32
#define ENGINE_CAPTURE_OCTETS 8192
#define ENGINE_EHLO_OCTETS    16384
#define ENGINE_EVENT_OCTETS   16384 /* room for a text that loses secrets */
#define ENGINE_FACTS_OCTETS   4096
#define ENGINE_REASON_OCTETS  128  /* of what the driver says went wrong */
#define ENGINE_QUERY_OCTETS   1024 /* of a text that a message contains; of a mailbox */

/** What the engine waits for before it goes on. */
enum engine_wait {
    WAIT_NOTHING,
    WAIT_SENT,     /* the output to be taken */
    WAIT_REPLY,    /* a reply, or the end of the connection */
    WAIT_COMMAND,  /* server's side: a line of the client */
    WAIT_TLS,      /* a handshake */
    WAIT_QUIET,    /* nothing, until the deadline */
    WAIT_SLEEP,    /* the deadline */
    WAIT_SHUTDOWN, /* the driver to close the sending side */
    WAIT_CONNECT,  /* the driver to connect */
    WAIT_DROP,     /* the driver to close one connection; the test goes on */
    WAIT_MESSAGE,  /* a delivered message, or the deadline */
    WAIT_PAUSE,    /* the deadline, between two writes of %segment */
    WAIT_CLOSE,    /* the driver to close */
    WAIT_OVER,     /* done */
};

/** A connection that is not the one the current step is about. */
struct engine_lane {
    uint8_t *input;
    size_t input_at, input_len;
    uint8_t *ehlo;
    size_t ehlo_len;
    size_t awaited;
    bool ended, lost, secured;
    bool overrun;     /* more came than is kept */
    bool owes_header; /* of the PROXY protocol */
    bool owes_tls;    /* TLS comes first, but for the header of %proxy */
};

struct engine {
    const struct script_test *test;
    struct engine_config config;
    enum engine_wait wait;
    uint64_t now_ms, deadline, asked_ms; /* asked: when the last send left */
    size_t step;                         /* the current one */
    /* received, not read yet */
    uint8_t *input;
    size_t input_at, input_len;         /* octets dealt with; octets there */
    struct slice more;                  /* what came along with them, and has no room yet */
    unsigned more_of;                   /* the connection that it came from */
    size_t awaited;                     /* replies to what was sent, which the script expects */
    bool ended, lost, closed;           /* by the peer; by the peer with reset; by us */
    unsigned loss_of;                   /* the connection that was lost last */
    uint8_t loss[ENGINE_REASON_OCTETS]; /* ... and why */
    struct poison_gap behind_loss;
    size_t loss_len;
    struct smtp_reply_parser reply_parser;
    uint8_t *last_reply; /* the last one, for %capture: max_input_octets of room */
    size_t last_reply_len;
    unsigned last_code;                  /* of the last reply; 0 before the first */
    enum script_outcome_kind last_other; /* what came where a reply was awaited, or CODE */
    bool secured;                        /* under TLS */
    uint8_t *ehlo; /* the last 2yz reply to EHLO: ENGINE_EHLO_OCTETS of room */
    size_t ehlo_len;
    uint64_t announced; /* bits of the requirements that an EHLO reply has met */
    struct engine_lane lanes[SCRIPT_MAX_CONNECTIONS]; /* but the current one's */
    unsigned connection;                              /* the current one */
    /* to be sent */
    uint8_t *output;
    size_t output_len, output_sent;
    const struct script_segment *segment; /* how it is cut */
    size_t piece_end;                     /* what leaves next: up to there; 0: all of it */
    size_t piece;                         /* number of the next length */
    uint64_t random;                      /* of the next random one */
    size_t send_octets; /* of the current SEND step, already put into the output */
    /* verdict */
    enum engine_verdict verdict, worst;
    bool ran_away;        /* a pattern took more steps than it may have: what came of it counts for
                             nothing */
    bool garbled;         /* the peer does not speak SMTP: nothing more can be made of it */
    bool cancel;          /* "*" is to be sent: the peer asks for an answer that the script lacks */
    bool swallow_reply;   /* the next reply answers it */
    bool mid_group;       /* the last write did not end its group of sends */
    size_t last_decisive; /* index of the last step that decides, or SCRIPT_NO_STEP */
    bool decided;         /* some step that decides was played */
    struct {
        uint64_t round, count; /* from 1; of them */
    } loops[SCRIPT_MAX_DEPTH];
    size_t rounds; /* played in all loops */
    size_t watch_count;
    /* %auth */
    void *exchange;
    size_t auth_rounds;
    bool auth_first, auth_done; /* the client's octets come first; our side is satisfied */
    size_t facts_len;
    /* %message */
    struct engine_query query;
    size_t queries;   /* that there were */
    uint8_t *message; /* max_message_octets of room, or none where the test asks for no message */
    size_t message_len;
    bool looks_late;                       /* the time is over, and the first look is not */
    bool looked;                           /* a look for it was made, */
    uint8_t trouble[ENGINE_REASON_OCTETS]; /* or why none could be made */
    struct poison_gap behind_trouble;
    size_t trouble_len;
    /* variables */
    struct {
        uint8_t text[64];
        size_t len;
    } ends[2];         /* addresses of the connection: the client's, the server's */
    uint8_t token[64]; /* ${token}, made this test's own */
    struct poison_gap behind_token;
    size_t token_len;
    /* captures */
    size_t capture_count;
    size_t capture_len;
    size_t said_len;
    bool knows_secrets;              /* there are some to redact, but for what AUTH brings */
    const struct script_tls *tls_as; /* how the handshake that is wanted goes */
    struct script_tls tls_default;
    struct script_tls tls_made; /* with what its variables are worth */
    size_t value_offset;        /* of one that is no value, behind the place of %tls */
    /* the server's side */
    size_t replied;    /* replies of the steps before this one were sent */
    size_t taken;      /* octets of a chunk that have come */
    bool in_chunk;     /* the command of a chunk has come: that many octets follow */
    bool in_long_line; /* of a message: its beginning was let pass by */
    uint64_t chunk_octets;
    /* From here on nothing is read before it is written: engine_new does not touch it, so that an
     * engine costs the pages that it uses. */
    struct {
        size_t step;       /* of a %replies */
        bool failed;       /* a reply was not as it says */
        bool ran_away;     /* or nobody knows */
        uint8_t line[160]; /* the line that was not */
        size_t line_len;
    } watches[SCRIPT_MAX_REPLIES];
    struct poison_gap behind_watches;
    uint8_t query_octets[2][ENGINE_QUERY_OCTETS]; /* of %message */
    struct poison_gap behind_query;
    uint8_t facts[ENGINE_FACTS_OCTETS]; /* of the last handshake */
    struct poison_gap behind_facts;
    uint8_t tls_octets[SCRIPT_TLS_NAMES * (SCRIPT_TLS_OCTETS + 1)]; /* of tls_made */
    struct poison_gap behind_tls;
    struct engine_variable captures[ENGINE_MAX_CAPTURES];
    uint8_t capture_octets[ENGINE_CAPTURE_OCTETS];
    struct poison_gap behind_captures;
    /* what events show */
    uint8_t scratch[2][ENGINE_EVENT_OCTETS];
    struct poison_gap behind_scratch;
    uint8_t sent_line[1024];
    struct poison_gap behind_sent;
    uint8_t shown_sent[1024];
    struct poison_gap behind_shown;
    uint8_t said[1024]; /* the last response of AUTH that went out, or its beginning */
    struct poison_gap behind_said;
    uint8_t memory[]; /* last_reply, output, what each connection receives, message */
};

/** The current step; NULL behind the last one. */
static inline const struct script_step *engine_step(const struct engine *e)
{
    return e->step < e->test->step_count ? &e->test->steps[e->step] : NULL;
}

/** The test has its verdict. */
static inline bool engine_over(const struct engine *e)
{
    return e->wait == WAIT_CLOSE || e->wait == WAIT_OVER;
}

/** Waits, from now, as long as the script or the run says (--timing-scale). */
void engine_wait_for(struct engine *e, enum engine_wait wait, uint64_t bound_ms);

/** What stands in the output leaves now; on a connection that was lost nobody takes it, and the
 * next reply will be missing. */
void engine_send_out(struct engine *e);

/** Whether a word of %require holds. */
bool engine_has_feature(const struct engine *e, struct slice token);

#endif
