/* SPDX-License-Identifier: MIT */
/* The actions of a case's whole life: their fields, what waits, who was first, which rule said no. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/model/i18n.h"
#include "screen.h"
#include "wangge/v1/case.pb-c.h"

static const struct screen_options english = {.lang = "en", .rows = 24, .cols = 80, .logged_in = true};
static const struct screen_options chinese = {.lang = "zh_CN", .rows = 24, .cols = 80, .logged_in = true};

#define DOWN   "\033[B"
#define UP     "\033[A"
#define ESC    "\033"
#define F4     "\033OS"
#define TAB    "\t"
#define SUBMIT "\x13"

static void see(struct screen *s, const char *text)
{
    char *dump = term_fake_dump(s->term);
    ck_assert_msg(strstr(dump, text) != NULL, "not on the screen: \"%s\"\n%s", text, dump);
    free(dump);
}

static void see_not(struct screen *s, const char *text)
{
    char *dump = term_fake_dump(s->term);
    ck_assert_msg(strstr(dump, text) == NULL, "on the screen: \"%s\"\n%s", text, dump);
    free(dump);
}

static int acts(const struct screen *s)
{
    return fake_channel_count(s->channel, "/wangge.v1.CaseService/Act");
}

static const Wangge__V1__ActRequest *last_act(const struct screen *s)
{
    ck_assert_ptr_nonnull(s->city.last_act);
    ck_assert_ptr_eq(s->city.last_act->descriptor, &wangge__v1__act_request__descriptor);
    return (const Wangge__V1__ActRequest *)s->city.last_act;
}

/* The first case with all a case can have, opened. */
static void open_rich(struct screen *s, const struct screen_options *opts, bool helps)
{
    screen_open(s, opts);
    s->city.rich = true;
    s->city.helps = helps;
    screen_type(s, "r");
    screen_type(s, "g/0412\r");
    screen_type(s, "\r");
}

/* Chooses an entry of the open F4 menu by its name. */
static void choose(struct screen *s, const char *name)
{
    char *dump = term_fake_dump(s->term);
    const char *at = strstr(dump, name);
    ck_assert_msg(at != NULL && at - dump > 2, "no \"%s\" in the menu:\n%s", name, dump);
    char key[2] = {at[-2], 0};
    free(dump);
    screen_type(s, key);
}

static void start(struct screen *s, const char *name)
{
    screen_type(s, F4);
    choose(s, name);
}

/* --- Fields --- */

/* A date by a preset, by words, and wrong; the text is needed. */
START_TEST(test_request_extend)
{
    struct screen s;
    open_rich(&s, &english, true);
    start(&s, "Ask for more time");
    see(&s, "* Until");
    see(&s, "3 working days");
    screen_type(&s, SUBMIT);
    see(&s, "! Choose one.");
    screen_type(&s, "soon" SUBMIT);
    see(&s, "! Choose one.");
    screen_type(&s, "\x15"
                    "2026-12-01 12:00\r");
    see(&s, "[2026-12-01 12:00]");
    screen_type(&s, "FUNDS\r"); /* the reason, from the offer */
    see(&s, "[waits for money]");
    screen_type(&s, "parts are on their way" SUBMIT);
    screen_wait(&s, "Ask for more time done");
    const Wangge__V1__ActRequest *req = last_act(&s);
    ck_assert_int_eq(req->action, WANGGE__V1__ACTION__ACTION_REQUEST_EXTEND);
    ck_assert_int_eq(req->until->seconds, 1796097600); /* 2026-12-01 12:00 +08:00 */
    ck_assert_str_eq(req->reason_code, "FUNDS");
    ck_assert_str_eq(req->text, "parts are on their way");
    screen_close(&s);
}
END_TEST

/* Working days follow the city's calendar: Wednesday is a holiday here, so the third is Friday. */
START_TEST(test_working_days)
{
    struct screen s;
    open_rich(&s, &english, true);
    start(&s, "Suspend...");
    screen_type(&s, "+3wd\r");
    see(&s, "[2026-11-27 18:00]");
    screen_type(&s, "own words\r"); /* any code may be written */
    see(&s, "[own words]");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Suspend done");
    ck_assert_str_eq(last_act(&s)->reason_code, "own words");
    screen_close(&s);
}
END_TEST

/* What was asked for stands above the choice; there is only one, so it is chosen. */
START_TEST(test_endorse)
{
    struct screen s;
    open_rich(&s, &chinese, false);
    start(&s, "初审同意");
    see(&s, "延期，至 11-26 11:41（待初审）：等待配件到货，赵强");
    see(&s, "(1*) 延期");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "初审同意 已完成");
    ck_assert_int_eq(last_act(&s)->approval, WANGGE__V1__APPROVAL_KIND__APPROVAL_KIND_EXTEND);
    screen_close(&s);
}
END_TEST

START_TEST(test_urge)
{
    struct screen s;
    open_rich(&s, &english, false);
    start(&s, "Urge...");
    see(&s, "(1*) none");
    screen_type(&s, "4" TAB "+1d\r\r");
    screen_type(&s, "answer at last" SUBMIT);
    screen_wait(&s, "Urge done");
    const Wangge__V1__ActRequest *req = last_act(&s);
    ck_assert_int_eq(req->card, WANGGE__V1__CARD__CARD_BLACK);
    ck_assert_int_eq(req->until->seconds, CITY_NOW / USEC_PER_SEC + 86400);
    ck_assert_str_eq(req->text, "answer at last");
    screen_close(&s);
}
END_TEST

START_TEST(test_escalate_and_refer)
{
    struct screen s;
    open_rich(&s, &english, false);
    start(&s, "Escalate...");
    screen_type(&s, "2" TAB "too big for us" SUBMIT); /* the second level above: the county */
    screen_wait(&s, "Escalate done");
    ck_assert_int_eq(last_act(&s)->level, 3);
    start(&s, "Refer...");
    screen_type(&s, TAB "for the court" TAB "2026-X-17" SUBMIT);
    screen_wait(&s, "Refer done");
    ck_assert_str_eq(last_act(&s)->outside_number, "2026-X-17");
    screen_close(&s);
}
END_TEST

/* The suggestion comes first and brings its helping organ. */
START_TEST(test_dispatch_suggested)
{
    struct screen s;
    open_rich(&s, &english, true);
    start(&s, "Dispatch...");
    see(&s, "The rules suggest: 让胡路消防站 (H0101 @ 230604)");
    screen_type(&s, "\r");
    see(&s, "[让胡路消防站]");
    see(&s, "[让胡路城管中队]");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Dispatch done");
    ck_assert_uint_eq(last_act(&s)->n_co_organ_codes, 1);
    ck_assert_str_eq(last_act(&s)->co_organ_codes[0], "CGZD");
    screen_close(&s);
}
END_TEST

/* Without suggestions the form is the same; several organs are picked and one taken off again. */
START_TEST(test_co_organs)
{
    struct screen s;
    open_rich(&s, &english, false);
    start(&s, "Dispatch...");
    see_not(&s, "The rules suggest");
    screen_type(&s, "xfz\r");
    screen_type(&s, "rhlc\r"
                    "rhlx\r");
    see(&s, "让胡路城管中队, 让胡路消防站");
    screen_type(&s, "\x7f" SUBMIT);
    screen_wait(&s, "Dispatch done");
    ck_assert_uint_eq(last_act(&s)->n_co_organ_codes, 1);
    screen_close(&s);
}
END_TEST

/* The lead case: from those alike, by a number the server is asked about, and a number there is not. */
START_TEST(test_merge)
{
    struct screen s;
    open_rich(&s, &english, true);
    start(&s, "Merge...");
    see(&s, ">1 2306042611230421");
    see(&s, "alike, 62 m, 3 h apart");
    screen_type(&s, "9999999999" SUBMIT);
    see(&s, "! There is no such case in your region.");
    screen_type(&s, "\x7f"
                    "2306042611230420\r" SUBMIT);
    see(&s, "This cannot be undone.");
    screen_type(&s, "2");
    screen_wait(&s, "Merge done");
    ck_assert_str_eq(last_act(&s)->target_case_id, "019ab000-0000-7000-8000-000000000003");
    screen_close(&s);
}
END_TEST

/* By its key an action that needs nothing goes at once; from the menu it offers what it may have. */
START_TEST(test_accept_corrects)
{
    struct screen s;
    open_rich(&s, &english, false);
    start(&s, "Accept...");
    screen_type(&s, "zyrm\r" SUBMIT);
    screen_wait(&s, "Accept done");
    ck_assert_str_eq(last_act(&s)->category_code, "L0101");
    screen_type(&s, "a");
    screen_wait(&s, "Accept done");
    ck_assert_str_eq(last_act(&s)->category_code, "");
    ck_assert_int_eq(acts(&s), 2);
    screen_close(&s);
}
END_TEST

START_TEST(test_draft_of_action)
{
    struct screen s;
    open_rich(&s, &english, false);
    start(&s, "Escalate...");
    screen_type(&s, "1" TAB "half a reason" ESC);
    see(&s, "Timeline");
    start(&s, "Escalate...");
    see(&s, "Your draft is back.");
    see(&s, "half a reason");
    see(&s, "(1*) township");
    screen_type(&s, ESC ESC);
    screen_type(&s, "4");
    see(&s, "half a reason");
    screen_type(&s, "\r");
    see(&s, "Escalate  2306042611220412");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Escalate done");
    screen_type(&s, "4");
    see_not(&s, "half a reason");
    screen_close(&s);
}
END_TEST

/* --- Somebody was first --- */

static void dispatch_third(struct screen *s)
{
    screen_type(s, DOWN DOWN "\r");
    screen_type(s, "p"
                   "xfz\r" SUBMIT);
}

START_TEST(test_stale_resend)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.conflict = true;
    dispatch_third(&s);
    screen_wait(&s, "Somebody else did something");
    see(&s, "What you entered");
    see(&s, "Dispatch: Organ 让胡路消防站");
    see(&s, "What happened since version 2 (now: Reported, version 3)");
    see(&s, "Urge");
    see(&s, "请尽快");
    see(&s, "it can go out on top");
    choose(&s, "Send it again");
    screen_wait(&s, "Dispatch done");
    ck_assert_int_eq(acts(&s), 2);
    ck_assert_int_eq(last_act(&s)->expected_version, 3);
    screen_close(&s);
}
END_TEST

/* Both set the organ: nothing is overwritten blindly, but it can be looked at and sent anew. */
START_TEST(test_stale_meets)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.conflict = s.city.clash = true;
    dispatch_third(&s);
    screen_wait(&s, "Both touch the same (!)");
    see(&s, "! 11-23 09:40 Dispatch  孙主任  -> 让胡路城管中队");
    see_not(&s, "Send it again");
    choose(&s, "Back to the fields");
    see(&s, "[让胡路消防站]");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Dispatch done");
    ck_assert_int_eq(acts(&s), 2);
    screen_close(&s);
}
END_TEST

START_TEST(test_stale_as_note)
{
    struct screen s;
    screen_open(&s, &chinese);
    s.city.conflict = s.city.clash = true;
    dispatch_third(&s);
    screen_wait(&s, "您填写的");
    choose(&s, "只保留为备注");
    screen_wait(&s, "已保留为备注");
    ck_assert_int_eq(acts(&s), 1);
    ck_assert_ptr_eq(s.city.last_act->descriptor, &wangge__v1__add_note_request__descriptor);
    ck_assert_str_eq(((const Wangge__V1__AddNoteRequest *)s.city.last_act)->text, "派遣：单位 让胡路消防站");
    screen_close(&s);
}
END_TEST

START_TEST(test_stale_left)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.conflict = true;
    dispatch_third(&s);
    screen_wait(&s, "What you entered");
    screen_type(&s, ESC); /* the menu goes, what happened stays, F4 brings the menu back */
    see(&s, "What you entered");
    screen_type(&s, F4);
    choose(&s, "Leave it; a draft is kept");
    see(&s, "kept as a draft");
    see(&s, "Timeline");
    ck_assert_int_eq(acts(&s), 1);
    screen_type(&s, "p");
    see(&s, "Your draft is back.");
    see(&s, "[让胡路消防站]");
    screen_close(&s);
}
END_TEST

/* What was queued and came second later is found under Unsent, and its form opens with all that was entered. */
START_TEST(test_stale_later)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.conflict = true;
    screen_type(&s, DOWN DOWN "\r");
    fake_channel_set_state(s.channel, CHANNEL_BACKOFF);
    screen_type(&s, "p"
                    "xfz\r" SUBMIT);
    screen_wait(&s, "is saved here");
    fake_channel_set_state(s.channel, CHANNEL_READY);
    screen_type(&s, "4"
                    "\033[15~");
    screen_wait(&s, "conflict");
    screen_type(&s, "\r");
    screen_wait(&s, "Your draft is back.");
    see(&s, "[让胡路消防站]");
    s.city.conflict = false;
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Dispatch done");
    screen_type(&s, "4");
    see(&s, "Everything has been sent.");
    screen_close(&s);
}
END_TEST

/* --- A rule says no --- */

static const struct {
    const char *rule, *english, *chinese;
} refusals[] = {
    {"APPROVAL_BY_ASKER", "Who asked for something", "申请人和初审人不能审批"},
    {"APPROVAL_NONE", "Nobody has asked for this", "没有人申请"},
    {"APPROVAL_PENDING", "asked for already", "已有人申请"},
    {"EXTEND_LIMIT", "extended as often", "延期次数已用完"},
    {"EXTEND_LATE", "only before the case is due", "只能在到期之前申请延期"},
    {"APPEAL_NOT_LATE", "nothing to appeal", "无须申诉"},
    {"APPEAL_LIMIT", "there is only one", "只能申诉一次"},
    {"APPEAL_LATE", "time to appeal", "申诉期限已过"},
    {"SKIP_LEVEL", "only by an urgent case", "只有紧急事项才能越级"},
    {"EVIDENCE", "as evidence", "作为证据"},
    {"HANDLER_IS_CHECKER", "Who handled a case may not check it", "处置人不能核查"},
    {"A_RULE_OF_TOMORROW", "refused by a rule", "refused by a rule"},
};

START_TEST(test_refused)
{
    struct screen s;
    bool en = _i % 2 == 0;
    screen_open(&s, en ? &english : &chinese);
    s.city.rule = refusals[_i / 2].rule;
    screen_type(&s, DOWN DOWN "\r");
    screen_type(&s, "a");
    screen_wait(&s, en ? refusals[_i / 2].english : refusals[_i / 2].chinese);
    see(&s, en ? "Now: Reported, version 3" : "待受理");
    choose(&s, en ? "Instead: Return" : "改为：退回"); /* what is allowed now is a key away */
    see(&s, en ? "* Text" : "* 内容");
    s.city.rule = NULL;
    screen_type(&s, "not ours" SUBMIT);
    screen_wait(&s, en ? "Return done" : "退回 已完成");
    ck_assert_int_eq(last_act(&s)->action, WANGGE__V1__ACTION__ACTION_RETURN);
    ck_assert_int_eq(last_act(&s)->expected_version, 3);
    screen_close(&s);
}
END_TEST

/* --- The case --- */

START_TEST(test_details)
{
    struct screen s;
    open_rich(&s, &english, false);
    see(&s, "[Red card] [overdue] overdue by 2 h 10 min");
    see(&s, "Asked for");
    see(&s, "Tab shows them");
    screen_type(&s, TAB);
    see(&s, "Extension, until 11-26 11:41 (waits for the first approval): 等");
    see(&s, "Red card, to be answered by 11-23 13:41, 4 h left");
    see(&s, "[due soon] 11-24 15:41");
    see(&s, "extensions: 1");
    see(&s, "Merged here");
    see(&s, "让胡路消防站: replied");
    see(&s, "让胡路城管中队: not replied yet, until 11-23 14:41");
    see(&s, "李**  138****2207");
    see(&s, "returned 2, reworked 1, extended 1, reopened 1");
    see(&s, "1: closed 11-06 17:41 by 孙主任");
    screen_type(&s, TAB);
    see(&s, "Timeline");
    start(&s, "Open merged 2306042611230422");
    see(&s, "< 2306042611230422");
    screen_close(&s);
}
END_TEST

/* People are shown whole for a purpose, until the case is left. */
START_TEST(test_reveal)
{
    struct screen s;
    open_rich(&s, &english, true);
    start(&s, "Show people whole");
    see(&s, "is recorded");
    screen_type(&s, "hm" SUBMIT);
    see(&s, "at least 4 characters");
    screen_type(&s, ", call back" SUBMIT);
    see(&s, "李建国  13812342207");
    screen_type(&s, ESC);
    screen_type(&s, "\r" TAB);
    see(&s, "李**");
    see_not(&s, "李建国");
    screen_close(&s);
}
END_TEST

START_TEST(test_alike_before_accepting)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.helps = true;
    screen_type(&s, DOWN DOWN "\r");
    see(&s, "1 alike, for example 2306042611230421");
    start(&s, "Open alike 2306042611230421");
    see(&s, "< 2306042611230421");
    screen_close(&s);
}
END_TEST

/* A number that is in no line of the list is asked of the server. */
START_TEST(test_open_by_number)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.n_cases = -1;
    screen_type(&s, "r");
    screen_type(&s, "/2306042611230422");
    see(&s, "Enter opens a whole case number");
    screen_type(&s, "\r");
    see(&s, "< 2306042611230422");
    screen_close(&s);
}
END_TEST

START_TEST(test_archived)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.closed = true;
    screen_type(&s, DOWN DOWN "\r");
    see(&s, "Archived");
    see_not(&s, "c Note");
    see_not(&s, "a Accept");
    screen_close(&s);
}
END_TEST

/* --- Work list, intake, report --- */

START_TEST(test_work_list)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.rich = true;
    screen_type(&s, "r");
    screen_type(&s, "g");
    see(&s, "> ?2306042611210377"); /* it waits for this person, so it comes first though it is due last */
    see(&s, "Asked for  Extension, until 11-26 11:41");
    screen_type(&s, DOWN);
    see(&s, ">! 2306042611220412");
    see(&s, "late R  Handling");
    see(&s, "soon");
    screen_type(&s, "\033[17~"); /* F6 */
    see(&s, "late  2");
    see(&s, "mine to decide  1");
    choose(&s, "mine to decide");
    see(&s, "1 cases");
    see(&s, "View: what I can act on, mine to decide");
    screen_type(&s, ESC);
    see(&s, "6 cases");
    screen_type(&s, "v");
    choose(&s, "with a card");
    see(&s, "2306042611220412");
    see_not(&s, "2306042611230420");
    screen_type(&s, "v");
    choose(&s, "all open of my region");
    see(&s, "View: all open of my region");
    screen_close(&s);
}
END_TEST

/* Cases alike come beside the typing and never stop it; people and secrecy go with the incident. */
START_TEST(test_intake_alike)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.helps = true;
    screen_type(&s, "\033OQ"
                    "ldlj\r" TAB "昆仑大街" TAB "KTV");
    screen_wait(&s, "! Alike: 2306042611230421");
    see(&s, "KTV");
    screen_type(&s, "\033[17~");
    choose(&s, "2306042611230421");
    see(&s, "< 2306042611230421");
    screen_type(&s, ESC);
    see(&s, "KTV");
    screen_close(&s);
}
END_TEST

START_TEST(test_intake_without_help)
{
    struct screen s;
    screen_open(&s, &english);
    screen_type(&s, "\033OQ"
                    "ldlj\r" TAB "昆仑大街" TAB "KTV");
    screen_wait(&s, "Draft #1");
    see_not(&s, "Alike");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "Logged as 2306042611230423");
    screen_close(&s);
}
END_TEST

START_TEST(test_intake_people)
{
    struct screen s;
    screen_open(&s, &chinese);
    screen_type(&s, "\033OQ"
                    "ldlj\r" TAB TAB "漏水" TAB "1" TAB "2");
    see(&s, "(2*)");
    screen_type(&s, "\033[19~"); /* F8 */
    see(&s, "(2*) 当事人");
    screen_type(&s, "李建国" TAB "phone" SUBMIT);
    see(&s, "!");
    screen_type(&s, "\x15"
                    "138 1234 2207" SUBMIT);
    see(&s, "当事人 李建国");
    screen_type(&s, ESC); /* also from the draft */
    screen_type(&s, "\033OQ");
    see(&s, "当事人 李建国");
    screen_type(&s, SUBMIT);
    screen_wait(&s, "已登记");
    ck_assert_ptr_eq(s.city.last_act->descriptor, &wangge__v1__submit_case_request__descriptor);
    const Wangge__V1__SubmitCaseRequest *req = (const Wangge__V1__SubmitCaseRequest *)s.city.last_act;
    ck_assert(req->confidential);
    ck_assert_uint_eq(req->n_people, 1);
    ck_assert_str_eq(req->people[0]->name, "李建国");
    ck_assert_str_eq(req->people[0]->phone, "138 1234 2207");
    ck_assert_int_eq(req->people[0]->kind, WANGGE__V1__PERSON_KIND__PERSON_KIND_PARTY);
    screen_close(&s);
}
END_TEST

START_TEST(test_report_opens_on_data)
{
    struct screen s;
    screen_open(&s, &english);
    s.city.no_figures = true;
    screen_type(&s, "3");
    see(&s, "2026-03-01 .. 2026-03-31");
    see(&s, "this is the last one with data");
    screen_type(&s, "]");
    see(&s, "2026-04-01"); /* the person goes where they want, also to an empty month */
    see(&s, "Nothing in this period");
    screen_close(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tui_lifecycle");
    TCase *tc = tcase_create("lifecycle");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, test_request_extend);
    tcase_add_test(tc, test_working_days);
    tcase_add_test(tc, test_endorse);
    tcase_add_test(tc, test_urge);
    tcase_add_test(tc, test_escalate_and_refer);
    tcase_add_test(tc, test_dispatch_suggested);
    tcase_add_test(tc, test_co_organs);
    tcase_add_test(tc, test_merge);
    tcase_add_test(tc, test_accept_corrects);
    tcase_add_test(tc, test_draft_of_action);
    tcase_add_test(tc, test_stale_resend);
    tcase_add_test(tc, test_stale_meets);
    tcase_add_test(tc, test_stale_as_note);
    tcase_add_test(tc, test_stale_left);
    tcase_add_test(tc, test_stale_later);
    tcase_add_loop_test(tc, test_refused, 0, 2 * (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(tc, test_details);
    tcase_add_test(tc, test_reveal);
    tcase_add_test(tc, test_alike_before_accepting);
    tcase_add_test(tc, test_open_by_number);
    tcase_add_test(tc, test_archived);
    tcase_add_test(tc, test_work_list);
    tcase_add_test(tc, test_intake_alike);
    tcase_add_test(tc, test_intake_without_help);
    tcase_add_test(tc, test_intake_people);
    tcase_add_test(tc, test_report_opens_on_data);
    suite_add_tcase(suite, tc);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
