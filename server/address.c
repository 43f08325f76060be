/* SPDX-License-Identifier: MIT */
#include "server/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"

int address_parse(const char *s, bool tls, struct address *ret, struct err *e)
{
    struct address a = {.tls = tls};
    const char *whole = s, *colon;
    size_t len;
    int64_t port;
    unsigned char bin[16];

    if (strncmp(s, "unix:", 5) == 0) {
        a.kind = ADDRESS_UNIX;
        a.tls = false;
        if (s[5] != '/' || !text_copy(a.host, sizeof(a.host), s + 5))
            return err_set(e, ERR_INVALID, "\"%.120s\" is no Unix socket: write unix:/PATH, at most 107 bytes.", whole);
        *ret = a;
        return 0;
    }
    if (strncmp(s, "plain:", 6) == 0) {
        a.tls = false;
        s += 6;
    }
    colon = strrchr(s, ':');
    if (!colon || text_to_i64(colon + 1, 0, 65535, &port))
        return err_set(e, ERR_INVALID, "\"%.80s\" is no address: write HOST:PORT or unix:/PATH.", whole);
    len = (size_t)(colon - s);
    if (len >= 2 && *s == '[' && s[len - 1] == ']') {
        s++;
        len -= 2;
    } else if (memchr(s, ':', len)) {
        return err_set(e, ERR_INVALID, "\"%.80s\" is no address: write an IPv6 address in brackets, [::1]:7480.", whole);
    }
    if (len == 0 || len >= sizeof(a.host))
        return err_set(e, ERR_INVALID, "\"%.80s\" names no host: write HOST:PORT, for example 127.0.0.1:7480.", whole);
    memcpy(a.host, s, len);
    a.port = (uint16_t)port;
    if (strcmp(a.host, "localhost") != 0 && inet_pton(AF_INET, a.host, bin) != 1 && inet_pton(AF_INET6, a.host, bin) != 1)
        return err_set(e, ERR_INVALID, "\"%.80s\" is no numeric address; 0.0.0.0 means every interface.", a.host);
    *ret = a;
    return 0;
}

int address_list_parse(const char *s, bool tls, struct address_list *ret, struct err *e)
{
    char one[ADDRESS_HOST_SIZE + 32];

    ret->n = 0;
    for (;;) {
        size_t n;
        s += strspn(s, " \t,");
        if (!*s)
            break;
        n = strcspn(s, " \t,");
        if (ret->n == ADDRESS_MAX)
            return err_set(e, ERR_INVALID, "There are more than %d addresses to listen on.", (int)ADDRESS_MAX);
        if (n >= sizeof(one))
            return err_set(e, ERR_INVALID, "An address to listen on is too long: \"%.60s…\".", s);
        memcpy(one, s, n);
        one[n] = '\0';
        if (address_parse(one, tls, &ret->items[ret->n], e))
            return ERR_INVALID;
        ret->n++;
        s += n;
    }
    if (!ret->n)
        return err_set(e, ERR_INVALID, "listen is empty: name at least one address, for example 127.0.0.1:7480.");
    return 0;
}

bool address_is_loopback(const struct address *a)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (a->kind == ADDRESS_UNIX || strcmp(a->host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, a->host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, a->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

void address_format(const struct address *a, char out[ADDRESS_HOST_SIZE + 16])
{
    if (a->kind == ADDRESS_UNIX)
        snprintf(out, ADDRESS_HOST_SIZE + 16, "unix:%s", a->host);
    else
        snprintf(out, ADDRESS_HOST_SIZE + 16, strchr(a->host, ':') ? "[%s]:%u" : "%s:%u", a->host, (unsigned)a->port);
}
