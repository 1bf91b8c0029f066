#include "cli/drive.h"

#include <stdlib.h>

#define HELD_OCTETS   (64u * 1024) /* at least what one `received` of net can bring */
#define PAUSE_MS      1            /* between the pieces of a write that is cut */
#define PAUSED_PIECES 1000         /* later pieces follow at once, so that a long message ends */

struct drive {
    struct drive_config config;
    struct net_stream *stream;
    struct net_timer *timer;
    struct player player; /* none until there is a connection */
    size_t sending;       /* octets that left the player and not yet the machine */
    size_t pieces;        /* of writes that were cut */
    uint64_t resume_ms;   /* when the next piece may leave */
    bool shaking_hands;   /* a handshake runs */
    bool shut, closing, pumping;
    uint8_t *held; /* octets that the player did not take yet */
    size_t held_len;
};

static const struct net_events events;
static void on_failed(void *context, const struct net_error *error);
static void pump(struct drive *d);

static uint64_t now(const struct drive *d)
{
    return net_now(d->config.loop);
}

static void make_player(struct drive *d)
{
    if (player_none(&d->player))
        d->player = d->config.make(d->config.context, now(d));
    if (player_none(&d->player))
        abort(); /* no memory for one session: nothing sensible is left to do */
}

static void start_tls(struct drive *d, const struct script_tls *wanted)
{
    const char *name = d->config.host;
    if (name != NULL && name[0] == '/') /* a Unix socket */
        name = "localhost";
    struct net_error error = {NET_TLS, "no TLS with these settings"};
    const struct net_tls *tls = d->config.tls(d->config.context, wanted, &error);
    if (tls == NULL) {
        error.kind = NET_TLS;
        on_failed(d, &error);
        return;
    }
    char sni[256];
    if (wanted != NULL && wanted->sni.len > 0 && wanted->sni.len < sizeof sni) {
        memcpy(sni, wanted->sni.ptr, wanted->sni.len);
        sni[wanted->sni.len] = '\0';
        name = sni;
    }
    d->shaking_hands = true;
    net_start_tls(d->stream, tls, name, d->held, d->held_len);
    d->held_len = 0;
}

/* ---- what the network reports ------------------------------------------------------------------
 */

static void on_connected(void *context)
{
    struct drive *d = context;
    if (d->config.tls_from_start) {
        net_timer_set(d->timer, now(d) + d->config.timeout_ms);
        start_tls(d, NULL);
        return;
    }
    make_player(d);
    pump(d);
}

/* Gives the player what it has not taken; stops reading while something is left. */
static void deliver(struct drive *d)
{
    size_t taken = player_receive(&d->player, slice_of(d->held, d->held_len), now(d));
    d->held_len -= taken;
    if (d->held_len > 0)
        memmove(d->held, d->held + taken, d->held_len);
    if (!d->closing)
        net_pause(d->stream, d->held_len > 0);
}

static void on_received(void *context, const uint8_t *octets, size_t count)
{
    struct drive *d = context;
    if (player_none(&d->player) || d->closing)
        return;
    if (d->held_len == 0) {
        size_t taken = player_receive(&d->player, slice_of(octets, count), now(d));
        octets += taken;
        count -= taken;
    }
    while (count >
           0) { /* reading pauses while octets are held, so that this is one round, seldom two */
        size_t room = HELD_OCTETS - d->held_len;
        size_t take = count < room ? count : room;
        if (take == 0)
            break;
        memcpy(d->held + d->held_len, octets, take);
        d->held_len += take;
        octets += take;
        count -= take;
    }
    net_pause(d->stream, d->held_len > 0);
    pump(d);
}

static void on_sent(void *context)
{
    struct drive *d = context;
    pump(d);
}

static void on_ended(void *context)
{
    struct drive *d = context;
    if (player_none(&d->player))
        return;
    player_eof(&d->player, false, now(d));
    pump(d);
}

static void on_secured(void *context, const char *facts)
{
    struct drive *d = context;
    d->shaking_hands = false;
    make_player(d);
    player_secured(&d->player, slice_of_cstr(facts), now(d));
    pump(d);
}

static void on_failed(void *context, const struct net_error *error)
{
    struct drive *d = context;
    struct slice reason = slice_of_cstr(error->text);
    make_player(d);
    if (error->kind == NET_RESOLVE || error->kind == NET_CONNECT)
        player_connect_failed(&d->player, reason, now(d));
    else if (d->shaking_hands || error->kind == NET_TLS || error->kind == NET_CERTIFICATE)
        player_tls_failed(&d->player, reason, now(d));
    else
        player_eof(&d->player, true, now(d));
    d->shaking_hands = false;
    pump(d);
    if (!d->closing) {
        d->closing = true;
        net_close(d->stream);
    }
}

static void on_closed(void *context)
{
    struct drive *d = context;
    make_player(d);
    player_closed(&d->player, now(d));
    net_timer_free(d->timer);
    d->config.finished(d->config.context, &d->player);
    player_free(&d->player);
    free(d->held);
    free(d);
}

static void on_timer(void *context)
{
    struct drive *d = context;
    if (player_none(&d->player)) { /* only a first handshake runs without a player */
        static const char reason[] = "no TLS handshake in time: does this port speak TLS from the "
                                     "first octet (smtps://)?";
        make_player(d);
        player_tls_failed(&d->player, slice_of_cstr(reason), now(d));
    } else {
        player_tick(&d->player, now(d));
    }
    pump(d);
}

static const struct net_events events = {
    .connected = on_connected,
    .received = on_received,
    .sent = on_sent,
    .ended = on_ended,
    .secured = on_secured,
    .failed = on_failed,
    .closed = on_closed,
};

/* ---- what the player wants ---------------------------------------------------------------------
 */

static void close_stream(struct drive *d)
{
    d->closing = true;
    net_timer_set(d->timer, UINT64_MAX);
    net_close(d->stream);
}

/* What leaves in one write. */
static struct slice piece_of(const struct drive *d, struct slice out)
{
    const struct drive_cut *cut = &d->config.cut;
    if (cut->each)
        return slice_sub(out, 0, 1);
    if (cut->after > d->player.sent && cut->after - d->player.sent < out.len)
        return slice_sub(out, 0, cut->after - d->player.sent);
    return out;
}

/* A piece has left; the peer gets time to see that it came alone. */
static void piece_left(struct drive *d)
{
    size_t octets = d->sending;
    bool cut = octets < player_output(&d->player).len;
    d->sending = 0;
    if (cut && d->pieces++ < PAUSED_PIECES)
        d->resume_ms = now(d) + PAUSE_MS;
    player_sent(&d->player, octets, now(d));
}

/* One wish of the player; false where it can only wait. */
static bool step(struct drive *d)
{
    unsigned wants = player_wants(&d->player);
    if (wants &
        (PLAYER_WANTS_CLOSE | PLAYER_DONE)) { /* also where a peer does not take what is sent */
        close_stream(d);
        return false;
    }
    if (d->sending > 0) {
        if (net_unsent(d->stream) > 0)
            return false;
        piece_left(d);
        return true;
    }
    if (d->held_len > 0 && !d->shaking_hands) {
        size_t before = d->held_len;
        deliver(d);
        if (d->held_len < before)
            return true;
    }
    wants = player_wants(&d->player);
    if (wants & PLAYER_WANTS_SEND) {
        struct slice out = piece_of(d, player_output(&d->player));
        if (d->resume_ms > now(d))
            return false;
        d->sending = out.len;
        net_send(d->stream, out.ptr, out.len);
        return d->sending > 0;
    }
    if (wants & PLAYER_WANTS_TLS && !d->shaking_hands) {
        start_tls(d, player_tls(&d->player));
        return false;
    }
    if (wants & PLAYER_WANTS_SHUTDOWN && !d->shut) {
        d->shut = true;
        net_shutdown(d->stream);
        player_shut(&d->player, now(d));
        return true;
    }
    return false;
}

static void pump(struct drive *d)
{
    if (d->pumping || d->closing)
        return;
    d->pumping = true;
    while (!d->closing && step(d))
        ;
    if (!d->closing) {
        uint64_t deadline = player_deadline(&d->player);
        bool paused = d->resume_ms > now(d) && d->resume_ms < deadline;
        net_timer_set(d->timer, paused ? d->resume_ms : deadline);
    }
    d->pumping = false;
}

/* ---- beginnings and ends ------------------------------------------------------------------------
 */

static struct drive *drive_new(const struct drive_config *config)
{
    struct drive *d = calloc(1, sizeof *d);
    if (d == NULL || (d->held = malloc(HELD_OCTETS)) == NULL)
        abort();
    d->config = *config;
    d->timer = net_timer_new(config->loop, on_timer, d);
    return d;
}

struct drive *drive_connect(const struct drive_config *config)
{
    struct drive *d = drive_new(config);
    d->stream =
        net_connect(config->loop, config->host, config->port, config->timeout_ms, &events, d);
    return d;
}

struct drive *drive_accept(const struct drive_config *config, struct net_stream *stream,
                           const struct net_events **ret_events)
{
    struct drive *d = drive_new(config);
    d->stream = stream;
    *ret_events = &events;
    return d;
}

size_t drive_channel_binding(const struct drive *d, uint8_t *out, size_t size, bool *ret_exporter)
{
    return net_channel_binding(d->stream, out, size, ret_exporter);
}

void drive_abort(struct drive *d)
{
    if (!d->closing)
        close_stream(d);
}
