/* SPDX-License-Identifier: MIT */
/*
 * Typed columns of a result, text or binary. Called by the store inside its result callbacks. What a getter returns is
 * borrowed until the callback returns. A null column gives the stated null value; a value of another type than asked for
 * gives it too (the statements are ours, and tests run each of them).
 */
#ifndef WG_DB_RESULT_H
#define WG_DB_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

#include "common/base/clock.h"
#include "common/base/uuid.h"

/* 2000-01-01T00:00:00Z, where PostgreSQL's binary timestamps begin. */
#define DB_EPOCH_US (INT64_C(946684800) * USEC_PER_SEC)

bool db_get_is_null(const PGresult *res, int row, int col);
/* text and varchar in either format. Terminated; NULL if null. */
const char *db_get_text(const PGresult *res, int row, int col);
/* The raw bytes of a binary column (bytea and others); *ret_len 0 and NULL if null. */
const void *db_get_bytes(const PGresult *res, int row, int col, size_t *ret_len);
/* int2, int4, int8. 0 if null. */
int64_t db_get_i64(const PGresult *res, int row, int col);
int32_t db_get_i32(const PGresult *res, int row, int col);
/* False if null. */
bool db_get_bool(const PGresult *res, int row, int col);
/* timestamptz (text in ISO style, UTC session). USEC_NONE if null. */
usec_t db_get_time(const PGresult *res, int row, int col);
/* Days since 1970-01-01 of a date. INT32_MIN if null. */
int32_t db_get_date(const PGresult *res, int row, int col);
/* A binary float8. 0 if null. */
double db_get_f64(const PGresult *res, int row, int col);
/* A list of integers that the statement made text by array_to_string(…, ','): at most max of them into out; how many. 0 if
 * null. */
int db_get_i32_list(const PGresult *res, int row, int col, int32_t *out, int max);
/* The nil UUID if null. */
struct uuid db_get_uuid(const PGresult *res, int row, int col);

#endif
