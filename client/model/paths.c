/* SPDX-License-Identifier: MIT */
#include "client/model/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/model/i18n.h"

static const struct {
    const char *variable;
    const char *under_home;
} kinds[] = {
    [PATHS_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
    [PATHS_DATA] = {"XDG_DATA_HOME", ".local/share"},
    [PATHS_STATE] = {"XDG_STATE_HOME", ".local/state"},
    [PATHS_CACHE] = {"XDG_CACHE_HOME", ".cache"},
};

int paths_of(enum paths_kind kind, const char *name, char out[PATH_MAX], struct err *e)
{
    /* The specification says that a relative path in the variable is to be ignored. */
    const char *base = getenv(kinds[kind].variable);
    int n;
    if (base && base[0] == '/') {
        n = snprintf(out, PATH_MAX, "%s/wangge/%s", base, name);
    } else {
        const char *home = getenv("HOME");
        if (!home || home[0] != '/')
            return err_set(e, ERR_NOT_FOUND, _("HOME is not set, so there is no place for %s; set HOME or %s."), name,
                           kinds[kind].variable);
        n = snprintf(out, PATH_MAX, "%s/%s/wangge/%s", home, kinds[kind].under_home, name);
    }
    if (n < 0 || n >= PATH_MAX)
        return err_set(e, ERR_INVALID, _("The path of %s is too long."), name);
    return 0;
}

int paths_make(enum paths_kind kind, const char *name, char out[PATH_MAX], struct err *e)
{
    int rc = paths_of(kind, name, out, e);
    if (rc)
        return rc;
    for (char *p = out + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        int failed = mkdir(out, 0700) != 0 && errno != EEXIST;
        int errnum = errno;
        if (failed) {
            rc = err_errno(e, errnum, _("Cannot make the folder %s."), out);
            *p = '/';
            return rc;
        }
        *p = '/';
    }
    return 0;
}
