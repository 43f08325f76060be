/* SPDX-License-Identifier: MIT */
/* The published metrics. A changed definition gets a new version; figures carry code and version. */
#include "server/domain/metric.h"

#include <string.h>

#define COHORT(m)                                                                                                              \
    {                                                                                                                          \
        MEASURE_##m, 1, TERM_COHORT_AT_T                                                                                       \
    }
#define COHORT_MINUS(m)                                                                                                        \
    {                                                                                                                          \
        MEASURE_##m, -1, TERM_COHORT_AT_T                                                                                      \
    }
#define STOCK(m)                                                                                                               \
    {                                                                                                                          \
        MEASURE_##m, 1, TERM_STOCK_AT_A                                                                                        \
    }
#define STOCK_MINUS(m)                                                                                                         \
    {                                                                                                                          \
        MEASURE_##m, -1, TERM_STOCK_AT_A                                                                                       \
    }
#define FLOW(m)                                                                                                                \
    {                                                                                                                          \
        MEASURE_##m, 1, TERM_FLOW_IN_WINDOW                                                                                    \
    }

static const struct metric table[] = {
    {
        .code = "K01",
        .version = 1,
        .name_zh = "办结率",
        .name_en = "Completion rate",
        .definition_zh =
            "窗口内上报的有效案件中，截至统计时点已结案或已归档的比例。有效：曾受理或自办自结，且未被不予受理、作废、并案。",
        .definition_en =
            "Of the valid cases reported in the window, those closed or archived at the as-of time. Valid: accepted or "
            "settled once, and not refused, voided or merged.",
        .n_variants = 1,
        .variants = {{
            .code = "",
            .name_zh = "办结率",
            .name_en = "Completion rate",
            .numerator = "窗口内上报、截至时点已结案或已归档的有效案件",
            .denominator = "窗口内上报的有效案件",
            .numerator_en = "valid cases reported in the window and closed or archived at the as-of time",
            .denominator_en = "valid cases reported in the window",
            .num = {1, {COHORT(CLOSED)}},
            .den = {1, {COHORT(VALID)}},
        }},
    },
    {
        .code = "K03",
        .version = 1,
        .name_zh = "期间办结率",
        .name_en = "Period rate",
        .definition_zh = "窗口内办结的件次，除以期初在办的有效案件与窗口内受理的案件之和。",
        .definition_en = "Closings in the window, divided by the valid cases open at its start plus the cases accepted in it.",
        .n_variants = 1,
        .variants = {{
            .code = "",
            .name_zh = "期间办结率",
            .name_en = "Period rate",
            .numerator = "窗口内的办结（含自办自结，重办后再次办结另计）",
            .denominator = "期初在办的有效案件＋窗口内受理的案件",
            .numerator_en = "closings in the window (settlements included; a closing after a reopening counts again)",
            .denominator_en = "valid cases open at the window's start plus cases accepted in the window",
            .num = {1, {FLOW(CLOSINGS)}},
            .den = {3, {STOCK(VALID), STOCK_MINUS(CLOSED), FLOW(ACCEPTED)}},
        }},
    },
    {
        .code = "K04",
        .version = 1,
        .name_zh = "原始办结率",
        .name_en = "Raw rate",
        .definition_zh = "窗口内上报的全部案件（不剔除）中，截至统计时点已结案或已归档的比例。",
        .definition_en = "Of all cases reported in the window, nothing left out, those closed or archived at the as-of time.",
        .n_variants = 1,
        .variants = {{
            .code = "",
            .name_zh = "原始办结率",
            .name_en = "Raw rate",
            .numerator = "窗口内上报、截至时点已结案或已归档的案件",
            .denominator = "窗口内上报的全部案件",
            .numerator_en = "cases reported in the window and closed or archived at the as-of time",
            .denominator_en = "all cases reported in the window",
            .num = {1, {COHORT(CLOSED)}},
            .den = {1, {COHORT(REPORTED)}},
        }},
    },
    {
        .code = "K16",
        .version = 1,
        .name_zh = "自办自结率",
        .name_en = "Self-settled share",
        .definition_zh = "已办结案件中由网格员当场自办自结的比例；另列不含自办自结的办结率。",
        .definition_en =
            "Of the closed cases, those the worker settled on the spot; beside it, the completion rate without them.",
        .n_variants = 2,
        .variants =
            {
                {
                    .code = "SHARE",
                    .name_zh = "自办自结率",
                    .name_en = "Self-settled share",
                    .numerator = "窗口内上报、截至时点已办结的自办自结案件",
                    .denominator = "窗口内上报、截至时点已结案或已归档的案件",
                    .numerator_en = "cases reported in the window, settled on the spot and closed at the as-of time",
                    .denominator_en = "cases reported in the window and closed or archived at the as-of time",
                    .num = {1, {COHORT(SELF_CLOSED)}},
                    .den = {1, {COHORT(CLOSED)}},
                },
                {
                    .code = "NON_SELF",
                    .name_zh = "不含自办自结的办结率",
                    .name_en = "Completion rate without self-settled cases",
                    .numerator = "窗口内上报、截至时点已办结的非自办自结案件",
                    .denominator = "窗口内上报的有效的非自办自结案件",
                    .numerator_en = "closed cases of the window that were not settled on the spot",
                    .denominator_en = "valid cases of the window that were not settled on the spot",
                    .num = {2, {COHORT(CLOSED), COHORT_MINUS(SELF_CLOSED)}},
                    .den = {2, {COHORT(VALID), COHORT_MINUS(SELF_CLOSED)}},
                },
            },
    },
};
enum { METRIC_COUNT = sizeof(table) / sizeof(table[0]) };

const struct metric *metrics(size_t *ret_n)
{
    *ret_n = METRIC_COUNT;
    return table;
}

const struct metric *metric_find(const char *code)
{
    if (!code || !*code)
        return &table[0];
    for (size_t i = 0; i < METRIC_COUNT; i++)
        if (strcmp(table[i].code, code) == 0)
            return &table[i];
    return NULL;
}

const struct metric_variant *metric_variant_find(const struct metric *m, const char *code)
{
    if (!code || !*code)
        return &m->variants[0];
    for (int i = 0; i < m->n_variants; i++)
        if (strcmp(m->variants[i].code, code) == 0)
            return &m->variants[i];
    return NULL;
}

int64_t metric_sum_value(const struct metric_sum *s, const int64_t cohort_at_t[MEASURE_COUNT],
                         const int64_t stock_at_a[MEASURE_COUNT], const int64_t flow_in_window[MEASURE_COUNT])
{
    int64_t sum = 0;
    for (int i = 0; i < s->n; i++) {
        const struct metric_term *t = &s->terms[i];
        const int64_t *from = t->kind == TERM_COHORT_AT_T  ? cohort_at_t
                              : t->kind == TERM_STOCK_AT_A ? stock_at_a
                                                           : flow_in_window;
        sum += t->sign * from[t->measure];
    }
    return sum;
}

static bool sum_needs(const struct metric_sum *s, enum term_kind kind)
{
    for (int i = 0; i < s->n; i++)
        if (s->terms[i].kind == kind)
            return true;
    return false;
}

bool metric_variant_needs(const struct metric_variant *v, enum term_kind kind)
{
    return sum_needs(&v->num, kind) || sum_needs(&v->den, kind);
}
