/* SPDX-License-Identifier: MIT */
#include "client/cli/import_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

enum { FILE_BYTES_MAX = 2048 };

static bool take(struct import_state *s, const char *key, const char *value)
{
    struct {
        const char *key;
        int64_t *number;
    } numbers[] = {{"rows", &s->rows},
                   {"imported", &s->imported},
                   {"repeated", &s->repeated},
                   {"failed", &s->failed},
                   {"error_bytes", &s->error_bytes}};
    if (strcmp(key, "sha256") == 0)
        return strcmp(value, s->sha256) == 0;
    if (strcmp(key, "account") == 0)
        return strcmp(value, s->account) == 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0)
            return text_to_i64(value, 0, INT64_MAX, numbers[i].number) == 0;
    return false;
}

/* Another file's or another person's state is none. */
static bool parse(char *text, struct import_state *s)
{
    for (char *line = text, *next; *line; line = next) {
        next = strchr(line, '\n');
        char *eq = strchr(line, '=');
        if (!next || !eq || eq > next)
            return false;
        *next++ = '\0';
        *eq = '\0';
        if (!take(s, line, eq + 1))
            return false;
    }
    return true;
}

int import_state_load(struct import_state *s, const char *input, const char *sha256, const char *account, struct err *e)
{
    char text[FILE_BYTES_MAX];
    struct import_state fresh = {0};
    int n = snprintf(fresh.path, sizeof fresh.path, "%s.wangge-state", input);
    if (n < 0 || (size_t)n >= sizeof fresh.path)
        return err_set(e, ERR_INVALID, _("The path of %s is too long."), input);
    text_copy(fresh.sha256, sizeof fresh.sha256, sha256);
    text_copy(fresh.account, sizeof fresh.account, account);
    *s = fresh;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : err_errno(e, errno, _("Cannot read %s."), s->path);
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    if (len < 0)
        return err_errno(e, errno, _("Cannot read %s."), s->path);
    text[len] = '\0';
    if (!parse(text, s))
        *s = fresh;
    return 0;
}

int import_state_save(const struct import_state *s, struct err *e)
{
    char temp[PATH_MAX + 8];
    char text[FILE_BYTES_MAX];
    snprintf(temp, sizeof temp, "%s.new", s->path);
    int len = snprintf(text, sizeof text,
                       "sha256=%s\naccount=%s\nrows=%" PRId64 "\nimported=%" PRId64 "\nrepeated=%" PRId64 "\nfailed=%" PRId64
                       "\nerror_bytes=%" PRId64 "\n",
                       s->sha256, s->account, s->rows, s->imported, s->repeated, s->failed, s->error_bytes);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(e, errno, _("Cannot write %s."), temp);
    bool fine = write(fd, text, (size_t)len) == len && fsync(fd) == 0;
    int errnum = errno;
    close(fd);
    if (fine && rename(temp, s->path) != 0) {
        errnum = errno;
        fine = false;
    }
    if (fine)
        return 0;
    unlink(temp);
    return err_errno(e, errnum, _("Cannot write %s."), s->path);
}

void import_state_remove(const struct import_state *s)
{
    unlink(s->path);
}
