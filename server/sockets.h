/* SPDX-License-Identifier: MIT */
/* Sockets that several workers share and that therefore exist before they do. Called by `wangged serve` when workers > 1. */
#ifndef WG_SOCKETS_H
#define WG_SOCKETS_H

#include "server/address.h"

struct sockets {
    int n;
    int fds[ADDRESS_MAX];
    int unix_item[ADDRESS_MAX]; /* position in the list; -1: a held port */
};

/*
 * Takes a port for each TCP address with port 0 (written back to the list) and holds it; makes and listens on each Unix socket,
 * whose descriptors go to unix_fds (-1 for the others). Nothing is left open on failure.
 */
int sockets_open(struct address_list *list, int unix_fds[ADDRESS_MAX], struct sockets *ret, struct err *e) MUST_CHECK;
/* Closes all; removes the Unix sockets' files. */
void sockets_close(struct sockets *s, const struct address_list *list);

#endif
