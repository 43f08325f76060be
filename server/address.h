/* SPDX-License-Identifier: MIT */
/* Listen addresses as the configuration writes them: "127.0.0.1:7480", "[::1]:0", "plain:0.0.0.0:7480",
 * "unix:/run/wangged.sock". */
#ifndef WG_ADDRESS_H
#define WG_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"

enum { ADDRESS_MAX = 16, ADDRESS_HOST_SIZE = 108 };

enum address_kind { ADDRESS_TCP, ADDRESS_UNIX };

struct address {
    enum address_kind kind;
    char host[ADDRESS_HOST_SIZE]; /* numeric address or "localhost", without brackets; or the socket's path */
    uint16_t port;
    bool tls;
};

struct address_list {
    int n;
    struct address items[ADDRESS_MAX];
};

/* tls: what a TCP address speaks unless it is written with plain:. */
int address_parse(const char *s, bool tls, struct address *ret, struct err *e) MUST_CHECK;
/* Separated by blanks or commas; at least one. */
int address_list_parse(const char *s, bool tls, struct address_list *ret, struct err *e) MUST_CHECK;
bool address_is_loopback(const struct address *a);
/* "127.0.0.1:7480", "[::1]:7480", "unix:/path". */
void address_format(const struct address *a, char out[ADDRESS_HOST_SIZE + 16]);

#endif
