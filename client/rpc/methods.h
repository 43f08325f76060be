/* SPDX-License-Identifier: MIT */
/* Every RPC of wangge.v1 as the channel wants it. */
#ifndef WG_CLIENT_RPC_METHODS_H
#define WG_CLIENT_RPC_METHODS_H

#include "client/rpc/channel.h"

/* AuthService */
extern const struct channel_method methods_login;
extern const struct channel_method methods_logout;
extern const struct channel_method methods_who_am_i;

/* CaseService */
extern const struct channel_method methods_submit_case;
extern const struct channel_method methods_submit_cases;
extern const struct channel_method methods_get_case;
extern const struct channel_method methods_list_cases;
extern const struct channel_method methods_act;
extern const struct channel_method methods_add_note;
extern const struct channel_method methods_list_case_events;
extern const struct channel_method methods_import_history;

/* DirectoryService */
extern const struct channel_method methods_list_regions;
extern const struct channel_method methods_locate_grid;
extern const struct channel_method methods_list_categories;
extern const struct channel_method methods_list_organs;
extern const struct channel_method methods_list_metrics;
extern const struct channel_method methods_list_actions;
extern const struct channel_method methods_import_directory;
extern const struct channel_method methods_create_account;

/* ReportService */
extern const struct channel_method methods_query_metric;
extern const struct channel_method methods_list_figure_cases;
extern const struct channel_method methods_list_reports;
extern const struct channel_method methods_pull_report;
extern const struct channel_method methods_freeze_report;
extern const struct channel_method methods_list_frozen_reports;
extern const struct channel_method methods_get_frozen_report;
extern const struct channel_method methods_restate_report;
extern const struct channel_method methods_save_report;
extern const struct channel_method methods_delete_report;
extern const struct channel_method methods_take_scheduled_run;
extern const struct channel_method methods_finish_scheduled_run;

/* WatchService */
extern const struct channel_method methods_watch;

/* AccountService */
extern const struct channel_method methods_list_accounts;
extern const struct channel_method methods_update_account;
extern const struct channel_method methods_set_account_disabled;
extern const struct channel_method methods_reset_password;
extern const struct channel_method methods_change_password;
extern const struct channel_method methods_list_sessions;
extern const struct channel_method methods_end_sessions;
extern const struct channel_method methods_get_password_policy;
extern const struct channel_method methods_set_password_policy;
extern const struct channel_method methods_begin_totp;
extern const struct channel_method methods_confirm_totp;
extern const struct channel_method methods_create_service_token;
extern const struct channel_method methods_bind_certificate;
extern const struct channel_method methods_list_credentials;
extern const struct channel_method methods_revoke_credential;

/* AttachmentService */
extern const struct channel_method methods_get_upload;
extern const struct channel_method methods_upload;
extern const struct channel_method methods_download;
extern const struct channel_method methods_list_attachments;

/* AuditService */
extern const struct channel_method methods_list_audit;

/* BulkService */
extern const struct channel_method methods_run_bulk;
extern const struct channel_method methods_list_bulks;

/* ClockService */
extern const struct channel_method methods_explain_deadline;
extern const struct channel_method methods_list_calendars;
extern const struct channel_method methods_set_calendar;
extern const struct channel_method methods_list_limits;
extern const struct channel_method methods_add_limits;
extern const struct channel_method methods_what_if;
extern const struct channel_method methods_apply_what_if;

/* InboxService */
extern const struct channel_method methods_list_notices;
extern const struct channel_method methods_count_notices;
extern const struct channel_method methods_mark_notices;

/* PeopleService */
extern const struct channel_method methods_set_people;
extern const struct channel_method methods_reveal_people;

/* SearchService */
extern const struct channel_method methods_search;
extern const struct channel_method methods_find_similar;
extern const struct channel_method methods_suggest_dispatch;
extern const struct channel_method methods_list_dispatch_rules;
extern const struct channel_method methods_set_dispatch_rules;
extern const struct channel_method methods_try_dispatch_rules;

#endif
