/* SPDX-License-Identifier: MIT */
/* Delivery through the outbox; see deliver.h. */
#include "client/model/deliver.h"

#include <string.h>

#include "client/model/i18n.h"
#include "common/base/text.h"

/* How long a form waits for the server before it lets go, and how often it looks: the outbox may be emptied by another
 * process, which can tell us only through the file. */
enum { WAIT_MS = 3000, LOOK_MS = 50 };

static void take_entry(void *arg, const struct outbox_entry *e)
{
    struct deliver *d = arg;
    switch (e->state) {
    case OUTBOX_DELIVERED:
        d->state = DELIVER_DONE;
        text_copy(d->number, sizeof d->number, e->case_number);
        break;
    case OUTBOX_REFUSED:
    case OUTBOX_CONFLICT:
        d->state = e->state == OUTBOX_REFUSED ? DELIVER_REFUSED : DELIVER_CONFLICT;
        reply_init_packed(&d->reply, e->error_code, e->error_text, e->error_details, e->error_details_len);
        break;
    case OUTBOX_QUEUED:
        if (e->tries > 0) /* it was tried, and nobody answered */
            d->state = DELIVER_QUEUED;
        break;
    case OUTBOX_SENDING:
    case OUTBOX_STATES:
        break;
    }
}

static void look(struct deliver *d)
{
    struct err e;
    if (d->state == DELIVER_FAILED) {
        d->_changed(d->_arg);
        return;
    }
    int rc = outbox_get(d->_env->outbox, d->seq, take_entry, d, &e);
    if (rc == ERR_NOT_FOUND)
        d->state = DELIVER_DONE; /* delivered and swept, or taken back */
    usec_t now = d->_env->clock->monotonic(d->_env->clock);
    if (d->state == DELIVER_WAITING && now >= d->_deadline)
        d->state = DELIVER_QUEUED;
    if (d->state == DELIVER_WAITING) {
        event_add(d->_timer, &(struct timeval){.tv_usec = LOOK_MS * 1000});
        return;
    }
    if ((d->state == DELIVER_REFUSED || d->state == DELIVER_CONFLICT) && outbox_drop(d->_env->outbox, d->seq, &e) == 0)
        d->seq = 0;
    d->_changed(d->_arg);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    look(arg);
}

static void begin(struct deliver *d, int rc, const struct err *e)
{
    const struct model_env *env = d->_env;
    if (rc != 0) {
        d->state = DELIVER_FAILED;
        d->reply.err = *e;
        event_add(d->_timer, &(struct timeval){0}); /* told from the loop, like every other end */
        return;
    }
    d->state = DELIVER_WAITING;
    int wait = channel_get_state(env->channel) == CHANNEL_BACKOFF ? 0 : WAIT_MS;
    d->_deadline = env->clock->monotonic(env->clock) + wait * INT64_C(1000);
    if (env->kick_outbox)
        env->kick_outbox(env->kick_arg);
    event_add(d->_timer, &(struct timeval){.tv_usec = LOOK_MS * 1000});
}

static int no_outbox(struct err *e)
{
    return err_set(e, ERR_PRECONDITION, "%s",
                   _("Nothing can be saved: the local store could not be opened. See \"wangge doctor\"."));
}

void deliver_submit(struct deliver *d, const Wangge__V1__SubmitCaseRequest *req, int64_t draft_id)
{
    struct err e;
    struct outbox_enqueue opts = {.draft_id = draft_id};
    deliver_reset(d);
    begin(d, d->_env->outbox ? outbox_enqueue_submit(d->_env->outbox, req, &opts, &d->seq, &d->local, &e) : no_outbox(&e), &e);
}

void deliver_act(struct deliver *d, const Wangge__V1__ActRequest *req)
{
    struct err e;
    struct outbox_enqueue opts = {0};
    deliver_reset(d);
    begin(d, d->_env->outbox ? outbox_enqueue_act(d->_env->outbox, req, &opts, &d->seq, &e) : no_outbox(&e), &e);
}

void deliver_note(struct deliver *d, const Wangge__V1__AddNoteRequest *req)
{
    struct err e;
    struct outbox_enqueue opts = {0};
    deliver_reset(d);
    begin(d, d->_env->outbox ? outbox_enqueue_note(d->_env->outbox, req, &opts, &d->seq, &e) : no_outbox(&e), &e);
}

void deliver_reset(struct deliver *d)
{
    event_del(d->_timer);
    reply_fini(&d->reply);
    memset(&d->reply, 0, sizeof d->reply);
    d->state = DELIVER_IDLE;
    d->seq = d->local = 0;
    d->number[0] = 0;
}

int deliver_init(struct deliver *d, const struct model_env *env, model_changed_fn changed, void *arg)
{
    memset(d, 0, sizeof *d);
    d->_env = env;
    d->_changed = changed;
    d->_arg = arg;
    d->_timer = evtimer_new(env->base, on_look, d);
    return d->_timer ? 0 : ERR_NOMEM;
}

void deliver_fini(struct deliver *d)
{
    if (d->_timer) {
        deliver_reset(d);
        event_free(d->_timer);
    }
    memset(d, 0, sizeof *d);
}
