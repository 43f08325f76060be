/* SPDX-License-Identifier: MIT */
/* The numbers of the domain are those of the API, name by name. */
#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "server/domain/types.h"
#include "wangge/v1/directory.pb-c.h"
#include "wangge/v1/types.pb-c.h"

static const char *role_at(int i)
{
    return role_name((enum role)i);
}

static const char *state_at(int i)
{
    return case_state_name((enum case_state)i);
}

static const char *action_at(int i)
{
    return action_name((enum action)i);
}

START_TEST(names_agree)
{
    static const struct {
        const ProtobufCEnumDescriptor *api;
        const char *prefix;
        const char *(*name)(int);
        unsigned count;
    } rows[] = {
        {&wangge__v1__role__descriptor, "ROLE_", role_at, ROLE_COUNT},
        {&wangge__v1__case_state__descriptor, "CASE_STATE_", state_at, STATE_COUNT},
        {&wangge__v1__action__descriptor, "ACTION_", action_at, ACT_COUNT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_uint_eq(rows[i].api->n_values, rows[i].count);
        for (unsigned k = 0; k < rows[i].api->n_values; k++) {
            const ProtobufCEnumValue *v = &rows[i].api->values[k];
            if (v->value)
                ck_assert_str_eq(v->name + strlen(rows[i].prefix), rows[i].name(v->value));
        }
    }
}
END_TEST

START_TEST(numbers_agree)
{
    static const struct {
        const ProtobufCEnumDescriptor *api;
        const char *name;
        int value;
    } rows[] = {
        {&wangge__v1__urgency__descriptor, "URGENCY_NORMAL", URGENCY_NORMAL},
        {&wangge__v1__urgency__descriptor, "URGENCY_URGENT", URGENCY_URGENT},
        {&wangge__v1__urgency__descriptor, "URGENCY_CRITICAL", URGENCY_CRITICAL},
        {&wangge__v1__check_result__descriptor, "CHECK_RESULT_PASS", CHECK_PASS},
        {&wangge__v1__check_result__descriptor, "CHECK_RESULT_FAIL", CHECK_FAIL},
        {&wangge__v1__check_result__descriptor, "CHECK_RESULT_UNABLE", CHECK_UNABLE},
        {&wangge__v1__check_result__descriptor, "CHECK_RESULT_BASICALLY", CHECK_BASICALLY},
        {&wangge__v1__channel__descriptor, "CHANNEL_GRID", CHANNEL_GRID},
        {&wangge__v1__channel__descriptor, "CHANNEL_HOTLINE", CHANNEL_HOTLINE},
        {&wangge__v1__channel__descriptor, "CHANNEL_PUBLIC", CHANNEL_PUBLIC},
        {&wangge__v1__channel__descriptor, "CHANNEL_ALARM", CHANNEL_ALARM},
        {&wangge__v1__channel__descriptor, "CHANNEL_SUPERIOR", CHANNEL_SUPERIOR},
        {&wangge__v1__channel__descriptor, "CHANNEL_API", CHANNEL_API},
        {&wangge__v1__region_level__descriptor, "REGION_LEVEL_CITY", LEVEL_CITY},
        {&wangge__v1__region_level__descriptor, "REGION_LEVEL_COUNTY", LEVEL_COUNTY},
        {&wangge__v1__region_level__descriptor, "REGION_LEVEL_TOWNSHIP", LEVEL_TOWNSHIP},
        {&wangge__v1__region_level__descriptor, "REGION_LEVEL_COMMUNITY", LEVEL_COMMUNITY},
        {&wangge__v1__region_level__descriptor, "REGION_LEVEL_GRID", LEVEL_GRID},
        {&wangge__v1__organ_kind__descriptor, "ORGAN_KIND_CENTRE", ORGAN_CENTRE},
        {&wangge__v1__organ_kind__descriptor, "ORGAN_KIND_DEPARTMENT", ORGAN_DEPARTMENT},
        {&wangge__v1__organ_kind__descriptor, "ORGAN_KIND_POLICE", ORGAN_POLICE},
        {&wangge__v1__organ_kind__descriptor, "ORGAN_KIND_COURT", ORGAN_COURT},
        {&wangge__v1__organ_kind__descriptor, "ORGAN_KIND_JUSTICE", ORGAN_JUSTICE},
        {&wangge__v1__organ_kind__descriptor, "ORGAN_KIND_COMMUNITY", ORGAN_COMMUNITY},
        {&wangge__v1__organ_kind__descriptor, "ORGAN_KIND_EXTERNAL", ORGAN_EXTERNAL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value_by_name(rows[i].api, rows[i].name);
        ck_assert_msg(v && v->value == rows[i].value, "%s", rows[i].name);
    }
    ck_assert_uint_eq(wangge__v1__urgency__descriptor.n_values, URGENCY_COUNT);
    ck_assert_uint_eq(wangge__v1__check_result__descriptor.n_values, CHECK_COUNT);
    ck_assert_uint_eq(wangge__v1__channel__descriptor.n_values, CHANNEL_COUNT);
    ck_assert_uint_eq(wangge__v1__region_level__descriptor.n_values, LEVEL_COUNT);
    ck_assert_uint_eq(wangge__v1__organ_kind__descriptor.n_values, ORGAN_KIND_COUNT);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("domain and API");
    TCase *t = tcase_create("enumerations");
    tcase_add_test(t, names_agree);
    tcase_add_test(t, numbers_agree);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
