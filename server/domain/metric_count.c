/* SPDX-License-Identifier: MIT */
/* Plain counts: what reports print beside the rates, each with a list of its own. */
#include "server/domain/metric_table.h"

#define COUNT(number, zh, en, words_zh, words_en, ...)                                                                         \
    {                                                                                                                          \
        .code = number, .version = 1, .name_zh = zh, .name_en = en, .definition_zh = words_zh, .definition_en = words_en,      \
        .n_variants = 1,                                                                                                       \
        .variants = {{.code = "",                                                                                              \
                      .name_zh = zh,                                                                                           \
                      .name_en = en,                                                                                           \
                      .numerator = words_zh,                                                                                   \
                      .denominator = "",                                                                                       \
                      .numerator_en = words_en,                                                                                \
                      .denominator_en = "",                                                                                    \
                      .num = __VA_ARGS__}},                                                                                    \
    }

const struct metric metric_counts[] = {
    COUNT("N01", "上报", "Reported", "窗口内上报的案件", "cases reported in the window",
          {1, {{MEASURE_REPORTED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N02", "受理", "Accepted", "窗口内首次受理或自办自结（件次）",
          "first acceptances and settlements in the window (acts)", {1, {{MEASURE_ACCEPTED, 1, TERM_FLOW_IN_WINDOW}}}),
    COUNT("N03", "办结", "Closed", "窗口内办结（件次）", "closings in the window (acts)",
          {1, {{MEASURE_CLOSINGS, 1, TERM_FLOW_IN_WINDOW}}}),
    COUNT("N04", "在办", "Open", "截至时点在办的案件（含待受理）", "cases open at the as-of time, undecided ones included",
          {5,
           {{MEASURE_REPORTED, 1, TERM_STOCK_AT_T},
            {MEASURE_CLOSED, -1, TERM_STOCK_AT_T},
            {MEASURE_REFUSED, -1, TERM_STOCK_AT_T},
            {MEASURE_VOIDED, -1, TERM_STOCK_AT_T},
            {MEASURE_MERGED, -1, TERM_STOCK_AT_T}}}),
    COUNT("N05", "待受理", "Undecided", "截至时点尚未作出受理决定的案件", "cases undecided at the as-of time",
          {5,
           {{MEASURE_REPORTED, 1, TERM_STOCK_AT_T},
            {MEASURE_VALID, -1, TERM_STOCK_AT_T},
            {MEASURE_REFUSED, -1, TERM_STOCK_AT_T},
            {MEASURE_VOIDED, -1, TERM_STOCK_AT_T},
            {MEASURE_MERGED, -1, TERM_STOCK_AT_T}}}),
    COUNT("N06", "派遣", "Dispatched", "窗口内派遣（件次）", "dispatches in the window (acts)",
          {1, {{MEASURE_DISPATCHED, 1, TERM_FLOW_IN_WINDOW}}}),
    COUNT("N07", "退回", "Returned", "窗口内退回（件次）", "returns in the window (acts)",
          {1, {{MEASURE_RETURNED, 1, TERM_FLOW_IN_WINDOW}}}),
    COUNT("N08", "挂账", "Suspended", "截至时点挂账的案件", "cases suspended at the as-of time",
          {1, {{MEASURE_SUSPENDED, 1, TERM_STOCK_AT_T}}}),
    COUNT("N09", "超期在办", "Open and overdue", "截至时点已超期、尚未反馈或超期反馈待结案的案件",
          "cases open beyond their handling limit at the as-of time",
          {2, {{MEASURE_OPEN_LATE, 1, TERM_STOCK_AT_T}, {DUE_RUNNING, 1, TERM_STOCK_DUE}}}),
    COUNT("N10", "今日到期", "Due today", "时点当日到期、尚未反馈的案件",
          "cases due between the as-of time and the end of its day", {1, {{DUE_RUNNING, 1, TERM_STOCK_DUE_TODAY}}}),
    COUNT("N11", "不予受理", "Not accepted", "窗口内上报、不予受理的案件", "cases of the window that were refused",
          {1, {{MEASURE_REFUSED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N12", "作废", "Voided", "窗口内上报、作废或撤回的案件", "cases of the window that were voided or recalled",
          {1, {{MEASURE_VOIDED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N13", "并案", "Merged", "窗口内上报、并入他案的案件", "cases of the window merged into another",
          {1, {{MEASURE_MERGED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N14", "重办", "Reopened", "窗口内上报、曾被重办的案件", "cases of the window that were reopened",
          {1, {{MEASURE_REOPENED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N15", "不满意", "Dissatisfied", "窗口内不满意的回访（件次）", "dissatisfied revisits in the window (acts)",
          {1, {{MEASURE_DISSATISFIED, 1, TERM_FLOW_IN_WINDOW}}}),
    COUNT("N16", "按期办结", "Closed on time", "窗口内上报、按期办结的案件", "cases of the window closed on time",
          {1, {{MEASURE_ON_TIME, 1, TERM_COHORT_AT_T}}}),
    COUNT("N17", "逾期办结", "Closed late", "窗口内上报、逾期办结的案件", "cases of the window closed late",
          {1, {{MEASURE_LATE, 1, TERM_COHORT_AT_T}}}),
    COUNT("N18", "无时限办结", "Closed without a limit", "窗口内上报、无处置时限而办结的案件",
          "cases of the window closed without a handling limit", {1, {{MEASURE_NO_DEADLINE, 1, TERM_COHORT_AT_T}}}),
    COUNT("N19", "强制结案", "Forced", "窗口内上报、强制结案的案件", "cases of the window closed by force",
          {1, {{MEASURE_FORCED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N20", "延期按期", "Extended", "窗口内上报、延期后按期办结的案件",
          "cases of the window closed on time against an extended limit", {1, {{MEASURE_EXTENDED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N21", "申诉免责", "Exempt", "窗口内上报、申诉成立免计超期的案件", "cases of the window exempt by an appeal",
          {1, {{MEASURE_EXEMPT, 1, TERM_COHORT_AT_T}}}),
    COUNT("N22", "有效", "Valid", "窗口内上报的有效案件", "valid cases reported in the window",
          {1, {{MEASURE_VALID, 1, TERM_COHORT_AT_T}}}),
    COUNT("N23", "已办结", "Closed of the cohort", "窗口内上报、截至时点已办结的案件", "cases of the window that are closed",
          {1, {{MEASURE_CLOSED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N24", "自办自结", "Self-settled", "窗口内上报、自办自结的案件", "cases of the window settled on the spot",
          {1, {{MEASURE_SELF_CLOSED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N25", "挂账（本期）", "Suspended of the cohort", "窗口内上报、截至时点挂账的案件",
          "cases of the window that are suspended", {1, {{MEASURE_SUSPENDED, 1, TERM_COHORT_AT_T}}}),
    COUNT("N26", "反馈", "Fed back", "窗口内处置反馈（件次）", "feedbacks in the window (acts)",
          {1, {{MEASURE_FED_BACK, 1, TERM_FLOW_IN_WINDOW}}}),
    COUNT("N27", "在办（本期，不含挂账）", "Open of the cohort, not suspended",
          "窗口内上报、截至时点在办且未挂账的案件（含待受理）",
          "cases of the window that are open and not suspended, undecided ones included",
          {6,
           {{MEASURE_REPORTED, 1, TERM_COHORT_AT_T},
            {MEASURE_CLOSED, -1, TERM_COHORT_AT_T},
            {MEASURE_REFUSED, -1, TERM_COHORT_AT_T},
            {MEASURE_VOIDED, -1, TERM_COHORT_AT_T},
            {MEASURE_MERGED, -1, TERM_COHORT_AT_T},
            {MEASURE_SUSPENDED, -1, TERM_COHORT_AT_T}}}),
};
const size_t metric_counts_n = sizeof metric_counts / sizeof metric_counts[0];
