/* SPDX-License-Identifier: MIT */
#include "server/service/auth_methods.h"

enum { LOGIN_MS = 15000, SESSION_MS = 5000 };

const struct rpc_method auth_methods[] = {
    {
        .path = "/wangge.v1.AuthService/Login",
        .kind = RPC_UNARY,
        .flags = RPC_PUBLIC,
        .request = &wangge__v1__login_request__descriptor,
        .response = &wangge__v1__login_response__descriptor,
        .default_deadline_ms = LOGIN_MS,
        .on_message = auth_login,
    },
    {
        .path = "/wangge.v1.AuthService/Logout",
        .kind = RPC_UNARY,
        .flags = RPC_FIRST_PASSWORD,
        .request = &wangge__v1__logout_request__descriptor,
        .response = &wangge__v1__logout_response__descriptor,
        .default_deadline_ms = SESSION_MS,
        .on_message = auth_logout,
    },
    {
        .path = "/wangge.v1.AuthService/WhoAmI",
        .kind = RPC_UNARY,
        .flags = RPC_FIRST_PASSWORD,
        .request = &wangge__v1__who_am_irequest__descriptor,
        .response = &wangge__v1__who_am_iresponse__descriptor,
        .default_deadline_ms = SESSION_MS,
        .on_message = auth_who_am_i,
    },
    {.path = NULL},
};
