/* SPDX-License-Identifier: MIT */
#include "client/demo/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "client/demo/demo_accounts.h"
#include "client/demo/demo_city.h"
#include "client/demo/history_load.h"
#include "client/demo/link.h"
#include "client/rpc/methods.h"

enum { PART_MEMORY = 8 << 20 };

/* Secrets are never arguments: those can be read by everybody on the machine. */
static int from_environment(const char *name, const char **ret, struct err *e)
{
    *ret = getenv(name);
    if (*ret && **ret)
        return 0;
    return err_set(e, ERR_INVALID, "The environment variable %s is not set. \"wangge-demo --help\" lists what is needed.",
                   name);
}

static void use_changed(void *arg, const ProtobufCMessage *resp)
{
    *(int *)arg += ((const Wangge__V1__ImportDirectoryResponse *)resp)->changed;
}

static int load_directory(struct link *l, const struct demo_city *c, struct err *e)
{
    const char *login;
    const char *password;
    struct arena *a = NULL;
    int changed = 0;
    int rc = from_environment("WANGGE_DEMO_SYSADMIN", &login, e);
    if (rc == 0)
        rc = from_environment("WANGGE_DEMO_SYSADMIN_PASSWORD", &password, e);
    if (rc == 0)
        rc = link_login(l, login, password, e);
    if (rc < 0)
        return rc;
    a = arena_create(PART_MEMORY);
    if (!a)
        rc = err_set(e, ERR_NOMEM, "Not enough memory for the directory.");
    for (int part = 0; rc == 0; part++) {
        arena_reset(a);
        Wangge__V1__ImportDirectoryRequest *req = demo_city_part(c, part, a, e);
        if (!req) {
            rc = e->code;
            break;
        }
        rc = link_call(l, &methods_import_directory, &req->base, use_changed, &changed, e);
    }
    link_logout(l);
    arena_destroy(a);
    if (rc == 0)
        (void)printf("Directory: %d townships, %d communities, %d grids, %zu categories, %d organs; %d rows new or changed\n",
                     c->ntowns, c->ncommunities, c->ngrids, demo_categories_len, c->norgans, changed);
    return rc;
}

static int load_accounts(struct link *l, struct err *e)
{
    const char *login;
    const char *password;
    const char *demo_password;
    int rc = from_environment("WANGGE_DEMO_SECADMIN", &login, e);
    if (rc == 0)
        rc = from_environment("WANGGE_DEMO_SECADMIN_PASSWORD", &password, e);
    if (rc == 0)
        rc = from_environment("WANGGE_DEMO_PASSWORD", &demo_password, e);
    if (rc == 0)
        rc = link_login(l, login, password, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < demo_accounts_len && rc == 0; i++) {
        Wangge__V1__CreateAccountRequest req = WANGGE__V1__CREATE_ACCOUNT_REQUEST__INIT;
        req.login = (char *)demo_accounts[i].login;
        req.name = (char *)demo_accounts[i].name;
        req.role = demo_accounts[i].role;
        req.region_code = (char *)demo_accounts[i].region_code;
        req.organ_code = (char *)demo_accounts[i].organ_code;
        req.password = (char *)demo_password;
        req.keep_password = true; /* the demonstration prints it */
        rc = link_call(l, &methods_create_account, &req.base, NULL, NULL, e);
        if (rc < 0)
            err_detail(e, "account %s", demo_accounts[i].login);
    }
    link_logout(l);
    if (rc == 0)
        (void)printf("Accounts: %zu\n", demo_accounts_len);
    return rc;
}

static int load_history(struct link *l, const struct demo_history *h, size_t first, struct history_load_result *r,
                        struct err *e)
{
    const char *password;
    int rc = from_environment("WANGGE_DEMO_PASSWORD", &password, e);
    if (rc == 0)
        rc = link_login(l, DEMO_INTEGRATION_LOGIN, password, e);
    if (rc < 0)
        return rc;
    rc = history_load(l, h, first, r, e);
    link_logout(l);
    long ms = (long)(r->elapsed_us / 1000);
    (void)printf("History: %zu cases with %zu events in %ld.%ld s; %zu imported, %zu there already, %zu failed\n",
                 r->imported + r->replayed + r->failed, r->events, ms / 1000, ms % 1000 / 100, r->imported, r->replayed,
                 r->failed);
    for (int i = 0; i < r->nerrors; i++)
        (void)fprintf(stderr, "wangge-demo: %s\n", r->errors[i]);
    if (rc < 0) {
        size_t answered = first + r->imported + r->replayed + r->failed;
        (void)fprintf(stderr, "wangge-demo: Stopped after item %zu; \"wangge-demo load --from %zu\" goes on there.\n", answered,
                      answered + 1);
    }
    return rc;
}

int load_run(const struct client_config *cfg, const struct load_options *opts)
{
    struct err e = {0};
    struct link l = {0};
    struct history_load_result result = {0};
    struct demo_history *h = NULL;
    struct demo_city *c = demo_city_create(DEMO_SEED, &e);
    int rc = c ? 0 : e.code;
    if (rc == 0)
        rc = link_open(&l, cfg, &e);
    if (rc == 0 && !opts->skip_directory)
        rc = load_directory(&l, c, &e);
    if (rc == 0 && !opts->skip_accounts)
        rc = load_accounts(&l, &e);
    if (rc == 0 && !opts->skip_history) {
        h = demo_history_create(c, DEMO_SEED, demo_years, DEMO_YEARS, &e);
        rc = h ? 0 : e.code;
        if (rc == 0 && opts->from > demo_history_len(h))
            rc = err_set(&e, ERR_INVALID, "The history has only %zu items; --from must not be more.", demo_history_len(h));
        if (rc == 0)
            rc = load_history(&l, h, opts->from ? opts->from - 1 : 0, &result, &e);
    }
    link_close(&l);
    demo_history_destroy(h);
    demo_city_destroy(c);
    if (rc < 0) {
        (void)fprintf(stderr, "wangge-demo: %s%s%s%s\n", e.text, e.detail[0] ? " (" : "", e.detail, e.detail[0] ? ")" : "");
        return rc == ERR_INVALID ? EX_USAGE : rc == ERR_UNAVAILABLE ? EX_UNAVAILABLE : EXIT_FAILURE;
    }
    return result.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
