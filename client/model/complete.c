/* SPDX-License-Identifier: MIT */
#include "client/model/complete.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/text.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 8089: only the path counts, percent-encoded. */
static void decode_url(const char *path, char out[PATH_MAX])
{
    size_t n = 0;
    for (const char *p = path; *p && n + 1 < PATH_MAX; p++) {
        int high = *p == '%' ? hex_digit(p[1]) : -1, low = high >= 0 ? hex_digit(p[2]) : -1;
        if (low >= 0 && (high || low)) {
            out[n++] = (char)(high << 4 | low);
            p += 2;
        } else {
            out[n++] = *p;
        }
    }
    out[n] = '\0';
}

static void strip_backslashes(char *s)
{
    char *to = s;
    for (const char *p = s; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        *to++ = *p;
    }
    *to = '\0';
}

void complete_clean(const char *typed, char out[PATH_MAX])
{
    char plain[PATH_MAX];
    while (*typed == ' ' || *typed == '\t')
        typed++;
    text_copy(plain, sizeof plain, typed);
    size_t n = strlen(plain);
    while (n > 0 && strchr(" \t\r\n", plain[n - 1]))
        plain[--n] = '\0';
    char *path = plain;
    struct stat st;
    if (n >= 2 && (plain[0] == '\'' || plain[0] == '"') && plain[n - 1] == plain[0]) {
        plain[n - 1] = '\0';
        path = plain + 1;
    } else if (strchr(plain, '\\') && stat(plain, &st) != 0) { /* a name may have one of its own */
        strip_backslashes(plain);
    }
    if (strncmp(path, "file://", 7) == 0) {
        const char *rest = strchr(path + 7, '/');
        decode_url(rest ? rest : "", out);
        return;
    }
    const char *home = getenv("HOME");
    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0') && home && home[0]) {
        if (snprintf(out, PATH_MAX, "%s%s", home, path + 1) < PATH_MAX)
            return;
    }
    text_copy(out, PATH_MAX, path);
}

/* How many bytes two names share, ending between characters. */
static size_t shared(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] && a[n] == b[n])
        n++;
    while (n > 0 && ((unsigned char)a[n] & 0xc0) == 0x80)
        n--;
    return n;
}

int complete_path(const char *path, char out[PATH_MAX])
{
    char folder[PATH_MAX], common[NAME_MAX + 1] = "";
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t len = strlen(name);
    int n = 0;
    text_copy(out, PATH_MAX, path);
    text_copy(folder, sizeof folder, slash ? path : ".");
    if (slash)
        folder[slash == path ? 1 : slash - path] = '\0';
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        bool hidden = e->d_name[0] == '.' && name[0] != '.';
        if (hidden || strncmp(e->d_name, name, len) != 0 || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (n++ == 0)
            text_copy(common, sizeof common, e->d_name);
        else
            common[shared(common, e->d_name)] = '\0';
    }
    if (d)
        closedir(d);
    if (n == 0)
        return 0;
    struct stat st;
    int used = snprintf(out, PATH_MAX, "%.*s%s", (int)(name - path), path, common);
    if (n == 1 && used > 0 && used + 1 < PATH_MAX && stat(out, &st) == 0 && S_ISDIR(st.st_mode))
        text_copy(out + used, PATH_MAX - (size_t)used, "/");
    return n;
}
