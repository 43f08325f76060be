/* SPDX-License-Identifier: MIT */
/*
 * The messages the wire pre-check is fuzzed with: the API's requests, one that holds an Any, and one that nests for ever. Their
 * order is the first byte of an input; make_corpus.py reads it here.
 */
REQUEST(wangge__v1__login_request)
REQUEST(wangge__v1__logout_request)
REQUEST(wangge__v1__who_am_irequest)
REQUEST(wangge__v1__submit_case_request)
REQUEST(wangge__v1__submit_cases_request)
REQUEST(wangge__v1__get_case_request)
REQUEST(wangge__v1__list_cases_request)
REQUEST(wangge__v1__act_request)
REQUEST(wangge__v1__add_note_request)
REQUEST(wangge__v1__list_case_events_request)
REQUEST(wangge__v1__import_history_request)
REQUEST(wangge__v1__list_regions_request)
REQUEST(wangge__v1__locate_grid_request)
REQUEST(wangge__v1__list_categories_request)
REQUEST(wangge__v1__list_organs_request)
REQUEST(wangge__v1__list_metrics_request)
REQUEST(wangge__v1__list_actions_request)
REQUEST(wangge__v1__import_directory_request)
REQUEST(wangge__v1__create_account_request)
REQUEST(wangge__v1__query_metric_request)
REQUEST(wangge__v1__list_figure_cases_request)
REQUEST(wangge__v1__watch_request)
REQUEST(google__rpc__status)
REQUEST(google__protobuf__descriptor_proto)
