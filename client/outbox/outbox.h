/* SPDX-License-Identifier: MIT */
/*
 * What a person saved and no server has confirmed: drafts, and operations on their way. One SQLite file, WAL, mode 0600,
 * shared by every wangge of the person; any number of processes may have it open.
 *
 * An operation's id is its request_id, so it may be sent any number of times and happens once. Per case the order of saving
 * is kept; cases do not wait for each other. Claims are transactions: an operation is in the hands of one process at a time,
 * and those of a process that died go back into the queue.
 */
#ifndef WG_CLIENT_OUTBOX_H
#define WG_CLIENT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "wangge/v1/case.pb-c.h"

struct outbox;

enum {
    OUTBOX_BODY_MAX = 64 * 1024, /* bytes of a draft or a packed request */
    OUTBOX_ACCOUNT_MAX = 520,
    OUTBOX_ERROR_MAX = 512,
};

struct outbox_options {
    const char *path;          /* the folder must exist */
    const struct clock *clock; /* NULL: the system's */
    /* Whose operations are enqueued and sent by this handle ("login@server"); others' stay untouched. At most
     * OUTBOX_ACCOUNT_MAX - 1 bytes. */
    const char *account;
    int64_t max_bytes; /* size at which the file is full; 0: 256 MiB */
};

/* Opens or makes the store and brings its schema up to date. ERR_EXHAUSTED: the disk is full; ERR_PRECONDITION: a newer
 * version of the program wrote it. */
int outbox_open(const struct outbox_options *opts, struct outbox **ret, struct err *e) MUST_CHECK;
/* Gives unfinished claims back and closes. Accepts NULL. */
void outbox_close(struct outbox *o);
/* From now on another account (after a login). ERR_INVALID if it is too long. */
int outbox_set_account(struct outbox *o, const char *account, struct err *e) MUST_CHECK;

/* --- Drafts: what is not yet saved by the person. --- */

struct outbox_draft {
    int64_t id;
    const char *kind; /* the form it belongs to, for example "case" */
    const void *body; /* as the form likes it */
    size_t body_len;
    usec_t updated_at;
};

/* Writes a draft; *id 0 makes a new one and receives its id. A draft that was dropped meanwhile is made again under its id. */
int outbox_put_draft(struct outbox *o, int64_t *id, const char *kind, const void *body, size_t len, struct err *e) MUST_CHECK;
int outbox_drop_draft(struct outbox *o, int64_t id, struct err *e) MUST_CHECK;
/* Calls fn for each draft of the account, newest first, until it returns false. The draft is borrowed until fn returns. */
int outbox_each_draft(struct outbox *o, bool (*fn)(void *arg, const struct outbox_draft *d), void *arg,
                      struct err *e) MUST_CHECK;

/* --- Operations. --- */

enum outbox_op { OUTBOX_SUBMIT, OUTBOX_ACT, OUTBOX_NOTE };

enum outbox_state {
    OUTBOX_QUEUED,
    OUTBOX_SENDING,
    OUTBOX_DELIVERED,
    OUTBOX_REFUSED,  /* the server said no: for the person to look at */
    OUTBOX_CONFLICT, /* somebody else was first: for the person to decide */
    OUTBOX_STATES,
};

struct outbox_entry {
    int64_t seq; /* the order of saving; never reused */
    char op_id[37];
    char case_id[37];
    enum outbox_op op;
    enum outbox_state state;
    int64_t base_version;
    const void *request; /* packed SubmitCaseRequest, ActRequest or AddNoteRequest */
    size_t request_len;
    int tries;
    usec_t next_try_at;
    usec_t created_at;
    usec_t updated_at;
    int64_t local_number;    /* N of 本机-N of a submit, 0 of others */
    const char *case_number; /* of a delivered one: the server's number if it told, else "" */
    int error_code;          /* gRPC code of the last failure, 0 if none */
    const char *error_text;
    const void *error_details; /* packed google.rpc.Status, may be empty */
    size_t error_details_len;
    const char *account;
};

struct outbox_enqueue {
    int64_t draft_id; /* dropped in the same transaction; 0: none */
    usec_t hold;      /* not sent before this long from now, so it can be undone */
};

/*
 * Stores an operation durably before it returns. request_id and case_id must be UUIDs; an absent happened_at becomes now.
 * ret (may be NULL) gets its seq, ret_local (may be NULL) N of 本机-N. The same request_id again is no error: the first stays.
 */
int outbox_enqueue_submit(struct outbox *o, const Wangge__V1__SubmitCaseRequest *req, const struct outbox_enqueue *opts,
                          int64_t *ret, int64_t *ret_local, struct err *e) MUST_CHECK;
/* expected_version is the newest version known from the server; events of own operations still pending on the case are added.
 */
int outbox_enqueue_act(struct outbox *o, const Wangge__V1__ActRequest *req, const struct outbox_enqueue *opts, int64_t *ret,
                       struct err *e) MUST_CHECK;
int outbox_enqueue_note(struct outbox *o, const Wangge__V1__AddNoteRequest *req, const struct outbox_enqueue *opts,
                        int64_t *ret, struct err *e) MUST_CHECK;

struct outbox_counts {
    int64_t drafts;
    int64_t by_state[OUTBOX_STATES];
    int64_t unsent;    /* queued + sending: what the screen shows as 待发 */
    int64_t attention; /* refused + conflict */
    int64_t others;    /* unsent ones of other accounts on this machine */
};
int outbox_counts(struct outbox *o, struct outbox_counts *ret, struct err *e) MUST_CHECK;

enum { OUTBOX_ALL = 0 };
/* Calls fn for each entry of the account in order of saving until it returns false. states is a mask of 1 << enum
 * outbox_state, OUTBOX_ALL for every state. Entries are borrowed until fn returns; fn must not change the outbox. */
int outbox_list(struct outbox *o, unsigned states, bool (*fn)(void *arg, const struct outbox_entry *entry), void *arg,
                struct err *e) MUST_CHECK;
/* As outbox_list for one entry. ERR_NOT_FOUND. */
int outbox_get(struct outbox *o, int64_t seq, void (*fn)(void *arg, const struct outbox_entry *entry), void *arg,
               struct err *e) MUST_CHECK;
/* Makes a queued, refused or conflicting entry due now (seq 0: all refused and queued ones). *ret_n (may be NULL) gets how
 * many. */
int outbox_retry(struct outbox *o, int64_t seq, int64_t *ret_n, struct err *e) MUST_CHECK;
/* Removes an entry that is not being sent. ERR_NOT_FOUND; ERR_PRECONDITION if it is being sent or others wait behind a submit.
 */
int outbox_drop(struct outbox *o, int64_t seq, struct err *e) MUST_CHECK;

/* --- For whoever sends; the pump does. --- */

/* Takes up to max (at most 64) due operations, one a case, into this handle's hands and calls fn for each after the commit. */
int outbox_claim(struct outbox *o, int max, void (*fn)(void *arg, const struct outbox_entry *entry), void *arg,
                 struct err *e) MUST_CHECK;
/* What became of a claimed operation. */
struct outbox_outcome {
    enum outbox_state state; /* DELIVERED, REFUSED, CONFLICT, or QUEUED to try again later */
    const char *case_number;
    int64_t version;
    int error_code;
    const char *error_text;
    const void *error_details;
    size_t error_details_len;
    int64_t retry_after_ms; /* the server's wish, or 0 */
    bool not_tried;         /* it never left this machine: does not count as a try, is due again in a second */
};
int outbox_finish(struct outbox *o, int64_t seq, const struct outbox_outcome *outcome, struct err *e) MUST_CHECK;
/* When the next queued operation of the account is due; USEC_NONE if there is none. */
int outbox_next_due(struct outbox *o, usec_t *ret, struct err *e) MUST_CHECK;
/* The server is back, or the person logged in: makes due what only waited for that. */
int outbox_hurry(struct outbox *o, struct err *e) MUST_CHECK;
/* Puts operations of dead processes back into the queue; outbox_open does it, a long-running program repeats it. */
int outbox_recover(struct outbox *o, struct err *e) MUST_CHECK;

/* Word of a state or an operation as stored: "queued", "submit". Static. */
const char *outbox_state_word(enum outbox_state s);
const char *outbox_op_word(enum outbox_op op);

#endif
