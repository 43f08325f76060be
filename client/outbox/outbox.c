/* SPDX-License-Identifier: MIT */
/* Opening, schema, drafts and counts. The operations are in outbox_entry.c. */
#include "client/outbox/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "client/outbox/outbox_store.h"
#include "common/base/text.h"

#define KEEP_DELIVERED (30 * 24 * 3600 * USEC_PER_SEC)

/* Another program holds the file for as long as one flush takes; on a slow disk with company that has been seconds. */
enum { BUSY_MS = 10000, WAL_TRIES = 100, WAL_PAUSE_MS = 50, DEFAULT_MAX_MB = 256 };

/* migrations[i] leads from user_version i to i + 1. Frozen once released. */
static const char *const migrations[] = {
    "create table draft ("
    "  id integer primary key autoincrement,"
    "  account text not null,"
    "  kind text not null,"
    "  body blob not null,"
    "  updated_us integer not null"
    ") strict;"
    "create table entry ("
    "  seq integer primary key autoincrement,"
    "  op_id text not null unique,"
    "  account text not null,"
    "  case_id text not null,"
    "  op text not null check (op in ('submit', 'act', 'note')),"
    "  base_version integer not null,"
    "  request blob not null,"
    "  state text not null check (state in ('queued', 'sending', 'delivered', 'refused', 'conflict')),"
    "  tries integer not null default 0,"
    "  next_try_us integer not null,"
    "  created_us integer not null,"
    "  updated_us integer not null,"
    "  claimed_by text,"
    "  claim_until_us integer,"
    "  local_number integer not null default 0,"
    "  case_number text not null default '',"
    "  version integer not null default 0,"
    "  error_code integer not null default 0,"
    "  error_text text not null default '',"
    "  error_details blob not null default x'',"
    "  check ((state = 'sending') = (claimed_by is not null))"
    ") strict;"
    "create index entry_case_idx on entry (case_id, seq);"
    "create index entry_open_idx on entry (state, next_try_us) where state <> 'delivered';"
    "create table counter (name text primary key, value integer not null) strict, without rowid;"
    "insert into counter values ('local_number', 0);",
};

enum { SCHEMA_VERSION = sizeof migrations / sizeof *migrations };

int outbox_store_error(struct outbox *o, struct err *e)
{
    int code = sqlite3_extended_errcode(o->_db);
    int rc;
    switch (code & 0xff) {
    case SQLITE_FULL:
        rc = err_set(e, ERR_EXHAUSTED,
                     _("The disk or the outbox is full. What was saved before is kept, this is not saved yet: free space and "
                       "try again."));
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        rc = err_set(e, ERR_UNAVAILABLE, _("Another program holds the outbox; try again."));
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        rc = err_set(e, ERR_IO,
                     _("The outbox file is damaged. Move it away and keep it: unsent work may be recovered from it."));
        break;
    case SQLITE_NOMEM:
        rc = err_set(e, ERR_NOMEM, _("Out of memory."));
        break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        rc = err_set(e, ERR_IO, _("The outbox file cannot be written. Check the rights of its folder."));
        break;
    default:
        rc = err_set(e, ERR_IO, _("The outbox could not be used."));
    }
    err_detail(e, "sqlite %d: %s", code, sqlite3_errmsg(o->_db));
    return rc;
}

int outbox_store_exec(struct outbox *o, const char *sql, struct err *e)
{
    return sqlite3_exec(o->_db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : outbox_store_error(o, e);
}

int outbox_store_prepare(struct outbox *o, const char *sql, sqlite3_stmt **ret, struct err *e)
{
    return sqlite3_prepare_v2(o->_db, sql, -1, ret, NULL) == SQLITE_OK ? 0 : outbox_store_error(o, e);
}

int outbox_store_run(struct outbox *o, sqlite3_stmt *st, struct err *e)
{
    int rc = sqlite3_step(st) == SQLITE_DONE ? 0 : outbox_store_error(o, e);
    sqlite3_finalize(st);
    return rc;
}

int outbox_store_begin(struct outbox *o, struct err *e)
{
    /* "immediate": two processes that claim wait for each other instead of failing at the first write. */
    return outbox_store_exec(o, "begin immediate", e);
}

int outbox_store_end(struct outbox *o, int rc, struct err *e)
{
    if (rc == 0)
        rc = outbox_store_exec(o, "commit", e);
    if (rc != 0 && !sqlite3_get_autocommit(o->_db))
        sqlite3_exec(o->_db, "rollback", NULL, NULL, NULL);
    return rc;
}

usec_t outbox_store_now(const struct outbox *o)
{
    return o->_clock->now(o->_clock);
}

static int read_number(struct outbox *o, const char *sql, int64_t *ret, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o, sql, &st, e);
    if (rc)
        return rc;
    if (sqlite3_step(st) == SQLITE_ROW)
        *ret = sqlite3_column_int64(st, 0);
    else
        rc = outbox_store_error(o, e);
    sqlite3_finalize(st);
    return rc;
}

static int migrate(struct outbox *o, struct err *e)
{
    int64_t version = 0;
    int rc = outbox_store_begin(o, e);
    if (rc)
        return rc;
    rc = read_number(o, "pragma user_version", &version, e);
    if (rc == 0 && version > SCHEMA_VERSION)
        rc = err_set(e, ERR_PRECONDITION,
                     _("A newer wangge wrote the outbox (version %d, this one knows %d). Use the newer program."), (int)version,
                     (int)SCHEMA_VERSION);
    for (int64_t v = version; rc == 0 && v < SCHEMA_VERSION; v++) {
        char set[48];
        rc = outbox_store_exec(o, migrations[v], e);
        snprintf(set, sizeof set, "pragma user_version = %" PRId64, v + 1);
        if (rc == 0)
            rc = outbox_store_exec(o, set, e);
    }
    return outbox_store_end(o, rc, e);
}

static int limit_size(struct outbox *o, int64_t max_bytes, struct err *e)
{
    int64_t page = 0;
    char sql[64];
    int rc = read_number(o, "pragma page_size", &page, e);
    if (rc)
        return rc;
    snprintf(sql, sizeof sql, "pragma max_page_count = %" PRId64, max_bytes / (page > 0 ? page : 4096));
    return outbox_store_exec(o, sql, e);
}

/* When the process started, in clock ticks since boot; 0 if there is no such process. With the number it names a process. */
static uint64_t process_start(long pid)
{
    char path[64];
    char text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    char *p = strrchr(text, ')'); /* the name before it may hold anything */
    for (int field = 2; p && field < 22; field++) {
        p = strchr(p + 1, ' ');
    }
    return p ? strtoull(p + 1, NULL, 10) : 0;
}

static bool owner_lives(const char *owner)
{
    char *end;
    long pid = strtol(owner, &end, 10);
    if (pid <= 0 || *end != ':')
        return false;
    uint64_t start = strtoull(end + 1, NULL, 10);
    return start != 0 && process_start(pid) == start;
}

static void on_owner_lives(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const char *owner = argc == 1 ? (const char *)sqlite3_value_text(argv[0]) : NULL;
    sqlite3_result_int(ctx, owner && owner_lives(owner));
}

int outbox_recover(struct outbox *o, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o,
                                  "update entry set state = 'queued', claimed_by = null, claim_until_us = null"
                                  " where state = 'sending' and (claim_until_us < ?1 or not owner_lives(claimed_by))",
                                  &st, e);
    if (rc)
        return rc;
    sqlite3_bind_int64(st, 1, outbox_store_now(o));
    return outbox_store_run(o, st, e);
}

static int prune(struct outbox *o, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o, "delete from entry where state = 'delivered' and updated_us < ?1", &st, e);
    if (rc)
        return rc;
    sqlite3_bind_int64(st, 1, outbox_store_now(o) - KEEP_DELIVERED);
    return outbox_store_run(o, st, e);
}

int outbox_set_account(struct outbox *o, const char *account, struct err *e)
{
    if (strlen(account) >= sizeof o->_account)
        return err_set(e, ERR_INVALID, _("The account's name is too long."));
    text_copy(o->_account, sizeof o->_account, account);
    return 0;
}

/* SQLite does not wait by itself for the lock that this takes when two programs open a new or a crashed outbox at once. */
static int switch_to_wal(struct outbox *o, struct err *e)
{
    int rc = ERR_UNAVAILABLE;
    for (int i = 0; i < WAL_TRIES && rc == ERR_UNAVAILABLE; i++) {
        if (i > 0)
            (void)sqlite3_sleep(WAL_PAUSE_MS);
        rc = outbox_store_exec(o, "pragma journal_mode = wal", e);
    }
    return rc;
}

int outbox_open(const struct outbox_options *opts, struct outbox **ret, struct err *e)
{
    int rc;
    struct outbox *o = calloc(1, sizeof *o);
    if (!o)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    o->_clock = opts->clock ? opts->clock : clock_system();
    rc = outbox_set_account(o, opts->account, e);
    if (rc)
        goto out;
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        rc = err_errno(e, errno, _("The outbox could not be used."));
        goto out;
    }
    snprintf(o->_owner, sizeof o->_owner, "%ld:%" PRIu64 ":%016" PRIx64, (long)getpid(), process_start(getpid()), random);
    /* SQLite gives its side files the rights of the main one, so this one call decides. */
    int fd = open(opts->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        rc = errno == ENOSPC ? err_set(e, ERR_EXHAUSTED, _("The disk is full: the outbox %s cannot be made."), opts->path)
                             : err_errno(e, errno, _("Cannot open the outbox %s."), opts->path);
        goto out;
    }
    close(fd);
    if (sqlite3_open_v2(opts->path, &o->_db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        rc = outbox_store_error(o, e);
        goto out;
    }
    sqlite3_extended_result_codes(o->_db, 1);
    sqlite3_busy_timeout(o->_db, BUSY_MS);
    if (sqlite3_create_function(o->_db, "owner_lives", 1, SQLITE_UTF8, NULL, on_owner_lives, NULL, NULL) != SQLITE_OK) {
        rc = outbox_store_error(o, e);
        goto out;
    }
    /* FULL: what a person saved is on the disk when we say so. */
    rc = outbox_store_exec(o, "pragma synchronous = full; pragma foreign_keys = on", e);
    if (rc == 0)
        rc = switch_to_wal(o, e);
    if (rc == 0)
        rc = limit_size(o, opts->max_bytes > 0 ? opts->max_bytes : (int64_t)DEFAULT_MAX_MB << 20, e);
    if (rc == 0)
        rc = migrate(o, e);
    if (rc == 0)
        rc = outbox_recover(o, e);
    /* A full disk must not keep anybody from seeing what waits here. */
    if (rc == 0 && (rc = prune(o, e)) == ERR_EXHAUSTED)
        rc = 0;
out:
    if (rc) {
        outbox_close(o);
        return rc;
    }
    *ret = o;
    return 0;
}

void outbox_close(struct outbox *o)
{
    if (!o)
        return;
    if (o->_db) {
        sqlite3_stmt *st;
        if (outbox_store_prepare(o,
                                 "update entry set state = 'queued', claimed_by = null, claim_until_us = null"
                                 " where state = 'sending' and claimed_by = ?1",
                                 &st, NULL) == 0) {
            sqlite3_bind_text(st, 1, o->_owner, -1, SQLITE_STATIC);
            if (outbox_store_run(o, st, NULL)) {
                /* The claims end by themselves when this process does. */
            }
        }
        sqlite3_close(o->_db);
    }
    free(o);
}

int outbox_put_draft(struct outbox *o, int64_t *id, const char *kind, const void *body, size_t len, struct err *e)
{
    if (len > OUTBOX_BODY_MAX)
        return err_set(e, ERR_INVALID, _("The draft is larger than %d KiB."), OUTBOX_BODY_MAX / 1024);
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o,
                                  "insert into draft (id, account, kind, body, updated_us) values (?1, ?2, ?3, ?4, ?5)"
                                  " on conflict (id) do update set body = excluded.body, updated_us = excluded.updated_us",
                                  &st, e);
    if (rc)
        return rc;
    if (*id)
        sqlite3_bind_int64(st, 1, *id);
    sqlite3_bind_text(st, 2, o->_account, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 3, kind, -1, SQLITE_STATIC);
    sqlite3_bind_blob(st, 4, len ? body : "", (int)len, SQLITE_STATIC);
    sqlite3_bind_int64(st, 5, outbox_store_now(o));
    rc = outbox_store_run(o, st, e);
    if (rc == 0 && !*id)
        *id = sqlite3_last_insert_rowid(o->_db);
    return rc;
}

int outbox_drop_draft(struct outbox *o, int64_t id, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o, "delete from draft where id = ?1", &st, e);
    if (rc)
        return rc;
    sqlite3_bind_int64(st, 1, id);
    return outbox_store_run(o, st, e);
}

int outbox_each_draft(struct outbox *o, bool (*fn)(void *arg, const struct outbox_draft *d), void *arg, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(
        o, "select id, kind, body, updated_us from draft where account = ?1 order by updated_us desc, id desc", &st, e);
    if (rc)
        return rc;
    sqlite3_bind_text(st, 1, o->_account, -1, SQLITE_STATIC);
    int step;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        struct outbox_draft d = {
            .id = sqlite3_column_int64(st, 0),
            .kind = (const char *)sqlite3_column_text(st, 1),
            .body = sqlite3_column_blob(st, 2),
            .body_len = (size_t)sqlite3_column_bytes(st, 2),
            .updated_at = sqlite3_column_int64(st, 3),
        };
        if (!fn(arg, &d))
            break;
    }
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        rc = outbox_store_error(o, e);
    sqlite3_finalize(st);
    return rc;
}

int outbox_counts(struct outbox *o, struct outbox_counts *ret, struct err *e)
{
    sqlite3_stmt *st;
    *ret = (struct outbox_counts){0};
    int rc = outbox_store_prepare(o,
                                  "select state, account = ?1, count(*) from entry group by 1, 2"
                                  " union all select 'draft', account = ?1, count(*) from draft group by 2",
                                  &st, e);
    if (rc)
        return rc;
    sqlite3_bind_text(st, 1, o->_account, -1, SQLITE_STATIC);
    int step;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        const char *state = (const char *)sqlite3_column_text(st, 0);
        bool mine = sqlite3_column_int(st, 1);
        int64_t n = sqlite3_column_int64(st, 2);
        if (strcmp(state, "draft") == 0) {
            if (mine)
                ret->drafts += n;
            continue;
        }
        for (int s = 0; s < OUTBOX_STATES; s++) {
            if (strcmp(state, outbox_state_word(s)) != 0)
                continue;
            if (mine)
                ret->by_state[s] += n;
            else if (s == OUTBOX_QUEUED || s == OUTBOX_SENDING)
                ret->others += n;
        }
    }
    if (step != SQLITE_DONE)
        rc = outbox_store_error(o, e);
    sqlite3_finalize(st);
    ret->unsent = ret->by_state[OUTBOX_QUEUED] + ret->by_state[OUTBOX_SENDING];
    ret->attention = ret->by_state[OUTBOX_REFUSED] + ret->by_state[OUTBOX_CONFLICT];
    return rc;
}
