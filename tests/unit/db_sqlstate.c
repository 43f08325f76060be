/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "server/db/sqlstate.h"

START_TEST(states_map_to_codes)
{
    static const struct {
        const char *state;
        int code;
        bool rerun, recycle;
    } rows[] = {
        {"23505", ERR_EXISTS, true, false},          {"23503", ERR_PRECONDITION, true, false},
        {"23514", ERR_INVALID, true, false},         {"23502", ERR_INVALID, true, false},
        {"23P01", ERR_CONFLICT, true, false},        {"23999", ERR_PRECONDITION, true, false},
        {"40001", ERR_CONFLICT, true, false},        {"40P01", ERR_CONFLICT, true, false},
        {"40003", ERR_UNKNOWN_OUTCOME, false, true}, {"22P02", ERR_INVALID, true, false},
        {"57014", ERR_DEADLINE, true, false},        {"57P01", ERR_UNAVAILABLE, false, true},
        {"57P03", ERR_UNAVAILABLE, false, true},     {"08006", ERR_UNAVAILABLE, false, true},
        {"53100", ERR_EXHAUSTED, false, false},      {"53300", ERR_UNAVAILABLE, false, false},
        {"25006", ERR_UNAVAILABLE, false, true},     {"26000", ERR_UNAVAILABLE, true, true},
        {"0A000", ERR_UNAVAILABLE, true, true},      {"42501", ERR_DENIED, true, false},
        {"42P01", ERR_INTERNAL, true, false},        {"P0001", ERR_PRECONDITION, true, false},
        {"P0002", ERR_NOT_FOUND, true, false},       {"XX000", ERR_INTERNAL, false, false},
        {"ZZ123", ERR_INTERNAL, true, false},        {"", ERR_INTERNAL, true, false},
        {NULL, ERR_INTERNAL, true, false},           {"2", ERR_INTERNAL, true, false},
        {"23", ERR_PRECONDITION, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct sqlstate_info *info = sqlstate_lookup(rows[i].state);
        const char *name = rows[i].state ? rows[i].state : "NULL";
        ck_assert_msg(info->code == rows[i].code, "%s: %s", name, err_name(info->code));
        ck_assert_msg(info->rerun == rows[i].rerun && info->recycle == rows[i].recycle, "%s", name);
    }
}
END_TEST

START_TEST(table_is_sound)
{
    for (const struct sqlstate_info *a = sqlstate_table(); a->state; a++) {
        size_t len = strlen(a->state);
        ck_assert_msg(len == 5 || len == 2, "%s", a->state);
        ck_assert_msg(a->code <= 0 && a->code >= ERR_UNKNOWN_OUTCOME, "%s", a->state);
        ck_assert_msg(a->code == 0 || a->text[0] != '\0', "%s has no text", a->state);
        for (const struct sqlstate_info *b = a + 1; b->state; b++)
            ck_assert_msg(strcmp(a->state, b->state) != 0, "%s is there twice", a->state);
    }
}
END_TEST

START_TEST(errors_keep_the_state)
{
    struct err e;
    ck_assert_int_eq(sqlstate_err(&e, "23505", "case_number_key"), ERR_EXISTS);
    ck_assert_str_eq(e.detail, "SQLSTATE 23505 case_number_key");
    ck_assert_int_eq(sqlstate_err(&e, "57014", NULL), ERR_DEADLINE);
    ck_assert_str_eq(e.detail, "SQLSTATE 57014");
    ck_assert_int_eq(sqlstate_err(&e, NULL, NULL), ERR_INTERNAL);
    ck_assert_str_eq(e.detail, "SQLSTATE unknown");
    ck_assert_int_eq(sqlstate_err(&e, "00000", NULL), 0);
    ck_assert_int_eq(e.code, 0);
    ck_assert_int_eq(sqlstate_from_result(&e, NULL), ERR_INTERNAL);
    ck_assert(sqlstate_is_serialization("40001") && sqlstate_is_serialization("40P01"));
    ck_assert(!sqlstate_is_serialization("40002") && !sqlstate_is_serialization(NULL));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("db_sqlstate");
    TCase *t = tcase_create("db_sqlstate");
    tcase_add_test(t, states_map_to_codes);
    tcase_add_test(t, table_is_sound);
    tcase_add_test(t, errors_keep_the_state);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
