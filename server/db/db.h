/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL without blocking: a pool of connections ("lanes") on one event loop, libpq in pipeline mode.
 *
 * Read lanes run single prepared statements; many may be in flight on one connection, each with its own Sync.
 * Write lanes commit in groups: while a unit is in flight, arriving writes queue; when it returns, up to max_unit of them
 * go out together as one statement with one Sync. A lone write leaves at once. A write is answered only after its unit's
 * Sync came back.
 *
 * Every callback is called exactly once and never before the starting function returns. What a result points to is borrowed
 * until the callback returns.
 */
#ifndef WG_DB_DB_H
#define WG_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <event2/event.h>
#include <libpq-fe.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/uuid.h"

struct db;
struct db_lane;

/* A statement that is prepared on every connection that uses it. Static, one per file of store/sql. */
struct db_stmt {
    const char *name; /* unique, e.g. "case_get" */
    const char *sql;
    int nparams;        /* at most DB_MAX_PARAMS */
    bool binary_result; /* false: columns come as text; the getters of server/db/result.h read both */
};
enum { DB_MAX_PARAMS = 128 };

/* Parameters, filled left to right. Text values are borrowed until the starting function returns (they are copied to libpq's
 * buffer). */
struct db_params {
    int n;
    const char *values[DB_MAX_PARAMS];
    int lengths[DB_MAX_PARAMS];
    int formats[DB_MAX_PARAMS]; /* 0 text, 1 binary */
    char _num[DB_MAX_PARAMS][24];
    bool _overflow; /* more than DB_MAX_PARAMS were added: the starting function fails */
};
void db_params_init(struct db_params *p);
void db_param_null(struct db_params *p);
void db_param_text(struct db_params *p, const char *s); /* NULL sends null */
void db_param_i64(struct db_params *p, int64_t v);
void db_param_bool(struct db_params *p, bool v);
/* timestamptz, sent in binary: the parameter's type must be timestamptz. USEC_NONE sends null. */
void db_param_time(struct db_params *p, usec_t t);
/* A date, as days since 1970-01-01 (years 1 to 9999). */
void db_param_date(struct db_params *p, int32_t day);
/* Binary value of the parameter's type, e.g. 16 bytes for uuid, a one-dimensional array made with db_array_*. */
void db_param_binary(struct db_params *p, const void *data, size_t len);

/*
 * What rows of cases a read may see. PostgreSQL enforces it by row-level security (schema/grants.sql), whatever the statement
 * says: the second wall behind the service's own checks. Integers and ids only; what is not set sees nothing.
 */
struct db_scope {
    int64_t lo, hi;       /* grid codes, both included */
    int32_t organ_id;     /* 0: any; else lead or co-organ */
    struct uuid reporter; /* nil: any; else reported by this account */
    int32_t source_id;    /* 0: any; else from this source */
    int32_t numbers;      /* how numbers in free texts are shown, so by which a text may be found: 0 masked, 1 masked in
                             confidential cases, 2 as they are (enum policy_numbers) */
};
/* Sees no row of any case: for statements on the directory, accounts, sessions, cells. Costs nothing. */
extern const struct db_scope db_scope_none;
/* Sees every row. For the server's own work only (feed, timers, idempotency); each use says in a comment why. */
extern const struct db_scope db_scope_system;

/* The group roles that schema/roles.sql makes and schema/grants.sql gives what they need, and no more. */
#define DB_READ_ROLE  "wangge_read"
#define DB_WRITE_ROLE "wangge_write"

struct db_config {
    const char *conninfo;               /* libpq connection string; multi-host allowed */
    int read_lanes;                     /* 1..16 */
    int write_lanes;                    /* 1..8 */
    int max_unit;                       /* members of one write unit, 1..1024 */
    int queue_limit;                    /* waiting requests per lane before ERR_EXHAUSTED, 1..65536 */
    int reply_timeout_ms;               /* a server that does not answer for this long is given up (connection replaced);
                                           statement_timeout is a little less, so that a slow statement is told apart */
    const struct db_stmt *const *stmts; /* NULL-terminated; prepared after connect */
    const char *read_role;              /* what read lanes and the listener switch to after login; NULL: nothing */
    const char *write_role;             /* of the write lanes */
    const struct clock *clock;
};

/*
 * Connects in the background and keeps reconnecting (jittered, 50 ms to 2 s). Owned by the caller; cfg is copied, its stmts
 * and clock are borrowed until db_destroy. Host names are resolved by libpq, which blocks: give addresses or a local resolver.
 */
struct db *db_create(struct event_base *base, const struct db_config *cfg, struct err *e);
/*
 * Fails what is queued with ERR_UNAVAILABLE and writes in flight with ERR_UNKNOWN_OUTCOME, closes. Accepts NULL. Not from
 * inside a callback of this db.
 */
void db_destroy(struct db *db);
/* True while at least one read and one write lane are ready and the server gives signs of life. */
bool db_is_ready(const struct db *db);
/* Called on every change of db_is_ready. */
void db_on_ready_change(struct db *db, void (*fn)(void *arg, bool ready), void *arg);
/* Why a connection was last lost or refused (code 0: never). For the log line that goes with a change of readiness. */
void db_get_last_error(const struct db *db, struct err *ret);

/* res is NULL on failure, else PGRES_TUPLES_OK or PGRES_COMMAND_OK; e->code is 0 or what the SQLSTATE maps to (detail has it).
 */
typedef void (*db_result_fn)(void *arg, const PGresult *res, const struct err *e);
/*
 * Runs one statement on the least busy read lane, in a transaction that sees the cases in scope (never NULL) and no others; the
 * scope travels with the statement, without a round trip of its own. deadline is monotonic (USEC_NONE: reply_timeout only); a
 * request still queued then fails with ERR_DEADLINE, one already sent is left to finish and reported as it ends. Returns
 * ERR_EXHAUSTED (queue full), ERR_UNAVAILABLE (no connection), ERR_DEADLINE (over already), ERR_INTERNAL (parameters do not fit
 * the statement) or ERR_NOMEM, and then fn is not called.
 */
int db_query(struct db *db, const struct db_scope *scope, const struct db_stmt *stmt, const struct db_params *p,
             usec_t deadline, db_result_fn fn, void *arg, struct err *e) MUST_CHECK;
/* As db_query on the write lanes, outside any unit (rare writes: sessions, accounts, directory). Autocommit. Row security does
 * not confine what it reads: never answer a caller from it about cases. */
int db_execute(struct db *db, const struct db_stmt *stmt, const struct db_params *p, usec_t deadline, db_result_fn fn,
               void *arg, struct err *e) MUST_CHECK;

/* A statement that goes behind another in the same transaction: both are durable, or neither. Its rows are not looked at. */
struct db_rider {
    const struct db_stmt *stmt;
    const struct db_params *params; /* borrowed until the starting function returns */
};
/* As db_execute with a rider (NULL: none). If either fails, both did, and e says why. */
int db_execute_with(struct db *db, const struct db_stmt *stmt, const struct db_params *p, const struct db_rider *rider,
                    usec_t deadline, db_result_fn fn, void *arg, struct err *e) MUST_CHECK;

/* One member of a write unit; embedded in the store's own struct. */
struct db_write {
    struct db_write *_next;
    const struct db_unit_ops *_ops;
    uint64_t _seq;
    bool _again;       /* running alone after its unit failed */
    usec_t deadline;   /* monotonic; dropped with ERR_DEADLINE if still queued then; USEC_NONE: never */
    uint64_t lock_key; /* members are sent in this order, so two units cannot deadlock */
    /* Exactly once. row is this member's row in res, or -1 when e->code is set. */
    void (*done)(struct db_write *w, const PGresult *res, int row, const struct err *e);
};

/* How a kind of write is packed. Static. */
struct db_unit_ops {
    const struct db_stmt *stmt;
    /*
     * Builds the parameters for n members (sorted by lock_key). Values must stay valid until the function returns to the
     * lane, which copies them; use the scratch arena. The statement must return exactly one row a member whose first column
     * is the member's position 0..n-1 (int4), the second a SQLSTATE ('00000' when it went well).
     */
    int (*pack)(struct db_write *const *members, int n, struct db_params *p, struct arena *scratch, struct err *e);
    /* True: a unit never holds two members with the same lock_key, so that the statement may treat them as a set; the later
     * one waits for the next unit. */
    bool distinct_keys;
};

/*
 * Queues w; the lane is chosen by lock_key so that writes on one case never race each other in this process. A unit holds
 * members of one ops.
 * If a whole unit fails with 40001 or 40P01, or because of one member, its members are run again one by one, once; so is a
 * member whose own row says 40001 or 40P01.
 * A connection lost after the unit was sent: every member gets ERR_UNKNOWN_OUTCOME. A warning at commit counts as that too.
 * Errors as db_query; then done is not called.
 */
int db_write_submit(struct db *db, const struct db_unit_ops *ops, struct db_write *w, struct err *e) MUST_CHECK;

/* Type numbers of PostgreSQL's catalog (pg_type.dat); fixed for ever. */
enum {
    DB_OID_BOOL = 16,
    DB_OID_BYTEA = 17,
    DB_OID_INT8 = 20,
    DB_OID_INT2 = 21,
    DB_OID_INT4 = 23,
    DB_OID_TEXT = 25,
    DB_OID_FLOAT8 = 701,
    DB_OID_DATE = 1082,
    DB_OID_TIMESTAMPTZ = 1184,
    DB_OID_UUID = 2950,
};

/* Binary one-dimensional arrays for pack(); all memory from the arena. NULL without memory. len receives the byte length. */
struct db_array;
struct db_array *db_array_create(struct arena *a, uint32_t elem_oid, int n);
void db_array_null(struct db_array *arr);
void db_array_i16(struct db_array *arr, int16_t v);
void db_array_i32(struct db_array *arr, int32_t v);
void db_array_i64(struct db_array *arr, int64_t v);
void db_array_bool(struct db_array *arr, bool v);
void db_array_time(struct db_array *arr, usec_t t);                      /* timestamptz; USEC_NONE appends null */
void db_array_bytes(struct db_array *arr, const void *data, size_t len); /* uuid, text, bytea */
void db_array_text(struct db_array *arr, const char *s);                 /* NULL appends null */
/* Binds the finished array as the next parameter; ERR_NOMEM if any append failed. */
int db_param_array(struct db_params *p, struct db_array *arr) MUST_CHECK;

/*
 * Listens on a channel over a connection of its own; fn is called for each notification, and once with payload NULL each time
 * listening begins, at first and after every reconnect (something may have been missed). At most 16 channels.
 */
int db_listen(struct db *db, const char *channel, void (*fn)(void *arg, const char *payload), void *arg,
              struct err *e) MUST_CHECK;

/* Counters for metrics. */
struct db_stats {
    uint64_t queries, executes, writes;          /* sent to the server */
    uint64_t units;                              /* write units sent, re-runs included */
    uint64_t unit_retries;                       /* members run again one by one */
    uint64_t reconnects;                         /* connections made again after having been lost */
    uint64_t unknown_outcomes, expired, refused; /* refused: queue full */
    int lanes_ready, read_queued, read_in_flight, write_queued, write_in_flight;
};
void db_get_stats(const struct db *db, struct db_stats *ret);

#endif
