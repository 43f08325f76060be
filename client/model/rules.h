/* SPDX-License-Identifier: MIT */
/*
 * Why an action did not happen, in plain words: the guards of the state table as CaseConflict.rule names them, and the
 * fields of a request as people call them. Static texts, translated.
 */
#ifndef WG_CLIENT_MODEL_RULES_H
#define WG_CLIENT_MODEL_RULES_H

/* What a rule demands; NULL for one this client does not know (the server's own words stand then). */
const char *rules_text(const char *rule);
/* A field of ActRequest as a form labels it; the name itself if it is not known. */
const char *rules_field(const char *name);

#endif
