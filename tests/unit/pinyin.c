/* SPDX-License-Identifier: MIT */
/* Pinyin initials: the table, matching and writing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/pinyin/pinyin.h"

static uint32_t bits(const char *letters)
{
    uint32_t mask = 0;
    for (; *letters; letters++)
        mask |= UINT32_C(1) << (*letters - 'A');
    return mask;
}

static const struct {
    uint32_t cp;
    const char *initials;
    char usual;
} chars[] = {
    {0x884c, "XH", 'X'}, /* 行 */
    {0x8c03, "DT", 'T'}, /* 调 */
    {0x91cd, "ZC", 'Z'}, /* 重 */
    {0x957f, "CZ", 'C'}, /* 长 */
    {0x4f1a, "HK", 'H'}, /* 会 */
    {0x4e50, "LY", 'L'}, /* 乐 */
    {0x8428, "S", 'S'},  /* 萨 */
    {0x5e86, "Q", 'Q'},  /* 庆 */
    {0x53a6, "SX", 'X'}, /* 厦 */
    {0x9488, "Z", 'Z'},  /* 针 */
    {0x8fb6, "C", 'C'},  /* 辶, which the dictionary lacks */
    {0x3007, "L", 'L'},  /* 〇 */
    {'A', "", 0},        {0x3002, "", 0}, {0x1f600, "", 0}, {0x20000, "", 0}, {0x10ffff, "", 0}, {0, "", 0},
};

START_TEST(test_mask)
{
    ck_assert_uint_eq(pinyin_mask(chars[_i].cp), bits(chars[_i].initials));
    ck_assert_int_eq(pinyin_usual(chars[_i].cp), chars[_i].usual);
}
END_TEST

/* GB 2312 has its Han characters in rows 16-55 (3755 of them) and 56-87 (3008); Unicode's block holds them all. */
START_TEST(test_table_is_complete)
{
    int known = 0;
    for (uint32_t cp = 0x4e00; cp <= 0x9fa5; cp++) {
        uint32_t mask = pinyin_mask(cp);
        char usual = pinyin_usual(cp);
        if (!mask) {
            ck_assert_int_eq(usual, 0);
            continue;
        }
        known++;
        ck_assert_int_ge(usual, 'A');
        ck_assert_int_le(usual, 'Z');
        ck_assert(mask >> (usual - 'A') & 1);
        /* No Mandarin syllable is written with these initials. */
        ck_assert_uint_eq(mask & bits("IUV"), 0);
    }
    ck_assert_int_ge(known, 6763);
}
END_TEST

static const struct {
    const char *text;
    const char *query;
    bool matches;
} pairs[] = {
    {"银行", "YH", true},
    {"银行", "yx", true},
    {"中国银行大庆分行", "yhdqfh", true},
    {"行政裁决", "XZCJ", true},
    {"调解", "TJ", true},
    {"调解", "dj", true},
    {"征地拆迁", "zdcq", true},
    {"重办", "CB", true},
    {"重办", "ZB", true},
    {"长青街道", "cq", true},
    {"长青街道", "zqjd", true},
    {"庆新社区第三网格", "ds", true},
    {"庆新社区第三网格", "qxwg", false}, /* not consecutive */
    {"庆新社区", "qxsqq", false},        /* longer than the text */
    {"庆新社区", "bj", false},
    {"庆新社区", "新sq", true}, /* a Han character stands for itself */
    {"庆新社区", "新q", false},
    {"杜尔伯特蒙古族自治县", "DEBT", true},
    {"消防通道（占用）", "tdzy", true}, /* punctuation is stepped over */
    {"创业城 3 区", "cyc3q", true},
    {"A座2号楼", "a2hl", false}, /* 座 is no punctuation */
    {"A座2号楼", "az2", true},
    {"no-wait", "nowait", true},
    {"银行", "", true},
    {"", "", true},
    {"", "y", false},
    {"\xff\xfe", "y", false},
    {"银\xff", "yx", false},
    {"银行", "y\xff", false},
    {"！！", "!", false},
};

START_TEST(test_match)
{
    ck_assert_msg(pinyin_match(pairs[_i].text, pairs[_i].query) == pairs[_i].matches, "%s / %s", pairs[_i].text,
                  pairs[_i].query);
}
END_TEST

START_TEST(test_initials)
{
    static const struct {
        const char *text;
        const char *initials;
    } cases[] = {
        {"让胡路区", "RHLQ"},
        {"萨尔图区", "SETQ"},
        {"暴露垃圾", "BLLJ"},
        {"12345 热线", "12345RX"},
        {"Wi-Fi 机房", "WIFIJF"},
        {"银行", "YX"},
        {"调解", "TJ"},
        {"", ""},
        {"（）", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[32];
        ck_assert_int_eq(pinyin_initials(cases[i].text, out, sizeof out), (int)strlen(cases[i].initials));
        ck_assert_str_eq(out, cases[i].initials);
        /* What it writes, it finds again. */
        ck_assert(pinyin_match(cases[i].text, out));
    }
}
END_TEST

START_TEST(test_initials_in_little_room)
{
    char out[4] = "???";
    ck_assert_int_eq(pinyin_initials("让胡路区", out, sizeof out), 4);
    ck_assert_str_eq(out, "RHL");
    ck_assert_int_eq(pinyin_initials("让胡路区", out, 1), 4);
    ck_assert_str_eq(out, "");
    ck_assert_int_eq(pinyin_initials("让\xe8\x83", out, sizeof out), ERR_INVALID);
    ck_assert_str_eq(out, "");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pinyin");
    TCase *tc = tcase_create("pinyin");
    tcase_add_loop_test(tc, test_mask, 0, sizeof chars / sizeof chars[0]);
    tcase_add_test(tc, test_table_is_complete);
    tcase_add_loop_test(tc, test_match, 0, sizeof pairs / sizeof pairs[0]);
    tcase_add_test(tc, test_initials);
    tcase_add_test(tc, test_initials_in_little_room);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
