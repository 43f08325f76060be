/* SPDX-License-Identifier: MIT */
/* Cases and events as the API shows them, and the small conversions every case service needs. Everything is built in an arena.
 */
#ifndef WG_SERVICE_CASE_VIEW_H
#define WG_SERVICE_CASE_VIEW_H

#include "server/service/service.h"
#include "server/store/case_row.h"
#include "wangge/v1/case.pb-c.h"

/* The canonical text of a UUID; "" for the nil UUID. NULL without memory. */
char *view_uuid(struct arena *a, const struct uuid *u);
/* NULL for USEC_NONE, which leaves the field absent. */
Google__Protobuf__Timestamp *view_time(struct arena *a, usec_t t);
/* Converts; USEC_NONE for NULL. False if out of range (years 1 to 9999, nanos 0 to 999,999,999). */
bool view_parse_time(const Google__Protobuf__Timestamp *t, usec_t *ret);

/* What one caller may not see of one case (server/domain/privacy.h). Applied to everything that tells of people. */
struct view_lens {
    bool hide_reporter;
    bool mask_texts; /* numbers of people in free texts */
    struct uuid reporter;
};
struct view_lens view_lens_of(const struct actor *who, bool confidential, const struct uuid *reporter);
/* A text through the lens; "" for NULL. NULL without memory. */
char *view_text(struct arena *a, const struct view_lens *lens, const char *s);
/* Somebody through the lens: an empty actor if it is the hidden reporter. NULL without memory. */
Wangge__V1__Actor *view_actor(struct arena *a, const struct view_lens *lens, const struct uuid *id, const char *name,
                              enum role role, const char *organ);

/* A case for one caller. with_actions adds allowed_actions. NULL without memory. */
Wangge__V1__Case *view_case(struct arena *a, const struct service_ctx *ctx, const struct directory *dir,
                            const struct actor *who, const struct case_row *row, bool with_actions);
Wangge__V1__CaseEvent *view_event(struct arena *a, const struct directory *dir, const struct view_lens *lens,
                                  const struct event_row *row);

/* Whom a step hands the case to, as its event keeps it: the organ's code or the account's UUID; NULL: nobody. before is NULL at
 * intake. */
const char *view_receiver(struct arena *a, const struct directory *dir, const struct act *act, const struct case_snap *before,
                          const struct case_snap *after);
/* The same where people have no accounts: organs only. */
const char *view_receiving_organ(const struct directory *dir, const struct act *act, const struct case_snap *before,
                                 const struct case_snap *after);

/* The detail of a refusal: state and version now, what is allowed now, events since (may be NULL). */
Wangge__V1__CaseConflict *view_conflict(struct arena *a, const struct service_ctx *ctx, const struct directory *dir,
                                        const struct actor *who, const char *rule, const struct case_snap *now,
                                        const struct event_row *since, int n_since);

/* The environment of a gate decision now. */
struct gate_env view_gate_env(const struct service_ctx *ctx, const struct directory *dir, bool import);

#endif
