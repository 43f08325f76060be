/* SPDX-License-Identifier: MIT */
#include "server/db/dial.h"

#include <stdio.h>
#include <string.h>

bool dial_rotate(const char *list, unsigned rotation, char *dst, size_t dst_size)
{
    unsigned n = 1;
    for (const char *p = list; *p; p++)
        n += *p == ',';
    size_t len = strlen(list);
    rotation %= n;
    if (n == 1 || len + 1 > dst_size)
        return false;
    const char *cut = list;
    for (unsigned i = 0; i < rotation; i++)
        cut = strchr(cut, ',') + 1;
    size_t front = (size_t)(cut - list);
    if (front == 0)
        memcpy(dst, list, len + 1);
    else
        (void)snprintf(dst, dst_size, "%s,%.*s", cut, (int)front - 1, list);
    return true;
}

PGconn *dial_start(const char *conninfo, unsigned rotation, int reply_timeout_ms)
{
    enum { MAX = 16, LIST_MAX = 1024 };
    const char *keys[MAX];
    const char *values[MAX];
    char rotated[3][LIST_MAX];
    char user_timeout[16];
    int n = 0;
    (void)snprintf(user_timeout, sizeof user_timeout, "%d", reply_timeout_ms);
    /* What stands before dbname are defaults that the operator's string overrides; what stands after it overrides that. */
    const char *const defaults[][2] = {
        {"fallback_application_name", "wangged"},
        {"keepalives_idle", "10"},
        {"keepalives_interval", "3"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", user_timeout},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++, n++) {
        keys[n] = defaults[i][0];
        values[n] = defaults[i][1];
    }
    keys[n] = "dbname";
    values[n++] = conninfo;
    keys[n] = "client_encoding";
    values[n++] = "UTF8";
    PQconninfoOption *parsed = rotation > 0 ? PQconninfoParse(conninfo, NULL) : NULL;
    static const char *const lists[] = {"host", "hostaddr", "port"};
    for (PQconninfoOption *o = parsed; o && o->keyword; o++)
        for (size_t i = 0; i < 3; i++)
            if (o->val && strcmp(o->keyword, lists[i]) == 0 && dial_rotate(o->val, rotation, rotated[i], LIST_MAX)) {
                keys[n] = lists[i];
                values[n++] = rotated[i];
            }
    keys[n] = NULL;
    values[n] = NULL;
    PGconn *pg = PQconnectStartParams(keys, values, /* expand_dbname= */ 1);
    PQconninfoFree(parsed);
    return pg;
}
