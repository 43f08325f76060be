/* SPDX-License-Identifier: MIT */
#include "server/db/result.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

bool db_get_is_null(const PGresult *res, int row, int col)
{
    return PQgetisnull(res, row, col) != 0;
}

const char *db_get_text(const PGresult *res, int row, int col)
{
    return PQgetisnull(res, row, col) ? NULL : PQgetvalue(res, row, col);
}

const void *db_get_bytes(const PGresult *res, int row, int col, size_t *ret_len)
{
    if (PQgetisnull(res, row, col)) {
        *ret_len = 0;
        return NULL;
    }
    *ret_len = (size_t)PQgetlength(res, row, col);
    return PQgetvalue(res, row, col);
}

/* A big-endian signed integer of 1 to 8 bytes. */
static int64_t get_be(const PGresult *res, int row, int col)
{
    const unsigned char *p = (const unsigned char *)PQgetvalue(res, row, col);
    int len = PQgetlength(res, row, col);
    if (len < 1 || len > 8)
        return 0;
    uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < len; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

int64_t db_get_i64(const PGresult *res, int row, int col)
{
    if (PQgetisnull(res, row, col))
        return 0;
    if (PQfformat(res, col) == 1)
        return get_be(res, row, col);
    int64_t v = 0;
    return text_to_i64(PQgetvalue(res, row, col), INT64_MIN, INT64_MAX, &v) == 0 ? v : 0;
}

int32_t db_get_i32(const PGresult *res, int row, int col)
{
    int64_t v = db_get_i64(res, row, col);
    return v < INT32_MIN || v > INT32_MAX ? 0 : (int32_t)v;
}

int db_get_i32_list(const PGresult *res, int row, int col, int32_t *out, int max)
{
    const char *s = db_get_text(res, row, col);
    int n = 0;
    while (s && *s && n < max) {
        char *end;
        long v = strtol(s, &end, 10);
        if (end == s)
            break;
        out[n++] = (int32_t)v;
        s = *end ? end + 1 : end;
    }
    return n;
}

bool db_get_bool(const PGresult *res, int row, int col)
{
    if (PQgetisnull(res, row, col))
        return false;
    const char *v = PQgetvalue(res, row, col);
    return PQfformat(res, col) == 1 ? v[0] != 0 : v[0] == 't';
}

usec_t db_get_time(const PGresult *res, int row, int col)
{
    if (PQgetisnull(res, row, col))
        return USEC_NONE;
    if (PQfformat(res, col) == 1)
        return get_be(res, row, col) + DB_EPOCH_US;
    /* "2026-11-23 01:40:00.123+00" becomes RFC 3339 with a T and a full offset. */
    char buf[48];
    int n = PQgetlength(res, row, col);
    usec_t t = USEC_NONE;
    if (n < 20 || n > 40)
        return USEC_NONE;
    memcpy(buf, PQgetvalue(res, row, col), (size_t)n + 1);
    buf[10] = 'T';
    if (buf[n - 3] == '+' || buf[n - 3] == '-')
        memcpy(buf + n, ":00", 4);
    return clock_parse_rfc3339(buf, &t) ? t : USEC_NONE;
}

int32_t db_get_date(const PGresult *res, int row, int col)
{
    if (PQgetisnull(res, row, col))
        return INT32_MIN;
    if (PQfformat(res, col) == 1)
        return (int32_t)(get_be(res, row, col) + DB_EPOCH_US / USEC_PER_SEC / 86400);
    int32_t days = INT32_MIN;
    return clock_parse_date(PQgetvalue(res, row, col), &days) ? days : INT32_MIN;
}

double db_get_f64(const PGresult *res, int row, int col)
{
    size_t len;
    const unsigned char *p = db_get_bytes(res, row, col, &len);
    uint64_t bits = 0;
    for (size_t i = 0; p && i < len && i < 8; i++)
        bits = bits << 8 | p[i];
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

struct uuid db_get_uuid(const PGresult *res, int row, int col)
{
    struct uuid u = {{0}};
    if (PQgetisnull(res, row, col))
        return u;
    if (PQfformat(res, col) == 1 && PQgetlength(res, row, col) == (int)sizeof u.bytes)
        memcpy(u.bytes, PQgetvalue(res, row, col), sizeof u.bytes);
    else if (PQfformat(res, col) == 0)
        (void)uuid_parse(PQgetvalue(res, row, col), &u);
    return u;
}
