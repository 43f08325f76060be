/* SPDX-License-Identifier: MIT */
/* What the city answers beside the cases: why a due time is what it is, the inbox, searching. Built and copied like city.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city.h"
#include "client/model/model.h"
#include "wangge/v1/attachment.pb-c.h"
#include "wangge/v1/clock.pb-c.h"
#include "wangge/v1/inbox.pb-c.h"
#include "wangge/v1/search.pb-c.h"

#define HOUR (INT64_C(3600) * USEC_PER_SEC)

static Google__Protobuf__Timestamp stamp(usec_t t)
{
    Google__Protobuf__Timestamp s = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    s.seconds = t / USEC_PER_SEC;
    return s;
}

/* Friday afternoon to Monday morning, over a pause and a weekend: 8 working hours. */
static ProtobufCMessage *explain(const Wangge__V1__ExplainDeadlineRequest *req, struct fake_answer *a)
{
    static const struct {
        int from, to; /* hours from now, which is Monday 09:41 */
        Wangge__V1__IntervalReason reason;
        int counted, total, days;
        const char *text;
    } intervals[] = {
        {-68, -64, WANGGE__V1__INTERVAL_REASON__INTERVAL_REASON_WORKED, 14400, 14400, 0, "working time"},
        {-64, -62, WANGGE__V1__INTERVAL_REASON__INTERVAL_REASON_PAUSED, 0, 14400, 0, "paused: 挂账, 赵强"},
        {-62, -58, WANGGE__V1__INTERVAL_REASON__INTERVAL_REASON_OFF_SHIFT, 0, 14400, 0, "outside the shifts"},
        {-58, -10, WANGGE__V1__INTERVAL_REASON__INTERVAL_REASON_WEEKEND, 0, 14400, 2, "weekend"},
        {-10, -6, WANGGE__V1__INTERVAL_REASON__INTERVAL_REASON_HOLIDAY, 0, 14400, 0, "holiday: 元旦"},
        {-6, -2, WANGGE__V1__INTERVAL_REASON__INTERVAL_REASON_MAKE_UP, 14400, 28800, 0, "make-up working day: 调休"},
    };
    enum { N = sizeof intervals / sizeof *intervals };
    Wangge__V1__ExplainDeadlineResponse r = WANGGE__V1__EXPLAIN_DEADLINE_RESPONSE__INIT;
    Wangge__V1__ExplainedInterval i[N], *list[N];
    Google__Protobuf__Timestamp from[N], to[N], due = stamp(CITY_NOW - 2 * HOUR);
    if (req->clock == WANGGE__V1__CLOCK_KIND__CLOCK_KIND_CHECK) {
        a->code = 5;
        a->message = "no such clock";
        return NULL;
    }
    for (size_t k = 0; k < N; k++) {
        wangge__v1__explained_interval__init(&i[k]);
        from[k] = stamp(CITY_NOW + intervals[k].from * HOUR);
        to[k] = stamp(CITY_NOW + intervals[k].to * HOUR);
        i[k].from = &from[k];
        i[k].to = &to[k];
        i[k].reason = intervals[k].reason;
        i[k].counted = intervals[k].counted;
        i[k].total = intervals[k].total;
        i[k].days = intervals[k].days;
        i[k].text = (char *)intervals[k].text;
        list[k] = &i[k];
    }
    r.clock = req->clock ? req->clock : WANGGE__V1__CLOCK_KIND__CLOCK_KIND_HANDLE;
    r.unit = WANGGE__V1__TIME_UNIT__TIME_UNIT_WORKING;
    r.limit = 28800;
    r.consumed = 28800 + 7800;
    r.running = r.provisional = true;
    r.due_at = &due;
    r.light = WANGGE__V1__LIGHT__LIGHT_RED;
    r.limit_source = (char *)"E0102";
    r.calendar_name = (char *)"大庆";
    r.intervals = list;
    r.n_intervals = N;
    return model_copy(&r.base);
}

/* --- The inbox --- */

enum { NOTICES = CITY_NOTICES };

static const struct {
    Wangge__V1__NoticeKind kind;
    int case_index;
    int action;
    const char *actor;
} notices[NOTICES] = {
    {WANGGE__V1__NOTICE_KIND__NOTICE_KIND_ASSIGNED, 3, 9, "孙主任"},
    {WANGGE__V1__NOTICE_KIND__NOTICE_KIND_OVERDUE, 0, 0, NULL},
    {WANGGE__V1__NOTICE_KIND__NOTICE_KIND_APPROVAL, 5, 37, "赵强"},
    {WANGGE__V1__NOTICE_KIND__NOTICE_KIND_URGED, 1, 34, "孙主任"},
    {WANGGE__V1__NOTICE_KIND__NOTICE_KIND_REPORTED, 2, 22, "李四"},
};

static void notice_id(int i, char out[37])
{
    snprintf(out, 37, "019ab000-0000-7000-8000-%012d", 900 - i);
}

enum { PAGE = 2, TOKEN_MAX = 8 };

/* Where a page begins; of a city without pages everything is one. */
static int page_from(const char *token)
{
    return token[0] ? token[0] - '0' : 0;
}

/* True if the page is full: token then says where the next one begins. */
static bool page_full(const struct city *city, size_t n, int i, char token[TOKEN_MAX])
{
    if (!city->pages || n < PAGE)
        return false;
    snprintf(token, TOKEN_MAX, "%d", i);
    return true;
}

static ProtobufCMessage *list_notices(const struct city *city, const Wangge__V1__ListNoticesRequest *req)
{
    Wangge__V1__ListNoticesResponse r = WANGGE__V1__LIST_NOTICES_RESPONSE__INIT;
    Wangge__V1__Notice n[NOTICES], *list[NOTICES];
    Wangge__V1__Actor actors[NOTICES];
    Google__Protobuf__Timestamp at[NOTICES], due = stamp(CITY_NOW - 2 * HOUR);
    char ids[NOTICES][37], token[TOKEN_MAX] = "";
    for (int i = page_from(req->page_token); i < NOTICES && !page_full(city, r.n_notices, i, token); i++) {
        if ((req->n_kinds && req->kinds[0] != notices[i].kind) || (req->unread_only && city->read[i]))
            continue;
        const Wangge__V1__Case *c = city_case(notices[i].case_index);
        wangge__v1__notice__init(&n[i]);
        wangge__v1__actor__init(&actors[i]);
        notice_id(i, ids[i]);
        at[i] = stamp(CITY_NOW - (i + 1) * HOUR);
        n[i].notice_id = ids[i];
        n[i].kind = notices[i].kind;
        n[i].case_id = c->case_id;
        n[i].case_number = c->number;
        n[i].summary = c->description;
        n[i].at = &at[i];
        n[i].action = (Wangge__V1__Action)notices[i].action;
        n[i].read = city->read[i];
        actors[i].name = (char *)notices[i].actor;
        if (notices[i].actor)
            n[i].actor = &actors[i];
        if (notices[i].kind == WANGGE__V1__NOTICE_KIND__NOTICE_KIND_APPROVAL)
            n[i].approval = WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_EXTEND;
        n[i].due_at = &due;
        list[r.n_notices++] = &n[i];
    }
    r.notices = list;
    r.next_page_token = token;
    return model_copy(&r.base);
}

static ProtobufCMessage *count_notices(const struct city *city)
{
    Wangge__V1__CountNoticesResponse r = WANGGE__V1__COUNT_NOTICES_RESPONSE__INIT;
    Wangge__V1__NoticeCount c[NOTICES], *list[NOTICES];
    for (int i = 0; i < NOTICES; i++) {
        if (city->read[i])
            continue;
        wangge__v1__notice_count__init(&c[i]);
        c[i].kind = notices[i].kind;
        c[i].unread = 1;
        list[r.n_counts++] = &c[i];
        r.unread++;
    }
    r.counts = list;
    return model_copy(&r.base);
}

static ProtobufCMessage *mark_notices(struct city *city, const Wangge__V1__MarkNoticesRequest *req)
{
    Wangge__V1__MarkNoticesResponse r = WANGGE__V1__MARK_NOTICES_RESPONSE__INIT;
    bool reached = false;
    for (int i = 0; i < NOTICES; i++) {
        char id[37];
        notice_id(i, id);
        reached = reached || strcmp(req->up_to_notice_id, id) == 0;
        if (reached)
            city->read[i] = true;
        for (size_t k = 0; k < req->n_notice_ids; k++) {
            if (strcmp(req->notice_ids[k], id) == 0)
                city->read[i] = !req->unread;
        }
    }
    return model_copy(&r.base);
}

/* --- Searching --- */

static ProtobufCMessage *search(const struct city *city, const Wangge__V1__SearchRequest *req)
{
    Wangge__V1__SearchResponse r = WANGGE__V1__SEARCH_RESPONSE__INIT;
    Wangge__V1__SearchHit h[6], *list[6];
    char *fields[6][1];
    bool initials = strcmp(req->text, "zyrm") == 0;
    char token[TOKEN_MAX] = "";
    for (int i = page_from(req->page_token); i < 6 && !page_full(city, r.n_hits, i, token); i++) {
        const Wangge__V1__Case *c = city_case(i);
        const char *in = strstr(c->number, req->text)                            ? "number"
                         : strstr(c->address, req->text)                         ? "address"
                         : strstr(c->description, req->text)                     ? "description"
                         : initials && strcmp(c->category_name, "噪音扰民") == 0 ? "category"
                                                                                 : NULL;
        if (!in || (req->open_only && i == 4))
            continue;
        wangge__v1__search_hit__init(&h[i]);
        fields[i][0] = (char *)in;
        h[i].case_ = (Wangge__V1__Case *)c;
        h[i].fields = fields[i];
        h[i].n_fields = 1;
        list[r.n_hits++] = &h[i];
    }
    r.hits = list;
    r.next_page_token = token;
    return model_copy(&r.base);
}

/* --- Files --- */

static ProtobufCMessage *list_files(const struct city *city)
{
    static const struct {
        const char *name, *type, *by;
        int size, hours_ago, step;
        bool reused;
    } files[] = {
        {"现场照片-昆仑大街.jpg", "image/jpeg", "王丽", 1887436, 30, 0, true},
        {"处置后.png", "image/png", "赵强", 702311, 3, 6, false},
        {"整改通知书（第三网格临街商铺）.pdf", "application/pdf", "赵强", 81920, 2, 6, false},
    };
    enum { N = sizeof files / sizeof *files };
    Wangge__V1__ListAttachmentsResponse r = WANGGE__V1__LIST_ATTACHMENTS_RESPONSE__INIT;
    Wangge__V1__Attachment a[N], *list[N];
    Wangge__V1__Actor by[N];
    Google__Protobuf__Timestamp at[N];
    char ids[N][37];
    for (int i = 0; i < N && !city->no_files; i++) {
        wangge__v1__attachment__init(&a[i]);
        wangge__v1__actor__init(&by[i]);
        snprintf(ids[i], sizeof ids[i], "0195d3c0-0000-7000-8000-%012d", i + 1);
        at[i] = stamp(CITY_NOW - files[i].hours_ago * HOUR);
        by[i].name = (char *)files[i].by;
        a[i].attachment_id = ids[i];
        a[i].name = (char *)files[i].name;
        a[i].media_type = (char *)files[i].type;
        a[i].size = files[i].size;
        a[i].uploaded_at = &at[i];
        a[i].uploader = &by[i];
        a[i].event_version = files[i].step;
        a[i].reused = files[i].reused;
        list[r.n_attachments++] = &a[i];
    }
    r.attachments = list;
    return model_copy(&r.base);
}

bool city_desk(struct city *city, const char *name, const ProtobufCMessage *req, struct fake_answer *a)
{
    if (strcmp(name, "ExplainDeadline") == 0)
        a->resp = explain((const Wangge__V1__ExplainDeadlineRequest *)req, a);
    else if (strcmp(name, "ListNotices") == 0)
        a->resp = list_notices(city, (const Wangge__V1__ListNoticesRequest *)req);
    else if (strcmp(name, "CountNotices") == 0)
        a->resp = count_notices(city);
    else if (strcmp(name, "MarkNotices") == 0)
        a->resp = mark_notices(city, (const Wangge__V1__MarkNoticesRequest *)req);
    else if (strcmp(name, "ListAttachments") == 0)
        a->resp = list_files(city);
    else if (strcmp(name, "Search") == 0)
        a->resp = search(city, (const Wangge__V1__SearchRequest *)req);
    else
        return false;
    return true;
}
