/* SPDX-License-Identifier: MIT */
#include "client/rpc/methods.h"

#include "wangge/v1/auth.pb-c.h"
#include "wangge/v1/case.pb-c.h"
#include "wangge/v1/directory.pb-c.h"
#include "wangge/v1/report.pb-c.h"
#include "wangge/v1/watch.pb-c.h"

#define METHOD(symbol, service, name, message)                                                                                 \
    const struct channel_method methods_##symbol = {                                                                           \
        "/wangge.v1." service "/" name,                                                                                        \
        &wangge__v1__##message##request__descriptor,                                                                           \
        &wangge__v1__##message##response__descriptor,                                                                          \
    }

METHOD(login, "AuthService", "Login", login_);
METHOD(logout, "AuthService", "Logout", logout_);
METHOD(who_am_i, "AuthService", "WhoAmI", who_am_i);
METHOD(submit_case, "CaseService", "SubmitCase", submit_case_);
METHOD(submit_cases, "CaseService", "SubmitCases", submit_cases_);
METHOD(get_case, "CaseService", "GetCase", get_case_);
METHOD(list_cases, "CaseService", "ListCases", list_cases_);
METHOD(act, "CaseService", "Act", act_);
METHOD(add_note, "CaseService", "AddNote", add_note_);
METHOD(list_case_events, "CaseService", "ListCaseEvents", list_case_events_);
METHOD(import_history, "CaseService", "ImportHistory", import_history_);
METHOD(list_regions, "DirectoryService", "ListRegions", list_regions_);
METHOD(locate_grid, "DirectoryService", "LocateGrid", locate_grid_);
METHOD(list_categories, "DirectoryService", "ListCategories", list_categories_);
METHOD(list_organs, "DirectoryService", "ListOrgans", list_organs_);
METHOD(list_metrics, "DirectoryService", "ListMetrics", list_metrics_);
METHOD(list_actions, "DirectoryService", "ListActions", list_actions_);
METHOD(import_directory, "DirectoryService", "ImportDirectory", import_directory_);
METHOD(create_account, "DirectoryService", "CreateAccount", create_account_);
METHOD(query_metric, "ReportService", "QueryMetric", query_metric_);
METHOD(list_figure_cases, "ReportService", "ListFigureCases", list_figure_cases_);
METHOD(watch, "WatchService", "Watch", watch_);
