/* SPDX-License-Identifier: MIT */
#include "server/feed/feed_batch.h"

#include <stdlib.h>

#include "server/db/result.h"

/* A page of FEED_PAGE events at their longest: texts of 2,000 characters and names. */
enum { BATCH_MEMORY = 8 * 1024 * 1024 };

enum {
    COL_XID = EVENT_ROW_COLUMNS,
    COL_SEQ,
    COL_NUMBER,
    COL_GRID,
    COL_ORGAN,
    COL_REPORTER,
    COL_PREV_ORGAN,
    COL_SOURCE,
    COL_CO_ORGANS,
    COL_FLAGS
};

int feed_batch_read(const PGresult *res, struct feed_batch *ret, struct err *e)
{
    struct feed_batch b = {.n = PQntuples(res)};
    int r = 0;

    b.arena = arena_create(BATCH_MEMORY);
    b.events = b.arena ? arena_zalloc(b.arena, ((size_t)b.n + 1) * sizeof(*b.events)) : NULL;
    if (!b.events)
        r = err_set(e, ERR_NOMEM, "Out of memory for the change feed.");
    for (int i = 0; !r && i < b.n; i++) {
        struct feed_event *ev = &b.events[i];
        const char *xid = db_get_text(res, i, COL_XID);
        r = event_row_read(res, i, b.arena, &ev->row, e);
        ev->at.xid = xid ? strtoull(xid, NULL, 10) : 0;
        ev->at.seq = db_get_i64(res, i, COL_SEQ);
        ev->number = db_get_i64(res, i, COL_NUMBER);
        ev->grid = db_get_i64(res, i, COL_GRID);
        ev->organ_id = db_get_i32(res, i, COL_ORGAN);
        ev->reporter = db_get_uuid(res, i, COL_REPORTER);
        ev->prev_organ_id = db_get_i32(res, i, COL_PREV_ORGAN);
        ev->source_id = db_get_i32(res, i, COL_SOURCE);
        ev->n_co = db_get_i32_list(res, i, COL_CO_ORGANS, ev->co_organ_ids, CASE_MAX_CO_ORGANS);
        ev->confidential = (db_get_i32(res, i, COL_FLAGS) & CASE_CONFIDENTIAL) != 0;
    }
    if (r) {
        feed_batch_fini(&b);
        return r;
    }
    *ret = b;
    return 0;
}

void feed_batch_fini(struct feed_batch *b)
{
    arena_destroy(b->arena);
    b->arena = NULL;
}

static bool organ_sees(int32_t organ, const struct feed_event *ev)
{
    /* Who loses a case must learn that it is gone. */
    if (ev->organ_id == organ || ev->prev_organ_id == organ)
        return true;
    for (int i = 0; i < ev->n_co; i++)
        if (ev->co_organ_ids[i] == organ)
            return true;
    return false;
}

bool feed_filter_passes(const struct feed_filter *f, const struct feed_event *ev)
{
    return !f->view.nothing && region_span_contains(f->view.span, ev->grid) && region_span_contains(f->span, ev->grid) &&
           (uuid_is_nil(&f->case_id) || uuid_equal(&f->case_id, &ev->row.case_id)) &&
           (uuid_is_nil(&f->view.reporter) || uuid_equal(&f->view.reporter, &ev->reporter)) &&
           (!f->view.source_id || f->view.source_id == ev->source_id) &&
           (!f->view.organ_id || organ_sees(f->view.organ_id, ev));
}
