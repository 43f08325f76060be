/* SPDX-License-Identifier: MIT */
/* The argument of view_reveal: whose people are to be shown whole, and who shows them. Borrowed while open runs; copied. */
#ifndef WG_CLIENT_VIEW_REVEAL_ARG_H
#define WG_CLIENT_VIEW_REVEAL_ARG_H

#include "client/view/app.h"
#include "wangge/v1/people.pb-c.h"

struct reveal_arg {
    const char *case_id;
    const char *number;
    struct view *below; /* the view that asked; it lies below and outlives the prompt */
    void (*take)(struct view *below, const Wangge__V1__RevealPeopleResponse *people);
};

extern const struct view_ops view_reveal;

#endif
