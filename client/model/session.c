/* SPDX-License-Identifier: MIT */
#include "client/model/session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/model/i18n.h"
#include "client/model/paths.h"
#include "common/base/text.h"

enum { FILE_MAX = 4096 };

static bool take(struct session *s, const char *key, const char *value)
{
    int64_t n;
    if (strcmp(key, "token") == 0)
        return text_copy(s->token, sizeof s->token, value);
    if (strcmp(key, "server") == 0)
        return text_copy(s->server, sizeof s->server, value);
    if (strcmp(key, "login") == 0)
        return text_copy(s->login, sizeof s->login, value);
    if (strcmp(key, "name") == 0)
        return text_copy(s->name, sizeof s->name, value);
    if (strcmp(key, "region") == 0)
        return text_copy(s->region_code, sizeof s->region_code, value);
    if (strcmp(key, "role") == 0 && text_to_i64(value, 0, INT32_MAX, &n) == 0) {
        s->role = (int)n;
        return true;
    }
    if (strcmp(key, "expires_us") == 0 && text_to_i64(value, INT64_MIN, INT64_MAX, &n) == 0) {
        s->expires_at = n;
        return true;
    }
    return false;
}

static int parse(char *text, struct session *s)
{
    *s = (struct session){.expires_at = USEC_NONE};
    for (char *line = text, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        char *eq = strchr(line, '=');
        if (!eq)
            return ERR_INVALID;
        *eq = '\0';
        if (!take(s, line, eq + 1))
            return ERR_INVALID;
    }
    return s->token[0] && s->server[0] ? 0 : ERR_INVALID;
}

int session_load(struct session *ret, struct err *e)
{
    char path[PATH_MAX];
    int rc = paths_of(PATHS_STATE, "session", path, e);
    if (rc)
        return rc;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? err_set(e, ERR_NOT_FOUND, _("You are not logged in. Run: wangge login"))
                               : err_errno(e, errno, _("Cannot read the session file %s."), path);
    char text[FILE_MAX];
    ssize_t n = -1;
    struct stat st;
    if (fstat(fd, &st) != 0) {
        rc = err_errno(e, errno, _("Cannot read the session file %s."), path);
        goto out;
    }
    if ((st.st_mode & 077) != 0) {
        rc = err_set(e, ERR_DENIED, _("Others may read the session file %s; it is not used. Run: wangge login"), path);
        goto out;
    }
    n = read(fd, text, sizeof text - 1);
    if (n < 0) {
        rc = err_errno(e, errno, _("Cannot read the session file %s."), path);
        goto out;
    }
    text[n] = '\0';
    rc = parse(text, ret);
    if (rc)
        rc = err_set(e, rc, _("The session file %s is damaged. Run: wangge login"), path);
out:
    explicit_bzero(text, sizeof text);
    close(fd);
    return rc;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

int session_save(const struct session *s, struct err *e)
{
    char path[PATH_MAX];
    char temp[PATH_MAX + 16];
    char text[FILE_MAX];
    int rc = paths_make(PATHS_STATE, "session", path, e);
    if (rc)
        return rc;
    snprintf(temp, sizeof temp, "%s.%ld", path, (long)getpid());
    int len =
        snprintf(text, sizeof text, "token=%s\nserver=%s\nlogin=%s\nname=%s\nregion=%s\nrole=%d\nexpires_us=%" PRId64 "\n",
                 s->token, s->server, s->login, s->name, s->region_code, s->role, s->expires_at);
    if (len < 0 || (size_t)len >= sizeof text)
        return err_set(e, ERR_INVALID, _("The session is too long to be stored."));
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST) {
        unlink(temp); /* left by a process of the same number that died */
        fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (fd < 0)
        return err_errno(e, errno, _("Cannot write the session file %s."), path);
    bool bad = write_all(fd, text, (size_t)len) != 0 || fsync(fd) != 0;
    int errnum = errno;
    close(fd);
    explicit_bzero(text, sizeof text);
    if (!bad && rename(temp, path) != 0) {
        bad = true;
        errnum = errno;
    }
    if (bad) {
        unlink(temp);
        return err_errno(e, errnum, _("Cannot write the session file %s."), path);
    }
    return 0;
}

int session_remove(struct err *e)
{
    char path[PATH_MAX];
    int rc = paths_of(PATHS_STATE, "session", path, e);
    if (rc)
        return rc;
    if (unlink(path) != 0 && errno != ENOENT)
        return err_errno(e, errno, _("Cannot remove the session file %s."), path);
    return 0;
}

/* A name may hold anything; a line break in it would add a line to the file. */
static void copy_line(char *dst, size_t size, const char *src)
{
    text_copy(dst, size, src);
    for (char *p = dst; *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
}

int session_from_login(const Wangge__V1__LoginResponse *resp, const char *server, struct session *ret, struct err *e)
{
    *ret = (struct session){.expires_at = USEC_NONE};
    size_t len = strlen(resp->token);
    if (len == 0 || len >= sizeof ret->token ||
        strspn(resp->token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != len)
        return err_set(e, ERR_PROTOCOL, _("The server answered the login without a usable token."));
    if (strlen(server) >= sizeof ret->server)
        return err_set(e, ERR_INVALID, _("The server's name is too long."));
    copy_line(ret->token, sizeof ret->token, resp->token);
    copy_line(ret->server, sizeof ret->server, server);
    if (resp->account) {
        copy_line(ret->login, sizeof ret->login, resp->account->login);
        copy_line(ret->name, sizeof ret->name, resp->account->name);
        copy_line(ret->region_code, sizeof ret->region_code, resp->account->region_code);
        ret->role = (int)resp->account->role;
    }
    if (resp->expires_at)
        ret->expires_at = resp->expires_at->seconds * USEC_PER_SEC + resp->expires_at->nanos / 1000;
    return 0;
}

bool session_usable(const struct session *s, const char *server, usec_t now)
{
    return s->token[0] && strcmp(s->server, server) == 0 && (s->expires_at == USEC_NONE || s->expires_at > now);
}

void session_account(const struct session *s, char *out, size_t size)
{
    snprintf(out, size, "%s@%s", s->login, s->server);
}
