/* SPDX-License-Identifier: MIT */
/*
 * Notifications over a connection of their own. Invariant: after each reconnect a channel's function hears NULL once its
 * LISTEN is in force, so that it can read what it missed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/db/pool.h"

static void on_listening(struct conn_req *r, const PGresult *res, const struct err *e)
{
    struct channel *ch = (struct channel *)((char *)r - offsetof(struct channel, req));
    ch->in_flight = false;
    if (e->code == 0)
        ch->fn(ch->arg, NULL);
    else if (r->state[0])
        conn_kick(ch->listener->conn); /* refused: with a new connection it may be another server */
}

static int send_listen(struct channel *ch, struct err *e)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "listen \"%s\"", ch->name);
    ch->req.done = on_listening;
    int ret = conn_send_sql(ch->listener->conn, sql, &ch->req, e);
    ch->in_flight = ret == 0;
    return ret;
}

static int on_accept(void *arg, struct conn *c, const struct conn_identity *id, struct err *e)
{
    struct listener *l = arg;
    return pool_accept(l->db, c, id, e);
}

static void on_up(void *arg, struct conn *c)
{
    struct listener *l = arg;
    struct err e;
    l->silent = false;
    pool_check_ready(l->db);
    for (int i = 0; i < l->nchannels; i++)
        if (!l->channels[i].in_flight && send_listen(&l->channels[i], &e))
            conn_kick(c);
}

static void on_down(void *arg, struct conn *c, const struct err *why)
{
    struct listener *l = arg;
    pool_note_down(l->db, why);
    l->silent = conn_was_silent(c);
    pool_check_ready(l->db);
}

static void on_room(void *arg, struct conn *c)
{
}

static void on_notify(void *arg, struct conn *c, const char *channel, const char *payload)
{
    struct listener *l = arg;
    for (int i = 0; i < l->nchannels; i++)
        if (strcmp(l->channels[i].name, channel) == 0)
            l->channels[i].fn(l->channels[i].arg, payload);
}

static const struct conn_ops listener_ops = {
    .accept = on_accept,
    .up = on_up,
    .down = on_down,
    .room = on_room,
    .notify = on_notify,
};

int db_listen(struct db *db, const char *channel, void (*fn)(void *arg, const char *payload), void *arg, struct err *e)
{
    struct listener *l = &db->listener;
    size_t len = strlen(channel);
    if (len == 0 || len > 63 || strchr(channel, '"'))
        return err_field(e, ERR_INVALID, "channel", "A channel's name has 1 to 63 bytes and no quotation mark.");
    if (l->nchannels == LISTEN_MAX)
        return err_set(e, ERR_EXHAUSTED, "At most %d channels can be listened to.", (int)LISTEN_MAX);
    struct channel *ch = &l->channels[l->nchannels];
    *ch = (struct channel){.listener = l, .name = strdup(channel), .fn = fn, .arg = arg};
    if (!ch->name)
        return err_set(e, ERR_NOMEM, "There is not enough memory to listen to the database.");
    if (!l->conn) {
        l->conn = pool_conn(db, &listener_ops, l, /* with_stmts= */ false, /* writes= */ false, e);
        if (!l->conn) {
            free(ch->name);
            return ERR_NOMEM;
        }
    }
    l->nchannels++;
    if (conn_is_ready(l->conn) && send_listen(ch, e))
        conn_kick(l->conn); /* on_up sends it again */
    return 0;
}

void listener_fini(struct listener *l)
{
    conn_destroy(l->conn);
    l->conn = NULL;
    for (int i = 0; i < l->nchannels; i++)
        free(l->channels[i].name);
    l->nchannels = 0;
}
