/* SPDX-License-Identifier: MIT */
#include "server/service/auth_methods.h"

Google__Protobuf__Timestamp *auth_view_time(struct arena *a, usec_t t)
{
    Google__Protobuf__Timestamp *ts = arena_alloc(a, sizeof(*ts));

    if (!ts)
        return NULL;
    google__protobuf__timestamp__init(ts);
    ts->seconds = t / USEC_PER_SEC;
    ts->nanos = (int32_t)(t % USEC_PER_SEC) * 1000;
    return ts;
}

Wangge__V1__Account *auth_view_account(struct arena *a, const struct directory *dir, const struct actor *who, const char *login,
                                       const char *name)
{
    Wangge__V1__Account *acc = arena_alloc(a, sizeof(*acc));
    const struct dir_region *region = dir ? directory_region(dir, who->region) : NULL;
    const struct dir_organ *organ = dir && who->organ_id ? directory_organ_by_id(dir, who->organ_id) : NULL;
    char *id = arena_alloc(a, UUID_TEXT_LEN + 1);
    char *code = arena_alloc(a, REGION_TEXT_SIZE);

    if (!acc || !id || !code)
        return NULL;
    wangge__v1__account__init(acc);
    uuid_format(&who->account, id);
    region_format(who->region, code);
    acc->account_id = id;
    acc->login = (char *)login;
    acc->name = (char *)name;
    acc->role = (Wangge__V1__Role)who->role;
    acc->region_code = code;
    /* The directory may be replaced while the call waits: copy. */
    if (region && !(acc->region_name = arena_strdup(a, region->name)))
        return NULL;
    if (organ && (!(acc->organ_code = arena_strdup(a, organ->code)) || !(acc->organ_name = arena_strdup(a, organ->name))))
        return NULL;
    return acc;
}
