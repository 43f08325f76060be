/* SPDX-License-Identifier: MIT */
/* The figures that stand against gaming. Numbers behind "what" are measures, or of the DUE kinds due kinds. */
#include "server/domain/metric_table.h"

const struct metric metric_integrity[] = {
    {
        .code = "I01",
        .version = 1,
        .name_zh = "短时办结占比",
        .name_en = "Closed at once",
        .definition_zh = "非自办自结案件中，上报后 10 分钟内即结案的占比，用于发现虚假办结。",
        .definition_en = "Of the closed cases, those that were not settled on the spot and yet closed within 10 minutes of the "
                         "report: a sign of false closing.",
        .n_variants = 1,
        .variants =
            {
                {.code = "",
                 .name_zh = "短时办结占比",
                 .name_en = "Closed at once",
                 .numerator = "上报后 10 分钟内结案的非自办自结案件",
                 .denominator = "窗口内上报、截至时点已办结的案件",
                 .numerator_en = "closed within 10 minutes of the report, not on the spot",
                 .denominator_en = "cases of the window that are closed",
                 .num = {1, {{MEASURE_FAST, 1, TERM_COHORT_AT_T}}},
                 .den = {1, {{MEASURE_CLOSED, 1, TERM_COHORT_AT_T}}}},
            },
    },
    {
        .code = "I02",
        .version = 1,
        .name_zh = "末日反馈占比",
        .name_en = "Fed back on the last day",
        .definition_zh = "按期办结案件中，在到期当日才反馈的占比。",
        .definition_en = "Of the cases closed on time, those fed back on the very day they were due.",
        .n_variants = 1,
        .variants =
            {
                {.code = "",
                 .name_zh = "末日反馈占比",
                 .name_en = "Fed back on the last day",
                 .numerator = "到期当日反馈的按期办结案件",
                 .denominator = "窗口内上报、按期办结的案件",
                 .numerator_en = "closed on time and fed back on the day they were due",
                 .denominator_en = "cases of the window closed on time",
                 .num = {1, {{MEASURE_LAST_DAY, 1, TERM_COHORT_AT_T}}},
                 .den = {1, {{MEASURE_ON_TIME, 1, TERM_COHORT_AT_T}}}},
            },
    },
    {
        .code = "I03",
        .version = 1,
        .name_zh = "强制结案占比",
        .name_en = "Forced closings",
        .definition_zh = "已办结案件中由值班长强制结案的占比。",
        .definition_en = "Of the closed cases, those the duty chief closed by force.",
        .n_variants = 1,
        .variants =
            {
                {.code = "",
                 .name_zh = "强制结案占比",
                 .name_en = "Forced closings",
                 .numerator = "强制结案的案件",
                 .denominator = "窗口内上报、截至时点已办结的案件",
                 .numerator_en = "cases closed by force",
                 .denominator_en = "cases of the window that are closed",
                 .num = {1, {{MEASURE_FORCED, 1, TERM_COHORT_AT_T}}},
                 .den = {1, {{MEASURE_CLOSED, 1, TERM_COHORT_AT_T}}}},
            },
    },
    {
        .code = "I04",
        .version = 1,
        .name_zh = "申诉免责占比",
        .name_en = "Appeals granted",
        .definition_zh = "已办结案件中，因申诉成立而不计超期的占比；超期事实仍保留。",
        .definition_en = "Of the closed cases, those that count as on time only because an appeal was granted; the lateness "
                         "stays on record.",
        .n_variants = 1,
        .variants =
            {
                {.code = "",
                 .name_zh = "申诉免责占比",
                 .name_en = "Appeals granted",
                 .numerator = "申诉成立、免计超期的案件",
                 .denominator = "窗口内上报、截至时点已办结的案件",
                 .numerator_en = "late, but exempt by an appeal",
                 .denominator_en = "cases of the window that are closed",
                 .num = {1, {{MEASURE_EXEMPT, 1, TERM_COHORT_AT_T}}},
                 .den = {1, {{MEASURE_CLOSED, 1, TERM_COHORT_AT_T}}}},
            },
    },
    {
        .code = "I05",
        .version = 1,
        .name_zh = "七日内重办率",
        .name_en = "Reopened within 7 days",
        .definition_zh = "窗口内上报案件的办结件次中，7 日内即被重办的占比。",
        .definition_en = "Of the closings of the window's cases, those followed by a reopening within 7 days.",
        .n_variants = 1,
        .variants =
            {
                {.code = "",
                 .name_zh = "七日内重办率",
                 .name_en = "Reopened within 7 days",
                 .numerator = "办结后 7 日内的重办（件次）",
                 .denominator = "办结（件次）",
                 .numerator_en = "reopenings within 7 days of the closing (acts)",
                 .denominator_en = "closings (acts)",
                 .num = {1, {{MEASURE_REOPENED_SOON, 1, TERM_COHORT_AT_T}}},
                 .den = {1, {{MEASURE_CLOSINGS, 1, TERM_COHORT_AT_T}}}},
            },
    },
    {
        .code = "I07",
        .version = 1,
        .name_zh = "补报按期占比",
        .name_en = "On time by the claimed time only",
        .definition_zh = "按期办结案件中，反馈所填时间未超期、但到达系统时已超期的占比。",
        .definition_en =
            "Of the cases closed on time, those whose feedback claims a time within the limit but arrived beyond it.",
        .n_variants = 1,
        .variants =
            {
                {.code = "",
                 .name_zh = "补报按期占比",
                 .name_en = "On time by the claimed time only",
                 .numerator = "填报时间未超期、到达时已超期的案件",
                 .denominator = "窗口内上报、按期办结的案件",
                 .numerator_en = "on time by the claimed time, late by arrival",
                 .denominator_en = "cases of the window closed on time",
                 .num = {1, {{MEASURE_BACKDATED, 1, TERM_COHORT_AT_T}}},
                 .den = {1, {{MEASURE_ON_TIME, 1, TERM_COHORT_AT_T}}}},
            },
    },
};
const size_t metric_integrity_n = sizeof metric_integrity / sizeof metric_integrity[0];
