/* SPDX-License-Identifier: MIT */
#include "server/store/number_store.h"

#include <stdlib.h>
#include <uthash.h>

#include "server/db/result.h"
#include "server/domain/number.h"
#include "server/domain/region.h"
#include "sql.h"

enum {
    PG_EPOCH_DAY = 10957, /* 2000-01-01 in days since 1970 */
    BLOCK_FIRST = 4,      /* an office logs a few cases a day and county: small gaps after a restart */
    BLOCK_MAX = 512,
    SERIES_MAX = 65536, /* counties x days in memory; an import of many years forgets the idle ones */
};

struct waiter {
    struct waiter *next;
    number_fn fn;
    void *arg;
};

/* The running numbers of one county and day. A lease is under way exactly while waiters is not NULL. */
struct series {
    struct db_write write; /* first */
    UT_hash_handle hh;
    struct number_store *store;
    int64_t key; /* number_series */
    int64_t region;
    int32_t day;
    int32_t next;
    int32_t last;
    int32_t block;
    struct waiter *waiters;
    struct waiter **tail;
};

struct number_store {
    struct db *db;
    struct series *by_key;
};

struct number_store *number_store_create(struct db *db)
{
    struct number_store *s = calloc(1, sizeof *s);
    if (s)
        s->db = db;
    return s;
}

void number_store_destroy(struct number_store *s)
{
    if (!s)
        return;
    struct series *i;
    struct series *next;
    HASH_ITER(hh, s->by_key, i, next)
    {
        HASH_DEL(s->by_key, i);
        free(i);
    }
    free(s);
}

static struct series *find(struct number_store *s, int64_t key)
{
    struct series *i;
    HASH_FIND(hh, s->by_key, &key, sizeof key, i);
    return i;
}

static int64_t hand_out(struct series *i)
{
    int64_t number = 0;
    struct err e;
    if (number_make(i->region, i->day, i->next, &number, &e))
        return 0;
    i->next++;
    return number;
}

bool number_store_take_now(struct number_store *s, int64_t region, int32_t day, int64_t *ret)
{
    struct series *i = find(s, number_series(region, day));
    if (!i || i->waiters || i->next > i->last)
        return false;
    *ret = hand_out(i);
    return *ret != 0;
}

static int pack(struct db_write *const *members, int n, struct db_params *p, struct arena *scratch, struct err *e)
{
    struct db_array *counties = db_array_create(scratch, DB_OID_INT4, n);
    struct db_array *days = db_array_create(scratch, DB_OID_DATE, n);
    struct db_array *sizes = db_array_create(scratch, DB_OID_INT4, n);
    for (int k = 0; k < n; k++) {
        const struct series *i = (const struct series *)members[k];
        db_array_i32(counties, (int32_t)(i->key / 1000000));
        db_array_i32(days, i->day - PG_EPOCH_DAY);
        db_array_i32(sizes, i->block);
    }
    if (db_param_array(p, counties) || db_param_array(p, days) || db_param_array(p, sizes))
        return err_set(e, ERR_NOMEM, "The server is out of memory. Try again.");
    return 0;
}

static const struct db_unit_ops lease_ops = {.stmt = &sql_number_lease, .pack = pack};

static void on_leased(struct db_write *w, const PGresult *res, int row, const struct err *e)
{
    struct series *i = (struct series *)w;
    struct err failed = *e;
    if (!failed.code) {
        i->next = db_get_i32(res, row, 2);
        i->last = db_get_i32(res, row, 3);
    }
    /* Take the list off first: a callback may ask for another number. */
    struct waiter *list = i->waiters;
    i->waiters = NULL;
    i->tail = &i->waiters;
    while (list) {
        struct waiter *next = list->next;
        if (!failed.code && i->next > i->last) {
            /* More came than the block holds: the rest waits for a larger one. */
            i->waiters = list;
            while (*i->tail)
                i->tail = &(*i->tail)->next;
            i->block = i->block * 2 < BLOCK_MAX ? i->block * 2 : BLOCK_MAX;
            if (db_write_submit(i->store->db, &lease_ops, &i->write, &failed) == 0)
                return;
            list = i->waiters;
            i->waiters = NULL;
            i->tail = &i->waiters;
            continue;
        }
        int64_t number = 0;
        if (!failed.code) {
            number = hand_out(i);
            if (number == 0)
                (void)err_set(&failed, ERR_EXHAUSTED, "This county's numbers for the day are used up.");
        }
        list->fn(list->arg, number, &failed);
        free(list);
        list = next;
    }
}

static struct series *series_create(struct number_store *s, int64_t region, int32_t day)
{
    if (HASH_COUNT(s->by_key) >= SERIES_MAX) {
        struct series *i;
        struct series *next;
        HASH_ITER(hh, s->by_key, i, next)
        {
            if (!i->waiters) {
                HASH_DEL(s->by_key, i);
                free(i);
            }
        }
    }
    struct series *i = calloc(1, sizeof *i);
    if (!i)
        return NULL;
    i->store = s;
    i->key = number_series(region, day);
    i->region = region_parent(region, LEVEL_COUNTY);
    i->day = day;
    i->next = 1;
    i->last = 0;
    i->block = BLOCK_FIRST;
    i->tail = &i->waiters;
    i->write.deadline = USEC_NONE;
    i->write.lock_key = (uint64_t)i->key;
    i->write.done = on_leased;
    HASH_ADD(hh, s->by_key, key, sizeof i->key, i);
    return i;
}

int number_store_take(struct number_store *s, int64_t region, int32_t day, number_fn fn, void *arg, struct err *e)
{
    struct series *i = find(s, number_series(region, day));
    if (!i)
        i = series_create(s, region, day);
    struct waiter *w = malloc(sizeof *w);
    if (!i || !w) {
        free(w);
        return err_set(e, ERR_NOMEM, "The server is out of memory. Try again.");
    }
    *w = (struct waiter){.fn = fn, .arg = arg};
    bool under_way = i->waiters != NULL;
    *i->tail = w;
    i->tail = &w->next;
    if (under_way)
        return 0;
    if (i->last > 0)
        i->block = i->block * 2 < BLOCK_MAX ? i->block * 2 : BLOCK_MAX;
    int rc = db_write_submit(s->db, &lease_ops, &i->write, e);
    if (rc) {
        i->waiters = NULL;
        i->tail = &i->waiters;
        free(w);
    }
    return rc;
}
