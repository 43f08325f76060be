/* SPDX-License-Identifier: MIT */
/* A small city and a case in it. */
#include "domain_fixture.h"

#include <stdio.h>
#include <string.h>

usec_t fx_time(int year, int month, int day, int hour, int minute)
{
    struct civil c = {.year = year, .month = month, .day = day, .hour = hour, .minute = minute};
    return clock_from_civil(&c, CALENDAR_ZONE_CHINA_S);
}

usec_t fx_friday(int hour, int minute)
{
    return fx_time(2021, 9, 17, hour, minute);
}

size_t fx_holidays(struct calendar_override **ret, char **ret_text)
{
    FILE *file = fopen(HOLIDAYS_TSV, "rb");
    ck_assert_ptr_nonnull(file);
    char *text = calloc(1, 65536);
    size_t len = fread(text, 1, 65535, file);
    ck_assert_uint_gt(len, 1000);
    fclose(file);
    struct calendar_override *days = calloc(1000, sizeof(*days));
    size_t n = 0;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (!*line || *line == '#' || strncmp(line, "date", 4) == 0)
            continue;
        char *name = line, *date = strsep(&name, "\t"), *kind = strsep(&name, "\t");
        ck_assert_ptr_nonnull(name);
        ck_assert(clock_parse_date(date, &days[n].day));
        ck_assert(strcmp(kind, "work") == 0 || strcmp(kind, "off") == 0);
        days[n].working = kind[0] == 'w';
        days[n++].name = name;
    }
    *ret = days;
    *ret_text = text;
    return n;
}

static void add_regions(struct directory_builder *b)
{
    static const struct {
        const char *code;
        const char *name;
    } rows[] = {
        {"2306", "大庆市"},
        {"230604", "让胡路区"},
        {"230602", "萨尔图区"},
        {"230604001", "庆新街道"},
        {"230604001001", "庆新社区"},
        {"230604001001001", "第一网格"},
        {"230602001", "萨尔图街道"},
        {"230602001001", "东风社区"},
        {"230602001001001", "第一网格"},
        {"230604001001002", "第二网格"},
        {"230604001001003", "旧网格"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct dir_region r = {.name = rows[i].name, .valid_from = DAY_NONE, .valid_to = DAY_NONE};
        ck_assert_int_eq(region_parse(rows[i].code, &r.code, NULL), 0);
        if (r.code == GRID_OLD)
            r.valid_to = clock_days_from_civil(2020, 12, 31);
        ck_assert_int_eq(directory_add_region(b, &r, NULL), 0);
    }
}

static void add_rules(struct directory_builder *b)
{
    static const struct dir_category categories[] = {
        {.id = CAT_SETTLE,
         .code = "E0102",
         .name = "暴露垃圾",
         .settle_allowed = true,
         .counted = true,
         .active = true,
         .handle_limit_min = {480, 240, 120}},
        {.id = CAT_PLAIN,
         .code = "D0101",
         .name = "邻里纠纷",
         .counted = true,
         .active = true,
         .handle_limit_min = {960, 480, 240}},
        {.id = CAT_RECORD, .code = "Z0101", .name = "巡查", .settle_allowed = true, .active = true, .check_waived = true},
        {.id = CAT_RETIRED,
         .code = "E0199",
         .name = "旧类",
         .settle_allowed = true,
         .counted = true,
         .handle_limit_min = {480, 240, 120}},
        {.id = CAT_WAIVED,
         .code = "M0101",
         .name = "咨询",
         .settle_allowed = true,
         .counted = true,
         .active = true,
         .check_waived = true},
        {.id = CAT_EVIDENCE,
         .code = "H0101",
         .name = "消防通道",
         .settle_allowed = true,
         .counted = true,
         .active = true,
         .evidence_settle = true,
         .evidence_feedback = true,
         .handle_limit_min = {480, 240, 120}},
    };
    static const struct dir_organ organs[] = {
        {.id = ORGAN_CITY,
         .code = "CITY-C",
         .name = "市中心",
         .kind = ORGAN_CENTRE,
         .region = INT64_C(230600000000000),
         .active = true},
        {.id = ORGAN_URBAN,
         .code = "RHL-CG",
         .name = "让胡路城管",
         .kind = ORGAN_DEPARTMENT,
         .region = INT64_C(230604000000000),
         .active = true},
        {.id = ORGAN_WATER,
         .code = "RHL-SW",
         .name = "让胡路水务",
         .kind = ORGAN_DEPARTMENT,
         .region = INT64_C(230604000000000),
         .active = true},
        {.id = ORGAN_RETIRED,
         .code = "RHL-OLD",
         .name = "旧单位",
         .kind = ORGAN_DEPARTMENT,
         .region = INT64_C(230604000000000)},
        {.id = ORGAN_ELSEWHERE,
         .code = "SET-CG",
         .name = "萨尔图城管",
         .kind = ORGAN_DEPARTMENT,
         .region = INT64_C(230602000000000),
         .active = true},
    };
    for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
        ck_assert_int_eq(directory_add_category(b, &categories[i], NULL), 0);
    for (size_t i = 0; i < sizeof(organs) / sizeof(organs[0]); i++)
        ck_assert_int_eq(directory_add_organ(b, &organs[i], NULL), 0);
    struct calendar_override *days;
    char *text;
    size_t n = fx_holidays(&days, &text);
    for (size_t i = 0; i < n; i++) {
        struct dir_calendar_day d = {.day = days[i].day, .working = days[i].working, .name = days[i].name};
        ck_assert_int_eq(directory_add_calendar_day(b, &d, NULL), 0);
    }
    free(days);
    free(text);
}

static void set_actor(struct fx *f, enum who who, enum role role, int64_t region, int32_t organ)
{
    f->who[who] = (struct actor){.role = role, .region = region, .organ_id = organ, .name = role_name(role)};
    f->who[who].account.bytes[0] = 0xac;
    f->who[who].account.bytes[15] = (uint8_t)(who + 1);
}

static void add_people(struct fx *f)
{
    const int64_t county = INT64_C(230604000000000), community = INT64_C(230604001001000);
    set_actor(f, WHO_WORKER, ROLE_GRID_WORKER, community, 0);
    set_actor(f, WHO_WORKER_2, ROLE_GRID_WORKER, community, 0);
    set_actor(f, WHO_COMMUNITY, ROLE_COMMUNITY, community, 0);
    set_actor(f, WHO_ACCEPTOR, ROLE_ACCEPTOR, county, 0);
    set_actor(f, WHO_ACCEPTOR_TOWN, ROLE_ACCEPTOR, INT64_C(230604001000000), 0);
    set_actor(f, WHO_DISPATCHER, ROLE_DISPATCHER, county, 0);
    set_actor(f, WHO_HANDLER, ROLE_HANDLER, county, ORGAN_URBAN);
    set_actor(f, WHO_LEAD, ROLE_ORGAN_LEAD, county, ORGAN_URBAN);
    set_actor(f, WHO_WATER, ROLE_ORGAN_LEAD, county, ORGAN_WATER);
    set_actor(f, WHO_CHIEF, ROLE_DUTY_CHIEF, county, 0);
    set_actor(f, WHO_SUPERVISOR, ROLE_SUPERVISOR, INT64_C(230600000000000), 0);
    set_actor(f, WHO_MEDIATOR, ROLE_MEDIATOR, county, 0);
    set_actor(f, WHO_EXPERT, ROLE_EXPERT, county, 0);
    set_actor(f, WHO_INTEGRATION, ROLE_INTEGRATION, INT64_C(230600000000000), 0);
    set_actor(f, WHO_SYSTEM_ADMIN, ROLE_SYSTEM_ADMIN, INT64_C(230600000000000), 0);
    set_actor(f, WHO_SECURITY_ADMIN, ROLE_SECURITY_ADMIN, INT64_C(230600000000000), 0);
    set_actor(f, WHO_AUDITOR, ROLE_AUDITOR, INT64_C(230600000000000), 0);
    set_actor(f, WHO_SERVER, ROLE_NONE, 0, 0);
    f->who[WHO_SERVER].is_server = true;
    f->who[WHO_SERVER].account = (struct uuid){{0}};
    set_actor(f, WHO_STRANGER, ROLE_ACCEPTOR, INT64_C(230602000000000), 0);
}

void fx_init(struct fx *f)
{
    fx_init_with(f, NULL);
}

void fx_init_with(struct fx *f, void (*more)(struct directory_builder *b))
{
    memset(f, 0, sizeof(*f));
    struct directory_builder *b = directory_builder_create();
    ck_assert_ptr_nonnull(b);
    add_regions(b);
    add_rules(b);
    if (more)
        more(b);
    struct err e;
    ck_assert_msg(directory_builder_finish(b, 1, &f->dir, &e) == 0, "%s", e.text);
    directory_builder_destroy(b);
    f->env.dir = f->dir;
    add_people(f);
    fx_reset(f, fx_friday(9, 0));
}

void fx_fini(struct fx *f)
{
    directory_unref(f->dir);
}

void fx_reset(struct fx *f, usec_t t)
{
    f->exists = false;
    case_snap_init(&f->snap);
    f->env.now = t;
    memset(f->cells, 0, sizeof(f->cells));
    case_snap_init(&f->lead);
    f->lead.id.bytes[0] = 0x1e;
    f->lead.grid = GRID_2;
    f->lead.state = STATE_HANDLING;
}

void fx_prepare(struct fx *f, enum action a)
{
    act_init(&f->act, a);
    f->act.text = "已清理，现场照片已上传";
    f->act.reason_code = a == ACT_CLOSE || a == ACT_SETTLE ? NULL : "R01"; /* there it is the outcome of a dispute */
    f->act.organ_id = a == ACT_WHISTLE ? ORGAN_WATER : ORGAN_URBAN;
    f->act.check_result = CHECK_PASS;
    f->act.target = &f->lead;
    /* What was asked for is granted. */
    if (approval_granted_by_action(a) == APPROVAL_NONE)
        f->act.until = f->env.now + INT64_C(10) * 86400 * USEC_PER_SEC;
    f->act.approval = APPROVAL_EXTEND;
    for (enum approval_kind k = APPROVAL_EXTEND; k < APPROVAL_COUNT; k++)
        if (approval_is_pending(&f->snap, k))
            f->act.approval = k;
    f->act.expected_version = f->snap.version;
    if (!f->exists) {
        f->act.case_id.bytes[0] = 0xca;
        f->act.case_id.bytes[15] = 1;
        f->act.grid = GRID_1;
        f->act.category_id = CAT_SETTLE;
    }
}

int fx_send(struct fx *f, enum who who)
{
    struct case_snap after;
    memset(&after, 0xee, sizeof(after));
    int rc = gate_decide(&f->env, &f->who[who], f->exists ? &f->snap : NULL, &f->act, &after, &f->why);
    if (rc) {
        ck_assert_int_eq(rc, f->why.code);
        ck_assert_str_ne(f->why.text, "");
        ck_assert_int_eq(((unsigned char *)&after)[0], 0xee);
        return rc;
    }
    int8_t delta[MEASURE_COUNT];
    struct measure_step step = {f->act.action, f->act.check_result, f->act.responded, f->act.solved};
    measure_delta(&step, f->exists ? &f->snap : NULL, &after, delta);
    for (int m = 0; m < MEASURE_COUNT; m++)
        f->cells[m] += delta[m];
    f->before = f->snap;
    f->snap = after;
    f->exists = true;
    return 0;
}

int fx_do(struct fx *f, enum action a, enum who who)
{
    f->env.now += 60 * USEC_PER_SEC;
    fx_prepare(f, a);
    return fx_send(f, who);
}

void fx_must(struct fx *f, enum action a, enum who who)
{
    int rc = fx_do(f, a, who);
    ck_assert_msg(rc == 0, "%s by %s: %s (%s)", action_name(a), role_name(f->who[who].role), f->why.text, f->why.rule);
}

void fx_bring_to(struct fx *f, enum case_state s)
{
    static const struct {
        enum action action;
        enum who who;
        enum case_state to;
    } way[] = {
        {ACT_SUBMIT, WHO_WORKER, STATE_REPORTED},
        {ACT_ACCEPT, WHO_ACCEPTOR, STATE_ACCEPTED},
        {ACT_DISPATCH, WHO_DISPATCHER, STATE_DISPATCHED},
        {ACT_SIGN, WHO_HANDLER, STATE_HANDLING},
        {ACT_FEED_BACK, WHO_HANDLER, STATE_FEEDBACK},
        {ACT_ORDER_FIELD_CHECK, WHO_ACCEPTOR, STATE_FIELD_CHECK},
        {ACT_ANSWER_FIELD_CHECK, WHO_WORKER_2, STATE_FEEDBACK},
        {ACT_CLOSE, WHO_ACCEPTOR, STATE_CLOSED},
    };
    static const struct {
        enum case_state state, from;
        enum action action;
        enum who who;
    } side[] = {
        {STATE_FACT_CHECK, STATE_REPORTED, ACT_ORDER_FACT_CHECK, WHO_ACCEPTOR},
        {STATE_REFERRED, STATE_ACCEPTED, ACT_REFER, WHO_ACCEPTOR},
        {STATE_NOT_ACCEPTED, STATE_REPORTED, ACT_REFUSE, WHO_ACCEPTOR},
        {STATE_MERGED, STATE_REPORTED, ACT_MERGE, WHO_ACCEPTOR},
    };
    fx_reset(f, f->env.now);
    for (size_t i = 0; i < sizeof(side) / sizeof(side[0]); i++) {
        if (side[i].state != s)
            continue;
        fx_bring_to(f, side[i].from);
        fx_must(f, side[i].action, side[i].who);
        return;
    }
    if (s == STATE_SUSPENDED) {
        fx_bring_to(f, STATE_HANDLING);
        fx_must(f, ACT_REQUEST_SUSPEND, WHO_HANDLER);
        fx_must(f, ACT_ENDORSE, WHO_LEAD);
        fx_must(f, ACT_SUSPEND, WHO_DISPATCHER);
        return;
    }
    if (s == STATE_VOIDED) {
        fx_bring_to(f, STATE_REPORTED);
        fx_must(f, ACT_REQUEST_VOID, WHO_ACCEPTOR);
        fx_must(f, ACT_VOID, WHO_CHIEF);
        return;
    }
    if (s == STATE_ARCHIVED) {
        fx_bring_to(f, STATE_CLOSED);
        fx_must(f, ACT_REVISIT, WHO_SUPERVISOR);
        fx_must(f, ACT_ARCHIVE, WHO_SERVER);
        return;
    }
    for (size_t i = 0; i < sizeof(way) / sizeof(way[0]) && f->snap.state != s; i++)
        fx_must(f, way[i].action, way[i].who);
    ck_assert_int_eq(f->snap.state, s);
}
