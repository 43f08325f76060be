/* SPDX-License-Identifier: MIT */
/* The small city; see city.h. Answers are built in statics and copied by packing, as the wire would. */
#include "city.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "wangge/v1/case.pb-c.h"
#include "wangge/v1/clock.pb-c.h"
#include "wangge/v1/directory.pb-c.h"
#include "wangge/v1/people.pb-c.h"
#include "wangge/v1/report.pb-c.h"
#include "wangge/v1/search.pb-c.h"
#include "wangge/v1/watch.pb-c.h"

#define HOUR (INT64_C(3600) * USEC_PER_SEC)
#define MIN  (INT64_C(60) * USEC_PER_SEC)

static Google__Protobuf__Timestamp stamp(usec_t t)
{
    Google__Protobuf__Timestamp s = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    s.seconds = t / USEC_PER_SEC;
    return s;
}

static ProtobufCMessage *copy(const ProtobufCMessage *msg)
{
    size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *packed = malloc(len + 1);
    protobuf_c_message_pack(msg, packed);
    ProtobufCMessage *m = protobuf_c_message_unpack(msg->descriptor, NULL, len, packed);
    free(packed);
    return m;
}

static const struct {
    const char *number, *category, *address, *text, *organ;
    int state;
    usec_t due; /* from now */
} rows[] = {
    {"2306042611220412", "邻里纠纷", "庆新五区12号楼", "楼上漏水,邻里争吵", "让胡路司法所", 5, -130 * MIN},
    {"2306042611220398", "占道经营", "创业城三区门口", "早市占用消防通道", "", 1, -35 * MIN},
    {"2306042611230420", "乱倒垃圾", "解放路与西苑街口", "约两车建筑垃圾,堵住半条人行道。", "", 1, 200 * MIN},
    {"2306042611230421", "噪音扰民", "昆仑大街", "KTV 夜间外放", "", 3, 305 * MIN},
    {"2306042611230422", "噪音扰民", "昆仑大街", "KTV 夜间外放(疑似重复 0421)", "", 3, 306 * MIN},
    {"2306042611210377", "消防隐患", "东湖小区 4 单元", "楼道堆物", "让胡路消防站", 5, 26 * HOUR},
};

static void fill_case(Wangge__V1__Case *c, int i, Wangge__V1__Actor *reporter, Google__Protobuf__Timestamp t[2])
{
    static char ids[CITY_CASES_MAX][37], numbers[CITY_CASES_MAX][32];
    int k = i % 6;
    wangge__v1__case__init(c);
    wangge__v1__actor__init(reporter);
    reporter->name = (char *)"王丽";
    reporter->role = WANGGE__V1__ROLE__ROLE_GRID_WORKER;
    snprintf(ids[i], sizeof ids[i], "019ab000-0000-7000-8000-%012d", i + 1);
    if (i < 6)
        text_copy(numbers[i], sizeof numbers[i], rows[k].number);
    else
        snprintf(numbers[i], sizeof numbers[i], "230604261123%04d", 1000 + i);
    t[0] = stamp(CITY_NOW - 29 * MIN);
    t[1] = stamp(CITY_NOW + rows[k].due);
    c->case_id = ids[i];
    c->number = numbers[i];
    c->version = 2;
    c->state = (Wangge__V1__CaseState)rows[k].state;
    c->grid_code = (char *)"230604001001003";
    c->grid_name = (char *)"庆新街道 / 庆新社区 / 第三网格";
    c->category_code = (char *)"E0102";
    c->category_name = (char *)rows[k].category;
    c->urgency = WANGGE__V1__URGENCY__URGENCY_NORMAL;
    c->channel = WANGGE__V1__CHANNEL__CHANNEL_GRID;
    c->description = (char *)rows[k].text;
    c->address = (char *)rows[k].address;
    c->reported_at = &t[0];
    c->due_at = &t[1];
    c->reporter = reporter;
    c->organ_name = (char *)rows[k].organ;
    c->level = 1;
    c->round = 1;
}

const Wangge__V1__Case *city_case(int i)
{
    static Wangge__V1__Case cases[6];
    static Wangge__V1__Actor actors[6];
    static Google__Protobuf__Timestamp times[6][2];
    fill_case(&cases[i], i, &actors[i], times[i]);
    return &cases[i];
}

/* --- A case with everything --- */

/* What the last case waits for. */
static void wait_for_decision(Wangge__V1__Case *c)
{
    static Wangge__V1__Approval a = WANGGE__V1__APPROVAL__INIT;
    static Wangge__V1__Approval *list[1] = {&a};
    static Wangge__V1__Actor asker = WANGGE__V1__ACTOR__INIT;
    static Google__Protobuf__Timestamp at, until;
    asker.name = (char *)"赵强";
    at = stamp(CITY_NOW - 3 * HOUR);
    until = stamp(CITY_NOW + 74 * HOUR);
    a.kind = WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_EXTEND;
    a.asked_by = &asker;
    a.asked_at = &at;
    a.until = &until;
    a.reason = (char *)"等待配件到货";
    c->approvals = list;
    c->n_approvals = 1;
    c->light = WANGGE__V1__LIGHT__LIGHT_YELLOW;
}

static void enrich(Wangge__V1__Case *c)
{
    static Google__Protobuf__Timestamp overall, first, reply, co_reply, merged, closed, reopened;
    static Wangge__V1__CoOrgan co[2] = {WANGGE__V1__CO_ORGAN__INIT, WANGGE__V1__CO_ORGAN__INIT};
    static Wangge__V1__CoOrgan *cos[2] = {&co[0], &co[1]};
    static Wangge__V1__Person p = WANGGE__V1__PERSON__INIT;
    static Wangge__V1__Person *people[1] = {&p};
    static Wangge__V1__CaseLink link = WANGGE__V1__CASE_LINK__INIT;
    static Wangge__V1__CaseLink *links[1] = {&link};
    static Wangge__V1__CaseRound round = WANGGE__V1__CASE_ROUND__INIT;
    static Wangge__V1__CaseRound *rounds[1] = {&round};
    static Wangge__V1__Actor closer = WANGGE__V1__ACTOR__INIT;
    wait_for_decision(c);
    overall = stamp(CITY_NOW + 30 * HOUR);
    first = stamp(CITY_NOW - 50 * HOUR);
    reply = stamp(CITY_NOW + 4 * HOUR);
    co_reply = stamp(CITY_NOW + 5 * HOUR);
    merged = stamp(CITY_NOW - 20 * HOUR);
    closed = stamp(CITY_NOW - 400 * HOUR);
    reopened = stamp(CITY_NOW - 300 * HOUR);
    c->light = WANGGE__V1__LIGHT__LIGHT_RED;
    c->overall_due_at = &overall;
    c->overall_light = WANGGE__V1__LIGHT__LIGHT_YELLOW;
    c->original_due_at = &first;
    c->extension_count = 1;
    c->return_count = 2;
    c->rework_count = 1;
    c->reopen_count = 1;
    c->card = WANGGE__V1__CARD__CARD_RED;
    c->card_reply_by = &reply;
    co[0].organ_code = (char *)"XFZ";
    co[0].replied = true;
    co[1].organ_code = (char *)"CGZD";
    co[1].reply_by = &co_reply;
    c->co_organs = cos;
    c->n_co_organs = 2;
    p.kind = WANGGE__V1__PERSON_KIND__PERSON_KIND_PARTY;
    p.name = (char *)"李**";
    p.phone = (char *)"138****2207";
    p.masked = true;
    c->people = people;
    c->n_people = 1;
    link.case_id = (char *)"019ab000-0000-7000-8000-000000000005";
    link.number = (char *)"2306042611230422";
    link.merged_at = &merged;
    c->merged_cases = links;
    c->n_merged_cases = 1;
    closer.name = (char *)"孙主任";
    round.round = 1;
    round.closed_at = &closed;
    round.closer = &closer;
    round.reopened_at = &reopened;
    c->rounds = rounds;
    c->n_rounds = 1;
    c->round = 2;
    c->attachment_count = 2;
}

static ProtobufCMessage *list_cases(const struct city *city, const Wangge__V1__ListCasesRequest *req)
{
    static Wangge__V1__Case cases[CITY_CASES_MAX];
    static Wangge__V1__Actor actors[CITY_CASES_MAX];
    static Google__Protobuf__Timestamp times[CITY_CASES_MAX][2];
    static Wangge__V1__Case *list[CITY_CASES_MAX];
    Wangge__V1__ListCasesResponse resp = WANGGE__V1__LIST_CASES_RESPONSE__INIT;
    int all = city->n_cases ? city->n_cases : 6, from = 0;
    char token[16] = "";
    if (city->n_cases < 0)
        all = 0;
    int64_t at;
    if (req->page_token[0] && text_to_i64(req->page_token, 0, all, &at) == 0)
        from = (int)at;
    int n = all - from > req->page_size ? req->page_size : all - from;
    for (int i = 0; i < n; i++) {
        fill_case(&cases[from + i], from + i, &actors[from + i], times[from + i]);
        if (city->rich && from + i == 5)
            wait_for_decision(&cases[from + i]);
        if (city->rich && from + i == 0)
            cases[0].card = WANGGE__V1__CARD__CARD_RED;
        if (city->rich && from + i == 2)
            cases[2].light = WANGGE__V1__LIGHT__LIGHT_YELLOW;
        list[i] = &cases[from + i];
    }
    resp.cases = list;
    resp.n_cases = (size_t)n;
    if (from + n < all)
        snprintf(token, sizeof token, "%d", from + n);
    resp.next_page_token = token;
    resp.total_up_to_10000 = from == 0 ? all : 0;
    return copy(&resp.base);
}

static int index_of(const char *case_id)
{
    int64_t n;
    return strlen(case_id) == 36 && text_to_i64(case_id + 24 + strspn(case_id + 24, "0"), 1, CITY_CASES_MAX, &n) == 0
               ? (int)n - 1
               : 0;
}

static int index_of_number(const char *number)
{
    for (int i = 0; i < 6; i++) {
        if (strcmp(rows[i].number, number) == 0)
            return i;
    }
    return -1;
}

#define OPTIONS_MAX 14

struct option_row {
    int action, to;
    const char *required[4], *optional[6];
};

/* What the person may do with the first case. */
static const struct option_row rich_options[] = {
    {37, 5, {"until", "text"}, {"reason_code"}},          /* REQUEST_EXTEND */
    {39, 5, {"approval"}, {"text"}},                      /* ENDORSE */
    {40, 5, {"approval", "text"}, {NULL}},                /* DECLINE */
    {8, 1, {"text"}, {"level"}},                          /* ESCALATE */
    {32, 9, {"text", "outside_number"}, {"reason_code"}}, /* REFER */
    {34, 5, {"text"}, {"card", "until", "reason_code"}},  /* URGE */
    {31, 14, {"target_case_id"}, {"text"}},               /* stands for MERGE below */
    {9, 4, {"organ_code"}, {"co_organ_codes", "text"}},   /* DISPATCH */
    {15, 6, {"reason_code", "until"}, {"text"}},          /* SUSPEND */
    {6, 3, {NULL}, {"category_code", "text"}},            /* ACCEPT */
};
static const struct option_row plain_options[] = {
    {6, 3, {NULL}, {NULL}}, {7, 12, {"text"}, {NULL}}, {9, 4, {"organ_code"}, {NULL}}, {20, 7, {"check_result"}, {NULL}}};

static size_t fill_options(const struct option_row *rows_, size_t n, Wangge__V1__ActionOption *o,
                           Wangge__V1__ActionOption **list)
{
    static Wangge__V1__ApprovalKind kinds[1] = {WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_EXTEND};
    for (size_t i = 0; i < n; i++) {
        wangge__v1__action_option__init(&o[i]);
        o[i].action = (Wangge__V1__Action)(rows_[i].action == 31 ? 30 : rows_[i].action);
        o[i].to_state = (Wangge__V1__CaseState)rows_[i].to;
        o[i].required_fields = (char **)rows_[i].required;
        while (o[i].n_required_fields < 4 && rows_[i].required[o[i].n_required_fields])
            o[i].n_required_fields++;
        o[i].optional_fields = (char **)rows_[i].optional;
        while (o[i].n_optional_fields < 6 && rows_[i].optional[o[i].n_optional_fields])
            o[i].n_optional_fields++;
        if (rows_[i].action == 39 || rows_[i].action == 40) {
            o[i].approvals = kinds;
            o[i].n_approvals = 1;
        }
        list[i] = &o[i];
    }
    return n;
}

static ProtobufCMessage *get_case(const struct city *city, const Wangge__V1__GetCaseRequest *req)
{
    Wangge__V1__Case c;
    Wangge__V1__Actor actor;
    Google__Protobuf__Timestamp t[2];
    Wangge__V1__GetCaseResponse resp = WANGGE__V1__GET_CASE_RESPONSE__INIT;
    Wangge__V1__ActionOption options[OPTIONS_MAX];
    Wangge__V1__ActionOption *list[OPTIONS_MAX];
    int i = req->key_case == WANGGE__V1__GET_CASE_REQUEST__KEY_CASE_ID ? index_of(req->case_id) : index_of_number(req->number);
    if (i < 0)
        return NULL;
    fill_case(&c, i, &actor, t);
    bool rich = city->rich && i == 0;
    if (rich)
        enrich(&c);
    c.allowed_actions = list;
    c.n_allowed_actions = rich ? fill_options(rich_options, sizeof rich_options / sizeof *rich_options, options, list)
                               : fill_options(plain_options, sizeof plain_options / sizeof *plain_options, options, list);
    if (city->closed) {
        c.state = WANGGE__V1__CASE_STATE__CASE_STATE_ARCHIVED;
        c.closed_at = &t[0];
        c.due_at = NULL;
        c.n_allowed_actions = 0;
    }
    resp.case_ = &c;
    return copy(&resp.base);
}

static ProtobufCMessage *find_similar(void)
{
    Wangge__V1__FindSimilarResponse resp = WANGGE__V1__FIND_SIMILAR_RESPONSE__INIT;
    Wangge__V1__SimilarCase s = WANGGE__V1__SIMILAR_CASE__INIT;
    Wangge__V1__SimilarCase *list[1] = {&s};
    Wangge__V1__Case c;
    Wangge__V1__Actor actor;
    Google__Protobuf__Timestamp t[2];
    fill_case(&c, 3, &actor, t);
    s.case_ = &c;
    s.score = 0.8;
    s.distance_m = 62;
    s.hours = 3;
    resp.cases = list;
    resp.n_cases = 1;
    return copy(&resp.base);
}

static ProtobufCMessage *suggest(void)
{
    Wangge__V1__SuggestDispatchResponse resp = WANGGE__V1__SUGGEST_DISPATCH_RESPONSE__INIT;
    Wangge__V1__DispatchSuggestion s = WANGGE__V1__DISPATCH_SUGGESTION__INIT;
    Wangge__V1__DispatchSuggestion *list[1] = {&s};
    char *co[1] = {(char *)"CGZD"};
    s.organ_code = (char *)"XFZ";
    s.organ_name = (char *)"让胡路消防站";
    s.co_organ_codes = co;
    s.n_co_organ_codes = 1;
    s.reason = (char *)"H0101 @ 230604";
    resp.suggestions = list;
    resp.n_suggestions = 1;
    return copy(&resp.base);
}

static ProtobufCMessage *list_calendars(void)
{
    Wangge__V1__ListCalendarsResponse resp = WANGGE__V1__LIST_CALENDARS_RESPONSE__INIT;
    Wangge__V1__Calendar c = WANGGE__V1__CALENDAR__INIT;
    Wangge__V1__Calendar *list[1] = {&c};
    Wangge__V1__CalendarDate d = WANGGE__V1__CALENDAR_DATE__INIT;
    Wangge__V1__CalendarDate *days[1] = {&d};
    c.code = (char *)"cn";
    d.date = (char *)"2026-11-25"; /* a holiday of this city alone */
    c.days = days;
    c.n_days = 1;
    resp.calendars = list;
    resp.n_calendars = 1;
    return copy(&resp.base);
}

static ProtobufCMessage *reveal(void)
{
    Wangge__V1__RevealPeopleResponse resp = WANGGE__V1__REVEAL_PEOPLE_RESPONSE__INIT;
    Wangge__V1__Person p = WANGGE__V1__PERSON__INIT;
    Wangge__V1__Person *list[1] = {&p};
    p.kind = WANGGE__V1__PERSON_KIND__PERSON_KIND_PARTY;
    p.name = (char *)"李建国";
    p.phone = (char *)"13812342207";
    resp.people = list;
    resp.n_people = 1;
    resp.audit_id = 7;
    return copy(&resp.base);
}

static ProtobufCMessage *list_events(const Wangge__V1__ListCaseEventsRequest *req)
{
    Wangge__V1__ListCaseEventsResponse resp = WANGGE__V1__LIST_CASE_EVENTS_RESPONSE__INIT;
    Wangge__V1__CaseEvent events[2];
    Wangge__V1__CaseEvent *list[2] = {&events[0], &events[1]};
    Wangge__V1__Actor worker = WANGGE__V1__ACTOR__INIT, system = WANGGE__V1__ACTOR__INIT;
    Google__Protobuf__Timestamp t[2] = {stamp(CITY_NOW - 29 * MIN), stamp(CITY_NOW - 26 * MIN)};
    worker.name = (char *)"王丽";
    system.name = (char *)"孙主任";
    for (int i = 0; i < 2; i++) {
        wangge__v1__case_event__init(&events[i]);
        events[i].case_id = req->case_id;
        events[i].version = i + 1;
        events[i].action = i ? WANGGE__V1__ACTION__ACTION_NOTE : WANGGE__V1__ACTION__ACTION_SUBMIT;
        events[i].to_state = WANGGE__V1__CASE_STATE__CASE_STATE_REPORTED;
        events[i].actor = i ? &system : &worker;
        events[i].happened_at = &t[i];
        events[i].text = (char *)(i ? "请于今日 12 时前反馈。" : "约两车建筑垃圾,堵住半条人行道。");
    }
    size_t skip = req->after_version >= 2 ? 2 : (size_t)req->after_version;
    resp.events = list + skip;
    resp.n_events = 2 - skip;
    return copy(&resp.base);
}

static ProtobufCMessage *list_categories(void)
{
    static const char *const names[][4] = {
        {"E0102", "乱倒垃圾", "LDLJ", "Illegal dumping"},   {"E0103", "垃圾清运", "LJQY", "Refuse collection"},
        {"D0102", "邻里纠纷", "LLJF", "Neighbour dispute"}, {"L0101", "噪音扰民", "ZYRM", "Noise"},
        {"E0501", "占道经营", "ZDJY", "Occupied pavement"}, {"H0101", "消防隐患", "XFYH", "Fire hazard"},
    };
    Wangge__V1__ListCategoriesResponse resp = WANGGE__V1__LIST_CATEGORIES_RESPONSE__INIT;
    Wangge__V1__Category c[6];
    Wangge__V1__Category *list[6];
    int32_t limits[3] = {1440, 720, 240};
    for (int i = 0; i < 6; i++) {
        wangge__v1__category__init(&c[i]);
        c[i].code = (char *)names[i][0];
        c[i].name = (char *)names[i][1];
        c[i].initials = (char *)names[i][2];
        c[i].name_en = (char *)names[i][3];
        c[i].group_name = (char *)"市容环境";
        c[i].handle_limit_minutes = limits;
        c[i].n_handle_limit_minutes = 3;
        c[i].active = c[i].counted = c[i].settle_allowed = true;
        list[i] = &c[i];
    }
    resp.categories = list;
    resp.n_categories = 6;
    resp.etag = (char *)"1";
    return copy(&resp.base);
}

static ProtobufCMessage *list_regions(void)
{
    Wangge__V1__ListRegionsResponse resp = WANGGE__V1__LIST_REGIONS_RESPONSE__INIT;
    Wangge__V1__Region r[4];
    Wangge__V1__Region *list[4];
    static const struct {
        const char *code, *name;
        int level;
    } regions[4] = {{"230604001", "庆新街道", 3},
                    {"230604001001", "庆新社区", 4},
                    {"230604001001002", "第二网格", 5},
                    {"230604001001003", "第三网格", 5}};
    for (int i = 0; i < 4; i++) {
        wangge__v1__region__init(&r[i]);
        r[i].code = (char *)regions[i].code;
        r[i].name = (char *)regions[i].name;
        r[i].level = (Wangge__V1__RegionLevel)regions[i].level;
        list[i] = &r[i];
    }
    resp.regions = list;
    resp.n_regions = 4;
    resp.etag = (char *)"1";
    return copy(&resp.base);
}

static ProtobufCMessage *list_organs(void)
{
    Wangge__V1__ListOrgansResponse resp = WANGGE__V1__LIST_ORGANS_RESPONSE__INIT;
    Wangge__V1__Organ o[2];
    Wangge__V1__Organ *list[2] = {&o[0], &o[1]};
    for (int i = 0; i < 2; i++) {
        wangge__v1__organ__init(&o[i]);
        o[i].code = (char *)(i ? "XFZ" : "CGZD");
        o[i].name = (char *)(i ? "让胡路消防站" : "让胡路城管中队");
        o[i].initials = (char *)(i ? "RHLXFZ" : "RHLCGZD");
        o[i].active = true;
    }
    resp.organs = list;
    resp.n_organs = 2;
    resp.etag = (char *)"1";
    return copy(&resp.base);
}

static ProtobufCMessage *list_actions(void)
{
    Wangge__V1__ListActionsResponse resp = WANGGE__V1__LIST_ACTIONS_RESPONSE__INIT;
    Wangge__V1__ActionRule r[3];
    Wangge__V1__ActionRule *list[3] = {&r[0], &r[1], &r[2]};
    Wangge__V1__CaseState from[3] = {WANGGE__V1__CASE_STATE__CASE_STATE_REPORTED, WANGGE__V1__CASE_STATE__CASE_STATE_ACCEPTED,
                                     WANGGE__V1__CASE_STATE__CASE_STATE_HANDLING};
    Wangge__V1__Role role = WANGGE__V1__ROLE__ROLE_GRID_WORKER;
    char *organ = (char *)"organ_code", *approval = (char *)"approval";
    for (int i = 0; i < 3; i++) {
        wangge__v1__action_rule__init(&r[i]);
        r[i].from_states = &from[i];
        r[i].n_from_states = 1;
        r[i].roles = &role;
        r[i].n_roles = 1;
    }
    r[0].action = WANGGE__V1__ACTION__ACTION_ACCEPT;
    r[1].action = WANGGE__V1__ACTION__ACTION_DISPATCH;
    r[1].required_fields = &organ;
    r[1].n_required_fields = 1;
    r[2].action = WANGGE__V1__ACTION__ACTION_ENDORSE;
    r[2].required_fields = &approval;
    r[2].n_required_fields = 1;
    resp.rules = list;
    resp.n_rules = 3;
    return copy(&resp.base);
}

static ProtobufCMessage *query_metric(const struct city *city, const Wangge__V1__QueryMetricRequest *req)
{
    static const struct {
        const char *key, *name;
        int64_t n, d;
    } regions[3] = {{"230604", "让胡路区", 8000, 10000}, {"230605", "红岗区", 6904, 8395}, {"230623", "林甸县", 0, 0}};
    Wangge__V1__QueryMetricResponse resp = WANGGE__V1__QUERY_METRIC_RESPONSE__INIT;
    Wangge__V1__Metric metric = WANGGE__V1__METRIC__INIT;
    Wangge__V1__Figure total = WANGGE__V1__FIGURE__INIT, earlier = WANGGE__V1__FIGURE__INIT, before = WANGGE__V1__FIGURE__INIT,
                       f[3];
    Wangge__V1__Counts counts = WANGGE__V1__COUNTS__INIT;
    Wangge__V1__FigureRow row[3];
    Wangge__V1__FigureRow *list[3];
    Google__Protobuf__Timestamp as_of = stamp(CITY_NOW), pulled = stamp(CITY_NOW);
    metric.code = (char *)"K01";
    metric.version = 1;
    metric.name = (char *)"办结率";
    metric.name_en = (char *)"completion rate";
    metric.definition = (char *)"窗口内上报、有效的事项中,截至时点已结案的占比。";
    metric.definition_en = (char *)"Of the valid cases reported in the window, the share closed at the as-of time.";
    counts = (Wangge__V1__Counts){.base = counts.base,
                                  .reported = 18442,
                                  .valid = 18400,
                                  .closed = 14904,
                                  .self_closed = 13414,
                                  .voided = 30,
                                  .merged = 12};
    total.numerator = 14904;
    total.denominator = 18400;
    total.counts = &counts;
    total.from = req->query->from;
    total.to = req->query->to;
    earlier.numerator = 790;
    earlier.denominator = 1000;
    before.numerator = 800;
    before.denominator = 1000;
    for (int i = 0; i < 3; i++) {
        wangge__v1__figure__init(&f[i]);
        wangge__v1__figure_row__init(&row[i]);
        f[i].numerator = regions[i].n;
        f[i].denominator = regions[i].d;
        f[i].counts = &counts;
        row[i].key = (char *)regions[i].key;
        row[i].name = (char *)regions[i].name;
        row[i].figure = &f[i];
        list[i] = &row[i];
    }
    req->query->as_of = &as_of;
    resp.query = req->query;
    resp.definition = &metric;
    resp.total = &total;
    resp.rows = list;
    resp.n_rows = 3;
    if (city->no_figures && req->breakdown == WANGGE__V1__BREAKDOWN__BREAKDOWN_MONTH) {
        row[0].key = (char *)"2026-03";
        row[1].key = (char *)"2026-10";
        wangge__v1__figure__init(&f[1]);
        resp.n_rows = 2;
    } else if (city->no_figures && strcmp(req->query->from, "2026-03-01") > 0) {
        total.numerator = total.denominator = 0;
        total.counts = NULL;
        resp.n_rows = 0;
    }
    resp.pulled_at = &pulled;
    resp.pulled_by = (char *)"王丽";
    resp.year_earlier = &earlier;
    resp.previous_period = &before;
    ProtobufCMessage *m = copy(&resp.base);
    req->query->as_of = NULL;
    return m;
}

static ProtobufCMessage *list_figure_cases(const struct city *city, const Wangge__V1__ListFigureCasesRequest *req)
{
    Wangge__V1__ListFigureCasesResponse resp = WANGGE__V1__LIST_FIGURE_CASES_RESPONSE__INIT;
    Wangge__V1__FigureCase fc[6];
    Wangge__V1__FigureCase *list[6];
    Wangge__V1__Case c[6];
    Wangge__V1__Actor a[6];
    Google__Protobuf__Timestamp t[6][2];
    for (int i = 0; i < 6; i++) {
        wangge__v1__figure_case__init(&fc[i]);
        fill_case(&c[i], i, &a[i], t[i]);
        fc[i].case_ = &c[i];
        fc[i].state_as_of = WANGGE__V1__CASE_STATE__CASE_STATE_CLOSED;
        list[i] = &fc[i];
    }
    resp.cases = list;
    resp.n_cases = 6;
    resp.total = (req->key[0] ? 8000 : 14904) - city->wrong_length;
    return copy(&resp.base);
}

void city_details(struct fake_answer *a, const ProtobufCMessage *detail)
{
    Google__Rpc__Status st = GOOGLE__RPC__STATUS__INIT;
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    Google__Protobuf__Any *anys[1] = {&any};
    char url[120];
    snprintf(url, sizeof url, "type.googleapis.com/%s", detail->descriptor->name);
    any.type_url = url;
    any.value.len = protobuf_c_message_get_packed_size(detail);
    any.value.data = malloc(any.value.len + 1);
    protobuf_c_message_pack(detail, any.value.data);
    st.code = a->code;
    st.details = anys;
    st.n_details = 1;
    a->details_len = google__rpc__status__get_packed_size(&st);
    a->details = malloc(a->details_len + 1);
    google__rpc__status__pack(&st, a->details);
    free(any.value.data);
}

static void keep(struct city *city, const ProtobufCMessage *req)
{
    if (city->last_act)
        protobuf_c_message_free_unpacked(city->last_act, NULL);
    city->last_act = copy(req);
}

static ProtobufCMessage *submit(struct city *city, const Wangge__V1__SubmitCaseRequest *req, struct fake_answer *a)
{
    keep(city, &req->base);
    Wangge__V1__SubmitCaseResponse resp = WANGGE__V1__SUBMIT_CASE_RESPONSE__INIT;
    if (strstr(req->description, "refuse me")) {
        Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
        Google__Rpc__BadRequest__FieldViolation v = GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
        Google__Rpc__BadRequest__FieldViolation *vs[1] = {&v};
        v.field = (char *)"description";
        v.description = (char *)"say where exactly";
        bad.field_violations = vs;
        bad.n_field_violations = 1;
        a->code = 3;
        a->message = "a field is wrong";
        city_details(a, &bad.base);
        return NULL;
    }
    resp.case_id = req->case_id;
    resp.number = (char *)"2306042611230423";
    resp.version = 1;
    resp.state = WANGGE__V1__CASE_STATE__CASE_STATE_REPORTED;
    resp.grid_code = req->grid_code;
    return copy(&resp.base);
}

static ProtobufCMessage *act(struct city *city, const Wangge__V1__ActRequest *req, struct fake_answer *a)
{
    keep(city, &req->base);
    Wangge__V1__CaseConflict k = WANGGE__V1__CASE_CONFLICT__INIT;
    Wangge__V1__ActionOption o[2] = {WANGGE__V1__ACTION_OPTION__INIT, WANGGE__V1__ACTION_OPTION__INIT};
    Wangge__V1__ActionOption *os[2] = {&o[0], &o[1]};
    char *text = (char *)"text";
    o[0].action = req->action;
    o[1].action = WANGGE__V1__ACTION__ACTION_RETURN;
    o[1].required_fields = &text;
    o[1].n_required_fields = 1;
    k.state = WANGGE__V1__CASE_STATE__CASE_STATE_REPORTED;
    k.version = 3;
    k.allowed_actions = os;
    k.n_allowed_actions = 2;
    if (city->rule) {
        k.rule = (char *)city->rule;
        os[0] = &o[1];
        k.n_allowed_actions = 1;
        a->code = 9;
        a->message = "refused by a rule";
        city_details(a, &k.base);
        return NULL;
    }
    if (city->conflict && req->expected_version == 2) {
        Wangge__V1__CaseEvent ev = WANGGE__V1__CASE_EVENT__INIT;
        Wangge__V1__CaseEvent *evs[1] = {&ev};
        Wangge__V1__Actor actor = WANGGE__V1__ACTOR__INIT;
        Google__Protobuf__Timestamp t = stamp(CITY_NOW - MIN);
        actor.name = (char *)"孙主任";
        ev.version = 3;
        ev.action = city->clash ? req->action : WANGGE__V1__ACTION__ACTION_URGE;
        ev.receiver = (char *)(city->clash ? "CGZD" : "");
        ev.actor = &actor;
        ev.happened_at = &t;
        ev.text = (char *)"请尽快";
        k.rule = (char *)"VERSION";
        k.events_since = evs;
        k.n_events_since = 1;
        a->code = 10;
        a->message = "the case changed";
        city_details(a, &k.base);
        return NULL;
    }
    Wangge__V1__ActResponse resp = WANGGE__V1__ACT_RESPONSE__INIT;
    Wangge__V1__Case c;
    Wangge__V1__Actor actor;
    Google__Protobuf__Timestamp t[2];
    fill_case(&c, index_of(req->case_id), &actor, t);
    c.version = req->expected_version + 1;
    resp.case_ = &c;
    return copy(&resp.base);
}

static ProtobufCMessage *add_note(struct city *city, const ProtobufCMessage *req)
{
    keep(city, req);
    Wangge__V1__AddNoteResponse resp = WANGGE__V1__ADD_NOTE_RESPONSE__INIT;
    resp.version = 3;
    return copy(&resp.base);
}

enum fake_verdict city_serve(void *arg, const char *path, const ProtobufCMessage *req, struct fake_answer *a)
{
    struct city *city = arg;
    const char *name = strrchr(path, '/') + 1;
    text_copy(city->last_path, sizeof city->last_path, name);
    if (city->silent || strcmp(name, "Watch") == 0)
        return FAKE_SILENT;
    if (city->refuse) {
        a->code = city->refuse;
        a->message = "refused";
        return FAKE_REPLY;
    }
    if (city->desk && city_desk(city, name, req, a)) {
        if (!a->resp && a->code == 0)
            a->code = 5;
        return FAKE_REPLY;
    }
    if (city_entry(city, name, req, a))
        return FAKE_REPLY;
    if (strcmp(name, "ListCases") == 0)
        a->resp = list_cases(city, (const Wangge__V1__ListCasesRequest *)req);
    else if (strcmp(name, "GetCase") == 0)
        a->resp = get_case(city, (const Wangge__V1__GetCaseRequest *)req);
    else if (strcmp(name, "ListCaseEvents") == 0)
        a->resp = list_events((const Wangge__V1__ListCaseEventsRequest *)req);
    else if (strcmp(name, "ListCategories") == 0)
        a->resp = list_categories();
    else if (strcmp(name, "ListRegions") == 0)
        a->resp = list_regions();
    else if (strcmp(name, "ListOrgans") == 0)
        a->resp = list_organs();
    else if (strcmp(name, "ListActions") == 0)
        a->resp = list_actions();
    else if (strcmp(name, "QueryMetric") == 0)
        a->resp = query_metric(city, (const Wangge__V1__QueryMetricRequest *)req);
    else if (strcmp(name, "ListFigureCases") == 0)
        a->resp = list_figure_cases(city, (const Wangge__V1__ListFigureCasesRequest *)req);
    else if (strcmp(name, "SubmitCase") == 0)
        a->resp = submit(city, (const Wangge__V1__SubmitCaseRequest *)req, a);
    else if (strcmp(name, "Act") == 0)
        a->resp = act(city, (const Wangge__V1__ActRequest *)req, a);
    else if (strcmp(name, "AddNote") == 0)
        a->resp = add_note(city, req);
    else if (city->helps && strcmp(name, "FindSimilar") == 0)
        a->resp = find_similar();
    else if (city->helps && strcmp(name, "SuggestDispatch") == 0)
        a->resp = suggest();
    else if (city->helps && strcmp(name, "ListCalendars") == 0)
        a->resp = list_calendars();
    else if (city->helps && strcmp(name, "RevealPeople") == 0)
        a->resp = reveal();
    else
        a->code = 12;
    if (!a->resp && a->code == 0)
        a->code = 5;
    return FAKE_REPLY;
}

void city_session(struct session *s, const char *server)
{
    memset(s, 0, sizeof *s);
    text_copy(s->token, sizeof s->token, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    text_copy(s->server, sizeof s->server, server);
    text_copy(s->login, sizeof s->login, "wangli");
    text_copy(s->name, sizeof s->name, "王丽");
    text_copy(s->region_code, sizeof s->region_code, "230604001001003");
    s->role = WANGGE__V1__ROLE__ROLE_GRID_WORKER;
    s->expires_at = CITY_NOW + 8 * HOUR;
}
