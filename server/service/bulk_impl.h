/* SPDX-License-Identifier: MIT */
/*
 * What the files of RunBulk share: a run (struct bulk) and its life. bulk_run.c takes the request and ends the run, bulk_set.c
 * finds and keeps the set of cases, bulk_page.c lets the gate decide them page by page. Nobody else includes this.
 */
#ifndef WG_SERVICE_BULK_IMPL_H
#define WG_SERVICE_BULK_IMPL_H

#include "server/service/bulk_methods.h"
#include "server/service/case_request.h"
#include "server/store/case_store.h"

enum {
    BULK_MAX = 100000,
    BULK_PAGE_ITEMS = 200,
};

struct bulk_item;

struct bulk {
    struct rpc_call *call; /* held while this lives */
    struct service_ctx *ctx;
    struct directory *dir;
    const struct principal *who;
    struct act_request act;
    int64_t hash;
    struct uuid id;
    bool dry;
    bool resumed;
    struct case_query query;
    struct uuid *ids; /* the set; owned; NULL while it is read from the run */
    int n_ids, cap_ids;
    int total;
    int position; /* of the last item answered */
    int filled;
    struct arena *page; /* of the step under way; owned */
    struct bulk_item *items;
    int n_items;
    int writing;
    int32_t done, failed;
    bool blocked; /* the send queue is full */
    bool lost;    /* the caller is gone; the run goes when what is under way ends */
    bool busy;    /* something is under way */
};

/* Life (bulk_run.c) ---------------------------------------------------------------------------------------------------- */

void bulk_free(struct bulk *b);
/* Answers with the error; b is gone. */
void bulk_fail(struct bulk *b, const struct err *e);
void bulk_fail_nomem(struct bulk *b);
/* For the callback of every step: true if the run ended, with e or because its caller is gone. b is gone then. */
bool bulk_step_failed(struct bulk *b, const struct err *e);
/* How far the run is. Best effort: what counts is in the events. */
void bulk_note_progress(struct bulk *b);
/* Notes that the run is finished, then sends the summary; b goes with it. */
void bulk_end(struct bulk *b);
void bulk_param_uuid(struct db_params *p, const struct uuid *u);

/* The set (bulk_set.c); what it collected goes to the pages by itself -------------------------------------------------- */

/* Copies the marked cases, each once, in the order they were given. ERR_INVALID, ERR_NOMEM. */
int bulk_set_take_marked(struct bulk *b, char *const *case_ids, size_t n, struct err *e) MUST_CHECK;
/* Finds the run by its id or begins it; what is done of it is skipped later. */
void bulk_set_begin(struct bulk *b);
/* Reads the ids the filter finds. */
void bulk_set_collect(struct bulk *b);
/* The ids are all there. */
void bulk_set_collected(struct bulk *b);

/* The pages (bulk_page.c) ---------------------------------------------------------------------------------------------- */

/* Tells the size of the set and begins. */
void bulk_pages_start(struct bulk *b);
void bulk_page_next(struct bulk *b);

#endif
