/* SPDX-License-Identifier: MIT */
/*
 * Parameters and binary arrays as the wire wants them. Called by the store when it starts a statement or packs a unit.
 * Invariant: a parameter list never overflows silently; the starting function refuses it.
 */
#include "server/db/db.h"

#include <stdio.h>
#include <string.h>

#include "server/db/result.h"

void db_params_init(struct db_params *p)
{
    p->n = 0;
    p->_overflow = false;
}

static int next(struct db_params *p)
{
    if (p->n >= DB_MAX_PARAMS) {
        p->_overflow = true;
        return DB_MAX_PARAMS - 1;
    }
    int i = p->n++;
    p->values[i] = NULL;
    p->lengths[i] = 0;
    p->formats[i] = 0;
    return i;
}

void db_param_null(struct db_params *p)
{
    (void)next(p);
}

void db_param_text(struct db_params *p, const char *s)
{
    int i = next(p);
    p->values[i] = s;
    p->lengths[i] = s ? (int)strlen(s) : 0;
}

void db_param_i64(struct db_params *p, int64_t v)
{
    int i = next(p);
    p->lengths[i] = snprintf(p->_num[i], sizeof p->_num[i], "%lld", (long long)v);
    p->values[i] = p->_num[i];
}

void db_param_bool(struct db_params *p, bool v)
{
    int i = next(p);
    p->values[i] = v ? "t" : "f";
    p->lengths[i] = 1;
}

static void put_be(unsigned char *out, uint64_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--, v >>= 8)
        out[i] = (unsigned char)v;
}

void db_param_time(struct db_params *p, usec_t t)
{
    int i = next(p);
    if (t == USEC_NONE)
        return;
    put_be((unsigned char *)p->_num[i], (uint64_t)(t - DB_EPOCH_US), 8);
    p->values[i] = p->_num[i];
    p->lengths[i] = 8;
    p->formats[i] = 1;
}

void db_param_date(struct db_params *p, int32_t day)
{
    int i = next(p);
    clock_format_date(day, p->_num[i]);
    p->values[i] = p->_num[i];
    p->lengths[i] = 10;
}

void db_param_binary(struct db_params *p, const void *data, size_t len)
{
    int i = next(p);
    p->values[i] = data ? data : "";
    p->lengths[i] = (int)len;
    p->formats[i] = 1;
}

/* ndim, flags, element type, length, lower bound; then each element with its own length before it. */
enum { ARRAY_HEADER = 20 };

struct db_array {
    struct arena *arena;
    unsigned char *data;
    size_t len, cap;
    uint32_t elem_oid;
    uint32_t count;
    bool has_null, failed;
};

struct db_array *db_array_create(struct arena *a, uint32_t elem_oid, int n)
{
    struct db_array *arr = arena_zalloc(a, sizeof *arr);
    if (!arr)
        return NULL;
    arr->arena = a;
    arr->elem_oid = elem_oid;
    arr->cap = ARRAY_HEADER + (size_t)(n > 0 ? n : 0) * 12;
    arr->data = arena_alloc(a, arr->cap);
    arr->len = ARRAY_HEADER;
    return arr->data ? arr : NULL;
}

static unsigned char *grow(struct db_array *arr, size_t n)
{
    if (!arr || arr->failed)
        return NULL;
    if (arr->cap - arr->len < n) {
        size_t cap = arr->cap * 2 > arr->len + n ? arr->cap * 2 : arr->len + n;
        unsigned char *data = arena_alloc(arr->arena, cap);
        if (!data) {
            arr->failed = true;
            return NULL;
        }
        memcpy(data, arr->data, arr->len);
        arr->data = data;
        arr->cap = cap;
    }
    unsigned char *at = arr->data + arr->len;
    arr->len += n;
    return at;
}

static void element(struct db_array *arr, uint64_t v, int bytes)
{
    unsigned char *at = grow(arr, 4 + (size_t)bytes);
    if (!at)
        return;
    put_be(at, (uint64_t)bytes, 4);
    put_be(at + 4, v, bytes);
    arr->count++;
}

void db_array_null(struct db_array *arr)
{
    unsigned char *at = grow(arr, 4);
    if (!at)
        return;
    put_be(at, UINT32_MAX, 4);
    arr->count++;
    arr->has_null = true;
}

void db_array_i16(struct db_array *arr, int16_t v)
{
    element(arr, (uint64_t)v, 2);
}

void db_array_i32(struct db_array *arr, int32_t v)
{
    element(arr, (uint64_t)v, 4);
}

void db_array_i64(struct db_array *arr, int64_t v)
{
    element(arr, (uint64_t)v, 8);
}

void db_array_bool(struct db_array *arr, bool v)
{
    element(arr, v, 1);
}

void db_array_time(struct db_array *arr, usec_t t)
{
    if (t == USEC_NONE)
        db_array_null(arr);
    else
        element(arr, (uint64_t)(t - DB_EPOCH_US), 8);
}

void db_array_bytes(struct db_array *arr, const void *data, size_t len)
{
    unsigned char *at = grow(arr, 4 + len);
    if (!at)
        return;
    put_be(at, len, 4);
    if (len > 0)
        memcpy(at + 4, data, len);
    arr->count++;
}

void db_array_text(struct db_array *arr, const char *s)
{
    if (s)
        db_array_bytes(arr, s, strlen(s));
    else
        db_array_null(arr);
}

int db_param_array(struct db_params *p, struct db_array *arr)
{
    if (!arr || arr->failed || arr->len > INT32_MAX)
        return ERR_NOMEM;
    put_be(arr->data, arr->count > 0, 4); /* an empty array has no dimension */
    put_be(arr->data + 4, arr->has_null, 4);
    put_be(arr->data + 8, arr->elem_oid, 4);
    put_be(arr->data + 12, arr->count, 4);
    put_be(arr->data + 16, 1, 4);
    db_param_binary(p, arr->data, arr->count > 0 ? arr->len : 12);
    return 0;
}
