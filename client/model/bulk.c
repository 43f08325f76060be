/* SPDX-License-Identifier: MIT */
/* Bulk runs; see bulk.h. */
#include "client/model/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/labels.h"
#include "client/model/reply.h"
#include "client/model/rules.h"
#include "client/rpc/methods.h"
#include "common/base/text.h"
#include "common/base/uuid.h"
#include "google/rpc/status.pb-c.h"

enum { TRIES_MAX = 10, AGAIN_S = 1 };

static void open_stream(struct bulk *b);

/* "Which rule says no. Now: state." */
static void take_refusal(struct bulk_item *it, const Google__Rpc__Status *st)
{
    struct reply r;
    char word[LABELS_WORD_MAX];
    size_t len = google__rpc__status__get_packed_size(st);
    uint8_t *packed = malloc(len + 1);
    if (packed)
        google__rpc__status__pack(st, packed);
    reply_init_packed(&r, st->code, st->message, packed, packed ? len : 0);
    const Wangge__V1__CaseConflict *k = r.info.conflict;
    const char *rule = k ? rules_text(k->rule) : NULL;
    if (k)
        snprintf(it->why, sizeof it->why, _("%s Now: %s."), rule ? rule : r.err.text,
                 labels_text(LABELS_STATE, (int)k->state, word));
    else
        text_copy(it->why, sizeof it->why, r.err.text);
    text_trim_partial(it->why);
    reply_fini(&r);
    free(packed);
}

static struct bulk_item *find(struct bulk *b, const Wangge__V1__BulkItem *v)
{
    if (v->position > 0 && (size_t)v->position <= b->n && strcmp(b->items[v->position - 1].case_id, v->case_id) == 0)
        return &b->items[v->position - 1];
    for (size_t i = 0; i < b->n; i++) {
        if (strcmp(b->items[i].case_id, v->case_id) == 0)
            return &b->items[i];
    }
    return NULL;
}

static void take_item(struct bulk *b, const Wangge__V1__BulkItem *v)
{
    struct bulk_item *it = find(b, v);
    b->_after = v->position;
    b->_tries = 0;
    if (!it || it->answered)
        return;
    it->answered = true;
    it->ok = v->result_case == WANGGE__V1__BULK_ITEM__RESULT_OK;
    if (it->ok)
        b->done++;
    else
        b->failed++;
    if (v->result_case == WANGGE__V1__BULK_ITEM__RESULT_ERROR)
        take_refusal(it, v->error);
}

static void on_message(void *arg, const ProtobufCMessage *msg)
{
    struct bulk *b = arg;
    const Wangge__V1__RunBulkResponse *r = (const Wangge__V1__RunBulkResponse *)msg;
    if (r->item_case == WANGGE__V1__RUN_BULK_RESPONSE__ITEM_RESULT)
        take_item(b, r->result);
    else if (r->item_case == WANGGE__V1__RUN_BULK_RESPONSE__ITEM_SUMMARY)
        b->_summed = true;
    b->_changed(b->_arg);
}

static void on_end(void *arg, const ProtobufCMessage *resp, const struct channel_status *st)
{
    struct bulk *b = arg;
    struct reply r;
    b->_call = NULL;
    reply_init(&r, st);
    if (b->_summed) {
        b->phase = BULK_ENDED;
    } else if ((r.silent || st->code == 0) && b->_tries++ < TRIES_MAX) {
        event_add(b->_again, &(struct timeval){.tv_sec = AGAIN_S});
    } else {
        b->phase = BULK_BROKEN;
        b->why = r.err;
    }
    reply_fini(&r);
    b->_changed(b->_arg);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    open_stream(arg);
}

static void fail_nomem(struct bulk *b)
{
    b->phase = BULK_BROKEN;
    err_set(&b->why, ERR_NOMEM, "%s", _("Out of memory."));
}

static void open_stream(struct bulk *b)
{
    Wangge__V1__RunBulkRequest req = WANGGE__V1__RUN_BULK_REQUEST__INIT;
    char **ids = calloc(b->n, sizeof *ids);
    channel_connect(b->_env->channel);
    b->_call = ids ? channel_stream(b->_env->channel, &methods_run_bulk, 0, on_message, on_end, NULL, b) : NULL;
    if (!b->_call) {
        free(ids);
        fail_nomem(b);
        return;
    }
    for (size_t i = 0; i < b->n; i++)
        ids[i] = b->items[i].case_id;
    req.bulk_id = b->_id;
    req.case_ids = ids;
    req.n_case_ids = b->n;
    req.act = b->_act;
    req.dry_run = b->dry;
    req.after_position = b->_after;
    channel_send(b->_call, &req.base);
    channel_half_close(b->_call);
    free(ids);
}

void bulk_start(struct bulk *b, bool dry)
{
    struct uuid u = uuid_v7(b->_env->clock->now(b->_env->clock));
    bulk_stop(b);
    uuid_format(&u, b->_id);
    b->dry = dry;
    b->done = b->failed = 0;
    b->_after = 0;
    for (size_t i = 0; i < b->n; i++) {
        b->items[i].answered = b->items[i].ok = false;
        b->items[i].why[0] = 0;
    }
    bulk_resume(b);
}

void bulk_resume(struct bulk *b)
{
    b->phase = BULK_RUNNING;
    b->_tries = 0;
    b->_summed = false;
    open_stream(b);
}

void bulk_stop(struct bulk *b)
{
    if (b->phase != BULK_RUNNING)
        return;
    channel_forget(b->_call);
    b->_call = NULL;
    event_del(b->_again);
    b->phase = BULK_BROKEN;
    err_set(&b->why, ERR_CANCELLED, "%s", _("Stopped."));
}

int bulk_init(struct bulk *b, const struct model_env *env, const Wangge__V1__ActRequest *act,
              const Wangge__V1__Case *const *cases, size_t n, model_changed_fn changed, void *arg)
{
    memset(b, 0, sizeof *b);
    b->_env = env;
    b->_changed = changed;
    b->_arg = arg;
    b->_act = (Wangge__V1__ActRequest *)model_copy(&act->base);
    b->items = calloc(n, sizeof *b->items);
    b->_again = evtimer_new(env->base, on_again, b);
    if (!b->_act || !b->items || !b->_again) {
        bulk_fini(b);
        return ERR_NOMEM;
    }
    b->n = n;
    for (size_t i = 0; i < n; i++) {
        text_copy(b->items[i].case_id, sizeof b->items[i].case_id, cases[i]->case_id);
        text_copy(b->items[i].number, sizeof b->items[i].number, cases[i]->number);
    }
    return 0;
}

void bulk_fini(struct bulk *b)
{
    if (!b->_env)
        return;
    if (b->_again)
        bulk_stop(b);
    model_free(b->_act);
    free(b->items);
    if (b->_again)
        event_free(b->_again);
    memset(b, 0, sizeof *b);
}
