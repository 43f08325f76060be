/* SPDX-License-Identifier: MIT */
/*
 * What a caller may know of the people behind a case. Called wherever a case or an event becomes an answer and by the people
 * service. Pure; the caller is known to see the case (policy_sees). Invariant: an answer never shows who reported a
 * confidential case to anybody but the reporter; those entitled ask for it by a call that is recorded.
 */
#ifndef WG_DOMAIN_PRIVACY_H
#define WG_DOMAIN_PRIVACY_H

#include "server/domain/case_snap.h"
#include "server/domain/policy.h"

/* True if an answer must leave out who reported the case, and everything else that person did in it under that name. */
bool privacy_hides_reporter(const struct actor *who, bool confidential, const struct uuid *reporter);
/* True if numbers in free texts (description, place, texts of events) are shown to who as they were written. */
bool privacy_shows_numbers(const struct actor *who, bool confidential);

/* NULL: may. Else the rule that refuses: "ROLE", "ORGAN" (an organ that helps only), "CONFIDENTIAL". */
const char *privacy_reveal_rule(const struct actor *who, const struct case_snap *c);
const char *privacy_set_rule(const struct actor *who, const struct case_snap *c);

#endif
