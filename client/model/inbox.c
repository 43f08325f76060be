/* SPDX-License-Identifier: MIT */
/* The inbox; see inbox.h. */
#include "client/model/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "client/model/request.h"

enum { SOON_MS = 300, EVERY_S = 60 };

static usec_t now(const struct inbox *b)
{
    return b->_env->clock->now(b->_env->clock);
}

static void on_counts(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct inbox *b = arg;
    b->_absent = r->err.code == ERR_UNIMPLEMENTED || r->err.code == ERR_DENIED;
    if (msg) {
        const Wangge__V1__CountNoticesResponse *c = (const Wangge__V1__CountNoticesResponse *)msg;
        memset(b->unread_of, 0, sizeof b->unread_of);
        b->unread = c->unread;
        b->counted = true;
        for (size_t i = 0; i < c->n_counts; i++) {
            if ((int)c->counts[i]->kind > 0 && (int)c->counts[i]->kind < INBOX_KINDS)
                b->unread_of[c->counts[i]->kind] = c->counts[i]->unread;
        }
    }
    b->_changed(b->_arg);
}

static void ask(struct inbox *b, const char *token);

/* Puts the notices of a page below the others; the page is used up. */
static bool append(Wangge__V1__ListNoticesResponse *to, Wangge__V1__ListNoticesResponse *page)
{
    Wangge__V1__Notice **grown = realloc(to->notices, (to->n_notices + page->n_notices + 1) * sizeof *grown);
    char *token = to->next_page_token;
    if (grown) {
        to->notices = grown;
        memcpy(grown + to->n_notices, page->notices, page->n_notices * sizeof *grown);
        to->n_notices += page->n_notices;
        page->n_notices = 0;
        to->next_page_token = page->next_page_token;
        page->next_page_token = token;
    }
    model_free(page);
    return grown != NULL;
}

static void fail(struct inbox *b, struct reply *r)
{
    if (r->err.code == 0)
        err_set(&r->err, ERR_NOMEM, "%s", _("Out of memory."));
    else if (r->err.code == ERR_UNIMPLEMENTED)
        err_set(&r->err, ERR_UNIMPLEMENTED, "%s", _("This server has no inbox. The work list shows what is to be done."));
    model_free(b->_next);
    b->_next = NULL;
    model_status_fail(&b->status, &r->err);
}

static void on_list(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct inbox *b = arg;
    Wangge__V1__ListNoticesResponse *page = msg ? (Wangge__V1__ListNoticesResponse *)model_copy(msg) : NULL;
    bool taken = page != NULL;
    if (page && b->_more)
        taken = append(b->list, page);
    else if (page && b->_next)
        taken = append(b->_next, page);
    else if (page)
        b->_next = page;
    if (!taken) {
        fail(b, r);
    } else if (b->_more) {
        model_status_done(&b->status, now(b));
    } else if (b->_next->next_page_token[0] && b->_next->n_notices < b->_want) {
        ask(b, b->_next->next_page_token);
        return;
    } else {
        model_free(b->list);
        b->list = b->_next;
        b->_next = NULL;
        model_status_done(&b->status, now(b));
    }
    b->_changed(b->_arg);
}

static void count(struct inbox *b)
{
    static const Wangge__V1__CountNoticesRequest req = WANGGE__V1__COUNT_NOTICES_REQUEST__INIT;
    if (request_start(b->_env, &methods_count_notices, &req.base, on_counts, b, &b->_count) != 0)
        request_drop(&b->_count);
}

static void ask(struct inbox *b, const char *token)
{
    Wangge__V1__ListNoticesRequest req = WANGGE__V1__LIST_NOTICES_REQUEST__INIT;
    req.kinds = &b->kind;
    req.n_kinds = b->kind ? 1 : 0;
    req.unread_only = b->unread_only;
    req.page_size = INBOX_PAGE;
    req.page_token = (char *)token;
    model_status_begin(&b->status);
    if (request_start(b->_env, &methods_list_notices, &req.base, on_list, b, &b->_call) != 0) {
        struct err e;
        err_set(&e, ERR_NOMEM, "%s", _("Out of memory."));
        model_status_fail(&b->status, &e);
    }
}

/* Reads from the newest on, as far as want. */
static void list(struct inbox *b, size_t want)
{
    request_drop(&b->_call);
    model_free(b->_next);
    b->_next = NULL;
    b->_more = false;
    b->_want = want;
    ask(b, "");
}

bool inbox_has_more(const struct inbox *b)
{
    return b->list && b->list->next_page_token[0] && b->list->n_notices < INBOX_MAX;
}

void inbox_more(struct inbox *b)
{
    if (!inbox_has_more(b) || b->_call || b->status.state == MODEL_STALE)
        return;
    b->_more = true;
    ask(b, b->list->next_page_token);
}

void inbox_refresh(struct inbox *b)
{
    event_add(b->_every, &(struct timeval){.tv_sec = EVERY_S});
    if (!b->_absent || b->_watched) /* who looks at it asks anew: the server may have been renewed */
        count(b);
    if (b->_watched)
        list(b, b->list ? b->list->n_notices : 0);
}

static void on_soon(evutil_socket_t fd, short what, void *arg)
{
    struct inbox *b = arg;
    if (channel_get_state(b->_env->channel) == CHANNEL_READY)
        inbox_refresh(b);
    else
        event_add(b->_every, &(struct timeval){.tv_sec = EVERY_S});
}

/* Several come together when an organ gets many cases: one question answers for all. */
static void on_notice(void *arg, const Wangge__V1__Notice *notice)
{
    struct inbox *b = arg;
    b->_absent = false;
    event_add(b->_soon, &(struct timeval){.tv_usec = SOON_MS * 1000});
}

void inbox_watch(struct inbox *b, bool on)
{
    b->_watched = on;
    if (on)
        inbox_refresh(b);
}

void inbox_filter(struct inbox *b, Wangge__V1__NoticeKind kind, bool unread_only)
{
    b->kind = kind;
    b->unread_only = unread_only;
    list(b, 0);
}

static void on_marked(void *arg, const ProtobufCMessage *msg, struct reply *r)
{
    struct inbox *b = arg;
    if (!msg)
        model_status_fail(&b->status, &r->err);
    inbox_refresh(b); /* the server's word counts, also after a refusal */
    b->_changed(b->_arg);
}

static void set_read(struct inbox *b, Wangge__V1__Notice *n, bool read)
{
    int by = (int)n->read - (int)read;
    if (n->read == read)
        return;
    n->read = read;
    if (b->unread + by >= 0)
        b->unread += by;
    if ((int)n->kind > 0 && (int)n->kind < INBOX_KINDS && b->unread_of[n->kind] + by >= 0)
        b->unread_of[n->kind] += by;
}

/* Each has its own effect, so none takes the place of another. */
static bool tell(struct inbox *b, const Wangge__V1__MarkNoticesRequest *req)
{
    size_t i = 0;
    while (i < INBOX_MARKS_MAX && b->_marks[i])
        i++;
    return i < INBOX_MARKS_MAX && request_start(b->_env, &methods_mark_notices, &req->base, on_marked, b, &b->_marks[i]) == 0;
}

bool inbox_mark(struct inbox *b, const char *notice_id, bool unread)
{
    Wangge__V1__MarkNoticesRequest req = WANGGE__V1__MARK_NOTICES_REQUEST__INIT;
    char *id = (char *)notice_id;
    req.notice_ids = &id;
    req.n_notice_ids = 1;
    req.unread = unread;
    if (!tell(b, &req))
        return false;
    for (size_t i = 0; b->list && i < b->list->n_notices; i++) {
        if (strcmp(b->list->notices[i]->notice_id, notice_id) == 0)
            set_read(b, b->list->notices[i], !unread);
    }
    b->_changed(b->_arg);
    return true;
}

bool inbox_mark_all(struct inbox *b)
{
    Wangge__V1__MarkNoticesRequest req = WANGGE__V1__MARK_NOTICES_REQUEST__INIT;
    if (!b->list || b->list->n_notices == 0)
        return false;
    req.up_to_notice_id = b->list->notices[0]->notice_id;
    if (!tell(b, &req))
        return false;
    for (size_t i = 0; i < b->list->n_notices; i++)
        set_read(b, b->list->notices[i], true);
    b->_changed(b->_arg);
    return true;
}

void inbox_forget(struct inbox *b)
{
    request_drop(&b->_count);
    request_drop(&b->_call);
    for (size_t i = 0; i < INBOX_MARKS_MAX; i++)
        request_drop(&b->_marks[i]);
    model_free(b->list);
    model_free(b->_next);
    b->list = b->_next = NULL;
    b->_more = false;
    b->unread = 0;
    b->counted = b->_absent = b->unread_only = false;
    b->kind = WANGGE__V1__NOTICE_KIND__NOTICE_KIND_UNSPECIFIED;
    memset(b->unread_of, 0, sizeof b->unread_of);
    model_status_init(&b->status);
    if (b->_soon) {
        event_del(b->_soon);
        event_del(b->_every);
    }
}

int inbox_init(struct inbox *b, const struct model_env *env, struct feed *feed, model_changed_fn changed, void *arg)
{
    memset(b, 0, sizeof *b);
    b->_env = env;
    b->_feed = feed;
    b->_changed = changed;
    b->_arg = arg;
    model_status_init(&b->status);
    b->_soon = evtimer_new(env->base, on_soon, b);
    b->_every = evtimer_new(env->base, on_soon, b);
    if (!b->_soon || !b->_every)
        return ERR_NOMEM;
    if (feed)
        feed_on_notice(feed, on_notice, b);
    return 0;
}

void inbox_fini(struct inbox *b)
{
    if (!b->_env)
        return;
    inbox_forget(b);
    if (b->_feed)
        feed_on_notice(b->_feed, NULL, NULL);
    if (b->_soon)
        event_free(b->_soon);
    if (b->_every)
        event_free(b->_every);
    memset(b, 0, sizeof *b);
}
