/* SPDX-License-Identifier: MIT */
#include "client/rpc/methods.h"

#include "wangge/v1/account.pb-c.h"
#include "wangge/v1/attachment.pb-c.h"
#include "wangge/v1/audit.pb-c.h"
#include "wangge/v1/auth.pb-c.h"
#include "wangge/v1/bulk.pb-c.h"
#include "wangge/v1/case.pb-c.h"
#include "wangge/v1/clock.pb-c.h"
#include "wangge/v1/directory.pb-c.h"
#include "wangge/v1/inbox.pb-c.h"
#include "wangge/v1/people.pb-c.h"
#include "wangge/v1/report.pb-c.h"
#include "wangge/v1/search.pb-c.h"
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
METHOD(list_reports, "ReportService", "ListReports", list_reports_);
METHOD(pull_report, "ReportService", "PullReport", pull_report_);
METHOD(freeze_report, "ReportService", "FreezeReport", freeze_report_);
METHOD(list_frozen_reports, "ReportService", "ListFrozenReports", list_frozen_reports_);
METHOD(get_frozen_report, "ReportService", "GetFrozenReport", get_frozen_report_);
METHOD(restate_report, "ReportService", "RestateReport", restate_report_);
METHOD(save_report, "ReportService", "SaveReport", save_report_);
METHOD(delete_report, "ReportService", "DeleteReport", delete_report_);
METHOD(take_scheduled_run, "ReportService", "TakeScheduledRun", take_scheduled_run_);
METHOD(finish_scheduled_run, "ReportService", "FinishScheduledRun", finish_scheduled_run_);
METHOD(watch, "WatchService", "Watch", watch_);
METHOD(list_accounts, "AccountService", "ListAccounts", list_accounts_);
METHOD(update_account, "AccountService", "UpdateAccount", update_account_);
METHOD(set_account_disabled, "AccountService", "SetAccountDisabled", set_account_disabled_);
METHOD(reset_password, "AccountService", "ResetPassword", reset_password_);
METHOD(change_password, "AccountService", "ChangePassword", change_password_);
METHOD(list_sessions, "AccountService", "ListSessions", list_sessions_);
METHOD(end_sessions, "AccountService", "EndSessions", end_sessions_);
METHOD(get_password_policy, "AccountService", "GetPasswordPolicy", get_password_policy_);
METHOD(set_password_policy, "AccountService", "SetPasswordPolicy", set_password_policy_);
METHOD(begin_totp, "AccountService", "BeginTotp", begin_totp_);
METHOD(confirm_totp, "AccountService", "ConfirmTotp", confirm_totp_);
METHOD(create_service_token, "AccountService", "CreateServiceToken", create_service_token_);
METHOD(bind_certificate, "AccountService", "BindCertificate", bind_certificate_);
METHOD(list_credentials, "AccountService", "ListCredentials", list_credentials_);
METHOD(revoke_credential, "AccountService", "RevokeCredential", revoke_credential_);
METHOD(get_upload, "AttachmentService", "GetUpload", get_upload_);
METHOD(upload, "AttachmentService", "Upload", upload_);
METHOD(download, "AttachmentService", "Download", download_);
METHOD(list_attachments, "AttachmentService", "ListAttachments", list_attachments_);
METHOD(list_audit, "AuditService", "ListAudit", list_audit_);
METHOD(run_bulk, "BulkService", "RunBulk", run_bulk_);
METHOD(list_bulks, "BulkService", "ListBulks", list_bulks_);
METHOD(explain_deadline, "ClockService", "ExplainDeadline", explain_deadline_);
METHOD(list_calendars, "ClockService", "ListCalendars", list_calendars_);
METHOD(set_calendar, "ClockService", "SetCalendar", set_calendar_);
METHOD(list_limits, "ClockService", "ListLimits", list_limits_);
METHOD(add_limits, "ClockService", "AddLimits", add_limits_);
METHOD(what_if, "ClockService", "WhatIf", what_if_);
METHOD(apply_what_if, "ClockService", "ApplyWhatIf", apply_what_if_);
METHOD(list_notices, "InboxService", "ListNotices", list_notices_);
METHOD(count_notices, "InboxService", "CountNotices", count_notices_);
METHOD(mark_notices, "InboxService", "MarkNotices", mark_notices_);
METHOD(set_people, "PeopleService", "SetPeople", set_people_);
METHOD(reveal_people, "PeopleService", "RevealPeople", reveal_people_);
METHOD(search, "SearchService", "Search", search_);
METHOD(find_similar, "SearchService", "FindSimilar", find_similar_);
METHOD(suggest_dispatch, "SearchService", "SuggestDispatch", suggest_dispatch_);
METHOD(list_dispatch_rules, "SearchService", "ListDispatchRules", list_dispatch_rules_);
METHOD(set_dispatch_rules, "SearchService", "SetDispatchRules", set_dispatch_rules_);
METHOD(try_dispatch_rules, "SearchService", "TryDispatchRules", try_dispatch_rules_);
