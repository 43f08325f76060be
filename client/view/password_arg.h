/* SPDX-License-Identifier: MIT */
/* The argument of view_password. For client/view only. */
#ifndef WG_CLIENT_VIEW_PASSWORD_ARG_H
#define WG_CLIENT_VIEW_PASSWORD_ARG_H

struct login;

struct password_arg {
    struct login *login; /* outlives the view */
    const char *old;     /* what was typed to log in */
};

#endif
