/* SPDX-License-Identifier: MIT */
/* Words of the client: rules, times left, dates ahead, and whether two people's wishes meet. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/clash.h"
#include "client/model/i18n.h"
#include "client/model/moment.h"
#include "client/model/reasons.h"
#include "client/model/rules.h"
#include "client/model/until.h"
#include "client_words.h"

#define ACT(name) WANGGE__V1__ACTION__ACTION_##name
/* 2026-11-23 09:41 in the region, a Monday. */
#define NOW  INT64_C(1795398060000000)
#define MIN  (INT64_C(60) * USEC_PER_SEC)
#define HOUR (60 * MIN)
#define DAY  (24 * HOUR)

/* Every rule the server can name, and every field it can ask for, has words. */
START_TEST(test_rules)
{
    const char *name;
    for (int i = 0; (name = server_guard(i)); i++) {
        if (strcmp(name, "?") != 0)
            ck_assert_msg(rules_text(name) != NULL, "%s has no words", name);
    }
    for (int i = 0; (name = server_field(i)); i++)
        ck_assert_msg(strcmp(rules_field(name), name) != 0, "%s has no label", name);
    ck_assert_ptr_null(rules_text("SOMETHING_ELSE"));
    ck_assert_str_eq(rules_field("something_else"), "something_else");
    ck_assert_str_eq(reasons_text("FUNDS"), "waits for money");
    ck_assert_str_eq(reasons_text("OWN"), "OWN");
    ck_assert_ptr_null(reasons_of(ACT(SIGN), 0));
}
END_TEST

static const struct {
    usec_t left;
    const char *column, *words;
} times[] = {
    {30 * MIN, "0h30m", "30 min left"},
    {200 * MIN, "3h20m", "3 h 20 min left"},
    {2 * HOUR, "2h00m", "2 h left"},
    {26 * HOUR, "1d02h", "1 day 2 h left"},
    {-130 * MIN, "-2h10m", "overdue by 2 h 10 min"},
    {-40 * DAY, "-40d00h", "overdue by 40 days"},
    {-200 * DAY, "-200d", "overdue by 200 days"},
    {-2512 * DAY, "-6y322d", "overdue by 6 years 322 days"},
    {-730 * DAY, "-2y0d", "overdue by 2 years"},
};

START_TEST(test_times)
{
    char text[MOMENT_TEXT_MAX];
    ck_assert_str_eq(moment_left(NOW + times[_i].left, NOW, text), times[_i].column);
    ck_assert_int_le((int)strlen(text), MOMENT_LEFT_COLS);
    ck_assert_str_eq(moment_remaining(NOW + times[_i].left, NOW, text), times[_i].words);
}
END_TEST

static const struct {
    const char *typed;
    const char *want; /* NULL: refused */
} dates[] = {
    {"2026-11-25 18:00", "2026-11-25 18:00"},
    {"2026-11-25", "2026-11-25 23:59"},
    {" 18:00", "2026-11-23 18:00"},
    {"tomorrow 8:05", "2026-11-24 08:05"},
    {"明天", "2026-11-24 23:59"},
    {"后天 12:00", "2026-11-25 12:00"},
    {"+2h", "2026-11-23 11:41"},
    {"+1d", "2026-11-24 09:41"},
    {"+2w", "2026-12-07 09:41"},
    {"+1wd", "2026-11-24 18:00"},
    {"+3wd", "2026-11-27 18:00"}, /* Wednesday is a holiday */
    {"+4wd", "2026-11-28 18:00"}, /* Saturday is made up */
    {"+5wd", "2026-11-30 18:00"},
    {"", NULL},
    {"soon", NULL},
    {"+", NULL},
    {"+0d", NULL},
    {"+3x", NULL},
    {"+99999d", NULL},
    {"2026-02-30", NULL},
    {"2026-11-25 25:00", NULL},
    {"2026-11-25 9", NULL},
    {"12:60", NULL},
    {"tomorrow noon", NULL},
};

START_TEST(test_dates)
{
    Wangge__V1__ListCalendarsResponse cals = WANGGE__V1__LIST_CALENDARS_RESPONSE__INIT;
    Wangge__V1__Calendar c[2] = {WANGGE__V1__CALENDAR__INIT, WANGGE__V1__CALENDAR__INIT};
    Wangge__V1__Calendar *list[2] = {&c[0], &c[1]};
    Wangge__V1__CalendarDate d[2] = {WANGGE__V1__CALENDAR_DATE__INIT, WANGGE__V1__CALENDAR_DATE__INIT};
    Wangge__V1__CalendarDate *days[2] = {&d[0], &d[1]};
    char text[UNTIL_TEXT_MAX];
    usec_t at;
    d[0].date = (char *)"2026-11-25";
    d[1].date = (char *)"2026-11-28";
    d[1].working = true;
    c[0].region_code = (char *)"2306";
    c[0].days = days;
    c[0].n_days = 2;
    c[1].region_code = (char *)"230602"; /* another county's: not ours */
    cals.calendars = list;
    cals.n_calendars = 2;
    bool ok = until_parse(dates[_i].typed, NOW, &cals, "230604001001001", &at);
    ck_assert_msg(ok == (dates[_i].want != NULL), "\"%s\"", dates[_i].typed);
    if (ok)
        ck_assert_str_eq(until_format(at, text), dates[_i].want);
}
END_TEST

START_TEST(test_no_calendar)
{
    char text[UNTIL_TEXT_MAX];
    ck_assert_str_eq(until_format(until_workdays(NOW, 5, NULL, ""), text), "2026-11-30 18:00");
}
END_TEST

static const struct {
    int mine, theirs;
    bool allowed;
    int missing; /* events the server did not list */
    bool again;
} clashes[] = {
    {ACT(DISPATCH), ACT(URGE), true, 0, true},
    {ACT(DISPATCH), ACT(NOTE), true, 0, true},
    {ACT(DISPATCH), ACT(DISPATCH), true, 0, false},
    {ACT(DISPATCH), ACT(WHISTLE), true, 0, false}, /* both name helping organs */
    {ACT(DISPATCH), ACT(URGE), false, 0, false},
    {ACT(DISPATCH), ACT(URGE), true, 1, false},
    {ACT(FEED_BACK), ACT(REQUEST_EXTEND), true, 0, true},
    {ACT(EXTEND), ACT(REQUEST_EXTEND), true, 0, false},
    {ACT(ACCEPT), ACT(ACCEPT), true, 0, true}, /* the category was left as it is */
    {ACT(NOTE), 99, true, 0, true},
    {ACT(SIGN), 99, true, 0, false}, /* what is not known may touch anything */
};

START_TEST(test_clash)
{
    Wangge__V1__ActRequest req = WANGGE__V1__ACT_REQUEST__INIT;
    Wangge__V1__CaseConflict k = WANGGE__V1__CASE_CONFLICT__INIT;
    Wangge__V1__CaseEvent e = WANGGE__V1__CASE_EVENT__INIT;
    Wangge__V1__CaseEvent *events[1] = {&e};
    Wangge__V1__ActionOption o = WANGGE__V1__ACTION_OPTION__INIT;
    Wangge__V1__ActionOption *options[1] = {&o};
    req.action = (Wangge__V1__Action)clashes[_i].mine;
    req.expected_version = 4;
    e.action = (Wangge__V1__Action)clashes[_i].theirs;
    o.action = req.action;
    k.version = 5 + clashes[_i].missing;
    k.events_since = events;
    k.n_events_since = 1;
    k.allowed_actions = options;
    k.n_allowed_actions = clashes[_i].allowed;
    ck_assert_int_eq(clash_can_resend(&k, &req), clashes[_i].again);
}
END_TEST

/* A decision meets what it decides on, and nothing else. */
START_TEST(test_clash_of_decisions)
{
    Wangge__V1__ActRequest req = WANGGE__V1__ACT_REQUEST__INIT;
    Wangge__V1__CaseEvent e = WANGGE__V1__CASE_EVENT__INIT;
    req.action = ACT(ENDORSE);
    req.approval = WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_EXTEND;
    e.action = ACT(DECLINE);
    e.approval = WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_SUSPEND;
    ck_assert(!clash_meets(&req, &e));
    e.approval = WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_EXTEND;
    ck_assert(clash_meets(&req, &e));
    req.action = ACT(URGE); /* two warnings beside each other, but two cards not */
    e.action = ACT(URGE);
    ck_assert(!clash_meets(&req, &e));
    req.card = WANGGE__V1__CARD__CARD_RED;
    e.card = WANGGE__V1__CARD__CARD_YELLOW;
    ck_assert(clash_meets(&req, &e));
}
END_TEST

START_TEST(test_wish_in_words)
{
    Wangge__V1__ActRequest req = WANGGE__V1__ACT_REQUEST__INIT;
    Google__Protobuf__Timestamp until = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    char text[200], tiny[12];
    until.seconds = NOW / USEC_PER_SEC;
    req.action = ACT(REQUEST_EXTEND);
    req.until = &until;
    req.reason_code = (char *)"FUNDS";
    req.text = (char *)"so it is";
    clash_words(&req, NULL, text, sizeof text);
    ck_assert_str_eq(text, "Ask for more time: Until 2026-11-23 09:41; Reason waits for money; Text so it is");
    clash_words(&req, NULL, tiny, sizeof tiny);
    ck_assert_uint_lt(strlen(tiny), sizeof tiny);
    wangge__v1__act_request__init(&req);
    req.action = ACT(SIGN);
    clash_words(&req, NULL, text, sizeof text);
    ck_assert_str_eq(text, "Sign");
}
END_TEST

#define ROWS(a) ((int)(sizeof(a) / sizeof *(a)))

int main(void)
{
    i18n_init("en");
    Suite *suite = suite_create("client_words");
    TCase *tc = tcase_create("words");
    tcase_add_test(tc, test_rules);
    tcase_add_loop_test(tc, test_times, 0, ROWS(times));
    tcase_add_loop_test(tc, test_dates, 0, ROWS(dates));
    tcase_add_test(tc, test_no_calendar);
    tcase_add_loop_test(tc, test_clash, 0, ROWS(clashes));
    tcase_add_test(tc, test_clash_of_decisions);
    tcase_add_test(tc, test_wish_in_words);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
