/* SPDX-License-Identifier: MIT */
/* The points of test programs; see failpoint.h. State of the process on purpose: the n-th pass is counted over all of it. */
#include "common/base/failpoint.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_called(const char *wanted, size_t len, const char *name, const char *part)
{
    size_t n = strlen(name);
    if (!part)
        return len == n && strncmp(wanted, name, n) == 0;
    size_t p = strlen(part);
    return len == n + 1 + p && strncmp(wanted, name, n) == 0 && wanted[n] == '.' && strncmp(wanted + n + 1, part, p) == 0;
}

void failpoint_pass(const char *name, const char *part)
{
    static long passes;
    const char *wanted = getenv("WANGGE_FAILPOINT");
    if (!wanted)
        return;
    size_t len = strcspn(wanted, ":");
    if (!is_called(wanted, len, name, part))
        return;
    long n = wanted[len] ? strtol(wanted + len + 1, NULL, 10) : 1;
    if (++passes == n)
        (void)kill(getpid(), SIGKILL);
}
