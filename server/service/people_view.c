/* SPDX-License-Identifier: MIT */
#include "server/service/people_view.h"

#include <string.h>

#define E_NOMEM(e) err_set((e), ERR_NOMEM, "The server is out of memory for this call. Try again.")

int people_decode(const struct service_ctx *ctx, struct arena *a, const struct uuid *case_id, bool confidential,
                  Wangge__V1__Person *const *list, size_t n, struct person_row **ret, struct err *e)
{
    struct person people[PERSON_MAX];
    *ret = NULL;
    if (n == 0)
        return 0;
    if (n > PERSON_MAX)
        return err_field(e, ERR_INVALID, "people", "There are %zu people; at most %d are kept with a case.", n, PERSON_MAX);
    if (!ctx->secret)
        return err_set(e, ERR_PRECONDITION,
                       "This server keeps no people: it has no data key. Ask the operator to set data_key_file.");
    int32_t today = clock_local_day(ctx->clock->now(ctx->clock), BUSINESS_UTC_OFFSET_S);
    for (size_t i = 0; i < n; i++) {
        const Wangge__V1__Person *p = list[i];
        char field[32];
        (void)snprintf(field, sizeof field, "people[%zu].masked", i);
        if (p->masked)
            return err_field(e, ERR_INVALID, field, "%s: a masked person is not taken back. Give the whole values.", field);
        people[i] = (struct person){.kind = (enum person_kind)p->kind,
                                    .name = p->name,
                                    .phone = p->phone,
                                    .id_number = p->id_number,
                                    .address = p->address};
        int rc = person_check(&people[i], (int)i, today, e);
        if (rc)
            return rc;
    }
    return person_seal(ctx->secret, case_id, people, (int)n, confidential, a, ret, e);
}

struct load {
    struct rpc_call *call;
    struct uuid case_id;
    people_load_fn fn;
    void *arg;
};

static void on_rows(void *arg, const struct person_row *rows, int n, const struct err *e)
{
    struct load *l = arg;
    const struct service_ctx *ctx = service_ctx_of(l->call);
    struct arena *a = rpc_arena(l->call);
    struct people people = {.n = n};
    struct person *list = NULL;
    bool *hidden = NULL;
    struct err failed = *e;
    if (!failed.code && n > 0 && !ctx->secret)
        (void)err_set(&failed, ERR_PRECONDITION, "The case has people and this server has no data key. Tell the operator.");
    if (!failed.code && n > 0 && person_open(ctx->secret, &l->case_id, rows, n, a, &list, &failed) == 0) {
        hidden = arena_zalloc(a, (size_t)n * sizeof *hidden);
        if (!hidden)
            (void)E_NOMEM(&failed);
        for (int i = 0; hidden && i < n; i++)
            hidden[i] = rows[i].hidden;
    }
    people.list = list;
    people.hidden = hidden;
    l->fn(l->arg, failed.code ? NULL : &people, &failed);
}

int people_load(struct rpc_call *call, const struct uuid *case_id, people_load_fn fn, void *arg, struct err *e)
{
    struct arena *a = rpc_arena(call);
    struct load *l = arena_alloc(a, sizeof *l);
    if (!l)
        return E_NOMEM(e);
    *l = (struct load){.call = call, .case_id = *case_id, .fn = fn, .arg = arg};
    return people_store_get(service_ctx_of(call)->db, service_scope(call), case_id, a, rpc_deadline(call), on_rows, l, e);
}

/* "" stays the library's empty string. NULL without memory. */
static char *part(struct arena *a, const char *s, void (*mask)(const char *, char *))
{
    size_t len = strlen(s);
    if (len == 0)
        return (char *)protobuf_c_empty_string;
    char *out = arena_alloc(a, len + 4);
    if (out && mask)
        mask(s, out);
    else if (out)
        memcpy(out, s, len + 1);
    return out;
}

int people_show(struct arena *a, const struct people *people, bool masked, bool show_hidden, Wangge__V1__Person ***ret)
{
    int n = 0;
    *ret = NULL;
    if (people->n == 0)
        return 0;
    Wangge__V1__Person **list = arena_alloc(a, (size_t)people->n * sizeof(Wangge__V1__Person *));
    for (int i = 0; list && i < people->n; i++) {
        const struct person *p = &people->list[i];
        if (people->hidden[i] && !show_hidden)
            continue;
        Wangge__V1__Person *v = arena_alloc(a, sizeof *v);
        if (!v)
            return -1;
        wangge__v1__person__init(v);
        v->kind = (Wangge__V1__PersonKind)p->kind;
        v->name = part(a, p->name, masked ? person_mask_name : NULL);
        v->phone = part(a, p->phone, masked ? person_mask_phone : NULL);
        v->id_number = part(a, p->id_number, masked ? person_mask_id : NULL);
        v->address = part(a, p->address, masked ? person_mask_address : NULL);
        v->masked = masked;
        if (!v->name || !v->phone || !v->id_number || !v->address)
            return -1;
        list[n++] = v;
    }
    *ret = list;
    return list ? n : -1;
}
