/* SPDX-License-Identifier: MIT */
/* People: validity, forms, masks, and numbers in free texts. All numbers are invented. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "server/domain/person.h"

#define TODAY clock_days_from_civil(2023, 11, 23)

static const struct {
    const char *id;
    bool valid;
} ids[] = {
    {"11010519491231002X", true},                                 /* the example of GB 11643 */
    {"440524188001010014", true},                                 /* its other example */
    {"11010519491231002x", true},  {"110105194912310021", false}, /* check digit */
    {"11010519491231003X", false}, {"11010519490231002X", false}, /* 31 February */
    {"110105194913310020", false},                                /* month 13 */
    {"230604202311240015", false},                                /* born tomorrow, whatever the check digit */
    {"001105194912310020", false},                                /* no such province */
    {"1101051949123100", false},   {"11010519491231002XX", false}, {"1101051949123100AX", false}, {"", false},
};

START_TEST(checks_resident_ids)
{
    ck_assert_msg(person_id_is_valid(ids[_i].id, TODAY) == ids[_i].valid, "%s", ids[_i].id);
}
END_TEST

/* Every single wrong digit and every swap of neighbours is found: what the standard promises. */
START_TEST(finds_every_slip)
{
    const char good[] = "11010519491231002X";
    char bad[sizeof good];
    for (int i = 0; i < 17; i++) {
        for (char d = '0'; d <= '9'; d++) {
            memcpy(bad, good, sizeof bad);
            bad[i] = d;
            ck_assert(d == good[i] || !person_id_is_valid(bad, TODAY));
        }
        if (i < 16 && good[i] != good[i + 1]) {
            memcpy(bad, good, sizeof bad);
            bad[i] = good[i + 1];
            bad[i + 1] = good[i];
            ck_assert(!person_id_is_valid(bad, TODAY));
        }
    }
}
END_TEST

static const struct {
    const char *phone;
    const char *form; /* NULL: refused */
} phones[] = {
    {"13812345678", "13812345678"},
    {"138 1234 5678", "13812345678"},
    {"+86 138-1234-5678", "13812345678"},
    {"8613812345678", "13812345678"},
    {"008613812345678", "13812345678"},
    {"19912345678", "19912345678"},
    {"0459-6601234", "04596601234"},
    {"+86 459 6601234", "04596601234"},
    {"010-62345678", "01062345678"},
    {"010-6234567", NULL}, /* Beijing's have eight */
    {"0459-6601234-802", "04596601234"},
    {"6601234", "6601234"},
    {"66012345", "66012345"},
    {"400-123-4567", "4001234567"},
    {"+44 20 7946 0958", "+442079460958"},
    {"12812345678", NULL},
    {"1381234567", NULL},
    {"138123456789", NULL},
    {"1601234", NULL},
    {"110", NULL},
    {"138****5678", NULL},
    {"call me", NULL},
    {"", NULL},
    {"-", NULL},
    {"+", NULL},
    {"000000000000000000000", NULL},
};

START_TEST(reads_phones)
{
    char form[PERSON_FORM_SIZE];
    bool ok = person_phone_form(phones[_i].phone, form);
    ck_assert_msg(ok == (phones[_i].form != NULL), "%s", phones[_i].phone);
    ck_assert_str_eq(form, ok ? phones[_i].form : "");
}
END_TEST

START_TEST(writes_one_form_for_many)
{
    char a[PERSON_FORM_SIZE], b[PERSON_FORM_SIZE];
    ck_assert(person_name_form("张 三", a) && person_name_form("　张三 ", b));
    ck_assert_str_eq(a, b);
    ck_assert(person_name_form("ＡＬＩＣＥ·Wang", a) && person_name_form("alice wang", b));
    ck_assert_str_eq(a, b);
    ck_assert(!person_name_form(" 　 ", a));
    ck_assert(person_id_form("11010519491231002x", a) && person_id_form("110105 19491231 002X", b));
    ck_assert_str_eq(a, b);
    ck_assert(!person_id_form("E12!", a));
}
END_TEST

enum mask { NAME, PHONE, ID, ADDRESS };
static const struct {
    enum mask mask;
    const char *value;
    const char *masked;
} masks[] = {
    {NAME, "张三", "张*"},
    {NAME, "张三丰", "张**"},
    {NAME, "欧阳娜娜", "欧***"},
    {NAME, "张", "*"},
    {NAME, "𠮷野", "𠮷*"},
    {NAME, "Ann Lee", "A******"},
    {NAME, "", ""},
    {PHONE, "13812345678", "138****5678"},
    {PHONE, "+86 138 1234 5678", "138****5678"},
    {PHONE, "0459-6601234", "0459-*****34"},
    {PHONE, "010-62345678", "010-******78"},
    {PHONE, "6601234", "*****34"},
    {PHONE, "+44 20 7946 0958", "+** ** **** **58"},
    {PHONE, "", ""},
    {ID, "230604199001011234", "2306**********1234"},
    {ID, "11010519491231002X", "1101**********002X"},
    {ID, "E12345678", "E******78"},
    {ID, "AB123", "*****"},
    {ID, "", ""},
    {ADDRESS, "黑龙江省大庆市让胡路区庆新街道庆新社区3栋2单元501", "黑龙江省大庆市让胡路区庆新街道庆新社区***"},
    {ADDRESS, "让胡路区中央大街12号", "让胡路区中央大街***"},
    {ADDRESS, "让胡路区西宾路12号3单元", "让胡路区西宾路***"},
    {ADDRESS, "大庆市让胡路区光明小区3栋", "大庆市让胡路区***"},
    {ADDRESS, "光明小区3栋501", "***"},
    {ADDRESS, "红骥牧场胜利村王家屯", "红骥牧场胜利村***"},
    {ADDRESS, "庆新社区", "庆新社区"},
    {ADDRESS, "12 Long Street", "***"},
    {ADDRESS, "", ""},
};

START_TEST(masks_parts)
{
    void (*const fn[])(const char *, char *) = {person_mask_name, person_mask_phone, person_mask_id, person_mask_address};
    size_t size = strlen(masks[_i].value) + 4;
    char *out = malloc(size); /* exactly what the header asks for: the sanitizer watches the end */
    fn[masks[_i].mask](masks[_i].value, out);
    ck_assert_str_eq(out, masks[_i].masked);
    free(out);
}
END_TEST

static const struct {
    const char *text;
    const char *masked; /* NULL: holds nothing */
} texts[] = {
    {"电话13812345678，请回电", "电话138****5678，请回电"},
    {"13812345678", "138****5678"},
    {"打138 1234 5678或139-8765-4321。", "打138 **** 5678或139-****-4321。"},
    {"+86 13812345678", "+86 138****5678"},
    {"8613812345678 008613812345678", "86138****5678 0086138****5678"},
    {"１３８１２３４５６７８号", "１３８****５６７８号"},
    {"身份证230604199001011234。", "身份证2306**********1234。"},
    {"身份证：11010519491231002X李", "身份证：1101**********002X李"},
    {"110105194912310020", "1101**********0020"},
    {"110105 19491231 002x", "1101** ******** 002x"},
    {"13812345678 110105194912310020", "138****5678 1101**********0020"},
    {"漏水13812345678漏13912345678", "漏水138****5678漏139****5678"},
    {"案件2306042311230001", NULL},
    {"案件230604231123000123", NULL},
    {"案件230604200315000123", NULL},
    {"网格230604001001001", NULL},
    {"2021-11-23 08:30", NULL},
    {"2021-11-23 13812345678", "2021-11-23 138****5678"},
    {"123812345678", NULL},
    {"1381234567", NULL},
    {"12345热线，110", NULL},
    {"楼道3单元501", NULL},
    {"无", NULL},
    {"", NULL},
    {"𠮷13812345678𠮷", "𠮷138****5678𠮷"},
    {"。13812345678", "。138****5678"},
    {"138\t12345678", NULL},
};

START_TEST(masks_numbers_in_texts)
{
    size_t size = strlen(texts[_i].text) + 1;
    char *out = malloc(size);
    ck_assert_msg(person_text_holds_any(texts[_i].text) == (texts[_i].masked != NULL), "%s", texts[_i].text);
    person_mask_text(texts[_i].text, out);
    ck_assert_str_eq(out, texts[_i].masked ? texts[_i].masked : texts[_i].text);
    ck_assert(text_is_utf8(out, strlen(out)));
    /* What is masked holds nothing any more. */
    ck_assert(!person_text_holds_any(out));
    free(out);
}
END_TEST

/* Cut anywhere, the result is whole UTF-8 wherever the input is. */
START_TEST(keeps_neighbours_whole)
{
    const char whole[] = "张三丰住１３８１２３４５６７８号，𠮷野110105194912310020X李四139-8765-4321末";
    for (size_t len = 0; len < sizeof whole; len++) {
        char *in = calloc(1, len + 1);
        char *out = malloc(len + 1);
        memcpy(in, whole, len);
        text_trim_partial(in);
        person_mask_text(in, out);
        ck_assert(text_is_utf8(out, strlen(out)));
        free(in);
        free(out);
    }
}
END_TEST

static const struct {
    struct person person;
    const char *field; /* NULL: taken */
} people[] = {
    {{PERSON_REPORTER, "张三", "13812345678", "11010519491231002X", "庆新社区3栋"}, NULL},
    {{PERSON_PARTY, "", "0459-6601234", "", ""}, NULL},
    {{PERSON_CONTACT, "", "", "E12345678", ""}, NULL},
    {{PERSON_NONE, "张三", "", "", ""}, "people[1].kind"},
    {{PERSON_KIND_COUNT, "张三", "", "", ""}, "people[1].kind"},
    {{PERSON_PARTY, "", "", "", "庆新社区3栋"}, "people[1].name"},
    {{PERSON_PARTY, "张*", "", "", ""}, "people[1].name"},
    {{PERSON_PARTY, "张\n三", "", "", ""}, "people[1].name"},
    {{PERSON_PARTY, " ", "13812345678", "", ""}, "people[1].name"},
    {{PERSON_PARTY, "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一", "", "", ""},
     "people[1].name"},
    {{PERSON_PARTY, "张三", "138****5678", "", ""}, "people[1].phone"},
    {{PERSON_PARTY, "张三", "123", "", ""}, "people[1].phone"},
    {{PERSON_PARTY, "张三", "", "2306**********1234", ""}, "people[1].id_number"},
    {{PERSON_PARTY, "张三", "", "110105194912310021", ""}, "people[1].id_number"},
    {{PERSON_PARTY, "张三", "", "110105194913310020", ""}, "people[1].id_number"},
    {{PERSON_PARTY, "张三", "", "001105194912310020", ""}, "people[1].id_number"},
    {{PERSON_PARTY, "张三", "", "身份证", ""}, "people[1].id_number"},
    {{PERSON_PARTY, "张三", "", "", "庆新社区***"}, "people[1].address"},
};

START_TEST(names_the_field)
{
    struct err e = {0};
    const struct person *p = &people[_i].person;
    int rc = person_check(p, 1, TODAY, &e);
    if (!people[_i].field) {
        ck_assert_msg(rc == 0, "%s", e.text);
        return;
    }
    ck_assert_int_eq(rc, ERR_INVALID);
    ck_assert_str_eq(e.field, people[_i].field);
    /* Errors are logged and shown: they repeat nothing of what was given. */
    ck_assert(!*p->phone || !strstr(e.text, p->phone));
    ck_assert(!*p->id_number || !strstr(e.text, p->id_number));
    ck_assert(strlen(p->name) < 3 || !strstr(e.text, p->name));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("person");
    TCase *t = tcase_create("person");
    tcase_add_loop_test(t, checks_resident_ids, 0, (int)(sizeof ids / sizeof ids[0]));
    tcase_add_test(t, finds_every_slip);
    tcase_add_loop_test(t, reads_phones, 0, (int)(sizeof phones / sizeof phones[0]));
    tcase_add_test(t, writes_one_form_for_many);
    tcase_add_loop_test(t, masks_parts, 0, (int)(sizeof masks / sizeof masks[0]));
    tcase_add_loop_test(t, masks_numbers_in_texts, 0, (int)(sizeof texts / sizeof texts[0]));
    tcase_add_test(t, keeps_neighbours_whole);
    tcase_add_loop_test(t, names_the_field, 0, (int)(sizeof people / sizeof people[0]));
    suite_add_tcase(s, t);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
