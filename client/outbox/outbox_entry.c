/* SPDX-License-Identifier: MIT */
/* The operations of the outbox: saved, claimed, finished, listed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "client/outbox/outbox.h"
#include "client/outbox/outbox_store.h"
#include "common/base/failpoint.h"
#include "common/base/text.h"
#include "common/base/uuid.h"

enum {
    CLAIM_MAX = 64,
    BACKOFF_FIRST_S = 1,
    BACKOFF_LAST_S = 300,
};

/* Longer than any call may last; only a claim whose process cannot be seen from here (another container) ends this way. */
#define CLAIM_LEASE (660 * USEC_PER_SEC)

/* Of what never left this machine: soon, but not in a spin. */
#define NOT_TRIED_WAIT USEC_PER_SEC

#define COLUMNS                                                                                                                \
    "seq, op_id, case_id, op, state, base_version, request, tries, next_try_us, created_us, updated_us, local_number,"         \
    " case_number, error_code, error_text, error_details, account"

static const char *const state_words[] = {"queued", "sending", "delivered", "refused", "conflict"};
static const char *const op_words[] = {"submit", "act", "note"};

const char *outbox_state_word(enum outbox_state s)
{
    return state_words[s];
}

const char *outbox_op_word(enum outbox_op op)
{
    return op_words[op];
}

static int word_index(const char *const *words, size_t n, const unsigned char *word)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], (const char *)word) == 0)
            return (int)i;
    return 0; /* a check constraint keeps other words out */
}

static void read_entry(sqlite3_stmt *st, struct outbox_entry *en)
{
    *en = (struct outbox_entry){
        .seq = sqlite3_column_int64(st, 0),
        .op = word_index(op_words, 3, sqlite3_column_text(st, 3)),
        .state = word_index(state_words, OUTBOX_STATES, sqlite3_column_text(st, 4)),
        .base_version = sqlite3_column_int64(st, 5),
        .request = sqlite3_column_blob(st, 6),
        .request_len = (size_t)sqlite3_column_bytes(st, 6),
        .tries = sqlite3_column_int(st, 7),
        .next_try_at = sqlite3_column_int64(st, 8),
        .created_at = sqlite3_column_int64(st, 9),
        .updated_at = sqlite3_column_int64(st, 10),
        .local_number = sqlite3_column_int64(st, 11),
        .case_number = (const char *)sqlite3_column_text(st, 12),
        .error_code = sqlite3_column_int(st, 13),
        .error_text = (const char *)sqlite3_column_text(st, 14),
        .error_details = sqlite3_column_blob(st, 15),
        .error_details_len = (size_t)sqlite3_column_bytes(st, 15),
        .account = (const char *)sqlite3_column_text(st, 16),
    };
    text_copy(en->op_id, sizeof en->op_id, (const char *)sqlite3_column_text(st, 1));
    text_copy(en->case_id, sizeof en->case_id, (const char *)sqlite3_column_text(st, 2));
}

/* Reads one number with one text parameter. */
static int lookup(struct outbox *o, const char *sql, const char *key, bool *ret_found, int64_t *ret, int64_t *ret2,
                  struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o, sql, &st, e);
    if (rc)
        return rc;
    sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
    int step = sqlite3_step(st);
    *ret_found = step == SQLITE_ROW;
    if (step == SQLITE_ROW) {
        *ret = sqlite3_column_int64(st, 0);
        if (ret2)
            *ret2 = sqlite3_column_int64(st, 1);
    } else if (step != SQLITE_DONE) {
        rc = outbox_store_error(o, e);
    }
    sqlite3_finalize(st);
    return rc;
}

static int next_local_number(struct outbox *o, int64_t *ret, struct err *e)
{
    bool found;
    int rc = outbox_store_exec(o, "update counter set value = value + 1 where name = 'local_number'", e);
    return rc ? rc : lookup(o, "select value from counter where name = ?1", "local_number", &found, ret, NULL, e);
}

struct saving {
    enum outbox_op op;
    const char *op_id;
    const char *case_id;
    int64_t base_version;
    const ProtobufCMessage *msg;
    Wangge__V1__ActRequest *act; /* whose expected_version is to be raised, or NULL */
};

static int insert(struct outbox *o, const struct saving *s, const struct outbox_enqueue *opts, int64_t local, int64_t *ret,
                  struct err *e)
{
    size_t len = protobuf_c_message_get_packed_size(s->msg);
    if (len > OUTBOX_BODY_MAX)
        return err_set(e, ERR_INVALID, _("The entry is larger than %d KiB."), OUTBOX_BODY_MAX / 1024);
    uint8_t *body = malloc(len + 1);
    if (!body)
        return err_set(e, ERR_NOMEM, _("Out of memory."));
    protobuf_c_message_pack(s->msg, body);
    usec_t now = outbox_store_now(o);
    sqlite3_stmt *st;
    int rc =
        outbox_store_prepare(o,
                             "insert into entry (op_id, account, case_id, op, base_version, request, state, next_try_us,"
                             " created_us, updated_us, local_number) values (?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7, ?8, ?8, ?9)",
                             &st, e);
    if (rc)
        goto out;
    sqlite3_bind_text(st, 1, s->op_id, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, o->_account, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 3, s->case_id, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 4, op_words[s->op], -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 5, s->base_version);
    sqlite3_bind_blob(st, 6, body, (int)len, SQLITE_STATIC);
    sqlite3_bind_int64(st, 7, now + (opts ? opts->hold : 0));
    sqlite3_bind_int64(st, 8, now);
    sqlite3_bind_int64(st, 9, local);
    rc = outbox_store_run(o, st, e);
    if (rc == 0)
        *ret = sqlite3_last_insert_rowid(o->_db);
out:
    free(body);
    return rc;
}

static int save(struct outbox *o, struct saving *s, const struct outbox_enqueue *opts, int64_t *ret, int64_t *ret_local,
                struct err *e)
{
    struct uuid id;
    int64_t seq = 0, local = 0, pending = 0;
    bool found = false;
    if (!uuid_parse(s->op_id, &id))
        return err_field(e, ERR_INVALID, "request_id", _("The operation's id is not a UUID."));
    if (!uuid_parse(s->case_id, &id))
        return err_field(e, ERR_INVALID, "case_id", _("The case's id is not a UUID."));
    int rc = outbox_store_begin(o, e);
    if (rc)
        return rc;
    rc = lookup(o, "select seq, local_number from entry where op_id = ?1", s->op_id, &found, &seq, &local, e);
    if (rc == 0 && !found) {
        if (s->op == OUTBOX_SUBMIT)
            rc = next_local_number(o, &local, e);
        if (rc == 0 && s->act) {
            /* Each pending operation of ours will have made one event by the time this one is sent. */
            bool any;
            rc = lookup(o, "select count(*) from entry where case_id = ?1 and state in ('queued', 'sending')", s->case_id, &any,
                        &pending, NULL, e);
            s->act->expected_version += pending;
            s->base_version = s->act->expected_version;
        }
        if (rc == 0)
            rc = insert(o, s, opts, local, &seq, e);
    }
    if (rc == 0 && opts && opts->draft_id)
        rc = outbox_drop_draft(o, opts->draft_id, e);
    FAILPOINT("outbox.inserted");
    rc = outbox_store_end(o, rc, e);
    FAILPOINT("outbox.enqueued");
    if (rc == 0 && ret)
        *ret = seq;
    if (rc == 0 && ret_local)
        *ret_local = local;
    return rc;
}

/* "Absent means now" would mean the moment of delivery: say when it was saved. */
static Google__Protobuf__Timestamp *stamp(const struct outbox *o, Google__Protobuf__Timestamp *given,
                                          Google__Protobuf__Timestamp *room)
{
    if (given)
        return given;
    usec_t now = outbox_store_now(o);
    google__protobuf__timestamp__init(room);
    room->seconds = now / USEC_PER_SEC;
    room->nanos = (int32_t)(now % USEC_PER_SEC) * 1000;
    return room;
}

int outbox_enqueue_submit(struct outbox *o, const Wangge__V1__SubmitCaseRequest *req, const struct outbox_enqueue *opts,
                          int64_t *ret, int64_t *ret_local, struct err *e)
{
    Wangge__V1__SubmitCaseRequest copy = *req;
    Google__Protobuf__Timestamp room;
    copy.happened_at = stamp(o, req->happened_at, &room);
    struct saving s = {.op = OUTBOX_SUBMIT, .op_id = req->request_id, .case_id = req->case_id, .msg = &copy.base};
    return save(o, &s, opts, ret, ret_local, e);
}

int outbox_enqueue_act(struct outbox *o, const Wangge__V1__ActRequest *req, const struct outbox_enqueue *opts, int64_t *ret,
                       struct err *e)
{
    Wangge__V1__ActRequest copy = *req;
    Google__Protobuf__Timestamp room;
    copy.happened_at = stamp(o, req->happened_at, &room);
    struct saving s = {.op = OUTBOX_ACT, .op_id = req->request_id, .case_id = req->case_id, .msg = &copy.base, .act = &copy};
    return save(o, &s, opts, ret, NULL, e);
}

int outbox_enqueue_note(struct outbox *o, const Wangge__V1__AddNoteRequest *req, const struct outbox_enqueue *opts,
                        int64_t *ret, struct err *e)
{
    Wangge__V1__AddNoteRequest copy = *req;
    Google__Protobuf__Timestamp room;
    copy.happened_at = stamp(o, req->happened_at, &room);
    struct saving s = {.op = OUTBOX_NOTE, .op_id = req->request_id, .case_id = req->case_id, .msg = &copy.base};
    return save(o, &s, opts, ret, NULL, e);
}

/*
 * What an operation waits for: earlier ones on the same case that are not through. Behind one that was refused or conflicts a
 * further action would act on a case that is not what the person thought; a note is harmless, unless the case itself is
 * missing.
 */
#define NOT_BLOCKED                                                                                                            \
    " not exists (select 1 from entry p where p.case_id = e.case_id and p.seq < e.seq"                                         \
    "   and (p.account = e.account or p.op = 'submit')"                                                                        \
    "   and (p.state in ('queued', 'sending')"                                                                                 \
    "     or (p.state in ('refused', 'conflict') and (p.op = 'submit' or e.op <> 'note'))))"

static int choose(struct outbox *o, int max, int64_t *seqs, int *ret_n, struct err *e)
{
    sqlite3_stmt *st;
    int n = 0;
    int rc = outbox_store_prepare(
        o,
        "select seq from entry e where state = 'queued' and next_try_us <= ?1 and account = ?2 and" NOT_BLOCKED
        " order by seq limit ?3",
        &st, e);
    if (rc)
        return rc;
    sqlite3_bind_int64(st, 1, outbox_store_now(o));
    sqlite3_bind_text(st, 2, o->_account, -1, SQLITE_STATIC);
    sqlite3_bind_int(st, 3, max);
    int step;
    while ((step = sqlite3_step(st)) == SQLITE_ROW)
        seqs[n++] = sqlite3_column_int64(st, 0);
    if (step != SQLITE_DONE)
        rc = outbox_store_error(o, e);
    sqlite3_finalize(st);
    *ret_n = n;
    return rc;
}

static int mark_claimed(struct outbox *o, int64_t seq, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o,
                                  "update entry set state = 'sending', tries = tries + 1, claimed_by = ?2, claim_until_us = ?3,"
                                  " updated_us = ?4 where seq = ?1",
                                  &st, e);
    if (rc)
        return rc;
    sqlite3_bind_int64(st, 1, seq);
    sqlite3_bind_text(st, 2, o->_owner, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 3, outbox_store_now(o) + CLAIM_LEASE);
    sqlite3_bind_int64(st, 4, outbox_store_now(o));
    return outbox_store_run(o, st, e);
}

int outbox_claim(struct outbox *o, int max, void (*fn)(void *arg, const struct outbox_entry *entry), void *arg, struct err *e)
{
    int64_t seqs[CLAIM_MAX];
    int n = 0;
    int rc = outbox_store_begin(o, e);
    if (rc)
        return rc;
    rc = choose(o, max < CLAIM_MAX ? max : CLAIM_MAX, seqs, &n, e);
    for (int i = 0; rc == 0 && i < n; i++)
        rc = mark_claimed(o, seqs[i], e);
    rc = outbox_store_end(o, rc, e);
    if (n > 0)
        FAILPOINT("outbox.claimed");
    for (int i = 0; rc == 0 && i < n; i++)
        rc = outbox_get(o, seqs[i], fn, arg, e);
    return rc;
}

/* Exponential, with half of it left to chance so that many clients do not come back together. */
static usec_t backoff(int tries, int64_t at_least_ms)
{
    int64_t s = BACKOFF_LAST_S;
    if (tries < 9)
        s = (int64_t)BACKOFF_FIRST_S << (tries > 0 ? tries - 1 : 0);
    if (s > BACKOFF_LAST_S)
        s = BACKOFF_LAST_S;
    uint32_t r = 0;
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r)
        r = UINT32_MAX / 2;
    usec_t wait = s * USEC_PER_SEC / 2 + (usec_t)((double)(s * USEC_PER_SEC / 2) * ((double)r / (double)UINT32_MAX));
    return wait < at_least_ms * 1000 ? at_least_ms * 1000 + wait / 4 : wait;
}

int outbox_finish(struct outbox *o, int64_t seq, const struct outbox_outcome *out, struct err *e)
{
    sqlite3_stmt *st;
    int tries = 0;
    usec_t now = outbox_store_now(o);
    int rc = outbox_store_begin(o, e);
    if (rc)
        return rc;
    rc = outbox_store_prepare(o, "select tries from entry where seq = ?1", &st, e);
    if (rc)
        goto out;
    sqlite3_bind_int64(st, 1, seq);
    if (sqlite3_step(st) == SQLITE_ROW)
        tries = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    /* A confirmed delivery is a fact whoever holds the claim by now; anything else counts only from the holder. */
    rc = outbox_store_prepare(
        o,
        "update entry set state = ?2, tries = tries - ?11, claimed_by = null, claim_until_us = null, updated_us = ?3, "
        "next_try_us = ?4,"
        " case_number = ?5, version = ?6, error_code = ?7, error_text = ?8, error_details = ?9"
        " where seq = ?1 and state <> 'delivered' and (?2 = 'delivered' or (state = 'sending' and claimed_by = ?10))",
        &st, e);
    if (rc)
        goto out;
    char text[OUTBOX_ERROR_MAX];
    text_copy(text, sizeof text, out->error_text ? out->error_text : "");
    sqlite3_bind_int64(st, 1, seq);
    sqlite3_bind_text(st, 2, state_words[out->state], -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 3, now);
    bool again = out->state == OUTBOX_QUEUED;
    usec_t wait = out->not_tried ? NOT_TRIED_WAIT : backoff(tries, out->retry_after_ms);
    sqlite3_bind_int64(st, 4, again ? now + wait : now);
    sqlite3_bind_text(st, 5, out->case_number ? out->case_number : "", -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 6, out->version);
    sqlite3_bind_int(st, 7, out->error_code);
    sqlite3_bind_text(st, 8, text, -1, SQLITE_STATIC);
    bool keep_details = out->error_details_len > 0 && out->error_details_len <= OUTBOX_BODY_MAX;
    sqlite3_bind_blob(st, 9, keep_details ? out->error_details : "", keep_details ? (int)out->error_details_len : 0,
                      SQLITE_STATIC);
    sqlite3_bind_text(st, 10, o->_owner, -1, SQLITE_STATIC);
    sqlite3_bind_int(st, 11, again && out->not_tried);
    rc = outbox_store_run(o, st, e);
out:
    return outbox_store_end(o, rc, e);
}

int outbox_hurry(struct outbox *o, struct err *e)
{
    sqlite3_stmt *st;
    /* UNAVAILABLE and UNAUTHENTICATED: what they waited for may have come. An entry held for undoing has no error yet. */
    int rc = outbox_store_prepare(o,
                                  "update entry set next_try_us = ?2 where account = ?1 and state = 'queued'"
                                  " and error_code in (14, 16) and next_try_us > ?2",
                                  &st, e);
    if (rc)
        return rc;
    sqlite3_bind_text(st, 1, o->_account, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, outbox_store_now(o));
    return outbox_store_run(o, st, e);
}

int outbox_next_due(struct outbox *o, usec_t *ret, struct err *e)
{
    bool found;
    int64_t due = 0;
    int rc = lookup(o,
                    "select next_try_us from entry e where state = 'queued' and account = ?1 and" NOT_BLOCKED
                    " order by next_try_us limit 1",
                    o->_account, &found, &due, NULL, e);
    *ret = rc == 0 && found ? due : USEC_NONE;
    return rc;
}

int outbox_list(struct outbox *o, unsigned states, bool (*fn)(void *arg, const struct outbox_entry *entry), void *arg,
                struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o, "select " COLUMNS " from entry where account = ?1 order by seq", &st, e);
    if (rc)
        return rc;
    sqlite3_bind_text(st, 1, o->_account, -1, SQLITE_STATIC);
    int step;
    while ((step = sqlite3_step(st)) == SQLITE_ROW) {
        struct outbox_entry en;
        read_entry(st, &en);
        if ((states == OUTBOX_ALL || (states & 1u << en.state) != 0) && !fn(arg, &en))
            break;
    }
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        rc = outbox_store_error(o, e);
    sqlite3_finalize(st);
    return rc;
}

int outbox_get(struct outbox *o, int64_t seq, void (*fn)(void *arg, const struct outbox_entry *entry), void *arg, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o, "select " COLUMNS " from entry where seq = ?1", &st, e);
    if (rc)
        return rc;
    sqlite3_bind_int64(st, 1, seq);
    int step = sqlite3_step(st);
    if (step == SQLITE_ROW) {
        struct outbox_entry en;
        read_entry(st, &en);
        fn(arg, &en);
    } else if (step == SQLITE_DONE) {
        rc = err_set(e, ERR_NOT_FOUND, _("There is no entry %" PRId64 " in the outbox."), seq);
    } else {
        rc = outbox_store_error(o, e);
    }
    sqlite3_finalize(st);
    return rc;
}

int outbox_retry(struct outbox *o, int64_t seq, int64_t *ret_n, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_prepare(o,
                                  "update entry set state = 'queued', next_try_us = ?3, updated_us = ?3 where account = ?2"
                                  " and ((?1 = 0 and state in ('queued', 'refused'))"
                                  "   or (seq = ?1 and state in ('queued', 'refused', 'conflict')))",
                                  &st, e);
    if (rc)
        return rc;
    sqlite3_bind_int64(st, 1, seq);
    sqlite3_bind_text(st, 2, o->_account, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 3, outbox_store_now(o));
    rc = outbox_store_run(o, st, e);
    int n = sqlite3_changes(o->_db);
    if (rc == 0 && ret_n)
        *ret_n = n;
    if (rc == 0 && seq && n == 0)
        return err_set(e, ERR_NOT_FOUND, _("Entry %" PRId64 " does not wait to be sent."), seq);
    return rc;
}

int outbox_drop(struct outbox *o, int64_t seq, struct err *e)
{
    sqlite3_stmt *st;
    int rc = outbox_store_begin(o, e);
    if (rc)
        return rc;
    rc = outbox_store_prepare(
        o,
        "select state = 'sending', op = 'submit' and state <> 'delivered' and exists (select 1 from entry n"
        " where n.case_id = e.case_id and n.seq > e.seq and n.state <> 'delivered')"
        " from entry e where seq = ?1 and account = ?2",
        &st, e);
    if (rc)
        goto out;
    sqlite3_bind_int64(st, 1, seq);
    sqlite3_bind_text(st, 2, o->_account, -1, SQLITE_STATIC);
    int step = sqlite3_step(st);
    if (step == SQLITE_DONE)
        rc = err_set(e, ERR_NOT_FOUND, _("There is no entry %" PRId64 " in the outbox."), seq);
    else if (step != SQLITE_ROW)
        rc = outbox_store_error(o, e);
    else if (sqlite3_column_int(st, 0))
        rc = err_set(e, ERR_PRECONDITION, _("Entry %" PRId64 " is being sent; it can no longer be dropped."), seq);
    else if (sqlite3_column_int(st, 1))
        rc = err_set(e, ERR_PRECONDITION, _("Other entries wait for the case of entry %" PRId64 "; drop them first."), seq);
    sqlite3_finalize(st);
    if (rc)
        goto out;
    rc = outbox_store_prepare(o, "delete from entry where seq = ?1", &st, e);
    if (rc)
        goto out;
    sqlite3_bind_int64(st, 1, seq);
    rc = outbox_store_run(o, st, e);
out:
    return outbox_store_end(o, rc, e);
}
