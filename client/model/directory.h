/* SPDX-License-Identifier: MIT */
/*
 * Categories, grids, organs and the state table: read once a session, the lists with etags, and kept in files so that work
 * goes on without a server.
 */
#ifndef WG_CLIENT_MODEL_DIRECTORY_H
#define WG_CLIENT_MODEL_DIRECTORY_H

#include "client/model/model.h"
#include "wangge/v1/directory.pb-c.h"

struct directory {
    struct model_status status;
    Wangge__V1__ListCategoriesResponse *categories; /* owned; NULL until there are any */
    Wangge__V1__ListRegionsResponse *regions;       /* the caller's region and all below, boundaries left out */
    Wangge__V1__ListOrgansResponse *organs;
    Wangge__V1__ListActionsResponse *rules; /* the state table */
    unsigned generation;                    /* rises with every change of the above: pointers taken before are dead */
    /* private */
    const struct model_env *_env;
    model_changed_fn _changed;
    void *_arg;
    char *_path; /* cache file without its ending; NULL: none */
    struct request *_calls[4];
};

/* cache_path: the beginning of the cache files' names, or NULL. Copied. ERR_NOMEM. */
int directory_init(struct directory *d, const struct model_env *env, const char *cache_path, model_changed_fn changed,
                   void *arg) MUST_CHECK;
void directory_fini(struct directory *d);
/* Reads the cache files; before the first call to the server. */
void directory_load_cache(struct directory *d);
void directory_refresh(struct directory *d);
const Wangge__V1__Category *directory_category(const struct directory *d, const char *code);
const Wangge__V1__Region *directory_region(const struct directory *d, const char *code);
const Wangge__V1__Organ *directory_organ(const struct directory *d, const char *code);

/* The rule by which a role may take an action in a state, or NULL. */
const Wangge__V1__ActionRule *directory_rule(const struct directory *d, Wangge__V1__Action action, Wangge__V1__CaseState state,
                                             int role);

#endif
