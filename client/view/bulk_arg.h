/* SPDX-License-Identifier: MIT */
/* The argument of view_bulk. Borrowed while open runs; copied. For client/view only. */
#ifndef WG_CLIENT_VIEW_BULK_ARG_H
#define WG_CLIENT_VIEW_BULK_ARG_H

#include "wangge/v1/case.pb-c.h"

struct bulk_arg {
    const Wangge__V1__ActRequest *act;
    const Wangge__V1__Case *const *cases;
    size_t n;
};

#endif
