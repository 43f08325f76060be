/* SPDX-License-Identifier: MIT */
/* Frozen reports as the API shows them, and how they are found. */
#ifndef WG_SERVICE_REPORT_FROZEN_VIEW_H
#define WG_SERVICE_REPORT_FROZEN_VIEW_H

#include "common/base/text.h"
#include "common/pb/check.h"
#include "server/service/case_view.h"
#include "server/service/report_build.h"
#include "server/store/report_frozen.h"

/* NULL without memory, or if what is stored cannot be read. */
Wangge__V1__FrozenReport *report_frozen_view(struct arena *a, const struct frozen_row *row);
/* The request it was frozen with; NULL likewise. */
Wangge__V1__PullReportRequest *report_frozen_request(struct arena *a, const struct frozen_row *row);

#endif
