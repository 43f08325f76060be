/* SPDX-License-Identifier: MIT */
#include "server/service/case_methods.h"

#include "wangge/v1/report.pb-c.h"

enum { REPORT_MS = 30000 };

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
    {.path = NULL},
};
