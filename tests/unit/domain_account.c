/* SPDX-License-Identifier: MIT */
/* One-time passwords by the RFCs' own vectors; the rules of new passwords and the list of common ones. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "server/domain/password_rules.h"
#include "server/domain/totp.h"

static const uint8_t secret[] = "12345678901234567890";

/* RFC 4226, appendix D. */
static const uint32_t hotp[] = {755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489};

START_TEST(codes_of_rfc_4226)
{
    ck_assert_uint_eq(totp_hotp(secret, 20, (uint64_t)_i, 6), hotp[_i]);
}
END_TEST

/* RFC 6238, appendix B, SHA-1. */
static const struct {
    int64_t at;
    uint32_t code;
} totp[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
            {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};

START_TEST(codes_of_rfc_6238)
{
    char text[16];
    int64_t step = totp[_i].at / 30;

    ck_assert_uint_eq(totp_hotp(secret, 20, (uint64_t)step, 8), totp[_i].code);
    snprintf(text, sizeof(text), "%06u", totp[_i].code % 1000000);
    ck_assert_int_eq(totp_match(secret, text, totp[_i].at, 0), step);
    /* A clock may be a step off, not two; and no code counts twice. */
    ck_assert_int_eq(totp_match(secret, text, totp[_i].at + 30, 0), step);
    ck_assert_int_eq(totp_match(secret, text, totp[_i].at - 30, 0), step);
    ck_assert_int_eq(totp_match(secret, text, totp[_i].at + 60, 0), 0);
    ck_assert_int_eq(totp_match(secret, text, totp[_i].at, step), 0);
    ck_assert_int_eq(totp_match(secret, text, totp[_i].at, step - 1), step);
}
END_TEST

START_TEST(what_is_no_code)
{
    static const char *const bad[] = {"", "28708", "2870820", "28708a", " 87082", "-87082"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_int_eq(totp_match(secret, bad[i], 59, 0), 0);
}
END_TEST

/* RFC 2202. */
START_TEST(hmac_of_rfc_2202)
{
    static const uint8_t of_long_key[] = {0xaa, 0x4a, 0xe5, 0xe1, 0x52, 0x72, 0xd0, 0x0e, 0x95, 0x70,
                                          0x56, 0x37, 0xce, 0x8a, 0x3b, 0x55, 0xed, 0x40, 0x21, 0x12};
    static const uint8_t of_jefe[] = {0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f, 0xa2, 0xd2, 0x74,
                                      0x16, 0xd5, 0xf1, 0x84, 0xdf, 0x9c, 0x25, 0x9a, 0x7c, 0x79};
    uint8_t key[80], out[20];

    memset(key, 0xaa, sizeof(key));
    totp_hmac_sha1(key, sizeof(key), (const uint8_t *)"Test Using Larger Than Block-Size Key - Hash Key First", 54, out);
    ck_assert_mem_eq(out, of_long_key, 20);
    totp_hmac_sha1((const uint8_t *)"Jefe", 4, (const uint8_t *)"what do ya want for nothing?", 28, out);
    ck_assert_mem_eq(out, of_jefe, 20);
}
END_TEST

START_TEST(base_32)
{
    char text[TOTP_SECRET_TEXT + 1];

    totp_base32(secret, text);
    ck_assert_str_eq(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}
END_TEST

/* --- passwords --- */

static const struct {
    const char *password;
    bool good;
} passwords[] = {
    {"Correct-Horse-7", true},
    {"Ganlan-Shu-42-Ye", true},
    {"葡萄架下有只猫A1-乘凉啊呀", true},
    {"tR7-vQ2-mK9-x", true},
    {"Wg-5f1c9e0b7a3d2c4e6f80a1b2", true},
    {"Aa1!Aa1!Aa", false},               /* too short */
    {"葡萄架下有只猫在乘凉啊呀", false}, /* one kind */
    {"lowercase-only-x", false},         /* two kinds */
    {"Woaini1314520!", false},
    {"Password@12345", false},
    {"P@ssw0rd123456", false},
    {"Zhang@19900101", false},
    {"Qwerty@123456", false},
    {"Asdfghjkl123!", false},
    {"1qaz@WSX3edc", false},
    {"Abcd1234!@#$", false},
    {"Admin@20261123", false},
    {"Wang13812345678", false},
    {"Aaaaaaaaaaa1111!", false},
    {"5201314Woaini", false},
    {"Huawei@123456", false},
    {"Daqing@163000", true},    /* a place and a postcode: four of one's own */
    {"xx-Worker1-Pear", false}, /* holds the login */
};

START_TEST(good_and_bad_passwords)
{
    struct password_policy p;
    struct err e = {0};
    int r;

    password_policy_default(&p);
    r = password_rules_check(&p, "password", passwords[_i].password, "worker1", &e);
    ck_assert_msg((r == 0) == passwords[_i].good, "%s: %s, own characters %d", passwords[_i].password, e.text,
                  password_own_chars(passwords[_i].password));
    if (r) {
        ck_assert_int_eq(r, ERR_INVALID);
        ck_assert_str_eq(e.field, "password");
    }
}
END_TEST

START_TEST(a_policy_may_ask_for_less)
{
    struct password_policy p = {.min_length = 8, .min_classes = 1, .refuse_common = false};
    char longest[PASSWORD_LENGTH_MAX + 2];
    struct err e = {0};

    ck_assert_int_eq(password_rules_check(&p, "x", "password", "password", &e), 0);
    ck_assert_int_eq(password_rules_check(&p, "x", "passwor", "", &e), ERR_INVALID);
    memset(longest, 'q', sizeof(longest));
    longest[PASSWORD_LENGTH_MAX + 1] = '\0';
    ck_assert_int_eq(password_rules_check(&p, "x", longest, "", &e), ERR_INVALID);
    longest[PASSWORD_LENGTH_MAX] = '\0';
    ck_assert_int_eq(password_rules_check(&p, "x", longest, "", &e), 0);
    ck_assert_int_lt(password_own_chars(longest), PASSWORD_OWN_MIN);
}
END_TEST

static const struct {
    struct password_policy p;
    const char *field;
} policies[] = {
    {{12, 3, true, 90, 5}, NULL},
    {{8, 1, false, 0, 0}, NULL},
    {{128, 4, true, 3650, 24}, NULL},
    {{7, 3, true, 90, 5}, "policy.min_length"},
    {{129, 3, true, 90, 5}, "policy.min_length"},
    {{12, 0, true, 90, 5}, "policy.min_classes"},
    {{12, 5, true, 90, 5}, "policy.min_classes"},
    {{12, 3, true, -1, 5}, "policy.max_age_days"},
    {{12, 3, true, 3651, 5}, "policy.max_age_days"},
    {{12, 3, true, 90, -1}, "policy.history"},
    {{12, 3, true, 90, 25}, "policy.history"},
};

START_TEST(policies_are_checked)
{
    struct err e = {0};

    ck_assert_int_eq(password_policy_check(&policies[_i].p, &e), policies[_i].field ? ERR_INVALID : 0);
    if (policies[_i].field)
        ck_assert_str_eq(e.field, policies[_i].field);
}
END_TEST

/* The list is searched by halves: sorted, each line once, lower case, and every line is found. */
START_TEST(the_list_is_in_order)
{
    FILE *f = fopen(COMMON_PASSWORDS, "r");
    char line[64], before[64] = "";
    int n = 0;

    ck_assert_ptr_nonnull(f);
    for (; fgets(line, sizeof(line), f); n++) {
        line[strcspn(line, "\n")] = '\0';
        ck_assert_msg(strcmp(before, line) < 0, "%s stands after %s", line, before);
        ck_assert_msg(strlen(line) >= 2 && strlen(line) <= 24, "%s: length", line);
        for (const char *s = line; *s; s++)
            ck_assert_msg(!isupper((unsigned char)*s), "%s: upper case", line);
        ck_assert_msg(password_is_common_word(line, strlen(line)), "%s is not found", line);
        memcpy(before, line, sizeof(before));
    }
    fclose(f);
    ck_assert_int_ge(n, 300);
    ck_assert(!password_is_common_word("no such word", 12));
    ck_assert(!password_is_common_word("", 0));
    ck_assert(!password_is_common_word("~~~~", 4));
}
END_TEST

#define COUNT(x) ((int)(sizeof(x) / sizeof((x)[0])))

int main(void)
{
    Suite *s = suite_create("account");
    TCase *t = tcase_create("account");
    SRunner *r;
    int failed;

    tcase_add_loop_test(t, codes_of_rfc_4226, 0, COUNT(hotp));
    tcase_add_loop_test(t, codes_of_rfc_6238, 0, COUNT(totp));
    tcase_add_test(t, what_is_no_code);
    tcase_add_test(t, hmac_of_rfc_2202);
    tcase_add_test(t, base_32);
    tcase_add_loop_test(t, good_and_bad_passwords, 0, COUNT(passwords));
    tcase_add_test(t, a_policy_may_ask_for_less);
    tcase_add_loop_test(t, policies_are_checked, 0, COUNT(policies));
    tcase_add_test(t, the_list_is_in_order);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
