/* SPDX-License-Identifier: MIT */
#include "server/service/clock_methods.h"

enum { READ_MS = 10000, WRITE_MS = 60000, APPLY_MS = 600000 };

const struct rpc_method clock_methods[] = {
    {
        .path = "/wangge.v1.ClockService/ExplainDeadline",
        .kind = RPC_UNARY,
        .request = &wangge__v1__explain_deadline_request__descriptor,
        .response = &wangge__v1__explain_deadline_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = clock_explain,
    },
    {
        .path = "/wangge.v1.ClockService/ListCalendars",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_calendars_request__descriptor,
        .response = &wangge__v1__list_calendars_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = clock_list_calendars,
    },
    {
        .path = "/wangge.v1.ClockService/SetCalendar",
        .kind = RPC_UNARY,
        .request = &wangge__v1__set_calendar_request__descriptor,
        .response = &wangge__v1__set_calendar_response__descriptor,
        .default_deadline_ms = APPLY_MS,
        .on_message = clock_set_calendar,
    },
    {
        .path = "/wangge.v1.ClockService/ListLimits",
        .kind = RPC_UNARY,
        .request = &wangge__v1__list_limits_request__descriptor,
        .response = &wangge__v1__list_limits_response__descriptor,
        .default_deadline_ms = READ_MS,
        .on_message = clock_list_limits,
    },
    {
        .path = "/wangge.v1.ClockService/AddLimits",
        .kind = RPC_UNARY,
        .request = &wangge__v1__add_limits_request__descriptor,
        .response = &wangge__v1__add_limits_response__descriptor,
        .default_deadline_ms = WRITE_MS,
        .on_message = clock_add_limits,
    },
    {
        .path = "/wangge.v1.ClockService/WhatIf",
        .kind = RPC_SERVER_STREAM,
        .request = &wangge__v1__what_if_request__descriptor,
        .response = &wangge__v1__what_if_response__descriptor,
        .on_message = clock_what_if,
        .on_writable = clock_what_if_writable,
        .on_cancel = clock_what_if_cancel,
    },
    {
        .path = "/wangge.v1.ClockService/ApplyWhatIf",
        .kind = RPC_UNARY,
        .request = &wangge__v1__apply_what_if_request__descriptor,
        .response = &wangge__v1__apply_what_if_response__descriptor,
        .default_deadline_ms = APPLY_MS,
        .on_message = clock_apply,
    },
    {.path = NULL},
};
