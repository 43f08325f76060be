/* SPDX-License-Identifier: MIT */
#include "server/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/text.h"

enum { BACKLOG = 4096, SOCKET_MODE = 0660 };

static socklen_t tcp_name(const struct address *a, struct sockaddr_storage *ss)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;
    const char *host = strcmp(a->host, "localhost") == 0 ? "127.0.0.1" : a->host;

    memset(ss, 0, sizeof(*ss));
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(a->port);
        return sizeof(*v4);
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
        return 0;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(a->port);
    return sizeof(*v6);
}

/* Bound, not listening: nothing is delivered to it, and nobody else gets the port. */
static int hold_port(struct address *a, struct err *e)
{
    struct sockaddr_storage ss;
    socklen_t len = tcp_name(a, &ss);
    int one = 1;
    int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) || bind(fd, (struct sockaddr *)&ss, len) ||
        getsockname(fd, (struct sockaddr *)&ss, &len)) {
        err_errno(e, errno, "No free port could be taken on %s.", a->host);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    a->port = ntohs(ss.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&ss)->sin6_port : ((struct sockaddr_in *)&ss)->sin_port);
    return fd;
}

static bool somebody_answers(const struct sockaddr_un *sun)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0;

    if (fd >= 0)
        close(fd);
    return yes;
}

static int listen_unix(const struct address *a, struct err *e)
{
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    int fd;

    text_copy(sun.sun_path, sizeof(sun.sun_path), a->host);
    if (somebody_answers(&sun)) {
        err_set(e, ERR_EXISTS, "Somebody listens on %s already; stop it or choose another path.", a->host);
        return -1;
    }
    unlink(a->host);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) || chmod(a->host, SOCKET_MODE) || listen(fd, BACKLOG)) {
        err_errno(e, errno, "The socket %s cannot be made; check that its folder exists and is writable.", a->host);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

int sockets_open(struct address_list *list, int unix_fds[ADDRESS_MAX], struct sockets *ret, struct err *e)
{
    struct sockets s = {0};

    for (int i = 0; i < ADDRESS_MAX; i++)
        unix_fds[i] = -1;
    for (int i = 0; i < list->n; i++) {
        struct address *a = &list->items[i];
        int fd;
        if (a->kind == ADDRESS_TCP && a->port)
            continue;
        fd = a->kind == ADDRESS_TCP ? hold_port(a, e) : listen_unix(a, e);
        if (fd < 0) {
            sockets_close(&s, list);
            return e->code;
        }
        if (a->kind == ADDRESS_UNIX)
            unix_fds[i] = fd;
        s.unix_item[s.n] = a->kind == ADDRESS_UNIX ? i : -1;
        s.fds[s.n++] = fd;
    }
    *ret = s;
    return 0;
}

void sockets_close(struct sockets *s, const struct address_list *list)
{
    for (int i = 0; i < s->n; i++) {
        if (s->unix_item[i] >= 0)
            unlink(list->items[s->unix_item[i]].host);
        close(s->fds[i]);
    }
    s->n = 0;
}
