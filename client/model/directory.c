/* SPDX-License-Identifier: MIT */
/* The directory and its cache; see directory.h. */
#include "client/model/directory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/model/request.h"
#include "common/pb/check.h"

enum { CACHE_MAX = 16 << 20 };

enum part { PART_CATEGORIES, PART_REGIONS, PART_ORGANS, PART_RULES, PARTS };

static const char *const part_names[PARTS] = {"categories", "regions", "organs", "rules"};

static const ProtobufCMessageDescriptor *part_desc(enum part p)
{
    static const ProtobufCMessageDescriptor *const descs[PARTS] = {
        &wangge__v1__list_categories_response__descriptor,
        &wangge__v1__list_regions_response__descriptor,
        &wangge__v1__list_organs_response__descriptor,
        &wangge__v1__list_actions_response__descriptor,
    };
    return descs[p];
}

static void put_part(struct directory *d, enum part p, ProtobufCMessage *msg)
{
    if (!msg)
        return;
    d->generation++;
    switch (p) {
    case PART_CATEGORIES:
        model_free(d->categories);
        d->categories = (Wangge__V1__ListCategoriesResponse *)msg;
        break;
    case PART_REGIONS:
        model_free(d->regions);
        d->regions = (Wangge__V1__ListRegionsResponse *)msg;
        break;
    case PART_ORGANS:
        model_free(d->organs);
        d->organs = (Wangge__V1__ListOrgansResponse *)msg;
        break;
    case PART_RULES:
        model_free(d->rules);
        d->rules = (Wangge__V1__ListActionsResponse *)msg;
        break;
    case PARTS:
        break;
    }
}

static bool cache_name(const struct directory *d, enum part p, const char *ending, char *out, size_t size)
{
    return d->_path && (size_t)snprintf(out, size, "%s.%s%s", d->_path, part_names[p], ending) < size;
}

/* A cache that cannot be written costs a question to the server at the next start, nothing more. */
static void save_part(const struct directory *d, enum part p, const ProtobufCMessage *msg)
{
    char name[4096], temp[4096];
    if (!cache_name(d, p, "", name, sizeof name) || !cache_name(d, p, ".new", temp, sizeof temp))
        return;
    size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *packed = malloc(len ? len : 1);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (packed && fd >= 0) {
        protobuf_c_message_pack(msg, packed);
        if (write(fd, packed, len) == (ssize_t)len && close(fd) == 0)
            rename(temp, name);
    } else if (fd >= 0) {
        close(fd);
    }
    free(packed);
}

static void load_part(struct directory *d, enum part p)
{
    char name[4096];
    struct stat st;
    if (!cache_name(d, p, "", name, sizeof name))
        return;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    uint8_t *data = NULL;
    if (fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size < CACHE_MAX)
        data = malloc((size_t)st.st_size);
    struct pb_limits limits = {.max_size = CACHE_MAX, .max_depth = 8, .max_fields = 4 << 20};
    if (data && read(fd, data, (size_t)st.st_size) == st.st_size &&
        pb_check(part_desc(p), data, (size_t)st.st_size, &limits, NULL) == 0)
        put_part(d, p, protobuf_c_message_unpack(part_desc(p), NULL, (size_t)st.st_size, data));
    free(data);
    close(fd);
}

static void on_part(struct directory *d, enum part p, const ProtobufCMessage *msg, bool not_modified, struct reply *r)
{
    if (r->err.code != 0) {
        model_status_fail(&d->status, &r->err);
        d->_changed(d->_arg);
        return;
    }
    if (!not_modified) {
        put_part(d, p, model_copy(msg));
        save_part(d, p, msg);
    }
    bool out = false;
    for (int i = 0; i < PARTS; i++)
        out = out || d->_calls[i];
    if (!out && d->status.busy)
        model_status_done(&d->status, d->_env->clock->now(d->_env->clock));
    d->_changed(d->_arg);
}

static void on_categories(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    const Wangge__V1__ListCategoriesResponse *resp = (const Wangge__V1__ListCategoriesResponse *)msg;
    on_part(arg, PART_CATEGORIES, msg, resp && resp->not_modified, r);
}

static void on_regions(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    const Wangge__V1__ListRegionsResponse *resp = (const Wangge__V1__ListRegionsResponse *)msg;
    on_part(arg, PART_REGIONS, msg, resp && resp->not_modified, r);
}

static void on_organs(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    const Wangge__V1__ListOrgansResponse *resp = (const Wangge__V1__ListOrgansResponse *)msg;
    on_part(arg, PART_ORGANS, msg, resp && resp->not_modified, r);
}

static void on_rules(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    on_part(arg, PART_RULES, msg, false, r);
}

void directory_refresh(struct directory *d)
{
    Wangge__V1__ListActionsRequest rules = WANGGE__V1__LIST_ACTIONS_REQUEST__INIT;
    Wangge__V1__ListCategoriesRequest categories = WANGGE__V1__LIST_CATEGORIES_REQUEST__INIT;
    Wangge__V1__ListRegionsRequest regions = WANGGE__V1__LIST_REGIONS_REQUEST__INIT;
    Wangge__V1__ListOrgansRequest organs = WANGGE__V1__LIST_ORGANS_REQUEST__INIT;
    if (d->categories)
        categories.if_none_match = d->categories->etag;
    if (d->regions)
        regions.if_none_match = d->regions->etag;
    if (d->organs)
        organs.if_none_match = d->organs->etag;
    model_status_begin(&d->status);
    int rc = request_start(d->_env, &methods_list_categories, &categories.base, on_categories, d, &d->_calls[PART_CATEGORIES]);
    if (rc == 0)
        rc = request_start(d->_env, &methods_list_regions, &regions.base, on_regions, d, &d->_calls[PART_REGIONS]);
    if (rc == 0)
        rc = request_start(d->_env, &methods_list_organs, &organs.base, on_organs, d, &d->_calls[PART_ORGANS]);
    if (rc == 0)
        rc = request_start(d->_env, &methods_list_actions, &rules.base, on_rules, d, &d->_calls[PART_RULES]);
    if (rc != 0) {
        struct err e;
        err_set(&e, ERR_NOMEM, "out of memory");
        model_status_fail(&d->status, &e);
    }
}

void directory_load_cache(struct directory *d)
{
    for (int p = 0; p < PARTS; p++)
        load_part(d, (enum part)p);
}

const Wangge__V1__Category *directory_category(const struct directory *d, const char *code)
{
    for (size_t i = 0; d->categories && i < d->categories->n_categories; i++) {
        if (strcmp(d->categories->categories[i]->code, code) == 0)
            return d->categories->categories[i];
    }
    return NULL;
}

const Wangge__V1__Region *directory_region(const struct directory *d, const char *code)
{
    for (size_t i = 0; d->regions && i < d->regions->n_regions; i++) {
        if (strcmp(d->regions->regions[i]->code, code) == 0)
            return d->regions->regions[i];
    }
    return NULL;
}

const Wangge__V1__Organ *directory_organ(const struct directory *d, const char *code)
{
    for (size_t i = 0; d->organs && i < d->organs->n_organs; i++) {
        if (strcmp(d->organs->organs[i]->code, code) == 0)
            return d->organs->organs[i];
    }
    return NULL;
}

static bool rule_allows(const Wangge__V1__ActionRule *r, Wangge__V1__CaseState state, int role)
{
    bool from = false, who = false;
    for (size_t i = 0; i < r->n_from_states; i++)
        from = from || r->from_states[i] == state;
    for (size_t i = 0; i < r->n_roles; i++)
        who = who || (int)r->roles[i] == role;
    return from && who;
}

const Wangge__V1__ActionRule *directory_rule(const struct directory *d, Wangge__V1__Action action, Wangge__V1__CaseState state,
                                             int role)
{
    for (size_t i = 0; d->rules && i < d->rules->n_rules; i++) {
        if (d->rules->rules[i]->action == action && rule_allows(d->rules->rules[i], state, role))
            return d->rules->rules[i];
    }
    return NULL;
}

int directory_init(struct directory *d, const struct model_env *env, const char *cache_path, model_changed_fn changed,
                   void *arg)
{
    memset(d, 0, sizeof *d);
    model_status_init(&d->status);
    d->_env = env;
    d->_changed = changed;
    d->_arg = arg;
    d->_path = cache_path ? strdup(cache_path) : NULL;
    return cache_path && !d->_path ? ERR_NOMEM : 0;
}

void directory_fini(struct directory *d)
{
    for (int i = 0; i < PARTS; i++)
        request_drop(&d->_calls[i]);
    model_free(d->categories);
    model_free(d->regions);
    model_free(d->organs);
    model_free(d->rules);
    free(d->_path);
    memset(d, 0, sizeof *d);
}
