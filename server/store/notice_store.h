/* SPDX-License-Identifier: MIT */
/*
 * Notices in the database. The background half turns events into notices, each page of the feed exactly once however many
 * workers are at it: a page is written together with the move of the position from where it began, or not at all. The reading
 * half serves the inbox and the watchers. Called by the notice roll, the inbox services and the notice feed.
 */
#ifndef WG_STORE_NOTICE_STORE_H
#define WG_STORE_NOTICE_STORE_H

#include "server/db/db.h"
#include "server/domain/notice.h"
#include "server/domain/policy.h"

/* --- writing --- */

enum { NOTICE_PAGE_MAX = 2000 }; /* events looked at together */

/* Called once a page: how many events it had (-1: another worker was faster) and how many notices they made. */
typedef void (*notice_roll_fn)(void *arg, int n_events, int n_notices, const struct err *e);
/* Turns the next page of the feed into notices. Never calls back before it returns. Errors as db_query; fn is then not called.
 */
int notice_store_roll(struct db *db, int max_events, notice_roll_fn fn, void *arg, struct err *e) MUST_CHECK;

/* --- reading --- */

/* Whose inbox, and which cases he may see. */
struct notice_reader {
    struct uuid account;
    int32_t organ_id; /* 0: none */
    enum role role;
    int64_t region;
    struct policy_view view;
};
void notice_reader_of(const struct actor *who, struct notice_reader *ret);
/* Whether an audience, as stored, is one the reader belongs to. */
bool notice_reader_is_told(const struct notice_reader *r, const struct uuid *account, int32_t organ_id, int64_t region,
                           uint32_t roles);

/* A notice as its reader may see it. Strings live in the arena. */
struct notice_row {
    int64_t id;
    enum notice_kind kind;
    struct uuid case_id;
    int64_t event_version; /* 0 of a light */
    usec_t at;
    enum approval_kind approval;
    int64_t through_number; /* 0: none */
    int64_t number;
    enum case_state state;
    usec_t due_at; /* of the light's clock, else of the case now */
    const char *description;
    bool is_read;
    enum action action;   /* ACT_NONE of a light */
    struct uuid actor_id; /* nil: nobody, or not to be named */
    const char *actor_name;
    enum role actor_role;
    int32_t actor_organ_id;
    int64_t grid; /* notice_store_since only */
};

struct notice_query {
    int64_t after_id;  /* exclusive; 0: from the first */
    int64_t before_id; /* exclusive; INT64_MAX: to the last */
    uint32_t kinds;    /* bit k: enum notice_kind k */
    bool unread_only;
    int limit;
};
typedef void (*notice_rows_fn)(void *arg, const struct notice_row *rows, int n, const struct err *e);
/* Newest first. */
int notice_store_list(struct db *db, const struct notice_reader *r, const struct notice_query *q, struct arena *a,
                      usec_t deadline, notice_rows_fn fn, void *arg, struct err *e) MUST_CHECK;
/* Oldest first; only after_id and limit of q count. */
int notice_store_since(struct db *db, const struct notice_reader *r, const struct notice_query *q, struct arena *a,
                       usec_t deadline, notice_rows_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Rows of (kind, unread). */
int notice_store_count(struct db *db, const struct notice_reader *r, usec_t deadline, db_result_fn fn, void *arg,
                       struct err *e) MUST_CHECK;
/* One row (changed): these notices are read, or unread again, from now on. ids are borrowed until it returns. */
int notice_store_mark(struct db *db, const struct notice_reader *r, const int64_t *ids, int n, bool read, struct arena *a,
                      usec_t deadline, db_result_fn fn, void *arg, struct err *e) MUST_CHECK;
/* One row (changed): everything up to the notice is read. */
int notice_store_mark_up_to(struct db *db, const struct notice_reader *r, int64_t id, usec_t deadline, db_result_fn fn,
                            void *arg, struct err *e) MUST_CHECK;

#endif
