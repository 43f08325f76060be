/* SPDX-License-Identifier: MIT */
/* Who may log in to the demo city: an account for each role, and a few more to pass a case between. All have one password. */
#ifndef WG_DEMO_ACCOUNTS_H
#define WG_DEMO_ACCOUNTS_H

#include <stddef.h>

#include "wangge/v1/types.pb-c.h"

struct demo_account {
    const char *login;
    const char *name;
    Wangge__V1__Role role;
    const char *region_code;
    const char *organ_code; /* "" if none */
};

extern const struct demo_account demo_accounts[];
extern const size_t demo_accounts_len;

/* The account that imports the history. */
#define DEMO_INTEGRATION_LOGIN "demo.integration"

#endif
