/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "server/service/attachment_methods.h"
#include "server/service/case_view.h"

static char *hex(struct arena *a, const uint8_t *data, size_t n)
{
    char *s = arena_alloc(a, n * 2 + 1);
    for (size_t i = 0; s && i < n; i++)
        (void)snprintf(s + i * 2, 3, "%02x", data[i]);
    return s;
}

Wangge__V1__Attachment *attachment_view(struct arena *a, const struct actor *who, const struct attachment_row *row,
                                        const struct case_row *of_case)
{
    Wangge__V1__Attachment *v = arena_alloc(a, sizeof *v);
    Wangge__V1__Actor *by = arena_alloc(a, sizeof *by);
    if (!v || !by)
        return NULL;
    wangge__v1__attachment__init(v);
    wangge__v1__actor__init(by);
    v->attachment_id = view_uuid(a, &row->id);
    v->case_id = view_uuid(a, &row->case_id);
    v->name = (char *)row->name;
    v->media_type = (char *)media_type(row->kind);
    v->size = row->size;
    v->sha256 = hex(a, row->sha256, row->complete ? sizeof row->sha256 : 0);
    v->taken_at = view_time(a, row->facts.taken_at);
    if (row->facts.has_place) {
        v->taken_where = arena_alloc(a, sizeof *v->taken_where);
        if (!v->taken_where)
            return NULL;
        wangge__v1__point__init(v->taken_where);
        v->taken_where->latitude = row->facts.latitude;
        v->taken_where->longitude = row->facts.longitude;
    }
    v->uploaded_at = view_time(a, row->uploaded_at);
    v->event_version = row->event_version;
    v->reused = row->reused;
    /* Who reported a confidential case is not told by its photos either. */
    bool hidden = of_case && case_has(&of_case->snap, CASE_CONFIDENTIAL) &&
                  uuid_equal(&of_case->snap.reporter, &row->uploader) && !uuid_equal(&who->account, &row->uploader);
    if (!hidden) {
        by->account_id = view_uuid(a, &row->uploader);
        by->name = (char *)row->uploader_name;
        by->role = (Wangge__V1__Role)row->uploader_role;
        v->uploader = by;
    }
    return v->attachment_id && v->case_id && v->sha256 ? v : NULL;
}
