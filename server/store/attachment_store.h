/* SPDX-License-Identifier: MIT */
/*
 * Files of cases in the database: begun, received chunk by chunk, finished, read. Called by the attachment service. Every
 * function starts one statement and returns its error if it could not; otherwise fn is called once, from the loop.
 */
#ifndef WG_STORE_ATTACHMENT_STORE_H
#define WG_STORE_ATTACHMENT_STORE_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/uuid.h"
#include "server/db/db.h"
#include "server/domain/media.h"
#include "server/domain/types.h"

enum { ATTACHMENT_CHUNK_MAX = 256 * 1024, ATTACHMENT_NAME_MAX = 120, ATTACHMENT_HASH_SIZE = 32, ATTACHMENT_LIST_MAX = 100 };

/* What an uploader says of a file. Texts are borrowed until the starting function returns. */
struct attachment_header {
    struct uuid id;
    struct uuid case_id;
    int64_t grid; /* 0: the case does not exist yet */
    struct uuid uploader;
    const char *uploader_name;
    enum role uploader_role;
    const char *name;
    int32_t size; /* as sent */
    uint8_t sha256[ATTACHMENT_HASH_SIZE];
};

/* An attachment as it is. */
struct attachment_row {
    struct uuid id;
    struct uuid case_id;
    int64_t grid;
    struct uuid uploader;
    const char *uploader_name;
    enum role uploader_role;
    const char *name;
    enum media_kind kind;
    int32_t size;
    uint8_t sha256[ATTACHMENT_HASH_SIZE];
    struct media_facts facts; /* without orientation */
    usec_t uploaded_at;
    bool complete;
    int32_t received;
    int64_t event_version; /* 0: evidence of no step */
    bool reused;
};

/* received: bytes that are durable. same is false if the id was begun with another header. */
typedef void (*attachment_begin_fn)(void *arg, int32_t received, bool complete, bool same, const struct err *e);
int attachment_store_begin(struct db *db, struct arena *a, const struct attachment_header *h, usec_t now, usec_t deadline,
                           attachment_begin_fn fn, void *arg, struct err *e) MUST_CHECK;

/* count: rows affected (chunk and finish: 1, or 0 if somebody else was faster; claim: how many could be claimed). */
typedef void (*attachment_done_fn)(void *arg, int count, const struct err *e);
int attachment_store_chunk(struct db *db, struct arena *a, const struct uuid *id, int32_t offset, const void *data, size_t len,
                           usec_t deadline, attachment_done_fn fn, void *arg, struct err *e) MUST_CHECK;
int attachment_store_finish(struct db *db, struct arena *a, const struct uuid *id, enum media_kind kind,
                            const struct media_facts *facts, const uint8_t sha256[ATTACHMENT_HASH_SIZE], const void *data,
                            size_t len, usec_t deadline, attachment_done_fn fn, void *arg, struct err *e) MUST_CHECK;
int attachment_store_discard(struct db *db, struct arena *a, const struct uuid *id, usec_t deadline, attachment_done_fn fn,
                             void *arg, struct err *e) MUST_CHECK;
/* Makes n attachments of a case the evidence of a request about to be written. */
int attachment_store_claim(struct db *db, struct arena *a, const struct uuid *ids, int n, const struct uuid *case_id,
                           int64_t grid, const struct uuid *request_id, usec_t deadline, attachment_done_fn fn, void *arg,
                           struct err *e) MUST_CHECK;

/* data is the bytes as sent, borrowed until fn returns; NULL on failure. */
typedef void (*attachment_bytes_fn)(void *arg, int32_t offset, const void *data, size_t len, const struct err *e);
/* Appends what was sent to out, then calls fn with it. */
int attachment_store_sent(struct db *db, struct arena *a, const struct uuid *id, struct buf *out, usec_t deadline,
                          attachment_bytes_fn fn, void *arg, struct err *e) MUST_CHECK;
/* The kept chunk that holds an offset: its own offset and bytes; len 0: there is none. */
int attachment_store_read(struct db *db, const struct db_scope *scope, struct arena *a, const struct uuid *id, int32_t offset,
                          usec_t deadline, attachment_bytes_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Rows live in the arena. n is 0 if there are none. */
typedef void (*attachment_rows_fn)(void *arg, const struct attachment_row *rows, int n, const struct err *e);
int attachment_store_get(struct db *db, const struct db_scope *scope, struct arena *a, const struct uuid *id, usec_t deadline,
                         attachment_rows_fn fn, void *arg, struct err *e) MUST_CHECK;
int attachment_store_list(struct db *db, const struct db_scope *scope, struct arena *a, const struct uuid *case_id,
                          usec_t deadline, attachment_rows_fn fn, void *arg, struct err *e) MUST_CHECK;
/* How many whole ones a case has; 0 with an error. */
typedef void (*attachment_count_fn)(void *arg, int n, const struct err *e);
int attachment_store_count(struct db *db, const struct db_scope *scope, struct arena *a, const struct uuid *case_id,
                           usec_t deadline, attachment_count_fn fn, void *arg, struct err *e) MUST_CHECK;

#endif
