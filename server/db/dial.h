/* SPDX-License-Identifier: MIT */
/*
 * The first step of a connection: libpq's parameters from the operator's connection string and our defaults. Called by conn.c.
 *
 * libpq never gives up on a host that does not answer when it is driven without blocking (connect_timeout is ignored), so the
 * caller gives up and asks for the same list of hosts begun at the next one.
 */
#ifndef WG_DB_DIAL_H
#define WG_DB_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <libpq-fe.h>

/* Starts to connect, the host lists turned left by rotation. As PQconnectStart: may be NULL or CONNECTION_BAD. */
PGconn *dial_start(const char *conninfo, unsigned rotation, int reply_timeout_ms);
/* Turns a comma-separated list left by rotation places; false (dst untouched) if it has one entry or does not fit. */
bool dial_rotate(const char *list, unsigned rotation, char *dst, size_t dst_size);

#endif
