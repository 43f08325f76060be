/* SPDX-License-Identifier: MIT */
#include "server/service/case_methods.h"

#include "wangge/v1/report.pb-c.h"

enum { REPORT_MS = 30000, PULL_MS = 300000 };

const struct rpc_method report_methods[] = {
    {
        .path = "/wangge.v1.ReportService/QueryMetric",
        .kind = RPC_UNARY,
        .request = &wangge__v1__query_metric_request__descriptor,
        .response = &wangge__v1__query_metric_response__descriptor,
        .default_deadline_ms = REPORT_MS,
        .on_message = report_query,
    },
    {
        .path = "/wangge.v1.ReportService/ListFigureCases",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_figure_cases_request__descriptor,
        .response = &wangge__v1__list_figure_cases_response__descriptor,
        .default_deadline_ms = REPORT_MS,
        .on_message = report_cases,
    },
    {
        .path = "/wangge.v1.ReportService/ListReports",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_reports_request__descriptor,
        .response = &wangge__v1__list_reports_response__descriptor,
        .default_deadline_ms = REPORT_MS,
        .on_message = report_list,
    },
    {
        .path = "/wangge.v1.ReportService/PullReport",
        .kind = RPC_SERVER_STREAM,
        .request = &wangge__v1__pull_report_request__descriptor,
        .response = &wangge__v1__pull_report_response__descriptor,
        .default_deadline_ms = PULL_MS,
        .on_message = report_pull,
        .on_writable = report_pull_writable,
        .on_cancel = report_pull_cancel,
    },
    {.path = NULL},
};
