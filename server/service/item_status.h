/* SPDX-License-Identifier: MIT */
/* The status of one item of a bulk call or an import, as the call alone would have ended. */
#ifndef WG_SERVICE_ITEM_STATUS_H
#define WG_SERVICE_ITEM_STATUS_H

#include "common/base/arena.h"
#include "google/rpc/status.pb-c.h"

/* In the arena; NULL without memory. */
Google__Rpc__Status *item_status(struct arena *a, const struct err *e);

#endif
