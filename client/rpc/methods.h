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

/* WatchService */
extern const struct channel_method methods_watch;

#endif
