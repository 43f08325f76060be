/* SPDX-License-Identifier: MIT */
/*
 * What concerns the person: the newest notices, how many of each kind are unread. Kept live by the feed; without one, or when
 * a notice was missed, asked again every minute. A server without an inbox leaves it empty and is not asked again.
 */
#ifndef WG_CLIENT_MODEL_INBOX_H
#define WG_CLIENT_MODEL_INBOX_H

#include "client/model/feed.h"
#include "wangge/v1/inbox.pb-c.h"

enum { INBOX_KINDS = 8, INBOX_PAGE = 200, INBOX_MAX = 5000, INBOX_MARKS_MAX = 16 }; /* kinds: index is NoticeKind */

struct inbox {
    struct model_status status;            /* of the list */
    Wangge__V1__ListNoticesResponse *list; /* owned; NULL until it was read */
    int unread, unread_of[INBOX_KINDS];    /* as the server counts them */
    bool counted;                          /* they are known */
    Wangge__V1__NoticeKind kind;           /* UNSPECIFIED: all kinds */
    bool unread_only;
    /* private */
    const struct model_env *_env;
    struct feed *_feed;
    model_changed_fn _changed;
    void *_arg;
    struct request *_count, *_call, *_marks[INBOX_MARKS_MAX];
    struct event *_soon, *_every;
    bool _watched;                          /* a screen shows the list */
    Wangge__V1__ListNoticesResponse *_next; /* a refresh being read, until it is as long as what is shown */
    size_t _want;
    bool _more;   /* the page being read comes below those shown */
    bool _absent; /* the server does not have it */
};

/* feed may be NULL. ERR_NOMEM. */
int inbox_init(struct inbox *b, const struct model_env *env, struct feed *feed, model_changed_fn changed, void *arg) MUST_CHECK;
void inbox_fini(struct inbox *b);
/* Counts now, and lists if it is watched. */
void inbox_refresh(struct inbox *b);
/* Whether a screen shows the list; it is read only then. */
void inbox_watch(struct inbox *b, bool on);
/* Shows one kind, or what is unread; asks. */
void inbox_filter(struct inbox *b, Wangge__V1__NoticeKind kind, bool unread_only);
/* True if older notices than those of the list can be had. */
bool inbox_has_more(const struct inbox *b);
/* Reads the next page below those of the list, unless something is being read. */
void inbox_more(struct inbox *b);
/* Marks one notice; shown at once, the server is told. False if it cannot be told now. */
bool inbox_mark(struct inbox *b, const char *notice_id, bool unread);
/* Marks everything up to the newest notice of the list read, also what is not in it. */
bool inbox_mark_all(struct inbox *b);
/* Forgets everything: another person. */
void inbox_forget(struct inbox *b);

#endif
