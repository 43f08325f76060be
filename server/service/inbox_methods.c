/* SPDX-License-Identifier: MIT */
#include "server/service/inbox_view.h"

enum { READ_MS = 10000, WRITE_MS = 15000 };

const struct rpc_method inbox_methods[] = {
    {
        .path = "/wangge.v1.InboxService/ListNotices",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_notices_request__descriptor,
        .response = &wangge__v1__list_notices_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = inbox_list,
    },
    {
        .path = "/wangge.v1.InboxService/CountNotices",
        .kind = RPC_UNARY,
        .request = &wangge__v1__count_notices_request__descriptor,
        .response = &wangge__v1__count_notices_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = inbox_count,
    },
    {
        .path = "/wangge.v1.InboxService/MarkNotices",
        .kind = RPC_UNARY,
        .request = &wangge__v1__mark_notices_request__descriptor,
        .response = &wangge__v1__mark_notices_response__descriptor,
        .default_deadline_ms = WRITE_MS,
        .on_message = inbox_mark,
    },
    {.path = NULL},
};
