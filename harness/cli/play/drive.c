#include "cli/play/drive.h"

#include <stdio.h>
#include <stdlib.h>

#include "smtp/proxy.h"

#define HELD_OCTETS   (64u * 1024) /* at least what one `received` of net can bring */
#define PAUSE_MS      1            /* between the pieces of a write that is cut */
#define PAUSED_PIECES 1000         /* later pieces follow at once, so that a long message ends, */
#define AT_ONCE       500          /* up to so many: the other drives of the loop wait meanwhile */
#define EACH_PIECES   65536        /* that many octets leave alone; megabytes would take minutes */
#define EACH_LAST     512          /* later only so many at the end of a write: the dot is there */

/** A connection; one that the player has let go, or that another took the place of, is `gone`. */
struct link {
    struct drive *drive;
    struct link *next;
    unsigned connection; /* as the player counts them */
    struct net_stream *stream;
    uint8_t *held; /* octets that the player did not take yet; NULL: it always took all */
    size_t held_len;
    size_t sending;     /* octets that left the player and not yet the machine */
    bool first;         /* no %connect made it */
    bool awaits_header; /* of the PROXY protocol, in `held` so far */
    bool opening;       /* the player waits for it */
    bool tls;           /* from the start */
    bool shaking_hands; /* a handshake runs */
    bool shut, gone;
};

struct drive {
    struct drive_config config;
    struct link *links; /* all that are not closed */
    struct net_timer *timer;
    struct player player; /* none until there is a connection */
    size_t pieces;        /* of writes that were cut */
    uint64_t resume_ms;   /* when the next piece may leave, or the next look for a message begin */
    bool fetching;        /* config.fetch has not answered yet */
    size_t fetched;       /* the query that it was asked */
    bool closing, pumping;
};

static const struct net_events events;
static void on_failed(void *context, const struct net_error *error);
static void pump(struct drive *d);
static void close_all(struct drive *d);

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

/* ---- links ---- */

static struct link *link_new(struct drive *d, unsigned connection, bool tls)
{
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL)
        abort();
    link->drive = d;
    link->connection = connection;
    link->tls = tls;
    link->next = d->links;
    d->links = link;
    return link;
}

static void link_open(struct link *link)
{
    const struct drive_config *config = &link->drive->config;
    link->opening = true;
    link->stream =
        net_connect(config->loop, config->host, config->port, config->timeout_ms, &events, link);
}

static void link_close(struct link *link, bool reset)
{
    if (link->gone)
        return;
    link->gone = true;
    if (reset)
        net_reset(link->stream);
    else
        net_close(link->stream);
}

/* The link that the player's wishes are about, or NULL. */
static struct link *current(const struct drive *d)
{
    struct link *link = d->links;
    while (link != NULL && (link->gone || link->connection != player_connection(&d->player)))
        link = link->next;
    return link;
}

static void start_tls(struct link *link, const struct script_tls *wanted)
{
    struct drive *d = link->drive;
    const char *name = d->config.host;
    if (name != NULL && name[0] == '/') /* a Unix socket */
        name = "localhost";
    struct net_error error = {NET_SYSTEM, "no TLS with these settings"};
    const struct net_tls *tls = d->config.tls(d->config.context, wanted, &error);
    link->shaking_hands = true;
    if (tls == NULL) {
        on_failed(link, &error);
        return;
    }
    char sni[256];
    if (wanted != NULL && wanted->sni.len > 0 && wanted->sni.len < sizeof sni) {
        memcpy(sni, wanted->sni.ptr, wanted->sni.len);
        sni[wanted->sni.len] = '\0';
        name = sni;
    }
    net_start_tls(link->stream, tls, name, link->held, link->held_len);
    link->held_len = 0;
    net_pause(link->stream, false);
}

/* ---- what the network reports ---- */

/* The first link makes the player; a later one is what the player waits for. */
static void opened(struct link *link)
{
    struct drive *d = link->drive;
    link->opening = false;
    make_player(d);
    if (!link->first) {
        char here[64], there[64];
        net_ends(link->stream, here, there, sizeof here);
        player_between(&d->player, here, there);
        player_connected(&d->player, link->tls, now(d));
    }
}

static void on_connected(void *context)
{
    struct link *link = context;
    struct drive *d = link->drive;
    if (link->gone)
        return;
    if (player_none(&d->player) && (link->tls || link->awaits_header))
        net_timer_set(d->timer, now(d) + d->config.timeout_ms);
    if (link->awaits_header)
        return;
    if (link->tls) {
        start_tls(link, NULL);
        return;
    }
    opened(link);
    pump(d);
}

/* Gives the player what it has not taken; stops reading while something is left. */
static void deliver(struct link *link)
{
    struct drive *d = link->drive;
    size_t taken =
        player_receive(&d->player, link->connection, slice_of(link->held, link->held_len), now(d));
    link->held_len -= taken;
    if (link->held_len > 0)
        memmove(link->held, link->held + taken, link->held_len);
    if (!link->gone)
        net_pause(link->stream, link->held_len > 0);
}

/* Reading pauses while octets are held, so that this is one round, seldom two. */
static void hold(struct link *link, struct slice octets)
{
    if (octets.len > 0 && link->held == NULL && (link->held = malloc(HELD_OCTETS)) == NULL)
        abort();
    size_t room = HELD_OCTETS - link->held_len;
    size_t take = octets.len < room ? octets.len : room;
    if (take > 0)
        memcpy(link->held + link->held_len, octets.ptr, take);
    link->held_len += take;
}

static void no_header(struct link *link, const char *why)
{
    struct net_error error = {.kind = NET_CONNECT};
    snprintf(error.text, sizeof error.text, "no header of the PROXY protocol: %s", why);
    link->awaits_header = false;
    on_failed(link, &error);
}

/* HAProxy, "The PROXY protocol", 2: who does not send a header is not served. What stands behind it
 * may be the handshake's. */
static void take_header(struct link *link)
{
    struct drive *d = link->drive;
    struct smtp_proxy proxy;
    struct parse_result result =
        smtp_proxy_parse(slice_of(link->held, link->held_len), SMTP_PROXY_OCTETS, &proxy);
    if (result.status == PARSE_MORE)
        return;
    if (result.status == PARSE_ERROR) {
        no_header(link, smtp_proxy_error_text(result.error));
        return;
    }
    link->awaits_header = false;
    make_player(d);
    bool read = player_reads_header(&d->player);
    if (read)
        player_receive(&d->player, link->connection, slice_of(link->held, result.offset), now(d));
    link->held_len -= result.offset;
    memmove(link->held, link->held + result.offset, link->held_len);
    if (!link->tls || read)
        opened(link);
    if (link->tls)
        start_tls(link, read ? player_tls(&d->player) : NULL);
    pump(d);
}

static void on_received(void *context, const uint8_t *octets, size_t count)
{
    struct link *link = context;
    struct drive *d = link->drive;
    if (link->awaits_header && !d->closing && !link->gone) {
        hold(link, slice_of(octets, count));
        take_header(link);
        return;
    }
    if (player_none(&d->player) || d->closing || link->gone)
        return;
    if (link->held_len == 0) {
        size_t taken =
            player_receive(&d->player, link->connection, slice_of(octets, count), now(d));
        octets += taken;
        count -= taken;
    }
    hold(link, slice_of(octets, count));
    net_pause(link->stream, link->held_len > 0);
    pump(d);
}

static void on_sent(void *context)
{
    struct link *link = context;
    pump(link->drive);
}

static void on_ended(void *context)
{
    struct link *link = context;
    struct drive *d = link->drive;
    if (link->awaits_header && !d->closing && !link->gone)
        no_header(link, "the client closed");
    if (player_none(&d->player) || link->gone)
        return;
    player_eof(&d->player, link->connection, SLICE(""), now(d));
    pump(d);
}

static void on_secured(void *context, const char *facts)
{
    struct link *link = context;
    struct drive *d = link->drive;
    link->shaking_hands = false;
    if (link->gone)
        return;
    if (link->opening)
        opened(link);
    char name[256];
    net_peer_name(link->stream, name, sizeof name);
    player_secured(&d->player, slice_of_cstr(facts), slice_of_cstr(name), now(d));
    pump(d);
}

static void on_failed(void *context, const struct net_error *error)
{
    struct link *link = context;
    struct drive *d = link->drive;
    struct slice reason = slice_of_cstr(error->text);
    bool opening = link->opening && !player_none(&d->player);
    if (link->gone)
        return;
    make_player(d);
    link_close(link, false);
    if (opening || error->kind == NET_RESOLVE || error->kind == NET_CONNECT)
        player_connect_failed(&d->player, reason, now(d));
    else if (link->shaking_hands || error->kind == NET_TLS || error->kind == NET_CERTIFICATE)
        player_tls_failed(&d->player, reason,
                          error->kind == NET_CERTIFICATE || error->kind == NET_SYSTEM, now(d));
    else
        player_eof(&d->player, link->connection, reason, now(d));
    link->shaking_hands = false;
    pump(d);
    if (d->player.engine == NULL && !d->closing) /* a server has this one connection */
        close_all(d);
}

static void finish(struct drive *d)
{
    make_player(d);
    player_closed(&d->player, now(d));
    net_timer_free(d->timer);
    d->config.finished(d->config.context, &d->player);
    player_free(&d->player);
    free(d);
}

static void on_closed(void *context)
{
    struct link *link = context;
    struct drive *d = link->drive;
    struct link **at = &d->links;
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    free(link->held);
    free(link);
    if (d->closing && d->links == NULL)
        finish(d);
}

static void on_timer(void *context)
{
    struct drive *d = context;
    if (d->closing) { /* nothing was open any more */
        finish(d);
        return;
    }
    if (d->links != NULL && d->links->awaits_header) {
        no_header(d->links, "it did not come in time");
        return;
    }
    if (player_none(&d->player)) { /* only a first handshake runs without a player */
        static const char reason[] = "no TLS handshake in time: does this port speak TLS from the "
                                     "first octet (smtps://)?";
        make_player(d);
        player_tls_failed(&d->player, slice_of_cstr(reason), false, now(d));
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

/* ---- what the player wants ---- */

static void close_all(struct drive *d)
{
    d->closing = true;
    net_timer_set(d->timer, d->links == NULL ? now(d) : UINT64_MAX);
    for (struct link *link = d->links; link != NULL; link = link->next)
        link_close(link, false);
}

/* %connect, %close and %reset; false where the player wants neither. */
static bool change_links(struct drive *d, unsigned wants, struct link *link)
{
    if (wants & PLAYER_WANTS_DROP) {
        if (link != NULL)
            link_close(link, engine_drop_resets(d->player.engine));
        player_dropped(&d->player, now(d));
        return true;
    }
    if ((wants & PLAYER_WANTS_CONNECT) == 0 || (link != NULL && link->opening))
        return false;
    enum script_connect how = engine_connect(d->player.engine);
    if (link != NULL)
        link_close(link, false);
    link_open(link_new(d, player_connection(&d->player),
                       how == SCRIPT_CONNECT_AS_FIRST ? d->config.tls_from_start
                                                      : how == SCRIPT_CONNECT_TLS));
    return false; /* it takes a while */
}

/* Looks for the message that the engine waits for; false where a look runs, or has to wait. */
static bool fetch(struct drive *d)
{
    if (d->fetching || d->resume_ms > now(d))
        return false;
    struct engine_query query = engine_query(d->player.engine);
    d->fetching = true;
    d->fetched = query.number;
    d->config.fetch(d->config.context, &query);
    return true;
}

void drive_fetched(struct drive *d, const struct slice *found, const char *trouble)
{
    d->fetching = false;
    if (d->closing)
        return;
    bool awaited = engine_query(d->player.engine).number == d->fetched;
    if (found != NULL && awaited) {
        engine_message(d->player.engine, *found, now(d));
    } else {
        if (awaited)
            engine_no_message(d->player.engine, slice_of_cstr(trouble));
        d->resume_ms = now(d) + d->config.fetch_pause_ms;
    }
    pump(d);
}

/* Of a write that is cut after each octet. */
static size_t octets_of(const struct drive *d, size_t len)
{
    return d->pieces >= EACH_PIECES && len > EACH_LAST ? len - EACH_LAST : 1;
}

/* What leaves in one write. */
static struct slice piece_of(const struct drive *d, struct slice out)
{
    const struct drive_cut *cut = &d->config.cut;
    if (cut->each)
        return slice_sub(out, 0, octets_of(d, out.len));
    if (cut->after > d->player.sent && cut->after - d->player.sent < out.len)
        return slice_sub(out, 0, cut->after - d->player.sent);
    return out;
}

/* A piece has left; the peer gets time to see that it came alone. */
static void piece_left(struct drive *d, struct link *link)
{
    size_t octets = link->sending;
    bool cut = octets < player_output(&d->player).len;
    link->sending = 0;
    if (cut && (d->pieces++ < PAUSED_PIECES || d->pieces % AT_ONCE == 0))
        d->resume_ms = now(d) + PAUSE_MS;
    player_sent(&d->player, octets, now(d));
}

/* One wish of the player; false where it can only wait. */
static bool step(struct drive *d)
{
    unsigned wants = player_wants(&d->player);
    struct link *link = current(d);
    if (wants &
        (PLAYER_WANTS_CLOSE | PLAYER_DONE)) { /* also where a peer does not take what is sent */
        close_all(d);
        return false;
    }
    if (change_links(d, wants, link))
        return true;
    if (wants & PLAYER_WANTS_MESSAGE)
        return fetch(d);
    if (link == NULL || link->opening)
        return false;
    if (link->sending > 0) {
        if (net_unsent(link->stream) > 0)
            return false;
        piece_left(d, link);
        return true;
    }
    if (link->held_len > 0 && !link->shaking_hands) {
        size_t before = link->held_len;
        deliver(link);
        if (link->held_len < before)
            return true;
    }
    wants = player_wants(&d->player);
    if (wants & PLAYER_WANTS_SEND) {
        struct slice out = piece_of(d, player_output(&d->player));
        if (d->resume_ms > now(d))
            return false;
        link->sending = out.len;
        net_send(link->stream, out.ptr, out.len);
        return link->sending > 0;
    }
    if (wants & PLAYER_WANTS_TLS && !link->shaking_hands) {
        start_tls(link, player_tls(&d->player));
        return link->gone; /* where there is none with these settings */
    }
    if (wants & PLAYER_WANTS_SHUTDOWN && !link->shut) {
        link->shut = true;
        net_shutdown(link->stream);
        player_shut(&d->player, now(d));
        return true;
    }
    return false;
}

static void pump(struct drive *d)
{
    if (d->pumping || d->closing || player_none(&d->player))
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

/* ---- beginnings and ends ---- */

static struct drive *drive_new(const struct drive_config *config)
{
    struct drive *d = calloc(1, sizeof *d);
    if (d == NULL)
        abort();
    d->config = *config;
    d->timer = net_timer_new(config->loop, on_timer, d);
    return d;
}

struct drive *drive_connect(const struct drive_config *config)
{
    struct drive *d = drive_new(config);
    struct link *link = link_new(d, 0, config->tls_from_start && !config->header_first);
    link->first = true;
    link_open(link);
    return d;
}

struct drive *drive_accept(const struct drive_config *config, struct net_stream *stream,
                           const struct net_events **ret_events, void **ret_context)
{
    struct drive *d = drive_new(config);
    struct link *link = link_new(d, 0, config->tls_from_start && !config->header_first);
    link->stream = stream;
    link->first = link->opening = true;
    link->awaits_header = config->reads_header;
    *ret_events = &events;
    *ret_context = link;
    return d;
}

size_t drive_channel_binding(const struct drive *d, uint8_t *out, size_t size, bool *ret_exporter)
{
    const struct link *link = current(d);
    return link == NULL ? 0 : net_channel_binding(link->stream, out, size, ret_exporter);
}

void drive_ends(const struct drive *d, char *ret_here, char *ret_there, size_t size)
{
    ret_here[0] = ret_there[0] = '\0';
    if (d->links != NULL && d->links->stream != NULL)
        net_ends(d->links->stream, ret_here, ret_there, size);
}

void drive_abort(struct drive *d)
{
    if (!d->closing)
        close_all(d);
}
